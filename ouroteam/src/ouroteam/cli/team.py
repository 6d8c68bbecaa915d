"""Commands about the team: init, up, down, drain, pause, resume, status, top, serve, logs, attach, send, approve."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

import typer

from ouroteam import config
from ouroteam.cli import app
from ouroteam.cli.common import (
    File,
    Json,
    clock,
    duration,
    journal_of,
    known_agent,
    logs_of,
    request,
    show_json,
    shown,
    team_of,
)
from ouroteam.config import Team
from ouroteam.dashboard import state as dashboard_state
from ouroteam.journal import Event

_MISSION = """# Mission

What this repository is to become, in a few sentences that an agent reads again at each session.

## Done means
- The check passes: `{check}`.
- ...

## What matters
- Small, complete steps; each leaves the tests at least as good as before.
- ...

## Leave alone
- ...
"""


def _ask(question: str, default: str, assumed: bool) -> str:
    if assumed or not sys.stdin.isatty():
        return default
    return str(typer.prompt(question, default=default))


def _guess_check(folder: Path) -> str:
    table = [("pytest.ini", "python -m pytest -q"), ("conftest.py", "python -m pytest -q"),
             ("pyproject.toml", "python -m pytest -q"), ("Cargo.toml", "cargo test"), ("go.mod", "go test ./..."),
             ("package.json", "npm test"), ("Makefile", "make test"), ("check.py", "python3 check.py")]
    return next((command for name, command in table if (folder / name).exists()), "true")


def _guess_agent() -> str:
    from ouroteam.streams import PRESETS
    for name, preset in PRESETS.items():
        if preset.command and name != "scripted" and shutil.which(str(preset.command[0])):
            return name
    return "claude"


@app.command(epilog="Examples: `ouroteam init --agent codex --check 'make test' --agents 16`, "
                    "`ouroteam init --command 'my-agent --task {prompt}' --check 'make test'`")
def init(agent: str = typer.Option("", help="Preset of the agent."),
         command: str = typer.Option("", help="Command line of an agent without a preset; {prompt} or {prompt_file} in "
                                              "it, else the prompt comes on standard input."),
         check: str = typer.Option("", help="Test command."),
         agents: int = typer.Option(0, help="How many agents."),
         sandbox: str = typer.Option("", help="none, bubblewrap, docker or podman."),
         image: str = typer.Option("", help="Image for docker and podman, with the agent in it."),
         yes: bool = typer.Option(False, "--yes", "-y", help="Ask nothing."),
         force: bool = typer.Option(False, help="Overwrite team.toml.")) -> None:
    """Write a commented team.toml and a mission file."""
    here = Path.cwd()
    if (here / "team.toml").exists() and not force:
        print("ouroteam: team.toml is there already (--force overwrites it)", file=sys.stderr)
        raise typer.Exit(2)
    if subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True).returncode:
        print("ouroteam: this is no git repository with a commit; `git init && git add -A && git commit -m Start` "
              "makes one", file=sys.stderr)
        raise typer.Exit(2)
    from ouroteam.streams import PRESETS
    agent = agent or ("plain" if command else "") or _ask(f"Which agent? ({', '.join(PRESETS)})", _guess_agent(), yes)
    check = check or _ask("Which command says whether main is good?", _guess_check(here), yes)
    count = agents or int(_ask("How many agents?", "4", yes))
    kind = sandbox or _ask("Which sandbox? (none, bubblewrap, docker, podman)",
                           "bubblewrap" if shutil.which("bwrap") else "none", yes)
    branch = subprocess.run(["git", "symbolic-ref", "--short", "HEAD"], cwd=here, capture_output=True,
                            text=True).stdout.strip() or "main"
    import shlex
    values: dict[str, dict[str, Any]] = {
        "team": {"name": "".join(c if c.isalnum() or c in "-_" else "-" for c in here.name).strip("-_")[:40] or "team",
                 "mission": "MISSION.md", "main": branch},
        "agent": {"preset": agent, **({"command": shlex.split(command)} if command else {})},
        "check": {"command": check}, "sandbox": {"kind": kind, **({"image": image} if image else {})},
        "environment": {"secrets": list(PRESETS[agent].credentials) if agent in PRESETS else []}}
    text = config.template(values, [{"name": "worker", "count": count, "prompt": ""}])
    import tomllib
    config.parse(tomllib.loads(text), here)
    (here / "team.toml").write_text(text)
    if not (here / "MISSION.md").exists():
        (here / "MISSION.md").write_text(_MISSION.format(check=check))
    exclude = Path(subprocess.run(["git", "rev-parse", "--git-path", "info/exclude"], cwd=here, capture_output=True,
                                  text=True).stdout.strip())
    exclude = exclude if exclude.is_absolute() else here / exclude
    exclude.parent.mkdir(parents=True, exist_ok=True)
    if ".ouroteam/" not in (exclude.read_text() if exclude.exists() else ""):
        with exclude.open("a") as stream:
            stream.write(".ouroteam/\n")
    print("Wrote team.toml and MISSION.md. Next: write the mission, then `ouroteam doctor`, then `ouroteam up`.")


def _add_remote(team: Team) -> None:
    """`git pull team main` brings what the team made into the human's own clone."""
    if subprocess.run(["git", "rev-parse", "--git-dir"], cwd=team.root, capture_output=True).returncode == 0:
        subprocess.run(["git", "remote", "add", "team", team.upstream], cwd=team.root, capture_output=True)


@app.command(epilog="Examples: `ouroteam up`, `ouroteam up --detach`, `ouroteam up --for 3600 --view`")
def up(file: Path = File, detach: bool = typer.Option(False, "--detach", "-d", help="Go on in the background."),
       seconds: float = typer.Option(0.0, "--for", help="Stop after so many seconds."),
       view: bool = typer.Option(False, help="Show the terminal view while it runs.")) -> None:
    """Start the team, or carry on after whatever ended it."""
    team = team_of(file)
    from ouroteam.harness import Harness, ask
    if view and not sys.stdout.isatty():
        print("ouroteam: up --view needs a terminal; --detach doesn't", file=sys.stderr)
        raise typer.Exit(2)
    if ask(team.state, {"do": "ping"}):
        print("ouroteam: the team is up already", file=sys.stderr)
        raise typer.Exit(2)
    for problem in _cannot_start(team):
        print(f"ouroteam: {problem}", file=sys.stderr)
        raise typer.Exit(2)
    if detach or view:
        process = _detached(team, seconds)
        if view:
            from ouroteam.dashboard.terminal import run as run_view
            run_view(team.state / "journal.db", process)
        else:
            print(f"The team is up (process {process.pid}). `ouroteam status`, `ouroteam top`, `ouroteam down`.")
        return
    harness = Harness(team)
    _add_remote(team)
    print(f"{len(team.agents())} agents on {team.upstream}; Ctrl-C ends cleanly.", flush=True)
    harness.run(seconds)


def _cannot_start(team: Team) -> list[str]:
    """What no session could get past."""
    from ouroteam import doctor, sandbox, workspace
    found = []
    if workspace.git_version() < doctor.NEEDED_GIT:
        found.append("git 2.38 or newer is needed; see `ouroteam doctor`")
    found += sandbox.make(team.sandbox).problems()
    found += [note for _, good, note in [*doctor.libraries(team), *doctor.upstream(team)] if good is False]
    if team.team.executor == "local":
        found += [f"{what} is {note}; see `ouroteam doctor`" for what, good, note in doctor.agents(team) if good is False]
    return found


def _detached(team: Team, seconds: float) -> subprocess.Popen[bytes]:
    team.state.mkdir(parents=True, exist_ok=True)
    log = (team.state / "harness.log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "ouroteam", "up", "-f", str(team.root / "team.toml"), "--for", str(seconds)],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in (
            str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH", "")) if p)})
    from ouroteam.harness import ask
    deadline = time.time() + 60
    while time.time() < deadline:
        if ask(team.state, {"do": "ping"}, 2.0):
            return process
        if process.poll() is not None:
            print((team.state / "harness.log").read_text()[-2000:], file=sys.stderr)
            raise typer.Exit(1)
        time.sleep(0.05)
    print("ouroteam: the harness does not answer; see .ouroteam/harness.log", file=sys.stderr)
    raise typer.Exit(1)


@app.command(epilog="Example: `ouroteam down --json`")
def down(file: Path = File, as_json: bool = Json, wait: float = typer.Option(180.0, help="Seconds to wait.")) -> None:
    """End all sessions cleanly; what they made is kept."""
    team = team_of(file)
    from ouroteam.harness import ask
    answer = ask(team.state, {"do": "ping"})
    pid, deadline = int(answer["pid"]) if answer else _writer(team), time.time() + wait
    if not pid:
        print("ouroteam: the team is not running", file=sys.stderr)
        raise typer.Exit(3)
    if answer is None or ask(team.state, {"do": "down"}) is None:  # it doesn't answer: its socket is gone
        os.kill(pid, signal.SIGTERM)
    while time.time() < deadline and Path(f"/proc/{pid}").exists() and _state(pid) != "Z":
        time.sleep(0.05)
    if Path(f"/proc/{pid}").exists() and _state(pid) != "Z":
        print(f"ouroteam: process {pid} is still ending", file=sys.stderr)
        raise typer.Exit(1)
    show_json({"ok": True}) if as_json else print("The team is down.")


def _writer(team: Team) -> int:
    """The process that holds the journal; 0 when nobody does."""
    from ouroteam.workspace import held
    if not held(team.state / "journal.db.writer"):
        return 0
    try:
        return int((team.state / "harness.pid").read_text())
    except (OSError, ValueError):
        return 0


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


@app.command(epilog="Example: `ouroteam drain`: no new sessions; ends when the queue is empty")
def drain(file: Path = File, agent: str = typer.Argument("", help="Only this agent."), as_json: bool = Json) -> None:
    """Start no new sessions, finish the running ones and the queue, then end."""
    request(team_of(file), {"do": "drain", "agent": agent}, as_json)


@app.command(epilog="Example: `ouroteam pause worker-3`")
def pause(agent: str = typer.Argument("", help="Only this agent."), file: Path = File, as_json: bool = Json) -> None:
    """Start no new sessions and land nothing until `resume`."""
    request(team_of(file), {"do": "pause", "agent": agent}, as_json)


@app.command(epilog="Example: `ouroteam resume worker-3`")
def resume(agent: str = typer.Argument("", help="Only this agent."), file: Path = File, as_json: bool = Json) -> None:
    """Go on after `pause` or `drain`; without an agent's name also before a refused credential's time."""
    request(team_of(file), {"do": "resume", "agent": agent}, as_json)


@app.command(epilog="Example: `ouroteam status --json | jq .totals`")
def status(file: Path = File, as_json: bool = Json) -> None:
    """What the team does now. Exit code 3 when it isn't running."""
    team = team_of(file)
    from ouroteam.harness import ask
    running = ask(team.state, {"do": "ping"})
    journal = journal_of(team)
    data = dashboard_state.overview(journal)
    data["running"] = running is not None
    journal.close()
    if as_json:
        show_json(data)
    else:
        _print_status(team, data)
    if running is None:
        raise typer.Exit(3)


def _print_status(team: Team, data: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text
    console, t = Console(), data["totals"]
    console.print(f"[bold]{team.team.name}[/bold]: {data['mode'] if data['running'] else 'not running'}, main "
                  f"{data['main']}, {t['integrated']} landed, {t['returned']} returned, {len(data['queue'])} in the "
                  f"queue, {t['sessions']} sessions, {t['tokens']} tokens, {t['cost']:.2f} spent")
    table = Table("agent", "state", "for", "landed", "tokens", "cost", "doing")
    for a in data["agents"]:
        cells = [a["name"], a["state"] or "-", duration(a["seconds"]) if a["live"] else "", str(a["integrated"]),
                 str(a["tokens"]), f"{a['cost']:.2f}", a["doing"][:70]]
        table.add_row(*[Text(shown(cell, always=True)) for cell in cells])  # text, not markup: agents wrote it
    console.print(table)


@app.command(epilog="Example: `ouroteam top`")
def top(file: Path = File) -> None:
    """The terminal view."""
    team = team_of(file)
    journal_of(team).close()  # a clear error before the view takes the screen
    if not sys.stdout.isatty():
        print("ouroteam: top needs a terminal; `ouroteam status` prints", file=sys.stderr)
        raise typer.Exit(2)
    from ouroteam.dashboard.terminal import run as run_view
    run_view(team.state / "journal.db", None)


@app.command(epilog="Example: `ouroteam serve --port 8000`")
def serve(file: Path = File, host: str = typer.Option("127.0.0.1", help="Address to listen on."),
          port: int = typer.Option(8077, min=0, max=65535, help="Port; 0 for any."),
          journal: Path = typer.Option(None, help="Show this journal instead of the team's.")) -> None:
    """The web page; works for a finished team as well."""
    from ouroteam.dashboard.web import serve as serve_page
    path = journal or team_of(file).state / "journal.db"
    serve_page(path, host, port)


@app.command(epilog="Examples: `ouroteam logs worker-1`, `ouroteam logs worker-1 --search error`, "
                    "`ouroteam logs --search integrated`")
def logs(agent: str = typer.Argument("", help="Agent; empty: the team's events."), file: Path = File,
         follow: bool = typer.Option(False, "--follow", "-F", help="Wait for more."),
         search: str = typer.Option("", help="Only lines with this."),
         all_logs: bool = typer.Option(False, "--all", help="All sessions, not just the newest."),
         lines: int = typer.Option(200, min=1, help="How many lines from the end."), as_json: bool = Json) -> None:
    """An agent's log, or the team's events."""
    team = team_of(file)
    if not agent:
        _event_log(team, follow, search, lines, as_json)
        return
    files = logs_of(team, agent)
    if not files:
        print(f"ouroteam: {agent} has no log", file=sys.stderr)
        raise typer.Exit(1)
    for path in files if all_logs else files[-1:]:
        found = dashboard_state.search_log(path, search, tail=lines)
        if as_json:
            show_json({"log": str(path), "lines": found})
        else:
            print(f"== {path}")
            print(shown("\n".join(found)))
    if follow:
        _tail(files[-1], team, agent)


def _event_log(team: Team, follow: bool, search: str, lines: int, as_json: bool) -> None:
    import json
    import threading
    journal = journal_of(team)

    def text(event: Event) -> str:
        return json.dumps(event.as_dict()) if as_json else \
            f"{clock(event.time)} {event.kind:16} {event.agent:12} {dashboard_state.describe(event)}"
    last = 0
    found: deque[str] = deque(maxlen=lines)
    for event in journal.events():
        last, line = event.id, text(event)
        if search.lower() in line.lower():
            found.append(line)
    for line in found:
        print(shown(line), flush=True)
    for event in journal.follow(last, threading.Event()) if follow else ():
        line = text(event)
        if search.lower() in line.lower():
            print(shown(line), flush=True)


def _tail(path: Path, team: Team, agent: str) -> None:
    """Follow the newest log, and the next one when a new session begins."""
    stream = path.open("rb")
    stream.seek(0, os.SEEK_END)
    while True:
        data = stream.read(1 << 16)
        if data:
            sys.stdout.write(shown(data.decode("utf-8", "replace")))
            sys.stdout.flush()
            continue
        newest = logs_of(team, agent)[-1]
        if newest != path:
            path, stream = newest, newest.open("rb")
            print(f"== {path}", flush=True)
            continue
        time.sleep(0.2)


@app.command(epilog="Example: `ouroteam attach worker-2`")
def attach(agent: str = typer.Argument(help="Agent."), file: Path = File) -> None:
    """Follow an agent's live stream (Ctrl-C leaves; the agent goes on)."""
    team = team_of(file)
    known_agent(team, agent)
    files = logs_of(team, agent)
    if not files:
        print(f"ouroteam: {agent} has no log yet", file=sys.stderr)
        raise typer.Exit(1)
    print(f"== {files[-1]}")
    print(shown("\n".join(dashboard_state.search_log(files[-1], "", tail=30))), flush=True)
    _tail(files[-1], team, agent)


@app.command(epilog="Example: `ouroteam send worker-2 'Leave the parser alone'`")
def send(agent: str = typer.Argument(help="Agent."), text: str = typer.Argument(help="Message."), file: Path = File,
         as_json: bool = Json) -> None:
    """A message: into the running session's inbox, and into the next session's prompt."""
    team = team_of(file)
    request(team, {"do": "send", "agent": agent, "text": text}, as_json)


@app.command(epilog="Examples: `ouroteam approve` lists, `ouroteam approve 17`, `ouroteam approve 17 --reject 'why'`")
def approve(number: int = typer.Argument(0, help="Which change."), file: Path = File,
            reject: str = typer.Option("", help="Refuse it, with this reason."), as_json: bool = Json) -> None:
    """Let a change that waits for a human go on, or refuse it."""
    team = team_of(file)
    if number:
        request(team, {"do": "reject" if reject else "approve", "id": number, "text": reject}, as_json)
        return
    journal = journal_of(team)
    waiting = [dict(row) for row in journal.rows("SELECT id, agent, ref, sha FROM submission WHERE state = 'held'")]
    for item in waiting:
        event = journal.row("SELECT data FROM event WHERE kind = 'approval-wanted' AND json_extract(data,'$.id') = ?",
                            item["id"])
        import json
        item["reason"] = json.loads(event["data"])["reason"] if event else ""
    if as_json:
        show_json(waiting)
    for item in [] if as_json else waiting:
        print(f"{item['id']:5} {item['agent']:12} {item['sha'][:12]} {item['reason']}")
    if not waiting and not as_json:
        print("Nothing waits for approval.")
