"""kill -9 of the harness at random moments while a team works, and what must hold afterwards.

    python tests/ouroteam/kill.py --kills 200          # also: ./x bench team --kills 200

Each time ``ouroteam up`` carries on. Moments: a fifth while the harness starts and recovers, the others while it works.
At the end the team is drained. Then: every commit that was pushed is there, each landing is in the journal exactly once
and the other way round, every session has an end, no process is left, no clone is left, no lease outlives its expiry,
and the journal's projections follow from its events. Exit code 1, and what broke, when one of these fails.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SOURCE = str(Path(__file__).resolve().parents[2] / "ouroteam" / "src")
sys.path[:0] = [str(Path(__file__).resolve().parent), SOURCE]
os.environ["PYTHONPATH"] = os.pathsep.join(p for p in (SOURCE, os.environ.get("PYTHONPATH", "")) if p)

from helpers import cli, team_in, up, wait_for  # noqa: E402
from ouroteam.claims import Claims, DirectStore  # noqa: E402
from ouroteam.config import Team  # noqa: E402
from ouroteam.harness import ask, team_processes  # noqa: E402
from ouroteam.journal import JournalWriter  # noqa: E402
from ouroteam.repository import open_upstream  # noqa: E402

SCRIPT = ("claim:shared-task,write:own-$:x,shell:echo $OUROTEAM_SESSION > own-$OUROTEAM_AGENT; "
          "echo $OUROTEAM_SESSION >> work.txt,commit,push,shell:echo more > unpushed-$OUROTEAM_SESSION,sleep:0.3")
PATIENCE = 300.0  # seconds that a start may take on a machine that others keep busy


def kill_and_carry_on(folder: Path, kills: int, agents: int, seed: int, lease: float = 4.0,
                      tell: Callable[[str], None] = lambda text: None) -> dict[str, Any]:
    """The whole run. Raises AssertionError when something that must hold doesn't."""
    rng = random.Random(seed)
    team = team_in(folder, SCRIPT, agents, lease={"seconds": lease, "heartbeat": 1.0}, check={"command": "test -f a.txt"},
                   queue={"interval": 0.1, "union": ["work.txt"]})
    early = 0
    for number in range(kills):
        process = up(team, 3600)
        if rng.random() < 0.2:
            early += 1
            time.sleep(rng.uniform(0.0, 3.0))
        else:
            wait_for(lambda p=process: ask(team.state, {"do": "ping"}, 2.0) or p.poll() is not None, PATIENCE, "a start")
            time.sleep(rng.uniform(0.0, 2.0) if rng.random() < 0.7 else rng.uniform(2.0, 10.0))
        ended = process.poll()
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        said = process.stdout.read() if ended is not None else ""
        process.stdout.close()
        assert ended is None, f"kill {number + 1}: the harness had ended by itself with {ended}: {said[-1000:]}"
        if (number + 1) % 10 == 0:
            tell(f"{number + 1} of {kills}")
    process = up(team, 3600)
    wait_for(lambda: ask(team.state, {"do": "ping"}, 2.0), PATIENCE, "the last start")
    begun = time.time()
    cli("drain", cwd=team.root)
    process.wait(1200)
    assert process.returncode == 0, process.stdout.read() if process.stdout else ""
    return {"kills": kills, "during start": early, **verify(team, begun, lease)}


def verify(team: Team, begun: float, lease: float) -> dict[str, int]:
    """Nothing lost, nothing twice, nothing stuck, nobody left."""
    journal = JournalWriter(team.state / "journal.db")
    upstream = open_upstream(team.upstream, team.state)
    kept = set(upstream.store.run("rev-list", "--all").out.split())
    submitted = {row["sha"] for row in journal.rows("SELECT sha FROM submission")}
    assert submitted <= kept, "a pushed commit is lost"
    merges = upstream.store.run("log", "--first-parent", "--grep=^Ouroteam-Change", "--format=%H", "main").out.split()
    events = [e.data["merged"] for e in journal.events(kinds=("integrated",))]
    assert sorted(merges) == sorted(events), "a landing is not in the journal exactly once"
    assert journal.value("SELECT count(*) FROM session WHERE ended IS NULL") == 0, "a session without an end"
    identity = journal.fact("team-id")
    wait_for(lambda: not team_processes(identity), 15, "orphan processes")
    left = list((team.state / "agents").glob("*/*/clone"))
    assert not left, f"clones were neither salvaged nor deleted: {left}"
    for held in Claims(DirectStore(upstream), 1.0).all().values():
        assert held.expires <= max(begun, time.time()) + lease + 2, f"a lease stuck: {held}"
    rescued = upstream.refs("refs/rescue/")
    before = journal.dump()
    journal.rebuild()
    assert journal.dump() == before, "the projections don't follow from the events"
    result = {"sessions": journal.value("SELECT count(*) FROM session"), "integrated": len(events),
              "rescued": len(rescued), "killed": journal.value("SELECT count(*) FROM session WHERE reason = 'killed'"),
              "submitted": len(submitted)}
    journal.close()
    return result


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--agents", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="ouroteam-kill-"))
    try:
        result = kill_and_carry_on(folder, options.kills, options.agents, options.seed,
                                   tell=lambda text: print(text, flush=True))
    except AssertionError as error:
        print(f"FAILED: {error}\n{folder} is kept", file=sys.stderr)
        return 1
    print(", ".join(f"{value} {name}" for name, value in result.items()))
    shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
