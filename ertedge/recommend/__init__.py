"""What is suggested, when, and never: the catalogue of activities, the model, the policy and the safety rules. Floor 1."""
