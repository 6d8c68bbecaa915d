"""Directives of call frames (.cfi_*) and line tables (.file, .loc)."""

import re
from typing import Final

from ourocc.assembler.assembler import (
    Assembler,
    DirectiveFunction,
    FrameFunction,
    FrameInstruction,
    LineFileEntry,
    LineRowAt,
)
from ourocc.assembler.directives_data import split_operands, strings
from ourocc.assembler.expression import number_expression
from ourocc.assembler.symbols import AssemblyError
from ourocc.objects import call_frame as cf
from ourocc.objects import line_table as lt


def directive_sections(a: Assembler, rest: str) -> None:
    a.frame_sections = rest


def directive_startproc(a: Assembler, rest: str) -> None:
    if a.frame is not None:
        raise AssemblyError("previous CFI entry not closed (missing .cfi_endproc)")
    a.frame = FrameFunction(a.symbols.here(), rest.strip() == "simple")


def open_frame(a: Assembler) -> FrameFunction:
    if a.frame is None:
        raise AssemblyError("CFI instruction used without previous .cfi_startproc")
    return a.frame


def directive_endproc(a: Assembler, rest: str) -> None:
    frame = a.frame
    if frame is None:
        raise AssemblyError(".cfi_endproc without corresponding .cfi_startproc")
    frame.end = a.symbols.here()
    a.frames.append(frame)
    a.frame = None


def add(a: Assembler, kind: int, register: int = 0, value: int = 0, data: bytes = b"") -> None:
    open_frame(a).instructions.append(FrameInstruction(a.symbols.here(), kind, register, value, data))


def register(a: Assembler, text: str) -> int:
    if text[:1].isdigit():
        return a.constant(text)
    number = a.target.frame_register(text.lstrip("%"))
    if number < 0:
        raise AssemblyError(f"bad register expression `{text}'")
    return number


# name: kind, whether it takes a register, whether it takes a value
SIMPLE: Final = {
    ".cfi_def_cfa": (cf.CFI_DEF_CFA, True, True), ".cfi_def_cfa_register": (cf.CFI_DEF_CFA_REGISTER, True, False),
    ".cfi_def_cfa_offset": (cf.CFI_DEF_CFA_OFFSET, False, True),
    ".cfi_adjust_cfa_offset": (cf.CFI_ADJUST_CFA_OFFSET, False, True), ".cfi_offset": (cf.CFI_OFFSET, True, True),
    ".cfi_rel_offset": (cf.CFI_REL_OFFSET, True, True), ".cfi_val_offset": (cf.CFI_VAL_OFFSET, True, True),
    ".cfi_remember_state": (cf.CFI_REMEMBER_STATE, False, False),
    ".cfi_restore_state": (cf.CFI_RESTORE_STATE, False, False), ".cfi_gnu_args_size": (cf.CFI_GNU_ARGS_SIZE, False, True),
    ".cfi_window_save": (cf.CFI_GNU_WINDOW_SAVE, False, False),
    ".cfi_negate_ra_state": (cf.CFI_NEGATE_RA_STATE, False, False),
}  # fmt: skip


def simple(a: Assembler, name: str, rest: str) -> None:
    kind, has_register, has_value = SIMPLE[name]
    parts = split_operands(rest)
    if len(parts) < int(has_register) + int(has_value):
        raise AssemblyError("missing separator" if rest.strip() else "bad register expression")
    number = register(a, parts[0]) if has_register else 0
    add(a, kind, number, a.constant(parts[1 if has_register else 0]) if has_value else 0)


def make_simple(name: str) -> DirectiveFunction:
    def directive(a: Assembler, rest: str) -> None:
        simple(a, name, rest)

    return directive


def each_register(a: Assembler, kind: int, rest: str) -> None:
    for part in split_operands(rest):
        add(a, kind, register(a, part))


def directive_restore(a: Assembler, rest: str) -> None:
    each_register(a, cf.CFI_RESTORE, rest)


def directive_undefined(a: Assembler, rest: str) -> None:
    each_register(a, cf.CFI_UNDEFINED, rest)


def directive_same_value(a: Assembler, rest: str) -> None:
    each_register(a, cf.CFI_SAME_VALUE, rest)


def directive_register(a: Assembler, rest: str) -> None:
    first, second = split_operands(rest)
    add(a, cf.CFI_REGISTER, register(a, first), register(a, second))


def directive_escape(a: Assembler, rest: str) -> None:
    data = bytes(a.constant(part) & 255 for part in split_operands(rest))
    add(a, cf.CFI_ESCAPE, 0, 0, data)


def directive_signal_frame(a: Assembler, rest: str) -> None:
    open_frame(a).signal_frame = True


def directive_return_column(a: Assembler, rest: str) -> None:
    open_frame(a).return_column = register(a, rest.strip())


def directive_personality(a: Assembler, rest: str) -> None:
    frame = open_frame(a)
    parts = split_operands(rest)
    frame.personality_encoding = a.constant(parts[0])
    if frame.personality_encoding != cf.DW_EH_PE_OMIT:
        frame.personality = a.symbols.symbol(parts[1])
        frame.personality.referenced = True


def directive_lsda(a: Assembler, rest: str) -> None:
    frame = open_frame(a)
    parts = split_operands(rest)
    frame.lsda_encoding = a.constant(parts[0])
    if frame.lsda_encoding != cf.DW_EH_PE_OMIT:
        frame.lsda = a.symbols.symbol(parts[1])


def directive_file(a: Assembler, rest: str) -> None:
    """.file "name", or .file number ["directory"] "name" [md5 value]"""
    match = re.match(r"\s*(\d+)\s*(.*)$", rest, re.DOTALL)
    if match is None:
        found = strings(rest)
        if len(found) != 1:
            raise AssemblyError("expected string constant")
        a.file_name = found[0].decode("utf-8", "surrogateescape")
        return
    a.own_line_directives()
    text, _, md5 = match.group(2).partition(" md5 ")
    names = [piece.decode("utf-8", "surrogateescape") for piece in strings(text.replace('" "', '","'))]
    if not names or len(names) > 2:
        raise AssemblyError("expected string constant")
    digest = b""
    if md5.strip():
        if re.match(r"\s*0x[0-9a-fA-F]{1,32}\s*$", md5) is None:
            raise AssemblyError("md5 value is not a 128-bit hexadecimal number")
        digest = int(md5, 16).to_bytes(16, "big")
    directory = names[0] if len(names) == 2 else ""
    a.files[int(match.group(1))] = LineFileEntry(directory, names[-1], digest)


def directive_loc(a: Assembler, rest: str) -> None:
    """.loc file line [column] [basic_block] [prologue_end] [epilogue_begin] [is_stmt n] [discriminator n] [view name]"""
    a.own_line_directives()
    words = rest.replace(",", " ").split()
    if a.pending_row is not None:
        a.place_row()
    numbers: list[int] = []
    while words and (words[0].lstrip("-").isdigit() or words[0].startswith("0x")):
        numbers.append(a.constant(words.pop(0)))
    if len(numbers) < 2:
        raise AssemblyError("file number less than one" if not numbers else "line number missing in .loc")
    if numbers[0] not in a.files:
        raise AssemblyError(f"unassigned file number {numbers[0]}")
    flags = a.row_flags & lt.ROW_IS_STATEMENT
    discriminator = 0
    view = ""
    while words:
        word = words.pop(0)
        if word == "basic_block":
            flags |= lt.ROW_BASIC_BLOCK
        elif word == "prologue_end":
            flags |= lt.ROW_PROLOGUE_END
        elif word == "epilogue_begin":
            flags |= lt.ROW_EPILOGUE_BEGIN
        elif word in ("is_stmt", "isa", "discriminator", "view") and words:
            argument = words.pop(0)
            if word == "is_stmt":
                flags = flags & ~lt.ROW_IS_STATEMENT | (lt.ROW_IS_STATEMENT if a.constant(argument) else 0)
                a.row_flags = flags & lt.ROW_IS_STATEMENT
            elif word == "discriminator":
                discriminator = a.constant(argument)
            elif word == "view":
                view = argument
        else:
            raise AssemblyError(f"unknown .loc sub-directive `{word}'")
    column = numbers[2] if len(numbers) > 2 else 0
    a.pending_row = LineRowAt(numbers[0], numbers[1], column, flags, discriminator)
    if view:
        # The view number counts the rows at one address, which is known at the end
        if not view.lstrip("-").isdigit():
            a.pending_row.view = a.symbols.symbol(view)
            a.pending_row.view.expression = number_expression(0)
            a.pending_row.view.deferred = True
        a.pending_row.resets_view = view.startswith("-")
        a.place_row()


TABLE: Final[dict[str, DirectiveFunction]] = {
    ".cfi_sections": directive_sections, ".cfi_startproc": directive_startproc, ".cfi_endproc": directive_endproc,
    ".cfi_restore": directive_restore, ".cfi_undefined": directive_undefined, ".cfi_same_value": directive_same_value,
    ".cfi_register": directive_register, ".cfi_escape": directive_escape, ".cfi_signal_frame": directive_signal_frame,
    ".cfi_return_column": directive_return_column, ".cfi_personality": directive_personality,
    ".cfi_lsda": directive_lsda, ".file": directive_file, ".loc": directive_loc,
    **{name: make_simple(name) for name in SIMPLE},
}  # fmt: skip
