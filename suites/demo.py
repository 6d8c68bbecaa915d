"""`./x demo`: compile the programs under examples/, run them, compare with their expected output.

Prints compile time, size and run time, beside gcc's where gcc is installed.  With
`--target riscv64` the programs are linked statically and run under qemu-riscv64.
"""

from __future__ import annotations

import argparse
import pathlib
import shutil
import sys
import tempfile

from suites import common

# Program, its arguments, what it is.
EXAMPLES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("raytracer", ("480", "360", "raytracer.png"), "ray tracer writing a PNG"),
    ("json", (), "JSON parser and printer"),
    ("life", ("100000",), "Game of Life"),
    ("lisp", (), "small Lisp"),
    ("compress", ("test",), "LZ77 and Huffman compressor"),
)
DIRECTORY = common.ROOT / "examples"


class Measured:
    def __init__(self, compile_time: float, size: int, run_time: float, problem: str, output: bytes) -> None:
        self.compile_time = compile_time
        self.size = size
        self.run_time = run_time
        self.problem = problem
        self.output = output


def build_and_run(compiler: common.Compiler, level: str, name: str, arguments: tuple[str, ...],
                  directory: pathlib.Path, target: str, extra: list[str]) -> Measured:
    program = directory / f"{name}-{compiler.name}{level}"
    flags = [level, *extra]
    if target == "riscv64":
        flags += ["-static"]
        # The expected picture is made without fused multiply-add, which gcc uses there by default.
        flags += ["--target=riscv64-linux-gnu"] if compiler.is_ourocc else ["-ffp-contract=off"]
    compiled = common.run([*compiler.command, *flags, DIRECTORY / f"{name}.c", "-o", program, "-lm"], timeout=300)
    if not compiled.ok:
        return Measured(compiled.wall, 0, 0.0, compiled.first_message(), b"")
    launcher = ["qemu-riscv64"] if target == "riscv64" else []
    ran = common.run([*launcher, program, *arguments], timeout=120, cwd=directory)
    problem = "" if ran.ok else ran.describe()
    return Measured(compiled.wall, common.text_size(program), ran.wall, problem, ran.stdout)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./x demo", description=__doc__)
    common.add_compiler_option(parser)
    parser.add_argument("--levels", default="O2", help="optimization levels, separated by commas")
    parser.add_argument("--target", choices=("x86_64", "riscv64"), default="x86_64")
    parser.add_argument("--bless", action="store_true", help="write the expected output instead of comparing")
    parser.add_argument("--keep", metavar="DIRECTORY", help="leave programs and the picture there")
    arguments = parser.parse_args(argv)
    under_test = common.compiler(arguments.cc)
    compilers = [under_test]
    if arguments.target == "x86_64" and under_test.name != "gcc":
        compilers += common.installed("gcc")
    if arguments.target == "riscv64" and shutil.which("qemu-riscv64") is None:
        return common.fail("./x demo: qemu-riscv64 is missing (Debian: apt-get install qemu-user)")
    header = ["program", "compiler", "compile s", "text bytes", "run s", "output"]
    rows: list[list[str]] = []
    failures: list[str] = []
    with tempfile.TemporaryDirectory(prefix="ourocc-demo-") as scratch:
        directory = pathlib.Path(arguments.keep or scratch)
        directory.mkdir(parents=True, exist_ok=True)
        for name, options, _ in EXAMPLES:
            expected = DIRECTORY / f"{name}.expected"
            for level in common.levels(arguments.levels):
                for compiler in compilers:
                    common.progress(f"{name}: {compiler} {level}")
                    got = build_and_run(compiler, level, name, options, directory, arguments.target, [])
                    if arguments.bless and not got.problem:
                        expected.write_bytes(got.output)
                    verdict = got.problem or ("as expected" if got.output == expected.read_bytes() else "DIFFERENT")
                    if verdict != "as expected" and compiler is under_test:
                        failures.append(f"FAIL {name} {level}: {verdict}")
                    rows.append([name, f"{compiler} {level}", f"{got.compile_time:.2f}", f"{got.size:,}",
                                 f"{got.run_time:.2f}", verdict if len(verdict) < 40 else verdict[:37] + "..."])
    common.progress("")
    print(common.table(header, rows))
    for line in failures:
        print(line)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
