"""Selection of atomic operations (extension A).

Words and doublewords have instructions, or loops of lr and sc; bytes and halfwords are bits of a word, which such a loop
changes under a mask.
"""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.targets.generated import riscv_opcodes as x
from ourocc.targets.riscv import families as f
from ourocc.targets.riscv.registers import ZERO
from ourocc.targets.riscv.select_base import RiscvBase
from ourocc.targets.riscv.select_integer import extended
from ourocc.targets.riscv.select_memory import load, store

ACQUIRE: Final = (1, 2, 4, 5)
RELEASE: Final = (3, 4, 5)
SEQUENTIAL: Final = 5
# What a fence orders: predecessor << 4 | successor, of input 8, output 4, read 2, write 1
_READ_ALL: Final = 0x23
_ALL_WRITE: Final = 0x31
_ALL: Final = 0x33


def barrier(s: RiscvBase, sets: int) -> None:
    s.emit(x.FENCE).imm = sets


def fence(s: RiscvBase, v: Value) -> None:
    if v.extra or v.imm == 0:
        return
    barrier(s, {1: _READ_ALL, 2: _READ_ALL, 3: _ALL_WRITE}.get(v.imm, _ALL))


def atomic_load(s: RiscvBase, v: Value, pointer: Value) -> None:
    if v.imm == SEQUENTIAL:
        barrier(s, _ALL)
    load(s, v, pointer)
    if v.imm in ACQUIRE:
        barrier(s, _READ_ALL)


def atomic_store(s: RiscvBase, v: Value, pointer: Value, stored: Value) -> None:
    if v.imm in RELEASE:
        barrier(s, _ALL_WRITE)
    store(s, v, pointer, stored)
    if v.imm == SEQUENTIAL:
        barrier(s, _ALL)


class Part:
    """A byte or halfword within its word: address of the word, shift of the part, mask in place."""

    def __init__(self, s: RiscvBase, pointer: Value, type: int) -> None:
        self.s = s
        self.type = type
        source = s.use(pointer)
        self.address = s.new_register(ty.PTR)
        self.shift = s.new_register(ty.I64)  # its upper bits do not count
        self.mask = s.new_register(ty.I64)
        s.rri(x.ANDI, self.address, source, -4)
        s.rri(x.SLLI, self.shift, source, 3)
        s.rrr(x.SLLW, self.mask, s.number((1 << ty.BITS[type]) - 1 if type != ty.I1 else 255), self.shift)

    def shifted(self, value: Value) -> int:
        s = self.s
        result = s.new_register(ty.I64)
        s.rrr(x.SLLW, result, extended(s, value, False), self.shift)
        return result

    def finish(self, v: Value, old: int) -> None:
        """The part of the old word, at the right end."""
        s = self.s
        if s.registers[v.id] >= 0:
            s.rrr(x.SRLW, s.result(v), old, self.shift)
            if v.type == ty.I1:
                s.rri(x.ANDI, s.result(v), s.result(v), 1)


def atomic_update(s: RiscvBase, v: Value, pointer: Value, b: Value) -> None:
    operation = v.extra
    kind = b.type
    if kind < ty.I32:
        part = Part(s, pointer, kind)
        old = s.new_register(ty.I64)
        loop = s.rrr(f.RMW_LOOP, old, part.shifted(b), part.mask)
        loop.base = part.address
        loop.imm = operation
        loop.scale = 4
        part.finish(v, old)
        return
    base = s.use(pointer)
    source = s.operand(b)
    wide = kind == ty.I64 or kind == ty.PTR
    used = s.registers[v.id] >= 0
    if operation == op.RMW_NAND:
        loop = s.rrr(f.RMW_LOOP, s.result(v) if used else s.new_register(kind), source, -1)
        loop.base = base
        loop.imm = operation
        loop.scale = 8 if wide else 4
        return
    if operation == op.RMW_SUB:
        negated = s.new_register(kind)
        s.rrr(x.SUB, negated, ZERO, source)
        source = negated
    instruction = s.rr(f.AMO[operation][wide], s.result(v) if used else ZERO, source)
    instruction.base = base


def compare_exchange(s: RiscvBase, v: Value, pointer: Value, expected: Value, desired: Value) -> None:
    kind = desired.type
    if kind < ty.I32:
        part = Part(s, pointer, kind)
        wanted = part.shifted(expected)
        new = part.shifted(desired)
        old = s.new_register(ty.I64)
        loop = s.rrr(f.CAS_MASKED, old, wanted, new)
        loop.r3 = part.mask
        loop.base = part.address
        loop.scale = 4
        part.finish(v, old)
        return
    wanted = s.operand(expected)
    new = s.operand(desired)
    base = s.use(pointer)
    used = s.registers[v.id] >= 0
    loop = s.rrr(f.CAS_LOOP, s.result(v) if used else s.new_register(kind), wanted, new)
    loop.base = base
    loop.scale = 8 if kind == ty.I64 or kind == ty.PTR else 4
