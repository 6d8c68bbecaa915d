"""The documents are true: the tutorial runs as written, security.md names every attack, the page has its picture."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs" / "ouroteam"


def test_the_tutorial_runs_as_written(tmp_path: Path) -> None:
    text = (DOCS / "tutorial.md").read_text()
    part = text.split("<!-- test: begin -->")[1].split("<!-- test: end -->")[0]
    script = "set -e\n" + "\n".join(re.findall(r"```sh\n(.*?)```", part, re.S))
    (tmp_path / "bin").mkdir()
    for name, module in (("ouroteam", "ouroteam"), ("ouroteam-scripted-agent", "ouroteam.scripted")):
        file = tmp_path / "bin" / name
        file.write_text(f'#!/bin/sh\nexec {sys.executable} -m {module} "$@"\n')
        file.chmod(0o755)
    started = time.monotonic()
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=400,
                          stdin=subprocess.DEVNULL, env={**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}",
                                                         "HOME": str(tmp_path)})
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip().endswith("PASS three") and "ERROR" not in done.stdout.splitlines()[-3:]
    assert time.monotonic() - started < 300  # five minutes, also on a busy machine


def test_security_names_every_attack_and_sandbox() -> None:
    import hostile
    text = (DOCS / "security.md").read_text()
    for name in hostile.ATTACKS:
        assert f"`{name}`" in text, name
    for kind in ("none", "bubblewrap", "docker", "podman"):
        assert f"`{kind}`" in text


def test_every_complaint_names_tests_that_exist() -> None:
    text = (DOCS / "complaints.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert len(rows) > 20
    here = Path(__file__).parent
    for row in rows:
        named = re.findall(r"`(test_\w+\.py)::(\w+)`", row.split("|")[3])
        assert named or "hostile.py" in row or "./x bench" in row or row.startswith("| limit"), row
        for file, name in named:
            assert re.search(rf"^(def {name}\b|{name} = |class {name}\b)", (here / file).read_text(), re.M), (file, name)


def test_the_hostile_suite_refuses_to_run_here() -> None:
    done = subprocess.run([sys.executable, str(Path(__file__).with_name("hostile.py")), "--inside", "none", "pkill"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 3 and done.stderr.startswith("refused:")
    done = subprocess.run([sys.executable, str(Path(__file__).with_name("hostile.py")), "--one", "none", "pkill", "/dev/null"],
                          capture_output=True, text=True, timeout=60, env={**os.environ, "OUROTEAM_THROWAWAY": "forged"})
    assert done.returncode == 3 and "refused" in done.stderr


def test_unverified_presets_say_so() -> None:
    from ouroteam.streams import PRESETS
    text = (DOCS / "tutorial.md").read_text()
    for preset in PRESETS.values():
        line = next((row for row in text.splitlines() if row.startswith("|") and f"`{preset.name}`" in row), "")
        assert line or preset.name == "scripted", preset.name
        assert ("unverified" in line) == (not preset.verified)


def chromium() -> str:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""


@pytest.mark.skipif(not chromium(), reason="no Chromium here")
def test_the_page_in_a_browser(tmp_path: Path) -> None:
    """Headless Chromium shows the page of a demo run; with TEAM_SCREENSHOT=1 the picture goes into the docs."""
    from ouroteam.dashboard.state import overview
    from ouroteam.demo import run as run_demo
    from ouroteam.journal import Journal
    assert run_demo(6, True, True, tmp_path / "demo", True) == 0
    journal = tmp_path / "demo/project/.ouroteam/journal.db"
    assert overview(Journal(journal))["totals"]["integrated"] >= 35
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "ouroteam", "serve", "--port", str(port), "--journal", str(journal)],
                              stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/history", timeout=2).read()
                break
            except OSError:
                time.sleep(0.1)
        common = [chromium(), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                  f"--user-data-dir={tmp_path}/profile", "--window-size=1400,1050", "--virtual-time-budget=4000"]
        dom = subprocess.run([*common, "--dump-dom", f"http://127.0.0.1:{port}/"], capture_output=True, text=True,
                             timeout=90).stdout
        assert "worker-1" in dom and "polyline" in dom and ">landed<" in dom
        picture = tmp_path / "page.png"
        subprocess.run([*common, f"--screenshot={picture}", f"http://127.0.0.1:{port}/"], capture_output=True, timeout=90)
        assert picture.stat().st_size > 20_000
        if os.environ.get("TEAM_SCREENSHOT") == "1":
            shutil.copyfile(picture, DOCS / "dashboard.png")
    finally:
        server.terminate()
        server.wait(20)
