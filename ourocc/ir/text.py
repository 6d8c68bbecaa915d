"""The IR's text form: printing.  `parser.py` reads it back; print -> parse -> print gives the same text.

    symbol @f function defined
    function f(i32@7, i32@6) -> (i32@0) {
    b0:
      v0 = param.i32 #0
      v1 = param.i32 #1
      v2 = call.i32 @g, v0, v1 {i32@7, i32@stack+0} -> {i32@0} stack=8
      branch v3, b1, b2
    }

`#n` is `imm`, `!n` is `extra`.  A piece is `type@register` or `type@stack+offset`, with `:size` when it is copied by value
and `+s` or `+z` when it is extended.
"""

from ourocc.ir import alias_classes
from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import (
    ON_STACK,
    VOLATILE,
    AsmInfo,
    Block,
    CallInfo,
    Function,
    Module,
    PieceLocation,
    Symbol,
    Value,
)

SYMBOL_FLAGS = (
    ("function", "is_function"), ("defined", "defined"), ("local", "local"), ("weak", "weak"), ("common", "common"),
    ("thread", "thread_local"), ("readonly", "read_only"), ("ifunc", "is_ifunc"), ("keep", "keep"),
    ("string", "mergeable_string"), ("pool", "constant_pool"), ("noreturn", "noreturn"), ("malloc", "malloc"),
    ("cold", "cold"),
)  # fmt: skip


def print_value(value: Value) -> str:
    """One value, without indentation."""
    parts: list[str] = []
    for argument in value.args:
        parts.append(f"v{argument.id}")
    if value.symbol is not None:
        parts.insert(0, "@" + value.symbol.name)
    if value.target is not None:
        parts.append(f"b{value.target.id}")
    if value.op in (op.LOAD, op.STORE, op.MEMCPY):
        if value.imm != 0:
            parts.append("class=" + alias_classes.print_class(value.imm))
    elif value.op in (op.CONST, op.FCONST, op.VCONST, op.PARAM, op.ALLOCA, op.RESULT) or value.imm != 0:
        parts.append(f"#{value.imm}" if value.op not in (op.FCONST, op.VCONST) else f"#{value.imm:#x}")
    if value.extra != 0:
        parts.append(f"!{value.extra}")
    if value.flags & VOLATILE:
        parts.append("volatile")
    if value.flags & ~VOLATILE:
        parts.append(f"flags={value.flags & ~VOLATILE}")
    name = op.NAMES[value.op]
    operands = ", ".join(parts)
    if value.asm is not None:
        operands += " " + print_asm(value.asm)
    if value.call is not None:
        operands += " " + print_call(value.call)
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
    record = " " + print_asm(value.asm) if value.asm is not None else ""
    return f"{op.NAMES[value.op]} {', '.join(parts)}".rstrip() + record


def print_piece(place: PieceLocation, byval_size: int = 0) -> str:
    where = f"stack+{place.offset}" if place.register == ON_STACK else str(place.register)
    size = f":{byval_size}" if byval_size else ""
    extension = ("", "+s", "+z")[place.extension]
    return f"{ty.name(place.type)}@{where}{size}{extension}"


def print_call(info: CallInfo) -> str:
    """The CallInfo: pieces, results, properties."""
    arguments = ", ".join(
        [print_piece(place, info.byval_sizes[index]) for index, place in enumerate(info.argument_locations)]
    )
    results = ", ".join([print_piece(place) for place in info.result_locations])
    text = f"{{{arguments}}} -> {{{results}}}"
    for name, number in (
        ("stack", info.stack_size), ("align", info.stack_alignment if info.stack_alignment != 16 else 0),
        ("vectors", info.vector_registers), ("pure", info.pure),
    ):  # fmt: skip
        if number:
            text += f" {name}={number}"
    for name, flag in (
        ("variadic", info.variadic), ("noreturn", info.noreturn), ("twice", info.returns_twice), ("tail", info.tail),
        ("must_tail", info.must_tail),
    ):  # fmt: skip
        if flag:
            text += " " + name
    return text


def print_asm(info: AsmInfo) -> str:
    """The AsmInfo: template, operands as (constraint kind value type register), clobbers, properties."""
    text = repr(info.template)
    for index, constraint in enumerate(info.constraints):
        kind = info.operand_kinds[index]
        type = ty.name(info.operand_types[index])
        text += f" ({constraint!r} {kind} {info.operand_values[index]} {type} {info.registers[index]!r})"
    for clobber in info.clobbers:
        text += f" clobber={clobber!r}"
    for name, number in (("results", info.result_count), ("labels", info.label_count)):
        if number:
            text += f" {name}={number}"
    for name, flag in (("volatile", info.volatile), ("basic", info.basic)):
        if flag:
            text += " " + name
    return text


def print_function(function: Function) -> str:
    """The whole function, blocks in layout order."""
    places = ", ".join([print_piece(place) for place in function.parameter_locations])
    results = ", ".join([print_piece(place) for place in function.result_locations])
    lines = [f"function {function.name}({places}) -> ({results}){print_properties(function)} {{"]
    for block in function.blocks:
        predecessors = " ".join([f"b{predecessor.id}" for predecessor in block.predecessors])
        taken = " taken" if block.address_taken else ""
        lines.append(f"b{block.id}:{taken}" + (f"  ; from {predecessors}" if predecessors else ""))
        lines += ["  " + print_value(value) for value in block.values]
        lines.append("  " + print_terminator(block))
    lines.append("}")
    return "\n".join(lines) + "\n"


FUNCTION_NUMBERS = (("stack", "stack_parameter_size"), ("va", "va_info"))
FUNCTION_FLAGS = (
    ("variadic", "variadic"), ("setjmp", "calls_setjmp"), ("dynamic", "has_dynamic_stack"),
    ("frame", "needs_frame_pointer"), ("naked", "naked"), ("noreturn", "noreturn"),
    ("always_inline", "always_inline"), ("no_inline", "no_inline"), ("inline_hint", "inline_hint"),
    ("inline_only", "inline_only"), ("cold", "cold"),
)  # fmt: skip


def print_properties(function: Function) -> str:
    text = ""
    for name, attribute in FUNCTION_NUMBERS:
        if getattr(function, attribute):
            text += f" {name}={getattr(function, attribute)}"
    for name, attribute in FUNCTION_FLAGS:
        if getattr(function, attribute):
            text += " " + name
    return text


def print_symbol(symbol: Symbol) -> str:
    """A symbol line; contents in hexadecimal, relocations as offset/size=@symbol+addend."""
    text = f"symbol @{symbol.name}"
    for name, attribute in SYMBOL_FLAGS:
        if getattr(symbol, attribute):
            text += " " + name
    for name, number in (
        ("size", symbol.size), ("align", symbol.alignment if symbol.alignment != 1 else 0),
        ("visibility", symbol.visibility), ("pure", symbol.pure),
    ):  # fmt: skip
        if number:
            text += f" {name}={number}"
    for name, word in (("section", symbol.section), ("tls", symbol.tls_model), ("version", symbol.version)):
        if word:
            text += f" {name}={word!r}"
    if symbol.alias_of is not None:
        text += f" alias=@{symbol.alias_of.name}"
    if symbol.data is not None:
        text += f" data={symbol.data.contents.hex()!r}"
        for entry in symbol.data.relocations:
            if entry.symbol is not None:
                text += f" {entry.offset}/{entry.size}=@{entry.symbol.name}+{entry.addend}"
            elif entry.label is not None:
                label = entry.label
                minus = f"-b{entry.minus_label.id}" if entry.minus_label is not None else ""
                text += f" {entry.offset}/{entry.size}=b{label.id}{minus}@{label.function.name}+{entry.addend}"
    return text


def print_record(records: alias_classes.Records, number: int) -> str:
    """`record 2: int pointer 1`: the scalar types in it and the records in it."""
    words = [f"record {number}:"]
    words += [name for scalar, name in enumerate(alias_classes.NAMES) if records.scalars[number] >> scalar & 1]
    words += [str(part) for part in range(1, len(records.parts)) if records.parts[number] >> part & 1]
    return " ".join(words) + "\n"


def print_module(module: Module) -> str:
    """Symbols, records of the alias classes, then functions."""
    lines = [print_symbol(symbol) + "\n" for symbol in module.symbols.values()]
    lines += [print_record(module.records, number) for number in range(1, len(module.records.scalars))]
    for text in module.assembly:
        lines.append(f"assembly {text!r}\n")
    for priority, symbol in module.constructors:
        lines.append(f"constructor {priority} @{symbol.name}\n")
    for priority, symbol in module.destructors:
        lines.append(f"destructor {priority} @{symbol.name}\n")
    functions = [print_function(function) for function in module.functions]
    return "".join(lines) + "\n".join(functions)
