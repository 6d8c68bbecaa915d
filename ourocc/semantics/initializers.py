"""Initializers (C17 6.7.9): designators, elided braces, strings, flexible members, GNU ranges; flattened to items.

The result is a list of (offset, type, value) in order of writing; what no item covers is zero, and
later items override earlier ones.  For static storage every value is a constant.
"""

from typing import cast, final

from ourocc.semantics.constant import wrap
from ourocc.semantics.conversions import INITIALIZING
from ourocc.semantics.display import quoted
from ourocc.semantics.expressions import Expressions
from ourocc.semantics.initializer_checks import check_missing_fields, is_zero_list
from ourocc.semantics.typed_tree import (
    ARRAY_DECAY,
    COMPOUND_LITERAL,
    CONVERT,
    DEFINED,
    FLOAT_CONSTANT,
    INTEGER_CONSTANT,
    LINKAGE_INTERNAL,
    LOAD,
    SAVED_VALUE,
    STORAGE_STATIC,
    STRING_LITERAL,
    VARIABLE,
    Expression,
    InitializerItem,
    SavedValue,
    StringLiteral,
    UnaryOperation,
    Variable,
    VariableReference,
)
from ourocc.semantics.types import (
    ARRAY,
    BOOL,
    COMPLEX,
    CONST,
    ENUM,
    ERROR,
    FUNCTION,
    INCOMPLETE_LENGTH,
    REVERSED,
    STRUCT,
    UNION,
    VECTOR,
    VOID,
    VOLATILE,
    Field,
    Type,
)
from ourocc.syntax import tree

CONSTANT_KINDS = (20, 21, 22, 70, 4)


@final
class Cursor:
    """A position in a braced list; the current expression is analysed once and remembered."""

    def __init__(self, node: tree.InitializerList) -> None:
        self.items = node.items
        self.index = 0
        self.value: Expression | None = None
        self.designated = False  # the current item's designators have been followed
        self.elided = False  # braces of a member or element were left out

    def done(self) -> bool:
        return self.index >= len(self.items)

    def advance(self) -> None:
        self.index += 1
        self.value = None
        self.designated = False


@final
class Filling:
    """One initialization under way."""

    def __init__(self, static: bool) -> None:
        self.static = static
        self.items: list[InitializerItem] = []
        self.end = 0  # highest byte that a flexible array member's elements reach
        self.failed = False
        self.whole: set[int] = set()  # offsets of records that one value initialized
        self.active: dict[int, tuple[Type, int]] = {}  # by offset of a union: which member was initialized last


class Initializers(Expressions):
    """Analyses initializers."""

    def initialize(self, variable: Variable, node: tree.Initializer, static: bool) -> Expression | None:
        """Analyse `variable`'s initializer: completes its type, sets `initializer`.

        Returns the single value of an automatic scalar or whole record instead of items."""
        type = variable.type
        filling = Filling(static)
        if type.kind == FUNCTION:
            self.error(variable.location, f"function '{variable.name}' is initialized like a variable")
            return None
        single: Expression | None = None
        if type.has_variable_size():
            self.error(variable.location, "variable-sized object may not be initialized")
            return None
        if node.kind == tree.EXPRESSION_INITIALIZER:
            single = self.initialize_whole(variable, cast(tree.ExpressionInitializer, node), filling)
        else:
            listed = cast(tree.InitializerList, node)
            length = self.fill_braced(filling, type, 0, listed, True)
            if type.kind == ARRAY and type.length == INCOMPLETE_LENGTH:
                variable.type = self.types.array_of(cast(Type, type.base), length)
        if single is not None and not static:
            if type.qualifiers & (CONST | VOLATILE) == CONST and single.kind in (INTEGER_CONSTANT, FLOAT_CONSTANT):  # a constant for later static initializers
                variable.constant = single
            return single
        if not filling.failed and variable.type.complete:
            variable.initializer = filling.items
            variable.initialized_size = max(variable.type.size, filling.end)
        return None

    def initialize_whole(
        self, variable: Variable, node: tree.ExpressionInitializer, filling: Filling
    ) -> Expression | None:
        type = variable.type
        value = self.expression(node.expression)
        if type.kind == ARRAY:
            if value.kind == STRING_LITERAL and self.fits_string(type, value):
                variable.type = self.put_string(filling, type, 0, cast(StringLiteral, value))
                return None
            if value.kind in (COMPOUND_LITERAL, VARIABLE) and self.is_literal(value):
                source = cast(VariableReference, value).variable
                if self.compatible(cast(Type, type.base).unqualified, cast(Type, source.type.base).unqualified):
                    variable.type = source.type if type.length < 0 else type
                    self.copy_literal(filling, source, 0, node.location)
                    return None
            if value.type.kind != ERROR:
                if value.kind == STRING_LITERAL:
                    self.wrong_string(type, value, node.location)
                else:
                    self.error(node.location, "invalid initializer")
            filling.failed = True
            return None
        if filling.static and (type.is_record() or type.kind == VECTOR) and self.is_literal(value):
            source = cast(VariableReference, value).variable
            if source.type.unqualified is type.unqualified:
                self.copy_literal(filling, source, 0, node.location)
                return None
        converted = self.assign(self.rvalue(value), type, INITIALIZING, node.location)
        if converted.type.kind == ERROR:
            filling.failed = True
            return None
        self.put(filling, type, 0, converted, None, node.location)
        return converted

    def is_literal(self, value: Expression) -> bool:
        """A compound literal (those with static storage are unnamed variables)."""
        if value.kind == COMPOUND_LITERAL:
            return True
        return value.kind == VARIABLE and cast(VariableReference, value).variable.name == ""

    def copy_literal(self, filling: Filling, source: Variable, offset: int, location: int) -> None:
        """GNU: an aggregate initialized by a compound literal takes over its items."""
        if source.initializer is None:
            filling.failed = True
            return
        for item in source.initializer:
            self.put(filling, item.type, offset + item.offset, item.value, item.field, location)

    # ------------------------------------------------------------------ items

    def put(
        self, filling: Filling, type: Type, offset: int, value: Expression, field: Field | None, location: int
    ) -> None:
        """Append one item; static storage wants constants."""
        if value.type.kind == ERROR:
            filling.failed = True
            return
        if filling.static:
            constant = self.static_value(value)
            if constant is None:
                if value.type.is_record() or value.kind != CONVERT or not self.address_like(value):
                    self.error(location, "initializer element is not constant")
                else:
                    self.error(location, "initializer element is not computable at load time")
                filling.failed = True
                return
            value = constant
        filling.items.append(InitializerItem(offset, stored_type(type), value, field))

    def address_like(self, value: Expression) -> bool:
        inner = cast(UnaryOperation, value).operand
        return value.type.is_integer() and self.static_value(inner) is not None

    def put_scalar(
        self, filling: Filling, type: Type, offset: int, value: Expression, field: Field | None, location: int
    ) -> None:
        converted = self.assign(self.rvalue(value), type, INITIALIZING, location)
        if field is not None and field.bit_width >= 0:
            if converted.kind == INTEGER_CONSTANT:
                self.check_bit_field_constant(converted, value, field.bit_width, type.unqualified)
            self.put(filling, type, offset, converted, field, location)
        else:
            self.put(filling, type, offset, converted, None, location)

    # ------------------------------------------------------------------ strings

    def fits_string(self, type: Type, value: Expression) -> bool:
        """Can a string literal initialize this array (C17 6.7.9p14-15)?"""
        element = cast(Type, type.base).unqualified
        source = cast(Type, value.type.base).unqualified
        if not element.is_integer() or element.kind in (BOOL, ENUM):
            return False
        if source.size == 1:
            return element.size == 1
        return self.types.unsigned_of(element) is self.types.unsigned_of(source)

    def wrong_string(self, type: Type, value: Expression, location: int) -> None:
        element = cast(Type, type.base)
        source = cast(Type, value.type.base)
        if element.is_integer() and element.kind != BOOL:
            if element.size == 1:
                self.error(location, "char-array initialized from wide string" if source.size > 1 else "invalid initializer")
            elif source.size == 1:
                self.error(location, f"cannot initialize array of {quoted(element)} from a string literal with type array of {quoted(source)}")
            else:
                self.error(location, "wide character array initialized from incompatible wide string")
        else:
            self.error(location, "array of inappropriate type initialized from string constant")

    def put_string(self, filling: Filling, type: Type, offset: int, value: StringLiteral) -> Type:
        """Initialize a character array; returns its type, completed."""
        element = cast(Type, type.base)
        size = element.size
        data = value.data
        if type.length == INCOMPLETE_LENGTH:
            type = self.types.array_of(element, len(data) // size)
        elif len(data) > type.length * size:
            if len(data) - size > type.length * size:
                self.warn(value.location, "", f"initializer-string for array of {quoted(element)} is too long")
            data = data[: type.length * size]
        literal = StringLiteral(self.types.array_of(element.unqualified, len(data) // size), value.location, data)
        filling.items.append(InitializerItem(offset, literal.type, literal, None))
        return type

    # ------------------------------------------------------------------ braces

    def fill_braced(
        self, filling: Filling, type: Type, offset: int, node: tree.InitializerList, top: bool, field: Field | None = None
    ) -> int:
        """`{ ... }` for an object of `type`; returns an array's length as far as it was initialized."""
        cursor = Cursor(node)
        kind = type.kind
        if kind == ERROR:
            return 0
        if kind == ARRAY and len(node.items) >= 1 and not node.items[0][0]:
            if node.items[0][1].kind == tree.EXPRESSION_INITIALIZER:
                value = self.current(cursor)
                if value.kind == STRING_LITERAL and self.fits_string(type, value):
                    completed = self.put_string(filling, type, offset, cast(StringLiteral, value))
                    if len(node.items) > 1:
                        self.error(node.items[1][1].location, f"excess elements in {quoted(cast(Type, type.base).unqualified)} array initializer")
                    return completed.length
        if kind == ARRAY or kind == STRUCT or kind == UNION or kind == VECTOR:
            if not type.complete and kind != ARRAY:
                if top:
                    self.error(node.location, f"invalid use of undefined type {quoted(type.unqualified)}")
                filling.failed = True
                return 0
            length = self.fill(filling, type, offset, cursor, True, [])
            if cursor.elided and self.wanted.missing_braces and not is_zero_list(node):
                self.warn(node.location, "missing-braces", "missing braces around initializer")
            if kind == STRUCT and self.wanted.missing_fields and not filling.failed:
                check_missing_fields(self, type, node)
            if not cursor.done() and not filling.failed:
                what = {ARRAY: "array", STRUCT: "struct", UNION: "union", VECTOR: "vector"}[kind]
                self.excess(cursor.items[cursor.index][1], f"excess elements in {what} initializer")
            return length
        if not node.items:
            if self.options.standard < 2023:
                self.error(node.location, "empty scalar initializer")
                filling.failed = True
            return 0
        designators, initializer = node.items[0]
        if designators:
            what = "field name not in record or union initializer" if designators[0].kind == tree.FIELD_DESIGNATOR else "array index in non-array initializer"
            self.error(designators[0].location, what)
            filling.failed = True
            return 0
        if initializer.kind == tree.INITIALIZER_LIST:
            self.warn(initializer.location, "", "braces around scalar initializer")
            self.fill_braced(filling, type, offset, cast(tree.InitializerList, initializer), False, field)
        else:
            self.put_scalar(filling, type, offset, self.current(cursor), field, initializer.location)
        if len(node.items) > 1:
            self.excess(node.items[1][1], "excess elements in scalar initializer")
        return 0

    def excess(self, node: tree.Initializer, message: str) -> None:
        self.warn(node.location, "", message)

    def current(self, cursor: Cursor) -> Expression:
        """The current item's expression, analysed once."""
        value = cursor.value
        if value is None:
            node = cursor.items[cursor.index][1]
            value = self.expression(cast(tree.ExpressionInitializer, node).expression)
            cursor.value = value
        return value

    def fill(
        self, filling: Filling, type: Type, offset: int, cursor: Cursor, explicit: bool, path: list[tree.Designator]
    ) -> int:
        """Fill an aggregate from the list; `explicit`: it has braces of its own, so designators apply to it.

        `path` is what remains of a designation that led here.  Returns the length that an array reached."""
        if type.kind == ARRAY or type.kind == VECTOR:
            return self.fill_array(filling, type, offset, cursor, explicit, path)
        self.fill_record(filling, type, offset, cursor, explicit, path)
        return 0

    def fill_array(
        self, filling: Filling, type: Type, offset: int, cursor: Cursor, explicit: bool, path: list[tree.Designator]
    ) -> int:
        base = cast(Type, type.base)
        index = 0
        reached = 0
        unbounded = type.length == INCOMPLETE_LENGTH
        if not base.complete:
            self.error(cursor.items[0][1].location if cursor.items else 0, f"array type has incomplete element type {quoted(base)}")
            filling.failed = True
            return 0
        while not cursor.done():
            if not path and not cursor.designated:
                path = cursor.items[cursor.index][0]
                if path and not explicit:
                    break
                cursor.designated = True
            last = -1
            rest: list[tree.Designator] = []
            if path:
                designator = path[0]
                if designator.kind == tree.FIELD_DESIGNATOR:
                    self.error(designator.location, "field name not in record or union initializer")
                    filling.failed = True
                    return reached
                first = self.designated_index(designator.first, designator.location)
                last = first
                if designator.kind == tree.RANGE_DESIGNATOR:
                    last = self.designated_index(designator.last, designator.location)
                if first < 0 or last < 0:
                    filling.failed = True
                    return reached
                if last < first:
                    self.error(designator.location, "empty index range in initializer")
                    filling.failed = True
                    return reached
                if not unbounded and last >= type.length:
                    self.error(designator.location, "array index in initializer exceeds array bounds" if first < type.length or designator.kind != tree.RANGE_DESIGNATOR else "array index range in initializer exceeds array bounds")
                    filling.failed = True
                    return reached
                index = first
                rest = path[1:]
                path = []
            if not unbounded and index >= type.length:
                break
            start = len(filling.items)
            position = cursor.index
            self.fill_element(filling, base, offset + index * base.size, cursor, rest, None)
            if filling.failed and cursor.index == position:
                return reached
            if last > index and start < len(filling.items):
                self.repeat(filling, start, last - index, base.size)
                index = last
            index += 1
            reached = max(reached, index)
            if not explicit and not unbounded and index >= type.length:
                break
            if cursor.index == position and base.size == 0:
                break
        return reached

    def designated_index(self, node: tree.Expression | None, location: int) -> int:
        value = self.value(cast(tree.Expression, node))
        if value.type.kind == ERROR:
            return -1
        if not value.type.is_integer():
            self.error(location, "array index in initializer not of integer type")
            return -1
        constant = self.integer_constant(value)
        if constant is None:
            self.error(location, "nonconstant array index in initializer")
            return -1
        number = constant.value
        if number < 0:
            self.error(location, "array index in initializer exceeds array bounds")
        return number

    def repeat(self, filling: Filling, start: int, times: int, step: int) -> None:
        """GNU ranges: the items since `start` again at the following elements; their values are computed once."""
        pattern = filling.items[start:]
        for item in pattern:
            if item.value.kind not in CONSTANT_KINDS and not item.value.is_place and item.value.kind != SAVED_VALUE:
                item.value = SavedValue(item.value)
        for number in range(1, times + 1):
            for item in pattern:
                filling.items.append(InitializerItem(item.offset + number * step, item.type, item.value, item.field))

    def fill_record(
        self, filling: Filling, type: Type, offset: int, cursor: Cursor, explicit: bool, path: list[tree.Designator]
    ) -> None:
        fields = type.fields
        count = len(fields)
        index = 0
        union_done = False
        while not cursor.done():
            if not path and not cursor.designated:
                path = cursor.items[cursor.index][0]
                if path and not explicit:
                    break
                cursor.designated = True
            rest: list[tree.Designator] = []
            if path:
                designator = path[0]
                if designator.kind != tree.FIELD_DESIGNATOR:
                    self.error(designator.location, "array index in non-array initializer")
                    filling.failed = True
                    return
                index = self.member_index(type, designator.name)
                if index < 0:
                    self.error(designator.location, f"{quoted(type.unqualified)} has no member named '{designator.name}'")
                    filling.failed = True
                    return
                # a member of an anonymous member: the designation goes on inside it
                rest = path[1:] if fields[index].name == designator.name else path
                path = []
            else:
                while index < count and fields[index].name == "" and not self.anonymous_record(fields[index]):
                    index += 1
                if index >= count or (union_done and type.kind == UNION):
                    break
            field = fields[index]
            member = field.type
            place = offset + field.offset
            if type.kind == UNION:
                self.choose_member(filling, type, offset, index)
            if member.kind == ARRAY and member.length == INCOMPLETE_LENGTH:
                self.fill_flexible(filling, type, field, offset, cursor, rest, explicit)
            else:
                position = cursor.index
                self.fill_element(filling, member, place, cursor, rest, field)
                if filling.failed and cursor.index == position:
                    return
            index += 1
            union_done = True

    def choose_member(self, filling: Filling, union: Type, offset: int, index: int) -> None:
        """Initializing another member of a union discards what an earlier one got."""
        before = filling.active.get(offset)
        filling.active[offset] = (union, index)
        if before is not None and before[0] is union and before[1] != index:
            end = offset + union.size
            filling.items = [item for item in filling.items if not offset <= item.offset < end]

    def anonymous_record(self, field: Field) -> bool:
        return field.bit_width < 0 and field.type.is_record()

    def member_index(self, record: Type, name: str) -> int:
        for index, field in enumerate(record.fields):
            if field.name == name:
                return index
            if field.name == "" and self.anonymous_record(field) and self.types.find_field(field.type, name):
                return index
        return -1

    def fill_flexible(
        self, filling: Filling, record: Type, field: Field, offset: int, cursor: Cursor, rest: list[tree.Designator],
        explicit: bool,
    ) -> None:  # fmt: skip
        """GNU: static initialization of a flexible array member."""
        location = cursor.items[cursor.index][1].location
        node = cursor.items[cursor.index][1]
        if not explicit and node.kind != tree.INITIALIZER_LIST and offset:
            self.error(location, "initialization of flexible array member in a nested context")
            filling.failed = True
            return
        empty = node.kind == tree.INITIALIZER_LIST and not cast(tree.InitializerList, node).items
        if not filling.static and not empty:
            self.error(location, "non-static initialization of a flexible array member")
            filling.failed = True
            cursor.advance()
            return
        base = cast(Type, field.type.base)
        place = offset + field.offset
        if rest:
            length = self.fill_array(filling, field.type, place, cursor, False, rest)
        elif node.kind == tree.INITIALIZER_LIST:
            cursor.advance()
            length = self.fill_braced(filling, field.type, place, cast(tree.InitializerList, node), False)
        else:
            value = self.current(cursor)
            if value.kind == STRING_LITERAL and self.fits_string(field.type, value):
                length = self.put_string(filling, field.type, place, cast(StringLiteral, value)).length
                cursor.advance()
            else:
                length = self.fill_array(filling, field.type, place, cursor, False, [])
        filling.end = max(filling.end, place + length * base.size)

    def fill_designated(
        self, filling: Filling, type: Type, offset: int, cursor: Cursor, rest: list[tree.Designator]
    ) -> None:
        """The part of an element that further designators name."""
        if not type.is_record() and type.kind not in (ARRAY, VECTOR):
            if rest[0].kind == tree.FIELD_DESIGNATOR:
                self.error(rest[0].location, "field name not in record or union initializer")
            else:
                self.error(rest[0].location, "array index in non-array initializer")
            filling.failed = True
            return
        # GNU: a designator into a record that was given as a whole starts it anew
        if offset in filling.whole:
            plain = type.unqualified
            filling.items = [item for item in filling.items if item.offset != offset or item.type is not plain]
        self.fill(filling, type, offset, cursor, False, rest)

    def fill_element(
        self, filling: Filling, type: Type, offset: int, cursor: Cursor, rest: list[tree.Designator], field: Field | None
    ) -> None:
        """One element or member: from its own braces, a whole value, or (elided braces) the list's next items."""
        kind = type.kind
        aggregate = kind == ARRAY or kind == STRUCT or kind == UNION
        if rest:
            self.fill_designated(filling, type, offset, cursor, rest)
            return
        node = cursor.items[cursor.index][1]
        if node.kind == tree.INITIALIZER_LIST:
            cursor.advance()
            self.fill_braced(filling, type, offset, cast(tree.InitializerList, node), False, field)
            return
        value = self.current(cursor)
        if not aggregate:
            if kind == VECTOR and value.type.kind != VECTOR and value.type.kind != ERROR:
                self.fill(filling, type, offset, cursor, False, [])
                return
            if kind == VECTOR and filling.static and self.is_literal(value):
                self.copy_literal(filling, cast(VariableReference, value).variable, offset, node.location)
                cursor.advance()
                return
            self.put_scalar(filling, type, offset, value, field, node.location)
            cursor.advance()
            return
        if kind == ARRAY:
            if value.kind == STRING_LITERAL and self.fits_string(type, value):
                self.put_string(filling, type, offset, cast(StringLiteral, value))
                cursor.advance()
                return
            if self.is_literal(value) and self.compatible(value.type.unqualified, type.unqualified):
                self.copy_literal(filling, cast(VariableReference, value).variable, offset, node.location)
                cursor.advance()
                return
        elif value.type.unqualified is type.unqualified:
            if filling.static and self.is_literal(value):
                self.copy_literal(filling, cast(VariableReference, value).variable, offset, node.location)
            else:
                self.put(filling, type, offset, self.rvalue(value), None, node.location)
                filling.whole.add(offset)
            cursor.advance()
            return
        if value.type.kind == ERROR:
            filling.failed = True
            cursor.advance()
            return
        if type.size == 0 and not (kind == ARRAY and type.length < 0):
            if kind != ARRAY and not type.fields or kind == ARRAY:
                return
        if value.type.is_record() or value.type.kind == VOID:
            inner = self.first_taker(type, value.type)
            if inner.unqualified is not value.type.unqualified:
                # nothing inside can take it: report once, against the first scalar
                self.assign(self.rvalue(value), inner, INITIALIZING, node.location)
                filling.failed = True
                cursor.advance()
                return
        cursor.elided = True
        self.fill(filling, type, offset, cursor, False, [])

    def first_taker(self, type: Type, wanted: Type) -> Type:
        """What the next value initializes inside an aggregate with elided braces (C17 6.7.9p13): the first aggregate
        of the type `wanted`, else the first scalar."""
        inner = type
        while inner.kind == ARRAY or inner.is_record():
            if inner.unqualified is wanted.unqualified:
                break
            if inner.kind == ARRAY:
                inner = cast(Type, inner.base)
                continue
            first: Type | None = None
            for field in inner.fields:
                if field.name or self.anonymous_record(field):
                    first = field.type
                    break
            if first is None:
                break
            inner = first
        return inner

    # ------------------------------------------------------------------ compound literals

    def compound_literal(self, node: tree.CompoundLiteral) -> Expression:
        """C17 6.5.2.5."""
        location = node.location
        vlas = self.pending_vlas
        self.pending_vlas = []
        type = self.type_name(node.type_name)
        created = self.pending_vlas
        self.pending_vlas = vlas
        if type.kind == ERROR:
            return self.error_value(location)
        if type.kind == FUNCTION:
            self.error(location, "invalid use of function type in compound literal")
            return self.error_value(location)
        if type.has_variable_size():
            self.error(location, "compound literal has variable size")
            return self.error_value(location)
        if not type.complete and not (type.kind == ARRAY and type.length == INCOMPLETE_LENGTH):
            self.error(location, f"invalid use of incomplete type {quoted(type)}" if type.kind == VOID else f"invalid use of undefined type {quoted(type.unqualified)}")
            return self.error_value(location)
        static = self.function is None
        variable = Variable("", type, location)
        if static:
            variable.storage = STORAGE_STATIC
            variable.linkage = LINKAGE_INTERNAL
            variable.state = DEFINED
            variable.symbol_name = self.static_symbol(".Lliteral")
            self.objects.append(variable)
            saved = self.current_references
            self.current_references = self.reference_list(variable)
            self.initialize(variable, node.initializer, True)
            self.current_references = saved
            self.reference(variable)
            return VariableReference(VARIABLE, variable, variable.type, location)
        single = self.initialize(variable, node.initializer, False)
        if single is not None:
            variable.initializer = [InitializerItem(0, variable.type.unqualified, single, None)]
        if variable.initializer is None:
            if not variable.type.complete:
                return self.error_value(location)
            variable.initializer = []
        reference = VariableReference(COMPOUND_LITERAL, variable, variable.type, location)
        return self.after_vlas(created, reference) if created else reference

    def transparent_value(self, value: Expression, union: Type, field: Field, location: int) -> Expression:
        """A union whose member `field` is `value`: a load of a compound literal."""
        converted = self.assign(value, field.type, INITIALIZING, location)
        variable = Variable("", union, location)
        variable.initializer = [InitializerItem(field.offset, stored_type(field.type), converted, None)]
        variable.initialized_size = union.size
        return UnaryOperation(LOAD, union, location, VariableReference(COMPOUND_LITERAL, variable, union, location))

    def string_variable(self, literal: StringLiteral) -> Variable:
        """The unnamed array of a string literal that static data points to; equal strings share one."""
        key = (literal.data, cast(Type, literal.type.base).size)
        variable = self.strings.get(key)
        if variable is None:
            variable = Variable("", literal.type, literal.location)
            variable.symbol_name = self.static_symbol(".Lstring")
            variable.storage = STORAGE_STATIC
            variable.linkage = LINKAGE_INTERNAL
            variable.state = DEFINED
            variable.is_string = True
            variable.initialized_size = literal.type.size
            variable.initializer = [InitializerItem(0, literal.type, literal, None)]
            self.strings[key] = variable
            self.objects.append(variable)
        self.reference(variable)
        return variable


__all__ = ["ARRAY_DECAY", "COMPLEX", "Initializers", "wrap"]


def stored_type(type: Type) -> Type:
    """What an initializer's value is stored as: of the qualifiers only the byte order matters."""
    if type.qualifiers & REVERSED:
        for variant in type.unqualified.variants:
            if variant.qualifiers == REVERSED and variant.alignment == type.unqualified.alignment:
                return variant
        return type
    return type.unqualified
