"""The demo, end to end: scripted agents repair the sample repository through leases and the merge queue."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from ouroteam.journal import Journal


def test_demo_ends_green_and_loses_nothing(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "ouroteam", "demo", "--agents", "3", "--json", "--folder",
                           str(tmp_path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["green"] and result["integrated"] >= 35
    journal = Journal(tmp_path / "project/.ouroteam/journal.db")
    assert journal.value("SELECT count(*) FROM session WHERE ended IS NULL") == 0
    # every landed change exactly once
    merged = [e.data["merged"] for e in journal.events(kinds=("integrated",))]
    assert len(merged) == len(set(merged)) >= 35
    log = subprocess.run(["git", "log", "--format=%s", "main"], capture_output=True, text=True,
                         cwd=tmp_path / "project/.ouroteam/upstream.git").stdout
    assert log.count("Merge worker-") == len(merged)
    # clones are gone, logs are there
    assert not list((tmp_path / "project/.ouroteam/agents").glob("*/*/clone"))
    assert list((tmp_path / "project/.ouroteam/agent_logs").glob("worker-1/agent_*.log"))
