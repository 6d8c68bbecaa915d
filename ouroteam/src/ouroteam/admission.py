"""When the machine can take another session.

Input: load, memory, disk, running sessions. Output: the reason to wait, or "". Watermarks, so that a team that was
given too many agents slows down before the machine does.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path

import psutil

from ouroteam.config import Team


class Admission:
    def __init__(self, team: Team) -> None:
        self.team = team
        self.lock = threading.Lock()
        self.running: set[str] = set()
        self.last_start = 0.0

    def obstacle(self) -> str:
        """Why no session may start now."""
        settings = self.team.admission
        if settings.max_load:
            load = os.getloadavg()[0] / (os.cpu_count() or 1)
            if load > settings.max_load:
                return f"load {load:.1f} per CPU"
        free = psutil.virtual_memory().available >> 20
        if free < settings.min_memory_mb:
            return f"{free} MB of memory free"
        disk = free_disk(self.team.state)
        if disk < settings.min_disk_mb:
            return f"{disk} MB of disk free"
        return ""

    def enter(self, agent: str) -> str:
        """Take a place; the reason when there is none."""
        settings = self.team.admission
        with self.lock:
            if settings.sessions and len(self.running) >= settings.sessions:
                return "all session places are taken"
            if time.monotonic() - self.last_start < settings.start_interval:
                return "another session is just starting"
            reason = self.obstacle()
            if not reason:
                self.running.add(agent)
                self.last_start = time.monotonic()
            return reason

    def leave(self, agent: str) -> None:
        with self.lock:
            self.running.discard(agent)

    def low_disk(self) -> bool:
        """Whether old logs and caches should go."""
        return free_disk(self.team.state) < self.team.admission.min_disk_mb // 2


def free_disk(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free >> 20
    except OSError:
        return 1 << 40
