"""The Dandelion Optimizer as published, the Efficient Dandelion Optimizer, and the comparison of both with their peers.

Host side only; everything but the peers and the many-machine backend needs numpy, scipy and nothing else. To tune
something, start at ``minimise.py`` (one call) or ``efficient.py`` (ask and tell).
"""

from __future__ import annotations
