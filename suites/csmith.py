"""`./x suite csmith`: random programs from csmith, at -O0 and -O2; their checksums must be gcc -O1's.

A seed whose gcc build does not end within the time limit is replaced by the next one.  A program
that the compiler refuses, crashes on, or miscompiles is kept under build/csmith/ with its seed.
"""

from __future__ import annotations

import argparse
import glob
import multiprocessing
import os
import pathlib
import shutil
import sys
import tempfile

from suites import common, forked

COMPILE_LIMIT = 120.0
RUN_LIMIT = 10.0
KEEP = common.ROOT / "build" / "csmith"


class Setting:
    compiler: common.Compiler
    levels: list[str]
    include: str
    target: str


def header_folder() -> str | None:
    """Where csmith.h is: Debian has it in /usr/include/csmith or csmith-VERSION."""
    for pattern in ("/usr/include/csmith*/csmith.h", "/usr/include/csmith*/*/csmith.h", "/usr/local/include/csmith*/csmith.h"):
        for path in sorted(glob.glob(pattern)):
            return os.path.dirname(path)
    return None


def generate(seed: int, path: pathlib.Path) -> bool:
    made = common.run(["csmith", "--seed", str(seed), "--output", path], timeout=30)
    return made.ok and path.exists()


def expected_output(source: pathlib.Path, scratch: str) -> bytes | None:
    """What the gcc -O1 build prints; None when it does not end in time."""
    program = os.path.join(scratch, "reference")
    built = common.run(["gcc", "-O1", "-w", f"-I{Setting.include}", source, "-o", program, "-lm"], timeout=COMPILE_LIMIT)
    if not built.ok:
        return None
    ran = common.run([program], timeout=RUN_LIMIT / 2)
    return ran.stdout if ran.ok else None


def try_seed(seed: int) -> tuple[int, list[str] | None]:
    """Problems with one program; None when the seed is of no use."""
    with tempfile.TemporaryDirectory(prefix="ourocc-csmith-") as scratch:
        source = pathlib.Path(scratch, f"seed{seed}.c")
        if not generate(seed, source):
            return seed, None
        expected = expected_output(source, scratch)
        if expected is None:
            return seed, None
        problems = []
        for level in Setting.levels:
            program = os.path.join(scratch, f"program{level}")
            options = [level, "-w", f"-I{Setting.include}"]
            launcher = []
            if Setting.target == "riscv64":
                options += ["-static", "--target=riscv64-linux-gnu"]
                launcher = ["qemu-riscv64"]
            built = forked.compile_with(Setting.compiler, [*options, str(source), "-o", program, "-lm"], scratch,
                                        COMPILE_LIMIT, 4096)
            if not built.ok:
                problems.append(f"{level}: compile: {built.describe()}: {built.first_message()}")
                continue
            ran = common.run([*launcher, program], timeout=RUN_LIMIT * 3)
            if not ran.ok:
                problems.append(f"{level}: run: {ran.describe()}")
            elif ran.stdout != expected:
                problems.append(f"{level}: {ran.stdout.decode().strip()} instead of {expected.decode().strip()}")
        if problems:
            KEEP.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, KEEP)
        return seed, problems


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./x suite csmith", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    common.add_compiler_option(parser)
    parser.add_argument("--count", type=int, default=300, help="programs that must be compared (default: 300)")
    parser.add_argument("--seed", type=int, default=1, help="first seed")
    parser.add_argument("--levels", default="O0,O2")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--target", choices=("x86_64", "riscv64"), default="x86_64")
    arguments = parser.parse_args(argv)
    for tool in ("csmith", "gcc"):
        if shutil.which(tool) is None:
            return common.fail(f"./x suite csmith: {tool} is missing (Debian: apt-get install {tool})")
    include = header_folder()
    if include is None:
        return common.fail("./x suite csmith: csmith.h is missing (Debian: apt-get install libcsmith-dev)")
    Setting.compiler = common.compiler(arguments.cc)
    Setting.levels = common.levels(arguments.levels)
    Setting.include = include
    Setting.target = arguments.target
    if Setting.compiler.is_ourocc:
        forked.load_driver()
    compared = failed = useless = 0
    seed = arguments.seed
    with multiprocessing.get_context("fork").Pool(arguments.jobs) as pool:
        while compared < arguments.count and useless < 2 * arguments.count:
            batch = range(seed, seed + min(arguments.count - compared, 40))
            seed = batch.stop
            for number, problems in pool.imap(try_seed, batch):
                if problems is None:
                    useless += 1
                    continue
                compared += 1
                failed += bool(problems)
                for problem in problems:
                    common.progress("")
                    print(f"FAIL seed {number} {problem}", flush=True)
                common.progress(f"{compared} of {arguments.count}, {failed} failed")
    common.progress("")
    print(f"csmith: {compared - failed} of {compared} programs give gcc's checksum at {arguments.levels}; "
          f"{useless} seeds skipped (no end within {RUN_LIMIT / 2:.0f} s)")
    return 1 if failed or compared < arguments.count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
