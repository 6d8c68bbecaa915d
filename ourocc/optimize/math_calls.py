"""Mathematical functions: square roots are instructions, rounding of what was only widened is done unwidened."""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import NO_TRAP, CallInfo, PieceLocation, Value, add_edge
from ourocc.optimize.call_rewriter import CallRewriter


def sqrt(rewriter: CallRewriter, call: Value) -> Value | None:
    """The instruction; negative operands take the call after it, for errno (C17 7.12.7.5)."""
    if call.uses == 0 or call.flags & NO_TRAP:
        return None
    root = rewriter.emit(op.FSQRT, call.type, [call.args[0]])
    original = rewriter.function.new_value(op.CALL, call.type, rewriter.block)
    original.symbol = call.symbol
    original.call = call.call
    original.position = call.position
    original.flags = NO_TRAP  # marks a call that is there for errno
    original.add_argument(call.args[0])
    assert call.symbol is not None
    call.symbol.references += 1
    rewriter.slow.append(original)
    rewriter.out.append(original)
    return root


def split_for_errno(rewriter: CallRewriter, original: Value) -> None:
    """Move a call that only sets errno into a block of its own, behind a test for a negative operand."""
    block = original.block
    index = block.values.index(original)
    function = rewriter.function
    slow = function.new_block()
    rest = function.new_block()
    function.blocks.remove(rest)
    function.blocks.insert(function.blocks.index(block) + 1, rest)
    rest.values = block.values[index + 1 :]
    for value in rest.values:
        value.block = rest
    rest.terminator = block.terminator
    rest.terminator.block = rest
    rest.successors = block.successors
    for successor in rest.successors:
        successor.predecessors[successor.predecessor_index(block)] = rest
    block.successors = []
    block.values = block.values[:index]
    argument = original.args[0]
    zero = function.new_value(op.FCONST, argument.type, block)
    negative = function.new_value(op.FOLT, ty.I1, block)
    negative.add_argument(argument)
    negative.add_argument(zero)
    block.values += [zero, negative]
    branch = function.new_value(op.BRANCH, ty.VOID, block)
    branch.add_argument(negative)
    block.terminator = branch
    add_edge(block, slow)
    add_edge(block, rest)
    slow.values = [original]
    original.block = slow
    slow.cold = True
    slow.terminator = function.new_value(op.JUMP, ty.VOID, slow)
    add_edge(slow, rest)


def round_to_integer(rewriter: CallRewriter, call: Value) -> Value | None:
    """floor((double) x), x a float, is (double) floorf(x); so for ceil, trunc, round, rint, nearbyint, roundeven."""
    wide = call.args[0]
    symbol = call.symbol
    if wide.op != op.FCONVERT or wide.args[0].type != ty.F32 or symbol is None or call.call is None:
        return None
    info = CallInfo()
    info.argument_locations = [PieceLocation(ty.F32, call.call.argument_locations[0].register, 0)]
    info.result_locations = [PieceLocation(ty.F32, call.call.result_locations[0].register, 0)]
    info.byval_sizes = [0]
    info.pure = call.call.pure
    narrow = rewriter.emit(op.CALL, ty.F32, [wide.args[0]])
    narrow.symbol = rewriter.library_symbol((symbol.library_name or symbol.name) + "f")
    narrow.symbol.references += 1
    narrow.call = info
    return rewriter.emit(op.FCONVERT, ty.F64, [narrow])
