"""C17 and GNU C feature by feature: `=== title [flags]`, a program, `---`, and the output of gcc's build of it."""

import re
import subprocess
from pathlib import Path

import pytest

from ourocc.driver.main import main

CASES = [
    tuple(re.split(r"^---\n", part, maxsplit=1, flags=re.M))
    for part in re.split(r"^=== ", Path(__file__).with_name("conformance.txt").read_text(), flags=re.M)[1:]
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].partition("\n")[0])
def test_output_is_gccs(case: tuple[str, str], tmp_path: Path) -> None:
    title, _, program = case[0].partition("\n")
    flags = title.partition("[")[2].rstrip("]").split()
    (tmp_path / "a.c").write_text(program)
    assert main(["-w", "-O2", *flags, "-c", str(tmp_path / "a.c"), "-o", str(tmp_path / "a.o")]) == 0
    subprocess.run(["gcc", *flags, tmp_path / "a.o", "-o", tmp_path / "a", "-lm", "-l:libatomic.so.1"], check=True)
    done = subprocess.run([tmp_path / "a"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0
    assert done.stdout == case[1]
