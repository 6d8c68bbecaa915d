"""State of the lowering: one `UnitContext` a translation unit, one `FunctionContext` a function.

The other files of this room are plain functions over a FunctionContext.  How C values are represented:
- integers, pointers, real floats: one IR value (bool: i8 that is 0 or 1);
- vectors that fit the target's vector registers: one IR value; other vectors, structs, unions: the *address* of memory
  that holds the value and that nobody changes before it is used;
- complex numbers: two values, only through `complex.py`.
"""

from typing import Final, final

from ourocc.base.diagnostics import Diagnostics
from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.builder import Builder
from ourocc.ir.function import VOLATILE, Block, Data, DataRelocation, Function, Module, Symbol, Value
from ourocc.lower.debug import Describer, ScopeRecorder
from ourocc.lower.options import LoweringOptions
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import DataModel, Type
from ourocc.targets.abi import Abi, CallLayout

CLEANUP_CALL: Final = 0
CLEANUP_STACK: Final = 1


@final
class Cleanup:
    """What must happen when control leaves the scope of a declaration; a linked list, innermost first."""

    def __init__(self, parent: "Cleanup | None", kind: int, variable: tt.Variable | None, slot: Value | None) -> None:
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent is not None else 1
        self.kind = kind
        self.variable = variable  # CLEANUP_CALL: whose attribute cleanup runs
        self.slot = slot  # CLEANUP_STACK: where the stack pointer was saved; CLEANUP_CALL: its record (unwinding.py)


@final
class PendingGoto:
    """A goto out of scopes that need cleanups, to a label that may come later."""

    def __init__(self, block: Block, label: tt.Label, cleanup: Cleanup | None) -> None:
        self.block = block
        self.label = label
        self.cleanup = cleanup


@final
class Captures:
    """Variables of a function that its nested functions use: the frame record that the static chain points to.

    Slot 0 holds the function's own static chain, others addresses of variables' homes, or the three words of a label
    that nested functions jump to."""

    def __init__(self) -> None:
        self.count = 1
        self.slots: dict[tt.Variable, int] = {}
        self.labels: dict[tt.Label, int] = {}
        self.label_addresses: dict[tt.Label, int] = {}  # one word each: &&label

    def slot(self, variable: tt.Variable) -> int:
        found = self.slots.get(variable)
        if found is None:
            found = self.count
            self.count += 1
            self.slots[variable] = found
        return found

    def label_address_slot(self, label: tt.Label) -> int:
        found = self.label_addresses.get(label)
        if found is None:
            found = self.count
            self.count += 1
            self.label_addresses[label] = found
        return found

    def label_slot(self, label: tt.Label) -> int:
        found = self.labels.get(label)
        if found is None:
            found = self.count
            self.count += 3
            self.labels[label] = found
        return found


@final
class Evaluated:
    """An evaluated argument: a value, or the two parts of a complex one."""

    def __init__(self, type: Type, value: Value | None, parts: tuple[Value, Value] | None) -> None:
        self.type = type
        self.value = value
        self.parts = parts


@final
class Expansion:
    """A call that is expanded in place: where `return` goes, and the variable arguments."""

    def __init__(self, pack: list[Evaluated], done: Block, result: Value | None, type: Type) -> None:
        self.pack = pack
        self.done = done
        self.result = result  # memory for the value
        self.type = type
        self.cleanup: Cleanup | None = None


@final
class UnitContext:
    """What the functions of a unit share."""

    def __init__(
        self, module: Module, data_model: DataModel, abi: Abi, options: LoweringOptions, diagnostics: Diagnostics
    ) -> None:
        self.module = module
        self.data_model = data_model
        self.abi = abi
        self.options = options
        self.diagnostics = diagnostics
        self.describer: Describer | None = Describer() if options.variables else None
        self.symbols: dict[tt.Variable, Symbol] = {}
        self.strings: dict[tuple[bytes, int], Symbol] = {}
        self.record_numbers: dict[int, int] = {}  # of records in `module.records`, by type
        self.record_names: dict[tuple[str, int], int] = {}  # by tag and size
        self.anonymous_count = 0
        self.parents: dict[tt.Variable, FunctionContext] = {}  # nested function -> the function around it
        self.label_relocations: list[tuple[DataRelocation, tt.Label, tt.Label | None]] = []  # resolved at the end
        self.label_blocks: dict[tt.Label, Block] = {}
        self.pack_users: dict[tt.Variable, bool] = {}  # does the function use __builtin_va_arg_pack?
        self.double = Type(ct.DOUBLE, -1)
        self.double.size = 8
        self.double.alignment = 8
        self.pointer = Type(ct.POINTER, -3)  # of what is passed by reference without C saying so
        self.pointer.size = 8
        self.pointer.alignment = 8
        self.int = Type(ct.INT, -2)
        self.int.size = 4
        self.int.alignment = 4

    def symbol(self, variable: tt.Variable) -> Symbol:
        """The symbol of a function or of an object with static storage."""
        found = self.symbols.get(variable)
        if found is None:
            found = self.module.symbol(variable.symbol_name)
            self.symbols[variable] = found
            describe_symbol(found, variable)
        return found

    def anonymous(self, contents: bytes, alignment: int, read_only: bool) -> Symbol:
        """A new local data symbol without a C name."""
        symbol = self.module.symbol(f".LC{self.anonymous_count}")
        self.anonymous_count += 1
        symbol.defined = True
        symbol.local = True
        symbol.read_only = read_only
        symbol.alignment = alignment
        symbol.size = len(contents)
        symbol.data = Data(contents)
        self.module.objects.append(symbol)
        return symbol

    def string(self, contents: bytes, alignment: int) -> Symbol:
        """The read-only array with these bytes; equal literals share one."""
        key = (contents, alignment)
        found = self.strings.get(key)
        if found is None:
            found = self.anonymous(contents, alignment, True)
            zero = contents.find(b"\0")
            found.mergeable_string = alignment == 1 and zero == len(contents) - 1
            self.strings[key] = found
        return found


def describe_symbol(symbol: Symbol, variable: tt.Variable) -> None:
    """Copy what the declaration says; called again when a definition is emitted."""
    symbol.is_function = variable.is_function
    symbol.local = symbol.local or variable.linkage != tt.LINKAGE_EXTERNAL
    symbol.weak = symbol.weak or variable.weak
    symbol.visibility = variable.visibility
    symbol.thread_local = variable.storage == tt.STORAGE_THREAD
    symbol.tls_model = variable.tls_model
    symbol.section = variable.section
    symbol.keep = symbol.keep or variable.keep
    result = variable.type.base
    if variable.is_function and result is not None and result.is_scalar() and result.kind != ct.COMPLEX:
        symbol.pure = variable.pure  # other results may be written to memory
    symbol.noreturn = variable.noreturn
    symbol.malloc = variable.malloc
    if variable.alloc_size and all(type.is_scalar() and type.size <= 8 for type in variable.type.parameters):
        symbol.alloc_size = [number - 1 for number in variable.alloc_size]
    symbol.cold = variable.cold
    symbol.call_error = variable.call_error
    symbol.call_warning = variable.call_warning
    symbol.version = variable.symbol_version
    if variable.is_function:
        symbol.alignment = max(variable.alignment, 1)
        symbol.library_name = variable.name if variable.name != symbol.name else ""
    else:
        symbol.alignment = max(variable.type.alignment, variable.alignment, 1)
        symbol.size = max(variable.type.size, variable.initialized_size)
        symbol.open_ended = variable.type.flexible and variable.initialized_size == 0


def object_alignment(variable: tt.Variable, size: int) -> int:
    """Alignment of a defined object of `size` bytes: arrays of 16 bytes or more have at least 16 (System V psABI,
    x86-64, 3.1.2), which copies in vector registers like on other targets too; an attribute says it exactly."""
    alignment = max(variable.type.alignment, variable.alignment, 1)
    if size >= 16 and variable.type.kind == ct.ARRAY and not variable.alignment and not variable.is_string:
        alignment = max(alignment, 16)
    return alignment


def wants_strict_aliasing(options: LoweringOptions, function: tt.Variable) -> bool:
    """-fstrict-aliasing, and what the function's attribute optimize says about it."""
    if not options.strict_aliasing:
        return False
    for word in function.optimize.split(","):
        if word in ("no-strict-aliasing", "-fno-strict-aliasing") or word.lstrip("-O")[:1] in ("0", "1", "g"):
            return False
    return True


@final
class FunctionContext:
    """What lowering knows in the middle of a function."""

    def __init__(self, unit: UnitContext, function: Function, definition: tt.FunctionDefinition) -> None:
        self.unit = unit
        self.function = function
        self.definition = definition
        self.builder = Builder(function)
        self.layout = CallLayout()
        self.scopes: ScopeRecorder | None = None
        if unit.describer is not None:
            self.scopes = ScopeRecorder(unit.describer, definition)
        self.addresses: dict[tt.Variable, Value] = {}  # homes of automatic variables
        self.indirect: dict[tt.Variable, Value] = {}  # VLAs: where their address is kept
        self.labels: dict[tt.Label, Block] = {}
        self.label_cleanups: dict[tt.Label, Cleanup | None] = {}
        self.taken_labels: list[Block] = []
        self.pending_gotos: list[PendingGoto] = []
        self.indirect_block: Block | None = None  # all computed gotos meet here
        self.indirect_slot: Value | None = None
        self.cases: dict[tt.CaseLabel, Block] = {}
        self.cleanup: Cleanup | None = None
        self.break_block: Block | None = None
        self.break_cleanup: Cleanup | None = None
        self.continue_block: Block | None = None
        self.continue_cleanup: Cleanup | None = None
        self.dead_block: Block | None = None
        self.argument_block: Value | None = None  # all argument registers, for __builtin_apply_args
        self.strict_aliasing = wants_strict_aliasing(unit.options, definition.variable)
        self.instrumented = False  # calls __cyg_profile_func_exit where it returns
        self.saved: dict[tt.SavedValue, Value] = {}
        self.saved_complex: dict[tt.SavedValue, tuple[Value, Value]] = {}
        self.evaluated_lengths: dict[tt.Variable, bool] = {}  # VLA lengths whose evaluation was emitted
        self.sret_slot: Value | None = None  # holds the hidden result pointer
        self.return_type: Type = unit.int
        # nested functions
        self.own: dict[tt.Variable, bool] = {}  # its automatic variables (filled when functions nest)
        self.parent: FunctionContext | None = None
        self.captures = Captures()
        self.record: Value | None = None  # the frame record, when nested functions exist
        self.chain_slot: Value | None = None  # where the incoming static chain is kept
        self.receivers: list[tuple[Block, tt.Label]] = []  # where jumps out of nested functions arrive
        # a function that is expanded here because it passes on its variable arguments (`inline.py`)
        self.expansion: Expansion | None = None

    # ---- types

    def ir_type(self, type: Type) -> int:
        """The IR type of a value of this scalar or vector-register type."""
        if type.kind == ct.VECTOR:
            return self.unit.abi.vector_type(type)
        return self.unit.abi.ir_type(type)

    def in_memory(self, type: Type) -> bool:
        """Is a value of this type represented by an address?"""
        kind = type.kind
        if kind == ct.VECTOR:
            return type.size != self.unit.abi.vector_bytes
        return kind == ct.STRUCT or kind == ct.UNION or kind == ct.ARRAY

    # ---- dead code

    def is_dead(self) -> bool:
        """Nothing emitted now can be reached (a label may revive)."""
        return self.builder.terminated or self.builder.block is self.dead_block

    def revive(self) -> None:
        """After a terminator inside an expression: go on in a block that nobody reaches."""
        if self.builder.terminated:
            block = self.builder.new_block()
            self.builder.start(block)
            self.dead_block = block

    # ---- shorthands

    def const(self, number: int, type: int = ty.I64) -> Value:
        return self.builder.const(number, type)

    def temporary(self, type: Type) -> Value:
        """Stack space for an object, rounded up so that whole pieces can be stored."""
        return self.builder.alloca(max((type.size + 7) & -8, 8), max(type.alignment, 1))

    def copy(
        self, destination: Value, source: Value, size: int, alignment: int, volatile: bool = False, alias_class: int = 0
    ) -> None:  # fmt: skip
        """memcpy of a constant size."""
        if size == 0 or destination is source:
            return
        copied = self.builder.operation(op.MEMCPY, ty.VOID, [destination, source, self.const(size)])
        copied.imm = alias_class
        copied.extra = alignment
        if volatile:
            copied.flags |= VOLATILE

    def unimplemented(self, location: int, what: str) -> None:
        self.unit.diagnostics.error(location, f"sorry, unimplemented: {what}")

    def undef(self, type: int) -> Value:
        return self.builder.emit(op.UNDEF, type)
