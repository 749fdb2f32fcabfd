"""Recipes that ship with Graingraph."""
