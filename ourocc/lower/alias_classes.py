"""Which alias class an access has: from the type of the place, and from how the program came to it.

C17 6.5p7 with gcc's extensions: signed and unsigned are one type, an enumeration is its integer type, vectors and complex numbers are
their elements; a member of a union, reached through the union, may be read as what another member was (gcc's manual,
-fstrict-aliasing), as may everything inside of it.
"""

from typing import TYPE_CHECKING, Final

from ourocc.ir import alias_classes as classes
from ourocc.lower.context import FunctionContext, UnitContext
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type

if TYPE_CHECKING:
    from ourocc.lower.places import Place

# How free the type of an access is
NONE: Final = 0
MEMBERS: Final = 1  # parts of a union: like any of its members
ALL: Final = 2

_OPAQUE: Final = ct.MAY_ALIAS | ct.ATOMIC | ct.REVERSED

# From a pointer or place to what it is made of
_STEPS: Final = (tt.ARRAY_DECAY, tt.ADDRESS_OF, tt.CONVERT, tt.DEREFERENCE, tt.REAL_PART, tt.IMAGINARY_PART)
# Where a pointer comes from anywhere, or from an object as a whole
_CLEAR: Final = (
    tt.LOAD, tt.CALL, tt.INTEGER_CONSTANT, tt.ASSIGN, tt.COMPOUND_ASSIGN, tt.INCREMENT, tt.VA_ARG, tt.VARIABLE,
    tt.COMPOUND_LITERAL,
)  # fmt: skip

_CLASSES: Final[dict[int, int]] = {
    ct.BOOL: classes.BOOL,
    ct.SHORT: classes.SHORT,
    ct.USHORT: classes.SHORT,
    ct.INT: classes.INT,
    ct.UINT: classes.INT,
    ct.LONG: classes.LONG,
    ct.ULONG: classes.LONG,
    ct.LLONG: classes.LONG_LONG,
    ct.ULLONG: classes.LONG_LONG,
    ct.INT128: classes.INT128,
    ct.UINT128: classes.INT128,
    ct.FLOAT16: classes.FLOAT16,
    ct.FLOAT: classes.FLOAT,
    ct.DOUBLE: classes.DOUBLE,
    ct.LDOUBLE: classes.LONG_DOUBLE,
    ct.FLOAT128: classes.FLOAT128,
    ct.POINTER: classes.POINTER,
    ct.NULLPTR: classes.POINTER,
}


def class_of(type: Type) -> int:
    """The class of an access to a scalar of this type."""
    while True:
        if type.qualifiers & _OPAQUE:
            return classes.ANY
        found = _CLASSES.get(type.kind)
        if found is not None:
            return found
        if type.kind == ct.VECTOR or type.kind == ct.COMPLEX:
            base = type.base
        elif type.kind == ct.ENUM:
            base = type.underlying
        else:
            return classes.ANY
        if base is None:
            return classes.ANY
        type = base


def freedom(type: Type) -> int:
    """NONE, or MEMBERS or ALL for a type of which the parts, or anything, may be accessed as another type."""
    if type.kind < ct.ARRAY:
        return ALL if type.qualifiers & _OPAQUE else NONE
    while type.kind == ct.ARRAY and type.base is not None:
        type = type.base
    if (type.qualifiers & _OPAQUE) != 0 or type.may_alias or type.unqualified.may_alias:
        return ALL
    return MEMBERS if type.kind == ct.UNION else NONE


def record_number(unit: UnitContext, type: Type) -> int:
    """The number of a structure or union among the module's records, 0 for other types."""
    if not type.is_record():
        return 0
    type = type.unqualified
    found = unit.record_numbers.get(type.id)
    if found is not None:
        return found
    records = unit.module.records
    name = (type.tag, type.size)
    number = unit.record_names.get(name, 0) if type.tag else 0  # C23: the same structure once more
    if number == 0:
        number = records.add()
        unit.record_names[name] = number
    unit.record_numbers[type.id] = number
    if number:
        for field in type.fields:
            inner = field.type
            while inner.kind == ct.ARRAY and inner.base is not None:
                inner = inner.base
            part = record_number(unit, inner)
            if part:
                records.parts[number] |= 1 << part | records.parts[part]
                records.scalars[number] |= records.scalars[part]
            else:
                records.scalars[number] |= 1 << class_of(inner)
    return number


def array_owner(pointer: tt.Expression) -> Type | None:
    """The outermost record around the member array that the pointer is computed from: `p->a + i`."""
    expression = pointer
    while expression.kind == tt.POINTER_ADD or expression.kind == tt.POINTER_SUBTRACT:
        assert isinstance(expression, tt.PointerArithmetic)
        expression = expression.left
    if expression.kind != tt.ARRAY_DECAY:
        return None
    assert isinstance(expression, tt.UnaryOperation)
    expression = expression.operand
    while expression.kind == tt.MEMBER:
        assert isinstance(expression, tt.MemberAccess)
        expression = expression.base
    return expression.type if expression.type.is_record() else None


def freedom_of_target(pointer: tt.Expression) -> int:
    """The freedom of what a pointer points to that is computed right here from an object: MEMBERS for the elements of an array in a
    union (`u.a[i]`), of which `array_owner` tells the union; ALL where it cannot (`*&u.x`, `u.a[i].b[j]`)."""
    if pointer.kind == tt.LOAD:
        return NONE
    expression = pointer
    beyond = False  # of what array_owner looks at
    free = NONE
    while True:
        kind = expression.kind
        if expression.is_place:
            free = max(free, freedom(expression.type))
            if free != NONE and beyond:
                return ALL
        if kind in _STEPS:
            assert isinstance(expression, tt.UnaryOperation)
            beyond = beyond or kind in (tt.ADDRESS_OF, tt.CONVERT, tt.DEREFERENCE)
            expression = expression.operand
        elif kind == tt.POINTER_ADD or kind == tt.POINTER_SUBTRACT:
            assert isinstance(expression, tt.PointerArithmetic)
            expression = expression.left
        elif kind == tt.MEMBER:
            assert isinstance(expression, tt.MemberAccess)
            expression = expression.base
        elif kind == tt.VECTOR_ELEMENT or kind == tt.COMMA:
            assert isinstance(expression, tt.BinaryOperation)
            beyond = True
            expression = expression.left if kind == tt.VECTOR_ELEMENT else expression.right
        elif kind == tt.SAVED_VALUE:
            assert isinstance(expression, tt.SavedValue)
            expression = expression.expression
        elif kind == tt.CONDITIONAL:
            assert isinstance(expression, tt.Conditional)
            beyond = True
            if freedom_of_target(expression.then) != NONE:
                return ALL
            expression = expression.otherwise
        else:
            return free if kind in _CLEAR else ALL


def access_class(context: FunctionContext, place: "Place") -> int:
    """The alias class of an access to the whole (scalar, vector, complex) place, or to the bytes of a bit-field."""
    if not context.strict_aliasing or place.freedom == ALL:
        return classes.ANY
    scalar = class_of(place.type)
    if place.root is None and place.freedom == NONE:
        return scalar
    offset = place.root_offset
    if scalar == classes.ANY and offset < 0 and place.type.is_integer() and place.field is None:
        return classes.ANY  # an array of characters, which may hold anything
    if place.freedom == MEMBERS or place.field is not None:
        scalar = classes.ANY
    if place.root is None:
        return scalar
    return classes.member(scalar, record_number(context.unit, place.root), offset if place.type.kind != ct.COMPLEX else -1)
