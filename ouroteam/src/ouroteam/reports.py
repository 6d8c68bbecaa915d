"""Reading what test runners print.

Input: the output of a test command, and report files next to it. Output: a ``Report``: each test's name, status
and one-line reason. Understood: JUnit XML, TAP, pytest's and unittest's text, DejaGnu's .sum and .log, Go's
``-v`` output, cargo's, and the plain form ``PASS name`` / ``ERROR name: reason``. One table, ``_LINES``, holds a
pattern a row; the format whose pattern matches most lines wins, so that a test's own output rarely confuses it.
"""

from __future__ import annotations

import contextlib
import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

PASS, FAIL, SKIP = "pass", "fail", "skip"


@dataclass
class Report:
    """Tests by name: (status, reason)."""

    tests: dict[str, tuple[str, str]] = field(default_factory=dict)
    format: str = ""

    def add(self, name: str, status: str, reason: str = "") -> None:
        """A test that ran more than once under one name counts as its worst run."""
        old = self.tests.get(name)
        if old is None or old[0] != FAIL:
            self.tests[name] = (status, " ".join(reason.split())[:300])

    def names(self, status: str) -> list[str]:
        return [name for name, (found, _) in self.tests.items() if found == status]

    @property
    def counts(self) -> dict[str, int]:
        result = {PASS: 0, FAIL: 0, SKIP: 0}
        for status, _ in self.tests.values():
            result[status] += 1
        return result

    @property
    def total(self) -> int:
        """Tests that really ran."""
        return sum(1 for status, _ in self.tests.values() if status != SKIP)

    def to_json(self) -> str:
        return json.dumps({"format": self.format, "tests": self.tests})

    @staticmethod
    def from_json(text: str) -> Report:
        data = json.loads(text)
        return Report({name: (status, reason) for name, (status, reason) in data["tests"].items()}, data["format"])


@dataclass(frozen=True)
class Change:
    """What differs from an earlier report."""

    newly_failing: list[str]
    newly_passing: list[str]
    missing: list[str]


def compare(now: Report, before: Report) -> Change:
    failing = [n for n in now.names(FAIL) if before.tests.get(n, (PASS, ""))[0] != FAIL]
    passing = [n for n in now.names(PASS) if before.tests.get(n, ("", ""))[0] == FAIL]
    missing = [n for n, (status, _) in before.tests.items()
               if status != SKIP and now.tests.get(n, (SKIP, ""))[0] == SKIP]
    return Change(failing, passing, missing)


_DG = {"PASS": PASS, "XFAIL": PASS, "FAIL": FAIL, "XPASS": FAIL, "ERROR": FAIL, "UNRESOLVED": FAIL,
       "UNSUPPORTED": SKIP, "UNTESTED": SKIP, "KFAIL": PASS, "KPASS": FAIL}
_PYTEST = {"PASSED": PASS, "XFAIL": PASS, "XPASS": PASS, "FAILED": FAIL, "ERROR": FAIL, "SKIPPED": SKIP}
_GO = {"PASS": PASS, "FAIL": FAIL, "SKIP": SKIP}
_CARGO = {"ok": PASS, "FAILED": FAIL, "ignored": SKIP}
_UNITTEST = {"ok": PASS, "FAIL": FAIL, "ERROR": FAIL, "expected failure": PASS, "unexpected success": FAIL}
_PLAIN = {"PASS": PASS, "ERROR": FAIL, "FAIL": FAIL, "SKIP": SKIP}

# (format, pattern with groups status, name and perhaps reason, status words)
_LINES: list[tuple[str, re.Pattern[str], dict[str, str]]] = [
    ("dejagnu", re.compile(r"^(?P<status>PASS|FAIL|XPASS|XFAIL|KPASS|KFAIL|UNSUPPORTED|UNRESOLVED|UNTESTED|ERROR): "
                           r"(?P<name>.+?)(?P<reason>)$"), _DG),
    ("pytest", re.compile(r"^(?:\[gw\d+\] \[ *\d+%\] )?(?P<status>PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS) "
                          r"(?P<name>\S+::\S.*?)(?: - (?P<reason>.*))?$"), _PYTEST),
    ("pytest", re.compile(r"^(?P<name>\S+::\S.*?) (?P<status>PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)"
                          r"(?P<reason> \(.*\))?\s*(?:\[ *\d+%\])?$"), _PYTEST),
    ("go", re.compile(r"^\s*--- (?P<status>PASS|FAIL|SKIP): (?P<name>\S+)(?P<reason>)"), _GO),
    ("cargo", re.compile(r"^test (?P<name>\S+) \.\.\. (?P<status>ok|FAILED|ignored)(?P<reason>)"), _CARGO),
    ("unittest", re.compile(r"^(?P<name>\w+ \([\w.]+\))(?:.*)? \.\.\. "
                            r"(?P<status>ok|FAIL|ERROR|expected failure|unexpected success)(?P<reason>)$"), _UNITTEST),
    ("plain", re.compile(r"^(?P<status>PASS|ERROR|FAIL|SKIP) (?P<name>[^\s:]\S*?)(?:: (?P<reason>.*))?$"), _PLAIN),
]
_TAP = re.compile(r"^\s*(?P<no>not )?ok\b\s*(?P<number>\d+)?\s*-?\s*(?P<name>[^#]*?)\s*(?:#\s*(?P<directive>.*))?$")
_TAP_PLAN = re.compile(r"^1\.\.(\d+)")


def parse(text: str) -> Report:
    """The report that a runner's text output holds; empty when nothing is recognised."""
    lines = text.splitlines()
    tap = _parse_tap(lines)
    if tap.tests:
        return tap
    found: dict[str, Report] = {}
    for line in lines:
        for form, pattern, words in _LINES:
            match = pattern.match(line)
            if match:
                name = _dg_name(match["name"]) if form == "dejagnu" else match["name"].strip()
                found.setdefault(form, Report(format=form)).add(name, words[match["status"]], match["reason"] or "")
                break
    if not found:
        return Report()
    best = max(found.values(), key=lambda report: len(report.tests))
    if best.format == "pytest":
        _pytest_reasons(best, lines)
    if best.format == "dejagnu":
        _dg_reasons(best, lines)
    return best


def _dg_name(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _dg_reasons(report: Report, lines: list[str]) -> None:
    """In a .log the compiler's first error line stands before the verdict."""
    reason = ""
    for line in lines:
        match = _LINES[0][1].match(line)
        if match:
            name = _dg_name(match["name"])
            if reason and report.tests.get(name, (PASS, ""))[0] == FAIL and not report.tests[name][1]:
                report.tests[name] = (FAIL, reason[:300])
            reason = ""
        elif not reason and re.search(r"error:|internal compiler|undefined reference|Segmentation|timed out", line):
            reason = line.strip()


def _pytest_reasons(report: Report, lines: list[str]) -> None:
    """Without a short summary the reasons are the ``E`` lines under each failure's heading."""
    heading = re.compile(r"^_{3,} (?:ERROR at \w+ of )?(\S.*?) _{3,}$")
    current = ""
    for line in lines:
        match = heading.match(line)
        if match:
            current = match[1]
        elif line.startswith("E  ") and current:
            for name in report.tests:
                if name.split("::", 1)[-1].replace("::", ".") == current and not report.tests[name][1]:
                    report.tests[name] = (report.tests[name][0], line[1:].strip()[:300])
            current = ""


def _parse_tap(lines: list[str]) -> Report:
    report = Report(format="tap")
    if not any(_TAP_PLAN.match(line) for line in lines):
        return report
    planned, last = 0, ""
    for line in lines:
        plan = _TAP_PLAN.match(line)
        if plan:
            planned = int(plan[1])
            continue
        match = _TAP.match(line)
        if match and not line.startswith("  "):
            directive = (match["directive"] or "").lower()
            last = match["name"] or f"test {match['number'] or len(report.tests) + 1}"
            status = FAIL if match["no"] else PASS
            if directive.startswith("skip"):
                status = SKIP
            elif directive.startswith("todo"):
                status = PASS
            report.add(last, status)
        elif last and report.tests[last] == (FAIL, "") and re.match(r"^\s*(#|message:)", line):
            report.tests[last] = (FAIL, re.sub(r"^\s*(#|message:)\s*", "", line)[:300])
    if len(report.tests) < planned:
        report.add("plan", FAIL, f"{planned} tests planned, {len(report.tests)} reported")
    return report


def parse_junit(text: str) -> Report:
    """A JUnit XML file; entity declarations are refused."""
    report = Report(format="junit")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("a JUnit file with a document type is not read")
    for case in ElementTree.fromstring(text).iter("testcase"):
        name = "::".join(part for part in (case.get("classname"), case.get("name")) if part)
        status, reason = PASS, ""
        for kind, meaning in (("skipped", SKIP), ("failure", FAIL), ("error", FAIL)):
            child = case.find(kind)
            if child is not None:
                status = meaning
                reason = child.get("message") or (child.text or "").strip().partition("\n")[0]
        report.add(name, status, reason)
    return report


_FILES = ("junit*.xml", "test-results/*.xml", "*.sum", "testsuite/*.sum")


def files(folder: Path, since: float) -> list[Path]:
    """Report files that test runners leave in a folder, written since then (a clock tick is forgiven). Links are none:
    they could lead anywhere."""
    found = []
    for path in (path for pattern in _FILES for path in sorted(folder.glob(pattern))):
        with contextlib.suppress(OSError):
            if not path.is_symlink() and path.is_file() and path.stat().st_mtime >= since - 0.01:
                found.append(path)
    return found


def read(log: Path, extra: list[Path]) -> Report:
    """The report of a run: report files first, the log otherwise."""
    merged = Report()
    for file in extra:
        try:
            text = file.read_text(errors="replace")
            found = parse_junit(text) if file.suffix == ".xml" else parse(text)
        except (OSError, ValueError, ElementTree.ParseError):
            continue
        merged.tests.update(found.tests)
        merged.format = found.format or merged.format
    if merged.tests:
        return merged
    try:
        with log.open("rb") as stream:
            return parse(stream.read(64 << 20).decode("utf-8", "replace"))
    except OSError:
        return Report()
