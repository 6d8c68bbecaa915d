"""docs/ir.md describes every operation, in the table's words."""

from pathlib import Path

from ourocc.ir import operations as op

PAGE = Path(__file__).parents[2] / "docs" / "ir.md"


def test_every_operation_is_described() -> None:
    text = PAGE.read_text()
    for name, _, _, meaning in op.ROWS:
        assert f"| `{name}` |" in text, name
        assert meaning.replace("|", "/") in text, name
