"""The header of a report, which the laboratory fills in: its lines, and the small file that holds them for a batch."""

import math
import re
from collections.abc import Mapping

from graingraph.engine.problem import Problem
from graingraph.nodes.reading.pixel_size import number_in

LINES = {
    "laboratory": "Laboratory",
    "report_number": "Report number",
    "customer": "Customer",
    "specimen": "Specimen",
    "sampling": "Sampling",
    "received": "Received on",
    "measured": "Measured on",
    "place": "Measured at",
    "material": "Material",
    "heat_treatment": "Heat treatment",
    "plane": "Plane and direction",
    "preparation": "Preparation",
    "etchant": "Etchant",
    "microscope": "Microscope",
    "objective": "Objective",
    "calibration_certificate": "Calibration certificate",
    "calibration_date": "Calibrated on",
    "calibration_uncertainty": "Calibration uncertainty (k = 2)",
    "operator": "Operator",
    "checker": "Checked by",
    "standard": "Standard",
    "edition": "Edition",
    "clause": "Clause",
}
"""The lines of a header by the name of the setting that holds them."""
LIMIT = ("limit_on", "at_least", "at_most", "decision_rule")
"""Settings of the report that a header may fill as well: the specification limit."""
KNOWN = ("focus_uncertainty", "preparation_uncertainty", "operator_uncertainty")
"""Settings of the report that a header may fill as well: what the laboratory knows of its uncertainty, in per cent."""
LARGEST, MOST_LINES, LONGEST = 64_000, 100, 1000


def read_header(data: bytes, name: str) -> dict[str, str]:
    """The lines in a header file, JSON or TOML by the ending of its name: a text, number or date for each name.

    Names are those of the report's settings (``report_number``, ``"Report number"``); others become lines of their
    own. ``Problem`` says what is wrong with the file.
    """
    if len(data) > LARGEST:
        raise Problem(f"{name} is larger than {LARGEST // 1000} kB, which no header is; name another file.")
    told = _document(data, name)
    if len(told) > MOST_LINES:
        raise Problem(f"{name} has {len(told)} lines; a header has at most {MOST_LINES}.")
    lines: dict[str, str] = {}
    labels = {label.casefold(): key for key, label in LINES.items()}
    for key, value in told.items():
        if isinstance(value, dict | list) or value is None:
            raise Problem(f"In {name}, {key} is neither text, number nor date; write one value behind each name.")
        text = " ".join(str(value).split())
        if len(text) > LONGEST or len(key) > LONGEST:
            raise Problem(f"In {name}, {key[:40]} is longer than {LONGEST} letters; shorten it.")
        own = re.sub(r"[\s-]+", "_", key.strip().casefold())
        lines[own if own in (*LINES, *LIMIT, *KNOWN) else labels.get(key.strip().casefold(), key.strip())] = text
    return lines


def _document(data: bytes, name: str) -> Mapping[str, object]:
    import tomllib

    import orjson

    kind = "JSON" if name.casefold().endswith(".json") else "TOML"
    try:
        told = orjson.loads(data) if kind == "JSON" else tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Problem(f'{name} is no {kind} file ({error}); write lines such as: laboratory = "Ours".') from None
    if not isinstance(told, dict):
        raise Problem(f'{name} holds no names with values; write lines such as: laboratory = "Ours".')
    return told


def per_cent(text: str, what: str) -> float:
    """A percentage as a person writes it ("0.5", "0,5 %"), as a share; NaN for none. ``Problem`` if it is no number."""
    number = text.strip().removesuffix("%")
    if not number.strip():
        return math.nan
    found = number_in(number)
    if found is None or not 0 <= found / 100 < 1:
        raise Problem(f"The {what} is a percentage such as 0.5 %, not '{text}'; write one, or leave it empty.")
    return found / 100
