"""Jumps across frames: __builtin_setjmp, __builtin_longjmp, goto out of a nested function.

A buffer holds the frame pointer, the address where to go on, and the stack pointer, in this order (GCC's layout).  The
place that saves is an `asm goto` that claims to destroy every register: whatever is live at the receiver is in the frame.
Functions that save are not promoted to SSA (Function.calls_setjmp) and keep a frame pointer.
"""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import ASM_INPUT, AsmInfo, Block, Value, add_edge
from ourocc.lower.context import FunctionContext


def save(context: FunctionContext, buffer: Value, receiver: Block) -> None:
    """Fill the buffer; a jump through it arrives at `receiver`.  The current block ends, a new one begins."""
    code = context.unit.abi.frame_jump
    info = AsmInfo(code.save)
    info.volatile = True
    info.label_count = 1
    info.clobbers = code.clobbers
    describe_input(info, code.constraint, code.register)
    builder = context.builder
    following = builder.new_block()
    block = builder.block
    terminator = builder.terminate(op.ASM_GOTO)
    terminator.asm = info
    terminator.add_argument(buffer)
    add_edge(block, following)
    add_edge(block, receiver)
    receiver.address_taken = True
    builder.start(following)
    context.function.calls_setjmp = True
    context.function.needs_frame_pointer = True


def describe_input(info: AsmInfo, constraint: str, register: str) -> None:
    info.constraints.append(constraint)
    info.operand_kinds.append(ASM_INPUT)
    info.operand_values.append(0)
    info.operand_types.append(ty.PTR)
    info.registers.append(register)


def jump(context: FunctionContext, buffer: Value) -> None:
    """Restore frame and stack pointer from the buffer and go where it says; what follows is dead."""
    code = context.unit.abi.frame_jump
    info = AsmInfo(code.restore)
    info.volatile = True
    info.clobbers = ["memory"]
    describe_input(info, code.constraint, code.register)
    emitted = context.builder.emit(op.ASM, ty.VOID)
    emitted.asm = info
    emitted.add_argument(buffer)
    context.builder.unreachable()
    context.revive()


def setjmp(context: FunctionContext, buffer: Value) -> Value:
    """__builtin_setjmp: 0 now, 1 when somebody jumps back."""
    builder = context.builder
    receiver = builder.new_block()
    done = builder.new_block()
    save(context, buffer, receiver)
    zero = builder.const(0, ty.I32)
    builder.jump(done)
    builder.start(receiver)
    one = builder.const(1, ty.I32)
    builder.jump(done)
    builder.start(done)
    return builder.phi(ty.I32, [zero, one])
