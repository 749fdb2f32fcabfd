"""Nodes that turn features into numbers with units."""
