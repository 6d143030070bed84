"""Ways of choosing an activity that the recommender must beat, each tuned to be as good as it can be. Host side only.

All are given the same training log and choose for one person at a time as a device would: what one person does teaches
nothing about another. ItemKNN, EASE, Mult-VAE and RecVAE also stand for themselves on any table of interactions.
"""
