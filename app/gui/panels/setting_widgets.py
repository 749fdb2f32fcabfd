"""A widget for each kind of setting, made from its declaration."""

from collections.abc import Callable
from functools import partial
from math import floor, log10
from typing import Any, get_args, get_origin, get_type_hints

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.icons import icon
from graingraph.app.gui.base.typed_field import NumberField, TypedField
from graingraph.engine.declare.settings import ModelFile, Setting, choices_of

CHOOSE = "Choose…"
NONE_CHOSEN = "none chosen"
ADD_ROW = "Add row"
TAKE_ROW_OUT = "Take this row out"

WIDEST_SLIDER = 1e5
"""A linear range wider than this cannot be aimed at with a slider; only a field is shown."""

Change = Callable[[Any], None]


class SettingWidget:
    """The widgets of one setting. ``item`` is the one that is aimed at; ``show`` brings them to a value.

    A check box carries its own label, unless ``labelled`` is False. ``complain`` hears why a typed number is refused.
    """

    def __init__(
        self,
        setting: Setting,
        value: Any,
        changed: Change,
        choose_model: Callable[[], None],
        complain: Callable[[str], None],
        *,
        labelled: bool = True,
    ) -> None:
        self.setting = setting
        self._box_label = heading(setting.label) if labelled else ""
        self._changed, self._complain = changed, complain
        self._fields: list[NumberField | TypedField] = []
        self._cells: list[NumberField | TypedField] = []
        self._items: list[int | str] = []
        self._log_sliders: list[tuple[int | str, float]] = []
        self.item = self._build(value, choose_model)

    def show(self, value: Any) -> None:
        """Show a value that came from elsewhere (undo, reset, a refused entry)."""
        if get_origin(self.setting.kind) is tuple:
            self._show_rows(value)
            return
        for field in self._fields:
            field.show(value)
        shown = model_name(value) if self.setting.kind is ModelFile else value
        for item in self._items:
            if dpg.get_value(item) != shown:
                dpg.set_value(item, shown)
        for item, low in self._log_sliders:
            dpg.set_value(item, log10(max(value, low)))

    def commit(self) -> None:
        """Take what is typed but not entered yet."""
        for field in [*self._fields, *self._cells]:
            field.commit()

    def _build(self, value: Any, choose_model: Callable[[], None]) -> int | str:
        setting = self.setting
        if setting.choices:
            return self._add(dpg.add_combo(setting.choices, default_value=value, width=-1, callback=self._told))
        if setting.kind is bool:
            return self._add(dpg.add_checkbox(label=self._box_label, default_value=value, callback=self._told))
        if setting.kind in (int, float):
            return self._number(value)
        if setting.kind is ModelFile:
            with dpg.group(horizontal=True):
                button = dpg.add_button(label=CHOOSE, callback=choose_model)
                self._add(dpg.add_text(model_name(value)))
            return button
        if get_origin(setting.kind) is tuple:
            self._rows = dpg.add_group()
            self._show_rows(value)
            return self._rows
        self._fields.append(TypedField(value, self._changed, width=-1))
        return self._fields[-1].item

    def _number(self, value: Any) -> int | str:
        setting, limits = self.setting, self.setting.range
        whole = setting.kind is int
        only = limits is None or (limits.high - limits.low > WIDEST_SLIDER and not limits.log)
        make = partial(NumberField, value, self._changed, self._complain, whole=whole)
        if limits is None or only:
            self._fields.append(make(width=-1))
            return self._fields[-1].item
        wide: dict[str, Any] = {"clamped": True, "no_input": True, "width": -1, "callback": self._told}
        with dpg.group(horizontal=True):
            self._fields.append(make(width=_entry_width()))
            if whole:
                slider = dpg.add_slider_int(
                    default_value=value, min_value=int(limits.low), max_value=int(limits.high), format="", **wide
                )
            elif limits.log:
                slider = self._log_slider(value, max(limits.low, limits.high * 1e-6), limits.high)
            else:
                decimals = max(0, 3 - floor(log10(limits.high - limits.low)))
                wide["callback"] = lambda sender, place: self._changed(round(place, decimals))
                slider = dpg.add_slider_double(
                    default_value=value, min_value=limits.low, max_value=limits.high, format="", **wide
                )
        return slider if limits.log and not whole else self._add(slider)

    def _log_slider(self, value: float, low: float, high: float) -> int | str:
        """A slider over the logarithm; zero and what is below the slider's range sit at its left end."""

        def told(sender: int | str, place: float) -> None:
            self._changed(float(f"{10**place:.3g}"))

        item = dpg.add_slider_double(
            no_input=True,
            default_value=log10(max(value, low)),
            min_value=log10(low),
            max_value=log10(high),
            format="",
            width=-1,
            callback=told,
        )
        self._log_sliders.append((item, low))
        return item

    def _add(self, item: int | str) -> int | str:
        self._items.append(item)
        return item

    def _told(self, sender: int | str, value: Any) -> None:
        self._changed(value)

    # rows --------------------------------------------------------------------------------------------------------

    def _show_rows(self, rows: list[dict[str, Any]]) -> None:
        hints = get_type_hints(get_args(self.setting.kind)[0])
        dpg.delete_item(self._rows, children_only=True)
        self._cells.clear()
        chosen = next((i for i, kind in enumerate(hints.values()) if choices_of(kind)), len(hints))
        for place in range(len(rows)):
            with dpg.group(horizontal=True, parent=self._rows):
                with dpg.tooltip(dpg.add_button(label=icon("delete"), callback=self._row_remover(rows, place))):
                    dpg.add_text(TAKE_ROW_OUT)
                self._row_cells(rows, place, dict(list(hints.items())[:chosen]), -round(_entry_width()))
            if chosen < len(hints):  # a choice and what follows it have no room beside the others
                with dpg.group(horizontal=True, parent=self._rows, indent=round(0.35 * _entry_width())):
                    self._row_cells(rows, place, dict(list(hints.items())[chosen:]), -1)
        dpg.add_button(label=ADD_ROW, small=True, parent=self._rows, callback=self._row_adder(rows))

    def _row_cells(self, rows: list[dict[str, Any]], place: int, hints: dict[str, Any], text_width: int) -> None:
        for name, kind in hints.items():
            with dpg.tooltip(self._cell(rows, place, name, kind, text_width)):
                dpg.add_text(heading(name))

    def _cell(self, rows: list[dict[str, Any]], place: int, name: str, kind: Any, text_width: int) -> int | str:
        value = rows[place][name]

        def changed(new: Any) -> None:
            self._changed([{**row, name: new} if i == place else row for i, row in enumerate(rows)])

        choices = choices_of(kind)
        if choices:
            width = round(1.6 * _entry_width())
            return dpg.add_combo(choices, default_value=value, width=width, callback=lambda sender, new: changed(new))
        if name == "color":
            shown = tuple(int(value[i : i + 2], 16) for i in (1, 3, 5))
            return dpg.add_color_edit(
                shown, no_inputs=True, no_alpha=True, callback=lambda sender, new: changed(_color_text(new))
            )
        if kind is float:
            width = round(0.42 * _entry_width())
            cell: NumberField | TypedField = NumberField(value, changed, self._complain, whole=False, width=width)
        else:
            cell = TypedField(str(value), changed, width=text_width)
        self._cells.append(cell)
        return cell.item

    def _row_remover(self, rows: list[dict[str, Any]], place: int) -> Callable[[], None]:
        return lambda: self._changed([row for i, row in enumerate(rows) if i != place])

    def _row_adder(self, rows: list[dict[str, Any]]) -> Callable[[], None]:
        blank = {**rows[-1]} if rows else dict(get_args(self.setting.kind)[0]._field_defaults)
        if "name" in blank:
            blank["name"] = f"{blank['name']} {len(rows) + 1}"
        return lambda: self._changed([*rows, blank])


def _color_text(parts: list[float]) -> str:
    return "#" + "".join(f"{round(c * 255 if c <= 1 else c):02x}" for c in parts[:3])


def model_name(reference: str) -> str:
    """The file name of a model reference, in words for none."""
    return reference.rpartition("@")[0] or NONE_CHOSEN


def heading(label: str) -> str:
    """A label as it begins a line; a symbol such as σ stays as it is."""
    return label[:1].upper() + label[1:] if label[:1].isascii() else label


def _entry_width() -> int:
    size = dpg.get_text_size("0000000000")
    return round(size[0]) if size else 80
