"""Makes the package importable from its source folder, here and in the processes that tests start."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

SOURCE = str(Path(__file__).resolve().parents[2] / "ouroteam" / "src")
if SOURCE not in sys.path:
    sys.path.insert(0, SOURCE)
os.environ["PYTHONPATH"] = os.pathsep.join(p for p in (SOURCE, os.environ.get("PYTHONPATH", "")) if p)
for _name in [name for name in os.environ if name.startswith(("OUROTEAM_", "GIT_"))]:
    del os.environ[_name]

pytest.importorskip("pydantic")
pytest.importorskip("psutil")

# Long tests; TEAM_SLOW=1 runs them as well (TEAM_STEPS=thousands, TEAM_RAY=1 go further).
SLOW = {
    "test_salvage_at_every_exit", "test_time_budget_and_control", "test_cpu_use_and_checks_are_life", "test_disk_limit",
    "test_a_deleted_or_damaged_clone", "test_set_up_ports_cache_and_tear_down", "test_requests",
    "test_planner_fills_and_workers_empty_the_queue", "test_main_moves_under_a_session",
    "test_a_heartbeat_keeps_a_long_lease", "test_a_cut_off_session_is_resumed", "test_fallback_models",
    "test_without_resume_the_rescue_branch_is_named", "test_the_tutorial_runs_as_written", "test_a_review_is_wanted",
    "test_demo_ends_green_and_loses_nothing", "test_the_page_in_a_browser", "test_a_human_merges_or_closes",
    "test_leases_go_with_their_session_or_their_time", "test_back_off_and_same_failure", "test_a_refusal_is_no_failure",
    "test_a_change_that_never_lands_goes_to_another", "test_direct_mode_with_lock_files", "test_no_process_is_left",
    "test_an_inbox_link_writes_nowhere_else", "test_a_budget_ends_cleanly_and_loses_nothing", "test_down_and_rescue",
    "test_changes_land_through_pull_requests", "test_main_moves_on_github_and_a_crash",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("TEAM_SLOW") == "1":
        return
    for item in items:
        if getattr(item, "originalname", item.name) in SLOW and Path(str(item.fspath)).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.skip(reason="long: TEAM_SLOW=1 runs it"))
