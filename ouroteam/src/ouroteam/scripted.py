"""``ouroteam-scripted-agent``: an agent without a language model, for tests, demos and measurements.

Input: the session's environment, a script (``--do`` or OUROTEAM_SCRIPT: steps separated by commas, with arguments
after colons), a seed. Output: events on standard output, commits. The same seed, agent and base commit give the same
behaviour. Without a script it is the honest worker of the demo: it runs the check, claims a failing test, repairs
what the check's message says, submits, and stops when nothing is left.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ouroteam import agentside
from ouroteam.agentside import Here


def say(kind: str, **data: object) -> None:
    print(json.dumps({"ouroteam": kind, **data}), flush=True)


def git(*arguments: str, check: bool = True) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr.strip()[-300:]}")
    return done.stdout.strip()


class Agent:
    """The steps that a script can name; each may take ``:``-separated arguments."""

    def __init__(self, seed: str, resume: str) -> None:
        self.where: Here = agentside.here()
        self.seed = f"{seed}/{self.where.agent}/{self.where.session if not seed else ''}"
        self.rng = random.Random(self.seed)
        self.resume = resume
        self.steps: dict[str, Callable[..., bool]] = {
            name[3:]: getattr(self, name) for name in dir(self) if name.startswith("do_")}

    # --- honest work -----------------------------------------------------------------------------

    def do_fix(self, rounds: str = "4", seconds: str = "0") -> bool:
        """Repair failing tests by what their message says: ``'x' should be 'y' in FILE``."""
        for _ in range(int(rounds)):
            git("fetch", "-q", "origin", self.where.main)
            git("reset", "-q", "--hard", "FETCH_HEAD")
            code, lines = agentside.run_check(self.where, self.where.check.command, timeout=60, lines=200)
            broken = agentside.failing(lines)
            if not broken:
                say("doing", text="every test passes")
                return code == 0
            self.rng.shuffle(broken)
            if not any(self._repair(name, reason, float(seconds)) for name, reason in broken):
                time.sleep(0.2)
        return True

    def _repair(self, name: str, reason: str, seconds: float) -> bool:
        match = re.match(r"^'(.*)' should be '(.*)' in (\S+)$", reason)
        if not match or not agentside.claim(self.where, name):
            return False
        git("fetch", "-q", "origin", self.where.main)
        if match[1] not in git("show", f"FETCH_HEAD:{match[3]}", check=False).split():
            agentside.release(self.where, name)  # repaired since we looked
            return False
        say("doing", text=f"repairing {name}: {reason}")
        time.sleep(seconds)
        file = Path(match[3])
        file.write_text(file.read_text().replace(match[1], match[2]))
        with open("NOTES.md", "a") as notes:
            notes.write(f"- {name}: '{match[1]}' was '{match[2]}' ({self.where.agent})\n")
        git("add", "-A")
        git("commit", "-q", "-m", f"Repair {name}\n\nTask: {name}")
        say("usage", tokens=self.rng.randrange(800, 3000), cost=round(self.rng.uniform(0.01, 0.05), 4))
        verdict = agentside.submit(self.where, wait=60)
        say("doing", text=f"{name}: {verdict.verdict} {' '.join(verdict.lines)[:120]}")
        agentside.release(self.where, name)
        return True

    def do_edit(self, overlap: str = "0.1", files: str = "200") -> bool:
        """Change one line of an own file, or with the given probability of a shared one."""
        shared = self.rng.random() < float(overlap)
        name = f"shared/{self.rng.randrange(int(files))}.txt" if shared else f"own/{self.where.agent}.txt"
        file = Path(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text() if file.exists() else ""
        file.write_text(text + f"{self.where.agent} {self.where.session} {self.rng.random()}\n")
        return True

    def do_write(self, name: str, text: str = "text") -> bool:
        file = Path(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
        return True

    def do_delete(self, name: str) -> bool:
        git("rm", "-q", "-r", name)
        return True

    def do_commit(self, message: str = "Change") -> bool:
        git("add", "-A")
        git("commit", "-q", "--allow-empty", "-m", message)
        return True

    def do_push(self) -> bool:
        git("push", "-q", "origin", "HEAD:" + self.where.ref)
        return True

    def do_submit(self) -> bool:
        verdict = agentside.submit(self.where, wait=120)
        say("doing", text=f"{verdict.verdict}: {' '.join(verdict.lines)[:150]}")
        return True

    def do_claim(self, task: str) -> bool:
        won = agentside.claim(self.where, task)
        say("doing", text=f"claim {task}: {'mine' if won else 'taken'}")
        return True

    def do_release(self, task: str) -> bool:
        return agentside.release(self.where, task)

    def do_check(self) -> bool:
        for line in agentside.run_check(self.where, self.where.check.command, timeout=60)[1]:
            print(line, flush=True)
        return True

    # --- telling ---------------------------------------------------------------------------------

    def do_say(self, text: str = "hello") -> bool:
        print(text, flush=True)
        return True

    def do_env(self, name: str) -> bool:
        print(f"{name}={os.environ.get(name, '')}", flush=True)
        return True

    def do_usage(self, tokens: str = "1000", cost: str = "0.01") -> bool:
        say("usage", tokens=int(tokens), cost=float(cost))
        return True

    def do_session(self, name: str = "s-1") -> bool:
        say("session", resume=self.resume or name, model="scripted")
        return True

    def do_final(self, ok: str = "1") -> bool:
        say("final", ok=ok == "1")
        return True

    def do_refuse(self, seconds: str = "2") -> bool:
        """A rate limit."""
        say("refused", until=time.time() + float(seconds), text="rate limit")
        return False

    # --- bad days --------------------------------------------------------------------------------

    def do_sleep(self, seconds: str = "1") -> bool:
        time.sleep(float(seconds))
        return True

    def do_hang(self) -> bool:
        """Sleep for ever, with children in sessions of their own that ignore SIGTERM."""
        for _ in range(2):
            subprocess.Popen([sys.executable, "-c", "import os,signal,time\nsignal.signal(15, signal.SIG_IGN)\n"
                              "os.fork() and os._exit(0)\nos.setsid()\ntime.sleep(3600)"])
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(3600)
        return True

    def do_spin(self, seconds: str = "1") -> bool:
        end = time.monotonic() + float(seconds)
        while time.monotonic() < end:
            pass
        return True

    def do_crash(self, code: str = "1") -> bool:
        print("the agent crashed", file=sys.stderr, flush=True)
        os._exit(int(code))

    def do_once(self, mark: str, *then: str) -> bool:
        """The rest of the step only the first time (a mark in HOME)."""
        file = Path(os.environ.get("OUROTEAM_MARKS", os.environ.get("HOME", "/tmp"))) / f"once-{mark}"
        if file.exists():
            return True
        file.touch()
        return self.steps[then[0]](*then[1:])

    def do_flood(self, megabytes: str = "10") -> bool:
        line = b"x" * 8191 + b"\n"
        for _ in range(int(megabytes) * 128):
            sys.stdout.buffer.write(line)
        sys.stdout.flush()
        return True

    def do_shell(self, *command: str) -> bool:
        """Any command; for tests only."""
        subprocess.run(["sh", "-c", ":".join(command)], check=False)
        return True

    def do_exit(self, code: str = "0") -> bool:
        raise SystemExit(int(code))

    def run(self, script: str) -> int:
        say("session", resume=self.resume or f"scripted-{self.where.session}", model="scripted")
        ok = True
        for step in script.split(","):
            name, *arguments = step.strip().split(":")
            if name not in self.steps:
                print(f"unknown step {name!r}; there are {', '.join(sorted(self.steps))}", file=sys.stderr)
                return 2
            if not self.steps[name](*arguments):
                ok = False
                break
        say("final", ok=ok)
        return 0 if ok else 1


def main() -> None:
    parser = argparse.ArgumentParser(prog="ouroteam-scripted-agent", description=__doc__.split("\n\n")[0])
    parser.add_argument("--do", default="", help="steps, such as 'write:a.txt:hello,commit,submit'")
    parser.add_argument("--seed", default=os.environ.get("OUROTEAM_SEED", ""))
    parser.add_argument("--resume", default="")
    arguments = parser.parse_args()
    os.chdir(os.environ.get("OUROTEAM_CLONE", "."))
    agent = Agent(arguments.seed, arguments.resume)
    try:
        code = agent.run(arguments.do or os.environ.get("OUROTEAM_SCRIPT", "") or "fix")
    except RuntimeError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        say("final", ok=False, text=str(error))
        code = 1
    sys.exit(code)


if __name__ == "__main__":
    main()
