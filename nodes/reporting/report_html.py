"""The report as one page for a browser: everything in one file, tables that sort, pictures that zoom."""

import base64
import html
import re

import pandas as pd

from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.values import Table
from graingraph.engine.values.notes import gravest_first, texts
from graingraph.engine.values.table import with_units
from graingraph.engine.values.wording import cell
from graingraph.nodes.reporting import findings
from graingraph.nodes.reporting.findings import ONLY_THESE, Content
from graingraph.nodes.reporting.picture import smaller
from graingraph.nodes.reporting.scale_mark import length_text, round_length

MOST_PICTURES, OTHERS_LONGEST = 12, 900
"""Fields of which a picture is on the page besides the typical one, and their longer side in pixels."""
MAX_ROWS = 2000
"""Rows of a table on the page; all of them are in the CSV files."""
QUANTITY = re.compile(r"\(?[-−+<>≤≥]?\d[\d.,]*(·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?(\s.*)?|–|not known|")
"""What is written of a number with its unit, or where there is none; other texts stand at the left of their column."""

STYLE = """
:root { color-scheme: light; --line: #d5d8dc; --faint: #667; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem; background: #fff; color: #191919;
  font: 15px/1.45 "DejaVu Sans", "Segoe UI", "Helvetica Neue", "Noto Sans", "Noto Sans CJK SC", sans-serif; }
h1 { margin: 0; font-size: 1.7rem; } h2 { margin: 2rem 0 .6rem; font-size: 1.15rem; }
.faint { color: var(--faint); font-size: .87em; overflow-wrap: anywhere; }
.verdict { margin: 1rem 0; font-weight: 700; font-size: 1.1rem; } .refused { background: #fadcd9; padding: .7rem 1rem; }
.caution { background: #fff4d6; } .stated { background: #f0f0f0; } .box { padding: .6rem 1rem; margin: 1rem 0; }
.box ul { margin: .3rem 0; padding-left: 1.2rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .87em; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th { background: #ebebeb; white-space: normal; } th button { all: unset; cursor: pointer; font-weight: 700; }
th button:focus-visible { outline: 2px solid #4a7fb5; } th[aria-sort=ascending] button::after { content: " ▲"; }
th[aria-sort=descending] button::after { content: " ▼"; }
th:first-child, td:first-child, .text, .texts td { text-align: left; }
figure { margin: 1rem 0; } figcaption { color: var(--faint); font-size: .87em; }
.zoom { overflow: hidden; border: 1px solid var(--line); cursor: zoom-in; touch-action: none; max-height: 80vh; }
.zoom > div { position: relative; transform-origin: 0 0; } .zoom img { display: block; width: 100%; }
.bar { position: absolute; right: 1.5%; bottom: 2%; background: #fff; padding: .15em .4em .3em; font-size: .8em;
  line-height: 1.3; text-align: center; pointer-events: none; }
.bar::after { content: ""; display: block; height: 3px; background: #000; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 0 1rem; }
.sign tr:nth-child(odd) td { height: 2.6rem; vertical-align: bottom; } .sign tr:nth-child(even) td { border: 0; }
.plot { max-width: 44rem; width: 100%; }
@media print { .zoom { max-height: none; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
"""

SCRIPT = """
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  table.querySelectorAll("th button").forEach((button, place) => button.addEventListener("click", () => {
    const heading = button.parentElement, up = heading.getAttribute("aria-sort") !== "ascending";
    table.querySelectorAll("th").forEach(other => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
    const key = row => { const cell = row.cells[place];
      return cell.dataset.number === undefined ? cell.textContent : Number(cell.dataset.number); };
    const missing = value => Number.isNaN(value) || value === "–";
    [...body.rows].map(row => [key(row), row]).sort(([a], [b]) => {
      if (missing(a) || missing(b)) return missing(a) - missing(b);
      const order = typeof a === "number" && typeof b === "number" ? a - b
        : String(a).localeCompare(String(b), undefined, { numeric: true });
      return up ? order : -order;
    }).forEach(([, row]) => body.append(row));
  }));
}
for (const box of document.querySelectorAll(".zoom")) {
  const picture = box.firstElementChild;
  let scale = 1, x = 0, y = 0, held = null;
  const show = () => {
    x = Math.min(0, Math.max(x, box.clientWidth * (1 - scale)));
    y = Math.min(0, Math.max(y, box.clientHeight - picture.offsetHeight * scale));
    picture.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    picture.firstElementChild.style.imageRendering = scale > 3 ? "pixelated" : "auto";
    box.style.cursor = scale > 1 ? "grab" : "zoom-in";
  };
  const zoom = (event, factor) => {
    const frame = box.getBoundingClientRect(), px = event.clientX - frame.left, py = event.clientY - frame.top;
    const next = Math.min(16, Math.max(1, scale * factor));
    x = px - (px - x) * next / scale; y = py - (py - y) * next / scale; scale = next; show();
  };
  box.addEventListener("wheel", event => { event.preventDefault(); zoom(event, Math.exp(-event.deltaY / 400)); },
    { passive: false });
  box.addEventListener("dblclick", event => zoom(event, scale > 1 ? 1 / 16 : 3));
  box.addEventListener("pointerdown", event => { held = [event.clientX - x, event.clientY - y];
    box.setPointerCapture(event.pointerId); });
  box.addEventListener("pointermove", event => { if (held) {
    x = event.clientX - held[0]; y = event.clientY - held[1]; show(); } });
  box.addEventListener("pointerup", () => { held = null; });
  picture.addEventListener("dragstart", event => event.preventDefault());
}
"""


def build_page(content: Content) -> bytes:
    """The finished page, UTF-8. It asks nothing of any host, which its policy forbids as well."""
    parts = [_heading(content), _record(content), _pictures(content)]
    if content.statistics is not None and content.statistics.count:
        parts.append(_section("Statistics", _table(findings.printed_statistics(content.statistics))))
    if content.fields is not None and content.fields.count:
        parts.append(_section("Fields", _table(content.fields)))
    if content.measurements is not None and content.measurements.count:
        parts.append(_section("Measurements", _table(content.measurements)))
    parts.append(_provenance(content))
    parts.append(f"<p><b>{_text(findings.last_line(content))}</b></p>")
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(content.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + f"\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    ).encode("utf-8", "replace")


def _text(value: object) -> str:
    return html.escape(str(value))


def _section(title: str, *parts: str) -> str:
    return f"<h2>{_text(title)}</h2>\n" + "\n".join(parts)


def _box(kind: str, title: str, lines: list[str], end: str = "") -> str:
    items = "".join(f"<li>{_text(line)}</li>" for line in lines)
    return f'<div class="box {kind}">{_text(title)}<ul>{items}</ul>{_text(end)}</div>'


def _heading(content: Content) -> str:
    parts = [f"<h1>{_text(content.title)}</h1>", f'<p class="faint">{_text(findings.heading(content))}</p>']
    said = findings.verdict(content)
    if said:
        parts.append(f'<p class="verdict{" refused" if content.reasons else ""}">{_text(said)}</p>')
    if content.results:
        parts.append(_section("Results", _frame(findings.results_table(content))))
    else:
        headlines = dict.fromkeys(table.headline for table in content.tables if table.headline)
        parts += [f'<p class="verdict">{_text(headline)}</p>' for headline in headlines]
    remarks = texts(gravest_first(note for note in content.notes if note.kind != "not reportable"))
    if remarks:
        parts.append(_box("caution", "Read before use:", list(remarks)))
    return "\n".join(parts)


def _record(content: Content) -> str:
    parts = []
    if any(content.header.values()) or content.limit is not None:
        parts.append(_section("Stated by the laboratory", _frame(findings.header_table(content), heading=False)))
    budget = findings.budget_table(content)
    if len(budget):
        about = f"{findings.BUDGET_REMARK} {content.corrected}."
        parts.append(_section("Uncertainty budget (standard uncertainties)", _frame(budget)))
        parts.append(f'<p class="faint">{_text(about)}</p>')
    deviations = findings.sentences(findings.deviations(content))
    parts.append(_box("stated", "Deviations and what is not stated:", deviations, ONLY_THESE))
    parts.append(_signatures(content))
    if content.measured_fields:
        parts.append(_section("Fields: pixel size and what was counted", _frame(findings.fields_table(content))))
    return "\n".join(parts)


def _signatures(content: Content) -> str:
    def line(title: str, name: str) -> str:
        cells = "".join(f"<td><small>{label}</small></td>" for label in (_text(title), "Date", "Signature"))
        return f"<tr><td>{_text(name)}</td><td></td><td></td></tr><tr>{cells}</tr>"

    lines = "".join(line(title, name) for title, name in findings.signatures(content))
    return f'<table class="texts sign"><tbody>{lines}</tbody></table>'


def _pictures(content: Content) -> str:
    picture = content.picture
    across = picture.scale.x * content.image.shape[1] if picture.scale is not None else 0.0
    parts = [_zooming(picture.jpeg, content.image_name, f"{picture.caption} Wheel or double click zooms.", across)]
    if content.plot is not None and content.plot_png is not None:
        title = _text(content.plot.title)
        image = _data(content.plot_png, "png")
        parts.append(f'<figure><img class="plot" alt="{title}" src="{image}"><figcaption>{title}</figcaption></figure>')
    others = [name for name in content.run.images if name != content.image_name][:MOST_PICTURES]
    drawn = {name: content.run.overlay(name) for name in others}
    wide = {one.image: one.scale.x * one.width for one in content.measured_fields if one.scale}
    made = {name: smaller(jpeg, OTHERS_LONGEST) for name, jpeg in drawn.items() if jpeg}
    small = [_zooming(jpeg, name, name, wide.get(name, 0.0)) for name, jpeg in made.items()]
    parts += [f'<div class="grid">{"".join(small)}</div>'] if small else []
    return _section("Pictures", *parts)


def _zooming(jpeg: bytes, name: str, caption: str, um: float) -> str:
    """A picture that zooms, with a scale bar where it is known how many ``um`` it is wide."""
    image = f'<img alt="{_text(name)}" src="{_data(jpeg, "jpeg")}">{_scale_bar(um) if um > 0 else ""}'
    return f'<figure><div class="zoom"><div>{image}</div></div><figcaption>{_text(caption)}</figcaption></figure>'


def _scale_bar(um: float) -> str:
    """A bar of a round length, about a fifth of the picture's width."""
    length = round_length(max(0.22 * um, 1e-6))
    return f'<span class="bar" style="width:{100 * length / um:.3f}%">{length_text(length)}</span>'


def _data(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _table(table: Table) -> str:
    frame = with_units(table).frame
    more = len(frame) > MAX_ROWS
    remark = f"The first {MAX_ROWS} of {len(frame)} rows; all of them are in the CSV files." if more else ""
    return _frame(frame.head(MAX_ROWS)) + (f'<p class="faint">{remark}</p>' if more else "")


def _frame(frame: pd.DataFrame, *, heading: bool = True) -> str:
    kinds = [' class="text"' if any(map(_is_text, values)) else "" for _, values in frame.items()]
    columns = zip(frame.columns, kinds, strict=True)
    titles = "".join(f"<th{kind}><button>{_text(title)}</button></th>" for title, kind in columns) if heading else ""
    rows = ("".join(map(_cell, values, kinds)) for values in frame.itertuples(index=False))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    kind = "sortable" if heading else "texts"
    return (
        f'<div class="wide"><table class="{kind}"><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not QUANTITY.fullmatch(value)


def _cell(value: object, kind: str) -> str:
    if not _is_number(value):
        return f"<td{kind}>{_text('–' if value is None else value)}</td>"
    return f'<td{kind} data-number="{value!r}">{_text(cell(value))}</td>'


def _provenance(content: Content) -> str:
    run = content.run
    recipe = recipe_file.parse(run.recipe_json)
    lines = [
        f"Recipe {run.recipe_name or '(unnamed)'}, id {run.recipe_id}.",
        *run.release,
        "; ".join(f"{name} {version}" for name, version in run.versions.items()),
    ]
    images = pd.DataFrame({"Image": list(run.images), "Hash": list(run.images.values())}).head(MAX_ROWS)
    described = f"<p>{_text(recipe.description)}</p>" if recipe.description else ""
    written = (
        f"<details><summary>The recipe</summary><pre class='faint'>{_text(run.recipe_json.decode())}</pre></details>"
    )
    said = "".join(f'<p class="faint">{_text(line)}</p>' for line in lines)
    return _section("Provenance", described, said, written, _frame(images))
