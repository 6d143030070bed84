"""How a person is, by their own word: questionnaires, their scores, and what changed. Floor 1."""
