"""Questions about symbols: -y, --warn-common, undefined names of shared libraries, versions that do not exist."""

import subprocess
from pathlib import Path

from .support import gcc, needs_gcc, readelf, run, write

pytestmark = needs_gcc


def test_libraries_that_miss_a_symbol(tmp_path: Path) -> None:
    write(
        tmp_path,
        lib_c="int helper(void); int f(void) { return helper(); }",
        helper_c="int helper(void) { return 6; }",
        main_c="int f(void); int main(void) { return f(); }",
    )
    gcc(tmp_path, "-shared", "-fPIC", "lib.c", "-o", "libf.so")
    gcc(tmp_path, "-c", "helper.c", "main.c")
    message = gcc(tmp_path, "main.o", "-L.", "-lf", "-o", "m", fails=True)
    assert "libf.so: undefined reference to `helper'" in message
    gcc(tmp_path, "main.o", "-L.", "-lf", "-Wl,--allow-shlib-undefined", "-o", "m")
    subprocess.run(["ar", "rcs", "libhelper.a", "helper.o"], cwd=tmp_path, check=True)
    gcc(tmp_path, "main.o", "-L.", "-lf", "-lhelper", f"-Wl,-rpath,{tmp_path}", "-o", "m")
    run(tmp_path, "m", status=6)


def test_traced_and_common_symbols(tmp_path: Path) -> None:
    write(tmp_path, a_c="int v = 1; int main(void) { return v - 1; }", b_c="int v, w;", c_c="int w; long v;")
    gcc(tmp_path, "-c", "a.c")
    gcc(tmp_path, "-fcommon", "-c", "b.c", "c.c")
    message = gcc(tmp_path, "a.o", "b.o", "c.o", "-Wl,-y,v", "-Wl,--warn-common", "-o", "m")
    assert "a.o: definition of v" in message and "b.o: common of v" in message
    assert "c.o: common of `v' overridden by definition from a.o" in message
    assert "c.o: multiple common of `w'; b.o: previous common is here" in message
    message = gcc(tmp_path, "a.o", "b.o", "c.o", "-Wl,--warn-common", "-Wl,-w", "-o", "m")
    assert "warning" not in message


def test_undefined_versions(tmp_path: Path) -> None:
    write(tmp_path, a_c="int f(void) { return 1; }", v_map="V1 { global: f; missing; local: *; };")
    gcc(tmp_path, "-shared", "-fPIC", "a.c", "-Wl,--version-script=v.map", "-o", "a.so")
    options = ("-shared", "-fPIC", "a.c", "-Wl,--version-script=v.map", "-Wl,--no-undefined-version")
    assert "missing: undefined version: V1" in gcc(tmp_path, *options, "-o", "b.so", fails=True)


def test_exported_symbol_stays_preemptible(tmp_path: Path) -> None:
    write(tmp_path, a_c="int f(void) { return 1; } int g(void) { return 2; } int h(void) { return f() + g(); }")
    gcc(tmp_path, "-shared", "-fPIC", "a.c", "-Wl,-Bsymbolic", "-Wl,--export-dynamic-symbol=f", "-o", "a.so")
    relocations = readelf(tmp_path, "-rW", "a.so")
    assert " f + 0" in relocations and " g + 0" not in relocations
    gcc(tmp_path, "-shared", "-fPIC", "a.c", "-Wl,--export-dynamic-symbol=f", "-o", "a.so")
    assert " g + 0" in readelf(tmp_path, "-rW", "a.so")


def test_zeroed_tls_first_in_its_segment(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_c="static __thread char c[33]; static __thread _Alignas(64) char d; int main(void) { return c[1] + d; }",
    )
    gcc(tmp_path, "-fno-pie", "-no-pie", "-c", "a.c")
    gcc(tmp_path, "-no-pie", "a.o", "-o", "m")
    run(tmp_path, "m", status=0)
    for line in readelf(tmp_path, "-lW", "m").splitlines():
        fields = line.split()
        if fields[:1] == ["LOAD"]:
            assert (int(fields[1], 16) - int(fields[2], 16)) % 4096 == 0
            assert int(fields[4], 16) <= int(fields[5], 16)


def test_orphans(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_c='int x __attribute__((section("unplaced_data"))) = 1; void _start(void) { for (;;) {} }',
        s_ld="SECTIONS { . = 0x10000; .text : { *(.text*) } /DISCARD/ : { *(.note*) *(.comment) *(.eh_frame) } }",
    )
    gcc(tmp_path, "-c", "-fno-pic", "a.c")
    options = ("-nostdlib", "-static", "-T", "s.ld", "a.o", "-o", "m")
    assert "unplaced_data" in readelf(tmp_path, "-SW", "a.o")
    gcc(tmp_path, *options)
    assert "unplaced_data" in readelf(tmp_path, "-SW", "m")
    gcc(tmp_path, *options, "-Wl,--orphan-handling=discard")
    assert "unplaced_data" not in readelf(tmp_path, "-SW", "m")
    assert "orphan section `unplaced_data'" in gcc(tmp_path, *options, "-Wl,--orphan-handling=warn")
    assert "unplaced orphan section `unplaced_data'" in gcc(tmp_path, *options, "-Wl,--orphan-handling=error", fails=True)


def test_unsupported_keywords(tmp_path: Path) -> None:
    write(tmp_path, a_c="int main(void) { return 0; }")
    gcc(tmp_path, "-c", "a.c")
    for keyword in ("ibt", "nosectionheader", "unique-symbol"):
        assert f"-z {keyword} is not supported" in gcc(tmp_path, "a.o", f"-Wl,-z,{keyword}", "-o", "m", fails=True)
    gcc(tmp_path, "a.o", "-Wl,-z,shstk", "-o", "m")
    assert "SHSTK" in readelf(tmp_path, "-n", "m")


def test_images_without_pages(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_s="""
        .globl _start
        _start: incb n(%rip)
        movl $60, %eax
        movzbl n(%rip), %edi
        syscall
        .data
        n: .byte 41
        """,
    )
    gcc(tmp_path, "-c", "a.s")
    base = ("-nostdlib", "-static", "-no-pie", "a.o", "-o", "m")
    for option in ("-N", "-n"):
        assert "RWX permissions" in gcc(tmp_path, *base, f"-Wl,{option}")
        run(tmp_path, "m", status=42)
    assert "RWX" not in gcc(tmp_path, *base, "-Wl,-N", "-Wl,--no-warn-rwx-segments")
    options = ("-Wl,-Ttext=0x7c00", "-Wl,-N", "-Wl,--oformat,binary", "-Wl,--build-id=none")
    gcc(tmp_path, *base, *options)
    image = (tmp_path / "m").read_bytes()
    gcc(tmp_path, *base, *options, ours=False)
    assert image == (tmp_path / "m").read_bytes() and image[-1] == 41


def test_demangled_patterns_are_refused(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_c="int f(void) { return 1; }",
        c_map='V1 { global: extern "C" { f; }; local: *; };',
        cpp_map='V1 { global: extern "C++" { "ns::f(int)"; }; local: *; };',
    )
    gcc(tmp_path, "-shared", "-fPIC", "a.c", "-Wl,--version-script=c.map", "-o", "a.so")
    options = ("-shared", "-fPIC", "a.c", "-Wl,--version-script=cpp.map", "-o", "b.so")
    assert 'extern "C++" is not supported' in gcc(tmp_path, *options, fails=True)
