"""Page and terminal view over a journal."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from ouroteam.dashboard import state
from ouroteam.journal import Journal, JournalWriter


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    log = tmp_path / "agent_abcdef.log"
    log.write_text("one\nTwo error here\nthree\n")
    writer = JournalWriter(tmp_path / "journal.db")
    writer.record("up", at=1000.0)
    writer.record("session-started", agent="w-1", session="s1", at=1001.0, base="a" * 40, log=str(log), role="w",
                  model="m")
    writer.record("doing", agent="w-1", session="s1", at=1001.5, text="<script>alert(1)</script>")
    writer.record("usage", agent="w-1", session="s1", at=1002.0, tokens=120, cost=0.5)
    writer.record("submitted", agent="w-1", session="s1", at=1003.0, ref="refs/heads/agents/w-1/s1", sha="b" * 40)
    writer.record("checked", at=1004.0, sha="c" * 40, verdict="pass", good=True, seconds=1.0, changes=1, passed=5,
                  failed=2, skipped=0)
    writer.record("integrated", agent="w-1", session="s1", at=1005.0, ref="refs/heads/agents/w-1/s1", sha="b" * 40,
                  merged="c" * 40, seconds=2.0)
    writer.record("returned", agent="w-1", session="s1", at=1006.0, ref="refs/heads/agents/w-1/s2", sha="d" * 40,
                  reason="conflict", short=["ERROR conflict with main: a.txt"])
    writer.record("session-ended", agent="w-1", session="s1", at=1007.0, reason="done", tokens=130, cost=0.6)
    writer.record("down", at=1008.0)
    writer.close()
    return tmp_path / "journal.db"


def test_overview_now_and_then(journal: Path) -> None:
    source = Journal(journal)
    now = state.overview(source)
    assert now["totals"]["integrated"] == 1 and now["totals"]["conflicts"] == 1 and now["totals"]["tokens"] == 130
    assert now["agents"][0]["name"] == "w-1" and not now["agents"][0]["live"]
    assert now["curve"][0]["passed"] == 5 and now["queue"] == []
    then = state.overview(source, 1004.5)
    assert then["totals"]["integrated"] == 0 and then["agents"][0]["live"] and len(then["queue"]) == 1
    json.dumps(now)


def test_page_state_log_and_history(journal: Path) -> None:
    from starlette.testclient import TestClient

    from ouroteam.dashboard.web import application
    client = TestClient(application(journal))
    page = client.get("/")
    assert page.status_code == 200 and "Merge queue" in page.text and "innerHTML" not in page.text
    assert client.get("/state").json()["totals"]["integrated"] == 1
    assert client.get("/state?at=1004").json()["totals"]["integrated"] == 0
    assert client.get("/history").json() == {"first": 1000.0, "last": 1008.0, "events": 10, "live": False}
    assert client.get("/log?agent=w-1&q=ERROR").json()["lines"] == ["2: Two error here"]
    assert client.get("/log?agent=../../etc/passwd").status_code == 404


def test_events_are_streamed(journal: Path) -> None:
    from ouroteam.dashboard.web import _stream

    class Connection:
        async def is_disconnected(self) -> bool:
            return False

    async def first() -> list[str]:
        stream = _stream(journal, 0, 0.01, Connection())  # type: ignore[arg-type]
        return [await stream.__anext__(), await stream.__anext__()]
    one, two = asyncio.run(first())
    assert one.startswith("id: 10\nevent: state\ndata: {") and two.startswith(":")


def test_terminal_view_shows_agents_and_logs(journal: Path) -> None:
    from textual.widgets import DataTable

    from ouroteam.dashboard.terminal import LogScreen, TeamView

    async def drive() -> None:
        app = TeamView(journal, None)
        async with app.run_test(size=(140, 40)) as pilot:
            for _ in range(200):  # a busy machine takes its time
                await pilot.pause(0.05)
                if app.query_one("#agents", DataTable).row_count:
                    break
            assert app.query_one("#agents", DataTable).row_count == 1
            await pilot.press("enter")
            for _ in range(200):
                await pilot.pause(0.05)
                if isinstance(app.screen, LogScreen):
                    break
            assert isinstance(app.screen, LogScreen)
    asyncio.run(drive())
