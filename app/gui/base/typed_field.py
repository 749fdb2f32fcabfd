"""Fields to type into: what is typed counts when the field is left as well as by Enter, and no number is made up."""

import re
from collections.abc import Callable
from math import isfinite
from typing import Any

import dearpygui.dearpygui as dpg

NOTHING_TYPED = "Nothing was typed"
NO_NUMBER = "“{typed}” is no number"
NO_WHOLE_NUMBER = "“{typed}” is no whole number"
TOO_LARGE = "“{typed}” is too large"
READ_IN_TWO_WAYS = "“{typed}” can be read in two ways; write {thousands} or {decimals}"
OLD_ONE_KEPT = "{reason}; {number} is kept."

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_TWO_WAYS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)


class TypedField:
    """A text field. ``accept`` gets what was typed, once, and only where it is not what was there."""

    def __init__(self, text: str, accept: Callable[[str], None], **look: Any) -> None:
        self._text, self._accept = text, accept
        self.item = dpg.add_input_text(default_value=text, **look)
        with dpg.item_handler_registry() as handlers:
            dpg.add_item_deactivated_after_edit_handler(callback=lambda: self.commit())
        dpg.bind_item_handler_registry(self.item, handlers)

    def commit(self) -> None:
        """Take what was typed so far."""
        if not dpg.does_item_exist(self.item):
            return
        text = dpg.get_value(self.item)
        if text != self._text:
            self._text = text
            self._accept(text)

    def show(self, text: str) -> None:
        """Show another text."""
        self._text = text
        if dpg.get_value(self.item) != text:
            dpg.set_value(self.item, text)


class NumberField:
    """A field for a number, kept to the last digit. What is no number is refused with a word, and the old one stays."""

    def __init__(
        self,
        value: float,
        changed: Callable[[Any], None],
        complain: Callable[[str], None],
        *,
        whole: bool,
        **look: Any,
    ) -> None:
        self._value, self._changed, self._complain, self._whole = value, changed, complain, whole
        self._field = TypedField(number_text(value), self._accept, auto_select_all=True, **look)

    @property
    def item(self) -> int | str:
        """The widget."""
        return self._field.item

    def commit(self) -> None:
        """Take what was typed so far."""
        self._field.commit()

    def show(self, value: float) -> None:
        """Show another number, or the same one again."""
        self._value = value
        self._field.show(number_text(value))

    def _accept(self, text: str) -> None:
        before = self._value
        try:
            value = parse_number(text, whole=self._whole)
        except ValueError as error:
            self.show(before)
            self._complain(OLD_ONE_KEPT.format(reason=error, number=number_text(before)))
            return
        self.show(value)
        if value != before:
            self._changed(value)


def number_text(value: float) -> str:
    """The shortest text that is exactly this number: ``0.35``, ``100``, ``1e-06``."""
    return repr(value).removesuffix(".0")


def parse_number(text: str, *, whole: bool) -> float | int:
    """The number that a person typed, with a point or a comma; ``ValueError`` says why it is none."""
    typed = text.strip()
    if _TWO_WAYS.fullmatch(typed):
        thousands, decimals = typed.replace(",", ""), typed.replace(",", ".")
        raise ValueError(READ_IN_TWO_WAYS.format(typed=typed, thousands=thousands, decimals=decimals))
    plain = typed.replace(",", ".") if typed.count(",") == 1 and "." not in typed else typed
    if not _NUMBER.fullmatch(plain):
        raise ValueError(NO_NUMBER.format(typed=typed) if typed else NOTHING_TYPED)
    value = float(plain)
    if not isfinite(value):
        raise ValueError(TOO_LARGE.format(typed=typed))
    if not whole:
        return value
    if value != int(value):
        raise ValueError(NO_WHOLE_NUMBER.format(typed=typed))
    return int(plain) if plain.lstrip("+-").isdigit() else int(value)
