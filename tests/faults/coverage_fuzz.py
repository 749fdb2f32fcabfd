"""Files that are changed so that they reach code that none before has reached, by atheris (libFuzzer).

    pip install atheris
    python -m tests.faults.coverage_fuzz KIND [SECONDS]

The kinds are those of ``fuzz``; the first fault ends it, and the file is left in the current folder (crash-...).
"""

import sys
import tempfile
from pathlib import Path


def main(kind: str, seconds: int) -> None:
    """Fuzz what reads this kind for so many seconds."""
    import atheris

    with atheris.instrument_imports(include=["graingraph"]):
        from tests.faults.fuzz import require_bounded, samples

    sound = samples()[kind]
    with tempfile.TemporaryDirectory() as corpus:
        for number, (_, data) in enumerate(sound):
            (Path(corpus) / str(number)).write_bytes(data)
        longest = 2 * max(len(data) for _, data in sound) + 1000
        bounds = [f"-max_total_time={seconds}", f"-max_len={longest}", "-timeout=5", "-rss_limit_mb=3000"]
        names = [name for name, _ in sound]

        def attempt(data: bytes) -> None:
            require_bounded(kind, names[len(data) % len(names)], data)

        atheris.Setup([sys.argv[0], *bounds, corpus], attempt)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 600)
