"""Array subscripts and members of structures (C17 6.5.2.1, 6.5.2.3), and offsetof."""

from typing import cast

from ourocc.base.spelling import closest
from ourocc.semantics.conversions import register_variable
from ourocc.semantics.display import quoted
from ourocc.semantics.identifiers import Identifiers
from ourocc.semantics.typed_tree import (
    DEREFERENCE,
    INTEGER_CONSTANT,
    MEMBER,
    POINTER_ADD,
    VECTOR_ELEMENT,
    BinaryOperation,
    Expression,
    IntegerConstant,
    MemberAccess,
    UnaryOperation,
)
from ourocc.semantics.types import (
    ARRAY,
    CHAR,
    ERROR,
    FUNCTION,
    POINTER,
    STRUCT,
    UNION,
    VECTOR,
    VOID,
    Field,
    Type,
)
from ourocc.syntax import tree


class MemberAccesses(Identifiers):
    """Analyses subscripts and member accesses."""

    def subscript(self, node: tree.SubscriptExpression) -> Expression:
        """a[i] is *(a + i); vectors have elements of their own."""
        array = self.expression(node.array)
        if array.type.kind == VECTOR:
            return self.vector_subscript(array, node)
        index = self.value(node.index)
        location = node.location
        if array.type.kind == ARRAY and register_variable(array) is not None and self.is_inside(array.type, index):
            if self.diagnostics.pedantic:
                self.pedwarn(location, "pedantic", "ISO C forbids subscripting 'register' array")
            array = self.decay(array)
        else:
            array = self.rvalue(array)
        if array.type.kind != POINTER:
            if index.type.kind == POINTER and array.type.is_integer():
                array, index = index, array
            else:
                if ERROR not in (array.type.kind, index.type.kind):
                    self.error(location, "subscripted value is neither array nor pointer nor vector")
                return self.error_value(location)
        if not index.type.is_integer():
            if index.type.kind != ERROR:
                self.error(location, "array subscript is not an integer")
            return self.error_value(location)
        base = cast(Type, array.type.base)
        if base.kind == FUNCTION:
            self.error(location, "subscripted value is pointer to function")
            return self.error_value(location)
        if not base.complete and base.kind != VOID and not base.is_variably_modified():
            if base.kind == ARRAY:
                self.error(location, "invalid use of array with unspecified bounds")
            elif base.kind != ERROR:
                self.error(location, f"invalid use of undefined type {quoted(base.unqualified)}")
            return self.error_value(location)
        if index.type.kind == CHAR:
            if self.wants("char-subscripts"):
                self.warn(location, "char-subscripts", "array subscript has type 'char'")
        scale = self.types.char if base.kind == VOID else base
        if base.kind == VOID:
            self.warn(location, "", "dereferencing 'void *' pointer")
        address = self.pointer_arithmetic(POINTER_ADD, array.type, location, array, self.pointer_width(index), scale)
        return UnaryOperation(DEREFERENCE, base, location, address, True)

    def is_inside(self, array: Type, index: Expression) -> bool:
        return index.kind == INTEGER_CONSTANT and 0 <= cast(IntegerConstant, index).value < array.length

    def vector_subscript(self, vector: Expression, node: tree.SubscriptExpression) -> Expression:
        index = self.value(node.index)
        if not index.type.is_integer():
            if index.type.kind != ERROR:
                self.error(node.location, "array subscript is not an integer")
            return self.error_value(node.location)
        element = cast(Type, vector.type.base)
        if vector.is_place:
            element = self.types.qualified(element, vector.type.qualifiers & 7)
            self.mark_addressed(vector, node.location)
        return BinaryOperation(
            VECTOR_ELEMENT, element, node.location, vector, self.convert(self.promote(index), self.types.ptrdiff_type),
            vector.is_place,
        )  # fmt: skip

    def member(self, node: tree.MemberExpression) -> Expression:
        """a.b and p->b (C17 6.5.2.3)."""
        base = self.expression(node.base)
        location = node.location
        if node.arrow:
            if base.is_place or base.type.kind == ARRAY:
                base = self.rvalue(base)
            type = base.type
            if type.kind != POINTER:
                if type.kind != ERROR:
                    if type.is_record():
                        self.error(location, f"invalid type argument of '->' (have {quoted(type)})")
                    else:
                        self.error(location, f"invalid type argument of '->' (have {quoted(type)})")
                return self.error_value(location)
            record = cast(Type, type.base)
            if record.kind == STRUCT or record.kind == UNION:
                base = UnaryOperation(DEREFERENCE, record, location, base, True)
        else:
            record = base.type
        if record.kind != STRUCT and record.kind != UNION:
            if record.kind != ERROR:
                if record.kind == POINTER and not node.arrow and cast(Type, record.base).is_record():
                    self.error(location, f"'{self.source_text(node.base)}' is a pointer; did you mean to use '->'?")
                else:
                    what = "something not a structure or union"
                    self.error(location, f"request for member '{node.name}' in {what}")
            return self.error_value(location)
        return self.access(base, record, node.name, location)

    def source_text(self, node: tree.Expression) -> str:
        """A short expression as written, for messages."""
        if node.kind == tree.IDENTIFIER:
            return cast(tree.IdentifierExpression, node).name
        if node.kind == tree.MEMBER:
            access = cast(tree.MemberExpression, node)
            return self.source_text(access.base) + ("->" if access.arrow else ".") + access.name
        return "expression"

    def access(self, base: Expression, record: Type, name: str, location: int) -> Expression:
        field = record.field_index.get(name)
        if field is not None:
            return self.select(base, field, location)
        if not record.complete:
            self.error(location, f"invalid use of undefined type {quoted(record.unqualified)}")
            return self.error_value(location)
        path = self.types.find_field(record, name)
        if path is None:
            candidates = [known.name for known in record.fields if known.name]
            suggestion = closest(name, candidates)
            tail = f"; did you mean '{suggestion}'?" if suggestion else ""
            self.error(location, f"{quoted(record.unqualified)} has no member named '{name}'{tail}")
            return self.error_value(location)
        for field in path:
            base = self.select(base, field, location)
        return base

    def select(self, base: Expression, field: Field, location: int) -> Expression:
        type = field.type
        qualifiers = base.type.qualifiers & 27
        if qualifiers:
            type = self.types.qualified(type, qualifiers & ~8)
        return MemberAccess(type, location, base, field, base.is_place)

    def offsetof(self, node: tree.OffsetofExpression) -> Expression:
        type = self.type_name(node.type_name)
        location = node.location
        if type.kind == ERROR:
            return self.error_value(location)
        if not type.complete:
            self.error(location, f"invalid use of undefined type {quoted(type.unqualified)}")
            return self.error_value(location)
        null = IntegerConstant(self.types.pointer_to(type), location, 0)
        place: Expression = UnaryOperation(DEREFERENCE, type, location, null, True)
        for designator in node.designators:
            if place.type.kind == ERROR:
                return place
            if designator.kind == tree.FIELD_DESIGNATOR:
                record = place.type
                if not record.is_record():
                    self.error(designator.location, f"request for member '{designator.name}' in something not a structure or union")
                    return self.error_value(location)
                place = self.access(place, record, designator.name, designator.location)
            else:
                index = self.value(cast(tree.Expression, designator.first))
                if place.type.kind != ARRAY:
                    if index.type.kind != ERROR:
                        self.error(designator.location, "subscripted value is neither array nor pointer nor vector")
                    return self.error_value(location)
                if not index.type.is_integer():
                    self.error(designator.location, "array subscript is not an integer")
                    return self.error_value(location)
                base = cast(Type, place.type.base)
                pointer = self.decay(place)
                address = self.pointer_arithmetic(
                    POINTER_ADD, pointer.type, location, pointer, self.pointer_width(index), base
                )
                place = UnaryOperation(DEREFERENCE, base, location, address, True)
        if place.type.kind == ERROR:
            return place
        if place.kind == MEMBER and cast(MemberAccess, place).field.bit_width >= 0:
            name = cast(MemberAccess, place).field.name
            self.error(location, f"attempt to take address of bit-field structure member '{name}'")
            return self.error_value(location)
        return self.convert(self.address_of(self.types.void_pointer, location, place), self.types.size_type)
