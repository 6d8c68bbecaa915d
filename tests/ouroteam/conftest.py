"""Makes the package importable from its source folder, here and in the processes that tests start."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

SOURCE = str(Path(__file__).resolve().parents[2] / "ouroteam" / "src")
if SOURCE not in sys.path:
    sys.path.insert(0, SOURCE)
os.environ["PYTHONPATH"] = os.pathsep.join(p for p in (SOURCE, os.environ.get("PYTHONPATH", "")) if p)
for _name in [name for name in os.environ if name.startswith(("OUROTEAM_", "GIT_"))]:
    del os.environ[_name]

pytest.importorskip("pydantic")
pytest.importorskip("psutil")
