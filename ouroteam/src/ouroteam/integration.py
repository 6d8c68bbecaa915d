"""The merge queue.

Input: branches ``refs/heads/agents/<agent>/<name>`` in the shared repository. Output: main, which moves only to
commits whose check passed. ``tick`` is idempotent (after rust-lang/bors): each time it derives what to do from the
journal and the refs, so that it can be killed between any two operations.

Rules:
  1. A head seen for the first time is submitted; oldest first, where a return counts as age.
  2. The next ``window`` changes are merged one after the other without a work tree. A conflict is returned before
     any test is spent on it.
  3. The check runs once, on the last merge. When it passes, one transaction moves main, deletes the branches,
     and closes the tasks. The window grows.
  4. When it fails, the batch becomes two batches (bors-ng), which come first. The window halves.
  5. A single change that fails runs once more: passing then, it is recorded as flaky and lands. Failing twice it
     is returned, unless main fails as well: then the fault is main's or the machine's, and the queue is blocked.
  6. Nothing is dropped: a returned head is kept under refs/returned/.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ouroteam import reports
from ouroteam.check import Outcome
from ouroteam.config import Team
from ouroteam.journal import Event, JournalWriter
from ouroteam.merging import Head, merge_batch
from ouroteam.reports import Report
from ouroteam.repository import RefChange, Upstream, index_commits

AGENTS = "refs/heads/agents/"
TRAILER = "Ouroteam-Change"
MAX_ATTEMPTS = 4
SUSPICIOUS = 3
BLOCKED = 60.0  # seconds until the queue looks again
GRAPH_EVERY = 32  # landings between two writings of the commit graph


class Tester(Protocol):
    """Runs the check on a commit."""

    def test(self, commit: str, definition: str, fresh: bool = False) -> Outcome:
        """``definition``: the commit that the check's own files are taken from."""
        ...

    def shorten(self, outcome: Outcome, before: Report | None) -> list[str]: ...


@dataclass(frozen=True)
class Change:
    """A submission on its way."""

    id: int
    ref: str
    sha: str
    agent: str
    submitted: float
    grp: int
    attempts: int
    approved: bool
    tasks: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.ref[len(AGENTS):]


@dataclass
class Built:
    """A batch merged on top of main: (change, merge commit) in order."""

    base: str
    merged: list[tuple[Change, str]] = field(default_factory=list)

    @property
    def tip(self) -> str:
        return self.merged[-1][1] if self.merged else self.base


class Stopped(Exception):
    """The harness ends: the check was ended before it said anything."""


class Blocked(Exception):
    """The check fails on main as well, or the machine is at fault."""


class Integrator:
    """See the module's text."""

    def __init__(self, team: Team, upstream: Upstream, journal: JournalWriter, tester: Tester,
                 clock: Callable[[], float] = time.time) -> None:
        self.team = team
        self.upstream = upstream
        self.journal = journal
        self.tester = tester
        self.clock = clock
        self.main_ref = f"refs/heads/{team.team.main}"
        self.roles = {agent: role for agent, role in team.agents()}
        self.blocked_until = 0.0
        self.main_report: Report | None = None
        self.report_of = ""
        self.main_passes = False
        self.seen_main = ""
        self.machine: tuple[list[int], int] = ([], 0)  # changes that met a failure of the machine, and how often
        self.unindexed = 0
        self._bad_main: dict[str, float] = {}
        if journal.fact("batch-open"):
            # The harness ended during a batch: a smaller one, so that a team that is killed again and again (or a
            # check that ends the machine) still gets on.
            journal.record("batch-cut", at=clock(), window=max(1, self.window // 2))

    # --- one tick --------------------------------------------------------------------------------

    def tick(self, admit: bool = True) -> bool:
        """Do the next thing; True when something was done. ``admit`` off: no new batch (paused)."""
        self.upstream.refresh()
        refs = self.upstream.refs(self.main_ref, AGENTS, "refs/tasks/", "refs/claims/")
        main = self._reconcile(refs)
        if main is None:
            return False
        changed = self._reject(refs) or self._accept(refs, main)
        self.upstream.tidy()
        if not admit or self._blocked():
            return changed
        batch = self._select()
        if not batch:
            with contextlib.suppress(Stopped):
                changed = self._look_at_main(main) or changed
            return changed
        self.journal.record("batch-begun", at=self.clock(), ids=[change.id for change in batch])
        try:
            changed = self._process(batch, main, refs) or changed
            if self.journal.fact("batch-open"):  # a landing has closed it already
                self.journal.record("batch-ended", at=self.clock())
            return changed
        except Stopped:
            self.journal.record("batch-stopped", at=self.clock(), ids=[change.id for change in batch])
            return False
        except Blocked as reason:
            self.journal.record("batch-stopped", at=self.clock(), ids=[change.id for change in batch])
            self.blocked_until = self.clock() + BLOCKED
            self.journal.record("queue-blocked", at=self.clock(), reason=str(reason))
            return True

    def _blocked(self) -> bool:
        """For a minute; a clock that was set back doesn't make it longer."""
        return self.clock() < self.blocked_until <= self.clock() + BLOCKED

    def _process(self, batch: list[Change], main: str, refs: dict[str, str]) -> bool:
        built = self._build(batch, main, refs)
        if not built.merged:
            return True
        changes = [change for change, _ in built.merged]
        worn = max(change.attempts for change in changes)
        if worn >= MAX_ATTEMPTS and len(changes) > 1:
            self._split(changes, [], "the batch never came to an end")
            return True
        if worn >= 2 * MAX_ATTEMPTS:
            self._return(changes[0], "failed", ["ERROR check: the harness ended several times during this check"], refs)
            return True
        self.journal.record("batch-attempted", at=self.clock(), ids=[change.id for change in changes], tip=built.tip)
        outcome = self._test(built.tip, main)
        if outcome.verdict == "machine" and not self._their_fault(changes, main):
            raise Blocked(f"the machine failed during a check: {' '.join(self.tester.shorten(outcome, None))[:300]}")
        good, why = self._good(outcome, main, changes)
        checked = self._checked(built.tip, outcome, len(changes), good)
        if good:
            return self._land(built, outcome, refs, checked)
        self.journal.record_all([checked])
        if len(changes) > 1:
            self._split(changes, self.tester.shorten(outcome, self.main_report), why)
            return True
        return self._single(built, outcome, why, main, refs)

    def _test(self, commit: str, definition: str, fresh: bool = False) -> Outcome:
        outcome = self.tester.test(commit, definition, fresh)
        if outcome.verdict == "stopped":
            raise Stopped
        return outcome

    def _their_fault(self, changes: list[Change], main: str) -> bool:
        """A change can make its tests look like a failure of the machine; it must not block the queue for a night: when
        the same changes fail so again and again while main does not, they count as failed."""
        ids = [change.id for change in changes]
        self.machine = (ids, self.machine[1] + 1 if self.machine[0] == ids else 1)
        return self.machine[1] >= SUSPICIOUS and self._test(main, main, fresh=True).verdict != "machine"

    def _look_at_main(self, main: str) -> bool:
        """A team that works until main is green has to know when it is so already."""
        if self.team.team.until != "green" or self.seen_main == main:
            return False
        self.seen_main = main
        last = self.journal.last("checked")
        if last is not None and last.data["sha"] == main:
            return False
        outcome = self._test(main, main)
        self.journal.record_all([self._checked(main, outcome, 0, outcome.good)])
        return True

    def _single(self, built: Built, outcome: Outcome, why: str, main: str, refs: dict[str, str]) -> bool:
        """A change that fails alone: flaky, main's fault, to be approved, or returned."""
        change = built.merged[0][0]
        if why == "fewer tests":
            policy = self.team.check.fewer_tests
            self.journal.record("flagged", agent=change.agent, at=self.clock(), id=change.id, reason=why, ref=change.ref)
            if policy == "flag" or change.approved:
                return self._land(built, outcome, refs)
            if policy == "hold":
                self._hold(change, "it runs fewer tests than main")
                return True
            self._return(change, "failed", ["ERROR check: fewer tests than on main"], refs)
            return True
        if self.team.queue.retry_flaky:
            again = self._test(built.tip, main, fresh=True)
            if again.verdict == "machine" and self.machine[1] < SUSPICIOUS:
                raise Blocked("the machine failed during a check")
            if self._good(again, main, [change])[0]:
                self.journal.record("flaky", agent=change.agent, at=self.clock(), id=change.id, tip=built.tip,
                                    tests=outcome.report.names(reports.FAIL)[:20])
                return self._land(built, again, refs)
            outcome = again
        if self.team.check.rule == "exit" and not self._main_good(main):
            raise Blocked("the check fails on main itself")
        self._return(change, "failed", self.tester.shorten(outcome, self.main_report), refs)
        return True

    # --- what is there ---------------------------------------------------------------------------

    def _reconcile(self, refs: dict[str, str]) -> str | None:
        """Bring the journal up to what git says: landings that a crash kept from being recorded, a foreign main."""
        main, known = refs.get(self.main_ref), self.journal.fact("main")
        if main and main == known:
            return main
        store = self.upstream.store
        if not known:
            if main:
                self.journal.record("main-moved", at=self.clock(), sha=main, by="start")
            return main
        if self.team.team.integration != "queue":
            if main:
                self.journal.record_all(self._landed_between(known, main))
            return main
        if not store.has(known):
            if not self._blocked():
                self.blocked_until = self.clock() + BLOCKED
                self.journal.record("queue-blocked", at=self.clock(), reason=f"commit {known[:12]}, the last good "
                                    f"{self.team.team.main}, is gone from the shared repository: bring it back, or "
                                    "`ouroteam down` and `up` to go on from what is there")
            return None
        if main and store.is_ancestor(known, main):
            self.journal.record_all(self._landed_between(known, main))
            return main
        # Somebody rewound or replaced main: what they put there is kept, main goes back to what passed its check.
        changes = [RefChange(self.main_ref, known, main)]
        keep = f"refs/rescue/foreign/{main[:12]}" if main else ""
        if main and keep not in self.upstream.refs("refs/rescue/foreign/"):
            changes.append(RefChange(keep, main, None))
        if not self.upstream.transaction(changes):
            return None
        self.journal.record("main-restored", at=self.clock(), sha=known, foreign=main or "", kept=keep)
        return known

    def _landed_between(self, known: str, main: str) -> list[tuple[Event, str | None]]:
        """The events of main's new commits, from the trailers of the merges."""
        form = f"%H%x1f%(trailers:key={TRAILER},valueonly)%x1f%an%x1f%s%x1e"
        out = self.upstream.store.run("log", "--first-parent", "--reverse", f"--format={form}", f"{known}..{main}").out
        events: list[tuple[Event, str | None]] = []
        for record in out.split("\x1e"):
            fields = record.strip("\n").split("\x1f")
            if len(fields) < 4:
                continue
            sha, trailer, author, subject = fields
            name, _, head = trailer.strip().partition(" ")
            if head:
                events.append(self._integrated_event(AGENTS + name, head, sha))
            elif self.team.team.integration == "direct" and author in self.roles:
                events.append(self._integrated_event(f"{AGENTS}{author}/direct", sha, sha))
            else:
                events.append((Event(0, self.clock(), "foreign-commit", author, data={"sha": sha, "subject": subject}),
                               f"foreign:{sha}"))
        events.append((Event(0, self.clock(), "main-moved", data={"sha": main, "by": "found"}), None))
        return events

    def _integrated_event(self, ref: str, head: str, merged: str) -> tuple[Event, str | None]:
        agent = ref[len(AGENTS):].split("/")[0]
        session = ref[len(AGENTS):].partition("/")[2]
        waited = self.journal.value("SELECT submitted FROM submission WHERE ref = ? AND sha = ?", ref, head)
        seconds = self.clock() - float(waited) if waited is not None else 0.0
        return (Event(0, self.clock(), "integrated", agent, session,
                      data={"ref": ref, "sha": head, "merged": merged, "seconds": round(seconds, 3)}),
                f"integrated:{merged}")

    def _accept(self, refs: dict[str, str], main: str) -> bool:
        """Submissions for new heads; an end for those whose branch is gone."""
        active = {row["ref"]: row for row in self.journal.rows(
            "SELECT * FROM submission WHERE state IN ('queued', 'held')")}
        events: list[tuple[Event, str | None]] = []
        heads = {ref: sha for ref, sha in refs.items() if ref.startswith(AGENTS)}
        tasks = any(ref.startswith("refs/tasks/") or ref.startswith("refs/claims/") for ref in refs)
        for ref, sha in heads.items():
            old = active.get(ref)
            if old is not None and old["sha"] == sha:
                continue
            if old is not None:
                self._keep(old["ref"], old["sha"], sha)
            events.append((self._submission(ref, sha, main, tasks), None))
        for ref, row in active.items():
            if ref not in heads:
                events.append((self._vanished(row), None))
        if events:
            stored = self.journal.record_all(events)
            for event in stored:
                if event.kind == "submitted" and event.data.get("state") == "held":
                    self.journal.record("approval-wanted", agent=event.agent, at=self.clock(), id=event.id,
                                        reason="team.toml asks for it", ref=event.data["ref"])
        return bool(events)

    def _reject(self, refs: dict[str, str]) -> bool:
        """What a human refused goes back to its author."""
        rows = self.journal.rows("SELECT * FROM submission WHERE state = 'rejected'")
        for row in rows:
            event = self.journal.row("SELECT data FROM event WHERE kind = 'rejected' AND json_extract(data, '$.id') = ? "
                                     "ORDER BY id DESC", row["id"])
            self._return(_change(row), "rejected", [json.loads(event["data"])["text"] if event else "rejected"], refs)
        return bool(rows)

    def _submission(self, ref: str, sha: str, main: str, tasks: bool) -> Event:
        agent, _, session = ref[len(AGENTS):].partition("/")
        role = self.roles.get(agent)
        returned = self.journal.value("SELECT count(*) FROM event WHERE kind = 'returned' AND agent = ?", agent) or 0
        integrated = self.journal.value("SELECT count(*) FROM event WHERE kind = 'integrated' AND agent = ?", agent) or 0
        bonus = (role.priority * 60.0 if role else 0.0)
        if returned > integrated:
            bonus += self.team.queue.age_bonus * min(returned - integrated, 10)
        state = "queued"
        if self.team.queue.approve == "always" or (
                self.team.queue.approve == "protected" and self._touches_protected(sha, main)):
            state = "held"
        named: list[str] = []
        if tasks:
            out = self.upstream.store.run("log", "--format=%(trailers:key=Task,valueonly)", f"{main}..{sha}",
                                          check=False).out
            named = sorted({line.strip() for line in out.splitlines() if line.strip()})
        return Event(0, self.clock(), "submitted", agent, session,
                     data={"ref": ref, "sha": sha, "state": state, "bonus": bonus, "tasks": named})

    def _touches_protected(self, sha: str, main: str) -> bool:
        base = self.upstream.store.run("merge-base", main, sha, check=False).line or main
        return any(matches(name, self.team.check.protected) for name in self.upstream.store.changed(base, sha))

    def _keep(self, ref: str, old: str, new: str) -> None:
        """An author who rewrote a branch doesn't lose what stood there."""
        store = self.upstream.store
        if store.has(old) and not store.is_ancestor(old, new):
            name = "refs/rescue/" + ref[len(AGENTS):].partition("/")[0] + f"/superseded-{old[:12]}"
            if not self.upstream.refs(name):
                self.upstream.transaction([RefChange(name, old, None)])

    def _vanished(self, row: sqlite3.Row) -> Event:
        """A queued submission without its branch: returned before a crash, or withdrawn by its author."""
        ref, sha = row["ref"], row["sha"]
        agent, _, session = ref[len(AGENTS):].partition("/")
        verdict = self.upstream.store.read(verdict_ref(sha))
        if returned_ref(ref, sha) in self.upstream.refs(returned_ref(ref, sha)) and verdict:
            data = json.loads(verdict)
            return Event(0, self.clock(), "returned", agent, session,
                         data={"ref": ref, "sha": sha, "reason": data["reason"], "short": data["short"]})
        if self.upstream.store.has(sha):
            name = f"refs/rescue/{agent}/withdrawn-{sha[:12]}"
            if not self.upstream.refs(name) and not self.upstream.store.is_ancestor(sha, self.journal.fact("main")):
                self.upstream.transaction([RefChange(name, sha, None)])
        return Event(0, self.clock(), "withdrawn", agent, session, data={"ref": ref, "sha": sha})

    # --- the batch -------------------------------------------------------------------------------

    def _select(self) -> list[Change]:
        """A batch that was split comes first; else the oldest changes, as many as the window holds."""
        rows = self.journal.rows("SELECT * FROM submission WHERE state = 'queued' ORDER BY submitted - bonus, id")
        changes = [_change(row) for row in rows]
        split = [change for change in changes if change.grp]
        if split:
            return [change for change in split if change.grp == split[0].grp][:self.window]
        return changes[:self.window]

    @property
    def window(self) -> int:
        return max(1, min(int(self.journal.fact("window") or self.team.queue.start), self.team.queue.batch))

    def _build(self, batch: list[Change], main: str, refs: dict[str, str]) -> Built:
        """Merge the batch onto main; conflicts go back before a test is spent on them."""
        heads = [Head(change.sha, f"Merge {change.name}\n\n" + "".join(f"Task: {task}\n" for task in change.tasks)
                      + f"{TRAILER}: {change.name} {change.sha}\n") for change in batch]
        merged = merge_batch(self.upstream.store, main, heads)
        for n, paths in merged.conflicts.items():
            self._return(batch[n], "conflict",
                         [f"ERROR conflict with {self.team.team.main}: {', '.join(paths[:10])}"], refs)
        for n, text in merged.broken.items():
            self._return(batch[n], "failed", [f"ERROR merge: {text}"], refs)
        for n in merged.empty:
            self._nothing_new(batch[n], refs)
        return Built(main, [(batch[n], commit) for n, commit in merged.commits])

    def _nothing_new(self, change: Change, refs: dict[str, str]) -> None:
        if self.upstream.transaction([RefChange(change.ref, None, change.sha)]):
            self.journal.record("withdrawn", agent=change.agent, at=self.clock(), ref=change.ref, sha=change.sha,
                                reason="main has it already")

    def _good(self, outcome: Outcome, main: str, changes: list[Change]) -> tuple[bool, str]:
        """Whether main may move there, and why not."""
        before = self._report_of_main(main)
        if outcome.verdict == "machine":
            return False, outcome.verdict
        if self.team.check.rule == "exit" and not outcome.good:
            return False, outcome.verdict
        if before is None or not before.tests:
            # No names to compare: what fails may land only where main fails as well.
            return outcome.good or outcome.verdict != "timeout" and not self.main_passes, outcome.verdict
        diff = reports.compare(outcome.report, before)
        if self.team.check.rule == "no-regression":
            if outcome.verdict == "timeout" or (not outcome.report.tests and not outcome.good):
                return False, outcome.verdict
            if diff.newly_failing:
                return False, "newly failing: " + " ".join(diff.newly_failing[:5])
        if outcome.report.total < before.total and not all(change.approved for change in changes):
            return False, "fewer tests"
        return True, ""

    def _report_of_main(self, main: str) -> Report | None:
        """main's own report; made when it is wanted (no-regression) or was made when main landed."""
        if self.report_of == main:
            return self.main_report
        file = self._report_file()
        if self.journal.fact("main-report") == main and file.exists():
            self.main_report, self.report_of = Report.from_json(file.read_text()), main
        elif self.team.check.rule == "no-regression":
            outcome = self._test(main, main)
            self.journal.record_all([self._checked(main, outcome, 0, True), *self._save_report(main, outcome)])
        return self.main_report

    def _report_file(self) -> Path:
        return self.team.state / "reports" / "main.json"

    def _save_report(self, main: str, outcome: Outcome) -> list[tuple[Event, str | None]]:
        """main's report as a file; the event that says so."""
        self.main_report, self.report_of, self.main_passes = outcome.report, main, outcome.good
        if not outcome.report.tests:
            return []
        file = self._report_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(".new")
        temporary.write_text(outcome.report.to_json())
        temporary.replace(file)
        return [(Event(0, self.clock(), "fact", data={"name": "main-report", "value": main}), None)]

    def _main_good(self, main: str) -> bool:
        """Whether the check passes on main; remembered for ten minutes."""
        if self.clock() < self._bad_main.get(main, 0.0) <= self.clock() + 600.0:
            return False
        outcome = self._test(main, main, fresh=True)
        self.journal.record_all([self._checked(main, outcome, 0, outcome.good)])
        if not outcome.good:
            self._bad_main = {main: self.clock() + 600.0}
        return outcome.good

    def _checked(self, commit: str, outcome: Outcome, size: int, good: bool) -> tuple[Event, str | None]:
        counts = outcome.report.counts
        return (Event(0, self.clock(), "checked", data={
            "sha": commit, "verdict": outcome.verdict, "good": good, "seconds": round(outcome.seconds, 3),
            "changes": size, "passed": counts[reports.PASS], "failed": counts[reports.FAIL],
            "skipped": counts[reports.SKIP], "log": str(outcome.log)}), None)

    # --- ends ------------------------------------------------------------------------------------

    def _land(self, built: Built, outcome: Outcome, refs: dict[str, str],
              checked: tuple[Event, str | None] | None = None) -> bool:
        """Main, branches, tasks and leases in one transaction; then the events, in one too."""
        before = [checked] if checked else []
        if not self._publish(built, refs):
            self.journal.record_all(before)
            return False
        now, window = self.clock(), min(self.team.queue.batch, max(self.window, len(built.merged)) + 8)
        events = before + [self._integrated_event(change.ref, change.sha, commit) for change, commit in built.merged]
        for change, commit in built.merged:
            events += [(Event(0, now, "task-closed", change.agent, task=task, data={"merged": commit}),
                        f"closed:{task}:{commit}") for task in change.tasks]
        grown = self.window if any(change.grp for change, _ in built.merged) else window
        events.append((Event(0, now, "batch-passed", data={"window": grown, "changes": len(built.merged)}), None))
        events.append((Event(0, now, "main-moved", data={"sha": built.tip, "by": "queue"}), None))
        events += self._save_report(built.tip, outcome)
        events.append((Event(0, now, "batch-ended"), None))
        self.journal.record_all(events)
        self.unindexed += len(built.merged)
        if self.unindexed >= GRAPH_EVERY:
            self.unindexed = 0
            index_commits(self.upstream.store, built.tip)
        self.blocked_until = 0.0
        return True

    def _publish(self, built: Built, refs: dict[str, str]) -> bool:
        """Move main. A branch that its author moved meanwhile stays; a lease that was renewed is read again."""
        for _ in range(5):
            changes = [RefChange(self.main_ref, built.tip, built.base)]
            for change, _ in built.merged:
                if refs.get(change.ref) == change.sha:
                    changes.append(RefChange(change.ref, None, change.sha))
                for task in change.tasks:
                    for ref in (f"refs/tasks/{task}", f"refs/claims/{task}"):
                        if ref in refs:
                            changes.append(RefChange(ref, None, refs[ref]))
            unique = list({change.ref: change for change in changes}.values())
            if self.upstream.transaction(unique):
                return True
            self.upstream.refresh()
            refs = self.upstream.refs(self.main_ref, AGENTS, "refs/tasks/", "refs/claims/")
            if refs.get(self.main_ref) != built.base:
                return False
        return False

    def _split(self, changes: list[Change], short: list[str], why: str) -> None:
        half = (len(changes) + 1) // 2
        groups = [[change.id for change in changes[:half]], [change.id for change in changes[half:]]]
        self.journal.record("batch-split", at=self.clock(), groups=groups, window=max(1, self.window // 2),
                            reason=why, short=short)

    def _hold(self, change: Change, reason: str) -> None:
        self.journal.record_all([
            (Event(0, self.clock(), "held", change.agent, data={"id": change.id, "reason": reason}), None),
            (Event(0, self.clock(), "approval-wanted", change.agent,
                   data={"id": change.id, "reason": reason, "ref": change.ref}), None)])

    def _return(self, change: Change, reason: str, short: list[str], refs: dict[str, str]) -> None:
        """Back to the author; the commit stays under refs/returned/, the verdict under refs/verdicts/."""
        store = self.upstream.store
        text = json.dumps({"verdict": "returned", "reason": reason, "short": short, "sha": change.sha,
                           "ref": change.ref}) + "\n"
        kept, told = returned_ref(change.ref, change.sha), verdict_ref(change.sha)
        have = self.upstream.refs(kept, told)
        changes = [RefChange(told, store.blob(text), have.get(told))]
        if kept not in have:
            changes.append(RefChange(kept, change.sha, None))
        if self.upstream.ref(change.ref) == change.sha:
            changes.append(RefChange(change.ref, None, change.sha))
        if not self.upstream.transaction(changes):
            return  # the next tick looks again
        session = change.name.partition("/")[2]
        self.journal.record("returned", agent=change.agent, session=session, at=self.clock(), ref=change.ref,
                            sha=change.sha, reason=reason, short=short, kept=kept)

    # --- running as a thread ---------------------------------------------------------------------

    def run(self, stop: threading.Event, mode: Callable[[], str]) -> None:
        """Tick until stopped. A short wait lets a batch gather unless more than a batch is waiting already: many
        small batches would cost the agents the machine's time."""
        errors = 0
        while not stop.is_set():
            try:
                busy = self.tick(admit=mode() != "paused")
                errors = 0
            except Exception as error:  # the queue carries on after anything; the next tick looks again
                errors += 1
                with contextlib.suppress(sqlite3.Error):
                    self._trouble(errors, f"{type(error).__name__}: {error}"[:500])
                stop.wait(min(BLOCKED, self.team.queue.interval * 2.0 ** min(errors, 16)))
                continue
            if not busy or not self.backlog():
                stop.wait(self.team.queue.interval / (2 if busy else 1))

    def _trouble(self, errors: int, text: str) -> None:
        """A remote that is away for a night must not fill the journal: told less and less often."""
        if errors & (errors - 1) == 0:
            self.journal.record("queue-error", at=self.clock(), text=text, times=errors)
        if errors == 8:
            self.journal.record("queue-blocked", at=self.clock(), reason=text)

    def backlog(self) -> bool:
        waiting = self.journal.value("SELECT count(*) FROM submission WHERE state = 'queued'") or 0
        return bool(waiting >= self.window or self.journal.value("SELECT 1 FROM submission WHERE grp > 0"))


def _change(row: sqlite3.Row) -> Change:
    return Change(row["id"], row["ref"], row["sha"], row["agent"], row["submitted"], row["grp"], row["attempts"],
                  bool(row["approved"]), tuple(row["tasks"].split()))


def returned_ref(ref: str, sha: str) -> str:
    return f"refs/returned/{ref[len(AGENTS):]}-{sha[:12]}"


def verdict_ref(sha: str) -> str:
    return f"refs/verdicts/{sha}"


def matches(name: str, patterns: list[str]) -> bool:
    """Path against globs; ``folder/**`` is everything below."""
    from fnmatch import fnmatchcase
    return any(fnmatchcase(name, pattern) or pattern.endswith("/**") and name.startswith(pattern[:-2])
               for pattern in patterns)
