"""Nothing that an agent made is lost.

Input: the clone of an ended session. Output: rescue refs in the shared repository for unpushed commits and for
changed or new files (ignored files and secrets not), and a proof that the clone may be deleted.

The clone was in an agent's hands: its configuration, hooks and filters could run anything. So git never runs *in*
it. A private repository of the harness borrows the clone's objects (alternates), reads its refs as plain files, and
looks at its files through its own index. What arrives in the shared repository is checked (``transfer.fsckObjects``).
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from ouroteam.redaction import Redactor
from ouroteam.repository import GitError, LocalUpstream, RefChange, Repository, Upstream

_HEX = re.compile(r"\b[0-9a-f]{40}\b")
SECRET_FILES = [".env", ".env.*", "*.pem", "*.key", "id_rsa*", "id_ed25519*", "*.p12", "*.pfx", ".netrc", ".pypirc",
                "credentials.json", ".aws/", ".ssh/", ".gnupg/", "!.env.example", "!.env.sample", "!*.pub"]
MAX_TIPS = 20
SUBMODULE = "submodule"


@dataclass
class Salvaged:
    """What was found. ``proven``: the shared repository holds everything, the clone may go."""

    rescued: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    head: str = ""
    commits: int = 0
    dirty: bool = False
    proven: bool = False
    problem: str = ""


def rescue_ref(agent: str, session: str, number: int = 0) -> str:
    return f"refs/rescue/{agent}/{session}" + (f"-{number}" if number else "")


def rescue(clone: Path, upstream: Upstream, private: Path, *, agent: str, session: str, base: str, main: str,
           redactor: Redactor, max_file: int = 50 << 20, reflogs: bool = True) -> Salvaged:
    """Save what only this clone holds. Never raises on what an agent may have done to the clone."""
    result = Salvaged()
    if not clone.exists():
        result.proven, result.problem = True, "the agent deleted its clone"
        return result
    try:
        repository = _private(private, clone / ".git", [str(upstream.store.path.resolve() / "objects")])
        heads = _heads(clone / ".git", reflogs)
        known = [sha for ref, sha in upstream.refs("refs/heads/", "refs/rescue/", "refs/returned/").items()]
        commits = _existing(repository, [*heads.values(), base])
        result.head = heads.get("HEAD", "") if heads.get("HEAD", "") in commits else ""
        tip = result.head or (base if base in commits else "")
        unpushed = _unpushed(repository, [sha for sha in heads.values() if sha in commits], known)
        tips = [sha for sha in unpushed if not any(sha in parents for parents in unpushed.values())]
        if result.head and base in commits:
            result.commits = repository.count(base, result.head)
        modules = _submodules(repository, clone, tip) if tip else {}
        saved = _snapshot(repository, clone, tip, result, redactor, max_file, session, set(modules)) if tip else ""
        if saved:
            result.dirty = True
            tips = [saved] + [sha for sha in tips if sha != tip]
        _send(repository, upstream, tips[:MAX_TIPS], agent, session, result)
        lost = len(tips) - MAX_TIPS
        for number, (path, git) in enumerate(modules.items()):
            store = _private(private.with_name(f"{private.name}.{number}"), git, [])
            name = f"{session}-{SUBMODULE}-" + re.sub(r"[^A-Za-z0-9_-]+", "-", path)[:60].strip("-")
            more = _rescue_submodule(store, clone / path, git, result, redactor, max_file, session, reflogs)
            _send(store, upstream, more[:MAX_TIPS], agent, name, result)
            lost = max(lost, len(more) - MAX_TIPS)
        result.proven = lost <= 0 and not result.problem
        if lost > 0:
            result.problem = f"{lost} more tips than a rescue takes"
    except (GitError, OSError) as error:
        result.problem = str(error)
    return result


def _private(path: Path, git: Path, alternates: list[str]) -> Repository:
    """The harness's own repository, borrowing the objects of the agent's and, with ``alternates``, the upstream's."""
    if not (path / "HEAD").exists():
        path.mkdir(parents=True, exist_ok=True)
        Repository(path).run("init", "-q", "--bare", ".")
    objects = git / "objects"
    lines = list(alternates)
    if objects.is_dir() and not git.is_symlink() and not objects.is_symlink():
        lines.insert(0, str(objects.resolve()))
        # An agent could have pointed this at some other repository of the host, to have it read for it.
        borrowed = objects / "info" / "alternates"
        text = "".join(line + "\n" for line in alternates)
        same = borrowed.read_text() == text if borrowed.is_file() and not borrowed.is_symlink() else \
            not alternates and not os.path.lexists(borrowed)
        if not same:  # on a full disk nothing could be written
            borrowed.unlink(missing_ok=True)
            if text and not borrowed.parent.is_symlink() and borrowed.parent.is_dir():
                borrowed.write_text(text)
    (path / "objects" / "info").mkdir(parents=True, exist_ok=True)
    (path / "objects" / "info" / "alternates").write_text("".join(line + "\n" for line in lines))
    (path / "info").mkdir(exist_ok=True)
    own = _text(git / "info" / "exclude")
    (path / "info" / "exclude").write_text(own + "\n" + "\n".join(SECRET_FILES) + "\n")
    for name in ("index", "index.lock"):
        (path / name).unlink(missing_ok=True)
    return Repository(path, timeout=600)


def _submodules(repository: Repository, clone: Path, tip: str) -> dict[str, Path]:
    """path -> git folder of each submodule that is checked out, wherever inside of the clone that folder is."""
    if not (clone / ".gitmodules").exists() and not (clone / ".git" / "modules").exists():
        return {}
    found: dict[str, Path] = {}
    for entry in _names(repository.run("ls-tree", "-r", "-z", tip).out):
        head, _, name = entry.partition("\t")
        if not head.startswith("160000 "):
            continue
        git = clone / name / ".git"
        text = _text(git).strip()
        if text.startswith("gitdir: "):
            git = Path(os.path.normpath(clone / name / text[8:]))
        if git.is_dir() and git.resolve() == git.absolute() and git.is_relative_to(clone):
            found[name] = git
    return found


def _rescue_submodule(store: Repository, tree: Path, git: Path, result: Salvaged, redactor: Redactor, max_file: int,
                      session: str, reflogs: bool) -> list[str]:
    """The tips that its own remote doesn't have, and its files."""
    heads = _heads(git, reflogs)
    theirs = {ref: sha for ref, sha in heads.items() if ref.startswith(("refs/remotes/", "refs/tags/"))}
    commits = _existing(store, list(heads.values()))
    unpushed = _unpushed(store, [sha for ref, sha in heads.items() if sha in commits and ref not in theirs],
                         [sha for sha in theirs.values() if sha in commits])
    tips = [sha for sha in unpushed if not any(sha in parents for parents in unpushed.values())]
    tip = heads.get("HEAD", "")
    saved = _snapshot(store, tree, tip, result, redactor, max_file, session, set()) if tip in commits else ""
    return [saved] + [sha for sha in tips if sha != tip] if saved else tips


def _text(path: Path, limit: int = 4 << 20) -> str:
    """A regular file's text; links and devices in an agent's clone are not followed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(limit).decode("utf-8", "replace")


def _heads(git: Path, reflogs: bool) -> dict[str, str]:
    """Every commit that the repository names: HEAD, refs, stash, and its reflogs."""
    found: dict[str, str] = {}
    for match in re.finditer(r"^([0-9a-f]{40}) (\S+)$", _text(git / "packed-refs"), re.M):
        found[match[2]] = match[1]
    for folder, _, names in os.walk(git / "refs"):
        for name in names:
            match2 = _HEX.match(_text(Path(folder) / name))
            if match2:
                found[str((Path(folder) / name).relative_to(git))] = match2[0]
    head = _text(git / "HEAD").strip()
    if head.startswith("ref: "):
        target = found.get(head[5:].strip())
        if target:
            found["HEAD"] = target
    elif _HEX.fullmatch(head):
        found["HEAD"] = head
    if reflogs:
        for folder, _, names in os.walk(git / "logs"):
            for name in names:
                if "remotes" in folder:
                    continue
                for line in _text(Path(folder) / name).splitlines()[-200:]:
                    fields = line.split(" ", 2)
                    if len(fields) > 1 and _HEX.fullmatch(fields[1]):
                        found[f"log {fields[1]}"] = fields[1]
        for name in ("MERGE_HEAD", "ORIG_HEAD", "CHERRY_PICK_HEAD", "REBASE_HEAD"):
            match3 = _HEX.match(_text(git / name))
            if match3:
                found[name] = match3[0]
    return found


def _existing(repository: Repository, shas: list[str]) -> set[str]:
    out = repository.run("cat-file", "--batch-check", stdin="".join(sha + "\n" for sha in dict.fromkeys(shas)),
                         check=False).out
    return {line.split(" ")[0] for line in out.splitlines() if " commit " in line}


def _unpushed(repository: Repository, heads: list[str], known: list[str]) -> dict[str, list[str]]:
    """commit -> parents of what is reachable from heads but from nothing in the shared repository."""
    if not heads:
        return {}
    lines = [*dict.fromkeys(heads), *("^" + sha for sha in dict.fromkeys(known))]
    result = repository.run("rev-list", "--parents", "--ignore-missing", "--stdin",
                            stdin="".join(line + "\n" for line in lines), check=False)
    return {fields[0]: fields[1:] for fields in (line.split(" ") for line in result.out.splitlines()) if fields[0]}


def _snapshot(repository: Repository, clone: Path, tip: str, result: Salvaged, redactor: Redactor, max_file: int,
              session: str, modules: set[str]) -> str:
    """A commit of the clone's files on top of tip; "" when nothing differs."""
    repository.run("read-tree", tip)
    base_tree = repository.tree_of(tip)
    env = {"GIT_DIR": str(repository.path), "GIT_WORK_TREE": str(clone)}
    work = Repository(clone, timeout=600, extra_env=env)
    changed = _names(work.run("ls-files", "-m", "-d", "-z").out)
    new = _names(work.run("ls-files", "-o", "--exclude-standard", "-z").out)
    keep: list[str] = []
    for name in dict.fromkeys(changed + _expand(clone, new)):
        reason = "" if name in modules else _unwanted(clone / name, redactor, max_file)
        if reason:
            result.skipped.append(f"{name}: {reason}")
        else:
            keep.append(name)
    if not keep:
        return ""
    inside = [name for name in keep if not _nested(clone, name)]
    work.run("update-index", "--add", "--remove", "-z", "--stdin", stdin="".join(name + "\0" for name in inside))
    for name in keep:
        if _nested(clone, name) and (clone / name).is_file() and not (clone / name).is_symlink():
            sha = repository.run("hash-object", "-w", "--no-filters", str(clone / name)).line
            work.run("update-index", "--add", "--cacheinfo", f"100644,{sha},{name}", check=False)
    tree = work.run("write-tree").line
    if tree == base_tree:
        return ""
    return repository.commit_tree(tree, [tip], f"Rescued files of session {session}\n")


def _names(text: str) -> list[str]:
    return [name for name in text.split("\0") if name]


def _expand(clone: Path, names: list[str]) -> list[str]:
    """A repository inside of the clone is listed as one folder: name its files, without its .git."""
    result: list[str] = []
    for name in names:
        if not name.endswith("/"):
            result.append(name)
            continue
        for folder, folders, files in os.walk(clone / name):
            folders[:] = [f for f in folders if f != ".git"]
            result += [str((Path(folder) / file).relative_to(clone)) for file in files][:5000]
    return result


def _nested(clone: Path, name: str) -> bool:
    return any((clone / parent / ".git").exists() for parent in Path(name).parents if str(parent) != ".")


def _unwanted(path: Path, redactor: Redactor, max_file: int) -> str:
    """Why a file isn't rescued; "" when it is."""
    try:
        if path.is_symlink() or not path.exists():
            return ""
        if not path.is_file():
            return "not a regular file"
        if path.stat().st_size > max_file:
            return f"larger than {max_file >> 20} MB"
        if redactor.forms and redactor.found_in(path.read_bytes()):
            return "holds a secret"
    except OSError as error:
        return str(error.strerror)
    return ""


def _send(repository: Repository, upstream: Upstream, tips: list[str], agent: str, session: str,
          result: Salvaged) -> None:
    """Bring the tips into the shared repository under rescue refs."""
    taken = upstream.refs(f"refs/rescue/{agent}/")
    held = {sha: ref for ref, sha in taken.items()}
    number = 0
    for sha in tips:
        if sha in held:
            result.rescued[held[sha]] = sha
            continue
        while rescue_ref(agent, session, number) in taken:
            number += 1
        ref = rescue_ref(agent, session, number)
        taken[ref] = sha
        try:
            if isinstance(upstream, LocalUpstream):
                # Fetched, not pushed: the limit on a push's size is for agents.
                name = f"refs/salvage/{sha}"
                repository.run("update-ref", name, sha)
                upstream.store.run("fetch", "-q", "--no-tags", "--no-write-fetch-head", str(repository.path.resolve()),
                                   f"{name}:{ref}", timeout=600)
                repository.run("update-ref", "-d", name)
            elif not repository.push(upstream.url, [RefChange(ref, sha, None)]):
                raise GitError(["push", ref], 1, "refused")
            result.rescued[ref] = sha
        except GitError as error:
            result.problem = f"{sha[:12]} can't be saved: {error}"


def discard(folder: Path, salvaged: Salvaged) -> bool:
    """Delete a session's folder when the proof is there."""
    if not salvaged.proven:
        return False
    remove(folder)
    return True


def remove(folder: Path) -> None:
    """Delete a folder whatever modes an agent gave its files."""
    def again(function: object, path: str, _info: object) -> None:
        try:
            os.chmod(os.path.dirname(path), 0o700)
            if os.path.isdir(path) and not os.path.islink(path):
                os.chmod(path, 0o700)
                shutil.rmtree(path, ignore_errors=True)
            else:
                os.unlink(path)
        except OSError:
            pass
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder, onerror=again)
