"""The team's state as one dictionary, made from the journal (of a running or a finished team) and, where it can be
read, from the shared repository.

Input: a journal, perhaps an instant in the past (replay). Output: JSON-ready data for page, terminal and
``status --json``.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from ouroteam.journal import Event, Journal

CURVE_POINTS = 300


def overview(journal: Journal, at: float | None = None) -> dict[str, Any]:
    """Everything on the first screen. ``at``: as it was then."""
    now = at or time.time()
    end = at if at is not None else 1e18
    return {"now": now, "mode": journal.fact("mode", "new"), "main": journal.fact("main")[:12],
            "totals": totals(journal, end), "agents": agents(journal, end, now), "queue": queue(journal, end),
            "curve": curve(journal, end), "commits": commits(journal, end), "conflicts": conflicts(journal, end),
            "tasks": tasks(journal, end), "events": recent(journal, end), "parked": journal.facts("parked/"),
            "last": journal.value("SELECT max(id) FROM event WHERE time <= ?", end) or 0}


def totals(journal: Journal, end: float) -> dict[str, Any]:
    counts = {row["kind"]: row["n"] for row in journal.rows(
        "SELECT kind, count(*) AS n FROM event WHERE time <= ? GROUP BY kind", end)}
    row = journal.row("SELECT count(*) AS n, coalesce(sum(tokens), 0) AS tokens, coalesce(sum(cost), 0) AS cost "
                      "FROM session WHERE started <= ?", end)
    assert row is not None
    first = journal.value("SELECT min(time) FROM event WHERE kind = 'up'")
    conflicts_count = journal.value("SELECT count(*) FROM event WHERE kind = 'returned' AND time <= ? AND "
                                    "json_extract(data, '$.reason') = 'conflict'", end)
    return {"sessions": row["n"], "tokens": row["tokens"], "cost": round(row["cost"], 4), "since": first,
            "integrated": counts.get("integrated", 0), "returned": counts.get("returned", 0),
            "conflicts": conflicts_count, "rescued": counts.get("rescued", 0), "flaky": counts.get("flaky", 0),
            "stalled": counts.get("stalled", 0), "events": sum(counts.values())}


def agents(journal: Journal, end: float, now: float) -> list[dict[str, Any]]:
    states = journal.facts("state/")
    modes = journal.facts("mode/")
    result = []
    rows = journal.rows(
        "SELECT agent, count(*) AS sessions, sum(tokens) AS tokens, sum(cost) AS cost, max(started) AS latest "
        "FROM session WHERE started <= ? GROUP BY agent", end)
    seen = set()
    integrated = {row["agent"]: row["n"] for row in journal.rows(
        "SELECT agent, count(*) AS n FROM event WHERE kind = 'integrated' AND time <= ? GROUP BY agent", end)}
    for row in rows:
        seen.add(row["agent"])
        last = journal.row("SELECT * FROM session WHERE agent = ? AND started = ?", row["agent"], row["latest"])
        assert last is not None
        live = last["ended"] is None or last["ended"] > end
        result.append({
            "name": row["agent"], "role": last["role"], "state": states.get(row["agent"], "") if end > 1e17 else
            ("working" if live else "idle"), "mode": modes.get(row["agent"], ""), "session": last["id"],
            "live": live, "seconds": round((now if live else last["ended"]) - last["started"], 1),
            "doing": last["doing"] if live else f"{last['reason']} {last['failure']}".strip(), "task": last["task"],
            "sessions": row["sessions"], "tokens": row["tokens"], "cost": round(row["cost"] or 0, 4),
            "integrated": integrated.get(row["agent"], 0), "model": last["model"], "log": last["log"]})
    for name, state in states.items():
        if name not in seen:
            result.append({"name": name, "role": "", "state": state, "mode": modes.get(name, ""), "session": "",
                           "live": False, "seconds": 0, "doing": "", "task": "", "sessions": 0, "tokens": 0, "cost": 0,
                           "integrated": 0, "model": "", "log": ""})
    return sorted(result, key=lambda a: _natural(a["name"]))


def _natural(name: str) -> tuple[str, int]:
    head, _, tail = name.rpartition("-")
    return (head, int(tail)) if tail.isdigit() else (name, 0)


def queue(journal: Journal, end: float) -> list[dict[str, Any]]:
    rows = journal.rows("SELECT * FROM submission WHERE submitted <= ? AND (state IN ('queued', 'held') OR "
                        "settled > ?) ORDER BY submitted - bonus LIMIT 100", end, end)
    return [{"id": row["id"], "agent": row["agent"], "ref": row["ref"], "sha": row["sha"][:12], "state": row["state"],
             "since": row["submitted"], "group": row["grp"], "attempts": row["attempts"]} for row in rows]


def curve(journal: Journal, end: float) -> list[dict[str, Any]]:
    """Tests passing over time, thinned out."""
    events = [e for e in journal.events(kinds=("checked",)) if e.time <= end]
    step = max(1, len(events) // CURVE_POINTS)
    chosen = events[::step] + (events[-1:] if events and (len(events) - 1) % step else [])
    return [{"time": e.time, "passed": e.data["passed"], "failed": e.data["failed"], "good": e.data["good"],
             "seconds": e.data["seconds"]} for e in chosen]


def commits(journal: Journal, end: float) -> list[dict[str, Any]]:
    rows = journal.rows("SELECT time, agent, data FROM event WHERE kind = 'integrated' AND time <= ? "
                        "ORDER BY id DESC LIMIT 40", end)
    import json
    return [{"time": row["time"], "agent": row["agent"], "sha": json.loads(row["data"])["sha"][:12],
             "seconds": json.loads(row["data"]).get("seconds", 0)} for row in rows]


def conflicts(journal: Journal, end: float) -> list[dict[str, Any]]:
    events = [e for e in journal.events(kinds=("returned",)) if e.time <= end]
    return [{"time": e.time, "agent": e.agent, "reason": e.data["reason"], "text": " ".join(e.data["short"])[:200]}
            for e in events[-20:][::-1]]


def tasks(journal: Journal, end: float) -> list[dict[str, Any]]:
    """Tasks that the journal knows of: who holds them, which are closed."""
    state: dict[str, dict[str, Any]] = {}
    for event in journal.events(kinds=("claimed", "released", "lease-expired", "task-closed", "handed-on")):
        if event.time <= end:
            meaning = {"claimed": "claimed", "task-closed": "closed"}.get(event.kind, "open")
            if state.get(event.task, {}).get("state") == "closed":
                continue
            state[event.task] = {"name": event.task, "state": meaning, "agent": event.agent, "time": event.time}
    return sorted(state.values(), key=lambda t: -t["time"])[:100]


_DULL = ("doing", "usage", "agent-session", "process", "fact", "delivered", "agent-state", "batch-attempted",
         "batch-begun", "batch-ended", "batch-stopped")


def recent(journal: Journal, end: float, limit: int = 40) -> list[dict[str, Any]]:
    marks = ",".join("?" * len(_DULL))
    rows = journal.rows(f"SELECT id FROM event WHERE time <= ? AND kind NOT IN ({marks}) ORDER BY id DESC LIMIT ?",
                        end, *_DULL, limit)
    if not rows:
        return []
    wanted = {row["id"] for row in rows}
    events = [e for e in journal.events(after=min(wanted) - 1) if e.id in wanted]
    return [{"id": e.id, "time": e.time, "kind": e.kind, "agent": e.agent, "text": describe(e)}
            for e in reversed(events)]


def describe(event: Event) -> str:
    """An event in a few words."""
    d = event.data
    form = {
        "session-started": "started on {base}", "session-ended": "{reason} {failure}", "integrated": "landed {sha}",
        "returned": "{reason}: {short}", "batch-split": "batch failed, bisecting: {reason}",
        "batch-passed": "{changes} changes landed", "checked": "{verdict}: {passed} passed, {failed} failed",
        "parked": "{credential} until {until}", "stalled": "{why}", "queue-blocked": "{reason}", "budget": "{budget}",
        "submitted": "{sha}", "rescued": "{refs}", "message": "{text}", "main-restored": "to {sha}"}.get(event.kind)
    shown = {k: v[:12] if k in ("sha", "base", "merged") and isinstance(v, str) else v for k, v in d.items()}
    try:
        text = form.format(**shown) if form else " ".join(f"{k}={v}" for k, v in shown.items())
    except (KeyError, ValueError, TypeError):
        text = str(shown)
    return " ".join(f"{event.task} {text}".split())[:240]


_CONTROL = re.compile(r"(\x1b\[[0-9;]*m)|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def printable(text: str, colours: bool = True) -> str:
    """Agents' text: colours may stay, other control sequences (which could retitle a terminal, move its cursor, answer
    for the user) don't."""
    return _CONTROL.sub(lambda match: match[0] if match[1] and colours else "" if match[1] else "\ufffd", text)


def search_log(path: Path, query: str, limit: int = 500, tail: int = 400) -> list[str]:
    """Lines of a log that hold the words, or its end."""
    try:
        with path.open("rb") as stream:
            size = path.stat().st_size
            if not query:
                stream.seek(max(0, size - 200_000))
                return stream.read().decode("utf-8", "replace").splitlines()[-tail:]
            low = query.lower().encode()
            found = []
            for number, line in enumerate(stream, 1):
                if low in line.lower():
                    found.append(f"{number}: " + line.decode("utf-8", "replace").rstrip()[:2000])
                    if len(found) >= limit:
                        break
            return found
    except OSError:
        return []
