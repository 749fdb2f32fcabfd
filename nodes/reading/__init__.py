"""Image files of strangers: their pixels and the size of a pixel."""
