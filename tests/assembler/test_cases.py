"""Hand-written assembly: the same sections, relocations and symbols as GNU as makes."""

import shutil
from pathlib import Path

import pytest
from gnu import differences

CASES = sorted(Path(__file__).with_name("cases").glob("*.s"))


@pytest.mark.skipif(shutil.which("as") is None, reason="needs GNU as as the oracle")
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_case_as_gas(case: Path) -> None:
    found = differences(case.read_text())
    assert not found, "\n".join(found)
