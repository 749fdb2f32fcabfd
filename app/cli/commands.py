"""The commands with their options. What each does is imported when it is called, so that ``--help`` is instant."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from graingraph.app.cli import library
from graingraph.app.cli.answers import Json, any_number, as_typed, whole_number
from graingraph.engine.problem import Cancelled, Problem


class _Commands(TyperGroup):
    """Has Ctrl-C in any command, and while its words are read, be said: typer would end without a word."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Cancelled from None


COMMANDS = typer.Typer(
    cls=_Commands,
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=False,
    help="Measure micrographs with a recipe wired as a graph of nodes. Without a command, the window opens.",
)

COMMANDS.add_typer(library.COMMANDS, name="library")


def _recipe_named(name: str) -> Path:
    from graingraph.app.cli.recipes import recipe_named

    return recipe_named(name)


def _whole(low: int, high: int | None = None, *, metavar: str = "NUMBER", said: str) -> Any:
    """An option that is a whole number from ``low`` to ``high``."""
    return typer.Option(parser=whole_number(low, high), metavar=metavar, help=said)


def _number(low: float, high: float | None = None, *, metavar: str = "NUMBER", said: str) -> Any:
    """An option that is a number from ``low`` to ``high``."""
    return typer.Option(parser=any_number(low, high), metavar=metavar, help=said)


RecipeFile = Annotated[
    Path,
    typer.Argument(
        metavar="RECIPE",
        parser=_recipe_named,
        help="A recipe file, bundle or report; the name of a recipe that ships; library:NAME or LIBRARY#NAME[@ID].",
    ),
]
Images = Annotated[list[str], typer.Argument(metavar="IMAGES...", help="Image files, folders or globs.")]
Out = Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="The folder for the results.")]
OutAnywhere = Annotated[
    str,
    typer.Option("-o", "--out", metavar="OUT", help="The folder for the results, or a URL such as s3://bucket/out."),
]
ImagesAnywhere = Annotated[
    list[str],
    typer.Argument(metavar="IMAGES...", help="Image files, folders or globs, here or by URL (s3, sftp, webdav, http)."),
]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NODE.SETTING=VALUE", help="Change a setting for this run; may be repeated."),
]
Annotations = Annotated[
    Path | None, typer.Option(help="A folder of label or painted images named like the images, or a COCO file.")
]
AsInstances = Annotated[
    str, typer.Option(help="Whether annotations are objects, kept apart where they touch: auto, yes or no.")
]
TrainNode = Annotated[str | None, typer.Option(help="Which Train node, where the recipe has several.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, for the audit log.")]
Signer = Annotated[str, typer.Option("--key", metavar="NAME", help="Whose key to sign with; see: graingraph keys.")]
Workers = Annotated[int, _whole(0, said="Processes of one core each; 0 chooses by itself.")]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace files in OUT that no run has written, or that were changed.")
]
Header = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="What the laboratory states on the report (TOML or JSON): customer = ..."),
]


def _say_version(asked: bool) -> None:
    if asked:
        import graingraph

        typer.echo(f"graingraph {graingraph.__version__}")
        raise typer.Exit


@COMMANDS.callback()
def program(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Say which version this is.")
    ] = False,
) -> None:
    """What can be asked of the program without a command."""


class CsvFormat(StrEnum):
    """How numbers stand in the tables of a run."""

    POINT = "point"
    COMMA = "comma"


Csv = Annotated[
    CsvFormat, typer.Option(help="Whether numbers in the tables have a point or a decimal comma (then with ;).")
]


@COMMANDS.command("open")
def open_window(
    recipe: Annotated[Path | None, typer.Argument(metavar="[RECIPE]", help="A recipe to open.")] = None,
    images: Annotated[list[str] | None, typer.Argument(metavar="[IMAGES...]", help="Images for the tray.")] = None,
    ui_scale: Annotated[float | None, _number(0.5, 4, said="Size of text and buttons.")] = None,
    light: Annotated[bool | None, typer.Option("--light/--dark", help="Light or dark colours.")] = None,
    size: Annotated[tuple[int, int] | None, typer.Option(help="Width and height of the window, in pixels.")] = None,
) -> None:
    """Open the window (also: graingraph RECIPE IMAGES...), as it was left unless the options say otherwise."""
    from graingraph.app.gui.shell.launch import launch
    from graingraph.engine.images.files import find_images

    launch(recipe, find_images(images or []), ui_scale=ui_scale, light=light, size=size)


@COMMANDS.command()
def run(
    recipe: RecipeFile,
    images: ImagesAnywhere,
    out: OutAnywhere,
    sets: Sets = None,
    workers: Workers = 0,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first image that fails.")] = False,
    overwrite: Overwrite = False,
    csv: Csv = CsvFormat.POINT,
    header: Header = None,
    moving: Annotated[
        bool,
        typer.Option("--sensitivity", help="Move the exposed settings, for the report's uncertainty budget."),
    ] = False,
    why: Why = "",
    sign: Annotated[
        str | None, typer.Option(metavar="NAME", help="Sign the report: whose certificate, or a .p12 file.")
    ] = None,
    scheduler: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Work on a Dask cluster, such as tcp://10.0.0.5:8786.")
    ] = "",
    slurm: Annotated[int, _whole(0, metavar="JOBS", said="Work in so many jobs of Slurm.")] = 0,
    as_json: Json = False,
) -> None:
    """Run a recipe on images and write tables, overlays, the report and a manifest into OUT."""
    from graingraph.app.cli.run import run_recipe

    code = run_recipe(
        recipe,
        images,
        out,
        sets or (),
        workers=workers,
        fail_fast=fail_fast,
        overwrite=overwrite,
        comma=csv is CsvFormat.COMMA,
        header_path=header,
        moving=moving,
        why=why,
        signing=sign,
        scheduler=scheduler,
        slurm=slurm,
        as_json=as_json,
    )
    raise typer.Exit(code)


@COMMANDS.command()
def watch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where a microscope puts its images.")],
    recipe: RecipeFile,
    out: Out,
    sets: Sets = None,
    workers: Workers = 0,
    quiet: Annotated[
        float, _number(0.1, metavar="SECONDS", said="How long nobody has written to a file that is read.")
    ] = 2.0,
    overwrite: Overwrite = False,
    csv: Csv = CsvFormat.POINT,
    header: Header = None,
    why: Why = "",
) -> None:
    """Measure the images of a folder as they come, each once; tables and report are always up to date. Ctrl-C ends."""
    from graingraph.app.cli.watch import watch_folder

    watch_folder(
        folder,
        recipe,
        out,
        sets or (),
        workers=workers,
        quiet=quiet,
        overwrite=overwrite,
        comma=csv is CsvFormat.COMMA,
        header_path=header,
        why=why,
    )


@COMMANDS.command()
def check(recipe: RecipeFile, as_json: Json = False) -> None:
    """Find everything wrong with a recipe that can be known without images."""
    from graingraph.app.cli.inspect import check_recipe

    raise typer.Exit(check_recipe(recipe, as_json))


@COMMANDS.command()
def diff(
    before: Annotated[Path, typer.Argument(metavar="A", parser=_recipe_named, help="A recipe, named as for run.")],
    after: Annotated[Path, typer.Argument(metavar="B", parser=_recipe_named, help="Another, to which A was changed.")],
    as_json: Json = False,
) -> None:
    """Say in words what is different between two recipes. Exit code 0 where nothing is, 2 where something is."""
    from graingraph.app.cli.inspect import compare_recipes

    raise typer.Exit(compare_recipes(before, after, as_json))


@COMMANDS.command()
def explain(
    recipe: RecipeFile,
    image: str,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="OUT", help="What a run into this folder would reuse.")
    ] = None,
    sets: Sets = None,
    as_json: Json = False,
) -> None:
    """Say for each node what would run for an image, what is cached, and why."""
    from graingraph.app.cli.inspect import explain_recipe

    explain_recipe(recipe, image, out, sets or [], as_json)


@COMMANDS.command()
def nodes(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]", help="One node, or words that describe it; all of them if left out."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the node reference: inputs, outputs and settings with their units, ranges and defaults."""
    from graingraph.app.cli.node_reference import show_nodes

    show_nodes(" ".join(words or []), as_json)


@COMMANDS.command()
def copy(
    recipe: RecipeFile,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER")],
) -> None:
    """Copy a recipe with its traces and models into a folder; those that ship with the program are never changed."""
    from graingraph.app.document.saving import copy_recipe
    from graingraph.engine.declare.plugins import load_plugins

    load_plugins()
    typer.echo(f"Copied; open it with: graingraph {as_typed(copy_recipe(recipe, folder))}")


@COMMANDS.command()
def pack(
    recipe: RecipeFile,
    bundle: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.ggz", help="The bundle to write.")],
    marks: Annotated[bool, typer.Option("--marks/--no-marks", help="Whether what was drawn goes along.")] = True,
) -> None:
    """Pack a recipe with its models and what was drawn into one file, which run, check and the window open as it is."""
    from graingraph.app.document.bundles import pack_recipe
    from graingraph.engine.declare.plugins import load_plugins

    load_plugins()
    for sentence in pack_recipe(recipe, bundle, marks=marks):
        typer.echo(sentence, err=True)
    typer.echo(f"Packed; open it with: graingraph {as_typed(bundle)}")


@COMMANDS.command()
def unpack(
    bundle: Annotated[Path, typer.Argument(metavar="FILE.ggz", help="A bundle.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the recipe and its files go.")],
) -> None:
    """Unpack a bundle into a folder, as a recipe of your own; nothing that is there is overwritten."""
    from graingraph.app.document.bundles import unpack_bundle

    typer.echo(f"Unpacked; open it with: graingraph {as_typed(unpack_bundle(bundle, folder))}")


@COMMANDS.command()
def train(
    recipe: RecipeFile,
    images: Images,
    annotations: Annotations = None,
    instances: AsInstances = "auto",
    corrections: Annotated[
        bool,
        typer.Option("--corrections", help="Go on from the current model with what was corrected in ManualEdit."),
    ] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Where to put the model file.")] = None,
    sets: Sets = None,
    node: TrainNode = None,
    record: Annotated[
        bool | None,
        typer.Option("--record/--no-record", help="Whether the recipe file is to use the new model; yes without -o."),
    ] = None,
    why: Why = "",
    as_json: Json = False,
) -> None:
    """Train the recipe's Train node on traced or annotated images. Ctrl-C stops and keeps what was learnt so far."""
    from graingraph.app.cli.train import train_recipe

    train_recipe(recipe, images, annotations, instances, corrections, output, sets or [], node, record, as_json, why)


@COMMANDS.command()
def score(
    recipe: RecipeFile,
    images: Images,
    annotations: Annotations = None,
    instances: AsInstances = "auto",
    calibrate: Annotated[
        bool,
        typer.Option("--calibrate", help="Make its probabilities as sure as they are right on these images."),
    ] = False,
    materials: Annotated[
        bool,
        typer.Option("--materials", help="Each image is of another material, and a specimen like one of them."),
    ] = False,
    note: Annotated[str, typer.Option(help="A sentence for the card, on the images that it was scored on.")] = "",
    node: TrainNode = None,
    why: Why = "",
    as_json: Json = False,
) -> None:
    """Score the recipe's model on traced images that it has not learnt; its card then holds what the recipe answers."""
    from graingraph.app.cli.score_model import score_model

    score_model(recipe, images, annotations, instances, calibrate, materials, note, node, as_json, why)


@COMMANDS.command()
def annotate(
    action: Annotated[
        str,
        typer.Argument(
            metavar="import|export|merge", help="Into the Trace node, out of it, or another person's marks."
        ),
    ],
    recipe: RecipeFile,
    images: Images,
    annotations: Annotated[
        Path,
        typer.Option(
            help="A folder, or a file such as COCO JSON, named like the images, to read or to write; "
            "to merge: the other's marks folder, marks file or recipe."
        ),
    ],
    node: Annotated[str | None, typer.Option(help="Which Trace node, where the recipe has several.")] = None,
    instances: AsInstances = "auto",
    file_format: Annotated[str, typer.Option("--format", help="coco, labelme, geojson, imagej or classes.")] = "coco",
    replace: Annotated[bool, typer.Option("--replace", help="Import in place of what was drawn before.")] = False,
    keep: Annotated[
        str | None, typer.Option(help="Where two people's strokes are in conflict: keep mine, theirs or both.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Import annotations of other programs as what was drawn in a recipe's Trace node, or export what was drawn.

    Or merge the marks of another person into those of this recipe; conflicts without --keep change nothing (exit 2).
    """
    if action == "merge":
        from graingraph.app.cli.merge import merge_marks

        raise typer.Exit(merge_marks(recipe, images, annotations, keep, as_json))
    from graingraph.app.cli.annotate import annotate_images

    annotate_images(action, recipe, images, annotations, node, instances, file_format, replace)


@COMMANDS.command()
def model(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    image: Annotated[
        Path | None, typer.Option("--try", metavar="IMAGE", help="Show what the model makes of an image.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="PNG", help="The picture to write for --try.")
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="SETTING=VALUE", help="A setting of DeepSegment for --try; may be repeated."),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export", metavar="ARCHIVE", help="Write it for another program: .zip (BioImage.IO) or .czann (ZEN)."
        ),
    ] = None,
    onnx: Annotated[
        Path | None,
        typer.Option("--import", metavar="ONNX", help="FILE is such an archive: write the model in it to this file."),
    ] = None,
    author: Annotated[str, typer.Option(help="Who made it, for --export; you, unless said.")] = "",
    licence: Annotated[str, typer.Option(help="Its licence, for --export, such as CC-BY-4.0.")] = "",
    as_json: Json = False,
) -> None:
    """Print the card of a model file: classes, training images, settings and held-out scores.

    With --try, apply it to an image: how much of it is which class, and a picture of the classes beside the image.
    """
    if export is not None or onnx is not None:
        from graingraph.app.cli.exchange_model import export_model, import_model

        if export is not None:
            export_model(file, export, author, licence)
        if onnx is not None:
            import_model(file, onnx)
        return
    if file.suffix.lower() in (".zip", ".czann") and file.is_file():
        taken_out = as_typed(file.with_suffix(".onnx").name)
        raise Problem(
            f"{file.name} is an archive; take the model out: graingraph model {as_typed(file)} --import {taken_out}"
        )
    if image is not None or out is not None or sets:
        from graingraph.app.cli.try_model import try_model

        try_model(file, image, out, sets or [], as_json)
        return
    from graingraph.app.cli.inspect import show_model

    show_model(file, as_json)


@COMMANDS.command()
def verify(out: Annotated[str, typer.Argument(metavar="OUT|REPORT.pdf")], as_json: Json = False) -> None:
    """Check the manifest in OUT itself, and the results, images, models and what was drawn against it.

    Of a report: who signed it, and whether it was changed since.
    """
    if out.lower().endswith(".pdf"):
        from graingraph.app.cli.sign import verify_report

        raise typer.Exit(verify_report(Path(out), as_json))
    from graingraph.app.cli.inspect import verify_results

    raise typer.Exit(verify_results(out, as_json))


@COMMANDS.command()
def rerun(
    report: Annotated[Path, typer.Argument(metavar="REPORT.pdf", help="A report that a run has made.")],
    images: Annotated[
        list[str] | None,
        typer.Argument(metavar="[IMAGES...]", help="Where its images are now; left out, where they were."),
    ] = None,
    models: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the models of its recipe lie, if not found.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="OUT", help="Keep the new results in this empty folder.")
    ] = None,
    workers: Workers = 0,
    as_json: Json = False,
) -> None:
    """Run a report again, on any machine: says that every number came back, or which step first gives another, and why.

    Exit code 0 where all came back, 2 where something differs or an image is missing.
    """
    from graingraph.app.cli.rerun import rerun_report

    raise typer.Exit(rerun_report(report, images or [], models, out, workers, as_json))


@COMMANDS.command()
def keys(
    new: Annotated[str | None, typer.Option(metavar="NAME", help="Make keys for a person of this name.")] = None,
    keyring: Annotated[bool, typer.Option("--keyring", help="Keep them in your keyring and not in files.")] = False,
    as_json: Json = False,
) -> None:
    """Show the public keys of this user, as a policy lists them, or make new ones to sign recipes and reports with."""
    from graingraph.app.cli.sign import show_keys

    show_keys(new, keyring, as_json)


@COMMANDS.command()
def release(
    recipe: RecipeFile,
    key: Signer,
    review: Annotated[bool, typer.Option("--review", help="Sign as the one who has reviewed it.")] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take reviews and releases of it back.")] = False,
    why: Why = "",
    as_json: Json = False,
) -> None:
    """Release the version of a recipe that is in its file, by a signature in the audit log beside it."""
    from graingraph.app.cli.sign import release_recipe

    if review and withdraw:
        raise Problem("Choose either --review or --withdraw.")
    release_recipe(recipe, key, "reviewed" if review else "withdrawn" if withdraw else "released", why, as_json)


@COMMANDS.command()
def audit(recipe: RecipeFile, as_json: Json = False) -> None:
    """Print what was done with a recipe, by whom, when and why, and check that nothing was changed in its audit log."""
    from graingraph.app.cli.sign import show_audit

    raise typer.Exit(show_audit(recipe, as_json))


@COMMANDS.command()
def sign(
    report: Annotated[Path, typer.Argument(metavar="REPORT.pdf")],
    key: Signer,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="The signed copy."),
    ] = None,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason that the signature states.")] = "",
) -> None:
    """Sign a report (PAdES): any PDF reader shows who signed it, and whether a byte was changed since."""
    from graingraph.app.cli.sign import sign_file

    sign_file(report, key, out, why)


@COMMANDS.command()
def samples(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER")],
    kind: Annotated[
        str, typer.Option(help="What they show, such as brass or melt_pools; '?' lists all kinds.")
    ] = "brass",
    seed: Annotated[int, _whole(0, said="The first seed; each gives another image.")] = 0,
    count: Annotated[int, _whole(1, 1000, said="How many.")] = 1,
) -> None:
    """Generate sample micrographs with their exact truth."""
    from graingraph.app.samples.write import write_samples

    written = write_samples(folder, kind, range(seed, seed + count))
    typer.echo(f"Wrote {len(written)} files into {folder}.")


@COMMANDS.command("general-model")
def general_model(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the model goes.")],
    images: Annotated[int, _whole(50, 100_000, said="How many micrographs to draw.")] = 2000,
    epochs: Annotated[int, _whole(1, 5000, said="Epochs, of at most 64 batches of tiles.")] = 100,
    workers: Annotated[int, _whole(1, 64, said="Processes that draw.")] = 2,
) -> None:
    """Teach a network grains of every kind from generated micrographs; hours. The same command goes on after a stop."""
    from graingraph.app.cli.general_model import teach_general_model

    teach_general_model(folder, images, epochs, workers)


@COMMANDS.command()
def sensitivity(
    recipe: RecipeFile,
    images: Images,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The bars, a PDF.")] = Path(
        "sensitivity.pdf"
    ),
    sets: Sets = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
    as_json: Json = False,
) -> None:
    """Show what moves the number: every exposed setting a tenth lower and higher, in twice the time of the results."""
    from graingraph.app.cli.sensitivity import show_sensitivity

    raise typer.Exit(show_sensitivity(recipe, images, out, sets or (), overwrite, as_json))


@COMMANDS.command()
def validate(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The record, a PDF.")] = Path(
        "validation.pdf"
    ),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the record if it is there.")] = False,
    as_json: Json = False,
) -> None:
    """Check the measurements on phantoms of known truth on this machine, and write a record for the quality file."""
    from graingraph.app.cli.validate import validate as check_measurements

    raise typer.Exit(check_measurements(out, overwrite, as_json))


@COMMANDS.command()
def demo(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="The folder for the results.")] = Path("out"),
) -> None:
    """Measure the shipped brass samples, twins ignored, and make a report."""
    from graingraph.app.cli.demo import run_demo

    raise typer.Exit(run_demo(out))


@COMMANDS.command()
def cluster(
    workers: Annotated[int, _whole(0, said="Workers of one core each; 0 takes every core.")] = 0,
    port: Annotated[int, _whole(0, 65535, said="Where the scheduler listens.")] = 8786,
    host: Annotated[
        str, typer.Option(help="The address to listen at; others reach only what is not 127.0.0.1.")
    ] = "127.0.0.1",
) -> None:
    """Start a Dask scheduler and workers on this machine, for run --scheduler; Ctrl-C ends them."""
    from graingraph.app.cli.cluster import serve_cluster

    serve_cluster(workers, port, host)


@COMMANDS.command()
def prepare() -> None:
    """Compile what measures, once for this machine; for installers and container images (else the first run does)."""
    from graingraph.app.cli.prepare import prepare_machine

    prepare_machine()
