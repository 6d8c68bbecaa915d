"""State machines: leases and the merge queue, with crashes between any two operations.

TEAM_STEPS=thousands runs them long; by default they are short.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from helpers import Crash, CrashPoint, Queue
from ouroteam import salvage
from ouroteam.claims import PREFIX, Claims, DirectStore, Lease, RefStore
from ouroteam.repository import Repository

LONG = os.environ.get("TEAM_STEPS") == "thousands"


class MemoryStore(RefStore):
    """Compare-and-swap in memory; runs ``between`` after each read, where another agent can be faster."""

    def __init__(self) -> None:
        self.refs: dict[str, tuple[str, str]] = {}
        self.number = 0
        self.between = lambda: None
        self.crash: CrashPoint | None = None

    def read(self) -> dict[str, tuple[str, str]]:
        found = dict(self.refs)
        self.between()
        return found

    def swap(self, ref: str, old: str | None, content: str | None) -> str | None:
        if self.crash:
            self.crash("before", "swap")
        if (self.refs.get(ref, (None, ""))[0]) != old:
            return None
        if content is None:
            self.refs.pop(ref, None)
            token = ""
        else:
            self.number += 1
            token = f"{self.number}:{content}"
            self.refs[ref] = (token, content)
        if self.crash:
            self.crash("after", "swap")
        return token


AGENTS = st.sampled_from(["a-1", "a-2", "a-3"])
TASKS = st.sampled_from(["t", "u"])


class LeaseMachine(RuleBasedStateMachine):
    """Never two holders; expiry always frees; a live holder's lease is never lost."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.store: RefStore = self.make()
        self.claims = Claims(self.store, 100.0, clock=lambda: self.now)
        self.believed: dict[tuple[str, str], Lease] = {}

    def make(self) -> RefStore:
        return MemoryStore()

    def attempt(self, agent: str, task: str) -> None:
        lease = self.claims.take(task, agent, f"s-{agent}")
        if lease:
            self.believed[agent, task] = lease

    @rule(agent=AGENTS, task=TASKS)
    def take(self, agent: str, task: str) -> None:
        self.attempt(agent, task)

    @rule(first=AGENTS, second=AGENTS, task=TASKS)
    def race(self, first: str, second: str, task: str) -> None:
        """The second agent takes between the first one's read and write."""
        store = self.store
        if not isinstance(store, MemoryStore):
            return

        def other() -> None:
            store.between = lambda: None
            self.attempt(second, task)
        store.between = other
        self.attempt(first, task)
        store.between = lambda: None

    @rule(agent=AGENTS, task=TASKS, at=st.integers(1, 2))
    def crash(self, agent: str, task: str, at: int) -> None:
        """The agent ends during its claim: it believes nothing, the ref may stay."""
        store = self.store
        if isinstance(store, MemoryStore):
            store.crash = CrashPoint(at)
        else:
            Repository.fault = CrashPoint(at * 2)
        try:
            self.claims.take(task, agent, f"s-{agent}")
        except Crash:
            pass
        finally:
            Repository.fault = None
            if isinstance(store, MemoryStore):
                store.crash = None
        self.believed.pop((agent, task), None)

    @rule(agent=AGENTS, task=TASKS)
    def renew(self, agent: str, task: str) -> None:
        lease = self.believed.get((agent, task))
        if lease:
            live = lease.live(self.now)
            renewed = self.claims.renew(lease)
            if renewed:
                self.believed[agent, task] = renewed
            else:
                assert not live or self.lost_by_own_crash(lease), "a live holder lost its lease"
                del self.believed[agent, task]

    def lost_by_own_crash(self, lease: Lease) -> bool:
        """A crashed claim of the same session may have replaced the object."""
        held = self.claims.all().get(lease.task)
        return held is None or held.agent == lease.agent

    @rule(agent=AGENTS, task=TASKS)
    def release(self, agent: str, task: str) -> None:
        lease = self.believed.pop((agent, task), None)
        if lease:
            self.claims.release(lease)

    @rule(seconds=st.sampled_from([1, 50, 99, 101, 300]))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule()
    def sweep(self) -> None:
        for lease in self.claims.sweep():
            assert not lease.live(self.now)

    @invariant()
    def one_holder(self) -> None:
        for task in ("t", "u"):
            holders = [agent for (agent, name), lease in self.believed.items() if name == task and lease.live(self.now)]
            assert len(holders) <= 1, f"{task} is held by {holders}"

    @invariant()
    def believers_are_right(self) -> None:
        for (agent, task), lease in self.believed.items():
            if lease.live(self.now):
                held = self.claims.all().get(task)
                assert held is not None and held.agent == agent

    def teardown(self) -> None:
        """Expiry frees: after the time is over anybody gets any task."""
        self.now += 1000
        for task in ("t", "u"):
            assert self.claims.take(task, "late", "s-late")


class GitLeaseMachine(LeaseMachine):
    """The same on refs of a real repository."""

    def make(self) -> RefStore:
        self.folder = Path(tempfile.mkdtemp(prefix="ouroteam-test-"))
        from helpers import bare
        return DirectStore(bare(self.folder))

    def teardown(self) -> None:
        super().teardown()
        assert all(ref.startswith(PREFIX) for ref in self.store.read())
        salvage.remove(self.folder)


class QueueMachine(RuleBasedStateMachine):
    """Main always passes, no commit is lost, every landing is in the journal exactly once."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ouroteam-test-"))
        self.queue = Queue(self.folder, {"queue": {"start": 4, "batch": 8}})
        self.pushed: set[str] = set()
        self.number = 0
        self.tick()

    @rule(agent=AGENTS, kind=st.sampled_from(["own", "own", "shared", "bad", "half1", "half2", "delete"]),
          old=st.booleans())
    def push(self, agent: str, kind: str, old: bool) -> None:
        self.number += 1
        names: dict[str, dict[str, str | None]] = {
            "own": {f"{agent}/{self.number}": "x\n"}, "shared": {"a.txt": f"{self.number}\n"},
            "bad": {f"bad{self.number}": "x\n"}, "half1": {"half1": "x\n"}, "half2": {"half2": "x\n"},
            "delete": {"a.txt": None}}
        base = self.queue.main
        if old:
            base = self.queue.store.run("rev-list", "--max-parents=0", base).line.split()[-1]
        elif kind == "delete" and "a.txt" not in self.queue.tester.names(base):
            return
        self.pushed.add(self.queue.push(agent, str(self.number), names[kind], base))

    @rule(agent=AGENTS)
    def rewrite(self, agent: str) -> None:
        """An agent replaces a commit that it has pushed."""
        mine = sorted(self.queue.upstream.refs(f"refs/heads/agents/{agent}/"))
        if mine:
            self.number += 1
            name = mine[0].rpartition("/")[2]
            self.pushed.discard(self.queue.upstream.refs(mine[0])[mine[0]])  # replaced before the queue saw it
            seen = self.queue.journal.rows("SELECT sha FROM submission WHERE ref = ?", mine[0])
            self.pushed |= {row["sha"] for row in seen}
            self.pushed.add(self.queue.push(agent, name, {f"again{self.number}": "x\n"}))

    @rule()
    def tick(self) -> None:
        self.queue.now += 1
        self.queue.integrator.tick()

    @rule(countdown=st.integers(1, 40))
    def crash(self, countdown: int) -> None:
        """kill -9 at some git operation or journal write of a tick; then start again."""
        self.queue.now += 1
        point = CrashPoint(countdown)
        Repository.fault = point
        self.queue.journal.fault = point
        try:
            self.queue.integrator.tick()
        except Crash:
            pass
        self.queue.restart()
        (self.queue.store.path / "packed-refs.lock").unlink(missing_ok=True)

    @rule()
    def vandal(self) -> None:
        """Somebody with access to the files sets main back."""
        first = self.queue.store.run("rev-list", "--max-parents=0", self.queue.main).line.split()[-1]
        if self.queue.journal.fact("main") == self.queue.main:
            self.queue.store.run("update-ref", "refs/heads/main", first)
            self.queue.integrator.tick()

    @invariant()
    def main_is_good(self) -> None:
        if hasattr(self, "queue"):
            assert self.queue.tester.good(self.queue.main)

    def teardown(self) -> None:
        if not hasattr(self, "queue"):
            return
        self.queue.settle()
        store = self.queue.store
        kept = set(store.run("rev-list", "--all").out.split())
        assert self.pushed <= kept, f"lost: {self.pushed - kept}"
        self.exactly_once()
        before = self.queue.journal.dump()
        self.queue.journal.rebuild()
        assert self.queue.journal.dump() == before
        assert not self.queue.upstream.refs("refs/heads/agents/"), "the queue is not empty"
        self.queue.journal.close()
        salvage.remove(self.folder)

    def exactly_once(self) -> None:
        """Main's merges and the journal's events are the same."""
        form = "%H%x09%(trailers:key=Ouroteam-Change,valueonly,separator=%x20)"
        out = self.queue.store.run("log", "--first-parent", f"--format={form}", self.queue.main).out
        merges = sorted(line.split("\t")[0] for line in out.splitlines() if line.split("\t")[1].strip())
        events = sorted(e.data["merged"] for e in self.queue.kinds("integrated"))
        assert merges == events


_COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck)}
TestLeases = LeaseMachine.TestCase
TestLeases.settings = settings(max_examples=300 if LONG else 60, stateful_step_count=50, **_COMMON)  # type: ignore[arg-type]
TestGitLeases = GitLeaseMachine.TestCase
TestGitLeases.settings = settings(max_examples=30 if LONG else 2, stateful_step_count=25, **_COMMON)  # type: ignore[arg-type]
TestQueue = QueueMachine.TestCase
TestQueue.settings = settings(max_examples=120 if LONG else 5, stateful_step_count=30, **_COMMON)  # type: ignore[arg-type]
