"""The event log: the harness's only state.

Input: events ``record(kind, ...)``. Output: the events, and projections (sessions, submissions, agents, facts)
that each event updates in the same transaction, so that a crash leaves both or neither. ``rebuild`` makes the
projections again from the events alone; a test compares the two. SQLite in WAL mode with ``synchronous=FULL``;
one connection of one process writes and alone checkpoints (SQLite before 3.51.3 can corrupt a WAL when two do).
An event with a ``key`` is stored once however often it is reported: recovery reports again what it finds in git.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ouroteam.redaction import Redactor

Data = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
    id INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, kind TEXT NOT NULL, agent TEXT NOT NULL DEFAULT '',
    session TEXT NOT NULL DEFAULT '', task TEXT NOT NULL DEFAULT '', key TEXT UNIQUE, data TEXT NOT NULL DEFAULT '{}');
CREATE INDEX IF NOT EXISTS event_kind ON event (kind, id);
CREATE INDEX IF NOT EXISTS event_agent ON event (agent, id);
CREATE TABLE IF NOT EXISTS session (
    id TEXT PRIMARY KEY, agent TEXT NOT NULL, role TEXT NOT NULL DEFAULT '', credential TEXT NOT NULL DEFAULT '',
    started REAL NOT NULL, ended REAL, reason TEXT NOT NULL DEFAULT '', base TEXT NOT NULL DEFAULT '',
    task TEXT NOT NULL DEFAULT '', log TEXT NOT NULL DEFAULT '', resume TEXT NOT NULL DEFAULT '',
    tokens INTEGER NOT NULL DEFAULT 0, cost REAL NOT NULL DEFAULT 0, model TEXT NOT NULL DEFAULT '',
    doing TEXT NOT NULL DEFAULT '', failure TEXT NOT NULL DEFAULT '', commits INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS session_agent ON session (agent, started);
CREATE TABLE IF NOT EXISTS submission (
    id INTEGER PRIMARY KEY, ref TEXT NOT NULL, sha TEXT NOT NULL, agent TEXT NOT NULL, submitted REAL NOT NULL,
    state TEXT NOT NULL, grp INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    bonus REAL NOT NULL DEFAULT 0, approved INTEGER NOT NULL DEFAULT 0, tasks TEXT NOT NULL DEFAULT '',
    merged TEXT NOT NULL DEFAULT '', settled REAL, UNIQUE (ref, sha));
CREATE INDEX IF NOT EXISTS submission_state ON submission (state, grp);
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_PROJECTIONS = ("session", "submission", "fact")
FULL_DISK_PATIENCE = 300.0
DAMAGED = ("it is damaged: move journal.db* away, and `ouroteam up` begins a new one (commits, tasks, leases and rescued "
           "work are in the shared repository)")


@dataclass(frozen=True)
class Event:
    id: int
    time: float
    kind: str
    agent: str = ""
    session: str = ""
    task: str = ""
    data: Data = field(default_factory=dict)

    def as_dict(self) -> Data:
        return {"id": self.id, "time": self.time, "kind": self.kind, "agent": self.agent, "session": self.session,
                "task": self.task, "data": self.data}


class Locked(Exception):
    """Another process writes this journal."""


class NoJournal(Exception):
    """There is no journal, or it has no tables yet."""


class Journal:
    """Read access; ``JournalWriter`` adds events."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.RLock()
        self.db = self._connect()
        self.db.row_factory = sqlite3.Row

    def _connect(self) -> sqlite3.Connection:
        if not self.path.exists():
            raise NoJournal(f"{self.path}: no journal; start the team with `ouroteam up`")
        db = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, check_same_thread=False, timeout=10)
        try:
            db.execute("SELECT 1 FROM fact LIMIT 1")
        except sqlite3.DatabaseError as error:
            db.close()
            hint = "" if isinstance(error, sqlite3.OperationalError) else f"; {DAMAGED}"
            raise NoJournal(f"{self.path}: no journal of a team: {error}{hint}") from None
        return db

    def close(self) -> None:
        with self.lock:
            self.db.close()

    def rows(self, query: str, *arguments: object) -> list[sqlite3.Row]:
        with self.lock:
            return self.db.execute(query, arguments).fetchall()

    def row(self, query: str, *arguments: object) -> sqlite3.Row | None:
        found = self.rows(query, *arguments)
        return found[0] if found else None

    def value(self, query: str, *arguments: object) -> Any:
        found = self.row(query, *arguments)
        return found[0] if found is not None else None

    def events(self, after: int = 0, kinds: tuple[str, ...] = (), agent: str = "", limit: int = -1) -> list[Event]:
        where = ["id > ?"]
        values: list[object] = [after]
        if kinds:
            where.append(f"kind IN ({','.join('?' * len(kinds))})")
            values += kinds
        if agent:
            where.append("agent = ?")
            values.append(agent)
        found = self.rows(f"SELECT * FROM event WHERE {' AND '.join(where)} ORDER BY id LIMIT ?", *values, limit)
        return [_event(row) for row in found]

    def last(self, kind: str, agent: str = "") -> Event | None:
        query = "SELECT * FROM event WHERE kind = ?" + (" AND agent = ?" if agent else "") + " ORDER BY id DESC LIMIT 1"
        row = self.row(query, *([kind, agent] if agent else [kind]))
        return _event(row) if row is not None else None

    def fact(self, name: str, default: str = "") -> str:
        value = self.value("SELECT value FROM fact WHERE name = ?", name)
        return default if value is None else str(value)

    def facts(self, prefix: str) -> dict[str, str]:
        return {row["name"][len(prefix):]: row["value"]
                for row in self.rows("SELECT name, value FROM fact WHERE substr(name, 1, ?) = ?", len(prefix), prefix)}

    def follow(self, after: int, stop: threading.Event, interval: float = 0.3) -> Iterator[Event]:
        """Events as they come."""
        while not stop.is_set():
            for event in self.events(after, limit=500):
                after = event.id
                yield event
            stop.wait(interval)


def _event(row: sqlite3.Row) -> Event:
    return Event(row["id"], row["time"], row["kind"], row["agent"], row["session"], row["task"],
                 json.loads(row["data"]))


class JournalWriter(Journal):
    """The one writing connection. ``fault`` is called before and after each commit, where tests crash."""

    def __init__(self, path: Path, redactor: Redactor | None = None, *, synchronous: str = "FULL") -> None:
        self.redactor = redactor or Redactor([])
        self.synchronous = synchronous
        self.fault: Callable[[str, str], None] | None = None
        self.listeners: list[Callable[[Event], None]] = []
        self.broken: sqlite3.Error | None = None  # nothing can be recorded any more: the harness has to end
        path.parent.mkdir(parents=True, exist_ok=True)
        self._guard = os.open(str(path) + ".writer", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._guard)
            raise Locked(f"{path}: another process is writing (is the team up?)") from None
        super().__init__(path)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=30)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(f"PRAGMA synchronous={self.synchronous}")
        db.executescript(_SCHEMA)
        return db

    def close(self) -> None:
        with self.lock:
            self.db.close()
            if self._guard >= 0:
                os.close(self._guard)
                self._guard = -1

    def record(self, kind: str, *, agent: str = "", session: str = "", task: str = "", key: str | None = None,
               at: float | None = None, **data: Any) -> Event | None:
        """Store one event and its effect. None when an event with this key is there already."""
        event = Event(0, time.time() if at is None else at, kind, agent, session, task, data)
        stored = self.record_all([(event, key)])
        return stored[0] if stored else None

    def record_all(self, batch: list[tuple[Event, str | None]]) -> list[Event]:
        """Several events in one transaction. A full disk is waited out: the events are the team's memory."""
        if not batch:
            return []
        deadline = time.monotonic() + FULL_DISK_PATIENCE
        while True:
            try:
                return self._store(batch)
            except sqlite3.DatabaseError as error:
                full = isinstance(error, sqlite3.OperationalError) and ("full" in str(error) or "I/O" in str(error))
                if not full or time.monotonic() > deadline:
                    self.broken = error
                    raise
                time.sleep(0.5)

    def _store(self, batch: list[tuple[Event, str | None]]) -> list[Event]:
        stored: list[Event] = []
        with self.lock:
            if self.fault:
                self.fault("before", "journal")
            self.db.execute("BEGIN IMMEDIATE")
            try:
                for event, key in batch:
                    text = json.dumps(_clean(event.data, self.redactor), ensure_ascii=False, default=str)
                    cursor = self.db.execute(
                        "INSERT OR IGNORE INTO event (time, kind, agent, session, task, key, data) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?)",
                        (event.time, event.kind, event.agent, event.session, event.task, key, text))
                    if cursor.rowcount:
                        new = Event(int(cursor.lastrowid or 0), event.time, event.kind, event.agent, event.session,
                                    event.task, json.loads(text))
                        apply(self.db, new)
                        stored.append(new)
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise
            if self.fault:
                self.fault("after", "journal")
        for event in stored:
            for listener in self.listeners:
                listener(event)
        return stored

    def rebuild(self) -> None:
        """Make the projections again from the events."""
        with self.lock:
            self.db.execute("BEGIN IMMEDIATE")
            for table in _PROJECTIONS:
                self.db.execute(f"DELETE FROM {table}")
            for row in self.db.execute("SELECT * FROM event ORDER BY id").fetchall():
                apply(self.db, _event(row))
            self.db.execute("COMMIT")

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """The projections, for comparison."""
        return {table: sorted(tuple(row) for row in self.rows(f"SELECT * FROM {table}")) for table in _PROJECTIONS}


def _clean(value: Any, redactor: Redactor) -> Any:
    """The value with every string in it redacted (and valid in UTF-8)."""
    if isinstance(value, str):
        return redactor.text(value).encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {str(key): _clean(item, redactor) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item, redactor) for item in value]
    return value


# --- projections: one function an event kind ----------------------------------------------------------


def apply(db: sqlite3.Connection, event: Event) -> None:
    """The effect of an event on the projections."""
    handler = _EFFECTS.get(event.kind)
    if handler is not None:
        handler(db, event)


def _fact(db: sqlite3.Connection, name: str, value: object) -> None:
    if value is None:
        db.execute("DELETE FROM fact WHERE name = ?", (name,))
    else:
        db.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, str(value)))


def _session_started(db: sqlite3.Connection, e: Event) -> None:
    d = e.data
    db.execute("INSERT OR REPLACE INTO session (id, agent, role, credential, started, base, task, log, model) "
               "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
               (e.session, e.agent, d.get("role", ""), d.get("credential", ""), e.time, d.get("base", ""), e.task,
                d.get("log", ""), d.get("model", "")))


def _session_ended(db: sqlite3.Connection, e: Event) -> None:
    d = e.data
    db.execute("UPDATE session SET ended = ?, reason = ?, failure = ?, commits = ?, tokens = max(tokens, ?), "
               "cost = max(cost, ?), doing = '' WHERE id = ? AND ended IS NULL",
               (e.time, d.get("reason", ""), d.get("failure", ""), d.get("commits", 0), d.get("tokens", 0),
                d.get("cost", 0.0), e.session))


def _usage(db: sqlite3.Connection, e: Event) -> None:
    db.execute("UPDATE session SET tokens = ?, cost = ? WHERE id = ?",
               (e.data.get("tokens", 0), e.data.get("cost", 0.0), e.session))


def _agent_session(db: sqlite3.Connection, e: Event) -> None:
    db.execute("UPDATE session SET resume = ?, model = CASE WHEN ? = '' THEN model ELSE ? END WHERE id = ?",
               (e.data.get("resume", ""), e.data.get("model", ""), e.data.get("model", ""), e.session))


def _doing(db: sqlite3.Connection, e: Event) -> None:
    db.execute("UPDATE session SET doing = ? WHERE id = ?", (e.data.get("text", ""), e.session))


def _submitted(db: sqlite3.Connection, e: Event) -> None:
    d = e.data
    db.execute("UPDATE submission SET state = 'superseded', settled = ? WHERE ref = ? AND state IN ('queued', 'held')",
               (e.time, d["ref"]))
    db.execute("INSERT OR IGNORE INTO submission (id, ref, sha, agent, submitted, state, bonus, tasks) "
               "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
               (e.id, d["ref"], d["sha"], e.agent, e.time, d.get("state", "queued"), d.get("bonus", 0.0),
                " ".join(d.get("tasks", []))))
    # The same commit pushed again after it was returned is a new attempt.
    db.execute("UPDATE submission SET state = ?, settled = NULL, grp = 0, attempts = 0 WHERE ref = ? AND sha = ? "
               "AND state IN ('returned', 'withdrawn', 'superseded')", (d.get("state", "queued"), d["ref"], d["sha"]))


def _settle(state: str) -> Callable[[sqlite3.Connection, Event], None]:
    def effect(db: sqlite3.Connection, e: Event) -> None:
        db.execute("UPDATE submission SET state = ?, settled = ?, merged = ?, grp = 0 WHERE ref = ? AND sha = ?",
                   (state, e.time, e.data.get("merged", ""), e.data["ref"], e.data["sha"]))
    return effect


def _integrated(db: sqlite3.Connection, e: Event) -> None:
    _settle("integrated")(db, e)
    db.execute("UPDATE session SET commits = commits + 1 WHERE id = ?", (e.session,))


def _main_moved(db: sqlite3.Connection, e: Event) -> None:
    _fact(db, "main", e.data["sha"])


def _batch_split(db: sqlite3.Connection, e: Event) -> None:
    for offset, group in enumerate(e.data["groups"]):
        for number in group:
            db.execute("UPDATE submission SET grp = ? WHERE id = ? AND state = 'queued'", (e.id * 2 + offset, number))
    _fact(db, "window", e.data["window"])


def _attempted(db: sqlite3.Connection, e: Event) -> None:
    for number in e.data["ids"]:
        db.execute("UPDATE submission SET attempts = attempts + 1 WHERE id = ?", (number,))


def _stopped(db: sqlite3.Connection, e: Event) -> None:
    """A harness that was ended in peace costs the changes of its batch nothing."""
    for number in e.data["ids"]:
        db.execute("UPDATE submission SET attempts = max(0, attempts - 1) WHERE id = ? AND state = 'queued'", (number,))
    _batch_open(db, e)


def _batch_passed(db: sqlite3.Connection, e: Event) -> None:
    _fact(db, "window", e.data["window"])


def _batch_open(db: sqlite3.Connection, e: Event) -> None:
    _fact(db, "batch-open", 1 if e.kind == "batch-begun" else None)
    if "window" in e.data:
        _fact(db, "window", e.data["window"])


def _held(db: sqlite3.Connection, e: Event) -> None:
    db.execute("UPDATE submission SET state = 'held', grp = 0 WHERE id = ?", (e.data["id"],))


def _approved(db: sqlite3.Connection, e: Event) -> None:
    db.execute("UPDATE submission SET state = 'queued', approved = 1 WHERE id = ? AND state = 'held'", (e.data["id"],))


def _rejected(db: sqlite3.Connection, e: Event) -> None:
    db.execute("UPDATE submission SET state = 'rejected' WHERE id = ? AND state = 'held'", (e.data["id"],))


def _set_fact(name: str, key: str) -> Callable[[sqlite3.Connection, Event], None]:
    def effect(db: sqlite3.Connection, e: Event) -> None:
        _fact(db, name.replace("*", e.agent or str(e.data.get("credential", ""))), e.data.get(key))
    return effect


def _set_any(db: sqlite3.Connection, e: Event) -> None:
    _fact(db, e.data["name"], e.data.get("value"))


def _message(db: sqlite3.Connection, e: Event) -> None:
    _fact(db, f"message/{e.agent}/{e.id:09d}", e.data.get("text", ""))


def _delivered(db: sqlite3.Connection, e: Event) -> None:
    for number in e.data.get("messages", []):
        _fact(db, f"message/{e.agent}/{number}", None)


_EFFECTS: dict[str, Callable[[sqlite3.Connection, Event], None]] = {
    "session-started": _session_started, "session-ended": _session_ended, "usage": _usage,
    "agent-session": _agent_session, "doing": _doing, "submitted": _submitted, "integrated": _integrated,
    "published": _settle("published"), "returned": _settle("returned"), "withdrawn": _settle("withdrawn"),
    "main-moved": _main_moved, "batch-begun": _batch_open, "batch-ended": _batch_open, "batch-cut": _batch_open,
    "batch-stopped": _stopped,
    "batch-split": _batch_split, "batch-attempted": _attempted, "batch-passed": _batch_passed, "held": _held,
    "approved": _approved, "rejected": _rejected, "message": _message, "delivered": _delivered, "fact": _set_any,
    "parked": _set_fact("parked/*", "until"), "mode": _set_fact("mode", "mode"),
    "agent-mode": _set_fact("mode/*", "mode"), "agent-state": _set_fact("state/*", "state"),
}
