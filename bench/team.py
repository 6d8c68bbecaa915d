"""``./x bench team``: what a team of scripted agents integrates on this machine.

Runs 1, 16, 64 and 256 agents on one bare repository, the original protocol against the merge queue, and prints
changes a minute, conflicts, seconds from push to main, starved agents, git commands a change, and the ratios.
``--quick`` takes a quarter of the time; ``--json`` prints the numbers; ``--assert`` exits 1 when a target is missed:
25 times the original at 64 agents, nobody starved, 256 agents at 80 % of the rate of 64, nothing lost.

``--kills 200`` instead ends the harness of a 16-agent team by kill -9 at 200 random moments and checks that nothing is
lost (tests/ouroteam/kill.py).
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ouroteam" / "src"))

TARGETS = {"queue/direct at 64": 25.0, "queue at 256 / at 64": 0.8}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./x bench team", description=__doc__)
    parser.add_argument("--agents", default="1,16,64,256")
    parser.add_argument("--seconds", type=float, default=30.0, help="seconds for each run")
    parser.add_argument("--overlap", type=float, default=0.02, help="probability that a change touches a shared file")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--assert", dest="check", action="store_true")
    parser.add_argument("--kills", type=int, help="kill -9 of the harness at so many random moments, instead")
    options = parser.parse_args()
    if options.kills:
        script = Path(__file__).resolve().parents[1] / "tests" / "ouroteam" / "kill.py"
        return subprocess.call([sys.executable, str(script), "--kills", str(options.kills)])
    try:
        simulate = importlib.import_module("ouroteam.simulate")
    except ImportError as error:
        print(f"bench team needs ouroteam's dependencies (pip install ./ouroteam): {error}", file=sys.stderr)
        return 2
    sizes = [int(size) for size in options.agents.split(",")]
    seconds = options.seconds / 4 if options.quick else options.seconds
    if not options.json:
        print(simulate.table([])[0], flush=True)
    rows = simulate.series(sizes, seconds, ["direct", "queue"], options.overlap,
                           None if options.json else lambda row: print(simulate.table([row])[1], flush=True))
    found = simulate.ratios(rows)
    if options.json:
        import json
        from dataclasses import asdict
        print(json.dumps({"runs": [asdict(row) for row in rows], "ratios": found}, indent=1))
    else:
        for name, value in found.items():
            print(f"{name}: {value}")
    missed = [f"{name}: {found[name]}, wanted {target}" for name, target in TARGETS.items()
              if name in found and found[name] < target]
    missed += [f"{count} agents: {n} starved" for count, n in found["starved in the queue"].items() if n]
    missed += ["commits were lost"] if found["lost"] else []
    for line in missed:
        print(f"MISSED {line}", file=sys.stderr)
    return 1 if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
