"""Sessions: clone, exit protocol, liveness, limits, salvage, secrets, sandboxes. One complaint a test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from helpers import bare, git, project, wait_for
from ouroteam import disklimit, salvage, sandbox
from ouroteam import session as session_module
from ouroteam.config import SandboxSection, parse
from ouroteam.redaction import Redactor
from ouroteam.repository import LocalUpstream
from ouroteam.session import Control, Outcome, Session, SessionSpec, disk_usage

BWRAP = shutil.which("bwrap") is not None and not sandbox.Bubblewrap(SandboxSection(kind="bubblewrap")).problems()
session_module.LIVENESS_EVERY = 0.2
KINDS = ["none", pytest.param("bubblewrap", marks=pytest.mark.skipif(not BWRAP, reason="no working bubblewrap"))]


class Run:
    """One session of the scripted agent."""

    def __init__(self, folder: Path, script: str, settings: dict[str, Any] | None = None, files: dict[str, str] | None = None,
                 secrets: dict[str, str] | None = None, command: list[str] | None = None, **spec: Any) -> None:
        self.folder = folder
        self.upstream = LocalUpstream(folder / "upstream.git") if (folder / "upstream.git").exists() else bare(folder, files)
        data: dict[str, Any] = {
            "team": {"name": "test", "upstream": str(folder / "upstream.git"), "state": "state"},
            "agent": {"preset": "plain", "command": command} if command else
            {"preset": "scripted", "extra_args": ["--do", script]},
            "role": [{"name": "w", "count": 1}], "session": {"stop_grace": 0.5, "grace": 0.5},
            "sandbox": {"nice": 0},  # at 19 an agent may not begin within a short limit on a busy machine
            "environment": {"secrets": list(secrets or {})}}
        for section, values in (settings or {}).items():
            data.setdefault(section, {}).update(values)
        self.team = parse(data, folder)
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.control = Control()
        number = len(list(folder.glob("log*")))
        self.log = folder / f"log{number}"
        self.spec = SessionSpec(self.team, "team1", "w-1", "w", spec.pop("session", f"s{number}"), 0, 1,
                                self.upstream.ref("refs/heads/main") or "", "Mission", str(self.log),
                                secrets=secrets or {}, **spec)
        self.session = Session(self.spec, lambda kind, data: self.events.append((kind, data)), self.control,
                               upstream=self.upstream)

    def __call__(self) -> Outcome:
        return self.session.run()

    @property
    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def refs(self, prefix: str) -> dict[str, str]:
        return self.upstream.refs(prefix)


@pytest.mark.parametrize("kind", KINDS)
def test_work_is_pushed_and_the_clone_deleted(tmp_path: Path, kind: str) -> None:
    run = Run(tmp_path, "write:b.txt:hello,commit,push,usage:50:0.2", {"sandbox": {"kind": kind}})
    outcome = run()
    assert (outcome.reason, outcome.tokens, outcome.commits) == ("done", 50, 1), run.text
    assert run.upstream.store.read("refs/heads/agents/w-1/s0:b.txt") == "hello\n"
    assert not run.session.folder.exists() and not run.refs("refs/rescue/")
    author = run.upstream.store.run("log", "-1", "--format=%an", "refs/heads/agents/w-1/s0").line
    assert author == "w-1"


@pytest.mark.parametrize("kind", KINDS)
def test_salvage_at_every_exit(tmp_path: Path, kind: str) -> None:
    """bernstein#2792, gastown#1379: work destroyed at clean-up."""
    work = "write:c.txt:one,commit,write:c.txt:two,write:new.txt:three"
    for script, reason in ((f"{work},crash", "failed"), (f"{work},hang", "time"), (work, "done"),
                           (f"{work},shell:kill -9 $PPID,sleep:5", "")):
        settings = {"sandbox": {"kind": kind}, "session": {"time_limit": 15.0 if "hang" in script else 60.0}}
        run = Run(tmp_path, script, settings)
        outcome = run()
        assert outcome.reason == reason or not reason, (outcome, run.text)
        refs = [ref for ref in run.refs("refs/rescue/w-1/") if run.spec.session in ref]
        texts = {run.upstream.store.read(f"{ref}:new.txt") for ref in refs}
        assert "three\n" in texts, (script, outcome, run.events)
        assert not run.session.folder.exists()


def test_salvage_leaves_secrets_and_ignored_files(tmp_path: Path) -> None:
    script = ("write:.gitignore:build/,write:build/x:x,write:.env:KEY=1,write:deploy.pem:x,write:leak.txt:sk-verysecret,"
              "write:good.txt:good,crash")
    run = Run(tmp_path, script, secrets={"API_KEY": "sk-verysecret"})
    outcome = run()
    (ref,) = outcome.rescued
    names = run.upstream.store.run("ls-tree", "-r", "--name-only", ref).out.split()
    assert "good.txt" in names and ".gitignore" in names
    assert not {"build/x", ".env", "deploy.pem", "leak.txt"} & set(names)
    rescued = next(data for kind, data in run.events if kind == "rescued")
    assert any("leak.txt: holds a secret" in line for line in rescued["skipped"])


@pytest.mark.parametrize("kind", KINDS)
def test_salvage_looks_into_submodules(tmp_path: Path, kind: str) -> None:
    """Commits and files of a submodule live in a repository of their own, inside of the clone."""
    library = project(tmp_path / "library", {"lib.c": "int x;\n"})
    run = Run(tmp_path, "shell:git -c protocol.file.allow=always submodule update -q --init; cd my\\ lib; "
              "echo more >> lib.c; git commit -qam inside; echo new > new.c; cd ..; git config alias.x y",
              {"sandbox": {"kind": kind, "read_only": [str(library)]}})
    seed = tmp_path / "seed"
    git(seed, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "my lib")
    git(seed, "commit", "-qm", "Submodule")
    git(seed, "push", "-q", str(tmp_path / "upstream.git"), "main", OUROTEAM_OVERRIDE="1")
    run.spec.base = run.upstream.ref("refs/heads/main") or ""
    outcome = run()
    store, name = run.upstream.store, "refs/rescue/w-1/s0-submodule-my-lib"
    assert name in outcome.rescued and name in run.refs("refs/rescue/"), (outcome, run.text)
    assert store.read(f"{name}:new.c") == "new\n" and store.read(f"{name}:lib.c") == "int x;\nmore\n"
    assert store.run("log", "--format=%s", name).out.splitlines()[1] == "inside"
    assert store.read("refs/rescue/w-1/s0:my lib") is None  # the pointer to it is rescued as such
    assert "160000 commit " in store.run("ls-tree", "refs/rescue/w-1/s0", "my lib").out
    assert not run.session.folder.exists() and all("skipped" not in d or not d["skipped"] for _, d in run.events)


def test_a_deleted_or_damaged_clone(tmp_path: Path) -> None:
    run = Run(tmp_path, "write:x:y,commit,shell:rm -rf .git/refs .git/HEAD .git/index,crash")
    outcome = run()
    assert outcome.rescued or run.session.folder.exists(), "either saved or kept"
    run = Run(tmp_path, "shell:rm -rf * .git .[a-z]*,crash")
    run()
    run = Run(tmp_path, "write:x:y,commit,shell:find .git/objects -type f -exec sh -c 'chmod u+w {}; echo bad > {}' \\;,crash")
    outcome = run()
    kept = run.session.folder.exists()
    assert kept or outcome.rescued
    assert "kept" in next(data for kind, data in run.events if kind == "rescued")


def test_git_config_of_a_clone_runs_nothing(tmp_path: Path) -> None:
    """Filters, fsmonitor, hooks and aliases that an agent configures are never run by the harness."""
    mark = tmp_path / "ran"
    script = (f"shell:git config core.fsmonitor 'touch {mark}';git config filter.x.clean 'touch {mark}';"
              f"git config core.hooksPath /tmp;git config diff.external 'touch {mark}';git config core.pager 'touch {mark}',"
              "write:.gitattributes:* filter=x,write:n:x,crash")
    run = Run(tmp_path, script)
    outcome = run()
    mark.unlink(missing_ok=True)  # git inside of the session may run it; the salvage must not
    clone = tmp_path / "again"
    git(tmp_path, "clone", "-q", "upstream.git", "again")
    for key in ("core.fsmonitor", "filter.x.clean", "diff.external"):
        git(clone, "config", key, f"touch {mark}")
    (clone / ".gitattributes").write_text("* filter=x\n")
    (clone / "n").write_text("x\n")
    salvage.rescue(clone, run.upstream, tmp_path / "private.git", agent="w-1", session="again",
                   base=run.spec.base, main="main", redactor=Redactor([]))
    assert outcome.rescued and not mark.exists()
    assert run.upstream.store.read("refs/rescue/w-1/again:n") == "x\n"


def test_forgotten_push_is_submitted(tmp_path: Path) -> None:
    run = Run(tmp_path, "write:b.txt:x,commit")
    outcome = run()
    assert outcome.submitted and run.refs("refs/heads/agents/w-1/") and not run.refs("refs/rescue/")


# --- the exit protocol --------------------------------------------------------------------------------


def test_a_forgotten_push_keeps_the_limit_of_a_push(tmp_path: Path) -> None:
    """What the shared repository refused as too large doesn't get in when the session ends."""
    run = Run(tmp_path, "shell:head -c 3000000 /dev/urandom > big,commit", {"queue": {"max_push_mb": 1}})
    outcome = run()
    assert outcome.reason == "done" and not outcome.submitted and "max_push_mb" in outcome.failure
    assert not run.refs("refs/heads/agents/") and list(outcome.rescued.values()) == list(run.refs("refs/rescue/").values())


def test_an_agent_that_never_exits(tmp_path: Path) -> None:
    """opencode#38723: the final event came, the process stays."""
    run = Run(tmp_path, "write:x:y,commit,push,final,hang")
    started = time.monotonic()
    assert run().reason == "done" and time.monotonic() - started < 20


def test_no_first_byte(tmp_path: Path) -> None:
    run = Run(tmp_path, "", {"session": {"first_output": 0.6}}, command=["sleep", "60"])
    assert run().reason == "silent"


def test_standard_input_is_empty_or_the_prompt(tmp_path: Path) -> None:
    run = Run(tmp_path, "", command=["sh", "-c", "echo begin; cat; echo end"])
    assert run().reason == "done" and "# Mission" in run.text and "end" in run.text
    run = Run(tmp_path, "", command=["sh", "-c", "wc -c; echo {prompt_file}"])
    assert run().reason == "done" and run.text.startswith("0\n")


def test_a_stall_is_nudged_then_ended(tmp_path: Path) -> None:
    run = Run(tmp_path, "", {"session": {"stall": 0.6}}, command=["sh", "-c", "echo hi; sleep 60"])
    assert run().reason == "stalled"
    assert [kind for kind, _ in run.events].count("nudged") == 1


def test_a_hundredth_of_a_cpu_is_life() -> None:
    """On a machine with a load of 134 a nice agent gets no more; one that sleeps in its event loop uses less."""
    for share, alive in ((0.02, True), (0.004, False)):
        pulse = session_module.Pulse(900)
        pulse.beats(0.0, 0.0)
        assert any(pulse.beats(2.0 * n, 2.0 * n * share) for n in range(1, 60)) == alive
    pulse = session_module.Pulse(900)
    assert pulse.beats(1.0, 5.0) and not pulse.beats(3.0, 1.0) and pulse.beats(5.0, 2.0)  # a part of the tree ended


def test_cpu_use_and_checks_are_life(tmp_path: Path) -> None:
    """agor#1809: a build without output was ended as stalled."""
    run = Run(tmp_path, "spin:6,say:ready", {"session": {"stall": 2.5}})
    assert run().reason == "done", run.events
    run = Run(tmp_path, "check", {"session": {"stall": 2.5}, "check": {"command": "sleep 6; echo PASS a"}})
    assert run().reason == "done" and "1 passed" in run.text


def test_ten_megabytes_of_output(tmp_path: Path) -> None:
    run = Run(tmp_path, "flood:10,say:the-end", {"session": {"log_limit_mb": 1.0}})
    assert run().reason == "done"
    assert run.log.stat().st_size < 2 << 20 and "the-end" in run.text


def test_time_budget_and_control(tmp_path: Path) -> None:
    assert Run(tmp_path, "usage:500:1,hang", tokens_left=400)().reason == "budget"
    assert Run(tmp_path, "usage:5:2,hang", cost_left=1.5)().reason == "budget"
    assert Run(tmp_path, "say:x,hang", seconds_left=1.0)().reason == "budget"
    run = Run(tmp_path, "say:x,sleep:2,shell:cat $OUROTEAM_DIR/inbox/*", messages=["from the prompt"])
    threading.Timer(0.7, lambda: run.control.send("tell", "from a human")).start()
    assert run().reason == "done" and "from a human" in run.text and "from the prompt" in run.text
    run = Run(tmp_path, "say:x,hang")
    threading.Timer(1.0, lambda: run.control.send("stop")).start()
    assert run().reason == "stopped"
    run = Run(tmp_path, "say:x,hang")
    threading.Timer(1.0, lambda: run.control.send("restart")).start()
    assert run().reason == "stale"


def test_refusals_are_no_failures(tmp_path: Path) -> None:
    outcome = Run(tmp_path, "refuse:100")()
    assert outcome.reason == "refused" and outcome.refused_until > time.time() + 50


def test_a_missing_command(tmp_path: Path) -> None:
    outcome = Run(tmp_path, "", command=["no-such-agent-here", "{prompt}"])()
    assert outcome.reason == "failed" and outcome.code == 127


# --- environment, secrets, set-up ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_only_allowed_variables(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """orbi#1297: secrets of the harness inherited by agents."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "aws-very-secret")
    monkeypatch.setenv("TEAM_FINE", "fine-value")
    run = Run(tmp_path, "shell:env,env:GIVEN", {"sandbox": {"kind": kind}, "environment": {
        "allow": ["PATH", "TEAM_*"], "set": {"FIXED": "yes"}}}, secrets={"GIVEN": "given-secret"})
    assert run().reason == "done", run.text
    assert "aws-very-secret" not in run.text and "TEAM_FINE=fine-value" in run.text and "FIXED=yes" in run.text
    assert "given-secret" not in run.text and "GIVEN=[secret]" in run.text


def test_secrets_never_reach_log_journal_or_set_up(tmp_path: Path) -> None:
    from ouroteam.journal import JournalWriter
    secret = "sk-abcdef123456"
    run = Run(tmp_path, "env:KEY,shell:echo $KEY | base64,say:x", {"setup": {"run": ["env > setup.txt"]}},
              secrets={"KEY": secret})
    assert run().reason == "done"
    assert secret not in run.text and run.text.count("[secret]") >= 2
    assert not any(secret in str(data) for kind, data in run.events if kind != "doing")
    journal = JournalWriter(tmp_path / "j.db", Redactor([secret]))
    for kind, data in run.events:
        journal.record(kind, **data)
    journal.record("x", nested={"a": [f"it is {secret}"]})
    journal.close()
    assert secret.encode() not in (tmp_path / "j.db").read_bytes()
    arguments = Path("/proc/self/cmdline").read_bytes()
    assert secret.encode() not in arguments


def test_set_up_ports_cache_and_tear_down(tmp_path: Path) -> None:
    """claude-code#27744: .env files, links, ports for work trees."""
    (tmp_path / "dev.env").write_text("A=1\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/d").write_text("d\n")
    settings = {"setup": {"copy": ["dev.env"], "link": ["data"], "run": ["echo run >> cache/count"], "cache": ["cache"],
                          "tear_down": [f"touch {tmp_path}/torn"], "port_base": 21000, "ports": 5}}
    for _ in range(2):
        run = Run(tmp_path, "shell:cat dev.env data/d cache/count,env:OUROTEAM_PORT", settings)
        assert run().reason == "done", run.text
    assert "A=1" in run.text and "d\n" in run.text and run.text.count("run\n") == 2
    assert "OUROTEAM_PORT=21000" in run.text and (tmp_path / "torn").exists()
    assert not run.refs("refs/rescue/"), "cache and links are not work"
    bad = Run(tmp_path, "say:x", {"setup": {"run": ["exit 3"]}})()
    assert bad.reason == "setup" and "exit 3" in bad.failure


def test_disk_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without root: the harness watches and ends the session."""
    monkeypatch.setattr(disklimit, "possible", lambda: False)
    run = Run(tmp_path, "shell:dd if=/dev/zero of=big bs=1M count=30 2>/dev/null,say:x,hang", {"sandbox": {"disk_mb": 10}})
    outcome = run()
    assert outcome.reason == "disk" and "disk" in outcome.failure
    assert disk_usage(tmp_path, 1 << 40) > 0


@pytest.mark.skipif(not disklimit.possible(), reason="hard disk limits need root and loop devices")
@pytest.mark.parametrize("kind", KINDS)
def test_hard_disk_limit(tmp_path: Path, kind: str) -> None:
    """claude-code#63087: a full disk is the agent's own; what it had made is kept all the same."""
    script = ("write:work.txt:done,shell:head -c 60000000 /dev/zero > big; ls -l big; "
              "head -c 60000000 /dev/zero > $HOME/big,shell:sleep 1; cat $OUROTEAM_DIR/inbox/*; rm big; true,say:x")
    run = Run(tmp_path, script, {"sandbox": {"kind": kind, "disk_mb": 30}, "setup": {"cache": ["cached"]}})
    outcome = run()
    assert run.text.count("No space left") == (2 if kind == "bubblewrap" else 1), run.text
    assert "of 30 MB is full" in run.text and ("over-disk", {"mb": 30}) in run.events
    refs = run.refs("refs/rescue/w-1/")
    assert outcome.reason == "done" and len(refs) == 1
    assert run.upstream.store.read(next(iter(refs)) + ":work.txt") == "done\n"
    assert not run.session.folder.exists() and str(tmp_path) not in Path("/proc/mounts").read_text()


@pytest.mark.skipif(not disklimit.possible(), reason="hard disk limits need root and loop devices")
def test_a_disk_survives_its_harness_and_the_machine(tmp_path: Path) -> None:
    """The next ``up`` finds the image, mounted (the harness was killed) or not (the machine was)."""
    for state in ("mounted", "unmounted"):
        run = Run(tmp_path, "say:x", {"sandbox": {"disk_mb": 20}}, session=state)
        run.session._prepare()
        (run.session.place.clone / "left.txt").write_text("left\n")
        if state == "unmounted":
            for folder in (run.session.place.clone, run.session.place.exchange / "agent", run.session.place.home):
                disklimit.detach(folder)
            assert not list(run.session.place.clone.iterdir())
        Session(run.spec, lambda kind, data: None, Control(), upstream=run.upstream).settle()
        assert run.upstream.store.read(f"refs/rescue/w-1/{state}:left.txt") == "left\n"
        assert not run.session.folder.exists()
    assert str(tmp_path) not in Path("/proc/mounts").read_text()


# --- sandboxes ----------------------------------------------------------------------------------------


@pytest.mark.skipif(not BWRAP, reason="no working bubblewrap")
def test_bubblewrap_hides_host_and_repository(tmp_path: Path) -> None:
    (tmp_path / "private.txt").write_text("private\n")
    script = (f"shell:cat {tmp_path}/private.txt; ls {tmp_path}/upstream.git; ls /work /root /home; ps ax | wc -l; "
              f"echo x > {tmp_path}/upstream.git/objects/x; id -u,write:ok:ok,commit,push,claim:t1,submit")
    run = Run(tmp_path, script, {"sandbox": {"kind": "bubblewrap", "network": "off"}})

    def stop_when_claimed() -> None:
        wait_for(lambda: run.refs("refs/claims/"), 30)
        run.control.send("stop")

    threading.Thread(target=stop_when_claimed, daemon=True).start()
    run()
    assert "private\n" not in run.text and "Read-only" in run.text
    assert not (tmp_path / "upstream.git/objects/x").exists()
    assert run.upstream.store.read("refs/heads/agents/w-1/s0:ok") == "ok\n", run.text
    assert run.refs("refs/claims/")


@pytest.mark.skipif(not BWRAP, reason="no working bubblewrap")
def test_network_off_and_allow_list(tmp_path: Path) -> None:
    import http.server
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_port
    probe = ("import socket\ntry:\n    socket.create_connection(('127.0.0.1', %d), 2)\nexcept OSError:\n"
             "    print('unreachable')\nfor port in (%d, 1):\n    s = socket.create_connection(('127.0.0.1', 3128))\n"
             "    s.sendall(b'CONNECT 127.0.0.1:%%d HTTP/1.1\\r\\n\\r\\n' %% port)\n    print(s.recv(99))\n")
    settings = {"sandbox": {"kind": "bubblewrap", "network": "off", "allow": [f"127.0.0.1:{port}"]}}
    run = Run(tmp_path, f"shell:{sys.executable} probe.py", settings, {"probe.py": probe % (port, port)})
    run()
    server.shutdown()
    assert "unreachable" in run.text and "200 connected" in run.text and "403 not in" in run.text


def test_container_commands(tmp_path: Path) -> None:
    """docker and podman by their command lines (no daemon is needed for that)."""
    place = sandbox.Place("team1.w-1.s1", Path("/c"), Path("/x"), Path("/h"), Path("/u/objects"), private=tmp_path)
    for kind in ("docker", "podman"):
        made = sandbox.make(SandboxSection(kind=kind, image="img", cpus=2, memory_mb=512, processes=99, disk_mb=100))
        command = made.command(["agent", "-p"], place, {"KEY": "secret-value", "A": "b"}, network=False)
        text = " ".join(command)
        assert command[:2] == [kind, "run"] and command[-3:] == ["img", "agent", "-p"]
        for part in ("--network none", "--cpus 2", "--memory 512m", "--pids-limit 99", "--cap-drop ALL",
                     "no-new-privileges", "/c:/workspace", "/x:/ouroteam:ro", "/u/objects:/u/objects:ro", "--env-file ",
                     "--label ouroteam=team1", "--name ouroteam-team1.w-1.s1"):
            assert part in text
        assert "secret-value" not in text and "KEY=secret-value" in (tmp_path / "environment").read_text()
        assert (tmp_path / "environment").stat().st_mode & 0o077 == 0


def test_container_through_a_stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole session through a program that takes docker's arguments and runs the command on the host."""
    fake = tmp_path / "bin" / "docker"
    fake.parent.mkdir()
    fake.write_text(f"#!{sys.executable}\n" + '''
import os, sys
args = sys.argv[1:]
open(os.path.join(os.path.dirname(__file__), "calls"), "a").write(args[0] + "\\n")
if args[0] != "run":
    sys.exit(0)
volumes = dict(reversed(v.removesuffix(":ro").rsplit(":", 1)) for f, v in zip(args, args[1:]) if f == "--volume")
at = args.index("img")
def here(text):
    for inside, outside in sorted(volumes.items(), key=lambda i: -len(i[0])):
        text = text.replace(inside, outside)
    return text
os.environ["OUROTEAM_DIR"] = volumes["/ouroteam"]
os.environ["PATH"] = volumes["/ouroteam"] + "/bin:/usr/local/bin:/usr/bin:/bin"
os.chdir(volumes["/workspace"])
for key in ("core.gitProxy",):
    os.system("git config %s %s/git-proxy" % (key, volumes["/ouroteam"]))
command = [here(a) for a in args[at + 1:]]
os.execvp(command[0], command)
''')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    run = Run(tmp_path, "write:x:y,commit,push", {"sandbox": {"kind": "docker", "image": "img"}})
    outcome = run()
    assert outcome.reason == "done", run.text
    assert run.upstream.store.read("refs/heads/agents/w-1/s0:x") == "y\n"
    assert "rm" in (fake.parent / "calls").read_text().split()


def test_an_inbox_link_writes_nowhere_else(tmp_path: Path) -> None:
    """The harness writes into the exchange folder; in a sandbox the agent can't turn it into a link."""
    if not BWRAP:
        pytest.skip("no working bubblewrap")
    target = tmp_path / "target"
    target.mkdir()
    run = Run(tmp_path, f"say:x,shell:rm -rf $OUROTEAM_DIR/inbox; ln -s {target} $OUROTEAM_DIR/inbox,sleep:2",
              {"sandbox": {"kind": "bubblewrap"}})
    threading.Timer(1.0, lambda: run.control.send("tell", "hello")).start()
    run()
    assert not list(target.iterdir())


def test_no_process_is_left(tmp_path: Path) -> None:
    run = Run(tmp_path, "say:x,hang", {"session": {"time_limit": 1.5}})
    run()

    def left() -> list[str]:
        out = subprocess.run(["ps", "eww", "-A"], capture_output=True, text=True).stdout
        return [line for line in out.splitlines() if "OUROTEAM_TEAM=team1" in line and f"/{run.spec.session}/" in line]
    wait_for(lambda: not left(), 5, "processes of the session")
