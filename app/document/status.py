"""Small records of what the window shows beside the document: a node's state, what is viewed, a message."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from graingraph.engine.evaluation.explain import StateName

State = StateName | Literal["running"]


@dataclass(frozen=True)
class NodeStatus:
    """What is shown on a node: its state, the sentence why, how long it took, how far it is, its short answer.

    ``thumbnail`` names a picture in ``Session.thumbnails``; it changes whenever the picture does.
    """

    state: State = "not computed"
    why: str = ""
    seconds: float | None = None
    progress: float | None = None
    headline: str = ""
    thumbnail: str = ""


class OutputRef(NamedTuple):
    """What the viewer shows: an output of a node."""

    node: str
    output: str


class Message(NamedTuple):
    """A line of the messages panel; ``node`` and ``image`` say where to go when it is clicked."""

    level: Literal["info", "warning", "error"]
    text: str
    node: str | None = None
    image: str | None = None
    while_failed: bool = False
    """Whether it holds only as long as its node is failed."""
    at_edit: int | None = None
    """The number of the edit after which it was said, where it holds only until the next one."""
    document: int = 0
    """The number of the document that was open: with the next one it is over."""
