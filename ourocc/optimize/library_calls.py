"""Calls of library functions that the compiler understands (gcc: -fbuiltin).

    v3 = call.ptr @memcpy, v0, v1, v2      =>  memcpy v0, v1, v2;  v3 = copy v0
    v1 = call.i64 @strlen, "hello"         =>  v1 = const.i64 #5
    call @printf, "done\\n"                 =>  call @puts, "done"
    v1 = call.f64 @sqrt, v0                =>  v1 = fsqrt v0, and the call only where it must set errno

A function counts when it is external, has the library's shape, and is not defined in this unit.  One table, from name to
shape and method; a method gives the replacement of the call, or None.
"""

from collections.abc import Callable
from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import (
    NO_TRAP,
    Block,
    CallInfo,
    Data,
    Function,
    Module,
    PieceLocation,
    Symbol,
    Value,
    add_edge,
    normalize,
)

# Shapes: result and parameters; p pointer, l i64, i i32, d f64, f f32, "." variable arguments
ZERO_COMPARISONS: Final = (op.EQ, op.NE, op.UGT, op.ULE, op.ULT, op.UGE)


@final
class LibraryCalls:
    """Rewrites the calls of one function after the other; new callees become symbols of the module."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.function: Function = module.functions[0]
        self.block: Block = self.function.blocks[0]
        self.out: list[Value] = []
        self.position = 0
        self.users: dict[int, list[Value]] = {}
        self.slow: list[tuple[Block, Value]] = []

    def run(self, function: Function) -> bool:
        candidates = False
        for block in function.blocks:
            for value in block.values:
                if value.op == op.CALL and value.symbol is not None and value.symbol.name in TABLE:
                    candidates = True
        if not candidates:
            return False
        self.function = function
        self.collect_users(function)
        changed = False
        for block in list(function.blocks):
            if self.rewrite_block(block):
                changed = True
        for block, value in self.slow:
            self.split_for_errno(block, value)
        self.slow = []
        return changed

    def collect_users(self, function: Function) -> None:
        self.users = {}
        for block in function.blocks:
            for value in [*block.values, block.terminator]:
                for argument in value.args:
                    if argument.op == op.CALL:
                        self.users.setdefault(argument.id, []).append(value)

    def rewrite_block(self, block: Block) -> bool:
        self.block = block
        self.out = []
        changed = False
        for value in block.values:
            if value.op == op.CALL and value.symbol is not None:
                row = TABLE.get(value.symbol.name)
                if row is not None and value.symbol.function is None and not value.symbol.local:
                    if has_shape(value, row[0]):
                        self.position = value.position
                        mark = len(self.out)
                        replacement = row[1](self, value)
                        if replacement is not None:
                            changed = True
                            self.replace(value, replacement)
                            continue
                        for made in self.out[mark:]:
                            made.clear_arguments()
                        del self.out[mark:]
            self.out.append(value)
        block.values = self.out
        return changed

    def replace(self, call: Value, replacement: Value) -> None:
        """The call's uses get `replacement`; an unused result is just dropped."""
        assert call.symbol is not None
        call.symbol.references -= 1
        call.call = None
        if call.uses == 0:
            call.clear_arguments()
            return
        call.become_copy(replacement)
        self.out.append(call)

    # ---- building

    def emit(self, operation: int, type: int, arguments: list[Value]) -> Value:
        value = self.function.new_value(operation, type, self.block)
        value.position = self.position
        for argument in arguments:
            value.add_argument(argument)
        self.out.append(value)
        return value

    def const(self, number: int, type: int = ty.I64) -> Value:
        value = self.emit(op.CONST, type, [])
        value.imm = normalize(number, type)
        return value

    def copy_bytes(self, destination: Value, source: Value, size: Value, operation: int = op.MEMCPY) -> Value:
        copied = self.emit(operation, ty.VOID, [destination, source, size])
        copied.extra = 1
        return copied

    def byte_at(self, pointer: Value) -> Value:
        loaded = self.emit(op.LOAD, ty.I8, [pointer])
        loaded.extra = 1
        return loaded

    def plus(self, pointer: Value, offset: int) -> Value:
        if offset == 0:
            return pointer
        return self.emit(op.PTRADD, ty.PTR, [pointer, self.const(offset)])

    def call_like(self, model: Value, name: str, arguments: list[Value], types: str) -> Value:
        """A call of another library function; its arguments take the integer registers that `model`'s ABI uses."""
        registers = integer_registers(model)
        info = CallInfo()
        for argument, register in zip(arguments, registers, strict=False):
            place = PieceLocation(argument.type, register, 0)
            assert model.call is not None
            if argument.type == ty.I32 and registers[0] == 10:
                place.extension = 1
            info.argument_locations.append(place)
            info.byval_sizes.append(0)
        result = {"p": ty.PTR, "l": ty.I64, "i": ty.I32}[types[0]]
        info.result_locations = [PieceLocation(result, 0 if registers[0] == 7 else 10, 0)]
        symbol = self.module.symbol(name)
        symbol.is_function = True
        symbol.references += 1
        call = self.emit(op.CALL, result, arguments)
        call.symbol = symbol
        call.call = info
        return call

    def text_data(self, contents: bytes) -> Value:
        """The address of a new string literal."""
        index = len(self.module.symbols)
        while f".LC{index}" in self.module.symbols:
            index += 1
        symbol = self.module.symbol(f".LC{index}")
        symbol.defined = True
        symbol.local = True
        symbol.read_only = True
        symbol.mergeable_string = contents.find(b"\0") == len(contents) - 1
        symbol.size = len(contents)
        symbol.data = Data(contents)
        symbol.references = 1
        self.module.objects.append(symbol)
        address = self.emit(op.ADDRESS, ty.PTR, [])
        address.symbol = symbol
        return address

    # ---- memory

    def memcpy(self, call: Value) -> Value | None:
        destination, source, size = call.args
        if source.op == op.CONST or destination.op == op.CONST:
            return None
        self.copy_bytes(destination, source, size)
        return destination

    def memmove(self, call: Value) -> Value | None:
        destination, source, size = call.args
        constant = is_read_only(source)  # what is constant cannot overlap what is written
        self.copy_bytes(destination, source, size, op.MEMCPY if constant else op.MEMMOVE)
        return destination

    def bcopy(self, call: Value) -> Value | None:
        self.copy_bytes(call.args[1], call.args[0], call.args[2], op.MEMMOVE)
        return call.args[1]

    def mempcpy(self, call: Value) -> Value | None:
        destination, source, size = call.args
        self.copy_bytes(destination, source, size)
        return self.emit(op.PTRADD, ty.PTR, [destination, size])

    def memset(self, call: Value) -> Value | None:
        destination, byte, size = call.args
        narrow = self.const(byte.imm, ty.I8) if byte.op == op.CONST else self.emit(op.TRUNC, ty.I8, [byte])
        self.emit(op.MEMSET, ty.VOID, [destination, narrow, size]).extra = 1
        return destination

    def bzero(self, call: Value) -> Value | None:
        destination, size = call.args
        self.emit(op.MEMSET, ty.VOID, [destination, self.const(0, ty.I8), size]).extra = 1
        return destination

    def memcmp(self, call: Value) -> Value | None:
        left, right, size = call.args
        if left is right or is_constant(size, 0):
            return self.const(0, ty.I32)
        if size.op != op.CONST:
            return None
        x = bytes_at(left)
        y = bytes_at(right)
        count = size.imm
        if x is not None and y is not None and len(x) >= count and len(y) >= count:
            return self.const(sign(x[:count], y[:count]), ty.I32)
        if count == 1:
            return self.difference(left, right)
        if count in (2, 4, 8) and self.only_compared_with_zero(call, (op.EQ, op.NE)):
            type = ty.integer_of_bits(count * 8)
            a = self.emit(op.LOAD, type, [left])
            b = self.emit(op.LOAD, type, [right])
            a.extra = 1
            b.extra = 1
            return self.emit(op.ZEXT, ty.I32, [self.emit(op.NE, ty.I1, [a, b])])
        return None

    def difference(self, left: Value, right: Value) -> Value:
        """(unsigned char) *left - (unsigned char) *right"""
        a = self.emit(op.ZEXT, ty.I32, [self.byte_at(left)])
        b = self.emit(op.ZEXT, ty.I32, [self.byte_at(right)])
        return self.emit(op.SUB, ty.I32, [a, b])

    def memchr(self, call: Value) -> Value | None:
        place, byte, size = call.args
        if is_constant(size, 0):
            return self.const(0, ty.PTR)
        text = bytes_at(place)
        if text is None or byte.op != op.CONST or size.op != op.CONST:
            return None
        found = text[: size.imm].find(byte.imm & 255)
        if found < 0:
            return self.const(0, ty.PTR) if size.imm <= len(text) else None
        return self.plus(place, found)

    # ---- strings: measuring and comparing

    def only_compared_with_zero(self, call: Value, comparisons: tuple[int, ...]) -> bool:
        users = self.users.get(call.id, [])
        for user in users:
            if user.op not in comparisons or user.args[0] is not call or not is_constant(user.args[1], 0):
                return False
        return bool(users)

    def strlen(self, call: Value) -> Value | None:
        length = length_at(call.args[0])
        if length >= 0:
            return self.const(length)
        pointer = call.args[0]
        if pointer.op == op.PTRADD:
            text = bytes_at(pointer.args[0])
            if text is not None and text.find(b"\0") == len(text) - 1:  # the offset cannot lead beyond the end
                return self.emit(op.SUB, ty.I64, [self.const(len(text) - 1), pointer.args[1]])
        if self.only_compared_with_zero(call, ZERO_COMPARISONS):
            return self.emit(op.ZEXT, ty.I64, [self.byte_at(call.args[0])])
        return None

    def strnlen(self, call: Value) -> Value | None:
        if is_constant(call.args[1], 0):
            return self.const(0)
        length = length_at(call.args[0])
        if length <= 0:
            return self.const(0) if length == 0 else None
        limit = call.args[1]
        whole = self.const(length)
        return self.emit(op.SELECT, ty.I64, [self.emit(op.ULT, ty.I1, [limit, whole]), limit, whole])

    def strcmp(self, call: Value) -> Value | None:
        left, right = call.args
        if left is right:
            return self.const(0, ty.I32)
        x = string_at(left)
        y = string_at(right)
        if x is not None and y is not None:
            return self.const(sign(x, y), ty.I32)
        if y == b"":
            return self.emit(op.ZEXT, ty.I32, [self.byte_at(left)])
        if x == b"":
            return self.emit(op.NEG, ty.I32, [self.emit(op.ZEXT, ty.I32, [self.byte_at(right)])])
        return None

    def strncmp(self, call: Value) -> Value | None:
        left, right, size = call.args
        if left is right or is_constant(size, 0):
            return self.const(0, ty.I32)
        if size.op != op.CONST:
            return None
        x = string_at(left)
        y = string_at(right)
        count = size.imm & 0xFFFFFFFFFFFFFFFF
        if x is not None and y is not None:
            return self.const(sign(x[:count], y[:count]), ty.I32)
        if count == 1:
            return self.difference(left, right)
        if y == b"":
            return self.emit(op.ZEXT, ty.I32, [self.byte_at(left)])
        if x == b"":
            return self.emit(op.NEG, ty.I32, [self.emit(op.ZEXT, ty.I32, [self.byte_at(right)])])
        return None

    # ---- strings: searching

    def strchr(self, call: Value) -> Value | None:
        return self.search(call, False)

    def strrchr(self, call: Value) -> Value | None:
        return self.search(call, True)

    def search(self, call: Value, last: bool) -> Value | None:
        place, byte = call.args
        if byte.op != op.CONST:
            return None
        text = string_at(place)
        if text is not None:
            terminated = text + b"\0"
            found = terminated.rfind(byte.imm & 255) if last else terminated.find(byte.imm & 255)
            return self.plus(place, found) if found >= 0 else self.const(0, ty.PTR)
        if byte.imm & 255 == 0:
            if not last:
                return self.emit(op.PTRADD, ty.PTR, [place, self.call_like(call, "strlen", [place], "lp")])
            return self.call_like(call, "strchr", [place, byte], "ppi")
        return None

    def strstr(self, call: Value) -> Value | None:
        place, wanted = call.args
        needle = string_at(wanted)
        if needle is None:
            return None
        text = string_at(place)
        if text is not None:
            found = text.find(needle)
            return self.plus(place, found) if found >= 0 else self.const(0, ty.PTR)
        if needle == b"":
            return place
        if len(needle) == 1:
            return self.call_like(call, "strchr", [place, self.const(needle[0], ty.I32)], "ppi")
        return None

    def strpbrk(self, call: Value) -> Value | None:
        place, wanted = call.args
        accepted = string_at(wanted)
        if accepted is None:
            return None
        if accepted == b"":
            return self.const(0, ty.PTR)
        text = string_at(place)
        if text is not None:
            for index, byte in enumerate(text):
                if byte in accepted:
                    return self.plus(place, index)
            return self.const(0, ty.PTR)
        if len(accepted) == 1:
            return self.call_like(call, "strchr", [place, self.const(accepted[0], ty.I32)], "ppi")
        return None

    def strspn(self, call: Value) -> Value | None:
        text = string_at(call.args[0])
        accepted = string_at(call.args[1])
        if text == b"" or accepted == b"":
            return self.const(0)
        if text is None or accepted is None:
            return None
        return self.const(len(text) - len(text.lstrip(accepted)))

    def strcspn(self, call: Value) -> Value | None:
        text = string_at(call.args[0])
        rejected = string_at(call.args[1])
        if text == b"":
            return self.const(0)
        if rejected == b"":
            return self.call_like(call, "strlen", [call.args[0]], "lp")
        if text is None or rejected is None:
            return None
        count = 0
        while count < len(text) and text[count] not in rejected:
            count += 1
        return self.const(count)

    # ---- strings: copying

    def strcpy(self, call: Value) -> Value | None:
        destination, source = call.args
        if destination is source:
            return destination
        length = length_at(source)
        if length < 0:
            return None
        self.copy_bytes(destination, source, self.const(length + 1))
        return destination

    def stpcpy(self, call: Value) -> Value | None:
        destination, source = call.args
        length = length_at(source)
        if length < 0:
            if call.uses == 0:
                return self.call_like(call, "strcpy", [destination, source], "ppp")
            return None
        self.copy_bytes(destination, source, self.const(length + 1))
        return self.plus(destination, length)

    def strncpy(self, call: Value) -> Value | None:
        destination, source, size = call.args
        if is_constant(size, 0):
            return destination
        if size.op != op.CONST or not 0 <= size.imm <= length_at(source) + 1:
            return None
        self.copy_bytes(destination, source, size)
        return destination

    def strcat(self, call: Value) -> Value | None:
        destination, source = call.args
        length = length_at(source)
        if length == 0:
            return destination
        if length < 0:
            return None
        end = self.emit(op.PTRADD, ty.PTR, [destination, self.call_like(call, "strlen", [destination], "lp")])
        self.copy_bytes(end, source, self.const(length + 1))
        return destination

    def strncat(self, call: Value) -> Value | None:
        destination, source, size = call.args
        text = string_at(source)
        if text == b"" or is_constant(size, 0):
            return destination
        if text is not None and size.op == op.CONST and size.imm >= len(text):
            return self.call_like(call, "strcat", [destination, source], "ppp")
        return None

    # ---- output

    def printf(self, call: Value) -> Value | None:
        """Only where nobody wants the number of characters."""
        template = string_at(call.args[0])
        if template is None or call.uses != 0:
            return None
        if template == b"":
            return call.args[0]
        if b"%" not in template:
            if len(call.args) != 1:
                return None
            if len(template) == 1:
                return self.call_like(call, "putchar", [self.const(template[0], ty.I32)], "ii")
            if template.endswith(b"\n"):
                return self.call_like(call, "puts", [self.text_data(template[:-1] + b"\0")], "ip")
            return None
        if len(call.args) != 2:
            return None
        argument = call.args[1]
        if template == b"%s\n" and argument.type == ty.PTR:
            return self.call_like(call, "puts", [argument], "ip")
        if template == b"%c" and argument.type == ty.I32:
            return self.call_like(call, "putchar", [argument], "ii")
        if template == b"%s" and argument.type == ty.PTR:
            text = string_at(argument)
            if text == b"":
                return argument
            if text is not None and len(text) == 1:
                return self.call_like(call, "putchar", [self.const(text[0], ty.I32)], "ii")
            if text is not None and text.endswith(b"\n"):
                return self.call_like(call, "puts", [self.text_data(text[:-1] + b"\0")], "ip")
        return None

    def printf_unlocked(self, call: Value) -> Value | None:
        return self.nothing(call, 0)

    def fprintf_unlocked(self, call: Value) -> Value | None:
        return self.nothing(call, 1)

    def nothing(self, call: Value, place: int) -> Value | None:
        """Output of nothing is dropped."""
        if call.uses != 0:
            return None
        text = string_at(call.args[place])
        if text == b"" or (text == b"%s" and len(call.args) == place + 2 and string_at(call.args[-1]) == b""):
            return call.args[place]
        return None

    def fprintf(self, call: Value) -> Value | None:
        if call.uses != 0:
            return None
        stream = call.args[0]
        template = string_at(call.args[1])
        if template is None:
            return None
        if b"%" not in template and len(call.args) == 2:
            return self.write_text(call, call.args[1], len(template), stream)
        if len(call.args) != 3:
            return None
        argument = call.args[2]
        if template == b"%s" and argument.type == ty.PTR:
            length = length_at(argument)
            if length >= 0:
                return self.write_text(call, argument, length, stream)
            return self.call_like(call, "fputs", [argument, stream], "ipp")
        if template == b"%c" and argument.type == ty.I32:
            return self.call_like(call, "fputc", [argument, stream], "iip")
        return None

    def fputs(self, call: Value) -> Value | None:
        length = length_at(call.args[0])
        if length < 0 or call.uses != 0:
            return None
        return self.write_text(call, call.args[0], length, call.args[1])

    def fputs_unlocked(self, call: Value) -> Value | None:
        return call.args[1] if call.uses == 0 and string_at(call.args[0]) == b"" else None

    def write_text(self, call: Value, place: Value, length: int, stream: Value) -> Value:
        if length == 0:
            return stream
        if length == 1:
            text = string_at(place)
            if text is not None:
                character = self.const(text[0], ty.I32)
            else:
                character = self.emit(op.ZEXT, ty.I32, [self.byte_at(place)])
            return self.call_like(call, "fputc", [character, stream], "iip")
        arguments = [place, self.const(1), self.const(length), stream]
        return self.call_like(call, "fwrite", arguments, "lpllp")

    def sprintf(self, call: Value) -> Value | None:
        destination = call.args[0]
        template = string_at(call.args[1])
        if template is None:
            return None
        if b"%" not in template and len(call.args) == 2:
            self.copy_bytes(destination, call.args[1], self.const(len(template) + 1))
            return self.const(len(template), ty.I32)
        if template == b"%s" and len(call.args) == 3 and call.args[2].type == ty.PTR:
            text = string_at(call.args[2])
            if text is not None:
                self.copy_bytes(destination, call.args[2], self.const(len(text) + 1))
                return self.const(len(text), ty.I32)
            if call.uses == 0:
                return self.call_like(call, "strcpy", [destination, call.args[2]], "ppp")
        return None

    # ---- mathematics

    def sqrt(self, call: Value) -> Value | None:
        """The instruction; negative operands take the call after it, for errno (C17 7.12.7.5)."""
        if call.uses == 0 or call.flags & NO_TRAP:
            return None
        root = self.emit(op.FSQRT, call.type, [call.args[0]])
        original = self.function.new_value(op.CALL, call.type, self.block)
        original.symbol = call.symbol
        original.call = call.call
        original.position = call.position
        original.flags = NO_TRAP  # marks a call that is there for errno
        original.add_argument(call.args[0])
        assert call.symbol is not None
        call.symbol.references += 1
        self.slow.append((self.block, original))
        self.out.append(original)
        return root

    def split_for_errno(self, block: Block, original: Value) -> None:
        """Move a call that only sets errno into a block of its own, behind a test for a negative operand."""
        block = original.block
        index = block.values.index(original)
        function = self.function
        slow = function.new_block()
        rest = function.new_block()
        function.blocks.remove(rest)
        function.blocks.insert(function.blocks.index(block) + 1, rest)
        rest.values = block.values[index + 1 :]
        for value in rest.values:
            value.block = rest
        rest.terminator = block.terminator
        rest.terminator.block = rest
        rest.successors = block.successors
        for successor in rest.successors:
            successor.predecessors[successor.predecessor_index(block)] = rest
        block.successors = []
        block.values = block.values[:index]
        argument = original.args[0]
        zero = function.new_value(op.FCONST, argument.type, block)
        negative = function.new_value(op.FOLT, ty.I1, block)
        negative.add_argument(argument)
        negative.add_argument(zero)
        block.values += [zero, negative]
        branch = function.new_value(op.BRANCH, ty.VOID, block)
        branch.add_argument(negative)
        block.terminator = branch
        add_edge(block, slow)
        add_edge(block, rest)
        slow.values = [original]
        original.block = slow
        slow.cold = True
        slow.terminator = function.new_value(op.JUMP, ty.VOID, slow)
        add_edge(slow, rest)


# ---- questions about values


def has_shape(call: Value, shape: str) -> bool:
    """Do arguments and result have the types of the library's prototype?"""
    letters = {ty.PTR: "p", ty.I64: "l", ty.I32: "i", ty.F64: "d", ty.F32: "f", ty.VOID: "v"}
    if letters.get(call.type, "?") != shape[0]:
        return False
    parameters = shape[1:].rstrip(".")
    if len(call.args) < len(parameters) or (len(call.args) > len(parameters) and not shape.endswith(".")):
        return False
    for argument, letter in zip(call.args, parameters, strict=False):
        if letters.get(argument.type, "?") != letter:
            return False
    return True


def integer_registers(call: Value) -> tuple[int, ...]:
    """The argument registers of the target, known by the first argument's place."""
    assert call.call is not None
    first = call.call.argument_locations[0].register
    return (7, 6, 2, 1, 8, 9) if first == 7 else (10, 11, 12, 13, 14, 15)


def is_constant(value: Value, number: int) -> bool:
    return value.op == op.CONST and value.imm == number


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


def is_read_only(pointer: Value) -> bool:
    found = object_at(pointer)
    return found is not None and found[0].read_only


def bytes_at(pointer: Value) -> bytes | None:
    """The constant bytes from `pointer` to the end of its object."""
    found = object_at(pointer)
    if found is None:
        return None
    symbol, offset = found
    data = symbol.data
    if not symbol.read_only or data is None or data.relocations or not symbol.defined or symbol.weak:
        return None
    if not 0 <= offset <= symbol.size:
        return None
    contents = data.contents + bytes(max(symbol.size - len(data.contents), 0))
    return contents[offset:]


def string_at(pointer: Value) -> bytes | None:
    """The constant string at `pointer`, without its terminator."""
    contents = bytes_at(pointer)
    if contents is None:
        return None
    end = contents.find(b"\0")
    return contents[:end] if end >= 0 else None


def length_at(pointer: Value) -> int:
    """strlen of a constant string, or of whichever of several equally long ones; -1: unknown."""
    found = -1
    seen: set[int] = set()
    work = [pointer]
    while work:
        value = work.pop()
        while value.op == op.COPY:
            value = value.args[0]
        if value.id in seen:
            continue
        seen.add(value.id)
        if len(seen) > 32:
            return -1
        if value.op == op.PHI:
            work += value.args
        elif value.op == op.SELECT:
            work += value.args[1:]
        else:
            text = string_at(value)
            if text is None or found not in (-1, len(text)):
                return -1
            found = len(text)
    return found


def sign(x: bytes, y: bytes) -> int:
    return (x > y) - (x < y)


TABLE: Final[dict[str, tuple[str, Callable[[LibraryCalls, Value], Value | None]]]] = {
    "memcpy": ("pppl", LibraryCalls.memcpy),
    "memmove": ("pppl", LibraryCalls.memmove),
    "bcopy": ("vppl", LibraryCalls.bcopy),
    "mempcpy": ("pppl", LibraryCalls.mempcpy),
    "memset": ("ppil", LibraryCalls.memset),
    "bzero": ("vpl", LibraryCalls.bzero),
    "memcmp": ("ippl", LibraryCalls.memcmp),
    "bcmp": ("ippl", LibraryCalls.memcmp),
    "memchr": ("ppil", LibraryCalls.memchr),
    "strlen": ("lp", LibraryCalls.strlen),
    "strnlen": ("lpl", LibraryCalls.strnlen),
    "strcmp": ("ipp", LibraryCalls.strcmp),
    "strncmp": ("ippl", LibraryCalls.strncmp),
    "strchr": ("ppi", LibraryCalls.strchr),
    "index": ("ppi", LibraryCalls.strchr),
    "strrchr": ("ppi", LibraryCalls.strrchr),
    "rindex": ("ppi", LibraryCalls.strrchr),
    "strstr": ("ppp", LibraryCalls.strstr),
    "strpbrk": ("ppp", LibraryCalls.strpbrk),
    "strspn": ("lpp", LibraryCalls.strspn),
    "strcspn": ("lpp", LibraryCalls.strcspn),
    "strcpy": ("ppp", LibraryCalls.strcpy),
    "stpcpy": ("ppp", LibraryCalls.stpcpy),
    "strncpy": ("pppl", LibraryCalls.strncpy),
    "strcat": ("ppp", LibraryCalls.strcat),
    "strncat": ("pppl", LibraryCalls.strncat),
    "printf": ("ip.", LibraryCalls.printf),
    "fprintf": ("ipp.", LibraryCalls.fprintf),
    "fputs": ("ipp", LibraryCalls.fputs),
    "printf_unlocked": ("ip.", LibraryCalls.printf_unlocked),
    "fprintf_unlocked": ("ipp.", LibraryCalls.fprintf_unlocked),
    "fputs_unlocked": ("ipp", LibraryCalls.fputs_unlocked),
    "sprintf": ("ipp.", LibraryCalls.sprintf),
    "sqrt": ("dd", LibraryCalls.sqrt),
    "sqrtf": ("ff", LibraryCalls.sqrt),
}
