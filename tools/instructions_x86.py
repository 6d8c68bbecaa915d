"""Write the x86 modules of `ourocc/targets/generated/` from the instruction table.

Run from the repository's root: `python tools/instructions_x86.py` rewrites the files, `--check` only compares.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ourocc.targets.x86 import forms  # noqa: E402
from ourocc.targets.x86.forms import Form, Operand  # noqa: E402
from ourocc.targets.x86.instructions import table  # noqa: E402

FIRST_OPCODE = 32  # numbers below belong to the target-neutral pseudo instructions of ourocc/machine
HEADER = '"""{title}\n\nWritten by tools/instructions_x86.py from the instruction table; do not edit.\n"""\n\nfrom typing import Final\n\n'


class Opcode:
    """One opcode: its number and all its encodings, the general one first."""

    def __init__(self, number: int, form: Form) -> None:
        self.number = number
        self.name = form.name
        self.forms = [form]


def opcodes() -> list[Opcode]:
    """Opcodes in order of first mention."""
    found: dict[str, Opcode] = {}
    for form in table():
        if form.name in found:
            found[form.name].forms.append(form)
        else:
            found[form.name] = Opcode(FIRST_OPCODE + len(found), form)
    return list(found.values())


def register_operands(form: Form) -> list[Operand]:
    return [operand for operand in form.operands if operand.register]


def wrapped(values: list[str], separator: str = ", ") -> str:
    """Lines of up to 118 columns."""
    lines: list[str] = []
    line = "   "
    for value in values:
        if len(line) + len(value) + 2 > 118:
            lines.append(line)
            line = "   "
        line += f" {value}{separator.rstrip()}"
    lines.append(line)
    return "\n".join(lines)


def bytes_table(name: str, comment: str, values: list[int]) -> str:
    text = "".join(f"\\x{value:02x}" for value in values)
    pieces = [f'    b"{text[i : i + 112]}"' for i in range(0, len(text), 112)]
    return f"# {comment}\n{name}: Final = (\n" + "\n".join(pieces) + "\n)\n"


def integer_table(name: str, comment: str, values: list[int]) -> str:
    return f"# {comment}\n{name}: Final[tuple[int, ...]] = (\n{wrapped([str(v) for v in values])}\n)  # fmt: skip\n"


def opcodes_module(rows: list[Opcode]) -> str:
    text = HEADER.format(title="Opcode numbers of x86-64, one for every form that differs in its operands.")
    text += f"FIRST_OPCODE: Final = {FIRST_OPCODE}\n"
    for row in rows:
        text += f"{row.name}: Final = {row.number}\n"
    return text + f"OPCODE_COUNT: Final = {FIRST_OPCODE + len(rows)}\n"


def properties_module(rows: list[Opcode]) -> str:
    """Everything that liveness, scheduling and the register allocator ask about an opcode."""
    text = HEADER.format(title="What every x86-64 opcode reads, writes and does; all tables are indexed by opcode.")
    for index, word in enumerate(forms.PROPERTY_WORDS):
        text += f"{word.upper()}: Final = {1 << index}\n"
    text += "\n# Bits of FLAGS_READ and FLAGS_WRITTEN\n"
    for index, name in enumerate(("CARRY", "PARITY", "ADJUST", "ZERO_FLAG", "SIGN", "OVERFLOW", "DIRECTION")):
        text += f"{name}: Final = {1 << index}\n"
    text += "\n# Register classes in CLASSES\n"
    names = ("NONE", "R8", "R16", "R32", "R64", "XMM", "ST", "MMX", "SEGMENT", "CONTROL_REGISTER", "DEBUG_REGISTER", "YMM")
    for index, name in enumerate(names):
        text += f"CLASS_{name}: Final = {index}\n"
    pad = [0] * FIRST_OPCODE
    primary = [row.forms[0] for row in rows]
    operands = [register_operands(form) for form in primary]
    text += "\n"
    text += integer_table("PROPERTIES", "The bits above", pad + [form.properties for form in primary])
    text += bytes_table("REGISTER_COUNT", "Register operands: r0 .. r3 in use", pad + [len(o) for o in operands])
    read = [sum(1 << i for i, o in enumerate(ops) if "r" in o.role) for ops in operands]
    written = [sum(1 << i for i, o in enumerate(ops) if "w" in o.role) for ops in operands]
    text += bytes_table("READS", "Bit n: register operand n is read (base and index of memory always are)", pad + read)
    text += bytes_table("WRITES", "Bit n: register operand n is written", pad + written)
    classes: list[int] = []
    for ops in operands:
        padded = [forms.REGISTER_KINDS.index(o.register) for o in ops] + [0, 0, 0, 0]
        classes += padded[:4]
    text += bytes_table("CLASSES", "Class of register operand n of opcode: CLASSES[opcode * 4 + n]", pad * 4 + classes)
    text += bytes_table("FLAGS_READ", "Flags whose value matters", pad + [form.tests for form in primary])
    text += bytes_table("FLAGS_WRITTEN", "Flags that are written or left undefined", pad + [form.sets for form in primary])
    sizes = [next((o.memory for o in form.operands if o.memory > 0), 0) // 8 for form in primary]
    text += bytes_table("MEMORY_BYTES", "Bytes that the memory operand has, 0 unspecific", pad + sizes)
    text += integer_table("IMPLICIT_READS", "Mask of physical registers read beyond the operands", pad + [f.reads for f in primary])
    text += integer_table("IMPLICIT_WRITES", "Mask of physical registers written", pad + [f.writes for f in primary])
    joined = " ".join(row.name for row in rows)
    pieces = [f'    "{joined[i : i + 110]}"' for i in range(0, len(joined), 110)]
    text += "NAMES: Final = (\n" + "\n".join(pieces) + "\n)\n"
    text += '\n\ndef opcode_name(opcode: int) -> str:\n    """The constant\'s name, for dumps."""\n'
    text += f"    return NAMES.split()[opcode - {FIRST_OPCODE}] if opcode >= {FIRST_OPCODE} else f\"PSEUDO{{opcode}}\"\n"
    return text


def modules() -> dict[str, str]:
    rows = opcodes()
    return {"x86_opcodes.py": opcodes_module(rows), "x86_properties.py": properties_module(rows)}


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
