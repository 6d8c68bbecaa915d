"""Merging a whole batch with a handful of git processes.

Input: main and the heads of a batch, oldest first. Output: for each head its merge commit on the growing tip, a
conflict, or "nothing new". Two git processes a merge (``merge-tree``, ``commit-tree``) would be the queue's limit:
most changes of a batch touch different files, and for those a three-way merge is no more than copying tree entries.

  1. ``rev-list`` lists what each head adds; a head whose new commits stand on one commit of main is *simple*.
  2. One ``diff-tree --stdin`` tells what each simple head changes since its base, and what main changed since then.
  3. A simple head whose paths nobody else touched (main since its base, earlier heads of the batch; no path a folder
     of the other's) becomes a merge commit in one ``fast-import``: the tip's tree with the head's entries.
  4. All others take the real merge (``merge-tree``, ort) on top, one by one.

The result of step 3 is what ort makes: a path changed on one side only is taken from that side. A test merges
random histories both ways and compares the trees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ouroteam.repository import GitError, Repository

BATCH_REF = "refs/ouroteam/batch"
_ABSENT = "0" * 40


@dataclass(frozen=True)
class Head:
    """A commit to merge, and its merge's message."""

    sha: str
    message: str


@dataclass
class Merged:
    """What became of the heads. ``commits``: (index, merge commit) in the order of the chain."""

    commits: list[tuple[int, str]] = field(default_factory=list)
    conflicts: dict[int, list[str]] = field(default_factory=dict)
    broken: dict[int, str] = field(default_factory=dict)
    empty: list[int] = field(default_factory=list)
    later: list[int] = field(default_factory=list)
    tree: str = ""

    def tip(self, base: str) -> str:
        return self.commits[-1][1] if self.commits else base


@dataclass(frozen=True)
class _Entry:
    mode: str
    sha: str
    path: str


def merge_batch(store: Repository, main: str, heads: Sequence[Head]) -> Merged:
    """Merge the heads onto main."""
    result = Merged()
    bases = _bases(store, main, [head.sha for head in heads])
    simple = [n for n, head in enumerate(heads) if bases.get(head.sha)]
    for n, head in enumerate(heads):
        if bases.get(head.sha) == "":
            result.empty.append(n)
    chosen: list[tuple[int, list[_Entry]]] = []
    if len(simple) > 1:
        chosen = _disjoint(store, main, heads, simple, {n: bases[heads[n].sha] for n in simple})
    if chosen:
        result.commits = _import(store, main, heads, chosen)
    done = {n for n, _ in result.commits} | set(result.empty)
    for n, head in enumerate(heads):
        if n not in done:
            _real_merge(store, main, n, head, result)
    return result


def _bases(store: Repository, main: str, heads: list[str]) -> dict[str, str]:
    """head -> the one commit of main's history that it stands on; "" when it adds nothing; absent: not simple."""
    listed = store.run("rev-list", "--parents", "--stdin", check=False,
                       stdin="".join(f"{sha}\n" for sha in dict.fromkeys(heads)) + f"^{main}\n")
    if listed.code:
        return {}
    parents = {fields[0]: fields[1:] for fields in (line.split() for line in listed.out.splitlines()) if fields}
    result: dict[str, str] = {}
    for head in heads:
        if head not in parents:
            result[head] = ""
            continue
        at, steps = head, 0
        while at in parents and len(parents[at]) == 1 and steps < 1000:
            at, steps = parents[at][0], steps + 1
        if at not in parents:
            result[head] = at
    return result


def _disjoint(store: Repository, main: str, heads: Sequence[Head], simple: list[int],
              bases: dict[int, str]) -> list[tuple[int, list[_Entry]]]:
    """The simple heads that touch nothing that main or an earlier one touched."""
    moved = sorted({base for base in bases.values() if base != main})
    pairs = [(heads[n].sha, bases[n]) for n in simple] + [(main, base) for base in moved]
    diffs = _diffs(store, pairs)
    main_changes = {base: {entry.path for entry in diffs[main, base]} for base in moved}
    taken = _Touched()
    chosen = []
    for n in simple:
        entries = diffs[heads[n].sha, bases[n]]
        others = _Touched(main_changes.get(bases[n], set()))
        if entries and not any(others.meets(entry.path) or taken.meets(entry.path) for entry in entries):
            chosen.append((n, entries))
            for entry in entries:
                taken.add(entry.path)
    return chosen


class _Touched:
    """Paths, and whether another path is one of them, a folder above one, or below one."""

    def __init__(self, paths: set[str] | None = None) -> None:
        self.paths: set[str] = set()
        self.folders: set[str] = set()
        for path in paths or ():
            self.add(path)

    def add(self, path: str) -> None:
        self.paths.add(path)
        while "/" in path:
            path = path.rpartition("/")[0]
            if path in self.folders:
                break
            self.folders.add(path)

    def meets(self, path: str) -> bool:
        if path in self.paths or path in self.folders:
            return True
        while "/" in path:
            path = path.rpartition("/")[0]
            if path in self.paths:
                return True
        return False


def _diffs(store: Repository, pairs: list[tuple[str, str]]) -> dict[tuple[str, str], list[_Entry]]:
    """(new, old) -> changed entries, by one process. Each answer begins with the line of the new commit."""
    out = store.run("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--always", "-m",
                    stdin="".join(f"{new} {old}\n" for new, old in pairs)).out
    result: dict[tuple[str, str], list[_Entry]] = {}
    fields = out.split("\0")
    at, number = 0, -1
    while at < len(fields):
        text = fields[at]
        if text.startswith(":"):
            _, mode, _, sha, _ = text.split(" ", 4)
            result[pairs[number]].append(_Entry(mode, sha, fields[at + 1]))
            at += 2
            continue
        # The commit's line ends with a newline or NUL and may stand before the first entry.
        head, _, rest = text.partition("\n")
        if head:
            number += 1
            if head.split(" ")[0] != pairs[number][0]:
                raise GitError(["diff-tree"], 1, f"unexpected answer {head!r}")
            result.setdefault(pairs[number], [])
        if rest:
            fields[at] = rest
            continue
        at += 1
    for pair in pairs:
        result.setdefault(pair, [])
    return result


def _quote(path: str) -> bytes:
    raw = path.encode("utf-8", "surrogateescape")
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'


def _import(store: Repository, main: str, heads: Sequence[Head],
            chosen: list[tuple[int, list[_Entry]]]) -> list[tuple[int, str]]:
    """Merge commits for the chosen heads, one after the other, by one ``fast-import``."""
    import time
    stream: list[bytes] = [b"feature done\n"]
    now = int(time.time())
    for mark, (n, entries) in enumerate(chosen, 1):
        message = heads[n].message.encode()
        stream.append(f"commit {BATCH_REF}\nmark :{mark}\ncommitter ouroteam <ouroteam@localhost> {now} +0000\n"
                      f"data {len(message)}\n".encode() + message + b"\n")
        stream.append(f"from {main if mark == 1 else f':{mark - 1}'}\nmerge {heads[n].sha}\n".encode())
        # Deletions first: a path may go from file to folder.
        for entry in sorted(entries, key=lambda e: e.sha != _ABSENT):
            if entry.sha == _ABSENT:
                stream.append(b"D " + _quote(entry.path) + b"\n")
            else:
                stream.append(f"M {entry.mode} {entry.sha} ".encode() + _quote(entry.path) + b"\n")
        stream.append(b"\n")
    stream += [f"get-mark :{mark}\n".encode() for mark in range(1, len(chosen) + 1)]
    stream.append(b"done\n")
    out = store.run("fast-import", "--quiet", "--force", "--date-format=raw", stdin=b"".join(stream)).out
    commits = out.split()
    if len(commits) != len(chosen):
        raise GitError(["fast-import"], 1, f"{len(commits)} answers for {len(chosen)} commits")
    return [(n, commit) for (n, _), commit in zip(chosen, commits, strict=True)]


def _real_merge(store: Repository, main: str, n: int, head: Head, result: Merged) -> None:
    """One head by ``merge-tree`` on top of what is there."""
    tip = result.tip(main)
    try:
        merge = store.merge_tree(tip, head.sha)
        if not merge.clean:
            if result.commits and store.merge_tree(main, head.sha).clean:
                result.later.append(n)  # only against others of this batch: next time it meets them on main
            else:
                result.conflicts[n] = list(merge.conflicts)
            return
        result.tree = result.tree or store.tree_of(tip)
        if merge.tree == result.tree and store.is_ancestor(head.sha, tip):
            result.empty.append(n)
            return
        result.commits.append((n, store.commit_tree(merge.tree, [tip, head.sha], head.message)))
        result.tree = merge.tree
    except GitError as error:
        result.broken[n] = str(error)[-200:]
