"""``python -m graingraph``: the command line."""

from graingraph.app.cli.main import main

if __name__ == "__main__":
    main()
