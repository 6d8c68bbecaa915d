"""Walks over a function's typed tree: base class of the few searches that lowering makes."""

from typing import final

from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type


class Walker:
    """Calls `declared` for each automatic variable that comes to life, `builtin` for each builtin call."""

    def declared(self, variable: tt.Variable) -> None:
        pass

    def builtin(self, call: tt.BuiltinCall) -> None:
        pass

    def function(self, definition: tt.FunctionDefinition) -> None:
        for parameter in definition.parameters:
            self.declared(parameter)
        for type in definition.parameter_vlas:
            self.lengths(type)
        if definition.body is not None:
            self.statement(definition.body)

    def lengths(self, type: Type | None) -> None:
        while type is not None:
            if isinstance(type.length_variable, tt.Variable):
                self.declared(type.length_variable)
            if isinstance(type.length_expression, tt.Expression):
                self.expression(type.length_expression)
            if type.kind not in (ct.ARRAY, ct.POINTER, ct.FUNCTION):
                self.layout(type.unqualified)
                return
            type = type.base

    def layout(self, record: Type) -> None:
        """A record with members of variable size keeps its offsets in variables."""
        if isinstance(record.size_variable, tt.Variable):
            self.declared(record.size_variable)
            for field in record.fields:
                if isinstance(field.offset_variable, tt.Variable):
                    self.declared(field.offset_variable)

    def items(self, variable: tt.Variable) -> None:
        if variable.initializer is not None:
            for item in variable.initializer:
                self.expression(item.value)

    def statement(self, node: tt.Statement | None) -> None:
        if node is None:
            return
        if isinstance(node, tt.Block):
            for inner in node.statements:
                self.statement(inner)
        elif isinstance(node, tt.LocalDeclaration):
            self.declared(node.variable)
            self.lengths(node.variable.type)
            self.expression(node.initializer_value)
            self.items(node.variable)
        elif isinstance(node, tt.ExpressionStatement):
            self.expression(node.expression)
        elif isinstance(node, tt.If):
            self.expression(node.condition)
            self.statement(node.then)
            self.statement(node.otherwise)
        elif isinstance(node, tt.Loop):
            self.expression(node.condition)
            self.expression(node.step)
            self.statement(node.body)
        elif isinstance(node, tt.Switch):
            self.expression(node.condition)
            self.statement(node.body)
        elif isinstance(node, (tt.CaseLabel, tt.Labeled)):
            self.statement(node.body)
        elif isinstance(node, tt.Return):
            self.expression(node.value)
        elif isinstance(node, tt.ComputedGoto):
            self.expression(node.target)
        elif isinstance(node, tt.VlaDeclaration):
            self.lengths(node.type)
        elif isinstance(node, tt.Asm):
            for operand in [*node.outputs, *node.inputs]:
                self.expression(operand.expression)

    def expression(self, node: tt.Expression | None) -> None:
        if node is None:
            return
        if isinstance(node, tt.VariableReference):
            if node.kind == tt.COMPOUND_LITERAL:
                self.declared(node.variable)
                self.items(node.variable)
        elif isinstance(node, (tt.UnaryOperation, tt.VaArg)):
            self.expression(node.operand)
            if node.kind == tt.CONVERT:
                self.lengths(node.type)
        elif isinstance(node, (tt.BinaryOperation, tt.PointerArithmetic)):
            self.expression(node.left)
            self.expression(node.right)
        elif isinstance(node, tt.MemberAccess):
            self.expression(node.base)
        elif isinstance(node, tt.CompoundAssignment):
            self.expression(node.place)
            self.expression(node.value)
        elif isinstance(node, tt.IncrementOperation):
            self.expression(node.place)
        elif isinstance(node, tt.Conditional):
            self.expression(node.condition)
            self.expression(node.then)
            self.expression(node.otherwise)
        elif isinstance(node, tt.SavedValue):
            self.expression(node.expression)
        elif isinstance(node, tt.Call):
            self.expression(node.function)
            for argument in node.arguments:
                self.expression(argument)
        elif isinstance(node, tt.BuiltinCall):
            self.builtin(node)
            for argument in node.arguments:
                self.expression(argument)
        elif isinstance(node, tt.StatementExpression):
            self.statement(node.body)
            self.expression(node.result)


@final
class OwnVariables(Walker):
    """The automatic variables of a function, asked for where functions nest."""

    def __init__(self) -> None:
        self.variables: dict[tt.Variable, bool] = {}

    def declared(self, variable: tt.Variable) -> None:
        self.variables[variable] = True


@final
class FindArgumentPack(Walker):
    """Does a function use __builtin_va_arg_pack?"""

    def __init__(self) -> None:
        self.found = False

    def builtin(self, call: tt.BuiltinCall) -> None:
        if call.name in ("va_arg_pack", "va_arg_pack_len"):
            self.found = True
