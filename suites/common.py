"""What all runners share: the compiler under test, running a program within limits, tables, caches.

A compiler is a command line prefix with gcc's options.  Ourocc is run from OUROCC_PATH, a directory
to import it from (`./x` sets it to the native build); without it, from this repository.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET_TRIPLE = {"x86_64": "x86_64-linux-gnu", "riscv64": "riscv64-linux-gnu"}


def cache_directory(*parts: str) -> pathlib.Path:
    """A folder below the user's cache directory, created."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    path = pathlib.Path(base, "ourocc", *parts)
    path.mkdir(parents=True, exist_ok=True)
    return path


def ourocc_path() -> str:
    return os.environ.get("OUROCC_PATH") or str(ROOT)


def environment(**changes: str) -> dict[str, str]:
    """The environment for child processes: Ourocc importable from any directory."""
    result = dict(os.environ)
    # The source tree comes last: bench and suites are imported from it, ourocc from OUROCC_PATH.
    parts = [ourocc_path(), str(ROOT)]
    result["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(parts))
    result["LC_ALL"] = "C"
    result.update(changes)
    return result


class Compiler:
    """A command that takes gcc's options."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self.command = list(command)

    @property
    def is_ourocc(self) -> bool:
        return self.name == "ourocc"

    def __str__(self) -> str:
        return self.name


def compiler(command: str | None) -> Compiler:
    """The compiler that `--cc` names; None or "ourocc" is the one of this repository."""
    if command is None or command == "ourocc":
        return Compiler("ourocc", [sys.executable, "-m", "ourocc"])
    return Compiler(pathlib.Path(shlex.split(command)[0]).name, shlex.split(command))


def installed(*names: str) -> list[Compiler]:
    return [Compiler(name, [name]) for name in names if shutil.which(name)]


def add_compiler_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cc", metavar="COMMAND", help="compiler under test (default: ourocc)")


def levels(text: str) -> list[str]:
    """`O0,O2` or `-O0,-O2` as a list of flags (argparse takes `--levels -O0` for two options)."""
    return ["-" + level.strip().lstrip("-") for level in text.split(",")]


class Outcome:
    """How a process ended: its exit status (negative: a signal), whether it ran out of time, output,
    wall-clock and processor seconds, peak memory in megabytes."""

    def __init__(self, status: int, timed_out: bool, stdout: bytes, stderr: bytes, wall: float,
                 processor: float, memory: float) -> None:
        self.status = status
        self.timed_out = timed_out
        self.stdout = stdout
        self.stderr = stderr
        self.wall = wall
        self.processor = processor
        self.memory = memory

    @property
    def ok(self) -> bool:
        return self.status == 0 and not self.timed_out

    def describe(self) -> str:
        if self.timed_out:
            return "timeout"
        if self.status < 0:
            try:
                return signal.Signals(-self.status).name
            except ValueError:
                return f"signal {-self.status}"
        return f"exit status {self.status}"

    def first_message(self) -> str:
        """The line of the error output that says most: an error, a traceback's last line, any line."""
        lines = [line for line in self.stderr.decode(errors="replace").splitlines() if line.strip()]
        if any(line.startswith("Traceback") for line in lines):
            return f"crash of the compiler: {lines[-1]}"
        for word in ("internal error", "fatal error:", "undefined reference", "undefined symbol", "error:"):
            for line in lines:
                if word in line:
                    return line.strip()
        return lines[0].strip() if lines else "no message"


def _limit(memory_megabytes: int | None) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_megabytes is not None:
        size = memory_megabytes << 20
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def run(command: Sequence[str | os.PathLike[str]], *, timeout: float = 20.0,
        cwd: str | os.PathLike[str] | None = None, stdin: bytes | None = None, env: dict[str, str] | None = None,
        memory: int | None = None) -> Outcome:
    """Run a command to its end or for `timeout` seconds, after which its whole process group dies."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [os.fspath(part) for part in command], cwd=cwd, env=env if env is not None else environment(),
        stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True, preexec_fn=lambda: _limit(memory))
    timed_out = False
    try:
        stdout, stderr = process.communicate(stdin, timeout=timeout)
    except subprocess.TimeoutExpired:
        timed_out = True
        kill_group(process.pid)
        stdout, stderr = process.communicate()
    except BaseException:
        kill_group(process.pid)
        raise
    return Outcome(process.returncode, timed_out, stdout, stderr, time.perf_counter() - start, 0.0, 0.0)


def kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def measure(command: Sequence[str | os.PathLike[str]], *, timeout: float = 120.0,
            cwd: str | os.PathLike[str] | None = None, env: dict[str, str] | None = None,
            output: str | os.PathLike[str] = os.devnull) -> Outcome:
    """Like run(), with exact processor time and peak memory of the process and its waited-for
    children; output goes to a file, errors are discarded."""
    start = time.perf_counter()
    with open(output, "wb") as sink, open(os.devnull, "rb") as nothing:
        process = subprocess.Popen([os.fspath(part) for part in command], cwd=cwd,
                                   env=env if env is not None else environment(), stdin=nothing, stdout=sink,
                                   stderr=subprocess.DEVNULL, start_new_session=True)
        deadline = start + timeout
        timed_out = False

        def expire(signum: int, frame: object) -> None:
            nonlocal timed_out
            timed_out = True
            kill_group(process.pid)

        previous = signal.signal(signal.SIGALRM, expire)
        signal.setitimer(signal.ITIMER_REAL, max(0.01, deadline - time.perf_counter()))
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    return Outcome(process.returncode, timed_out, b"", b"", wall, usage.ru_utime + usage.ru_stime,
                   usage.ru_maxrss / 1024)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with aligned columns; the first column is text, the others are numbers."""
    lines = [list(header), *[list(row) for row in rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]

    def render(line: Sequence[str]) -> str:
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        return "| " + " | ".join(cells) + " |"

    rule = "| " + " | ".join(["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]]) + " |"
    return "\n".join([render(lines[0]), rule, *[render(line) for line in lines[1:]]])


def text_size(path: str | os.PathLike[str]) -> int:
    """Bytes of code and read-only data of an ELF file: the allocated sections that are not writable
    and take space in the file."""
    data = pathlib.Path(path).read_bytes()
    if data[:4] != b"\x7fELF" or data[4] != 2:
        return len(data)
    offset = int.from_bytes(data[40:48], "little")
    entry, count = int.from_bytes(data[58:60], "little"), int.from_bytes(data[60:62], "little")
    total = 0
    for index in range(count):
        header = data[offset + index * entry:offset + (index + 1) * entry]
        kind, flags = int.from_bytes(header[4:8], "little"), int.from_bytes(header[8:16], "little")
        if kind != 8 and flags & 2 and not flags & 1:
            total += int.from_bytes(header[32:40], "little")
    return total


def geometric_mean(values: Sequence[float]) -> float:
    product = 1.0
    for value in values:
        product *= value ** (1.0 / len(values))
    return product


def progress(text: str) -> None:
    """A line that the next one overwrites, on a terminal only."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K" + text)
        sys.stderr.flush()


def fail(message: str) -> int:
    progress("")
    print(message, file=sys.stderr)
    return 2
