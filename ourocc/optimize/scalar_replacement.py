"""Scalar replacement of aggregates: a stack object whose parts are accessed at known offsets becomes one object a part.

    v1 = alloca #8                       v1 = alloca #4
    store v1, v0                         v2 = alloca #4
    v2 = ptradd v1, 4             =>     store v1, v0
    store v2, v0                         store v2, v0

`construct_ssa` then makes values of the parts.  Loads and stores decide where the parts are; block copies and fills are
split along them (a copy of a scalar part becomes a load and a store).
"""

from typing import Final, final

from ourocc.ir import alias_classes
from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import VOLATILE, Block, Function, Value, normalize

MAXIMUM_SIZE: Final = 1024  # bytes of an object that is looked at
MAXIMUM_PARTS: Final = 48


@final
class Access:
    """A use of the object: the operation, which argument holds the address, offset into the object, size in bytes."""

    def __init__(self, user: Value, argument: int, offset: int, size: int) -> None:
        self.user = user
        self.argument = argument
        self.offset = offset
        self.size = size


@final
class Part:
    """Bytes start .. end of the object.  `type` is that of all its accesses, 0 when they differ, VOID when there are none."""

    def __init__(self, start: int, end: int, type: int) -> None:
        self.start = start
        self.end = end
        self.type = type
        self.alloca: Value | None = None


def run(function: Function) -> bool:
    if function.calls_setjmp:
        return False
    changed = False
    for _ in range(3):  # splitting a copy between two objects may make the other one splittable
        again = False
        replacer = Replacer(function)
        for alloca in [value for value in function.blocks[0].values if value.op == op.ALLOCA]:
            if 1 < alloca.imm <= MAXIMUM_SIZE and replacer.try_split(alloca):
                again = True
                replacer = Replacer(function)
        if not again:
            break
        changed = True
    return changed


@final
class Replacer:
    def __init__(self, function: Function) -> None:
        self.function = function
        self.users: list[list[Value]] = [[] for _ in range(function.value_count)]
        self.in_terminator = bytearray(function.value_count)
        for block in function.blocks:
            for value in block.values:
                for argument in value.args:
                    self.users[argument.id].append(value)
            for argument in block.terminator.args:
                self.in_terminator[argument.id] = 1

    def try_split(self, alloca: Value) -> bool:
        accesses: list[Access] = []
        if not self._collect(alloca, 0, alloca.imm, accesses):
            return False
        if len({access.user.id for access in accesses}) != len(accesses):
            return False  # a copy within the object
        wide = _wide_accesses(accesses)
        parts = _partition(alloca.imm, accesses, wide)
        if wide and not all(_splits(access, parts) for access in wide):
            wide = []
            parts = _partition(alloca.imm, accesses, wide)
        if len(parts) < 2 or len(parts) > MAXIMUM_PARTS:
            whole_copy = len(parts) == 1 and parts[0].type > 0 and any(_is_block(a.user) for a in accesses)
            if not whole_copy:
                return False
        self._rewrite(alloca, accesses, parts, wide)
        return True

    def _collect(self, address: Value, offset: int, size: int, accesses: list[Access]) -> bool:
        """All uses of an address into the object; False when one of them cannot be split."""
        if self.in_terminator[address.id]:
            return False
        for user in self.users[address.id]:
            operation = user.op
            if user.flags & VOLATILE:
                return False
            if operation == op.PTRADD:
                step = user.args[1]
                if user.args[0] is not address or step is address or step.op != op.CONST:
                    return False
                if not self._collect(user, offset + step.imm, size, accesses):
                    return False
            elif operation == op.LOAD:
                accesses.append(Access(user, 0, offset, ty.size(user.type)))
            elif operation == op.STORE:
                if user.args[1] is address:
                    return False
                accesses.append(Access(user, 0, offset, ty.size(user.args[1].type)))
            elif _is_block(user):
                length = user.args[2]
                if length.op != op.CONST or (operation == op.MEMSET and user.args[1].op != op.CONST):
                    return False
                if length is address or (operation != op.MEMSET and user.args[0] is user.args[1]):
                    return False
                argument = 0 if user.args[0] is address else 1
                accesses.append(Access(user, argument, offset, length.imm))
            else:
                return False
            if accesses and operation != op.PTRADD:
                last = accesses[-1]
                if last.offset < 0 or last.offset + last.size > size:
                    return False
        return True

    # ---- rewriting

    def _rewrite(self, alloca: Value, accesses: list[Access], parts: list[Part], wide: list[Access]) -> None:
        function = self.function
        entry = function.blocks[0]
        for part in parts:
            made = function.new_value(op.ALLOCA, ty.PTR, entry)
            made.imm = part.end - part.start
            made.extra = _alignment(alloca.extra, part.start)
            made.position = alloca.position
            part.alloca = made
        index = entry.values.index(alloca)
        entry.values[index:index] = [part.alloca for part in parts if part.alloca is not None]
        blocks: dict[int, list[Access]] = {}
        for access in accesses:
            if _is_block(access.user):
                blocks.setdefault(access.user.block.id, []).append(access)
                continue
            if access in wide:
                self._split_scalar(access, parts)
                continue
            part = _part_at(parts, access.offset)
            before: list[Value] = []
            address = self._address(part, access.offset, access.user.block, before)
            access.user.set_argument(0, address)
            _insert_before(access.user, before)
        for group in blocks.values():
            for access in group:
                self._split_block_operation(access, parts)

    def _split_scalar(self, access: Access, parts: list[Part]) -> None:
        """A load or store of several parts at once: as the calling convention moves small structures in registers."""
        user = access.user
        block = user.block
        made: list[Value] = []
        type = _type_of(user)
        bits = ty.integer_of_bits(access.size * 8)
        total: Value | None = None
        if user.op == op.STORE:
            total = self._cast(op.BITCAST, bits, user.args[1], block, made) if type != bits else user.args[1]
        for part in _parts_of(access, parts):
            piece = ty.integer_of_bits((part.end - part.start) * 8)
            shift = (part.start - access.offset) * 8
            address = self._address(part, part.start, block, made)
            if user.op == op.STORE:
                assert total is not None
                shifted = self._shift(op.LSHR, total, shift, block, made)
                narrow = self._cast(op.TRUNC, piece, shifted, block, made)
                store = self._cast(op.STORE, ty.VOID, address, block, made)
                store.add_argument(narrow)
                store.position = user.position
                continue
            load = self._cast(op.LOAD, piece, address, block, made)
            load.position = user.position
            shifted = self._shift(op.SHL, self._cast(op.ZEXT, bits, load, block, made), shift, block, made)
            if total is None:
                total = shifted
            else:
                joined = self._cast(op.OR, bits, total, block, made)
                joined.add_argument(shifted)
                total = joined
        assert total is not None
        _insert_before(user, made)
        if user.op == op.LOAD:
            if type == bits:
                user.become_copy(total)
            else:
                user.set_argument(0, total)
                user.op = op.BITCAST
                user.imm = 0
            user.extra = 0
            user.flags = 0
        else:
            user.block.values.remove(user)
            user.clear_arguments()
            user.op = op.INVALID

    def _cast(self, operation: int, type: int, x: Value, block: Block, into: list[Value]) -> Value:
        made = self.function.new_value(operation, type, block)
        made.add_argument(x)
        into.append(made)
        return made

    def _shift(self, operation: int, x: Value, count: int, block: Block, into: list[Value]) -> Value:
        if count == 0:
            return x
        amount = self.function.new_value(op.CONST, x.type, block)
        amount.imm = count
        into.append(amount)
        made = self._cast(operation, x.type, x, block, into)
        made.add_argument(amount)
        return made

    def _address(self, part: Part, offset: int, block: Block, into: list[Value]) -> Value:
        """Address of byte `offset` of the old object, inside `part`."""
        base = part.alloca
        assert base is not None
        return self._offset(base, offset - part.start, block, into)

    def _offset(self, base: Value, offset: int, block: Block, into: list[Value]) -> Value:
        if offset == 0:
            return base
        step = self.function.new_value(op.CONST, ty.I64, block)
        step.imm = offset
        made = self.function.new_value(op.PTRADD, ty.PTR, block)
        made.add_argument(base)
        made.add_argument(step)
        into += [step, made]
        return made

    def _split_block_operation(self, access: Access, parts: list[Part]) -> None:
        """memcpy/memmove/memset of several parts: one operation a part."""
        user = access.user
        block = user.block
        made: list[Value] = []
        stop = access.offset + access.size
        moves: list[tuple[Part, int, int]] = []
        for part in parts:
            start = max(part.start, access.offset)
            end = min(part.end, stop)
            if start < end:
                moves.append((part, start, end))
        if user.op == op.MEMSET:
            for part, start, end in moves:
                self._fill(user, part, start, end, made)
        else:
            other = user.args[1 - access.argument]
            stores: list[Value] = []
            for part, start, end in moves:
                mine = self._address(part, start, block, made)
                theirs = self._offset(other, start - access.offset, block, made)
                target = mine if access.argument == 0 else theirs
                source = theirs if access.argument == 0 else mine
                self._move(user, part, start, end, target, source, made, stores)
                if access.argument == 1:
                    stores[-1].imm = alias_classes.part(user.imm, start - access.offset)
            made += stores
        position = block.values.index(user)
        block.values[position : position + 1] = made
        user.clear_arguments()
        user.op = op.INVALID

    def _scalar(self, part: Part, start: int, end: int) -> int:
        """The type with which bytes start..end of the part are moved; 0: as a block."""
        if start == part.start and end == part.end and part.type > 0 and part.type != ty.F80:
            return part.type
        size = end - start
        if part.type <= 0 and size in (1, 2, 4, 8):
            return ty.integer_of_bits(size * 8)
        return 0

    def _move(
        self, user: Value, part: Part, start: int, end: int, target: Value, source: Value, made: list[Value],
        stores: list[Value],
    ) -> None:  # fmt: skip
        """Copy a piece.  All loads come before all stores: the operation may be a memmove."""
        function = self.function
        block = user.block
        type = self._scalar(part, start, end)
        if type:
            load = function.new_value(op.LOAD, type, block)
            load.add_argument(source)
            load.extra = 1
            load.position = user.position
            made.append(load)
            store = function.new_value(op.STORE, ty.VOID, block)
            store.add_argument(target)
            store.add_argument(load)
            store.extra = 1
            store.position = user.position
            stores.append(store)
            return
        length = function.new_value(op.CONST, ty.I64, block)
        length.imm = end - start
        copy = function.new_value(user.op, ty.VOID, block)
        copy.position = user.position
        for argument in (target, source, length):
            copy.add_argument(argument)
        made.append(length)
        stores.append(copy)

    def _fill(self, user: Value, part: Part, start: int, end: int, made: list[Value]) -> None:
        function = self.function
        block = user.block
        target = self._address(part, start, block, made)
        byte = user.args[1].imm & 255
        type = self._scalar(part, start, end)
        if type and not ty.is_vector(type) and (byte == 0 or ty.is_integer(type)):
            constant = function.new_value(op.FCONST if ty.is_float(type) else op.CONST, type, block)
            number = int.from_bytes(bytes([byte]) * (end - start), "little")
            if ty.is_integer(type):
                number = normalize(number, type)
            constant.imm = number
            store = function.new_value(op.STORE, ty.VOID, block)
            store.add_argument(target)
            store.add_argument(constant)
            store.position = user.position
            made += [constant, store]
            return
        length = function.new_value(op.CONST, ty.I64, block)
        length.imm = end - start
        fill = function.new_value(op.MEMSET, ty.VOID, block)
        fill.position = user.position
        for argument in (target, user.args[1], length):
            fill.add_argument(argument)
        made += [length, fill]


def _is_block(value: Value) -> bool:
    return value.op in (op.MEMCPY, op.MEMMOVE, op.MEMSET)


def _wide_accesses(accesses: list[Access]) -> list[Access]:
    """Loads and stores of integers (or what is as wide) within which others access smaller, whole parts."""
    scalars = [access for access in accesses if not _is_block(access.user)]
    found: list[Access] = []
    for access in scalars:
        type = _type_of(access.user)
        if access.size not in (2, 4, 8) or ty.is_vector(type) or type == ty.I1:
            continue
        end = access.offset + access.size
        smaller = False
        for other in scalars:
            stop = other.offset + other.size
            if other.offset >= end or stop <= access.offset:
                continue
            if other.size < access.size and access.offset <= other.offset and stop <= end:
                smaller = True
            elif other.size != access.size or other.offset != access.offset:
                smaller = False
                break
        if smaller:
            found.append(access)
    return found


def _parts_of(access: Access, parts: list[Part]) -> list[Part]:
    end = access.offset + access.size
    return [part for part in parts if part.start < end and access.offset < part.end]


def _splits(access: Access, parts: list[Part]) -> bool:
    """The access consists of at most four whole parts of an integer's size."""
    inner = _parts_of(access, parts)
    if not 2 <= len(inner) <= 4:
        return False
    end = access.offset + access.size
    for part in inner:
        if part.start < access.offset or part.end > end or part.end - part.start not in (1, 2, 4):
            return False
    return True


def _partition(size: int, accesses: list[Access], wide: list[Access]) -> list[Part]:
    """Parts that loads and stores agree on, and the gaps between them."""
    ranges = sorted(
        (access.offset, access.offset + access.size, _type_of(access.user))
        for access in accesses
        if not _is_block(access.user) and access not in wide
    )
    merged: list[Part] = []
    for start, end, type in ranges:
        if merged and start < merged[-1].end:
            last = merged[-1]
            if (start, end) != (last.start, last.end) or type != last.type:
                same_size = (start, end) == (last.start, last.end) and ty.F80 not in (type, last.type)
                last.type = last.type if same_size and last.type > 0 and end - start <= 8 else -1
                last.end = max(last.end, end)
        else:
            merged.append(Part(start, end, type))
    borders = sorted({border for access in wide for border in (access.offset, access.offset + access.size)})
    parts: list[Part] = []
    position = 0
    for part in [*merged, Part(size, size, 0)]:
        for border in borders:
            if position < border < part.start:
                parts.append(Part(position, border, 0))
                position = border
        if part.start > position:
            parts.append(Part(position, part.start, 0))
        if part.start < size:
            parts.append(part)
        position = part.end
    for part in parts:
        if part.type < 0:
            part.type = 0
    return parts


def _type_of(user: Value) -> int:
    return user.type if user.op == op.LOAD else user.args[1].type


def _part_at(parts: list[Part], offset: int) -> Part:
    for part in parts:
        if part.start <= offset < part.end:
            return part
    raise AssertionError("access outside of the object")


def _alignment(alignment: int, offset: int) -> int:
    while offset % alignment:
        alignment //= 2
    return alignment


def _insert_before(user: Value, made: list[Value]) -> None:
    if made:
        values = user.block.values
        index = values.index(user)
        values[index:index] = made
