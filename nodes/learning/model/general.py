"""The general model of grains that ships: which file it is. ``graingraph general-model`` teaches it."""

from graingraph.engine.declare.settings import ModelFile

GENERAL_MODEL = ModelFile("grains_of_every_kind-cb056c66.onnx@cb056c66bbae49a79edca0bfd27a2403")
"""It has learnt grain boundaries from generated micrographs alone, in grey; trainings of boundaries start from it."""
