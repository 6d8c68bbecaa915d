"""Sessions as tasks of a Ray cluster: the same team.toml on many machines.

Input: session specs. Each session is one Ray task with resources; the harness (driver) feeds the journal from the
events that the task sends to an actor; requests go the other way through it. The upstream has to be reachable from
the nodes: a git URL, or a path on a file system that they share.

Retries are at-least-once: a session whose node was lost is started again by the driver (not by Ray) with a new
session name; its leases were the old session's, so that a node that comes back can renew nothing (fencing). The
agent's process has the Ray worker as its parent and ends with it (parent-death signal, PID namespace in bubblewrap).
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
import time
from typing import Any

from ouroteam.config import Team, is_url
from ouroteam.journal import JournalWriter
from ouroteam.session import Control, Outcome, Report, Session, SessionSpec


class _Mailbox:
    """An actor: events from sessions to the driver, requests from the driver to sessions."""

    def __init__(self) -> None:
        self.events: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        self.requests: dict[str, list[tuple[str, str]]] = {}

    def exchange(self, session: str, events: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, str]]:
        """Called by the session: leave events, take requests."""
        self.events.setdefault(session, []).extend(events)
        return self.requests.pop(session, [])

    def collect(self, session: str, requests: list[tuple[str, str]]) -> list[tuple[str, dict[str, Any]]]:
        """Called by the driver: leave requests, take events."""
        if requests:
            self.requests.setdefault(session, []).extend(requests)
        return self.events.pop(session, [])


class _RemoteControl(Control):
    """The session's end on a node: asks the mailbox at most twice a second."""

    def __init__(self, mailbox: Any, session: str) -> None:
        super().__init__()
        self.mailbox = mailbox
        self.session = session
        self.waiting: list[tuple[str, dict[str, Any]]] = []
        self.last = 0.0

    def report(self, kind: str, data: dict[str, Any]) -> None:
        self.waiting.append((kind, data))

    def poll(self, force: bool = False) -> list[tuple[str, str]]:
        import ray
        if not force and time.monotonic() - self.last < 0.5:
            return []
        self.last = time.monotonic()
        events, self.waiting = self.waiting, []
        try:
            found: list[tuple[str, str]] = ray.get(self.mailbox.exchange.remote(self.session, events), timeout=20)
            return found
        except Exception:  # the driver is gone: end as if told to
            return [("stop", "stopped")]


def _run_session(spec: SessionSpec, mailbox: Any) -> Outcome:
    """The task. Runs in the worker's main thread, which the parent-death signal needs."""
    control = _RemoteControl(mailbox, spec.session)
    outcome = Session(spec, control.report, control).run()
    control.poll(force=True)
    return outcome


class RayExecutor:
    def __init__(self, team: Team, journal: JournalWriter) -> None:
        import ray
        self.ray = ray
        self.team = team
        self.journal = journal
        if not ray.is_initialized():
            address = None if team.ray.address == "local" else team.ray.address
            ray.init(address=address, ignore_reinit_error=True, logging_level="ERROR", log_to_driver=False)
            self.owned = True
        else:
            self.owned = False
        self.mailbox = ray.remote(num_cpus=0)(_Mailbox).remote()
        self.task = ray.remote(_run_session)
        if not is_url(team.upstream) and len([n for n in ray.nodes() if n["Alive"]]) > 1:
            journal.record("note", text="the upstream is a path: every node has to see it")

    def run(self, spec: SessionSpec, report: Report, control: Control) -> Outcome:
        """One session somewhere; again elsewhere when its node is lost."""
        settings = self.team.ray
        spec = dataclasses.replace(spec, state=os.path.join(settings.work, spec.team_id))
        for attempt in range(settings.retries + 1):
            outcome = self._once(spec, report, control)
            if outcome.reason != "lost" or attempt == settings.retries:
                return outcome
            report("node-lost", {"attempt": attempt + 1})
            spec = dataclasses.replace(spec, session=f"{spec.session.split('.')[0]}.{secrets.token_hex(2)}")
        return Outcome("lost")

    def _once(self, spec: SessionSpec, report: Report, control: Control) -> Outcome:
        ray, settings = self.ray, self.team.ray
        reference = self.task.options(num_cpus=settings.cpus, resources=settings.resources or None,
                                      max_retries=0).remote(spec, self.mailbox)
        stop_at = 0.0
        while True:
            done, _ = ray.wait([reference], timeout=0.5)
            requests = control.poll()
            with contextlib.suppress(ray.exceptions.RayError):
                for kind, data in ray.get(self.mailbox.collect.remote(spec.session, requests), timeout=20):
                    report(kind, data)
            if any(kind == "stop" for kind, _ in requests):
                stop_at = time.monotonic()
            if done:
                break
            if stop_at and time.monotonic() - stop_at > self.team.session.stop_grace + 90:
                ray.cancel(reference, force=True)
        try:
            outcome: Outcome = ray.get(reference)
            return outcome
        except ray.exceptions.RayError as error:
            return Outcome("lost", failure=str(error).splitlines()[0][:200])

    def close(self) -> None:
        if self.owned:
            self.ray.shutdown()


