"""Write the RISC-V modules of `ourocc/targets/generated/` from the instruction table.

Run from the repository's root: `python tools/instructions_riscv.py` rewrites the files, `--check` only compares.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ourocc.targets.properties import PROPERTY_WORDS  # noqa: E402
from ourocc.targets.riscv.instructions import Form, table  # noqa: E402

FIRST_OPCODE = 32
HEADER = (
    '"""{title}\n\nWritten by tools/instructions_riscv.py from the instruction table; do not edit.\n"""\n\n'
    "from typing import Final\n\n"
)


def wrapped(values: list[str]) -> str:
    lines: list[str] = []
    line = "   "
    for value in values:
        if len(line) + len(value) + 2 > 118:
            lines.append(line)
            line = "   "
        line += f" {value},"
    lines.append(line)
    return "\n".join(lines)


def bytes_table(name: str, comment: str, values: list[int]) -> str:
    text = "".join(f"\\x{value:02x}" for value in values)
    pieces = [f'    b"{text[i : i + 112]}"' for i in range(0, len(text), 112)]
    return f"# {comment}\n{name}: Final = (\n" + "\n".join(pieces) + "\n)\n"


def integer_table(name: str, comment: str, values: list[int]) -> str:
    return f"# {comment}\n{name}: Final[tuple[int, ...]] = (\n{wrapped([str(v) for v in values])}\n)  # fmt: skip\n"


def opcodes_module(rows: list[Form]) -> str:
    text = HEADER.format(title="Opcode numbers of RV64GC.")
    text += f"FIRST_OPCODE: Final = {FIRST_OPCODE}\n"
    for number, row in enumerate(rows):
        text += f"{row.name}: Final = {FIRST_OPCODE + number}\n"
    return text + f"OPCODE_COUNT: Final = {FIRST_OPCODE + len(rows)}\n"


def properties_module(rows: list[Form]) -> str:
    """The same names as in x86_properties.py."""
    text = HEADER.format(title="What every RISC-V opcode reads, writes and does; all tables are indexed by opcode.")
    for index, word in enumerate(PROPERTY_WORDS):
        text += f"{word.upper()}: Final = {1 << index}\n"
    text += "\n# Register classes in CLASSES\nCLASS_NONE: Final = 0\nCLASS_INTEGER: Final = 1\nCLASS_FLOAT: Final = 2\n\n"
    pad = [0] * FIRST_OPCODE
    text += integer_table("PROPERTIES", "The bits above", pad + [row.properties for row in rows])
    text += bytes_table("REGISTER_COUNT", "Register operands: r0 .. r3 in use", pad + [len(row.roles) for row in rows])
    for name, comment, letter in (
        ("READS", "Bit n: register operand n is read (base of memory always is)", "r"),
        ("WRITES", "Bit n: register operand n is written", "w"),
    ):
        masks = [sum(1 << i for i, role in enumerate(row.roles) if role == letter) for row in rows]
        text += bytes_table(name, comment, pad + masks)
    classes: list[int] = []
    for row in rows:
        found = [2 if word[0] == "f" else 1 for word in row.registers()]
        classes += (found + [0, 0, 0, 0])[:4]
    text += bytes_table("CLASSES", "Class of register operand n of opcode: CLASSES[opcode * 4 + n]", pad * 4 + classes)
    text += bytes_table("SIZES", "Most bytes that its encoding has", pad + [row.size for row in rows])
    text += integer_table("IMPLICIT_READS", "Mask of physical registers read beyond the operands", pad + [row.reads for row in rows])
    text += integer_table("IMPLICIT_WRITES", "Mask of physical registers written", pad + [row.writes for row in rows])
    joined = " ".join(row.name for row in rows)
    pieces = [f'    "{joined[i : i + 110]}"' for i in range(0, len(joined), 110)]
    text += "NAMES: Final = (\n" + "\n".join(pieces) + "\n)\n"
    text += '\n\ndef opcode_name(opcode: int) -> str:\n    """The constant\'s name, for dumps."""\n'
    text += f'    return NAMES.split()[opcode - {FIRST_OPCODE}] if opcode >= {FIRST_OPCODE} else f"PSEUDO{{opcode}}"\n'
    return text


def encodings_module(rows: list[Form]) -> str:
    text = HEADER.format(title="The RISC-V encodings, indexed by opcode.")
    pad = [0] * FIRST_OPCODE
    text += bytes_table("FORMAT", "Formats of ourocc/targets/riscv/instructions.py", pad + [row.format for row in rows])
    text += bytes_table("ROUNDED", "1: funct3 is the rounding mode", pad + [int(row.rounded) for row in rows])
    return text + integer_table("BITS", "The fixed bits", pad + [row.bits for row in rows])


def text_module(rows: list[Form]) -> str:
    text = HEADER.format(title="How every RISC-V opcode is printed: see ourocc/targets/riscv/printer.py.")
    lines = []
    for row in rows:
        operands = row.operands.replace(" ", "")
        slot = 0
        codes = []
        for word in operands.split(",") if operands else []:
            if word.lstrip("f")[:2] in ("rd", "rs"):
                codes.append(f"{slot}{'f' if word[0] == 'f' else 'x'}")
                slot += 1
            else:
                codes.append(word)
        lines.append(row.mnemonic + ("\\t" + ",".join(codes) if codes else ""))
    return text + 'TEMPLATES: Final = """' + "\n".join(lines) + '"""\n'


def modules() -> dict[str, str]:
    rows = table()
    return {
        "riscv_opcodes.py": opcodes_module(rows),
        "riscv_properties.py": properties_module(rows),
        "riscv_encodings.py": encodings_module(rows),
        "riscv_text.py": text_module(rows),
    }


def main() -> int:
    folder = Path(__file__).resolve().parent.parent / "ourocc" / "targets" / "generated"
    stale = []
    for name, text in modules().items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text)
    if stale:
        print("stale:" if "--check" in sys.argv else "written:", *stale)
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
