"""Profiles, what each person has agreed to, and what the sensor process may therefore do. Floor 2."""
