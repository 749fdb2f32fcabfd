"""``graingraph library``: recipes and models that a group shares in a folder or under a URL."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graingraph.app.cli.answers import Json, as_typed, print_json
from graingraph.engine.problem import Problem

if TYPE_CHECKING:
    from graingraph.engine.release.stage import Act

COMMANDS = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Share recipes and models in a folder or under a URL (s3, sftp, webdav, http); every version is kept.",
)

Where = Annotated[str, typer.Argument(metavar="LIBRARY", help="A folder, or a URL such as s3://bucket/recipes.")]
Name = Annotated[
    str, typer.Argument(metavar="NAME[@ID]", help="A recipe or model; the newest version unless an id says.")
]


@COMMANDS.command()
def add(
    where: Where,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A recipe, a bundle, or a model (.onnx).")],
    name: Annotated[str, typer.Option(help="What it is called; else as the recipe says, or the file.")] = "",
    note: Annotated[str, typer.Option(help="What is new in this version.")] = "",
    author: Annotated[str, typer.Option(help="Who publishes; you, unless said.")] = "",
    tag: Annotated[
        list[str] | None, typer.Option(help="A word to find it by; may be repeated; else those it has.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="PDF", help="An example report (PDF or HTML) for the pages.")
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The version it was made from; a newer one is then not passed over."),
    ] = None,
    marks: Annotated[bool, typer.Option("--marks/--no-marks", help="Whether what was drawn goes along.")] = True,
    new: Annotated[bool, typer.Option("--new", help="Begin a library where none is yet.")] = False,
) -> None:
    """Publish a version of a recipe or model. Those that are there stay as they are."""
    import tempfile

    from graingraph.app.library.drafts import draft_of
    from graingraph.app.library.user_library import address_of, open_library
    from graingraph.engine.account import account_name
    from graingraph.engine.declare.plugins import load_plugins

    load_plugins()
    library = open_library(where)
    if not new and (sentence := library.missing()):
        raise Problem(f"{sentence} Check the name, or begin a library there with --new.")
    with tempfile.TemporaryDirectory() as folder:
        draft, left_out = draft_of(file, Path(folder), name=name, marks=marks, report=report)
        for sentence in left_out:
            typer.echo(sentence, err=True)
        if after is not None:
            after = library.find(f"{draft.name}@{after}").id
        version = library.publish(draft, author=author or account_name(), note=note, tags=tag, after=after)
    typer.echo(f"Published {version.name} as version {version.short} in {library.place.url}.")
    if version.kind == "recipe":
        typer.echo(f"Run it with: graingraph run {as_typed(address_of(library, version))} IMAGES... -o OUT")


@COMMANDS.command("list")
def list_(
    where: Where,
    words: Annotated[list[str] | None, typer.Argument(metavar="[WORDS...]", help="Only what holds them.")] = None,
    as_json: Json = False,
) -> None:
    """List what is in a library, newest versions only."""
    from graingraph.app.library.user_library import open_existing

    found = open_existing(where).newest(words or ())
    if as_json:
        print_json([asdict(version) for version in found])
        return
    for one in found:
        tags = f" [{', '.join(one.tags)}]" if one.tags else ""
        said = f" {one.description.splitlines()[0][:80]}" if one.description else ""
        typer.echo(f"{one.name} ({one.kind}){tags}: {one.day}, {one.author}, {one.short}.{said}")
    if not found:
        typer.echo("Nothing is there." if not words else f"Nothing holds {' '.join(words)}.")


@COMMANDS.command()
def get(
    where: Where,
    name: Name,
    folder: Annotated[Path, typer.Option("-o", "--out", metavar="FOLDER", help="Where it goes.")] = Path(),
) -> None:
    """Fetch a recipe, as a bundle that run and the window open, or a model."""
    from graingraph.app.library.user_library import open_existing

    library = open_existing(where)
    version = library.find(name)
    typer.echo(f"Fetched version {version.short} of {version.day}: {library.fetch(version, folder)}")


@COMMANDS.command()
def release(
    where: Where,
    name: Name,
    key: Annotated[str, typer.Option("--key", metavar="NAME", help="Whose key to sign with; see: graingraph keys.")],
    review: Annotated[bool, typer.Option("--review", help="Sign as the one who has reviewed it.")] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take reviews and releases of it back.")] = False,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, for the audit log.")] = "",
) -> None:
    """Release the newest version of a recipe: it is published with your signature, under the library's policy."""
    from graingraph.app.cli.sign import key_of
    from graingraph.app.library.signing import sign_in_library
    from graingraph.app.library.user_library import open_existing
    from graingraph.engine.account import account_name
    from graingraph.engine.declare.plugins import load_plugins

    if review and withdraw:
        raise Problem("Choose either --review or --withdraw.")
    load_plugins()
    library = open_existing(where)
    act: Act = "reviewed" if review else "withdrawn" if withdraw else "released"
    version, stage = sign_in_library(library, library.find(name), act, key_of(key), why, author=account_name())
    typer.echo(f"{version.name}, version {version.short}, is {stage.predicate}.")


@COMMANDS.command()
def history(where: Where, name: str, as_json: Json = False) -> None:
    """Tell all versions of a recipe or model, newest first, with what each changed."""
    from graingraph.app.library.user_library import open_existing
    from graingraph.engine.declare.plugins import load_plugins
    from graingraph.engine.recipe.diff import differences

    load_plugins()
    library = open_existing(where)
    versions = library.history(name)
    told = []
    for at, version in enumerate(versions):
        before = versions[at - 1] if at else None
        both = before is not None and "recipe" in before.more and "recipe" in version.more
        changes = differences(library.recipe(before), library.recipe(version)) if before is not None and both else []
        told.append((version, changes))
    if as_json:
        print_json([{**asdict(version), "changes": changes} for version, changes in reversed(told)])
        return
    for version, changes in reversed(told):
        typer.echo(f"{version.short}  {version.day}  {version.author}{f': {version.note}' if version.note else ''}")
        for change in changes:
            typer.echo(f"    {change}")


@COMMANDS.command()
def diff(
    where: Where,
    before: Name,
    after: Annotated[str | None, typer.Argument(metavar="[NAME[@ID]]", help="Another; else the newest.")] = None,
    as_json: Json = False,
) -> None:
    """Say in words what is different between two versions. Exit code 0 where nothing is, 2 where something is."""
    from graingraph.app.library.user_library import open_existing
    from graingraph.engine.declare.plugins import load_plugins
    from graingraph.engine.recipe.diff import differences

    load_plugins()
    library = open_existing(where)
    old = library.find(before)
    new = library.find(after or old.name)
    changes = differences(library.recipe(old), library.recipe(new))
    if as_json:
        print_json({"before": old.id, "after": new.id, "differences": changes})
    else:
        for change in changes:
            typer.echo(change)
        if not changes:
            typer.echo(f"The versions {old.short} and {new.short} hold the same recipe.")
    raise typer.Exit(2 if changes else 0)


@COMMANDS.command()
def site(
    where: Where,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the pages go.")],
) -> None:
    """Write static pages of a library, one a recipe, for a browser: graph, settings, versions and differences."""
    from graingraph.app.library.site import write_site
    from graingraph.app.library.user_library import open_existing
    from graingraph.engine.declare.plugins import load_plugins

    load_plugins()
    if "://" not in where and folder.resolve() == Path(where).resolve():
        raise Problem("The pages would lie among the versions; choose another folder for them.")
    typer.echo(f"Written; open it in a browser: {write_site(open_existing(where), folder)}")
