"""Building Ourocc: native by mypyc where a C compiler and Python's headers are, plain Python otherwise.

Environment: OUROCC_PURE=1 builds plain Python (a py3-none-any wheel) in any case; OUROCC_OPT_LEVEL is
mypyc's optimization level (default 1); OUROCC_JOBS is the number of C files compiled at once.
Everything else stands in pyproject.toml.
"""

from __future__ import annotations

import glob
import os
import shlex
import shutil
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# The rooms that are compiled: those on the way from bytes to an image.
NATIVE_ROOMS = (
    "base", "preprocess", "syntax", "semantics", "lower", "ir", "optimize", "machine", "targets", "assembler",
    "objects", "linker", "driver", "binutils",
)
# Modules in them that stay interpreted: what mypyc cannot compile or what `python -m` runs.
INTERPRETED = (
    "ourocc/base/native.py",
    "ourocc/binutils/*.py",
)


def native_modules() -> list[str]:
    interpreted = {path for pattern in INTERPRETED for path in glob.glob(pattern)}
    found = []
    for room in NATIVE_ROOMS:
        for path in sorted(glob.glob(f"ourocc/{room}/**/*.py", recursive=True)):
            if path not in interpreted and os.path.basename(path) != "__main__.py":
                found.append(path)
    return found


def can_build_native() -> bool:
    if os.environ.get("OUROCC_PURE", "0") not in ("", "0"):
        return False
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")[0]
    header = os.path.join(sysconfig.get_paths()["include"], "Python.h")
    if shutil.which(compiler) is None or not os.path.exists(header):
        return False
    try:
        import mypyc.build  # noqa: F401
    except ImportError:
        return False
    return True


def extensions() -> list[Extension]:
    # Metadata alone (pip asks for it first) needs no analysis of the sources.
    building = any(command in sys.argv for command in ("build", "build_ext", "bdist_wheel", "install", "editable_wheel"))
    modules = native_modules()
    if not building or not modules or not can_build_native():
        return []
    from mypyc.build import mypycify

    built: list[Extension] = mypycify(
        modules,
        opt_level=os.environ.get("OUROCC_OPT_LEVEL", "1"),
        debug_level="0",
        multi_file=True,
        group_name="ourocc",
    )
    return built


class ParallelBuild(build_ext):
    """build_ext that compiles the C files of one extension side by side."""

    def build_extensions(self) -> None:
        compiler = self.compiler
        one_after_the_other = compiler.compile
        jobs = int(os.environ.get("OUROCC_JOBS") or os.cpu_count() or 1)

        def compile_side_by_side(sources: list[str], *arguments: object, **options: object) -> list[str]:
            with ThreadPoolExecutor(jobs) as pool:
                results = pool.map(lambda source: one_after_the_other([source], *arguments, **options), sources)
                return [path for result in results for path in result]

        compiler.compile = compile_side_by_side
        super().build_extensions()


setup(ext_modules=extensions(), cmdclass={"build_ext": ParallelBuild})
