"""Expressions (C17 6.5): one method per syntax node, dispatched on the node's integer kind.

`expression` gives places as places; `value` applies lvalue conversion; both report errors and
then return something of type ERROR, which everything above accepts in silence.
"""

from typing import Final, cast

from ourocc.semantics.array_checks import check_address_comparison, check_sizeof_division
from ourocc.semantics.constant import constant_truth
from ourocc.semantics.context import Entry
from ourocc.semantics.conversions import register_variable
from ourocc.semantics.display import quoted
from ourocc.semantics.operator_checks import (
    check_cast_qualifiers,
    check_comparison,
    check_enumerations,
    check_function_cast,
    check_not_mask,
)
from ourocc.semantics.sizes import Sizes
from ourocc.semantics.typed_tree import (
    COMMA,
    COMPLEX_CONSTANT,
    DEREFERENCE,
    DIVIDE,
    EQUAL,
    FLOAT_CONSTANT,
    GREATER_EQUAL,
    IMAGINARY_PART,
    INTEGER_CONSTANT,
    LOAD,
    LOGICAL_AND,
    LOGICAL_OR,
    OPERATIONS,
    REAL_PART,
    BinaryOperation,
    ComplexConstant,
    Expression,
    LabelAddress,
    SavedValue,
    UnaryOperation,
    VaArg,
)
from ourocc.semantics.types import (
    ARRAY,
    COMPLEX,
    ENUM,
    ERROR,
    FLOAT,
    FUNCTION,
    INT,
    POINTER,
    REVERSED,
    VOID,
    Type,
)
from ourocc.semantics.usage_checks import note_stored, stored_entry
from ourocc.syntax import tree

ASSIGNMENT_OPERATIONS: Final = {
    operator + "=": kind
    for operator, kind in OPERATIONS.items()
    if operator in ("+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^")
}


class Expressions(Sizes):
    """Analyses expressions."""

    def prepare_expressions(self) -> None:
        self.prepare_literals()
        self.prepare_calls()

    # ------------------------------------------------------------------ dispatch

    def value(self, node: tree.Expression) -> Expression:
        """An rvalue."""
        expression = self.expression(node)
        if expression.is_place:
            return self.rvalue(expression)
        kind = expression.type.kind
        if kind == ARRAY or kind == FUNCTION:
            return self.rvalue(expression)
        return expression

    def expression(self, node: tree.Expression) -> Expression:
        """A place or a value, ordered by how frequent the kinds are."""
        kind = node.kind
        if kind == tree.IDENTIFIER:
            return self.identifier(cast(tree.IdentifierExpression, node))
        if kind == tree.NUMBER:
            return self.number(cast(tree.LiteralExpression, node))
        if kind == tree.MEMBER:
            return self.member(cast(tree.MemberExpression, node))
        if kind == tree.BINARY:
            return self.binary_expression(cast(tree.BinaryExpression, node))
        if kind == tree.CALL:
            return self.call(cast(tree.CallExpression, node))
        if kind == tree.ASSIGNMENT:
            return self.assignment(cast(tree.BinaryExpression, node))
        if kind == tree.UNARY:
            return self.unary_expression(cast(tree.UnaryExpression, node))
        if kind == tree.SUBSCRIPT:
            return self.subscript(cast(tree.SubscriptExpression, node))
        if kind == tree.CAST:
            return self.cast_expression(cast(tree.CastExpression, node))
        if kind == tree.STRING:
            return self.string(cast(tree.StringExpression, node))
        if kind == tree.POSTFIX:
            postfix = cast(tree.UnaryExpression, node)
            return self.increment(postfix.operator, self.expression(postfix.operand), False, node.location)
        return self.rare_expression(node)

    def rare_expression(self, node: tree.Expression) -> Expression:
        kind = node.kind
        if kind == tree.CONDITIONAL:
            return self.conditional_expression(cast(tree.ConditionalExpression, node))
        if kind == tree.CHARACTER:
            return self.character(cast(tree.LiteralExpression, node))
        if kind == tree.SIZEOF_EXPRESSION:
            return self.sizeof_expression(cast(tree.SizeofExpression, node))
        if kind == tree.SIZEOF_TYPE:
            return self.sizeof_type(cast(tree.SizeofType, node))
        if kind == tree.STATEMENT_EXPRESSION:
            return self.statement_expression(cast(tree.StatementExpression, node))
        if kind == tree.COMPOUND_LITERAL:
            return self.compound_literal(cast(tree.CompoundLiteral, node))
        if kind == tree.GENERIC:
            return self.generic(cast(tree.GenericExpression, node))
        if kind == tree.OFFSETOF:
            return self.offsetof(cast(tree.OffsetofExpression, node))
        if kind == tree.VA_ARG:
            return self.va_arg(cast(tree.VaArgExpression, node))
        if kind == tree.LABEL_ADDRESS:
            return self.label_address(cast(tree.LabelAddress, node))
        if kind == tree.TYPES_COMPATIBLE:
            both = cast(tree.TypesCompatible, node)
            first = self.type_name(both.first)
            second = self.type_name(both.second)
            same = self.compatible(first.unqualified, second.unqualified)
            if same and (first.kind == ENUM) != (second.kind == ENUM):
                same = False
            return self.int_value(node.location, int(same))
        if kind == tree.CHOOSE_EXPRESSION:
            choice = cast(tree.ChooseExpression, node)
            self.choosing += 1
            condition = self.value(choice.condition)
            self.choosing -= 1
            truth = constant_truth(condition)
            if truth < 0:
                if condition.type.kind != ERROR:
                    self.error(node.location, "first argument to '__builtin_choose_expr' not a constant")
                return self.error_value(node.location)
            self.unevaluated += 1
            self.expression(choice.otherwise if truth else choice.then)
            self.unevaluated -= 1
            return self.expression(choice.then if truth else choice.otherwise)
        raise AssertionError(f"expression kind {kind}")

    # ------------------------------------------------------------------ unary

    def unary_expression(self, node: tree.UnaryExpression) -> Expression:
        operator = node.operator
        location = node.location
        if operator == "*":
            operand = self.value(node.operand)
            return self.dereference(operand, location)
        if operator == "&":
            return self.address_expression(node)
        if operator == "++" or operator == "--":
            return self.increment(operator, self.expression(node.operand), True, location)
        if operator == "__extension__":
            self.diagnostics.extension += 1
            operand = self.expression(node.operand)
            self.diagnostics.extension -= 1
            return operand
        if operator == "__real__" or operator == "__imag__":
            return self.complex_part(operator, self.expression(node.operand), location)
        return self.unary_operator(operator, self.value(node.operand), location)

    def address_expression(self, node: tree.UnaryExpression) -> Expression:
        inner = node.operand
        if inner.kind == tree.UNARY and cast(tree.UnaryExpression, inner).operator == "*":
            # &*p is p (C17 6.5.3.2p3)
            pointer = self.value(cast(tree.UnaryExpression, inner).operand)
            if pointer.type.kind == POINTER:
                return pointer
            self.dereference(pointer, inner.location)
            return self.error_value(node.location)
        place = self.expression(inner)
        if place.kind == DEREFERENCE and cast(UnaryOperation, place).operand.type.kind == POINTER:
            variable = register_variable(place)
            if variable is not None:
                self.error(node.location, f"address of register variable '{variable.name}' requested")
                return self.error_value(node.location)
            if place.type.qualifiers & REVERSED:
                return self.take_address(place, node.location)
            return cast(UnaryOperation, place).operand
        return self.take_address(place, node.location)

    def complex_part(self, operator: str, operand: Expression, location: int) -> Expression:
        type = operand.type
        kind = REAL_PART if operator == "__real__" else IMAGINARY_PART
        if type.kind == COMPLEX:
            part = self.types.qualified(cast(Type, type.base), type.qualifiers)
            if operand.kind == COMPLEX_CONSTANT:
                constant = cast(ComplexConstant, operand)
                return constant.real if kind == REAL_PART else constant.imaginary
            return UnaryOperation(kind, part, location, operand, operand.is_place)
        if type.is_real():
            if kind == REAL_PART:
                return operand
            value = self.rvalue(operand)
            zero = self.zero(value.type, location)
            if value.kind in (INTEGER_CONSTANT, FLOAT_CONSTANT, LOAD):
                return zero
            return BinaryOperation(COMMA, zero.type, location, self.discard(value), zero)
        if type.kind != ERROR:
            self.error(location, f"wrong type argument to {operator}")
        return self.error_value(location)

    def cast_expression(self, node: tree.CastExpression) -> Expression:
        vlas = self.pending_vlas
        self.pending_vlas = []
        type = self.type_name(node.type_name)
        created = self.pending_vlas
        self.pending_vlas = vlas
        operand = self.value(node.operand)
        if operand.type.kind == POINTER and type.kind == POINTER and self.wanted.cast_qualifiers:
            check_cast_qualifiers(self, operand.type, type, node.location)
        if self.wanted.bad_function_cast and type.kind != ERROR and operand.type.kind != ERROR:
            check_function_cast(self, node, operand.type, type)
        result = self.cast_to(operand, type, node.location)
        if created:
            return self.after_vlas(created, result)
        return result

    # ------------------------------------------------------------------ binary

    def binary_expression(self, node: tree.BinaryExpression) -> Expression:
        operator = node.operator
        if operator == ",":
            return self.comma(node)
        kind = OPERATIONS[operator]
        left = self.value(node.left)
        if kind == LOGICAL_AND or kind == LOGICAL_OR:
            return self.short_circuit(kind, left, node)
        right = self.value(node.right)
        if self.parentheses_wanted:
            self.check_parentheses(node)
            if node.left.kind == tree.UNARY and node.operator in ("&", "|"):
                check_not_mask(self, node, right)
        if EQUAL <= kind <= GREATER_EQUAL:
            if self.wanted.operators:
                check_comparison(self, node, kind, left, right)
            if left.type.kind == POINTER or right.type.kind == POINTER:
                if self.wanted.addresses:
                    check_address_comparison(self, node, kind, left, right)
            elif self.wanted.enumerations:
                check_enumerations(self, node, left, right)
        elif kind == DIVIDE and self.wanted.sizeof_division and node.left.kind in (tree.SIZEOF_EXPRESSION, tree.SIZEOF_TYPE):
            check_sizeof_division(self, node)
        return self.binary_operator(kind, left, right, node.location)

    def short_circuit(self, kind: int, left: Expression, node: tree.BinaryExpression) -> Expression:
        dead = constant_truth(left) == (0 if kind == LOGICAL_AND else 1)
        if dead:
            self.unevaluated += 1
        right = self.value(node.right)
        if dead:
            self.unevaluated -= 1
        if self.parentheses_wanted:
            self.check_parentheses(node)
        return self.logical(kind, left, right, node.location)

    def check_parentheses(self, node: tree.BinaryExpression) -> None:
        """-Wparentheses."""
        operator = node.operator
        for side in (node.left, node.right):
            if side.kind != tree.BINARY or side.parenthesized:
                continue
            inner = cast(tree.BinaryExpression, side).operator
            message = ""
            if operator == "||" and inner == "&&":
                message = "suggest parentheses around '&&' within '||'"
            elif operator in ("<<", ">>") and inner in ("+", "-"):
                message = f"suggest parentheses around '{inner}' inside '{operator}'"
            elif operator in ("&", "|", "^") and inner in ("==", "!=", "<", ">", "<=", ">="):
                message = f"suggest parentheses around comparison in operand of '{operator}'"
            elif operator in ("|", "^") and inner in ("+", "-"):
                message = f"suggest parentheses around arithmetic in operand of '{operator}'"
            elif operator == "&" and inner in ("+", "-"):
                message = f"suggest parentheses around '{inner}' in operand of '&'"
            elif operator == "|" and inner in ("&", "^") or operator == "^" and inner == "&":
                message = f"suggest parentheses around arithmetic in operand of '{operator}'"
            elif operator in ("<", ">", "<=", ">=") and inner in ("<", ">", "<=", ">="):
                message = "comparisons like 'X<=Y<=Z' do not have their mathematical meaning"
            elif operator in ("==", "!=") and inner in ("==", "!=", "<", ">", "<=", ">="):
                message = f"suggest parentheses around comparison in operand of '{operator}'"
            if message:
                self.warn(side.location, "parentheses", message)

    def comma(self, node: tree.BinaryExpression) -> Expression:
        self.dropped = node.left
        left = self.expression(node.left)
        self.check_unused_result(left)
        if left.is_place or left.type.kind == FUNCTION:
            left = self.rvalue(left)
        right = self.value(node.right)
        if right.type.kind == ERROR:
            return right
        return BinaryOperation(COMMA, right.type, node.location, self.discard(left), right)

    def assignment(self, node: tree.BinaryExpression) -> Expression:
        stored: Entry | None = None
        if node is self.dropped and self.wanted.set_but_unused and node.operator == "=":
            stored = stored_entry(self, node.left)
        place = self.expression(node.left)
        if stored is not None:
            note_stored(stored, place)
        value = self.value(node.right)
        if node.operator == "=":
            if value.type.kind == ERROR:
                return value
            return self.simple_assignment(place, value, node.location)
        return self.compound_assignment(ASSIGNMENT_OPERATIONS[node.operator], place, value, node.location)

    def conditional_expression(self, node: tree.ConditionalExpression) -> Expression:
        condition = self.value(node.condition)
        if node.then is None:
            # GNU: the condition's value is used twice but computed once
            if condition.type.kind == ERROR:
                self.value(node.otherwise)
                return condition
            otherwise = self.value(node.otherwise)
            if condition.kind == INTEGER_CONSTANT or condition.kind == FLOAT_CONSTANT:
                return self.conditional(condition, condition, otherwise, node.location)
            saved = SavedValue(condition)
            return self.conditional(saved, self.saved_like(saved, condition), otherwise, node.location)
        truth = constant_truth(condition)
        if truth == 0:
            self.unevaluated += 1
        then = self.value(node.then)
        if truth == 0:
            self.unevaluated -= 1
        if truth == 1:
            self.unevaluated += 1
        otherwise = self.value(node.otherwise)
        if truth == 1:
            self.unevaluated -= 1
        return self.conditional(condition, then, otherwise, node.location)

    def saved_like(self, saved: SavedValue, condition: Expression) -> Expression:
        """The remembered value, promoted as the bit-field that it came from."""
        promoted = self.promoted_type(condition)
        return saved if not saved.type.is_integer() or promoted is saved.type else self.convert(saved, promoted)

    # ------------------------------------------------------------------ others

    def generic(self, node: tree.GenericExpression) -> Expression:
        """_Generic (C17 6.5.1.1)."""
        self.unevaluated += 1
        control = self.value(node.control)
        self.unevaluated -= 1
        chosen: tree.Expression | None = None
        default: tree.Expression | None = None
        seen: list[tuple[Type, int]] = []
        for type_node, expression in node.associations:
            if type_node is None:
                if default is not None:
                    diagnostic = self.error(expression.location, "duplicate 'default' case in '_Generic'")
                    self.note(diagnostic, default.location, "original 'default' is here")
                default = expression
                continue
            type = self.type_name(type_node)
            if type.kind == ERROR:
                continue
            if type.kind == FUNCTION:
                self.error(type_node.location, "'_Generic' association has function type")
            elif type.is_variably_modified():
                self.error(type_node.location, "'_Generic' association has variable length type")
            elif not type.complete:
                self.error(type_node.location, "'_Generic' association has incomplete type")
            for other, place in seen:
                if self.compatible(type, other):
                    diagnostic = self.error(type_node.location, "'_Generic' specifies two compatible types")
                    self.note(diagnostic, place, "compatible type is here")
                    break
            seen.append((type, type_node.location))
            if chosen is None and self.compatible(control.type, type):
                chosen = expression
        if chosen is None:
            chosen = default
        if chosen is None:
            if control.type.kind != ERROR:
                self.error(
                    node.control.location,
                    f"'_Generic' selector of type {quoted(control.type)} is not compatible with any association",
                )
            return self.error_value(node.location)
        self.unevaluated += 1
        for _, expression in node.associations:
            if expression is not chosen:
                self.expression(expression)
        self.unevaluated -= 1
        return self.expression(chosen)

    def va_arg(self, node: tree.VaArgExpression) -> Expression:
        operand = self.expression(node.operand)
        type = self.type_name(node.type_name)
        list_pointer = self.va_list_pointer(operand, node.location)
        if list_pointer is None or type.kind == ERROR:
            return self.error_value(node.location)
        if not type.complete:
            self.error(node.location, f"second argument to 'va_arg' is of incomplete type {quoted(type)}")
            return self.error_value(node.location)
        plain = type.unqualified
        if plain.kind < INT and plain.kind != VOID or plain.kind == FLOAT:
            promoted = self.types.double if plain.kind == FLOAT else self.types.int
            self.warn(
                node.type_name.location, "", f"{quoted(plain)} is promoted to {quoted(promoted)} when passed through '...'"
            )
            # undefined behaviour: gcc evaluates the list and traps; so do we
            trap = self.trap_value(plain, node.location)
            return BinaryOperation(COMMA, trap.type, node.location, self.discard(list_pointer), trap)
        if plain.kind == ARRAY:
            pointer = self.types.pointer_to(cast(Type, plain.base))
            return VaArg(pointer, node.location, list_pointer)
        return VaArg(plain, node.location, list_pointer)

    def label_address(self, node: tree.LabelAddress) -> Expression:
        if self.function is None:
            self.error(node.location, f"label '{node.name}' referenced outside of any function")
            return self.error_value(node.location)
        label = self.label_reference(node.name, node.location)
        label.address_taken = True
        label.used = True
        return LabelAddress(self.types.void_pointer, node.location, label)


