"""The queue of tasks.

Input: ``refs/tasks/<name>`` in the shared repository: one line of JSON each (title, text, priority, after). Output:
which task is best to take next: open, not claimed, its predecessors closed; higher priority first, then older. A
task closes by the deletion of its ref, in the transaction that moves main. Tasks live in git and not in the journal,
so that agents and planners reach them by push from any sandbox or machine.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from ouroteam.claims import PREFIX as CLAIMS
from ouroteam.claims import Lease, PushStore, task_name
from ouroteam.repository import RefChange, Repository, Upstream

PREFIX = "refs/tasks/"


@dataclass(frozen=True)
class Task:
    """A piece of work. ``not_for``: agents who have failed at it; ``rescue``: a ref with work that was begun."""

    name: str
    title: str = ""
    text: str = ""
    priority: int = 5
    after: list[str] = field(default_factory=list)
    created: float = 0.0
    not_for: list[str] = field(default_factory=list)
    rescue: str = ""

    def to_json(self) -> str:
        return json.dumps(asdict(self)) + "\n"

    @staticmethod
    def from_json(name: str, text: str) -> Task:
        """An unreadable task is shown with its text as its title."""
        try:
            data: dict[str, Any] = json.loads(text)
            known = {key: data[key] for key in Task.__dataclass_fields__ if key in data}
            return Task(**{**known, "name": name, "priority": int(known.get("priority", 5)),
                           "created": float(known.get("created", 0)), "after": [str(a) for a in known.get("after", [])]})
        except (ValueError, TypeError, AttributeError):
            return Task(name, title=text.strip()[:100])


@dataclass(frozen=True)
class Board:
    """Tasks and leases at one moment."""

    tasks: dict[str, Task]
    leases: dict[str, Lease]
    now: float

    def holder(self, name: str) -> Lease | None:
        lease = self.leases.get(name)
        return lease if lease is not None and lease.live(self.now) else None

    def blocked_by(self, task: Task) -> list[str]:
        return [name for name in task.after if name in self.tasks]

    def ready(self, agent: str = "") -> list[Task]:
        """What can be taken, best first. Tasks in a circle wait for each other for ever: they are shown by
        ``circles``."""
        free = [task for task in self.tasks.values()
                if not self.holder(task.name) and not self.blocked_by(task) and agent not in task.not_for]
        return sorted(free, key=lambda task: (-task.priority, task.created, task.name))

    def circles(self) -> list[str]:
        """Tasks that wait for themselves."""
        def reaches(start: str) -> bool:
            seen, todo = set(), list(self.tasks[start].after)
            while todo:
                name = todo.pop()
                if name == start:
                    return True
                if name in self.tasks and name not in seen:
                    seen.add(name)
                    todo += self.tasks[name].after
            return False
        return sorted(name for name in self.tasks if reaches(name))


def board(upstream: Upstream) -> Board:
    """Read by the harness."""
    upstream.refresh()
    return _board(upstream.store.blobs(PREFIX), upstream.store.blobs(CLAIMS))


def board_from_clone(store: PushStore) -> Board:
    """Read by an agent."""
    claims = store.read()
    tasks = {"refs/" + ref.removeprefix("refs/ouroteam/"): value
             for ref, value in store.clone.blobs("refs/ouroteam/tasks/").items()}
    return _board(tasks, claims)


def _board(tasks: dict[str, tuple[str, str]], claims: dict[str, tuple[str, str]]) -> Board:
    return Board({ref[len(PREFIX):]: Task.from_json(ref[len(PREFIX):], text) for ref, (_, text) in tasks.items()},
                 {ref[len(CLAIMS):]: Lease.from_json(ref[len(CLAIMS):], token, text)
                  for ref, (token, text) in claims.items()}, time.time())


def add(repository: Repository, remote: str, task: Task) -> bool:
    """Put a task in the queue, or change it. From a clone (remote "origin") or in the shared repository ("")."""
    name = task_name(task.name)
    ref = PREFIX + name
    task = Task(**{**asdict(task), "name": name, "created": task.created or time.time()})
    blob = repository.blob(task.to_json())
    if not remote:
        return repository.transaction([RefChange(ref, blob, repository.refs(ref).get(ref))])
    return repository.push(remote, [RefChange(ref, blob, repository.remote_refs(remote, ref).get(ref))])


def drop(repository: Repository, remote: str, name: str) -> bool:
    ref = PREFIX + task_name(name)
    old = (repository.remote_refs(remote, ref) if remote else repository.refs(ref)).get(ref)
    if old is None:
        return False
    change = [RefChange(ref, None, old)]
    return repository.push(remote, change) if remote else repository.transaction(change)
