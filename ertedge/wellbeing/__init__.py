"""How a person is, by their own word: questionnaires, their scores, and what changed; and the study that asks for them. Floor 1."""
