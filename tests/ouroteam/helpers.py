"""Shared pieces of the tests: repositories, fake tester, crash points, a harness in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ouroteam import config
from ouroteam.check import Outcome
from ouroteam.config import Team
from ouroteam.integration import Integrator
from ouroteam.journal import JournalWriter
from ouroteam.reports import Report
from ouroteam.repository import LocalUpstream, Repository, configure_upstream


class Crash(BaseException):
    """The harness ends here, as by kill -9."""


class CrashPoint:
    """Raises at the n-th git operation or journal write, before or after it."""

    def __init__(self, countdown: int) -> None:
        self.countdown = countdown

    def __call__(self, when: str, what: str) -> None:
        self.countdown -= 1
        if self.countdown == 0:
            raise Crash(f"{when} {what}")


def git(folder: Path, *arguments: str, check: bool = True, **env: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "init.defaultBranch=main", *arguments],
        cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **env})
    if check and done.returncode:
        raise AssertionError(f"git {arguments}: {done.stderr}")
    return done.stdout.strip()


def project(folder: Path, files: dict[str, str]) -> Path:
    """A repository with one commit."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q")
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Start")
    return folder


def bare(folder: Path, files: dict[str, str] | None = None, **settings: Any) -> LocalUpstream:
    """A shared repository as the harness sets it up."""
    project(folder / "seed", files or {"a.txt": "a\n"})
    git(folder, "clone", "-q", "--bare", "seed", "upstream.git")
    values: dict[str, Any] = {"main": "main", "direct": False, "union": ["NOTES.md"], "max_push_mb": 5, **settings}
    configure_upstream(folder / "upstream.git", **values)
    return LocalUpstream(folder / "upstream.git")


def commit_on(store: Repository, base: str, files: dict[str, str | None], message: str = "Change") -> str:
    """A commit made without a work tree."""
    index = {"GIT_INDEX_FILE": str(store.path / f"test-index-{os.getpid()}")}
    store.run("read-tree", base, env=index)
    lines = [f"0 {'0' * 40}\t{name}\0" if text is None else f"100644 {store.blob(text)}\t{name}\0"
             for name, text in files.items()]
    store.run("update-index", "-z", "--index-info", stdin="".join(lines), env=index)
    return store.commit_tree(store.run("write-tree", env=index).line, [base], message)


class FakeTester:
    """Fails on a file whose name begins with bad, and on half1 together with half2; no processes but one git."""

    def __init__(self, store: Repository, log: Path) -> None:
        self.store = store
        self.log = log
        self.runs = 0
        self.verdicts: list[str] = []
        self.reports: dict[str, Report] = {}

    def names(self, commit: str) -> set[str]:
        return set(self.store.run("ls-tree", "-r", "--name-only", commit).out.split())

    def good(self, commit: str) -> bool:
        names = self.names(commit)
        return not any(name.startswith("bad") for name in names) and not {"half1", "half2"} <= names

    def test(self, commit: str, definition: str, fresh: bool = False) -> Outcome:
        self.runs += 1
        if self.verdicts:
            verdict = self.verdicts.pop(0)
            return Outcome(verdict, 0 if verdict == "pass" else 1, 0.0, self.log, Report())
        good = self.good(commit)
        return Outcome("pass" if good else "fail", 0 if good else 1, 0.0, self.log, Report())

    def shorten(self, outcome: Outcome, before: Report | None) -> list[str]:
        return [f"ERROR check: {outcome.verdict}"]


class Queue:
    """An integrator on a real repository, with a clock of its own, that can crash and start again."""

    def __init__(self, folder: Path, settings: dict[str, Any] | None = None, files: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.upstream = bare(folder, files)
        self.now = 1_000_000.0
        data: dict[str, Any] = {"team": {"name": "test", "upstream": str(folder / "upstream.git"), "state": "state"},
                                "role": [{"name": "a", "count": 6}]}
        for section, values in (settings or {}).items():
            data.setdefault(section, {}).update(values)
        self.team = config.parse(data, folder)
        self.start()

    def start(self) -> None:
        self.journal = JournalWriter(self.folder / "state" / "journal.db", synchronous="OFF")
        self.tester = FakeTester(self.upstream.store, self.folder / "log")
        self.integrator = Integrator(self.team, self.upstream, self.journal, self.tester, clock=lambda: self.now)

    def restart(self) -> None:
        Repository.fault = None
        self.journal.fault = None
        self.journal.close()
        self.start()

    @property
    def store(self) -> Repository:
        return self.upstream.store

    @property
    def main(self) -> str:
        found = self.upstream.ref("refs/heads/main")
        assert found
        return found

    def push(self, agent: str, name: str, files: dict[str, str | None], base: str = "", message: str = "Change") -> str:
        sha = commit_on(self.store, base or self.main, files, message)
        ref = f"refs/heads/agents/{agent}/{name}"
        self.store.run("update-ref", ref, sha)
        return sha

    def settle(self, limit: int = 60) -> None:
        """Tick until nothing is left to do."""
        for _ in range(limit):
            self.now += 1
            if not self.integrator.tick():
                return
        raise AssertionError("the queue never comes to rest")

    def kinds(self, *kinds: str) -> list[Any]:
        return self.journal.events(kinds=kinds)


def start_team(folder: Path, toml: str, files: dict[str, str]) -> Team:
    """A project with a team.toml whose sample agent is the scripted one."""
    project(folder, files)
    (folder / "MISSION.md").write_text("# Mission\nTest.\n")
    (folder / "team.toml").write_text(toml)
    return config.load(folder / "team.toml")


def team_in(folder: Path, script: str, count: int = 1, files: dict[str, str] | None = None, **sections: Any) -> Team:
    """A project whose agents all run one script."""
    root = project(folder / "project", files or {"a.txt": "a\n"})
    (root / "MISSION.md").write_text("# Mission\n")
    data: dict[str, Any] = {
        "team": {"name": "test"}, "agent": {"preset": "scripted", "extra_args": ["--do", script]},
        "role": [{"name": "w", "count": count}], "queue": {"interval": 0.05}, "check": {"command": "true"},
        "environment": {"set": {"OUROTEAM_MARKS": str(folder)}},
        "session": {"back_off": 0.3, "stop_grace": 0.3, "grace": 0.5, "pause_between": 0.1},
        "admission": {"start_interval": 0.0}, "sandbox": {"nice": 0}}
    for name, values in sections.items():
        if name == "role":
            data["role"] = values
        else:
            data.setdefault(name, {}).update(values)
    (root / "team.toml").write_text("".join(
        "".join("[[role]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in r.items() if k != "agent")
                + (("[role.agent]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in r["agent"].items()))
                   if "agent" in r else "") for r in values)
        if name == "role" else f"[{name}]\n" + "".join(
            f"{k} = {json.dumps(v) if not isinstance(v, dict) else '{' + ', '.join(f'{a} = {json.dumps(b)}' for a, b in v.items()) + '}'}\n"
            for k, v in values.items())
        for name, values in data.items()))
    return config.load(root / "team.toml")


def up(team: Team, seconds: float = 60.0, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "ouroteam", "up", "-f", str(team.root / "team.toml"), "--for",
                             str(seconds)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, env={**os.environ, **(env or {})})


BUSY = 3.0  # how much longer than on an idle machine something may take


def wait_for(condition: Callable[[], Any], seconds: float = 30.0, what: str = "") -> Any:
    end = time.monotonic() + seconds * BUSY
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what or condition}")


def cli(*arguments: str, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, "-m", "ouroteam", *arguments], cwd=cwd, capture_output=True, text=True,
                          timeout=120, stdin=subprocess.DEVNULL)
    if check:
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done


def read_json(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)
