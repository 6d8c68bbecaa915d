"""`./x bench compile`: how long compiling takes and how much memory, against gcc -O0 and -O2 in one run.

hello.c to an executable, SQLite's amalgamation to an object, and one Linux-like translation unit (see
kernel_unit.py) both checked only (-fsyntax-only) and to an object.  Ourocc runs as plain Python and,
where `./x` has built it, native.  The rows take turns; the best of n runs counts.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
import tempfile

from bench import kernel_unit
from suites import common, sources

HELLO = '#include <stdio.h>\nint main(void)\n{\n  printf("Hello, world\\n");\n  return 0;\n}\n'


class Task:
    """A thing to compile: its options at a level, and the level of gcc it is held against."""

    def __init__(self, title: str, arguments: list[str], level: str) -> None:
        self.title = title
        self.arguments = arguments
        self.level = level


class Column:
    """A compiler and the environment that selects its build."""

    def __init__(self, title: str, command: list[str], path: str | None) -> None:
        self.title = title
        self.command = command
        self.environment = common.environment()
        if path is not None:
            self.environment["PYTHONPATH"] = path


def columns(command: str | None) -> list[Column]:
    result = [Column(compiler.name, compiler.command, None) for compiler in common.installed("gcc")]
    if command is not None and command != "ourocc":
        compiler = common.compiler(command)
        return result + [Column(f"{compiler.name} (tested)", compiler.command, None)]
    python = [sys.executable, "-m", "ourocc"]
    result.append(Column("ourocc, plain Python", python, str(common.ROOT)))
    native = os.environ.get("OUROCC_NATIVE")
    if native:
        result.append(Column("ourocc, native", python, native))
    return result


def tasks(directory: pathlib.Path, names: list[str]) -> list[Task]:
    result: list[Task] = []
    if "hello" in names:
        (directory / "hello.c").write_text(HELLO)
        result.append(Task("hello.c to executable, -O0", ["-O0", "hello.c", "-o", "hello"], "-O0"))
        result.append(Task("hello.c to executable, -O2", ["-O2", "hello.c", "-o", "hello"], "-O2"))
    if "kernel" in names:
        unit = str(kernel_unit.generate(directory / "kernel"))
        flags = ["-w", "-std=gnu11", "-fno-strict-aliasing"]
        result.append(Task("Linux-like unit, check only", [*flags, "-fsyntax-only", unit], "-O0"))
        result.append(Task("Linux-like unit to object, -O2", ["-O2", *flags, "-c", unit, "-o", "unit.o"], "-O2"))
    if "sqlite" in names:
        amalgamation = str(sources.sqlite_amalgamation())
        for level in ("-O0", "-O2"):
            result.append(Task(f"sqlite3.c to object, {level}", [level, "-w", "-c", amalgamation, "-o", "sqlite3.o"], level))
    return result


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./x bench compile", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    common.add_compiler_option(parser)
    parser.add_argument("--runs", type=int, default=3, help="best of so many (default: 3)")
    parser.add_argument("--only", default="hello,kernel,sqlite", help="of hello,kernel,sqlite")
    arguments = parser.parse_args(argv)
    compilers = columns(arguments.cc)
    header = ["task"]
    for column in compilers:
        header += [f"{column.title}, s", "MB"]
    rows: list[list[str]] = []
    failures = 0
    with tempfile.TemporaryDirectory(prefix="ourocc-bench-") as scratch:
        directory = pathlib.Path(scratch)
        try:
            all_tasks = tasks(directory, arguments.only.split(","))
        except RuntimeError as problem:
            return common.fail(f"./x bench compile: {problem}")
        for task in all_tasks:
            best: dict[str, common.Outcome] = {}
            for _ in range(arguments.runs):
                for column in compilers:
                    common.progress(f"{task.title}: {column.title}")
                    got = common.measure([*column.command, *task.arguments], cwd=directory, timeout=900,
                                         env=column.environment)
                    before = best.get(column.title)
                    if before is None or (before.ok and got.ok and got.wall < before.wall):
                        best[column.title] = got
            row = [task.title]
            reference = best.get("gcc")
            for column in compilers:
                got = best[column.title]
                if not got.ok:
                    failures += 1
                    row += ["failed", "-"]
                    continue
                ratio = ""
                if reference is not None and reference.ok and reference is not got:
                    ratio = f" ({got.wall / reference.wall:.1f})"
                row += [f"{got.wall:.2f}{ratio}", f"{got.memory:.0f}"]
            rows.append(row)
    common.progress("")
    print(f"Seconds (ratio to gcc at the same level) and peak memory; best of {arguments.runs}, wall clock.")
    print(common.table(header, rows))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
