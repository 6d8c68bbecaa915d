"""Sessions as processes of this machine."""

from __future__ import annotations

import queue
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path

from ouroteam.repository import Upstream
from ouroteam.session import Control, Outcome, Report, Session, SessionSpec, spawn_here


@dataclass
class _Request:
    command: list[str]
    env: dict[str, str]
    folder: Path
    ready: threading.Event = field(default_factory=threading.Event)
    process: subprocess.Popen[bytes] | None = None
    error: OSError | None = None


class Spawner:
    """Starts processes in the main thread on behalf of the agents' threads.

    The kernel sends the parent-death signal when the *thread* that started a process ends.
    """

    def __init__(self) -> None:
        self.requests: queue.Queue[_Request | None] = queue.Queue()

    def __call__(self, command: list[str], env: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
        if threading.current_thread() is threading.main_thread():
            return spawn_here(command, env, folder)
        request = _Request(command, env, folder)
        self.requests.put(request)
        if not request.ready.wait(60):
            raise OSError("the harness is too busy to start a process")
        if request.error is not None:
            raise request.error
        assert request.process is not None
        return request.process

    def serve(self, timeout: float) -> None:
        """Handle requests for up to ``timeout`` seconds; called by the main thread in a loop."""
        try:
            request = self.requests.get(timeout=timeout)
        except queue.Empty:
            return
        if request is None:
            return
        try:
            request.process = spawn_here(request.command, request.env, request.folder)
        except OSError as error:
            request.error = error
        request.ready.set()

    def wake(self) -> None:
        self.requests.put(None)


class LocalExecutor:
    def __init__(self, spawner: Spawner, upstream: Upstream) -> None:
        self.spawner = spawner
        self.upstream = upstream

    def run(self, spec: SessionSpec, report: Report, control: Control) -> Outcome:
        return Session(spec, report, control, self.spawner, self.upstream).run()

    def close(self) -> None:
        pass
