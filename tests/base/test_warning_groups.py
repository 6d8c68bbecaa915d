"""The table of groups tells the truth about which of them report something."""

import re
from pathlib import Path

from ourocc.base.warning_groups import SILENT, UMBRELLAS, known_groups

ROOT = Path(__file__).resolve().parents[2]


def reported_in_golden_files() -> set[str]:
    text = (ROOT / "tests" / "semantics" / "errors.txt").read_text()
    return set(re.findall(r"\[-W([a-z0-9+-]+)\]$", text, flags=re.M))


def test_silent_groups_are_known() -> None:
    assert SILENT <= known_groups()


def test_no_silent_group_reports() -> None:
    reported = reported_in_golden_files()
    assert len(reported) > 30
    assert not reported & SILENT


def test_other_members_of_all_and_extra_have_a_check() -> None:
    rooms = ("preprocess", "syntax", "semantics", "base")
    sources = [path for room in rooms for path in (ROOT / "ourocc" / room).glob("*.py")]
    text = "".join(path.read_text() for path in sources if path.name not in ("warning_groups.py", "wanted.py"))
    for group in UMBRELLAS["all"] + UMBRELLAS["extra"]:
        if group not in SILENT and group not in UMBRELLAS:
            assert f'"{group}"' in text, group
