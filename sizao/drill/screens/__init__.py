"""The pages of a drill: how far it is, who steers it and who plays whom, and what it came to."""
