"""Nodes that turn an image into a better image."""
