"""Model files: their card, their export, foreign ones, and the libraries that run them."""
