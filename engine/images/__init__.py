"""The images that a recipe is evaluated over, and their files."""
