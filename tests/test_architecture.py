"""The rules of the house that a machine can check: imports go one way, pass order holds, tables are documented."""

import ast
from pathlib import Path

import pytest

from ourocc.optimize import pipeline

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "ourocc"

# What each room may import, besides itself and the standard library
ALLOWED: dict[str, set[str]] = {
    "base": set(),
    "preprocess": {"base"},
    "syntax": {"base", "preprocess"},
    "semantics": {"base", "preprocess", "syntax"},
    "ir": {"base", "optimize"},  # the interpreter folds with optimize/fold.py
    "lower": {"base", "semantics", "ir", "targets", "objects"},
    "optimize": {"base", "ir", "targets"},  # targets/generated only
    "objects": {"base"},
    "machine": {"base", "ir", "objects", "optimize", "assembler", "targets", "preprocess"},
    "targets": {"base", "ir", "machine", "objects", "semantics", "assembler", "linker", "optimize", "preprocess"},
    "assembler": {"base", "ir", "machine", "objects", "targets", "preprocess"},
    "linker": {"base", "objects", "targets"},
    "binutils": {"base", "objects", "linker", "machine", "targets", "assembler"},
    "runtime": set(),
}


def imports_of(path: Path) -> set[str]:
    """Rooms that a module imports when it is loaded or later."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module]
            if node.module == "ourocc":
                names = [f"ourocc.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "ourocc" and len(parts) > 1 and (PACKAGE / parts[1]).is_dir():
                found.add(parts[1])
            assert parts[0] != "ouroteam", f"{path} imports ouroteam"
    return found


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_imports_go_one_way(room: str) -> None:
    wrong: list[str] = []
    for path in sorted((PACKAGE / room).rglob("*.py")):
        for other in imports_of(path) - ALLOWED[room] - {room}:
            wrong.append(f"{path.relative_to(ROOT)} imports ourocc.{other}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()))
def test_rooms_say_what_they_are(room: str) -> None:
    docstring = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text()))
    assert docstring and len(docstring) > 60, f"ourocc/{room}/__init__.py has no proper docstring"


def test_pass_order() -> None:
    names = [row.name for row in pipeline.EARLY_PASSES + pipeline.LATE_PASSES]
    assert len(names) == len(set(names)), "pass names must be unique"
    for first, second in pipeline.MUST_PRECEDE:
        assert names.index(first) < names.index(second), f"{first} must run before {second}"


def test_passes_say_what_they_do() -> None:
    for row in pipeline.EARLY_PASSES + pipeline.LATE_PASSES:
        assert row.reason, row.name
