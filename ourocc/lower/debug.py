"""-g: describes C types and variables for the debugger (`ir/debug.py`).

A `Describer` belongs to a unit and makes one description a type; a `ScopeRecorder` belongs to a function and notes which
variables are declared in which block.  Homes are looked up when the function is complete.
"""

from typing import Final, final

from ourocc.ir import debug
from ourocc.ir import operations as op
from ourocc.ir.debug import DebugMember, DebugScope, DebugSubprogram, DebugType, DebugVariable
from ourocc.ir.function import Symbol, Value
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type

_NAMES: Final = {
    ct.BOOL: "_Bool", ct.CHAR: "char", ct.SCHAR: "signed char", ct.UCHAR: "unsigned char", ct.SHORT: "short int",
    ct.USHORT: "short unsigned int", ct.INT: "int", ct.UINT: "unsigned int", ct.LONG: "long int",
    ct.ULONG: "long unsigned int", ct.LLONG: "long long int", ct.ULLONG: "long long unsigned int",
    ct.INT128: "__int128", ct.UINT128: "__int128 unsigned", ct.FLOAT16: "_Float16", ct.FLOAT: "float",
    ct.DOUBLE: "double", ct.LDOUBLE: "long double", ct.FLOAT128: "_Float128", ct.NULLPTR: "typeof (nullptr)",
}  # fmt: skip
_QUALIFIERS: Final = (
    (ct.CONST, debug.CONST),
    (ct.VOLATILE, debug.VOLATILE),
    (ct.RESTRICT, debug.RESTRICT),
    (ct.ATOMIC, debug.ATOMIC),
)


@final
class Describer:
    def __init__(self) -> None:
        self.known: dict[tuple[int, int], DebugType] = {}  # by id of the unqualified type, and qualifiers

    def describe(self, type: Type) -> DebugType | None:
        """None for void."""
        plain = type.unqualified
        found = self._plain(plain)
        applied = 0
        for bit, kind in _QUALIFIERS:
            if not type.qualifiers & bit:
                continue
            applied |= bit
            qualified = self.known.get((plain.id, applied))
            if qualified is None:
                qualified = DebugType(kind, "", 0)
                qualified.base = found
                self.known[(plain.id, applied)] = qualified
            found = qualified
        return found

    def _plain(self, type: Type) -> DebugType | None:
        if type.kind == ct.VOID or type.kind == ct.ERROR:
            return None
        found = self.known.get((type.id, 0))
        if found is not None:
            return found
        kind = type.kind
        if kind in (ct.STRUCT, ct.UNION):
            return self._record(type)
        made = DebugType(debug.BASE, _NAMES.get(kind, ""), type.size)
        self.known[(type.id, 0)] = made
        if kind in (ct.ARRAY, ct.VECTOR):
            made.kind = debug.ARRAY if kind == ct.ARRAY else debug.VECTOR
            made.length = type.length if type.length >= 0 else -1
            assert type.base is not None
            made.base = self.describe(type.base)
        elif kind == ct.POINTER:
            made.kind = debug.POINTER
            assert type.base is not None
            made.base = self.describe(type.base)
        elif kind == ct.FUNCTION:
            self._function(type, made)
        elif kind == ct.ENUM:
            made.kind = debug.ENUMERATION
            made.name = type.tag
            made.complete = type.complete
            made.members = [DebugMember(name, None, value) for name, value in type.enumerators]
            if type.underlying is not None:
                made.base = self.describe(type.underlying)
        elif kind == ct.COMPLEX:
            made.encoding = debug.ENCODING_COMPLEX
            assert type.base is not None
            made.name = f"complex {_NAMES.get(type.base.kind, '')}"
        else:
            made.encoding = encoding(type)
        return made

    def _function(self, type: Type, made: DebugType) -> None:
        made.kind = debug.SUBROUTINE
        made.prototyped = type.prototype
        made.variadic = type.variadic
        assert type.base is not None
        made.base = self.describe(type.base)
        made.members = [DebugMember("", self.describe(parameter), 0) for parameter in type.parameters]

    def _record(self, type: Type) -> DebugType:
        """Entered before its members, which may point back to it.  A record without tag goes by its typedef's name."""
        made = DebugType(debug.STRUCTURE if type.kind == ct.STRUCT else debug.UNION, type.tag, type.size)
        made.complete = type.complete
        outer = made
        if not type.tag and type.typedef_name:
            outer = DebugType(debug.TYPEDEF, type.typedef_name, type.size)
            outer.base = made
        self.known[(type.id, 0)] = outer
        for field in type.fields:
            if field.bit_width >= 0 and not field.name:
                continue
            member = DebugMember(field.name, self.describe(field.type), field.offset)
            if field.bit_width >= 0:
                member.bit_width = field.bit_width
                member.bit_offset = field.offset * 8 + field.bit_offset
            made.members.append(member)
        return outer


def encoding(type: Type) -> int:
    if type.kind == ct.BOOL:
        return debug.ENCODING_BOOLEAN
    if type.is_floating():
        return debug.ENCODING_FLOAT
    if ct.CHAR <= type.kind <= ct.UCHAR:
        return debug.ENCODING_UNSIGNED_CHAR if type.unsigned else debug.ENCODING_SIGNED_CHAR
    return debug.ENCODING_UNSIGNED if type.unsigned else debug.ENCODING_SIGNED


@final
class ScopeRecorder:
    """The scopes of one function while it is lowered."""

    def __init__(self, describer: Describer, definition: tt.FunctionDefinition) -> None:
        self.describer = describer
        self.definition = definition
        self.outermost = DebugScope(definition.location, definition.end)
        self.open: list[DebugScope] = [self.outermost]
        self.noted: list[tuple[DebugVariable, tt.Variable]] = []
        for parameter in definition.parameters:
            self.declare(parameter)
            self.outermost.variables[-1].parameter = True

    def enter(self, start: int, end: int) -> None:
        scope = DebugScope(start, end)
        self.open[-1].scopes.append(scope)
        self.open.append(scope)

    def leave(self) -> None:
        self.open.pop()

    def declare(self, variable: tt.Variable) -> None:
        described = DebugVariable(variable.name, self.describer.describe(variable.type), variable.location)
        described.alignment = max(variable.type.alignment, variable.alignment)
        self.open[-1].variables.append(described)
        self.noted.append((described, variable))

    def finish(
        self, addresses: dict[tt.Variable, Value], indirect: dict[tt.Variable, Value], optimizing: bool
    ) -> DebugSubprogram:
        """Homes are known now.  An optimizer may keep values elsewhere for a while: then none is named."""
        for described, variable in self.noted:
            if optimizing:
                break
            home = indirect.get(variable)
            described.indirect = home is not None
            if home is None:
                home = addresses.get(variable)
            if home is not None and home.op in (op.ALLOCA, op.STACK_PARAMETER):
                described.home = home
        type = self.definition.variable.type
        assert type.base is not None
        made = DebugSubprogram(self.describer.describe(type.base), self.outermost)
        made.prototyped = type.prototype
        made.variadic = type.variadic
        return made


def describe_object(describer: Describer, variable: tt.Variable, symbol: Symbol) -> DebugVariable:
    """An object with static storage."""
    made = DebugVariable(variable.name, describer.describe(variable.type), variable.location)
    made.symbol = symbol
    made.external = variable.linkage == tt.LINKAGE_EXTERNAL
    return made
