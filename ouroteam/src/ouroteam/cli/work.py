"""Commands around the work: rescue, oracle, replay, simulate, doctor, demo."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import typer

from ouroteam.cli import app
from ouroteam.cli.common import File, Json, journal_of, opened, show_json, shown, team_of


@app.command(epilog="Examples: `ouroteam rescue list`, `ouroteam rescue show worker-1/0212T1201-ab12cd`, "
                    "`ouroteam rescue apply worker-1/0212T1201-ab12cd`")
def rescue(action: str = typer.Argument("list", help="list, show or apply."),
           name: str = typer.Argument("", help="Rescue ref, without refs/rescue/."),
           file: Path = File, as_json: bool = Json) -> None:
    """Work that ended sessions left: list it, look at it, put it on a branch here."""
    if action not in ("list", "show", "apply"):
        print(f"ouroteam: rescue {action}: list, show or apply", file=sys.stderr)
        raise typer.Exit(2)
    team = team_of(file)
    upstream = opened(team)
    upstream.refresh()
    store = upstream.store
    if action == "list":
        rows = []
        form = "%(objectname) %(refname) %(committerdate:unix) %(subject)"
        for line in store.run("for-each-ref", f"--format={form}", "refs/rescue/", "refs/returned/").out.splitlines():
            sha, ref, date, subject = line.split(" ", 3)
            rows.append({"ref": ref, "sha": sha, "time": int(date or 0), "subject": subject,
                         "in_main": store.is_ancestor(sha, team.team.main)})
        if as_json:
            show_json(rows)
        for row in [] if as_json else rows:
            print(f"{str(row['sha'])[:12]} {str(row['ref']).removeprefix('refs/')} "
                  f"{'(in main) ' if row['in_main'] else ''}{row['subject']}")
        return
    refs = upstream.refs("refs/rescue/", "refs/returned/")
    found = next((ref for ref in (f"refs/rescue/{name}", f"refs/returned/{name}", f"refs/{name}", name)
                  if ref in refs), "")
    if not found:
        print(f"ouroteam: there is no rescue ref {name!r}", file=sys.stderr)
        raise typer.Exit(1)
    if action == "show":
        print(shown(store.run("log", "--stat", "--patch", f"{team.team.main}..{found}").out))
        return
    if action == "apply":
        branch = "rescue/" + found.removeprefix("refs/").replace("/", "-")
        done = subprocess.run(["git", "fetch", team.upstream, f"{found}:refs/heads/{branch}"], capture_output=True,
                              text=True, cwd=Path.cwd())
        if done.returncode:
            print(done.stderr, file=sys.stderr)
            raise typer.Exit(1)
        show_json({"branch": branch, "sha": refs[found]}) if as_json else print(f"It is on the branch {branch} now.")


@app.command(epilog="Example: `ouroteam demo --agents 8 --plain`")
def demo(agents: int = typer.Option(8, min=1, max=1000, help="How many agents."),
         keep: bool = typer.Option(False, help="Keep the folder."),
         plain: bool = typer.Option(False, help="No terminal view: one line now and then."),
         folder: Path = typer.Option(None, help="Where; default: a temporary folder."), as_json: bool = Json) -> None:
    """Eight scripted agents repair a sample repository until its tests pass. No network, no key."""
    from ouroteam.demo import run as run_demo
    raise typer.Exit(run_demo(agents, keep, plain or as_json or not sys.stdout.isatty(), folder, as_json))


@app.command(epilog="Example: `ouroteam replay --speed 60`")
def replay(file: Path = File, journal: Path = typer.Option(None, help="Another journal."),
           speed: float = typer.Option(60.0, min=0.0, help="How many times faster than it was; 0: at once."),
           as_json: bool = Json) -> None:
    """Show a finished run again, event by event."""
    import json
    import time

    from ouroteam.dashboard.state import describe
    from ouroteam.journal import Journal
    source = Journal(journal) if journal else journal_of(team_of(file))
    before = 0.0
    for event in source.events():
        if speed and before:
            time.sleep(min(5.0, max(0.0, (event.time - before) / speed)))
        before = event.time
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(event.time))
        print(json.dumps(event.as_dict()) if as_json else
              shown(f"{stamp} {event.kind:16} {event.agent:12} {describe(event)}"), flush=True)


@app.command(epilog="Example: `ouroteam simulate --agents 16,64 --seconds 20 --protocol both`")
def simulate(agents: str = typer.Option("16", help="Numbers of agents, with commas."),
             seconds: float = typer.Option(15.0, help="Seconds for each."),
             protocol: str = typer.Option("both", help="queue, direct or both."),
             overlap: float = typer.Option(0.05, help="Probability that a change touches a shared file."),
             as_json: bool = Json) -> None:
    """Scripted agents against a real bare repository: how many changes a minute this machine integrates."""
    from ouroteam.simulate import main as run_simulation
    if not all(n.strip().isdigit() for n in agents.split(",")):
        raise ValueError(f"--agents {agents!r}: numbers with commas, such as 16,64")
    raise typer.Exit(run_simulation([int(n) for n in agents.split(",")], seconds, protocol, overlap, as_json))


@app.command(epilog="Example: `ouroteam doctor --json`")
def doctor(file: Path = File, as_json: bool = Json,
           reference: bool = typer.Option(False, help="Print the configuration reference.")) -> None:
    """Look at git, sandbox, agent command, credentials, disk. Exit code 1 when something is missing."""
    if reference:
        from ouroteam.config import reference as text
        print(text())
        return
    from ouroteam.doctor import examine
    rows = examine(file)
    if as_json:
        show_json([{"what": what, "good": good, "note": note} for what, good, note in rows])
    for what, good, note in [] if as_json else rows:
        print(f"{'ok     ' if good else 'MISSING' if good is False else 'note   '} {what}: {note}")
    raise typer.Exit(1 if any(good is False for _, good, _ in rows) else 0)


@app.command(epilog="Example: `ouroteam oracle --units 'units/*.c' --good 'gcc -c {unit} -o {out}' "
                    "--suspect './mycc -c {unit} -o {out}' --test 'gcc {outs} -o t && ./t'`")
def oracle(units: str = typer.Option(..., help="Glob, or @FILE with one unit a line."),
           good: str = typer.Option(..., help="Builds {unit} into {out} with the good tool."),
           suspect: str = typer.Option(..., help="The same with the tool under suspicion."),
           test: str = typer.Option(..., help="Says whether the whole of {outs} works."),
           jobs: int = typer.Option(0, help="Trials at once; default: CPUs."),
           seed: int = typer.Option(0, help="For random subsets; agents take their own number."),
           pairs: bool = typer.Option(True, help="Look also for units that fail only together."),
           cache: Path = typer.Option(Path(".oracle"), help="Folder for built units and answers."),
           timeout: float = typer.Option(120.0, help="Seconds for each command."), as_json: bool = Json) -> None:
    """Find the units that break the whole when the suspect tool builds them."""
    from ouroteam.oracle import command_line
    raise typer.Exit(command_line(units, good, suspect, test, jobs, seed, pairs, cache, timeout, as_json))
