"""Where sessions run: in processes of this machine, or on a Ray cluster."""

from __future__ import annotations

from typing import Protocol

from ouroteam.session import Control, Outcome, Report, SessionSpec


class Executor(Protocol):
    """Runs one session to its end; called from the agent's own thread."""

    def run(self, spec: SessionSpec, report: Report, control: Control) -> Outcome: ...

    def close(self) -> None: ...
