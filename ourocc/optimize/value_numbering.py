"""Global value numbering over the dominator tree, with loads and store-to-load forwarding.

    v3 = add.i32 v1, v2           v3 = add.i32 v1, v2
    v4 = add.i32 v2, v1     =>    return v3
    return v4

Two values with the same operation and operands are one (Briggs, Cooper and Simpson 1997, dominator-based); tables are scoped
by the tree.  A load is the same as an earlier load or store of its address when nothing between may write what it reads; across
blocks this is known only along an edge to a block with a single predecessor.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import VOLATILE, Block, Function, Value
from ourocc.optimize import copies
from ourocc.optimize.alias import RETYPED, UNTOUCHED, AliasAnalysis, Location
from ourocc.optimize.control_flow import Dominators

Key = tuple[int, int, int, int, int, int, int, int]

_UNSHARED: Final = op.EFFECT | op.PINNED | op.READS
_MEMORY_LIMIT: Final = 64  # remembered memory contents per block


@final
class Available:
    """The value that memory holds at a location; when it is `typed`, only for loads of the location's alias class, as
    something of another class may have been stored there."""

    def __init__(self, location: Location, value: Value, typed: bool) -> None:
        self.location = location
        self.value = value
        self.typed = typed


def run(function: Function) -> bool:
    return Numbering(function).run()


@final
class Numbering:
    def __init__(self, function: Function) -> None:
        self.function = function
        self.dominators = Dominators(function)
        self.alias = AliasAnalysis(function)
        self.table: dict[Key, Value] = {}
        self.symbols: dict[int, int] = {}
        self.memory_out: dict[int, list[Available]] = {}
        self.changed = False

    def run(self) -> bool:
        entry = self.function.blocks[0]
        stack: list[tuple[Block, int, list[tuple[Key, Value | None]]]] = [(entry, 0, self._block(entry))]
        while stack:
            block, index, saved = stack.pop()
            children = self.dominators.children[block.id]
            if index < len(children):
                stack.append((block, index + 1, saved))
                child = children[index]
                stack.append((child, 0, self._block(child)))
                continue
            for key, old in reversed(saved):
                if old is None:
                    del self.table[key]
                else:
                    self.table[key] = old
        if self.changed:
            copies.run(self.function)
        return self.changed

    def _block(self, block: Block) -> list[tuple[Key, Value | None]]:
        saved: list[tuple[Key, Value | None]] = []
        memory: list[Available] = []
        if len(block.predecessors) == 1 and not block.address_taken:
            memory = list(self.memory_out.get(block.predecessors[0].id, memory))
        for value in block.values:
            for index, argument in enumerate(value.args):
                if argument.op == op.COPY:
                    value.set_argument(index, copies.resolve(argument))
            flags = op.FLAGS[value.op]
            if not flags & _UNSHARED:
                self._number(value, saved)
            elif value.op == op.LOAD:
                memory = self._load(value, memory)
            elif flags & op.EFFECT:
                memory = self._effect(value, memory)
        for index, argument in enumerate(block.terminator.args):
            if argument.op == op.COPY:
                block.terminator.set_argument(index, copies.resolve(argument))
        self.memory_out[block.id] = memory if block.terminator.op != op.ASM_GOTO else []
        return saved

    def _number(self, value: Value, saved: list[tuple[Key, Value | None]]) -> None:
        if value.op in (op.COPY, op.UNDEF, op.INVALID) or len(value.args) > 3:
            return
        key = self._key(value)
        found = self.table.get(key)
        if found is not None and found.op != op.INVALID:
            found.flags &= value.flags | ~(op_wrap_flags())
            value.become_copy(found)
            self.changed = True
            return
        saved.append((key, found))
        self.table[key] = value

    def _key(self, value: Value) -> Key:
        args = value.args
        count = len(args)
        a = args[0].id if count > 0 else -1
        b = args[1].id if count > 1 else -1
        c = args[2].id if count > 2 else -1
        if op.FLAGS[value.op] & op.COMMUTATIVE and a > b:
            a, b = b, a
        symbol = id(value.symbol) if value.symbol is not None else 0
        if value.target is not None:
            symbol = -1 - value.target.id
        return (value.op, value.type, a, b, c, value.imm, symbol, args[0].type if count > 0 else value.extra)

    def _load(self, load: Value, memory: list[Available]) -> list[Available]:
        if load.flags & VOLATILE:
            return memory
        location = self.alias.of_access(load)
        for entry in reversed(memory):
            if entry.value.op != op.INVALID and _same_place(entry.location, location):
                if entry.typed and entry.location.alias_class != location.alias_class:
                    continue
                if entry.value.type == load.type:
                    load.become_copy(entry.value)
                    self.changed = True
                    return memory
                if _same_bits(entry.value.type, load.type):
                    load.set_argument(0, entry.value)
                    load.op = op.BITCAST
                    load.imm = 0
                    load.extra = 0
                    load.flags = 0
                    self.changed = True
                    return memory
        if len(memory) < _MEMORY_LIMIT:
            memory.append(Available(location, load, False))
        return memory

    def _effect(self, value: Value, memory: list[Available]) -> list[Available]:
        alias = self.alias
        if memory:
            memory = self._left_by(value, memory)
        if value.op == op.STORE and not value.flags & VOLATILE and len(memory) < _MEMORY_LIMIT:
            memory.append(Available(alias.of_access(value), value.args[1], False))
        return memory

    def _left_by(self, effect: Value, memory: list[Available]) -> list[Available]:
        """What is known after the effect."""
        left: list[Available] = []
        for entry in memory:
            answer = self.alias.effect_on(effect, entry.location)
            if answer == UNTOUCHED or (answer == RETYPED and entry.typed):
                left.append(entry)
            elif answer == RETYPED:
                left.append(Available(entry.location, entry.value, True))  # other blocks have the old one
        return left


def op_wrap_flags() -> int:
    """Flags that must hold for both values when one stands for the other."""
    return 2 | 4 | 8  # NO_SIGNED_WRAP, EXACT, INBOUNDS


def _same_place(x: Location, y: Location) -> bool:
    if x.size != y.size:
        return False
    if x.exact is y.exact and x.exact_offset == y.exact_offset:
        return True
    if not (x.offset_known and y.offset_known) or x.offset != y.offset:
        return False
    if x.base is y.base:
        return True
    return x.base.op == op.ADDRESS and y.base.op == op.ADDRESS and x.base.symbol is y.base.symbol


def _same_bits(x: int, y: int) -> bool:
    """A bitcast turns one type into the other."""
    if ty.F80 in (x, y) or ty.I1 in (x, y) or ty.is_vector(x) or ty.is_vector(y):
        return False
    return ty.SIZES[x] == ty.SIZES[y] and ty.SIZES[x] <= 8
