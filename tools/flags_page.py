"""`python -m tools.flags_page [--check]`: write docs/flags.md from the table of flags, or check that it is up to date."""

import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

from ourocc.base import warning_groups
from ourocc.driver import flags, gcc_options

PAGE = Path(__file__).resolve().parents[1] / "docs" / "flags.md"
WORDS = {flags.IMPLEMENTED: "implemented", flags.HARMLESS: "harmless", flags.UNSUPPORTED: "error"}
SHAPES = {flags.FLAG: "", flags.JOINED: "ARG", flags.SEPARATE: " ARG", flags.EITHER: "[ ]ARG"}


def page() -> str:
    """The whole page."""
    lines = [
        "# Command-line flags",
        "",
        "Made by `python -m tools.flags_page` from `ourocc/driver/flags.py`.  *Implemented*: does what gcc's documentation",
        "says.  *Harmless*: ignored, because it may only change speed, size or messages, or asks for what is always so.",
        "*Error*: refused, because it would change what the program does.  Flags that are not here are errors.",
        "",
        "| flag | status | meaning |",
        "| --- | --- | --- |",
    ]
    for option, form, status, meaning in flags.ROWS:
        lines.append(f"| `{option}{SHAPES[form]}` | {WORDS[status]} | {meaning} |")
    for name, (status, meaning) in flags.FEATURES.items():
        lines.append(f"| `-f[no-]{name}` | {WORDS[status]} | {meaning} |")
    for name, (status, meaning) in flags.VALUED_FEATURES.items():
        lines.append(f"| `-f{name}=ARG` | {WORDS[status]} | {meaning} |")
    for name, (target, status, meaning) in flags.MACHINE.items():
        shown = f"{target}: {meaning}" if target and meaning else target or meaning
        lines.append(f"| `-m[no-]{name}` | {WORDS[status]} | {shown} |")
    for name, (target, status, values) in flags.VALUED_MACHINE.items():
        shown = f"{target}: {values}" if target and values else target or values
        lines.append(f"| `-m{name}=ARG` | {WORDS[status]} | {shown} |")
    lines += ["", "## Names of gcc without a row of their own", ""]
    lines += _names("Harmless, `-f` and `-fno-`:", gcc_options.HARMLESS)
    lines += _names("Harmless, `-fNAME=ARG`:", gcc_options.HARMLESS_VALUES)
    lines += _names("`-fNAME` is an error, `-fno-NAME` harmless:", gcc_options.REFUSED)
    lines += _names("Of C++ and Objective-C, a warning, `-f` and `-fno-`:", gcc_options.OTHER_LANGUAGES)
    lines += _names("x86: `-mNAME` is an error, `-mno-NAME` harmless:", gcc_options.X86_EXTENSIONS)
    lines += _names("Harmless, `--param NAME=NUMBER`:", gcc_options.PARAMETERS)
    lines += ["## Warning groups", ""]
    lines += _names("`-WNAME` is accepted, but nothing is reported under it:", warning_groups.SILENT)
    return "\n".join(lines)


def _names(title: str, names: Iterable[str]) -> list[str]:
    text = textwrap.fill(" ".join(sorted(names)), 116, break_on_hyphens=False, break_long_words=False)
    return [title, "", text, ""]


def main() -> int:
    text = page()
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text() != text:
            print("docs/flags.md is not up to date: run python -m tools.flags_page", file=sys.stderr)
            return 1
        return 0
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
