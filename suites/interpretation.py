"""`./x suite interpretation`: the optimizer against the interpreter.

    ./x suite interpretation [--levels 1,2,3,s] [--alone] [--csmith N] [FILE.c ...]

Every program is lowered once and interpreted as it is; then children of that process optimize their copy of the module (the
verifier runs after every pass) and interpret it again: same exit status and same output, or a failure with the name of the
pass that made the difference (found by bisection).  `--alone` applies every pass for itself after SSA construction.  Programs
that the interpreter cannot run to the end are only optimized and verified.
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import sys
import tempfile
import time
import traceback

STEPS = 1_500_000
LIMIT = 40.0  # seconds a child


def describe(error: BaseException) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} {str(error)[:160]} at {os.path.basename(where.filename)}:{where.lineno}"


def interpret(module: object, steps: int) -> str:
    """Exit status and a digest of the output, or why there is none."""
    from ourocc.ir.function import Module
    from ourocc.ir.interpreter import Interpreter, Unsupported

    assert isinstance(module, Module)
    machine = Interpreter(module, "x86", False, steps)
    try:
        status = machine.run_main([b"program"])
        return f"exit {status} {hash(bytes(machine.output)) & 0xFFFFFFFF:x}"
    except Unsupported as reason:
        return f"unsupported {reason}"
    except Exception as error:
        return f"stopped {type(error).__name__}"


def in_child(work: object, limit: float = LIMIT) -> str:
    """Run `work` in a fork; its string, or how it died."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        signal.alarm(int(limit) + 1)
        try:
            assert callable(work)
            text = str(work())
        except BaseException as error:
            text = f"CRASH {describe(error)}"
        os.write(writer, text.encode()[:4000])
        os._exit(0)
    os.close(writer)
    data = b""
    deadline = time.monotonic() + limit
    while True:
        ready, _, _ = select.select([reader], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            os.kill(child, signal.SIGKILL)
            data = b"timeout"
            break
        piece = os.read(reader, 4096)
        if not piece:
            break
        data += piece
    os.close(reader)
    _, status = os.waitpid(child, 0)
    return data.decode() or f"died with status {status}"


class Configuration:
    """A way to optimize: a level, or one pass alone."""

    def __init__(self, name: str, level: int, size: int, alone: str) -> None:
        self.name = name
        self.level = level
        self.size = size
        self.alone = alone


class Subject:
    """One program."""

    def __init__(self, path: str, flags: list[str]) -> None:
        self.path = path
        self.flags = flags

    def lower(self, level: int) -> object:
        from ourocc.driver.compile import Compilation
        from ourocc.driver.settings import Settings

        settings = Settings()
        settings.no_warnings = True
        settings.level = level
        with open(self.path, encoding="latin-1") as stream:
            text = stream.read()
        if "-fwrapv" in text:
            settings.features["wrapv"] = True
        if "-fgnu89-inline" in text:
            settings.features["gnu89-inline"] = True
        settings.features["strict-aliasing"] = "-fno-strict-aliasing" not in text
        for flag in self.flags:
            settings.directories.append(flag)
        compilation = Compilation(self.path, settings)
        return compilation.lower(compilation.analyze(compilation.preprocess()))

    def optimized(self, module: object, configuration: Configuration, bisect: int) -> object:
        from ourocc.ir.function import Module
        from ourocc.optimize import pipeline

        assert isinstance(module, Module)
        options = pipeline.PipelineOptions()
        options.level = configuration.level
        options.size = configuration.size
        options.verify = True
        options.bisect = bisect
        if configuration.alone:
            pipeline.run_alone(module, options, configuration.alone)
        else:
            pipeline.optimize(module, options)
        return module

    def check(self, configurations: list[Configuration]) -> list[str]:
        problems: list[str] = []
        for front in sorted({min(configuration.level, 1) for configuration in configurations}):
            try:
                module = self.lower(front)
            except Exception as error:
                return [f"front end: {describe(error)}"]
            expected = in_child(lambda: interpret(module, STEPS))  # noqa: B023 (called at once)
            comparable = expected.startswith(("exit", "stopped"))
            for configuration in configurations:
                if min(configuration.level, 1) != front:
                    continue
                got = self.one(module, configuration, comparable, -1)
                if got == expected or (not comparable and got == "optimized"):
                    continue
                if got.startswith(("unsupported", "timeout")) and not comparable:
                    continue
                guilty = self.bisect(module, configuration, comparable, expected, got)
                problems.append(f"{configuration.name}: expected {expected}, got {got}{guilty}")
        return problems

    def one(self, module: object, configuration: Configuration, comparable: bool, bisect: int) -> str:
        def work() -> str:
            made = self.optimized(module, configuration, bisect)
            return interpret(made, STEPS * 2) if comparable else "optimized"

        return in_child(work)

    def bisect(self, module: object, configuration: Configuration, comparable: bool, expected: str, got: str) -> str:
        """The last pass application that is needed to go wrong."""
        if configuration.alone:
            return ""
        good, bad = 0, 1 << 14
        wanted = expected if comparable else "optimized"
        while bad - good > 1:
            middle = (good + bad) // 2
            if self.one(module, configuration, comparable, middle) == wanted:
                good = middle
            else:
                bad = middle
        return f" (--bisect-passes={bad})"


def subjects(arguments: argparse.Namespace, scratch: str) -> list[Subject]:
    found = [Subject(path, []) for path in arguments.files]
    if arguments.csmith:
        import pathlib

        from suites.csmith import generate, header_folder

        include = header_folder()
        if include is None:
            sys.exit("csmith's headers are missing")
        for seed in range(arguments.seed, arguments.seed + arguments.csmith):
            path = pathlib.Path(scratch, f"seed{seed}.c")
            if generate(seed, path):
                found.append(Subject(str(path), [include]))
    if arguments.stride > 1:
        found = found[arguments.offset :: arguments.stride]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="x suite interpretation")
    parser.add_argument("--levels", default="1,2,3,s")
    parser.add_argument("--alone", action="store_true", help="every pass for itself")
    parser.add_argument("--passes", default="", help="only these, with --alone")
    parser.add_argument("--csmith", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stride", type=int, default=1, help="only every Nth program")
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    sys.setrecursionlimit(50000)
    from ourocc.optimize import pipeline

    configurations: list[Configuration] = []
    if arguments.alone:
        wanted = arguments.passes.split(",") if arguments.passes else pipeline.pass_names()
        configurations = [Configuration(name, 1, 0, name) for name in wanted]
    else:
        for level in arguments.levels.split(","):
            configurations.append(Configuration(f"-O{level}", 2 if level == "s" else int(level), int(level == "s"), ""))
    failures = 0
    with tempfile.TemporaryDirectory(prefix="ourocc-interpretation-") as scratch:
        programs = subjects(arguments, scratch)
        for program in programs:
            problems = program.check(configurations)
            if problems and problems[0].startswith("front end"):
                print(f"skipped {os.path.basename(program.path)}: {problems[0]}", flush=True)
                continue
            for problem in problems:
                print(f"FAIL {os.path.basename(program.path)}: {problem}", flush=True)
            failures += bool(problems)
        print(f"{len(programs)} programs, {failures} with failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
