"""The general model of grains that ships: which file it is. ``graingraph general-model`` teaches it."""

from graingraph.engine.declare.settings import ModelFile

GENERAL_MODEL = ModelFile("grains_of_every_kind-fca1ea49.onnx@fca1ea49ae175cecfb4fe44c1bfc8952")
"""It has learnt grain boundaries from generated micrographs alone, in grey; trainings start from its weights."""
