"""Values, blocks, functions, symbols and modules: the SSA graph.

One final class serves every operation, so that passes are loops over plain attributes.  Ids are dense per function:
an analysis is a list indexed by id.  Invariants (checked by `verifier.py`):
- a block's predecessors are unique, and phi arguments stand in their order;
- `uses` of a value is the exact number of mentions in args of live values, terminators included;
- every use is dominated by its definition; alloca and param stand in the entry block, which has no predecessors;
- edges are unique: a branch has two different successors.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.alias_classes import Records
from ourocc.ir.debug import DebugSubprogram, DebugVariable

# Value.flags
VOLATILE: Final = 1  # load, store, memcpy, memset: exactly as often and as wide as written
NO_SIGNED_WRAP: Final = 2  # add, sub, mul, neg, shl: C signed overflow is undefined here
EXACT: Final = 4  # sdiv/ashr: no remainder (pointer difference)
INBOUNDS: Final = 8  # ptradd stays within its object
INVARIANT: Final = 16  # load of memory that never changes (const data)
NO_TRAP: Final = 32  # load/div known not to trap
HOLDS_ARRAY: Final = 64  # alloca: an object with an array in it (for the stack protector)
HOLDS_BUFFER: Final = 128  # alloca: an object with a character array of at least 8 bytes


@final
class Symbol:
    """A global name: function, object or alias; what `address` and `call` refer to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.library_name = ""  # a function's C name when a declaration gives it another assembler name
        self.is_function = False
        self.defined = False  # in this module
        self.local = False  # internal linkage
        self.weak = False
        self.common = False
        self.visibility = 0  # STV_*
        self.thread_local = False
        self.tls_model = ""  # attribute tls_model, "" for the default of the code model
        self.section = ""  # explicit section name
        self.alignment = 1
        self.size = 0
        self.open_ended = False  # more may follow the declared size: a flexible array member
        self.read_only = False
        self.function: Function | None = None
        self.data: Data | None = None
        self.alias_of: Symbol | None = None
        self.is_ifunc = False
        self.replaceable = False  # another definition may take its place when the program is loaded
        self.keep = False  # attribute used/retain: emitted even when unreferenced
        self.references = 0  # mentions, for dropping unused local symbols
        self.version = ""
        self.mergeable_string = False  # anonymous string literal: may share storage (SHF_MERGE)
        self.constant_pool = False
        self.pure = 0  # 0: no, 1: only reads memory (attribute pure), 2: depends on arguments only (const)
        self.noreturn = False
        self.malloc = False
        self.alloc_size: list[int] = []  # of an allocating function: arguments whose product is the size of what it returns
        self.cold = False
        self.call_error: str | None = None  # attribute error: a call that is left is an error with this text
        self.call_warning: str | None = None  # attribute warning


@final
class DataRelocation:
    """At `offset` in the data stands, `size` bytes wide, the address of `symbol` (or of a label block) plus addend
    (minus another label's, for label differences)."""

    def __init__(self, offset: int, size: int, symbol: Symbol | None, addend: int) -> None:
        self.offset = offset
        self.size = size
        self.symbol = symbol
        self.addend = addend
        self.label: Block | None = None
        self.minus_label: Block | None = None


@final
class Data:
    """Contents of an object; trailing zeros up to Symbol.size may be left out of `bytes`."""

    def __init__(self, contents: bytes) -> None:
        self.contents = contents
        self.relocations: list[DataRelocation] = []


# Where an argument or result piece travels.  A location is a register number of the target (>= 0), or a stack slot.
ON_STACK: Final = -1


@final
class PieceLocation:
    """One scalar piece of an argument or result: IR type, and target register number or stack offset.

    `register`: the target's physical register number (targets/<t>/registers.py), or ON_STACK with `offset` bytes from
    the start of the outgoing (for parameters: incoming) stack argument area.  `extension`: 0 none, 1 sign- or 2 zero-extend
    to the register's width as the psABI asks of the caller (RISC-V)."""

    def __init__(self, type: int, register: int, offset: int) -> None:
        self.type = type
        self.register = register
        self.offset = offset
        self.extension = 0


@final
class CallInfo:
    """What a call needs besides its arguments.

    args[k] (after the callee pointer when `symbol` is None) goes to argument_locations[k].  A piece whose `byval_sizes[k]`
    is not 0 is a pointer to an object that is copied, that many bytes, to the stack offset of its location.
    """

    def __init__(self) -> None:
        self.argument_locations: list[PieceLocation] = []
        self.byval_sizes: list[int] = []
        self.result_locations: list[PieceLocation] = []
        self.stack_size = 0  # bytes of outgoing stack arguments
        self.stack_alignment = 16  # of the outgoing area: more when an over-aligned object is among them
        self.variadic = False
        self.vector_registers = 0  # x86-64: upper bound for al in variadic calls
        self.noreturn = False
        self.returns_twice = False
        self.pure = 0
        self.unchecked: CallInfo | None = None  # of __sprintf_chk and kin: where the arguments of the plain function go
        self.tail = False  # may be a sibling call
        self.must_tail = False


@final
class AsmInfo:
    """Extended asm, already resolved as far as C knows it.

    `constraints`: outputs first, then inputs, then hidden inputs of "+" operands ("=r", "=&a", "r", "0", "m", "i", ...).
    Register outputs are results 0..; memory operands ("m" outputs and inputs) are pointer arguments.
    `operand_kinds[k]`: ASM_OUTPUT (result), ASM_MEMORY (arg is its address), ASM_INPUT (arg is the value), ASM_IMMEDIATE
    (arg must be a constant or symbol address); for ASM_INPUT tied to an output "0".."9" stands in its constraint.
    `template` has %k, %[name] replaced by %k already; letters as in %b0 stay."""

    def __init__(self, template: str) -> None:
        self.template = template
        self.constraints: list[str] = []
        self.operand_kinds: list[int] = []
        self.operand_values: list[int] = []  # index into args, or result number for ASM_OUTPUT
        self.operand_types: list[int] = []  # IR types
        self.clobbers: list[str] = []
        self.registers: list[str] = []  # fixed register of operand k from `register x asm("..")`, or ""
        self.volatile = False
        self.result_count = 0
        self.basic = False
        self.label_count = 0


ASM_OUTPUT: Final = 0
ASM_MEMORY: Final = 1
ASM_INPUT: Final = 2
ASM_IMMEDIATE: Final = 3


@final
class SwitchCase:
    """Values low..high (inclusive, as signed numbers of the control's type) go to successors[target]."""

    def __init__(self, low: int, high: int, target: int) -> None:
        self.low = low
        self.high = high
        self.target = target


@final
class Value:
    """One SSA value (or effect).  See `operations.py` for what the fields mean for each `op`."""

    def __init__(self, id: int, op: int, type: int, block: "Block") -> None:
        self.id = id
        self.op = op
        self.type = type
        self.args: list[Value] = []
        self.imm = 0
        self.extra = 0
        self.flags = 0
        self.uses = 0
        self.position = 0  # source location
        self.block = block
        self.symbol: Symbol | None = None
        self.call: CallInfo | None = None
        self.asm: AsmInfo | None = None
        self.cases: list[SwitchCase] | None = None
        self.target: Block | None = None

    def add_argument(self, value: "Value") -> None:
        value.uses += 1
        self.args.append(value)

    def set_argument(self, index: int, value: "Value") -> None:
        value.uses += 1
        self.args[index].uses -= 1
        self.args[index] = value

    def remove_argument(self, index: int) -> None:
        self.args[index].uses -= 1
        del self.args[index]

    def clear_arguments(self) -> None:
        for argument in self.args:
            argument.uses -= 1
        self.args = []

    def copy_details(self, value: "Value") -> None:
        """Take over all of `value` but type, arguments and target; references to its symbol are the caller's to count."""
        self.imm = value.imm
        self.extra = value.extra
        self.flags = value.flags
        self.position = value.position
        self.symbol = value.symbol
        self.call = value.call
        self.asm = value.asm
        if value.cases is not None:
            self.cases = [SwitchCase(case.low, case.high, case.target) for case in value.cases]

    def become_copy(self, value: "Value") -> None:
        """Turn this value into `copy value` in place; `optimize/copies.py` sweeps copies away later."""
        value.uses += 1
        for argument in self.args:
            argument.uses -= 1
        self.op = op.COPY
        self.args = [value]
        self.imm = 0
        self.symbol = None

    def become_constant(self, number: int) -> None:
        """Turn this value into an integer constant of its type (`number` is sign-extended here)."""
        self.clear_arguments()
        self.op = op.CONST
        self.imm = normalize(number, self.type)
        self.symbol = None


@final
class Block:
    """A basic block: phis, values, then one terminator."""

    def __init__(self, id: int, function: "Function") -> None:
        self.id = id
        self.function = function
        self.values: list[Value] = []
        self.terminator = Value(-1, op.UNREACHABLE, ty.VOID, self)
        self.predecessors: list[Block] = []
        self.successors: list[Block] = []
        self.address_taken = False  # some label_address or data refers to it
        self.frequency = 0  # estimated executions, 0 unknown
        self.cold = False

    def predecessor_index(self, block: "Block") -> int:
        for index, predecessor in enumerate(self.predecessors):
            if predecessor is block:
                return index
        raise AssertionError(f"b{block.id} is no predecessor of b{self.id}")


@final
class Function:
    """A function: blocks[0] is the entry.  `blocks` order is the layout order after `machine/` ordered them."""

    def __init__(self, symbol: Symbol, records: Records | None = None) -> None:
        self.symbol = symbol
        self.name = symbol.name
        self.blocks: list[Block] = []
        self.value_count = 0  # next value id
        self.block_count = 0  # next block id
        self.parameter_locations: list[PieceLocation] = []
        self.result_locations: list[PieceLocation] = []
        self.stack_parameter_size = 0  # bytes of named incoming stack arguments
        self.variadic = False
        self.va_info = 0  # target's: e.g. x86-64 named GPRs used | named XMMs used << 8
        self.calls_setjmp = False
        self.has_dynamic_stack = False
        self.needs_frame_pointer = False
        self.naked = False
        self.noreturn = False
        self.always_inline = False
        self.no_inline = False
        self.inline_hint = False
        self.inline_only = False  # only there to be inlined: no code is emitted for it
        self.cold = False
        self.optimize_level = -1  # attribute optimize, -1: the unit's
        self.position = 0
        self.end_position = 0
        self.stack_protect = False
        self.records = records if records is not None else Records()  # what the alias classes of loads and stores speak of
        self.labels_in_data = False  # static data holds addresses of its labels: there can be no second copy
        self.cleanup_list: Value | None = None  # alloca of the head of a list that unwinding looks at
        self.debug: DebugSubprogram | None = None  # with -g

    def new_block(self) -> Block:
        block = Block(self.block_count, self)
        self.block_count += 1
        self.blocks.append(block)
        return block

    def new_value(self, operation: int, type: int, block: Block) -> Value:
        """A value with a fresh id, not yet in `block.values`."""
        value = Value(self.value_count, operation, type, block)
        self.value_count += 1
        return value


@final
class Module:
    """A translation unit: symbols by name, and functions, data and file-scope asm in order of emission."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.symbols: dict[str, Symbol] = {}
        self.records = Records()
        self.functions: list[Function] = []
        self.objects: list[Symbol] = []  # symbols with `data` (or common/bss), in order
        self.aliases: list[Symbol] = []
        self.assembly: list[str] = []
        self.constructors: list[tuple[int, Symbol]] = []  # priority, function
        self.destructors: list[tuple[int, Symbol]] = []
        self.idents: list[str] = []
        self.variables: list[DebugVariable] = []  # with -g: objects with static storage
        self.string_count = 0
        self.renamed: dict[str, str] = {}  # assembler names of functions that have another C name
        self.executable_stack = False  # trampolines of nested functions: the object asks for an executable stack

    def symbol(self, name: str) -> Symbol:
        """The symbol of that assembler name, made on first mention."""
        found = self.symbols.get(name)
        if found is None:
            found = Symbol(name)
            self.symbols[name] = found
        return found


def normalize(number: int, type: int) -> int:
    """`number` wrapped to the integer type and sign-extended, the form kept in `Value.imm`."""
    if type == ty.I1:
        return number & 1
    width = ty.BITS[type & 255]
    number &= (1 << width) - 1
    if number >> (width - 1):
        number -= 1 << width
    return number


def unsigned(number: int, type: int) -> int:
    """The non-negative reading of a normalized constant."""
    return number & ((1 << ty.BITS[type & 255]) - 1)


def add_edge(source: Block, target: Block) -> None:
    """Append the edge; the caller extends the target's phis, if it has any."""
    source.successors.append(target)
    target.predecessors.append(source)


def remove_edge(source: Block, target: Block) -> None:
    """Remove the edge and the phi arguments that belonged to it."""
    index = target.predecessor_index(source)
    del target.predecessors[index]
    for value in target.values:
        if value.op != op.PHI:
            break
        value.remove_argument(index)
    for position, successor in enumerate(source.successors):
        if successor is target:
            del source.successors[position]
            return
