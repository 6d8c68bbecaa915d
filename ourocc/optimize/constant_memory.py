"""Loads of memory that never changes: the initializers of constants.

    v1 = load.f64 @one (const double one = 1.0)      =>      v1 = fconst.f64 1.0

A pointer in such an initializer becomes the address that the relocation names.
"""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import VOLATILE, Function, Symbol, Value, normalize


def run(function: Function) -> bool:
    changed = False
    for block in function.blocks:
        for value in block.values:
            if value.op == op.LOAD and not value.flags & VOLATILE and _become_contents(value):
                changed = True
    return changed


def object_at(pointer: Value) -> tuple[Symbol, int] | None:
    """The symbol and offset that an address is made of."""
    offset = 0
    while True:
        if pointer.op == op.COPY:
            pointer = pointer.args[0]
        elif pointer.op == op.PTRADD and pointer.args[1].op == op.CONST:
            offset += pointer.args[1].imm
            pointer = pointer.args[0]
        elif pointer.op == op.ADDRESS and pointer.symbol is not None:
            return pointer.symbol, offset + pointer.imm
        else:
            return None


def is_known(symbol: Symbol) -> bool:
    """Are its contents here the ones that the program will have?"""
    if not symbol.read_only or not symbol.defined or symbol.data is None:
        return False
    return not (symbol.weak or symbol.common or symbol.replaceable)


def bytes_at(pointer: Value) -> bytes | None:
    """The constant bytes from `pointer` to the end of its object."""
    found = object_at(pointer)
    if found is None:
        return None
    symbol, offset = found
    data = symbol.data
    if not is_known(symbol) or data is None or data.relocations:
        return None
    if not 0 <= offset <= symbol.size:
        return None
    contents = data.contents + bytes(max(symbol.size - len(data.contents), 0))
    return contents[offset:]


def _become_contents(load: Value) -> bool:
    found = object_at(load.args[0])
    if found is None:
        return False
    symbol, offset = found
    data = symbol.data
    size = ty.size(load.type)
    if ty.is_vector(load.type) or data is None or not is_known(symbol) or symbol.thread_local or not 0 <= offset <= symbol.size - size:
        return False
    for relocation in data.relocations:
        if relocation.offset < offset + size and relocation.offset + relocation.size > offset:
            whole = relocation.offset == offset and relocation.size == size and load.type == ty.PTR
            if not whole or relocation.symbol is None or relocation.symbol.thread_local:
                return False
            _become_address(load, relocation.symbol, relocation.addend)
            return True
    contents = data.contents[offset : offset + size]
    bits = int.from_bytes(contents + bytes(size - len(contents)), "little")
    if load.type == ty.F80:
        bits &= (1 << 80) - 1
    if ty.is_float(load.type):
        load.clear_arguments()
        load.op = op.FCONST
        load.imm = bits
    else:
        load.become_constant(normalize(bits, load.type))
    load.extra = 0
    load.flags = 0
    return True


def _become_address(load: Value, symbol: Symbol, addend: int) -> None:
    load.clear_arguments()
    load.op = op.ADDRESS
    load.symbol = symbol
    load.imm = addend
    load.extra = 0
    load.flags = 0
    symbol.references += 1
