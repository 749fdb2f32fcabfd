"""The run as an RO-Crate, for people and programs that know nothing of Graingraph.

``ro-crate-metadata.json`` (RO-Crate 1.1, Process Run Crate 0.5, JSON-LD) says which program made which files from which
others, when, and on whose account. Hashes stand in the manifest, which is part of the crate.
"""

import mimetypes
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import orjson

from graingraph.engine.batch.output import CRATE, MANIFEST, RECIPE
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.images.pages import split_page
from graingraph.engine.recipe.recipe import Recipe

PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"]
PROGRAM = "#graingraph"


def crate(recipe: Recipe, image_set: ImageSet, run: Mapping[str, Any], files: Iterable[str]) -> bytes:
    """The metadata file of a run that left these ``files``; ``run`` is what the manifest says of the run itself."""
    ended = datetime.strptime(run["finished"], "%Y-%m-%dT%H:%M:%S%z")
    began = ended - timedelta(seconds=run["seconds"])
    title = recipe.name or "Micrograph measurement"
    inputs = [_input(name, image_set) for name in image_set]
    outputs = [_file(name) for name in files if name != RECIPE]
    used = _file(RECIPE) | {"name": f"Recipe {title}", "identifier": recipe.id}
    manifest = _file(MANIFEST) | {"name": "Hashes of all that went in and came out"}
    person = {"@id": "#person", "@type": "Person", "name": run["by"]}
    program = {
        "@id": PROGRAM,
        "@type": "SoftwareApplication",
        "name": "Graingraph",
        "softwareVersion": run["versions"].get("graingraph", ""),
        "softwareRequirements": [f"{name} {version}" for name, version in run["versions"].items()],
    }
    action = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"{title} over {len(image_set)} images",
        "startTime": began.isoformat(timespec="seconds"),
        "endTime": ended.isoformat(timespec="seconds"),
        "instrument": {"@id": PROGRAM},
        "agent": {"@id": person["@id"]},
        "object": [_pointer(one) for one in (used, *inputs)],
        "result": [_pointer(one) for one in outputs],
        "actionStatus": {"@id": f"http://schema.org/{'Failed' if run['interrupted'] else 'Completed'}ActionStatus"},
    }
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": title,
        "description": recipe.description or f"Results of the Graingraph recipe {title}.",
        "datePublished": ended.date().isoformat(),
        "license": "All rights reserved by the laboratory that made the measurement.",
        "conformsTo": {"@id": PROFILE},
        "hasPart": [_pointer(one) for one in (used, manifest, *inputs, *outputs)],
        "mentions": [{"@id": action["@id"]}],
    }
    about = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
    }
    profile = {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
    graph = [about, root, profile, action, person, program, used, manifest, *inputs, *outputs]
    return orjson.dumps({"@context": CONTEXT, "@graph": graph}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _pointer(entity: Mapping[str, Any]) -> dict[str, Any]:
    return {"@id": entity["@id"]}


def _file(name: str) -> dict[str, Any]:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return {"@id": quote(name), "@type": "File", "name": name, "encodingFormat": kind}


def _input(name: str, image_set: ImageSet) -> dict[str, Any]:
    """An image: where it lies (a page of a file apart from the file), or by name alone where it never was a file."""
    source = image_set[name]
    if source.path is None:
        return {"@id": f"#image-{quote(name)}", "@type": "CreativeWork", "name": name, "identifier": source.hash}
    file, page = split_page(source.path)
    where = quote(source.origin.file_url, safe=":/@") if source.origin else file.absolute().as_uri()
    place = where + (f"#page={page}" if page else "")
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return {"@id": place, "@type": "File", "name": name, "identifier": source.hash, "encodingFormat": kind}
