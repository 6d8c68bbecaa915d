"""The IR's text form: printing.  `parser.py` reads it back.

function sum(v0: i32@7) -> i32@0 {
b0:
  v1 = add.i32 v0, v0
  branch v2, b1, b2
}
"""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import VOLATILE, Block, Function, Module, Value


def print_value(value: Value) -> str:
    """One value, without indentation."""
    parts: list[str] = []
    for argument in value.args:
        parts.append(f"v{argument.id}")
    if value.symbol is not None:
        parts.insert(0, "@" + value.symbol.name)
    if value.target is not None:
        parts.append(f"b{value.target.id}")
    if value.op in (op.CONST, op.FCONST, op.VCONST, op.PARAM, op.ALLOCA, op.RESULT) or value.imm != 0:
        parts.append(f"#{value.imm}" if value.op not in (op.FCONST, op.VCONST) else f"#{value.imm:#x}")
    if value.extra != 0:
        parts.append(f"!{value.extra}")
    if value.flags & VOLATILE:
        parts.append("volatile")
    if value.flags & ~VOLATILE:
        parts.append(f"flags={value.flags & ~VOLATILE}")
    if value.asm is not None:
        parts.append(repr(value.asm.template))
    name = op.NAMES[value.op]
    operands = ", ".join(parts)
    if value.type == ty.VOID:
        return f"{name} {operands}".rstrip()
    return f"v{value.id} = {name}.{ty.name(value.type)} {operands}".rstrip()


def print_terminator(block: Block) -> str:
    value = block.terminator
    parts = [f"v{argument.id}" for argument in value.args]
    if value.cases is None:
        parts += [f"b{successor.id}" for successor in block.successors]
    else:
        parts.append(f"b{block.successors[0].id}")
        for case in value.cases:
            label = f"{case.low}" if case.low == case.high else f"{case.low}..{case.high}"
            parts.append(f"{label}: b{block.successors[case.target].id}")
    if value.asm is not None:
        parts.append(repr(value.asm.template))
    return f"{op.NAMES[value.op]} {', '.join(parts)}".rstrip()


def print_function(function: Function) -> str:
    """The whole function, blocks in layout order."""
    places = ", ".join(
        f"{ty.name(place.type)}@{place.register if place.register >= 0 else f'stack+{place.offset}'}"
        for place in function.parameter_locations
    )
    results = ", ".join(f"{ty.name(place.type)}@{place.register}" for place in function.result_locations)
    lines = [f"function {function.name}({places}) -> ({results}) {{"]
    for block in function.blocks:
        predecessors = " ".join(f"b{predecessor.id}" for predecessor in block.predecessors)
        lines.append(f"b{block.id}:" + (f"  ; from {predecessors}" if predecessors else ""))
        lines += ["  " + print_value(value) for value in block.values]
        lines.append("  " + print_terminator(block))
    lines.append("}")
    return "\n".join(lines) + "\n"


def print_module(module: Module) -> str:
    return "\n".join(print_function(function) for function in module.functions)
