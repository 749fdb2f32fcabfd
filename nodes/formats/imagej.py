"""ImageJ regions of interest: a ``.roi`` file, or a ``RoiSet.zip`` of them. The layer is the name without its number.

Areas have the corner of the first pixel at 0, as marks do; whole-numbered lines run through the middles of pixels.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from graingraph.engine.declare.injected import Mark
from graingraph.engine.files import write_atomically
from graingraph.engine.images.files import is_hidden
from graingraph.engine.problem import Problem
from graingraph.nodes.formats.regions import (
    MALFORMED,
    Annotation,
    LeftOut,
    Malformed,
    checked,
    damaged,
    outlines,
    pixels_of,
    read_bytes,
    rings_mark,
)

MAX_ROIS = 100_000
MAX_UNPACKED = 500_000_000
NO_AREAS = frozenset({1, 2, 4})
"""Subtypes of regions that are texts, arrows and pictures, stored as boxes and lines."""
ROI_ANGLE = 9


def read_imagej(
    path: Path,
    shape: tuple[int, int] = (0, 0),
    classes: Collection[str] = (),
    feature: str = "feature",
    page: int | None = None,
) -> Annotation:
    """The regions in a ``.roi`` or ``.zip`` file; ImageJ does not write the image's size, so give its ``shape``.

    ``classes`` are names of which one is meant where a region's name is that name and a number; those that only have a
    number are of the class ``feature``, or of their group where they are in several. With a ``page`` the regions are
    those of that slice of a stack and of none; without, the picture is no page of a stack, and regions of a later slice
    than the first are refused: nobody can tell whether they are of this picture. Texts, arrows and angles are left out.
    """
    data = read_bytes(path)
    try:
        files = _unzipped(path, data) if path.suffix.lower() == ".zip" else [(path.stem, data)]
        marks: list[Mark] = []
        left_out = LeftOut()
        regions = [(name, _region(name, content)) for name, content in files]
        groups = {int(roi.group or 0) for name, roi in regions if not class_name(roi.name or name, classes)}
        for number, (name, roi) in enumerate(regions):
            position = max(int(roi.position or 0), int(roi.z_position or 0), int(roi.t_position or 0))
            if position not in (0, page or 1):
                if page is None:
                    raise Malformed(
                        f"it has regions of slice {position} of a stack and the image is a single picture; if they are"
                        " of this picture, take that out (ROI Manager, More, Remove Positions...) and save them again"
                    )
                left_out.add("drawn on another slice of the stack")
            elif roi.roitype == ROI_ANGLE or roi.subtype in NO_AREAS:
                left_out.add("a text, arrow, picture or angle annotates no area")
            else:
                grouped = f"group {roi.group}" if roi.group and len(groups) > 1 else feature
                layer = class_name(roi.name or name, classes) or grouped
                marks += _drawn(roi, layer, str(number), name, shape)
        if not marks and not left_out.remarks:
            raise Malformed("it holds no regions of ImageJ")
        return Annotation(path.stem, shape, tuple(marks), remarks=left_out.remarks)
    except (*MALFORMED, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise damaged(path, error) from None


def class_name(name: str, classes: Collection[str] = ()) -> str:
    """The class that a region's name means: one of ``classes`` with or without a number after it.

    Else the name without the numbers that are set off from it: ``pore-12`` is a pore, ``phase2`` is phase2, and
    ``0001-0023``, ImageJ's own names, are nothing (``""``).
    """
    shorter = name
    while shorter:
        if shorter in classes:
            return shorter
        cut = re.sub(r"[-_ ]*\d+$", "", shorter)
        if cut == shorter:
            break
        shorter = cut
    return re.sub(r"(^\d+|[-_ ]+\d+)([-_ ]\d+)*$", "", name)


def write_imagej(annotation: Annotation, path: Path) -> None:
    """Write a ``RoiSet.zip``; polygons, boxes, ellipses, lines and points as such, the rest as outlines of pixels."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, mark in enumerate(annotation.marks, 1):
            safe = re.sub(r"[^\w -]", "_", mark.layer)
            entry = zipfile.ZipInfo(f"{safe}-{number}.roi")
            archive.writestr(entry, _roi(mark, f"{mark.layer}-{number}", annotation.shape).tobytes())
    write_atomically(path, out.getvalue())


def _unzipped(path: Path, data: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [e for e in archive.infolist() if _is_region(e.filename)]
        if len(entries) > MAX_ROIS or sum(e.file_size for e in entries) > MAX_UNPACKED:
            raise Problem(f"{path} unpacks to more than {MAX_UNPACKED // 10**6} MB; it is not read.")
        # Names in the archive are only ever text: nothing is unpacked to disk. zipfile stops at the stated size.
        for e in entries:
            yield Path(e.filename).stem, archive.read(e)


def _is_region(name: str) -> bool:
    """Whether an entry is a region, and not what macOS puts beside each one (``__MACOSX/._a.roi``)."""
    parts = name.replace("\\", "/").split("/")
    return name.lower().endswith(".roi") and "__MACOSX" not in parts and not is_hidden(Path(parts[-1]))


def _region(file_stem: str, data: bytes) -> Any:
    from roifile import ImagejRoi

    if data[:4] != b"Iout":
        raise Malformed(f"{file_stem} is not an ImageJ region")
    return ImagejRoi.frombytes(data)


def _drawn(roi: Any, layer: str, mark_id: str, file_stem: str, shape: tuple[int, int]) -> list[Mark]:
    from roifile import ROI_TYPE

    kind, width = roi.roitype, float(roi.float_stroke_width or roi.stroke_width or 1)
    if roi.multi_coordinates is not None:
        return [rings_mark([r for r in roi.coordinates(multi=True) if len(r) > 2], layer, mark_id, shape)]
    if kind in (ROI_TYPE.RECT, ROI_TYPE.OVAL):
        box: list[tuple[float, float]] = [(roi.left, roi.top), (roi.right, roi.bottom)]
        if roi.subpixelrect:
            box = [(roi.xd, roi.yd), (roi.xd + roi.widthd, roi.yd + roi.heightd)]
        return [checked(Mark(mark_id, "rectangle" if kind == ROI_TYPE.RECT else "ellipse", np.array(box), 0.0, layer))]
    points = np.asarray(roi.coordinates(), np.float32)
    if kind in (ROI_TYPE.POLYGON, ROI_TYPE.FREEHAND, ROI_TYPE.TRACED):
        return [checked(Mark(mark_id, "polygon", points, 0.0, layer))]
    if kind in (ROI_TYPE.FREELINE, ROI_TYPE.POLYLINE, ROI_TYPE.LINE, ROI_TYPE.POINT):
        points = points if roi.subpixel_coordinates is not None or kind == ROI_TYPE.LINE else points + np.float32(0.5)
        if kind == ROI_TYPE.POINT:
            return [checked(Mark(f"{mark_id}.{i}", "pick", p[None], 0.0, layer)) for i, p in enumerate(points)]
        return [checked(Mark(mark_id, "pen", points, width, layer))]
    raise Malformed(f"{file_stem} is a region of type {kind}, which is not known")


def _roi(mark: Mark, name: str, shape: tuple[int, int]) -> Any:
    from roifile import ROI_OPTIONS, ROI_SUBTYPE, ROI_TYPE, ImagejRoi

    kinds = {
        "polygon": ROI_TYPE.POLYGON,
        "pen": ROI_TYPE.POLYLINE,
        "livewire": ROI_TYPE.POLYLINE,
        "pick": ROI_TYPE.POINT,
    }
    low, high = mark.points.min(0).astype(float), mark.points.max(0).astype(float)
    box: dict[str, Any] = {
        "left": int(low[0]),
        "top": int(low[1]),
        "right": int(np.ceil(high[0])),
        "bottom": int(np.ceil(high[1])),
    }
    if mark.tool in ("rectangle", "ellipse"):
        size: dict[str, Any] = dict(zip(("xd", "yd", "widthd", "heightd"), (*low, *(high - low)), strict=True))
        kind = ROI_TYPE.RECT if mark.tool == "rectangle" else ROI_TYPE.OVAL
        return ImagejRoi(roitype=kind, name=name, options=ROI_OPTIONS.SUB_PIXEL_RESOLUTION, **box, **size)
    if mark.tool in kinds:
        roi = ImagejRoi.frompoints(mark.points, name=name)
        roi.roitype = kinds[mark.tool]
        if kinds[mark.tool] == ROI_TYPE.POLYLINE:
            roi.float_stroke_width, roi.stroke_width = mark.width, round(mark.width)
        return roi
    path: list[float] = []
    for ring in outlines(pixels_of(mark, shape)):
        path += [0, *ring[0]] + [v for point in ring[1:] for v in (1, *point)] + [4]
    roi = ImagejRoi(roitype=ROI_TYPE.RECT, subtype=ROI_SUBTYPE.UNDEFINED, name=name, **box)
    roi.multi_coordinates, roi.shape_roi_size = np.array(path, np.float32), len(path)
    return roi
