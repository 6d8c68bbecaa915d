"""`strings`: the printable strings in files."""

import re
import sys
from typing import Final

from ourocc.binutils.common import ToolError, complain, read_file, split_options, version_text, write_text

_LONG: Final = {
    "all": "a",
    "data": "d",
    "print-file-name": "f",
    "bytes": "n=",
    "radix": "t=",
    "encoding": "e=",
    "include-all-whitespace": "w",
    "output-separator": "s=",
    "version": "V",
    "help": "V",
}


def find_strings(data: bytes, minimum: int, encoding: str, whitespace: bool) -> list[tuple[int, str]]:
    """(offset, text) of each run of at least `minimum` printable characters."""
    printable = rb"[\t-\r -~" if whitespace else rb"[\t -~"
    if encoding == "S":
        printable += rb"\x80-\xff"
    unit = printable + b"]"
    if encoding in ("b", "l"):
        unit = b"\0" + unit if encoding == "b" else unit + b"\0"
    elif encoding in ("B", "L"):
        unit = b"\0\0\0" + unit if encoding == "B" else unit + b"\0\0\0"
    pattern = re.compile(b"(?:" + unit + b"){%d,}" % minimum)
    result: list[tuple[int, str]] = []
    for match in pattern.finditer(data):
        text = match.group()
        if encoding not in ("s", "S"):
            text = text.replace(b"\0", b"")
        result.append((match.start(), text.decode("utf-8", "surrogateescape")))
    return result


def main(arguments: list[str] | None = None) -> int:
    """`strings`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    numeric = [f"-n{a[1:]}" if a.startswith("-") and a[1:].isdigit() else a for a in arguments]
    try:
        pairs, files = split_options("strings", numeric, "adfowVv", "ntes", _LONG)
        options = dict(pairs)
        if "V" in options or "v" in options:
            write_text(version_text("strings"))
            return 0
        length = options.get("n", "4")
        if not length.isdigit() or int(length) < 1:
            raise ToolError(f"invalid minimum string length {length}")
        radix = "o" if "o" in options else options.get("t", "")
        encoding = options.get("e", "s")
        if radix not in ("", "d", "o", "x") or encoding not in ("s", "S", "b", "l", "B", "L"):
            raise ToolError("invalid radix or encoding")
    except ToolError as problem:
        complain("strings", problem.message)
        return 1
    status = 0
    separator = options.get("s", "\n")
    for path in files or ["-"]:
        try:
            data = sys.stdin.buffer.read() if path == "-" else read_file(path)
        except ToolError as problem:
            complain("strings", problem.message)
            status = 1
            continue
        lines: list[str] = []
        for offset, text in find_strings(data, int(length), encoding, "w" in options):
            prefix = f"{path}: " if "f" in options else ""
            if radix:
                prefix += f"{offset:7{radix}} "
            lines.append(prefix + text + separator)
        write_text("".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(main())
