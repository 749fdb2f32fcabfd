"""Declaring a node: pins, settings, what it may ask for, and how nodes of plug-ins join."""
