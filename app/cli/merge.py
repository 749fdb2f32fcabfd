"""``graingraph annotate merge``: the marks of another person beside one's own, image by image."""

from pathlib import Path
from typing import cast, get_args

import typer

from graingraph.app.cli.answers import print_json
from graingraph.app.cli.recipes import open_recipe
from graingraph.app.document.merging import TwoDrawings, compare, settled
from graingraph.app.document.origin import require_own
from graingraph.engine.evaluation import workspace
from graingraph.engine.images.files import find_images
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.merge import Choice
from graingraph.engine.problem import Problem

CHOICES: tuple[Choice, ...] = get_args(Choice)


def merge_marks(path: Path, images: list[str], other: Path, keep: str | None, as_json: bool) -> int:
    """Merge and say what was done; returns the exit code: 0 merged, 2 not, because of conflicts nobody decided."""
    if keep is not None and keep not in CHOICES:
        raise Problem(f"In a conflict {', '.join(CHOICES[:-1])} or {CHOICES[-1]} can be kept, not '{keep}'.")
    require_own(path)
    store = workspace.open_marks(path)
    compared = compare(open_recipe(path).recipe, store, ImageSet.of_files(find_images(images)), other)
    undecided = keep is None and any(one.disputes for one in compared)
    if not undecided:
        choices = {(one.hash, one.node, d): cast(Choice, keep) for one in compared for d in one.disputes}
        for (image, node), drawing in settled(compared, choices).items():
            store.replace(image, node, drawing)
    if as_json:
        answer = {"merged": not undecided, "images": [one.row() for one in compared]}
        print_json(answer)
    else:
        for one in compared:
            typer.echo(_sentence(one))
        typer.echo("Nothing was merged; decide with --keep mine, theirs or both." if undecided else "Merged.")
    return 2 if undecided else 0


def _sentence(one: TwoDrawings) -> str:
    words = f"{one.image}, {one.node}: {one.new} new, {one.same} the same, {len(one.disputes)} in conflict."
    whys = [f"  {', '.join(dispute.ours or ('none',))} against {', '.join(dispute.theirs or ('none',))}: "
            f"{'; '.join(dispute.whys)}" for dispute in one.disputes]  # fmt: skip
    return "\n".join([words, *whys, *([f"  {one.remark}"] if one.remark else [])])
