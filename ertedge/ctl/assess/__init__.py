"""Questionnaires in the terminal. Floor 4."""
