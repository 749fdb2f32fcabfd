"""Drawn strokes as pixels."""
