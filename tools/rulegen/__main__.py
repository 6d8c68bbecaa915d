"""`python -m tools.rulegen [--check]`: compile every rules file of FILES."""

import sys
from pathlib import Path

from tools.rulegen.generate import module
from tools.rulegen.language import RuleError, read_rules

ROOT = Path(__file__).resolve().parents[2]

# rules file, generated module, selection (or rewriting), class of the selector (or rewriter)
FILES: list[tuple[str, str, bool, str]] = [
    ("ourocc/optimize/algebraic.rules", "ourocc/targets/generated/algebraic.py", False, "ourocc.optimize.rewriter.Rewriter"),
    ("ourocc/targets/x86/select.rules", "ourocc/targets/generated/x86_select.py", True, "ourocc.targets.x86.select_base.X86Base"),
    (
        "ourocc/targets/riscv/select.rules", "ourocc/targets/generated/riscv_select.py", True,
        "ourocc.targets.riscv.select_base.RiscvBase",
    ),
]


def generate() -> dict[str, str]:
    """The text of every generated module, by path; files whose rules do not exist yet are left out."""
    result: dict[str, str] = {}
    for source, destination, select, owner in FILES:
        path = ROOT / source
        if path.exists():
            result[destination] = module(read_rules(source, path.read_text(), select), select, owner)
    return result


def main() -> int:
    check = "--check" in sys.argv[1:]
    stale = 0
    try:
        generated = generate()
    except RuleError as error:
        print(error, file=sys.stderr)
        return 1
    for destination, text in generated.items():
        path = ROOT / destination
        if path.exists() and path.read_text() == text:
            continue
        if check:
            print(f"{destination} is not up to date: run python -m tools.rulegen", file=sys.stderr)
            stale = 1
        else:
            path.write_text(text)
    return stale


if __name__ == "__main__":
    sys.exit(main())
