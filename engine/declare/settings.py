"""Settings of a node: what a keyword-only parameter's annotation says, and how a value is checked and written.

A setting is a bool, int, float, str, a ``Literal`` choice, a ``ModelFile``, or a tuple of small NamedTuples of those.
``Annotated`` adds ``Range``, ``Unit``, ``When``, ``Label``, ``NamesClass``, ``GreyLevel``, ``FileBeside``, ``Stated``
and ``NotEmpty``.
In the recipe file a setting is its JSON value.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NewType, get_args, get_origin, get_type_hints

import numpy as np

from graingraph.engine.values.wording import short

MOST = sys.float_info.max
MOST_WHOLE = 2**53
"""Beyond this, whole numbers are no longer told apart by other readers of JSON."""

ModelFile = NewType("ModelFile", str)
"""A setting that refers to a trained model as ``file name@hash`` (no folder); empty means none yet."""
NO_MODEL = ModelFile("")
"""The setting of a node for which no model has been chosen yet."""


@dataclass(frozen=True)
class Range:
    """The values a number may take, both ends included; ``log`` asks for a logarithmic slider."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class Unit:
    """The unit shown behind a number: ``Unit("px")``."""

    text: str


@dataclass(frozen=True)
class Label:
    """The name shown to a person, where the parameter's own name does not read well."""

    text: str


@dataclass(frozen=True)
class NamesClass:
    """Marks a text that names a class of what arrives, in ``words`` around it; it follows when the class is renamed."""

    words: str = "{}"


@dataclass(frozen=True)
class GreyLevel:
    """Marks a number from 0 (black) to 1 (white) as a grey level of an image input; it is shown on its histogram."""

    of: str


@dataclass(frozen=True)
class FileBeside:
    """Marks a text that names a file (no folder) beside the image or in the folder above; its content counts.

    In it, {name} stands for the name of the image without its ending.
    """


@dataclass(frozen=True)
class Stated:
    """Marks what a person states about the work, which changes no number: it is no part of a recipe's identity."""


@dataclass(frozen=True)
class NotEmpty:
    """Marks a text without which the node cannot work, where it applies; blanks alone count as empty."""


class When:
    """Shows a setting, or uses an input, only where a setting has one of these values: ``When(method="manual")``."""

    def __init__(self, **conditions: Any) -> None:
        self.conditions = {k: v if isinstance(v, tuple) else (v,) for k, v in conditions.items()}

    def applies(self, settings: Mapping[str, Any]) -> bool:
        """Whether these settings (JSON values) meet the conditions."""
        return all(settings.get(k) in allowed for k, allowed in self.conditions.items())


@dataclass(frozen=True)
class Setting:
    """One setting of a node type. ``default`` is its JSON value; ``kind`` its Python type."""

    name: str
    kind: Any
    default: Any
    help: str
    label: str
    choices: tuple[str, ...] = ()
    range: Range | None = None
    unit: str = ""
    when: When | None = None
    names_class: NamesClass | None = None
    grey_level: GreyLevel | None = None
    file_beside: bool = False
    stated: bool = False
    not_empty: bool = False

    def applies(self, settings: Mapping[str, Any]) -> bool:
        """Whether this setting has any effect, given the values of the others."""
        return self.when is None or self.when.applies(settings)

    def is_missing(self, settings: Mapping[str, Any]) -> bool:
        """Whether it has to hold a text to work with these settings (JSON values), and holds none."""
        return self.not_empty and self.applies(settings) and not str(settings.get(self.name, self.default)).strip()

    def normalise(self, value: Any) -> Any:
        """Return the value as canonical JSON, or raise ``ValueError`` with a sentence naming what is allowed."""
        return _normalise(self.label, self.kind, value, self.choices, self.range, self.unit)

    def parse(self, text: str) -> Any:
        """Read the value from a command line (``--set node.setting=text``)."""
        if self.kind is bool:
            words = {
                "true": True,
                "yes": True,
                "on": True,
                "1": True,
                "false": False,
                "no": False,
                "off": False,
                "0": False,
            }
            if text.lower() not in words:
                raise ValueError(f"{self.label} is yes or no, not '{text}'")
            return words[text.lower()]
        if self.kind in (int, float):
            try:
                return self.normalise(float(text))
            except ValueError as error:
                if "could not convert" in str(error):
                    point = " with a point" if "," in text else ""
                    raise ValueError(f"{self.label} is a number{point}, not '{text}'") from None
                raise
        if get_origin(self.kind) is tuple:
            import orjson

            try:
                return self.normalise(orjson.loads(text))
            except orjson.JSONDecodeError:
                raise ValueError(f"{self.label} is a JSON list, not '{text}'") from None
        return self.normalise(text)

    def to_python(self, value: Any) -> Any:
        """Turn the JSON value into what the node function takes."""
        if get_origin(self.kind) is tuple:
            row = get_args(self.kind)[0]
            return tuple(row(**item) for item in value)
        return value

    def describe(self) -> str:
        """What may be entered, in words: ``number from 0 to 1``."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if get_origin(self.kind) is tuple:
            return "a list of " + " / ".join(get_args(self.kind)[0]._fields)
        word = {bool: "yes or no", int: "whole number", float: "number", str: "text"}.get(self.kind, "model file")
        return f"{word} from {short(self.range.low, 6)} to {short(self.range.high, 6)}" if self.range else word


def setting_from(name: str, hint: Any, default: Any, help_text: str) -> Setting:
    """Read a setting from its annotation and default; ``TypeError`` says what is wrong with the declaration."""
    kind, extras = (get_args(hint)[0], get_args(hint)[1:]) if get_origin(hint) is Annotated else (hint, ())
    choices = choices_of(kind)
    if not all(isinstance(choice, str) for choice in choices):
        raise TypeError(f"setting {name}: the choices of a Literal are texts")
    by_type = {type(extra): extra for extra in extras}
    unknown = set(by_type) - {Range, Unit, Label, When, NamesClass, GreyLevel, FileBeside, Stated, NotEmpty}
    if unknown:
        raise TypeError(f"setting {name}: {unknown} is not understood in Annotated")
    if not choices and kind not in (bool, int, float, str, ModelFile) and not _is_rows(kind):
        raise TypeError(f"setting {name}: {kind} is not a type that a setting can have")
    value_range = by_type.get(Range)
    if value_range and kind not in (int, float):
        raise TypeError(f"setting {name}: only a number has a Range")
    if {NamesClass, FileBeside, NotEmpty} & by_type.keys() and kind is not str:
        raise TypeError(f"setting {name}: only a text names a class or a file, or may be empty")
    if GreyLevel in by_type and value_range != Range(0, 1):
        raise TypeError(f"setting {name}: a grey level has Range(0, 1)")
    try:
        json_default = _normalise(name, kind, default, choices, value_range)
    except ValueError as error:
        raise TypeError(f"the default of {error}") from None
    return Setting(
        name=name,
        kind=kind,
        default=json_default,
        help=help_text,
        label=by_type[Label].text if Label in by_type else name.replace("_", " "),
        choices=choices,
        range=value_range,
        unit=by_type[Unit].text if Unit in by_type else "",
        when=by_type.get(When),
        names_class=by_type.get(NamesClass),
        grey_level=by_type.get(GreyLevel),
        file_beside=FileBeside in by_type,
        stated=Stated in by_type,
        not_empty=NotEmpty in by_type,
    )


def choices_of(kind: Any) -> tuple[str, ...]:
    """What may be chosen where the type is a ``Literal``; nothing for other types."""
    return tuple(get_args(kind)) if get_origin(kind) is Literal else ()


def _is_rows(kind: Any) -> bool:
    return get_origin(kind) is tuple and hasattr(get_args(kind)[0], "_fields")


def _normalise(
    name: str, kind: Any, value: Any, choices: tuple[str, ...] = (), limits: Range | None = None, unit: str = ""
) -> Any:
    if isinstance(value, np.generic):  # a setting computed in a notebook
        value = value.item()
    if choices:
        if value not in choices:
            raise ValueError(f"{name} is one of {', '.join(choices)}, not '{value}'")
        return value
    if _is_rows(kind):
        return _normalise_rows(name, get_args(kind)[0], value)
    if kind is bool:
        if not isinstance(value, bool):
            raise ValueError(f"{name} is yes or no, not {value!r}")
        return value
    if kind in (int, float):
        return _normalise_number(name, kind, value, limits, unit)
    if not isinstance(value, str):
        raise ValueError(f"{name} is text, not {value!r}")
    if len(value) > 10_000:
        raise ValueError(f"{name} is longer than 10 000 characters")
    return value


def _normalise_number(name: str, kind: Any, value: Any, limits: Range | None, unit: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MOST:
        raise ValueError(f"{name} is a number, not {value!r}")
    if kind is int and (value != int(value) or abs(value) > MOST_WHOLE):
        raise ValueError(f"{name} is a whole number, not {value:g}")
    if limits and not limits.low <= value <= limits.high:
        allowed = f"{_plain(limits.low)} to {_plain(limits.high)} {unit}".rstrip()
        raise ValueError(f"{name} is from {allowed}, not {_plain(value)}")
    return int(value) if kind is int else float(value)


def _plain(number: float) -> str:
    """As a person writes it: no powers of ten up to a thousand million."""
    return f"{number:.10g}"


def _normalise_rows(name: str, row: Any, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list | tuple) or len(value) > 1000:
        raise ValueError(f"{name} is a list of at most 1000 rows")
    hints = get_type_hints(row)
    rows = []
    for item in value:
        fields = item._asdict() if hasattr(item, "_asdict") else item
        if not isinstance(fields, dict) or set(fields) - set(hints):
            raise ValueError(f"each row of {name} has the fields {', '.join(hints)}")
        complete = {**row._field_defaults, **fields}
        if set(complete) != set(hints):
            raise ValueError(f"each row of {name} has the fields {', '.join(hints)}")
        rows.append({k: _normalise(f"{name}.{k}", hints[k], complete[k], choices_of(hints[k])) for k in hints})
    return rows
