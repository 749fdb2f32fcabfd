"""How often the stated 95 % intervals hold the truth of theory: ``python -m tests.benchmarks.coverage``.

Fields out of sections of 3-D Voronoi grains, measured by the nodes, at a mean intercept of 12 and of 26 px: bias of
each measurement, and coverage at 5 and 20 fields, equal ones and ones of two sizes. Where theory knows no truth
(diameters), it is the mean of all fields. In brackets is how often the intervals hold the mean of all fields: what they
miss there is the interval's fault, what they miss besides is the bias's.
"""

import argparse
import math

import numpy as np

from graingraph.app.samples import phantoms
from graingraph.app.samples.measured_sections import INTERVALS, OF_GRAIN_SIZE, SECOND_PHASE, coverage, fields

ACROSS = 13
"""Mean intercepts along the side of a field."""


def main() -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--intercepts", type=float, nargs="+", default=[12.0, 26.0], help="true mean intercepts in px")
    parser.add_argument("--fields", type=int, default=3200, help="fields that specimens are drawn from")
    parser.add_argument("--times", type=int, default=4000, help="specimens drawn for each coverage")
    parser.add_argument("--lines", type=int, nargs="*", default=[0, 2], help="widths in px of boundaries; 0 for labels")
    given = parser.parse_args()
    for intercept in given.intercepts:
        for lines in given.lines:
            table(intercept, lines, given.fields, given.times)


def table(intercept: float, lines: int, count: int, times: int) -> None:
    """Measure ``count`` large fields and a quarter as many small ones, and print a line for each measurement."""
    side, sections = round(ACROSS * intercept), math.ceil(count / 16)
    large = fields(intercept, side, sections, 4 * side, 1, lines)
    small = fields(intercept, side // 2, max(1, sections // 4), 4 * side, 2, lines)
    truths = {
        "mean intercept by circles": intercept,
        "mean intercept by lines": intercept,
        "grains per area": 1e6 * phantoms.grains_per_area(intercept),
        "area fraction": 100 * SECOND_PHASE,
    }
    drawn = f"boundaries {lines} px wide" if lines else "labels"
    print(
        f"\n{drawn}, mean intercept {intercept:g} px, {len(large)} fields of {side} px, {len(small)} of {side // 2} px"
    )
    print(f"{'':28}{'bias':>7}{'':14} held by intervals of 5 and 20 fields, equal · of two sizes; (mean of all held)")
    rng = np.random.default_rng(3)
    for name in OF_GRAIN_SIZE if lines else INTERVALS:
        interval = INTERVALS[name]
        found = interval(large)
        truth = truths.get(name, found.value)
        held = []
        for pools in ([large], [large, small]):
            mean = interval([field for pool in pools for field in pool]).value
            for several in (5, 20):
                of_theory, of_mean = coverage(interval, pools, (truth, mean), several, times, rng)
                held.append(f"{100 * of_theory:7.1f} ({100 * of_mean:.1f})")
        bias, half = 100 * (found.value / truth - 1), 100 * found.half_width / truth
        print(f"{name:28}{bias:+6.2f} % ± {half:.2f} %  " + "".join(held), flush=True)
    print(f"{'':28}each ± {100 * 1.96 * math.sqrt(0.95 * 0.05 / times):.1f} (95 %, by the number of draws)", flush=True)


if __name__ == "__main__":
    main()
