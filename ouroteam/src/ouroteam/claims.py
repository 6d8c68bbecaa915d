"""Leases on tasks.

Input: task names, an agent, a session. Output: a lease or nothing. One ref a task, ``refs/claims/<task>``, names a
blob (one line of JSON: agent, session, start, expiry, a random part). Taking is a compare-and-swap from "absent",
taking over an expired one a compare-and-swap from its object, so that two claims of one task never both win and
claims of different tasks never collide. The random part makes every object unique: two equal objects would both
seem to have won. The same rules over three stores: ``RefStore`` (compare-and-swap in the shared repository, or by
push from a clone), and ``FileClaims``, the text files of the original.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ouroteam.repository import GitError, RefChange, Repository, Upstream

PREFIX = "refs/claims/"
_BAD = re.compile(r"[^A-Za-z0-9_.-]+")


def task_name(text: str) -> str:
    """A flat ref name: ``a`` would block ``a/b``."""
    name = _BAD.sub("-", text.strip()).strip(".-")[:100]
    while ".." in name:
        name = name.replace("..", ".")
    if name.endswith(".lock"):
        name = name[:-5] + "-lock"
    if not name:
        raise ValueError(f"{text!r} is no task name")
    return name


@dataclass(frozen=True)
class Lease:
    """task held by agent in session until expires; ``token`` is the ref's object."""

    task: str
    agent: str
    session: str
    started: float
    expires: float
    token: str = ""

    def live(self, now: float) -> bool:
        return now < self.expires

    def to_json(self) -> str:
        # Whole seconds: the pre-receive hook compares them in sh. Rounded up, never shorter than promised.
        return json.dumps({"task": self.task, "agent": self.agent, "session": self.session,
                           "started": int(self.started), "expires": int(self.expires) + 1,
                           "nonce": secrets.token_hex(8)}) + "\n"

    @staticmethod
    def from_json(task: str, token: str, text: str) -> Lease:
        """An unreadable claim counts as expired: it can't block its task for ever."""
        try:
            data = json.loads(text)
            return Lease(task, str(data["agent"]), str(data.get("session", "")), float(data["started"]),
                         float(data["expires"]), token)
        except (ValueError, KeyError, TypeError):
            return Lease(task, "?", "", 0.0, 0.0, token)


class RefStore:
    """Refs of the shared repository, seen from the harness or from an agent's clone."""

    def read(self) -> dict[str, tuple[str, str]]:
        """ref -> (object, text)"""
        raise NotImplementedError

    def swap(self, ref: str, old: str | None, content: str | None) -> str | None:
        """The new object when the ref went from old to it, None when somebody was faster. "" for a deletion."""
        raise NotImplementedError


class DirectStore(RefStore):
    """In the shared repository itself."""

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream

    def read(self) -> dict[str, tuple[str, str]]:
        self.upstream.refresh()
        return self.upstream.store.blobs(PREFIX)

    def swap(self, ref: str, old: str | None, content: str | None) -> str | None:
        token = self.upstream.store.blob(content) if content is not None else None
        return (token or "") if self.upstream.transaction([RefChange(ref, token, old)]) else None


class PushStore(RefStore):
    """From a clone, by push to its remote."""

    def __init__(self, clone: Path, remote: str = "origin") -> None:
        self.clone = Repository(clone)
        self.remote = remote

    def read(self) -> dict[str, tuple[str, str]]:
        fetch = ["fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head", self.remote,
                 "+refs/claims/*:refs/ouroteam/claims/*", "+refs/tasks/*:refs/ouroteam/tasks/*"]
        if self.clone.run(*fetch, check=False).code:  # two at once in one clone: the other held a ref's lock
            time.sleep(0.2)
            self.clone.run(*fetch)
        return {"refs/" + ref.removeprefix("refs/ouroteam/"): value
                for ref, value in self.clone.blobs("refs/ouroteam/claims/").items()}

    def swap(self, ref: str, old: str | None, content: str | None) -> str | None:
        token = self.clone.blob(content) if content is not None else None
        try:
            won = self.clone.push(self.remote, [RefChange(ref, token, old)])
        except GitError:
            won = False
        return (token or "") if won else None


class Claims:
    """Leases over a store."""

    def __init__(self, store: RefStore, seconds: float, clock: Callable[[], float] = time.time) -> None:
        self.store = store
        self.seconds = seconds
        self.clock = clock

    def all(self) -> dict[str, Lease]:
        return {ref[len(PREFIX):]: Lease.from_json(ref[len(PREFIX):], token, text)
                for ref, (token, text) in self.store.read().items()}

    def take(self, task: str, agent: str, session: str) -> Lease | None:
        """Claim a task: free, expired, or this session's own already. None when another holds it."""
        task = task_name(task)
        now = self.clock()
        held = self.all().get(task)
        if held is not None and held.live(now):
            return held if (held.agent, held.session) == (agent, session) else None
        return self._write(Lease(task, agent, session, now, now + self.seconds), held.token if held else None)

    def _write(self, lease: Lease, old: str | None) -> Lease | None:
        content = lease.to_json()
        token = self.store.swap(PREFIX + lease.task, old, content)
        if token is None:
            return None
        return replace(Lease.from_json(lease.task, token, content), token=token)

    def renew(self, lease: Lease) -> Lease | None:
        """A later expiry. None when the lease is no longer ours: then its holder must stop working on it."""
        return self._write(replace(lease, expires=self.clock() + self.seconds), lease.token)

    def release(self, lease: Lease) -> bool:
        return self.store.swap(PREFIX + lease.task, lease.token, None) is not None

    def held_by(self, agent: str, session: str = "") -> list[Lease]:
        return [lease for lease in self.all().values()
                if lease.agent == agent and (not session or lease.session == session)]

    def sweep(self, grace: float = 0.0) -> list[Lease]:
        """Remove leases whose time is over, so that the tasks look free to a reader as well."""
        gone = []
        for lease in self.all().values():
            if lease.expires + grace < self.clock() and self.release(lease):
                gone.append(lease)
        return gone


class FileClaims:
    """The original's way: ``current_tasks/<task>.txt``, committed and pushed to main; the push decides."""

    FOLDER = "current_tasks"

    def __init__(self, clone: Path, main: str = "main", remote: str = "origin") -> None:
        self.clone = Repository(clone)
        self.main = main
        self.remote = remote

    def all(self) -> dict[str, str]:
        """task -> text, as main has it."""
        self.clone.run("fetch", "-q", self.remote, self.main)
        out = self.clone.run("ls-tree", "--name-only", "FETCH_HEAD", self.FOLDER + "/", check=False).out
        names = [Path(line).stem for line in out.splitlines() if line.endswith(".txt")]
        return {name: self.clone.read(f"FETCH_HEAD:{self.FOLDER}/{name}.txt") or "" for name in names}

    def take(self, task: str, agent: str, text: str = "", attempts: int = 10) -> bool:
        """Commit and push the lock file on top of main; False when it is there already or the race was lost."""
        task = task_name(task)
        for _ in range(attempts):
            if task in self.all():
                return False
            if self._push(task, f"{agent}\n{text}\n", f"Claim {task} for {agent}\n"):
                return True
        return False

    def release(self, task: str, attempts: int = 10) -> bool:
        task = task_name(task)
        for _ in range(attempts):
            if task not in self.all():
                return False
            if self._push(task, None, f"Release {task}\n"):
                return True
        return False

    def _push(self, task: str, content: str | None, message: str) -> bool:
        """A commit on the fetched main that changes just the lock file, without touching the work tree."""
        base = self.clone.run("rev-parse", "FETCH_HEAD").line
        found = self.clone.run("rev-parse", "--git-path", "ouroteam-claims-index").line  # .git may be a file
        index = {"GIT_INDEX_FILE": str(self.clone.path / found)}
        self.clone.run("read-tree", base, env=index)
        name = f"{self.FOLDER}/{task}.txt"
        if content is None:
            self.clone.run("update-index", "--force-remove", name, env=index)
        else:
            self.clone.run("update-index", "--add", "--cacheinfo", f"100644,{self.clone.blob(content)},{name}",
                           env=index)
        tree = self.clone.run("write-tree", env=index).line
        commit = self.clone.commit_tree(tree, [base], message)
        return self.clone.push(self.remote, [RefChange(f"refs/heads/{self.main}", commit, base)])
