"""Nodes that learn to tell classes of pixels apart, and apply what was learnt."""
