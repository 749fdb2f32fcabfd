"""The row of controls above the picture, and the look they add up to."""

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
FEATURES_OVER = "How features lie over the micrograph"
OPACITY = "Opacity of what lies over the micrograph"
COLORED_BY = "What the colour of a feature, class or mask shows: {what}"
COLOR_OF_MASK = "Colour of a mask"
KEEP_BESIDE = (
    "Keep what is shown in a second picture beside the first (Ctrl+7);\n"
    "then click another node to see both. Again: one picture."
)
IN_MORE = "Compare, histogram, contrast"
COMPARE: dict[str, Compare] = {"Compare: off": "off", "Wipe": "wipe", "Difference": "difference"}
HOLD = "Hold A: keep what is shown to compare with"
LINKED = "Both pictures zoom and move as one"
HISTOGRAM = "Histogram"
STRETCH = "Stretch contrast"

ROW = ("fit", "1:1", "tool", "overlay", "opacity", "color by", "color", "pin", "more")
LEAST = ("opacity", "1:1", "color", "color by", "overlay", "pin")
"""What goes behind the button of what is more first where the row is too long, so that the rest can be read."""
READABLE, SPACING = 0.85, 8
WIDTHS = {"overlay": 148, "opacity": 72, "color by": 140}
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
        self._by = EACH
        self._columns: tuple[str, ...] = ()
        self._room = 0
        self._behind: tuple[str, ...] = ()
        """What is behind the button of what is more instead of in the row."""
        self._parts: dict[str, int | str] = {}
        """The group of each widget with what explains it."""
        self._tips: dict[str, int | str] = {}
        self._ruled: tuple[object, ...] = ()
        self._compared: Compare = "off"
        self.widgets: dict[str, int | str] = {}
        self.group = dpg.add_group(parent=parent)
        with dpg.group(horizontal=True, parent=self.group) as self._row:
            self._add("fit", lambda: dpg.add_button(label=icon("fit"), callback=shown.viewpoint.fit), WHOLE_IMAGE)
            self._add("1:1", lambda: dpg.add_button(label="1:1", callback=shown.viewpoint.actual_size), ONE_TO_ONE)
            self._add("tool", lambda: dpg.add_button(label=icon("ruler"), callback=lambda: toggle_ruler()), MEASURE)
            self._add(
                "overlay",
                lambda: dpg.add_combo(list(OVERLAYS), default_value=next(iter(OVERLAYS)), callback=self._set_overlay),
                FEATURES_OVER,
            )
            self._add(
                "opacity",
                lambda: dpg.add_slider_float(
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
                lambda: dpg.add_combo([EACH], default_value=EACH, callback=self._set_by),
                COLORED_BY.format(what=EACH),
            )
            self._add(
                "color",
                lambda: dpg.add_color_edit(
                    (*self.look.color, 255), no_inputs=True, no_alpha=True, label="##mask", callback=self._set_color
                ),
                COLOR_OF_MASK,
            )
            self._add("pin", lambda: dpg.add_button(label=icon("pin"), callback=lambda: app.pin_shown()), KEEP_BESIDE)
            self._add("more", lambda: dpg.add_button(label=icon("more")), IN_MORE)
        self._pinned: object = None
        with dpg.popup(self.widgets["more"], mousebutton=dpg.mvMouseButton_Left):
            self._more = dpg.add_group()
            wide = round(WIDTHS["overlay"] * app.ui_scale)
            self._add(
                "compare",
                lambda: dpg.add_combo(
                    list(COMPARE), default_value=next(iter(COMPARE)), width=wide, callback=self._set_compare
                ),
            )
            self._add("hold", lambda: dpg.add_button(label=HOLD, callback=shown.hold))
            self._add("linked", lambda: dpg.add_checkbox(label=LINKED, default_value=True, callback=self._set_linked))
            self._add("histogram", lambda: dpg.add_checkbox(label=HISTOGRAM, callback=self._set_histogram))
            self._add("auto", lambda: dpg.add_checkbox(label=STRETCH, callback=self._set_auto))

    def refresh(self, room: int) -> None:
        """Offer what the content can be coloured by; ``room`` is the width of the panel, in pixels."""
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
            self._explain_colors()

    def _fit(self, room: int) -> None:
        """Make the wide ones narrower where the row would else be too long, and the least behind the last."""
        scale = self._app.ui_scale
        square = dpg.get_item_rect_size(self.widgets["more"])[0]
        for behind in (LEAST[:count] for count in range(len(LEAST) + 1)):
            row = [name for name in ROW if name not in behind]
            wide = [name for name in row if name in WIDTHS]
            fixed = square * (len(row) - len(wide)) + SPACING * scale * (len(row) - 1)
            share = (room - fixed) / scale / max(sum(WIDTHS[name] for name in wide), 1)
            if share >= READABLE or (not wide and fixed <= room):
                break
        if behind != self._behind:
            self._behind = behind
            for name in ROW:
                dpg.move_item(self._parts[name], parent=self._more if name in behind else self._row)
        for name, width in WIDTHS.items():
            dpg.configure_item(
                self.widgets[name], width=round(width * scale * (min(1.0, share) if name not in behind else 1.0))
            )

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

    def _add(self, name: str, make: Callable[[], int | str], tip: str = "") -> None:
        with dpg.group() as self._parts[name]:
            self.widgets[name] = make()
            if tip:
                with dpg.tooltip(self.widgets[name]):
                    self._tips[name] = dpg.add_text(tip)

    def _set_overlay(self, sender: int, value: str) -> None:
        style, alone = OVERLAYS[value]
        self.look = replace(self.look, style=style, alone=alone)

    def _set_opacity(self, sender: int, value: float) -> None:
        self.look = replace(self.look, opacity=value)

    def _set_by(self, sender: int, value: str) -> None:
        self._by = value
        self._explain_colors()
        self._picture.look_again()

    def _explain_colors(self) -> None:
        """Say when pointed at what the colours show: a long name has no room in the row."""
        dpg.set_value(self._tips["color by"], COLORED_BY.format(what=self._by))

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
