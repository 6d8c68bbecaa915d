"""Running Ourocc's driver in a forked child: no interpreter start-up, no import, per compilation.

The driver is imported once in this process; `compile_forked` forks, calls `run(argv)` in the child
with its own working directory and output files, and waits with a time limit.  Any other compiler is
run as an ordinary process by `compile_with`, so that a suite treats both alike.
"""

from __future__ import annotations

import gc
import importlib
import os
import resource
import select
import sys
import time
import traceback
from collections.abc import Callable, Sequence

from suites import common

_driver: Callable[[list[str]], None] | None = None


def load_driver() -> Callable[[list[str]], None]:
    """Import `ourocc.driver.main` from OUROCC_PATH; what is loaded now is shared by all children."""
    global _driver
    if _driver is None:
        path = common.ourocc_path()
        if path in sys.path:
            sys.path.remove(path)
        sys.path.insert(0, path)
        module = importlib.import_module("ourocc.driver.main")
        _driver = module.run  # the command's own entry, with its deep stack: it ends the process
        gc.collect()
        gc.freeze()
    return _driver


def wait(pid: int, timeout: float) -> tuple[int, bool]:
    """Exit status of a child (negative: its signal), and whether it had to be killed after `timeout`."""
    descriptor = os.pidfd_open(pid)
    try:
        readable, _, _ = select.select([descriptor], [], [], timeout)
    finally:
        os.close(descriptor)
    timed_out = not readable
    if timed_out:
        common.kill_group(pid)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), timed_out


def _child(arguments: list[str], cwd: str, output: int, memory: int | None) -> None:
    """Never returns: the driver leaves the process itself, on the deep stack that a user's call has."""
    try:
        os.setsid()
        os.chdir(cwd)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        os.dup2(output, 2)
        sys.stdin = open(0, closefd=False)
        sys.stdout = open(1, "w", closefd=False)
        sys.stderr = open(2, "w", closefd=False)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if memory is not None:
            resource.setrlimit(resource.RLIMIT_AS, (memory << 20, memory << 20))
        load_driver()(arguments)
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(1)


def compile_forked(arguments: Sequence[str], cwd: str, timeout: float, memory: int | None = None) -> common.Outcome:
    load_driver()
    start = time.perf_counter()
    sys.stdout.flush()
    sys.stderr.flush()
    output = os.memfd_create("compiler-output")
    pid = os.fork()
    if pid == 0:
        _child(list(arguments), cwd, output, memory)
    status, timed_out = wait(pid, timeout)
    os.lseek(output, 0, os.SEEK_SET)
    with open(output, "rb") as messages:
        stderr = messages.read()
    return common.Outcome(status, timed_out, b"", stderr, time.perf_counter() - start, 0.0, 0.0)


def compile_with(compiler: common.Compiler, arguments: Sequence[str], cwd: str, timeout: float,
                 memory: int | None = None) -> common.Outcome:
    if compiler.is_ourocc:
        return compile_forked(arguments, cwd, timeout, memory)
    return common.run([*compiler.command, *arguments], cwd=cwd, timeout=timeout, memory=memory)
