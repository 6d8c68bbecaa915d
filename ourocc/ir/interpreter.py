"""Runs a module: the oracle for lowering and for every optimization.

In: a verified module, the target's name (for the places of variable arguments).  Out: exit status and output.  Values are
what constants are (normalized integers, bit patterns; vectors: tuples of lanes).  Calls go through the ABI's registers and
stack area as the IR says, so that caller and callee must agree.  External functions are Python (`externals.py`).  With
`checked`, undefined behaviour raises `UndefinedBehaviour`: bad accesses, signed overflow where C forbids it, division by
zero, shifts too far.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import soft_float
from ourocc.ir import types as ty
from ourocc.ir.function import (
    ASM_INPUT,
    ASM_OUTPUT,
    NO_SIGNED_WRAP,
    ON_STACK,
    AsmInfo,
    Block,
    Function,
    Module,
    Symbol,
    Value,
    normalize,
)
from ourocc.ir.memory import Memory, UndefinedBehaviour
from ourocc.optimize.fold import fold

CODE_BASE: Final = 0x7F0000000000
Number = int | tuple[int, ...]


class ProgramExit(Exception):
    """exit() or abort()."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class Unsupported(Exception):
    """The program needs what the interpreter does not have (inline assembly, an unknown external function)."""


@final
class Registers:
    """What is in registers and on the stack when a call happens."""

    def __init__(self) -> None:
        self.values: dict[int, Number] = {}
        self.types: dict[int, int] = {}
        self.stack = 0  # address of the argument area
        self.stack_size = 0


@final
class Frame:
    """One activation."""

    def __init__(self, function: Function, registers: Registers) -> None:
        self.function = function
        self.registers = registers
        self.values: list[Number] = [0] * function.value_count
        self.objects: list[int] = []
        self.save_area = 0


def lanes_of(value: Number) -> tuple[int, ...]:
    if isinstance(value, tuple):
        return value
    raise AssertionError("a vector was expected")


def scalar(value: Number) -> int:
    if isinstance(value, int):
        return value
    raise AssertionError("a scalar was expected")


def to_bytes(value: Number, type: int) -> bytes:
    """The bytes that a store writes."""
    if isinstance(value, tuple):
        lane = ty.lane_type(type)
        return b"".join([to_bytes(number, lane) for number in value])
    size = 10 if type == ty.F80 else ty.size(type)
    return (value & ((1 << (size * 8)) - 1)).to_bytes(size, "little")


def from_bytes(data: bytes, type: int) -> Number:
    if type > 255:
        lane = ty.lane_type(type)
        size = ty.size(lane)
        return tuple([scalar(from_bytes(data[at : at + size], lane)) for at in range(0, len(data), size)])
    number = int.from_bytes(data, "little")
    if ty.is_float(type):
        return number
    return normalize(number, type)


def stored_size(type: int) -> int:
    return 10 if type == ty.F80 else ty.size(type)


@final
class Interpreter:
    """State of a running program."""

    def __init__(self, module: Module, target: str = "x86", checked: bool = False, step_limit: int = 0) -> None:
        self.module = module
        self.target = target
        self.checked = checked
        self.memory = Memory(checked)
        self.output = bytearray()
        self.errors = bytearray()
        self.steps = 0
        self.step_limit = step_limit
        self.addresses: dict[str, int] = {}
        self.functions: dict[int, Symbol] = {}
        self.labels: dict[int, Block] = {}
        self.label_addresses: dict[Block, int] = {}
        self.next_code = CODE_BASE
        self.depth = 0
        self.results: list[Number] = []  # of the last call
        self.state: dict[str, int] = {}  # of externals (rand, strtok ...)
        self.load_objects()

    # ---- loading

    def load_objects(self) -> None:
        objects = [symbol for symbol in self.module.objects if symbol.data is not None or symbol.common]
        for symbol in objects:
            size = max(symbol.size, len(symbol.data.contents) if symbol.data is not None else 0)
            self.addresses[symbol.name] = self.memory.allocate(size, max(symbol.alignment, 1))
        for symbol in objects:
            data = symbol.data
            if data is None:
                continue
            start = self.addresses[symbol.name]
            if data.contents:
                self.memory.write(start, data.contents)
            for entry in data.relocations:
                number = entry.addend
                if entry.symbol is not None:
                    number += self.address_of(entry.symbol)
                if entry.label is not None:
                    number += self.label_address(entry.label)
                if entry.minus_label is not None:
                    number -= self.label_address(entry.minus_label)
                self.memory.write_integer(start + entry.offset, number, entry.size)

    def address_of(self, symbol: Symbol) -> int:
        """Address of an object or function; external objects come to life as zeros."""
        while symbol.alias_of is not None and symbol.name not in self.addresses:
            symbol = symbol.alias_of
        found = self.addresses.get(symbol.name)
        if found is None:
            if symbol.is_function or symbol.function is not None:
                found = self.next_code
                self.next_code += 16
                self.functions[found] = symbol
            elif symbol.weak and not symbol.defined:
                found = 0
            else:
                from ourocc.ir.externals import external_object

                found = external_object(self, symbol.name)
            self.addresses[symbol.name] = found
        return found

    def label_address(self, block: Block) -> int:
        found = self.label_addresses.get(block)
        if found is None:
            found = self.next_code
            self.next_code += 16
            self.label_addresses[block] = found
            self.labels[found] = block
        return found

    # ---- running

    def run_main(self, arguments: list[bytes]) -> int:
        """Call main(argc, argv); the exit status."""
        try:
            for _, symbol in sorted(self.module.constructors, key=priority_of):
                self.call_symbol(symbol, Registers())
            pointers: list[int] = []
            for argument in arguments:
                place = self.memory.allocate(len(argument) + 1, 1)
                self.memory.write(place, argument + b"\0")
                pointers.append(place)
            vector = self.memory.allocate(8 * (len(pointers) + 1), 8)
            for index, pointer in enumerate(pointers):
                self.memory.write_integer(vector + 8 * index, pointer, 8)
            registers = Registers()
            first, second = (7, 6) if self.target == "x86" else (10, 11)
            registers.values[first] = len(pointers)
            registers.values[second] = vector
            results = self.call_symbol(self.module.symbols["main"], registers)
            for _, symbol in self.module.destructors:
                self.call_symbol(symbol, Registers())
            return scalar(results[0]) & 255 if results else 0
        except ProgramExit as ended:
            return ended.status & 255

    def call_symbol(self, symbol: Symbol, registers: Registers) -> list[Number]:
        """Call a function with arguments in place; its result pieces."""
        while symbol.alias_of is not None and symbol.function is None:
            symbol = symbol.alias_of
        if symbol.function is not None:
            return self.execute(symbol.function, registers)
        from ourocc.ir.externals import call_external

        return call_external(self, symbol.name, registers)

    def execute(self, function: Function, registers: Registers) -> list[Number]:
        frame = Frame(function, registers)
        mark = self.memory.stack
        self.depth += 1
        if self.depth > 2000:
            raise Unsupported("recursion too deep for the interpreter")
        try:
            return self.run_blocks(frame)
        finally:
            self.depth -= 1
            for address in frame.objects:
                self.memory.release(address)
            self.memory.stack = mark

    def run_blocks(self, frame: Frame) -> list[Number]:
        block = frame.function.blocks[0]
        previous: Block | None = None
        values = frame.values
        while True:
            start = 0
            if previous is not None and block.values and block.values[0].op == op.PHI:
                start = self.enter_phis(block, previous, values)
            code = block.values
            for index in range(start, len(code)):
                value = code[index]
                values[value.id] = self.evaluate(value, frame)
            self.steps += len(code) + 1
            if self.step_limit and self.steps > self.step_limit:
                raise Unsupported("too many steps")
            terminator = block.terminator
            if terminator.op == op.RETURN:
                return [values[argument.id] for argument in terminator.args]
            previous = block
            block = self.next_block(block, terminator, values)

    def enter_phis(self, block: Block, previous: Block, values: list[Number]) -> int:
        """All phis read before any is written; how many there are."""
        index = block.predecessor_index(previous)
        found: list[Number] = []
        for value in block.values:
            if value.op != op.PHI:
                break
            found.append(values[value.args[index].id])
        for position, number in enumerate(found):
            values[block.values[position].id] = number
        return len(found)

    def next_block(self, block: Block, terminator: Value, values: list[Number]) -> Block:
        code = terminator.op
        if code == op.JUMP:
            return block.successors[0]
        if code == op.BRANCH:
            return block.successors[0 if values[terminator.args[0].id] else 1]
        if code == op.SWITCH:
            number = scalar(values[terminator.args[0].id])
            assert terminator.cases is not None
            for case in terminator.cases:
                if case.low <= number <= case.high:
                    return block.successors[case.target]
            return block.successors[0]
        if code == op.INDIRECT_JUMP:
            target = self.labels.get(scalar(values[terminator.args[0].id]))
            if target is None or target not in block.successors:
                raise UndefinedBehaviour("computed goto to no label of this function")
            return target
        if code == op.UNREACHABLE:
            raise UndefinedBehaviour(f"{block.function.name}: execution reached b{block.id}'s unreachable")
        raise Unsupported(op.NAMES[code])

    # ---- one value

    def evaluate(self, value: Value, frame: Frame) -> Number:
        code = value.op
        values = frame.values
        args = value.args
        if code == op.LOAD or code == op.ATOMIC_LOAD:
            address = scalar(values[args[0].id])
            type = value.type
            if type < 255 and not ty.is_float(type):
                return normalize(self.memory.read_integer(address & 0xFFFFFFFFFFFFFFFF, ty.SIZES[type]), type)
            return from_bytes(self.memory.read(address, stored_size(type)), type)
        if code == op.STORE or code == op.ATOMIC_STORE:
            self.memory.write(scalar(values[args[0].id]), to_bytes(values[args[1].id], args[1].type))
            return 0
        if code == op.CONST or code == op.FCONST:
            if value.type > 255:
                return tuple([value.imm] * ty.lane_count(value.type))
            return value.imm
        if op.FLAGS[code] & (op.EFFECT | op.PINNED) or code in LEAVES:
            return self.special(value, frame)
        if value.type > 255 or (args and args[0].type > 255):
            return self.vector(value, frame)
        if code == op.SELECT:
            return values[args[1].id] if values[args[0].id] else values[args[2].id]
        numbers = [scalar(values[argument.id]) for argument in args]
        return self.compute(value, numbers)

    def compute(self, value: Value, numbers: list[int]) -> int:
        """A scalar operation."""
        code = value.op
        source = value.args[0].type
        result = fold(code, value.type, source, numbers)
        if result is not None:
            if self.checked and value.flags & NO_SIGNED_WRAP:
                self.check_wrap(value, numbers)
            return result
        if code in (op.COPY, op.EXPECT):
            return numbers[0]
        if ty.is_float(source) or ty.is_float(value.type):
            if code == op.BITCAST:
                size = ty.size(value.type)
                return scalar(from_bytes((numbers[0] & ((1 << (8 * size)) - 1)).to_bytes(size, "little"), value.type))
            return soft_float.compute(code, value.type, source, numbers)
        if code == op.IS_CONSTANT:
            return 0
        if code == op.OBJECT_SIZE:
            return 0 if value.imm >= 2 else -1
        if code in (op.CLZ, op.CTZ):
            return ty.BITS[value.type]
        if code in (op.SHL, op.LSHR, op.ASHR):
            if self.checked:
                raise UndefinedBehaviour(f"shift by {numbers[1]}")
            return scalar_or_zero(fold(code, value.type, source, [numbers[0], numbers[1] % ty.BITS[value.type]]))
        if code in (op.SDIV, op.SREM, op.UDIV, op.UREM):
            raise UndefinedBehaviour("division by zero or overflow in division")
        raise Unsupported(op.NAMES[code])

    def check_wrap(self, value: Value, numbers: list[int]) -> None:
        x = numbers[0]
        if value.op == op.ADD:
            exact = x + numbers[1]
        elif value.op == op.SUB:
            exact = x - numbers[1]
        elif value.op == op.MUL:
            exact = x * numbers[1]
        elif value.op == op.NEG:
            exact = -x
        else:
            return
        if exact != normalize(exact, value.type):
            raise UndefinedBehaviour(f"signed overflow in {op.NAMES[value.op]}")

    def vector(self, value: Value, frame: Frame) -> Number:
        """Lane by lane."""
        code = value.op
        args = [frame.values[argument.id] for argument in value.args]
        lane = ty.lane_type(value.type)
        if code == op.VEXTRACT:
            return lanes_of(args[0])[scalar(args[1])]
        if code == op.VSPLAT:
            return tuple([scalar(args[0])] * ty.lane_count(value.type))
        if code == op.VMAKE:
            return tuple([scalar(number) for number in args])
        if code == op.VINSERT:
            lanes = list(lanes_of(args[0]))
            lanes[scalar(args[2])] = scalar(args[1])
            return tuple(lanes)
        if code == op.VSHUFFLE:
            both = lanes_of(args[0]) + lanes_of(args[1])
            return tuple([both[number % len(both)] for number in lanes_of(args[2])])
        if code == op.BITCAST:
            return from_bytes(to_bytes(args[0], value.args[0].type), value.type)
        if code == op.COPY:
            return args[0]
        if code == op.SELECT and isinstance(args[0], int):
            return args[1] if args[0] else args[2]
        source = ty.lane_type(value.args[0].type)
        found: list[int] = []
        for index in range(ty.lane_count(value.args[0].type)):
            numbers = [lanes_of(argument)[index] for argument in args]
            found.append(self.lane(code, lane, source, numbers))
        return tuple(found)

    def lane(self, code: int, lane: int, source: int, numbers: list[int]) -> int:
        if code == op.SELECT:
            return numbers[1] if numbers[0] else numbers[2]
        result = fold(code, lane, source, numbers)
        if result is None:
            if ty.is_float(source) or ty.is_float(lane):
                result = soft_float.compute(code, lane, source, numbers)
            elif code in (op.SHL, op.LSHR, op.ASHR):
                result = 0
            else:
                raise UndefinedBehaviour(op.NAMES[code])
        if op.EQ <= code <= op.UGE or op.FOEQ <= code <= op.FUNO:
            return -result
        return result

    # ---- effects and leaves

    def special(self, value: Value, frame: Frame) -> Number:
        code = value.op
        values = frame.values
        numbers = [values[argument.id] for argument in value.args]
        if code == op.CALL:
            return self.call(value, frame)
        if code == op.RESULT:
            return self.results[value.imm]
        if code == op.ALLOCA or code == op.DYNAMIC_ALLOCA:
            size = value.imm if code == op.ALLOCA else scalar(numbers[0])
            address = self.memory.push(size, max(value.extra, 1))
            frame.objects.append(address)
            return address
        if code == op.PARAM:
            return self.parameter(value, frame)
        if code == op.ADDRESS:
            assert value.symbol is not None
            return normalize(self.address_of(value.symbol) + value.imm, ty.PTR)
        if code in (op.MEMCPY, op.MEMMOVE):
            size = scalar(numbers[2])
            if size:
                self.copy(scalar(numbers[0]), scalar(numbers[1]), size, code == op.MEMCPY)
            return 0
        if code == op.MEMSET:
            size = scalar(numbers[2])
            if size:
                self.memory.write(scalar(numbers[0]), bytes([scalar(numbers[1]) & 255]) * size)
            return 0
        if code == op.UNDEF:
            return tuple([0] * ty.lane_count(value.type)) if value.type > 255 else 0
        if code == op.VCONST:
            return from_bytes(value.imm.to_bytes(ty.size(value.type), "little"), value.type)
        if code == op.LABEL_ADDRESS:
            assert value.target is not None
            return self.label_address(value.target)
        if code == op.STACK_PARAMETER:
            return frame.registers.stack + value.imm
        if code == op.VA_REGISTERS:
            return self.save_area(frame)
        if code in (op.ATOMIC_RMW, op.ATOMIC_CMPXCHG):
            return self.atomic(value, [scalar(number) for number in numbers])
        if code in (op.FENCE, op.LINE, op.PREFETCH, op.FRAME_ADDRESS):
            return 0
        if code == op.STACK_SAVE:
            return self.memory.stack
        if code == op.STACK_RESTORE:
            self.memory.stack = scalar(numbers[0])
            return 0
        if code == op.ASM and value.asm is not None and not value.asm.template.strip():
            return self.empty_asm(value.asm, numbers)
        if code == op.TRAP:
            raise ProgramExit(132)
        raise Unsupported(op.NAMES[code])

    def empty_asm(self, info: AsmInfo, numbers: list[Number]) -> Number:
        """Assembly without instructions: outputs are what was tied to them."""
        self.results = [0] * info.result_count
        for index, constraint in enumerate(info.constraints):
            tied = constraint.strip("%&,")
            if info.operand_kinds[index] == ASM_INPUT and tied.isdigit():
                if info.operand_kinds[int(tied)] == ASM_OUTPUT:
                    self.results[info.operand_values[int(tied)]] = numbers[info.operand_values[index]]
        return self.results[0] if self.results else 0

    def copy(self, destination: int, source: int, size: int, exclusive: bool) -> None:
        if self.checked and exclusive and destination != source and abs(destination - source) < size:
            raise UndefinedBehaviour("memcpy of overlapping objects")
        self.memory.write(destination, self.memory.read(source, size))

    def atomic(self, value: Value, numbers: list[int]) -> int:
        size = ty.size(value.type)
        old = normalize(self.memory.read_integer(numbers[0], size), value.type)
        if value.op == op.ATOMIC_CMPXCHG:
            if old == numbers[1]:
                self.memory.write_integer(numbers[0], numbers[2], size)
            return old
        y = numbers[1]
        new = y
        if value.extra == op.RMW_ADD:
            new = old + y
        elif value.extra == op.RMW_SUB:
            new = old - y
        elif value.extra == op.RMW_AND:
            new = old & y
        elif value.extra == op.RMW_OR:
            new = old | y
        elif value.extra == op.RMW_XOR:
            new = old ^ y
        elif value.extra == op.RMW_NAND:
            new = ~(old & y)
        self.memory.write_integer(numbers[0], new, size)
        return old

    def parameter(self, value: Value, frame: Frame) -> Number:
        location = frame.function.parameter_locations[value.imm]
        registers = frame.registers
        if location.register == ON_STACK:
            return from_bytes(
                self.memory.read(registers.stack + location.offset, stored_size(location.type)), location.type
            )
        found = registers.values.get(location.register, 0)
        passed = registers.types.get(location.register, location.type)
        if passed != location.type:
            size = max(ty.size(passed), ty.size(location.type))
            data = to_bytes(found, passed).ljust(size, b"\0")
            return from_bytes(data[: stored_size(location.type)], location.type)
        return found

    def save_area(self, frame: Frame) -> int:
        """The register save area of a variadic function."""
        if frame.save_area:
            return frame.save_area
        registers = frame.registers
        if self.target == "x86":
            area = self.memory.push(176, 16)
            for index, register in enumerate((7, 6, 2, 1, 8, 9)):
                self.save(registers, register, area + 8 * index, 8)
            for index in range(8):
                self.save(registers, 16 + index, area + 48 + 16 * index, 16)
        else:
            size = registers.stack_size
            area = self.memory.push(64 + size, 16)
            for index in range(8):
                self.save(registers, 10 + index, area + 8 * index, 8)
            if size:
                self.memory.write(area + 64, self.memory.read(registers.stack, size))
        frame.objects.append(area)
        frame.save_area = area
        return area

    def save(self, registers: Registers, register: int, place: int, room: int) -> None:
        if register in registers.values:
            type = registers.types.get(register, ty.I64)
            self.memory.write(place, to_bytes(registers.values[register], type)[:room])

    # ---- calls

    def call(self, value: Value, frame: Frame) -> Number:
        info = value.call
        assert info is not None
        symbol = value.symbol
        first = 0
        if symbol is None:
            first = 1
            address = scalar(frame.values[value.args[0].id])
            symbol = self.functions.get(address)
            if symbol is None:
                raise UndefinedBehaviour(f"call of {address:#x}, which is no function")
        registers = Registers()
        if info.stack_size:
            registers.stack = self.memory.push(info.stack_size, info.stack_alignment)
            registers.stack_size = info.stack_size
        for index, location in enumerate(info.argument_locations):
            number = frame.values[value.args[first + index].id]
            size = info.byval_sizes[index]
            if size:
                self.memory.write(registers.stack + location.offset, self.memory.read(scalar(number), size))
            elif location.register == ON_STACK:
                self.memory.write(registers.stack + location.offset, to_bytes(number, location.type))
            else:
                registers.values[location.register] = number
                registers.types[location.register] = location.type
        results = self.call_symbol(symbol, registers)
        if registers.stack:
            self.memory.release(registers.stack)
        converted: list[Number] = []
        for index, place in enumerate(info.result_locations):
            converted.append(results[index] if index < len(results) else 0)
            if isinstance(converted[index], int) and not ty.is_float(place.type) and place.type < 255:
                converted[index] = normalize(scalar(converted[index]), place.type)
        self.results = converted
        return converted[0] if converted else 0


LEAVES: Final = (
    op.UNDEF, op.VCONST, op.ADDRESS, op.LABEL_ADDRESS, op.STACK_PARAMETER, op.FRAME_ADDRESS, op.RETURN_ADDRESS,
    op.THREAD_POINTER,
)  # fmt: skip


def priority_of(entry: tuple[int, Symbol]) -> int:
    return entry[0]


def scalar_or_zero(number: int | None) -> int:
    return 0 if number is None else number


def run(module: Module, arguments: list[bytes], target: str = "x86", checked: bool = False) -> tuple[int, bytes]:
    """Run main; (exit status, standard output)."""
    interpreter = Interpreter(module, target, checked)
    status = interpreter.run_main(arguments)
    return status, bytes(interpreter.output)


__all__ = ["Interpreter", "ProgramExit", "UndefinedBehaviour", "Unsupported", "run"]
