"""Layers in a section: their two interfaces, and how far these lie apart."""
