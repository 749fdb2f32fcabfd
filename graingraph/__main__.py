"""``graingraph``, and ``python -m graingraph``: the command line."""

import sys


def main() -> None:
    """Run the command line. Ctrl-C is one word also while the program is still being loaded."""
    try:
        from graingraph.app.cli.main import main as run
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
