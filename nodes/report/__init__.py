"""Nodes that pool, plot, report and export."""
