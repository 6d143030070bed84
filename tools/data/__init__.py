"""Loaders for public data sets in their official layouts. Every loader takes the root; none knows a path."""
