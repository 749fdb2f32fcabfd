"""The row of controls above the picture, and the look they add up to."""

import time
from collections.abc import Callable
from dataclasses import replace

import dearpygui.dearpygui as dpg

from graingraph.app.document.content import Content
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.icons import icon
from graingraph.app.gui.base.theme import accent_button
from graingraph.app.gui.viewer.second_picture import SecondPicture
from graingraph.app.gui.viewer.shown import Shown
from graingraph.app.gui.viewer.viewpoint import Compare
from graingraph.app.rendering.appearance import EACH, Cover, Legend, RenderStyle, Style, appearance_of

WHOLE_IMAGE = "Show the whole image (F)"
ONE_TO_ONE = "One pixel per pixel"
MEASURE = "Measure in the picture: lengths, distances of edges, angles, radii. Again: look and draw"
OVERLAYS: dict[str, tuple[Style, bool]] = {
    "Fill": ("fill", False),
    "Outline": ("outline", False),
    "Image only": ("off", False),
    "Features only": ("fill", True),
}
OPACITY = "Opacity of what lies over the micrograph"
COLORED_BY = "What the colour of a feature, class or mask shows"
COLOR_OF_MASK = "Colour of a mask"
KEEP_BESIDE = (
    "Keep what is shown in a second picture beside the first (Ctrl+7);\n"
    "then click another node to see both. Again: one picture."
)
IN_MORE = "Compare, histogram, contrast"
STOP_COMPUTING = "Stop computing (Esc, Ctrl+Period)"
COMPARE: dict[str, Compare] = {"Compare: off": "off", "Wipe": "wipe", "Difference": "difference"}
HOLD = "Hold A: keep what is shown to compare with"
LINKED = "Both pictures zoom and move as one"
HISTOGRAM = "Histogram"
STRETCH = "Stretch contrast"

SLOW_S = 0.3
FIXED = ("fit", "1:1", "tool", "color", "pin", "more")
LEAST = ("opacity", "1:1", "color")
"""What is left out first where the row is too long, so that the rest can be read."""
READABLE, SPACING = 0.9, 8
WIDTHS = {"overlay": 136, "opacity": 72, "color by": 140}
"""Widths at scale 1 of what can be narrower where the row would else be too long, in pixels."""


class Controls:
    """Widgets of the viewer; ``look_for`` says how a content shall be drawn."""

    def __init__(
        self,
        app: AppContext,
        shown: Shown,
        second: SecondPicture,
        parent: int | str,
        toggle_ruler: Callable[[], None],
    ) -> None:
        self._app, self._picture, self._second = app, shown, second
        self.look = RenderStyle()
        self.auto = False
        self.histogram = False
        self.legend: Legend | None = None
        self._since: float | None = None
        self._busy = False
        self._stops_here = True
        self._by = EACH
        self._columns: tuple[str, ...] = ()
        self._room = 0
        self._widths: dict[str, float] = {}
        self._ruled: tuple[object, ...] = ()
        self._compared: Compare = "off"
        self.widgets: dict[str, int | str] = {}
        self.group = dpg.add_group(parent=parent)
        with dpg.group(horizontal=True, parent=self.group):
            self._add("fit", dpg.add_button(label=icon("fit"), callback=shown.viewpoint.fit), WHOLE_IMAGE)
            self._add("1:1", dpg.add_button(label="1:1", callback=shown.viewpoint.actual_size), ONE_TO_ONE)
            self._add("tool", dpg.add_button(label=icon("ruler"), callback=lambda: toggle_ruler()), MEASURE)
            self._add(
                "overlay", dpg.add_combo(list(OVERLAYS), default_value=next(iter(OVERLAYS)), callback=self._set_overlay)
            )
            self._add(
                "opacity",
                dpg.add_slider_float(
                    default_value=0.45,
                    min_value=0,
                    max_value=1,
                    format="",  # the knob would cover a number
                    callback=self._set_opacity,
                ),
                OPACITY,
            )
            self._add(
                "color by",
                dpg.add_combo([EACH], default_value=EACH, callback=self._set_by),
                COLORED_BY,
            )
            self._add(
                "color",
                dpg.add_color_edit(
                    (*self.look.color, 255), no_inputs=True, no_alpha=True, label="##mask", callback=self._set_color
                ),
                COLOR_OF_MASK,
            )
            self._add("pin", dpg.add_button(label=icon("pin"), callback=lambda: app.pin_shown()), KEEP_BESIDE)
            self._add("more", dpg.add_button(label=icon("more")), IN_MORE)
            self._add(
                "stop",
                dpg.add_button(label=icon("stop"), show=False, callback=app.live.cancel),
                STOP_COMPUTING,
            )
        self._pinned: object = None
        with dpg.popup(self.widgets["more"], mousebutton=dpg.mvMouseButton_Left):
            off = next(iter(COMPARE))
            self._add("compare", dpg.add_combo(list(COMPARE), default_value=off, callback=self._set_compare))
            self._add("hold", dpg.add_button(label=HOLD, callback=shown.hold))
            self._add("linked", dpg.add_checkbox(label=LINKED, default_value=True, callback=self._set_linked))
            self._add("histogram", dpg.add_checkbox(label=HISTOGRAM, callback=self._set_histogram))
            self._add("auto", dpg.add_checkbox(label=STRETCH, callback=self._set_auto))

    def refresh(self, room: int) -> None:
        """Offer what the content can be coloured by, and to stop what is being computed; ``room`` is in pixels."""
        self._show_busy()
        if room != self._room and dpg.get_item_rect_size(self.widgets["more"])[0]:
            self._room = room
            self._fit(room)
        compared = self._picture.viewpoint.compare
        if compared != self._compared:
            self._compared = compared
            dpg.set_value(self.widgets["compare"], next(name for name, value in COMPARE.items() if value == compared))
        ruled = (self._picture.viewpoint.mode, self._app.colors)
        if ruled != self._ruled:
            self._ruled = ruled
            colors = self._app.colors
            theme = accent_button(colors.accent, colors.on_accent) if ruled[0] == "rule" else 0
            dpg.bind_item_theme(self.widgets["tool"], theme)
        if self._second.pinned != self._pinned:
            self._pinned = self._second.pinned
            dpg.configure_item(self.widgets["pin"], label=icon("unpin" if self._pinned else "pin"))
        content = self._picture.content
        columns = _choices(content)
        if columns != self._columns:
            self._columns = columns
            self._by = self._by if self._by in columns else _first_shown(content, columns)
            dpg.configure_item(self.widgets["color by"], items=columns, default_value=self._by)
            dpg.set_value(self.widgets["color by"], self._by)

    def _fit(self, room: int) -> None:
        """Make the wide ones narrower where the row would else be longer than the panel, and leave out the least."""
        scale = self._app.ui_scale
        for left_out in ((), *(LEAST[: count + 1] for count in range(len(LEAST)))):
            shown = [name for name in (*FIXED, *WIDTHS) if name not in left_out]
            fixed = sum(self._width_of(name) for name in shown if name in FIXED) + SPACING * scale * len(shown)
            share = (room - fixed) / scale / sum(WIDTHS[name] for name in shown if name in WIDTHS)
            if share >= READABLE:
                break
        for name in (*FIXED, *WIDTHS):
            dpg.configure_item(self.widgets[name], show=name not in left_out)
        taken = fixed + sum(scale * width * min(1.0, share) for name, width in WIDTHS.items() if name in shown)
        self._stops_here = room - taken > self._width_of("more") + SPACING * scale
        for name, width in WIDTHS.items():
            dpg.configure_item(self.widgets[name], width=round(width * scale * min(1.0, max(share, 0.4))))

    def _width_of(self, name: str) -> float:
        """The width of a widget of one width, which it also has while it is out of sight."""
        width = dpg.get_item_rect_size(self.widgets[name])[0]
        self._widths[name] = width or self._widths.get(name, 0.0)
        return self._widths[name]

    def _show_busy(self) -> None:
        """Offer to stop once computing has taken a moment, so that nothing flickers, and where there is room.

        The status line says what is computed, and the key that stops it.
        """
        now = time.monotonic()
        self._since = (self._since or now) if self._app.live.busy else None
        busy = bool(self._stops_here and self._since and now - self._since > SLOW_S)
        if busy != self._busy:
            self._busy = busy
            dpg.configure_item(self.widgets["stop"], show=busy)

    def look_for(self, content: Content, chosen: int, cover: Cover, *, second: bool = False) -> RenderStyle:
        """The look of a content with the palette and plane that it needs; ``cover`` is how strongly classes show.

        The legend is that of the first picture.
        """
        look, features = replace(self.look, chosen=chosen), content.features
        legend = None
        if features is not None:
            look, legend = appearance_of(type(features)).styled(look, features, content.table, self._by, cover)
        if not second:
            self.legend = legend
        return look

    def _add(self, name: str, item: int | str, tip: str = "") -> None:
        self.widgets[name] = item
        if tip:
            with dpg.tooltip(item):
                dpg.add_text(tip)

    def _set_overlay(self, sender: int, value: str) -> None:
        style, alone = OVERLAYS[value]
        self.look = replace(self.look, style=style, alone=alone)

    def _set_opacity(self, sender: int, value: float) -> None:
        self.look = replace(self.look, opacity=value)

    def _set_by(self, sender: int, value: str) -> None:
        self._by = value
        self._picture.look_again()

    def _set_color(self, sender: int, value: list[float]) -> None:
        factor = 255 if max(value[:3]) <= 1 else 1
        red, green, blue = (round(v * factor) for v in value[:3])
        self.look = replace(self.look, color=(red, green, blue))

    def _set_compare(self, sender: int, value: str) -> None:
        self._compared = self._picture.viewpoint.compare = COMPARE[value]
        if self._picture.other is None:
            self._picture.hold()

    def _set_linked(self, sender: int, value: bool) -> None:
        self._second.link(value)

    def _set_histogram(self, sender: int, value: bool) -> None:
        self.histogram = value

    def _set_auto(self, sender: int, value: bool) -> None:
        self.auto = value
        self._picture.look_again()


def _choices(content: Content) -> tuple[str, ...]:
    """What a content can be coloured by."""
    features = content.features
    return appearance_of(type(features)).colorings(features, content.table) if features is not None else (EACH,)


def _first_shown(content: Content, columns: tuple[str, ...]) -> str:
    features = content.features
    return columns[0] if features is None else appearance_of(type(features)).first_coloring(features, columns)
