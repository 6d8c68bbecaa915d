"""The System V psABI of x86-64: classification of arguments and results (3.2.3), variable arguments (3.5.7).

`classify` cuts an object of at most 16 bytes into eightbytes and gives each a class; `Assigner` hands out registers.

The register save area, op `va_registers`: a variadic function's prologue reserves 176 bytes, aligned to 16, and stores
    offset   0  rdi     offset  48  xmm0 (16 bytes, movaps)
    offset   8  rsi     offset  64  xmm1
    offset  16  rdx     ...
    offset  24  rcx     offset 160  xmm7
    offset  32  r8
    offset  40  r9
The xmm registers are stored only when al is not 0 (`test al, al; je`); registers that hold named arguments need not be
stored: Function.va_info = named GPRs | named XMMs << 8.  The op's value is the address of that area.  Further variable
arguments stand at `stack_parameter` with imm = Function.stack_parameter_size.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.builder import Builder
from ourocc.ir.function import Block, PieceLocation, Value
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type
from ourocc.targets.abi import (
    BYVAL,
    DIRECT,
    IGNORE,
    Abi,
    ArgumentLayout,
    CallLayout,
    FrameJump,
    Piece,
    align_up,
    stack_piece,
)
from ourocc.targets.x86 import registers as reg

NO_CLASS: Final = 0
INTEGER: Final = 1
SSE: Final = 2
SSEUP: Final = 3
X87: Final = 4
X87UP: Final = 5
COMPLEX_X87: Final = 6
MEMORY: Final = 7

ARGUMENT_GPRS: Final = (reg.RDI, reg.RSI, reg.RDX, reg.RCX, reg.R8, reg.R9)
RESULT_GPRS: Final = (reg.RAX, reg.RDX)
GPR_AREA: Final = 48  # bytes of the save area before xmm0
SAVE_AREA: Final = 176

# struct __va_list_tag
GP_OFFSET: Final = 0
FP_OFFSET: Final = 4
OVERFLOW_AREA: Final = 8
REGISTER_AREA: Final = 16
VA_LIST_SIZE: Final = 24


def merge(x: int, y: int) -> int:
    """psABI 3.2.3, step 4 of the classification of aggregates."""
    if x == y or y == NO_CLASS:
        return x
    if x == NO_CLASS:
        return y
    if x == MEMORY or y == MEMORY:
        return MEMORY
    if x == INTEGER or y == INTEGER:
        return INTEGER
    if x >= X87 or y >= X87:
        return MEMORY
    return SSE


def _classify(type: Type, offset: int) -> list[int] | None:
    """The classes of the eightbytes that `type` touches when it starts `offset` (0..7) bytes into the first; None: memory.

    As in gcc, an aggregate inside of another is classified, and cleaned up, on its own first."""
    kind = type.kind
    if kind == ct.ARRAY:
        base = type.base
        assert base is not None
        words = (offset + type.size + 7) // 8
        if words == 0:
            return []
        inner = _classify(base, offset)  # of a zero-length array too: it may send the record to memory
        if inner is None:
            return None
        return [inner[index % len(inner)] if inner else NO_CLASS for index in range(words)]
    if kind == ct.STRUCT or kind == ct.UNION:
        return _classify_record(type, offset)
    if kind == ct.COMPLEX:
        part = type.base
        assert part is not None
        if offset % part.size or part.size == 16:
            return None
        word = SSE if part.is_floating() else INTEGER
        return [word] * ((offset + type.size + 7) // 8)
    if type.size == 0:
        return []
    if offset % min(natural_alignment(type), 8):
        return None
    return _scalar(type)


def _classify_record(type: Type, offset: int) -> list[int] | None:
    if type.size > 16:
        return None
    classes = [NO_CLASS] * ((offset + type.size + 7) // 8)
    for field in type.fields:
        place = offset + field.offset
        if field.bit_width >= 0:
            if field.bit_width == 0:
                continue
            if type.kind == ct.UNION:  # gcc looks at its machine mode: the smallest integer that holds it
                size = 1 << ((field.bit_width + 7) // 8 - 1).bit_length()
                if place % size:
                    return None
            first = place * 8 + field.bit_offset
            for index in range(first // 64, (first + field.bit_width - 1) // 64 + 1):
                classes[index] = merge(classes[index], INTEGER)
            continue
        if natural_alignment(field.type) == 16 and place % 16 and not field.type.is_aggregate():
            return None
        inner = _classify(field.type, place % 8)
        if inner is None:
            return None
        for index, value in enumerate(inner):
            if place // 8 + index < len(classes):
                classes[place // 8 + index] = merge(classes[place // 8 + index], value)
    return _clean(classes)


def _clean(classes: list[int]) -> list[int] | None:
    """The post-merger cleanup."""
    for index, value in enumerate(classes):
        if value == MEMORY:
            return None
        if value == X87UP and (index == 0 or classes[index - 1] != X87):
            return None
        if value == SSEUP and (index == 0 or classes[index - 1] not in (SSE, SSEUP)):
            classes[index] = SSE
    return classes


def natural_alignment(type: Type) -> int:
    """A scalar's own alignment, whatever a typedef's `aligned` says."""
    if type.kind == ct.VECTOR:
        return min(type.size, 16)
    return type.size


def _scalar(type: Type) -> list[int] | None:
    kind = type.kind
    if kind == ct.LDOUBLE:
        return [X87, X87UP]
    if kind == ct.FLOAT128:
        return [SSE, SSEUP]
    if type.is_floating():
        return [SSE]
    if kind == ct.VECTOR:
        if type.size > 16:
            return None
        if type.size == 16:
            return [SSE, SSEUP]
        return [INTEGER if type.size < 4 else SSE]
    return [INTEGER, INTEGER] if type.size == 16 else [INTEGER]


def classify(type: Type) -> list[int]:
    """The class of each eightbyte; [MEMORY] for objects that travel in memory, [] for empty ones."""
    size = type.size
    if size == 0:
        return []
    if type.kind == ct.COMPLEX and type.base is not None and type.base.kind == ct.LDOUBLE:
        return [COMPLEX_X87]
    if size > 16:
        return [MEMORY]
    classes = _classify(type, 0)
    return [MEMORY] if classes is None else classes


def _piece_type(value: int, valid: int) -> int:
    """The IR type of an eightbyte of which `valid` bytes belong to the object."""
    if value == SSE:
        return ty.F32 if valid == 4 else ty.F16 if valid == 2 else ty.F64
    return ty.I32 if valid <= 4 else ty.I64


@final
class Assigner:
    """Registers and stack slots, handed out from left to right."""

    def __init__(self) -> None:
        self.gprs = 0
        self.xmms = 0
        self.stack = 0
        self.alignment = 16  # of the whole area

    def stack_slot(self, size: int, alignment: int) -> int:
        self.stack = align_up(self.stack, max(alignment, 8))
        self.alignment = max(self.alignment, alignment)
        offset = self.stack
        self.stack += align_up(size, 8)
        return offset


@final
class X86Abi(Abi):
    """System V, 64 bits."""

    def __init__(self, long_double: int = ty.F80) -> None:
        super().__init__(long_double)
        self.vector_bytes = 16
        whole = ty.vector(ty.I64, 2)
        self.argument_registers = [PieceLocation(ty.I64, register, 0) for register in ARGUMENT_GPRS]
        self.argument_registers += [PieceLocation(whole, reg.XMM0 + number, 0) for number in range(8)]
        self.result_registers = [PieceLocation(ty.I64, register, 0) for register in RESULT_GPRS]
        self.result_registers += [PieceLocation(whole, reg.XMM0 + number, 0) for number in range(2)]
        self.static_chain = reg.R10
        self.frame_jump = FrameJump(
            "d",
            "rdx",
            "movq %%rbp, 0(%0)\n\tmovq %%rsp, 16(%0)\n\tleaq %l1(%%rip), %%rax\n\tmovq %%rax, 8(%0)",
            "movq 0(%0), %%rbp\n\tmovq 16(%0), %%rsp\n\tjmp *8(%0)",
            "rax rbx rcx rsi rdi r8 r9 r10 r11 r12 r13 r14 r15 xmm0 xmm1 xmm2 xmm3 xmm4 xmm5 xmm6 xmm7 xmm8 xmm9 xmm10 "
            "xmm11 xmm12 xmm13 xmm14 xmm15 memory cc",
        )
        self.va_list_is_array = True

    def scalar_piece_type(self, type: Type) -> int:
        """The IR type that a scalar travels as in one piece; 0 when it takes several (or is no scalar)."""
        if type.kind == ct.VECTOR:
            return self.vector_type(type) if type.size == 16 else 0
        if not type.is_scalar() or type.kind == ct.COMPLEX:
            return 0
        value = self.ir_type(type)
        if value == ty.I128:
            return 0
        return ty.I32 if value == ty.I8 or value == ty.I16 else value

    def pieces(self, type: Type, classes: list[int]) -> list[Piece]:
        """The object cut up, locations not yet assigned (register ON_STACK)."""
        whole = self.scalar_piece_type(type)
        if whole != 0:
            return [Piece(whole, 0, type.size, stack_piece(whole, 0))]
        found: list[Piece] = []
        for index, value in enumerate(classes):
            if value == NO_CLASS:  # padding only
                continue
            valid = min(8, type.size - 8 * index)
            if value == SSE and index + 1 < len(classes) and classes[index + 1] == SSEUP:
                kind = ty.vector(ty.I64, 2)
                found.append(Piece(kind, 0, 16, stack_piece(kind, 0)))
            elif value == X87:
                found.append(Piece(ty.F80, 8 * index, 16, stack_piece(ty.F80, 0)))
            elif value not in (SSEUP, X87UP):
                kind = _piece_type(value, valid)
                found.append(Piece(kind, 8 * index, valid, stack_piece(kind, 0)))
        return found

    def argument(self, type: Type, assigner: Assigner) -> ArgumentLayout:
        layout = ArgumentLayout(DIRECT, type.size, type.alignment)
        classes = classify(type)
        if not classes:
            layout.kind = IGNORE
            return layout
        pieces = [] if classes[0] in (MEMORY, COMPLEX_X87) else self.pieces(type, classes)
        gprs = 0
        xmms = 0
        for piece in pieces:
            if is_xmm(piece.type):
                xmms += 1
            else:
                gprs += 1
        memory = not pieces and classes[0] in (MEMORY, COMPLEX_X87)
        if memory or X87 in classes:
            return self.in_memory(type, layout, assigner)
        if assigner.gprs + gprs > 6 or assigner.xmms + xmms > 8:
            return self.in_memory(type, layout, assigner)
        for piece in pieces:
            if is_xmm(piece.type):
                piece.location.register = reg.XMM0 + assigner.xmms
                assigner.xmms += 1
            else:
                piece.location.register = ARGUMENT_GPRS[assigner.gprs]
                assigner.gprs += 1
        layout.pieces = pieces
        if not pieces:
            layout.kind = IGNORE
        return layout

    def in_memory(self, type: Type, layout: ArgumentLayout, assigner: Assigner) -> ArgumentLayout:
        """Scalars as pieces in stack slots, everything else by value."""
        alignment = type.alignment
        if type.is_scalar() and type.kind != ct.COMPLEX:
            alignment = natural_alignment(type)
        offset = assigner.stack_slot(type.size, alignment)
        whole = self.scalar_piece_type(type)
        if whole != 0:
            layout.pieces = [Piece(whole, 0, type.size, stack_piece(whole, offset))]
        elif type.size == 16 and type.is_integer():
            for part in (0, 8):
                layout.pieces.append(Piece(ty.I64, part, 8, stack_piece(ty.I64, offset + part)))
        else:
            layout.kind = BYVAL
            layout.stack_offset = offset
        return layout

    def result(self, type: Type, layout: CallLayout, assigner: Assigner) -> None:
        if type.kind == ct.VOID:
            return
        result = ArgumentLayout(DIRECT, type.size, type.alignment)
        layout.result = result
        classes = classify(type)
        if not classes:
            result.kind = IGNORE
            return
        if classes[0] == MEMORY:
            result.kind = IGNORE
            layout.sret = PieceLocation(ty.PTR, reg.RDI, 0)
            layout.sret_result = PieceLocation(ty.PTR, reg.RAX, 0)
            assigner.gprs = 1
            return
        if classes[0] == COMPLEX_X87:
            for index in range(2):
                result.pieces.append(Piece(ty.F80, 16 * index, 16, PieceLocation(ty.F80, reg.ST0 + index, 0)))
            return
        gprs = 0
        xmms = 0
        result.pieces = self.pieces(type, classes)
        for piece in result.pieces:
            if piece.type == ty.F80:
                piece.location.register = reg.ST0
            elif is_xmm(piece.type):
                piece.location.register = reg.XMM0 + xmms
                xmms += 1
            else:
                piece.location.register = RESULT_GPRS[gprs]
                gprs += 1
        if not result.pieces:
            result.kind = IGNORE

    def classify_call(self, result: Type, arguments: list[Type], named_count: int, variadic: bool) -> CallLayout:
        layout = CallLayout()
        assigner = Assigner()
        self.result(result, layout, assigner)
        for index, type in enumerate(arguments):
            layout.arguments.append(self.argument(type, assigner))
            if index + 1 == named_count:
                layout.va_info = assigner.gprs | assigner.xmms << 8
        if named_count == 0:
            layout.va_info = 1 if layout.sret is not None else 0
        layout.stack_size = align_up(assigner.stack, 8)
        layout.stack_alignment = assigner.alignment
        layout.vector_registers = assigner.xmms
        return layout

    # ---- variable arguments (psABI 3.5.7)

    def va_start(self, builder: Builder, layout: CallLayout, pointer: Value) -> None:
        gprs = layout.va_info & 255
        xmms = layout.va_info >> 8
        builder.store(pointer, builder.const(8 * gprs, ty.I32))
        builder.store(builder.ptradd(pointer, FP_OFFSET), builder.const(GPR_AREA + 16 * xmms, ty.I32))
        overflow = builder.emit(op.STACK_PARAMETER, ty.PTR)
        overflow.imm = layout.stack_size
        builder.store(builder.ptradd(pointer, OVERFLOW_AREA), overflow)
        area = builder.emit(op.VA_REGISTERS, ty.PTR)
        builder.store(builder.ptradd(pointer, REGISTER_AREA), area)

    def va_copy(self, builder: Builder, destination: Value, source: Value) -> None:
        size = builder.const(VA_LIST_SIZE, ty.I64)
        copied = builder.operation(op.MEMCPY, ty.VOID, [destination, source, size])
        copied.extra = 8

    def va_arg(self, builder: Builder, type: Type, pointer: Value) -> Value:
        classes = classify(type)
        pieces: list[Piece] = []
        if classes and classes[0] not in (MEMORY, COMPLEX_X87, X87):
            pieces = self.pieces(type, classes)
        if not pieces or X87 in classes:
            return self.va_arg_memory(builder, type, pointer)
        gprs = 0
        for piece in pieces:
            if not is_xmm(piece.type):
                gprs += 1
        xmms = len(pieces) - gprs
        in_registers = builder.new_block()
        in_memory = builder.new_block()
        done = builder.new_block()
        self.check_registers(builder, pointer, gprs, xmms, in_registers, in_memory)
        builder.start(in_registers)
        place = self.va_arg_registers(builder, type, pointer, pieces, gprs, xmms)
        builder.jump(done)
        builder.start(in_memory)
        stacked = self.va_arg_memory(builder, type, pointer)
        builder.jump(done)
        builder.start(done)
        return builder.phi(ty.PTR, [place, stacked])

    def check_registers(
        self, builder: Builder, pointer: Value, gprs: int, xmms: int, fits: Block, not_fits: Block
    ) -> None:
        """Branch on whether so many registers are left in the save area."""
        if gprs:
            used = builder.load(ty.I32, pointer)
            enough = builder.compare(op.ULE, used, builder.const(GPR_AREA - 8 * gprs, ty.I32))
            if not xmms:
                builder.branch(enough, fits, not_fits)
                return
            both = builder.new_block()
            builder.branch(enough, both, not_fits)
            builder.start(both)
        used = builder.load(ty.I32, builder.ptradd(pointer, FP_OFFSET))
        enough = builder.compare(op.ULE, used, builder.const(SAVE_AREA - 16 * xmms, ty.I32))
        builder.branch(enough, fits, not_fits)

    def va_arg_registers(
        self, builder: Builder, type: Type, pointer: Value, pieces: list[Piece], gprs: int, xmms: int
    ) -> Value:
        """The argument's address in the save area, or in a temporary when its pieces are not contiguous there."""
        area = builder.load(ty.PTR, builder.ptradd(pointer, REGISTER_AREA))
        integer: Value | None = None
        floating: Value | None = None
        if gprs:
            used = builder.load(ty.I32, pointer)
            integer = builder.binary(op.PTRADD, ty.PTR, area, builder.unary(op.ZEXT, ty.I64, used))
            builder.store(pointer, builder.binary(op.ADD, ty.I32, used, builder.const(8 * gprs, ty.I32)))
        if xmms:
            place = builder.ptradd(pointer, FP_OFFSET)
            used = builder.load(ty.I32, place)
            floating = builder.binary(op.PTRADD, ty.PTR, area, builder.unary(op.ZEXT, ty.I64, used))
            builder.store(place, builder.binary(op.ADD, ty.I32, used, builder.const(16 * xmms, ty.I32)))
        contiguous = pieces[0].offset == 0 and pieces[-1].offset == 8 * (len(pieces) - 1)
        if floating is None and contiguous and integer is not None and type.alignment <= 8:
            return integer
        if integer is None and xmms == 1 and pieces[0].offset == 0 and floating is not None and type.alignment <= 16:
            return floating
        last = pieces[-1]
        temporary = builder.alloca(align_up(max(type.size, last.offset + ty.size(last.type)), 8), max(type.alignment, 8))
        integer_offset = 0
        floating_offset = 0
        for piece in pieces:
            if is_xmm(piece.type):
                assert floating is not None
                loaded = builder.load(piece.type, builder.ptradd(floating, floating_offset))
                floating_offset += 16
            else:
                assert integer is not None
                loaded = builder.load(piece.type, builder.ptradd(integer, integer_offset))
                integer_offset += 8
            builder.store(builder.ptradd(temporary, piece.offset), loaded)
        return temporary

    def va_arg_memory(self, builder: Builder, type: Type, pointer: Value) -> Value:
        place = builder.ptradd(pointer, OVERFLOW_AREA)
        current = builder.load(ty.PTR, place)
        alignment = type.alignment
        if type.is_scalar() and type.kind != ct.COMPLEX:
            alignment = natural_alignment(type)
        if alignment > 8:
            number = builder.unary(op.BITCAST, ty.I64, current)
            number = builder.binary(op.ADD, ty.I64, number, builder.const(alignment - 1, ty.I64))
            number = builder.binary(op.AND, ty.I64, number, builder.const(-alignment, ty.I64))
            current = builder.unary(op.BITCAST, ty.PTR, number)
        builder.store(place, builder.ptradd(current, align_up(type.size, 8)))
        return current

    # ---- inline assembly and nested functions

    def asm_immediate(self, letter: str, value: int) -> int:
        """gcc's machine constraints of x86 (Intel 386 in its manual)."""
        ranges = {"I": (0, 31), "J": (0, 63), "K": (-128, 127), "M": (0, 3), "N": (0, 255)}
        if letter in ranges:
            low, high = ranges[letter]
            return 1 if low <= value <= high else 0
        if letter == "L":
            return 1 if value in (0xFF, 0xFFFF, 0xFFFFFFFF, -1) else 0
        if letter == "e":
            return 1 if -0x80000000 <= value <= 0x7FFFFFFF else 0
        if letter == "Z":
            return 1 if 0 <= value <= 0xFFFFFFFF else 0
        if letter in ("i", "n", "g", "X", "E", "F", "s"):
            return 1
        return -1

    def trampoline_size(self) -> int:
        return 24

    def write_trampoline(self, builder: Builder, place: Value, function: Value, chain: Value) -> None:
        """movabs $function, %r11; movabs $chain, %r10; jmp *%r11"""
        builder.store(place, builder.const(0xBB49, ty.I16))
        builder.store(builder.ptradd(place, 2), function, 1)
        builder.store(builder.ptradd(place, 10), builder.const(0xBA49, ty.I16))
        builder.store(builder.ptradd(place, 12), chain, 1)
        builder.store(builder.ptradd(place, 20), builder.const(0x90E3FF49, ty.I32))


def is_xmm(type: int) -> bool:
    """Does a piece of that type travel in an XMM register?"""
    return type > 255 or (ty.is_float(type) and type != ty.F80)


_X86 = X86Abi()


def classify_call(result: Type, arguments: list[Type], named_count: int, variadic: bool) -> CallLayout:
    """`X86Abi.classify_call` with the default long double."""
    return _X86.classify_call(result, arguments, named_count, variadic)
