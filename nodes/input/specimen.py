"""Specimen: which specimen, lot, plane and field an image shows."""

from typing import Annotated, Literal

import numpy as np

from graingraph.engine.declare.injected import Folder, Source
from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import FileBeside, NotEmpty, When
from graingraph.engine.values import Table


@node(
    "Specimen",
    category="Input",
    synonyms=("sample", "lot", "heat", "batch", "group", "field", "plane of section", "traceability"),
)
def specimen(
    *,
    by: Literal["file name", "folder", "folders of lot and specimen", "table"] = "file name",
    pattern: Annotated[str, When(by="file name"), NotEmpty()] = "{specimen}_{field}",
    table: Annotated[str, FileBeside(), When(by="table"), NotEmpty()] = "specimens.csv",
    source: Source,
    folder: Folder,
) -> Table:
    """Say which specimen, lot and field each image shows, and in which plane it was cut where that is told.

    Wire it into Pool and GrainSizeOfFields: every statistic is then one of a specimen, and of specimens among each
    other, as fields of one specimen say nothing about how much specimens differ. The columns Specimen, Lot and Field
    also stand in the table of the images (fields.csv). An image that cannot be told fails, so that none is counted
    with the wrong specimen.

    Settings:
        by: The file name, the folder that the image lies in, that folder and the one above, or a table.
        pattern: How a file name without ending is made of {specimen}, {lot}, {plane}, {field} and other signs; * is
            anything. Of A12_left_03 the pattern {specimen}_{field} takes A12_left and 03.
        table: A CSV file beside the images or in the folder above, with the columns Image and Specimen, and Lot, Plane
            and Field where you have them.
    """
    from graingraph.nodes.reading import specimens

    path = source.path
    name = path.name if path is not None else source.name
    if by == "file name":
        found = specimens.from_name(name, pattern)
    elif by == "table":
        found = specimens.from_table(folder.read(table), table, name, source.name)
    else:
        found = specimens.from_folders(folder.name, folder.above if by != "folder" else "", name)
    told = {"Specimen": found.specimen, "Lot": found.lot, "Field": found.field}
    told |= {"Plane": found.plane} if found.plane else {}
    columns = {title: np.array([text], object) for title, text in told.items()}
    said = [
        f"specimen {found.specimen}" * bool(found.specimen),
        f"lot {found.lot}" * bool(found.lot),
        f"{found.plane} plane" * bool(found.plane),
        f"field {found.field}",
    ]
    return Table(columns, {}, rows="fields", headline=", ".join(part for part in said if part))
