"""gcc's command line: what is understood, what is refused."""

import subprocess
import sys
from pathlib import Path

import pytest

from ourocc.driver import flags
from ourocc.driver.command_line import CommandLine, CommandLineError, QueryAnswer, split_words
from ourocc.driver.compile import check_warnings
from ourocc.driver.main import Driver, main
from ourocc.driver.settings import LINK, OBJECT, PIC_NONE, PIC_SHARED, Settings
from ourocc.objects.elf_reader import read_object
from ourocc.objects.model import ObjectFile


def parse(text: str) -> Settings:
    return CommandLine(text.split()).parse()


def test_defaults() -> None:
    settings = parse("a.c")
    assert settings.action == LINK
    assert settings.level == 0
    assert settings.standard == "gnu17"
    assert [item.path for item in settings.inputs] == ["a.c"]


def test_common_flags() -> None:
    settings = parse("-c -O2 -Wall -Wno-unused -I inc -Idir -DX=1 -D Y -UZ -fPIC -std=c11 -o a.o a.c")
    assert settings.action == OBJECT
    assert settings.level == 2
    assert settings.directories == ["inc", "dir"]
    assert settings.defines == [("D", "X=1"), ("D", "Y"), ("U", "Z")]
    assert settings.position_independent == PIC_SHARED
    assert settings.standard == "c11"
    assert settings.warnings == ["all", "no-unused"]
    assert settings.output == "a.o"


@pytest.mark.parametrize(
    ("text", "level", "size"),
    [("-O", 1, 0), ("-O3", 3, 0), ("-O9", 3, 0), ("-Os", 2, 1), ("-Oz", 2, 2), ("-Og", 1, 0), ("-O2 -O0", 0, 0)],
)
def test_levels(text: str, level: int, size: int) -> None:
    settings = parse(text + " a.c")
    assert (settings.level, settings.size) == (level, size)


def test_linker_words_keep_their_place() -> None:
    settings = parse("a.o -Wl,--start-group -lfoo b.a -Wl,--end-group,-z,now -lm")
    assert [item.path or item.linker for item in settings.inputs] == [
        "a.o", "--start-group", "-lfoo", "b.a", "--end-group", "-z", "now", "-lm",
    ]  # fmt: skip


def test_last_position_independence_wins() -> None:
    assert parse("-fPIC -fno-pic a.c").position_independent == PIC_NONE
    assert parse("-fno-pie -fpic a.c").pic_level == 1


@pytest.mark.parametrize(
    "text",
    [
        "-fsanitize=address a.c", "-flto a.c", "-mavx2 a.c", "-frobnicate a.c", "-mfoo a.c", "-fopenmp a.c", "--bogus a.c",
        "-std=c42 a.c", "-c -o x a.c b.c", "-o", "-x fortran a.f", "-m32 a.c", "-march=z80 a.c", "-fprofile-generate a.c",
        "-fno-such-thing a.c", "-ftree-bogus a.c", "-fno- a.c", "-fmessage-length=x a.c", "-ftls-model=foo a.c", "-g5 a.c",
        "-gdwarf-7 a.c", "-mtune=foo a.c", "--param=foo=2 a.c", "-fpack-struct=3 a.c", "-fira-region=foo a.c", "-MP a.c",
        "-mno-foo a.c", "-fbuiltin-foo a.c", "-fuse-ld=foo a.c", "-nopie a.c", "-pthreads a.c", "-fdebug-bogus a.c",
        "-pg a.c", "-Ofoo a.c", "-fcf-protection=full a.c", "", "-fvisibility=sometimes a.c", "--target=z80-none a.c",
    ],
)  # fmt: skip
def test_refused(text: str) -> None:
    with pytest.raises(CommandLineError):
        parse(text)


@pytest.mark.parametrize("text", ["-fno-lto a.c", "-fno-sanitize=all a.c", "-ftree-vectorize a.c", "-pipe a.c", "-mno-avx a.c"])
def test_harmless(text: str) -> None:
    parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "-fno-tree-vectorize", "-falign-functions=32", "-fno-ipa-cp-clone", "-fira-region=mixed", "-mno-avx512f",
        "--param=inline-unit-growth=20", "-fno-var-tracking-assignments", "-fno-allow-store-data-races",
        "-mindirect-branch=keep", "-mskip-rax-setup", "-fno-stack-limit", "-mtune=native", "-freorder-blocks-algorithm=stc",
    ],
)  # fmt: skip
def test_known_to_gcc(text: str) -> None:
    assert not parse(text + " a.c").foreign_options


@pytest.mark.parametrize(
    ("flag", "wrong"),
    [
        ("-Wformat=9", True), ("-Wformat=2", False), ("-Wall=2", True), ("-Wno-such-thing", False), ("-Wsuch-thing", True),
        ("-Wshadow=foo", True), ("-Wshadow=local", False), ("-Wstack-usage=x", True), ("-Wframe-larger-than=1024", False),
        ("-Wno-", True), ("-Werror=such-thing", True), ("-Wnon-virtual-dtor", False), ("-Wlarger-than-5", False),
        ("-Wuse-after-free=4", True), ("-Wsuggest-attribute=pure", False),
    ],
)  # fmt: skip
def test_warning_flags(flag: str, wrong: bool) -> None:
    assert bool(check_warnings(parse(flag + " a.c"))) == wrong


def test_option_of_another_language_is_a_warning(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.c"
    source.write_text("int x;\n")
    assert main(["-fno-rtti", "-Wno-reorder", "-fsyntax-only", str(source)]) == 0
    messages = capfd.readouterr().err
    assert "'-fno-rtti' is valid for C++/ObjC++ but not for C" in messages and "'-Wno-reorder'" in messages
    assert main(["-fno-rtti", "-Werror", "-fsyntax-only", str(source)]) == 1


PROGRAM = """
typedef int T;
struct bits { int a : 3; signed int b : 3; T c : 3; };
struct packed { char a; long b; };
int printf(const char *, ...);
int main(void) {
    struct bits s = {-1, -1, -1};
    int x[9];
    printf("%d %d %d %d %d %d %d %x\\n", s.a, s.b, s.c, (int)sizeof(struct packed), (int)sizeof(L"ab"), (int)sizeof(0.1),
           __WCHAR_MAX__, x[3]);
    return 0;
}
"""


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("-funsigned-bitfields", "7 -1 7 16 12 8 2147483647"), ("-fpack-struct", "-1 -1 -1 9 12 8 2147483647"),
        ("-fpack-struct=2", "-1 -1 -1 10 12 8 2147483647"), ("-fshort-wchar", "-1 -1 -1 16 6 8 65535"),
        ("-fsingle-precision-constant", "-1 -1 -1 16 12 4 2147483647"),
    ],
)  # fmt: skip
def test_flags_that_change_code(flag: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text(PROGRAM)
    for fill, last in (("zero", "0"), ("pattern", "fefefefe")):
        made = tmp_path / "a.o"
        assert main(["-w", flag, f"-ftrivial-auto-var-init={fill}", "-c", str(tmp_path / "a.c"), "-o", str(made)]) == 0
        subprocess.run(["gcc", made, "-o", tmp_path / "a"], check=True)
        assert subprocess.run([tmp_path / "a"], capture_output=True, text=True).stdout == f"{expected} {last}\n"


def test_queries() -> None:
    with pytest.raises(QueryAnswer):
        parse("-dumpmachine")
    with pytest.raises(QueryAnswer):
        parse("--version")


def test_response_file(tmp_path: Path) -> None:
    (tmp_path / "args").write_text("-O2 '-DA=b c' a\\ b.c\n")
    settings = CommandLine([f"@{tmp_path}/args"]).parse()
    assert settings.defines == [("D", "A=b c")]
    assert settings.inputs[0].path == "a b.c"


def test_words() -> None:
    assert split_words("a \"b c\" 'd\"e' f\\ g ''") == ["a", "b c", 'd"e', "f g", ""]


def test_table_is_consistent() -> None:
    names = [row[0] for row in flags.ROWS]
    assert len(names) == len(set(names))
    for option, form, status, meaning in flags.ROWS:
        assert option.startswith("-")
        assert form in (flags.FLAG, flags.JOINED, flags.SEPARATE, flags.EITHER)
        assert status != flags.IMPLEMENTED or meaning, option


def test_every_implemented_row_is_handled() -> None:
    """No row may end in "in the table but not handled"."""
    for option, form, status, _ in flags.ROWS:
        if status != flags.IMPLEMENTED:
            continue
        argument = {"-std=": "c11", "--std=": "c11", "-x": "c", "--target=": "x86_64-linux-gnu", "-target": "x86_64-linux-gnu",
                    "-O": "1", "-g": "2", "--bisect-passes=": "3", "-W": "all", "-Wp,": "-DX", "-Xpreprocessor": "-DX"}.get(option, "x")  # fmt: skip
        words = [option + argument] if form == flags.JOINED else [option, argument]
        if form == flags.FLAG:
            words = [option]
        try:
            CommandLine([*words, "a.c"]).parse()
        except QueryAnswer:
            pass
        except CommandLineError as error:
            assert "not handled" not in str(error), option


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "ourocc", *arguments], capture_output=True, text=True, check=False)


def test_exit_codes() -> None:
    assert run().returncode == 1
    assert run("-c", "no-such-file.c").returncode == 1
    assert run("--version").returncode == 0
    assert run("-dumpmachine").stdout == "x86_64-linux-gnu\n"


def test_page_of_flags_is_up_to_date() -> None:
    from tools.flags_page import PAGE, page

    assert PAGE.read_text() == page(), "run python -m tools.flags_page"


def test_source_is_never_written_over(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.c"
    source.write_text("int x;\n")
    assert main(["-c", str(source), "-o", str(source)]) == 1
    assert source.read_text() == "int x;\n"
    assert "is the same as output file" in capfd.readouterr().err


def test_closed_descriptors(tmp_path: Path) -> None:
    """An output file must not become standard output; reading a closed standard input is an error, not a crash."""
    (tmp_path / "a.c").write_text("int x;\n")
    command = f"{sys.executable} -m ourocc"
    done = subprocess.run(f"{command} -E {tmp_path}/a.c >&-", shell=True, capture_output=True, text=True)
    assert done.returncode == 1 and "Bad file descriptor" in done.stderr
    done = subprocess.run(f"{command} -c -x c - -o {tmp_path}/b.o <&-", shell=True, capture_output=True, text=True)
    assert done.returncode == 1 and "Bad file descriptor" in done.stderr and not (tmp_path / "b.o").exists()
    done = subprocess.run(f"{command} -dumpmachine >/dev/full", shell=True, capture_output=True, text=True)
    assert done.returncode == 1 and "No space left" in done.stderr


def test_missing_preinclude_is_a_dependency(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.c").write_text("int x;\n")
    assert main(["-MM", "-MG", "-include", "generated.h", "a.c"]) == 0
    assert capfd.readouterr().out == "a.o: a.c generated.h\n"


def test_headers_are_listed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "inner.h").write_text("int y;\n")
    (tmp_path / "outer.h").write_text('#include "inner.h"\n')
    (tmp_path / "a.c").write_text('#include "outer.h"\n')
    assert main(["-H", "-fsyntax-only", "-nostdinc", str(tmp_path / "a.c")]) == 0
    assert capfd.readouterr().err == f". {tmp_path}/outer.h\n.. {tmp_path}/inner.h\n"


def test_names_of_kept_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.c").write_text("int main(void) { return 0; }\n")
    assert main(["-save-temps", "m.c", "-o", "prog"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.c", "prog", "prog-m.i", "prog-m.o", "prog-m.s"]


def test_x87_precision_has_a_start_file() -> None:
    settings = parse("-mpc64 -nostdlib -mno-stv -fnon-call-exceptions -fno-builtin-puts a.c")
    assert settings.machine["pc64"]
    assert settings.no_builtin == ["puts"]


@pytest.mark.parametrize(
    "flags",
    [
        "-std=gnu2x", "-std=c2x", "-ffreestanding", "-fno-asynchronous-unwind-tables", "-fsingle-precision-constant",
        "-fno-math-errno", "-fno-signed-zeros", "-fexceptions", "-fgnu89-inline", "-fcx-limited-range", "-Ofast",
        "-fno-associative-math -Ofast", "-ffast-math -fno-finite-math-only", "-fshort-wchar", "-funsafe-math-optimizations",
    ],
)  # fmt: skip
def test_macros_of_flags_are_gccs(flags: str, capfd: pytest.CaptureFixture[str]) -> None:
    words = ["-dM", "-E", "-x", "c", "/dev/null", *flags.split()]
    expected = subprocess.run(["gcc", *words], capture_output=True, text=True, check=True).stdout
    assert main(words) == 0
    lines = [line for line in capfd.readouterr().out.splitlines() if "ourocc" not in line.lower()]
    left_out = ("__VERSION__", "__FLT16_")  # _Float16 is not supported
    assert sorted(lines) == sorted(line for line in expected.splitlines() if not any(name in line for name in left_out))


def test_attribute_error_speaks_of_calls_that_are_left(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.c"
    check = 'void bad(void) __attribute__((error("too big"))); static inline int f(int n) { if (n > 4) bad(); return n; }\n'
    source.write_text(check + "int g(void) { return f(3); }\n")
    assert main(["-O2", "-c", str(source), "-o", str(tmp_path / "a.o")]) == 0
    source.write_text(check + "int g(void) { return f(5); }\n")
    assert main(["-O2", "-c", str(source), "-o", str(tmp_path / "a.o")]) == 1
    assert "call to 'bad' declared with attribute error: too big" in capfd.readouterr().err


def test_symbol_versions_by_attribute(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Attribute symver: NAME@VERSION beside the symbol's own name, in objects as in assembly."""
    source, made = tmp_path / "a.c", tmp_path / "a.o"
    source.write_text(
        'extern __attribute__((symver("f@V1"))) int f_1(int) __attribute__((alias("f_2")));\n'
        '__attribute__((symver("f@@V2"))) int f_2(int x) { return x; }\n'
        '__attribute__((symver("v@@V2"))) int own = 3;\n'
    )
    for step in (["-c", str(source)], ["-S", str(source), "-o", str(tmp_path / "b.s")], ["-c", str(tmp_path / "b.s")]):
        assert main([*step, "-O2", *([] if "-S" in step else ["-o", str(made)])]) == 0
        if "-S" not in step:
            names = {symbol.name + (symbol.version or "") for symbol in read_object(made.read_bytes(), "a.o").symbols}
            assert {"f_1", "f_2", "f@V1", "f@@V2", "own", "v@@V2"} <= names
    source.write_text('extern __attribute__((symver("f@V1"))) int f_1(int); int g(void) { return f_1(1); }\n')
    assert main(["-c", str(source), "-o", str(made)]) == 1
    assert "'f_1' needs to be defined to have a version" in capfd.readouterr().err


def test_options_of_the_assembler(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """-Wa reaches the assembler, and objects compiled from C as well; what is not known is an error."""
    source, made = tmp_path / "a.s", tmp_path / "a.o"
    source.write_text(".globl f\nf: mov x@GOTPCREL(%rip), %rax\n.if q == 3\n ret\n.endif\n.warning \"oh\"\n")

    def build(*options: str, path: Path = source) -> ObjectFile:
        assert main([*options, "-c", str(path), "-o", str(made)]) == 0
        return read_object(made.read_bytes(), "a.o")

    def types(built: ObjectFile) -> list[int]:
        return [relocation.type for section in built.sections for relocation in section.relocations]

    def stack(built: ObjectFile) -> list[int]:
        return [section.flags for section in built.sections if section.name == ".note.GNU-stack"]

    plain = build("-Wa,--defsym,q=3")
    assert types(plain) == [42] and not stack(plain) and "a.s:6:1: warning: oh" in capfd.readouterr().err
    other = build("-Wa,--defsym,q=3", "-Wa,-mrelax-relocations=no,--noexecstack", "-Xassembler", "-W")
    assert types(other) == [9] and stack(other) == [0] and capfd.readouterr().err == ""
    assert main(["-Wa,--fatal-warnings,--defsym,q=3", "-c", str(source), "-o", str(made)]) == 1
    assert "treating warnings as errors" in capfd.readouterr().err and not made.exists()
    compiled = tmp_path / "c.c"
    compiled.write_text("extern int x; int *f(void) { return &x; }\n")
    both = build("-fPIC", "-Wa,--execstack", "-Wa,-mrelax-relocations=no", path=compiled)
    assert stack(both) == [4] and 42 not in types(both) and 9 in types(both)
    for wrong, text in (("--nonsense", "unrecognized"), ("-alh", "not supported"), ("--defsym", "needs a value")):
        with pytest.raises(CommandLineError, match=text):
            Driver(parse(f"-Wa,{wrong} -c {source} -o {made}")).run()
    assert main(["-Wa,--version", "-c", "-x", "assembler-with-cpp", "/dev/null", "-o", str(made)]) == 0
    assert capfd.readouterr().out.startswith("GNU assembler (Ourocc ")


def test_code_without_the_x87_unit(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.c"
    source.write_text("int f(int x) { return x + _SOFT_FLOAT; }\n#ifdef LONG\nint g(double x) { return (int)(x * 0.1L); }\n#endif\n")
    made = ["-O2", "-c", str(source), "-o", str(tmp_path / "a.o")]
    assert main(["-mno-80387", *made]) == 0 and main(["-msoft-float", *made]) == 0
    assert main(["-mno-80387", "-DLONG", *made]) == 1
    assert "a.c:3:" in (error := capfd.readouterr().err) and "-mno-80387" in error
