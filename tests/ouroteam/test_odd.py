"""Odd but legal use, and what goes wrong outside of the team: each told in a line that says what to do."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from helpers import BUSY, Queue, cli, git, project, team_in, up, wait_for
from ouroteam import doctor, salvage
from ouroteam import session as session_module
from ouroteam.cli.common import shown
from ouroteam.config import NotifySection, Team, load, parse
from ouroteam.harness import Harness
from ouroteam.journal import Event, Journal, JournalWriter, NoJournal
from ouroteam.notify import Notifier
from ouroteam.redaction import Redactor
from ouroteam.repository import GitError, Repository, create_upstream
from ouroteam.workspace import Workspace
from test_session import Run

TEAM = '[agent]\npreset = "scripted"\nextra_args = ["--do", "edit,commit,submit"]\n[check]\ncommand = "true"\n'


def says(code: int, words: str, cwd: Path, *arguments: str) -> str:
    done = cli(*arguments, cwd=cwd, check=False)
    assert done.returncode == code and words in done.stderr and "Traceback" not in done.stderr, (arguments, done)
    return done.stdout


# --- before the first up, without a team, with an agent of one's own ------------------------------------


def test_before_the_first_up(tmp_path: Path) -> None:
    root = project(tmp_path / "p", {"team.toml": TEAM})
    says(3, "`ouroteam up` makes it", root, "tasks")
    says(3, "`ouroteam up` makes it", root, "tasks", "add", "x")
    says(3, "`ouroteam up` makes it", root, "rescue")
    for command in (["claim", "x"], ["release", "x"], ["submit", "--wait", "1"]):
        says(2, "no remote `team`", root, *command)
    git(root, "remote", "add", "team", str(tmp_path / "nowhere.git"))
    assert "taken" not in says(1, "nowhere.git", root, "claim", "x")


def test_check_wants_no_team(tmp_path: Path) -> None:
    root = project(tmp_path / "p", {"a": "a\n"})
    assert cli("check", "--", "echo PASS a", cwd=root).stdout.startswith("1 passed")
    assert not git(root, "status", "--porcelain")
    git(root, "worktree", "add", "-q", "../tree")  # .git is a file there
    assert cli("check", "--", "echo PASS a", cwd=tmp_path / "tree").stdout.startswith("1 passed")
    (tmp_path / "plain").mkdir()
    assert cli("check", "--", "echo PASS a", cwd=tmp_path / "plain").stdout.startswith("1 passed")
    assert not list((tmp_path / "plain").iterdir())
    says(2, "no team.toml", root, "check")


def test_a_sample_of_nothing_is_no_pass(tmp_path: Path) -> None:
    root = project(tmp_path / "p", {"team.toml": TEAM})
    done = cli("check", "--fast", "10%", "--list", "echo no such runner >&2; exit 3", "--select", "true {tests}",
               cwd=root, check=False)
    assert done.returncode == 2 and "ERROR list: exit 3" in done.stdout and "no such runner" in done.stdout
    done = cli("check", "--fast", "10%", "--timeout", "0.5", "--list", "sleep 60", "--select", "true {tests}", cwd=root,
               check=False)
    assert done.returncode == 124 and "ERROR list" in done.stdout
    done = cli("check", "--fast", "100%", "--list", r"printf 'a\377b\n'", "--select",
               "test $(wc -c < {tests_file}) = 4 && echo PASS x", cwd=root)
    assert done.stdout.startswith("1 passed")


def test_init_takes_any_command_and_an_image(tmp_path: Path) -> None:
    root = project(tmp_path / "p", {"a": "a\n"})
    cli("init", "--yes", "--command", "my-agent --say 'a b' {prompt}", "--check", "true", "--sandbox", "podman", "--image",
        "debian:12", cwd=root)
    team = load(root)
    assert team.agent.command == ["my-agent", "--say", "a b", "{prompt}"] and team.sandbox.image == "debian:12"
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "-q")
    says(2, "git commit", tmp_path / "empty", "init", "--yes")


def test_examples_in_the_help_use_what_there_is() -> None:
    from typer.main import get_command

    from ouroteam.cli import agent, app, team, work  # noqa: F401
    commands: dict[str, Any] = get_command(app).commands  # type: ignore[attr-defined]
    seen = 0
    for command in commands.values():
        for example in re.findall(r"`ouroteam (.*?)`", command.epilog or ""):
            name, *words = shlex.split(example)
            options = {option for item in commands[name].params for option in item.opts}
            for word in words:
                if word in ("--", "|", "&&", "||"):
                    break
                if re.match(r"^--?[a-z]", word):
                    seen += 1
                    assert word in options, (name, word)
    assert seen > 15


# --- the shared repository ------------------------------------------------------------------------------


def test_an_upstream_that_cannot_work_is_told_at_once(tmp_path: Path) -> None:
    root = project(tmp_path / "p", {"a": "a\n"})
    git(tmp_path, "init", "-q", "--bare", "empty.git")
    for upstream, words in (("../empty.git", "has no branch main: `git push"),
                            (f"file://{tmp_path}/empty.git", "has no branch main"),
                            (f"file://{tmp_path}/none.git", "can't be read"), ("a", "is no bare repository"),
                            (".", "is no bare repository")):
        (root / "team.toml").write_text(f'[team]\nupstream = "{upstream}"\n{TEAM}')
        says(2, words, root, "up", "--for", "1")
    git(root, "push", "-q", str(tmp_path / "empty.git"), "main")
    (root / "team.toml").write_text(f'[team]\nupstream = "../empty.git"\n{TEAM}')
    assert [row for row in doctor.upstream(load(root)) if row[1]]
    for url, network, words in ((f"file://{tmp_path}/empty.git", "on", f"give the path {tmp_path}/empty.git"),
                                ("ssh://git@localhost/a.git", "off", "sandbox.allow")):
        team = parse({"team": {"upstream": url}, "sandbox": {"kind": "bubblewrap", "network": network}}, root)
        (row,) = doctor.upstream(team)
        assert row[1] is False and words in row[2]


def test_a_team_in_a_folder_of_a_repository_or_in_a_work_tree(tmp_path: Path) -> None:
    root = project(tmp_path / "p", {"a": "a\n", "inner/b": "b\n"})
    git(root, "worktree", "add", "-q", "../tree")
    for folder in (root / "inner", tmp_path / "tree"):
        create_upstream(folder / ".ouroteam" / "upstream.git", folder, "main")
        bare = Repository(folder / ".ouroteam" / "upstream.git")
        assert bare.run("ls-tree", "-r", "--name-only", "main").out.split() == ["a", "inner/b"]


def test_a_shallow_clone_is_told(tmp_path: Path) -> None:
    root = project(tmp_path / "p", {"a": "a\n"})
    git(root, "commit", "-q", "--allow-empty", "-m", "Second")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root}", "shallow")
    (tmp_path / "shallow" / "team.toml").write_text(TEAM)
    says(2, "git fetch --unshallow", tmp_path / "shallow", "up", "--for", "1")
    assert not list((tmp_path / "shallow" / ".ouroteam").glob("upstream.git*"))


def test_optional_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: None)
    team = parse({"team": {"executor": "ray", "integration": "pull-request"}, "github": {"repository": "a/b"}}, Path("."))
    notes = [note for _, good, note in doctor.libraries(team) if good is False]
    assert "pip install 'ouroteam[ray]'" in notes[0] and "pip install 'ouroteam[github]'" in notes[1]


def test_a_lost_main_is_told_and_up_goes_on(tmp_path: Path) -> None:
    queue = Queue(tmp_path)
    queue.push("a-1", "1", {"f": "x\n"})
    queue.settle()
    lost = queue.main
    shutil.rmtree(tmp_path / "upstream.git")
    git(tmp_path, "clone", "-q", "--bare", "seed", "upstream.git")
    for _ in range(5):
        queue.now += 1
        queue.integrator.tick()
    blocked = queue.kinds("queue-blocked")
    assert len(blocked) == 1 and lost[:12] in blocked[0].data["reason"] and "up" in blocked[0].data["reason"]
    queue.journal.close()
    harness = Harness(queue.team)
    assert [e.data["sha"] for e in harness.journal.events(kinds=("main-lost",))] == [lost]
    assert harness.journal.fact("main") == queue.main != lost
    harness.journal.close()
    queue.start()
    queue.push("a-1", "2", {"g": "x\n"})
    queue.settle()
    assert "g" in queue.tester.names(queue.main)


def test_an_upstream_that_is_away_does_not_fill_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue(tmp_path, {"queue": {"interval": 0.01}})
    calls: list[float] = []

    def away() -> None:
        calls.append(time.monotonic())
        raise GitError(["fetch"], 128, "no route")
    monkeypatch.setattr(queue.upstream, "refresh", away)
    stop = threading.Event()
    thread = threading.Thread(target=queue.integrator.run, args=(stop, lambda: "running"))
    thread.start()
    wait_for(lambda: len(calls) >= 9, 20)
    stop.set()
    thread.join(60)
    assert [e.data["times"] for e in queue.kinds("queue-error")][:4] == [1, 2, 4, 8]
    assert len(queue.kinds("queue-blocked")) == 1 and calls[8] - calls[7] > calls[2] - calls[1]


# --- the journal, clocks, signals -----------------------------------------------------------------------


def test_a_damaged_journal_says_what_to_do(tmp_path: Path) -> None:
    root = project(tmp_path / "p", {"team.toml": TEAM})
    (root / ".ouroteam").mkdir()
    (root / ".ouroteam" / "journal.db").write_bytes(b"no journal " * 2000)
    says(3, "move journal.db* away", root, "status")
    says(1, "move journal.db* away", root, "up", "--for", "1")
    says(1, "move journal.db* away", root, "pause")


def test_a_harness_without_its_journal_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that can record nothing more must not leave a harness that only looks alive."""
    harness = Harness(team_in(tmp_path, "sleep:60"))
    store = JournalWriter._store

    def fails(self: JournalWriter, batch: list[tuple[Event, str | None]]) -> list[Event]:
        if any(event.kind == "agent-session" for event, _ in batch) or self.broken:
            raise sqlite3.DatabaseError("database disk image is malformed")
        return store(self, batch)
    monkeypatch.setattr(JournalWriter, "_store", fails)
    started = time.monotonic()
    with pytest.raises(sqlite3.DatabaseError):
        harness.run(60, signals=False)
    assert time.monotonic() - started < 45


@pytest.mark.parametrize("jump", [1e6, -1e6])
def test_a_clock_that_is_set_ends_no_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: float) -> None:
    begun = time.monotonic()

    def shifted() -> float:
        return time.time() + (jump if time.monotonic() > begun + 0.5 else 0.0)
    monkeypatch.setattr(session_module, "time", SimpleNamespace(
        time=shifted, monotonic=time.monotonic, sleep=time.sleep))
    run = Run(tmp_path, "sleep:2", {"session": {"time_limit": 50, "stall": 50, "first_output": 50}})
    assert run().reason == "done" and run.session.outcome.seconds > 1.9


def test_a_clock_that_is_set_back_lengthens_no_block(tmp_path: Path) -> None:
    queue = Queue(tmp_path)
    queue.tester.verdicts = ["machine"]
    queue.push("a-1", "1", {"f": "x\n"})
    queue.settle()
    assert queue.kinds("queue-blocked") and not queue.kinds("integrated")
    queue.now -= 100_000
    queue.settle()
    assert queue.kinds("integrated")


def test_ctrl_c_while_the_commands_load(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    done = subprocess.run([sys.executable, "-m", "ouroteam", "status"], cwd=tmp_path, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": f"{tmp_path}:{os.environ['PYTHONPATH']}"}, timeout=60)
    assert done.returncode == -signal.SIGINT and done.stderr == ""


def test_a_demo_that_is_ended_leaves_nothing(tmp_path: Path) -> None:
    demo = subprocess.Popen([sys.executable, "-m", "ouroteam", "demo", "--plain", "--agents", "2"], stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, env={**os.environ, "TMPDIR": str(tmp_path)})
    wait_for(lambda: list(tmp_path.glob("ouroteam-demo-*/project/.ouroteam/control.sock")))
    demo.send_signal(signal.SIGTERM)
    assert demo.wait(90) == 143 and demo.stderr and b"Traceback" not in demo.stderr.read()
    assert not list(tmp_path.glob("ouroteam-demo-*"))
    left = subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True, text=True).stdout
    assert not left
    assert cli("demo", "--agents", "0", cwd=tmp_path, check=False).returncode == 2


def test_a_simulation_that_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    run = subprocess.Popen([sys.executable, "-m", "ouroteam", "simulate", "--agents", "2", "--seconds", "60", "--protocol",
                            "direct"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                           preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None)
    farm = wait_for(lambda: psutil.Process(run.pid).children())
    run.send_signal(signal.SIGINT)
    assert run.wait(60) in (130, -signal.SIGINT) and run.stderr and b"Traceback" not in run.stderr.read()
    wait_for(lambda: not any(process.is_running() and process.status() != "zombie" for process in farm), 5)


# --- checks and notifications ---------------------------------------------------------------------------


def test_what_a_check_leaves_does_not_reach_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue(tmp_path)
    team = parse({"team": {"upstream": str(tmp_path / "upstream.git"), "state": "state"}, "check": {
        "command": "ls -A; test ! -e .git && test ! -e inner && mkdir .git inner && git init -q inner && touch inner/x"}},
        tmp_path)
    workspace = Workspace(team, queue.upstream, "t")
    assert workspace.test(queue.main, queue.main).good and workspace.test(queue.main, queue.main).good
    for broken in ("index", "tree"):
        if broken == "index":
            (workspace.folder / "git" / "index").write_text("broken")
        else:
            salvage.remove(workspace.tree)
            workspace.tree.write_text("a file")
        outcome = workspace.test(queue.main, queue.main)
        assert outcome.good, (broken, outcome)


def test_a_check_gets_variables_by_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_LEVEL", "3")
    monkeypatch.setenv("MY_TOKEN", "secret-value")
    queue = Queue(tmp_path)
    team = parse({"team": {"upstream": str(tmp_path / "upstream.git"), "state": "state"},
                  "environment": {"allow": ["PATH", "MY_*"], "secrets": ["MY_TOKEN"]},
                  "check": {"command": "test \"$MY_LEVEL\" = 3 && test -z \"$MY_TOKEN\""}}, tmp_path)
    assert Workspace(team, queue.upstream, "t").test(queue.main, queue.main).good


def test_a_notifier_that_fails_is_told() -> None:
    told: list[tuple[str, str]] = []
    notifier = Notifier(NotifySection(command="echo no mail here >&2; exit 7", webhook="http://127.0.0.1:1/"), "t",
                        lambda how, text: told.append((how, text)))
    notifier(Event(1, 0.0, "stalled", "w-1"))
    wait_for(lambda: len(told) == 2, 20)
    assert told[0] == ("command", "exit 7: no mail here") and told[1][0] == "webhook" and told[1][1]


def test_odd_names_and_output(tmp_path: Path) -> None:
    """A folder with spaces, main called otherwise, bytes that are no UTF-8 in names and in output."""
    root = tmp_path / "it's a place"
    (root / "project").mkdir(parents=True)
    (root / "project" / os.fsdecode(b"old \xff\n")).write_bytes(b"\x00\xff")
    script = r"shell:printf y > $(printf 'new\377'); printf '\377\376\n'; head -c 3000 /dev/urandom > bin,commit,submit"
    team = team_in(root, script, team={"name": "odd", "main": "master"}, check={"command": r"printf '\377 PASS\n'"},
                   role=[{"name": "w", "count": 1, "sessions": 1}])
    process = up(team, 40)
    wait_for(lambda: "integrated" in cli("logs", cwd=team.root, check=False).stdout, 40)
    cli("down", cwd=team.root)
    process.communicate(timeout=60)
    names = subprocess.run(["git", "ls-tree", "-rz", "--name-only", "master"], cwd=team.state / "upstream.git",
                           capture_output=True).stdout.split(b"\0")
    assert b"new\xff" in names and b"old \xff\n" in names
    assert json.loads(cli("logs", "w-1", "--json", cwd=team.root).stdout)["lines"]


# --- the end of a team ----------------------------------------------------------------------------------


def test_down_does_not_wait_for_a_long_check(tmp_path: Path) -> None:
    """The batch is tested again at the next start, and its changes have lost nothing by it."""
    team = team_in(tmp_path, "write:b.txt,commit,push,sleep:60", check={"command": f"test -e {tmp_path}/go || sleep 34567"})
    for number, kill in enumerate((False, False, True), 1):
        process = up(team, 100)
        wait_for(functools.partial(attempted, team, number), 30)
        wait_for(lambda: "sleep 34567" in running(), 30)
        started = time.monotonic()
        if kill:
            process.kill()
        else:
            cli("down", cwd=team.root)
        process.communicate(timeout=60)
        assert time.monotonic() - started < 15 * BUSY
    assert journal_of(team).value("SELECT attempts FROM submission WHERE state = 'queued'") == 1  # the kill's
    (tmp_path / "go").touch()
    process = up(team, 100)
    wait_for(lambda: "sleep 34567" not in running(), 20)  # what the killed harness left
    wait_for(lambda: journal_of(team).events(kinds=("integrated",)), 30)
    cli("down", cwd=team.root)
    process.communicate(timeout=60)


def attempted(team: Team, times: int) -> bool:
    return len(journal_of(team).events(kinds=("batch-attempted",))) >= times


def running() -> str:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            found.append(" ".join(process.cmdline()))
    return "\n".join(found)


def journal_of(team: Team) -> Journal:
    return wait_for(lambda: _open(team))


def _open(team: Team) -> Journal | None:
    with contextlib.suppress(NoJournal):
        return Journal(team.state / "journal.db")
    return None


def test_a_main_that_is_green_already_ends_the_team(tmp_path: Path) -> None:
    team = team_in(tmp_path, "sleep:60", team={"until": "green"})
    process = up(team, 90)
    process.communicate(timeout=60 * BUSY)
    assert process.returncode == 0 and journal_of(team).events(kinds=("done",))


def test_a_held_change_does_not_stop_a_drain(tmp_path: Path) -> None:
    team = team_in(tmp_path, "write:b.txt,commit,push,sleep:60", queue={"approve": "always"})
    process = up(team, 200)
    wait_for(lambda: journal_of(team).events(kinds=("approval-wanted",)), 30)
    cli("drain", cwd=team.root)
    for loop in journal_of(team).events(kinds=("process",)):
        os.kill(int(loop.data["pid"]), signal.SIGTERM)  # its session ends
    process.communicate(timeout=60 * BUSY)
    assert process.returncode == 0 and journal_of(team).value("SELECT 1 FROM submission WHERE state = 'held'")


# --- text that is none ----------------------------------------------------------------------------------


def test_half_a_pair_of_surrogates_ends_no_session(tmp_path: Path) -> None:
    """Agents in JavaScript cut text in the middle of a character."""
    command = ["sh", "-c", r"""printf '%s\n' '{"ouroteam": "doing", "text": "cut \ud83d here-is-it"}'; echo late > late.txt"""]
    run = Run(tmp_path, "", command=command, secrets={"KEY": "here-is-it"})
    outcome = run()
    assert outcome.reason == "done" and store_text(run) == "late\n"
    told = [data["text"] for kind, data in run.events if kind == "doing"]
    assert told == ["cut \ud83d here-is-it"]  # the journal redacts and replaces
    journal = JournalWriter(tmp_path / "journal.db", Redactor(["here-is-it"]))
    event = journal.record("doing", text=told[0])
    assert event and event.data["text"] == "cut ? [secret]"
    journal.close()


def store_text(run: Run) -> str | None:
    return run.upstream.store.read(next(iter(run.refs("refs/rescue/"))) + ":late.txt")


def test_a_secret_of_any_bytes(tmp_path: Path) -> None:
    redactor = Redactor([os.fsdecode(b"p\xffss-word")])
    assert redactor.data(b"a p\xffss-word b") == b"a [secret] b"
    assert redactor.text(os.fsdecode(b"a p\xffss-word b")) == "a [secret] b"


def test_a_task_that_is_no_text_stops_nobody(tmp_path: Path) -> None:
    command = ["sh", "-c", "cat > /dev/null; test -n \"$0\"", "{prompt}"]
    run = Run(tmp_path, "", command=command, task="t", task_text="a\0b \ud800 c", messages=["\udcff"])
    run.control.send("tell", "\udcff\ud800")
    assert run().reason == "done", run.session.outcome


def test_an_error_while_watching_ends_the_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before its clone is looked at and deleted."""
    pids: list[int] = []
    run = Run(tmp_path, "say:x,hang")

    def breaks(*arguments: object) -> None:
        pids.extend(p.pid for p in psutil.Process().children(recursive=True) if "scripted" in " ".join(p.cmdline()))
        raise ValueError("a line that nobody expected")
    monkeypatch.setattr(run.session, "_lines", breaks)
    outcome = run()
    assert outcome.reason == "setup" and "nobody expected" in outcome.failure and pids
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_rescued_bytes_are_shown_as_they_are(tmp_path: Path) -> None:
    team = team_in(tmp_path, "sleep:1", files={"a.txt": "a\n"})
    process = up(team, 3)
    process.communicate(timeout=90)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(team.state / "upstream.git"), "clone")
    (clone / "latin.txt").write_bytes(b"\xe9t\xe9\n")
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "latin")
    git(clone, "push", "-q", "origin", "HEAD:refs/rescue/w-1/by-hand")
    done = subprocess.run([sys.executable, "-m", "ouroteam", "rescue", "show", "w-1/by-hand"], cwd=team.root,
                          capture_output=True, timeout=60)
    assert done.returncode == 0 and b"+\xe9t\xe9\n" in done.stdout
    done = subprocess.run([sys.executable, "-m", "ouroteam", "rescue", "show", "w-1/by-hand"], cwd=team.root,
                          capture_output=True, timeout=60, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0 and b"+\xe9t\xe9\n" in done.stdout


def test_agents_text_is_no_markup_and_steers_no_terminal(tmp_path: Path) -> None:
    root = project(tmp_path / "p", {"team.toml": TEAM})
    journal = JournalWriter(root / ".ouroteam" / "journal.db")
    journal.record("session-started", agent="worker-1", session="s")
    evil = "GET [/api/x] [red]a\x1b]0;title\x07 \x1b[31mred"
    journal.record("doing", agent="worker-1", session="s", text=evil)
    journal.record("agent-state", agent="worker-1", state="backing off: [/b]")
    journal.close()
    done = cli("status", cwd=root, check=False)
    assert done.returncode == 3 and "[/api/x]" in done.stdout.replace("\n", "") and "Traceback" not in done.stderr
    assert "\x1b]0" not in done.stdout
    assert evil in cli("logs", "--json", cwd=root).stdout.encode().decode("unicode_escape")
    safe = shown(evil, always=True)
    assert "\x1b]0" not in safe and "\x07" not in safe and "\x1b[31m" in safe and shown("a\tb\nc", always=True) == "a\tb\nc"
    main, terminal = os.openpty()
    subprocess.run([sys.executable, "-m", "ouroteam", "logs"], cwd=root, stdout=terminal, timeout=60, check=True)
    os.close(terminal)
    assert b"[/api/x]" in (printed := os.read(main, 100_000)) and b"\x1b]0" not in printed
    os.close(main)


# --- the log and the page -------------------------------------------------------------------------------


def test_a_search_sees_all_events(tmp_path: Path) -> None:
    root = project(tmp_path / "p", {"team.toml": TEAM})
    journal = JournalWriter(root / ".ouroteam" / "journal.db")
    journal.record("note", text="needle")
    for number in range(300):
        journal.record("note", text=f"hay {number}")
    journal.close()
    assert cli("logs", "--search", "needle", cwd=root).stdout.count("needle") == 1
    assert len(cli("logs", cwd=root).stdout.splitlines()) == 200
    assert cli("logs", "--lines", "2", "--search", "hay", "--json", cwd=root).stdout.count("hay 29") == 2
    assert cli("logs", "--lines", "0", cwd=root, check=False).returncode == 2


def test_the_page_on_any_port(tmp_path: Path) -> None:
    JournalWriter(tmp_path / "journal.db").close()
    (tmp_path / "team.toml").write_text(TEAM)
    command = [sys.executable, "-m", "ouroteam", "serve", "--journal", str(tmp_path / "journal.db"), "--port"]
    server = subprocess.Popen([*command, "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        address = server.stdout.readline().split()[0]
        assert urllib.request.urlopen(f"{address}history", timeout=20).status == 200
        for wrong in ("state?at=abc", "state?at=nan"):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(address + wrong, timeout=20)
            assert refused.value.code == 400
        with urllib.request.urlopen(f"{address}events?after=abc", timeout=20) as stream:
            assert stream.readline().startswith(b"id: ")
        port = address.rstrip("/").rpartition(":")[2]
        done = subprocess.run([*command, port], capture_output=True, text=True, timeout=60)
        assert done.returncode == 1 and "--port names another" in done.stderr and "Traceback" not in done.stderr
    finally:
        server.terminate()
        server.wait(20)
        assert server.stderr and "Traceback" not in server.stderr.read()
