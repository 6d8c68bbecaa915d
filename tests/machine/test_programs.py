"""C programs through the whole compiler: the output is that of gcc's build, at several levels and code models.

The allocation checker runs over every function (--verify).
"""

import subprocess
from pathlib import Path

import pytest

from ourocc.driver.main import main

PROGRAMS = Path(__file__).parent / "programs"
OPTIONS = [
    ["-O0"],
    ["-O1", "-fno-omit-frame-pointer"],
    ["-O2"],
    ["-O2", "-fPIC", "-fstack-protector-all"],
    ["-Os", "-mno-red-zone", "-ffunction-sections", "-fdata-sections"],
]


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
@pytest.mark.parametrize("name", sorted(path.stem for path in PROGRAMS.glob("*.c")))
def test_program(name: str, options: list[str], tmp_path: Path) -> None:
    made = tmp_path / "a.o"
    assert not main(["-w", "--verify", *options, "-c", str(PROGRAMS / f"{name}.c"), "-o", str(made)])
    subprocess.run(["gcc", "-o", tmp_path / "a.out", made, "-lm", "-lpthread"], check=True)
    done = subprocess.run([tmp_path / "a.out"], capture_output=True, text=True, timeout=10)
    assert done.returncode == 0
    assert done.stdout == (PROGRAMS / f"{name}.expected").read_text()


@pytest.mark.parametrize("name", ["mixed", "assembly"])
def test_assembly_text_gives_the_same_program(name: str, tmp_path: Path) -> None:
    """What -S prints, assembled by GNU as, behaves like the object."""
    listing = tmp_path / "a.s"
    assert not main(["-w", "-O2", "-S", str(PROGRAMS / f"{name}.c"), "-o", str(listing)])
    subprocess.run(["gcc", "-o", tmp_path / "a.out", listing, "-lm"], check=True)
    done = subprocess.run([tmp_path / "a.out"], capture_output=True, text=True, timeout=10)
    assert done.stdout == (PROGRAMS / f"{name}.expected").read_text()


def test_stack_protector_levels(tmp_path: Path) -> None:
    source = tmp_path / "a.c"
    source.write_text(
        "#include <string.h>\nint a(int x){return x+1;}\n"
        "int b(const char*s){char buf[16]; strcpy(buf,s); return buf[3];}\n"
        "void g(int*); int c(void){int x; g(&x); return x;}\nint d(int i){int arr[4]={1,2,3,4}; return arr[i];}\n"
    )
    for option, count in (("-fstack-protector", 1), ("-fstack-protector-strong", 3), ("-fstack-protector-all", 4)):
        listing = tmp_path / "a.s"
        assert not main(["-O1", option, "-S", str(source), "-o", str(listing)])
        assert listing.read_text().count("__stack_chk_fail") == count


def test_line_table_and_unwinding(tmp_path: Path) -> None:
    """addr2line finds the line of a function; readelf accepts the frames."""
    source = tmp_path / "a.c"
    source.write_text("int f(int x)\n{\n  int y = x * 3;\n  return y + 1;\n}\nint main(void) { return f(1); }\n")
    made = tmp_path / "a.o"
    assert not main(["-g", "-O0", "-c", str(source), "-o", str(made)])
    program = tmp_path / "a.out"
    subprocess.run(["gcc", "-o", program, made], check=True)
    symbols = subprocess.run(["nm", program], capture_output=True, text=True, check=True).stdout
    address = next(line.split()[0] for line in symbols.splitlines() if line.endswith(" T f"))
    found = subprocess.run(["addr2line", "-e", program, address], capture_output=True, text=True, check=True).stdout
    assert found.strip().endswith("a.c:2") or found.strip().endswith("a.c:1")
    frames = subprocess.run(["readelf", "--debug-dump=frames", program], capture_output=True, text=True, check=True)
    assert "DW_CFA_def_cfa_register" in frames.stdout


@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_functions_are_instrumented(level: str, tmp_path: Path) -> None:
    """Every body, inlined ones too, between its enter and its exit."""
    source = tmp_path / "a.c"
    source.write_text(
        "#include <stdio.h>\n#define NO __attribute__((no_instrument_function))\n"
        "NO void __cyg_profile_func_enter(void *f, void *c) { putchar(c ? '(' : '!'); }\n"
        "NO void __cyg_profile_func_exit(void *f, void *c) { putchar(')'); }\n"
        "static inline __attribute__((always_inline)) int tiny(int x) { return x + 1; }\n"
        "static int one(int x) { if (x) return tiny(x); putchar('-'); return 0; }\n"
        "int left_alone(int x) { return x; }\n"
        "int main(void) { one(1); one(0); left_alone(1); putchar('\\n'); return 0; }\n"
    )
    made = tmp_path / "a.o"
    flags = ["-finstrument-functions", "-finstrument-functions-exclude-function-list=alone"]
    assert not main(["-w", "--verify", level, *flags, "-c", str(source), "-o", str(made)])
    subprocess.run(["gcc", "-o", tmp_path / "a.out", made], check=True)
    done = subprocess.run([tmp_path / "a.out"], capture_output=True, text=True, timeout=10)
    assert done.stdout == "((())(-)\n)"


@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_block_operations_call_the_renamed_function(level: str, tmp_path: Path) -> None:
    source = tmp_path / "a.c"
    source.write_text(
        'void *memcpy(void *, const void *, unsigned long) __asm__("my_memcpy");\n'
        "struct S { char c[1000]; } a, b;\nvoid f(unsigned long n) { a = b; memcpy(&a, &b, n); }\n"
    )
    listing = tmp_path / "a.s"
    assert not main(["-w", level, "-S", str(source), "-o", str(listing)])
    text = listing.read_text()
    assert "my_memcpy" in text and "\tmemcpy" not in text
