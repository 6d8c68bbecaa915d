"""What an agent does from inside of its session: claim, release, submit, check.

Input: the variables that the harness set (``OUROTEAM_DIR`` with ``team.json``), the clone in the current folder; for
a human at work in a clone of their own, team.toml and the name ``human``. Output: small results that the command
line prints. Nothing here needs the harness to be reachable: git and files do.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ouroteam import check, config
from ouroteam.claims import Claims, FileClaims, PushStore
from ouroteam.config import CheckSection
from ouroteam.reports import Report
from ouroteam.repository import RefChange, Repository


@dataclass
class Here:
    """Where we are."""

    agent: str
    session: str
    role: str
    main: str
    claims: str
    integration: str
    lease: float
    ref: str
    index: int
    count: int
    check: CheckSection
    exchange: Path | None
    clone: Path
    remote: str = "origin"

    @property
    def git(self) -> Repository:
        return Repository(self.clone)

    @property
    def private(self) -> Path:
        """A folder for logs and marks that is not part of the work tree."""
        if self.exchange:
            folder = self.exchange / "agent"
        else:
            found = self.git.run("rev-parse", "--git-path", "ouroteam", check=False)  # .git is a file in a work tree
            folder = self.clone / found.line if found.code == 0 else \
                Path(tempfile.gettempdir()) / f"ouroteam-check-{os.getuid()}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def here(optional: bool = False) -> Here:
    """``optional``: a human's team.toml may be missing."""
    top = subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, text=True, check=False)
    clone = Path(top.stdout.strip() or ".")
    folder = os.environ.get("OUROTEAM_DIR", "")
    if folder and (Path(folder) / "team.json").exists():
        data: dict[str, Any] = json.loads((Path(folder) / "team.json").read_text())
        return Here(data["agent"], data["session"], data["role"], data["main"], data["claims"], data["integration"],
                    data["lease"], data["ref"], data["index"], data["count"],
                    CheckSection.model_validate(data["check"]), Path(folder), clone)
    try:
        team = config.load()
    except config.NoConfig:
        if not optional:
            raise
        team = config.parse({"agent": {"preset": "scripted"}}, clone)
    remotes = subprocess.run(["git", "remote"], capture_output=True, text=True, check=False, cwd=clone).stdout.split()
    return Here("human", "by-hand", "human", team.team.main, team.team.claims, team.team.integration,
                max(team.lease.seconds, 8 * 3600.0), f"refs/heads/agents/human/{int(time.time())}", 0, 1, team.check,
                None, clone, "team" if "team" in remotes else "origin")


def _with_remote(where: Here) -> Here:
    """A human's clone may not know the shared repository yet."""
    remotes = where.git.run("remote").out.split()
    if where.exchange is None and where.remote not in remotes:
        raise ValueError("this clone has no remote `team`: `ouroteam up` adds it, or `git remote add team URL` with the "
                         "team's shared repository")
    return where


def claim(where: Here, task: str) -> bool:
    """True when the task is ours now."""
    where = _with_remote(where)
    if where.claims == "files":
        return FileClaims(where.clone, where.main, where.remote).take(task, where.agent, f"session {where.session}")
    claims = Claims(PushStore(where.clone, where.remote), where.lease)
    return claims.take(task, where.agent, where.session) is not None


def release(where: Here, task: str) -> bool:
    where = _with_remote(where)
    if where.claims == "files":
        return FileClaims(where.clone, where.main, where.remote).release(task)
    claims = Claims(PushStore(where.clone, where.remote), where.lease)
    lease = claims.all().get(task)
    return lease is not None and lease.agent == where.agent and claims.release(lease)


@dataclass(frozen=True)
class Verdict:
    """integrated, returned, waiting (no answer yet) or refused (the push was)."""

    verdict: str
    lines: list[str]


def submit(where: Here, wait: float = 600.0) -> Verdict:
    """Push HEAD to this session's branch; wait for the merge queue's answer."""
    git = _with_remote(where).git
    head = git.run("rev-parse", "HEAD").line
    if where.integration == "direct":
        ok = git.push(where.remote, [RefChange(f"refs/heads/{where.main}", head,
                                               git.remote_refs(where.remote, where.main).get(
                                                   f"refs/heads/{where.main}"))])
        return Verdict("integrated" if ok else "refused", [] if ok else ["somebody was faster: pull --rebase, again"])
    old = git.remote_refs(where.remote, where.ref).get(where.ref)
    if old != head and not git.push(where.remote, [RefChange(where.ref, head, old)]):
        now = git.remote_refs(where.remote, where.ref).get(where.ref)
        if now != head:
            return Verdict("refused", [f"the push to {where.ref} was refused", *git.said[:5]])
    return await_verdict(where, head, wait)


def await_verdict(where: Here, head: str, wait: float) -> Verdict:
    """By the file that the harness writes; where there is none, by asking the shared repository now and then."""
    deadline = time.monotonic() + wait
    file = where.exchange / "verdicts" / f"{head}.json" if where.exchange else None
    ask_at, pause = time.monotonic() + (5.0 if file else 0.2), 0.5
    while time.monotonic() < deadline:
        if file and file.exists():
            data = json.loads(file.read_text())
            if data.get("main"):
                # The clone shares the upstream's objects: the new main is here without a fetch.
                where.git.run("update-ref", f"refs/remotes/origin/{where.main}", data["main"], check=False)
            return Verdict(data["verdict"], [str(data.get("reason", ""))] * bool(data.get("reason")) + data["short"])
        if time.monotonic() >= ask_at:
            found = _ask(where, head)
            if found:
                return found
            pause = min(pause * 1.5, 10.0)
            ask_at = time.monotonic() + pause
        time.sleep(0.05)
    return Verdict("waiting", ["no answer yet; the change stays in the queue"])


def _ask(where: Here, head: str) -> Verdict | None:
    git = where.git
    refs = git.remote_refs(where.remote, where.ref, f"refs/verdicts/{head}")
    if refs.get(where.ref) == head:
        return None
    git.run("fetch", "-q", "--no-tags", where.remote, where.main, check=False)
    if git.is_ancestor(head, "FETCH_HEAD"):
        return Verdict("integrated", [])
    if f"refs/verdicts/{head}" in refs:
        git.run("fetch", "-q", where.remote, f"refs/verdicts/{head}", check=False)
        text = git.read("FETCH_HEAD")
        if text:
            data = json.loads(text)
            return Verdict("returned", [data["reason"], *data["short"]])
    return None


def run_check(where: Here, command: str, *, timeout: float, fast: str = "", list_command: str = "", select: str = "",
              lines: int = 20) -> tuple[int, list[str]]:
    """(exit code, lines for the agent). See ``check.py``."""
    note = ""
    if fast:
        share = check.parse_share(fast)
        list_command, select = list_command or where.check.list_command, select or where.check.select
        if not list_command or not select:
            return 2, ["--fast needs [check] list and select in team.toml, or --list and --select"]
        try:
            listed = subprocess.run(["sh", "-c", list_command], capture_output=True, cwd=where.clone, timeout=timeout,
                                    stdin=subprocess.DEVNULL, check=False)
        except subprocess.TimeoutExpired:
            return 124, [f"ERROR list: no answer in {timeout:.0f} s from {list_command}"]
        tests = [line.strip() for line in os.fsdecode(listed.stdout).splitlines() if line.strip()]
        if not tests:
            said = listed.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
            return 2, [f"ERROR list: exit {listed.returncode} and no test from {list_command}", *said]
        chosen = check.sample(tests, share, where.index, where.count)
        command = check.command_for(select, chosen, where.private)
        note = f" (sample {len(chosen)} of {len(tests)})"
    number = sum(1 for _ in where.private.glob("check-*.log")) + 1
    log = where.private / f"check-{number:03d}.log"
    with _mark(where), check.slot(_slots(), int(os.environ.get("OUROTEAM_BUILD_SLOTS", "0") or 0)):
        outcome = check.run(["sh", "-c", command], cwd=where.clone, log=log, timeout=timeout, env=dict(os.environ))
    baseline = _baseline(where)
    code = 0 if outcome.good else 124 if outcome.verdict == "timeout" else outcome.code or 1
    return code, check.shorten(outcome, baseline, lines, note)


def _slots() -> Path | None:
    folder = os.environ.get("OUROTEAM_SLOT_DIR", "")
    return Path(folder) if folder else None


def _baseline(where: Here) -> Report | None:
    file = where.exchange / "main-report.json" if where.exchange else None
    if file is None:
        with contextlib.suppress(config.ConfigError):
            file = config.load().state / "reports" / "main.json"
    try:
        return Report.from_json(file.read_text()) if file else None
    except (OSError, ValueError, KeyError):
        return None


@contextlib.contextmanager
def _mark(where: Here) -> Iterator[None]:
    """Touch a file while the check runs: the harness then knows that the agent isn't stalled."""
    stop = threading.Event()
    mark = where.private / "checking"

    def touch() -> None:
        while True:
            with contextlib.suppress(OSError):
                mark.touch()
            if stop.wait(5.0):
                return
    thread = threading.Thread(target=touch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(1)
        with contextlib.suppress(OSError):
            mark.unlink()


def failing(lines: list[str]) -> list[tuple[str, str]]:
    """(name, reason) of the ``ERROR`` lines of a check."""
    found = []
    for line in lines:
        match = re.match(r"^ERROR (\S+?): (.*)$", line)
        if match:
            found.append((match[1], match[2]))
    return found
