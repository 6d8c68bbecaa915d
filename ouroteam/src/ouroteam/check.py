"""Running a test command for an agent.

Input: a command, a time box. Output: the full output in a file; at most ``short_lines`` lines for the agent:
a summary first, what changed against main, then ``ERROR <name>: <reason>`` one a line, or ``PASS``.
``sample`` chooses the part of the tests for ``--fast``: tests are ordered by the hash of their name, agent i of n
takes the stretch from i/n on; it stays the same for one agent, differs between agents, and together the agents
cover every test as soon as n times the share reaches 1.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import math
import os
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ouroteam import reports
from ouroteam.redaction import RedactingStream, Redactor
from ouroteam.reports import FAIL, PASS, SKIP, Report

MACHINE_EXIT = 125
_MACHINE_SIGNS = ("No space left on device", "Cannot allocate memory", "Resource temporarily unavailable",
                  "Too many open files")


@dataclass
class Outcome:
    """How a check went. verdict: pass, fail, timeout, machine (neither the code's fault nor its merit), or stopped
    (the harness ends)."""

    verdict: str
    code: int
    seconds: float
    log: Path
    report: Report

    @property
    def good(self) -> bool:
        return self.verdict == "pass"


def classify(code: int, timed_out: bool, tail: str) -> str:
    if timed_out:
        return "timeout"
    if code == 0:
        return "pass"
    if code == MACHINE_EXIT or any(sign in tail for sign in _MACHINE_SIGNS):
        return "machine"
    return "fail"


def run(arguments: list[str], *, cwd: Path, log: Path, timeout: float, env: dict[str, str],
        redactor: Redactor | None = None, limit: int = 256 << 20, stop: threading.Event | None = None) -> Outcome:
    """Run the command with its output in the log; ends the whole process group at the limit, or when told to."""
    log.parent.mkdir(parents=True, exist_ok=True)
    started, begun = time.monotonic(), time.time()
    process = subprocess.Popen(arguments, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True)
    timed_out = stopped = False
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    os.set_blocking(descriptor, False)
    cleaner, written, tail = RedactingStream(redactor or Redactor([])), 0, b""
    with log.open("wb") as out:
        while True:
            timed_out, stopped = time.monotonic() - started > timeout, stop is not None and stop.is_set()
            if timed_out or stopped:
                break
            piece = _read(descriptor)
            if piece:
                clean = cleaner.feed(piece)
                tail = (tail + clean)[-4000:]
                if written < limit:
                    out.write(clean)
                    written += len(clean)
                continue
            if piece == b"" or process.poll() is not None and piece is None:
                break
            time.sleep(0.002 if time.monotonic() - started < 0.2 else 0.02)
        _end_group(process)
        out.write(cleaner.finish())
        if timed_out:
            out.write(f"\nended by the time box of {timeout:.0f} s\n".encode())
    process.stdout.close()
    code = process.wait()
    verdict = "stopped" if stopped else classify(code, timed_out, tail.decode("utf-8", "replace"))
    return Outcome(verdict, code, time.monotonic() - started, log,
                   reports.read(log, reports.files(cwd, begun)))


def _read(descriptor: int) -> bytes | None:
    """A piece, b"" at the end, None when there is nothing yet."""
    try:
        return os.read(descriptor, 1 << 16)
    except BlockingIOError:
        return None


def _end_group(process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 1.0
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
            break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def shorten(outcome: Outcome, before: Report | None, lines: int = 20, sampled: str = "") -> list[str]:
    """What the agent sees: never more than ``lines`` lines, never a line over 240 characters."""
    counts = outcome.report.counts
    summary = f"{counts[PASS]} passed, {counts[FAIL]} failed"
    if counts[SKIP]:
        summary += f", {counts[SKIP]} skipped"
    if not outcome.report.tests:
        summary = f"exit {outcome.code}"
    summary += f" in {outcome.seconds:.1f} s{sampled}; log: {outcome.log}"
    if outcome.verdict == "timeout":
        summary = f"ERROR time box: ended after {outcome.seconds:.0f} s; " + summary
    if outcome.verdict == "machine":
        summary = "ERROR machine: no space, memory or processes left, or exit 125; not your change; " + summary
    result = [summary]
    failing = outcome.report.names(FAIL)
    if before is not None and before.tests:
        change = reports.compare(outcome.report, before)
        new = set(change.newly_failing)
        failing.sort(key=lambda name: name not in new)
        for title, names in (("newly failing", change.newly_failing), ("newly passing", change.newly_passing)):
            if names:
                result.append(f"{title} against main: {len(names)}: {' '.join(names[:8])}"[:236])
        if change.missing and not sampled:
            result.append(f"not run but run on main: {len(change.missing)}: {' '.join(change.missing[:8])}"[:236])
    room = lines - len(result)
    errors = [f"ERROR {name}: {outcome.report.tests[name][1] or 'failed'}" for name in failing]
    if not outcome.good and not errors:
        errors = [f"ERROR check: {line}" for line in _last_lines(outcome.log, min(room, 8))] or [
            f"ERROR check: exit {outcome.code} and no output"]
    if len(errors) > room:
        hidden = len(errors) - room + 1
        errors = errors[:room - 1] + [f"... {hidden} more: grep ^ERROR or FAIL in the log"]
    if outcome.good and not errors:
        errors = ["PASS"]
    return [line[:240] for line in result + errors][:lines]


def _last_lines(log: Path, count: int) -> list[str]:
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - 8000))
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip()][-count:] if count > 0 else []


def sample(tests: list[str], share: float, index: int, count: int) -> list[str]:
    """The tests of agent ``index`` of ``count`` (in their given order)."""
    if share >= 1 or not tests:
        return list(tests)
    ranked = sorted(tests, key=lambda name: hashlib.sha256(os.fsencode(name)).digest())
    size = max(1, math.ceil(len(ranked) * share))
    start = (index % max(1, count)) * len(ranked) // max(1, count)
    chosen = {ranked[(start + offset) % len(ranked)] for offset in range(size)}
    return [name for name in tests if name in chosen]


def parse_share(text: str) -> float:
    """``10%`` or ``0.1``."""
    try:
        value = float(text.rstrip("%")) / (100.0 if text.endswith("%") else 1.0)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        raise ValueError(f"{text!r}: a share is more than 0 and at most 100 %, such as 10%")
    return value


def command_for(select: str, tests: list[str], folder: Path) -> str:
    """The select command with the chosen tests filled in."""
    listing = folder / "tests.txt"
    listing.parent.mkdir(parents=True, exist_ok=True)
    listing.write_bytes(b"".join(os.fsencode(name) + b"\n" for name in tests))
    quoted = " ".join(shlex.quote(name) for name in tests)
    return select.replace("{tests_file}", shlex.quote(str(listing))).replace("{tests}", quoted)


@contextlib.contextmanager
def slot(folder: Path | None, count: int, wait: float = 300.0) -> Iterator[int]:
    """One of the machine's build slots: ``count`` checks at once, the others wait. -1 without slots,
    or when the wait was too long (somebody may sit on them)."""
    if folder is None or count <= 0:
        yield -1
        return
    folder.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait
    while True:
        for number in range(count):
            descriptor = os.open(folder / f"slot{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(descriptor)
                continue
            try:
                yield number
            finally:
                os.close(descriptor)
            return
        if time.monotonic() > deadline:
            yield -1
            return
        time.sleep(0.1)
