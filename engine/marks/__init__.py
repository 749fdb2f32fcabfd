"""What a person draws: strokes on one image for one node, their file, and merging two people's."""
