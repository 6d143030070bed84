"""The performance table: ``python -m tools.bench`` (``make bench``).

One module a subject: ``face`` and ``voice`` time the perception paths beside their peers, ``models`` counts arithmetic and
estimates small processors, ``daemon`` measures the two processes from outside, as a client does. Peers are timed in turn
with ours in the same loop, so that a noisy machine is noisy for both, and their ratio is a figure of its own.
"""
