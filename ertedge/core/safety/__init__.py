"""Safety notices and the safety plan. Floor 2."""
