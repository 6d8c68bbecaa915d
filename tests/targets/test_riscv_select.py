"""Assembly of small functions at -O2, compared with golden files."""

import re
from pathlib import Path

import pytest

from ourocc.driver.compile import Compilation
from ourocc.driver.settings import Settings
from tests.semantics.support import bless, blessing, flags_of, read_cases

GOLDEN = Path(__file__).parent / "riscv" / "select.golden"
CASES = read_cases(GOLDEN)


def assembly(code: str, flags: list[str], folder: Path) -> str:
    """The instructions and labels of the unit's functions."""
    path = folder / "case.c"
    path.write_text(code)
    settings = Settings()
    settings.target = "riscv64-linux-gnu"
    settings.level = 2
    settings.position_independent = 0
    for flag in flags:
        if flag == "-mcmodel=medlow":
            settings.code_model = "medlow"
        elif flag == "-fPIC":
            settings.position_independent = 2
        else:
            assert flag == "-fno-pic"
    made = Compilation(str(path), settings)
    module = made.lower(made.analyze(made.preprocess()))
    made.optimize(module)
    lines = [line for line in made.emit_text(module).split("\n") if not re.match(r"\t\.|\.LC\w*:|own:|$", line)]
    made.finish()
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("title", [title for title, _, _ in CASES])
def test_selection(title: str, tmp_path: Path) -> None:
    code, expected = next((code, expected) for name, code, expected in CASES if name == title)
    got = assembly(code, flags_of(title), tmp_path)
    if blessing():
        cases = [(name, body, got if name == title else old) for name, body, old in read_cases(GOLDEN)]
        bless(GOLDEN, cases)
        return
    assert got == expected
