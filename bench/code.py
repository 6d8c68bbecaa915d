"""`./x bench code`: the speed and size of compiled code, against other compilers in the same run.

Every program under bench/code/ is compiled by Ourocc at -O2 (and other levels on request) and by
gcc -O0, -O1, -O2 and whatever of tcc and clang is installed.  The programs run in turns, so that a
busy machine slows all of them alike; the best of n runs counts.  Outputs must be equal.  The figures
are ratios to gcc -O2 (to the first configuration that works, without gcc), with geometric means.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
import tempfile

from suites import common

PROGRAMS = pathlib.Path(__file__).parent / "code"


class Configuration:
    """A compiler with its flags: one column of the table."""

    def __init__(self, compiler: common.Compiler, flags: tuple[str, ...]) -> None:
        self.compiler = compiler
        self.flags = flags

    def __str__(self) -> str:
        return " ".join([self.compiler.name, *self.flags])


class Result:
    def __init__(self, program: pathlib.Path | None, problem: str, size: int) -> None:
        self.program = program
        self.problem = problem
        self.size = size
        self.seconds = float("inf")
        self.output = b""

    @property
    def ok(self) -> bool:
        return self.program is not None and not self.problem


def configurations(under_test: common.Compiler, levels: list[str]) -> list[Configuration]:
    result = [Configuration(under_test, (level,)) for level in levels]
    for compiler in common.installed("gcc"):
        result += [Configuration(compiler, (level,)) for level in ("-O0", "-O1", "-O2")]
    result += [Configuration(compiler, ()) for compiler in common.installed("tcc")]
    result += [Configuration(compiler, ("-O2",)) for compiler in common.installed("clang")]
    unique: dict[str, Configuration] = {}
    for configuration in result:
        unique.setdefault(str(configuration), configuration)
    return list(unique.values())


def build(configuration: Configuration, source: pathlib.Path, directory: pathlib.Path, index: int) -> Result:
    """The program; its size is that of its own code, so it is taken from the object file."""
    part = directory / f"{source.stem}-{index}.o"
    program = directory / f"{source.stem}-{index}"
    command = [*configuration.compiler.command, *configuration.flags]
    compiled = common.run([*command, "-c", source, "-o", part], timeout=300)
    if compiled.ok:
        linked = common.run([*command, part, "-o", program, "-lm"], timeout=120)
        if linked.ok:
            return Result(program, "", common.text_size(part))
        return Result(None, linked.first_message(), 0)
    return Result(None, compiled.first_message(), 0)


def measure(results: list[Result], runs: int, directory: pathlib.Path) -> None:
    """Best of `runs`, taking turns; the first run also gives the output to compare."""
    for turn in range(runs):
        for result in results:
            if not result.ok or result.program is None:
                continue
            output = directory / "output"
            ran = common.measure([result.program], timeout=60, output=output)
            if not ran.ok:
                result.problem = ran.describe()
                continue
            result.seconds = min(result.seconds, ran.processor)
            if turn == 0:
                result.output = output.read_bytes()


def summary(columns: list[Configuration], all_results: dict[str, list[Result]], base: int) -> list[list[str]]:
    rows = []
    for title, value in (("geometric mean, time", lambda r: r.seconds), ("geometric mean, text", lambda r: float(r.size))):
        row = [title]
        for column in range(len(columns)):
            pairs = [(results[column], results[base]) for results in all_results.values()
                     if results[column].ok and results[base].ok]
            if pairs:
                mean = common.geometric_mean([max(value(a), 1e-3) / max(value(b), 1e-3) for a, b in pairs])
                row.append(f"{mean:.2f}" + ("" if len(pairs) == len(all_results) else f" ({len(pairs)})"))
            else:
                row.append("-")
        rows.append(row)
    return rows


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./x bench code", description=__doc__)
    common.add_compiler_option(parser)
    parser.add_argument("--levels", default="O2", help="levels of the compiler under test (default: O2)")
    parser.add_argument("--runs", type=int, default=3, help="best of so many (default: 3)")
    parser.add_argument("--filter", default="", help="only programs whose name contains this")
    parser.add_argument("--quick", action="store_true", help="one run each, gcc -O2 only")
    arguments = parser.parse_args(argv)
    under_test = common.compiler(arguments.cc)
    columns = configurations(under_test, common.levels(arguments.levels))
    if arguments.quick:
        columns = [c for c in columns if c.compiler.name == under_test.name or str(c) == "gcc -O2"]
        arguments.runs = 1
    base = next((i for i, c in enumerate(columns) if str(c) == "gcc -O2"), 0)
    sources = sorted(path for path in PROGRAMS.glob("*.c") if arguments.filter in path.name)
    all_results: dict[str, list[Result]] = {}
    rows: list[list[str]] = []
    failures: list[str] = []
    with tempfile.TemporaryDirectory(prefix="ourocc-bench-") as scratch:
        directory = pathlib.Path(scratch)
        for source in sources:
            common.progress(f"{source.stem}")
            results = [build(column, source, directory, i) for i, column in enumerate(columns)]
            measure(results, arguments.runs, directory)
            all_results[source.stem] = results
            reference = results[base]
            row = [source.stem]
            for column, result in zip(columns, results, strict=True):
                if result.ok and reference.ok and result.output != reference.output:
                    result.problem = "different output"
                if result.problem and column.compiler.name == under_test.name:
                    failures.append(f"FAIL {source.stem} {column}: {result.problem}")
                if not result.ok:
                    row.append("failed")
                elif result is reference:
                    row.append(f"{result.seconds:.2f} s, {result.size:,} B")
                else:
                    row.append(f"{result.seconds / max(reference.seconds, 1e-3):.2f}, "
                               f"{result.size / max(reference.size, 1):.2f}")
            rows.append(row)
    common.progress("")
    print(f"Time and text size as ratios to {columns[base]}, whose own figures are absolute; best of "
          f"{arguments.runs}, processor time.")
    print(common.table(["program", *map(str, columns)], rows + summary(columns, all_results, base)))
    for line in failures:
        print(line)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
