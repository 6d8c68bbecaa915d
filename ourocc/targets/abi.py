"""What a calling convention tells lowering: where each argument and result travels, how `va_list` works.

In: C types.  Out: a `CallLayout` of IR pieces.  Each target has `targets/<t>/abi.py` with a subclass of `Abi`; nothing
above this file knows registers.  A C argument is one of:
- DIRECT: cut into pieces, each one scalar IR value in a register or a stack slot;
- BYVAL: the object's bytes are copied into the stack argument area;
- BY_REFERENCE: the caller makes a copy and passes its address (one piece);
- IGNORE: nothing travels (empty records).
Integers narrower than `int` travel as an i32 piece, extended by the caller by their own signedness.
"""

from typing import Final, final

from ourocc.ir import types as ty
from ourocc.ir.builder import Builder
from ourocc.ir.function import ON_STACK, PieceLocation, Value
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type

DIRECT: Final = 0
BYVAL: Final = 1
BY_REFERENCE: Final = 2
IGNORE: Final = 3


@final
class Piece:
    """One scalar of an argument or result: its IR type, where it stands in the object, where it travels.

    `valid` is the number of the object's bytes that the piece covers; a record of 3 bytes is an i32 piece with 3."""

    def __init__(self, type: int, offset: int, valid: int, location: PieceLocation) -> None:
        self.type = type
        self.offset = offset
        self.valid = valid
        self.location = location


@final
class ArgumentLayout:
    """How one C argument, or the result, travels."""

    def __init__(self, kind: int, size: int, alignment: int) -> None:
        self.kind = kind
        self.size = size
        self.alignment = alignment
        self.pieces: list[Piece] = []
        self.stack_offset = 0  # BYVAL: where the bytes stand in the stack argument area


@final
class CallLayout:
    """The whole call.  `sret` is set when the result is written through a hidden pointer passed there."""

    def __init__(self) -> None:
        self.result = ArgumentLayout(IGNORE, 0, 1)
        self.arguments: list[ArgumentLayout] = []
        self.sret: PieceLocation | None = None
        self.sret_result: PieceLocation | None = None  # where the callee hands the hidden pointer back
        self.stack_size = 0
        self.stack_alignment = 16
        self.va_info = 0  # Function.va_info of a definition with this layout
        self.vector_registers = 0  # CallInfo.vector_registers


@final
class FrameJump:
    """Assembly text of jumps across frames: `save` fills the buffer %0 with frame pointer, address of label %l1 and stack
    pointer, `restore` goes where it says.  The buffer is in `register`, which `clobbers`, all others, leaves out."""

    def __init__(self, constraint: str, register: str, save: str, restore: str, clobbers: str) -> None:
        self.constraint = constraint
        self.register = register
        self.save = save
        self.restore = restore
        self.clobbers = clobbers.split(" ")


class Abi:
    """A target's calling convention.  Subclasses are final and override everything."""

    def __init__(self, long_double: int) -> None:
        self.long_double = long_double  # IR type of long double
        self.pointer_size = 8
        self.vector_bytes = 0  # size of the vectors that live in one IR value; others live in memory
        # for calls without types: every register that may hold (a part of) an argument or a result, as its widest type
        self.argument_registers: list[PieceLocation] = []
        self.result_registers: list[PieceLocation] = []
        self.static_chain = 0  # register number of the hidden argument of nested functions
        self.va_list_is_array = False
        self.frame_jump = FrameJump("", "", "", "", "")

    def classify_call(self, result: Type, arguments: list[Type], named_count: int, variadic: bool) -> CallLayout:
        """`named_count` of `arguments` match the prototype; the rest are variable arguments."""
        raise NotImplementedError

    def va_start(self, builder: Builder, layout: CallLayout, pointer: Value) -> None:
        """Initialize the va_list object at `pointer`, in a variadic function defined with `layout`."""
        raise NotImplementedError

    def va_arg(self, builder: Builder, type: Type, pointer: Value) -> Value:
        """Step the va_list at `pointer`; the address of the next argument, of `type` (promoted)."""
        raise NotImplementedError

    def va_copy(self, builder: Builder, destination: Value, source: Value) -> None:
        """Copy the va_list object at `source`."""
        raise NotImplementedError

    def asm_immediate(self, letter: str, value: int) -> int:
        """Inline assembly: 1 when constraint `letter` accepts the constant, 0 when not, -1: no immediate letter."""
        raise NotImplementedError

    def write_trampoline(self, builder: Builder, place: Value, function: Value, chain: Value) -> None:
        """Store code at `place` (trampoline_size bytes) that enters `function` with the static chain set."""
        raise NotImplementedError

    def trampoline_size(self) -> int:
        raise NotImplementedError

    def ir_type(self, type: Type) -> int:
        """The IR type of a scalar C type's value: integers (bool is i8), pointers, real floating types."""
        kind = type.kind
        if kind == ct.ENUM and type.underlying is not None:
            return self.ir_type(type.underlying)
        if kind == ct.POINTER or kind == ct.NULLPTR or kind == ct.ARRAY or kind == ct.FUNCTION:
            return ty.PTR
        if kind == ct.FLOAT:
            return ty.F32
        if kind == ct.DOUBLE:
            return ty.F64
        if kind == ct.LDOUBLE:
            return self.long_double
        if kind == ct.FLOAT16:
            return ty.F16
        if kind == ct.FLOAT128:
            return ty.F128
        return ty.integer_of_bits(type.size * 8)

    def vector_type(self, type: Type) -> int:
        """The IR vector type of a GNU vector type."""
        assert type.base is not None
        return ty.vector(self.ir_type(type.base), type.length)


def stack_piece(type: int, offset: int) -> PieceLocation:
    return PieceLocation(type, ON_STACK, offset)


def align_up(number: int, alignment: int) -> int:
    return (number + alignment - 1) & -alignment
