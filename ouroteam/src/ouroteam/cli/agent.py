"""Commands that agents (and humans in a clone of their own) use: claim, release, submit, check, tasks."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import typer

from ouroteam.cli import app
from ouroteam.cli.common import Json, opened, show_json


@app.command(epilog="Example: `ouroteam claim parser-errors || echo taken`")
def claim(task: str = typer.Argument(help="Task."), as_json: bool = Json) -> None:
    """Take a lease on a task. Exit code 1: somebody else has it."""
    from ouroteam import agentside
    won = agentside.claim(agentside.here(), task)
    show_json({"task": task, "claimed": won}) if as_json else print(f"{task} is {'yours' if won else 'taken'}")
    raise typer.Exit(0 if won else 1)


@app.command(epilog="Example: `ouroteam release parser-errors`")
def release(task: str = typer.Argument(help="Task."), as_json: bool = Json) -> None:
    """Give a lease back. Exit code 1: it wasn't ours."""
    from ouroteam import agentside
    done = agentside.release(agentside.here(), task)
    show_json({"task": task, "released": done}) if as_json else print("released" if done else "not yours")
    raise typer.Exit(0 if done else 1)


@app.command(epilog="Example: `git commit -am 'Fix it' && ouroteam submit`")
def submit(wait: float = typer.Option(600.0, help="Seconds to wait for the queue; 0 for not at all."),
           as_json: bool = Json) -> None:
    """Push HEAD to the merge queue and wait for its answer. Exit code 1: it came back."""
    from ouroteam import agentside
    verdict = agentside.submit(agentside.here(), wait)
    if as_json:
        show_json({"verdict": verdict.verdict, "lines": verdict.lines})
    else:
        print("\n".join([verdict.verdict, *verdict.lines]))
    raise typer.Exit({"integrated": 0, "waiting": 0}.get(verdict.verdict, 1))


@app.command(epilog="Examples: `ouroteam check`, `ouroteam check --fast 10%`, `ouroteam check -- make test`",
             context_settings={"ignore_unknown_options": True})
def check(command: list[str] = typer.Argument(None, help="Command; default: team.toml's check."),
          fast: str = typer.Option("", help="Only a sample, such as 10%; the same for this agent each time."),
          timeout: float = typer.Option(0.0, help="Seconds; default check.agent_timeout."),
          list_command: str = typer.Option("", "--list", help="Command that prints the names of all tests."),
          select: str = typer.Option("", help="Command for {tests} or {tests_file}."),
          lines: int = typer.Option(0, help="At most so many lines."), as_json: bool = Json) -> None:
    """Run tests in a time box: short output, full log in a file, what changed against main first."""
    import shlex

    from ouroteam import agentside
    where = agentside.here(optional=bool(command or list_command and select))
    given = " ".join(shlex.quote(part) for part in command) if command and len(command) > 1 else \
        (command[0] if command else where.check.command)
    if not given and not fast:
        print("ouroteam: no command: give one after --, or set [check] command", file=sys.stderr)
        raise typer.Exit(2)
    code, out = agentside.run_check(where, given, timeout=timeout or where.check.agent_timeout, fast=fast,
                                    list_command=list_command, select=select, lines=lines or where.check.short_lines)
    show_json({"exit": code, "lines": out}) if as_json else print("\n".join(out))
    raise typer.Exit(code if 0 <= code < 256 else 1)


@app.command(epilog="Examples: `ouroteam tasks`, `ouroteam tasks add parser --title 'Parse casts' --priority 7`, "
                    "`ouroteam tasks next`, `ouroteam tasks drop parser`")
def tasks(action: str = typer.Argument("list", help="list, next, add, drop or show."),
          name: str = typer.Argument("", help="Task."),
          title: str = typer.Option("", help="One line."), text: str = typer.Option("", help="All the rest."),
          priority: int = typer.Option(5, help="1 (some day) to 9 (now)."),
          after: str = typer.Option("", help="Tasks that have to be closed before, with commas."),
          file: Path = typer.Option(None, "--file", "-f", help="team.toml."), as_json: bool = Json) -> None:
    """The task queue."""
    from ouroteam import agentside, config, planning
    from ouroteam.claims import PushStore
    from ouroteam.repository import Repository
    inside = "OUROTEAM_DIR" in os.environ
    if inside:
        where = agentside.here()
        repository, remote, agent = Repository(where.clone), where.remote, where.agent
        board = planning.board_from_clone(PushStore(where.clone, where.remote))
    else:
        team = config.load(file)
        upstream = opened(team)
        repository, remote, agent = upstream.store, "" if upstream.url == str(upstream.store.path) else upstream.url, ""
        board = planning.board(upstream)
    if action in ("add", "drop", "show") and not name:
        print(f"ouroteam: tasks {action} wants a name", file=sys.stderr)
        raise typer.Exit(2)
    if action == "add":
        task = planning.Task(name, title, text, priority, [n for n in after.split(",") if n])
        ok = planning.add(repository, remote, task)
        raise typer.Exit(0 if ok else 1)
    if action == "drop":
        raise typer.Exit(0 if planning.drop(repository, remote, name) else 1)
    if action == "show":
        found = board.tasks.get(name)
        if found is None:
            raise typer.Exit(1)
        show_json(found.__dict__) if as_json else print(f"{found.name} (priority {found.priority})\n{found.title}\n"
                                                        f"{found.text}")
        return
    if action not in ("list", "next"):
        print(f"ouroteam: tasks {action}: list, next, add, drop or show", file=sys.stderr)
        raise typer.Exit(2)
    ready = board.ready(agent)
    chosen = ready[:1] if action == "next" else sorted(board.tasks.values(), key=lambda t: (-t.priority, t.created))
    rows = []
    for task in chosen:
        lease = board.holder(task.name)
        waits = board.blocked_by(task)
        state = f"held by {lease.agent}" if lease else f"after {', '.join(waits)}" if waits else "open"
        rows.append({"name": task.name, "priority": task.priority, "state": state, "title": task.title})
    if as_json:
        show_json(rows)
    else:
        for row in rows:
            print(f"{row['priority']} {row['name']:24} {row['state']:20} {row['title']}")
        others = [lease for name2, lease in board.leases.items() if name2 not in board.tasks and lease.live(board.now)]
        for lease in [] if action == "next" else others:
            print(f"- {lease.task:24} held by {lease.agent}")
    raise typer.Exit(0 if rows or action == "list" else 1)
