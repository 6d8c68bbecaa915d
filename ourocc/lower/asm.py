"""Inline assembly (GNU extended asm): C operands become results, inputs, addresses and constants of one IR operation.

An operand whose constraint allows a register travels in one, unless it is a record; "m" operands are addresses.  Hidden
inputs of "+" register operands are appended, tied to their output.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import (
    ASM_IMMEDIATE,
    ASM_INPUT,
    ASM_MEMORY,
    ASM_OUTPUT,
    AsmInfo,
    Block,
    Value,
    add_edge,
)
from ourocc.lower import expressions, places, statements
from ourocc.lower.context import FunctionContext, PendingGoto
from ourocc.lower.conversions import is_unsigned, resize
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct

MODIFIERS: Final = "=+&%*?!#"
MEMORY_LETTERS: Final = "moVpA<>Q"


def alternatives(constraint: str) -> str:
    """All letters of all alternatives, without modifiers."""
    letters = ""
    for letter in constraint:
        if letter not in MODIFIERS and letter != "," and not letter.isspace():
            letters += letter
    return letters


def allows_register(context: FunctionContext, letters: str) -> bool:
    """Some letter names a register class (or a matching digit, or "g", "X")."""
    for letter in letters:
        if letter in "gX" or letter.isdigit():
            return True
        if letter not in MEMORY_LETTERS and letter not in "inEFs" and context.unit.abi.asm_immediate(letter, 0) < 0:
            return True
    return False


def allows_memory(letters: str) -> bool:
    for letter in letters:
        if letter in MEMORY_LETTERS or letter == "g" or letter == "X":
            return True
    return False


def allows_immediate(context: FunctionContext, letters: str, value: int, symbolic: bool) -> bool:
    for letter in letters:
        if symbolic:
            if letter in "isgX":
                return True
        elif context.unit.abi.asm_immediate(letter, value) == 1:
            return True
    return False


def register_name(expression: tt.Expression) -> str:
    """The register of a `register x asm("...")` variable behind a place or its value."""
    while isinstance(expression, tt.UnaryOperation) and expression.kind in (tt.LOAD, tt.CONVERT):
        expression = expression.operand
    if isinstance(expression, tt.VariableReference):
        return expression.variable.register_name
    return ""


@final
class Operands:
    """The AsmInfo under construction and the operation's arguments."""

    def __init__(self, info: AsmInfo) -> None:
        self.info = info
        self.arguments: list[Value] = []
        self.result_types: list[int] = []
        self.outputs: list[tuple[places.Place, int]] = []  # place and result number of register outputs
        self.memory: dict[int, Value] = {}  # operand number -> address, for matching constraints

    def add(self, constraint: str, kind: int, value: int, type: int, register: str) -> None:
        self.info.constraints.append(constraint)
        self.info.operand_kinds.append(kind)
        self.info.operand_values.append(value)
        self.info.operand_types.append(type)
        self.info.registers.append(register)

    def argument(self, value: Value) -> int:
        self.arguments.append(value)
        return len(self.arguments) - 1


def symbolic_name_indexes(node: tt.Asm) -> dict[str, int]:
    names: dict[str, int] = {}
    number = 0
    for operand in [*node.outputs, *node.inputs]:
        if operand.name:
            names[operand.name] = number
        number += 1
    plus = 0
    for operand in node.outputs:
        if "+" in operand.constraint:
            plus += 1
    for label in node.labels:
        names[label.name] = number + plus
        number += 1
    return names


def numbered(template: str, names: dict[str, int]) -> str:
    """%[name] and %x[name] as %k and %xk."""
    result = ""
    position = 0
    while position < len(template):
        letter = template[position]
        if letter == "%" and position + 1 < len(template):
            end = position + 1
            if template[end] == "%":
                result += "%%"
                position += 2
                continue
            while end < len(template) and template[end].isalpha():
                end += 1
            if end < len(template) and template[end] == "[":
                close = template.find("]", end)
                name = template[end + 1 : close]
                if close > 0 and name in names:
                    result += template[position:end] + str(names[name])
                    position = close + 1
                    continue
            result += template[position:end]
            position = end
            continue
        result += letter
        position += 1
    return result


def statement(context: FunctionContext, node: tt.Asm) -> None:
    names = symbolic_name_indexes(node)
    info = AsmInfo(numbered(node.template, names) if node.extended else node.template)
    info.basic = not node.extended
    info.volatile = node.volatile or not node.outputs or not node.extended
    info.clobbers = list(node.clobbers)
    operands = Operands(info)
    pending: list[tuple[int, str, Value, int, str]] = []  # hidden inputs: output number, ...
    for number, output in enumerate(node.outputs):
        add_output(context, operands, number, output, pending)
    for source in node.inputs:
        add_input(context, operands, source)
    for number, _, value, type, register in pending:
        operands.add(str(number), ASM_INPUT, operands.argument(value), type, register)
    info.result_count = len(operands.result_types)
    if node.labels:
        emit_goto(context, node, operands)
        return
    builder = context.builder
    first = operands.result_types[0] if operands.result_types else ty.VOID
    emitted = builder.emit(op.ASM, first)
    emitted.asm = info
    for argument in operands.arguments:
        emitted.add_argument(argument)
    results = [emitted]
    for index in range(1, len(operands.result_types)):
        results.append(builder.result(emitted, index, operands.result_types[index]))
    for place, index in operands.outputs:
        store_output(context, place, results[index])


def operand_type(context: FunctionContext, place: places.Place) -> int:
    """The IR type in which the operand travels, or 0 when only memory can hold it."""
    type = place.type
    if type.kind == ct.COMPLEX:
        return 0
    if context.in_memory(type):
        return ty.integer_of_bits(type.size * 8) if type.size in (1, 2, 4, 8) and type.is_record() else 0
    return context.ir_type(type)


def add_output(
    context: FunctionContext,
    operands: Operands,
    number: int,
    output: tt.AsmOperand,
    pending: list[tuple[int, str, Value, int, str]],
) -> None:
    letters = alternatives(output.constraint)
    register = register_name(output.expression)
    place = places.place(context, output.expression)
    type = operand_type(context, place)
    if not allows_register(context, letters) or type == 0 or (place.is_volatile() and allows_memory(letters)):
        operands.memory[number] = place.address
        operands.add(output.constraint, ASM_MEMORY, operands.argument(place.address), type, "")
        return
    index = len(operands.result_types)
    operands.result_types.append(type)
    operands.outputs.append((place, index))
    operands.add(output.constraint, ASM_OUTPUT, index, type, register)
    if "+" in output.constraint:
        pending.append((number, output.constraint, load_operand(context, place, type), type, register))


def load_operand(context: FunctionContext, place: places.Place, type: int) -> Value:
    if context.in_memory(place.type):
        return context.builder.load(type, place.address)
    return places.load(context, place)


def store_output(context: FunctionContext, place: places.Place, value: Value) -> None:
    if context.in_memory(place.type):
        context.builder.store(place.address, value)
    else:
        places.store(context, place, value)


def constant_of(expression: tt.Expression) -> tuple[int, bool, bool]:
    """(value, is a constant, is an address)"""
    while isinstance(expression, tt.UnaryOperation) and expression.kind == tt.CONVERT:
        expression = expression.operand
    if isinstance(expression, tt.IntegerConstant):
        return expression.value, True, False
    if isinstance(expression, tt.AddressConstant):
        return 0, True, True
    if isinstance(expression, tt.UnaryOperation) and expression.kind in (
        tt.ADDRESS_OF, tt.ARRAY_DECAY, tt.FUNCTION_DECAY,
    ):  # fmt: skip
        operand = expression.operand
        while isinstance(operand, tt.MemberAccess) and operand.is_place:
            operand = operand.base
        if isinstance(operand, tt.StringLiteral):
            return 0, True, True
        if isinstance(operand, tt.VariableReference) and not places.is_automatic(operand.variable):
            return 0, True, True
    return 0, False, False


def add_input(context: FunctionContext, operands: Operands, source: tt.AsmOperand) -> None:
    letters = alternatives(source.constraint)
    register = register_name(source.expression)
    if letters.isdigit():
        add_matching(context, operands, source, int(letters), register)
        return
    number, constant, symbolic = constant_of(source.expression)
    registers = allows_register(context, letters)
    if constant and allows_immediate(context, letters, number, symbolic):
        value = expressions.value(context, source.expression)
        operands.add(source.constraint, ASM_IMMEDIATE, operands.argument(value), value.type, "")
        return
    if not registers and not allows_memory(letters):  # only immediates: inlining may make it one
        value = expressions.value(context, source.expression)
        operands.add(source.constraint, ASM_IMMEDIATE, operands.argument(value), value.type, "")
        return
    place: places.Place | None = None
    if source.expression.is_place:
        place = places.place(context, source.expression)
        type = operand_type(context, place)
    elif context.in_memory(source.expression.type) or source.expression.type.kind == ct.COMPLEX:
        place = places.temporary_place(context, source.expression)
        type = operand_type(context, place)
    else:
        type = context.ir_type(source.expression.type)
    if not registers or type == 0:
        if place is None:
            inner = source.expression
            if isinstance(inner, tt.UnaryOperation) and inner.kind == tt.LOAD:
                place = places.place(context, inner.operand)
            else:
                place = places.temporary_place(context, source.expression)
        operands.add(source.constraint, ASM_MEMORY, operands.argument(place.address), type, "")
        return
    value = load_operand(context, place, type) if place is not None else expressions.value(context, source.expression)
    operands.add(source.constraint, ASM_INPUT, operands.argument(value), type, register)


def add_matching(
    context: FunctionContext, operands: Operands, source: tt.AsmOperand, number: int, register: str
) -> None:
    """An input in the same place as output `number`."""
    address = operands.memory.get(number)
    if address is not None:
        operands.add(source.constraint, ASM_MEMORY, operands.argument(address), operands.info.operand_types[number], "")
        return
    if source.expression.is_place or context.in_memory(source.expression.type):
        place = places.place(context, source.expression)
        value = load_operand(context, place, operand_type(context, place))
    else:
        value = expressions.value(context, source.expression)
    wanted = operands.info.operand_types[number] if number < len(operands.info.operand_types) else value.type
    if wanted != value.type and ty.is_integer(wanted) and ty.is_integer(value.type):
        value = resize(context, value, wanted, is_unsigned(source.expression.type))
    operands.add(source.constraint, ASM_INPUT, operands.argument(value), value.type, register)


def emit_goto(context: FunctionContext, node: tt.Asm, operands: Operands) -> None:
    """asm goto ends the block; duplicate labels get blocks of their own, as edges are unique."""
    if operands.result_types:
        context.unimplemented(node.location, "'asm goto' with register outputs")
        return
    builder = context.builder
    operands.info.label_count = len(node.labels)
    following = builder.new_block()
    targets: list[Block] = []
    detours: list[tuple[Block, Block]] = []
    for label in node.labels:
        target = statements.label_block(context, label)
        if context.cleanup is not None:
            target = builder.new_block()
            context.pending_gotos.append(PendingGoto(target, label, context.cleanup))
        elif target in targets:
            detour = builder.new_block()
            detours.append((detour, target))
            target = detour
        targets.append(target)
    block = builder.block
    terminator = builder.terminate(op.ASM_GOTO)
    terminator.asm = operands.info
    for argument in operands.arguments:
        terminator.add_argument(argument)
    add_edge(block, following)
    for target in targets:
        add_edge(block, target)
    for detour, target in detours:
        builder.start(detour)
        builder.jump(target)
    builder.start(following)


# ---- builtins that are one instruction

BUILTINS: Final = {
    "ia32_pause": ("pause", "", ""),
    "ia32_mfence": ("mfence", "", "memory"),
    "ia32_lfence": ("lfence", "", "memory"),
    "ia32_sfence": ("sfence", "", "memory"),
    "ia32_clflush": ("clflush (%0)", "r", "memory"),
    "ia32_writeeflags": ("pushq %0; popfq", "r", "cc,memory"),
    "ia32_rdtsc": ("rdtsc; shlq $32, %%rdx; orq %%rdx, %0", "=a", "rdx,cc"),
    "ia32_rdpmc": ("rdpmc; shlq $32, %%rdx; orq %%rdx, %0", "=a,c", "rdx,cc"),
    "ia32_readeflags": ("pushfq; popq %0", "=r", "memory"),
    "ia32_rdfsbase": ("rdfsbase %0", "=r", ""),
    "ia32_rdgsbase": ("rdgsbase %0", "=r", ""),
    "ia32_ldmxcsr": ("ldmxcsr %0", "m", "memory"),
    "ia32_stmxcsr": ("stmxcsr %0", "=m", "memory"),
    "ia32_rdtscp": ("rdtscp; shlq $32, %%rdx; orq %%rdx, %0; movl %%ecx, (%1)", "=&a,r", "rcx,rdx,cc,memory"),
}


def builtin(context: FunctionContext, expression: tt.BuiltinCall) -> Value:
    """A machine builtin as inline assembly."""
    template, constraints, clobbers = BUILTINS[expression.name]
    info = AsmInfo(template)
    info.volatile = True
    info.clobbers = [name for name in clobbers.split(",") if name]
    operands = Operands(info)
    builder = context.builder
    values = [expressions.value(context, argument) for argument in expression.arguments]
    used = 0
    type = ty.VOID if expression.type.kind == ct.VOID else context.ir_type(expression.type)
    memory: Value | None = None
    for constraint in constraints.split(","):
        if constraint == "=m" or constraint == "m":
            memory = builder.alloca(4, 4)
            if constraint == "m":
                builder.store(memory, values[used])
            operands.add(constraint, ASM_MEMORY, operands.argument(memory), ty.I32, "")
        elif constraint.startswith("="):
            operands.add(constraint, ASM_OUTPUT, 0, type, "")
            info.result_count = 1
        elif constraint:
            operands.add(constraint, ASM_INPUT, operands.argument(values[used]), values[used].type, "")
            used += 1
    emitted = builder.emit(op.ASM, type if info.result_count else ty.VOID)
    emitted.asm = info
    for argument in operands.arguments:
        emitted.add_argument(argument)
    if memory is not None and type != ty.VOID:
        return builder.load(type, memory)
    return emitted if info.result_count else context.undef(ty.I32)


# ---- global register variables


def global_register(context: FunctionContext, expression: tt.Expression) -> tt.Variable | None:
    """The file-scope `register x asm("...")` that a place names: one that no declaration in the function gave a home."""
    if isinstance(expression, tt.VariableReference) and expression.kind == tt.VARIABLE:
        variable = expression.variable
        if variable.register_name and variable not in context.addresses:
            return variable
    return None


def read_register(context: FunctionContext, variable: tt.Variable) -> Value:
    """An empty asm whose output is that register."""
    type = context.ir_type(variable.type)
    info = AsmInfo("")
    info.volatile = True
    info.result_count = 1
    operands = Operands(info)
    operands.add("=r", ASM_OUTPUT, 0, type, variable.register_name)
    emitted = context.builder.emit(op.ASM, type)
    emitted.asm = info
    return emitted


def write_register(context: FunctionContext, variable: tt.Variable, value: Value) -> None:
    """An empty asm that has the value in that register and claims to change it."""
    info = AsmInfo("")
    info.volatile = True
    operands = Operands(info)
    operands.add("r", ASM_INPUT, operands.argument(value), value.type, variable.register_name)
    emitted = context.builder.emit(op.ASM, ty.VOID)
    emitted.asm = info
    emitted.add_argument(value)
