"""Suggestions and activities in the terminal, and being guided through one. Floor 4."""
