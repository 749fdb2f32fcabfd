"""All that a plug-in may import: nodes, value types and how they are shown. Nothing else of the program is promised.

A plug-in is a package with an entry point that names a module of it; importing that module declares what it brings::

    [project.entry-points."graingraph.plugins"]
    profiles = "lab_profiles"

``API`` rises when something here changes so that a plug-in has to change too.
"""

from graingraph.engine.declare.injected import Context, Folder, Mark, Marks, RunInfo, Source
from graingraph.engine.declare.node import DeclarationError, node
from graingraph.engine.declare.roles import Calibrated, DrawnOn, TracedLayers, Trained
from graingraph.engine.declare.settings import (
    FileBeside,
    GreyLevel,
    Label,
    ModelFile,
    NamesClass,
    NotEmpty,
    Range,
    Unit,
    When,
)
from graingraph.engine.problem import Cancelled, NeedsTraining, Problem
from graingraph.engine.values import (
    UNLABELLED,
    ClassMap,
    Codec,
    Document,
    Export,
    Image,
    Labels,
    Mask,
    Model,
    Note,
    PerImage,
    PixelClass,
    Plot,
    Probabilities,
    Raster,
    Result,
    Scale,
    Series,
    Table,
    Value,
    record,
    value_type,
)
from graingraph.engine.values.views import Lines, layers, plot, thumbnail

API = 1

__all__ = [
    "API",
    "UNLABELLED",
    "Calibrated",
    "Cancelled",
    "ClassMap",
    "Codec",
    "Context",
    "DeclarationError",
    "Document",
    "DrawnOn",
    "Export",
    "FileBeside",
    "Folder",
    "GreyLevel",
    "Image",
    "Label",
    "Labels",
    "Lines",
    "Mark",
    "Marks",
    "Mask",
    "Model",
    "ModelFile",
    "NamesClass",
    "NeedsTraining",
    "NotEmpty",
    "Note",
    "PerImage",
    "PixelClass",
    "Plot",
    "Probabilities",
    "Problem",
    "Range",
    "Raster",
    "Result",
    "RunInfo",
    "Scale",
    "Series",
    "Source",
    "Table",
    "TracedLayers",
    "Trained",
    "Unit",
    "Value",
    "When",
    "layers",
    "node",
    "plot",
    "record",
    "thumbnail",
    "value_type",
]
