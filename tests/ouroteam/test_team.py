"""Whole teams of scripted agents: quota, budgets, resume, stalls, stale contexts, requests, roles, both protocols."""

from __future__ import annotations

import http.server
import json
import os
import random
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from helpers import BUSY, cli, git, project, read_json, team_in, up, wait_for
from kill import kill_and_carry_on
from ouroteam import admission as admission_module
from ouroteam import planning
from ouroteam.admission import Admission
from ouroteam.claims import Claims, DirectStore
from ouroteam.cli import main
from ouroteam.config import NotifySection, Team
from ouroteam.harness import Harness, ask, perform
from ouroteam.journal import Event, Journal, JournalWriter
from ouroteam.notify import Notifier
from ouroteam.planning import Board, Task
from ouroteam.quota import Quota


def run(team: Team, seconds: float, until: Any = None) -> Journal:
    """The harness in this process until the condition holds."""
    harness = Harness(team)
    if until:
        seconds *= BUSY

        def watch() -> None:
            end = time.monotonic() + seconds
            while time.monotonic() < end and not harness.stopping.is_set():
                if until(harness):
                    harness.stopping.set()
                time.sleep(0.05)
        threading.Thread(target=watch, daemon=True).start()
    harness.run(seconds, signals=False)
    return Journal(team.state / "journal.db")


def count(source: Any, kind: str, agent: str = "") -> int:
    journal = source.journal if isinstance(source, Harness) else source
    return len(journal.events(kinds=(kind,), agent=agent))


# --- quota, budgets -----------------------------------------------------------------------------------


def test_a_refusal_parks_everybody_with_the_credential(tmp_path: Path) -> None:
    """claude-code#79127: every agent hammers on."""
    now = [1000.0]
    team = team_in(tmp_path, "say:x")
    journal = JournalWriter(tmp_path / "j.db")
    quota = Quota(team, journal, clock=lambda: now[0], rng=random.Random(1))
    until = quota.refuse("shared", 1500.0, "w-1")
    assert 1501 <= until <= 1510 and quota.parked_until("shared") == until and not quota.parked_until("other")
    assert quota.refuse("shared", 1200.0) == until, "never earlier"
    now[0] = until + 1
    assert not quota.parked_until("shared")
    assert quota.refuse("shared", 0.0) > now[0] + 299
    journal.close()


def test_a_refusal_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ouroteam.quota.random.Random.uniform", lambda self, a, b: 0.1)
    team = team_in(tmp_path, "once:refused:refuse:2,write:f:x,commit,push", 2)
    journal = run(team, 20, lambda h: count(h, "integrated") >= 2)
    parked = journal.last("parked")
    assert parked and parked.data["credential"] == "default"
    started = [e.time for e in journal.events(kinds=("session-started",)) if e.time > parked.time]
    assert min(started) >= parked.data["until"] - 0.01
    assert not [e for e in journal.events(kinds=("agent-state",)) if "backing" in e.data["state"]]


def test_budgets(tmp_path: Path) -> None:
    now = [10_000.0]
    team = team_in(tmp_path, "say:x", budget={"agent_tokens": 100, "team_cost": 2.0, "session_tokens": 60, "team_hours": 2})
    journal = JournalWriter(tmp_path / "j.db")
    quota = Quota(team, journal, clock=lambda: now[0])
    journal.record("up", at=now[0])
    assert (quota.left("w-1").tokens, quota.left("w-1").cost, quota.left("w-1").seconds) == (60, 2.0, 7200.0)
    journal.record("session-started", agent="w-1", session="s", at=now[0])
    journal.record("usage", agent="w-1", session="s", tokens=70, cost=1.5)
    assert quota.left("w-1").tokens == 30 and quota.left("w-1").cost == 0.5
    journal.record("session-ended", agent="w-1", session="s", tokens=120, cost=1.5, at=now[0] + 60)
    assert quota.left("w-1").spent == "agent_tokens" and not quota.left("w-2").spent
    now[0] += 7201
    assert quota.left("w-2").spent == "team_hours"
    assert quota.left("w-3", role_sessions=0).spent
    journal.close()


def test_a_budget_ends_cleanly_and_loses_nothing(tmp_path: Path) -> None:
    team = team_in(tmp_path, "write:f:x,usage:500:1,hang", budget={"agent_tokens": 400})
    journal = run(team, 20, lambda h: count(h, "budget"))
    assert [e.data["reason"] for e in journal.events(kinds=("session-ended",))] == ["budget"]
    assert journal.events(kinds=("rescued",))[0].data["refs"]


# --- failing and stalling -----------------------------------------------------------------------------


def test_sessions_side_by_side_share_a_budget(tmp_path: Path) -> None:
    """Each began with all that was left; together they used it up."""
    team = team_in(tmp_path, "usage:600:0,sleep:60", count=3, budget={"team_tokens": 1500})
    started = time.monotonic()
    journal = run(team, 50, until=lambda h: count(h, "session-ended") >= 3)
    assert time.monotonic() - started < 45 * BUSY
    reasons = [e.data["reason"] for e in journal.events(kinds=("session-ended",))]
    assert reasons.count("budget") == 3 and count(journal, "session-started") == 3


def test_a_million_lines_are_no_million_events(tmp_path: Path) -> None:
    team = team_in(tmp_path, "shell:yes | head -n 2000000; true,usage:7:0.5", role=[{"name": "w", "count": 1, "sessions": 1}])
    journal = run(team, 60, until=lambda h: count(h, "session-ended"))
    ended = journal.last("session-ended")
    assert ended is not None and (ended.data["reason"], ended.data["tokens"]) == ("done", 7)
    assert 1 <= count(journal, "doing") < 200 and [e.data["tokens"] for e in journal.events(kinds=("usage",))] == [7]


def test_resume_ends_a_parking_that_an_agent_made_up(tmp_path: Path) -> None:
    journal = JournalWriter(tmp_path / "journal.db")
    now = [1000.0]
    quota = Quota(team_in(tmp_path, "sleep:1"), journal, clock=lambda: now[0])
    assert 8 * 86400 < quota.refuse("c", 1e18) - 1000 < 9 * 86400
    perform(journal, {"do": "resume"})
    assert quota.parked_until("c")  # long over by the wall clock: nothing to end
    quota.clock = time.time
    quota.refuse("c", time.time() + 5000)
    assert quota.parked_until("c")
    perform(journal, {"do": "resume"})
    assert not quota.parked_until("c")
    journal.close()


def test_back_off_and_same_failure(tmp_path: Path) -> None:
    team = team_in(tmp_path, "crash", session={"fruitless": 3})
    journal = run(team, 20, lambda h: count(h, "stalled"))
    starts = [e.time for e in journal.events(kinds=("session-started",))]
    ends = [e.time for e in journal.events(kinds=("session-ended",))]
    waits = [start - end for start, end in zip(starts[1:], ends, strict=False)]
    assert waits[0] >= 0.2 and waits[1] > waits[0]
    assert "3" in journal.events(kinds=("stalled",))[0].data["why"]


def test_a_cut_off_session_is_resumed(tmp_path: Path) -> None:
    team = team_in(tmp_path, "once:first:hang,write:f:x,commit,push", session={"time_limit": 10})
    journal = run(team, 60, lambda h: count(h, "integrated"))
    started = journal.events(kinds=("session-started",))
    assert started[0].data["resumed"] == "" and started[1].data["resumed"] == f"scripted-{started[0].session}"


def test_without_resume_the_rescue_branch_is_named(tmp_path: Path) -> None:
    team = team_in(tmp_path, "once:first:shell:echo x > left; sleep 60,shell:cat $OUROTEAM_DIR/prompt.md",
                   session={"time_limit": 2.5, "resume": False})
    run(team, 30, lambda h: count(h, "session-ended") >= 2)
    logs = sorted((team.state / "agent_logs/w-1").glob("*.log"), key=lambda p: p.stat().st_mtime)
    assert any("refs/rescue/w-1/" in log.read_text() for log in logs)


def test_fallback_models(tmp_path: Path) -> None:
    team = team_in(tmp_path, "crash", agent={"model": "first", "fallback_models": ["second", "third"]})
    journal = run(team, 20, lambda h: count(h, "session-started") >= 3)
    assert [e.data["model"] for e in journal.events(kinds=("session-started",))][:3] == ["first", "second", "third"]


@pytest.mark.parametrize("action", ["tell", "restart"])
def test_main_moves_under_a_session(tmp_path: Path, action: str) -> None:
    team = team_in(tmp_path, "say:x,sleep:8,shell:cat $OUROTEAM_DIR/inbox/*",
                   session={"stale_commits": 2, "stale_action": action})

    def move(harness: Harness) -> bool:
        if harness.live and not moved:
            store = harness.upstream.store
            for n in range(4):
                base = harness.upstream.ref("refs/heads/main") or ""
                sha = store.commit_tree(store.tree_of(base), [base], f"c{n}\n")
                store.run("update-ref", "refs/heads/main", sha)
            moved.append(1)
        return count(harness, "session-ended") >= 1
    moved: list[int] = []
    journal = run(team, 30, move)
    assert journal.events(kinds=("stale",))[0].data["behind"] == 4
    ended = journal.events(kinds=("session-ended",))[0]
    log = "".join(p.read_text() for p in (team.state / "agent_logs/w-1").glob("*.log"))
    assert ended.data["reason"] == "stale" if action == "restart" else "4 new commits" in log


def test_leases_go_with_their_session_or_their_time(tmp_path: Path) -> None:
    """The original's lock files stayed behind when an agent crashed."""
    team = team_in(tmp_path, "claim:t1,crash", lease={"seconds": 3, "heartbeat": 1})
    seen: list[str] = []

    def watch(harness: Harness) -> bool:
        claims = Claims(DirectStore(harness.upstream), 1.0)
        if not seen:
            assert claims.take("forgotten", "gone", "gone")
            seen.append("x")
        return count(harness, "released") >= 1 and count(harness, "lease-expired") >= 1
    journal = run(team, 30, watch)
    assert journal.events(kinds=("released",))[0].task == "t1"
    assert journal.events(kinds=("lease-expired",))[0].task == "forgotten"


def test_a_heartbeat_keeps_a_long_lease(tmp_path: Path) -> None:
    team = team_in(tmp_path, "claim:t1,sleep:6,claim:t1,say:over", lease={"seconds": 3, "heartbeat": 1})
    run(team, 20, lambda h: count(h, "session-ended"))
    log = next((team.state / "agent_logs/w-1").glob("*.log")).read_text()
    assert log.count("claim t1: mine") == 2


# --- tasks --------------------------------------------------------------------------------------------


def test_planner_fills_and_workers_empty_the_queue(tmp_path: Path) -> None:
    script = "shell:ouroteam tasks add t1 --title One --priority 3; ouroteam tasks add t2 --title Two --after t1"
    work = "shell:test -z \"$OUROTEAM_TASK\" || { echo $OUROTEAM_TASK > done-$OUROTEAM_TASK; git add -A; " \
           "git commit -qm \"Do $(echo $OUROTEAM_TASK)\" -m \"Task$(printf '\\072') $OUROTEAM_TASK\"; },submit"
    team = team_in(tmp_path, work, role=[
        {"name": "p", "planner": True, "sessions": 1, "agent": {"extra_args": ["--do", script]}},
        {"name": "w", "count": 2}])
    journal = run(team, 40, lambda h: count(h, "task-closed") >= 2)
    assert [e.task for e in journal.events(kinds=("task-closed",))] == ["t1", "t2"]


def test_a_change_that_never_lands_goes_to_another(tmp_path: Path) -> None:
    """Back to its author a few times, then a task that the author doesn't get."""
    team = team_in(tmp_path, "write:bad:x,commit,submit", session={"return_limit": 1},
                   check={"command": "test ! -e bad"})
    journal = run(team, 40, lambda h: count(h, "handed-on"))
    event = journal.events(kinds=("handed-on",))[0]
    board = planning.board(Harness_upstream(team))
    task = board.tasks[event.task]
    assert task.not_for == ["w-1"] and task.rescue.startswith("refs/returned/w-1/")
    assert not board.ready("w-1") and board.ready("w-2")
    prompts = [p for p in (team.state / "agent_logs/w-1").glob("*.log")]
    assert len(prompts) >= 2


def Harness_upstream(team: Team) -> Any:
    from ouroteam.repository import open_upstream
    return open_upstream(team.upstream, team.state)


def test_board_order_and_circles() -> None:
    tasks = {t.name: t for t in (Task("a", priority=1, created=1), Task("b", priority=9, created=3), Task("c", created=2),
                                 Task("d", after=["a"]), Task("x", after=["y"]), Task("y", after=["x"]))}
    board = Board(tasks, {}, 0.0)
    assert [t.name for t in board.ready()] == ["b", "c", "a"] and board.circles() == ["x", "y"]
    assert Task.from_json("n", "not json").title == "not json"


# --- the original's protocol --------------------------------------------------------------------------


def test_direct_mode_with_lock_files(tmp_path: Path) -> None:
    """integration = direct, claims = files: as the original did it."""
    script = ("claim:t1,write:f:x,commit,shell:git pull -q --rebase origin main && git push -q origin HEAD\\072main,"
              "release:t1").replace("HEAD\\072main", "main")
    team = team_in(tmp_path, script, team={"integration": "direct", "claims": "files"})
    journal = run(team, 30, lambda h: count(h, "session-ended") >= 1 and h.upstream.store.read("main:f"))
    upstream = Harness_upstream(team)
    assert upstream.store.read("main:f") == "x\n"
    log = upstream.store.run("log", "--format=%s", "main").out
    assert "Claim t1 for w-1" in log and "Release t1" in log
    assert upstream.store.read("main:current_tasks/t1.txt") is None
    assert "w-1" in [e.agent for e in journal.events(kinds=("integrated",))]
    assert (team.state / "agent_logs/w-1").exists() and next((team.state / "agent_logs/w-1").glob("agent_??????*.log"))


# --- requests from the command line -------------------------------------------------------------------


def test_requests(tmp_path: Path) -> None:
    team = team_in(tmp_path, "say:at-work,sleep:1.5,shell:cat $OUROTEAM_DIR/inbox/*", 2)
    assert cli("status", cwd=team.root, check=False).returncode == 3
    process = up(team)
    try:
        wait_for(lambda: ask(team.state, {"do": "ping"}), 20)
        wait_for(lambda: any(a["live"] for a in read_json(cli("status", "--json", cwd=team.root))["agents"]), 20)
        assert cli("up", cwd=team.root, check=False).returncode == 2
        assert read_json(cli("send", "w-1", "look at this", "--json", cwd=team.root))["ok"]
        assert cli("send", "nobody", "x", cwd=team.root, check=False).returncode == 2
        cli("pause", "w-2", cwd=team.root)
        journal = Journal(team.state / "journal.db")
        wait_for(lambda: "paused" in journal.fact("state/w-2"), 15)
        before = len(journal.events(kinds=("session-started",), agent="w-2"))
        wait_for(lambda: "look at this" in "".join(
            p.read_text() for p in (team.state / "agent_logs/w-1").glob("*.log")), 20)
        assert len(journal.events(kinds=("session-started",), agent="w-2")) == before
        cli("resume", "w-2", cwd=team.root)
        wait_for(lambda: len(journal.events(kinds=("session-started",), agent="w-2")) > before, 15)
        assert "at-work" in cli("logs", "w-1", "--all", "--search", "at-work", cwd=team.root).stdout
        assert "session-started" in cli("logs", cwd=team.root).stdout
        assert cli("approve", cwd=team.root).stdout.startswith("Nothing")
        cli("drain", cwd=team.root)
        assert process.wait(40) == 0
    finally:
        process.kill()
        process.wait()
    assert journal.value("SELECT count(*) FROM session WHERE ended IS NULL") == 0
    assert "session-ended" in cli("replay", "--speed", "0", cwd=team.root).stdout
    assert cli("down", cwd=team.root, check=False).returncode == 3


def test_down_and_rescue(tmp_path: Path) -> None:
    team = team_in(tmp_path, "write:left.txt:over,say:x,hang")
    assert "up (process" in cli("up", "--detach", cwd=team.root).stdout
    wait_for(lambda: list((team.state / "agents").glob("w-1/*/clone/left.txt")), 20)
    cli("down", cwd=team.root)
    rows = read_json(cli("rescue", "list", "--json", cwd=team.root))
    assert len(rows) == 1 and not rows[0]["in_main"]
    name = rows[0]["ref"].removeprefix("refs/rescue/")
    assert "+over" in cli("rescue", "show", name, cwd=team.root).stdout
    branch = read_json(cli("rescue", "apply", name, "--json", cwd=team.root))["branch"]
    assert git(team.root, "show", f"{branch}:left.txt") == "over"
    assert cli("rescue", "show", "nothing", cwd=team.root, check=False).returncode == 1


# --- kill -9 ------------------------------------------------------------------------------------------


def test_kill_9_of_the_harness(tmp_path: Path) -> None:
    """A few moments; ``python tests/ouroteam/kill.py --kills 200`` takes many."""
    assert kill_and_carry_on(tmp_path, 3, 3, seed=4)["sessions"] > 0


# --- admission, notifications -------------------------------------------------------------------------


def test_admission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """loom#5979: load 134; claude-code#63087: a full disk."""
    team = team_in(tmp_path, "x", 4, admission={"sessions": 2, "max_load": 1.0, "start_interval": 0.0})
    gate = Admission(team)
    monkeypatch.setattr(os, "getloadavg", lambda: (0.1, 0, 0))
    assert gate.enter("w-1") == "" == gate.enter("w-2") and "taken" in gate.enter("w-3")
    gate.leave("w-1")
    monkeypatch.setattr(os, "getloadavg", lambda: (134.0, 0, 0))
    assert "load" in gate.enter("w-3")
    monkeypatch.setattr(os, "getloadavg", lambda: (0.1, 0, 0))
    monkeypatch.setattr(admission_module, "free_disk", lambda folder: 10)
    assert "disk" in gate.enter("w-3") and gate.low_disk()


def test_build_slots(tmp_path: Path) -> None:
    from ouroteam.check import slot
    running, most = [0], [0]

    def work() -> None:
        with slot(tmp_path / "slots", 2):
            running[0] += 1
            most[0] = max(most[0], running[0])
            time.sleep(0.15)
            running[0] -= 1
    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 2


def test_notifications(tmp_path: Path) -> None:
    got: list[dict[str, Any]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    notifier = Notifier(NotifySection(command=f"cat > {tmp_path}/told", webhook=f"http://127.0.0.1:{server.server_port}/"),
                        "t")
    notifier(Event(1, 0.0, "stalled", "w-1", data={"why": "no commit"}))
    notifier(Event(2, 0.0, "integrated", "w-1"))
    wait_for(lambda: got and (tmp_path / "told").exists() and (tmp_path / "told").read_text(), 10)
    server.shutdown()
    assert len(got) == 1 and "no commit" in got[0]["text"] and "no commit" in (tmp_path / "told").read_text()


# --- init, doctor, check from the command line --------------------------------------------------------


def test_init_doctor_check_tasks(tmp_path: Path) -> None:
    root = project(tmp_path / "p", {"check.py": "print('PASS a'); print('ERROR b: broken'); raise SystemExit(1)"})
    cli("init", "--yes", "--agent", "scripted", "--sandbox", "none", "--agents", "3", cwd=root)
    text = (root / "team.toml").read_text()
    assert 'command = "python3 check.py"' in text and "# stall = " in text and (root / "MISSION.md").exists()
    assert cli("init", "--yes", cwd=root, check=False).returncode == 2
    assert git(root, "status", "--porcelain") in ("?? MISSION.md\n?? team.toml", "?? MISSION.md\n?? team.toml\n")
    rows = {row["what"]: row for row in read_json(cli("doctor", "--json", cwd=root))}
    assert rows["git"]["good"] and rows["agent ouroteam-scripted-agent"]["good"]
    done = cli("check", cwd=root, check=False)
    assert done.returncode == 1 and "ERROR b: broken" in done.stdout and done.stdout.startswith("1 passed, 1 failed")
    done = cli("check", "--fast", "50%", "--list", "seq 1 10", "--select", "for t in {tests}; do echo PASS t$t; done",
               cwd=root)
    assert done.stdout.startswith("5 passed") and "sample 5 of 10" in done.stdout
    assert cli("check", "--timeout", "0.5", "--", "sleep", "9", cwd=root, check=False).returncode == 124
    (root / "team.toml").write_text("[team]\nnmae = 'x'\n")
    wrong = cli("status", cwd=root, check=False)
    assert wrong.returncode == 2 and "team.nmae" in wrong.stderr


@pytest.mark.parametrize("command", [
    "init up down drain pause resume status top serve logs attach send approve claim release submit tasks rescue check "
    "oracle replay simulate doctor demo".split()])
def test_every_command_has_help_with_examples(command: list[str]) -> None:
    from typer.testing import CliRunner

    from ouroteam.cli import agent, app, team, work  # noqa: F401
    for name in command:
        done = CliRunner().invoke(app, [name, "--help"])
        assert done.exit_code == 0 and "Example" in done.stdout, name


def test_wrong_use_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                       capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and what would be right, never a traceback."""
    root = project(tmp_path / "p", {"a.txt": "a\n"})

    monkeypatch.chdir(root)

    def told(code: int, words: str, *arguments: str) -> None:
        monkeypatch.setattr("sys.argv", ["ouroteam", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr().err
        assert ended.value.code == code and words in said and "Traceback" not in said, (arguments, said)
    told(2, "no team.toml", "status")
    told(2, "unknown preset 'nonsense'; there are aider", "init", "--yes", "--agent", "nonsense", "--sandbox", "none")
    told(2, "sandbox.kind", "init", "--yes", "--agent", "claude", "--sandbox", "vmware")
    told(2, "needs agent.command", "init", "--yes", "--agent", "plain", "--sandbox", "none")
    assert not (root / "team.toml").exists()
    cli("init", "--yes", "--agent", "scripted", "--sandbox", "none", "--check", "true", cwd=root)
    told(3, "no journal", "status")
    told(3, "no journal", "top")
    told(3, "never started", "pause")
    told(3, "not running", "down")
    told(2, "no agent 'nobody'; there are worker-1", "attach", "nobody")
    told(2, "no agent 'nobody'", "resume", "nobody")
    told(2, "list, show or apply", "rescue", "frob")
    told(2, "a share is", "check", "--fast", "abc", "--", "true")
    told(2, "queue, direct or both", "simulate", "--protocol", "x")
    told(2, "numbers with commas", "simulate", "--agents", "x")
    told(2, "no unit matches", "oracle", "--units", "none/*", "--good", "x", "--suspect", "y", "--test", "z")
    (root / "team.toml").write_text('[agent]\ncommand = ["no-such-agent"]\n[check]\ncommand = "true"\n')
    told(2, "no-such-agent is not found in PATH", "up")
    (root / ".ouroteam").mkdir()
    (root / ".ouroteam" / "journal.db").write_text("")
    told(3, "no journal of a team", "status")
    (root / "team.toml").write_text("[team")
    told(2, "Expected ']'", "up")
