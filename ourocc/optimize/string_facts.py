"""What is known of the strings and objects that a pointer leads to: their bytes, their lengths."""

from ourocc.ir import operations as op
from ourocc.ir.function import Value
from ourocc.optimize.constant_memory import bytes_at, object_at


def is_constant(value: Value, number: int) -> bool:
    return value.op == op.CONST and value.imm == number


def is_read_only(pointer: Value) -> bool:
    found = object_at(pointer)
    return found is not None and found[0].read_only


def string_at(pointer: Value) -> bytes | None:
    """The constant string at `pointer`, without its terminator."""
    contents = bytes_at(pointer)
    if contents is None:
        return None
    end = contents.find(b"\0")
    return contents[:end] if end >= 0 else None


def strings_at(pointer: Value) -> list[bytes]:
    """All constant strings that `pointer` may be, through phis and selects; [] where it may be something else."""
    found: list[bytes] = []
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
            return []
        if value.op == op.PHI:
            work += value.args
        elif value.op == op.SELECT:
            work += value.args[1:]
        else:
            text = string_at(value)
            if text is None:
                return []
            found.append(text)
    return found


def length_at(pointer: Value) -> int:
    """strlen of a constant string, or of whichever of several equally long ones; -1: unknown."""
    lengths = {len(text) for text in strings_at(pointer)}
    return lengths.pop() if len(lengths) == 1 else -1


def longest_at(pointer: Value) -> int:
    """An upper bound of strlen(pointer): the longest of the constant strings it may be; -1: unknown."""
    longest = -1
    for text in strings_at(pointer):
        longest = max(longest, len(text))
    return longest


def sign(x: bytes, y: bytes) -> int:
    return (x > y) - (x < y)
