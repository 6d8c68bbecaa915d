"""Dead store elimination.

    store v1, v2                store v1, v3
    store v1, v3          =>

A store is dead when the same bytes are written again in its block before anybody may read them, or when it goes to a stack
object that is never read.
"""

from typing import final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import VOLATILE, Block, Function, Value
from ourocc.optimize.alias import UNKNOWN_SIZE, AliasAnalysis, Location


@final
class Overwritten:
    """A location that is certainly written before anybody reads it; when it is `typed`, before anybody reads what was
    stored there with the location's alias class."""

    def __init__(self, location: Location, typed: bool) -> None:
        self.location = location
        self.typed = typed

    def ends(self, earlier: Location) -> bool:
        """Is a store to the earlier location for nothing?"""
        return (not self.typed or earlier.alias_class == self.location.alias_class) and _covers(self.location, earlier)


def run(function: Function) -> bool:
    alias = AliasAnalysis(function)
    changed = _unread_objects(function, alias)
    for block in function.blocks:
        if _overwritten(block, alias):
            changed = True
    return changed


def _is_plain_write(value: Value) -> bool:
    return value.op in (op.STORE, op.MEMCPY, op.MEMMOVE, op.MEMSET) and not value.flags & VOLATILE


def _remove(value: Value) -> None:
    value.clear_arguments()
    value.op = op.INVALID


def _unread_objects(function: Function, alias: AliasAnalysis) -> bool:
    """Writes to private stack objects that no operation reads."""
    read = bytearray(function.value_count)
    for block in function.blocks:
        for value in block.values:
            if value.op in (op.LOAD, op.ATOMIC_LOAD):
                read[alias.locate(value.args[0], 1).base.id] = 1
            elif value.op in (op.MEMCPY, op.MEMMOVE):
                read[alias.locate(value.args[1], 1).base.id] = 1
            elif op.FLAGS[value.op] & op.EFFECT and value.op not in (op.STORE, op.MEMSET):
                for argument in value.args:
                    if argument.type == ty.PTR:
                        read[alias.locate(argument, 1).base.id] = 1
    changed = False
    for block in function.blocks:
        found = False
        for value in block.values:
            if not _is_plain_write(value):
                continue
            location = alias.of_access(value)
            if alias.is_private(location) and not read[location.base.id]:
                _remove(value)
                found = True
        if found:
            changed = True
            block.values = [value for value in block.values if value.op != op.INVALID]
    return changed


def _overwritten(block: Block, alias: AliasAnalysis) -> bool:
    """Walk backwards with the locations that are certainly written before anybody reads them."""
    later: list[Overwritten] = []
    found = False
    for value in reversed(block.values):
        operation = value.op
        flags = op.FLAGS[operation]
        if not flags & (op.EFFECT | op.READS):
            continue
        if _is_plain_write(value):
            location = alias.of_access(value)
            if any(entry.ends(location) for entry in later):
                _remove(value)
                found = True
                continue
            later = _unread(later, value, alias)
            padded = value.op == op.STORE and value.args[1].type == ty.F80  # writes 10 of its 16 bytes
            if alias.can_read(value, location):  # a copy of an object to itself is allowed
                continue
            if location.size != UNKNOWN_SIZE and len(later) < 32 and not padded:
                later.append(Overwritten(location, False))
            continue
        if later:
            later = _unread(later, value, alias)
    if found:
        block.values = [value for value in block.values if value.op != op.INVALID]
    return found


def _unread(later: list[Overwritten], reader: Value, alias: AliasAnalysis) -> list[Overwritten]:
    """What is written again without being read, seen from before the reader."""
    left: list[Overwritten] = []
    for entry in later:
        if alias.can_read(reader, entry.location):
            continue
        if reader.op == op.LOAD and not entry.typed and alias.may_overlap(alias.of_access(reader), entry.location):
            entry = Overwritten(entry.location, True)
        left.append(entry)
    return left


def _covers(outer: Location, inner: Location) -> bool:
    if inner.size == UNKNOWN_SIZE:
        return False
    if outer.exact is inner.exact:
        start = inner.exact_offset
        return outer.exact_offset <= start and start + inner.size <= outer.exact_offset + outer.size
    same = outer.base is inner.base or (
        outer.base.op == op.ADDRESS and inner.base.op == op.ADDRESS and outer.base.symbol is inner.base.symbol
    )
    if not same or not (outer.offset_known and inner.offset_known):
        return False
    return outer.offset <= inner.offset and inner.offset + inner.size <= outer.offset + outer.size
