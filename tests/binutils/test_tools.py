"""The binary tools beside GNU's on the same files."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ourocc.binutils import ar, nm, objdump, ranlib, readelf, size, strings, strip

pytestmark = pytest.mark.skipif(
    shutil.which("gcc") is None or shutil.which("nm") is None, reason="GNU tools are the oracle"
)

SOURCE = r"""
#include <stdio.h>
static int local = 3; int common[4]; const char text[] = "some text"; __thread int tls;
__attribute__((weak)) int weak(void) { return 1; }
static int helper(void) { return local; }
extern int outside(int);
int main(void) { printf("%d %s\n", outside(helper()) + weak() + tls, text); return 0; }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tools")
    (path / "a.c").write_text(SOURCE)
    (path / "b.c").write_text("int outside(int x) { return x + 1; }")
    for command in (
        ["gcc", "-g", "-O1", "-fcommon", "-c", "a.c", "b.c"],
        ["gcc", "a.o", "b.o", "-o", "program"],
        ["gcc", "-shared", "-fPIC", "b.c", "-o", "lib.so"],
        ["ar", "rcs", "x.a", "a.o", "b.o"],
    ):
        subprocess.run(command, cwd=path, check=True)
    return path


def gnu(folder: Path, *command: str) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="surrogateescape").stdout


def ours(folder: Path, capfd: pytest.CaptureFixture[str], main: object, *arguments: str) -> str:
    import os

    before = os.getcwd()
    os.chdir(folder)
    try:
        capfd.readouterr()
        assert callable(main)
        main(list(arguments))
        return capfd.readouterr().out
    finally:
        os.chdir(before)


@pytest.mark.parametrize("file", ["a.o", "program", "lib.so", "x.a"])
def test_nm_size_strings_readelf(folder: Path, capfd: pytest.CaptureFixture[str], file: str) -> None:
    for options in ([], ["-n"], ["-S"], ["-g"], ["-u"], ["-A"], ["-P"], ["--size-sort"], ["-r"], ["-D"], ["-j"]):
        assert ours(folder, capfd, nm.main, *options, file) == gnu(folder, "nm", *options, file), options
    for options in ([], ["-A"], ["-x"], ["-t"], ["-o"]):
        assert ours(folder, capfd, size.main, *options, file) == gnu(folder, "size", *options, file), options
    for options in ([], ["-n", "8"], ["-t", "x"], ["-f"], ["-e", "l"]):
        assert ours(folder, capfd, strings.main, *options, file) == gnu(folder, "strings", *options, file), options
    for option in ("-hW", "-SW", "-sW", "-rW", "-lW", "-dW"):
        assert ours(folder, capfd, readelf.main, option, file) == gnu(folder, "readelf", option, file), option


def test_ar(folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("a.o", "b.o"):
        shutil.copy(folder / name, tmp_path / name)
    shutil.copy(folder / "b.o", tmp_path / "a_very_long_member_name.o")
    steps = (
        (["rcs", "t.a", "a.o", "b.o"], ["rcs", "g.a", "a.o", "b.o"]),
        (["r", "t.a", "a_very_long_member_name.o"], ["r", "g.a", "a_very_long_member_name.o"]),
        (["d", "t.a", "a.o"], ["d", "g.a", "a.o"]),
        (["rb", "b.o", "t.a", "a.o"], ["rb", "b.o", "g.a", "a.o"]),
        (["ma", "b.o", "t.a", "a.o"], ["ma", "b.o", "g.a", "a.o"]),
        (["q", "t.a", "b.o"], ["q", "g.a", "b.o"]),
    )
    for mine, theirs in steps:
        ours(tmp_path, capfd, ar.main, *mine)
        gnu(tmp_path, "ar", *theirs)
        assert (tmp_path / "t.a").read_bytes() == (tmp_path / "g.a").read_bytes(), mine
    assert ours(tmp_path, capfd, ar.main, "t", "t.a") == gnu(tmp_path, "ar", "t", "g.a")
    assert ours(tmp_path, capfd, ar.main, "tv", "t.a") == gnu(tmp_path, "ar", "tv", "g.a")
    (tmp_path / "a.o").unlink()
    ours(tmp_path, capfd, ar.main, "x", "t.a", "a.o")
    assert (tmp_path / "a.o").read_bytes() == (folder / "a.o").read_bytes()
    ours(tmp_path, capfd, ar.main, "rcsT", "thin.a", "a.o", "b.o")
    gnu(tmp_path, "ar", "rcsT", "thin_gnu.a", "a.o", "b.o")
    assert (tmp_path / "thin.a").read_bytes() == (tmp_path / "thin_gnu.a").read_bytes()
    assert ar.main(["t", str(tmp_path / "t.a"), "nobody.o"]) == 0
    assert ar.main(["Z", "t.a"]) == 1 and ar.main([]) == 1
    ours(tmp_path, capfd, ar.main, "rcS", "n.a", "b.o")
    assert ours(tmp_path, capfd, ranlib.main, "n.a") == ""
    gnu(tmp_path, "ar", "rcs", "n_gnu.a", "b.o")
    assert (tmp_path / "n.a").read_bytes() == (tmp_path / "n_gnu.a").read_bytes()


def test_strip(folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("a.o", "b.o", "program", "lib.so", "x.a"):
        shutil.copy(folder / name, tmp_path / name)
    ours(tmp_path, capfd, strip.main, "-g", "a.o", "b.o")
    assert ".debug" not in gnu(tmp_path, "readelf", "-SW", "a.o")
    ours(tmp_path, capfd, strip.main, "--strip-unneeded", "x.a")
    assert " helper" not in gnu(tmp_path, "nm", "x.a")
    for objects in (["a.o", "b.o"], ["x.a"]):
        subprocess.run(["gcc", *objects, "-o", "again"], cwd=tmp_path, check=True)
        assert gnu(tmp_path, "./again") == "5 some text\n"
    ours(tmp_path, capfd, strip.main, "-g", "-o", "less", "program")
    assert " T main" in gnu(tmp_path, "nm", "less") and ".debug" not in gnu(tmp_path, "readelf", "-SW", "less")
    ours(tmp_path, capfd, strip.main, "program", "lib.so")
    assert gnu(tmp_path, "./program") == "5 some text\n" and gnu(tmp_path, "./less") == "5 some text\n"
    assert gnu(tmp_path, "nm", "program") == ""
    warnings = subprocess.run(["readelf", "-aW", "program"], cwd=tmp_path, capture_output=True, text=True).stderr
    assert warnings == ""


def test_wrong_files(tmp_path: Path) -> None:
    (tmp_path / "junk").write_bytes(b"junk")
    (tmp_path / "short.o").write_bytes(b"\x7fELF\x02\x01\x01" + bytes(20))
    for main in (nm.main, size.main, strip.main):
        assert main([str(tmp_path / "junk")]) == 1
        assert main([str(tmp_path / "short.o")]) == 1
        assert main([str(tmp_path / "absent")]) == 1
    assert readelf.main(["-a", str(tmp_path / "short.o")]) == 1
    assert ar.main(["t", str(tmp_path / "junk")]) == 1
    assert nm.main(["--no-such-option"]) == 1


def test_objcopy(folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from ourocc.binutils import objcopy

    for name in ("a.o", "b.o", "program"):
        shutil.copy(folder / name, tmp_path / name)
    (tmp_path / "blob.txt").write_bytes(b"hello blob")

    def both(*arguments: str) -> None:
        ours(tmp_path, capfd, objcopy.main, *arguments, "ours.out")
        gnu(tmp_path, "objcopy", *arguments, "theirs.out")

    both("-O", "binary", "-j", ".text", "-j", ".rodata", "program")
    assert (tmp_path / "ours.out").read_bytes() == (tmp_path / "theirs.out").read_bytes()
    both("-I", "binary", "-O", "elf64-x86-64", "-B", "i386:x86-64", "blob.txt")
    assert gnu(tmp_path, "nm", "ours.out") == gnu(tmp_path, "nm", "theirs.out")
    for options in (
        ["--redefine-sym", "main=start", "-L", "weak"],
        ["--prefix-symbols", "p_"],
        ["-G", "main"],
        ["-W", "main"],
        ["--globalize-symbol", "helper"],
    ):
        both(*options, "a.o")
        assert gnu(tmp_path, "nm", "ours.out") == gnu(tmp_path, "nm", "theirs.out"), options
    both("--rename-section", ".text=.code,alloc,load,readonly,code", "--add-section", ".extra=blob.txt", "b.o")
    text = gnu(tmp_path, "readelf", "-SW", "ours.out")
    assert ".code" in text and ".extra" in text and " AX " in text
    both("-g", "--dump-section", ".text=text.bin", "a.o")
    assert ".debug" not in gnu(tmp_path, "readelf", "-SW", "ours.out") and (tmp_path / "text.bin").stat().st_size > 10
    both("-S", "program")
    assert gnu(tmp_path, "nm", "ours.out") == ""
    subprocess.run(["./ours.out"], cwd=tmp_path, check=True, capture_output=True)
    assert objcopy.main(["--rename-section", "x", str(tmp_path / "a.o"), str(tmp_path / "y.o")]) == 1
    assert objcopy.main([str(tmp_path / "blob.txt"), str(tmp_path / "y.o")]) == 1 and not (tmp_path / "y.o").exists()


def test_strip_keeps_named_symbols_of_programs(tmp_path: Path) -> None:
    (tmp_path / "m.c").write_text("int helper(void) { return 0; } int main(void) { return helper(); }")
    subprocess.run(["gcc", "-g", "m.c", "-o", "m"], cwd=tmp_path, check=True)
    for options in (["-K", "main"], ["-R", ".comment", "-K", "main"]):
        shutil.copy(tmp_path / "m", tmp_path / "s")
        subprocess.run([sys.executable, "-m", "ourocc.binutils.strip", *options, str(tmp_path / "s")], check=True)
        names = subprocess.run(["nm", "s"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        assert " T main" in names and "helper" not in names
        subprocess.run(["./s"], cwd=tmp_path, check=True)


def test_ar_deletes_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "f.txt").write_text("x")
    tool = [sys.executable, "-m", "ourocc.binutils.ar"]
    archive = str(tmp_path / "a.a")
    subprocess.run([*tool, "rc", archive, str(tmp_path / "f.txt")], check=True)
    done = subprocess.run([*tool, "dv", archive, "nope"], capture_output=True, text=True, check=True)
    assert done.stdout == "No member named `nope'\n"
    assert subprocess.run([*tool, "m", archive, "nope"], capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize("option", ("-d", "-dr", "-h", "-t", "-r", "-s"))
def test_objdump_of_objects(tmp_path: Path, option: str, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.c").write_text(SOURCE)
    subprocess.run(["gcc", "-O2", "-g", "-ffunction-sections", "-c", "a.c"], cwd=tmp_path, check=True)
    assert objdump.main([option, str(tmp_path / "a.o")]) == 0
    mine = capfd.readouterr().out
    theirs = subprocess.run(["objdump", option, str(tmp_path / "a.o")], capture_output=True, text=True, check=True).stdout
    assert mine == theirs


def test_objdump_of_one_function(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.c").write_text(SOURCE)
    subprocess.run(["gcc", "-O1", "-c", "a.c"], cwd=tmp_path, check=True)
    assert objdump.main(["--disassemble=weak", "--no-show-raw-insn", str(tmp_path / "a.o")]) == 0
    shown = capfd.readouterr().out
    assert "<weak>:" in shown and "mov    $0x1,%eax" in shown and "<main>:" not in shown
    assert objdump.main([str(tmp_path / "a.o")]) == 1 and objdump.main(["-d", str(tmp_path / "absent")]) == 1
