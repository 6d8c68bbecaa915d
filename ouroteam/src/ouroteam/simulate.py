"""How much a team can integrate: scripted agents against a real bare repository.

Input: numbers of agents, seconds, the probability that a change touches a file that others touch. Output, for the
original protocol (``pull --rebase``, ``push`` to main, again when the race was lost) and for the merge queue:
changes integrated a minute, conflicts, mean seconds from first push to main, agents that never got one in, git
commands a change. Both protocols get the same clones, changes and machine, one after the other, as a ratio in one run.

The agents live in a process of their own at nice 19, the default for agents; the original gets the same. As the
harness's git daemon does, the queue's agents are served ``gitdaemon.places()`` connections at once, first come first
served. Each agent has one change under way at a time, as a real agent has. Clones are made, and their index is filled,
before the clock starts. The shared repository and the journal are on the disk; clones are in memory where there is
room for them (they stand for the agents' own machines, and deleting 100,000 files takes minutes on some disks).

The rate is that of the last three quarters of a run: at first all agents commit at once and nothing lands yet, later
each works while others wait. ``cpu`` is what agents, integrator and check used together in that time, in milliseconds
a change: unlike the rate it hardly depends on what else the machine does.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from ouroteam import gitdaemon, salvage
from ouroteam.config import parse
from ouroteam.integration import Integrator
from ouroteam.journal import Event, JournalWriter
from ouroteam.repository import (
    PACK_EVERY,
    LocalUpstream,
    Repository,
    configure_upstream,
    crowded,
    pack_objects,
    receive_options,
)
from ouroteam.workspace import Workspace

SHARED_FILES = 400
RETRY_LIMIT = 100_000
WARM_UP = 0.25  # of a run


@dataclass
class Measurement:
    """One run. ``latency``: mean seconds from the first push of a change to its being on main."""

    protocol: str
    agents: int
    seconds: float
    integrated: int = 0
    per_minute: float = 0.0
    conflicts: int = 0
    latency: float = 0.0
    starved: int = 0
    git_per_change: float = 0.0
    lost: int = 0
    batches: int = 0
    cpu: float = 0.0


@dataclass
class Tally:
    """What the agents' process counts; sent as JSON at the end."""

    commands: int = 0
    conflicts: int = 0
    pushed: dict[str, str] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    landed: dict[str, int] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    cpu: float = 0.0


class Worker(threading.Thread):
    """One agent."""

    def __init__(self, farm: Farm, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.farm = farm
        self.clone = farm.clones / name
        self.rng = random.Random(f"{farm.seed}/{name}")
        self.number = 0
        self.env = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C",
                    "GIT_TERMINAL_PROMPT": "0", "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": f"{name}@localhost",
                    "GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": f"{name}@localhost", "GIT_EDITOR": "true",
                    "OUROTEAM_AGENT": name}

    def git(self, *arguments: str) -> int:
        self.farm.count()
        return subprocess.run(["git", *arguments], cwd=self.clone, env=self.env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode

    def head(self) -> str:
        """Read without a git command."""
        text = (self.clone / ".git" / "HEAD").read_text().strip()
        return (self.clone / ".git" / text[5:]).read_text().strip() if text.startswith("ref: ") else text

    def edit(self) -> None:
        """A change of one line, as an agent's small commit is."""
        self.number += 1
        shared = self.rng.random() < self.farm.overlap
        path = self.clone / (f"shared/{self.rng.randrange(SHARED_FILES)}.txt" if shared else f"own/{self.name}.txt")
        path.write_text(f"{self.name} {self.number} {self.rng.random()}\n")

    def run(self) -> None:
        change = self.direct if self.farm.protocol == "direct" else self.queued
        while not self.farm.over.is_set():
            change()

    def queued(self) -> None:
        """Newest main, edit, commit, push a branch, wait for the verdict.

        The clone shares the upstream's objects and each verdict names main: nothing has to be fetched.
        """
        if self.farm.main:
            self.git("reset", "-q", "--hard", self.farm.main)
        self.edit()
        if self.git("commit", "-q", "-a", "-m", f"Change {self.number}"):
            return
        sha = self.head()
        settled = self.farm.expect(sha)
        started = time.monotonic()
        with self.farm.places:
            if self.git("push", "-q", "origin", f"HEAD:refs/heads/agents/{self.name}/{self.number}"):
                return
        self.farm.note_push(sha, self.name)
        settled.wait()
        verdict = self.farm.verdicts.get(sha)
        if verdict == "integrated":
            self.farm.note_landed(self.name, time.monotonic() - started)
        elif verdict:
            self.farm.note_conflict()

    def direct(self) -> None:
        """The original: edit, commit, pull --rebase, push main, until it works."""
        self.edit()
        if self.git("commit", "-q", "-a", "-m", f"Change {self.number}"):
            return
        started = time.monotonic()
        for _ in range(RETRY_LIMIT):
            if self.farm.over.is_set():
                return
            if self.git("pull", "-q", "--rebase", "origin", "main"):
                self.git("rebase", "--abort")
                self.git("fetch", "-q", "origin", "main")
                self.git("reset", "-q", "--hard", "FETCH_HEAD")
                self.farm.note_conflict()
                return
            if self.git("push", "-q", "origin", "HEAD:main") == 0:
                if not self.farm.over.is_set():
                    self.farm.note_push(self.head(), self.name)
                    self.farm.note_landed(self.name, time.monotonic() - started)
                return


class Farm:
    """The agents' process. Reads verdicts and the end from standard input, one JSON line each."""

    def __init__(self, clones: Path, protocol: str, agents: int, overlap: float, seed: int, seconds: float) -> None:
        self.seconds = seconds
        self.clones, self.protocol, self.overlap, self.seed = clones, protocol, overlap, seed
        self.over = threading.Event()
        self.main = ""
        self.lock = threading.Lock()
        self.places = gitdaemon.Turnstile(gitdaemon.places())
        self.tally = Tally()
        self.begun = 0.0
        self.verdicts: dict[str, str] = {}
        self.waiting: dict[str, threading.Event] = {}
        self.workers = [Worker(self, name) for name in names(agents)]

    def count(self) -> None:
        with self.lock:
            self.tally.commands += 1

    def expect(self, sha: str) -> threading.Event:
        with self.lock:
            event = self.waiting.setdefault(sha, threading.Event())
            if self.over.is_set():
                event.set()
            return event

    def note_push(self, sha: str, name: str) -> None:
        with self.lock:
            self.tally.pushed[sha] = name

    def note_landed(self, name: str, seconds: float) -> None:
        with self.lock:
            self.tally.landed[name] = self.tally.landed.get(name, 0) + 1
            self.tally.latencies.append(seconds)
            self.tally.times.append(time.monotonic() - self.begun)

    def note_conflict(self) -> None:
        with self.lock:
            self.tally.conflicts += 1

    def run(self) -> None:
        threading.stack_size(256 * 1024)
        with ThreadPoolExecutor(4) as pool:
            # A copied clone's index knows nothing of the copied files: the first command would read them all.
            list(pool.map(lambda worker: worker.git("update-index", "-q", "--refresh"), self.workers))
        print("ready", flush=True)
        sys.stdin.readline()
        self.tally.commands = 0
        self.begun = time.monotonic()
        for worker in self.workers:
            worker.start()
        start: list[float] = []
        timer = threading.Timer(WARM_UP * self.seconds, lambda: start.append(cpu_seconds()))
        timer.daemon = True
        timer.start()
        for line in sys.stdin:
            if line.strip() == "over":
                break
            sha, verdict, main = line.split()
            self.main = main if main != "-" else self.main
            self.verdicts[sha] = verdict
            self.expect(sha).set()
        self.tally.cpu = cpu_seconds() - start[0] if start else 0.0
        with self.lock:
            self.over.set()
            for event in self.waiting.values():
                event.set()
        for worker in self.workers:
            worker.join(30)
        print(json.dumps(asdict(self.tally)), flush=True)


def cpu_seconds() -> float:
    """What this process and its children that ended have used."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def names(agents: int) -> list[str]:
    return [f"agent-{n}" for n in range(1, agents + 1)]


def place_for_clones(base: Path, agents: int) -> Path:
    """A folder in memory when the clones take less than a quarter of what is free, else next to the rest."""
    memory = Path("/dev/shm")
    with contextlib.suppress(OSError):
        room = os.statvfs(memory)
        free = min(room.f_bavail * room.f_frsize, psutil.virtual_memory().available)
        if agents * (5 << 20) < free // 4:
            return Path(tempfile.mkdtemp(prefix="ouroteam-simulate-", dir=memory))
    (base / "clones").mkdir()
    return base / "clones"


def build(base: Path, clones: Path, agents: int, queue: bool) -> Path:
    """The bare repository and a clone for each agent."""
    upstream = base / "upstream.git"
    seed = base / "seed"
    (seed / "own").mkdir(parents=True)
    (seed / "shared").mkdir()
    for name in names(agents):
        (seed / "own" / f"{name}.txt").write_text("start\n")
    for number in range(SHARED_FILES):
        (seed / "shared" / f"{number}.txt").write_text("start\n")
    work = Repository(seed)
    work.run("init", "-q", "-b", "main", ".")
    work.run("add", "-A")
    work.run("commit", "-q", "-m", "Start")
    Repository(base).run("clone", "-q", "--bare", "seed", "upstream.git")
    if queue:
        configure_upstream(upstream, main="main", direct=False, union=[], max_push_mb=50)
    else:
        Repository(upstream).run("config", "gc.auto", "0")
        Repository(upstream).run("config", "receive.autogc", "false")
    first = clones / names(1)[0]
    Repository(base).run("clone", "-q", "--shared", str(upstream), str(first))
    if queue:
        for key in ("maintenance.auto", "gc.auto"):  # as session.py does; the harness maintains
            Repository(first).run("config", key, "0")
    for name in names(agents)[1:]:
        subprocess.run(["cp", "-a", str(first), str(clones / name)], check=True)
    if queue:
        for name in names(agents):  # as session.py does
            with (clones / name / ".git" / "config").open("a") as stream:
                options = shlex.join(["git", *receive_options(name, "main"), "receive-pack"])
                stream.write(f'[remote "origin"]\n\treceivepack = "{options}"\n')
    return upstream


def measure(protocol: str, agents: int, seconds: float, overlap: float = 0.05, seed: int = 1,
            check: str = "test -d own") -> Measurement:
    """One run in a temporary folder."""
    base = Path(tempfile.mkdtemp(prefix="ouroteam-simulate-"))
    clones = place_for_clones(base, agents)
    farm: subprocess.Popen[str] | None = None
    try:
        upstream = build(base, clones, agents, protocol == "queue")
        source = str(Path(__file__).resolve().parents[1])
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in (source, os.environ.get("PYTHONPATH", "")) if p)}
        farm = subprocess.Popen(
            ["nice", "-n", "19", sys.executable, "-m", "ouroteam.simulate", str(clones), protocol, str(agents),
             str(overlap), str(seed), str(seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env,
            start_new_session=True)
        assert farm.stdin is not None and farm.stdout is not None
        farm.stdout.readline()
        run = _queue if protocol == "queue" else _direct
        return run(base, upstream, farm, agents, seconds, check)
    finally:
        if farm is not None and farm.poll() is None:  # Ctrl-C
            os.killpg(farm.pid, signal.SIGKILL)
            farm.wait()
        salvage.remove(clones)
        salvage.remove(base)


def _start(farm: subprocess.Popen[str]) -> float:
    assert farm.stdin is not None
    farm.stdin.write("go\n")
    farm.stdin.flush()
    return time.monotonic()


def _direct(base: Path, upstream: Path, farm: subprocess.Popen[str], agents: int, seconds: float,
            check: str) -> Measurement:
    assert farm.stdin is not None
    started = _start(farm)
    time.sleep(seconds)
    elapsed = time.monotonic() - started
    return _result("direct", agents, elapsed, _finish(farm), Repository(upstream), 0, 0)


def _queue(base: Path, upstream: Path, farm: subprocess.Popen[str], agents: int, seconds: float,
           check: str) -> Measurement:
    """The real integrator with the default settings, in this process."""
    team = parse({"team": {"name": "simulation", "upstream": str(upstream), "state": str(base / "state")},
                  "check": {"command": check},
                  "role": [{"name": "agent", "count": agents}]}, base)
    shared = LocalUpstream(upstream)
    journal = JournalWriter(team.state / "journal.db")
    lock = threading.Lock()
    assert farm.stdin is not None
    channel = farm.stdin

    def tell(event: Event) -> None:
        if event.kind in ("integrated", "returned", "withdrawn"):
            with lock:
                channel.write(f"{event.data['sha']} {event.kind} {journal.fact('main') or '-'}\n")
                channel.flush()
    journal.listeners.append(tell)
    integrator = Integrator(team, shared, journal, Workspace(team, shared, "simulation"))
    integrator.tick()
    operations, early = Repository.operations, [0.0]
    started = _start(farm)
    stop = threading.Event()
    warm = time.time() + WARM_UP * seconds
    timer = threading.Timer(seconds, stop.set)
    timer.start()
    threading.Timer(WARM_UP * seconds, lambda: early.append(cpu_seconds())).start()
    keeper = threading.Thread(target=_keep_house, args=(upstream, stop), daemon=True)
    keeper.start()
    integrator.run(stop, lambda: "running")
    elapsed, used = time.monotonic() - started, cpu_seconds() - early[-1]
    own = Repository.operations - operations
    keeper.join()
    in_time = int(journal.value("SELECT count(*) FROM event WHERE kind = 'integrated' AND time > ?", warm) or 0)
    journal.listeners.clear()
    tally = _finish(farm)
    tally.cpu += used
    while integrator.tick():
        pass
    batches = int(journal.value("SELECT count(*) FROM event WHERE kind = 'batch-passed'") or 0)
    result = _result("queue", agents, elapsed, tally, Repository(upstream), own, batches)
    result.per_minute = round(in_time * 60.0 / (elapsed * (1 - WARM_UP)), 1)
    journal.close()
    return result


def _keep_house(upstream: Path, stop: threading.Event) -> None:
    """What the harness's house-keeping does about objects."""
    while not stop.wait(PACK_EVERY):
        if crowded(upstream):
            pack_objects(upstream)


def _finish(farm: subprocess.Popen[str]) -> Tally:
    assert farm.stdin is not None and farm.stdout is not None
    farm.stdin.write("over\n")
    farm.stdin.flush()
    data = json.loads(farm.stdout.readline())
    farm.stdin.close()
    farm.wait(60)
    return Tally(**data)


def _result(protocol: str, agents: int, elapsed: float, tally: Tally, upstream: Repository, own: int,
            batches: int) -> Measurement:
    integrated = sum(tally.landed.values())
    late = sum(1 for at in tally.times if at > WARM_UP * elapsed)
    kept = set(upstream.run("rev-list", "--all").out.split())
    return Measurement(
        protocol, agents, round(elapsed, 1), integrated, round(late * 60.0 / (elapsed * (1 - WARM_UP)), 1), tally.conflicts,
        round(sum(tally.latencies) / len(tally.latencies), 2) if tally.latencies else 0.0,
        agents - len(tally.landed), round((tally.commands + own) / max(1, integrated), 1),
        sum(1 for sha in tally.pushed if sha not in kept), batches, round(1000 * tally.cpu / max(1, late), 1))


def table(rows: list[Measurement]) -> list[str]:
    out = ["protocol  agents  changes/min  conflicts  push to main  starved  git commands/change  cpu/change  lost"]
    out += [f"{r.protocol:8}  {r.agents:6}  {r.per_minute:11.0f}  {r.conflicts:9}  {r.latency:10.2f} s  {r.starved:7}  "
            f"{r.git_per_change:19.1f}  {r.cpu:7.0f} ms  {r.lost:4}" for r in rows]
    return out


def series(agents: list[int], seconds: float, protocols: list[str], overlap: float,
           tell: Callable[[Measurement], None] | None = None) -> list[Measurement]:
    rows = []
    for count in agents:
        for protocol in protocols:
            rows.append(measure(protocol, count, seconds, overlap))
            if tell:
                tell(rows[-1])
    return rows


def ratios(rows: list[Measurement]) -> dict[str, Any]:
    """Queue against direct at each size, and 256 against 64 for the queue."""
    rate = {(r.protocol, r.agents): r.per_minute for r in rows}
    result: dict[str, Any] = {
        f"queue/direct at {n}": round(rate["queue", n] / max(rate["direct", n], 0.1), 1)
        for p, n in rate if p == "queue" and ("direct", n) in rate}
    if ("queue", 64) in rate and ("queue", 256) in rate:
        result["queue at 256 / at 64"] = round(rate["queue", 256] / max(rate["queue", 64], 0.1), 2)
    result["starved in the queue"] = {r.agents: r.starved for r in rows if r.protocol == "queue"}
    result["lost"] = sum(r.lost for r in rows)
    return result


def main(agents: list[int], seconds: float, protocol: str, overlap: float, as_json: bool) -> int:
    """``ouroteam simulate``."""
    if protocol not in ("both", "direct", "queue"):
        raise ValueError(f"protocol {protocol!r}: queue, direct or both")
    if not agents or min(agents) < 1 or seconds <= 0:
        raise ValueError("simulate wants at least one agent and a positive time")
    protocols = ["direct", "queue"] if protocol == "both" else [protocol]
    if not as_json:
        print(table([])[0], flush=True)
    rows = series(agents, seconds, protocols, overlap,
                  None if as_json else lambda row: print(table([row])[1], flush=True))
    if as_json:
        print(json.dumps({"runs": [asdict(row) for row in rows], "ratios": ratios(rows)}, indent=1))
    else:
        for name, value in ratios(rows).items():
            print(f"{name}: {value}")
    return 0


if __name__ == "__main__":
    Farm(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]),
         float(sys.argv[6])).run()
