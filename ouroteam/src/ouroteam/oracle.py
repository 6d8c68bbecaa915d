"""Which inputs break the whole? A known-good tool as the oracle for a suspect one.

Input: units (files), a command that builds one unit with the good tool, one with the suspect tool, a test of the
whole. Output: the smallest sets of units that make the test fail when the suspect tool builds them: single units,
and pairs (or more) that fail only together.

Algorithm: random subsets of growing share find failing mixtures quickly and differ by seed, so that each agent meets
another bug; each failing set is reduced by delta debugging (ddmin, Zeller and Hildebrandt 2002) with candidates
tried side by side and taken in order (after shrinkray); what was found is taken out of the pool, and the search goes
on until the suspect tool may build all the rest. Every built unit and every answer is cached by content, so that a
second run costs nothing.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import random
import shlex
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

Test = Callable[[frozenset[str]], bool]
Tell = Callable[[str], None]


@dataclass
class Findings:
    """``culprits``: minimal sets, each failing alone. ``broken``: units that the suspect tool can't even build."""

    culprits: list[list[str]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    trials: int = 0
    baseline: bool = True
    unstable: list[list[str]] = field(default_factory=list)


class Search:
    """Finds minimal failing sets. ``passes(set)``: whether the whole works when exactly these units are suspect."""

    def __init__(self, units: Iterable[str], passes: Test, *, seed: int = 0, jobs: int = 1, pairs: bool = True,
                 tell: Tell | None = None) -> None:
        self.units = list(dict.fromkeys(units))
        self.passes = passes
        self.rng = random.Random(seed)
        self.jobs = max(1, jobs)
        self.pairs = pairs
        self.tell = tell or (lambda text: None)
        self.known: dict[frozenset[str], bool] = {}
        self.lock = threading.Lock()
        self.trials = 0

    def fails(self, chosen: frozenset[str]) -> bool:
        with self.lock:
            if chosen in self.known:
                return not self.known[chosen]
        answer = self.passes(chosen)
        with self.lock:
            self.known[chosen] = answer
            self.trials += 1
        return not answer

    def first_failing(self, candidates: list[frozenset[str]], pool: ThreadPoolExecutor) -> frozenset[str] | None:
        """The first candidate, in their order, that fails; tried ``jobs`` at a time."""
        for start in range(0, len(candidates), self.jobs):
            part = candidates[start:start + self.jobs]
            for candidate, failed in zip(part, pool.map(self.fails, part), strict=True):
                if failed:
                    return candidate
        return None

    def run(self) -> Findings:
        """All minimal sets that can be found one after the other."""
        found = Findings()
        with ThreadPoolExecutor(self.jobs) as pool:
            if self.fails(frozenset()):
                found.baseline = False
                return found
            left = set(self.units)
            while left:
                failing = self.find(left, pool)
                if failing is None:
                    break
                smallest = self.minimize(failing, pool)
                if not self._again(smallest):
                    found.unstable.append(sorted(smallest))
                else:
                    found.culprits.append(sorted(smallest))
                    self.tell(f"found: {' + '.join(sorted(smallest))}")
                # One member is enough to take a group apart; the others may fail with yet others.
                left -= smallest if len(smallest) == 1 else {min(smallest)}
            if self.pairs:
                self._other_partners(found, pool)
        found.trials = self.trials
        return found

    def _again(self, chosen: frozenset[str]) -> bool:
        """A flaky test would name anybody."""
        return not self.passes(chosen)

    def find(self, left: set[str], pool: ThreadPoolExecutor) -> frozenset[str] | None:
        """A failing set among these: random shares from small to all."""
        order = sorted(left)
        self.rng.shuffle(order)
        candidates = []
        share = 8
        while share > 1:
            size = max(1, len(order) // share)
            candidates += [frozenset(order[at:at + size]) for at in range(0, len(order), size)][:2]
            share //= 2
        for group in (candidates, [frozenset(order)]):
            failing = self.first_failing(list(dict.fromkeys(group)), pool)
            if failing is not None:
                self.tell(f"{len(failing)} of {len(left)} units fail, {self.trials} trials so far")
                return failing
        return None

    def minimize(self, failing: frozenset[str], pool: ThreadPoolExecutor) -> frozenset[str]:
        """ddmin: a set of which every member is needed."""
        current, parts = sorted(failing), 2
        while len(current) >= 2:
            size = -(-len(current) // parts)
            chunks = [current[at:at + size] for at in range(0, len(current), size)]
            smaller = self.first_failing([frozenset(chunk) for chunk in chunks], pool)
            if smaller is not None:
                current, parts = sorted(smaller), 2
                continue
            rests = [frozenset(current) - frozenset(chunk) for chunk in chunks]
            smaller = self.first_failing(rests, pool) if len(chunks) > 2 else None
            if smaller is not None:
                current, parts = sorted(smaller), max(parts - 1, 2)
            elif parts < len(current):
                parts = min(len(current), parts * 2)
            else:
                break
            self.tell(f"down to {len(current)} units, {self.trials} trials")
        return frozenset(current)

    def _other_partners(self, found: Findings, pool: ThreadPoolExecutor) -> None:
        """For each member of a pair that was left in the pool: does it fail with yet others? Bounded."""
        single = {units[0] for units in found.culprits if len(units) == 1}
        taken = {min(units) for units in found.culprits if len(units) > 1}
        free = [unit for unit in self.units if unit not in single and unit not in taken]
        for unit in sorted(taken):
            for _ in range(len(free)):
                known = {other for units in found.culprits if unit in units for other in units if other != unit}
                rest = frozenset(other for other in free if other not in known) | {unit}
                if len(rest) < 2 or not self.fails(rest):
                    break
                smallest = self.minimize(rest, pool)
                if sorted(smallest) in found.culprits or len(smallest) < 2:
                    break
                found.culprits.append(sorted(smallest))
                self.tell(f"found: {' + '.join(sorted(smallest))}")


class Builder:
    """Builds units with either tool and tests the whole; caches both by content."""

    def __init__(self, units: list[str], good: str, suspect: str, test: str, cache: Path, timeout: float) -> None:
        self.units = units
        self.commands = {"good": good, "suspect": suspect}
        self.test = test
        self.cache = cache
        self.timeout = timeout
        self.lock = threading.Lock()
        cache.mkdir(parents=True, exist_ok=True)
        self.answers_file = cache / "answers.json"
        try:
            self.answers: dict[str, bool] = json.loads(self.answers_file.read_text())
        except (OSError, ValueError):
            self.answers = {}

    def build(self, unit: str, tool: str) -> Path | None:
        """The built unit; None when the tool fails on it."""
        command = self.commands[tool]
        key = hashlib.sha256(f"{command}\0{unit}\0".encode() + Path(unit).read_bytes()).hexdigest()[:24]
        out, failed = self.cache / f"{key}.out", self.cache / f"{key}.failed"
        if out.exists():
            return out
        if failed.exists():
            return None
        temporary = self.cache / f"{key}.{threading.get_ident()}.new"
        code = self._run(command.replace("{unit}", shlex.quote(unit)).replace("{out}", shlex.quote(str(temporary))))
        if code == 0 and temporary.exists():
            os.replace(temporary, out)
            return out
        failed.touch()
        return None

    def _run(self, command: str, cwd: Path | None = None) -> int:
        try:
            return subprocess.run(["sh", "-c", command], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=self.timeout, check=False).returncode
        except subprocess.TimeoutExpired:
            return 124

    def passes(self, suspects: frozenset[str], fresh: bool = False) -> bool:
        """Whether the whole works; ``fresh``: by running the test, whatever it answered before."""
        outs = [self.build(unit, "suspect" if unit in suspects else "good") for unit in self.units]
        if any(out is None for out in outs):
            return False
        key = hashlib.sha256("\0".join([self.test, *(str(out) for out in outs)]).encode()).hexdigest()[:32]
        with self.lock:
            if key in self.answers and not fresh:
                return self.answers[key]
        folder = Path(tempfile.mkdtemp(prefix="ouroteam-oracle-"))
        try:
            links = []
            for number, out in enumerate(outs):
                assert out is not None
                link = folder / f"{number}{Path(self.units[number]).suffix.replace('.c', '.o') or '.o'}"
                link.symlink_to(out.resolve())
                links.append(shlex.quote(str(link)))
            command = self.test.replace("{outs}", " ".join(links)).replace("{dir}", shlex.quote(str(folder)))
            good = self._run(command, folder) == 0
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if fresh:
            return good
        with self.lock:
            self.answers[key] = good
            temporary = self.answers_file.with_suffix(".new")
            temporary.write_text(json.dumps(self.answers))
            os.replace(temporary, self.answers_file)
        return good


def investigate(units: list[str], good: str, suspect: str, test: str, *, cache: Path, jobs: int = 0, seed: int = 0,
                pairs: bool = True, timeout: float = 120.0, tell: Tell | None = None) -> Findings:
    """The whole search. Units that the suspect tool can't build are findings of their own."""
    jobs = jobs or os.cpu_count() or 1
    builder = Builder(units, good, suspect, test, cache, timeout)
    with ThreadPoolExecutor(jobs) as pool:
        good_ones = list(pool.map(lambda unit: builder.build(unit, "good"), units))
        missing = [unit for unit, out in zip(units, good_ones, strict=True) if out is None]
        if missing:
            raise ValueError(f"the good tool can't build {', '.join(missing[:5])}")
        suspects = list(pool.map(lambda unit: builder.build(unit, "suspect"), units))
    broken = [unit for unit, out in zip(units, suspects, strict=True) if out is None]
    search = Search([unit for unit in units if unit not in broken], builder.passes, seed=seed, jobs=jobs, pairs=pairs,
                    tell=tell)
    # A cached answer must not hide a flaky test when a finding is confirmed.
    search._again = lambda chosen: not builder.passes(chosen, fresh=True)  # type: ignore[method-assign]
    found = search.run()
    found.broken = broken
    return found


def command_line(units: str, good: str, suspect: str, test: str, jobs: int, seed: int, pairs: bool, cache: Path,
                 timeout: float, as_json: bool) -> int:
    """``ouroteam oracle``. Exit code 1 when culprits were found, 2 when the good tool alone fails."""
    import sys
    names = Path(units[1:]).read_text().split() if units.startswith("@") else sorted(glob.glob(units, recursive=True))
    if not names:
        raise ValueError(f"no unit matches {units!r}")
    if not seed and os.environ.get("OUROTEAM_AGENT_INDEX"):
        seed = int(os.environ["OUROTEAM_AGENT_INDEX"]) + 1
    tell = None if as_json else lambda text: print(text, file=sys.stderr, flush=True)
    found = investigate(names, good, suspect, test, cache=cache, jobs=jobs, seed=seed, pairs=pairs, timeout=timeout,
                        tell=tell)
    if as_json:
        print(json.dumps({"culprits": found.culprits, "broken": found.broken, "trials": found.trials,
                          "baseline": found.baseline, "unstable": found.unstable}))
    else:
        if not found.baseline:
            print("ERROR baseline: the whole fails even with the good tool alone")
        for unit in found.broken:
            print(f"ERROR {unit}: the suspect tool can't build it")
        for culprits in found.culprits:
            print(f"ERROR {' + '.join(culprits)}: breaks the whole" + (" only together" if len(culprits) > 1 else ""))
        for culprits in found.unstable:
            print(f"ERROR {' + '.join(culprits)}: fails sometimes")
        if found.baseline and not (found.broken or found.culprits or found.unstable):
            print("PASS")
    return 2 if not found.baseline else 1 if found.culprits or found.broken or found.unstable else 0
