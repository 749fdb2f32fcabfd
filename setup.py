"""The packages of the one importable name ``graingraph``: its floors lie beside it in folders of their own."""

from setuptools import find_packages, setup

FLOORS = ("app", "engine", "nodes", "graphs", "assets")

setup(
    packages=[
        "graingraph",
        *(f"graingraph.{floor}" for floor in FLOORS),
        *(f"graingraph.{floor}.{room}" for floor in FLOORS for room in find_packages(floor)),
    ],
    package_dir={f"graingraph.{floor}": floor for floor in FLOORS},
)
