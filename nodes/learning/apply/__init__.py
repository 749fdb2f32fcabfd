"""Applying a network to a picture of any size, and how far to trust what it says."""
