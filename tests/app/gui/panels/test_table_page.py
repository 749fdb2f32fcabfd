import numpy as np
import pytest

from graingraph.app.gui.panels.plots import histogram_plot, in_powers
from graingraph.app.gui.panels.table_page import FIGURE_SPACE, PAGE, TablePage, row_of
from graingraph.engine.values import Plot, Result, Series, Table


def table(rows: int = 250) -> Table:
    values = np.random.default_rng(3).normal(size=rows)
    values[7:8] = np.nan
    names = [f"g{i % 3}" for i in range(rows)]
    columns = {"Label": np.arange(1, rows + 1), "Area": values, "Image": np.array(names, object)}
    return Table(columns, {"Area": "µm²"})


def test_pages_hold_every_row_once_in_order():
    page = TablePage(table())
    seen = [row for i in range(page.pages) for row, _ in page.at(i).rows()]
    assert seen == list(range(250))
    assert page.pages == 3
    assert len(list(page.rows())) == PAGE
    assert page.turned(99).page == 2
    assert page.turned(-5).page == 0


def test_sorting_puts_missing_values_last_both_ways():
    for ascending in (True, False):
        page = TablePage(table()).sorted_by("Area", ascending)
        order = page.table.columns["Area"][page.order]
        steps = np.diff(order[:-1])
        assert (steps >= 0).all() if ascending else (steps <= 0).all()
        assert np.isnan(order[-1])


def test_equal_rows_keep_their_order_both_ways():
    for ascending in (True, False):
        page = TablePage(table(9)).sorted_by("Image", ascending)
        rows = [0, 3, 6, 1, 4, 7, 2, 5, 8] if ascending else [2, 5, 8, 1, 4, 7, 0, 3, 6]
        assert page.order.tolist() == rows


def test_things_of_all_sorts_can_be_sorted():
    page = TablePage(Table({"Value": np.array(["b", None, 3, "a"], object)}, {})).sorted_by("Value", True)
    assert [cells for _, cells in page.rows()] == [["3"], ["a"], ["b"], [""]]


def test_a_row_is_found_on_its_page_however_sorted():
    page = TablePage(table()).sorted_by("Area", False)
    for row in (0, 7, 99, 249):
        place, above = page.place_of(row)
        assert [found for found, _ in page.at(place).rows()][above] == row


def test_a_new_table_keeps_sorting_and_the_page_where_it_can():
    page = TablePage(table()).sorted_by("Area", True).at(2)
    assert (page.of(table(120)).page, page.of(table(120)).column) == (1, "Area")


def test_headings_have_units_and_cells_few_digits():
    assert TablePage(table()).headings == ["Label", "Area (µm²)", "Image"]


def test_a_statistic_has_the_digits_that_its_result_is_known_to():
    result = Result("Mean size", "µm", 8.71834, 7.1, 10.3, 5)
    columns = {"Statistic": np.array(["Mean", "Number"], object), "Value": np.array([8.71834, 123456.0])}
    shown = TablePage(Table({**columns, "Unit": np.array(["µm", ""], object)}, {}, "statistics", results=(result,)))
    assert [row[1] for _, row in shown.rows()] == ["8.7", "123456"]


def shown(*numbers: float) -> list[str]:
    page = TablePage(Table({"Size": np.array(numbers)}, {}))
    return [cells[0].replace(FIGURE_SPACE, " ") for _, cells in page.rows()]


def test_numbers_of_a_column_end_below_each_other_with_the_same_decimals():
    assert shown(8.123, 27.5, 1061.4) == ["   8.1", "  27.5", "1061.4"]
    assert shown(0.5, 0.25, np.nan) == ["0.5000", "0.2500", ""]
    assert shown(1, 22, 333) == ["  1", " 22", "333"]
    assert shown(-1.5, 2.25) == ["-1.500", " 2.250"]


def test_a_column_over_many_orders_of_magnitude_keeps_the_digits_of_each():
    assert [text.strip() for text in shown(1e-9, 1.5, 2e9)] == ["1·10⁻⁹", "1.5", "2·10⁹"]


def test_a_feature_is_found_by_label_and_in_pooled_tables_by_image():
    pooled = Table({"Image": np.array(["a", "b"], object), "Label": np.array([1, 1])}, {})
    assert row_of(pooled, 1, "b") == 1
    assert row_of(pooled, 2, "b") is None
    assert row_of(Table({"Area": np.array([1.0])}, {}), 1) is None


def test_the_histogram_counts_every_number_once():
    plot = histogram_plot(table(), "Area")
    assert plot is not None
    assert plot.series[0].y.sum() == 249
    assert histogram_plot(table(), "Image") is None
    assert histogram_plot(table(1), "Area") is None


def test_numbers_along_an_axis_have_a_power_of_ten_in_its_label() -> None:
    x = np.array([1.0, 2.0])
    plot = Plot("", "Diameter (µm)", "Number per volume (1/mm³)", (Series("a", x, np.array([1.5e8, 2.6e8])),))
    scaled = in_powers(plot)
    assert (scaled.x_label, scaled.y_label) == ("Diameter (µm)", "Number per volume (1/mm³), in 10⁸")
    assert scaled.series[0].y.tolist() == pytest.approx([1.5, 2.6])
    assert scaled.series[0].x.tolist() == [1, 2]
    assert in_powers(scaled) is scaled
