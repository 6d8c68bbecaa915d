"""Calls, function entry and return: C values cut into the pieces that the ABI says, and put together again."""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import CallInfo, PieceLocation, Symbol, Value
from ourocc.lower import complex, expressions, inline, nested, places, vla
from ourocc.lower.context import Evaluated, FunctionContext
from ourocc.lower.conversions import is_unsigned, resize
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type
from ourocc.targets.abi import BY_REFERENCE, BYVAL, DIRECT, IGNORE, ArgumentLayout, CallLayout, Piece

# ---- values and pieces


def load_bytes(context: FunctionContext, address: Value, size: int, alignment: int) -> Value:
    """The `size` (1..8) bytes at `address` as an i64 (i32 up to 4), reading nothing beyond them."""
    builder = context.builder
    wide = ty.I32 if size <= 4 else ty.I64
    whole: Value | None = None
    offset = 0
    while offset < size:
        step = 4 if size - offset >= 4 else 2 if size - offset >= 2 else 1
        known = min(alignment, offset & -offset) if offset else alignment
        part = builder.load(
            ty.integer_of_bits(step * 8), builder.ptradd(address, offset), 0 if known >= step else known
        )
        part = resize(context, part, wide, True)
        if offset:
            part = builder.binary(op.SHL, wide, part, builder.const(offset * 8, wide))
        whole = part if whole is None else builder.binary(op.OR, wide, whole, part)
        offset += step
    assert whole is not None
    return whole


def load_piece(context: FunctionContext, address: Value, piece: Piece, alignment: int) -> Value:
    """Read one piece of the object at `address`."""
    place = context.builder.ptradd(address, piece.offset)
    known = min(alignment, piece.offset & -piece.offset) if piece.offset else alignment
    size = ty.size(piece.type)
    if piece.valid >= size:
        return context.builder.load(piece.type, place, 0 if known >= size else known)
    bits = load_bytes(context, place, piece.valid, known)
    if bits.type == piece.type:
        return bits
    if ty.is_float(piece.type):
        return context.builder.unary(op.BITCAST, piece.type, resize(context, bits, ty.I64, True))
    return resize(context, bits, piece.type, True)


def value_pieces(context: FunctionContext, value: Value, type: Type, layout: ArgumentLayout) -> list[Value]:
    """Cut a value (not complex) into the pieces of a DIRECT layout."""
    pieces = layout.pieces
    if context.in_memory(type):
        return [load_piece(context, value, piece, type.alignment) for piece in pieces]
    if not pieces:
        return []
    if len(pieces) == 1:
        wanted = pieces[0].type
        if wanted == value.type:
            return [value]
        if ty.is_integer(wanted) and ty.is_integer(value.type):
            return [resize(context, value, wanted, is_unsigned(type))]
    elif value.type == ty.I128 and len(pieces) == 2:
        high = context.builder.binary(op.LSHR, ty.I128, value, context.builder.const(64, ty.I128))
        return [resize(context, value, ty.I64, True), resize(context, high, ty.I64, True)]
    home = context.temporary(type)
    context.builder.store(home, value)
    return [load_piece(context, home, piece, type.alignment) for piece in pieces]


def complex_pieces(
    context: FunctionContext, parts: tuple[Value, Value], type: Type, layout: ArgumentLayout
) -> list[Value]:
    """Cut a complex value into the pieces of a DIRECT layout."""
    pieces = layout.pieces
    if len(pieces) == 2 and pieces[0].type == parts[0].type and pieces[1].type == parts[0].type:
        return [parts[0], parts[1]]
    home = context.temporary(type)
    complex.store(context, places.Place(home, type, type.alignment), parts)
    return [load_piece(context, home, piece, type.alignment) for piece in pieces]


def store_pieces(context: FunctionContext, values: list[Value], layout: ArgumentLayout, home: Value) -> None:
    """Put pieces together in memory that has room for whole pieces."""
    for value, piece in zip(values, layout.pieces, strict=True):
        place = context.builder.ptradd(home, piece.offset)
        if piece.valid < ty.size(piece.type) and layout.size <= 2 and ty.is_integer(piece.type):
            value = resize(context, value, ty.integer_of_bits(piece.valid * 8), True)
        aligned = home.op == op.ALLOCA and home.extra >= 16
        # A packed record travels as a vector all the same, but need not be aligned like one
        context.builder.store(place, value, 0 if aligned or ty.size(piece.type) < 16 else 1)


def join_pieces(context: FunctionContext, values: list[Value], type: Type, layout: ArgumentLayout) -> Value:
    """The scalar or register-vector value that the pieces make."""
    target = context.ir_type(type)
    if len(values) == 1:
        value = values[0]
        if value.type == target:
            return value
        if ty.is_integer(value.type) and ty.is_integer(target):
            return resize(context, value, target, is_unsigned(type))
    if target == ty.I128 and len(values) == 2:
        low = resize(context, values[0], ty.I128, True)
        high = resize(context, values[1], ty.I128, True)
        high = context.builder.binary(op.SHL, ty.I128, high, context.builder.const(64, ty.I128))
        return context.builder.binary(op.OR, ty.I128, low, high)
    home = context.temporary(type)
    store_pieces(context, values, layout, home)
    return context.builder.load(target, home)


# ---- calls


@final
class Arguments:
    """Pieces, locations and by-value sizes gathered for one call."""

    def __init__(self) -> None:
        self.values: list[Value] = []
        self.locations: list[PieceLocation] = []
        self.byval_sizes: list[int] = []

    def add(self, value: Value, location: PieceLocation, byval_size: int = 0) -> None:
        self.values.append(value)
        self.locations.append(location)
        self.byval_sizes.append(byval_size)


def add_argument(
    context: FunctionContext, arguments: Arguments, value: Value, type: Type, layout: ArgumentLayout
) -> None:
    """Add one evaluated argument that is not complex."""
    if layout.kind == IGNORE:
        return
    if layout.kind == DIRECT:
        for piece_value, piece in zip(value_pieces(context, value, type, layout), layout.pieces, strict=True):
            arguments.add(piece_value, piece.location)
        return
    if not context.in_memory(type):
        home = context.temporary(type)
        context.builder.store(home, value)
        value = home
    add_memory_argument(context, arguments, value, type, layout)


def add_memory_argument(
    context: FunctionContext, arguments: Arguments, address: Value, type: Type, layout: ArgumentLayout
) -> None:
    if layout.kind == BYVAL:
        location = PieceLocation(ty.PTR, -1, layout.stack_offset)
        arguments.add(address, location, type.size)
        return
    assert layout.kind == BY_REFERENCE
    copy = context.temporary(type)
    context.copy(copy, address, type.size, type.alignment)
    arguments.add(copy, layout.pieces[0].location)


def add_complex_argument(
    context: FunctionContext, arguments: Arguments, parts: tuple[Value, Value], type: Type, layout: ArgumentLayout
) -> None:
    if layout.kind == DIRECT:
        for piece_value, piece in zip(complex_pieces(context, parts, type, layout), layout.pieces, strict=True):
            arguments.add(piece_value, piece.location)
        return
    home = context.temporary(type)
    complex.store(context, places.Place(home, type, type.alignment), parts)
    add_memory_argument(context, arguments, home, type, layout)


def direct_callee(expression: tt.Expression) -> tt.Variable | None:
    """The function that a call names, when it names one."""
    if isinstance(expression, tt.UnaryOperation) and expression.kind in (tt.FUNCTION_DECAY, tt.ADDRESS_OF):
        operand = expression.operand
        if isinstance(operand, tt.VariableReference) and operand.variable.is_function:
            return operand.variable
    if isinstance(expression, tt.UnaryOperation) and expression.kind == tt.CONVERT:
        if expression.type.kind == ct.POINTER and expression.operand.type.kind == ct.POINTER:
            return direct_callee(expression.operand)
    return None


# <complex.h>: functions that are only a part of their argument
PARTS: Final = {"creal": 0, "crealf": 0, "creall": 0, "cimag": 1, "cimagf": 1, "cimagl": 1}


def known_function(context: FunctionContext, expression: tt.Call) -> str:
    """The name of the library function that is called; "" when it is defined here, or not to be understood."""
    if not context.unit.options.builtins:
        return ""
    variable = direct_callee(expression.function)
    if variable is None or variable.function is not None or variable.linkage != tt.LINKAGE_EXTERNAL:
        return ""
    if variable.name in context.unit.options.no_builtin:
        return ""
    return variable.symbol_name


def call(context: FunctionContext, expression: tt.Call, destination: Value | None) -> Value:
    """A call whose result is not complex.  Record results go to `destination`, or to a temporary; the address is given."""
    type = expression.type
    variable = direct_callee(expression.function)
    name = known_function(context, expression)
    if name in PARTS and len(expression.arguments) == 1 and expression.arguments[0].type.kind == ct.COMPLEX:
        return complex.value(context, expression.arguments[0])[PARTS[name]]
    if variable is not None and variable.function is not None and inline.uses_pack(context, variable):
        home_of = inline.expand(context, variable.function, expression)
        if home_of is None:
            return context.undef(ty.I32)
        return home_of if context.in_memory(type) else context.builder.load(context.ir_type(type), home_of)
    layout, results = emit_call(context, expression, destination)
    if layout.sret is not None:
        return results[0]
    if type.kind == ct.VOID:
        return context.undef(ty.I32)
    if context.in_memory(type):
        home = context.temporary(type)
        store_pieces(context, results, layout.result, home)
        if destination is not None:
            context.copy(destination, home, type.size, type.alignment)
            return destination
        return home
    if not results:
        return context.undef(context.ir_type(type))
    return join_pieces(context, results, type, layout.result)


def complex_call(context: FunctionContext, expression: tt.Call) -> tuple[Value, Value]:
    """A call with a complex result."""
    type = expression.type
    name = known_function(context, expression)
    if name in ("conj", "conjf", "conjl") and len(expression.arguments) == 1:
        return complex.conjugate(context, expression.arguments[0])
    layout, results = emit_call(context, expression, None)
    return complex_result(context, layout, results, type)


def complex_result(
    context: FunctionContext, layout: CallLayout, results: list[Value], type: Type
) -> tuple[Value, Value]:
    if layout.sret is not None:
        home = results[0]
    else:
        base = type.base
        assert base is not None
        part = context.ir_type(base)
        if len(results) == 2 and results[0].type == part and results[1].type == part:
            return results[0], results[1]
        home = context.temporary(type)
        store_pieces(context, results, layout.result, home)
    return complex.load(context, places.Place(home, type.unqualified, type.alignment))


def emit_call(
    context: FunctionContext, expression: tt.Call, destination: Value | None
) -> tuple[CallLayout, list[Value]]:
    """Evaluate callee and arguments, call; the result pieces (sret: the address of the result)."""
    function_type = expression.function_type
    variable = direct_callee(expression.function)
    symbol: Symbol | None = None
    callee: Value | None = None
    chain: Value | None = None
    if variable is not None:
        symbol = context.unit.symbol(variable)
        if variable in context.unit.parents:
            chain = nested.chain_for(context, variable)
    else:
        callee = expressions.value(context, expression.function)
    evaluated = evaluate(context, expression.arguments)
    types = [argument.type for argument in evaluated]
    variadic = function_type.variadic or not function_type.prototype
    named = len(function_type.parameters) if function_type.prototype else len(types)
    layout = context.unit.abi.classify_call(expression.type, types, named, function_type.variadic)
    arguments = Arguments()
    home: Value | None = None
    if layout.sret is not None:
        home = destination if destination is not None else context.temporary(expression.type)
        arguments.add(home, layout.sret)
    for argument, argument_layout in zip(evaluated, layout.arguments, strict=True):
        if argument.parts is not None:
            add_complex_argument(context, arguments, argument.parts, argument.type, argument_layout)
        elif argument.value is not None:
            add_argument(context, arguments, argument.value, argument.type, argument_layout)
    info = CallInfo()
    info.variadic = variadic
    info.vector_registers = layout.vector_registers
    info.noreturn = expression.noreturn or (variable is not None and variable.noreturn)
    info.returns_twice = expression.returns_twice or (variable is not None and variable.returns_twice)
    info.pure = expression.pure if layout.sret is None else 0  # the result in memory is an effect
    info.must_tail = expression.tail_call
    if symbol is not None and symbol.name in DROPPED:
        info.unchecked = unchecked_call(context, expression, types, arguments, DROPPED[symbol.name])
    if chain is not None:
        arguments.add(chain, PieceLocation(ty.PTR, context.unit.abi.static_chain, 0))
    context.builder.position = expression.location
    results = finish_call(context, symbol, callee, arguments, info, layout)
    if home is not None:
        results = [home]
    return layout, results


# Fortified functions with variable arguments: what the plain function does not have
DROPPED: Final[dict[str, tuple[int, ...]]] = {"__sprintf_chk": (1, 2), "__snprintf_chk": (2, 3)}


def unchecked_call(
    context: FunctionContext, expression: tt.Call, types: list[Type], checked: Arguments, dropped: tuple[int, ...]
) -> CallInfo | None:
    """Where the same pieces travel when the optimizer finds that the plain function does; None when others would."""
    kept = [type for index, type in enumerate(types) if index not in dropped]
    named = len(expression.function_type.parameters) - len(dropped)
    layout = context.unit.abi.classify_call(expression.type, kept, named, True)
    info = CallInfo()
    info.variadic = True
    info.vector_registers = layout.vector_registers
    info.stack_size = layout.stack_size
    info.stack_alignment = layout.stack_alignment
    info.result_locations = [piece.location for piece in layout.result.pieces]
    for type, argument in zip(kept, layout.arguments, strict=True):
        if argument.kind == BYVAL:
            info.argument_locations.append(PieceLocation(ty.PTR, -1, argument.stack_offset))
            info.byval_sizes.append(type.size)
        for piece in argument.pieces:
            info.argument_locations.append(piece.location)
            info.byval_sizes.append(0)
    old = [place.type for index, place in enumerate(checked.locations) if index not in dropped]
    sizes = [size for index, size in enumerate(checked.byval_sizes) if index not in dropped]
    same = old == [place.type for place in info.argument_locations] and sizes == info.byval_sizes
    return info if same else None


def evaluate(context: FunctionContext, arguments: list[tt.Expression]) -> list[Evaluated]:
    """All arguments are evaluated before any is cut into pieces: a nested call must not lie between.

    Records are read after that; a later argument that changes one is unsequenced, hence undefined."""
    evaluated: list[Evaluated] = []
    for argument in arguments:
        type = argument.type.unqualified
        pack = inline.pack_of(context, argument)
        if pack is not None:
            evaluated += pack
        elif type.kind == ct.COMPLEX:
            evaluated.append(Evaluated(type, None, complex.value(context, argument)))
        elif type.has_variable_size():  # passed by reference
            copy = vla.temporary(context, type)
            vla.copy(context, copy, expressions.value(context, argument), type, type.alignment)
            evaluated.append(Evaluated(context.unit.pointer, copy, None))
        else:
            evaluated.append(Evaluated(type, expressions.value(context, argument), None))
    return evaluated


def finish_call(
    context: FunctionContext,
    symbol: Symbol | None,
    callee: Value | None,
    arguments: Arguments,
    info: CallInfo,
    layout: CallLayout,
) -> list[Value]:
    """Emit the call and its `result` operations; after a noreturn call the code is dead."""
    builder = context.builder
    info.argument_locations = arguments.locations
    info.byval_sizes = arguments.byval_sizes
    info.stack_size = layout.stack_size
    info.stack_alignment = layout.stack_alignment
    if layout.sret is not None:
        if layout.sret_result is not None:
            info.result_locations = [layout.sret_result]
    else:
        info.result_locations = [piece.location for piece in layout.result.pieces]
    emitted = builder.call(symbol, callee, arguments.values, info)
    results: list[Value] = []
    for index, location in enumerate(info.result_locations):
        results.append(emitted if index == 0 else builder.result(emitted, index, location.type))
    if info.noreturn:
        builder.unreachable()
        context.revive()
        if results:  # whoever asks for them stands in dead code
            results = [context.undef(location.type) for location in info.result_locations]
    return results


def library_call(
    context: FunctionContext, name: str, result: Type, arguments: list[Value], types: list[Type]
) -> list[Value]:
    """Call a run-time library function with scalar arguments; the result pieces."""
    symbol = context.unit.module.symbol(name)
    symbol.is_function = True
    layout = context.unit.abi.classify_call(result, types, len(types), False)
    gathered = Arguments()
    for value, type, argument_layout in zip(arguments, types, layout.arguments, strict=True):
        add_argument(context, gathered, value, type, argument_layout)
    info = CallInfo()
    return finish_call(context, symbol, None, gathered, info, layout)


def call_cleanup(context: FunctionContext, variable: tt.Variable) -> None:
    """Attribute cleanup: the function gets the variable's address."""
    function = variable.cleanup
    assert function is not None
    pointer = context.unit.pointer
    void = Type(ct.VOID, -4)
    layout = context.unit.abi.classify_call(void, [pointer], 1, False)
    gathered = Arguments()
    add_argument(context, gathered, places.variable_address(context, variable), pointer, layout.arguments[0])
    if function in context.unit.parents:
        chain = nested.chain_for(context, function)
        if chain is not None:
            gathered.add(chain, PieceLocation(ty.PTR, context.unit.abi.static_chain, 0))
    finish_call(context, context.unit.symbol(function), None, gathered, CallInfo(), layout)


# ---- function entry and return


def enter(context: FunctionContext) -> None:
    """Bring the parameters home; sets the function's locations."""
    definition = context.definition
    function = context.function
    function_type = definition.variable.type
    result = function_type.base
    assert result is not None
    context.return_type = result.unqualified
    if result.has_variable_size():
        context.unimplemented(definition.location, "a function that returns an object of variable size")
    passed = [passed_type(context, parameter, function_type) for parameter in definition.parameters]
    layout = context.unit.abi.classify_call(context.return_type, passed, len(passed), function_type.variadic)
    context.layout = layout
    function.variadic = function_type.variadic
    function.va_info = layout.va_info
    function.stack_parameter_size = layout.stack_size
    if layout.sret is not None:
        hidden = parameter_piece(context, layout.sret)
        context.sret_slot = context.builder.alloca(8, 8)
        context.builder.store(context.sret_slot, hidden)
        if layout.sret_result is not None:
            function.result_locations = [layout.sret_result]
    else:
        function.result_locations = [piece.location for piece in layout.result.pieces]
    if context.parent is not None:
        chain = parameter_piece(context, PieceLocation(ty.PTR, context.unit.abi.static_chain, 0))
        context.chain_slot = context.builder.alloca(8, 8)
        context.builder.store(context.chain_slot, chain)
    incoming: list[list[Value]] = []
    for argument in layout.arguments:
        pieces: list[Value] = []
        if argument.kind != BYVAL:
            for piece in argument.pieces:
                pieces.append(parameter_piece(context, piece.location))
        incoming.append(pieces)
    for parameter, type, argument, pieces in zip(definition.parameters, passed, layout.arguments, incoming, strict=True):
        receive(context, parameter, type, argument, pieces)


def passed_type(context: FunctionContext, parameter: tt.Variable, function_type: Type) -> Type:
    """Parameters of K&R definitions arrive with the default argument promotions."""
    type = parameter.type.unqualified
    if type.has_variable_size():
        return context.unit.pointer
    if not function_type.prototype and type.kind == ct.FLOAT:
        return context.unit.double
    return type


def parameter_piece(context: FunctionContext, location: PieceLocation) -> Value:
    function = context.function
    value = context.builder.emit(op.PARAM, location.type)
    value.imm = len(function.parameter_locations)
    function.parameter_locations.append(location)
    return value


def receive(
    context: FunctionContext, parameter: tt.Variable, type: Type, layout: ArgumentLayout, pieces: list[Value]
) -> None:
    """Store one argument to the parameter's home."""
    builder = context.builder
    alignment = max(parameter.type.alignment, parameter.alignment)
    if parameter.type.has_variable_size():
        context.indirect[parameter] = builder.alloca(8, 8)
        builder.store(context.indirect[parameter], pieces[0])
        return
    if layout.kind == BYVAL:
        address = builder.emit(op.STACK_PARAMETER, ty.PTR)
        address.imm = layout.stack_offset
        context.addresses[parameter] = address
        return
    if layout.kind == BY_REFERENCE:
        context.addresses[parameter] = pieces[0]
        return
    if context.in_memory(type) or type.kind == ct.COMPLEX:
        home = builder.alloca(max((type.size + 7) & -8, 8), max(alignment, 8))
        context.addresses[parameter] = home
        store_pieces(context, pieces, layout, home)
        return
    home = places.declare(context, parameter)
    value = join_pieces(context, pieces, type, layout)
    if type is context.unit.double and parameter.type.kind == ct.FLOAT:
        value = builder.unary(op.FCONVERT, ty.F32, value)
    builder.store(home, value)


def store_result(context: FunctionContext, expression: tt.Expression) -> None:
    """Write the returned object through the hidden pointer."""
    assert context.sret_slot is not None
    type = context.return_type
    found: Value | None = None
    if type.kind == ct.COMPLEX:
        parts = complex.value(context, expression)
        address = context.builder.load(ty.PTR, context.sret_slot)
        complex.store(context, places.Place(address, type, type.alignment), parts)
        return
    found = expressions.value(context, expression)
    address = context.builder.load(ty.PTR, context.sret_slot)
    if context.in_memory(type):
        # memmove: `*p = f(*p)`-like callers may let them overlap
        copied = context.builder.operation(op.MEMMOVE, ty.VOID, [address, found, context.const(type.size)])
        copied.extra = type.alignment
    else:
        context.builder.store(address, found)


def return_nothing(context: FunctionContext) -> None:
    """Return, with the hidden pointer where the ABI wants it back, or with whatever a missing value is."""
    if context.layout.sret is not None:
        pieces: list[Value] = []
        if context.layout.sret_result is not None:
            assert context.sret_slot is not None
            pieces.append(context.builder.load(ty.PTR, context.sret_slot))
        context.builder.return_(pieces)
        return
    context.builder.return_([context.undef(location.type) for location in context.function.result_locations])
