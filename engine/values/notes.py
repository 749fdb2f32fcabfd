"""Notes: how far a reader may trust a value. The kind is for the program, the text for people."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from graingraph.engine.values.registry import record

NoteKind = Literal["not reportable", "incomplete", "needs review", "advice"]
"""What a note means, gravest first.

``not reportable``: the number must not be reported as it is. ``incomplete``: something that should be in the value is
not, so it is computed anew next time. ``needs review``: what a person drew was drawn on something else than is there
now. ``advice``: all else that is worth knowing.
"""

_SHOWN_BEFORE = {"not reportable": "not reportable: ", "incomplete": "Left out: ", "needs review": "needs review: "}


@record
@dataclass(frozen=True)
class Note:
    """A remark that travels with a value and with everything computed from it.

    ``about`` is a short name of what it judges ("relative accuracy"), by which a node that judges the same thing anew
    replaces it; empty where nothing replaces it. ``line`` is what it speaks of in the image that it was first said of:
    x and y of both ends in px, shown over that image.
    """

    kind: NoteKind
    text: str
    about: str = ""
    line: tuple[float, float, float, float] | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(NoteKind):
            raise ValueError(f"{self.kind} is no kind of note; the kinds are {', '.join(get_args(NoteKind))}")

    def __str__(self) -> str:
        """What is shown to a person, who sees the kind by its first words."""
        return f"{_SHOWN_BEFORE.get(self.kind, '')}{self.text}"


def texts(notes: Iterable[Note]) -> tuple[str, ...]:
    """What a person is shown of notes, each once."""
    return tuple(dict.fromkeys(str(note) for note in notes))


def of_kind(notes: Iterable[Note], kind: NoteKind) -> tuple[Note, ...]:
    """The notes of one kind, in their order."""
    return tuple(note for note in notes if note.kind == kind)


def gravest_first(notes: Iterable[Note]) -> tuple[Note, ...]:
    """The notes, each once, those of the gravest kind first; within a kind in their order."""
    return tuple(sorted(dict.fromkeys(notes), key=lambda note: get_args(NoteKind).index(note.kind)))
