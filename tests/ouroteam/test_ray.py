"""Executor ray: the same team on a real multi-node cluster on this machine, including the loss of a node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

pytest.importorskip("ray")


@pytest.mark.skipif(os.environ.get("TEAM_RAY") != "1", reason="takes a minute: TEAM_RAY=1 runs it")
@pytest.mark.skipif(not shutil.which("unshare") or os.getuid() != 0, reason="wants a network namespace of its own")
def test_a_team_on_a_cluster_that_loses_a_node() -> None:
    folder = Path(tempfile.mkdtemp(prefix="otr-", dir="/tmp"))  # short: Ray's sockets have a path limit
    try:
        done = subprocess.run(
            ["unshare", "-n", "sh", "-c", 'ip link set lo up; exec "$@"', "sh", sys.executable,
             str(Path(__file__).with_name("ray_cluster.py")), str(folder)], capture_output=True, text=True, timeout=420,
            env={**os.environ, "RAY_TMPDIR": str(folder), "RAY_DISABLE_IMPORT_WARNING": "1", "RAY_USAGE_STATS_ENABLED": "0"})
        lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
        assert lines, done.stdout[-3000:] + done.stderr[-3000:]
        result = json.loads(lines[0][7:])
        assert result["lost"] and result["integrated"] == ["w-1", "w-2", "w-3", "w-4"], result
        assert result["node_lost"] >= 1 and result["open"] == 0 and result["orphans"] == 0, result
    finally:
        shutil.rmtree(folder, ignore_errors=True)
