"""gcc's command line: what is understood, what is refused."""

import subprocess
import sys
from pathlib import Path

import pytest

from ourocc.driver import flags
from ourocc.driver.command_line import CommandLine, CommandLineError, QueryAnswer, split_words
from ourocc.driver.settings import LINK, OBJECT, PIC_NONE, PIC_SHARED, Settings


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
        "-pg a.c", "-Ofoo a.c", "-fcf-protection=full a.c", "", "-fvisibility=sometimes a.c", "--target=z80-none a.c",
    ],
)  # fmt: skip
def test_refused(text: str) -> None:
    with pytest.raises(CommandLineError):
        parse(text)


@pytest.mark.parametrize("text", ["-fno-lto a.c", "-fno-sanitize=all a.c", "-ftree-vectorize a.c", "-pipe a.c", "-mno-avx a.c"])
def test_harmless(text: str) -> None:
    parse(text)


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


def test_x87_precision_has_a_start_file() -> None:
    settings = parse("-mpc64 -nostdlib -mno-stv -fnon-call-exceptions -fno-builtin-puts a.c")
    assert settings.machine["pc64"]
    assert settings.no_builtin == ["puts"]
