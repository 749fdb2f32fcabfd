"""Declaring a node: one typed function is the whole declaration.

Positional parameters are input pins, keyword-only parameters are settings, the return annotation is the output pin
(a NamedTuple for several), the docstring is the help. Everything else (pins, inspector widgets, ``--set``, the node
reference) is made from what is found here. A declaration is checked when it is registered.
"""

import inspect
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from graingraph.engine.declare.injected import INJECTED, EveryImage, Marks
from graingraph.engine.declare.roles import Calibrated, DrawnOn, LearntLive, Trained
from graingraph.engine.declare.settings import Setting, When, setting_from
from graingraph.engine.problem import Problem
from graingraph.engine.values import PerImage, Value


class DeclarationError(TypeError):
    """A node function that cannot be a node; the message says what to change in its signature or docstring."""


@dataclass(frozen=True)
class Pin:
    """One input or output of a node.

    ``kinds`` are the value types it takes or gives. ``follows`` names the input whose actual type this output has
    (declared with a ``TypeVar``). ``gathers`` marks an input that takes the value of every image (``PerImage[T]``).
    An input is used only ``when`` settings have certain values.
    """

    name: str
    kinds: tuple[type[Value], ...]
    optional: bool = False
    gathers: bool = False
    follows: str | None = None
    when: When | None = None

    def applies(self, settings: Mapping[str, Any]) -> bool:
        """Whether this input is used, given the settings of its node; what is wired there has no effect otherwise."""
        return self.when is None or self.when.applies(settings)

    def accepts(self, kinds: tuple[type[Value], ...]) -> bool:
        """Whether a value of any of these kinds may arrive here."""
        return any(issubclass(kind, self.kinds) for kind in kinds)

    def __str__(self) -> str:
        kinds = " or ".join(kind.__name__ for kind in self.kinds)
        return f"every image's {kinds}" if self.gathers else kinds


@dataclass(frozen=True)
class Renamed:
    """A migration that gives settings new names (old name: new name); who still says an old one is told the new."""

    names: Mapping[str, str]

    def __call__(self, settings: dict[str, Any]) -> dict[str, Any]:
        """The settings by their new names."""
        return {self.names.get(name, name): value for name, value in settings.items()}


@dataclass(frozen=True)
class NodeType:
    """A registered node: what the function's signature, annotations and docstring say."""

    name: str
    category: str
    version: int
    function: Callable[..., Any]
    inputs: tuple[Pin, ...]
    outputs: tuple[Pin, ...]
    settings: tuple[Setting, ...]
    injected: Mapping[str, type]
    summary: str
    help: str
    synonyms: tuple[str, ...] = ()
    keep_on_disk: bool = False
    drawn_on: DrawnOn | None = None
    calibrated: Calibrated | None = None
    trained: Trained | None = None
    learnt_live: LearntLive | None = None
    environment: Callable[[], str] | None = None
    files: tuple[str, ...] = ()
    migrations: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)

    @property
    def on_request(self) -> bool:
        """Whether it runs only when asked for; otherwise its recorded product is used."""
        return self.trained is not None

    @property
    def gathers(self) -> bool:
        """Whether it exists once per batch because it gathers; with ``EveryImage`` it exists once per image."""
        return any(pin.gathers for pin in self.inputs) and not self.takes(EveryImage)

    @property
    def without_stand_in(self) -> Pin | None:
        """The first output for which no input can stand in; None for a node that can be muted."""
        passed = [pin for pin in self.inputs if not pin.gathers]
        return next((pin for pin in self.outputs if not any(one.accepts(pin.kinds) for one in passed)), None)

    def input(self, name: str) -> Pin | None:
        """The input pin of that name, if there is one."""
        return next((pin for pin in self.inputs if pin.name == name), None)

    def output(self, name: str) -> Pin | None:
        """The output pin of that name, if there is one."""
        return next((pin for pin in self.outputs if pin.name == name), None)

    def setting(self, name: str) -> Setting | None:
        """The setting of that name, if there is one."""
        return next((setting for setting in self.settings if setting.name == name), None)

    def name_now(self, name: str, since: int = 1) -> str:
        """What a setting that was called so in version ``since`` is called now."""
        for version in range(since, self.version):
            migration = self.migrations.get(version)
            name = migration.names.get(name, name) if isinstance(migration, Renamed) else name
        return name

    def no_setting(self, name: str) -> str:
        """What to say to someone who names a setting that is not there."""
        if self.name_now(name) != name:
            return f"{self.name}'s setting {name} is called {self.name_now(name)} now."
        return f"{self.name} has no setting {name}; it has {', '.join(s.name for s in self.settings) or 'none'}."

    def missing(self, setting: Setting) -> str:
        """What to say where a setting is empty that may not be."""
        return f"The setting '{setting.label}' of {self.name} is empty; fill it in."

    def defaults(self) -> dict[str, Any]:
        """Every setting at its default, as JSON values."""
        return {setting.name: setting.default for setting in self.settings}

    def takes(self, kind: type) -> bool:
        """Whether it reads this besides its inputs, such as ``Marks``."""
        return kind in self.injected.values()

    def gives(self, kind: type) -> bool:
        """Whether an output of it may be a value of this type, such as ``Table``, or of a kind of it."""
        return any(issubclass(one, kind) for pin in self.outputs for one in pin.kinds)

    def call(self, inputs: Mapping[str, Any], settings: Mapping[str, Any], injected: Mapping[str, Any]) -> Any:
        """Run the function; the result is a mapping from output pin to value. Raises ``Problem``."""
        for setting in self.settings:
            if setting.is_missing(settings):
                raise Problem(self.missing(setting))
        arguments = {s.name: s.to_python(settings[s.name]) for s in self.settings}
        result = self.function(**inputs, **arguments, **injected)
        several = result if hasattr(result, "_fields") else (result,)
        for pin, value in zip(self.outputs, several, strict=True):
            if not isinstance(value, pin.kinds):
                raise TypeError(f"its output {pin.name} is a {type(value).__name__}, not a {pin}")
        return dict(zip((pin.name for pin in self.outputs), several, strict=True))


REGISTRY: dict[str, NodeType] = {}


def known_types() -> Mapping[str, NodeType]:
    """The node types that this program knows, by name: what a recipe is made of where no others are handed in."""
    return REGISTRY


def node(
    name: str,
    *,
    category: str,
    version: int = 1,
    synonyms: tuple[str, ...] = (),
    keep_on_disk: bool = False,
    drawn_on: DrawnOn | None = None,
    calibrated: Calibrated | None = None,
    trained: Trained | None = None,
    learnt_live: LearntLive | None = None,
    environment: Callable[[], str] | None = None,
    files: tuple[str, ...] = (),
    migrations: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function as a node and return it unchanged.

    ``version`` rises when the numbers change for the same settings; ``migrations[v]`` turns the settings of version v
    into those of v + 1. ``keep_on_disk`` is for results that cost more to compute than to read. ``drawn_on`` says how
    a person draws on it, ``calibrated`` how it is told the size of a pixel. A ``trained`` node runs only when asked
    for; otherwise its recorded product is used. One that is ``learnt_live`` learns from every stroke. ``environment``
    names what changes the numbers besides inputs and settings (a processor, a library version); it becomes part of the
    cache key. ``files`` are the names of those that a batch always leaves of it, so that one of the same name that is
    somebody else's is noticed before anything is computed.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        declared = _declare(
            function,
            name=name,
            category=category,
            version=version,
            synonyms=synonyms,
            keep_on_disk=keep_on_disk,
            drawn_on=drawn_on,
            calibrated=calibrated,
            trained=trained,
            learnt_live=learnt_live,
            environment=environment,
            files=files,
            migrations=dict(migrations or {}),
        )
        if name in REGISTRY and REGISTRY[name].function.__module__ != function.__module__:
            raise DeclarationError(f"Two packages declare a node named {name}; rename one of them.")
        REGISTRY[name] = declared
        return function

    return register


def _declare(function: Callable[..., Any], **facts: Any) -> NodeType:
    name = facts["name"]
    if set(facts["migrations"]) - set(range(1, facts["version"])):
        raise DeclarationError(f"{name}: migrations must start from versions below {facts['version']}.")
    hints = get_type_hints(function, include_extras=True)
    doc = inspect.getdoc(function) or ""
    if not doc:
        raise DeclarationError(f"{name}: the docstring is the help shown to users; write one.")
    setting_help = _section(doc, "Settings")
    inputs, settings, injected, variables = [], [], {}, {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name not in hints:
            raise DeclarationError(f"{name}: annotate parameter {parameter.name}.")
        hint = hints[parameter.name]
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise DeclarationError(f"{name}: {parameter} must be a plain parameter: no *, ** or positional-only ones.")
        if parameter.kind is parameter.KEYWORD_ONLY and hint in INJECTED:
            injected[parameter.name] = hint
        elif parameter.kind is parameter.KEYWORD_ONLY:
            if parameter.default is parameter.empty:
                raise DeclarationError(f"{name}: setting {parameter.name} needs a default.")
            if parameter.name not in setting_help:
                raise DeclarationError(f"{name}: describe setting {parameter.name} under 'Settings:' in the docstring.")
            try:
                settings.append(setting_from(parameter.name, hint, parameter.default, setting_help[parameter.name]))
            except TypeError as error:
                raise DeclarationError(f"{name}: {error}") from None
        else:
            pin = _pin(name, parameter.name, hint, optional=parameter.default is not parameter.empty)
            inputs.append(pin)
            variables.update(dict.fromkeys(_variables(hint), parameter.name))
    undescribed = set(setting_help) - {s.name for s in settings}
    if undescribed:
        raise DeclarationError(f"{name}: the docstring describes settings that do not exist: {sorted(undescribed)}.")
    _check_conditions(name, settings, inputs)
    facts["drawn_on"] = _checked_roles(facts, inputs, settings, injected)
    summary, _, rest = doc.partition("\n")
    return NodeType(
        function=function,
        inputs=tuple(inputs),
        outputs=_outputs(name, hints.get("return"), variables),
        settings=tuple(settings),
        injected=injected,
        summary=summary.strip(),
        help=re.sub(r"\n*Settings:\n(?:[ \t]+.*\n?|\n)*", "\n\n", rest + "\n").strip(),
        **facts,
    )


def _check_conditions(name: str, settings: list[Setting], inputs: list[Pin]) -> None:
    by_name = {setting.name: setting for setting in settings}
    conditional: list[Setting | Pin] = [*settings, *inputs]
    for setting in conditional:
        for other, values in (setting.when.conditions if setting.when else {}).items():
            if other not in by_name:
                raise DeclarationError(f"{name}: {setting.name} depends on {other}, which is no setting.")
            try:
                for value in values:
                    by_name[other].normalise(value)
            except ValueError as error:
                raise DeclarationError(f"{name}: {setting.name} waits for a value that cannot be: {error}.") from None


def _checked_roles(
    facts: Mapping[str, Any], inputs: list[Pin], settings: list[Setting], injected: Mapping[str, type]
) -> DrawnOn | None:
    """How it is drawn on: as declared, or as every node that takes marks. What roles name has to be there.

    A node that takes marks because it is calibrated by them is drawn on only where that is declared.
    """
    trained: Trained | None = facts["trained"]
    learnt_live: LearntLive | None = facts["learnt_live"]
    calibrated: Calibrated | None = facts["calibrated"]
    takes_marks = Marks in injected.values()
    drawn_on: DrawnOn | None = facts["drawn_on"] or (DrawnOn() if takes_marks and not calibrated else None)
    if (drawn_on or calibrated) and not takes_marks:
        raise DeclarationError(f"{facts['name']}: what is drawn on it comes by a parameter annotated Marks.")
    layers = drawn_on.layers if drawn_on else None
    named = {layers.classes, layers.rest} if layers else set()
    unknown = ({drawn_on.over, drawn_on.faint} if drawn_on else set()) - {pin.name for pin in inputs}
    if trained:
        unknown |= {trained.truth} - {pin.name for pin in inputs}
        named |= {trained.product, trained.start_from}
    if learnt_live:
        unknown |= {learnt_live.strokes} - {pin.name for pin in inputs}
        named |= {learnt_live.live, learnt_live.product}
    if calibrated:
        named |= set(calibrated.settings(1.0, 1.0)) | set(calibrated.settings(1.0, 2.0))
    unknown |= named - {setting.name for setting in settings}
    unknown |= {one.grey_level.of for one in settings if one.grey_level} - {pin.name for pin in inputs}
    if unknown - {""}:
        raise DeclarationError(f"{facts['name']}: its roles name what it has not: {', '.join(sorted(unknown - {''}))}.")
    return drawn_on


def _outputs(name: str, hint: Any, variables: Mapping[Any, str]) -> tuple[Pin, ...]:
    if hint is None:
        raise DeclarationError(f"{name}: annotate what the function returns.")
    if isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields"):
        hints = get_type_hints(hint, include_extras=True)
        return tuple(_pin(name, output, hints[output], variables=variables) for output in hint._fields)
    kinds = _kinds(hint)
    default_name = kinds[0].__name__.lower() if len(kinds) == 1 else "result"
    return (_pin(name, default_name, hint, variables=variables),)


def _pin(
    node_name: str,
    pin_name: str,
    hint: Any,
    *,
    optional: bool = False,
    variables: Mapping[Any, str] | None = None,
) -> Pin:
    when = next((part for part in get_args(hint) if isinstance(part, When)), None)
    hint = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    fields = next((part for part in (hint, *get_args(hint)) if get_origin(part) is PerImage), None)
    gathers = fields is not None
    kinds = _kinds(get_args(fields)[0] if gathers else hint)
    if not kinds or not all(isinstance(kind, type) and issubclass(kind, Value) for kind in kinds):
        raise DeclarationError(f"{node_name}: {pin_name} must be annotated with a value type, not {hint}.")
    follows = next((variables[v] for v in _variables(hint) if v in variables), None) if variables else None
    return Pin(pin_name, kinds, optional=optional, gathers=gathers, follows=follows, when=when)


def _kinds(hint: Any) -> tuple[type[Value], ...]:
    """The value types an annotation stands for: a type, a union, ``T | None`` or a constrained ``TypeVar``."""
    if isinstance(hint, TypeVar):
        return hint.__constraints__ or ((hint.__bound__,) if hint.__bound__ else ())
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(kind for part in get_args(hint) if part is not type(None) for kind in _kinds(part))
    return (hint,)


def _variables(hint: Any) -> tuple[Any, ...]:
    if isinstance(hint, TypeVar):
        return (hint,)
    return tuple(v for part in get_args(hint) for v in _variables(part))


def _section(doc: str, title: str) -> dict[str, str]:
    """The ``name: text`` entries below ``title:`` in a docstring; deeper lines continue the entry above."""
    found = re.search(rf"^{title}:\n((?:[ \t]+.*\n?|\n)*)", doc + "\n", re.MULTILINE)
    entries: dict[str, str] = {}
    current = ""
    for line in (found.group(1) if found else "").splitlines():
        entry = re.match(r"^ {4}(\w+): (.*)$", line)
        if entry:
            current = entry.group(1)
            entries[current] = entry.group(2).strip()
        elif line.strip() and current:
            entries[current] += " " + line.strip()
    return entries


__all__ = ["REGISTRY", "DeclarationError", "NodeType", "Pin", "Renamed", "known_types", "node"]
