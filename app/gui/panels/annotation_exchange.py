"""Annotations of other programs: asking for those that are taken over, and for where one's own are written."""

from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from graingraph.app.document.annotation_reading import reading_for
from graingraph.app.document.annotations import export_annotations, import_edit, read_annotations
from graingraph.app.gui.base.context import AppContext, Question
from graingraph.app.gui.base.nouns import IMAGE
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.values.wording import counted

if TYPE_CHECKING:
    from graingraph.engine.declare.injected import Source
    from graingraph.nodes.formats.annotations import Annotation

ANNOTATIONS_OF_OTHERS = "Annotations of other programs"
IMPORT_A_FOLDER = "Import a folder…"
EXPORT_AS = "Export {file_format}…"
WHAT_IMPORT_TAKES = (
    "Import: label or painted images, COCO, LabelMe, GeoJSON, YOLO or ImageJ files, named like the images of the tray."
)
WHAT_EXPORT_WRITES = "Export: what is traced on the images of the tray."
FOLDER_TO_IMPORT = "Folder of annotations"
FOLDER_TO_WRITE = "Folder for the annotations"
READING = "Reading the annotations"
WRITING = "Writing the annotations"
DRAWN = "The annotations of {images} are drawn. Undo takes them back."
WRITTEN = "The marks of {images} are written to {folder}."

FORMATS = {
    "coco": "COCO",
    "labelme": "LabelMe",
    "geojson": "GeoJSON",
    "imagej": "ImageJ ROIs",
    "classes": "label images",
}


class AnnotationExchange:
    """Imports as one edit, exports into a folder; both read and write in a thread of ``pool``.

    ``traced_node`` names the node whose tracing is meant, and raises ``Problem`` where there is none.
    """

    def __init__(self, app: AppContext, pool: Executor, traced_node: Callable[[], str]) -> None:
        self._app, self._pool, self._traced_node = app, pool, traced_node

    def ask(self) -> None:
        """Ask which of them is wanted."""
        answers: list[tuple[str, Callable[[], object]]] = [(IMPORT_A_FOLDER, self._ask_import)]
        answers += [
            (EXPORT_AS.format(file_format=words), partial(self._ask_export, name)) for name, words in FORMATS.items()
        ]
        self._app.ask(Question(ANNOTATIONS_OF_OTHERS, (WHAT_IMPORT_TAKES, WHAT_EXPORT_WRITES), tuple(answers)))

    def _ask_import(self) -> None:
        start = self._app.session.images[0].parent if self._app.session.images else Path.cwd()
        self._app.ask_path(FOLDER_TO_IMPORT, start, "folder", self._import)

    def _import(self, folder: Path) -> None:
        """Read annotations in a thread, and draw them as one edit."""
        session, node = self._app.session, self._traced_node()
        recipe, images, document = session.recipe, session.images, session.document

        def draw(matched: "list[tuple[Source, Annotation]]") -> None:
            if session.document == document and session.recipe.steps.get(node) == recipe.steps[node]:
                session.do(import_edit(session.recipe, node, session.marks, matched))
                remarks = dict.fromkeys(remark for _, annotation in matched for remark in annotation.remarks)
                drawn = DRAWN.format(images=counted(len(matched), IMAGE))
                session.say(" ".join([drawn, *remarks]))

        def read() -> Callable[[], None]:
            reading = reading_for(recipe, Wire(node, "", "", ""), "auto")
            matched = read_annotations(recipe, node, ImageSet.of_files(images), folder, reading)
            return lambda: draw(matched)

        self._app.in_thread(self._pool.submit, READING, read)

    def _ask_export(self, file_format: str) -> None:
        start = self._app.session.suggested_file.parent / "annotations"
        self._app.ask_path(FOLDER_TO_WRITE, start, "folder", lambda folder: self._export(folder, file_format))

    def _export(self, folder: Path, file_format: str) -> None:
        session, node = self._app.session, self._traced_node()
        recipe, images, marks = session.recipe, session.images, session.marks

        def write() -> Callable[[], None]:
            count = export_annotations(recipe, node, ImageSet.of_files(images), marks, folder, file_format)
            return lambda: session.say(WRITTEN.format(images=counted(count, IMAGE), folder=folder))

        self._app.in_thread(self._pool.submit, WRITING, write)
