"""``ertedge-ctl``: the daemon seen from a terminal. Floor 4: a client of the public API like any other."""

import os

# gRPC's own log would stand between ours and the reader. It reads this while it is imported, and never again: so here,
# before any module of the package can import it.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
