"""Sample micrographs that the project generates itself, each with exact truth; see ``graingraph.app.samples.write``."""
