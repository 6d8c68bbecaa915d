"""The rule language: what it generates, and that the checked-in modules are up to date."""

from pathlib import Path

import pytest

from tools.rulegen.__main__ import ROOT, generate
from tools.rulegen.generate import module
from tools.rulegen.language import RuleError, read_rules


def test_generated_modules_are_up_to_date() -> None:
    for name, text in generate().items():
        assert (ROOT / name).read_text() == text, f"run python -m tools.rulegen ({name})"


def test_commutative_patterns_match_both_ways() -> None:
    text = module(read_rules("t", "(add x 0) => x\n", False), False, "a.R")
    assert text.count("v.become_copy(x)") == 2


def test_constants_right() -> None:
    text = module(read_rules("t", "%constants right\n(add x 0) => x\n", False), False, "a.R")
    assert text.count("v.become_copy(x)") == 1


def test_conditions_types_and_inner_results() -> None:
    source = "%types W = i32 i64 ptr\n(mul.W x (const c)) && c > 0 => (shl x (const c.bit_length()))\n"
    text = module(read_rules("t", source, False), False, "a.R")
    assert "if c > 0:" in text
    assert "r.constant(c.bit_length(), t)" in text
    compile(text, "t", "exec")


@pytest.mark.parametrize("line", ["(frob x) => x", "(add x) => x", "(add x y)", "x => x", "(add x y => x"])
def test_errors_name_the_line(line: str) -> None:
    with pytest.raises(RuleError, match="t:1"):
        read_rules("t", line + "\n", False)


def test_rules_files_exist() -> None:
    assert (Path(ROOT) / "ourocc/targets/x86/select.rules").exists()
