"""The recommender: its cohorts as data, its training, tuning, export and release. Host side only."""
