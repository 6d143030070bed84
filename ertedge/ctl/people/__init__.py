"""Profiles and consent in the terminal. Floor 4."""
