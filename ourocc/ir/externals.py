"""The C library that interpreted programs see: a small one, in Python.

`call_external` looks the name up in tables of functions that take an `Arguments` reader and give one number.  Variable
arguments are read from registers and stack, or from a va_list object, by the same interface.
"""

import math
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ourocc.ir import types as ty
from ourocc.ir.format import format_text
from ourocc.ir.memory import UndefinedBehaviour

if TYPE_CHECKING:
    from ourocc.ir.interpreter import Interpreter, Number, Registers

INTEGER_REGISTERS: Final = {"x86": (7, 6, 2, 1, 8, 9), "riscv": (10, 11, 12, 13, 14, 15, 16, 17)}
FLOAT_REGISTERS: Final = {"x86": tuple(range(16, 24)), "riscv": tuple(range(42, 50))}


class Arguments:
    """Reads arguments one after the other as the ABI passed them."""

    def __init__(self, machine: "Interpreter", registers: "Registers") -> None:
        self.machine = machine
        self.registers = registers
        self.integers = 0
        self.floats = 0
        self.stack = 0

    def bits(self, size: int, floating: bool) -> int:
        """The next argument's bits: an integer, or a double."""
        target = self.machine.target
        if floating and target == "x86" or floating and self.floats < 8 and self.float_register_filled():
            order = FLOAT_REGISTERS[target]
            if self.floats < len(order):
                register = order[self.floats]
                self.floats += 1
                found = self.registers.values.get(register, 0)
                return found if isinstance(found, int) else 0
        else:
            order = INTEGER_REGISTERS[target]
            if self.integers < len(order):
                register = order[self.integers]
                self.integers += 1
                found = self.registers.values.get(register, 0)
                return found if isinstance(found, int) else 0
        found_bits = self.machine.memory.read_integer(self.registers.stack + self.stack, size)
        self.stack += 8
        return found_bits

    def float_register_filled(self) -> bool:
        """RISC-V passes variable arguments in integer registers: a float register was used only when it is filled."""
        return FLOAT_REGISTERS["riscv"][self.floats] in self.registers.values

    def signed(self, size: int) -> int:
        number = self.bits(size, False) & ((1 << (8 * size)) - 1)
        return number - (1 << (8 * size)) if number >> (8 * size - 1) else number

    def unsigned(self, size: int) -> int:
        return self.bits(size, False) & ((1 << (8 * size)) - 1)

    def pointer(self) -> int:
        return self.unsigned(8)

    def double_bits(self) -> int:
        return self.bits(8, True) & 0xFFFFFFFFFFFFFFFF

    def double(self) -> float:
        return float(struct.unpack("<d", self.double_bits().to_bytes(8, "little"))[0])

    def single(self) -> float:
        number = self.bits(4, True) & 0xFFFFFFFF
        return float(struct.unpack("<f", number.to_bytes(4, "little"))[0])

    def long_double(self) -> tuple[int, int]:
        """(bits, IR type) of a long double."""
        if self.machine.target == "x86":
            self.stack = (self.stack + 15) & -16
            found = self.machine.memory.read_integer(self.registers.stack + self.stack, 10)
            self.stack += 16
            return found, ty.F80
        self.integers += self.integers & 1
        low = self.unsigned(8)
        return low | self.unsigned(8) << 64, ty.F128


class ListArguments(Arguments):
    """Reads a va_list object."""

    def __init__(self, machine: "Interpreter", registers: "Registers", pointer: int) -> None:
        super().__init__(machine, registers)
        self.pointer_to_list = pointer

    def take(self, size: int, alignment: int) -> int:
        """Address of the next argument in memory."""
        memory = self.machine.memory
        place = self.pointer_to_list + (8 if self.machine.target == "x86" else 0)
        current = (memory.read_integer(place, 8) + alignment - 1) & -alignment
        memory.write_integer(place, current + ((size + 7) & -8), 8)
        return current

    def bits(self, size: int, floating: bool) -> int:
        memory = self.machine.memory
        if self.machine.target == "x86":
            place = self.pointer_to_list + (4 if floating else 0)
            offset = memory.read_integer(place, 4)
            if offset < (176 if floating else 48):
                memory.write_integer(place, offset + (16 if floating else 8), 4)
                return memory.read_integer(memory.read_integer(self.pointer_to_list + 16, 8) + offset, size)
        return memory.read_integer(self.take(8, 8), size)

    def long_double(self) -> tuple[int, int]:
        place = self.take(16, 16)
        if self.machine.target == "x86":
            return self.machine.memory.read_integer(place, 10), ty.F80
        return self.machine.memory.read_integer(place, 16), ty.F128


def list_arguments(arguments: Arguments) -> ListArguments:
    """The va_list parameter: a pointer to it (x86-64: array), or its value (RISC-V)."""
    machine = arguments.machine
    pointer = arguments.pointer()
    if machine.target != "x86":
        home = machine.memory.allocate(8, 8)
        machine.memory.write_integer(home, pointer, 8)
        pointer = home
    return ListArguments(machine, arguments.registers, pointer)


# ---- output


def write_stream(machine: "Interpreter", stream: int, text: bytes) -> None:
    if stream == machine.addresses.get("*stderr", -1):
        machine.errors += text
    else:
        machine.output += text


def print_formatted(arguments: Arguments) -> int:
    text = format_text(arguments.machine, arguments.machine.memory.string(arguments.pointer()), arguments)
    arguments.machine.output += text
    return len(text)


def file_print(arguments: Arguments) -> int:
    stream = arguments.pointer()
    text = format_text(arguments.machine, arguments.machine.memory.string(arguments.pointer()), arguments)
    write_stream(arguments.machine, stream, text)
    return len(text)


def list_print(arguments: Arguments) -> int:
    template = arguments.machine.memory.string(arguments.pointer())
    text = format_text(arguments.machine, template, list_arguments(arguments))
    arguments.machine.output += text
    return len(text)


def file_list_print(arguments: Arguments) -> int:
    stream = arguments.pointer()
    template = arguments.machine.memory.string(arguments.pointer())
    text = format_text(arguments.machine, template, list_arguments(arguments))
    write_stream(arguments.machine, stream, text)
    return len(text)


def store_limited(arguments: Arguments, place: int, limit: int, text: bytes) -> int:
    if limit > 0:
        arguments.machine.memory.write(place, text[: limit - 1] + b"\0")
    return len(text)


def string_print(arguments: Arguments) -> int:
    place = arguments.pointer()
    text = format_text(arguments.machine, arguments.machine.memory.string(arguments.pointer()), arguments)
    arguments.machine.memory.write(place, text + b"\0")
    return len(text)


def limited_print(arguments: Arguments) -> int:
    place = arguments.pointer()
    limit = arguments.pointer()
    text = format_text(arguments.machine, arguments.machine.memory.string(arguments.pointer()), arguments)
    return store_limited(arguments, place, limit, text)


def string_list_print(arguments: Arguments) -> int:
    place = arguments.pointer()
    template = arguments.machine.memory.string(arguments.pointer())
    text = format_text(arguments.machine, template, list_arguments(arguments))
    arguments.machine.memory.write(place, text + b"\0")
    return len(text)


def limited_list_print(arguments: Arguments) -> int:
    place = arguments.pointer()
    limit = arguments.pointer()
    template = arguments.machine.memory.string(arguments.pointer())
    return store_limited(arguments, place, limit, format_text(arguments.machine, template, list_arguments(arguments)))


def put_line(arguments: Arguments) -> int:
    arguments.machine.output += arguments.machine.memory.string(arguments.pointer()) + b"\n"
    return 1


def put_character(arguments: Arguments) -> int:
    character = arguments.unsigned(4) & 255
    arguments.machine.output.append(character)
    return character


def file_put_character(arguments: Arguments) -> int:
    character = arguments.unsigned(4) & 255
    write_stream(arguments.machine, arguments.pointer(), bytes([character]))
    return character


def file_put_string(arguments: Arguments) -> int:
    text = arguments.machine.memory.string(arguments.pointer())
    write_stream(arguments.machine, arguments.pointer(), text)
    return 1


def file_write(arguments: Arguments) -> int:
    place = arguments.pointer()
    size = arguments.pointer()
    count = arguments.pointer()
    write_stream(arguments.machine, arguments.pointer(), arguments.machine.memory.read(place, size * count))
    return count


def do_nothing(arguments: Arguments) -> int:
    return 0


# ---- memory and strings


def allocate(arguments: Arguments) -> int:
    return heap_block(arguments, arguments.pointer(), 16)


def heap_block(arguments: Arguments, size: int, alignment: int) -> int:
    if size > 1 << 30:
        return 0
    place = arguments.machine.memory.allocate(max(size, 1), alignment)
    arguments.machine.memory.sizes[place] = size
    return place


def allocate_cleared(arguments: Arguments) -> int:
    count = arguments.pointer()
    return heap_block(arguments, count * arguments.pointer(), 16)


def allocate_aligned(arguments: Arguments) -> int:
    alignment = arguments.pointer()
    return heap_block(arguments, arguments.pointer(), alignment)


def reallocate(arguments: Arguments) -> int:
    old = arguments.pointer()
    size = arguments.pointer()
    place = heap_block(arguments, size, 16)
    memory = arguments.machine.memory
    if old:
        memory.write(place, memory.read(old, min(size, memory.sizes.get(old, 0))))
        memory.release(old)
        memory.sizes.pop(old, None)
    return place


def release(arguments: Arguments) -> int:
    place = arguments.pointer()
    memory = arguments.machine.memory
    if place:
        if place not in memory.sizes:
            raise UndefinedBehaviour("free() of what malloc() did not give")
        del memory.sizes[place]
        memory.release(place)
    return 0


def copy_memory(arguments: Arguments) -> int:
    destination = arguments.pointer()
    source = arguments.pointer()
    size = arguments.pointer()
    if size:
        arguments.machine.memory.write(destination, arguments.machine.memory.read(source, size))
    return destination


def copy_memory_end(arguments: Arguments) -> int:
    destination = arguments.pointer()
    source = arguments.pointer()
    size = arguments.pointer()
    arguments.machine.memory.write(destination, arguments.machine.memory.read(source, size))
    return destination + size


def fill_memory(arguments: Arguments) -> int:
    destination = arguments.pointer()
    byte = arguments.unsigned(4) & 255
    size = arguments.pointer()
    if size:
        arguments.machine.memory.write(destination, bytes([byte]) * size)
    return destination


def sign_of(x: bytes, y: bytes) -> int:
    return (x > y) - (x < y)


def compare_memory(arguments: Arguments) -> int:
    memory = arguments.machine.memory
    left = arguments.pointer()
    right = arguments.pointer()
    size = arguments.pointer()
    return sign_of(memory.read(left, size), memory.read(right, size)) if size else 0


def find_in_memory(arguments: Arguments) -> int:
    place = arguments.pointer()
    byte = arguments.unsigned(4) & 255
    found = arguments.machine.memory.read(place, arguments.pointer()).find(byte)
    return place + found if found >= 0 else 0


def string_length(arguments: Arguments) -> int:
    return len(arguments.machine.memory.string(arguments.pointer()))


def copy_string(arguments: Arguments) -> int:
    destination = arguments.pointer()
    text = arguments.machine.memory.string(arguments.pointer())
    arguments.machine.memory.write(destination, text + b"\0")
    return destination


def copy_limited_string(arguments: Arguments) -> int:
    destination = arguments.pointer()
    text = arguments.machine.memory.string(arguments.pointer())
    size = arguments.pointer()
    arguments.machine.memory.write(destination, text[:size].ljust(size, b"\0"))
    return destination


def append_string(arguments: Arguments) -> int:
    destination = arguments.pointer()
    text = arguments.machine.memory.string(arguments.pointer())
    end = destination + len(arguments.machine.memory.string(destination))
    arguments.machine.memory.write(end, text + b"\0")
    return destination


def append_limited_string(arguments: Arguments) -> int:
    destination = arguments.pointer()
    text = arguments.machine.memory.string(arguments.pointer())[: arguments.pointer()]
    end = destination + len(arguments.machine.memory.string(destination))
    arguments.machine.memory.write(end, text + b"\0")
    return destination


def compare_strings(arguments: Arguments) -> int:
    memory = arguments.machine.memory
    left = memory.string(arguments.pointer())
    return sign_of(left, memory.string(arguments.pointer()))


def compare_limited_strings(arguments: Arguments) -> int:
    memory = arguments.machine.memory
    left = arguments.pointer()
    right = arguments.pointer()
    size = arguments.pointer()
    return sign_of(limited(memory.data, left, size), limited(memory.data, right, size))


def limited(data: bytearray, place: int, size: int) -> bytes:
    from ourocc.ir.memory import BASE

    text = bytes(data[place - BASE : place - BASE + size])
    end = text.find(b"\0")
    return text if end < 0 else text[:end]


def find_character(arguments: Arguments) -> int:
    place = arguments.pointer()
    found = (arguments.machine.memory.string(place) + b"\0").find(arguments.unsigned(4) & 255)
    return place + found if found >= 0 else 0


def find_last_character(arguments: Arguments) -> int:
    place = arguments.pointer()
    found = (arguments.machine.memory.string(place) + b"\0").rfind(arguments.unsigned(4) & 255)
    return place + found if found >= 0 else 0


def find_string(arguments: Arguments) -> int:
    place = arguments.pointer()
    text = arguments.machine.memory.string(place)
    found = text.find(arguments.machine.memory.string(arguments.pointer()))
    return place + found if found >= 0 else 0


def duplicate_string(arguments: Arguments) -> int:
    text = arguments.machine.memory.string(arguments.pointer()) + b"\0"
    place = heap_block(arguments, len(text), 16)
    arguments.machine.memory.write(place, text)
    return place


def to_integer(arguments: Arguments) -> int:
    """atoi and atol."""
    text = arguments.machine.memory.string(arguments.pointer()).decode("latin-1").lstrip()
    digits = ""
    for index, letter in enumerate(text):
        if not letter.isdigit() and not (index == 0 and letter in "+-"):
            break
        digits += letter
    return int(digits) if digits.strip("+-") else 0


# ---- the rest


def leave(arguments: Arguments) -> int:
    from ourocc.ir.interpreter import ProgramExit

    raise ProgramExit(arguments.signed(4))


def abort(arguments: Arguments) -> int:
    from ourocc.ir.interpreter import ProgramExit

    raise ProgramExit(134)


def absolute(arguments: Arguments) -> int:
    return abs(arguments.signed(4))


def long_absolute(arguments: Arguments) -> int:
    return abs(arguments.signed(8))


def is_letter(arguments: Arguments) -> int:
    return int(bytes([arguments.unsigned(4) & 255]).isalpha())


def is_digit(arguments: Arguments) -> int:
    return int(bytes([arguments.unsigned(4) & 255]).isdigit())


def is_space(arguments: Arguments) -> int:
    return int(bytes([arguments.unsigned(4) & 255]) in b" \t\n\v\f\r")


def to_upper(arguments: Arguments) -> int:
    return bytes([arguments.unsigned(4) & 255]).upper()[0]


def to_lower(arguments: Arguments) -> int:
    return bytes([arguments.unsigned(4) & 255]).lower()[0]


def next_random(arguments: Arguments) -> int:
    state = arguments.machine.state.get("rand", 1)
    state = (state * 1103515245 + 12345) & 0x7FFFFFFF
    arguments.machine.state["rand"] = state
    return state >> 1


def sort(arguments: Arguments) -> int:
    """qsort: insertion into a sorted list, by calling the program's function."""
    base = arguments.pointer()
    count = arguments.pointer()
    size = arguments.pointer()
    function = arguments.pointer()
    machine = arguments.machine
    scratch = machine.memory.allocate(2 * size, 16)
    items = [machine.memory.read(base + index * size, size) for index in range(count)]
    ordered: list[bytes] = []
    for item in items:
        low = 0
        high = len(ordered)
        while low < high:
            middle = (low + high) // 2
            machine.memory.write(scratch, item)
            machine.memory.write(scratch + size, ordered[middle])
            if call_back(machine, function, scratch, scratch + size) < 0:
                high = middle
            else:
                low = middle + 1
        ordered.insert(low, item)
    for index, item in enumerate(ordered):
        machine.memory.write(base + index * size, item)
    return 0


def call_back(machine: "Interpreter", address: int, first: int, second: int) -> int:
    from ourocc.ir.interpreter import Registers

    registers = Registers()
    order = INTEGER_REGISTERS[machine.target]
    registers.values[order[0]] = first
    registers.values[order[1]] = second
    symbol = machine.functions.get(address)
    if symbol is None:
        raise UndefinedBehaviour("call of no function")
    found = machine.call_symbol(symbol, registers)[0]
    number = found if isinstance(found, int) else 0
    number &= 0xFFFFFFFF
    return number - (1 << 32) if number >> 31 else number


INTEGER_FUNCTIONS: Final[dict[str, Callable[[Arguments], int]]] = {
    "printf": print_formatted, "fprintf": file_print, "vprintf": list_print, "vfprintf": file_list_print,
    "sprintf": string_print, "snprintf": limited_print, "vsprintf": string_list_print,
    "vsnprintf": limited_list_print, "puts": put_line, "putchar": put_character, "putc": file_put_character,
    "fputc": file_put_character, "_IO_putc": file_put_character, "fputs": file_put_string, "fwrite": file_write,
    "fflush": do_nothing, "setvbuf": do_nothing, "setbuf": do_nothing, "signal": do_nothing, "srand": do_nothing,
    "atexit": do_nothing, "malloc": allocate, "calloc": allocate_cleared, "realloc": reallocate, "free": release,
    "aligned_alloc": allocate_aligned, "memalign": allocate_aligned, "memcpy": copy_memory, "memmove": copy_memory,
    "mempcpy": copy_memory_end, "memset": fill_memory, "memcmp": compare_memory, "bcmp": compare_memory,
    "memchr": find_in_memory, "strlen": string_length, "strcpy": copy_string, "strncpy": copy_limited_string,
    "strcat": append_string, "strncat": append_limited_string, "strcmp": compare_strings,
    "strncmp": compare_limited_strings, "strchr": find_character, "index": find_character,
    "strrchr": find_last_character, "rindex": find_last_character, "strstr": find_string, "strdup": duplicate_string,
    "atoi": to_integer, "atol": to_integer, "exit": leave, "_exit": leave, "abort": abort, "__assert_fail": abort,
    "abs": absolute, "labs": long_absolute, "llabs": long_absolute, "isalpha": is_letter, "isdigit": is_digit,
    "isspace": is_space, "toupper": to_upper, "tolower": to_lower, "rand": next_random, "random": next_random,
    "qsort": sort,
}  # fmt: skip

REAL_FUNCTIONS: Final[dict[str, Callable[[float], float]]] = {
    "sqrt": math.sqrt, "sin": math.sin, "cos": math.cos, "tan": math.tan, "exp": math.exp, "log": math.log,
    "floor": math.floor, "ceil": math.ceil, "fabs": math.fabs, "atan": math.atan, "asin": math.asin,
    "acos": math.acos, "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh, "log10": math.log10,
    "log2": math.log2, "trunc": math.trunc,
}  # fmt: skip
REAL_FUNCTIONS_2: Final[dict[str, Callable[[float, float], float]]] = {
    "pow": math.pow, "fmod": math.fmod, "atan2": math.atan2, "hypot": math.hypot, "copysign": math.copysign,
}  # fmt: skip


def call_external(machine: "Interpreter", name: str, registers: "Registers") -> "list[Number]":
    """Run a library function; its result pieces."""
    from ourocc.ir.interpreter import Unsupported

    arguments = Arguments(machine, registers)
    function = INTEGER_FUNCTIONS.get(name)
    if function is not None:
        return [function(arguments)]
    real = REAL_FUNCTIONS.get(name)
    if real is not None:
        return [double_bits(float(real(arguments.double())))]
    real_2 = REAL_FUNCTIONS_2.get(name)
    if real_2 is not None:
        first = arguments.double()
        return [double_bits(real_2(first, arguments.double()))]
    if name.endswith("f"):
        real = REAL_FUNCTIONS.get(name[:-1])
        if real is not None:
            return [int.from_bytes(struct.pack("<f", float(real(arguments.single()))), "little")]
        real_2 = REAL_FUNCTIONS_2.get(name[:-1])
        if real_2 is not None:
            first = arguments.single()
            return [int.from_bytes(struct.pack("<f", real_2(first, arguments.single())), "little")]
    if name in ("__divdc3", "__muldc3", "__divsc3", "__mulsc3"):
        return complex_helper(name, arguments)
    raise Unsupported(f"external function {name}")


def complex_helper(name: str, arguments: Arguments) -> "list[Number]":
    numbers: list[float] = []
    for _ in range(4):
        numbers.append(arguments.double() if name.endswith("dc3") else arguments.single())
    left = complex(numbers[0], numbers[1])
    right = complex(numbers[2], numbers[3])
    result = left / right if name.startswith("__div") else left * right
    if name.endswith("dc3"):
        return [double_bits(result.real), double_bits(result.imag)]
    packed = struct.pack("<ff", result.real, result.imag)
    if arguments.machine.target == "x86":  # both in xmm0
        return [int.from_bytes(packed, "little")]
    return [int.from_bytes(packed[:4], "little"), int.from_bytes(packed[4:], "little")]


def double_bits(value: float) -> int:
    return int.from_bytes(struct.pack("<d", value), "little")


def external_object(machine: "Interpreter", name: str) -> int:
    """An object of the library: the standard streams, else zeros."""
    place = machine.memory.allocate(64, 16)
    if name in ("stdout", "stderr", "stdin"):
        stream = machine.memory.allocate(8, 8)
        machine.memory.write_integer(place, stream, 8)
        machine.addresses["*" + name] = stream
    return place


