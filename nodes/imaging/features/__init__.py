"""Features told apart: run lengths, sums, Feret diameters, watershed, edits."""
