"""Help, notices and the safety plan in the terminal. Floor 4."""
