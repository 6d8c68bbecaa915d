"""The C extension: 32-bit instructions to 16 bits and back.

`compress` takes an encoded instruction and returns its compressed form, or 0 when there is none; `expand` is the inverse,
which the disassembler uses.  Names in comments are the manual's (chapter "C").
"""

from typing import Final

OP_IMM: Final = 0x13
OP_IMM_32: Final = 0x1B
OP: Final = 0x33
OP_32: Final = 0x3B
LOAD: Final = 0x03
LOAD_FP: Final = 0x07
STORE: Final = 0x23
STORE_FP: Final = 0x27
LUI: Final = 0x37
JALR: Final = 0x67


def signed(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def compress(word: int) -> int:
    """The 16-bit form of a 32-bit instruction, 0 for none.  Branches and jumps have none here: they are relaxed."""
    opcode = word & 0x7F
    rd = word >> 7 & 31
    f3 = word >> 12 & 7
    rs1 = word >> 15 & 31
    rs2 = word >> 20 & 31
    immediate = signed(word >> 20, 12)
    if opcode == OP_IMM:
        return compress_immediate(word, rd, f3, rs1, immediate)
    if opcode == OP_IMM_32 and f3 == 0:
        if rd and rd == rs1 and -32 <= immediate <= 31:  # c.addiw
            return 0x2001 | (immediate >> 5 & 1) << 12 | rd << 7 | (immediate & 31) << 2
        if rd and rs1 == 0 and -32 <= immediate <= 31:  # addiw rd, x0: c.li
            return 0x4001 | (immediate >> 5 & 1) << 12 | rd << 7 | (immediate & 31) << 2
        return 0
    if opcode in (OP, OP_32):
        return compress_register(opcode, word >> 25, f3, rd, rs1, rs2)
    if opcode in (LOAD, LOAD_FP):
        return compress_load(opcode, f3, rd, rs1, immediate)
    if opcode in (STORE, STORE_FP):
        return compress_store(opcode, f3, rs1, rs2, signed(word >> 25 << 5 | rd, 12))
    if opcode == LUI:
        upper = signed(word >> 12, 20)
        if rd not in (0, 2) and upper and -32 <= upper <= 31:  # c.lui
            return 0x6001 | (upper >> 5 & 1) << 12 | rd << 7 | (upper & 31) << 2
        return 0
    if opcode == JALR and f3 == 0 and immediate == 0 and rs1:
        if rd == 0:  # c.jr
            return 0x8002 | rs1 << 7
        if rd == 1:  # c.jalr
            return 0x9002 | rs1 << 7
    if word == 0x00100073:  # c.ebreak
        return 0x9002
    return 0


def compress_immediate(word: int, rd: int, f3: int, rs1: int, immediate: int) -> int:
    shift = word >> 20 & 63
    if f3 == 0:
        if rd == rs1 and rd and immediate and -32 <= immediate <= 31:  # c.addi
            return 0x0001 | (immediate >> 5 & 1) << 12 | rd << 7 | (immediate & 31) << 2
        if rd == 0 and rs1 == 0 and immediate == 0:  # c.nop
            return 0x0001
        if rs1 == 0 and rd and -32 <= immediate <= 31:  # c.li
            return 0x4001 | (immediate >> 5 & 1) << 12 | rd << 7 | (immediate & 31) << 2
        if immediate == 0 and rd and rs1:  # c.mv
            return 0x8002 | rd << 7 | rs1 << 2
        if rd == 2 and rs1 == 2 and immediate and immediate & 15 == 0 and -512 <= immediate <= 496:  # c.addi16sp
            return (
                0x6101 | (immediate >> 9 & 1) << 12 | (immediate >> 4 & 1) << 6 | (immediate >> 6 & 1) << 5
                | (immediate >> 7 & 3) << 3 | (immediate >> 5 & 1) << 2
            )  # fmt: skip
        if rs1 == 2 and 8 <= rd <= 15 and immediate > 0 and immediate & 3 == 0 and immediate < 1024:  # c.addi4spn
            return (
                0x0000 | (immediate >> 4 & 3) << 11 | (immediate >> 6 & 15) << 7 | (immediate >> 2 & 1) << 6
                | (immediate >> 3 & 1) << 5 | (rd - 8) << 2
            )  # fmt: skip
        return 0
    if f3 == 1 and rd == rs1 and rd and shift and word >> 26 == 0:  # c.slli
        return 0x0002 | (shift >> 5) << 12 | rd << 7 | (shift & 31) << 2
    if f3 == 5 and rd == rs1 and 8 <= rd <= 15 and shift:  # c.srli, c.srai
        return 0x8001 | (0x400 if word >> 30 else 0) | (shift >> 5) << 12 | (rd - 8) << 7 | (shift & 31) << 2
    if f3 == 7 and rd == rs1 and 8 <= rd <= 15 and -32 <= immediate <= 31:  # c.andi
        return 0x8801 | (immediate >> 5 & 1) << 12 | (rd - 8) << 7 | (immediate & 31) << 2
    return 0


# (opcode, funct7, funct3) of two-register instructions on x8 .. x15: bits of the compressed form
SHORT_REGISTER: Final = {
    (OP, 0x20, 0): 0x8C01, (OP, 0, 4): 0x8C21, (OP, 0, 6): 0x8C41, (OP, 0, 7): 0x8C61, (OP_32, 0x20, 0): 0x9C01,
    (OP_32, 0, 0): 0x9C21,
}  # fmt: skip


def compress_register(opcode: int, f7: int, f3: int, rd: int, rs1: int, rs2: int) -> int:
    if opcode == OP and f7 == 0 and f3 == 0 and rd:
        if rd == rs1 and rs2:  # c.add
            return 0x9002 | rd << 7 | rs2 << 2
        if rd == rs2 and rs1:
            return 0x9002 | rd << 7 | rs1 << 2
        if rs1 == 0 and rs2:  # add rd, x0, rs2: c.mv
            return 0x8002 | rd << 7 | rs2 << 2
        return 0
    bits = SHORT_REGISTER.get((opcode, f7, f3), 0)
    if bits and 8 <= rd <= 15:
        if rd == rs1 and 8 <= rs2 <= 15:
            return bits | (rd - 8) << 7 | (rs2 - 8) << 2
        if rd == rs2 and 8 <= rs1 <= 15 and f7 == 0:
            return bits | (rd - 8) << 7 | (rs1 - 8) << 2
    return 0


def compress_load(opcode: int, f3: int, rd: int, rs1: int, offset: int) -> int:
    double = f3 == 3
    if f3 not in (2, 3) or (opcode == LOAD_FP and not double) or offset < 0:
        return 0
    high = 0x2000 if opcode == LOAD_FP else 0x6000 if double else 0x4000
    if rs1 == 2 and (rd or opcode == LOAD_FP):  # c.lwsp, c.ldsp, c.fldsp
        if double and offset & 7 == 0 and offset < 512:
            return high | 2 | (offset >> 5 & 1) << 12 | rd << 7 | (offset >> 3 & 3) << 5 | (offset >> 6 & 7) << 2
        if not double and offset & 3 == 0 and offset < 256:
            return high | 2 | (offset >> 5 & 1) << 12 | rd << 7 | (offset >> 2 & 7) << 4 | (offset >> 6 & 3) << 2
    return short_memory(high, double, rd, rs1, offset)


def compress_store(opcode: int, f3: int, rs1: int, rs2: int, offset: int) -> int:
    double = f3 == 3
    if f3 not in (2, 3) or (opcode == STORE_FP and not double) or offset < 0:
        return 0
    high = 0xA000 if opcode == STORE_FP else 0xE000 if double else 0xC000
    if rs1 == 2:  # c.swsp, c.sdsp, c.fsdsp
        if double and offset & 7 == 0 and offset < 512:
            return high | 2 | (offset >> 3 & 7) << 10 | (offset >> 6 & 7) << 7 | rs2 << 2
        if not double and offset & 3 == 0 and offset < 256:
            return high | 2 | (offset >> 2 & 15) << 9 | (offset >> 6 & 3) << 7 | rs2 << 2
    return short_memory(high, double, rs2, rs1, offset)


def short_memory(high: int, double: bool, register: int, base: int, offset: int) -> int:
    """c.lw, c.ld, c.fld, c.sw, c.sd, c.fsd: registers 8 .. 15."""
    if not 8 <= register <= 15 or not 8 <= base <= 15:
        return 0
    fields = high | (offset >> 3 & 7) << 10 | (base - 8) << 7 | (register - 8) << 2
    if double:
        return fields | (offset >> 6 & 3) << 5 if offset & 7 == 0 and offset < 256 else 0
    return fields | (offset >> 2 & 1) << 6 | (offset >> 6 & 1) << 5 if offset & 3 == 0 and offset < 128 else 0


def immediate_word(opcode: int, f3: int, rd: int, rs1: int, value: int) -> int:
    return opcode | rd << 7 | f3 << 12 | rs1 << 15 | (value & 0xFFF) << 20


def register_word(opcode: int, f7: int, f3: int, rd: int, rs1: int, rs2: int) -> int:
    return opcode | rd << 7 | f3 << 12 | rs1 << 15 | rs2 << 20 | f7 << 25


def store_word(opcode: int, f3: int, rs1: int, rs2: int, offset: int) -> int:
    return opcode | (offset & 31) << 7 | f3 << 12 | rs1 << 15 | rs2 << 20 | (offset >> 5 & 0x7F) << 25


def branch_distance(half: int) -> int:
    """c.beqz, c.bnez"""
    value = (half >> 12 & 1) << 8 | (half >> 10 & 3) << 3 | (half >> 5 & 3) << 6 | (half >> 3 & 3) << 1 | (half >> 2 & 1) << 5
    return signed(value, 9)


def jump_distance(half: int) -> int:
    """c.j"""
    value = (
        (half >> 12 & 1) << 11 | (half >> 11 & 1) << 4 | (half >> 9 & 3) << 8 | (half >> 8 & 1) << 10
        | (half >> 7 & 1) << 6 | (half >> 6 & 1) << 7 | (half >> 3 & 7) << 1 | (half >> 2 & 1) << 5
    )  # fmt: skip
    return signed(value, 12)


def branch_word(f3: int, rs1: int, distance: int) -> int:
    return (
        0x63 | f3 << 12 | rs1 << 15 | (distance >> 12 & 1) << 31 | (distance >> 5 & 0x3F) << 25
        | (distance >> 1 & 0xF) << 8 | (distance >> 11 & 1) << 7
    )  # fmt: skip


def jump_word(distance: int) -> int:
    return (
        0x6F | (distance >> 20 & 1) << 31 | (distance >> 1 & 0x3FF) << 21 | (distance >> 11 & 1) << 20
        | (distance >> 12 & 0xFF) << 12
    )  # fmt: skip


def expand(half: int) -> int:
    """The 32-bit instruction that a compressed one stands for, 0 for an illegal one."""
    quadrant = half & 3
    f3 = half >> 13
    if quadrant == 0:
        return expand_memory(half, f3)
    rd = half >> 7 & 31
    immediate = signed((half >> 12 & 1) << 5 | half >> 2 & 31, 6)
    if quadrant == 1:
        if f3 == 0:
            return immediate_word(OP_IMM, 0, rd, rd, immediate)
        if f3 == 1:
            return immediate_word(OP_IMM_32, 0, rd, rd, immediate) if rd else 0
        if f3 == 2:
            return immediate_word(OP_IMM, 0, rd, 0, immediate)
        if f3 == 3:
            if rd == 2:
                value = (
                    (half >> 12 & 1) << 9 | (half >> 6 & 1) << 4 | (half >> 5 & 1) << 6 | (half >> 3 & 3) << 7
                    | (half >> 2 & 1) << 5
                )  # fmt: skip
                return immediate_word(OP_IMM, 0, 2, 2, signed(value, 10)) if value else 0
            return LUI | rd << 7 | (immediate & 0xFFFFF) << 12 if immediate else 0
        if f3 == 4:
            return expand_arithmetic(half, immediate)
        if f3 == 5:
            return jump_word(jump_distance(half))
        return branch_word(f3 - 6, (half >> 7 & 7) + 8, branch_distance(half))
    return expand_stack(half, f3, rd, immediate)


def expand_memory(half: int, f3: int) -> int:
    register = (half >> 2 & 7) + 8
    base = (half >> 7 & 7) + 8
    word_offset = (half >> 10 & 7) << 3 | (half >> 6 & 1) << 2 | (half >> 5 & 1) << 6
    double_offset = (half >> 10 & 7) << 3 | (half >> 5 & 3) << 6
    if f3 == 0:
        value = (half >> 11 & 3) << 4 | (half >> 7 & 15) << 6 | (half >> 6 & 1) << 2 | (half >> 5 & 1) << 3
        return immediate_word(OP_IMM, 0, register, 2, value) if value else 0
    if f3 == 1:
        return immediate_word(LOAD_FP, 3, register, base, double_offset)
    if f3 == 2:
        return immediate_word(LOAD, 2, register, base, word_offset)
    if f3 == 3:
        return immediate_word(LOAD, 3, register, base, double_offset)
    if f3 == 5:
        return store_word(STORE_FP, 3, base, register, double_offset)
    if f3 == 6:
        return store_word(STORE, 2, base, register, word_offset)
    return store_word(STORE, 3, base, register, double_offset) if f3 == 7 else 0


def expand_arithmetic(half: int, immediate: int) -> int:
    rd = (half >> 7 & 7) + 8
    kind = half >> 10 & 3
    shift = immediate & 63
    if kind == 0:
        return immediate_word(OP_IMM, 5, rd, rd, shift)
    if kind == 1:
        return immediate_word(OP_IMM, 5, rd, rd, shift | 0x400)
    if kind == 2:
        return immediate_word(OP_IMM, 7, rd, rd, immediate)
    key = half & 0xFC63
    for (opcode, f7, f3), bits in SHORT_REGISTER.items():
        if bits == key:
            return register_word(opcode, f7, f3, rd, rd, (half >> 2 & 7) + 8)
    return 0


def expand_stack(half: int, f3: int, rd: int, immediate: int) -> int:
    rs2 = half >> 2 & 31
    load_double = (half >> 12 & 1) << 5 | (half >> 5 & 3) << 3 | (half >> 2 & 7) << 6
    load_word = (half >> 12 & 1) << 5 | (half >> 4 & 7) << 2 | (half >> 2 & 3) << 6
    if f3 == 0:
        return immediate_word(OP_IMM, 1, rd, rd, immediate & 63)
    if f3 == 1:
        return immediate_word(LOAD_FP, 3, rd, 2, load_double)
    if f3 == 2:
        return immediate_word(LOAD, 2, rd, 2, load_word) if rd else 0
    if f3 == 3:
        return immediate_word(LOAD, 3, rd, 2, load_double) if rd else 0
    if f3 == 4:
        if not half >> 12 & 1:
            if rs2 == 0:
                return immediate_word(JALR, 0, 0, rd, 0) if rd else 0
            return register_word(OP, 0, 0, rd, 0, rs2)
        if rs2 == 0:
            return immediate_word(JALR, 0, 1, rd, 0) if rd else 0x00100073
        return register_word(OP, 0, 0, rd, rd, rs2)
    if f3 == 5:
        return store_word(STORE_FP, 3, 2, rs2, (half >> 10 & 7) << 3 | (half >> 7 & 7) << 6)
    if f3 == 6:
        return store_word(STORE, 2, 2, rs2, (half >> 9 & 15) << 2 | (half >> 7 & 3) << 6)
    return store_word(STORE, 3, 2, rs2, (half >> 10 & 7) << 3 | (half >> 7 & 7) << 6)
