"""Each trap of git, SQLite and Linux that was met in measurements, as a test."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from helpers import bare, commit_on, git
from ouroteam import shim as shim_module
from ouroteam.claims import Claims, FileClaims, PushStore, task_name
from ouroteam.gitdaemon import Turnstile
from ouroteam.journal import JournalWriter, Locked
from ouroteam.merging import Head, merge_batch
from ouroteam.repository import (
    GitError,
    RefChange,
    Repository,
    accepted,
    crowded,
    index_commits,
    pack_objects,
    receive_options,
    recover_locks,
)


def clone(folder: Path, name: str) -> Path:
    git(folder, "clone", "-q", "upstream.git", name)
    return folder / name


def test_1_equal_claim_objects_would_both_win(tmp_path: Path) -> None:
    """The same blob pushed twice: git says "up to date" and exits 0; only ``*`` in --porcelain means won."""
    bare(tmp_path)
    one, two = Repository(clone(tmp_path, "one")), Repository(clone(tmp_path, "two"))
    blob = one.blob("same\n")
    assert two.blob("same\n") == blob
    assert one.push("origin", [RefChange("refs/claims/t", blob, None)])
    plain = two.run("push", "origin", f"{blob}:refs/claims/t", check=False)
    assert plain.code == 0  # the trap
    assert not two.push("origin", [RefChange("refs/claims/t", blob, None)])
    leases = [Claims(PushStore(tmp_path / name), 100).take("u", name, "s") for name in ("one", "two")]
    assert [lease is not None for lease in leases] == [True, False]


def test_1_porcelain_is_read_right() -> None:
    assert accepted("To x\n*\tabc:refs/claims/t\t[new reference]\nDone\n", ["refs/claims/t"])
    assert not accepted("To x\n=\tabc:refs/claims/t\t[up to date]\nDone\n", ["refs/claims/t"])
    assert not accepted("To x\n!\tabc:refs/claims/t\t[rejected] (stale info)\n", ["refs/claims/t"])
    assert not accepted("", ["refs/claims/t"])


def test_2_a_plus_would_override_the_lease(tmp_path: Path) -> None:
    upstream = bare(tmp_path)
    one = Repository(clone(tmp_path, "one"))
    first, second = one.blob("1\n"), one.blob("2\n")
    assert one.push("origin", [RefChange("refs/claims/t", first, None)])
    assert not one.push("origin", [RefChange("refs/claims/t", second, one.blob("0\n"))])
    assert upstream.ref("refs/claims/t") == first
    with_plus = one.run("push", f"--force-with-lease=refs/claims/t:{one.blob('0')}", "origin",
                        f"+{second}:refs/claims/t", check=False)
    assert with_plus.code == 0  # the trap: that is why push() never writes one


def test_3_a_stale_claim_rejects_the_whole_push(tmp_path: Path) -> None:
    upstream = bare(tmp_path)
    one = Repository(clone(tmp_path, "one"))
    head, stale, now = one.run("rev-parse", "HEAD").line, one.blob("old\n"), one.blob("now\n")
    assert one.push("origin", [RefChange("refs/claims/t", now, None)])
    assert not one.push("origin", [RefChange("refs/heads/agents/a/1", head, None), RefChange("refs/claims/t", None, stale)])
    assert upstream.ref("refs/heads/agents/a/1") is None


def test_4_many_pushers_one_winner(tmp_path: Path) -> None:
    bare(tmp_path)
    clones = [clone(tmp_path, f"c{n}") for n in range(6)]
    for round_number in range(2):
        with ThreadPoolExecutor(6) as pool:
            won = list(pool.map(lambda c, r=round_number: Claims(PushStore(c), 100).take(f"t{r}", c.name, "s"), clones))
        assert sum(lease is not None for lease in won) == 1


def test_5_hook_guards_what_denyDeletes_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upstream = bare(tmp_path)
    mine = clone(tmp_path, "one")
    lease = Claims(PushStore(mine), 1000).take("t", "a-1", "s")
    assert lease
    monkeypatch.setenv("OUROTEAM_AGENT", "a-2")
    other = Repository(mine)
    head = other.run("rev-parse", "HEAD").line
    refused = [
        RefChange("refs/claims/t", None, lease.token), RefChange("refs/heads/main", head, head),
        RefChange("refs/heads/agents/a-1/x", head, None), RefChange("refs/rescue/a-1/x", head, None),
        RefChange("refs/heads/other", head, None), RefChange("refs/verdicts/x", head, None)]
    for change in refused[:1] + refused[2:]:
        assert not other.push("origin", [change]), change.ref
    forced = other.run("push", "--force", "origin", f"{commit_on(other, head, {'x': 'y'})}:refs/heads/main", check=False)
    assert forced.code and "merge queue" in forced.err
    assert not other.push("origin", [RefChange("refs/claims/t", other.blob(json.dumps({"agent": "a-1"})), lease.token)])
    assert other.push("origin", [RefChange("refs/heads/agents/a-2/x", head, None)])
    # the whole push is refused, not only the bad part
    assert not other.push("origin", [RefChange("refs/heads/agents/a-2/y", head, None), refused[3]])
    assert upstream.ref("refs/heads/agents/a-2/y") is None
    # an expired lease may be taken over
    assert Claims(PushStore(mine), -10).take("old", "a-2", "s")
    monkeypatch.setenv("OUROTEAM_AGENT", "a-3")
    assert Claims(PushStore(mine), 100).take("old", "a-3", "s") is not None


def test_5_lock_files_open_main_for_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """claims = "files" with a merge queue: agents push claims to main, and only claims."""
    bare(tmp_path, locks=True)
    other = Repository(clone(tmp_path, "one"))
    monkeypatch.setenv("OUROTEAM_AGENT", "a-2")
    head = other.run("rev-parse", "HEAD").line
    for files in ({"x": "y"}, {"x": "y", "current_tasks/t.txt": "a-2"}, {"current_tasks": "a file"}, {"a.txt": None}):
        assert not other.push("origin", [RefChange("refs/heads/main", commit_on(other, head, dict(files)), head)]), files
    assert not other.push("origin", [RefChange("refs/heads/main", None, head)])
    claims = FileClaims(tmp_path / "one")
    assert claims.take("t", "a-2") and not claims.take("t", "a-2") and claims.release("t")
    assert other.run("push", "--force", "origin", f"{head}:refs/heads/main", check=False).code  # never backwards


def test_7_stale_locks_are_removed_at_start(tmp_path: Path) -> None:
    upstream = bare(tmp_path)
    store = upstream.store
    store.run("update-ref", "refs/heads/x", upstream.ref("refs/heads/main") or "")
    store.run("pack-refs", "--all")
    (store.path / "packed-refs.lock").touch()
    (store.path / "refs/heads/y.lock").touch()
    (store.path / "objects/tmp_objdir-incoming-abc").mkdir()
    assert not upstream.transaction([RefChange("refs/heads/x", None, upstream.ref("refs/heads/x"))])
    assert sorted(recover_locks(store.path)) == ["objects/tmp_objdir-incoming-abc", "packed-refs.lock",
                                                 "refs/heads/y.lock"]
    assert upstream.transaction([RefChange("refs/heads/x", None, upstream.ref("refs/heads/x"))])


def test_8_claim_names_are_flat() -> None:
    assert task_name("parser/casts") == "parser-casts"
    assert task_name("a..b.lock") == "a.b-lock"
    assert "/" not in task_name("a/b/c d~^:?*[\\")
    with pytest.raises(ValueError):
        task_name("///")


def test_9_durability_is_configured(tmp_path: Path) -> None:
    store = bare(tmp_path).store
    for key, value in (("core.fsync", "all"), ("transfer.fsckObjects", "true"), ("gc.auto", "0"),
                       ("receive.autogc", "false"), ("receive.maxInputSize", "5m")):
        assert store.run("config", key).line == value


def test_large_push_and_corrupt_objects_are_refused(tmp_path: Path) -> None:
    upstream = bare(tmp_path)
    work = clone(tmp_path, "one")
    (work / "big").write_bytes(os.urandom(8 << 20))
    git(work, "add", "-A")
    git(work, "commit", "-q", "-m", "big")
    assert not Repository(work).push("origin", [RefChange("refs/heads/agents/a/1", git(work, "rev-parse", "HEAD"), None)])
    tree = git(work, "rev-parse", "HEAD~1^{tree}")
    raw = f"tree {tree}\nauthor broken <> nonsense\ncommitter x\n\nm\n"
    sha = Repository(work).run("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=raw).line
    assert not Repository(work).push("origin", [RefChange("refs/heads/agents/a/2", sha, None)])
    assert not upstream.refs("refs/heads/agents/")


def test_a_git_command_has_a_time_limit(tmp_path: Path) -> None:
    store = bare(tmp_path).store
    with pytest.raises(GitError, match="no answer"):
        store.run("-c", "alias.wait=!sleep 5", "wait", timeout=0.3)


def test_one_process_writes_the_journal(tmp_path: Path) -> None:
    journal = JournalWriter(tmp_path / "j.db")
    with pytest.raises(Locked):
        JournalWriter(tmp_path / "j.db")
    journal.record("x")
    journal.close()
    JournalWriter(tmp_path / "j.db").close()


def test_journal_survives_kill_9(tmp_path: Path) -> None:
    """Every acknowledged event is there after the writer was killed."""
    code = ("import sys\nfrom pathlib import Path\nfrom ouroteam.journal import JournalWriter\n"
            f"j = JournalWriter(Path({str(tmp_path / 'j.db')!r}))\n"
            "n = 0\nwhile True:\n    n += 1\n    j.record('n', n=n)\n    print(n, flush=True)\n")
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert process.stdout
        process.stdout.readline()
        time.sleep(0.1)
        process.kill()
        said = [int(line) for line in process.stdout.read().split() if line.isdigit()]
        process.wait()
        journal = JournalWriter(tmp_path / "j.db")
        assert journal.events()[-1].data["n"] >= (said[-1] if said else 1)
        journal.close()


def run_shim(tmp_path: Path, command: list[str], **extra: object) -> subprocess.Popen[bytes]:
    spec = {"command": command, "cwd": str(tmp_path), "limits": {}, "nice": 0, "grace": 0.3, "parent": os.getpid(),
            "name": "ouroteam-test", "held": str(tmp_path / "held.json"), "stdin": "", **extra}
    file = tmp_path / "shim.json"
    file.write_text(json.dumps(spec))
    return subprocess.Popen([sys.executable, "-I", "-S", shim_module.__file__, str(file)], stdout=subprocess.PIPE)


_STUBBORN = ("import os,signal,sys,time\nsignal.signal(15, signal.SIG_IGN)\n"
             "for n in range(2):\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork(): os._exit(0)\n"
             "        os.write(1, b'%d\\n' % os.getpid())\n        time.sleep(60)\n"
             "os.write(1, b'%d\\n' % os.getpid())\ntime.sleep(60)\n")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_stubborn_tree_ends_completely(tmp_path: Path) -> None:
    """SIGTERM ignored, own sessions, double forks: killpg would leave them."""
    process = run_shim(tmp_path, [sys.executable, "-c", _STUBBORN])
    assert process.stdout
    pids = [int(process.stdout.readline()) for _ in range(3)]
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) in (137, 143)
    assert not any(alive(pid) for pid in pids)


def test_the_tree_ends_with_its_harness(tmp_path: Path) -> None:
    """Parent-death signal: the process that started the shim is killed."""
    code = ("import sys, os, json, subprocess, time\nspec = json.load(open(sys.argv[1]))\nspec['parent'] = os.getpid()\n"
            "json.dump(spec, open(sys.argv[1], 'w'))\n"
            f"p = subprocess.Popen([sys.executable, '-I', '-S', {shim_module.__file__!r}, sys.argv[1]])\ntime.sleep(60)\n")
    spec = {"command": [sys.executable, "-c", _STUBBORN], "cwd": str(tmp_path), "limits": {}, "nice": 0, "grace": 0.2,
            "parent": 0, "name": "ouroteam-test", "held": str(tmp_path / "held.json"), "stdin": ""}
    (tmp_path / "shim.json").write_text(json.dumps(spec))
    harness = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "shim.json")], stdout=subprocess.PIPE)
    assert harness.stdout
    pids = [int(harness.stdout.readline()) for _ in range(3)]
    harness.kill()
    harness.wait()
    end = time.monotonic() + 15
    while any(alive(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in pids)


def test_agents_are_started_by_the_main_thread() -> None:
    """The parent-death signal follows the thread: the spawner hands requests over."""
    from ouroteam.executors.local import Spawner
    spawner, started = Spawner(), []

    def agent() -> None:
        started.append(spawner([sys.executable, "-c", "pass"], dict(os.environ), Path("/")))
    thread = threading.Thread(target=agent)
    thread.start()
    time.sleep(0.1)
    assert not started
    spawner.serve(5)
    thread.join(5)
    assert started[0].wait(10) == 0


def test_process_limit_holds_for_root_too(tmp_path: Path) -> None:
    """RLIMIT_NPROC means nothing to root: where cgroups can be written, pids.max is set."""
    process = run_shim(tmp_path, [sys.executable, "-c", "import os\nn = 0\nfor _ in range(60):\n    try:\n"
                                  "        if os.fork() == 0:\n            import time; time.sleep(5); os._exit(0)\n"
                                  "        n += 1\n    except OSError:\n        break\nprint(n, flush=True)"],
                       limits={"processes": 20})
    assert process.stdout
    started = int(process.stdout.readline())
    process.wait(20)
    held = json.loads((tmp_path / "held.json").read_text())
    if os.getuid() == 0 and "pids" not in held:
        pytest.skip("root without a writable pids cgroup: security.md says so")
    assert started < 60


def test_a_torn_journal_is_a_prefix(tmp_path: Path) -> None:
    """The write-ahead log cut anywhere: what opens holds the first n events, and projections that fit them."""
    import random
    import shutil
    journal = JournalWriter(tmp_path / "j.db")
    journal.record("fact", name="begun", value="1")
    journal.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for n in range(30):
        journal.record("session-started", agent="a", session=f"s{n}", base="b")
        journal.record("session-ended", agent="a", session=f"s{n}", reason="done")
    rng = random.Random(3)
    wal = (tmp_path / "j.db-wal").read_bytes()
    for number in range(12):
        folder = tmp_path / str(number)
        folder.mkdir()
        shutil.copyfile(tmp_path / "j.db", folder / "j.db")
        (folder / "j.db-wal").write_bytes(wal[:rng.randrange(len(wal))])
        torn = JournalWriter(folder / "j.db")
        ids = [event.id for event in torn.events()]
        assert ids == list(range(1, len(ids) + 1)) and ids
        before = torn.dump()
        torn.rebuild()
        assert torn.dump() == before
        torn.close()
    journal.close()


def test_a_full_disk_is_waited_out(tmp_path: Path) -> None:
    """"database or disk is full" holds the event back until there is room."""
    import sqlite3
    journal = JournalWriter(tmp_path / "j.db")
    plain, failures = journal._store, [3]

    def store(batch: object) -> object:
        if failures[0]:
            failures[0] -= 1
            raise sqlite3.OperationalError("database or disk is full")
        return plain(batch)  # type: ignore[arg-type]
    journal._store = store  # type: ignore[method-assign,assignment]
    assert journal.record("x") and not failures[0]
    journal.close()


def test_maintenance_keeps_what_clones_share(tmp_path: Path) -> None:
    """Repacking drops no unreachable object: a clone may still stand on it."""
    from ouroteam.repository import maintain
    upstream = bare(tmp_path)
    main = upstream.ref("refs/heads/main") or ""
    shas = []
    for n in range(20):
        shas.append(commit_on(upstream.store, main, {f"f{n}": f"{n}\n"}))
        upstream.store.run("update-ref", f"refs/heads/agents/a/{n}", shas[-1])
    upstream.store.run("update-ref", "-d", "refs/heads/agents/a/3")
    maintain(upstream.store.path)
    assert upstream.store.run("count-objects", "-v").out.splitlines()[0] != "count: 63"
    assert all(upstream.store.has(sha) for sha in shas) and len(upstream.refs("refs/heads/agents/")) == 19
    assert upstream.store.run("fsck", check=False).code == 0


def test_a_push_sees_only_what_it_may_push_to(tmp_path: Path) -> None:
    """Served with ``receive_options`` a push costs the same however many agents there are."""
    upstream = bare(tmp_path)
    work = clone(tmp_path, "one")
    head = git(work, "rev-parse", "HEAD")
    for n in range(5):
        upstream.store.run("update-ref", f"refs/heads/agents/a-{n}/1", head)
    serve = shlex.join(["git", *receive_options("a-1", "main"), "receive-pack"])
    git(work, "config", "remote.origin.receivepack", serve)
    (work / "b.txt").write_text("b\n")
    git(work, "add", "-A")
    git(work, "commit", "-q", "-m", "b")
    trace = tmp_path / "trace"
    git(work, "push", "-q", "origin", "HEAD:refs/heads/agents/a-1/2", GIT_TRACE_PACKET=str(trace))
    assert "refs/heads/agents/a-2/1" not in trace.read_text() and "refs/heads/agents/a-1/1" in trace.read_text()
    assert upstream.ref("refs/heads/agents/a-1/2") == git(work, "rev-parse", "HEAD")
    other = Repository(work).run("push", "origin", "HEAD:refs/heads/agents/a-2/1", check=False)
    assert other.code and upstream.ref("refs/heads/agents/a-2/1") == head
    lease = Claims(PushStore(work), 100).take("t", "a-1", "s")
    assert lease and Claims(PushStore(work), 100).take("t", "a-2", "s") is None


def test_first_come_first_served() -> None:
    """With a plain semaphore newcomers overtake those who wait; some would never get a place."""
    gate, order, started = Turnstile(1), [], []

    def wait(number: int) -> None:
        started.append(number)
        with gate:
            order.append(number)
    threads = [threading.Thread(target=wait, args=(n,)) for n in range(8)]
    with gate:
        for number, thread in enumerate(threads):
            thread.start()
            end = time.monotonic() + 10
            while len(gate.waiting) <= number and time.monotonic() < end:
                time.sleep(0.001)
    for thread in threads:
        thread.join(10)
    assert order == list(range(8)) and gate.free == 1


def test_waiting_branches_become_one_file(tmp_path: Path) -> None:
    """A push reads all refs: a folder and a file for each of hundreds of agents would make each push slower."""
    upstream = bare(tmp_path)
    store, folder = upstream.store, upstream.store.path / "refs/heads/agents"
    main = store.resolve("main") or ""
    names = [f"refs/heads/agents/a-{n}/x" for n in range(20)]
    assert upstream.transaction([RefChange(name, main, None) for name in names[:10]])
    upstream.tidy()
    assert len(list(folder.iterdir())) == 10  # too few to be worth it
    assert upstream.transaction([RefChange(name, main, None) for name in names[10:]])
    (store.path / "packed-refs.lock").touch()  # of a git that was killed
    upstream.tidy()
    assert sorted(upstream.refs("refs/heads/agents/")) == sorted(names)
    recover_locks(store.path)
    upstream.tidy()
    assert not folder.exists() or not list(folder.iterdir())
    assert sorted(upstream.refs("refs/heads/agents/")) == sorted(names)
    assert upstream.transaction([RefChange(name, None, main) for name in names])
    assert not upstream.refs("refs/heads/agents/") and store.run("fsck", check=False).code == 0
    assert (store.path / "logs/refs/heads/main").exists()


def test_a_batch_stays_one_pack_and_a_crowd_is_packed(tmp_path: Path) -> None:
    store = bare(tmp_path, {f"{n}.txt": "x\n" for n in range(20)}).store
    main = store.resolve("main") or ""
    def packs() -> int:
        return len(list((store.path / "objects/pack").glob("*.pack")))
    before = packs()
    heads = [Head(commit_on(store, main, {f"{n}.txt": f"{n}\n"}), "m\n") for n in range(20)]
    merged = merge_batch(store, main, heads)
    assert len(merged.commits) == 20 and packs() == before + 1
    index_commits(store, merged.tip(main))
    assert (store.path / "objects/info/commit-graphs").is_dir() and store.run("commit-graph", "verify").code == 0
    assert not crowded(store.path)
    loose = [store.blob(f"{n}\n") for n in range(310)]
    assert crowded(store.path)
    store.run("update-ref", "refs/tasks/x", loose[0])
    pack_objects(store.path)
    assert store.has(loose[0]) and all(store.has(sha) for sha in loose[:20]) and store.run("fsck", check=False).code == 0
