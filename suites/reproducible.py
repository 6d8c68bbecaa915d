"""`./x suite reproducible`: the same input gives the same bytes.

Every example and benchmark program is compiled twice, in directories of different names with
-ffile-prefix-map, under different PYTHONHASHSEED, TMPDIR and file times: objects (plain and -g),
assembly, executables and shared objects must be identical.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import pathlib
import shutil
import sys
import tempfile

from suites import common

FORMS: tuple[tuple[str, ...], ...] = (
    ("-O0", "-c"), ("-O2", "-c"), ("-O2", "-g", "-c"), ("-O2", "-S"), ("-O2", "-fPIC", "-shared"), ("-O2",),
    ("-O0", "-g", "-static"),
)


def build(compiler: common.Compiler, source: pathlib.Path, directory: pathlib.Path, flags: tuple[str, ...],
          seed: str) -> tuple[str, str]:
    """Digest of the output, or an empty string and the reason of failure."""
    work = directory / "src"
    work.mkdir(parents=True, exist_ok=True)
    temporary = directory / "tmp"
    temporary.mkdir(exist_ok=True)
    copy = work / source.name
    shutil.copy(source, copy)
    os.utime(copy, (int(seed) + 1, int(seed) + 1))
    output = work / "output"
    libraries = [] if "-c" in flags or "-S" in flags else ["-lm"]
    made = common.run([*compiler.command, *flags, f"-ffile-prefix-map={work}=.", "-w", str(copy), "-o", output, *libraries],
                      cwd=work, timeout=300, env=common.environment(PYTHONHASHSEED=seed, TMPDIR=str(temporary)))
    if not made.ok:
        return "", f"{made.describe()}: {made.first_message()}"
    return hashlib.sha256(output.read_bytes()).hexdigest(), ""


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./x suite reproducible", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    common.add_compiler_option(parser)
    parser.add_argument("--filter", default="")
    arguments = parser.parse_args(argv)
    compiler = common.compiler(arguments.cc)
    files = sorted([*(common.ROOT / "examples").glob("*.c"), *(common.ROOT / "bench" / "code").glob("*.c")])
    files = [path for path in files if arguments.filter in path.name]
    failures = compared = 0
    with tempfile.TemporaryDirectory(prefix="ourocc-reproducible-") as scratch:
        for index, source in enumerate(files):
            # All forms for the examples; for the benchmark programs one form each, in turn.
            forms = FORMS if source.parent.name == "examples" else (FORMS[index % len(FORMS)],)
            for flags in forms:
                common.progress(f"{source.name} {' '.join(flags)}")
                results = [build(compiler, source, pathlib.Path(scratch, folder), flags, seed)
                           for folder, seed in (("a", "0"), ("another/much-longer-name", "4242"))]
                compared += 1
                problem = results[0][1] or results[1][1]
                if not problem and results[0][0] != results[1][0]:
                    problem = "different bytes"
                if problem:
                    failures += 1
                    common.progress("")
                    print(f"FAIL {source.name} {' '.join(flags)}: {problem}", flush=True)
    common.progress("")
    print(f"reproducible: {compared - failures} of {compared} outputs are identical")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
