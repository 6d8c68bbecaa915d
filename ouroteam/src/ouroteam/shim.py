"""The process between the harness and an agent. Runs on its own: standard library only, no package import.

Input: a JSON file (command, folder, limits, the harness's pid). It becomes a subreaper, so that every process the
agent starts stays its descendant (double forks included); asks the kernel to be told when the harness dies;
sets limits; starts the command; ends the whole tree when the command exits, when it is told to (SIGTERM), or when
the harness is gone. Exit code: the command's, 128 + n for signal n.
"""

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
_stop = False


def _on_term(_signal: int, _frame: object) -> None:
    global _stop
    _stop = True


def descendants() -> list[int]:
    """Pids of the whole tree below this process."""
    children: dict[int, list[tuple[int, bool]]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as stream:
                    rest = stream.read().rpartition(b")")[2].split()
                if rest[0] != b"Z" or int(rest[1]) == os.getpid():
                    children.setdefault(int(rest[1]), []).append((int(name), rest[0] == b"Z"))
            except (OSError, IndexError, ValueError):
                continue
    found: list[int] = []
    todo = [os.getpid()]
    while todo:
        for pid, zombie in children.get(todo.pop(), []):
            if not zombie:
                found.append(pid)
            todo.append(pid)
    return found


def reap(main_pid: int) -> int | None:
    """Collect ended children; the command's status when it is among them."""
    status = None
    while True:
        try:
            pid, code = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status
        if pid == 0:
            return status
        if pid == main_pid:
            status = code


def send(pids: list[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            pass


def end_tree(main_pid: int, grace: float, groups: list[str]) -> int | None:
    """TERM, a grace period, then KILL until nothing is left."""
    status = reap(main_pid)
    send(descendants(), signal.SIGTERM)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline and descendants():
        time.sleep(0.02)
        found = reap(main_pid)
        status = found if found is not None else status
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        kill_groups(groups)
        pids = descendants()
        if not pids:
            break
        send(pids, signal.SIGSTOP)  # a fork bomb stops to grow before it is ended
        send(pids, signal.SIGKILL)
        time.sleep(0.005)
        found = reap(main_pid)
        status = found if found is not None else status
    found = reap(main_pid)
    return found if found is not None else status


def own_groups() -> dict[str, str]:
    """controller -> folder of this process's cgroup, where it can be written."""
    result: dict[str, str] = {}
    with open("/proc/self/cgroup") as stream:
        for line in stream:
            _, controllers, path = line.strip().split(":", 2)
            if path.startswith("/.."):
                path = "/"
            if not controllers:
                for root in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
                    if os.path.exists(root + "/cgroup.controllers"):
                        result["unified"] = root + path
                        break
                continue
            for controller in controllers.split(","):
                folder = f"/sys/fs/cgroup/{controller}{path}"
                if controller in ("pids", "memory", "cpu") and os.path.isdir(folder):
                    result[controller] = folder
    return result


def make_groups(name: str, limits: dict[str, float]) -> tuple[list[str], list[str]]:
    """Cgroups for this session; (folders, names of the limits that hold)."""
    wanted = {"pids": [("pids.max", str(int(limits["processes"])))] if limits.get("processes") else [],
              "memory": [("memory.limit_in_bytes", str(int(limits["memory_mb"]) << 20))] if limits.get("memory_mb") else [],
              "cpu": [("cpu.cfs_period_us", "100000"), ("cpu.cfs_quota_us", str(int(limits["cpus"] * 100000)))]
              if limits.get("cpus") else []}
    unified = []
    if limits.get("processes"):
        unified.append(("pids.max", str(int(limits["processes"])), "pids"))
    if limits.get("memory_mb"):
        unified.append(("memory.max", str(int(limits["memory_mb"]) << 20), "memory"))
    if limits.get("cpus"):
        unified.append(("cpu.max", f"{int(limits['cpus'] * 100000)} 100000", "cpu"))
    made: list[str] = []
    held: list[str] = []
    for controller, parent in own_groups().items():
        settings = wanted.get(controller, [])
        if controller != "unified" and not settings:
            continue
        folder = os.path.join(parent, name)
        try:
            os.mkdir(folder)
            made.append(folder)
            if controller == "unified":
                for file, value, what in unified:
                    if os.path.exists(os.path.join(folder, file)):
                        write(os.path.join(folder, file), value)
                        held.append(what)
            else:
                for file, value in settings:
                    write(os.path.join(folder, file), value)
                held.append(controller)
            write(os.path.join(folder, "cgroup.procs"), "0")
        except OSError:
            continue
    return made, held


def write(path: str, value: str) -> None:
    with open(path, "w") as stream:
        stream.write(value)


def kill_groups(groups: list[str]) -> None:
    for folder in groups:
        file = os.path.join(folder, "cgroup.procs")
        try:
            with open(file) as stream:
                send([int(line) for line in stream if int(line) not in (0, os.getpid())], signal.SIGKILL)
        except (OSError, ValueError):
            continue


def leave_groups(groups: list[str]) -> None:
    for folder in groups:
        try:
            write(os.path.join(os.path.dirname(folder), "cgroup.procs"), "0")
            os.rmdir(folder)
        except OSError:
            continue


def set_limits(limits: dict[str, float], held: list[str]) -> None:
    def limit(kind: int, value: int) -> None:
        try:
            resource.setrlimit(kind, (value, value))
        except (OSError, ValueError):
            pass
    if limits.get("file_mb"):
        limit(resource.RLIMIT_FSIZE, int(limits["file_mb"]) << 20)
    if limits.get("processes") and "pids" not in held:
        limit(resource.RLIMIT_NPROC, int(limits["processes"]))  # not enforced for root
    if limits.get("memory_mb") and "memory" not in held:
        limit(resource.RLIMIT_DATA, int(limits["memory_mb"]) << 20)
    limit(resource.RLIMIT_CORE, 0)


def main() -> int:
    with open(sys.argv[1]) as stream:
        spec = json.load(stream)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _on_term)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != spec["parent"]:
        return 143
    limits = spec.get("limits", {})
    if spec.get("nice"):
        os.nice(spec["nice"])
    groups, held = make_groups(spec["name"], limits)
    set_limits(limits, held)
    with open(spec["held"], "w") as stream:
        json.dump(held, stream)
    source = open(spec["stdin"], "rb") if spec.get("stdin") else subprocess.DEVNULL
    try:
        child = subprocess.Popen(spec["command"], cwd=spec["cwd"], stdin=source, start_new_session=True,
                                 restore_signals=True)
    except OSError as error:
        print(f"can't start {spec['command'][0]}: {error.strerror}", file=sys.stderr)
        leave_groups(groups)
        return 127
    status = None
    while status is None and not _stop:
        time.sleep(0.01 if time.monotonic() % 1 < 0.5 else 0.02)
        status = reap(child.pid)
    ended = end_tree(child.pid, spec.get("grace", 5.0) if _stop else min(0.5, spec.get("grace", 5.0)), groups)
    status = ended if status is None else status
    leave_groups(groups)
    if status is None:
        return 143
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


if __name__ == "__main__":
    sys.stdout.flush()
    code = main()
    os._exit(code)
