"""Questionnaires answered, scored, kept and remembered. Floor 2."""
