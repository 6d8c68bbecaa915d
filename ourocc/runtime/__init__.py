"""The run-time library: C that Ourocc compiles for each target, and the freestanding headers.

In: nothing. Out: paths of headers and the list of sources that make `libourocc.a` (the helpers that
compiled code calls, under libgcc's names), `libourocc_eh.a` (for static executables only) and the
start files. Read `builtins/helper.h` first.
"""

from __future__ import annotations

import os
from typing import Final

DIRECTORY: Final = os.path.dirname(os.path.abspath(__file__))
INCLUDE_DIRECTORY: Final = os.path.join(DIRECTORY, "include")

# How the library's own sources are compiled, besides -O2 and the target: it goes into shared objects
# too, and nothing in it may be taken for a library function that it is there to replace.
FLAGS: Final[tuple[str, ...]] = ("-O2", "-fPIC", "-ffreestanding", "-fno-builtin", "-w")

_EVERYWHERE: Final[tuple[str, ...]] = (
    "multiply.c",
    "divide.c",
    "shift.c",
    "bits.c",
    "overflow.c",
    "convert128.c",
    "complex.c",
    "complex_long.c",
    "atomic.c",
    "atomic16.c",
    "miscellaneous.c",
    "unwind_cleanup.c",
)
_BINARY128: Final[tuple[str, ...]] = (
    "binary128_arithmetic.c",
    "binary128_compare.c",
    "binary128_convert.c",
)
_BY_MACHINE: Final[dict[str, tuple[str, ...]]] = {
    "x86_64": (*_EVERYWHERE, *_BINARY128, "binary128_x86.S", "cpu_model.c"),
    "riscv64": (*_EVERYWHERE, *_BINARY128),
}
_STATIC: Final[tuple[str, ...]] = ("static_unwind.c",)

# Start file: source and the macros that make this variant of it.
_START_FILES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "crtbegin.o": ("crtbegin.c", ()),
    "crtbeginS.o": ("crtbegin.c", ("-DCRT_SHARED",)),
    "crtbeginT.o": ("crtbegin.c", ("-DCRT_STATIC",)),
    "crtend.o": ("crtend.c", ()),
    "crtendS.o": ("crtend.c", ()),
    "crtprec32.o": ("crtprec.c", ("-DPRECISION=0",)),
    "crtprec64.o": ("crtprec.c", ("-DPRECISION=2",)),
    "crtprec80.o": ("crtprec.c", ("-DPRECISION=3",)),
}


def machines() -> list[str]:
    """The first components of the triples that the library supports."""
    return sorted(_BY_MACHINE)


def builtin_sources(machine: str) -> list[str]:
    """Absolute paths of the sources of libourocc.a (libgcc.a's place in a link)."""
    return [os.path.join(DIRECTORY, "builtins", name) for name in _BY_MACHINE[machine]]


def static_sources(machine: str) -> list[str]:
    """Absolute paths of the sources of libourocc_eh.a, linked after libourocc.a by -static only
    (libgcc_eh.a's place); libc and both libraries refer to each other, so they go in a group."""
    if machine not in _BY_MACHINE:
        raise KeyError(machine)
    return [os.path.join(DIRECTORY, "builtins", name) for name in _STATIC]


def start_file_names() -> list[str]:
    return list(_START_FILES)


def start_file_source(name: str) -> tuple[str, tuple[str, ...]]:
    """Absolute path of the source of a start file such as `crtbeginS.o`, and its extra flags."""
    source, flags = _START_FILES[name]
    return os.path.join(DIRECTORY, "crt", source), flags
