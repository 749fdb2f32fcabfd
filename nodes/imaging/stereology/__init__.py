"""Grain size, distributions and the statistics of samples and fields."""
