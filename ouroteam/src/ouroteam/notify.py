"""Telling a human: a command, a webhook, or both. Never blocks and never fails the harness."""

from __future__ import annotations

import http.client
import json
import subprocess
import threading
import urllib.request
from collections.abc import Callable

from ouroteam.config import NotifySection
from ouroteam.journal import Event
from ouroteam.repository import environment


class Notifier:
    """A journal listener."""

    def __init__(self, settings: NotifySection, team: str, failed: Callable[[str, str], None] | None = None) -> None:
        self.settings = settings
        self.team = team
        self.failed = failed or (lambda how, text: None)

    def __call__(self, event: Event) -> None:
        wanted = event.kind in self.settings.events and event.kind != "notify-failed"
        if wanted and (self.settings.command or self.settings.webhook):
            threading.Thread(target=self._tell, args=(event,), daemon=True).start()

    def text(self, event: Event) -> str:
        what = " ".join(f"{key}={value}" for key, value in event.data.items() if key != "short")
        return f"{self.team}: {event.kind} {event.agent} {what}".strip()[:2000]

    def _tell(self, event: Event) -> None:
        text = self.text(event)
        if self.settings.command:
            try:
                done = subprocess.run(["sh", "-c", self.settings.command], input=text.encode(), timeout=60, check=False,
                                      env=environment({"OUROTEAM_EVENT": event.kind}), capture_output=True)
                if done.returncode:
                    said = done.stderr.decode("utf-8", "replace").strip()
                    self.failed("command", f"exit {done.returncode}: {said[-200:]}")
            except (OSError, subprocess.SubprocessError) as error:
                self.failed("command", str(error)[:200])
        if self.settings.webhook:
            body = json.dumps({"team": self.team, "text": text, **event.as_dict()}).encode()
            try:
                request = urllib.request.Request(self.settings.webhook, body, {"Content-Type": "application/json"})
                urllib.request.urlopen(request, timeout=30).close()
            except (OSError, ValueError, http.client.HTTPException) as error:
                self.failed("webhook", str(error)[:200])
