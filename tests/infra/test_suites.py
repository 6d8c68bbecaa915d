"""The runners themselves, with gcc and with small stand-ins as the compiler under test."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys

import pytest

from suites import common, dejagnu

ROOT = pathlib.Path(__file__).resolve().parents[2]
needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc stands in for the compiler")
X86 = "x86_64-pc-linux-gnu"
RISCV = "riscv64-unknown-linux-gnu"

FAKE_DRIVER = """
import os, subprocess, sys
def run(argv):
    os._exit(main(argv))
def main(argv):
    if "crash.c" in " ".join(argv):
        return argv["no such thing"]
    if "hang.c" in " ".join(argv):
        while True:
            pass
    return subprocess.call(["gcc", *argv])
"""


@pytest.mark.parametrize(("text", "triple", "expected"), [
    ('/* { dg-options "-fwrapv -O2" } */', X86, ["-fwrapv", "-O2"]),
    ('{ dg-options "-mno-mmx" { target { x86_64-*-* i?86-*-* } } }', X86, ["-mno-mmx"]),
    ('{ dg-options "-mno-mmx" { target { x86_64-*-* i?86-*-* } } }', RISCV, []),
    ('{ dg-options "-mtune=i686" { target { { i?86-*-* x86_64-*-* } && ia32 } } }', X86, []),
    ('{ dg-additional-options "-fpic" { target fpic } } { dg-options { "-g" } }', X86, ["-g", "-fpic"]),
    ('{ dg-additional-options "-DSIGNAL_SUPPRESS" { target { ! signal } } }', X86, []),
])
def test_dejagnu_options(text: str, triple: str, expected: list[str]) -> None:
    assert dejagnu.options(text, triple) == expected


@pytest.mark.parametrize(("text", "triple", "expected"), [
    ('{ dg-skip-if "" { ! { i?86-*-* x86_64-*-* } } }', X86, False),
    ('{ dg-skip-if "" { ! { i?86-*-* x86_64-*-* } } }', RISCV, True),
    ('{ dg-require-effective-target dfp }', RISCV, True),
    ('{ dg-require-effective-target int32plus }', RISCV, False),
    ('{ dg-skip-if "requires io" { freestanding } }', X86, False),
    ('{ dg-skip-if "requires alloca" { ! alloca } { "-O0" } { "" } }', X86, False),
])
def test_dejagnu_skips(text: str, triple: str, expected: bool) -> None:
    assert dejagnu.skipped(text, triple) is expected


def test_first_message_names_what_matters() -> None:
    def message(text: str) -> str:
        return common.Outcome(1, False, b"", text.encode(), 0, 0, 0).first_message()

    assert message("a.c:1:2: warning: x\na.c:3:4: error: y\n") == "a.c:3:4: error: y"
    assert message("Traceback (most recent call last):\n  File\nKeyError: 'x'\n").endswith("KeyError: 'x'")
    assert message("ld: a.o: undefined reference to `f'\ncollect2: error: ld\n").startswith("ld: a.o: undefined")


def test_run_kills_what_takes_too_long() -> None:
    outcome = common.run(["sh", "-c", "sleep 20 & sleep 20"], timeout=0.2)
    assert outcome.timed_out and outcome.wall < 5 and outcome.describe() == "timeout"
    assert common.run(["sh", "-c", "kill -SEGV $$"]).describe() == "SIGSEGV"


@needs_gcc
def test_forked_driver(tmp_path: pathlib.Path) -> None:
    (tmp_path / "ourocc" / "driver").mkdir(parents=True)
    (tmp_path / "ourocc" / "__init__.py").write_text("")
    (tmp_path / "ourocc" / "driver" / "__init__.py").write_text("")
    (tmp_path / "ourocc" / "driver" / "main.py").write_text(FAKE_DRIVER)
    for name, text in [("good.c", "int main(void) { return 0; }"), ("bad.c", "int main(void) { return x; }"),
                       ("crash.c", ""), ("hang.c", "")]:
        (tmp_path / name).write_text(text)
    script = """
import sys
from suites import common, forked
for name, limit in (("good.c", 20), ("bad.c", 20), ("crash.c", 20), ("hang.c", 0.3)):
    outcome = forked.compile_with(common.compiler(None), [name, "-o", "program"], sys.argv[1], limit)
    print(name, outcome.describe(), outcome.first_message())
"""
    result = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True,
                            timeout=60, env=common.environment(OUROCC_PATH=str(tmp_path), PYTHONPATH=str(ROOT)))
    lines = result.stdout.splitlines()
    assert lines[0] == "good.c exit status 0 no message"
    assert "error: " in lines[1] and lines[1].startswith("bad.c exit status 1")
    assert lines[2].startswith("crash.c exit status 1 crash of the compiler: TypeError")
    assert lines[3].startswith("hang.c timeout")


@needs_gcc
def test_demo_reports_every_program(tmp_path: pathlib.Path) -> None:
    result = subprocess.run([sys.executable, "-m", "suites.demo", "--cc", "gcc", "--levels", "O1"], cwd=ROOT,
                            capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("as expected") == 5


@needs_gcc
def test_code_benchmark_gives_ratios() -> None:
    result = subprocess.run([sys.executable, "-m", "bench.code", "--cc", "gcc", "--quick", "--filter", "crc"],
                            cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "geometric mean, time" in result.stdout
