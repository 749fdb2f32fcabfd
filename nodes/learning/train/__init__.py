"""One training, from traced images to a model file."""
