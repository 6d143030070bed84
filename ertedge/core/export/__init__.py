"""Everything about a person as one archive. Floor 2."""
