"""One pass over hand-written IR gives the expected IR: tests/optimize/golden/<pass>.ir, cases `=== title`, input, `---`, expected.

`./x test --bless` rewrites the expected parts; read the diff.
"""

import os
import re
from pathlib import Path

import pytest

from ourocc.ir.parser import parse_module
from ourocc.ir.text import print_function
from ourocc.ir.verifier import verify, verify_module
from ourocc.optimize import pipeline

GOLDEN = Path(__file__).parent / "golden"


def cases_of(path: Path) -> list[tuple[str, str, str]]:
    found = []
    for part in re.split(r"^=== ", path.read_text(), flags=re.M)[1:]:
        title, _, body = part.partition("\n")
        code, _, expected = body.partition("---\n")
        found.append((title, code, expected))
    return found


def all_cases() -> list[tuple[str, str]]:
    return [(path.stem, title) for path in sorted(GOLDEN.glob("*.ir")) for title, _, _ in cases_of(path)]


def optimized(name: str, code: str) -> str:
    module = parse_module(code)
    verify_module(module)
    rows = {row.name: row for row in pipeline.EARLY_PASSES + pipeline.LATE_PASSES}
    for function in module.functions:
        rows[name].run(function)
        verify(function)
    return "".join(print_function(function) for function in module.functions).rstrip("\n") + "\n"


@pytest.mark.parametrize(("name", "title"), all_cases())
def test_golden(name: str, title: str) -> None:
    path = GOLDEN / f"{name}.ir"
    cases = cases_of(path)
    code, expected = next((code, expected) for known, code, expected in cases if known == title)
    actual = optimized(name, code)
    if os.environ.get("OUROCC_BLESS") == "1":
        rewritten = [(known, text, actual if known == title else old) for known, text, old in cases]
        path.write_text("".join(f"=== {known}\n{text}---\n{old}" for known, text, old in rewritten))
    else:
        assert actual == expected


def test_order_of_passes() -> None:
    names = [row.name for row in pipeline.EARLY_PASSES + pipeline.LATE_PASSES]
    assert len(set(names)) == len(names)
    for first, second in pipeline.MUST_PRECEDE:
        assert names.index(first) < names.index(second), f"{first} must come before {second}"
