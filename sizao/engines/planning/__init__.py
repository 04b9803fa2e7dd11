"""Where a round of testing puts its sites and tables, who goes where, and when the last result is there."""
