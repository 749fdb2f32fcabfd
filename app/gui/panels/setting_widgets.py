"""A widget for each kind of setting, made from its declaration."""

from collections.abc import Callable
from math import log10
from typing import Any, get_args, get_origin, get_type_hints

import dearpygui.dearpygui as dpg

from graingraph.engine.declare.settings import ModelFile, Setting, choices_of

WIDEST_SLIDER = 1e5
"""A linear range wider than this cannot be aimed at with a slider; only a field is shown."""

Change = Callable[[Any], None]


class SettingWidget:
    """The widgets of one setting. ``item`` is the one that is aimed at; ``show`` brings them to a value.

    A check box carries its own label, unless ``labelled`` is False.
    """

    def __init__(
        self,
        setting: Setting,
        value: Any,
        changed: Change,
        choose_model: Callable[[], None],
        *,
        labelled: bool = True,
    ) -> None:
        self.setting = setting
        self._box_label = heading(setting.label) if labelled else ""
        self._changed = changed
        self._items: list[int | str] = []
        self._log_sliders: list[tuple[int | str, float]] = []
        self.item = self._build(value, choose_model)

    def show(self, value: Any) -> None:
        """Show a value that came from elsewhere (undo, reset, a refused entry)."""
        if get_origin(self.setting.kind) is tuple:
            self._show_rows(value)
            return
        shown = model_name(value) if self.setting.kind is ModelFile else value
        for item in self._items:
            if dpg.get_value(item) != shown:
                dpg.set_value(item, shown)
        for item, low in self._log_sliders:
            dpg.set_value(item, log10(max(value, low)))

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
                button = dpg.add_button(label="Choose…", callback=choose_model)
                self._add(dpg.add_text(model_name(value)))
            return button
        if get_origin(setting.kind) is tuple:
            self._rows = dpg.add_group()
            self._show_rows(value)
            return self._rows
        return self._add(dpg.add_input_text(default_value=value, width=-1, callback=self._told))

    def _number(self, value: Any) -> int | str:
        setting, limits = self.setting, self.setting.range
        whole = setting.kind is int
        field: dict[str, Any] = {"default_value": value, "step": 0, "on_enter": True, "callback": self._told}
        if limits is None or (limits.high - limits.low > WIDEST_SLIDER and not limits.log):
            return self._add((dpg.add_input_int if whole else dpg.add_input_float)(width=-1, **field))
        wide: dict[str, Any] = {"clamped": True, "width": -1, "callback": self._told}
        with dpg.group(horizontal=True):
            entry = (dpg.add_input_int if whole else dpg.add_input_float)(width=_entry_width(), **field)
            if whole:
                slider = dpg.add_slider_int(
                    default_value=value, min_value=int(limits.low), max_value=int(limits.high), format="", **wide
                )
            elif limits.log:
                slider = self._log_slider(value, max(limits.low, limits.high * 1e-6), limits.high)
            else:
                slider = dpg.add_slider_float(
                    default_value=value, min_value=limits.low, max_value=limits.high, format="", **wide
                )
        if not whole:
            dpg.configure_item(entry, format="%.5g")
        self._add(entry)
        return slider if limits.log and not whole else self._add(slider)

    def _log_slider(self, value: float, low: float, high: float) -> int | str:
        """A slider over the logarithm; zero and what is below the slider's range sit at its left end."""

        def told(sender: int | str, place: float) -> None:
            self._changed(float(f"{10**place:.3g}"))

        item = dpg.add_slider_float(
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
        for place, row in enumerate(rows):
            with dpg.group(horizontal=True, parent=self._rows):
                dpg.add_button(label="✕", callback=self._row_remover(rows, place))
                for name, kind in hints.items():
                    self._cell(rows, place, name, kind, row[name])
                    with dpg.tooltip(dpg.last_item()):
                        dpg.add_text(heading(name))
        dpg.add_button(label="Add row", small=True, parent=self._rows, callback=self._row_adder(rows))

    def _cell(self, rows: list[dict[str, Any]], place: int, name: str, kind: Any, value: Any) -> None:
        def told(sender: int | str, new: Any) -> None:
            text = "#" + "".join(f"{round(c * 255 if c <= 1 else c):02x}" for c in new[:3]) if name == "color" else new
            self._changed([{**row, name: text} if i == place else row for i, row in enumerate(rows)])

        choices = choices_of(kind)
        if choices:
            width = round(0.9 * _entry_width())
            dpg.add_combo(choices, default_value=value, width=width, callback=told)
        elif name == "color":
            shown = tuple(int(value[i : i + 2], 16) for i in (1, 3, 5))
            dpg.add_color_edit(shown, no_inputs=True, no_alpha=True, callback=told)
        elif kind is float:
            dpg.add_input_float(
                default_value=value,
                step=0,
                format="%.3g",
                width=round(0.55 * _entry_width()),
                on_enter=True,
                callback=told,
            )
        else:
            dpg.add_input_text(default_value=str(value), width=-round(_entry_width()), on_enter=True, callback=told)

    def _row_remover(self, rows: list[dict[str, Any]], place: int) -> Callable[[], None]:
        return lambda: self._changed([row for i, row in enumerate(rows) if i != place])

    def _row_adder(self, rows: list[dict[str, Any]]) -> Callable[[], None]:
        blank = {**rows[-1]} if rows else dict(get_args(self.setting.kind)[0]._field_defaults)
        if "name" in blank:
            blank["name"] = f"{blank['name']} {len(rows) + 1}"
        return lambda: self._changed([*rows, blank])


def model_name(reference: str) -> str:
    """The file name of a model reference, in words for none."""
    return reference.rpartition("@")[0] or "none chosen"


def heading(label: str) -> str:
    """A label as it begins a line; a symbol such as σ stays as it is."""
    return label[:1].upper() + label[1:] if label[:1].isascii() else label


def _entry_width() -> int:
    size = dpg.get_text_size("0000000000")
    return round(size[0]) if size else 80
