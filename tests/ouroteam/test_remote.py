"""A shared repository behind a URL: the queue works through a mirror and atomic pushes with leases."""

from __future__ import annotations

from pathlib import Path

from helpers import FakeTester, commit_on, git, project
from ouroteam import salvage
from ouroteam.claims import Claims, DirectStore
from ouroteam.config import parse
from ouroteam.integration import Integrator
from ouroteam.journal import JournalWriter
from ouroteam.redaction import Redactor
from ouroteam.repository import RemoteUpstream, Repository, open_upstream


def test_queue_claims_and_salvage_over_a_url(tmp_path: Path) -> None:
    project(tmp_path / "seed", {"a.txt": "a\n"})
    git(tmp_path, "clone", "-q", "--bare", "seed", "far.git")
    url = f"file://{tmp_path}/far.git"
    team = parse({"team": {"upstream": url, "state": "state"}, "role": [{"name": "a", "count": 3}]}, tmp_path)
    upstream = open_upstream(team.upstream, team.state)
    assert isinstance(upstream, RemoteUpstream)
    upstream.refresh()
    journal = JournalWriter(team.state / "journal.db", synchronous="OFF")
    tester = FakeTester(upstream.store, tmp_path / "log")
    queue = Integrator(team, upstream, journal, tester)
    far = Repository(tmp_path / "far.git")
    main = far.resolve("refs/heads/main") or ""
    for n, name in ((1, "f1"), (2, "bad2"), (3, "f3")):
        far.run("update-ref", f"refs/heads/agents/a-{n}/1", commit_on(far, main, {name: "x\n"}))
    for _ in range(12):
        queue.tick()
    names = set(far.run("ls-tree", "--name-only", "main").out.split())
    assert names == {"a.txt", "f1", "f3"} and not far.refs("refs/heads/agents/")
    assert [e.agent for e in journal.events(kinds=("returned",))] == ["a-2"] and far.refs("refs/returned/")
    claims = Claims(DirectStore(upstream), 100)
    lease = claims.take("t", "a-1", "s")
    assert lease and far.refs("refs/claims/") and not claims.take("t", "a-2", "s2")
    renewed = claims.renew(lease)
    assert renewed and claims.release(renewed) and not far.refs("refs/claims/")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", url, "clone")
    (clone / "left").write_text("x\n")
    saved = salvage.rescue(clone, upstream, tmp_path / "private.git", agent="a-1", session="s",
                           base=git(clone, "rev-parse", "HEAD"), main="main", redactor=Redactor([]))
    assert saved.proven and far.read("refs/rescue/a-1/s:left") == "x\n"
    journal.close()
