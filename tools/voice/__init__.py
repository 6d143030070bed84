"""The voice network: its clips as frames, its batches, its training and the protocols that measure it. Host side only."""
