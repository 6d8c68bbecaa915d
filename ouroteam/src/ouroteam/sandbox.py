"""What surrounds an agent: none, bubblewrap, docker, podman; the same interface.

Input: a command and a ``Place`` (the session's clone and folders). Output: the command that runs it in the
sandbox. The environment is the caller's (already cut down to the allow-list); secrets never become arguments,
which every process could read. In all kinds but ``none`` the agent sees its clone as /workspace and the
session's exchange folder as /ouroteam, has its own processes, and sees of the shared repository only the objects,
read-only; it talks to it through ``gitdaemon.py``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

from ouroteam.config import SandboxSection

WORKSPACE, EXCHANGE, HOME = "/workspace", "/ouroteam", "/home/agent"
_ETC = ["passwd", "group", "hosts", "resolv.conf", "nsswitch.conf", "ssl", "ca-certificates", "alternatives",
        "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "protocols", "services"]


@dataclass
class Place:
    """Folders of one session on the host."""

    name: str
    clone: Path
    exchange: Path
    home: Path
    objects: Path | None = None
    caches: dict[str, Path] = field(default_factory=dict)
    private: Path | None = None
    slots: Path | None = None


class Sandbox:
    """No sandbox: limits and a subreaper only. An agent can read and end whatever its user can."""

    kind = "none"
    isolated = False

    def __init__(self, settings: SandboxSection) -> None:
        self.settings = settings

    def clone_path(self, place: Place) -> str:
        return str(place.clone)

    def exchange_path(self, place: Place) -> str:
        return str(place.exchange)

    def home_path(self, place: Place) -> str:
        return ""

    def command(self, command: list[str], place: Place, env: dict[str, str], network: bool) -> list[str]:
        return command

    def starter_environment(self, env: dict[str, str]) -> dict[str, str]:
        """The environment of the program that starts the command."""
        return env

    def limits(self) -> dict[str, float | int]:
        """What the shim has to set."""
        s = self.settings
        return {"cpus": s.cpus, "memory_mb": s.memory_mb, "processes": s.processes, "file_mb": s.file_mb}

    def end(self, place: Place) -> None:
        """Make sure that nothing of the session runs any more."""

    def problems(self) -> list[str]:
        """Why this sandbox can't work here."""
        return []


class Isolated(Sandbox):
    """What all sandboxes but none have in common: the paths that the agent sees."""

    isolated = True

    def clone_path(self, place: Place) -> str:
        return WORKSPACE

    def exchange_path(self, place: Place) -> str:
        return EXCHANGE

    def home_path(self, place: Place) -> str:
        return HOME


class Bubblewrap(Isolated):
    """Own PID, mount, IPC, host-name and optionally network namespace, no capabilities, no nested namespaces."""

    kind = "bubblewrap"

    def command(self, command: list[str], place: Place, env: dict[str, str], network: bool) -> list[str]:
        s = self.settings
        args = ["bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
                "--disable-userns", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
                "--uid", "1000", "--gid", "1000", "--hostname", "agent"]
        if not network:
            args.append("--unshare-net")
        args += ["--ro-bind", "/usr", "/usr"]
        for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
            path = Path("/") / name
            if path.is_symlink():
                args += ["--symlink", os.readlink(path), str(path)]
            elif path.is_dir():
                args += ["--ro-bind", str(path), str(path)]
        for name in _ETC:
            args += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
        args += ["--proc", "/proc", "--dev", "/dev"]
        if s.disk_mb:
            args += ["--size", str(s.disk_mb << 20)]
        args += ["--tmpfs", "/tmp"]
        for folder in interpreter_folders():
            args += ["--ro-bind", folder, folder]
        for name in s.read_only:
            args += ["--ro-bind-try", os.path.expanduser(name), _inside_home(name)]
        for name in s.read_write:
            args += ["--bind-try", os.path.expanduser(name), _inside_home(name)]
        args += ["--bind", str(place.home), HOME] if not any(
            n.startswith("~") for n in s.read_only + s.read_write) else _home_first(args, place)
        if place.objects:
            args += ["--ro-bind", str(place.objects), str(place.objects)]
        # The harness writes into the exchange folder: an agent that could put a link there would write anywhere.
        args += ["--bind", str(place.clone), WORKSPACE, "--ro-bind", str(place.exchange), EXCHANGE,
                 "--bind", str(place.exchange / "agent"), f"{EXCHANGE}/agent"]
        if place.slots:
            args += ["--bind", str(place.slots), f"{EXCHANGE}/slots"]
        for inside, outside in place.caches.items():
            args += ["--bind", str(outside), f"{WORKSPACE}/{inside}"]
        return [*args, "--chdir", WORKSPACE, "--", *command]

    def problems(self) -> list[str]:
        if not shutil.which("bwrap"):
            return ["bubblewrap is not installed (Debian: apt install bubblewrap)"]
        probe = subprocess.run(["bwrap", "--unshare-user", "--unshare-pid", "--disable-userns", "--ro-bind", "/", "/",
                                "--proc", "/proc", "true"], capture_output=True, text=True, timeout=20)
        return [] if probe.returncode == 0 else [f"bubblewrap doesn't work here: {probe.stderr.strip()}"]


def _inside_home(name: str) -> str:
    return HOME + name[1:] if name.startswith("~") else name


def _home_first(args: list[str], place: Place) -> list[str]:
    """The private home has to be mounted before folders shown inside of it."""
    where = min(i for i, arg in enumerate(args) if arg in ("--ro-bind-try", "--bind-try") and
                args[i + 2].startswith(HOME))
    args[where:where] = ["--bind", str(place.home), HOME]
    return []


def interpreter_folders() -> list[str]:
    """Folders outside of /usr that Python and this package need, so that `ouroteam check` works inside."""
    found = {sys.prefix, sys.base_prefix, sysconfig.get_paths()["purelib"], str(Path(__file__).resolve().parents[1])}
    real = {os.path.realpath(path) for path in found} | found
    wanted = sorted(path for path in real if not path.startswith("/usr/") and path not in ("/", "/usr"))
    return [path for path in wanted if not any(path != other and path.startswith(other + "/") for other in wanted)]


class Container(Isolated):
    """docker and podman."""

    def __init__(self, settings: SandboxSection, kind: str) -> None:
        super().__init__(settings)
        self.kind = kind

    def command(self, command: list[str], place: Place, env: dict[str, str], network: bool) -> list[str]:
        s = self.settings
        args = [self.kind, "run", "--rm", "--init", "-i", "--name", container_name(place), "--label",
                f"ouroteam={place.name.split('.')[0]}", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
                "--workdir", WORKSPACE, "--hostname", "agent"]
        if os.getuid() != 0:  # files of the clone stay ours; podman knows keep-id only without root
            args += ["--userns", "keep-id"] if self.kind == "podman" else ["--user", f"{os.getuid()}:{os.getgid()}"]
        if not network:
            args += ["--network", "none"]
        for flag, value in (("--cpus", s.cpus), ("--pids-limit", s.processes)):
            if value:
                args += [flag, str(value)]
        if s.memory_mb:
            args += ["--memory", f"{s.memory_mb}m", "--memory-swap", f"{s.memory_mb}m"]
        if s.file_mb:
            args += ["--ulimit", f"fsize={s.file_mb << 20}"]
        args += ["--tmpfs", f"/tmp:exec,size={s.disk_mb}m" if s.disk_mb else "/tmp:exec"]
        mounts = [(str(place.clone), WORKSPACE, ""), (str(place.exchange), EXCHANGE, ":ro"),
                  (str(place.exchange / "agent"), f"{EXCHANGE}/agent", ""), (str(place.home), HOME, "")]
        if place.slots:
            mounts.append((str(place.slots), f"{EXCHANGE}/slots", ""))
        mounts += [(str(outside), f"{WORKSPACE}/{inside}", "") for inside, outside in place.caches.items()]
        mounts += [(os.path.expanduser(name), _inside_home(name), ":ro") for name in s.read_only]
        mounts += [(os.path.expanduser(name), _inside_home(name), "") for name in s.read_write]
        if place.objects:
            mounts.append((str(place.objects), str(place.objects), ":ro"))
        for outside, inside, flag in mounts:
            args += ["--volume", f"{outside}:{inside}{flag}"]
        # Values stay out of the argument list, which every process can read.
        private = place.private or place.exchange.parent
        file = private / "environment"
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write("".join(f"{name}={value}\n" for name, value in sorted(env.items()) if "\n" not in value))
        return [*args, "--env-file", str(file), s.image, *command]

    def starter_environment(self, env: dict[str, str]) -> dict[str, str]:
        """docker's own program needs the host's PATH, HOME and DOCKER_*, not the agent's."""
        names = ("PATH", "HOME", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DOCKER_HOST", "DOCKER_CONFIG",
                 "CONTAINER_HOST", "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF", "LANG")
        own = {name: os.environ[name] for name in names if name in os.environ}
        return {**own, "OUROTEAM_TEAM": env.get("OUROTEAM_TEAM", "")}

    def limits(self) -> dict[str, float | int]:
        return {}

    def end(self, place: Place) -> None:
        subprocess.run([self.kind, "rm", "-f", container_name(place)], capture_output=True, timeout=60, check=False)

    def problems(self) -> list[str]:
        if not shutil.which(self.kind):
            return [f"{self.kind} is not installed"]
        try:
            probe = subprocess.run([self.kind, "info"], capture_output=True, text=True, timeout=30)
        except subprocess.TimeoutExpired:
            return [f"{self.kind} doesn't answer"]
        return [] if probe.returncode == 0 else [f"{self.kind} doesn't work here: {probe.stderr.strip()[-200:]}"]


def container_name(place: Place) -> str:
    return "ouroteam-" + place.name.replace("/", ".")


def make(settings: SandboxSection) -> Sandbox:
    if settings.kind == "bubblewrap":
        return Bubblewrap(settings)
    if settings.kind in ("docker", "podman"):
        return Container(settings, settings.kind)
    return Sandbox(settings)
