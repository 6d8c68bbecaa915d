"""Run the front end over a piece of C and give what it reported, in the golden files' form."""

import os
import re
from pathlib import Path

from ourocc.base.diagnostics import REQUIRED, WARNING, Diagnostic
from ourocc.driver.compile import Compilation, CompilationFailed
from ourocc.driver.settings import Settings
from ourocc.semantics.typed_tree import TypedUnit

SEVERITIES = ("note", "warning", "error", "fatal error")


def compilation(code: str, folder: Path, flags: list[str]) -> Compilation:
    path = folder / "case.c"
    path.write_text(code)
    settings = Settings()
    for flag in flags:
        if flag.startswith("-W"):
            settings.warnings.append(flag[2:])
        elif flag.startswith("-std="):
            settings.standard = flag[5:]
        elif flag == "-pedantic":
            settings.pedantic = True
        elif flag.startswith("-O"):
            settings.level = int(flag[2:])
        else:
            raise ValueError(flag)
    made = Compilation(str(path), settings)
    made.diagnostics.printing = False
    return made


def analyse(code: str, folder: Path, flags: list[str]) -> tuple[TypedUnit | None, list[str]]:
    """The typed unit (None after errors) and one line a message: `line:column: severity: text [-Wgroup]`."""
    run = compilation(code, folder, flags)
    unit: TypedUnit | None = None
    try:
        unit = run.analyze(run.preprocess())
    except CompilationFailed:
        pass
    lines: list[str] = []

    def show(diagnostic: Diagnostic) -> None:
        position = run.sources.position(diagnostic.location)
        group = diagnostic.option
        tail = f" [-W{group}]" if group not in ("", REQUIRED) and diagnostic.severity == WARNING else ""
        severity = SEVERITIES[diagnostic.severity]
        lines.append(f"{position.line}:{position.column}: {severity}: {diagnostic.message}{tail}")
        for note in diagnostic.notes:
            show(note)

    for diagnostic in run.diagnostics.records:
        if not diagnostic.dropped:
            show(diagnostic)
    return unit, lines


def read_cases(path: Path) -> list[tuple[str, str, str]]:
    """(title, input, expected) of a golden file: `=== title`, input, `---`, expected."""
    found = []
    for part in re.split(r"^=== ", path.read_text(), flags=re.M)[1:]:
        title, _, body = part.partition("\n")
        code, _, expected = body.partition("---\n")
        found.append((title, code, expected))
    return found


def flags_of(title: str) -> list[str]:
    match = re.search(r"\[(.*)\]$", title)
    return match.group(1).split() if match else []


def bless(path: Path, cases: list[tuple[str, str, str]]) -> None:
    path.write_text("".join(f"=== {title}\n{code}---\n{expected}" for title, code, expected in cases))


def blessing() -> bool:
    return os.environ.get("OUROCC_BLESS") == "1"
