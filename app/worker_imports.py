"""What nearly every recipe needs, imported once before worker processes are forked (see ``engine.workers``)."""

import pandas  # noqa: F401
import pyarrow.csv  # noqa: F401

import nodes
import nodes.kernels.feature_table
import nodes.kernels.overlay
import nodes.kernels.regions
import nodes.kernels.watershed  # noqa: F401
