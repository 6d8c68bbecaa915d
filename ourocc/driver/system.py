"""What the system offers for a target: header directories, start files, libraries, the dynamic linker.

Nothing is a fixed list for one distribution: candidates of the common layouts (Debian's multiarch, lib64, plain lib,
cross packages, musl) are tried, and those that exist are used.
"""

import os
from typing import final

from ourocc.driver.settings import Settings


@final
class TargetNames:
    """How a target is called by distributions."""

    def __init__(self, triple: str, machine: str, libraries: list[str], interpreters: list[str]) -> None:
        self.triple = triple
        self.machine = machine
        self.libraries = libraries  # directory names for libraries, below "", "/usr"
        self.interpreters = interpreters


def target_names(target: str) -> TargetNames:
    """The names of `x86_64-linux-gnu` or `riscv64-linux-gnu`."""
    if target.startswith("riscv64"):
        return TargetNames(
            "riscv64-linux-gnu",
            "riscv64",
            ["lib/riscv64-linux-gnu", "lib64/lp64d", "lib64", "lib"],
            ["/lib/ld-linux-riscv64-lp64d.so.1", "/lib/ld-musl-riscv64.so.1"],
        )
    return TargetNames(
        "x86_64-linux-gnu",
        "x86_64",
        ["lib/x86_64-linux-gnu", "lib64", "lib"],
        ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"],
    )


def runtime_directory() -> str:
    """The folder of our headers and run-time sources."""
    return os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "runtime")


def is_native(target: str) -> bool:
    return target.partition("-")[0] == os.uname().machine


def include_directories(settings: Settings) -> list[str]:
    """The standard include directories, in order."""
    names = target_names(settings.target)
    root = settings.include_sysroot or settings.sysroot
    found = [os.path.join(runtime_directory(), "include")]
    if not root and not is_native(settings.target):
        candidates = [f"/usr/{names.triple}/include", f"/usr/{names.triple}/usr/include"]
    else:
        candidates = [
            f"{root}/usr/local/include/{names.triple}",
            f"{root}/usr/local/include",
            f"{root}/usr/include/{names.triple}",
            f"{root}/usr/include",
            f"{root}/include",
        ]
    return found + [path for path in candidates if os.path.isdir(path)]


def library_directories(settings: Settings) -> list[str]:
    """The system's library directories, in order of search."""
    names = target_names(settings.target)
    root = settings.sysroot
    found: list[str] = []
    if not root and not is_native(settings.target):
        candidates = [f"/usr/{names.triple}/lib", f"/usr/{names.triple}/usr/lib"]
        candidates += [f"/usr/lib/{names.triple}", f"/lib/{names.triple}"]
    else:
        candidates = [f"{root}/usr/local/lib/{names.triple}"]
        for library in names.libraries:
            candidates += [f"{root}/usr/{library}", f"{root}/{library}"]
        candidates.append(f"{root}/usr/local/lib")
    for path in candidates:
        if os.path.isdir(path) and path not in found:
            found.append(path)
    return found


def search_directories(settings: Settings) -> list[str]:
    """Where start files and -l are looked for after -L."""
    return settings.start_directories + library_directories(settings)


def find_file(settings: Settings, name: str) -> str | None:
    """A start file or library by name, in -B, our cache and the system."""
    for directory in search_directories(settings):
        path = os.path.join(directory, name)
        if os.path.exists(path):
            return path
    return None


def dynamic_linker(settings: Settings) -> str:
    """Path of the program interpreter that the executable will name."""
    names = target_names(settings.target)
    root = settings.sysroot
    if not root and not is_native(settings.target):
        root = f"/usr/{names.triple}"
    for path in names.interpreters:
        if os.path.exists(root + path):
            return path
    return names.interpreters[0]


def colon_list(variable: str) -> list[str]:
    """A PATH-like environment variable; an empty element means the current directory (as gcc says)."""
    text = os.environ.get(variable)
    if not text:
        return []
    return [element or "." for element in text.split(":")]
