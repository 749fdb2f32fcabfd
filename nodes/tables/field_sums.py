"""Sums over the features of each field, of which means over fields are made."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from graingraph.engine.values import Table


def field_sums(features: Table, amounts: Mapping[str, npt.NDArray[np.floating]]) -> Table:
    """One row a field of a pooled table of features, also of one without a feature: the sum of each of the amounts.

    ``amounts`` are float (features,) by the names of the columns; the images are in the column Image.
    """
    names = [field.image for field in features.fields]
    number = {name: k for k, name in enumerate(names)}
    of = np.array([number[name] for name in features.columns["Image"].tolist()], int)
    sums = {name: np.bincount(of, each, len(names)) for name, each in amounts.items()}
    return Table({"Image": np.array(names, object), **sums}, {}, rows="fields")
