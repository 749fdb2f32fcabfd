from graingraph.app.gui.panels.batch_rows import remarks, rows_as_text, rows_to_show


def test_rows_are_copied_with_their_numbers_failures_first():
    rows = [
        {"Image": "a.tif", "Status": "ok", "Node": "", "Message": "", "Seconds": 0.5, "Mean (µm)": 27.5},
        {"Image": "b.tif", "Status": "failed", "Node": "load", "Message": "It is\nno image.", "Seconds": 0.1},
    ]
    lines = [line.split("\t") for line in rows_as_text(rows_to_show(rows, running=False)).split("\n")]
    assert lines == [
        ["Image", "Status", "Seconds", "Mean (µm)", "Message"],
        ["b.tif", "failed", "0.1", "", "It is no image."],
        ["a.tif", "ok", "0.5", "27.5", ""],
    ]


def test_copied_rows_hold_no_formula_and_no_nan():
    rows = [{"Image": "=1+1.tif", "Status": "ok", "Node": "", "Message": "", "Seconds": 0.5, "Mean (µm)": float("nan")}]
    assert rows_as_text(rows).split("\n")[1].split("\t") == ["'=1+1.tif", "ok", "0.5", "", ""]


def test_why_numbers_must_not_be_reported_comes_first_and_is_copied():
    rows = [
        {"Image": "a.tif", "Status": "ok", "Node": "", "Message": "", "Notes": "", "Not reportable": ""},
        {"Image": "b.tif", "Status": "ok", "Node": "", "Message": "", "Notes": "Dark.", "Not reportable": "No scale."},
    ]
    assert [remarks(row) for row in rows] == ["", "Not reportable: No scale.  Dark."]
    lines = [line.split("\t") for line in rows_as_text(rows).split("\n")]
    assert lines[0][-2:] == ["Not reportable", "Notes"]
    assert lines[2][-2:] == ["No scale.", "Dark."]
