"""The language of the x86 instruction table: one call of `inst` describes one encoding of one or two opcodes.

Input: rows in `instructions.py`, `instructions_float.py`, `instructions_vector.py`.  Output: `FORMS`, a list of `Form`,
from which `tools/instructions_x86.py` writes the modules in `targets/generated/`.  Nothing here runs in the compiler.

A row is `inst(mnemonic, name, operands, encoding, ...)`:

- `mnemonic`: in AT&T syntax, "add|l": printed `addl`, the part behind the bar may be left out when a register operand
  tells the size.  "{cc}" stands for the condition.
- `name`: of the opcode constant.  "?" stands for the operand that ModRM.rm encodes and becomes the letter of its
  register class (R, X, ...) in one opcode and M in a second one.
- `operands`: in the manual's order, destination first, each "kind" or "kind:role".  Kinds: r8 r16 r32 r64, x (XMM),
  y (YMM), mm, st (x87 stack), sreg, cr, dr; m, m8 ... m512 (memory); rm32 for "r32/m32", x/m64 and the like;
  imm8 (any 8 bits), imm8s (sign-extended), imm16, imm32, imm32s (sign-extended to 64), imm64; rel8, rel32; moffs8 ...;
  fixed registers al ax eax rax cl dx st0 and the constant one, which take no operand slot.
  Roles: r (the default), w, rw; n for an address that is only computed.
- `encoding`: the manual's "Op/En" letters, then its opcode column: "MR 01 /r", "MI 66 81 /0 iw", "OI B8+r id".
  Letters: M ModRM.rm, R ModRM.reg, O the opcode's low bits, I immediate, D branch distance, V VEX.vvvv, L the
  immediate's high half (is4), F and T moffs, ZO no operands.
- several rows may name the same opcode: the first is its general encoding, the further ones are shorter ones with a
  condition in `when`: "imm8" (the value fits a sign-extended byte), "accumulator" (register 0 is rAX), "one" (the
  immediate is 1), or "decode" (never written, but read by the disassembler).
- `sets`, `tests`: letters of the flags o s z a p c d that are written (or left undefined) and read.
- `reads`, `writes`: implicit registers by 64-bit name.
- `properties`: words from PROPERTY_WORDS.
"""

from typing import Final, final

from ourocc.targets.properties import PROPERTY_WORDS

FLAG_LETTERS: Final = "cpazsod"  # bit 0 .. bit 6
REGISTER_KINDS: Final = ("", "r8", "r16", "r32", "r64", "x", "st", "mm", "sreg", "cr", "dr", "y")
KIND_LETTERS: Final = {
    "r8": "R", "r16": "R", "r32": "R", "r64": "R", "x": "X", "y": "Y", "mm": "Q", "st": "F", "sreg": "S", "cr": "C",
    "dr": "D",
}  # fmt: skip
FIXED: Final = {
    "al": 0, "ax": 0, "eax": 0, "rax": 0, "cl": 1, "dx": 2, "st0": 32, "one": -1, "xmm0": 16, "fs": 46, "gs": 47,
}  # fmt: skip
REGISTER_NUMBERS: Final = {
    "rax": 0, "rcx": 1, "rdx": 2, "rbx": 3, "rsp": 4, "rbp": 5, "rsi": 6, "rdi": 7, "r11": 11, "xmm0": 16,
}  # fmt: skip


@final
class Operand:
    """One operand of a form.  `register` and `memory` hold what it may be: "r32" and 32; "" and -1 for neither."""

    def __init__(self, text: str) -> None:
        kind, _, role = text.partition(":")
        self.kind = kind
        self.role = role or "r"
        self.register = ""
        self.memory = -1  # width in bits, 0 unspecific
        if kind in FIXED:
            return
        if kind.startswith("rm"):
            kind = f"r{kind[2:]}/m{kind[2:]}"
        for part in kind.split("/"):
            if part in REGISTER_KINDS:
                self.register = part
            elif part[0] == "m" and part[:2] != "mo":
                self.memory = int(part[1:] or 0)


@final
class Form:
    """One encoding of one opcode, with its operands resolved to register or memory."""

    def __init__(self, name: str, mnemonic: str, operands: list[Operand], encoding: str, when: str) -> None:
        self.name = name
        self.suffix = ""
        if "|" in mnemonic:
            mnemonic, self.suffix = mnemonic.split("|")
        self.mnemonic = mnemonic  # without suffix
        self.operands = operands
        self.letters, _, self.encoding = encoding.partition(" ")
        self.when = when
        self.sets = 0
        self.tests = 0
        self.reads = 0
        self.writes = 0
        self.properties = 0
        self.aliases: list[str] = []


FORMS: Final[list[Form]] = []
NAMES: Final[dict[str, Form]] = {}


def flag_mask(letters: str) -> int:
    return sum(1 << FLAG_LETTERS.index(letter) for letter in letters)


def register_mask(names: str) -> int:
    return sum(1 << REGISTER_NUMBERS[name] for name in names.split())


def property_mask(words: str) -> int:
    return sum(1 << PROPERTY_WORDS.index(word) for word in words.split())


def resolve(operands: list[Operand], memory: bool) -> list[Operand]:
    """The operands with every "register or memory" narrowed to one of the two."""
    result = []
    for operand in operands:
        if operand.register and operand.memory >= 0:
            text = f"m{operand.memory or ''}" if memory else operand.register
            result.append(Operand(f"{text}:{operand.role}"))
        else:
            result.append(operand)
    return result


def add_form(form: Form, lock: bool) -> None:
    form.properties |= implied_properties(form)
    FORMS.append(form)
    NAMES.setdefault(form.name, form)
    if lock and any(operand.memory >= 0 for operand in form.operands):
        mnemonic = f"lock {form.mnemonic}" + (f"|{form.suffix}" if form.suffix else "")
        locked = Form(
            "LOCK_" + form.name, mnemonic, form.operands, f"{form.letters} F0 {form.encoding}", form.when
        )
        locked.sets, locked.tests, locked.reads, locked.writes = form.sets, form.tests, form.reads, form.writes
        locked.properties = form.properties | property_mask("locked effect")
        FORMS.append(locked)
        NAMES.setdefault(locked.name, locked)


def implied_properties(form: Form) -> int:
    """What follows from the operands: memory, load, store, immediate; sideways effects stand in the row."""
    words = set()
    for operand in form.operands:
        if operand.memory >= 0 or operand.kind.startswith("moffs"):
            words.add("memory")
            if "r" in operand.role:
                words.add("load")
            if "w" in operand.role:
                words.add("store")
        if operand.kind.startswith("imm"):
            words.add("immediate")
    return property_mask(" ".join(words))


def inst(
    mnemonic: str, name: str, operands: str, encoding: str, *, when: str = "", sets: str = "", tests: str = "",
    reads: str = "", writes: str = "", properties: str = "", lock: bool = False, aliases: str = "",
) -> None:  # fmt: skip
    """Add a row (see the module's docstring)."""
    parsed = [Operand(text) for text in operands.split()]
    both = [operand for operand in parsed if operand.register and operand.memory >= 0]
    for memory in (False, True) if both else (False,):
        resolved = resolve(parsed, memory)
        letter = "M" if memory else KIND_LETTERS[both[0].register] if both else "?"
        form = Form(name.replace("?", letter), mnemonic, resolved, encoding, when)
        if when == "" and form.name in NAMES:
            form.when = "decode"
        form.sets, form.tests = flag_mask(sets), flag_mask(tests)
        form.reads, form.writes = register_mask(reads), register_mask(writes)
        form.properties = property_mask(properties)
        form.aliases = aliases.split()
        add_form(form, lock)


SIZES: Final = ((8, "b"), (16, "w"), (32, "l"), (64, "q"))
PREFIX: Final = {8: "", 16: "66 ", 32: "", 64: "REX.W "}
IMMEDIATE: Final = {8: "imm8", 16: "imm16", 32: "imm32", 64: "imm32s"}
IMMEDIATE_CODE: Final = {8: "ib", 16: "iw", 32: "id", 64: "id"}


def each(
    mnemonic: str, name: str, operands: str, encoding: str, *, sizes: tuple[int, ...] = (8, 16, 32, 64), when: str = "",
    sets: str = "", tests: str = "", reads: str = "", writes: str = "", properties: str = "", lock: bool = False,
    aliases: str = "",
) -> None:  # fmt: skip
    """A row for every operand size: "#" is the size, "imm#" and "i#" its immediate, "%04" an opcode byte whose low bit
    is clear for 8-bit operands and set for the others; prefixes 66 and REX.W are put in front of the opcode.  "!" behind the mnemonic: it takes no
    suffix."""
    for size, suffix in SIZES:
        if size not in sizes:
            continue
        letters, _, code = encoding.partition(" ")
        bare = mnemonic.endswith("!")
        words = []
        for word in code.split():
            if word.startswith("%"):
                word = f"{int(word[1:3], 16) + (size != 8):02X}" + word[3:]
            words.append(IMMEDIATE_CODE[size] if word == "i#" else word)
        code = " ".join(words)
        if size == 64 and code[:3] in ("F2 ", "F3 ", "66 "):
            code = code[:3] + "REX.W " + code[3:]
        else:
            code = PREFIX[size] + code
        inst(
            mnemonic.replace("#", suffix) if "#" in mnemonic else mnemonic[:-1] if bare else f"{mnemonic}|{suffix}",
            name.replace("#", str(size)),
            operands.replace("imm#", IMMEDIATE[size]).replace("#", str(size)),
            f"{letters} {code}",
            when=when, sets=sets, tests=tests, reads=reads, writes=writes, properties=properties, lock=lock,
            aliases=aliases.replace("#", suffix),
        )  # fmt: skip
