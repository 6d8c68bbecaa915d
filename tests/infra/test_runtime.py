"""The run-time library against libgcc: built by gcc, its names prefixed, compared on random values."""

from __future__ import annotations

import pathlib
import shutil
import subprocess

import pytest

from ourocc import runtime

HERE = pathlib.Path(__file__).parent
GCC = shutil.which("gcc")
needs_gcc = pytest.mark.skipif(GCC is None or shutil.which("objcopy") is None, reason="gcc is the oracle")


def run(*command: object, **options: object) -> str:
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr + result.stdout
    return result.stdout


def compile_library(directory: pathlib.Path, sources: list[str], prefix: str = "") -> list[pathlib.Path]:
    objects = []
    for source in sources:
        target = directory / (pathlib.Path(source).name + ".o")
        run(f"{prefix}gcc", *runtime.FLAGS, "-O1", "-I", runtime.INCLUDE_DIRECTORY, "-c", source, "-o", target)
        objects.append(target)
    return objects


@pytest.mark.parametrize(("machine", "prefix", "launcher", "rounds"), [
    ("x86_64", "", [], 20000),
    ("riscv64", "riscv64-linux-gnu-", ["qemu-riscv64", "-L", "/usr/riscv64-linux-gnu"], 2000),
])
def test_helpers_compute_what_libgcc_computes(tmp_path: pathlib.Path, machine: str, prefix: str,
                                              launcher: list[str], rounds: int) -> None:
    for tool in (f"{prefix}gcc", f"{prefix}objcopy", *launcher[:1]):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    objects = compile_library(tmp_path, runtime.builtin_sources(machine), prefix)
    whole = tmp_path / "whole.o"
    run(f"{prefix}ld", "-r", *objects, "-o", whole)
    names = [line.split()[-1] for line in run(f"{prefix}nm", "-g", "--defined-only", whole).splitlines()]
    (tmp_path / "names").write_text("".join(f"{name} our_{name}\n" for name in names))
    renamed = tmp_path / "renamed.o"
    run(f"{prefix}objcopy", f"--redefine-syms={tmp_path / 'names'}", whole, renamed)
    program = tmp_path / "oracle"
    run(f"{prefix}gcc", "-O1", "-frounding-math", "-w", HERE / "runtime_oracle.c", renamed, "-o", program, "-lm")
    assert run(*launcher, program, rounds) == "0 differences\n"


@needs_gcc
def test_library_defines_no_name_twice(tmp_path: pathlib.Path) -> None:
    for machine in runtime.machines():
        sources = [pathlib.Path(path) for path in runtime.builtin_sources(machine)]
        assert all(path.exists() for path in sources + [pathlib.Path(p) for p in runtime.static_sources(machine)])
        assert len(set(sources)) == len(sources)


@needs_gcc
@pytest.mark.parametrize("standard", ["c89", "c99", "c11", "gnu17", "c2x"])
def test_headers_compile_in_every_mode(tmp_path: pathlib.Path, standard: str) -> None:
    names = sorted(path.name for path in pathlib.Path(runtime.INCLUDE_DIRECTORY).glob("*.h"))
    left_out = {"varargs.h", "immintrin.h"} | ({"stdatomic.h"} if standard in ("c89", "c99") else set())
    text = "".join(f"#include <{name}>\n" for name in names if name not in left_out)
    source = tmp_path / "all.c"
    source.write_text(text * 2 + "int main(void) { return 0; }\n")
    flags = ["-nostdinc", "-isystem", runtime.INCLUDE_DIRECTORY]
    run("gcc", f"-std={standard}", *flags, "-isystem", "/usr/include/x86_64-linux-gnu", "-isystem",
        "/usr/include", "-Wall", "-fsyntax-only", source)
    hosted_only = {"mm_malloc.h", "xmmintrin.h", "emmintrin.h", "immintrin.h", "x86intrin.h"}
    free = "".join(f"#include <{name}>\n" for name in names if name not in left_out | hosted_only)
    source.write_text(free)
    run("gcc", f"-std={standard}", "-ffreestanding", *flags, "-fsyntax-only", source)


def macros(source: pathlib.Path, headers: list[str]) -> dict[str, str]:
    """Values of the macros that a source defines, as gcc -dM -E prints them."""
    lines = run("gcc", "-dM", "-E", *headers, source).splitlines()
    return {line.split(maxsplit=2)[1]: (line.split(maxsplit=2) + [""])[2] for line in lines}


@needs_gcc
@pytest.mark.parametrize("name", ["limits.h", "float.h", "stdint.h"])
def test_limits_have_gcc_values(tmp_path: pathlib.Path, name: str) -> None:
    source = tmp_path / "probe.c"
    source.write_text("#define __STDC_WANT_IEC_60559_BFP_EXT__ 1\n#define __STDC_WANT_IEC_60559_TYPES_EXT__ 1\n"
                      f"#include <{name}>\n")
    mode = ["-ffreestanding"] if name == "stdint.h" else []
    system = ["-isystem", "/usr/include/x86_64-linux-gnu", "-isystem", "/usr/include"]
    ours = macros(source, [*mode, "-nostdinc", "-isystem", runtime.INCLUDE_DIRECTORY, *system])
    theirs = macros(source, mode)
    wanted = sorted(key for key in theirs if not key.startswith("_") and "(" not in key)
    assert [key for key in wanted if key not in ours] == []
    checks = "".join(f'_Static_assert({ours[key]} == {theirs[key]}, "{key}");\n' for key in wanted
                     if "SNAN" not in key and theirs[key])
    (tmp_path / "check.c").write_text(f"#include <{name}>\n" + checks)
    run("gcc", "-w", "-std=gnu17", "-fsyntax-only", tmp_path / "check.c")


@needs_gcc
def test_start_files_and_static_unwinder_make_programs(tmp_path: pathlib.Path) -> None:
    (tmp_path / "program.c").write_text(
        "#include <pthread.h>\n#include <stdio.h>\n#include <stdlib.h>\n"
        "static void note(void *text) { printf(\"%s\\n\", (char *)text); }\n"
        "static void last(void) { puts(\"atexit\"); }\n"
        "static void *body(void *unused) { pthread_cleanup_push(note, \"cleanup\"); pthread_exit(0);"
        " pthread_cleanup_pop(0); return unused; }\n"
        "int main(void) { pthread_t t; atexit(last); pthread_create(&t, 0, body, 0);"
        " pthread_join(t, 0); printf(\"%.2f\\n\", 1.5); return 0; }\n")
    expected = "cleanup\n1.50\natexit\n"
    run("gcc", "-c", tmp_path / "program.c", "-o", tmp_path / "program.o")
    for name in runtime.start_file_names():
        source, flags = runtime.start_file_source(name)
        run("gcc", *runtime.FLAGS, *flags, "-c", source, "-o", tmp_path / name)
    for library, sources in [("libourocc.a", runtime.builtin_sources("x86_64")),
                             ("libourocc_eh.a", runtime.static_sources("x86_64"))]:
        run("ar", "rcs", tmp_path / library, *compile_library(tmp_path, sources))

    def system(name: str) -> str:
        return run("gcc", f"-print-file-name={name}").strip()

    run("ld", "-static", "-o", tmp_path / "static", system("crt1.o"), system("crti.o"), tmp_path / "crtbeginT.o",
        tmp_path / "program.o", "--start-group", tmp_path / "libourocc.a", tmp_path / "libourocc_eh.a",
        system("libc.a"), "--end-group", tmp_path / "crtend.o", system("crtn.o"))
    assert run(tmp_path / "static") == expected
    run("ld", "-pie", "-dynamic-linker", "/lib64/ld-linux-x86-64.so.2", "-o", tmp_path / "pie", system("Scrt1.o"),
        system("crti.o"), tmp_path / "crtbeginS.o", tmp_path / "program.o", tmp_path / "libourocc.a",
        system("libc.so.6"), system("libc_nonshared.a"), tmp_path / "crtendS.o", system("crtn.o"))
    assert run(tmp_path / "pie") == expected
