"""The oracle: culprits, pairs that fail only together, cache, flaky tests; the ready example with two C compilers."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import cli
from ouroteam.oracle import Search, investigate

UNITS = [f"u{n:02d}" for n in range(24)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.frozensets(st.sampled_from(UNITS), min_size=1, max_size=3), min_size=0, max_size=4), st.integers(0, 5))
def test_finds_minimal_sets(bugs: list[frozenset[str]], seed: int) -> None:
    """Whatever is reported fails and is minimal; and when the found are avoided the rest passes."""
    def passes(chosen: frozenset[str]) -> bool:
        return not any(bug <= chosen for bug in bugs)
    found = Search(UNITS, passes, seed=seed, jobs=2).run()
    for culprits in found.culprits:
        assert not passes(frozenset(culprits))
        for size in range(len(culprits)):
            for part in itertools.combinations(culprits, size):
                assert passes(frozenset(part))
    singles = {next(iter(bug)) for bug in bugs if len(bug) == 1}
    assert singles <= {c[0] for c in found.culprits if len(c) == 1}
    avoided = {min(culprits) for culprits in found.culprits}
    assert passes(frozenset(UNITS) - avoided)


def test_disjoint_pairs_are_all_found() -> None:
    bugs = [frozenset({"u01", "u09"}), frozenset({"u02", "u20"}), frozenset({"u01", "u15"})]
    found = Search(UNITS, lambda chosen: not any(bug <= chosen for bug in bugs), seed=1).run()
    assert {frozenset(c) for c in found.culprits} == set(bugs)


def test_seeds_meet_different_bugs_first() -> None:
    bugs = [frozenset({unit}) for unit in UNITS[::3]]
    firsts = {Search(UNITS, lambda chosen: not any(bug <= chosen for bug in bugs), seed=seed).run().culprits[0][0]
              for seed in range(8)}
    assert len(firsts) > 2


def tools(folder: Path) -> dict[str, str]:
    """Tools that copy; the suspect one spoils some units. The whole is broken by spoiled c, and by a with b."""
    (folder / "units").mkdir()
    for name in "abcdefgh":
        (folder / "units" / f"{name}.txt").write_text(f"{name}\n")
    suspect = folder / "suspect.py"
    suspect.write_text("import sys\ntext = open(sys.argv[1]).read()\nif text == 'h\\n': sys.exit(1)\n"
                       "open(sys.argv[2], 'w').write(text.strip() + ' suspect\\n')\n")
    test = folder / "test.py"
    test.write_text("import sys\nall = ''.join(open(f).read() for f in sys.argv[1:])\n"
                    "sys.exit('c suspect' in all or ('a suspect' in all and 'b suspect' in all))\n")
    return {"good": "cp {unit} {out}", "suspect": f"{sys.executable} {suspect} {{unit}} {{out}}",
            "test": f"{sys.executable} {test} {{outs}}"}


def test_commands_and_cache(tmp_path: Path) -> None:
    commands = tools(tmp_path)
    units = sorted(str(p) for p in (tmp_path / "units").glob("*.txt"))
    found = investigate(units, **commands, cache=tmp_path / "cache", jobs=2)
    names = [[Path(u).stem for u in culprits] for culprits in found.culprits]
    assert sorted(names) == [["a", "b"], ["c"]] and [Path(u).stem for u in found.broken] == ["h"]
    (tmp_path / "suspect.py").unlink()  # the second run needs neither tool
    again = investigate(units, **commands, cache=tmp_path / "cache", jobs=2)
    assert again.culprits == found.culprits


def test_a_flaky_test_names_nobody(tmp_path: Path) -> None:
    """Fails the first time that all units are suspect, never again: no unit is blamed for it."""
    (tmp_path / "u.txt").write_text("u\n")
    mark = tmp_path / "mark"
    done = cli("oracle", "--units", "*.txt", "--good", "cp {unit} {out}", "--suspect", "cat {unit} {unit} > {out}",
               "--test", f"test $(cat {{outs}} | wc -l) = 1 || test -e {mark} || {{ touch {mark}; false; }}", "--json",
               cwd=tmp_path, check=False)
    found = json.loads(done.stdout)
    assert found["culprits"] == [] and len(found["unstable"]) == 1 and done.returncode == 1


def test_command_line(tmp_path: Path) -> None:
    c = tools(tmp_path)
    done = cli("oracle", "--units", "units/*.txt", "--good", c["good"], "--suspect", c["suspect"], "--test", c["test"],
               "--json", cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert sorted(map(len, json.loads(done.stdout)["culprits"])) == [1, 2]
    done = cli("oracle", "--units", "units/*.txt", "--good", c["good"], "--suspect", c["good"], "--test", "true",
               cwd=tmp_path)
    assert done.stdout == "PASS\n"
    done = cli("oracle", "--units", "units/*.txt", "--good", c["good"], "--suspect", c["good"], "--test", "false",
               cwd=tmp_path, check=False)
    assert done.returncode == 2 and "baseline" in done.stdout


@pytest.mark.skipif(not shutil.which("gcc"), reason="the example wants a C compiler")
def test_the_example_with_two_c_compilers(tmp_path: Path) -> None:
    example = Path(__file__).resolve().parents[2] / "docs" / "ouroteam" / "examples" / "two-compilers"
    shutil.copytree(example, tmp_path / "e")
    done = subprocess.run(["sh", "run.sh", sys.executable, "-m", "ouroteam"], cwd=tmp_path / "e", capture_output=True,
                          text=True, timeout=120)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "ERROR units/shift.c: breaks the whole" in done.stdout
    assert "ERROR units/pack.c + units/unpack.c: breaks the whole only together" in done.stdout
