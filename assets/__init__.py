"""Sample micrographs that the project generates itself."""
