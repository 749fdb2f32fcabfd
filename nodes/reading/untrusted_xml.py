"""XML that strangers wrote into their files, parsed as XML: bounded, and without entities of its own."""

import html
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree import ElementTree

MAX_CHARACTERS = 50_000_000


class Xml:
    """One element: its ``tag`` without namespace, its attributes, its text, and what is in it."""

    def __init__(self, element: "ElementTree.Element") -> None:
        self._element = element

    @property
    def tag(self) -> str:
        """The name, without namespace."""
        return _local(self._element.tag)

    @property
    def text(self) -> str:
        """The text before the first child, without white space around it."""
        return (self._element.text or "").strip()

    def get(self, attribute: str) -> str | None:
        """An attribute by its name without namespace."""
        return next((v for name, v in self._element.attrib.items() if _local(name) == attribute), None)

    def all(self, tag: str) -> Iterator["Xml"]:
        """Every element of this name anywhere below, in the order of the file."""
        return (Xml(e) for e in self._element.iter() if e is not self._element and _local(e.tag) == tag)

    def first(self, *path: str) -> "Xml | None":
        """The first element reached by going down these names, each anywhere below the one before it."""
        if not path:
            return self
        return next((found for e in self.all(path[0]) if (found := e.first(*path[1:]))), None)

    def children(self) -> Iterator["Xml"]:
        """The elements directly below."""
        return (Xml(e) for e in self._element)


def parse_xml(text: str | bytes | None) -> Xml | None:
    """The root of an XML text, or None where it is no XML, or declares entities or a document type of its own.

    Those are never needed by what a microscope writes, and can be made to unfold without end or to read other files.
    """
    from xml.etree import ElementTree

    if isinstance(text, bytes):
        text = decode_text(text)
    start = text.find("<") if text else -1
    if not text or start < 0 or len(text) > MAX_CHARACTERS or re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        return None
    text = re.sub(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z]+\d*;", lambda name: html.unescape(name[0]), text)  # &micro;
    try:
        return Xml(ElementTree.fromstring(text[start : text.rfind(">") + 1]))
    except (ElementTree.ParseError, ValueError, RecursionError):
        return None


def decode_text(data: bytes) -> str:
    """Text of unknown encoding: by its byte order mark, else UTF-8, else as Windows in the west writes it."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _local(name: object) -> str:
    return name.rpartition("}")[2] if isinstance(name, str) else ""
