"""Sessions in real podman containers; skipped where podman is missing or can't run one.

The image is a few symbolic links and /etc/passwd, made by ``podman import``: programs come from the host's /usr,
shown read-only. No registry, no network.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ouroteam import sandbox
from ouroteam.config import SandboxSection
from test_session import Run

IMAGE = "ouroteam-test-usr"


def podman(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["podman", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120,
                          env={**os.environ, **env})


def image(folder: Path) -> Path:
    """The host's programs without the host: links into /usr."""
    root = folder / "root"
    for name in ("usr", "etc", "tmp", "proc", "sys", "dev", "root", "home", "run", "var"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        if Path("/", name).is_symlink():
            (root / name).symlink_to(os.readlink(Path("/", name)))
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    with tarfile.open(folder / "image.tar", "w") as archive:
        archive.add(root, ".")
    return folder / "image.tar"


@pytest.fixture(scope="module", autouse=True)
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The image, and settings with which this machine's podman runs a container at all."""
    if not shutil.which("podman"):
        pytest.skip("no podman")
    folder = tmp_path_factory.mktemp("podman")
    made = podman("import", "-q", str(image(folder)), IMAGE)
    if made.returncode:
        pytest.skip(f"podman import: {made.stderr[-200:]}")
    files, processes = (min(4096, resource.getrlimit(kind)[1]) for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC))
    limits = f'[containers]\ndefault_ulimits = ["nofile={files}:{files}", "nproc={processes}:{processes}"]\n'
    runtime = '[engine]\nruntime = "runc"\n' if shutil.which("runc") else ""
    conf, before, said = folder / "containers.conf", os.environ.get("CONTAINERS_CONF"), ""
    for text in ("", limits, runtime + limits):
        conf.write_text(text)
        probe = podman("run", "--rm", "--init", "--network", "none", "-v", "/usr:/usr:ro", IMAGE, "true",
                       CONTAINERS_CONF=str(conf))
        if probe.returncode == 0:
            break
        said = probe.stderr.strip()[-200:]
    else:
        podman("rmi", "-f", IMAGE)
        pytest.skip(f"podman can't run a container here: {said}")
    os.environ["CONTAINERS_CONF"] = str(conf)
    yield
    podman("rmi", "-f", IMAGE)
    os.environ.pop("CONTAINERS_CONF")
    if before is not None:
        os.environ["CONTAINERS_CONF"] = before


def run(folder: Path, script: str, **settings: Any) -> Run:
    shown = ["/usr", *sandbox.interpreter_folders()]
    return Run(folder, script, {"sandbox": {"kind": "podman", "image": IMAGE, "network": "off", "read_only": shown,
                                            "processes": 80, "memory_mb": 600, "disk_mb": 40, **settings}},
               files={"a.txt": "a\n"})


def test_doctor_finds_podman() -> None:
    assert sandbox.make(SandboxSection(kind="podman", image=IMAGE)).problems() == []


def test_work_is_pushed_from_a_container(tmp_path: Path) -> None:
    """The agent, its claim, its push through the socket; the clone is gone afterwards, and so is the container."""
    session = run(tmp_path, "claim:t1,write:b.txt:hello,commit,push,usage:50:0.2,shell:ls /proc | grep -c '^[0-9]'")
    outcome = session()
    assert (outcome.reason, outcome.tokens, outcome.commits) == ("done", 50, 1), session.text
    assert session.upstream.store.read("refs/heads/agents/w-1/s0:b.txt") == "hello\n"
    assert not session.session.folder.exists() and not session.refs("refs/rescue/")
    assert "team1" not in podman("ps", "-a", "--format", "{{.Names}}").stdout


@pytest.mark.parametrize(("attack", "sign"), [
    ("kill -9 -1; sleep 1", ""), ("rm -rf --no-preserve-root / 2>/dev/null; ls /usr/bin | wc -l", ""),
    ("cat PROBE/private.txt; ls PROBE /home /work", "No such file"),
    ("echo x > PROBE/upstream.git/objects/x; rm -rf PROBE/upstream.git/*", "Read-only"),
    ("for i in $(seq 200); do sleep 3 & done; wait", "fork"), ("head -c 60000000 /dev/zero > /tmp/x", "No space"),
    ("getent hosts localhost; python3 -c \"import socket; socket.create_connection(('192.0.2.1', 80), 2)\"",
     "unreachable"),
    ("mount -t tmpfs x /tmp; chroot / true; unshare -m true", "ermi")])
def test_attacks_stay_in_the_container(tmp_path: Path, attack: str, sign: str) -> None:
    (tmp_path / "private.txt").write_text("PRIVATE-OF-THE-HOST\n")
    session = run(tmp_path, "")
    session.session.spec.team.agent = session.session.spec.team.agent.model_copy(
        update={"preset": "plain", "command": ["sh", "-c", attack.replace("PROBE", str(tmp_path))], "extra_args": []})
    programs = len(os.listdir("/usr/bin"))
    session()
    assert sign in session.text and "PRIVATE-OF-THE-HOST" not in session.text, session.text
    assert len(os.listdir("/usr/bin")) == programs
    assert session.upstream.store.run("fsck", check=False).code == 0 and session.upstream.ref("refs/heads/main")
    assert "team1" not in podman("ps", "-a", "--format", "{{.Names}}").stdout
