"""`./x suite runtime`: the run-time library, compiled by the compiler under test, against libgcc.

Each helper is compared with libgcc's (its names prefixed by our_) on random and special values, at
-O0, -O1 and -O2; gcc compiles the comparing program tests/infra/runtime_oracle.c and links it.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import shutil
import sys
import tempfile

from ourocc import runtime
from suites import common

ORACLE = common.ROOT / "tests" / "infra" / "runtime_oracle.c"


def check(compiler: common.Compiler, level: str, machine: str, rounds: int, directory: pathlib.Path) -> list[str]:
    """Problems at one level: sources that do not compile, results that differ."""
    prefix = "riscv64-linux-gnu-" if machine == "riscv64" else ""
    target = ["--target=riscv64-linux-gnu"] if machine == "riscv64" and compiler.is_ourocc else []
    problems: list[str] = []
    objects: list[str] = []
    for source in runtime.builtin_sources(machine):
        result = os.path.join(directory, os.path.basename(source) + ".o")
        made = common.run([*compiler.command, *target, *runtime.FLAGS, level, "-I", runtime.INCLUDE_DIRECTORY, "-c",
                           source, "-o", result], timeout=300)
        if made.ok:
            objects.append(result)
        else:
            problems.append(f"{os.path.basename(source)}: {made.first_message()}")
    if problems:
        return problems
    whole, names, renamed, program = (str(directory / name) for name in ("whole.o", "names", "renamed.o", "oracle"))
    steps = [[f"{prefix}ld", "-r", *objects, "-o", whole], [f"{prefix}nm", "-g", "--defined-only", whole],
             [f"{prefix}objcopy", f"--redefine-syms={names}", whole, renamed],
             [f"{prefix}gcc", "-O1", "-frounding-math", "-w", str(ORACLE), renamed, "-o", program, "-lm"]]
    for command in steps:
        done = common.run(command, timeout=120)
        if not done.ok:
            return [f"{command[0]}: {done.first_message()}"]
        if command[0].endswith("nm"):
            defined = [line.split()[-1] for line in done.stdout.decode().splitlines()]
            pathlib.Path(names).write_text("".join(f"{name} our_{name}\n" for name in defined))
    launcher = ["qemu-riscv64", "-L", "/usr/riscv64-linux-gnu"] if machine == "riscv64" else []
    ran = common.run([*launcher, program, str(rounds)], timeout=300)
    if ran.ok:
        return []
    return [line for line in ran.stdout.decode().splitlines() if not line.endswith("differences")] or [ran.describe()]


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./x suite runtime", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    common.add_compiler_option(parser)
    parser.add_argument("--levels", default="O0,O1,O2")
    parser.add_argument("--rounds", type=int, default=50000, help="random inputs for each helper")
    parser.add_argument("--target", choices=("x86_64", "riscv64"), default="x86_64")
    arguments = parser.parse_args(argv)
    prefix = "riscv64-linux-gnu-" if arguments.target == "riscv64" else ""
    for tool in ("gcc", "objcopy"):
        if shutil.which(prefix + tool) is None:
            return common.fail(f"./x suite runtime: {prefix}{tool} is missing; it is the oracle")
    failures = 0
    for level in common.levels(arguments.levels):
        with tempfile.TemporaryDirectory(prefix="ourocc-runtime-") as scratch:
            problems = check(common.compiler(arguments.cc), level, arguments.target, arguments.rounds,
                             pathlib.Path(scratch))
        failures += len(problems)
        for problem in problems:
            print(f"FAIL {level} {problem}", flush=True)
        if not problems:
            print(f"runtime {level}: no difference in {arguments.rounds} rounds", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
