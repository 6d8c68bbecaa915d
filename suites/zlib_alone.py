"""`./x suite zlib-alone`: zlib's configure, make and make test where nothing but Ourocc can compile.

In a mount namespace (bubblewrap) /usr/bin holds copies of an explicit list of ordinary tools only: no
gcc, cc, as, ld, ar, nm, ranlib, strip, objdump, clang or tcc can be found, /usr/lib/gcc and libgcc_s
are hidden.  `cc`-like names are not provided: CC=ourocc, AR and RANLIB are Ourocc's own.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import shutil
import sys
import tempfile

from suites import common, sources

# What configure and make call besides the compiler.
TOOLS = ("awk basename bash cat chmod cmp cp cut date diff dirname echo env expr false find grep egrep fgrep head id "
         "install ln ls make mkdir mv printf pwd rm rmdir sed seq sh sleep sort tail tee test touch tr true uname "
         "uniq wc which xargs [ gzip mawk gawk sha256sum od").split()
HIDDEN_FOLDERS = ("/usr/lib/gcc", "/usr/lib/gcc-cross", "/usr/libexec/gcc", "/usr/local/bin", "/usr/sbin",
                  "/usr/lib/llvm-14", "/usr/lib/tcc", "/usr/x86_64-linux-gnu/bin")
HIDDEN_FILES = ("/lib/x86_64-linux-gnu/libgcc_s.so.1", "/usr/lib/x86_64-linux-gnu/libgcc_s.so.1",
                "/usr/lib/x86_64-linux-gnu/libgcc_s.so")
FORBIDDEN = ("gcc", "cc", "c99", "g++", "cpp", "clang", "tcc", "as", "ld", "ld.bfd", "ld.gold", "ar", "nm", "ranlib",
             "strip", "objcopy", "objdump", "readelf", "x86_64-linux-gnu-gcc", "x86_64-linux-gnu-ld", "gcc-12", "c++")


def write_script(path: pathlib.Path, command: list[str]) -> None:
    words = " ".join(f"'{word}'" for word in command)
    path.write_text(f"#!/bin/sh\nPYTHONPATH='{common.environment()['PYTHONPATH']}' exec {words} \"$@\"\n")
    path.chmod(0o755)


def tool_folder(directory: pathlib.Path, compiler: common.Compiler) -> list[str]:
    """Fill `directory` as the only /usr/bin; returns the make variables that name our tools."""
    for name in TOOLS:
        found = shutil.which(name)
        if found is not None:
            shutil.copy(os.path.realpath(found), directory / name)
    if compiler.is_ourocc:
        python = [sys.executable, "-m"]
        write_script(directory / "ourocc", [*python, "ourocc"])
        write_script(directory / "ourocc-ar", [*python, "ourocc.binutils.ar"])
        write_script(directory / "ourocc-ranlib", [*python, "ourocc.binutils.ar", "s"])
        write_script(directory / "ourocc-nm", [*python, "ourocc.binutils.nm"])
        return ["CC=ourocc", "AR=ourocc-ar", "RANLIB=ourocc-ranlib", "NM=ourocc-nm"]
    # Another self-contained compiler (tcc) shows that the environment itself is sound.
    shutil.copy(os.path.realpath(shutil.which(compiler.command[0]) or compiler.command[0]),
                directory / f"alone-{compiler.name}")
    write_script(directory / "alone-ar", [f"/usr/bin/alone-{compiler.name}", "-ar"])
    return [f"CC=alone-{compiler.name}", "AR=alone-ar", "RANLIB=true", "NM=true"]


def namespace(tools: pathlib.Path, work: pathlib.Path) -> list[str]:
    """The bubblewrap command that hides every other toolchain."""
    command = ["bwrap", "--dev-bind", "/", "/", "--bind", str(tools), "/usr/bin"]
    if not os.path.islink("/bin"):
        command += ["--bind", str(tools), "/bin"]
    for folder in HIDDEN_FOLDERS:
        if os.path.isdir(folder):
            command += ["--tmpfs", folder]
    for file in HIDDEN_FILES:
        if os.path.exists(file) and not os.path.islink(file):
            command += ["--bind", "/dev/null", file]
    return [*command, "--chdir", str(work), "--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "LC_ALL", "C",
            "--setenv", "HOME", str(work), "--die-with-parent", "--"]


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./x suite zlib-alone", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    common.add_compiler_option(parser)
    parser.add_argument("--levels", default="O2", help="default: O2")
    arguments = parser.parse_args(argv)
    if shutil.which("bwrap") is None:
        return common.fail("./x suite zlib-alone: bwrap is missing (Debian: apt-get install bubblewrap)")
    compiler = common.compiler(arguments.cc)
    failures = 0
    logs = common.ROOT / "build" / "projects"
    logs.mkdir(parents=True, exist_ok=True)
    for level in common.levels(arguments.levels):
        with tempfile.TemporaryDirectory(prefix="ourocc-alone-") as scratch:
            tools = pathlib.Path(scratch, "bin")
            tools.mkdir()
            work = sources.copy("zlib", pathlib.Path(scratch, "zlib"))
            variables = tool_folder(tools, compiler)
            inside = namespace(tools, work)
            log = logs / f"zlib-alone-{compiler.name}{level}.log"
            log.write_bytes(b"")
            script = f"for tool in {' '.join(FORBIDDEN)}; do if command -v $tool; then echo \"found $tool\"; exit 9; fi; done"
            steps = [("no other toolchain is found", script),
                     ("configure", f"env {' '.join(variables)} CFLAGS='{level} -w' ./configure"),
                     ("make", "make"), ("make test", "make test")]
            for what, command in steps:
                common.progress(f"zlib-alone {level}: {what}")
                done = common.run([*inside, "sh", "-c", command], timeout=1800)
                with log.open("ab") as sink:
                    sink.write(f"\n== {what}\n".encode() + done.stdout + done.stderr)
                ok = done.ok
                if what == "make test":
                    lines = re.findall(rb"\*\*\* zlib .*? \*\*\*", done.stdout)
                    ok = ok and bool(lines) and all(line.endswith(b"OK ***") for line in lines)
                    ok = ok and (not compiler.is_ourocc or any(b"shared" in line for line in lines))
                if not ok:
                    failures += 1
                    common.progress("")
                    message = done.first_message() if done.stderr.strip() else done.stdout.decode(errors="replace")[-200:]
                    print(f"FAIL zlib-alone {level}: {what}: {done.describe()}: {message} ({log.relative_to(common.ROOT)})")
                    break
            else:
                common.progress("")
                print(f"zlib-alone {level}: " + b"; ".join(lines).decode().replace("*** ", "").replace(" ***", ""))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
