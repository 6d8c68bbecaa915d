"""Whether everything that a team needs is here. Output: (what, good or None for a mere note, text) rows."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sqlite3
import sys
from pathlib import Path

from ouroteam import config, disklimit, sandbox, streams, workspace
from ouroteam.admission import free_disk
from ouroteam.config import is_url
from ouroteam.harness import ask
from ouroteam.repository import GitError, Repository

Row = tuple[str, bool | None, str]
NEEDED_GIT = (2, 38)


def examine(file: Path | None) -> list[Row]:
    version = workspace.git_version()
    rows: list[Row] = [
        ("git", version >= NEEDED_GIT, f"{'.'.join(map(str, version))}; merge-tree --write-tree needs 2.38"),
        ("python", sys.version_info >= (3, 11), sys.version.split()[0]),
        ("sqlite", True, sqlite3.sqlite_version + (
            "" if sqlite3.sqlite_version_info >= (3, 51, 3) else "; one writer only, so the WAL-reset bug can't occur"))]
    try:
        team = config.load(file)
    except config.ConfigError as error:
        return [*rows, ("team.toml", False, str(error)), *_presets()]
    rows.append(("team.toml", True, f"{len(team.agents())} agents"))
    mission = team.root / team.team.mission
    rows.append(("mission", mission.exists(), str(mission)))
    rows.append(("check", bool(team.check.command), team.check.command or "empty: everything would land"))
    for problem in sandbox.make(team.sandbox).problems():
        rows.append(("sandbox", False, problem))
    if team.sandbox.kind == "none":
        rows.append(("sandbox", None, "none: an agent can read and end whatever this user can"))
    elif not any(what == "sandbox" for what, _, _ in rows):
        rows.append(("sandbox", True, team.sandbox.kind))
    if os.getuid() == 0 and team.sandbox.processes and not os.access("/sys/fs/cgroup", os.W_OK):
        rows.append(("limits", None, "as root without a writable cgroup the number of processes is not limited"))
    if team.sandbox.disk_mb:
        rows.append(("disk limit", True if disklimit.possible() else None, "a file system of its own for each session"
                     if disklimit.possible() else "watched only (hard limits need root and loop devices)"))
    rows += [*agents(team), *libraries(team), *upstream(team)]
    for name in team.environment.secrets:
        rows.append((f"credential {name}", True if name in os.environ else None,
                     "present" if name in os.environ else "not set"))
    free = free_disk(team.root)
    rows.append(("disk", free > team.admission.min_disk_mb, f"{free} MB free"))
    rows.append(("harness", None, "running" if ask(team.state, {"do": "ping"}) else "not running"))
    return [*rows, *_presets()]


def agents(team: config.Team) -> list[Row]:
    rows: list[Row] = []
    for command in sorted({_command(team, role) for role in team.role}):
        known = "a path in the clone" if "/" in command else "built in" if command == "ouroteam-scripted-agent" else ""
        found = shutil.which(command) or known
        inside = team.sandbox.kind in ("docker", "podman")
        rows.append((f"agent {command}", None if inside else bool(found),
                     "looked for in the image" if inside else str(found or "not found in PATH")))
    return rows


def libraries(team: config.Team) -> list[Row]:
    """What only some teams need."""
    wanted = [("ray", "ray", "ray", "team.executor = 'ray'")] if team.team.executor == "ray" else []
    if team.team.integration == "pull-request":
        wanted.append(("PyGithub", "github", "github", "team.integration = 'pull-request'"))
    return [(name, True, "installed") if importlib.util.find_spec(module) else
            (name, False, f"{key} needs {name}: pip install 'ouroteam[{extra}]'") for name, module, extra, key in wanted]


def upstream(team: config.Team) -> list[Row]:
    """Whether the shared repository that team.toml names can be reached and has main; one that is missing on this
    machine is made by `up`."""
    url = team.upstream
    if not is_url(url) and not os.path.lexists(url):
        return []
    if is_url(url) and team.sandbox.kind != "none":
        if url.startswith("file://"):
            return [("upstream", False, f"team.upstream: a sandbox doesn't see {url}; give the path {url[7:]} instead")]
        if team.sandbox.network == "off" and not team.sandbox.allow:
            return [("upstream", False, f"team.upstream: agents can't reach {url} with sandbox.network = 'off'; "
                                        "sandbox.allow lets them")]
    try:
        if not is_url(url):
            git = Repository(url) if os.path.isdir(url) else None
            if git is None or git.run("rev-parse", "--is-bare-repository", check=False).line != "true":
                return [("upstream", False, f"team.upstream: {url} is no bare repository (git init --bare makes one)")]
        refs = Repository(team.root, timeout=30).remote_refs(url, f"refs/heads/{team.team.main}")
    except GitError as error:
        last = (error.text.strip().splitlines() or ["no answer"])[0]
        return [("upstream", False, f"team.upstream: {url} can't be read: {last}")]
    if not refs and team.team.integration != "pull-request":
        return [("upstream", False, f"{url} has no branch {team.team.main}: `git push '{url}' HEAD:{team.team.main}` "
                                    "brings it there, or team.main names another")]
    return [("upstream", True, url)]


def _command(team: config.Team, role: config.RoleSection) -> str:
    agent = team.agent_for(role)
    if agent.command:
        return agent.command[0]
    template = streams.preset_of(agent).command
    return str(template[0]) if template else "(agent.command is empty)"


def _presets() -> list[Row]:
    return [("presets", None, ", ".join(name + ("" if preset.verified else " (unverified)")
                                        for name, preset in sorted(streams.PRESETS.items())))]
