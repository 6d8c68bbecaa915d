"""What all parts of semantics share: options, types, name spaces and scopes, the function being analysed.

The analysis is one object, built in layers by inheritance; each layer is a file that adds one
concept and may call those below:

    Context -> Folding (constant.py) -> Conversions -> Operators -> BuiltinCalls -> Expressions
    -> Initializers -> Specifiers -> Declarators -> Declarations -> Statements -> Analyzer

The few calls upwards (an expression contains a type name, a statement expression ...) are
declared here and overridden above.
"""

from typing import Final, final

from ourocc.base.diagnostics import REQUIRED, Diagnostic, Diagnostics
from ourocc.base.source import SourceMap
from ourocc.semantics.options import LanguageOptions
from ourocc.semantics.type_table import TypeTable
from ourocc.semantics.typed_tree import Expression, FunctionDefinition, InitializerItem, Label, TypedUnit, Variable
from ourocc.semantics.typed_tree import Statement as TypedStatement
from ourocc.semantics.types import DataModel, Type
from ourocc.semantics.wanted import Wanted
from ourocc.syntax import tree

# What an ordinary identifier denotes
ENTRY_VARIABLE: Final = 1
ENTRY_TYPEDEF: Final = 2
ENTRY_ENUMERATOR: Final = 3

# What a jump may not enter
JUMP_FUNCTION: Final = 0
JUMP_VARIABLY_MODIFIED: Final = 1
JUMP_STATEMENT_EXPRESSION: Final = 2


@final
class Entry:
    """A declared ordinary identifier or tag, linked to the one it hides."""

    def __init__(self, name: str, kind: int, type: Type, location: int) -> None:
        self.name = name
        self.kind = kind
        self.type = type
        self.location = location
        self.variable: Variable | None = None
        self.value = 0  # enumerators
        self.enumeration: Type | None = None  # enumerators: their enum type
        self.depth = 0
        self.order = 0  # file scope: number of the external declaration that made it
        self.previous: Entry | None = None
        self.used = False
        self.assigned = False  # stored into by assignments that do not count as a use
        self.silenced = False  # file scope: attribute unused
        self.implicit = False  # an implicit or builtin declaration, not (yet) the user's
        self.attributes: AttributeNotes | None = None


@final
class AttributeNotes:
    """Attributes that only checks read: deprecated, format, nonnull, sentinel, warn_unused_result ..."""

    def __init__(self) -> None:
        self.deprecated: str | None = None
        self.unavailable: str | None = None
        self.error: str | None = None
        self.warning: str | None = None
        self.format_kind = ""  # printf, scanf, strftime
        self.format_index = 0  # 1-based
        self.format_first = 0
        self.format_arg = 0
        self.nonnull: list[int] | None = None  # []: all pointers
        self.sentinel = -1
        self.warn_unused = False
        self.unused = False
        self.fallthrough = False
        self.alloc_size: list[int] = []
        self.transparent_union = False


@final
class Scope:
    """The names and tags that one block, prototype or file declares."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.entries: list[Entry] = []
        self.tags: list[Entry] = []
        self.statements: list[TypedStatement] | None = None  # where VLA size evaluations go
        self.vla_depth = 0  # variably modified declarations in force: goto checks


@final
class FunctionState:
    """The function being analysed."""

    def __init__(self, definition: FunctionDefinition, result: Type, outer: "FunctionState | None") -> None:
        self.definition = definition
        self.result = result
        self.outer = outer
        self.labels: dict[str, Label] = {}
        self.local_labels: list[dict[str, Label]] = []
        self.pending: list[PendingGoto] = []
        self.label_contexts: dict[int, JumpContext] = {}  # by id(label)
        self.references: list[Variable] = []
        self.has_return_value = False
        self.depth = 0  # scope depth of the parameters
        self.function_name_variable: Variable | None = None
        self.context = JumpContext(None, JUMP_FUNCTION, 0, "")


@final
class JumpContext:
    """A region that may not be jumped into: scope of a variably modified declaration or a statement expression."""

    def __init__(self, parent: "JumpContext | None", kind: int, location: int, name: str) -> None:
        self.parent = parent
        self.kind = kind  # JUMP_*
        self.location = location
        self.name = name


@final
class PendingGoto:
    def __init__(self, label: Label, location: int, context: JumpContext) -> None:
        self.label = label
        self.location = location
        self.context = context


class Context:
    """The bottom layer."""

    def __init__(
        self, model: DataModel, options: LanguageOptions, sources: SourceMap, diagnostics: Diagnostics
    ) -> None:
        self.model = model
        self.options = options
        self.sources = sources
        self.diagnostics = diagnostics
        self.types = TypeTable(model)
        self.names: dict[str, Entry] = {}
        self.tags: dict[str, Entry] = {}
        self.file_scope = Scope(0)
        self.scope = self.file_scope
        self.scopes: list[Scope] = [self.file_scope]
        self.function: FunctionState | None = None
        self.unit = TypedUnit()
        self.unevaluated = 0  # > 0 inside sizeof, typeof, _Generic controls: nothing is referenced
        self.choosing = 0  # in a condition of __builtin_choose_expr: the optimizer cannot be asked
        self.order = 0  # number of the external declaration being analysed
        self.horizon = 1 << 60  # file-scope names with a higher `order` are not visible (lazily analysed bodies)
        self.unit_references: list[Variable] = []  # references from file-scope initializers
        self.current_references: list[Variable] = self.unit_references
        self.notes: dict[str, AttributeNotes] = {}  # of functions and variables with linkage, by name
        self.undeclared: set[str] = set()  # names already reported in this function
        self.local_statics: dict[str, int] = {}  # name -> last number given
        self.unnamed_count = 0
        self.fold_exceptions = False  # fold 1.0 / 0.0 too: in static initializers
        self.fold_loads = True  # take the values of constant variables: not where C wants an integer constant expression
        self.pending_vlas: list[Type] = []  # VLA types just written, whose lengths are still to be evaluated
        self.prototype_depth = 0  # > 0 inside a parameter list
        self.open_records: list[Type] = []  # records being defined
        self.objects: list[object] = []  # what may be emitted, in order: PendingFunction, Variable, int (file-scope asm)
        self.strings: dict[tuple[bytes, int], Variable] = {}
        self.implicitly_called: set[str] = set()
        self.reported_undeclared = False
        self.parameter_locations: dict[str, list[int]] = {}  # function name -> where its parameters were declared
        self.wanted = Wanted(diagnostics)
        self.parentheses_wanted = self.wants("parentheses")
        self.unused_value_wanted = self.wants("unused-value")
        self.unused_parameter_wanted = self.wants("unused-parameter")
        self.usage_wanted = (
            self.wanted.unused_variable
            or self.unused_parameter_wanted
            or self.wanted.set_but_unused
            or self.wanted.local_typedefs
        )
        self.dropped: tree.Expression | None = None  # the expression whose value is not used, for -Wunused-but-set

    # ------------------------------------------------------------------ calls upwards

    def expression(self, node: tree.Expression) -> Expression:
        raise NotImplementedError

    def value(self, node: tree.Expression) -> Expression:
        raise NotImplementedError

    def type_name(self, node: tree.TypeName) -> Type:
        raise NotImplementedError

    def compound_literal(self, node: tree.CompoundLiteral) -> Expression:
        raise NotImplementedError

    def statement_expression(self, node: tree.StatementExpression) -> Expression:
        raise NotImplementedError

    def label_reference(self, name: str, location: int) -> Label:
        raise NotImplementedError

    def implicit_function(self, name: str, location: int) -> Variable:
        raise NotImplementedError

    def library_function(self, name: str, signature: str, location: int) -> Variable:
        raise NotImplementedError

    def initialize(self, variable: Variable, node: tree.Initializer, static: bool) -> Expression | None:
        raise NotImplementedError

    def reference_list(self, variable: Variable) -> list[Variable]:
        raise NotImplementedError

    def reference(self, variable: Variable) -> None:
        """Note that code which may be emitted mentions `variable`."""
        if self.unevaluated == 0 and variable.storage != 0:
            self.current_references.append(variable)

    # ------------------------------------------------------------------ messages

    def error(self, location: int, message: str) -> Diagnostic:
        return self.diagnostics.error(location, message)

    def warn(self, location: int, option: str, message: str) -> Diagnostic:
        return self.diagnostics.warning(location, option, message)

    def pedwarn(self, location: int, option: str, message: str) -> Diagnostic:
        return self.diagnostics.pedwarn(location, option, message)

    def required(self, location: int, message: str) -> Diagnostic:
        """A violated constraint that gcc only warns of, without a group of its own."""
        return self.diagnostics.pedwarn(location, REQUIRED, message)

    def note(self, parent: Diagnostic, location: int, message: str) -> None:
        self.diagnostics.note(parent, location, message)

    def wants(self, option: str) -> bool:
        """Is an optional warning group on (those that are off by default)?"""
        if self.diagnostics.enabled.get(option, False):
            return True
        return bool(self.diagnostics.changes) and self.diagnostics.turned_on(option)

    def line_start(self, location: int) -> int:
        return self.sources.line_start(location)

    def file_entry(self, name: str) -> Entry | None:
        """What a name denotes at file scope."""
        entry = self.names.get(name)
        while entry is not None and entry.depth:
            entry = entry.previous
        return entry

    # ------------------------------------------------------------------ scopes

    def push_scope(self) -> Scope:
        scope = Scope(len(self.scopes))
        scope.statements = self.scope.statements
        self.scopes.append(scope)
        self.scope = scope
        return scope

    def pop_scope(self) -> Scope:
        scope = self.scopes.pop()
        self.scope = self.scopes[-1]
        names = self.names
        for entry in reversed(scope.entries):
            previous = entry.previous
            if previous is None:
                del names[entry.name]
            else:
                names[entry.name] = previous
        for entry in reversed(scope.tags):
            previous = entry.previous
            if previous is None:
                del self.tags[entry.name]
            else:
                self.tags[entry.name] = previous
        return scope

    def declare(self, entry: Entry) -> None:
        """Make an identifier visible in the current scope."""
        scope = self.scope
        entry.depth = scope.depth
        entry.order = self.order
        entry.previous = self.names.get(entry.name)
        if scope.depth and entry.previous is not None and self.wanted.shadow and not self.prototype_depth:
            self.shadows(entry)
        self.names[entry.name] = entry
        scope.entries.append(entry)

    def shadows(self, entry: Entry) -> None:
        """-Wshadow: a name with another meaning further out is declared."""
        raise NotImplementedError

    def declare_tag(self, name: str, type: Type, location: int) -> None:
        scope = self.scope
        entry = Entry(name, 0, type, location)
        entry.depth = scope.depth
        entry.previous = self.tags.get(name)
        self.tags[name] = entry
        scope.tags.append(entry)

    def lookup(self, name: str) -> Entry | None:
        entry = self.names.get(name)
        if entry is not None and entry.depth == 0 and entry.order > self.horizon:
            return None
        return entry

    def local_entry(self, name: str) -> Entry | None:
        """The entry that the current scope itself declares."""
        entry = self.names.get(name)
        if entry is not None and entry.depth == self.scope.depth:
            return entry
        return None

    def static_symbol(self, name: str) -> str:
        """The assembler name of a static local: name.N."""
        number = self.local_statics.get(name, -1) + 1
        self.local_statics[name] = number
        return f"{name}.{number}"


def whole(offset: int, type: Type, value: Expression) -> InitializerItem:
    return InitializerItem(offset, type, value, None)
