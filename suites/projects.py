"""`./x suite projects`: SQLite, Lua and zlib built by their own build systems with CC=ourocc.

Each is built at -O2 and -O0 and then has to give what a gcc -O1 build of the same sources gives (made
once and cached): zlib its `make test`, static and shared; SQLite a script in its shell, `speedtest1
--verify` and `fuzzcheck` on the fuzz data of its source tree; Lua the scripts in suites/lua/.
Without gcc, the expectations that do not need it are checked (tests' own verdicts, -O0 against -O2).
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import shutil
import stat
import sys
import time
from collections.abc import Callable

from suites import common, sources

LUA_SCRIPTS = pathlib.Path(__file__).parent / "lua"
Outputs = dict[str, bytes]


class Failure(Exception):
    """A step that did not succeed: what failed, and where its log is."""


class Build:
    """One project, compiler and level: runs steps in a directory and keeps one log."""

    def __init__(self, project: str, compiler: common.Compiler, level: str, jobs: int) -> None:
        self.project = project
        self.compiler = compiler
        self.level = level
        self.jobs = jobs
        self.directory = common.cache_directory("projects", f"{compiler.name}{level}") / project
        self.log = common.ROOT / "build" / "projects" / f"{project}-{compiler.name}{level}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")
        self.cc = str(wrapper(compiler))

    def step(self, what: str, *command: str | os.PathLike[str], timeout: float = 3600, stdin: bytes | None = None,
             statuses: tuple[int, ...] = (0,), **environment: str) -> common.Outcome:
        common.progress(f"{self.project} {self.level}: {what}")
        outcome = common.run(command, cwd=self.directory, timeout=timeout, stdin=stdin,
                             env=common.environment(**environment))
        with self.log.open("ab") as log:
            log.write(f"\n== {what}: {' '.join(map(str, command))}\n".encode())
            log.write(outcome.stdout[-2_000_000:] + outcome.stderr)
        if outcome.timed_out or outcome.status not in statuses:
            detail = outcome.first_message() if outcome.stderr.strip() else ""
            raise Failure(f"{what}: {outcome.describe()}: {detail} ({self.log.relative_to(common.ROOT)})")
        return outcome


def wrapper(compiler: common.Compiler) -> pathlib.Path:
    """The compiler as a single word, for build systems that do not split CC."""
    path = common.cache_directory("projects", "bin") / compiler.name
    words = " ".join(f"'{word}'" for word in compiler.command)
    path_line = f"PYTHONPATH='{common.environment()['PYTHONPATH']}' exec {words} \"$@\"\n"
    path.write_text("#!/bin/sh\n" + (path_line if compiler.is_ourocc else f"exec {words} \"$@\"\n"))
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return path


def zlib(build: Build) -> Outputs:
    sources.copy("zlib", build.directory)
    build.step("configure", "./configure", CC=build.cc, CFLAGS=f"{build.level} -w")
    if "-fPIC" not in (build.directory / "Makefile").read_text():
        raise Failure("configure: no shared library is built (configure did not take the compiler for gcc's kind)")
    build.step("make", "make", f"-j{build.jobs}")
    outcome = build.step("make test", "make", "test")
    lines = re.findall(rb"\*\*\* zlib .*? \*\*\*", outcome.stdout)
    if not all(line.endswith(b"OK ***") for line in lines) or not any(b"shared" in line for line in lines):
        raise Failure(f"make test: {lines!r}")
    data = (sources.unpacked("sqlite3") / "test" / "speedtest1.c").read_bytes()
    packed = build.step("minigzip", "./minigzip", "-9", stdin=data).stdout
    unpacked = build.step("minigzip -d", "./minigzipsh", "-d", stdin=packed).stdout
    if unpacked != data:
        raise Failure("minigzip: what was packed does not unpack to the same")
    return {"make test": b"\n".join(lines), "minigzip -9": packed}


def sqlite(build: Build) -> Outputs:
    tree = sources.unpacked("sqlite3")
    shutil.rmtree(build.directory, ignore_errors=True)
    build.directory.mkdir(parents=True)
    build.step("configure", tree / "configure", "--disable-tcl", "--disable-readline", "--disable-shared",
               f"CC={build.cc}", f"BUILD_CC={build.cc}", f"CFLAGS={build.level} -w")
    build.step("make", "make", f"-j{build.jobs}", "sqlite3", "speedtest1", "fuzzcheck")
    script = (pathlib.Path(__file__).parent / "sqlite.sql").read_bytes()
    # The script has statements that fail on purpose, which the shell's status tells.
    shell = build.step("shell", "./sqlite3", ":memory:", stdin=script, statuses=(0, 1))
    result = {"shell": shell.stdout + shell.stderr}
    speed = build.step("speedtest1 --verify", "./speedtest1", "--verify", "--size", "25").stdout
    result["speedtest1 --verify"] = re.sub(rb"\s+\d+\.\d+s", b"", speed)
    data = [path for path in sorted((tree / "test").glob("fuzzdata*.db"))]
    fuzz = build.step("fuzzcheck", "./fuzzcheck", *data, timeout=3600).stdout
    fuzz = re.sub(rb" in \d+\.\d+ seconds", b"", fuzz)
    if b"fuzzcheck: 0 errors" not in fuzz:
        raise Failure(f"fuzzcheck: {fuzz[-200:]!r}")
    result["fuzzcheck"] = fuzz
    return result


def lua(build: Build) -> Outputs:
    sources.copy("lua5.4", build.directory)
    build.step("make linux", "make", f"-j{build.jobs}", "linux", f"CC={build.cc} -std=gnu99",
               f"MYCFLAGS={build.level} -w")
    result = {}
    for script in sorted(LUA_SCRIPTS.glob("*.lua")):
        outcome = build.step(script.name, "src/lua", script, timeout=300)
        result[script.name] = outcome.stdout
        compiled = build.step(f"luac {script.name}", "src/luac", "-l", "-o", "luac.out", script)
        result[f"luac {script.name}"] = re.sub(rb"0x[0-9a-f]+|<[^>]*>", b"", compiled.stdout)
    return result


PROJECTS: dict[str, Callable[[Build], Outputs]] = {"zlib": zlib, "lua": lua, "sqlite": sqlite}


def reference(project: str, jobs: int) -> Outputs | None:
    """What a gcc -O1 build gives; cached, None without gcc."""
    found = common.installed("gcc")
    if not found:
        return None
    inputs = [path for path in [*LUA_SCRIPTS.glob("*.lua"), pathlib.Path(__file__).parent / "sqlite.sql",
                                pathlib.Path(__file__)]]
    newest = max(path.stat().st_mtime for path in inputs)
    cache = common.cache_directory("projects", "reference", project)
    stamp = cache / ".complete"
    if not stamp.exists() or stamp.stat().st_mtime < newest:
        for name, output in PROJECTS[project](Build(project, found[0], "-O1", jobs)).items():
            (cache / name).write_bytes(output)
        stamp.touch()
    return {path.name: path.read_bytes() for path in cache.iterdir() if path.name != ".complete"}


def compare(got: Outputs, expected: Outputs, build: Build) -> list[str]:
    problems = []
    for name, output in got.items():
        if name not in expected or output == expected[name]:
            continue
        path = build.log.with_name(f"{build.project}-{build.compiler.name}{build.level}-{name.replace(' ', '_')}")
        path.with_suffix(".got").write_bytes(output)
        path.with_suffix(".expected").write_bytes(expected[name])
        problems.append(f"{name}: output differs ({path.relative_to(common.ROOT)}.got, .expected)")
    return problems


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./x suite projects", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    common.add_compiler_option(parser)
    parser.add_argument("--levels", default="O2,O0", help="default: O2,O0")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2, help="for make")
    parser.add_argument("names", nargs="*", metavar="PROJECT", help=f"default: {' '.join(PROJECTS)}")
    arguments = parser.parse_args(argv)
    unknown = set(arguments.names) - set(PROJECTS)
    if unknown:
        return common.fail(f"./x suite projects: unknown project {', '.join(sorted(unknown))}")
    if shutil.which("make") is None:
        return common.fail("./x suite projects: make is missing")
    compiler = common.compiler(arguments.cc)
    failures = 0
    for project in arguments.names or PROJECTS:
        first: Outputs | None = reference(project, arguments.jobs)
        for level in common.levels(arguments.levels):
            build = Build(project, compiler, level, arguments.jobs)
            start = time.monotonic()
            try:
                outputs = PROJECTS[project](build)
                problems = compare(outputs, first, build) if first is not None else []
                first = outputs if first is None else first
            except Failure as failure:
                problems = [str(failure)]
            common.progress("")
            for problem in problems:
                failures += 1
                print(f"FAIL {project} {level}: {problem}", flush=True)
            if not problems:
                print(f"{project} {level}: {len(outputs)} outputs equal, {time.monotonic() - start:.0f} s", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
