"""Nodes that train a network and apply it."""
