"""Where the integrator runs the check: a work tree that is kept from run to run, so that builds are incremental.

Input: a commit, and the commit that the check's own files are taken from. Output: an ``Outcome``. The repository's
data stay outside of the work tree: what a test does to files can't change what git does next. Tests are code that
agents wrote: they run in the same sandbox as agents, without secrets.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import threading
from pathlib import Path

from ouroteam import check, salvage, sandbox
from ouroteam.check import Outcome
from ouroteam.config import Team
from ouroteam.integration import matches
from ouroteam.redaction import Redactor
from ouroteam.reports import Report
from ouroteam.repository import GitError, Repository, Upstream


class Workspace:
    """The integrator's tester."""

    def __init__(self, team: Team, upstream: Upstream, team_id: str, redactor: Redactor | None = None) -> None:
        self.team = team
        self.upstream = upstream
        self.redactor = redactor or Redactor([])
        self.folder = team.state / "check"
        self.tree = self.folder / "tree"
        self.place = sandbox.Place(f"{team_id}.check", self.tree, self.folder / "exchange", self.folder / "home")
        self.sandbox = sandbox.make(team.sandbox)
        self.number = 0
        self.team_id = team_id
        self.stop = threading.Event()
        for path in (self.tree, self.place.exchange / "agent", self.place.home):
            path.mkdir(parents=True, exist_ok=True)
        git = self.folder / "git"
        if not (git / "HEAD").exists():
            git.mkdir(parents=True, exist_ok=True)
            Repository(git).run("init", "-q", "--bare", ".")
        (git / "objects" / "info").mkdir(exist_ok=True, parents=True)
        (git / "objects" / "info" / "alternates").write_text(f"{upstream.store.path.resolve() / 'objects'}\n")
        (git / "index.lock").unlink(missing_ok=True)
        self.git = Repository(self.tree, timeout=600, extra_env={"GIT_DIR": str(git.resolve()),
                                                                 "GIT_WORK_TREE": str(self.tree.resolve())})

    def checkout(self, commit: str, definition: str, fresh: bool = False) -> None:
        """The commit's files, with those that define the check as ``definition`` has them."""
        if not self.tree.exists():
            self.tree.mkdir(parents=True)
        if os.path.lexists(self.tree / ".git"):  # made by a check; git itself never removes it
            salvage.remove(self.tree / ".git")
        self.git.run("reset", "-q", "--hard", commit)
        self.git.run("clean", "-q", "-ff", "-d", *(["-x"] if fresh or self.team.check.clean else []))
        protected = self.team.check.protected
        if not protected or commit == definition:
            return
        for name in self.git.changed(commit, definition):
            if not matches(name, protected):
                continue
            target = self.tree / name
            if self.git.run("cat-file", "-e", f"{definition}:{name}", check=False).code == 0:
                self.git.run("checkout", "-q", definition, "--", name)
            elif target.is_file() or target.is_symlink():
                target.unlink()  # a new file among the check's own counts only once it is on main

    def test(self, commit: str, definition: str, fresh: bool = False) -> Outcome:
        self.number += 1
        log = self.folder / "logs" / f"{commit[:12]}-{self.number % 1000}.log"
        try:
            try:
                self.checkout(commit, definition, fresh)
            except (OSError, GitError):  # what a check did to its folder
                self.recreate()
                self.checkout(commit, definition, fresh)
        except (OSError, GitError) as error:
            return Outcome("machine", check.MACHINE_EXIT, 0.0, log, Report({"checkout": ("fail", str(error))}))
        if not self.team.check.command:
            return Outcome("pass", 0, 0.0, log, Report())
        env = self._environment()
        command = self.sandbox.command(["sh", "-c", self.team.check.command], self.place, env,
                                       self.team.check.network or self.team.sandbox.kind == "none")
        outcome = check.run(command, cwd=self.tree, log=log, timeout=self.team.check.timeout,
                            env=self.sandbox.starter_environment(env),
                            redactor=self.redactor, stop=self.stop)
        self.sandbox.end(self.place)
        self._forget_old_logs()
        return outcome

    def shorten(self, outcome: Outcome, before: Report | None) -> list[str]:
        return check.shorten(outcome, before, self.team.check.short_lines)

    def _environment(self) -> dict[str, str]:
        settings = self.team.environment
        env = {name: value for name, value in os.environ.items()
               if settings.allows(name) and name not in settings.secrets}
        if self.team.sandbox.kind in ("docker", "podman"):
            env.pop("PATH", None)
        env.update(self.team.environment.set)
        env["OUROTEAM_CHECK"] = "1"
        env["OUROTEAM_TEAM"] = self.team_id  # by which what a killed harness left is found
        if self.sandbox.home_path(self.place):
            env["HOME"] = self.sandbox.home_path(self.place)
        return env

    def _forget_old_logs(self, keep: int = 200) -> None:
        if self.number % 50 == 0:
            logs = sorted((self.folder / "logs").glob("*.log"), key=lambda path: path.stat().st_mtime)
            for path in logs[:-keep]:
                path.unlink(missing_ok=True)

    def recreate(self) -> None:
        """After damage: a new work tree."""
        salvage.remove(self.tree)
        self.tree.mkdir(parents=True)
        (self.folder / "git" / "index").unlink(missing_ok=True)


def held(path: Path) -> bool:
    """Whether another process holds the lock file."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except OSError:
        return True
    finally:
        os.close(descriptor)


def git_version() -> tuple[int, ...]:
    if not shutil.which("git"):
        return (0,)
    parts = subprocess.run(["git", "--version"], capture_output=True, text=True, check=False).stdout.split()[2].split(".")
    return tuple(int(part) for part in parts if part.isdigit())
