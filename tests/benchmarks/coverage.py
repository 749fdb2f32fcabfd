"""How often the stated 95 % intervals hold the truth of theory: ``python -m tests.benchmarks.coverage``.

Fields out of sections of 3-D Voronoi grains, measured by the nodes: bias of each measurement, and coverage at 5 and 20
fields, equal ones and ones of two sizes. Where theory knows no truth (diameters), it is the mean of all fields.
"""

import argparse

import numpy as np

from graingraph.app.samples import phantoms
from graingraph.app.samples.measured_sections import INTERVALS, SECOND_PHASE, coverage, fields


def main() -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--intercept", type=float, default=26.0, help="true mean intercept in px")
    parser.add_argument("--sections", type=int, default=12, help="large sections, of 16 fields each")
    parser.add_argument("--times", type=int, default=2000, help="specimens drawn for each coverage")
    parser.add_argument("--lines", type=int, default=0, help="measure grain sizes of boundaries drawn so many px wide")
    given = parser.parse_args()
    side = round(13 * given.intercept)
    large = fields(given.intercept, side, given.sections, 4 * side, 1, given.lines)
    small = fields(given.intercept, side // 2, max(1, given.sections // 4), 4 * side, 2, given.lines)
    truths = {
        "mean intercept by circles": given.intercept,
        "mean intercept by lines": given.intercept,
        "grains per area": 1e6 * phantoms.grains_per_area(given.intercept),
        "area fraction": 100 * SECOND_PHASE,
    }
    print(f"{len(large)} fields of {side} px and {len(small)} of {side // 2} px, mean intercept {given.intercept:g} px")
    print(f"{'':28}{'bias':>7}{'  its 95 % CI':>14}   coverage at 5 and 20 fields, equal · of two sizes")
    rng = np.random.default_rng(3)
    for name, interval in INTERVALS.items():
        found = interval(large)
        truth = truths.get(name, found.value)
        held = [
            coverage(interval, pools, truth, count, given.times, rng)
            for pools in ([large], [large, small])
            for count in (5, 20)
        ]
        bias, half = 100 * (found.value / truth - 1), 100 * found.half_width / truth
        print(
            f"{name:28}{bias:+6.1f} %{half:>10.1f} %      " + "".join(f"{100 * one:7.1f}" for one in held), flush=True
        )


if __name__ == "__main__":
    main()
