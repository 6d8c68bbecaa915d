"""Budgets and refusals.

Input: the journal. Output: may this agent start a session now, and with how much left? A refusal (rate limit,
used-up quota) parks every agent with the same credential until the reset that the agent's stream named, plus
jitter; it is no failure and starts no back-off. Reaching a budget ends cleanly and loses nothing.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from ouroteam.config import BudgetSection, Team
from ouroteam.journal import Journal, JournalWriter

UNKNOWN_RESET = 300.0
LONGEST = 8 * 86400.0  # the longest limits are weekly; the time comes from an agent's output


@dataclass(frozen=True)
class Left:
    """What a session may use; 0 means no limit. ``spent`` names the budget that is used up."""

    tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0
    spent: str = ""


def unpark(journal: JournalWriter) -> None:
    """A human knows better: `ouroteam resume`."""
    for credential, until in journal.facts("parked/").items():
        if float(until) > time.time():
            journal.record("parked", credential=credential, until=0.0, by="human")


class Quota:
    def __init__(self, team: Team, journal: Journal, clock: Callable[[], float] = time.time,
                 rng: random.Random | None = None) -> None:
        self.team = team
        self.journal = journal
        self.clock = clock
        self.rng = rng or random.Random()

    # --- refusals --------------------------------------------------------------------------------

    def refuse(self, credential: str, until: float, agent: str = "", session: str = "") -> float:
        """Park everybody who shares the credential; the time at which they may go on."""
        assert isinstance(self.journal, JournalWriter)
        now = self.clock()
        reset = min(until, now + LONGEST) if until > now else now + UNKNOWN_RESET
        # Jitter, so that they don't all come back in the same second.
        until = max(reset + self.rng.uniform(1.0, 10.0), float(self.journal.fact(f"parked/{credential}") or 0))
        self.journal.record("parked", session=session, at=now, credential=credential, until=until, by=agent)
        return until

    def parked_until(self, credential: str) -> float:
        until = float(self.journal.fact(f"parked/{credential}") or 0.0)
        return until if until > self.clock() else 0.0

    # --- budgets ---------------------------------------------------------------------------------

    def used(self, agent: str = "") -> dict[str, float]:
        where = " WHERE agent = ?" if agent else ""
        row = self.journal.row(
            "SELECT count(*), coalesce(sum(tokens), 0), coalesce(sum(cost), 0), "
            f"coalesce(sum(coalesce(ended, ?) - started), 0) FROM session{where}",
            self.clock(), *([agent] if agent else []))
        assert row is not None
        return {"sessions": row[0], "tokens": row[1], "cost": row[2], "hours": row[3] / 3600.0}

    def spent(self, agent: str) -> str:
        """The budget that a running session has to stop for: others use it up as well."""
        budget = self.team.budget
        used = {"agent": self.used(agent), "team": self._whole()}
        for who in used:
            for what in ("tokens", "cost", "hours"):
                limit = getattr(budget, f"{who}_{what}")
                if limit and used[who][what] >= limit:
                    return f"{who}_{what}"
        return ""

    def _whole(self) -> dict[str, float]:
        whole, begun = self.used(), self.journal.value("SELECT min(time) FROM event WHERE kind = 'up'")
        whole["hours"] = (self.clock() - float(begun)) / 3600.0 if begun else 0.0
        return whole

    def left(self, agent: str, role_sessions: int = 0) -> Left:
        """What the agent may still use."""
        budget, own, whole = self.team.budget, self.used(agent), self._whole()
        limits = [("role.sessions", role_sessions, own["sessions"])]
        for name, used in (("agent", own), ("team", whole)):
            for what in ("sessions", "tokens", "cost", "hours"):
                limits.append((f"{name}_{what}", getattr(budget, f"{name}_{what}"), used[what]))
        for name, limit, used_up in limits:
            if limit and used_up >= limit:
                return Left(spent=name)
        rest = {name: limit - used_up for name, limit, used_up in limits if limit}
        return Left(tokens=int(_least(budget, rest, "tokens")), cost=_least(budget, rest, "cost"),
                    seconds=min([v * 3600.0 for k, v in rest.items() if k.endswith("_hours")], default=0.0))


def _least(budget: BudgetSection, rest: dict[str, float], what: str) -> float:
    values = [value for name, value in rest.items() if name.endswith(f"_{what}")]
    session = float(getattr(budget, f"session_{what}"))
    return min([*values, session] if session else values, default=0.0)
