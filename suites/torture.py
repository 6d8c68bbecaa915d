"""`./x suite torture`: GCC 12's gcc.c-torture/execute, each test at -O0 and -O2.

The sources come from Debian's gcc-12-source, extracted once into the user's cache.  A test is its
.c file with the options that its own dg-options ask for (for x86), -w and -lm; in builtins/ together
with its -lib.c and lib/main.c.  It passes when it compiles and exits with status 0 within 20 s.

The tests counted are those that gcc 12 passes itself at -O1 when it is run the same way; the few
others are listed in torture_excluded.txt (`--baseline` finds them anew with gcc).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from suites import common, dejagnu, forked

EXCLUDED = pathlib.Path(__file__).with_name("torture_excluded.txt")
TIME_LIMIT = 20.0
MEMORY_LIMIT = 4096


def sources() -> pathlib.Path:
    """The folder gcc.c-torture/execute in the cache; fetched and extracted the first time."""
    directory = common.cache_directory("gcc-torture")
    if (directory / "complete").exists():
        return directory / "execute"
    archives = sorted(pathlib.Path("/usr/src/gcc-12").glob("gcc-12*.tar.xz"))
    if not archives:
        print("fetching gcc-12-source (77 MB) from Debian", flush=True)
        subprocess.run(["apt-get", "download", "gcc-12-source"], cwd=directory, check=True,
                       stdout=subprocess.DEVNULL)
        for package in directory.glob("gcc-12-source*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, directory / "package"], check=True)
        archives = sorted((directory / "package").rglob("gcc-12*.tar.xz"))
    subprocess.run(["tar", "-xf", archives[0], "-C", directory, "--wildcards", "*/gcc.c-torture/execute/*",
                    "--strip-components=4"], check=True)
    shutil.rmtree(directory / "package", ignore_errors=True)
    (directory / "complete").touch()
    return directory / "execute"


def test_names(directory: pathlib.Path) -> list[str]:
    """Paths below `directory` without the suffix: `20000112-1`, `ieee/rbug`, `builtins/abs-1`."""
    names = []
    for folder in ("", "ieee", "builtins"):
        for path in (directory / folder).glob("*.c"):
            if not (folder == "builtins" and path.stem.endswith("-lib")):
                names.append(str(path.relative_to(directory).with_suffix("")))
    return sorted(names)


def excluded() -> dict[str, str]:
    """Names that do not count, with the reason."""
    result = {}
    for line in EXCLUDED.read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, reason = line.partition(": ")
            result[name] = reason
    return result


class Job:
    """One test at one level."""

    def __init__(self, name: str, level: str) -> None:
        self.name = name
        self.level = level


class Setting:
    """What all jobs share; set before the workers are forked."""

    compiler: common.Compiler
    target: str
    directory: pathlib.Path
    logs: pathlib.Path
    time_limit: float


def compile_options(name: str, level: str) -> list[str]:
    path = Setting.directory / f"{name}.c"
    triple = "riscv64-unknown-linux-gnu" if Setting.target == "riscv64" else "x86_64-pc-linux-gnu"
    options = [level, "-w", *dejagnu.options(path.read_text(errors="replace"), triple)]
    if Setting.target == "riscv64":
        options += ["-static"]
        if Setting.compiler.is_ourocc:
            options += ["--target=riscv64-linux-gnu"]
    files = [str(path)]
    if name.startswith("builtins/"):
        files += [str(Setting.directory / f"{name}-lib.c"), str(Setting.directory / "builtins/lib/main.c")]
    return [*options, *files, "-lm"]


def compile_reason(outcome: common.Outcome) -> str:
    """A class of failure, then the message without the parts that differ from test to test."""
    message = outcome.first_message()
    if outcome.timed_out:
        return "compile: timeout"
    if outcome.status < 0:
        return f"compile: {outcome.describe()}"
    message = re.sub(r"^/\S*/([^/\s]+:\d+)", r"\1", message)
    if message.startswith("crash of the compiler"):
        return message
    kind = "link" if "undefined" in message and ("reference" in message or "symbol" in message) else "compile"
    return f"{kind}: {message[:200]}"


def run_job(job: Job) -> tuple[str, str, str, float]:
    """Name, level, reason of failure or "", seconds of compiling."""
    with tempfile.TemporaryDirectory(prefix="ourocc-torture-") as scratch:
        program = os.path.join(scratch, "program")
        arguments = [*compile_options(job.name, job.level), "-o", program]
        compiled = forked.compile_with(Setting.compiler, arguments, scratch, Setting.time_limit, MEMORY_LIMIT)
        log = [" ".join([*Setting.compiler.command, *arguments]), compiled.stderr.decode(errors="replace")]
        if not compiled.ok or not os.path.exists(program):
            reason = compile_reason(compiled) if not compiled.ok else "compile: no output file"
        else:
            launcher = ["qemu-riscv64"] if Setting.target == "riscv64" else []
            ran = common.run([*launcher, program], cwd=scratch, timeout=TIME_LIMIT)
            reason = "" if ran.ok else f"run: {ran.describe()}"
            log += [ran.stdout.decode(errors="replace"), ran.stderr.decode(errors="replace")]
    if reason:
        path = Setting.logs / job.level / f"{job.name}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{reason}\n" + "\n".join(log))
    return job.name, job.level, reason, compiled.wall


def run_jobs(jobs: list[Job], workers: int) -> dict[tuple[str, str], str]:
    """Reasons of failure ("" for a pass) of all jobs, by name and level."""
    results: dict[tuple[str, str], str] = {}
    if Setting.compiler.is_ourocc:
        forked.load_driver()
    failures = 0
    with multiprocessing.get_context("fork").Pool(workers, maxtasksperchild=500) as pool:
        for name, level, reason, _ in pool.imap_unordered(run_job, jobs):
            results[name, level] = reason
            failures += reason != ""
            if len(results) % 10 == 0:
                common.progress(f"{len(results)} of {len(jobs)}, {failures} failed")
    common.progress("")
    return results


def baseline(names: list[str], workers: int) -> int:
    """Run gcc -O1 over everything and rewrite the list of tests that do not count."""
    results = run_jobs([Job(name, "-O1") for name in names], workers)
    lines = ["# Tests of gcc.c-torture/execute that gcc 12 -O1 itself does not pass when run alone."]
    lines += [f"{name}: {results[name, '-O1']}" for name in names if results[name, "-O1"]]
    EXCLUDED.write_text("\n".join(lines) + "\n")
    print(f"gcc -O1 passes {len(names) - len(lines) + 1} of {len(names)} tests")
    return 0


def report(results: dict[tuple[str, str], str], levels: list[str], history: pathlib.Path, verbose: bool) -> int:
    """Print the failures and the figures, and what changed since the last run of the same kind."""
    before: dict[str, str] = json.loads(history.read_text()) if history.exists() else {}
    now = {f"{level} {name}": reason for (name, level), reason in results.items()}
    for level in levels:
        for (name, of_level), reason in sorted(results.items()):
            if of_level == level and reason:
                print(f"FAIL {name} {level}: {reason}")
    fixed = sorted(key for key, reason in now.items() if not reason and before.get(key))
    broken = sorted(key for key, reason in now.items() if reason and before.get(key) == "")
    if fixed:
        print(f"newly passing: {len(fixed)}" + (": " + ", ".join(fixed) if verbose or len(fixed) < 20 else ""))
    if broken:
        print(f"newly failing: {len(broken)}: {', '.join(broken[:40])}")
    for level in levels:
        reasons = [reason for (_, of_level), reason in results.items() if of_level == level]
        passed = reasons.count("")
        kinds: dict[str, int] = {}
        for reason in filter(None, reasons):
            kind = reason.split(":")[0]
            kinds[kind] = kinds.get(kind, 0) + 1
        detail = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
        print(f"{level}: {passed} of {len(reasons)} pass ({100 * passed / max(len(reasons), 1):.1f} %)"
              + (f"; failures: {detail}" if detail else ""))
    history.write_text(json.dumps({**before, **now}, indent=0, sort_keys=True))
    return 0 if all(not reason for reason in results.values()) else 1


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./x suite torture", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    common.add_compiler_option(parser)
    parser.add_argument("--levels", default="O0,O2", help="default: O0,O2")
    parser.add_argument("--filter", default="", help="only tests whose name matches this regular expression")
    parser.add_argument("--failed", action="store_true", help="only tests that failed in the last run")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="only every Nth test")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--target", choices=("x86_64", "riscv64"), default="x86_64")
    parser.add_argument("--time-limit", type=float, default=TIME_LIMIT, help="seconds for one compilation")
    parser.add_argument("--require", type=float, default=100.0, metavar="PERCENT",
                        help="exit with 0 when every level passes at least this share")
    parser.add_argument("--baseline", action="store_true", help="find the tests that gcc -O1 does not pass")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args(argv)
    if arguments.target == "riscv64" and shutil.which("qemu-riscv64") is None:
        return common.fail("./x suite torture: qemu-riscv64 is missing (Debian: apt-get install qemu-user)")
    start = time.monotonic()
    Setting.compiler = common.compiler("gcc" if arguments.baseline and not arguments.cc else arguments.cc)
    Setting.target = arguments.target
    Setting.directory = sources()
    Setting.time_limit = arguments.time_limit
    Setting.logs = common.ROOT / "build" / "torture" / f"{Setting.compiler.name}-{arguments.target}"
    names = test_names(Setting.directory)
    if arguments.baseline:
        return baseline(names, arguments.jobs)
    names = [name for name in names if name not in excluded() and re.search(arguments.filter, name)]
    if arguments.target == "riscv64":
        names = [name for name in names if not dejagnu.skipped(
            (Setting.directory / f"{name}.c").read_text(errors="replace"), "riscv64-unknown-linux-gnu")]
    levels = common.levels(arguments.levels)
    history = common.cache_directory("results") / f"torture-{Setting.compiler.name}-{arguments.target}.json"
    names = names[::arguments.sample]
    jobs = [Job(name, level) for name in names for level in levels]
    if arguments.failed and history.exists():
        last = json.loads(history.read_text())
        jobs = [job for job in jobs if last.get(f"{job.level} {job.name}")]
    results = run_jobs(jobs, arguments.jobs)
    status = report(results, levels, history, arguments.verbose)
    print(f"{time.monotonic() - start:.0f} s; logs of failures under {Setting.logs.relative_to(common.ROOT)}/")
    shares = [sum(1 for key, reason in results.items() if key[1] == level and not reason)
              / max(1, sum(1 for key in results if key[1] == level)) for level in levels]
    return 0 if status == 0 or all(100 * share >= arguments.require for share in shares) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
