"""Evaluating a recipe: keys, cache, and why a result is in the state it is in."""
