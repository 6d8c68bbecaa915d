"""The network's allow-list for sandboxes without network.

The sandbox has no interface but loopback. Inside, ``inside.py`` listens on 127.0.0.1 and hands each connection to a
unix socket in the exchange folder; outside, ``AllowProxy`` answers HTTP CONNECT for the host:port pairs of
``sandbox.allow`` and refuses all others. HTTPS_PROXY names the inner end. The proxy sees names, not contents.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import sys
import threading
from fnmatch import fnmatchcase
from pathlib import Path

from ouroteam.gitdaemon import bind_unix

SOCKET = "proxy.sock"
PORT = 3128
_URL = f"http://127.0.0.1:{PORT}"
VARIABLES = {"HTTPS_PROXY": _URL, "https_proxy": _URL, "HTTP_PROXY": _URL, "http_proxy": _URL, "NO_PROXY": "localhost",
             "no_proxy": "localhost"}
_LIMIT = 64

_INSIDE = '''import os, select, socket, subprocess, sys, threading
where, port, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
def pump(one, two):
    ends = [one, two]
    try:
        while ends:
            for ready in select.select(ends, [], [])[0]:
                data = ready.recv(65536)
                other = two if ready is one else one
                if data:
                    other.sendall(data)
                else:
                    ends.remove(ready)
                    other.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    one.close()
    two.close()
def serve(listener):
    while True:
        one, _ = listener.accept()
        two = socket.socket(socket.AF_UNIX)
        try:
            two.connect(where)
        except OSError:
            one.close()
            continue
        threading.Thread(target=pump, args=(one, two), daemon=True).start()
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", port))
listener.listen(64)
threading.Thread(target=serve, args=(listener,), daemon=True).start()
sys.exit(subprocess.call(command))
'''


class AllowProxy:
    """One session's proxy."""

    def __init__(self, exchange: Path, allow: list[str]) -> None:
        self.allow = allow
        self.refused: list[str] = []
        (exchange / "proxy.py").write_text(_INSIDE)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        bind_unix(self.listener, exchange / SOCKET)
        self.listener.listen(64)
        self.places = threading.BoundedSemaphore(_LIMIT)
        threading.Thread(target=self._serve, daemon=True, name="allow-proxy").start()

    def inside(self, command: list[str], exchange: str) -> list[str]:
        """The command that first opens the inner end."""
        return [os.path.realpath(sys.executable), "-IS", f"{exchange}/proxy.py", f"{exchange}/{SOCKET}", str(PORT),
                *command]

    def allowed(self, target: str) -> bool:
        """host:port against the list; ``*.example.org:443`` allows a domain."""
        return any(fnmatchcase(target.lower(), rule.lower() if ":" in rule else rule.lower() + ":443")
                   for rule in self.allow)

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            self.places.acquire()
            threading.Thread(target=self._connection, args=(link,), daemon=True).start()

    def _connection(self, link: socket.socket) -> None:
        try:
            with link:
                link.settimeout(30)
                head = b""
                while b"\r\n\r\n" not in head and len(head) < 16384:
                    piece = link.recv(4096)
                    if not piece:
                        return
                    head += piece
                words = head.split(b"\r\n", 1)[0].split()
                if len(words) < 2 or words[0] != b"CONNECT":
                    link.sendall(b"HTTP/1.1 405 only CONNECT\r\n\r\n")
                    return
                target = words[1].decode("latin-1")
                if not self.allowed(target):
                    self.refused.append(target)
                    link.sendall(b"HTTP/1.1 403 not in sandbox.allow\r\n\r\n")
                    return
                host, _, port = target.rpartition(":")
                try:
                    far = socket.create_connection((host.strip("[]"), int(port)), timeout=30)
                except (OSError, ValueError):
                    link.sendall(b"HTTP/1.1 502 no connection\r\n\r\n")
                    return
                with far:
                    link.sendall(b"HTTP/1.1 200 connected\r\n\r\n")
                    far.sendall(head.partition(b"\r\n\r\n")[2])
                    _pump(link, far)
        except OSError:
            pass
        finally:
            self.places.release()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def _pump(one: socket.socket, two: socket.socket) -> None:
    """Copy both ways until both ends are done."""
    for link in (one, two):
        link.settimeout(None)
    ends = [one, two]
    while ends:
        for ready in select.select(ends, [], [], 600)[0] or []:
            data = ready.recv(1 << 16)
            other = two if ready is one else one
            if data:
                other.sendall(data)
            else:
                ends.remove(ready)
                with contextlib.suppress(OSError):
                    other.shutdown(socket.SHUT_WR)
