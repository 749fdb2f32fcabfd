"""What is known of each value type: declared once, where the type is written, and found by looking it up.

A value type is a frozen dataclass that derives from ``Value`` and bears ``@value_type``: the colour and shape of its
pins, whether it is small enough to be kept on disk, the file that it is exported as, and, where its dataclass fields
are not what is to be stored, a ``Codec``. What is left out is as the type that it derives from has it. A plain
dataclass within values bears ``@record``, so that it is stored along. How a value is shown is declared beside it with
the tables of ``views`` (``thumbnail``, ``layers``, ``plot``): the engine only keeps those functions, the app calls
them. So a type of a plug-in is one file: it is cached, exported by a batch and the window, and shown like those that
ship, and nothing else in the program knows it by name::

    @value_type(pin="#ff8a65", export=Export(".csv", csv_of_profile))
    @dataclass(frozen=True, eq=False)
    class Profile(Value): ...

    @layers(Profile)
    def drawn_over_the_image(profile): return [Lines(profile.points)]
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import PurePath
from typing import Any, Generic, Literal, TypeVar

PinShape = Literal["circle", "diamond", "square", "triangle"]
"""Circle for pictures, diamond for regions told apart, square for numbers, triangle for files."""

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
K = TypeVar("K", bound=type)


class ByType(Generic[T]):
    """One thing for each type: where none is declared for a type, that of the nearest type it derives from.

    A type declared anew by the module that declared it (reloaded) takes the place of the old one; another module's
    declaration of the same is an error.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self._declared: dict[type, tuple[T, str]] = {}

    def declare(self, kind: type, thing: T, module: str) -> None:
        """Say what belongs to a type; ``module`` is where that is said."""
        known = self._declared.get(kind)
        if known is not None and known[1] != module:
            raise TypeError(f"the {self.what} of {kind.__name__} is declared by {known[1]} already")
        self._declared[kind] = thing, module

    def of(self, kind: type) -> T | None:
        """What belongs to a type, or to the nearest one it derives from; None if nothing does."""
        return next((self._declared[base][0] for base in kind.__mro__ if base in self._declared), None)

    def __contains__(self, kind: type) -> bool:
        """Whether something is declared for the type itself."""
        return kind in self._declared

    def __iter__(self) -> Iterator[type]:
        return iter(self._declared)


class View(ByType[F]):
    """Functions by the type of the value that they show; ``@view(Type)`` declares one."""

    def __call__(self, *kinds: type) -> Callable[[F], F]:
        """Declare the decorated function for these types and return it unchanged."""

        def declare(function: F) -> F:
            for kind in kinds:
                self.declare(kind, function, function.__module__)
            return function

        return declare


@dataclass(frozen=True)
class Export:
    """The file that a value is exported as: how its name ends (``".csv"``), and its bytes.

    A batch writes it beside its other results unless ``in_batch`` is False; the window offers to save it. ``named``
    gives the file name of a value that brings its own. ``parts`` gives the files of a value that is a folder in a
    batch, by their names with folders.
    """

    suffix: str
    data: Callable[[Any], bytes]
    in_batch: bool = True
    named: Callable[[Any], str] | None = None
    parts: Callable[[Any], Mapping[str, bytes]] | None = None

    def file_name(self, value: Any, stem: str) -> str:
        """The name of the file, without folder: the value's own, or ``stem`` with the suffix."""
        return PurePath(self.named(value)).name if self.named else f"{stem}{self.suffix}"


@dataclass(frozen=True)
class Codec:
    """What is stored of a value, and the value again.

    ``encode`` gives contents by name: arrays, texts, numbers, bytes, paths, records, values, and tuples and mappings
    of these. ``decode`` gets them back, lists as tuples; any error of it makes the stored value a miss. The notes
    of a value are stored besides.
    """

    encode: Callable[[Any], Mapping[str, Any]]
    decode: Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class ValueType:
    """What is declared of a value type: see ``value_type``. ``pin`` is a colour ``#rrggbb``."""

    kind: type
    pin: str
    shape: PinShape
    small: bool
    export: Export | None

    @property
    def name(self) -> str:
        """The name of the type: what pins show and what it is stored under."""
        return self.kind.__name__


VALUE_TYPES: ByType[ValueType] = ByType("value type")
_stored: dict[str, tuple[type, Codec]] = {}


def value_type(
    *,
    pin: str | None = None,
    shape: PinShape | None = None,
    small: bool | None = None,
    export: Export | None = None,
    codec: Codec | None = None,
) -> Callable[[K], K]:
    """Declare the decorated dataclass as a value type.

    ``pin`` and ``shape`` are the colour and shape of its pins, ``small`` says that a value is worth keeping on disk
    however little it took to compute. What is left out is as the type that it derives from has it; the codec stores
    all fields if left out.
    """

    def declare(kind: K) -> K:
        base = VALUE_TYPES.of(kind)
        if base is None and (pin is None or shape is None or small is None):
            raise TypeError(f"{kind.__name__}: derive it from Value")
        declared = ValueType(
            kind,
            pin if pin is not None else base.pin if base else "",
            shape if shape is not None else base.shape if base else "circle",
            small if small is not None else bool(base and base.small),
            export if export is not None else base.export if base else None,
        )
        _store(kind, codec)
        VALUE_TYPES.declare(kind, declared, kind.__module__)
        return kind

    return declare


def record(kind: K) -> K:
    """Declare the decorated dataclass as a part of values that is stored along with them."""
    _store(kind, None)
    return kind


def declared(kind: type) -> ValueType:
    """What is known of a value type; of one that was never declared, what is known of the type it derives from."""
    found = VALUE_TYPES.of(kind)
    if found is None:
        raise TypeError(f"{kind.__name__} is no value type; derive it from Value and declare it with @value_type")
    return found


def codec_of(kind: type) -> Codec | None:
    """How values or records of exactly this type are stored; None if they are not."""
    found = _stored.get(kind.__name__)
    return found[1] if found and found[0] is kind else None


def codec_named(name: str) -> Codec:
    """How what was stored under this name is read. ``KeyError`` for a name that nobody declared."""
    return _stored[name][1]


def _store(kind: type, codec: Codec | None) -> None:
    if not is_dataclass(kind):
        raise TypeError(f"{kind.__name__}: put @dataclass(frozen=True, eq=False) below its declaration")
    known = _stored.get(kind.__name__)
    if known is not None and known[0].__module__ != kind.__module__:
        raise TypeError(f"two modules declare a type named {kind.__name__}: {known[0].__module__}, {kind.__module__}")
    names = tuple(field.name for field in fields(kind))
    all_fields = Codec(lambda item: {name: getattr(item, name) for name in names}, lambda content: kind(**content))
    _stored[kind.__name__] = kind, codec or all_fields
