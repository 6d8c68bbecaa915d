"""Telling a human: a command, a webhook, or both. Never blocks and never fails the harness."""

from __future__ import annotations

import json
import subprocess
import threading
import urllib.request

from ouroteam.config import NotifySection
from ouroteam.journal import Event
from ouroteam.repository import environment


class Notifier:
    """A journal listener."""

    def __init__(self, settings: NotifySection, team: str) -> None:
        self.settings = settings
        self.team = team
        self.problems: list[str] = []

    def __call__(self, event: Event) -> None:
        if event.kind in self.settings.events and (self.settings.command or self.settings.webhook):
            threading.Thread(target=self._tell, args=(event,), daemon=True).start()

    def text(self, event: Event) -> str:
        what = " ".join(f"{key}={value}" for key, value in event.data.items() if key != "short")
        return f"{self.team}: {event.kind} {event.agent} {what}".strip()[:2000]

    def _tell(self, event: Event) -> None:
        text = self.text(event)
        if self.settings.command:
            try:
                subprocess.run(["sh", "-c", self.settings.command], input=text, text=True, timeout=60, check=False,
                               env=environment({"OUROTEAM_EVENT": event.kind}), capture_output=True)
            except (OSError, subprocess.SubprocessError) as error:
                self.problems.append(str(error))
        if self.settings.webhook:
            body = json.dumps({"team": self.team, "text": text, **event.as_dict()}).encode()
            request = urllib.request.Request(self.settings.webhook, body, {"Content-Type": "application/json"})
            try:
                urllib.request.urlopen(request, timeout=30).close()
            except OSError as error:
                self.problems.append(str(error))
