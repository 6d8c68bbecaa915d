"""Wrong programs: every constraint has a case, one mistake gives one message, worded like gcc's."""

from pathlib import Path

import pytest
from support import analyse, bless, blessing, flags_of, read_cases

GOLDEN = Path(__file__).with_name("errors.txt")
CASES = read_cases(GOLDEN)


def test_titles_differ() -> None:
    titles = [title for title, _, _ in CASES]
    assert len(set(titles)) == len(titles) >= 200


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_messages(case: tuple[str, str, str], tmp_path: Path) -> None:
    title, code, expected = case
    _, lines = analyse(code, tmp_path, flags_of(title))
    actual = "".join(line + "\n" for line in lines)
    if blessing():
        bless(GOLDEN, [(t, c, actual if t == title else e) for t, c, e in read_cases(GOLDEN)])
        return
    assert actual == expected
    assert actual, "a case without a message tests nothing"
