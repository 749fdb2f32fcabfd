"""A change of the numbers of a node needs a new version of it: recipes, reports and people go by the version."""

import numpy as np
import pytest

from graingraph.engine.declare.node import NodeType
from tests.support.node_numbers import NEEDS_MORE, nodes, numbers_of, version_of, written

CLOSE = 1e-4
"""By what share numbers may differ: between processors, the last digits of floats do."""


@pytest.mark.parametrize(
    "declared", [one for one in nodes() if one.name not in NEEDS_MORE], ids=lambda declared: declared.name
)
def test_a_node_gives_the_numbers_of_its_version(declared: NodeType) -> None:
    known = written().get(declared.name, {}).get(version_of(declared))
    assert known is not None, (
        f"{declared.name} {declared.version} is new: look at what it gives, then write it down with "
        "python -m tests.support.node_numbers"
    )
    now = numbers_of(declared)
    differing = [case for case in known if not _agree(known[case], now.get(case))]
    assert not differing, (
        f"{declared.name} {declared.version} gives other numbers than it did ({', '.join(differing[:5])}): "
        "if they are meant, raise its version= (docs/howto/node.md), then python -m tests.support.node_numbers"
    )


def _agree(then: list[float] | str, now: list[float] | str | None) -> bool:
    if isinstance(then, str) or isinstance(now, str) or now is None:
        return then == now
    return len(then) == len(now) and bool(np.allclose(then, now, rtol=CLOSE, atol=1e-6))


def test_what_is_written_down_is_of_nodes_that_are_there_and_of_no_later_version() -> None:
    versions = {one.name: one.version for one in nodes()}
    for name, known in written().items():
        assert name in versions
        assert all(int(version.split()[0]) <= versions[name] for version in known), name
