"""Alias analysis: which memory an address may mean.

An address is decomposed into a base (stack object, symbol, anything else) and a constant offset.  Different stack objects and
symbols do not overlap; a stack object whose address never escapes is reached only through its own name; equal bases are
compared by offsets.  Flow-insensitive, one pass over the function.

Where that leaves a doubt, types decide (C17 6.5p7; `ir/alias_classes.py`), but not every question.  A store gives memory from malloc a
new type: `*i = 1; x = *i; *f = 2.0f;` is right when i and f are the same place.  So there are two questions:
- can a load *read what was stored* there (`can_read_from`, `can_feed`, `can_read`): the types count.  What was stored with another
  type is not what the load reads; a load may move up over such a store, and a value that was stored or loaded before is still good.
- may the two operations *touch the same memory* (`may_overlap`, `can_change`): the types do not count.  A store keeps its place
  among other stores, and behind the loads before it.
Two accesses that certainly are at the same place are not told apart by their types either, whatever C says, and neither are
accesses to one variable: that is gcc's practice too.
"""

from typing import Final, final

from ourocc.ir import alias_classes
from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Function, Value

UNKNOWN_SIZE: Final = -1

# How two locations lie to each other
APART: Final = 0
DOUBTFUL: Final = 1  # nothing but their types can tell
TOGETHER: Final = 2  # they overlap, or are parts of one variable

# What an operation does to a location
UNTOUCHED: Final = 0
RETYPED: Final = 1  # it may write there, but nothing that is read with the location's type
WRITTEN: Final = 2


@final
class Location:
    """A piece of memory: `base` value (alloca, address, or any pointer), constant offset (or not known), size in bytes, and
    the alias class with which it is accessed.

    The address is also `exact` plus `exact_offset` bytes: what remains of it without constant steps."""

    def __init__(self, base: Value, offset: int, offset_known: bool, size: int) -> None:
        self.base = base
        self.offset = offset
        self.offset_known = offset_known
        self.size = size
        self.exact = base
        self.exact_offset = offset
        self.alias_class: int = alias_classes.ANY


@final
class AliasAnalysis:
    """Facts of one function; valid while no address computation is added."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.records = function.records
        self.escaped = bytearray(function.value_count)  # by alloca id
        if function.calls_setjmp:  # any call may come back to where the variables are read
            self.escaped = bytearray(b"\1" * function.value_count)
        else:
            self._find_escapes()

    def _find_escapes(self) -> None:
        """An alloca escapes when a value derived from its address is stored, passed, returned, compared or converted."""
        derived: list[Value | None] = [None] * self.function.value_count
        for block in self.function.blocks:
            for value in block.values:
                if value.op == op.ALLOCA:
                    derived[value.id] = value
        changed = True
        while changed:  # phis and selects may come before their arguments' definitions
            changed = False
            for block in self.function.blocks:
                for value in block.values:
                    if self._visit(value, derived):
                        changed = True
        for block in self.function.blocks:
            for argument in block.terminator.args:
                self._escape(derived[argument.id])

    def _escape(self, alloca: Value | None) -> None:
        if alloca is not None:
            self.escaped[alloca.id] = 1

    def _visit(self, value: Value, derived: list[Value | None]) -> bool:
        operation = value.op
        if operation == op.LOAD or operation == op.ATOMIC_LOAD:
            return False
        if operation == op.STORE or operation == op.ATOMIC_STORE:
            self._escape(derived[value.args[1].id])
            return False
        if operation in (op.MEMCPY, op.MEMMOVE, op.MEMSET):
            return False
        if operation == op.PTRADD or operation == op.COPY:
            self._escape(derived[value.args[1].id] if operation == op.PTRADD else None)
            source = derived[value.args[0].id]
            if source is not None and derived[value.id] is None:
                derived[value.id] = source
                return True
            return False
        for argument in value.args:
            self._escape(derived[argument.id])
        return False

    # ---- questions

    def locate(self, address: Value, size: int) -> Location:
        """The location of `size` bytes at `address`."""
        offset = 0
        known = True
        exact: Value | None = None
        exact_offset = 0
        while True:
            if address.op == op.PTRADD:
                step = address.args[1]
                while step.op == op.COPY:
                    step = step.args[0]
                if step.op == op.CONST:
                    offset += step.imm
                else:
                    if exact is None:
                        exact = address
                        exact_offset = offset
                    known = False
                address = address.args[0]
            elif address.op == op.COPY:
                address = address.args[0]
            else:
                break
        if address.op == op.ADDRESS:
            offset += address.imm
        location = Location(address, offset, known, size)
        if exact is not None:
            location.exact = exact
            location.exact_offset = exact_offset
        return location

    def of_access(self, value: Value) -> Location:
        """The location that a load, store or block operation touches (block operations: the destination)."""
        operation = value.op
        if operation == op.LOAD:
            location = self.locate(value.args[0], ty.size(value.type))
            location.alias_class = value.imm
            return location
        if operation == op.STORE:
            location = self.locate(value.args[0], ty.size(value.args[1].type))
            location.alias_class = value.imm
            return location
        if operation == op.ATOMIC_STORE:
            return self.locate(value.args[0], ty.size(value.args[1].type))
        if operation in (op.MEMCPY, op.MEMMOVE, op.MEMSET):
            length = value.args[2]
            location = self.locate(value.args[0], length.imm if length.op == op.CONST else UNKNOWN_SIZE)
            location.alias_class = value.imm
            return location
        return self.locate(value.args[0], ty.size(value.type))

    def is_private(self, location: Location) -> bool:
        """A stack object that nobody else can reach."""
        return location.base.op == op.ALLOCA and not self.escaped[location.base.id]

    def _relation(self, x: Location, y: Location) -> int:
        """APART, DOUBTFUL or TOGETHER, as far as addresses tell."""
        a = x.base
        b = y.base
        if x.exact is y.exact:
            if x.size != UNKNOWN_SIZE and x.exact_offset + x.size <= y.exact_offset:
                return APART
            return APART if y.size != UNKNOWN_SIZE and y.exact_offset + y.size <= x.exact_offset else TOGETHER
        if a is b or (a.op == op.ADDRESS and b.op == op.ADDRESS and a.symbol is b.symbol):
            if not (x.offset_known and y.offset_known):
                return TOGETHER if a.op == op.ALLOCA or a.op == op.ADDRESS else DOUBTFUL
            if x.size != UNKNOWN_SIZE and x.offset + x.size <= y.offset:
                return APART
            return APART if y.size != UNKNOWN_SIZE and y.offset + y.size <= x.offset else TOGETHER
        if self.is_private(x) or self.is_private(y):
            return APART
        if a.op == op.ALLOCA and b.op in (op.ALLOCA, op.ADDRESS, op.PARAM, op.STACK_PARAMETER):
            return APART
        if b.op == op.ALLOCA and a.op in (op.ADDRESS, op.PARAM, op.STACK_PARAMETER):
            return APART
        if a.op == op.ADDRESS and b.op == op.ADDRESS and a.symbol is not None and b.symbol is not None:
            # Two names of one object: aliases, weak definitions that are replaced by one of them.
            same = a.symbol.alias_of is not None or b.symbol.alias_of is not None or a.symbol.weak or b.symbol.weak
            return TOGETHER if same else APART
        return DOUBTFUL

    def _may_meet(self, read: Location, written: Location) -> bool:
        return self.records.may_meet(read.alias_class, read.size, written.alias_class, written.size)

    def may_overlap(self, x: Location, y: Location) -> bool:
        """Whether accesses to the two must stay in order when one of them writes, whatever their types are."""
        return self._relation(x, y) != APART

    def can_read_from(self, read: Location, written: Location) -> bool:
        """Whether a load of `read` may give what an earlier store to `written` has left there."""
        relation = self._relation(read, written)
        return relation == TOGETHER or relation == DOUBTFUL and self._may_meet(read, written)

    def effect_on(self, value: Value, location: Location) -> int:
        """UNTOUCHED, RETYPED or WRITTEN: what the operation may do to memory at the location."""
        operation = value.op
        if operation in (op.STORE, op.ATOMIC_STORE, op.MEMCPY, op.MEMMOVE, op.MEMSET):
            written = self.of_access(value)
            relation = self._relation(location, written)
            if relation == APART:
                return UNTOUCHED
            if relation == DOUBTFUL and not self._may_meet(location, written):
                return RETYPED
            return WRITTEN
        if not op.FLAGS[operation] & op.EFFECT:
            return UNTOUCHED
        if operation in (op.PREFETCH, op.LINE, op.STACK_SAVE, op.STACK_RESTORE, op.TRAP, op.DYNAMIC_ALLOCA):
            return UNTOUCHED
        if operation == op.CALL:
            pure = value.call is not None and value.call.pure > 0
            if pure or (value.symbol is not None and value.symbol.pure > 0):
                return UNTOUCHED
        return UNTOUCHED if self.is_private(location) else WRITTEN

    def can_change(self, value: Value, location: Location) -> bool:
        """May this operation write to memory at the location?  Whatever types it has: the answer holds for moving stores too."""
        return self.effect_on(value, location) != UNTOUCHED

    def can_feed(self, value: Value, location: Location) -> bool:
        """May this operation write what a load of the location (with its type) reads later?"""
        return self.effect_on(value, location) == WRITTEN

    def can_read(self, value: Value, location: Location) -> bool:
        """May this operation read what a store to the location (with its type) has left there?"""
        operation = value.op
        if operation == op.LOAD or operation == op.ATOMIC_LOAD:
            return self.can_read_from(self.of_access(value), location)
        if operation in (op.MEMCPY, op.MEMMOVE):
            length = value.args[2]
            source = self.locate(value.args[1], length.imm if length.op == op.CONST else UNKNOWN_SIZE)
            return self.can_read_from(source, location)
        if operation in (op.STORE, op.MEMSET, op.ATOMIC_STORE):
            return False
        if not op.FLAGS[operation] & op.EFFECT or operation in (op.PREFETCH, op.LINE, op.STACK_SAVE):
            return False
        return not self.is_private(location)
