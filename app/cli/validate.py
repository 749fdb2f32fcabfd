"""``graingraph validate``: the measurements on built-in phantoms, and a record for the quality file."""

import time
from pathlib import Path

import orjson
import typer

from graingraph.app.cli.answers import require_new, teller


def validate(out: Path, overwrite: bool, as_json: bool) -> int:
    """Check every measurement and write the record; returns the exit code: 0 all within limits, 2 some are not."""
    from graingraph.app.samples.validation import Checked, checks
    from graingraph.engine.files import write_atomically
    from graingraph.engine.values.wording import amount
    from graingraph.engine.versions import versions
    from graingraph.nodes.reporting.validation_pdf import build_validation

    require_new(out, overwrite=overwrite)
    start = time.monotonic()

    def row(one: Checked) -> dict[str, str]:
        limited = one.limit < 1e9
        return {
            "Measurement": one.measurement,
            "Phantom": one.phantom,
            "Truth": amount(one.truth, one.unit) if limited else "mean of all",
            "Mean": amount(one.mean, one.unit),
            "Bias": f"{one.bias:+.2f} ± {one.bias_known_to:.2f} {'°' if one.unit == '°' else '%'}" if limited else "–",
            "Limit": f"± {one.limit:g} {'°' if one.unit == '°' else '%'}" if limited else "–",
            "Repeatability": amount(one.repeatability, one.unit, 2),
            "n": str(one.count),
            "Coverage": f"{one.coverage:.1f} %" if one.coverage == one.coverage else "–",
            "Kept": "yes" if one.kept else "NO",
        }

    found = list(checks(teller(quiet=as_json)))
    outside = sum(not one.kept for one in found)
    rows, seconds = [row(one) for one in found], time.monotonic() - start
    write_atomically(out, build_validation(rows, versions(), seconds, outside))
    if as_json:
        typer.echo(orjson.dumps({"outside": outside, "rows": rows, "record": str(out)}).decode())
    else:
        for one in rows:
            if one["Kept"] != "yes":
                typer.echo(f"{one['Measurement']} ({one['Phantom']}): bias {one['Bias']}, coverage {one['Coverage']}.")
        said = f"{len(rows) - outside} of {len(rows)} measurements keep their limits"
        typer.echo(f"{said}; the record is {out} ({seconds:.0f} s).")
    return 2 if outside else 0
