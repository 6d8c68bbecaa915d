"""Checks every invariant of the IR: the graph's (docstring of `function.py`) and each operation's types.

In: a function or module.  Out: nothing, or `VerificationError` that names the function and the value.
Runs after every pass in tests; about as dear as a pass.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import ON_STACK, Block, Function, Module, PieceLocation, Value, normalize
from ourocc.ir.text import print_function, print_terminator, print_value
from ourocc.optimize.control_flow import Dominators


class VerificationError(Exception):
    """The IR is broken: a bug of the pass (or lowering) that ran last."""


# Shapes of type rules
SAME: Final = 1  # all arguments and the result have one type
INTEGER_SAME: Final = 2  # the same, integers or pointers
FLOAT_SAME: Final = 3
COMPARE_INTEGER: Final = 4  # two arguments of one integer type; result i1 or mask
COMPARE_FLOAT: Final = 5

RULES: Final[dict[int, int]] = {}
for _code in (
    op.ADD, op.SUB, op.MUL, op.SDIV, op.UDIV, op.SREM, op.UREM, op.SMULH, op.UMULH, op.AND, op.OR, op.XOR, op.SHL,
    op.LSHR, op.ASHR, op.ROTL, op.NEG, op.NOT, op.BSWAP, op.CLZ, op.CTZ, op.POPCOUNT,
):  # fmt: skip
    RULES[_code] = INTEGER_SAME
for _code in (op.FADD, op.FSUB, op.FMUL, op.FDIV, op.FNEG, op.FABS, op.FSQRT, op.FCOPYSIGN):
    RULES[_code] = FLOAT_SAME
for _code in range(op.EQ, op.UGE + 1):
    RULES[_code] = COMPARE_INTEGER
for _code in range(op.SADD_OVERFLOWS, op.UMUL_OVERFLOWS + 1):
    RULES[_code] = COMPARE_INTEGER
for _code in range(op.FOEQ, op.FUNO + 1):
    RULES[_code] = COMPARE_FLOAT
for _code in (op.COPY, op.EXPECT):
    RULES[_code] = SAME

CONVERSIONS: Final = (
    op.TRUNC, op.ZEXT, op.SEXT, op.FCONVERT, op.SITOF, op.UITOF, op.FTOSI, op.FTOUI, op.BITCAST,
)  # fmt: skip
MEMORY: Final = (
    op.LOAD, op.STORE, op.MEMCPY, op.MEMMOVE, op.MEMSET, op.ATOMIC_LOAD, op.ATOMIC_STORE, op.ATOMIC_RMW,
    op.ATOMIC_CMPXCHG,
)  # fmt: skip
VOID_OPERATIONS: Final = (
    op.STORE, op.MEMCPY, op.MEMMOVE, op.MEMSET, op.STACK_RESTORE, op.ATOMIC_STORE, op.FENCE, op.PREFETCH, op.TRAP,
    op.LINE,
)  # fmt: skip


@final
class Verifier:
    """One function's check."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.uses: list[int] = [0] * function.value_count
        self.defined: list[Block | None] = [None] * function.value_count
        self.position: list[int] = [-1] * function.value_count

    def fail(self, message: str, value: Value | None = None) -> None:
        where = ""
        if value is not None:
            flags = op.FLAGS[value.op] if 0 <= value.op < len(op.FLAGS) else 0
            text = print_terminator(value.block) if flags & op.TERMINATOR else print_value(value)
            where = f" in b{value.block.id}: {text}"
        raise VerificationError(f"{self.function.name}: {message}{where}\n{print_function(self.function)}")

    # ---- the graph

    def run(self) -> None:
        function = self.function
        if not function.blocks:
            self.fail("no blocks")
        if function.blocks[0].predecessors:
            self.fail("the entry has predecessors")
        placed: list[bool] = [False] * function.block_count
        for block in function.blocks:
            if placed[block.id]:
                self.fail(f"b{block.id} stands twice in the layout")
            placed[block.id] = True
        for block in function.blocks:
            self.edges(block, placed)
            self.collect(block)
        dominators = Dominators(function)
        for block in function.blocks:
            self.block(block, dominators)
        for block in function.blocks:
            for value in block.values:
                if value.uses != self.uses[value.id]:
                    self.fail(f"uses is {value.uses}, but there are {self.uses[value.id]} mentions", value)

    def edges(self, block: Block, placed: list[bool]) -> None:
        seen: list[Block] = []
        for successor in block.successors:
            if successor in seen:
                self.fail(f"double edge b{block.id} -> b{successor.id}", block.terminator)
            seen.append(successor)
            if not placed[successor.id]:
                self.fail(f"b{block.id} goes to b{successor.id}, which is not in the layout", block.terminator)
            if block not in successor.predecessors:
                self.fail(f"b{block.id} is not among the predecessors of b{successor.id}", block.terminator)
        seen = []
        for predecessor in block.predecessors:
            if predecessor in seen:
                self.fail(f"b{predecessor.id} is twice a predecessor of b{block.id}")
            seen.append(predecessor)
            if block not in predecessor.successors:
                self.fail(f"b{block.id} is no successor of its predecessor b{predecessor.id}")
            if not placed[predecessor.id]:
                self.fail(f"b{predecessor.id}, a predecessor of b{block.id}, is not in the layout")

    def collect(self, block: Block) -> None:
        phis = True
        for index, value in enumerate(block.values):
            if not 0 <= value.id < self.function.value_count:
                self.fail("id out of range", value)
            if self.defined[value.id] is not None:
                self.fail("the id is used twice", value)
            self.defined[value.id] = block
            self.position[value.id] = index
            if value.block is not block:
                self.fail(f"value.block is b{value.block.id}", value)
            if value.op == op.PHI:
                if not phis:
                    self.fail("a phi after another value", value)
            else:
                phis = False
            for argument in value.args:
                self.mention(argument, value)
        terminator = block.terminator
        if terminator.block is not block:
            self.fail("the terminator belongs to another block", terminator)
        for argument in terminator.args:
            self.mention(argument, terminator)

    def mention(self, argument: Value, user: Value) -> None:
        if not 0 <= argument.id < self.function.value_count:
            self.fail(f"argument v{argument.id} is out of range", user)
        self.uses[argument.id] += 1

    # ---- dominance and types

    def block(self, block: Block, dominators: Dominators) -> None:
        reachable = dominators.reachable(block)
        for index, value in enumerate(block.values):
            if value.op == op.PHI:
                self.phi(value, block, dominators)
            else:
                for argument in value.args:
                    self.dominated(argument, value, block, index, dominators, reachable)
            self.operation(value, block, index)
        terminator = block.terminator
        for argument in terminator.args:
            self.dominated(argument, terminator, block, len(block.values), dominators, reachable)
        self.terminator(block)

    def phi(self, value: Value, block: Block, dominators: Dominators) -> None:
        if len(value.args) != len(block.predecessors):
            self.fail(f"{len(value.args)} arguments for {len(block.predecessors)} predecessors", value)
        for argument, predecessor in zip(value.args, block.predecessors, strict=True):
            if argument.type != value.type:
                self.fail(f"argument v{argument.id} is {ty.name(argument.type)}", value)
            home = self.defined[argument.id]
            if home is None:
                self.fail(f"argument v{argument.id} is defined nowhere", value)
            elif dominators.reachable(predecessor) and not dominators.dominates(home, predecessor):
                self.fail(f"v{argument.id} does not dominate the end of b{predecessor.id}", value)

    def dominated(
        self, argument: Value, user: Value, block: Block, index: int, dominators: Dominators, reachable: bool
    ) -> None:
        home = self.defined[argument.id]
        if home is None:
            self.fail(f"v{argument.id} is defined nowhere", user)
            return
        if home is block:
            if self.position[argument.id] >= index and user is not argument:
                self.fail(f"v{argument.id} is defined after its use", user)
            if user is argument:
                self.fail("uses itself", user)
        elif reachable and not dominators.dominates(home, block):
            self.fail(f"v{argument.id} of b{home.id} does not dominate its use", user)

    def operation(self, value: Value, block: Block, index: int) -> None:
        code = value.op
        if code == op.INVALID or not 0 <= code < len(op.ROWS):
            self.fail("invalid operation", value)
        if op.FLAGS[code] & op.TERMINATOR:
            self.fail("a terminator among the values", value)
        arity = op.ARITY[code]
        if arity >= 0 and len(value.args) != arity:
            self.fail(f"{len(value.args)} arguments instead of {arity}", value)
        if code in VOID_OPERATIONS:
            if value.type != ty.VOID:
                self.fail("must be void", value)
        elif value.type == ty.VOID and code not in (op.CALL, op.ASM, op.TARGET):
            self.fail("has no type", value)
        for argument in value.args:
            if argument.type == ty.VOID:
                self.fail(f"v{argument.id} has no value", value)
        if code in (op.ALLOCA, op.PARAM) and block is not self.function.blocks[0]:
            self.fail("stands outside of the entry block", value)
        rule = RULES.get(code, 0)
        if rule:
            self.rule(rule, value)
        elif code in CONVERSIONS:
            self.conversion(value)
        elif code in MEMORY:
            self.memory(value)
        else:
            self.special(value, block, index)

    def rule(self, rule: int, value: Value) -> None:
        first = value.args[0].type
        for argument in value.args:
            if argument.type != first:
                self.fail(f"v{argument.id} is {ty.name(argument.type)}, v{value.args[0].id} {ty.name(first)}", value)
        lane = ty.lane_type(first)
        floating = ty.is_float(lane)
        if rule in (INTEGER_SAME, COMPARE_INTEGER) and floating or rule in (FLOAT_SAME, COMPARE_FLOAT) and not floating:
            self.fail(f"operand type {ty.name(first)}", value)
        if rule == COMPARE_INTEGER or rule == COMPARE_FLOAT:
            if ty.is_vector(first):
                if not ty.is_vector(value.type) or ty.lane_count(value.type) != ty.lane_count(first):
                    self.fail("the mask has another shape", value)
                if ty.is_float(ty.lane_type(value.type)) or ty.bits(value.type) != ty.bits(first):
                    self.fail("the mask has another width", value)
            elif value.type != ty.I1:
                self.fail("a comparison gives an i1", value)
        elif value.type != first:
            self.fail(f"operands are {ty.name(first)}", value)
        if rule == INTEGER_SAME and first == ty.PTR and value.op not in (op.AND, op.OR, op.XOR):
            self.fail("pointer arithmetic is ptradd", value)

    def conversion(self, value: Value) -> None:
        source = ty.lane_type(value.args[0].type)
        target = ty.lane_type(value.type)
        code = value.op
        if value.imm:
            self.fail("a conversion with a number", value)
        if code == op.BITCAST:
            if ty.bits(value.args[0].type) != ty.bits(value.type):
                self.fail(f"from {ty.name(value.args[0].type)}", value)
            return
        if ty.lane_count(value.args[0].type) != ty.lane_count(value.type):
            self.fail("numbers of lanes differ", value)
        from_float = code in (op.FCONVERT, op.FTOSI, op.FTOUI)
        to_float = code in (op.FCONVERT, op.SITOF, op.UITOF)
        if ty.is_float(source) != from_float or ty.is_float(target) != to_float:
            self.fail(f"from {ty.name(value.args[0].type)}", value)
        if source == ty.PTR or target == ty.PTR:
            self.fail("pointers convert by bitcast", value)
        if code == op.TRUNC and ty.BITS[source] <= ty.BITS[target]:
            self.fail(f"from {ty.name(source)}", value)
        if code in (op.ZEXT, op.SEXT) and ty.BITS[source] >= ty.BITS[target]:
            self.fail(f"from {ty.name(source)}", value)

    def expect(self, value: Value, index: int, type: int) -> None:
        if value.args[index].type != type:
            self.fail(f"v{value.args[index].id} is not {ty.name(type)}", value)

    def memory(self, value: Value) -> None:
        code = value.op
        self.expect(value, 0, ty.PTR)
        if code in (op.LOAD, op.STORE, op.MEMCPY) and not self.function.records.is_valid(value.imm):
            self.fail("no alias class", value)
        if code in (op.MEMCPY, op.MEMMOVE):
            self.expect(value, 1, ty.PTR)
            self.expect(value, 2, ty.I64)
        elif code == op.MEMSET:
            self.expect(value, 1, ty.I8)
            self.expect(value, 2, ty.I64)
        elif code in (op.ATOMIC_RMW, op.ATOMIC_CMPXCHG):
            for index in range(1, len(value.args)):
                self.expect(value, index, value.type)
        if value.type == ty.I1 or (code in (op.STORE, op.ATOMIC_STORE) and value.args[1].type == ty.I1):
            self.fail("an i1 does not live in memory", value)

    def special(self, value: Value, block: Block, index: int) -> None:
        code = value.op
        if code == op.CONST:
            if ty.is_float(ty.lane_type(value.type)):
                self.fail("const of floating type", value)
            if value.imm != normalize(value.imm, value.type):
                self.fail("the constant is not normalized", value)
        elif code == op.FCONST:
            if not ty.is_float(ty.lane_type(value.type)) or not 0 <= value.imm < 1 << ty.BITS[value.type & 255]:
                self.fail("bad floating constant", value)
        elif code == op.VCONST:
            if not ty.is_vector(value.type):
                self.fail("vconst of scalar type", value)
        elif code == op.PARAM:
            locations = self.function.parameter_locations
            if not 0 <= value.imm < len(locations) or locations[value.imm].type != value.type:
                self.fail("does not agree with parameter_locations", value)
        elif code == op.ADDRESS:
            if value.symbol is None or value.type != ty.PTR:
                self.fail("bad address", value)
        elif code == op.LABEL_ADDRESS:
            if value.target is None or not value.target.address_taken:
                self.fail("bad label address", value)
            elif value.target not in self.function.blocks:
                self.fail("the label's block is gone", value)
        elif code == op.ALLOCA:
            if value.imm < 0 or value.extra <= 0 or value.extra & (value.extra - 1):
                self.fail("bad size or alignment", value)
        elif code == op.PTRADD:
            self.expect(value, 0, ty.PTR)
            self.expect(value, 1, ty.I64)
        elif code == op.SELECT:
            if value.args[1].type != value.type or value.args[2].type != value.type:
                self.fail("branches of other types", value)
            if value.args[0].type != ty.I1 and not ty.is_vector(value.args[0].type):
                self.fail("the condition is no i1", value)
        elif code == op.CALL:
            self.call(value)
        elif code == op.RESULT:
            self.result(value, block, index)
        elif code == op.ASM:
            if value.asm is None:
                self.fail("no AsmInfo", value)
        elif code in (op.DYNAMIC_ALLOCA,):
            self.expect(value, 0, ty.I64)
        elif code in (op.VEXTRACT, op.VINSERT, op.VSPLAT, op.VSHUFFLE, op.VMAKE):
            self.vector(value)

    def vector(self, value: Value) -> None:
        code = value.op
        if code == op.VEXTRACT:
            self.expect(value, 1, ty.I64)
            if ty.lane_type(value.args[0].type) != value.type:
                self.fail("another lane type", value)
            return
        lane = ty.lane_type(value.type)
        if not ty.is_vector(value.type):
            self.fail("not a vector", value)
        if code == op.VMAKE:
            if len(value.args) != ty.lane_count(value.type):
                self.fail("wrong number of lanes", value)
            for index in range(len(value.args)):
                self.expect(value, index, lane)
        elif code == op.VSPLAT:
            self.expect(value, 0, lane)
        elif code == op.VINSERT:
            self.expect(value, 0, value.type)
            self.expect(value, 1, lane)
            self.expect(value, 2, ty.I64)

    def call(self, value: Value) -> None:
        info = value.call
        if info is None:
            self.fail("no CallInfo", value)
            return
        first = 0 if value.symbol is not None else 1
        if first and (not value.args or value.args[0].type != ty.PTR):
            self.fail("no callee", value)
        if len(value.args) - first != len(info.argument_locations) or len(info.byval_sizes) != len(info.argument_locations):
            self.fail(f"{len(value.args) - first} pieces for {len(info.argument_locations)} locations", value)
        registers: list[int] = []
        for index, location in enumerate(info.argument_locations):
            argument = value.args[first + index]
            if argument.type != location.type:
                self.fail(f"v{argument.id} is not {ty.name(location.type)}", value)
            self.location(location, registers, info.stack_size, max(info.byval_sizes[index], 1), value)
        results = info.result_locations
        if value.type != (results[0].type if results else ty.VOID):
            self.fail("type and result_locations differ", value)

    def location(
        self, location: PieceLocation, registers: list[int], stack_size: int, size: int, value: Value
    ) -> None:
        if location.register == ON_STACK:
            if location.offset < 0 or location.offset + size > stack_size:
                self.fail(f"stack piece at {location.offset} beyond {stack_size}", value)
        elif location.register in registers:
            self.fail(f"register {location.register} twice", value)
        else:
            registers.append(location.register)

    def result(self, value: Value, block: Block, index: int) -> None:
        source = value.args[0]
        if source.op not in (op.CALL, op.ASM):
            self.fail("result of something that is no call", value)
        previous = block.values[index - 1] if index > 0 else None
        if previous is not source and (previous is None or previous.op != op.RESULT or previous.args[0] is not source):
            self.fail("does not stand right after its call", value)
        if source.call is not None:
            locations = source.call.result_locations
            if not 1 <= value.imm < len(locations) or locations[value.imm].type != value.type:
                self.fail("does not agree with result_locations", value)

    def terminator(self, block: Block) -> None:
        value = block.terminator
        code = value.op
        if not 0 <= code < len(op.FLAGS) or not op.FLAGS[code] & op.TERMINATOR:
            self.fail("no terminator", value)
        count = len(block.successors)
        expected = {op.JUMP: 1, op.BRANCH: 2, op.RETURN: 0, op.UNREACHABLE: 0}.get(code, -1)
        if expected >= 0 and count != expected:
            self.fail(f"{count} successors", value)
        if code == op.BRANCH and (len(value.args) != 1 or value.args[0].type != ty.I1):
            self.fail("the condition is no i1", value)
        if code == op.SWITCH:
            self.switch(block, value)
        if code == op.RETURN:
            locations = self.function.result_locations
            if len(value.args) != len(locations):
                self.fail(f"{len(value.args)} pieces returned, {len(locations)} expected", value)
            for argument, location in zip(value.args, locations, strict=True):
                if argument.type != location.type:
                    self.fail(f"v{argument.id} is not {ty.name(location.type)}", value)

    def switch(self, block: Block, value: Value) -> None:
        if value.cases is None or len(value.args) != 1 or not ty.is_integer(value.args[0].type):
            self.fail("bad switch", value)
            return
        ranges = sorted((case.low, case.high) for case in value.cases)
        for index, (low, high) in enumerate(ranges):
            if low > high or (index > 0 and ranges[index - 1][1] >= low):
                self.fail("empty or overlapping ranges", value)
        for case in value.cases:
            if not 0 <= case.target < len(block.successors):
                self.fail("a case without successor", value)


def verify(function: Function) -> None:
    """Raise VerificationError when the function breaks an invariant."""
    Verifier(function).run()


def verify_module(module: Module) -> None:
    for function in module.functions:
        verify(function)
