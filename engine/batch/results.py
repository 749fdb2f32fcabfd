"""What a batch leaves behind: pooled tables, one row an image, the files of the per-batch nodes, and its proof."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from graingraph.engine.batch import record
from graingraph.engine.batch.crate import crate
from graingraph.engine.batch.image_job import NO_COLUMNS, NOT_REPORTABLE, BatchPaths, exported, output_name
from graingraph.engine.batch.manifest import about_run, provenance, write_manifest
from graingraph.engine.batch.output import CRATE, MANIFEST, PROOF, RECIPE
from graingraph.engine.batch.run import Progress, batch_nodes
from graingraph.engine.declare.injected import NOT_MOVED, MovedSettings
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Listener
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Cancelled, Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Document, Table, Value, csv
from graingraph.engine.values.digest import digest
from graingraph.engine.values.notes import of_kind
from graingraph.engine.values.results import Result, overall
from graingraph.engine.values.table import with_units


def write_results(
    recipe: Recipe,
    image_set: ImageSet,
    place: BatchPaths,
    progress: Progress,
    cancelled: Callable[[], bool] = lambda: False,
    header: Mapping[str, str] = MappingProxyType({}),
    moved: MovedSettings = NOT_MOVED,
    said: Mapping[str, Any] = MappingProxyType({}),
    sign: Callable[[bytes], bytes] | None = None,
) -> list[Problem]:
    """Write every table and file of the batch; returns what could not be made (one per failing per-batch node).

    All of it is made from the rows of the images that are finished, so that tables and reports agree: what failed, or
    was not reached, is never computed here. A run that was interrupted gets its tables only. ``header`` is what a
    laboratory fills in for this run, ``moved`` what moving its settings has shown, ``said`` what else the manifest
    is to say of the run. ``sign`` signs a report (PDF) before it is written.
    """
    place.output.require_there()
    good = [row for row in progress.rows.values() if row["Status"] == "ok"]
    written = {name: digest for row in good for name, digest in row["Files"].items()}
    for name in dict.fromkeys(name for row in good for name in row["Tables"]):
        parts = [row["Tables"][name] for row in good if name in row["Tables"]]
        joined = csv.joined_csv([(part["columns"], place.out / part["file"]) for part in parts], comma=place.comma)
        written[f"{name}.csv"] = place.output.write(f"{name}.csv", joined)
    left_out = set(NO_COLUMNS) | (set() if any(row.get(NOT_REPORTABLE) for row in good) else {NOT_REPORTABLE})
    rows = [{k: v for k, v in row.items() if k not in left_out} for row in progress.rows.values()]
    written["fields.csv"] = place.output.write("fields.csv", csv.rows_csv(rows, comma=place.comma))
    problems: list[Problem] = []
    reasons: dict[str, list[str]] = {}
    answers: list[Result] = []
    try:
        if good and not progress.interrupted:
            evaluation = _over_finished(recipe, image_set, place, progress, cancelled, header, moved, provenance(said))
            for name, data in _per_batch(evaluation, problems, reasons, answers, [*written], place.comma):
                try:
                    signed = sign(data) if sign is not None and name.endswith(".pdf") else data
                    written[name] = place.output.write(name, signed)
                except Problem as problem:
                    problems.append(problem)
            if cancelled():  # what was pressed while the last of them was made
                raise Cancelled
    except (KeyboardInterrupt, Cancelled):
        progress.interrupted = True
    progress.outputs, progress.results = tuple(written), overall(answers)
    written[RECIPE] = place.output.write(RECIPE, recipe_file.dump(recipe))
    found = record.facts(recipe, image_set, place, progress.rows, progress.digests)
    run = about_run(progress, reasons, recipe.stated | dict(header)) | dict(said)
    written[CRATE] = place.output.write(CRATE, crate(recipe, image_set, run, [*written]))
    write_manifest(found, image_set, place, progress, written, run)
    place.output.remove_stale([*written, MANIFEST])
    return problems


def _over_finished(
    recipe: Recipe,
    image_set: ImageSet,
    place: BatchPaths,
    progress: Progress,
    cancelled: Callable[[], bool],
    header: Mapping[str, str],
    moved: MovedSettings,
    release: tuple[str, ...],
) -> Evaluation:
    """The recipe over the images that have a row; those that failed are known to have, and are not tried again.

    It notes the digest of what each node gives for all images together, but for documents, which tell the time.
    """
    finished = ImageSet({name: source for name, source in image_set.items() if name in progress.rows})

    def overlay(image: str) -> bytes | None:
        names = progress.rows[image].get("Files", {}) if image in progress.rows else {}
        first = next((name for name in names if name.startswith("overlays/")), None)
        try:
            return (place.out / first).read_bytes() if first is not None else None
        except OSError:
            return None

    def touched(image: str) -> int:
        return int(progress.rows[image].get("Record", {}).get("corrected", {}).get("touched", 0))

    def note(node: str, image: str | None, outputs: Mapping[str, Value]) -> None:
        if image is None and not any(isinstance(value, Document) for value in outputs.values()):
            progress.digests[node] = digest(outputs)

    failed = {row["Image"]: Problem(row["Message"], node=row["Node"] or None) for row in progress.failed}
    return Evaluation(
        recipe,
        finished,
        place.store(),
        listener=Listener(obtained=note),
        cancelled=cancelled,
        failed=failed,
        header=header,
        moved=moved,
        release=release,
        overlay=overlay,
        record=lambda: record.attachment(record.facts(recipe, finished, place, progress.rows, progress.digests), place),
        touched=touched,
    )


def _per_batch(
    evaluation: Evaluation,
    problems: list[Problem],
    reasons: dict[str, list[str]],
    answers: list[Result],
    taken: list[str],
    comma: bool,
) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file of the nodes that exist once per batch.

    What cannot be made is added to ``problems``, by node why what it gives must not be reported to ``reasons``, and
    what it answers to ``answers``.
    """
    nodes = batch_nodes(evaluation.recipe)
    last = [node for node, declared in nodes.items() if declared.gives(Document)]  # to tell of all the others
    for node in (*(node for node in nodes if node not in last), *last):
        try:
            outputs = evaluation.outputs(node)
        except Problem as problem:
            problems.append(problem)
            continue
        for pin, value in outputs.items():
            for name, data in _file(output_name(node, pin, len(outputs)), value, taken, comma):
                taken.append(name)
                yield name, data
            answers += value.results if isinstance(value, Table) else ()
            for note in of_kind(value.notes, "not reportable"):
                if note.text not in reasons.setdefault(node, []):
                    reasons[node].append(note.text)


def _file(name: str, value: Value, taken: list[str], comma: bool) -> Iterator[tuple[str, bytes]]:
    """A per-batch value as a file, if its type is written as one or it is a table not among the measurements."""
    found = exported(value, name, (*taken, *PROOF))
    if found:
        yield from found.items()
    elif isinstance(value, Table) and value.rows != "features":
        file = f"{name}.csv" if f"{name}.csv" not in taken else f"{name}_table.csv"
        yield file, csv.csv_bytes(with_units(value), comma=comma)


def has_report(recipe: Recipe, progress: Progress) -> bool:
    """Whether this run made the report that the recipe asks for: a file of no single image that is no table."""
    asked = any(declared.gives(Document) for declared in batch_nodes(recipe).values())
    of_images = {name for row in progress.rows.values() for name in row.get("Files", ())}
    return not asked or any(not name.endswith(".csv") for name in progress.outputs if name not in of_images)
