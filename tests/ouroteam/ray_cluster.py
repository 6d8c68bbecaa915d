"""A team on a Ray cluster of three nodes on this machine, one of which is lost on the way. Run by test_ray.py in a
network namespace of its own (Ray rewrites 127.0.0.1 to the host's address)."""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "ouroteam" / "src"), str(Path(__file__).parent)]

import ray  # noqa: E402
from ray.cluster_utils import Cluster  # noqa: E402

from ouroteam.harness import Harness, team_processes  # noqa: E402


def main(folder: Path) -> None:
    from helpers import team_in
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "object_store_memory": 80_000_000})
    nodes = [cluster.add_node(num_cpus=2, object_store_memory=80_000_000) for _ in range(2)]
    cluster.wait_for_nodes()
    ray.init(address=cluster.address, logging_level="ERROR", log_to_driver=False)
    team = team_in(folder, "session,say:at-work,sleep:15,write:f:x,shell:echo $OUROTEAM_SESSION > s-$OUROTEAM_AGENT,"
                           "commit,push,sleep:1", 4, team={"executor": "ray"},
                   ray={"cpus": 1.0, "work": str(folder / "nodes"), "retries": 2}, role=[
                       {"name": "w", "count": 4, "sessions": 2}])
    harness = Harness(team)
    lost: list[float] = []

    def watch() -> None:
        while not harness.stopping.is_set():
            # Two sessions a node, and all four at work: the lost node takes two with it.
            at_work = harness.journal.rows("SELECT id FROM session WHERE ended IS NULL AND doing = 'at-work'")
            if not lost and len(at_work) >= 4:
                cluster.remove_node(nodes[1], allow_graceful=False)
                lost.append(time.time())
            agents = {e.agent for e in harness.journal.events(kinds=("integrated",))}
            if lost and len(agents) == 4 and harness.journal.events(kinds=("node-lost",)):
                harness.stopping.set()
            time.sleep(0.2)
    threading.Thread(target=watch, daemon=True).start()
    harness.run(300, signals=False)
    from ouroteam.journal import Journal
    journal = Journal(team.state / "journal.db")
    result = {
        "integrated": sorted({e.agent for e in journal.events(kinds=("integrated",))}),
        "node_lost": len(journal.events(kinds=("node-lost",))), "lost": bool(lost),
        "doing": len(journal.events(kinds=("doing",))), "open": journal.value(
            "SELECT count(*) FROM session WHERE ended IS NULL"),
        "reasons": [e.data["reason"] for e in journal.events(kinds=("session-ended",))],
        "orphans": len(team_processes(harness.team_id))}
    print("RESULT " + json.dumps(result), flush=True)
    ray.shutdown()
    cluster.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
