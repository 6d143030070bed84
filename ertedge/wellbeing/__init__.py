"""How a person is, by their own word: questionnaires, scores, what changed; and the study that asks for them. Floor 1."""
