"""Our run-time library and start files, compiled by ourocc itself when first needed and cached.

The cache is `$OUROCC_CACHE`, else `$XDG_CACHE_HOME/ourocc`, else `~/.cache/ourocc`, else a folder below TMPDIR; its entries
are named by the hash of everything that goes into them: the run-time sources and the compiler's own files.
"""

import hashlib
import os
import sys
from typing import Final

from ourocc.base.temporary import create_folder, temporary_folder
from ourocc.driver.settings import PIC_SHARED, Settings
from ourocc.driver.system import runtime_directory

# Start files: output name, source, defines, position independent
_START_FILES: Final = (
    ("crtbegin.o", "crtbegin.c", "", False),
    ("crtbeginS.o", "crtbegin.c", "CRT_SHARED", True),
    ("crtbeginT.o", "crtbegin.c", "CRT_STATIC", False),
    ("crtend.o", "crtend.c", "", False),
    ("crtendS.o", "crtend.c", "CRT_SHARED", True),
)
_X86_START_FILES: Final = (
    ("crtprec32.o", "crtprec.c", "PRECISION=0", True),
    ("crtprec64.o", "crtprec.c", "PRECISION=2", True),
    ("crtprec80.o", "crtprec.c", "PRECISION=3", True),
)
_LIBRARY: Final = "libourocc.a"


def cache_root() -> str:
    """A folder that can be written."""
    candidates = [os.environ.get("OUROCC_CACHE", "")]
    base = os.environ.get("XDG_CACHE_HOME", "")
    candidates.append(os.path.join(base, "ourocc") if base else "")
    home = os.path.expanduser("~")
    candidates.append(os.path.join(home, ".cache", "ourocc") if home != "~" else "")
    candidates.append(os.path.join(temporary_folder(), f"ourocc-{os.getuid()}"))
    for path in candidates:
        if not path:
            continue
        try:
            os.makedirs(path, mode=0o700, exist_ok=True)
        except OSError:
            continue
        if os.access(path, os.W_OK):
            return path
    return create_folder("ourocc-")


def _source_files() -> list[str]:
    runtime = runtime_directory()
    found: list[str] = []
    for folder in ("builtins", "crt", "include"):
        for name in sorted(os.listdir(os.path.join(runtime, folder))):
            found.append(os.path.join(runtime, folder, name))
    return found


def _fingerprint(target: str) -> str:
    """Hash of the run-time sources, and of sizes and times of the compiler's own modules."""
    digest = hashlib.sha256(target.encode())
    for path in _source_files():
        with open(path, "rb") as stream:
            digest.update(path.encode() + b"\0" + stream.read())
    package = os.path.dirname(runtime_directory())
    for folder, folders, names in os.walk(package):
        folders[:] = sorted(name for name in folders if name not in ("__pycache__", "runtime"))
        for name in sorted(names):
            if name.endswith((".py", ".so")):
                status = os.stat(os.path.join(folder, name))
                digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\0".encode())
    return digest.hexdigest()[:20]


def runtime_library_directory(settings: Settings) -> str:
    """The folder with libourocc.a and the start files of the target; built when it is not there yet.

    With OUROCC_REUSE_RUNTIME set (for work on the compiler), any earlier build for the target will do.
    """
    if os.environ.get("OUROCC_REUSE_RUNTIME"):
        root = cache_root()
        for name in sorted(os.listdir(root)):
            if name.startswith(settings.target) and os.path.exists(os.path.join(root, name, "complete")):
                return os.path.join(root, name)
    folder = os.path.join(cache_root(), f"{settings.target}-{_fingerprint(settings.target)}")
    if not os.path.exists(os.path.join(folder, "complete")):
        _build(settings.target, folder)
    return folder


def library_path(settings: Settings) -> str:
    return os.path.join(runtime_library_directory(settings), _LIBRARY)


def _build(target: str, folder: str) -> None:
    """Compile everything into a temporary folder, then rename it: parallel builders don't meet."""
    from ourocc.base.diagnostics import FatalError
    from ourocc.driver.compile import CompilationFailed

    try:
        _build_into(target, folder)
    except CompilationFailed:
        print(f"ourocc: error: the run-time library for {target} cannot be built", file=sys.stderr)
        raise FatalError from None


def _build_into(target: str, folder: str) -> None:
    from ourocc.driver.compile import assemble_file, compile_file
    from ourocc.objects.archive import ArchiveMember, write_archive
    from ourocc.objects.elf_writer import write_object

    parent = os.path.dirname(folder)
    work = create_folder("building-", parent)
    runtime = runtime_directory()
    members: list[ArchiveMember] = []
    builtins = os.path.join(runtime, "builtins")
    for name in sorted(os.listdir(builtins)):
        settings = _settings(target)
        path = os.path.join(builtins, name)
        if name.endswith(".c"):
            made = compile_file(path, settings)
        elif name.endswith(".S"):
            made = assemble_file(path, settings, True)
        else:
            continue
        members.append(ArchiveMember(name[:-2] + ".o", write_object(made)))
    with open(os.path.join(work, _LIBRARY), "wb") as stream:
        stream.write(write_archive(members))
    machine = _X86_START_FILES if target.startswith("x86_64") else ()
    for name, source, define, shared in (*_START_FILES, *machine):
        settings = _settings(target)
        if define:
            settings.defines.append(("D", define))
        if shared:
            settings.position_independent = PIC_SHARED
        made = compile_file(os.path.join(runtime, "crt", source), settings)
        with open(os.path.join(work, name), "wb") as stream:
            stream.write(write_object(made))
    with open(os.path.join(work, "complete"), "wb"):
        pass
    try:
        os.rename(work, folder)
    except OSError:  # somebody else was faster
        for name in os.listdir(work):
            os.unlink(os.path.join(work, name))
        os.rmdir(work)


def _settings(target: str) -> Settings:
    settings = Settings()
    settings.target = target
    settings.level = 2
    settings.position_independent = PIC_SHARED
    settings.visibility = "hidden"
    settings.features["builtin"] = False
    settings.features["function-sections"] = True
    settings.features["asynchronous-unwind-tables"] = True
    return settings
