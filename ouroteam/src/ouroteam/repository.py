"""Every git operation, through the git program.

Input: a repository's folder and arguments. Output: typed results; no caller parses prose. One place fixes
configuration, locale, identity and standard input (after jj's ``git_subprocess.rs``). Every operation has a
timeout and passes the fault point before and after it, where tests crash the harness.

``Upstream`` is the team's shared repository: refs read together, changed together by compare-and-swap.
``LocalUpstream`` uses ``update-ref --stdin`` in the bare repository, ``RemoteUpstream`` an atomic push with
leases. Losing a race is told by reading the refs again, never by the words of the message.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ouroteam.config import ConfigError, is_url

ZERO = "0" * 40
MANY_PACKS, MANY_LOOSE, MANY_BRANCHES = 50, 300, 16
PACK_EVERY = 1.0  # seconds between two looks at what there is to pack
FaultPoint = Callable[[str, str], None]

_FIXED = {
    "LC_ALL": "C", "LANGUAGE": "", "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_OPTIONAL_LOCKS": "0", "GIT_ADVICE": "0", "GIT_PAGER": "cat",
    "GIT_EDITOR": "true", "GIT_ASKPASS": "true", "GIT_MERGE_AUTOEDIT": "no",
    "GIT_AUTHOR_NAME": "ouroteam", "GIT_AUTHOR_EMAIL": "ouroteam@localhost",
    "GIT_COMMITTER_NAME": "ouroteam", "GIT_COMMITTER_EMAIL": "ouroteam@localhost",
}
_PASSED = ("PATH", "HOME", "TMPDIR", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "OUROTEAM_AGENT", "OUROTEAM_ROLE",
           "OUROTEAM_OVERRIDE", "OUROTEAM_SOCKET")


class GitError(Exception):
    """A git command failed; holds the command and what it said."""

    def __init__(self, arguments: list[str], code: int, text: str) -> None:
        super().__init__(f"git {' '.join(arguments[:6])}: exit {code}: {text.strip()[-600:]}")
        self.arguments = arguments
        self.code = code
        self.text = text


class GitTimeout(GitError):
    """A git command took longer than its limit and was ended."""


@dataclass(frozen=True)
class Result:
    """What a git command gave back."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        return self.out.strip()


@dataclass(frozen=True)
class Merge:
    """A three-way merge made without a work tree: a tree, or the paths in conflict."""

    tree: str
    conflicts: tuple[str, ...]

    @property
    def clean(self) -> bool:
        return not self.conflicts


@dataclass(frozen=True)
class RefChange:
    """ref goes from old to new; None stands for absent."""

    ref: str
    new: str | None
    old: str | None


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    result = {key: os.environ[key] for key in _PASSED if key in os.environ}
    result.update(_FIXED)
    if extra:
        result.update(extra)
    return result


class Repository:
    """A git repository in a folder: bare, or a clone that the harness owns."""

    fault: FaultPoint | None = None
    operations = 0

    def __init__(self, path: Path | str, *, timeout: float = 120.0,
                 extra_env: Mapping[str, str] | None = None) -> None:
        self.path = Path(path)
        self.timeout = timeout
        self.env = environment(extra_env)
        self.said: list[str] = []

    def run(self, *arguments: str, stdin: str | bytes | None = None, check: bool = True,
            timeout: float | None = None, env: Mapping[str, str] | None = None) -> Result:
        """Run git here. Raises GitError on failure unless check is off, GitTimeout on the limit."""
        fault = Repository.fault
        if fault is not None:
            fault("before", " ".join(arguments))
        Repository.operations += 1
        full = {**self.env, **env} if env else self.env
        command = ["git", "-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0",
                   "-c", "maintenance.auto=false", "-c", "protocol.ext.allow=never", *arguments]
        data = stdin.encode("utf-8", "surrogateescape") if isinstance(stdin, str) else stdin
        process = subprocess.Popen(command, cwd=self.path, env=full, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, start_new_session=True,
                                   stdin=subprocess.PIPE if data is not None else subprocess.DEVNULL)
        try:
            out, err = process.communicate(data, timeout=timeout or self.timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise GitTimeout(list(arguments), -9, f"no answer in {timeout or self.timeout:.0f} s") from None
        except BaseException:
            process.kill()
            process.communicate()
            raise
        result = Result(process.returncode, out.decode("utf-8", "surrogateescape"),
                        err.decode("utf-8", "surrogateescape"))
        if fault is not None:
            fault("after", " ".join(arguments))
        if check and result.code != 0:
            raise GitError(list(arguments), result.code, result.err or result.out)
        return result

    # --- objects ---------------------------------------------------------------------------------

    def blob(self, content: str) -> str:
        return self.run("hash-object", "-w", "--stdin", stdin=content).line

    def read(self, revision: str) -> str | None:
        """Content of an object or of ``commit:path``; None when there is none."""
        result = self.run("cat-file", "blob", revision, check=False)
        return result.out if result.code == 0 else None

    def resolve(self, revision: str) -> str | None:
        result = self.run("rev-parse", "--verify", "--quiet", revision + "^{}", check=False)
        return result.line if result.code == 0 else None

    def has(self, sha: str) -> bool:
        return self.run("cat-file", "-e", sha, check=False).code == 0

    def tree_of(self, commit: str) -> str:
        return self.run("rev-parse", "--verify", commit + "^{tree}").line

    def is_ancestor(self, old: str, new: str) -> bool:
        return self.run("merge-base", "--is-ancestor", old, new, check=False).code == 0

    def count(self, old: str, new: str) -> int:
        """How many commits new has that old lacks."""
        return int(self.run("rev-list", "--count", f"{old}..{new}").line)

    def size_of_new(self, sha: str, main: str) -> int:
        """Bytes that the objects of sha take which the branch lacks."""
        return int(self.run("rev-list", "--objects", "--disk-usage", sha, "--not", f"refs/heads/{main}").line)

    def changed(self, old: str, new: str) -> list[str]:
        out = self.run("diff-tree", "-r", "-z", "--no-renames", "--name-only", old, new).out
        return [name for name in out.split("\0") if name]

    def merge_tree(self, ours: str, theirs: str) -> Merge:
        """Merge two commits without a work tree. Raises GitError when git can't even try."""
        result = self.run("merge-tree", "--write-tree", "--name-only", "--no-messages",
                          "--allow-unrelated-histories", ours, theirs, check=False)
        lines = result.out.splitlines()
        if result.code == 0:
            return Merge(lines[0], ())
        if result.code == 1 and lines:
            return Merge(lines[0], tuple(dict.fromkeys(name for name in lines[1:] if name)) or ("?",))
        raise GitError(["merge-tree", ours, theirs], result.code, result.err)

    def commit_tree(self, tree: str, parents: Iterable[str], message: str,
                    env: Mapping[str, str] | None = None) -> str:
        flags = [flag for parent in parents for flag in ("-p", parent)]
        return self.run("commit-tree", tree, *flags, "-F", "-", stdin=message, env=env).line

    # --- refs ------------------------------------------------------------------------------------

    def refs(self, *prefixes: str) -> dict[str, str]:
        out = self.run("for-each-ref", "--format=%(objectname) %(refname)", *prefixes).out
        return {name: sha for sha, name in (line.split(" ", 1) for line in out.splitlines())}

    def blobs(self, prefix: str) -> dict[str, tuple[str, str]]:
        """ref -> (object, first line of the blob it names), read by one process."""
        out = self.run("for-each-ref", "--format=%(objectname) %(refname) %(objecttype)%0a%(raw)%00%00", prefix).out
        result: dict[str, tuple[str, str]] = {}
        for record in out.split("\0\0\n"):
            head, _, body = record.partition("\n")
            fields = head.split(" ")
            if len(fields) == 3:
                result[fields[1]] = (fields[0], body.partition("\n")[0] if fields[2] == "blob" else "")
        return result

    def transaction(self, changes: Iterable[RefChange]) -> bool:
        """All changes or none. False when a ref was not what it was expected to be."""
        lines = ["start"]
        for change in changes:
            old = change.old or ZERO
            lines.append(f"update {change.ref} {change.new} {old}" if change.new else f"delete {change.ref} {old}")
        lines += ["prepare", "commit", ""]
        return self.run("update-ref", "--stdin", stdin="\n".join(lines), check=False).code == 0

    def push(self, remote: str, changes: Iterable[RefChange], timeout: float | None = None) -> bool:
        """Atomic push with a lease on every ref; true when each was accepted with a change.

        No refspec carries a ``+``: it would override the lease.
        """
        flags = ["push", "--porcelain", "--atomic", "--no-verify"]
        specs = []
        for change in changes:
            flags.append(f"--force-with-lease={change.ref}:{change.old or ''}")
            specs.append(f"{change.new or ''}:{change.ref}")
        result = self.run(*flags, remote, *specs, check=False, timeout=timeout)
        # For whoever reads it; nothing here decides by these words.
        self.said = [line.strip() for line in result.err.splitlines() if line.startswith(("remote: ", "fatal: ", "error: "))]
        return result.code == 0 and accepted(result.out, [c.ref for c in changes])

    def remote_refs(self, remote: str, *patterns: str) -> dict[str, str]:
        out = self.run("ls-remote", "--quiet", remote, *patterns).out
        return {name: sha for sha, _, name in (line.partition("\t") for line in out.splitlines())}


def accepted(porcelain: str, refs: list[str]) -> bool:
    """Whether ``push --porcelain`` says of each ref that it changed.

    "Up to date" (``=``) is no success: an equal claim object of somebody else looks the same.
    """
    good = set()
    for line in porcelain.splitlines():
        fields = line.split("\t")
        if len(fields) >= 2 and fields[0] in ("*", " ", "+", "-"):
            good.add(fields[1].split(":", 1)[-1])
    return all(ref in good for ref in refs)


class Upstream:
    """The shared repository. ``store`` is a local repository that holds its objects after ``refresh``."""

    def __init__(self, url: str, store: Repository) -> None:
        self.url = url
        self.store = store

    def refresh(self) -> None:
        """Bring the store up to date with the shared repository."""

    def tidy(self) -> None:
        """Called by the queue between two batches: keep what each push looks at small."""

    def transaction(self, changes: list[RefChange]) -> bool:
        raise NotImplementedError

    def refs(self, *prefixes: str) -> dict[str, str]:
        return self.store.refs(*prefixes)

    def ref(self, name: str) -> str | None:
        return self.store.refs(name).get(name)


class LocalUpstream(Upstream):
    """A bare repository on this machine."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), Repository(path))

    def tidy(self) -> None:
        """Waiting branches become lines of one file: a push reads all refs twice, and a folder and a file for each of
        256 agents made it cost a third more."""
        with contextlib.suppress(OSError):
            if len(os.listdir(self.store.path / "refs" / "heads" / "agents")) >= MANY_BRANCHES:
                self.store.run("pack-refs", "--all", check=False)

    def transaction(self, changes: list[RefChange]) -> bool:
        return self.store.transaction(changes)


class RemoteUpstream(Upstream):
    """A repository behind a URL, with a local mirror."""

    def __init__(self, url: str, mirror: Path) -> None:
        if not (mirror / "HEAD").exists():
            mirror.mkdir(parents=True, exist_ok=True)
            Repository(mirror).run("init", "-q", "--bare", ".")
        super().__init__(url, Repository(mirror))

    def refresh(self) -> None:
        self.store.run("fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head", self.url,
                       "+refs/*:refs/*", timeout=600)

    def transaction(self, changes: list[RefChange]) -> bool:
        ok = self.store.push(self.url, changes, timeout=600)
        self.refresh()
        return ok


def open_upstream(url: str, state: Path) -> Upstream:
    if is_url(url):
        return RemoteUpstream(url, state / "mirror.git")
    return LocalUpstream(Path(url))


def create_upstream(path: Path, source: Path, main: str) -> None:
    """A bare repository at path with source's current commit as main, complete or absent (never half)."""
    if (path / "HEAD").exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=path.name + ".", dir=path.parent))
    try:
        _fill(Repository(temporary), source, main)
        os.replace(temporary, path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _fill(bare: Repository, source: Path, main: str) -> None:
    bare.run("init", "-q", "--bare", f"--initial-branch={main}", ".")
    own = Repository(source)
    if source.exists() and own.resolve("HEAD"):
        if own.run("rev-parse", "--is-shallow-repository").line == "true":
            raise ConfigError(f"{source} is a shallow clone, which others can't be cloned from: `git fetch --unshallow` "
                              "makes it whole")
        top = own.run("rev-parse", "--show-toplevel", check=False).line  # team.toml may lie in a folder below
        bare.run("fetch", "-q", "--no-tags", top or str(source.resolve()), f"HEAD:refs/heads/{main}", timeout=3600)
    else:
        tree = bare.run("hash-object", "-t", "tree", "-w", "--stdin", stdin="").line
        bare.run("update-ref", f"refs/heads/{main}", bare.commit_tree(tree, [], "Start\n"))


_HOOK = r"""#!/bin/sh
# Written by ouroteam at every start. Refuses a whole push that goes where its pusher has no business.
# OUROTEAM_AGENT is set by the harness's git daemon, outside of the sandbox.
agent=$OUROTEAM_AGENT
[ "$OUROTEAM_OVERRIDE" = 1 ] && exit 0
zero=0000000000000000000000000000000000000000
no() { echo "refused: $*" >&2; exit 1; }
while read -r old new ref; do
  case $ref in
  refs/heads/@MAIN@)
    [ @DIRECT@ = 1 ] || { [ @LOCKS@ = 1 ] && [ "$old" != $zero ] && [ "$new" != $zero ] &&
        ! git diff-tree -r --name-only "$old" "$new" | grep -qv '^current_tasks/'; } ||
      no "@MAIN@ is moved by the merge queue; push to refs/heads/agents/${agent:-human}/NAME"
    [ "$new" != $zero ] || no "@MAIN@ can't be deleted"
    [ "$old" = $zero ] || git merge-base --is-ancestor "$old" "$new" || no "@MAIN@ only moves forward" ;;
  refs/heads/agents/*)
    [ -z "$agent" ] || case $ref in refs/heads/agents/$agent/*) ;; *) no "$ref is not yours" ;; esac ;;
  refs/rescue/*)
    [ -z "$agent" ] || case $ref in refs/rescue/$agent/*) [ "$old" = $zero ] || no "rescue refs stay" ;;
      *) no "$ref is not yours" ;; esac ;;
  refs/claims/*)
    [ -n "$agent" ] || continue
    if [ "$old" != $zero ]; then
      held=$(git cat-file blob "$old" 2>/dev/null | head -c 4000)
      by=$(printf '%s' "$held" | sed -n 's/.*"agent": "\([^"]*\)".*/\1/p')
      until=$(printf '%s' "$held" | sed -n 's/.*"expires": \([0-9]*\).*/\1/p')
      [ "$by" = "$agent" ] || [ "${until:-0}" -lt "$(date +%s)" ] || no "$ref is held by $by"
    fi
    if [ "$new" != $zero ]; then
      by=$(git cat-file blob "$new" 2>/dev/null | head -c 4000 | sed -n 's/.*"agent": "\([^"]*\)".*/\1/p')
      [ "$by" = "$agent" ] || no "a claim in another's name"
    fi ;;
  refs/tasks/*)
    [ -z "$agent" ] || [ "$new" != $zero ] || [ "$OUROTEAM_ROLE" = planner ] || no "the queue closes tasks" ;;
  *)
    [ -z "$agent" ] || no "agents don't push to $ref" ;;
  esac
done
exit 0
"""


def receive_options(agent: str, main: str) -> list[str]:
    """git options with which ``receive-pack`` serves an agent: it shows what the agent may push to, nothing else.

    What a push costs then no longer grows with the number of agents: the answer lists a handful of refs, the pusher
    compares its commits with those, and the connectivity check (git 2.39) starts from them.
    """
    shown = [f"refs/heads/{main}", f"refs/heads/agents/{agent}", f"refs/rescue/{agent}", "refs/claims", "refs/tasks"]
    return [word for ref in ("refs", *(f"!{ref}" for ref in shown)) for word in ("-c", f"receive.hideRefs={ref}")]


def configure_upstream(path: Path, *, main: str, direct: bool, union: list[str], max_push_mb: int,
                       locks: bool = False) -> None:
    """Durability, limits, union merges and the pre-receive hook of a bare repository that the harness owns.

    ``direct``: agents move main; ``locks``: only by changes of the lock files in current_tasks/."""
    bare = Repository(path)
    settings = {
        "core.fsync": "all", "transfer.fsckObjects": "true", "receive.autogc": "false", "gc.auto": "0",
        "receive.maxInputSize": f"{max_push_mb}m", "gc.pruneExpire": "4.weeks.ago", "core.hooksPath": "hooks",
        "receive.denyCurrentBranch": "ignore", "receive.denyDeletes": "false", "uploadpack.allowAnySHA1InWant": "true",
        "receive.advertisePushOptions": "false", "receive.denyNonFastForwards": "false",
        # A log for each branch that lives for a minute costs more than the branch; main has one (below).
        "core.logAllRefUpdates": "false", "daemon.receivepack": "true",
        # A push is checked in a quarantine that has the repository itself as its alternate: without this git would
        # list all refs once more, as those of the alternate.
        "core.alternateRefsCommand": "true",
        # A batch of merges stays one pack (two files to make durable) instead of hundreds of loose objects.
        "fastimport.unpackLimit": "20",
    }
    config = path / "config"
    text = config.read_text()
    head, _, _ = text.partition("# ouroteam\n")
    lines = ["# ouroteam"]
    for key, value in settings.items():
        section, _, name = key.partition(".")
        lines.append(f"[{section}]\n\t{name} = {value}")
    config.write_text(head + "\n".join(lines) + "\n")
    bare.run("symbolic-ref", "HEAD", f"refs/heads/{main}")
    log = path / "logs" / "refs" / "heads" / main
    log.parent.mkdir(parents=True, exist_ok=True)
    log.touch()
    hook = path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(_HOOK.replace("@MAIN@", main).replace("@DIRECT@", "1" if direct else "0").replace(
        "@LOCKS@", "1" if locks else "0"))
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    (path / "info").mkdir(exist_ok=True)
    (path / "info" / "attributes").write_text("".join(f"{pattern} merge=union\n" for pattern in union))


def recover_locks(path: Path, older_than: float = 0.0) -> list[str]:
    """Remove lock files and half-received packs that a killed git left; one would block its ref for ever."""
    removed = []
    limit = time.time() - older_than
    places = [path, path / "refs", path / "info", path / "objects"]
    for place in places:
        walker = os.walk(place) if place.name == "refs" else [(str(place), [], os.listdir(place))] \
            if place.is_dir() else []
        for folder, _, names in walker:
            for name in names:
                file = Path(folder) / name
                stale = name.endswith(".lock") or name.startswith(("tmp_objdir-", "incoming-")) or name == "gc.pid"
                try:
                    if stale and file.lstat().st_mtime <= limit:
                        shutil.rmtree(file) if file.is_dir() else file.unlink()
                        removed.append(str(file.relative_to(path)))
                except OSError:
                    continue
    return removed


def crowded(path: Path) -> bool:
    """Whether a bare repository has many packs or loose objects: each clone that comes up to date opens each of them,
    while packing costs once."""
    loose, packed = 0, 0
    with contextlib.suppress(OSError), os.scandir(path / "objects") as folders:
        for folder in folders:
            if len(folder.name) == 2:
                loose += len(os.listdir(folder.path))
            elif folder.name == "pack":
                packed = sum(name.endswith(".pack") for name in os.listdir(folder.path))
    return packed > MANY_PACKS or loose > MANY_LOOSE


def index_commits(store: Repository, tip: str) -> None:
    """Add the history of tip to the commit graph: pushes, merges and clones walk it without opening objects.

    An agent's base lies hundreds of commits behind main in a busy team; its push walks them, twice.
    """
    store.run("commit-graph", "write", "--stdin-commits", "--split", "--no-progress", stdin=f"{tip}\n", check=False)


def pack_objects(path: Path) -> None:
    """Loose objects and small packs become one pack; unreachable objects stay."""
    Repository(path, timeout=3600).run("-c", "pack.threads=1", "repack", "-q", "-d", "-l", "-n", "--geometric=2",
                                       check=False)


def maintain(path: Path) -> None:
    """Pack refs and objects; unreachable objects stay for weeks, because clones share them."""
    Repository(path, timeout=3600).run("pack-refs", "--all", check=False)
    pack_objects(path)
