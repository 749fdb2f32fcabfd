"""Boundary networks: their branches, their gaps, and the grains between them."""
