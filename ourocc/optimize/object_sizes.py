"""`__builtin_object_size` gets its answer: the bytes that are left in the object behind a pointer.

    v2 = ptradd v1, 4 (v1 = alloca 16);  v3 = object_size v2      =>      v3 = const.i64 #12

Kinds 0 and 1 want an upper bound, -1 when there is none; kinds 2 and 3 a lower bound, 0 when there is none.  A pointer that is one
of several has the largest of their sizes, or the smallest.  Before inlining only what is known for certain is answered.
Parts of objects (kinds 1 and 3) are known to semantics; here an upper bound of the whole object bounds its parts too.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir.function import Function, Value

UNKNOWN: Final = -1
MAXIMUM_VALUES: Final = 64  # phis, selects and sums to look through

# Allocating functions: which arguments multiplied give the size
ALLOCATORS: Final[dict[str, tuple[int, ...]]] = {
    "malloc": (0,),
    "calloc": (0, 1),
    "realloc": (1,),
    "aligned_alloc": (1,),
    "memalign": (1,),
}
# Functions that return their first argument
PASSING: Final = (
    "memcpy", "memmove", "memset", "strcpy", "strncpy", "strcat", "strncat", "__memcpy_chk", "__memmove_chk",
    "__memset_chk", "__strcpy_chk", "__strncpy_chk", "__strcat_chk", "__strncat_chk",
)  # fmt: skip


def run(function: Function) -> bool:
    """Before inlining: a pointer that may become better known stays a question."""
    return _answer(function, False)


def finish(function: Function) -> bool:
    """After it: whatever can be known."""
    return _answer(function, True)


def unknown(question: Value) -> int:
    """The answer where nothing is known."""
    return 0 if question.imm >= 2 else UNKNOWN


def _answer(function: Function, all: bool) -> bool:
    changed = False
    for block in function.blocks:
        for value in block.values:
            if value.op == op.OBJECT_SIZE:
                smallest = value.imm >= 2
                size = UNKNOWN if value.imm == 3 else Search(smallest).size_behind(value.args[0])
                if size != UNKNOWN or all:
                    value.become_constant(unknown(value) if size == UNKNOWN else size)
                    changed = True
    return changed


@final
class Search:
    """Follows a pointer back to all objects into which it may point."""

    def __init__(self, smallest: bool) -> None:
        self.smallest = smallest
        self.offsets: dict[int, int] = {}  # of phis and selects, by id
        self.work: list[tuple[Value, int]] = []

    def size_behind(self, pointer: Value) -> int:
        self.work = [(pointer, 0)]
        result = UNKNOWN
        while self.work:
            value, offset = self.work.pop()
            if not self.follow(value, offset):
                whole = _whole_size(value)
                if value.op == op.ADDRESS:
                    offset += value.imm
                if whole == UNKNOWN or len(self.offsets) > MAXIMUM_VALUES:
                    return UNKNOWN
                size = whole - offset if 0 <= offset <= whole else 0
                if result == UNKNOWN:
                    result = size
                else:
                    result = min(result, size) if self.smallest else max(result, size)
        return result

    def follow(self, value: Value, offset: int) -> bool:
        """Put what the value comes from on the list; False for the start of an object, or for what is not known."""
        if value.op == op.COPY:
            self.work.append((value.args[0], offset))
            return True
        if value.op == op.PTRADD:
            step = value.args[1]
            while step.op == op.COPY:
                step = step.args[0]
            if step.op != op.CONST:
                return False
            self.work.append((value.args[0], offset + step.imm))
            return True
        if value.op == op.CALL and value.symbol is not None and value.args and value.symbol.name in PASSING:
            self.work.append((value.args[0], offset))
            return True
        if value.op not in (op.PHI, op.SELECT):
            return False
        known = self.offsets.get(value.id)
        if known is not None:
            # A loop that moves the pointer: on makes less of the object, back is not bounded
            return offset >= known if not self.smallest else offset == known
        if len(self.offsets) > MAXIMUM_VALUES:
            return False
        self.offsets[value.id] = offset
        for argument in value.args if value.op == op.PHI else value.args[1:]:
            self.work.append((argument, offset))
        return True


def _whole_size(value: Value) -> int:
    """The size of the object that starts at the pointer."""
    if value.op == op.ALLOCA:
        return value.imm
    if value.op == op.DYNAMIC_ALLOCA and value.args[0].op == op.CONST:
        return value.args[0].imm
    symbol = value.symbol
    if symbol is None:
        return UNKNOWN
    if value.op == op.ADDRESS and not symbol.is_function and symbol.size > 0 and not symbol.open_ended:
        return symbol.size
    if value.op == op.CALL:
        indices: list[int] = symbol.alloc_size
        if not indices and symbol.function is None:
            indices = list(ALLOCATORS.get(symbol.name, ()))
        if not indices:
            return UNKNOWN
        size = 1
        for index in indices:
            if not 0 <= index or index >= len(value.args) or value.args[index].op != op.CONST:
                return UNKNOWN
            size *= value.args[index].imm
        return size if 0 <= size < 1 << 62 else UNKNOWN
    return UNKNOWN
