"""``ouroteam demo``: a team of scripted agents repairs a sample repository until its tests pass.

Input: how many agents. Output: the terminal view (or lines), exit code 0 when main is green at the end. Everything
is real: bare repository, clones, leases, merge queue, journal; only the agents are scripted.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ouroteam import salvage
from ouroteam.config import load
from ouroteam.dashboard.state import overview
from ouroteam.journal import Journal, NoJournal

_WORDS = ("lease queue merge branch commit rescue journal agent session budget sandbox process signal socket thread "
          "heartbeat ledger harness mission planner oracle replay digest kernel buffer cursor vector matrix tensor "
          "parser lexer token symbol linker loader object header section segment").split()
_CHECK = '''"""Checks every page against the dictionary: PASS page, or ERROR page: 'wrong' should be 'right' in FILE."""
import pathlib, sys

words = pathlib.Path("dictionary.txt").read_text().split()
bad = 0
for number, page in enumerate(sorted(pathlib.Path("pages").glob("*.txt"))):
    found = page.read_text().split()
    if found == [words[number]]:
        print(f"PASS {page.stem}")
    else:
        print(f"ERROR {page.stem}: '{' '.join(found)}' should be '{words[number]}' in {page}")
        bad = 1
sys.exit(bad)
'''
_TEAM = '''[team]
name = "demo"
until = "green"
[agent]
preset = "scripted"
extra_args = ["--do", "fix:3:0.3"]
[[role]]
name = "worker"
count = {agents}
[check]
command = "{python} check.py"
rule = "no-regression"
protected = ["check.py", "dictionary.txt"]
[queue]
interval = 0.1
start = 16
[session]
pause_between = 0.2
back_off = 0.5
[sandbox]
kind = "{sandbox}"
nice = 5
[planner]
assign = false
'''


def sample_repository(folder: Path, pages: int = 40, seed: int = 7) -> None:
    """A dictionary, pages with misspelt words, and a test for each page."""
    rng = random.Random(seed)
    (folder / "pages").mkdir(parents=True)
    words = [_WORDS[n % len(_WORDS)] for n in range(pages)]
    (folder / "dictionary.txt").write_text("\n".join(words) + "\n")
    (folder / "check.py").write_text(_CHECK)
    (folder / "NOTES.md").write_text("# Notes\n")
    for number, word in enumerate(words):
        at = rng.randrange(len(word) - 1)
        wrong = word[:at] + word[at + 1] + word[at] + word[at + 2:] if number % 8 else word
        wrong = wrong if wrong != word or number % 8 == 0 else word + "e"
        (folder / "pages" / f"page{number:02d}.txt").write_text(wrong + "\n")
    (folder / "MISSION.md").write_text("# Mission\nEvery page spells its word as the dictionary does.\n")
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "Pages, many of them wrong"]):
        subprocess.run(["git", "-c", "user.name=demo", "-c", "user.email=demo@localhost", *command], cwd=folder,
                       check=True, stdin=subprocess.DEVNULL)


def run(agents: int, keep: bool, plain: bool, folder: Path | None, as_json: bool, sandbox: str = "none",
        limit: float = 120.0) -> int:
    before = signal.signal(signal.SIGTERM, _leave)
    base = Path(folder) if folder else Path(tempfile.mkdtemp(prefix="ouroteam-demo-"))
    try:
        return _run(base, agents, keep or bool(folder), plain, as_json, sandbox, limit)
    finally:
        signal.signal(signal.SIGTERM, before)
        if not keep and not folder:
            salvage.remove(base)


def _run(base: Path, agents: int, keep: bool, plain: bool, as_json: bool, sandbox: str, limit: float) -> int:
    project = base / "project"
    sample_repository(project)
    (project / "team.toml").write_text(_TEAM.format(agents=agents, python=sys.executable, sandbox=sandbox))
    team, started = load(project / "team.toml"), time.time()
    source = str(Path(__file__).resolve().parents[1])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in (source, os.environ.get("PYTHONPATH", "")) if p)}
    with (base / "harness.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "ouroteam", "up", "-f", str(project / "team.toml"), "--for",
                                    str(limit)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env,
                                   start_new_session=True)
    journal_file = team.state / "journal.db"
    try:
        while not journal_file.exists() and process.poll() is None:
            time.sleep(0.02)
        if plain:
            _lines(journal_file, process, quiet=as_json)
        else:
            from ouroteam.dashboard.terminal import run as run_view
            run_view(journal_file, process)
            if process.poll() is None:  # q was pressed
                process.terminate()
        process.wait(60)
        journal = Journal(journal_file)
        data = overview(journal)
        green = journal.last("done") is not None
        journal.close()
    except NoJournal:
        print("the demo's team did not start:", file=sys.stderr)
        print((base / "harness.log").read_text(errors="replace")[-2000:], file=sys.stderr)
        return 1
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)
    totals = data["totals"]
    result = {"green": green, "seconds": round(time.time() - started, 1), "integrated": totals["integrated"],
              "sessions": totals["sessions"], "folder": str(base) if keep else ""}
    if as_json:
        print(json.dumps(result))
    else:
        print(f"main is {'green' if green else 'NOT green'} after {result['seconds']} s: {totals['integrated']} changes "
              f"by {agents} agents in {totals['sessions']} sessions, {totals['returned']} returned.")
        if not green:
            print((base / "harness.log").read_text(errors="replace")[-2000:], file=sys.stderr)
    if keep and not as_json:
        print(f"Look around in {project}: `git log team/main`, `ouroteam serve`, `ouroteam replay`.")
    return 0 if green else 1


def _leave(*_: object) -> None:
    """SIGTERM ends the demo as Ctrl-C does: the team goes down, the folder goes."""
    raise SystemExit(143)


def _lines(journal_file: Path, process: subprocess.Popen[bytes], quiet: bool) -> None:
    shown = 0.0
    while process.poll() is None:
        if not quiet and time.time() - shown > 2.0:
            shown = time.time()
            try:
                journal = Journal(journal_file)
                data = overview(journal)
                journal.close()
            except Exception:  # the journal is just being made
                continue
            last = data["curve"][-1] if data["curve"] else {"passed": 0, "failed": 0}
            working = sum(1 for a in data["agents"] if a["live"])
            print(f"{working} agents at work, {data['totals']['integrated']} changes landed, tests: "
                  f"{last['passed']} pass, {last['failed']} fail", flush=True)
        time.sleep(0.1)
