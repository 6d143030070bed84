"""The performance table: ``python -m tools.bench`` (``make bench``).

One module a subject: ``face`` and ``voice`` time the perception paths beside their peers, ``models`` counts arithmetic and
estimates small processors, ``recommender`` times a decision, ``tuning`` an epoch of its training and who tunes it best at
equal cost, ``store`` the list calls of a year's use, ``daemon`` measures the two processes from outside, as a client does.
Peers are timed in turn with ours in the same loop, so that a noisy machine is noisy for both, and their ratio is a figure of
its own.

``float32/`` holds the networks as they were before quantization, under the terms of ``models/LICENSE.md``. They are written
by the release tools (``--float-out``) from the same weights as the shipped files, and serve only to be compared with.
"""

import os
from pathlib import Path

os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # before gRPC is imported: its notes would stand in the table

FLOAT32 = Path(__file__).resolve().parent / "float32"
"""The folder of the float32 networks, named as the shipped files."""
