"""Perception (floor 1): from a frame or a sound to calibrated probabilities. No device, socket, SQL or clock of its own."""
