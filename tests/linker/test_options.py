"""Single options and rules of the linker, each with the smallest program that shows it."""

from pathlib import Path

import pytest

from ourocc.linker.command_line import parse_command_line
from ourocc.linker.elements import LinkError

from .support import gcc, needs_gcc, readelf, run, write

pytestmark = needs_gcc


def test_unused_sections_go_and_their_frames_with_them(tmp_path: Path) -> None:
    write(
        tmp_path,
        g_c="""
        int unused_data[1000] = {1}; int used_data = 3;
        int unused(void) { return unused_data[0]; }
        __attribute__((section("mine"))) int in_mine = 4;
        extern int __start_mine[], __stop_mine[];
        int main(void) { return used_data + (int)(__stop_mine - __start_mine) + __start_mine[0]; }
        """,
    )
    flags = ["-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections", "-fasynchronous-unwind-tables"]
    message = gcc(tmp_path, *flags, "-Wl,--print-gc-sections", "g.c", "-o", "g")
    run(tmp_path, "g", status=8)
    assert "removing unused section '.text.unused'" in message
    symbols = readelf(tmp_path, "-s", "g")
    assert "unused" not in symbols and "used_data" in symbols
    assert readelf(tmp_path, "--debug-dump=frames", "g").count("FDE") <= 6


def test_comdat_and_merged_strings(tmp_path: Path) -> None:
    part = 'const char *%s(void) { return "a common string"; }\n'
    write(
        tmp_path,
        a_c=part % "fa" + 'const char *tail(void) { return "string"; }',
        b_c=part % "fb",
        m_c="""
        const char *fa(void), *fb(void), *tail(void);
        int main(void) { return (fa() == fb()) + 2 * (tail() == fa() + 9); }
        """,
        x_s='.section .text.c,"axG",@progbits,c,comdat\n.weak c\nc: mov $1,%eax\nret\n.section .note.GNU-stack\n',
        y_s='.section .text.c,"axG",@progbits,c,comdat\n.weak c\nc: mov $2,%eax\nret\n.section .note.GNU-stack\n',
        n_c="int c(void); int main(void) { return c(); }",
    )
    gcc(tmp_path, "-O1", "m.c", "a.c", "b.c", "-o", "m")
    run(tmp_path, "m", status=3)
    gcc(tmp_path, "n.c", "x.s", "y.s", "-o", "n")
    run(tmp_path, "n", status=1)
    gcc(tmp_path, "n.c", "y.s", "x.s", "-o", "n")
    run(tmp_path, "n", status=2)


def test_weak_common_and_duplicates(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_c="""
        __attribute__((weak)) int w(void) { return 1; } int big[2]; extern int missing __attribute__((weak));
        int main(void) { return w() + (&missing ? 100 : 0) + big[9]; }
        """,
        b_c="int w(void) { return 2; } int big[10];",
        d_c="int w(void) { return 3; }",
    )
    gcc(tmp_path, "-fcommon", "a.c", "b.c", "-o", "p")
    run(tmp_path, "p", status=2)
    message = gcc(tmp_path, "a.c", "b.c", "d.c", "-fcommon", "-o", "p", fails=True)
    assert "multiple definition of `w'" in message and "first defined here" in message


def test_undefined_symbols_name_file_section_and_function(tmp_path: Path) -> None:
    write(
        tmp_path,
        u_c="int nowhere(void); int outer(void) { return nowhere(); } int main(void) { return outer(); }",
    )
    gcc(tmp_path, "-c", "u.c")
    message = gcc(tmp_path, "u.o", "-o", "u", fails=True)
    assert "u.o: in function `outer':" in message and "(.text+0x" in message
    assert "undefined reference to `nowhere'" in message
    assert not (tmp_path / "u").exists()
    gcc(tmp_path, "-shared", "-fPIC", "u.c", "-o", "libu.so")
    assert "nowhere" in gcc(tmp_path, "-shared", "-fPIC", "-Wl,-z,defs", "u.c", "-o", "libu.so", fails=True)


def test_position_dependent_code_is_refused_in_shared_objects(tmp_path: Path) -> None:
    write(tmp_path, p_c="int x; int *f(void) { return &x; }")
    message = gcc(tmp_path, "-shared", "-fno-pic", "-O1", "-mcmodel=large", "p.c", "-o", "p.so")
    assert "read-only section" in message  # 64-bit absolute addresses: text relocations
    message = gcc(tmp_path, "-shared", "-fno-pic", "-O1", "p.c", "-o", "p.so", fails=True)
    assert "recompile with -fPIC" in message


def test_wrap_defsym_undefined_and_entry(tmp_path: Path) -> None:
    write(
        tmp_path,
        m_c="int f(int); extern char here[]; int main(void) { return f(1) + (int)(long)here; }",
        f_c="int f(int x) { return x; } int __real_f(int); int __wrap_f(int x) { return 10 * __real_f(x + 1); }",
    )
    gcc(tmp_path, "-no-pie", "-fno-pie", "m.c", "f.c", "-Wl,--wrap=f", "-Wl,--defsym,here=2+3", "-o", "m")
    run(tmp_path, "m", status=25)
    write(tmp_path, e_c='void begin(void) { __asm__("mov $60,%eax; mov $9,%edi; syscall"); }')
    gcc(tmp_path, "-nostdlib", "-static", "-no-pie", "e.c", "-Wl,-e,begin", "-o", "e")
    run(tmp_path, "e", status=9)


def test_dynamic_section(tmp_path: Path) -> None:
    write(tmp_path, l_c="int f(void) { return 1; }", m_c="int main(void) { return 0; }")
    gcc(tmp_path, "-shared", "-fPIC", "l.c", "-Wl,-soname,libl.so.3", "-o", "libl.so")
    gcc(
        tmp_path,
        "m.c",
        "-L.",
        "-Wl,--no-as-needed",
        "-ll",
        "-Wl,-rpath,/a:/b",
        "-Wl,-z,now",
        "-Wl,--hash-style=both",
        "-o",
        "m",
    )
    text = readelf(tmp_path, "-d", "m")
    for wanted in (
        "[libl.so.3]",
        "[libc.so.6]",
        "RUNPATH",
        "[/a:/b]",
        "BIND_NOW",
        "NOW PIE",
        "GNU_HASH",
        "(HASH)",
    ):
        assert wanted in text, wanted
    gcc(tmp_path, "m.c", "-L.", "-Wl,--as-needed", "-ll", "-Wl,--disable-new-dtags,-rpath,/a", "-o", "m")
    text = readelf(tmp_path, "-d", "m")
    assert "libl" not in text and "(RPATH)" in text and "RUNPATH" not in text


def test_exports_of_an_executable(tmp_path: Path) -> None:
    write(
        tmp_path,
        m_c="int shown(void) { return 1; } int kept(void) { return 2; } int main(void) { return 0; }",
        d_list="{ shown; };",
    )
    gcc(tmp_path, "m.c", "-rdynamic", "-o", "m")
    assert " kept" in readelf(tmp_path, "--dyn-syms", "m")
    gcc(tmp_path, "m.c", "-Wl,--dynamic-list=d.list", "-o", "m")
    text = readelf(tmp_path, "--dyn-syms", "m")
    assert " shown" in text and " kept" not in text


def test_preemption_and_symbolic(tmp_path: Path) -> None:
    write(
        tmp_path,
        l_c="int inner(void) { return 1; } int outer(void) { return inner(); }",
        m_c="int outer(void); int inner(void) { return 2; } int main(void) { return outer(); }",
    )
    for flags, status in (([], 2), (["-Wl,-Bsymbolic"], 1), (["-Wl,-Bsymbolic-functions"], 1)):
        gcc(tmp_path, "-shared", "-fPIC", "l.c", *flags, "-o", "libl.so")
        gcc(tmp_path, "m.c", "-L.", "-ll", "-o", "m")
        run(tmp_path, "m", status=status)


def test_same_input_same_bytes(tmp_path: Path) -> None:
    import os
    import subprocess

    write(tmp_path, m_c='#include <stdio.h>\nint main(void) { printf("%d", 1); return 0; }')
    outputs = []
    for seed in ("1", "2"):
        os.environ["PYTHONHASHSEED"] = seed
        try:
            gcc(tmp_path, "m.c", "-static", "-o", "m")
        finally:
            del os.environ["PYTHONHASHSEED"]
        outputs.append((tmp_path / "m").read_bytes())
    assert outputs[0] == outputs[1]
    assert subprocess.run([str(tmp_path / "m")], capture_output=True).stdout == b"1"


def test_backtrace_finds_its_way(tmp_path: Path) -> None:
    write(
        tmp_path,
        t_c="""
        #include <execinfo.h>
        __attribute__((noinline)) int deep(void) { void *p[20]; return backtrace(p, 20); }
        __attribute__((noinline)) int middle(void) { return deep() + 0 * (__builtin_return_address(0) != 0); }
        int main(void) { return middle() >= 4 ? 0 : 1; }
        """,
    )
    for flags in (["-pie", "-fPIE"], ["-static", "-no-pie"]):
        gcc(tmp_path, "-O0", "-fno-omit-frame-pointer", *flags, "t.c", "-o", "t")
        run(tmp_path, "t")


def test_debug_sections_survive(tmp_path: Path) -> None:
    import subprocess

    write(tmp_path, m_c="int main(void) {\n  return 0;\n}\n")
    gcc(tmp_path, "-g", "-no-pie", "m.c", "-o", "m")
    symbols = readelf(tmp_path, "-s", "m").splitlines()
    address = next(line.split()[1] for line in symbols if line.endswith(" main"))
    found = subprocess.run(["addr2line", "-f", "-e", "m", address], cwd=tmp_path, capture_output=True, text=True).stdout
    assert found.startswith("main\n") and found.endswith("m.c:1\n")
    gcc(tmp_path, "-g", "-Wl,-S", "m.c", "-o", "m")
    assert ".debug" not in readelf(tmp_path, "-S", "m")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no-such-option"],
        ["-o"],
        ["-z", "nonsense"],
        ["--build-id=abc"],
        ["-m", "elf_vax"],
        ["--pop-state"],
        ["-Q"],
    ],
    ids=" ".join,
)
def test_wrong_options_are_errors(arguments: list[str]) -> None:
    with pytest.raises(LinkError):
        parse_command_line(arguments)
