"""Further options: library search, states, exports, maps, weak and thread-local corner cases."""

import subprocess
from pathlib import Path

from .support import gcc, needs_gcc, readelf, run, write

pytestmark = needs_gcc


def archive(folder: Path, name: str, *members: str) -> None:
    subprocess.run(["ar", "rcs", name, *members], cwd=folder, check=True)


def test_library_search(tmp_path: Path) -> None:
    write(
        tmp_path,
        f_c="int f(void) { return 4; }",
        s_c="int f(void) { return 5; }",
        m_c="int f(void); int main(void) { return f(); }",
    )
    (tmp_path / "root" / "lib").mkdir(parents=True)
    gcc(tmp_path, "-c", "f.c", "m.c")
    archive(tmp_path, "libf.a", "f.o")
    gcc(tmp_path, "-shared", "-fPIC", "s.c", "-o", "libf.so")
    gcc(tmp_path, "m.o", "-L.", "-lf", "-o", "m")
    run(tmp_path, "m", status=5)
    gcc(tmp_path, "m.o", "-L.", "-Wl,-Bstatic", "-lf", "-Wl,-Bdynamic", "-o", "m")
    run(tmp_path, "m", status=4)
    gcc(tmp_path, "m.o", "-L.", "-l:libf.a", "-o", "m")
    run(tmp_path, "m", status=4)
    archive(tmp_path, "root/lib/libours.a", "f.o")
    gcc(tmp_path, "m.o", "-nostdlib", "-r", "-o", "r.o")
    gcc(
        tmp_path,
        "-nostdlib",
        "-nostartfiles",
        "-static",
        "-no-pie",
        f"-Wl,--sysroot={tmp_path}/root",
        "-Wl,-L=/lib",
        "m.o",
        "-lours",
        "-Wl,-e,main",
        "-o",
        "n",
    )
    message = gcc(tmp_path, "m.o", "-lnowhere", "-o", "m", fails=True)
    assert "cannot find -lnowhere" in message
    write(
        tmp_path,
        script_so="/* a script */ INPUT ( libf.a ) GROUP(AS_NEEDED(-lm))",
        args_txt="m.o script.so -o fromfile\n",
    )
    gcc(tmp_path, "m.o", "script.so", "-o", "m")
    run(tmp_path, "m", status=4)


def test_exclude_libs_and_visibility(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_c="int from_archive(void) { return 1; }",
        l_c="""
        int from_archive(void);
        __attribute__((visibility("hidden"))) int secret(void) { return from_archive(); }
        int shown(void) { return secret(); }
        """,
    )
    gcc(tmp_path, "-c", "-fPIC", "a.c", "l.c")
    archive(tmp_path, "liba.a", "a.o")
    gcc(tmp_path, "-shared", "l.o", "-L.", "-la", "-o", "one.so")
    assert "from_archive" in readelf(tmp_path, "--dyn-syms", "one.so")
    gcc(tmp_path, "-shared", "l.o", "-L.", "-la", "-Wl,--exclude-libs,ALL", "-o", "two.so")
    text = readelf(tmp_path, "--dyn-syms", "two.so")
    assert "from_archive" not in text and "secret" not in text and "shown" in text


def test_map_file_and_build_id(tmp_path: Path) -> None:
    write(tmp_path, m_c="int used = 1; int main(void) { return used - 1; }")
    gcc(tmp_path, "m.c", "-Wl,-Map,out.map", "-Wl,--build-id=0xdeadbeef", "-o", "m")
    text = (tmp_path / "out.map").read_text()
    assert ".text" in text and "main" in text and "used" in text
    assert "deadbeef" in readelf(tmp_path, "-n", "m")
    gcc(tmp_path, "m.c", "-Wl,--build-id=md5", "-o", "m")
    assert "Build ID" in readelf(tmp_path, "-n", "m")


def test_executable_stack_and_relro(tmp_path: Path) -> None:
    write(
        tmp_path, m_c="int main(void) { return 0; }", s_s='.globl f\nf: ret\n.section .note.GNU-stack,"x",@progbits\n'
    )
    gcc(tmp_path, "m.c", "-o", "m")
    assert "GNU_STACK" in readelf(tmp_path, "-l", "m") and " RWE " not in readelf(tmp_path, "-l", "m")
    gcc(tmp_path, "m.c", "s.s", "-o", "m")
    assert " RWE " in readelf(tmp_path, "-l", "m")
    gcc(tmp_path, "m.c", "s.s", "-Wl,-z,noexecstack", "-Wl,-z,norelro", "-o", "m")
    text = readelf(tmp_path, "-l", "m")
    assert " RWE " not in text and "GNU_RELRO" not in text
    run(tmp_path, "m")


def test_unresolved_symbols(tmp_path: Path) -> None:
    write(tmp_path, m_c="int nowhere(void); int main(int c, char **v) { return c > 5 ? nowhere() : 3; }")
    gcc(tmp_path, "m.c", "-Wl,--unresolved-symbols=ignore-all", "-o", "m")
    run(tmp_path, "m", status=3)
    assert "nowhere" in gcc(tmp_path, "m.c", "-Wl,--warn-unresolved-symbols", "-o", "m")
    run(tmp_path, "m", status=3)


def test_thread_local_storage_alignment_and_models(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_c="""
        #include <stdint.h>
        __thread char small = 1; __thread _Alignas(64) char big[100]; static __thread int hidden = 5;
        __thread int zero; extern __thread int other;
        int check(void);
        int main(void) {
          if ((uintptr_t)big % 64) return 1;
          return small + hidden + zero + other + big[5] + check();
        }
        """,
        b_c="""
        __thread int other = 7; extern __thread char small; static __thread int mine = 3; __thread long more[4];
        int check(void) { return small + mine + (more[2] != 0); }
        """,
    )
    for flags in (
        ["-static", "-no-pie"],
        ["-static-pie", "-fPIE"],
        ["-pie", "-fPIC"],
        ["-pie", "-fPIC", "-mtls-dialect=gnu2"],
        ["-no-pie", "-fno-pie", "-O2"],
    ):
        gcc(tmp_path, *flags, "a.c", "b.c", "-o", "t")
        run(tmp_path, "t", status=17)
        gcc(tmp_path, "-shared", "-fPIC", *[f for f in flags if "dialect" in f], "b.c", "-o", "libb.so")
        if "-static" not in flags[0]:
            gcc(tmp_path, *flags, "-rdynamic", "a.c", "-L.", "-lb", "-o", "t")
            run(tmp_path, "t", status=17)


def test_constructors_in_order(tmp_path: Path) -> None:
    write(
        tmp_path,
        m_c="""
        #include <stdio.h>
        #define C(n, p) __attribute__((constructor p)) static void c##n(void) { printf("c" #n " "); } \\
                        __attribute__((destructor p)) static void d##n(void) { printf("d" #n " "); }
        C(1, ) C(2, (300)) C(3, (101)) C(4, )
        static void old(void) { printf("old "); }
        __attribute__((section(".ctors.65000"), used)) static void (*entry)(void) = old;
        __attribute__((section(".preinit_array"), used)) static void (*pre)(void) = old;
        int main(void) { printf("main "); return 0; }
        """,
    )
    gcc(tmp_path, "m.c", "-o", "ours")
    gcc(tmp_path, "m.c", "-o", "theirs", ours=False)
    assert run(tmp_path, "ours") == run(tmp_path, "theirs")


def test_weak_undefined_functions(tmp_path: Path) -> None:
    write(
        tmp_path,
        m_c="""
        __attribute__((weak)) int absent(void); __attribute__((weak)) extern int data;
        int (*pointer)(void) = absent; int *address = &data;
        int main(void) { return (absent != 0) + 2 * (pointer != 0) + 4 * (address != 0) + (pointer ? absent() : 0); }
        """,
    )
    for flags in (
        ["-static", "-no-pie", "-fno-pie"],
        ["-no-pie", "-fno-pie"],
        ["-pie", "-fPIE"],
        ["-static-pie", "-fPIE"],
    ):
        gcc(tmp_path, *flags, "m.c", "-o", "m")
        run(tmp_path, "m")


def test_cplusplus_exceptions(tmp_path: Path) -> None:
    import shutil

    import pytest

    if shutil.which("g++") is None:
        pytest.skip("needs g++")
    write(
        tmp_path,
        x_cc="""
        #include <stdexcept>
        #include <string>
        #include <cstdio>
        struct A { virtual ~A() {} virtual int f() { return 1; } }; struct B : A { int f() override { return 2; } };
        inline int counter() { static int c; return ++c; }
        int thrower(int x) { if (x > 2) throw std::runtime_error("boom " + std::to_string(x)); return x; }
        int main() {
          try { for (int i = 0; i < 5; i++) thrower(i); } catch (std::exception &e) { std::puts(e.what()); }
          A *a = new B; std::printf("%d %d %d\\n", a->f(), dynamic_cast<B *>(a) != nullptr, counter());
        }
        """,
    )
    for flags in (["-O2"], ["-static"], ["-static-pie", "-Wl,--gc-sections", "-ffunction-sections"], ["-no-pie"]):
        gcc(tmp_path, *flags, "x.cc", "-lstdc++", "-lm", "-o", "x")
        assert run(tmp_path, "x") == "boom 3\n2 1 1\n"
