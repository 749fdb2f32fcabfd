"""The recipe: its parts, its wiring, its file, the models it refers to, and what can be known wrong without pixels."""
