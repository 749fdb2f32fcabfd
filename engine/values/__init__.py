"""What flows along the wires, how each kind of value is stored, and what is known of each type.

The value types are imported from here; what works on them (``packing``, ``pooling``, ``csv``) from its own file.
"""

from graingraph.engine.values.classes import UNLABELLED, ClassMap, PixelClass, Probabilities
from graingraph.engine.values.files import Dataset, Document, Model
from graingraph.engine.values.measured_field import MeasuredField
from graingraph.engine.values.notes import Note
from graingraph.engine.values.per_image import PerImage
from graingraph.engine.values.plot import Plot, Series
from graingraph.engine.values.raster import Image, Labels, Mask, Raster, Scale
from graingraph.engine.values.registry import Codec, Export, record, value_type
from graingraph.engine.values.results import Result
from graingraph.engine.values.table import Table
from graingraph.engine.values.value import Value

__all__ = [
    "UNLABELLED",
    "ClassMap",
    "Codec",
    "Dataset",
    "Document",
    "Export",
    "Image",
    "Labels",
    "Mask",
    "MeasuredField",
    "Model",
    "Note",
    "PerImage",
    "PixelClass",
    "Plot",
    "Probabilities",
    "Raster",
    "Result",
    "Scale",
    "Series",
    "Table",
    "Value",
    "record",
    "value_type",
]
