"""Activities offered, answered, guided and learnt from. Floor 2."""
