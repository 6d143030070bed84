"""``ertedge-ctl``: the daemon seen from a terminal. Floor 4: a client of the public API like any other."""
