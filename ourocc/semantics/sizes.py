"""sizeof and _Alignof (C17 6.5.3.4), and the evaluation of the lengths of variable length arrays before a value."""

from typing import cast

from ourocc.semantics.array_checks import check_sizeof_parameter
from ourocc.semantics.calls import Calls
from ourocc.semantics.display import quoted
from ourocc.semantics.typed_tree import (
    MEMBER,
    VARIABLE,
    Block,
    Expression,
    MemberAccess,
    SizeofVariable,
    VariableReference,
    VlaDeclaration,
)
from ourocc.semantics.typed_tree import StatementExpression as TypedStatementExpression
from ourocc.semantics.types import (
    ARRAY,
    ERROR,
    FUNCTION,
    VOID,
    Type,
)
from ourocc.syntax import tree


class Sizes(Calls):
    """Analyses sizes and alignments."""

    def sizeof_expression(self, node: tree.SizeofExpression) -> Expression:
        self.unevaluated += 1
        references = len(self.current_references)
        operand = self.expression(node.operand)
        self.unevaluated -= 1
        del references
        type = operand.type
        if operand.kind == MEMBER and cast(MemberAccess, operand).field.bit_width >= 0:
            what = "'sizeof' applied to a bit-field" if node.operator == "sizeof" else "'__alignof__' applied to a bit-field"
            self.error(node.location, what)
            return self.error_value(node.location)
        if node.operator != "sizeof":
            return self.alignof_place(operand, node)
        if self.wanted.sizeof_array:
            check_sizeof_parameter(self, node)
        if type.has_variable_size():
            # the operand of sizeof is evaluated when its type is a VLA: side effects are rare, sizes are known
            return SizeofVariable(self.types.size_type, node.location, type)
        place = node.location + len("sizeof") if node.operand.parenthesized else node.operand.location
        return self.size_constant(type, "sizeof", place)

    def alignof_place(self, operand: Expression, node: tree.SizeofExpression) -> Expression:
        alignment = operand.type.alignment
        if operand.kind == VARIABLE:
            alignment = max(alignment, cast(VariableReference, operand).variable.alignment)
        elif operand.kind == MEMBER:
            field = cast(MemberAccess, operand).field
            if field.alignment:
                alignment = max(alignment, field.alignment)
            elif field.packed:
                alignment = 1
        if operand.type.kind == VOID or operand.type.kind == FUNCTION and operand.kind != VARIABLE:
            alignment = 1
        elif not operand.type.complete and operand.type.kind != ARRAY:
            return self.size_constant(operand.type, "__alignof__", node.operand.location)
        return self.size_value(node.location, alignment)

    def size_constant(self, type: Type, operator: str, location: int) -> Expression:
        kind = type.kind
        if kind == ERROR:
            return self.error_value(location)
        if kind == FUNCTION or kind == VOID:
            what = "function type" if kind == FUNCTION else "void type"
            if operator == "sizeof":
                if self.diagnostics.pedantic or self.wants("pointer-arith"):
                    self.pedwarn(location, "pointer-arith", f"invalid application of 'sizeof' to a {what}")
            elif self.diagnostics.pedantic:
                self.pedwarn(location, "pedantic", f"ISO C does not permit '{operator}' applied to a {what}")
            return self.size_value(location, 1)
        if not type.complete and not (operator != "sizeof" and kind == ARRAY and cast(Type, type.base).complete):
            self.error(location, f"invalid application of '{operator}' to incomplete type {quoted(type.unqualified)}")
            return self.error_value(location)
        if operator == "sizeof":
            return self.size_value(location, type.size)
        alignment = type.alignment
        if operator == "_Alignof" and self.model.pointer_size == 4:
            from ourocc.semantics.layout import natural_alignment

            alignment = natural_alignment(self.types, type)
        return self.size_value(location, alignment)

    def sizeof_type(self, node: tree.SizeofType) -> Expression:
        vlas = self.pending_vlas
        self.pending_vlas = []
        type = self.type_name(node.type_name)
        created = self.pending_vlas
        self.pending_vlas = vlas
        if node.operator == "":
            self.error(node.location, f"expected expression before {quoted(type)}")
            return self.error_value(node.location)
        if type.has_variable_size() and node.operator == "sizeof":
            size = SizeofVariable(self.types.size_type, node.location, type)
            return self.after_vlas(created, size)
        return self.size_constant(type, node.operator, node.type_name.location)

    def after_vlas(self, vlas: list[Type], value: Expression) -> Expression:
        """`value` after the lengths of the VLA types that were written in it are computed."""
        if not vlas or self.function is None:
            return value
        block = Block(value.location)
        for type in vlas:
            block.statements.append(VlaDeclaration(value.location, type))
        return TypedStatementExpression(value.type, value.location, block, value)
