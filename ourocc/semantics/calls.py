"""Function calls (C17 6.5.2.2): the function, its arguments, and what attributes of it say about them."""

from typing import cast

from ourocc.semantics.builtin_folding import FOLDED_FUNCTIONS
from ourocc.semantics.builtins import LIBRARY, LOWERED, Builtin, find_builtin
from ourocc.semantics.context import ENTRY_VARIABLE, Entry
from ourocc.semantics.conversions import PASSING
from ourocc.semantics.display import quoted
from ourocc.semantics.format_check import FormatChecker
from ourocc.semantics.member_access import MemberAccesses
from ourocc.semantics.operator_checks import (
    check_memory_call,
)
from ourocc.semantics.typed_tree import (
    CALL,
    COMMA,
    CONVERT,
    FUNCTION_DECAY,
    LINKAGE_INTERNAL,
    VARIABLE,
    BinaryOperation,
    Call,
    Expression,
    UnaryOperation,
    Variable,
    VariableReference,
)
from ourocc.semantics.types import (
    ERROR,
    FUNCTION,
    POINTER,
    STRUCT,
    UNION,
    VOID,
    Type,
)
from ourocc.syntax import tree


class Calls(MemberAccesses):
    """Analyses calls."""

    def prepare_calls(self) -> None:
        self.format_checker: FormatChecker | None = None

    def call(self, node: tree.CallExpression) -> Expression:
        target = node.function
        location = node.location
        if target.kind == tree.IDENTIFIER:
            name = cast(tree.IdentifierExpression, target).name
            entry = self.lookup(name)
            if entry is None:
                builtin = find_builtin(name)
                if builtin is not None and (name.startswith("__") or self.hosted_builtin(name)):
                    if name.startswith("__") or name == "alloca" and len(node.arguments) == 1:
                        return self.builtin_call(builtin, node)
                    wanted = len(self.signature_type(builtin.signature).parameters)
                    if len(node.arguments) == wanted or builtin.signature.endswith("."):
                        self.implicit_library_function(name, builtin, location)
                        return self.call(node)
                variable = self.implicit_function(name, location)
                self.reference(variable)
                callee: Expression = self.rvalue(VariableReference(VARIABLE, variable, variable.type, target.location))
                return self.call_value(callee, node, name)
            if entry.kind == ENTRY_VARIABLE and entry.depth == 0 and entry.variable is not None:
                if entry.variable.is_function and entry.variable.linkage != LINKAGE_INTERNAL:
                    replaced = self.call_known_library(name, entry, node)
                    if replaced is not None:
                        return replaced
        else:
            name = ""
        callee = self.value(target)
        return self.call_value(callee, node, name)

    def hosted_builtin(self, name: str) -> bool:
        options = self.options
        return options.builtins and not options.freestanding and name not in options.no_builtin

    def implicit_library_function(self, name: str, builtin: Builtin, location: int) -> None:
        """A call of an undeclared library function: declared with its true type, with gcc's warning."""
        raise NotImplementedError

    def call_known_library(self, name: str, entry: Entry, node: tree.CallExpression) -> Expression | None:
        """A declared library function that lowering knows (fabs, abs, ffs ...), None for ordinary calls."""
        if not self.options.builtins or name in self.options.no_builtin:
            return None
        builtin = find_builtin(name)
        if builtin is None or builtin.kind == LIBRARY or self.options.freestanding:
            if builtin is not None and builtin.target in FOLDED_FUNCTIONS:
                folded = self.fold_string_function(builtin, node)
                if folded is not None:
                    entry.used = True
                return folded
            return None
        if builtin.kind == LOWERED:
            variable = cast(Variable, entry.variable)
            if self.signature_type(builtin.signature) is not variable.type.unqualified:
                return None
            entry.used = True
            return self.builtin_call(builtin, node)
        if name == "alloca" and len(node.arguments) == 1:  # the one compile-time builtin without a prefix
            return self.builtin_call(builtin, node)
        return None

    def call_value(self, callee: Expression, node: tree.CallExpression, name: str) -> Expression:
        location = node.location
        pointer = callee.type
        if pointer.kind != POINTER or cast(Type, pointer.base).kind != FUNCTION:
            for argument in node.arguments:
                self.value(argument)
            if pointer.kind != ERROR:
                what = f"'{self.source_text(node.function)}' " if node.function.kind == tree.IDENTIFIER else ""
                diagnostic = self.error(location, f"called object {what}is not a function or function pointer")
                entry = self.names.get(name) if name else None
                if entry is not None and entry.location:
                    self.note(diagnostic, entry.location, "declared here")
            return self.error_value(location)
        function = cast(Type, pointer.base)
        arguments = [self.value(argument) for argument in node.arguments]
        if self.wanted.memory_calls and name in ("memset", "memcpy", "memmove", "memcmp"):
            check_memory_call(self, name, node, arguments)
        shown = name or self.source_text(node.function)
        converted = self.call_arguments(function, arguments, shown, location, callee, node)
        result = cast(Type, function.base).unqualified
        if not result.complete and result.kind != VOID:
            if result.kind != ERROR:
                self.error(location, f"invalid use of undefined type {quoted(result)}")
            return self.error_value(location)
        call = Call(result, location, callee, converted, function)
        if callee.kind == FUNCTION_DECAY:
            place = cast(UnaryOperation, callee).operand
            if place.kind == VARIABLE:
                self.copy_call_attributes(call, cast(VariableReference, place).variable, arguments, node)
        elif function.is_noreturn:
            call.noreturn = True
        return call

    def copy_call_attributes(
        self, call: Call, variable: Variable, arguments: list[Expression], node: tree.CallExpression
    ) -> None:
        call.noreturn = variable.noreturn
        call.pure = variable.pure
        if variable.returns_twice:
            call.returns_twice = True
            if self.function is not None:
                self.function.definition.calls_setjmp = True
        notes = self.notes.get(variable.name)
        if notes is not None and variable.linkage:
            if self.unevaluated == 0:
                if notes.format_kind and self.wants("format"):
                    self.check_format(notes.format_kind, notes.format_index, notes.format_first, arguments, node)
                if notes.nonnull is not None and self.wants("nonnull"):
                    self.check_nonnull(notes.nonnull, arguments, node)
                if notes.sentinel >= 0 and self.wants("format"):
                    self.check_sentinel(notes.sentinel, arguments, node)
        elif self.wants("format") and self.unevaluated == 0:
            self.check_library_format(variable, arguments, node)

    def check_library_format(self, variable: Variable, arguments: list[Expression], node: tree.CallExpression) -> None:
        from ourocc.semantics.format_check import LIBRARY_FORMATS

        known = LIBRARY_FORMATS.get(variable.name)
        if known is not None and self.options.builtins:
            self.check_format(known[0], known[1], known[2], arguments, node)

    def check_format(
        self, kind: str, index: int, first: int, arguments: list[Expression], node: tree.CallExpression
    ) -> None:
        if self.format_checker is None:
            self.format_checker = FormatChecker(self.diagnostics, self.types)
        self.format_checker.check(kind, index, first, arguments, node)

    def check_nonnull(self, positions: list[int], arguments: list[Expression], node: tree.CallExpression) -> None:
        for number, argument in enumerate(arguments, 1):
            if positions and number not in positions:
                continue
            if argument.type.kind == POINTER and self.is_null_pointer_constant(argument):
                self.warn(argument.location, "nonnull", f"argument {number} null where non-null expected")

    def check_sentinel(self, position: int, arguments: list[Expression], node: tree.CallExpression) -> None:
        index = len(arguments) - 1 - position
        if index < 0:
            self.warn(node.location, "format", "not enough variable arguments to fit a sentinel")
            return
        last = arguments[index]
        if last.type.kind != POINTER or not self.is_null_pointer_constant(last):
            self.warn(node.location, "format", "missing sentinel in function call")

    def call_arguments(
        self, function: Type, arguments: list[Expression], name: str, location: int, callee: Expression,
        node: tree.CallExpression,
    ) -> list[Expression]:  # fmt: skip
        """Check the number of arguments and convert each (C17 6.5.2.2)."""
        parameters = function.parameters
        count = len(parameters)
        given = len(arguments)
        converted: list[Expression] = []
        if function.prototype:
            if given < count:
                diagnostic = self.error(location, f"too few arguments to function '{name}'")
                self.note_declaration(diagnostic, callee)
                return arguments
            if given > count and not function.variadic:
                where = arguments[count].location
                diagnostic = self.error(location if where == 0 else location, f"too many arguments to function '{name}'")
                self.note_declaration(diagnostic, callee)
                return arguments
        for number, argument in enumerate(arguments):
            if number < count:
                parameter = parameters[number]
                if argument.type is not parameter:
                    if not parameter.complete and parameter.kind in (STRUCT, UNION):
                        self.error(argument.location, f"type of formal parameter {number + 1} is incomplete")
                        argument = self.error_value(argument.location)
                    else:
                        argument = self.assign(argument, parameter, PASSING, argument.location, name, number + 1)
                converted.append(argument)
                continue
            kind = argument.type.kind
            if kind == VOID:
                self.error(argument.location, "invalid use of void expression")
                argument = self.error_value(argument.location)
            converted.append(self.default_promote(argument))
        return converted

    def note_declaration(self, diagnostic: object, callee: Expression) -> None:
        from ourocc.base.diagnostics import Diagnostic

        if callee.kind == FUNCTION_DECAY:
            place = cast(UnaryOperation, callee).operand
            if place.kind == VARIABLE:
                variable = cast(VariableReference, place).variable
                if variable.location and isinstance(diagnostic, Diagnostic):
                    self.note(diagnostic, variable.location, "declared here")

    def check_unused_result(self, value: Expression) -> None:
        """The attribute warn_unused_result of a function whose value is dropped: a cast to void does not help."""
        while value.kind == COMMA or (value.kind == CONVERT and value.type.kind == VOID):
            value = cast(BinaryOperation, value).right if value.kind == COMMA else cast(UnaryOperation, value).operand
        if value.kind != CALL or value.type.kind == VOID:
            return
        call = cast(Call, value)
        if call.function.kind != FUNCTION_DECAY:
            return
        place = cast(UnaryOperation, call.function).operand
        if place.kind != VARIABLE:
            return
        name = cast(VariableReference, place).variable.name
        notes = self.notes.get(name)
        if notes is not None and notes.warn_unused:
            text = f"ignoring return value of '{name}' declared with attribute 'warn_unused_result'"
            self.warn(call.location, "unused-result", text)
