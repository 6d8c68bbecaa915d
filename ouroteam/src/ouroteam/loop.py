"""An agent's life: newest commit, session, result, wait, again (the original's ``while true``).

A table of states (after s6's supervisor): each state is a function that does one thing and names the next state.
Every state can be left by ``down``. Input: the harness's services. Output: events in the journal.
"""

from __future__ import annotations

import contextlib
import random
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ouroteam import salvage, streams
from ouroteam.claims import Claims, DirectStore
from ouroteam.config import RoleSection
from ouroteam.planning import Task, add
from ouroteam.session import Control, Outcome, SessionSpec

if TYPE_CHECKING:
    from ouroteam.harness import Harness

CUT_OFF = ("time", "stopped", "killed", "lost", "refused", "silent", "stalled", "stale")
NO_FAULT = ("done", "refused", "stopped", "stale", "budget", "killed", "lost")


class AgentLoop(threading.Thread):
    def __init__(self, harness: Harness, agent: str, role: RoleSection, index: int, count: int) -> None:
        super().__init__(name=agent, daemon=True)
        self.harness = harness
        self.agent = agent
        self.role = role
        self.index = index
        self.count = count
        self.settings = harness.team.agent_for(role)
        self.control: Control | None = None
        self.session = ""
        self.spec: SessionSpec | None = None
        self.outcome = Outcome()
        self.failures = 0
        self.fruitless = 0
        self.same_failure = ("", 0)
        self.wake_at = 0.0
        self.shown = ("", "")
        self.last_start = -1e9
        self.rng = random.Random(f"{harness.team_id}/{agent}")

    # --- the table -------------------------------------------------------------------------------

    def run(self) -> None:
        steps: dict[str, Callable[[], str]] = {
            "idle": self.idle, "waiting": self.waiting, "starting": self.starting, "running": self.running,
            "ending": self.ending, "finished": self.finished}
        state = "idle"
        while not self.harness.stopping.is_set() or state in ("running", "ending"):
            try:
                state = steps[state]()
            except Exception as error:  # one agent's trouble, whatever it is, must not end its thread
                with contextlib.suppress(sqlite3.Error):
                    self.trouble(state, str(error)[:400])
                self.wake_at = time.monotonic() + 5.0
                state = "waiting"
        with contextlib.suppress(sqlite3.Error):
            self.show("stopped")

    def trouble(self, state: str, text: str) -> None:
        self.harness.journal.record("agent-error", agent=self.agent, text=text)
        if state in ("starting", "running"):
            self.harness.leave(self)
            self.outcome = Outcome("failed", failure=text)
            self.harness.journal.record("session-ended", agent=self.agent, session=self.session, reason="failed",
                                        failure=text)
            self.harness.release_leases(self.agent, self.session)

    def show(self, state: str, detail: str = "") -> None:
        """Tell the journal when it changes."""
        if (state, detail) != self.shown:
            self.shown = (state, detail)
            self.harness.journal.record("agent-state", agent=self.agent, session=self.session,
                                        state=f"{state}: {detail}" if detail else state)

    def waiting(self) -> str:
        while time.monotonic() < self.wake_at:  # a clock that is set lengthens no wait
            if self.harness.stopping.wait(min(1.0, max(0.01, self.wake_at - time.monotonic()))):
                break
        return "idle"

    def later(self, seconds: float, state: str, detail: str = "") -> str:
        self.show(state, detail)
        self.wake_at = time.monotonic() + seconds
        return "waiting"

    # --- states ----------------------------------------------------------------------------------

    def idle(self) -> str:
        """Whether a session may start now."""
        harness = self.harness
        mode = harness.mode(self.agent)
        if mode == "draining":
            return "finished"
        if mode == "paused":
            return self.later(0.3, "paused")
        left = harness.quota.left(self.agent, self.role.sessions)
        if left.spent:
            if self.shown[0] != "budget":
                harness.journal.record("budget", agent=self.agent, budget=left.spent)
            return self.later(10.0, "budget", left.spent)
        until = harness.quota.parked_until(self.settings.credential)
        if until:
            return self.later(min(5.0, until - time.time() + 0.05), "parked", self.settings.credential)
        if self.role.every and time.monotonic() - self.last_start < self.role.every:
            return self.later(min(5.0, self.role.every), "waiting", "its interval")
        if self.role.planner and len(harness.board().tasks) >= harness.team.planner.low_water:
            return self.later(2.0, "waiting", "enough tasks are open")
        obstacle = harness.admission.enter(self.agent)
        if obstacle:
            return self.later(0.1 + self.rng.random() * 0.3, "waiting", obstacle)
        return "starting"

    def starting(self) -> str:
        """Base commit, task, messages, what came back: all that the session has to know."""
        harness, team = self.harness, self.harness.team
        self.last_start = time.monotonic()
        harness.upstream.refresh()
        base = harness.upstream.ref(f"refs/heads/{team.team.main}")
        if base is None:
            harness.admission.leave(self.agent)
            return self.later(1.0, "waiting", f"no branch {team.team.main}")
        self.session = time.strftime("%m%dT%H%M%S-", time.gmtime()) + secrets.token_hex(3)
        last = harness.journal.row("SELECT * FROM session WHERE agent = ? ORDER BY started DESC LIMIT 1", self.agent)
        left = harness.quota.left(self.agent, self.role.sessions)
        messages = harness.journal.facts(f"message/{self.agent}/")
        returned = self.returned(last["started"] if last is not None else 0.0)
        resume, rescue = self.continuation(last, bool(returned))
        task = self.take_task() if not resume else None
        model = self.model()
        log = self.log_file(base)
        harness.journal.record(
            "session-started", agent=self.agent, session=self.session, task=task.name if task else "",
            role=self.role.name, credential=self.settings.credential, base=base, log=str(log), model=model,
            resumed=resume, seen=harness.journal.value("SELECT max(id) FROM event") or 0)
        harness.journal.record("delivered", agent=self.agent, session=self.session, messages=list(messages))
        self.spec = SessionSpec(
            team=team, team_id=harness.team_id, agent=self.agent, role=self.role.name, session=self.session,
            index=self.index, count=self.count, base=base, mission=harness.mission(), log=str(log), model=model,
            resume=resume, task=task.name if task else "", task_text=f"{task.title}\n{task.text}" if task else "",
            messages=[messages[key] for key in sorted(messages)], rescue=rescue or (task.rescue if task else ""),
            returned=returned, tokens_left=left.tokens, cost_left=left.cost, seconds_left=left.seconds,
            state=str(team.state), secrets=harness.secrets)
        self.control = Control()
        self.show("working", task.name if task else "")
        return "running"

    def running(self) -> str:
        assert self.spec is not None and self.control is not None
        self.harness.enter(self)
        if self.harness.stopping.is_set():
            self.control.send("stop", "stopped")
        try:
            self.outcome = self.harness.executor.run(self.spec, self.report, self.control)
        finally:
            self.harness.leave(self)
        return "ending"

    def report(self, kind: str, data: dict[str, Any]) -> None:
        if kind == "refused":
            return  # the outcome says it once
        self.harness.journal.record(kind, agent=self.agent, session=self.session, **data)

    def ending(self) -> str:
        """Record the result; decide how long to wait."""
        o, harness, limits = self.outcome, self.harness, self.harness.team.session
        harness.journal.record("session-ended", agent=self.agent, session=self.session, reason=o.reason, code=o.code,
                               seconds=round(o.seconds, 2), tokens=o.tokens, cost=o.cost, commits=o.commits,
                               failure=o.failure, rescued=o.rescued, submitted=o.submitted, resume=o.resume)
        harness.release_leases(self.agent, self.session)
        self.session = ""
        if o.reason == "refused":
            until = harness.quota.refuse(self.settings.credential, o.refused_until, self.agent)
            self.failures += 1 if self.settings.fallback_models else 0
            return self.later(min(5.0, max(0.0, until - time.time())), "parked", self.settings.credential)
        self.watch_for_stalls(o)
        if o.reason not in NO_FAULT and o.seconds < limits.fast_failure:
            self.failures += 1
            wait = min(limits.back_off_limit, limits.back_off * 2 ** min(self.failures - 1, 20))
            return self.later(wait * self.rng.uniform(0.8, 1.2), "backing off", o.failure[:80])
        self.failures = 0
        return self.later(limits.pause_between, "idle")

    def finished(self) -> str:
        self.show("finished")
        self.harness.stopping.wait(0.5)
        return "finished" if self.harness.mode(self.agent) == "draining" else "idle"

    # --- helpers ---------------------------------------------------------------------------------

    def watch_for_stalls(self, o: Outcome) -> None:
        """No commit for many sessions, or the same failure again and again."""
        limit = self.harness.team.session.fruitless
        self.fruitless = 0 if o.commits or self.role.planner else self.fruitless + 1
        text, times = self.same_failure
        if o.failure and o.failure == text:
            self.same_failure = (text, times + 1)
        else:
            self.same_failure = (o.failure, 1)
        why = ""
        if self.fruitless >= limit:
            why, self.fruitless = f"{limit} sessions without a commit", 0
        elif o.failure and self.same_failure[1] >= limit:
            why, self.same_failure = f"the same failure {limit} times: {o.failure[:120]}", ("", 0)
        if o.reason == "stalled":
            why = "no output and no CPU use"
        if why:
            self.harness.journal.record("stalled", agent=self.agent, why=why)

    def model(self) -> str:
        chain = [self.settings.model, *self.settings.fallback_models]
        return chain[self.failures % len(chain)]

    def continuation(self, last: Any, returned: bool) -> tuple[str, str]:
        """(the agent's own session to resume, rescue ref): after a cut-off or a return."""
        if last is None:
            return "", ""
        cut = last["reason"] in CUT_OFF
        preset = streams.preset_of(self.settings)
        can = bool(self.settings.resume or (preset.resume and not self.settings.command))
        if self.harness.team.session.resume and can and last["resume"] and (cut or returned):
            return last["resume"], ""
        if not cut:
            return "", ""
        refs = self.harness.upstream.refs(f"refs/rescue/{self.agent}/")
        mine = sorted(ref for ref in refs if ref.rpartition("/")[2].startswith(last["id"])
                      and f"-{salvage.SUBMODULE}-" not in ref)
        return "", mine[0] if mine else ""

    def returned(self, since: float) -> str:
        """The text about changes that came back since the last session began; too often: a task for another."""
        journal, limit = self.harness.journal, self.harness.team.session.return_limit
        events = [e for e in journal.events(kinds=("returned", "integrated"), agent=self.agent)][-50:]
        in_a_row = 0
        for event in reversed(events):
            if event.kind == "integrated":
                break
            in_a_row += 1
        landed = {e.data["ref"] for e in events if e.kind == "integrated" and e.time > since}
        fresh = [e for e in events if e.kind == "returned" and e.time >= since and e.data["ref"] not in landed]
        if not fresh:
            return ""
        last = fresh[-1]
        if in_a_row > limit:
            name = f"fix-{last.data['sha'][:8]}"
            text = f"{self.agent} could not land this change. " + " ".join(last.data["short"])[:500]
            add(self.harness.upstream.store, "", Task(name, title=f"Land {last.data['kept']}", text=text,
                                                      not_for=[self.agent], rescue=last.data["kept"]))
            journal.record("handed-on", agent=self.agent, task=name, kept=last.data["kept"])
            return ""
        lines = [f"Your change {last.data['sha'][:12]} came back: {last.data['reason']}.", *last.data["short"],
                 f"It is kept as {last.data['kept']}: `git fetch origin {last.data['kept']} && git merge FETCH_HEAD`, "
                 "repair it and submit again."]
        return "\n".join(lines)

    def take_task(self) -> Task | None:
        """The best open task, claimed for this session."""
        harness = self.harness
        if self.role.planner or not harness.team.planner.assign or harness.team.team.claims != "refs":
            return None
        claims = Claims(DirectStore(harness.upstream), harness.team.lease.seconds)
        for task in harness.board().ready(self.agent)[:5]:
            if claims.take(task.name, self.agent, self.session):
                harness.journal.record("claimed", agent=self.agent, session=self.session, task=task.name)
                return task
        return None

    def log_file(self, base: str) -> Path:
        """``agent_logs/agent_<6 hex of the commit>.log``, a folder for each agent."""
        folder = self.harness.team.state / "agent_logs" / self.agent
        path, number = folder / f"agent_{base[:6]}.log", 2
        while path.exists():
            path, number = folder / f"agent_{base[:6]}_{number}.log", number + 1
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return path
