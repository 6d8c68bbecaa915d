"""Write the x86 modules of `ourocc/targets/generated/` from the instruction table.

Run from the repository's root: `python tools/instructions_x86.py` rewrites the files, `--check` only compares.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ourocc.targets.properties import PROPERTY_WORDS  # noqa: E402
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
    for index, word in enumerate(PROPERTY_WORDS):
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


class Encoding:
    """The encoder's numbers of one form; see ourocc/targets/x86/encode.py for what they mean."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.prefix = b""
        self.rex = 0
        self.opcode = b""
        self.digit = 0
        self.immediate = 0
        self.special = 0
        self.bytes = 0
        self.layout = 0
        self.when = ("", "imm8", "accumulator", "one", "rel8", "decode").index(form.when)
        self.modrm = False
        self.parse()
        self.choose_layout()

    def parse(self) -> None:
        """Split the manual's opcode column."""
        words = self.form.encoding.split()
        while len(words) > 1 and words[0] in ("66", "F2", "F3", "F0", "9B", "67"):
            if len(words) == 2 and words[1].startswith("REX"):
                break
            self.prefix += bytes.fromhex(words.pop(0))
        order = b"\x9b\x67\x66\xf3\xf2\xf0"
        self.prefix = bytes(sorted(self.prefix, key=order.index))
        for word in words:
            if word == "REX.W":
                self.rex = 0x48
            elif word == "/r":
                self.modrm = True
            elif word[0] == "/":
                self.modrm = True
                self.digit = int(word[1])
            elif word in ("ib", "iw", "id", "io"):
                if self.immediate:
                    self.special |= 32  # SPECIAL_TWO_IMMEDIATES
                else:
                    self.immediate = {"ib": 1, "iw": 2, "id": 4, "io": 8}[word]
            elif word in ("cb", "cd"):
                self.special |= 1 if word == "cb" else 0
            else:
                code, _, plus = word.partition("+")
                self.opcode += bytes([int(code, 16)])
                if plus == "cc":
                    self.special |= 4
        if any(operand.kind == "imm32s" for operand in self.form.operands):
            self.special |= 16

    def choose_layout(self) -> None:
        """The operand layout from the Op/En letters."""
        form = self.form
        letters = form.letters
        registers = [operand for operand in form.operands if operand.register]
        memory = any(operand.memory >= 0 for operand in form.operands)
        if letters in ("FD", "TD"):
            self.layout, self.immediate = 9, 0
        elif letters == "D":
            self.layout = 8
        elif letters == "RO":
            self.layout = 10
        elif self.modrm and "/r" in form.encoding.split():
            reg_first = letters.startswith("R")
            self.layout = 5 if memory else 4 if reg_first else 3
            reg = registers[0] if memory or reg_first else registers[1]
            rm = None if memory else registers[1] if reg_first else registers[0]
            self.byte_operands(reg, rm)
        elif self.modrm:
            self.layout = 7 if memory else 6
            if not memory:
                self.byte_operands(None, registers[0])
        elif "+r" in form.encoding:
            self.layout = 2
            self.bytes = int(registers[0].register == "r8")
        else:
            self.layout = 1
        if memory and form.mnemonic in (
            "mov", "test", "add", "adc", "and", "cmp", "or", "sbb", "sub", "xor", "call", "jmp",
        ) and (letters in ("RM",) or form.mnemonic in ("call", "jmp", "test")):  # fmt: skip
            if form.mnemonic in ("call", "jmp") or any(o.memory in (32, 64) for o in form.operands):
                self.special |= 2

    def byte_operands(self, reg: Operand | None, rm: Operand | None) -> None:
        if reg is not None:
            self.bytes |= reg.register == "r8"
            self.special |= 8 if reg.register == "sreg" else 0
        if rm is not None:
            self.bytes |= 2 if rm.register == "r8" else 0
            self.special |= 64 if rm.register == "sreg" else 0


def bytes_list(name: str, comment: str, values: list[bytes]) -> str:
    return f"# {comment}\n{name}: Final[tuple[bytes, ...]] = (\n{wrapped([repr(v) for v in values])}\n)  # fmt: skip\n"


def encodings_module(rows: list[Opcode]) -> str:
    """The encoder's tables: general encodings under the opcode's number, then all the others."""
    text = HEADER.format(title="The x86-64 encodings; indexed by opcode, further encodings of an opcode follow at the end.")
    pad = [Encoding(Form("", "", [], "ZO 00", "")) for _ in range(FIRST_OPCODE)]
    for encoding in pad:
        encoding.layout = 0
    encodings = pad + [Encoding(row.forms[0]) for row in rows]
    first = [0] * len(encodings)
    following = [0] * len(encodings)
    for row in rows:
        previous = 0
        for form in row.forms[1:]:
            if form.when == "decode":
                continue
            number = len(encodings)
            encodings.append(Encoding(form))
            following.append(0)
            if previous:
                following[previous] = number
            else:
                first[row.number] = number
            previous = number
    first += [0] * (len(encodings) - len(first))
    text += bytes_table("FORMAT", "Operand layout, FORMAT_* of encode.py", [e.layout for e in encodings])
    text += bytes_table("REX_W", "0x48 or 0", [e.rex for e in encodings])
    text += bytes_table("DIGIT", "ModRM.reg when it extends the opcode", [e.digit for e in encodings])
    text += bytes_table("IMMEDIATE", "Size of the immediate in bytes", [e.immediate for e in encodings])
    text += bytes_table("SPECIAL", "SPECIAL_* of encode.py", [e.special for e in encodings])
    text += bytes_table("BYTE_REGISTERS", "Bit 0: ModRM.reg (or low bits) is 8 bits wide, bit 1: ModRM.rm", [e.bytes for e in encodings])
    text += bytes_table("WHEN", "Condition of a shorter encoding, WHEN_* of encode.py", [e.when for e in encodings])
    text += integer_table("ALTERNATIVE_FIRST", "First shorter encoding to try, 0 none", first)
    text += integer_table("ALTERNATIVE_NEXT", "The next one to try", following)
    text += bytes_list("PREFIX_BYTES", "Mandatory and operand size prefixes", [e.prefix for e in encodings])
    text += bytes_list("OPCODE_BYTES", "Opcode with its escape bytes", [e.opcode for e in encodings])
    return text


CLASS_LETTERS = {
    "r8": "b", "r16": "w", "r32": "d", "r64": "q", "x": "x", "st": "t", "mm": "m", "sreg": "s", "cr": "c", "dr": "g",
}  # fmt: skip


def template(form: Form) -> str:
    """AT&T text with operand codes, as described in ourocc/targets/x86/printer.py."""
    operands = []
    slot = 0
    indirect = "*" if form.mnemonic in ("jmp", "call", "ljmp", "lcall") else ""
    for operand in form.operands:
        if operand.register:
            operands.append(f"{indirect}{slot}{CLASS_LETTERS[operand.register]}")
            slot += 1
        elif operand.memory >= 0 or operand.kind.startswith("moffs"):
            operands.append(f"{indirect}M")
        elif operand.kind.startswith("imm"):
            operands.append("I" if "I" not in operands else "E")
        elif operand.kind.startswith("rel"):
            operands.append("J")
        elif operand.kind == "one":
            operands.append("$1")
        else:
            operands.append("%" + ("st" if operand.kind == "st0" else operand.kind))
    if form.mnemonic != "enter":
        operands.reverse()
    mnemonic = f"{form.mnemonic}|{form.suffix}" if form.suffix else form.mnemonic
    return (mnemonic + "\\t" + ",".join(operands)).removesuffix("\\t")


def text_module(rows: list[Opcode]) -> str:
    text = HEADER.format(title="How every x86-64 opcode is printed in AT&T syntax: see ourocc/targets/x86/printer.py.")
    lines = [template(row.forms[0]) for row in rows]
    return text + 'TEMPLATES: Final = """' + "\n".join(lines) + '"""\n'


def decode_module(rows: list[Opcode]) -> str:
    """One line an encoding: opcode bytes, prefixes, REX.W, digit, mod, layout, immediate, special, opcode number."""
    lines = []
    for row in rows:
        for form in row.forms:
            encoding = Encoding(form)
            if (b"\x9b" in encoding.prefix and len(encoding.opcode) > 0 and row.name != "PREFIX_FWAIT") or (row.name.startswith("PREFIX_") and row.name != "PREFIX_FWAIT"):
                continue
            memory = any(operand.memory >= 0 for operand in form.operands)
            mod = "-" if not encoding.modrm else "m" if memory else "r"
            digit = encoding.digit if encoding.modrm and "/r" not in form.encoding.split() else -1
            plus = "r" if "+r" in form.encoding else "c" if "+cc" in form.encoding else "-"
            widths = 1 if any(operand.kind == "one" for operand in form.operands) else 0
            width = 1 if "cb" in form.encoding.split() else 4 if "cd" in form.encoding.split() else encoding.immediate
            lines.append(
                f"{encoding.opcode.hex()} {encoding.prefix.hex() or '-'} {int(encoding.rex != 0)} {digit} {mod} {plus} "
                f"{encoding.layout} {width} {encoding.special} {widths} {row.number}"
            )
    text = HEADER.format(title="The x86-64 encodings for the disassembler: see ourocc/targets/x86/decode.py.")
    return text + 'ENCODINGS: Final = """' + "\n".join(lines) + '"""\n'


CONDITION_NAMES = (
    ("o",), ("no",), ("b", "c", "nae"), ("ae", "nc", "nb"), ("e", "z"), ("ne", "nz"), ("be", "na"), ("a", "nbe"), ("s",),
    ("ns",), ("p", "pe"), ("np", "po"), ("l", "nge"), ("ge", "nl"), ("le", "ng"), ("g", "nle"),
)  # fmt: skip


def mnemonics_module(rows: list[Opcode]) -> str:
    """What assembly text may call every opcode: one line a mnemonic, with the opcodes in order of preference."""
    index: dict[str, list[int]] = {}
    conditional: dict[str, int] = {}
    for row in rows:
        form = row.forms[0]
        if form.when == "decode":
            continue
        names = [form.mnemonic + form.suffix]
        if form.suffix:
            names.append(form.mnemonic)
        for name in names + form.aliases:
            if "{cc}" in name:
                for condition, spellings in enumerate(CONDITION_NAMES):
                    for spelling in spellings:
                        spelled = name.replace("{cc}", spelling)
                        conditional[spelled] = condition
                        index.setdefault(spelled, []).append(row.number)
            elif row.number not in index.setdefault(name, []):
                index[name].append(row.number)
    lines = []
    for name, numbers in index.items():
        fields = [str(number) for number in numbers]
        if name in conditional:
            fields.insert(0, f"={conditional[name]}")
        lines.append(f"{name}\t" + " ".join(fields))
    text = HEADER.format(title="Mnemonics of assembly text: name, tab, perhaps =condition, opcodes in order of preference.")
    return text + 'MNEMONICS: Final = """\\\n' + "\n".join(lines) + '\n"""\n'


def modules() -> dict[str, str]:
    rows = opcodes()
    return {
        "x86_opcodes.py": opcodes_module(rows),
        "x86_properties.py": properties_module(rows),
        "x86_encodings.py": encodings_module(rows),
        "x86_text.py": text_module(rows),
        "x86_mnemonics.py": mnemonics_module(rows),
        "x86_decode.py": decode_module(rows),
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
