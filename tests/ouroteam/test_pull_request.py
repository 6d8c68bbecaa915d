"""Pull-request mode against a fake of GitHub's REST API (gastown#3601: main accepts only pull requests)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers import FakeTester, Queue, git

pytest.importorskip("github")

from fake_github import FakeGitHub  # noqa: E402
from ouroteam.pull_request import PullRequestIntegrator  # noqa: E402

TOKEN = "ghp_0123456789"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Queue, FakeGitHub]]:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("TEAM_BAD_TOKEN", "wrong")
    hub = tmp_path / "hub"
    hub.mkdir()
    queue = Queue(tmp_path)
    git(hub, "clone", "-q", "--bare", str(tmp_path / "upstream.git"), "remote.git")
    fake = FakeGitHub(hub / "remote.git", TOKEN)
    yield queue, fake
    fake.close()
    queue.journal.close()


def integrator(queue: Queue, fake: FakeGitHub, **github: Any) -> PullRequestIntegrator:
    team = queue.team.model_copy(deep=True)
    team._root = queue.team.root
    team.team.integration = "pull-request"
    for key, value in {"repository": "owner/name", "api": fake.url, "remote": str(fake.git.path), "poll": 0.1,
                       **github}.items():
        setattr(team.github, key, value)
    made = PullRequestIntegrator(team, queue.upstream, queue.journal, FakeTester(queue.store, queue.folder / "log"),
                                 clock=lambda: queue.now)
    return made


def settle(made: PullRequestIntegrator, queue: Queue, times: int = 12) -> None:
    for _ in range(times):
        queue.now += 1
        made.tick()


def test_changes_land_through_pull_requests(world: tuple[Queue, FakeGitHub]) -> None:
    queue, fake = world
    made = integrator(queue, fake)
    settle(made, queue, 2)
    shas = [queue.push(f"a-{n}", "1", {("bad" if n == 3 else "f") + str(n): "x\n"}, message=f"Change {n}") for n in (1, 2, 3)]
    settle(made, queue)
    assert [p["title"] for p in fake.pulls.values()] == ["Change 1", "Change 2"]
    assert all(p["merged"] for p in fake.pulls.values())
    main = fake.git.resolve("refs/heads/main")
    assert queue.main == main and made.tester.good(queue.main)  # type: ignore[attr-defined]
    assert all(queue.store.is_ancestor(sha, queue.main) for sha in shas[:2])
    assert sorted(e.agent for e in queue.kinds("integrated")) == ["a-1", "a-2"]
    assert [e.agent for e in queue.kinds("returned")] == ["a-3"]
    assert not queue.upstream.refs("refs/heads/agents/")


def test_a_human_merges_or_closes(world: tuple[Queue, FakeGitHub]) -> None:
    queue, fake = world
    made = integrator(queue, fake, merge=False)
    settle(made, queue, 2)
    queue.push("a-1", "1", {"f1": "x\n"})
    queue.push("a-2", "1", {"f2": "x\n"})
    settle(made, queue, 3)
    assert len(fake.pulls) == 2 and not queue.kinds("integrated")
    fake.finish(fake.pulls[1])
    fake.pulls[2]["state"] = "closed"
    settle(made, queue, 3)
    assert [e.agent for e in queue.kinds("integrated")] == ["a-1"]
    assert queue.kinds("returned")[0].data["reason"] == "closed" and len(fake.pulls) == 2


def test_a_review_is_wanted(world: tuple[Queue, FakeGitHub]) -> None:
    queue, fake = world
    fake.protected = True
    made = integrator(queue, fake)
    settle(made, queue, 2)
    queue.push("a-1", "1", {"f1": "x\n"})
    settle(made, queue, 3)
    assert "review" in queue.kinds("approval-wanted")[0].data["reason"] and not queue.kinds("integrated")
    fake.approved.add(1)
    settle(made, queue, 3)
    assert queue.kinds("integrated")


def test_main_moves_on_github_and_a_crash(world: tuple[Queue, FakeGitHub]) -> None:
    """Somebody merges there; the harness ends between opening and recording: found again, no second pull request."""
    queue, fake = world
    made = integrator(queue, fake, merge=False)
    settle(made, queue, 2)
    main = fake.git.resolve("refs/heads/main") or ""
    theirs = fake.git.commit_tree(fake.git.tree_of(main), [main], "By hand\n")
    fake.git.run("update-ref", "refs/heads/main", theirs)
    settle(made, queue, 2)
    assert queue.main == theirs and not queue.kinds("main-restored")
    queue.push("a-1", "1", {"f1": "x\n"})
    plain = queue.journal.record_all

    def ends(batch: Any) -> Any:
        if any(event.kind == "published" for event, _ in batch):
            raise KeyboardInterrupt
        return plain(batch)
    queue.journal.record_all = ends  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        settle(made, queue, 3)
    queue.restart()
    made = integrator(queue, fake, merge=True)
    settle(made, queue, 6)
    assert len(fake.pulls) == 1 and fake.pulls[1]["merged"] and queue.kinds("integrated")


def test_the_token_is_no_argument_and_a_wrong_one_is_an_error(world: tuple[Queue, FakeGitHub]) -> None:
    import github
    queue, fake = world
    made = integrator(queue, fake, token="TEAM_BAD_TOKEN")
    with pytest.raises(github.GithubException):
        _ = made.repository.default_branch
    made.remote = "https://github.com/owner/name.git"
    assert "GIT_CONFIG_VALUE_0" in made._credentials() and "wrong" not in made.remote
