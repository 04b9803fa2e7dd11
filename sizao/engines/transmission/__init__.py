"""How fast it spreads, how many there really are, and what comes next."""
