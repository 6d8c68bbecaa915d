"""What a debugger wants to know of the source: types, variables and scopes, in words that know neither C nor DWARF.

In: filled by lowering under -g.  Out: `machine/debug_variables.py` writes debugging entries of it.
"""

from typing import TYPE_CHECKING, Final, final

if TYPE_CHECKING:
    from ourocc.ir.function import Symbol, Value

# Kinds of types
BASE: Final = 0  # `encoding` says how its bits are read
POINTER: Final = 1  # `base`, None for void
STRUCTURE: Final = 2
UNION: Final = 3
ENUMERATION: Final = 4
ARRAY: Final = 5  # `base`, `length` (-1: not known)
SUBROUTINE: Final = 6  # `base` is the result, `members` the parameters
CONST: Final = 7  # of `base`
VOLATILE: Final = 8
RESTRICT: Final = 9
ATOMIC: Final = 10
TYPEDEF: Final = 11
VECTOR: Final = 12  # like ARRAY

# Encodings of base types, with DWARF's numbers (DWARF 5, 7.8)
ENCODING_BOOLEAN: Final = 2
ENCODING_COMPLEX: Final = 3
ENCODING_FLOAT: Final = 4
ENCODING_SIGNED: Final = 5
ENCODING_SIGNED_CHAR: Final = 6
ENCODING_UNSIGNED: Final = 7
ENCODING_UNSIGNED_CHAR: Final = 8


@final
class DebugMember:
    """A member of a record, an enumerator (`offset` is its value), or a parameter of a subroutine type."""

    def __init__(self, name: str, type: "DebugType | None", offset: int) -> None:
        self.name = name
        self.type = type
        self.offset = offset
        self.bit_offset = 0  # of a bit-field, from the record's start
        self.bit_width = -1


@final
class DebugType:
    def __init__(self, kind: int, name: str, size: int) -> None:
        self.kind = kind
        self.name = name
        self.size = size
        self.encoding = 0
        self.base: DebugType | None = None
        self.length = 0
        self.members: list[DebugMember] = []
        self.complete = True
        self.prototyped = False
        self.variadic = False


@final
class DebugVariable:
    """A variable or parameter: in a stack object (`home`), or with static storage (`symbol`)."""

    def __init__(self, name: str, type: DebugType | None, position: int) -> None:
        self.name = name
        self.type = type
        self.position = position
        self.home: Value | None = None  # an alloca or stack_parameter; None: nowhere
        self.symbol: Symbol | None = None
        self.external = False
        self.alignment = 1  # of an alloca: above the stack's, its address is rounded up
        self.indirect = False  # the home holds the object's address
        self.parameter = False


@final
class DebugScope:
    """A block: the source it covers, its variables, the blocks in it."""

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
        self.variables: list[DebugVariable] = []
        self.scopes: list[DebugScope] = []


@final
class DebugSubprogram:
    """A function: its result (None: void) and its outermost scope, parameters first."""

    def __init__(self, result: DebugType | None, scope: DebugScope) -> None:
        self.result = result
        self.scope = scope
        self.prototyped = True
        self.variadic = False
