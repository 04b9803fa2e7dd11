"""
A drill: the production loop on a simulated city that it cannot see into, with a clock that jumps.

`scenario` says which city and outbreak, `city_life` runs them, `doors` sends what the city would send,
`officers` decide what only people may decide, `effects` carries orders back into the city, `run` goes from day to
day, `scores` compares with the truth at the end. A stage adds its streams to `doors`, its orders to `effects` and its
scores to `scores`: one entry in one table each.
"""
