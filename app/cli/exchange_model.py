"""``graingraph model FILE --export`` and ``--import``: models to and from BioImage.IO and ZEISS ZEN."""

import tempfile
from pathlib import Path

import orjson
import typer

from graingraph.engine.account import account_name
from graingraph.engine.declare.model_file import weights_beside
from graingraph.engine.files import write_atomically
from graingraph.engine.problem import Problem

ARCHIVES = (".zip", ".czann")


def export_model(model: Path, archive: Path, author: str, licence: str) -> None:
    """Write a model file as an archive; its ending says for which program. Raises ``Problem``."""
    from graingraph.nodes.learning.model.bioimageio import export_bioimageio
    from graingraph.nodes.learning.model.czann import export_czann

    _require_ending(archive)
    if not model.is_file():
        raise Problem(f"There is no model file {model}; check its name and folder.")
    if weights_beside(model):
        raise Problem(f"{model.name} keeps its weights in other files; save it as one file.")
    if archive.suffix.lower() == ".czann":
        for sentence in export_czann(model, archive):
            typer.echo(sentence)
    else:
        export_bioimageio(model, archive, author=author or account_name(), licence=licence)
    typer.echo(f"Wrote {archive}.")


def import_model(archive: Path, model: Path) -> None:
    """Take a model out of an archive as a file that DeepSegment can use. Raises ``Problem``."""
    from graingraph.nodes.learning.model.bioimageio import import_bioimageio
    from graingraph.nodes.learning.model.czann import import_czann
    from graingraph.nodes.learning.model.file import read_card
    from graingraph.nodes.learning.model.foreign import CLASS_NAMES
    from graingraph.nodes.learning.model.graph import with_metadata

    _require_ending(archive)
    if model.suffix.lower() != ".onnx" or model.exists():
        why = "is there already" if model.exists() else "is no name of a model"
        raise Problem(f"{model} {why}; choose another that ends in .onnx.")
    found = import_czann(archive) if archive.suffix.lower() == ".czann" else import_bioimageio(archive)
    data = found.network
    with tempfile.TemporaryDirectory() as folder:  # what cannot be used is never put where it might be
        trial = Path(folder) / f"The model in {archive.name}"
        trial.write_bytes(data)
        if weights_beside(trial):
            raise Problem(f"{trial.name} wants weights from other files; ask for it as one file.")
        card = read_card(trial)
        if found.classes and not card.ours:
            data = with_metadata(data, CLASS_NAMES, orjson.dumps(found.classes).decode())
            trial.write_bytes(data)
            card = read_card(trial)
    write_atomically(model, data)
    for sentence in found.advice:
        typer.echo(sentence)
    typer.echo(f"Wrote {model}, which tells {', '.join(item.name for item in card.classes)} apart.")


def _require_ending(archive: Path) -> None:
    if archive.suffix.lower() not in ARCHIVES:
        raise Problem(f"{archive.name} is no archive of a model; name a .zip (BioImage.IO) or a .czann (ZEISS ZEN).")
