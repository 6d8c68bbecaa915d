"""Which alias class an access has: from the type of the place, and from how the program came to it.

C17 6.5p7 with gcc's extensions: signed and unsigned are one type, an enumeration is its integer type, vectors and complex numbers are
their elements; a member of a union, reached through the union, may be read as what another member was (gcc's manual,
-fstrict-aliasing), as may everything inside of it.
"""

from typing import Final

from ourocc.ir import alias_classes as classes
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type

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
        if type.kind == ct.VECTOR or type.kind == ct.COMPLEX:
            base = type.base
        elif type.kind == ct.ENUM:
            base = type.underlying
        else:
            return _CLASSES.get(type.kind, classes.ANY)
        if base is None:
            return classes.ANY
        type = base


def is_opaque(type: Type) -> bool:
    """May anything inside an object of this type be accessed as anything?"""
    while type.kind == ct.ARRAY and type.base is not None:
        type = type.base
    return type.kind == ct.UNION or (type.qualifiers & _OPAQUE) != 0 or type.may_alias or type.unqualified.may_alias


def points_into_opaque(pointer: tt.Expression) -> bool:
    """Is the pointer computed right here from a union or a part of one (`u.a[i]`, `*&u.x`)?  True where that is not clear."""
    expression = pointer
    while True:
        kind = expression.kind
        if expression.is_place and is_opaque(expression.type):
            return True
        if kind in _STEPS:
            assert isinstance(expression, tt.UnaryOperation)
            expression = expression.operand
        elif kind == tt.POINTER_ADD or kind == tt.POINTER_SUBTRACT:
            assert isinstance(expression, tt.PointerArithmetic)
            expression = expression.left
        elif kind == tt.MEMBER:
            assert isinstance(expression, tt.MemberAccess)
            expression = expression.base
        elif kind == tt.VECTOR_ELEMENT or kind == tt.COMMA:
            assert isinstance(expression, tt.BinaryOperation)
            expression = expression.left if kind == tt.VECTOR_ELEMENT else expression.right
        elif kind == tt.SAVED_VALUE:
            assert isinstance(expression, tt.SavedValue)
            expression = expression.expression
        elif kind == tt.CONDITIONAL:
            assert isinstance(expression, tt.Conditional)
            if points_into_opaque(expression.then):
                return True
            expression = expression.otherwise
        else:
            return kind not in _CLEAR
