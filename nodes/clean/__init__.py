"""Nodes that repair and select what was segmented."""
