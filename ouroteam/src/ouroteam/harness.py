"""The running team: one process.

Input: a ``Team``. The main thread starts processes (``executors/local.py`` says why) and waits for signals; one thread
an agent (``loop.py``), one for the merge queue, one for house-keeping (heartbeats, expiries, stale contexts,
maintenance), one for control requests. Kill it at any moment: ``up`` recovers from journal and refs alone.
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ouroteam import repository, salvage
from ouroteam.admission import Admission
from ouroteam.claims import Claims, DirectStore
from ouroteam.config import Team, is_url
from ouroteam.executors import Executor
from ouroteam.executors.local import LocalExecutor, Spawner
from ouroteam.gitdaemon import bind_unix, connect_unix
from ouroteam.integration import AGENTS, Integrator
from ouroteam.journal import Event, JournalWriter
from ouroteam.loop import AgentLoop
from ouroteam.notify import Notifier
from ouroteam.planning import Board, board
from ouroteam.quota import Quota, unpark
from ouroteam.redaction import Redactor
from ouroteam.repository import GitError, LocalUpstream
from ouroteam.session import Control, Outcome, Report, Session, SessionSpec
from ouroteam.workspace import Workspace


class Harness:
    def __init__(self, team: Team) -> None:
        self.team = team
        team.state.mkdir(parents=True, exist_ok=True)
        self.secrets = {name: os.environ[name] for name in team.environment.secrets if name in os.environ}
        self.redactor = Redactor(list(self.secrets.values()))
        self.journal = JournalWriter(team.state / "journal.db", self.redactor)
        self.team_id = self.journal.fact("team-id")
        if not self.team_id:
            self.team_id = secrets.token_hex(4)
            self.journal.record("fact", name="team-id", value=self.team_id)
        self.stopping = threading.Event()
        self.integrator_stop = threading.Event()
        self.live: dict[str, AgentLoop] = {}
        self.lock = threading.RLock()
        self.spawner = Spawner()
        self.quota = Quota(team, self.journal)
        self.admission = Admission(team)
        self.signals = 0
        self._board: Board | None = None
        self._board_at = 0.0
        self._main_count: dict[str, tuple[str, float]] = {}
        self._next: dict[str, float] = {}
        self._over: set[str] = set()  # sessions that were told to stop for a budget
        self.journal.listeners += [self._on_event, Notifier(team.notify, team.team.name, self._notify_failed)]
        self._open()

    # --- start and recovery ----------------------------------------------------------------------

    def _open(self) -> None:
        team = self.team
        stop_orphans(self.team_id)
        if not is_url(team.upstream):
            repository.create_upstream(Path(team.upstream), team.root, team.team.main)
            removed = repository.recover_locks(Path(team.upstream))
            owned = Path(team.upstream) == team.state / "upstream.git" or os.access(team.upstream, os.W_OK)
            if owned:
                repository.configure_upstream(
                    Path(team.upstream), main=team.team.main, direct=team.team.integration == "direct",
                    locks=team.team.claims == "files", union=team.queue.union, max_push_mb=team.queue.max_push_mb)
            if removed:
                self.journal.record("recovered", locks=removed)
        self.upstream = repository.open_upstream(team.upstream, team.state)
        if team.sandbox.kind in ("docker", "podman"):
            stop_containers(team.sandbox.kind, self.team_id)
        self.workspace = Workspace(team, self.upstream, self.team_id, self.redactor)
        self.executor = self._executor()
        self.integrator = self._integrator()
        self._find_main()
        self._recover_sessions()

    def _find_main(self) -> None:
        """A shared repository that was made anew doesn't hold the journal's main: go on from what it has."""
        known = self.journal.fact("main")
        with contextlib.suppress(GitError):
            self.upstream.refresh()
        found = self.upstream.ref(f"refs/heads/{self.team.team.main}")
        if known and found and not self.upstream.store.has(known):
            self.journal.record("main-lost", sha=known, found=found)
            self.journal.record("main-moved", sha=found, by="start")

    def _executor(self) -> Executor:
        if self.team.team.executor == "ray":
            from ouroteam.executors.ray import RayExecutor
            return RayExecutor(self.team, self.journal)
        return LocalExecutor(self.spawner, self.upstream)

    def _integrator(self) -> Integrator:
        if self.team.team.integration == "pull-request":
            from ouroteam.pull_request import PullRequestIntegrator
            return PullRequestIntegrator(self.team, self.upstream, self.journal, self.workspace)
        return Integrator(self.team, self.upstream, self.journal, self.workspace)

    def _recover_sessions(self) -> None:
        """Sessions that a killed harness left: their clones are salvaged, their leases freed, their end recorded."""
        count = len(self.team.agents())
        roles = dict(self.team.agents())
        known = {row["id"]: row for row in self.journal.rows("SELECT * FROM session WHERE ended IS NULL")}
        found = {Path(p).name: Path(p).parent.name for p in glob.glob(f"{self.team.state}/agents/*/*")
                 if Path(p).name not in ("home", "cache")}
        def recover(session: str) -> None:
            row = self.journal.row("SELECT * FROM session WHERE id = ?", session)
            agent = row["agent"] if row is not None else found[session]
            outcome = Outcome("killed")
            if session in found:
                role = roles.get(agent) or self.team.role[0]
                base = row["base"] if row is not None else self.journal.fact("main")
                spec = SessionSpec(self.team, self.team_id, agent, role.name, session, 0, count, base, "", os.devnull,
                                   state=str(self.team.state), secrets=self.secrets)
                ended = Session(spec, self._reporter(agent, session), Control(), self.spawner, self.upstream)
                ended.outcome = outcome
                ended.settle()
            if session in known:
                self.journal.record("session-ended", agent=agent, session=session, reason="killed",
                                    rescued=outcome.rescued, commits=outcome.commits, failure="the harness ended")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(recover, dict.fromkeys([*known, *found])))
        claims = self.claims()
        for lease in claims.all().values() if known else ():
            if lease.session in known and claims.release(lease):
                self.journal.record("released", agent=lease.agent, session=lease.session, task=lease.task)

    def _reporter(self, agent: str, session: str) -> Report:
        def report(kind: str, data: dict[str, Any]) -> None:
            self.journal.record(kind, agent=agent, session=session, **data)
        return report

    # --- services for loops ----------------------------------------------------------------------

    def mode(self, agent: str = "") -> str:
        whole = self.journal.fact("mode", "running")
        if whole != "running" or not agent:
            return whole
        return self.journal.fact(f"mode/{agent}", "running")

    def mission(self) -> str:
        with contextlib.suppress(OSError):
            return (self.team.root / self.team.team.mission).read_text(errors="replace")
        return ""

    def board(self) -> Board:
        """Tasks and leases, at most a second old."""
        with self.lock:
            if self._board is None or time.monotonic() - self._board_at > 1.0:
                self._board, self._board_at = board(self.upstream), time.monotonic()
            return self._board

    def enter(self, loop: AgentLoop) -> None:
        with self.lock:
            self.live[loop.session] = loop

    def leave(self, loop: AgentLoop) -> None:
        with self.lock:
            self.live.pop(loop.session, None)
        self.admission.leave(loop.agent)

    def claims(self) -> Claims:
        return Claims(DirectStore(self.upstream), self.team.lease.seconds)

    def release_leases(self, agent: str, session: str) -> None:
        with contextlib.suppress(GitError):
            claims = self.claims()
            for lease in claims.held_by(agent, session):
                if claims.release(lease):
                    self.journal.record("released", agent=agent, session=session, task=lease.task)
            self._board = None

    def _notify_failed(self, how: str, text: str) -> None:
        with contextlib.suppress(sqlite3.Error):
            self.journal.record("notify-failed", how=how, text=text)

    def _on_event(self, event: Event) -> None:
        """Verdicts reach the running session at once."""
        if event.kind in ("integrated", "returned"):
            verdict = {"verdict": event.kind, "sha": event.data["sha"], "reason": event.data.get("reason", ""),
                       "short": event.data.get("short", []), "main": self.journal.fact("main")}
            with self.lock:
                targets = [loop for loop in self.live.values() if loop.agent == event.agent]
            for loop in targets:
                if loop.control:
                    loop.control.send("verdict", json.dumps(verdict))

    # --- running ---------------------------------------------------------------------------------

    def run(self, seconds: float = 0.0, signals: bool = True) -> None:
        """Until down, drained, done, or the time is over."""
        if signals:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._on_signal)
        self.journal.record("mode", mode="running")
        self.journal.record("up", pid=os.getpid(), agents=len(self.team.agents()))
        (self.team.state / "harness.pid").write_text(str(os.getpid()))
        agents = self.team.agents()
        loops = [AgentLoop(self, name, role, index, len(agents)) for index, (name, role) in enumerate(agents)]
        keeper = threading.Thread(target=self._keep_house, name="housekeeping", daemon=True)
        queue = threading.Thread(target=self.integrator.run, args=(self.integrator_stop, self.mode), name="queue",
                                 daemon=True)
        control = ControlServer(self)
        for thread in (queue, keeper, *loops):
            thread.start()
        deadline = time.monotonic() + seconds if seconds else 0.0
        try:
            while not self.stopping.is_set():
                self.spawner.serve(0.2)
                if (deadline and time.monotonic() > deadline) or self.journal.broken or self._all_done(loops):
                    break
            self._stop(loops)
        finally:
            self.integrator_stop.set()
            self.workspace.stop.set()  # a check may take half an hour: its batch is tested again at the next start
            queue.join(self.team.check.timeout + 30)
            control.close()
            self.executor.close()
            self.journal.record("down")
            (self.team.state / "harness.pid").unlink(missing_ok=True)
            self.journal.close()

    def _on_signal(self, *_: object) -> None:
        self.signals += 1
        self.stopping.set()
        self.spawner.wake()

    def _stop(self, loops: list[AgentLoop]) -> None:
        """End all sessions cleanly; their threads salvage."""
        self.stopping.set()
        with self.lock:
            live = list(self.live.values())
        for loop in live:
            if loop.control:
                loop.control.send("stop", "stopped")
        deadline = time.monotonic() + self.team.session.stop_grace + 120
        while any(loop.is_alive() for loop in loops) and time.monotonic() < deadline:
            self.spawner.serve(0.05)

    def _all_done(self, loops: list[AgentLoop]) -> bool:
        """Drained: nobody works and the queue is empty."""
        if self.mode() != "draining" or self.live:
            return False
        if not all(loop.shown[0] == "finished" for loop in loops):
            return False
        held = {row["ref"] for row in self.journal.rows("SELECT ref FROM submission WHERE state = 'held'")}
        return not set(self.upstream.refs(AGENTS)) - held and not self.journal.value(
            "SELECT count(*) FROM submission WHERE state = 'queued'") or self.integrator.blocked_until > time.time()

    # --- house-keeping ---------------------------------------------------------------------------

    def _keep_house(self) -> None:
        lease = self.team.lease
        jobs = [("heartbeat", min(lease.heartbeat, lease.seconds / 3), self._heartbeat),
                ("budget", 1.0, self._budget), ("stale", 2.0, self._stale), ("until", 0.5, self._until),
                ("maintenance", self.team.queue.maintenance, self._maintain), ("packs", repository.PACK_EVERY, self._packs),
                ("tidy", 60.0, self._tidy)]
        self._next = {name: time.monotonic() + every for name, every, _ in jobs}
        while not self.stopping.wait(0.1):
            for name, every, job in jobs:
                if time.monotonic() >= self._next[name]:
                    self._next[name] = time.monotonic() + every
                    try:
                        job()
                    except Exception as error:  # tried again at the next turn
                        with contextlib.suppress(sqlite3.Error):
                            self.journal.record("housekeeping-error", job=name, text=str(error)[:300])

    def _heartbeat(self) -> None:
        """Renew the leases of live sessions; remove those that are over."""
        claims = self.claims()
        with self.lock:
            alive = set(self.live)
        for lease in claims.all().values():
            if lease.session in alive:
                claims.renew(lease)
        for lease in claims.sweep():
            self.journal.record("lease-expired", agent=lease.agent, session=lease.session, task=lease.task)

    def _budget(self) -> None:
        """Sessions side by side each began with all that was left: stop them when they used it up together."""
        budget = self.team.budget
        if not any((budget.agent_tokens, budget.agent_cost, budget.agent_hours, budget.team_tokens, budget.team_cost,
                    budget.team_hours)):
            return
        with self.lock:
            live = list(self.live.values())
        for loop in live:
            if loop.control and loop.session not in self._over and self.quota.spent(loop.agent):
                self._over.add(loop.session)
                loop.control.send("stop", "budget")

    def _stale(self) -> None:
        """Main moved far under a session."""
        limit = self.team.session.stale_commits
        main = self.journal.fact("main")
        if not limit or not main:
            return
        with self.lock:
            live = list(self.live.values())
        for loop in live:
            spec = loop.spec
            if spec is None or self._main_count.get(loop.session, ("", 0))[0] == main:
                continue
            told = self._main_count.get(loop.session, ("", 0.0))[1]
            self._main_count[loop.session] = (main, told)
            behind = self.upstream.store.count(spec.base, main)
            if behind - told <= limit or loop.control is None:
                continue
            self._main_count[loop.session] = (main, behind)
            self.journal.record("stale", agent=loop.agent, session=loop.session, behind=behind)
            if self.team.session.stale_action == "restart":
                loop.control.send("restart", "stale")
            else:
                loop.control.send("tell", f"{self.team.team.main} has {behind} new commits since you started: "
                                          "`git fetch` and look before you go on.")

    def _until(self) -> None:
        """The team's goal, where team.toml names one."""
        until = self.team.team.until
        if until == "never" or self.mode() != "running":
            return
        done = False
        if until == "green":
            last = self.journal.last("checked")
            done = last is not None and last.data["sha"] == self.journal.fact("main") and \
                last.data["verdict"] == "pass" and last.data["failed"] == 0
        elif until == "no-tasks":
            done = not self.board().tasks and bool(self.journal.value("SELECT 1 FROM event WHERE kind='task-closed'"))
        if done:
            self.journal.record("done", until=until)
            self.journal.record("mode", mode="draining")
            with self.lock:
                for loop in self.live.values():
                    if loop.control:
                        loop.control.send("stop", "stopped")

    def _maintain(self) -> None:
        if isinstance(self.upstream, LocalUpstream):
            repository.recover_locks(self.upstream.store.path, older_than=600)
            repository.maintain(self.upstream.store.path)
            self.journal.record("maintained")

    def _packs(self) -> None:
        """A busy queue makes a pack a batch and objects with each push."""
        if isinstance(self.upstream, LocalUpstream) and repository.crowded(self.upstream.store.path):
            repository.pack_objects(self.upstream.store.path)

    def _tidy(self) -> None:
        """Low disk: old logs and caches go; clones never without proof."""
        if not self.admission.low_disk():
            return
        logs = sorted((self.team.state / "agent_logs").glob("*/*.log"), key=lambda p: p.stat().st_mtime)
        for path in logs[:-len(self.team.agents()) * 2 or None]:
            path.unlink(missing_ok=True)
        busy = {loop.agent for loop in self.live.values()}
        for cache in (self.team.state / "agents").glob("*/cache"):
            if cache.parent.name not in busy:
                salvage.remove(cache)
        self.journal.record("tidied", free_mb=self.admission.obstacle())

    # --- requests --------------------------------------------------------------------------------

    def request(self, data: dict[str, Any]) -> dict[str, Any]:
        """A command of the command line, answered by the running harness."""
        what = data.get("do")
        if what == "ping":
            return {"ok": True, "pid": os.getpid(), "mode": self.mode()}
        if what == "down":
            self.stopping.set()
            self.spawner.wake()
            return {"ok": True}
        return perform(self.journal, data, self)


def perform(journal: JournalWriter, data: dict[str, Any], harness: Harness | None = None) -> dict[str, Any]:
    """Requests that are just events; also used by the command line when no harness runs."""
    what, agent, text = str(data.get("do")), str(data.get("agent", "")), str(data.get("text", ""))
    if what in ("pause", "resume", "drain"):
        mode = {"pause": "paused", "resume": "running", "drain": "draining"}[what]
        if agent:
            journal.record("agent-mode", agent=agent, mode=mode)
        else:
            journal.record("mode", mode=mode)
            if what == "resume":
                unpark(journal)
        return {"ok": True, "mode": mode}
    if what == "send":
        live = [loop for loop in harness.live.values() if loop.agent == agent] if harness else []
        journal.record("message", agent=agent, text=text)
        for loop in live:
            if loop.control:
                loop.control.send("tell", text)
        return {"ok": True, "live": bool(live)}
    if what in ("approve", "reject"):
        number = int(data.get("id", 0))
        row = journal.row("SELECT * FROM submission WHERE id = ? AND state = 'held'", number)
        if row is None:
            return {"ok": False, "error": f"no change {number} waits for approval"}
        if what == "approve":
            journal.record("approved", agent=row["agent"], id=number)
        else:
            journal.record("rejected", agent=row["agent"], id=number, text=text or "rejected by a human")
        return {"ok": True}
    return {"ok": False, "error": f"unknown request {what}"}


class ControlServer:
    """One JSON line in, one out, on ``control.sock`` in the state folder (mode 0600, never in a sandbox)."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.path = harness.team.state / "control.sock"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        bind_unix(self.socket, self.path)
        self.path.chmod(0o600)
        self.socket.listen(16)
        threading.Thread(target=self._serve, name="control", daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(link,), daemon=True).start()

    def _answer(self, link: socket.socket) -> None:
        with link, contextlib.suppress(OSError, ValueError):
            link.settimeout(10)
            line = link.makefile("rb").readline(1 << 20)
            try:
                answer = self.harness.request(json.loads(line))
            except (GitError, KeyError, ValueError) as error:
                answer = {"ok": False, "error": str(error)}
            link.sendall(json.dumps(answer).encode() + b"\n")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.path.unlink(missing_ok=True)


def ask(state: Path, data: dict[str, Any], timeout: float = 10.0) -> dict[str, Any] | None:
    """Send a request to the running harness; None when none runs."""
    try:
        with connect_unix(state / "control.sock", timeout) as link:
            link.sendall(json.dumps(data).encode() + b"\n")
            answer: dict[str, Any] = json.loads(link.makefile("rb").readline(1 << 20))
            return answer
    except (OSError, ValueError):
        return None


def stop_orphans(team_id: str, patience: float = 10.0) -> int:
    """End processes of an earlier run of this team (found by their environment); how many there were."""
    ended: set[int] = set()
    own = {os.getpid()}
    pid = os.getppid()
    while pid > 1:
        own.add(pid)
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            break
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = [pid for pid in team_processes(team_id) if pid not in own]
        if not found:
            break
        for pid in found:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
            ended.add(pid)
        time.sleep(0.05)
    for folder in glob.glob(f"/sys/fs/cgroup/*/**/ouroteam-{team_id}.*", recursive=True):
        with contextlib.suppress(OSError):
            os.rmdir(folder)
    return len(ended)


def team_processes(team_id: str) -> list[int]:
    mark = f"OUROTEAM_TEAM={team_id}".encode()
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                if mark in Path(f"/proc/{name}/environ").read_bytes().split(b"\0"):
                    found.append(int(name))
    return found


def stop_containers(kind: str, team_id: str) -> None:
    out = subprocess.run([kind, "ps", "-aq", "--filter", f"label=ouroteam={team_id}"], capture_output=True, text=True,
                         timeout=60, check=False).stdout.split()
    if out:
        subprocess.run([kind, "rm", "-f", *out], capture_output=True, timeout=120, check=False)


