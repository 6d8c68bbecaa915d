"""The generated modules are what the generators write today."""

import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.mark.parametrize("tool", sorted(path.name for path in TOOLS.glob("instructions_*.py")))
def test_generated_modules_are_current(tool: str) -> None:
    subprocess.run([sys.executable, str(TOOLS / tool), "--check"], check=True)
