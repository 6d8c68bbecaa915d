"""One run of one agent.

Input: a ``SessionSpec`` (what to run, for how long), a way to start processes from the main thread (the parent-death
signal follows the thread that started the process), a report function, a control. Output: an ``Outcome``. Steps:
clone, set up, start, watch, end the whole tree, salvage, submit what was forgotten, delete the clone once everything
is proven to be in the shared repository. Works the same in the harness and in a task on a Ray node.

Exit protocol: standard input is /dev/null or the prompt; a limit for the first byte; alive is whoever prints, uses
CPU or runs a check; a nudge before an end; a grace period after the stream's final event.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from ouroteam import disklimit, gitdaemon, prompt, salvage, sandbox, streams
from ouroteam.config import AgentSection, RoleSection, Team
from ouroteam.redaction import RedactingStream, Redactor
from ouroteam.repository import GitError, LocalUpstream, RefChange, Repository, Upstream, open_upstream, receive_options
from ouroteam.streams import StreamEvent

Report = Callable[[str, dict[str, Any]], None]
Spawn = Callable[[list[str], dict[str, str], Path], "subprocess.Popen[bytes]"]
LINE_LIMIT = 1 << 20
LIVENESS_EVERY = 2.0
PROGRESS_EVERY = 1.0
SESSIONS_TOLD = 20


@dataclass
class SessionSpec:
    """Everything that a session needs; can be sent to another machine."""

    team: Team
    team_id: str
    agent: str
    role: str
    session: str
    index: int
    count: int
    base: str
    mission: str
    log: str
    model: str = ""
    resume: str = ""
    task: str = ""
    task_text: str = ""
    messages: list[str] = field(default_factory=list)
    rescue: str = ""
    returned: str = ""
    tokens_left: int = 0
    cost_left: float = 0.0
    seconds_left: float = 0.0
    state: str = ""
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def role_section(self) -> RoleSection:
        return next(role for role in self.team.role if role.name == self.role)

    @property
    def agent_section(self) -> AgentSection:
        return self.team.agent_for(self.role_section)


@dataclass
class Outcome:
    """How a session went. reason: done, failed, time, stalled, silent, refused, budget, disk, stopped, stale,
    setup, lost (its node is gone), killed (the harness was)."""

    reason: str = "failed"
    code: int = -1
    seconds: float = 0.0
    tokens: int = 0
    cost: float = 0.0
    resume: str = ""
    model: str = ""
    failure: str = ""
    refused_until: float = 0.0
    commits: int = 0
    rescued: dict[str, str] = field(default_factory=dict)
    submitted: str = ""


class Control:
    """Requests to a running session: ("stop", ""), ("tell", text), ("restart", why), ("pause"/"resume", "")."""

    def __init__(self) -> None:
        self.queue: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()

    def send(self, kind: str, text: str = "") -> None:
        self.queue.put((kind, text))

    def poll(self) -> list[tuple[str, str]]:
        found = []
        with contextlib.suppress(queue.Empty):
            while True:
                found.append(self.queue.get_nowait())
        return found


def spawn_here(command: list[str], env: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    """Start a process from this thread, which has to live as long as it."""
    return subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, start_new_session=True)


class LogFile:
    """A session's log: the beginning and the end up to a limit, however much an agent prints."""

    def __init__(self, path: Path, limit: int, redactor: Redactor) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.stream = path.open("wb", buffering=0)
        self.half = max(4096, limit // 2)
        self.written = 0
        self.cleaner = RedactingStream(redactor)
        self.tail_at = 0
        self.tail = path.with_suffix(".tail")

    def write(self, data: bytes) -> None:
        self._put(self.cleaner.feed(data))

    def _put(self, data: bytes) -> None:
        if self.written + len(data) <= self.half * 2:
            self.stream.write(data)
        else:
            # A ring after the first half: the newest output overwrites the middle.
            if self.tail_at == 0 or self.tail_at >= self.half * 2:
                self.tail_at = self.half
                self.stream.seek(self.half)
                self.stream.write(b"\n[... the middle of this log was dropped; older output may follow newer ...]\n")
                self.tail_at = self.stream.tell()
            data = data[-(self.half // 2):]
            self.stream.write(data)
            self.tail_at = self.stream.tell()
        self.written += len(data)

    def close(self) -> None:
        self._put(self.cleaner.finish())
        self.stream.close()


class Pulse:
    """Whether a process tree uses CPU: a hundredth of one is life, on a busy machine there may be no more for it."""

    def __init__(self, stall: float) -> None:
        self.window = min(30.0, stall / 4)
        self.used, self.since = 0.0, 0.0

    def beats(self, now: float, used: float) -> bool:
        beat = used - self.used > 0.02 + 0.01 * self.window
        if beat or used < self.used or now - self.since > self.window:
            self.used, self.since = used, now
        return beat


class Session:
    """See the module's text. ``run`` does it all."""

    def __init__(self, spec: SessionSpec, report: Report, control: Control, spawn: Spawn = spawn_here,
                 upstream: Upstream | None = None) -> None:
        self.spec = spec
        self.team = spec.team
        self.report = report
        self.control = control
        self.spawn = spawn
        self.state = Path(spec.state) if spec.state else spec.team.state
        self.upstream = upstream or open_upstream(self.team.upstream, self.state)
        self.redactor = Redactor(list(spec.secrets.values()))
        self.sandbox = sandbox.make(self.team.sandbox)
        self.folder = self.state / "agents" / spec.agent / spec.session
        self.place = sandbox.Place(f"{spec.team_id}.{spec.agent}.{spec.session}", self.folder / "clone",
                                   self.folder / "exchange", self.state / "agents" / spec.agent / "home",
                                   private=self.folder / "private", slots=self.state / "slots")
        self.outcome = Outcome(model=spec.model)
        self.parser = streams.preset_of(spec.agent_section).parser()
        self.tunnel: gitdaemon.GitTunnel | None = None
        self.proxy: Any = None
        self.ref = f"refs/heads/agents/{spec.agent}/{spec.session}"
        self.final_at = 0.0
        self.nudged = False
        self.stop_reason = ""
        self.hard_disk = self.told_full = False
        self.final_ok = True
        self.doing, self.used, self.progress_at, self.sessions_told = "", (0, 0.0), -PROGRESS_EVERY, 0

    # --- the steps -------------------------------------------------------------------------------

    def run(self) -> Outcome:
        started = time.monotonic()  # a clock that is set ends no session
        process: subprocess.Popen[bytes] | None = None
        try:
            self._prepare()
            self._set_up()
            process = self._start()
            self._watch(process, started)
        except (OSError, GitError, ValueError, subprocess.SubprocessError) as error:
            self.outcome.reason, self.outcome.failure = "setup", str(error)[:400]
        finally:
            self.outcome.seconds = time.monotonic() - started
            if process is not None and process.poll() is None:
                self._abandon(process)
            self._close()
        return self.outcome

    def _prepare(self) -> None:
        """A private clone of the newest main that shares the upstream's objects."""
        for path in (self.place.exchange / "inbox", self.place.exchange / "verdicts", self.place.exchange / "bin",
                     self.place.exchange / "agent", self.place.exchange / "slots", self.state / "slots",
                     self.place.home, self.folder / "private"):
            path.mkdir(parents=True, exist_ok=True)
        self._limit_disk()
        clone, store = self.place.clone, self.upstream.store
        Repository(self.folder).run("clone", "-q", "--shared", "--no-checkout", "--no-tags", "--single-branch",
                                    "-b", self.team.team.main, str(store.path.resolve()), "clone", timeout=600)
        work = Repository(clone)
        main = self.team.team.main
        work.run("checkout", "-q", "-f", "-B", main, self.spec.base)
        self.place.objects = store.path.resolve() / "objects"
        url = self.team.upstream
        if self.sandbox.isolated and isinstance(self.upstream, LocalUpstream):
            self.tunnel = gitdaemon.GitTunnel(self.place.exchange, store.path, self.spec.agent, self.spec.role, main)
            work.run("config", "core.gitProxy", self.sandbox.exchange_path(self.place) + "/git-proxy")
            url = gitdaemon.URL
        elif isinstance(self.upstream, LocalUpstream):
            url = str(store.path.resolve())
            work.run("config", "remote.origin.receivepack",
                     shlex.join(["git", *receive_options(self.spec.agent, main), "receive-pack"]))
        work.run("remote", "set-url", "origin", url)
        direct = self.team.team.integration == "direct"
        name, email = self.spec.agent, f"{self.spec.agent}@{self.team.team.name}"
        target = main if direct else self.ref
        for key, value in (("user.name", name), ("user.email", email), ("remote.origin.push", f"HEAD:{target}"),
                           ("push.default", "nothing" if not direct else "simple"), ("gc.auto", "0"),
                           ("maintenance.auto", "false"),
                           ("advice.detachedHead", "false"), ("pull.rebase", "true")):
            work.run("config", key, value)
        with (clone / ".git" / "info" / "exclude").open("a") as stream:
            stream.write("".join(f"/{name}\n" for name in self.team.setup.cache + self.team.setup.link
                                 + self.team.setup.copy_files))
        self._exchange_files()
        for name in self.team.setup.cache:
            cache = self.state / "agents" / self.spec.agent / "cache" / name
            cache.mkdir(parents=True, exist_ok=True)
            if self.sandbox.isolated:
                (clone / name).mkdir(parents=True, exist_ok=True)
                self.place.caches[name] = cache
            elif not (clone / name).exists():
                (clone / name).parent.mkdir(parents=True, exist_ok=True)
                (clone / name).symlink_to(cache)

    def _limit_disk(self) -> None:
        """File systems of limited size for all that the agent can write (its /tmp has a size already)."""
        limit = self.team.sandbox.disk_mb
        if not limit or not disklimit.possible():
            return
        own, disks = self.state / "agents" / self.spec.agent, self.state / "disks"
        hard = disklimit.attach(self.place.clone, self._image(), limit) and disklimit.small(
            self.place.exchange / "agent") and disklimit.attach(self.place.home, disks / f"{own.name}-home", limit)
        if hard and self.team.setup.cache:
            hard = disklimit.attach(own / "cache", disks / f"{own.name}-cache", limit)
        self.hard_disk = hard

    def _image(self) -> Path:
        return self.folder / "private" / "clone.image"

    def _exchange_files(self) -> None:
        """What `ouroteam` finds inside of the sandbox: its settings and a way to start it."""
        team, exchange = self.team, self.place.exchange
        (exchange / "team.json").write_text(json.dumps({
            "main": team.team.main, "claims": team.team.claims, "integration": team.team.integration,
            "lease": team.lease.seconds, "check": team.check.model_dump(), "agent": self.spec.agent,
            "role": self.spec.role, "planner": self.spec.role_section.planner, "session": self.spec.session,
            "ref": self.ref, "index": self.spec.index, "count": self.spec.count}))
        main_report = self.state / "reports" / "main.json"
        if main_report.exists():
            shutil.copyfile(main_report, exchange / "main-report.json")
        script = exchange / "bin" / "ouroteam"
        source = Path(__file__).resolve().parents[1]
        path = f"PYTHONPATH='{source}'${{PYTHONPATH:+:$PYTHONPATH}} " if source.name == "src" else ""
        script.write_text(f"#!/bin/sh\n{path}exec '{sys.executable}' -m ouroteam \"$@\"\n")
        script.chmod(0o755)
        agent = exchange / "bin" / "ouroteam-scripted-agent"
        agent.write_text(f"#!/bin/sh\n{path}exec '{sys.executable}' -m ouroteam.scripted \"$@\"\n")
        agent.chmod(0o755)
        for number, text in enumerate(self.spec.messages):
            _write(exchange / "inbox" / f"{number:04d}.txt", text)

    def environment(self, secrets: bool = True) -> dict[str, str]:
        """The allow-list, fixed values, the harness's own variables; secrets only where asked for."""
        spec, settings = self.spec, self.team.environment
        container = self.team.sandbox.kind in ("docker", "podman")
        env: dict[str, str] = {}
        for name, value in os.environ.items():
            if settings.allows(name):
                env[name] = value
        if container:
            for name in ("PATH", "SHELL", "USER", "LOGNAME", "TMPDIR"):
                env.pop(name, None)
        env.update(settings.set)
        if secrets:
            env.update(spec.secrets)
        exchange = self.sandbox.exchange_path(self.place)
        home = self.sandbox.home_path(self.place)
        if home:
            env["HOME"] = home
        if self.sandbox.isolated and not container:
            folders = [str(Path(sys.prefix) / "bin"), "/usr/local/bin", "/usr/bin", "/bin"]
            env["PATH"] = ":".join(dict.fromkeys([*env.get("PATH", "").split(":"), *folders])).strip(":")
        env["PATH"] = f"{exchange}/bin:" + (env.get("PATH") or "/usr/local/bin:/usr/bin:/bin")
        port = self.team.setup.port_base + spec.index * self.team.setup.ports
        env.update({
            "OUROTEAM_AGENT": spec.agent, "OUROTEAM_SESSION": spec.session, "OUROTEAM_ROLE": spec.role,
            "OUROTEAM_TASK": spec.task, "OUROTEAM_DIR": exchange, "OUROTEAM_TEAM": spec.team_id,
            "OUROTEAM_PORT": str(port), "OUROTEAM_PORT_COUNT": str(self.team.setup.ports),
            "OUROTEAM_AGENT_INDEX": str(spec.index), "OUROTEAM_AGENT_COUNT": str(spec.count),
            "OUROTEAM_BASE": spec.base, "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true",
            "GIT_AUTHOR_NAME": spec.agent, "GIT_COMMITTER_NAME": spec.agent,
            "GIT_AUTHOR_EMAIL": f"{spec.agent}@{self.team.team.name}",
            "GIT_COMMITTER_EMAIL": f"{spec.agent}@{self.team.team.name}"})
        slots = self.team.admission.build_slots or os.cpu_count() or 1
        env["OUROTEAM_BUILD_SLOTS"] = str(slots)
        env["OUROTEAM_SLOT_DIR"] = f"{exchange}/slots" if self.sandbox.isolated else str(self.state / "slots")
        return env

    def _set_up(self) -> None:
        setup, root = self.team.setup, self.team.root
        for name in setup.copy_files:
            target = self.place.clone / name
            target.parent.mkdir(parents=True, exist_ok=True)
            source = root / name
            shutil.copytree(source, target, dirs_exist_ok=True) if source.is_dir() else shutil.copy2(source, target)
        for name in setup.link:
            target = self.place.clone / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                target.symlink_to((root / name).resolve())
        for command in setup.run:
            self._helper(command)

    def _helper(self, command: str) -> None:
        """A set-up or tear-down command: in the sandbox, without secrets."""
        env = self.environment(secrets=False)
        process = self._shim(["sh", "-c", command], env, "")
        try:
            out, err = process.communicate(timeout=self.team.setup.timeout)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.communicate(timeout=60)
            raise ValueError(f"set-up command took longer than {self.team.setup.timeout:.0f} s: {command}") from None
        if process.returncode:
            text = (out + err).decode("utf-8", "replace").strip()[-300:]
            raise ValueError(f"set-up command failed: {command}: {self.redactor.text(text)}")

    def _network(self) -> bool:
        return self.team.sandbox.network == "on"

    def _shim(self, command: list[str], env: dict[str, str], stdin: str, network: bool | None = None
              ) -> subprocess.Popen[bytes]:
        network = self._network() if network is None else network
        if not network and self.team.sandbox.allow and self.sandbox.isolated:
            from ouroteam import network as allowed
            if self.proxy is None:
                self.proxy = allowed.AllowProxy(self.place.exchange, self.team.sandbox.allow)
            command = self.proxy.inside(command, self.sandbox.exchange_path(self.place))
            env = {**env, **allowed.VARIABLES}
        wrapped = self.sandbox.command(command, self.place, env, network)
        private = self.folder / "private"
        spec = {"command": wrapped, "cwd": str(self.place.clone), "limits": self.sandbox.limits(),
                "nice": self.team.sandbox.nice, "grace": self.team.session.stop_grace, "parent": os.getpid(),
                "name": "ouroteam-" + self.place.name.replace("/", "."), "held": str(private / "limits.json"),
                "stdin": stdin}
        file = private / "shim.json"
        file.write_text(json.dumps(spec))
        shim = str(Path(__file__).with_name("shim.py"))
        return self.spawn([sys.executable, "-I", "-S", shim, str(file)], self.sandbox.starter_environment(env),
                          self.place.clone)

    def _start(self) -> subprocess.Popen[bytes]:
        spec, exchange = self.spec, self.sandbox.exchange_path(self.place)
        if spec.resume:
            text = prompt.follow_up(spec.returned, spec.messages)
        else:
            text = prompt.compose(self.team, spec.role_section, mission=spec.mission, agent=spec.agent, ref=self.ref,
                                  exchange=exchange, task=spec.task, task_text=spec.task_text,
                                  messages=spec.messages, rescue=spec.rescue, returned=spec.returned)
        # Tasks and messages may hold what no argument and no file in UTF-8 can.
        text = text.replace("\0", "").encode("utf-8", "replace").decode()
        (self.place.exchange / "prompt.md").write_text(text)
        values = {"prompt": text, "prompt_file": f"{exchange}/prompt.md", "model": spec.model,
                  "session": spec.session, "clone": self.sandbox.clone_path(self.place), "agent": spec.agent}
        command, by_stdin = streams.command_line(spec.agent_section, values, spec.resume)
        if not command:
            raise ValueError("agent.command is empty: preset plain needs one")
        if max(len(part.encode()) for part in command) > 120_000:
            raise ValueError("the prompt is too long for an argument; use {prompt_file} in agent.command")
        stdin = str(self.place.exchange / "prompt.md") if by_stdin else ""
        return self._shim(command, self.environment(), stdin)

    # --- watching --------------------------------------------------------------------------------

    def _watch(self, process: subprocess.Popen[bytes], started: float) -> None:
        assert process.stdout is not None and process.stderr is not None
        limits, log = self.team.session, LogFile(Path(self.spec.log), int(self.team.session.log_limit_mb * (1 << 20)),
                                                 self.redactor)
        self.report("process", {"pid": process.pid})
        selector = selectors.DefaultSelector()
        for stream in (process.stdout, process.stderr):
            os.set_blocking(stream.fileno(), False)
            selector.register(stream, selectors.EVENT_READ)
        rest, first, alive, checked, cpu = b"", False, time.monotonic(), 0.0, Pulse(limits.stall)
        while not self.stop_reason:
            now = time.monotonic()
            open_streams = len(selector.get_map())
            for key, _ in selector.select(0.25 if open_streams else 0.0):
                data = _read(key.fd)
                if not data:
                    selector.unregister(key.fileobj)
                    continue
                first, alive, self.nudged = True, now, False
                log.write(data)
                if key.fileobj is process.stdout:
                    rest = self._lines(rest + data)
            if process.poll() is not None:
                break
            if not open_streams:
                time.sleep(0.05)
            self._requests()
            self._progress()
            if now - checked > LIVENESS_EVERY:
                checked = now
                if cpu.beats(now, self._cpu(process.pid)) or self._checking():
                    alive, self.nudged = now, False
                self._disk()
            self._limits(now, started, first, alive, limits.stall)
        self._end(process, selector, log, rest)
        log.close()
        self._judge(process.returncode)

    def _limits(self, now: float, started: float, first: bool, alive: float, stall: float) -> None:
        limits = self.team.session
        budget = self.spec.seconds_left
        if self.final_at and now - self.final_at > limits.grace:
            self.stop_reason = "done" if self.final_ok else "failed"
        elif now - started > limits.time_limit:
            self.stop_reason = "time"
        elif budget and now - started > budget:
            self.stop_reason = "budget"
        elif not first and now - started > limits.first_output:
            self.stop_reason = "silent"
        elif now - alive > 2 * stall:
            self.stop_reason = "stalled"
        elif now - alive > stall and not self.nudged:
            self.nudged = True
            self._tell("The harness saw no output and no CPU use for a while. Go on, or finish and stop.")
            self.report("nudged", {"seconds": round(now - alive)})

    def _lines(self, data: bytes) -> bytes:
        """Parse the complete lines; the rest is kept up to a limit."""
        *lines, rest = data.split(b"\n")
        for line in lines:
            for event in self.parser.feed(line[:LINE_LIMIT].decode("utf-8", "replace")):
                self._event(event)
        return rest if len(rest) <= LINE_LIMIT else b""

    def _event(self, event: StreamEvent) -> None:
        outcome = self.outcome
        if event.kind == "session":
            before = outcome.resume, outcome.model
            outcome.resume = event.resume or outcome.resume
            outcome.model = event.model or outcome.model
            if (outcome.resume, outcome.model) != before and self.sessions_told < SESSIONS_TOLD:
                self.sessions_told += 1
                self.report("agent-session", {"resume": outcome.resume, "model": outcome.model})
        elif event.kind == "doing":
            outcome.failure = event.text
            self._progress()
        elif event.kind == "usage":
            outcome.tokens, outcome.cost = event.tokens, event.cost
            self._progress()
            if (self.spec.tokens_left and event.tokens >= self.spec.tokens_left) or (
                    self.spec.cost_left and event.cost >= self.spec.cost_left):
                self.stop_reason = self.stop_reason or "budget"
        elif event.kind == "refused":
            again = bool(outcome.refused_until) and event.until <= outcome.refused_until
            outcome.refused_until = max(event.until, outcome.refused_until) or -1.0
            outcome.failure = event.text
            if not again:
                self.report("refused", {"until": event.until, "text": event.text})
        elif event.kind == "final":
            self.final_at, self.final_ok = time.monotonic(), event.ok
            if not event.ok:
                outcome.failure = event.text or outcome.failure

    def _progress(self, last: bool = False) -> None:
        """What the agent does and has used, at most once in PROGRESS_EVERY: it may print millions of lines."""
        now, outcome = time.monotonic(), self.outcome
        if not last and now - self.progress_at < PROGRESS_EVERY:
            return
        doing, used = outcome.failure, (outcome.tokens, outcome.cost)
        if doing and doing != self.doing:
            self.doing, self.progress_at = doing, now
            self.report("doing", {"text": doing})
        if used != self.used:
            self.used, self.progress_at = used, now
            self.report("usage", {"tokens": used[0], "cost": used[1]})

    def _requests(self) -> None:
        for kind, text in self.control.poll():
            if kind == "stop":
                self.stop_reason = text or "stopped"
            elif kind == "restart":
                self.stop_reason = "stale"
            elif kind == "tell":
                self._tell(text)
            elif kind == "verdict":
                data = json.loads(text)
                _write(self.place.exchange / "verdicts" / f"{data['sha']}.json", text)

    def _tell(self, text: str) -> None:
        """A message that the agent can find while it works."""
        inbox = self.place.exchange / "inbox"
        with contextlib.suppress(OSError):
            _write(inbox / f"{len(os.listdir(inbox)):04d}-{int(time.time())}.txt", text + "\n")

    def _cpu(self, pid: int) -> float:
        """CPU seconds of the whole tree (processes that ended count with their parent)."""
        used = 0.0
        with contextlib.suppress(psutil.Error):
            root = psutil.Process(pid)
            for process in [root, *root.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    times = process.cpu_times()
                    own = 0.0 if process.pid == pid else times.user + times.system
                    used += own + times.children_user + times.children_system
        return used

    def _checking(self) -> bool:
        """`ouroteam check` touches this file while it runs."""
        with contextlib.suppress(OSError):
            return time.time() - (self.place.exchange / "agent" / "checking").lstat().st_mtime < 30
        return False

    def _disk(self) -> None:
        limit = self.team.sandbox.disk_mb
        if self.hard_disk:
            if not self.told_full and disklimit.full(self.place.clone):
                self.told_full = True
                self._tell(f"Your disk of {limit} MB is full: delete what you don't need.")
                self.report("over-disk", {"mb": limit})
            return
        own = [self.folder, self.place.home, *self.place.caches.values()]
        if limit and sum(disk_usage(folder, limit << 20, skip="clone.image") for folder in own) > limit << 20:
            self.stop_reason, self.outcome.failure = "disk", f"more than {limit} MB of disk"
            self.report("over-disk", {"mb": limit})

    def _end(self, process: subprocess.Popen[bytes], selector: selectors.BaseSelector, log: LogFile,
             rest: bytes) -> None:
        """End the tree, reading on so that nobody blocks on a full pipe."""
        if process.poll() is None:
            process.terminate()
        deadline = time.monotonic() + self.team.session.stop_grace + 35
        quiet = 0
        while selector.get_map() and time.monotonic() < deadline:
            ready = selector.select(0.1)
            for key, _ in ready:
                data = _read(key.fd)
                if not data:
                    selector.unregister(key.fileobj)
                    continue
                log.write(data)
                if key.fileobj is process.stdout:
                    rest = self._lines(rest + data)
            quiet = 0 if ready else quiet + 1
            if process.poll() is not None and quiet > 3:
                break
        if rest:
            self._lines(rest + b"\n")
        try:
            process.wait(max(1.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        self._progress(last=True)
        selector.close()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        self.sandbox.end(self.place)

    def _abandon(self, process: subprocess.Popen[bytes]) -> None:
        """The harness met an error while it watched: the tree ends before its clone is looked at."""
        process.terminate()
        try:
            process.wait(self.team.session.stop_grace + 35)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        self.sandbox.end(self.place)

    def _judge(self, code: int) -> None:
        outcome = self.outcome
        outcome.code = code
        if outcome.refused_until and not (self.final_at and self.final_ok):
            outcome.reason = "refused"
        elif self.stop_reason:
            outcome.reason = self.stop_reason
        else:
            outcome.reason = "done" if code == 0 and self.final_ok else "failed"
        if outcome.reason == "done":
            outcome.failure = ""
        else:
            outcome.failure = self.redactor.text(outcome.failure or f"exit {code}")

    # --- the end ---------------------------------------------------------------------------------

    def _close(self) -> None:
        """Tear-down, salvage, forgotten submission, deletion after proof."""
        if self.place.clone.exists():
            for command in self.team.setup.tear_down:
                with contextlib.suppress(OSError, ValueError, subprocess.SubprocessError):
                    self._helper(command)
        if self.tunnel:
            self.tunnel.close()
        if self.proxy:
            self.proxy.close()
        self.settle()

    def settle(self) -> None:
        """Salvage the clone; also called for a session whose harness was killed."""
        spec, outcome = self.spec, self.outcome
        if self._image().exists():
            disklimit.attach(self.place.clone, self._image(), 0)  # the machine may have been restarted
        if outcome.reason == "disk":
            self._drop_large_files()
        private = self.folder / "private" / "salvage.git"
        saved = salvage.rescue(self.place.clone, self.upstream, private, agent=spec.agent, session=spec.session,
                               base=spec.base, main=self.team.team.main, redactor=self.redactor,
                               reflogs=outcome.reason != "done")
        outcome.commits = max(outcome.commits, saved.commits)
        outcome.rescued = dict(saved.rescued)
        if outcome.reason == "done" and self.team.session.submit_at_end and not spec.role_section.planner:
            self._submit(saved)
        if outcome.rescued or saved.problem or saved.skipped:
            self.report("rescued", {"refs": outcome.rescued, "problem": saved.problem, "skipped": saved.skipped[:50],
                                    "kept": "" if saved.proven else str(self.folder)})
        for folder in (self.place.exchange / "agent", self.place.home, self.state / "agents" / spec.agent / "cache"):
            disklimit.detach(folder)
        if saved.proven:
            disklimit.detach(self.place.clone)
        salvage.discard(self.folder, saved)

    def _drop_large_files(self, limit: int = 50 << 20) -> None:
        """A full disk first of all needs room; files of this size are not rescued anyway."""
        dropped = []
        for folder, _, names in os.walk(self.place.clone):
            for name in names:
                path = Path(folder) / name
                with contextlib.suppress(OSError):
                    if path.lstat().st_size > limit and not path.is_symlink():
                        path.unlink()
                        dropped.append(str(path.relative_to(self.place.clone)))
        self.report("dropped", {"files": dropped[:50]})

    def _submit(self, saved: salvage.Salvaged) -> None:
        """Work that was committed but not pushed goes to the queue instead of a rescue ref."""
        if self.team.team.integration == "direct" or not saved.head:
            return
        for ref, sha in saved.rescued.items():
            if sha == saved.head:
                size = self.upstream.store.size_of_new(sha, self.team.team.main)
                if size > self.team.queue.max_push_mb << 20:
                    self.outcome.failure = (f"not submitted: {size >> 20} MB, queue.max_push_mb allows "
                                            f"{self.team.queue.max_push_mb}; kept as {ref}")
                    return
                old = self.upstream.ref(self.ref)
                if old and not self.upstream.store.is_ancestor(old, sha):
                    return
                if self.upstream.transaction([RefChange(self.ref, sha, old), RefChange(ref, None, sha)]):
                    self.outcome.submitted = sha
                    del self.outcome.rescued[ref]
                return


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 18)
    except OSError:
        return b""


def _write(path: Path, text: str) -> None:
    """Complete or absent, never half."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(text.encode("utf-8", "replace"))
    os.replace(temporary, path)


def disk_usage(folder: Path, enough: int, skip: str = "") -> int:
    """Bytes under a folder, files named ``skip`` not; stops counting above ``enough``."""
    used, todo = 0, [str(folder)]
    while todo and used <= enough:
        try:
            with os.scandir(todo.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
                    elif entry.name != skip:
                        used += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:
            continue
    return used
