"""A recipe over many images: workers, rows, results and the manifest; and running one from Python."""
