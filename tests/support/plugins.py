"""Plug-in packages for tests: folders that look installed once they are on the path of a process."""

from pathlib import Path

PROFILE = Path(__file__).with_name("profile_plugin.py")


def install(site: Path, module: str, source: str, group: str = "graingraph.plugins") -> Path:
    """Put a package of one module, with an entry point in this group, into a folder for ``PYTHONPATH``."""
    site.mkdir(parents=True, exist_ok=True)
    (site / f"{module}.py").write_text(source, "utf-8")
    info = site / f"{module}-1.0.dist-info"
    info.mkdir()
    name = module.replace("_", "-")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {module}\n")
    return site
