"""Nodes that bring images in and say how large a pixel is."""
