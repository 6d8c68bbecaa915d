"""Shared pieces of the command line."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import typer

from ouroteam import config
from ouroteam.config import Team, is_url
from ouroteam.dashboard.state import printable
from ouroteam.journal import Journal, JournalWriter
from ouroteam.repository import Upstream, open_upstream

File = typer.Option(None, "--file", "-f", help="team.toml, if not here or above.")
Json = typer.Option(False, "--json", help="JSON on standard output.")


def team_of(file: Path | None) -> Team:
    return config.load(file)


def journal_of(team: Team) -> Journal:
    return Journal(team.state / "journal.db")


def opened(team: Team) -> Upstream:
    """The team's shared repository; exits where there is none yet."""
    if not is_url(team.upstream) and not (Path(team.upstream) / "HEAD").exists():
        print(f"ouroteam: there is no shared repository {team.upstream} yet; `ouroteam up` makes it", file=sys.stderr)
        raise typer.Exit(3)
    return open_upstream(team.upstream, team.state)


def shown(text: str, always: bool = False) -> str:
    """Agents' text for a terminal, see ``printable``. Into a file or pipe everything goes as it is."""
    return printable(text) if always or sys.stdout.isatty() else text


def show_json(value: Any) -> None:
    print(json.dumps(value, indent=1, default=str))


def known_agent(team: Team, agent: str) -> None:
    """Exit when there is no such agent in team.toml."""
    names = dict(team.agents())
    if agent not in names:
        print(f"ouroteam: there is no agent {agent!r}; there are {', '.join(list(names)[:20])}", file=sys.stderr)
        raise typer.Exit(2)


def request(team: Team, data: dict[str, Any], as_json: bool) -> dict[str, Any]:
    """Ask the running harness; where none runs, write the event ourselves. Exits when the answer is no."""
    from ouroteam.harness import ask, perform
    if data.get("agent"):
        known_agent(team, str(data["agent"]))
    answer = ask(team.state, data)
    if answer is None:
        if not (team.state / "journal.db").exists():
            print("ouroteam: this team was never started", file=sys.stderr)
            raise typer.Exit(3)
        writer = JournalWriter(team.state / "journal.db")
        try:
            answer = perform(writer, data)
        finally:
            writer.close()
    if as_json:
        show_json(answer)
    elif answer.get("ok") and "mode" in answer:
        print(f"{data.get('agent') or team.team.name}: {answer['mode']}")
    if not answer.get("ok"):
        if not as_json:
            print(f"ouroteam: {answer.get('error')}", file=sys.stderr)
        raise typer.Exit(1)
    return answer


def duration(seconds: float) -> str:
    seconds = int(seconds)
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h {seconds % 3600 // 60} min"


def clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))


def logs_of(team: Team, agent: str) -> list[Path]:
    """An agent's logs, newest last."""
    folder = team.state / "agent_logs" / agent
    return sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime)
