"""Jumps across frames: __builtin_setjmp, __builtin_longjmp, goto out of a nested function.

A buffer holds the frame pointer, the address where to go on, and the stack pointer, in this order (GCC's layout).  The
place that saves is an `asm goto` that claims to destroy every register: whatever is live at the receiver is in the frame.
Functions that save are not promoted to SSA (Function.calls_setjmp) and keep a frame pointer.
"""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import ASM_INPUT, AsmInfo, Block, Value, add_edge
from ourocc.lower.context import FunctionContext

# target -> (register of the buffer, code that saves, code that jumps, registers destroyed)
X86_CLOBBERS: Final = (
    "rax rbx rcx rsi rdi r8 r9 r10 r11 r12 r13 r14 r15 xmm0 xmm1 xmm2 xmm3 xmm4 xmm5 xmm6 xmm7 xmm8 xmm9 xmm10 xmm11 "
    "xmm12 xmm13 xmm14 xmm15 memory cc"
)
RISCV_CLOBBERS: Final = (
    "ra t0 t1 t2 t3 t4 t5 t6 a1 a2 a3 a4 a5 a6 a7 s1 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 "
    "ft8 ft9 ft10 ft11 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs0 fs1 fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 memory"
)
CODE: Final = {
    "x86_64": (
        "d", "rdx",
        "movq %%rbp, 0(%0)\n\tmovq %%rsp, 16(%0)\n\tleaq %l1(%%rip), %%rax\n\tmovq %%rax, 8(%0)",
        "movq 0(%0), %%rbp\n\tmovq 16(%0), %%rsp\n\tjmp *8(%0)",
        X86_CLOBBERS,
    ),
    "riscv64": (
        "r", "a0",
        "sd s0, 0(%0)\n\tsd sp, 16(%0)\n\tlla t0, %l1\n\tsd t0, 8(%0)",
        "ld s0, 0(%0)\n\tld sp, 16(%0)\n\tld t0, 8(%0)\n\tjr t0",
        RISCV_CLOBBERS,
    ),
}  # fmt: skip


def code_of(context: FunctionContext) -> tuple[str, str, str, str, str]:
    return CODE["riscv64" if context.unit.data_model.target.startswith("riscv") else "x86_64"]


def save(context: FunctionContext, buffer: Value, receiver: Block) -> None:
    """Fill the buffer; a jump through it arrives at `receiver`.  The current block ends, a new one begins."""
    constraint, register, template, _, clobbers = code_of(context)
    info = AsmInfo(template)
    info.volatile = True
    info.label_count = 1
    info.clobbers = clobbers.split(" ")
    describe_input(info, constraint, register)
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
    constraint, register, _, template, _ = code_of(context)
    info = AsmInfo(template)
    info.volatile = True
    info.clobbers = ["memory"]
    describe_input(info, constraint, register)
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
