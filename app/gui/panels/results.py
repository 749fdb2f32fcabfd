"""The results: the table of what is looked at, sorted and linked to its features, and a plot of it."""

from pathlib import Path

import dearpygui.dearpygui as dpg

from graingraph.app.document.content import Feature, features_for, table_for
from graingraph.app.document.names import output_title, title_in
from graingraph.app.document.session import OutputRef
from graingraph.app.gui.base.context import AppContext, Target
from graingraph.app.gui.base.copied_rows import copy_rows
from graingraph.app.gui.base.icons import icon, labelled
from graingraph.app.gui.base.nouns import ROW
from graingraph.app.gui.base.panel import Panel, panel
from graingraph.app.gui.base.rows import ROW_HEIGHT, row_theme
from graingraph.app.gui.base.text import cut, shortened_apart
from graingraph.app.gui.panels.headline import Headline
from graingraph.app.gui.panels.node_state import NOT_COMPUTED
from graingraph.app.gui.panels.plots import PlotView, column_statistics, histogram_plot
from graingraph.app.gui.panels.result_files import ResultFiles
from graingraph.app.gui.panels.table_page import PAGE, TablePage, row_of
from graingraph.app.gui.panels.table_rows import TableRows
from graingraph.app.rendering.geometry import Box, Point
from graingraph.app.services.live_evaluation import Wanted
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Plot, Table, Value, views
from graingraph.engine.values.csv import tab_separated
from graingraph.engine.values.notes import gravest_first, texts
from graingraph.engine.values.table import mean
from graingraph.engine.values.wording import counted

FOLLOW = "what is viewed"
SAVE_AS = "Save as…"
CHOOSE_A_TABLE = "Click a node that measures, or choose a table."
HEADLINE = "{node}: {headline}"
ROWS_IN_PAGES = "{rows}, {most} a page"
PAGE_BEFORE, NEXT_PAGE = "Rows before these", "Rows after these"
PAGE_OF = "{page} of {pages}"

IMAGE = "Image"
"""The column of tables over several images that names them."""
BESIDE, MOST_BESIDE = 440, 0.45
"""Width of the diagram and its numbers beside the table, at UI scale 1, in pixels; its largest share of the panel."""
MOST_WIDE = 300
"""Width at UI scale 1 to which the text in a cell is cut, in pixels."""


@panel("Results", place="bottom", order=10)
class Results(Panel):
    """Follows the viewed node, or stays with the table that was chosen. A row and its feature point at each other."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self._files = ResultFiles(app)
        self._choice: OutputRef | None = None
        self._offered: dict[str, OutputRef | None] = {}
        self._place: OutputRef | None = None
        self._page: TablePage | None = None
        self._plot: Plot | None = None
        self._plotted: tuple[Value | None, Plot | None] = (None, None)
        self._seen: tuple[object, ...] = ()
        self._feature: Feature | None = None
        self._rows: TableRows | None = None
        self._headings: list[str] = []
        self._parted = 0
        """How wide the diagram beside the table is."""
        self._names: dict[str, str] = {}
        """The names of images in the table as there is room for them."""
        self._scroll_to: float | None = None
        self._columns: dict[int | str, str] = {}
        self._histogram_of: tuple[int, str | None] | None = None
        self.widgets: dict[str, int | str] = {}

    def build(self, parent: int | str) -> None:
        """Make the empty panel."""
        scale = self._app.ui_scale
        with dpg.group(horizontal=True, parent=parent):
            self.widgets["table"] = dpg.add_combo(
                [FOLLOW], default_value=FOLLOW, width=round(170 * scale), callback=self._choose
            )
            self._back = dpg.add_button(label=icon("back"), callback=lambda: self._turn(-1), show=False)
            self._where = dpg.add_text("", show=False)
            self._on = dpg.add_button(label=icon("next"), callback=lambda: self._turn(1), show=False)
            for button, does in ((self._back, PAGE_BEFORE), (self._on, NEXT_PAGE)):
                with dpg.tooltip(button):
                    dpg.add_text(does)
            self.widgets["save value"] = dpg.add_button(
                label=labelled("save", SAVE_AS), callback=self._files.ask, show=False
            )
            self._headline = Headline(scale)
        with dpg.group(horizontal=True, parent=parent) as self._row:
            self._body = dpg.add_child_window(width=-1, border=False, horizontal_scrollbar=True)
            self._beside = dpg.add_child_window(border=False, width=-1, no_scrollbar=True)
        self._row_height = round(ROW_HEIGHT * scale)
        dpg.bind_item_theme(self._body, row_theme())
        self._plots = PlotView(self._beside, self._files.ask_picture, scale)
        self._table: int | str | None = None

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know: numbers in full."""
        table = self._page.table if self._page else None
        if table is None:
            return {}
        means = {name: repr(mean(table.columns[name])) for name in table.quantities}
        page = self._page.page if self._page else 0
        return {
            "node": self._place.node if self._place else None,
            "count": table.count,
            "means": means,
            "page": page,
            "save plot": _box(item) if (item := self._plots.widgets.get("save plot")) else None,
            "plot": self._plot.title if self._plot else None,
            "sorted": self._page.column if self._page else None,
            "chosen": self._chosen_label(),
            "rows": {str(row): _box(item) for row, item in list(self._rows.items.items())[:5]} if self._rows else {},
            "first": next(self._page.rows())[1] if self._page and table.count else None,
        }

    def refresh(self) -> None:
        """Follow the session."""
        session, live = self._app.session, self._app.live
        seen = (session.revision, id(live.evaluation), self._choice)
        if seen != self._seen:
            self._seen = seen
            self._follow()
        self._headline.refresh()
        self._part()
        self._plots.refresh()
        if self._app.feature != self._feature:
            self._feature = self._app.feature
            self._show_feature()
        if self._rows and self._rows.go_on() and self._scroll_to is not None and self._table is not None:
            dpg.set_y_scroll(self._table, self._scroll_to)
            self._scroll_to = None

    def _follow(self) -> None:
        session, live = self._app.session, self._app.live
        self._offer(session.recipe)
        place = self._wanted_place(session.recipe)
        live.want("results", [Wanted(*place)] if place and session.image else [])
        value = live.value(*place) if place else None
        plot = self._viewed_plot()
        if place != self._place or (value is None and not live.busy):
            self._place = place
            self._page = None
            self._rebuild()
        if isinstance(value, Table) and (self._page is None or value is not self._page.table):
            same = self._page is not None and list(self._page.table.columns) == list(value.columns)
            self._page = self._page.of(value) if same and self._page else TablePage(value)
            self._rebuild()
        self._show_plot(plot)
        dpg.configure_item(self.widgets["save value"], show=self._files.value is not None)

    def key(self, name: str) -> bool:
        """Ctrl+C puts the whole table that is shown on the clipboard, for a spreadsheet."""
        if name != "Ctrl+C" or self._page is None or self._table is None or not dpg.is_item_visible(self._table):
            return False
        page = self._page
        copy_rows(self._app, page.table.count, lambda: tab_separated(page.table, page.order))
        return True

    def pointed(self, at: Point) -> Target | None:
        """The table, where it is shown."""
        if self._table is None or not dpg.is_item_visible(self._table):
            return None
        left, top = dpg.get_item_rect_min(self.widgets["table"])[0], dpg.get_item_rect_max(self.widgets["table"])[1]
        width, height = dpg.get_item_rect_size(self._body)
        return "table" if Box(left, top, left + width, top + height).holds(at) else None

    def _wanted_place(self, recipe: Recipe) -> OutputRef | None:
        """The table chosen, that of the viewed node, or the last one that is measured for the image shown."""
        if self._choice is not None:
            return self._choice
        viewed = self._app.session.viewed
        place = table_for(recipe, viewed) if viewed and viewed.node in recipe.steps else None
        if place is None and viewed and viewed.node in recipe.steps:
            below = recipe.descendants(viewed.node)
            tables = [one for one in _tables(recipe) if one.node in below and one.node not in recipe.per_batch]
            place = tables[0] if tables else None
        return place

    def _offer(self, recipe: Recipe) -> None:
        offered: dict[str, OutputRef | None] = {FOLLOW: None}
        offered |= {output_title(recipe, place): place for place in _tables(recipe)}
        if offered != self._offered:
            self._offered = offered
            if self._choice not in offered.values():
                self._choice = None
            dpg.configure_item(self.widgets["table"], items=list(offered))
            shown = next(title for title, place in offered.items() if place == self._choice)
            dpg.set_value(self.widgets["table"], shown)

    # the table ---------------------------------------------------------------------------------------------------

    def _rebuild(self) -> None:
        page = self._page
        table = page.table if page else None
        words = (self._app.session.status(self._place.node).why or NOT_COMPUTED) if self._place else CHOOSE_A_TABLE
        if table:
            words = table.headline or _size(table)
            if self._place:
                words = HEADLINE.format(node=title_in(self._app.session.recipe, self._place.node), headline=words)
        remarks = texts(gravest_first(table.notes)) if table else ()
        self._headline.show(words, remarks, self._app.colors.states["running"])
        several = page is not None and page.pages > 1
        for item in (self._back, self._where, self._on):
            dpg.configure_item(item, show=several)
        headings = page.headings if page else []
        if headings != self._headings:
            self._headings = headings
            self._rebuild_table()
        self._fill()

    def _rebuild_table(self) -> None:
        """Make an empty table; one with the same columns is kept, with its sorting and scrolling."""
        if self._table is not None:
            dpg.delete_item(self._table)
        self._table = self._rows = None
        self._columns.clear()
        if self._page is None:
            return
        self._table = dpg.add_table(
            parent=self._body,
            header_row=True,
            sortable=True,
            sort_tristate=True,
            freeze_rows=1,
            row_background=True,
            borders_innerV=True,
            scrollY=True,
            scrollX=True,
            policy=dpg.mvTable_SizingFixedFit,
            callback=self._sort,
        )
        for column, heading in zip(self._page.table.columns, self._headings, strict=True):
            self._columns[dpg.add_table_column(label=heading, parent=self._table)] = column
        wide, scale = round(MOST_WIDE * self._app.ui_scale), self._app.ui_scale

        def fitted(column: int, text: str) -> str:
            return self._names.get(text) or cut(text, wide)

        self._rows = TableRows(self._table, self._row_height, fitted, self._pick, ui_scale=scale)

    def _fill(self) -> None:
        page = self._page
        if page is None or self._rows is None:
            return
        rows = list(page.rows())
        names = self._headings.index(IMAGE) if IMAGE in self._headings else None
        long = sorted({cells[names] for _, cells in rows}) if names is not None else []
        self._names = dict(zip(long, shortened_apart(long, MOST_WIDE * self._app.ui_scale), strict=True))
        self._rows.show(iter(rows), self._chosen_row())
        dpg.set_value(self._where, PAGE_OF.format(page=page.page + 1, pages=page.pages))

    def _sort(self, sender: int, specs: list[tuple[int, int]] | None) -> None:
        if self._page is None:
            return
        if not specs:
            self._page = TablePage(self._page.table)
        else:
            column, direction = specs[0]
            self._page = self._page.sorted_by(self._columns[column], direction > 0)
        self._fill()
        self._show_plot(self._viewed_plot())

    def _turn(self, by: int) -> None:
        if self._page:
            self._page = self._page.turned(by)
            self._fill()

    def _choose(self, sender: int, value: str) -> None:
        self._choice = self._offered[value]

    # features ----------------------------------------------------------------------------------------------------

    def _pick(self, sender: int, value: bool, row: int) -> None:
        session, page = self._app.session, self._page
        place = features_for(session.recipe, self._place) if self._place else None
        if page is None or place is None or "Label" not in page.table.columns:
            self._mark_row()
            return
        data = {name: column[row] for name, column in page.table.columns.items()}
        image = self._image_named(str(data["Image"])) if "Image" in data else session.image
        if image:
            session.show_image(image)
            self._feature = self._app.feature = Feature(image, place, int(data["Label"]))
            session.revision += 1
            self._mark_row()

    def _image_named(self, name: str) -> Path | None:
        return next((path for path in self._app.session.images if self._app.live.name(path) == name), None)

    def _show_feature(self) -> None:
        """Turn to the page of the feature that was clicked in the viewer."""
        feature, page = self._feature, self._page
        if feature and page and self._place:
            row = self._row_of(feature)
            if row is not None:
                place, above = page.place_of(row)
                if place != page.page:
                    self._page = page.at(place)
                    self._fill()
                self._scroll_to = max(0, above - 2) * 24 * self._app.ui_scale
        self._mark_row()

    def _row_of(self, feature: Feature) -> int | None:
        recipe = self._app.session.recipe
        if self._page is None or self._place is None or features_for(recipe, self._place) != feature.place:
            return None
        return row_of(self._page.table, feature.label, self._app.live.name(feature.image))

    def _mark_row(self) -> None:
        if self._rows:
            self._rows.choose(self._chosen_row())

    def _chosen_row(self) -> int | None:
        return self._row_of(self._app.feature) if self._app.feature else None

    def _chosen_label(self) -> int:
        """The label of the row that is selected now; 0 for none."""
        items = self._rows.items if self._rows else {}
        chosen = [row for row, item in items.items() if dpg.get_value(item)]
        labels = self._page.table.columns.get("Label") if self._page else None
        return int(labels[chosen[0]]) if chosen and labels is not None else 0

    # the plot ----------------------------------------------------------------------------------------------------

    def _viewed_plot(self) -> Plot | None:
        """The diagram of an output of the viewed node, of the first that has one."""
        viewed, live = self._app.session.viewed, self._app.live
        declared = self._app.session.recipe.steps[viewed.node].declared if viewed else None
        if viewed is None or declared is None:
            return None
        drawn = (pin.name for pin in declared.outputs if any(views.plot.of(kind) for kind in pin.kinds))
        value = next((value for name in drawn if (value := live.value(viewed.node, name)) is not None), None)
        diagram = views.plot.of(type(value)) if value is not None else None
        if value is not self._plotted[0]:
            self._plotted = (value, diagram(value) if diagram else None)
        return self._plotted[1]

    def _show_plot(self, viewed: Plot | None) -> None:
        plot, numbers = viewed, list[tuple[str, str]]()
        if plot is None and self._page is not None:
            key = (id(self._page.table), self._page.column)
            if self._histogram_of == key:
                return
            self._histogram_of = key
            quantities = self._page.table.quantities
            column = self._page.column if self._page.column in quantities else next(iter(quantities), "")
            plot = histogram_plot(self._page.table, column) if column else None
            numbers = column_statistics(self._page.table, column) if plot else []
        else:
            self._histogram_of = None
        self._plot = plot
        self._plots.show(plot, numbers)
        dpg.configure_item(self._beside, show=plot is not None)
        self._part()

    def _part(self) -> None:
        """Part the room between the table and the diagram beside it, if there is one."""
        whole = dpg.get_viewport_client_width() - dpg.get_item_rect_min(self._row)[0]
        beside = round(min(BESIDE * self._app.ui_scale, MOST_BESIDE * whole)) if self._plot else 1
        if beside != self._parted:
            self._parted = beside
            dpg.configure_item(self._body, width=-beside)


def _box(item: int | str) -> list[float]:
    return [*dpg.get_item_rect_min(item), *dpg.get_item_rect_max(item)]


def _tables(recipe: Recipe) -> list[OutputRef]:
    places = []
    for node in recipe.order:
        declared = recipe.steps[node].declared
        places += [OutputRef(node, pin.name) for pin in (declared.outputs if declared else ()) if Table in pin.kinds]
    return places


def _size(table: Table) -> str:
    rows = counted(table.count, ROW)
    return ROWS_IN_PAGES.format(rows=rows, most=PAGE) if table.count > PAGE else rows
