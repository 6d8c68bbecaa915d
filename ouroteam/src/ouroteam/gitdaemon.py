"""The only way from a sandbox to the shared repository.

The harness listens on a unix socket in the session's exchange folder and runs ``git daemon --inetd`` for each
connection, with the agent's name in its environment: the pre-receive hook knows for certain who pushes, and the
agent can neither read nor write the repository's files. In the clone ``core.gitProxy`` names a small program that
joins git's standard input and output with the socket.
"""

from __future__ import annotations

import collections
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from ouroteam.repository import environment, receive_options

SOCKET = "git.sock"
URL = "git://ouroteam/upstream"
MAX_CONNECTIONS = 2  # of one session: nobody can occupy all places


def places() -> int:
    """Connections of all sessions that are served at once: more would only slow each other down."""
    return max(6, 2 * (os.cpu_count() or 1))


class Turnstile:
    """A semaphore that lets in whoever waits longest. ``threading.Semaphore`` lets a newcomer overtake, and with
    hundreds of agents some would wait for ever."""

    def __init__(self, count: int) -> None:
        self.free = count
        self.lock = threading.Lock()
        self.waiting: collections.deque[threading.Lock] = collections.deque()

    def __enter__(self) -> None:
        with self.lock:
            if self.free > 0:
                self.free -= 1
                return
            turn = threading.Lock()
            turn.acquire()
            self.waiting.append(turn)
        turn.acquire()

    def __exit__(self, *_: object) -> None:
        with self.lock:
            if self.waiting:
                self.waiting.popleft().release()
            else:
                self.free += 1


_all_places = Turnstile(places())

_PROXY = '''#!{python} -IS
import os, select, socket, sys
here = os.path.dirname(os.path.abspath(__file__))
link = socket.socket(socket.AF_UNIX)
os.chdir(here)  # the whole path may be longer than a socket's name can be
link.connect("{socket}")
inputs = [0, link.fileno()]
while link.fileno() in inputs:
    for ready in select.select(inputs, [], [])[0]:
        data = os.read(ready, 65536)
        if ready == 0:
            if data:
                link.sendall(data)
            else:
                inputs.remove(0)
                link.shutdown(socket.SHUT_WR)
        elif data:
            view = memoryview(data)
            while view:
                view = view[os.write(1, view):]
        else:
            inputs.remove(link.fileno())
'''


class GitTunnel:
    """Serves one session's git connections until closed."""

    def __init__(self, exchange: Path, repository: Path, agent: str, role: str, main: str = "main") -> None:
        self.repository = repository.resolve()
        self.options = receive_options(agent, main)
        self.env = environment({"OUROTEAM_AGENT": agent, "OUROTEAM_ROLE": role, "REMOTE_ADDR": agent})
        proxy = exchange / "git-proxy"
        proxy.write_text(_PROXY.format(python=os.path.realpath(sys.executable), socket=SOCKET))
        proxy.chmod(0o755)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        bind_unix(self.listener, exchange / SOCKET)
        self.listener.listen(64)
        self.places = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self.running: set[subprocess.Popen[bytes]] = set()
        self.closed = False
        self.thread = threading.Thread(target=self._serve, name=f"git-{agent}", daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while not self.closed:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            if self.closed:
                connection.close()
                return
            self.places.acquire()
            threading.Thread(target=self._connection, args=(connection,), daemon=True).start()

    def _connection(self, connection: socket.socket) -> None:
        process: subprocess.Popen[bytes] | None = None
        try:
            with _all_places:
                process = subprocess.Popen(
                    ["git", "-c", "safe.directory=*", *self.options, "daemon", "--inetd", "--export-all",
                     "--enable=receive-pack", "--timeout=30", f"--interpolated-path={self.repository}",
                     str(self.repository)],
                    stdin=connection.fileno(), stdout=connection.fileno(), stderr=subprocess.DEVNULL, env=self.env,
                    start_new_session=True)
                self.running.add(process)
                process.wait()
        except OSError:
            pass
        finally:
            if process is not None:
                self.running.discard(process)
            connection.close()
            self.places.release()

    def close(self) -> None:
        self.closed = True
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for process in list(self.running):
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)


def bind_unix(listener: socket.socket, path: Path) -> None:
    """Bind to a path of any length (the address itself holds 107 bytes)."""
    path.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        listener.bind(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)


def connect_unix(path: Path, timeout: float = 10.0) -> socket.socket:
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.settimeout(timeout)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        link.connect(f"/proc/self/fd/{folder}/{path.name}")
    except BaseException:
        link.close()
        raise
    finally:
        os.close(folder)
    return link
