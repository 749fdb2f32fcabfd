#!/usr/bin/env bash
# Set up a virtual environment and run every check: format, lint, types, documentation and the whole test suite.
# On Debian and Ubuntu, as root, it also installs what the window tests need; elsewhere those tests are skipped.
set -euo pipefail
cd "$(dirname "$0")"

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] && ! { command -v Xvfb && command -v xclip; } >/dev/null; then
  apt-get update -qq || true
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    xvfb xclip x11-utils libgl1 libglx-mesa0 libgl1-mesa-dri python3-venv >/dev/null || true
fi

python=${PYTHON:-python3}
[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[train,openvino,library,cluster,test]'

.venv/bin/ruff format --check .
.venv/bin/ruff check .
(cd .types && ../.venv/bin/mypy --config-file ../pyproject.toml)  # links that show mypy the floors as one package
.venv/bin/python -m mkdocs build --strict --quiet --site-dir build/site
.venv/bin/python -m pytest -q -n auto --dist worksteal "$@"
