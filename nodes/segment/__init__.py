"""Nodes that decide which pixels belong to what."""
