"""A study in the terminal. Floor 4."""
