"""Identifiers as primary expressions (C17 6.5.1): variables, enumerators, __func__, undeclared names."""

from typing import Final, cast

from ourocc.base.spelling import closest
from ourocc.semantics.builtins import LIBRARY, LIBRARY_PREFIXED, find_builtin
from ourocc.semantics.context import ENTRY_ENUMERATOR, ENTRY_TYPEDEF, ENTRY_VARIABLE, Entry
from ourocc.semantics.literals import Literals
from ourocc.semantics.typed_tree import (
    DEFINED,
    LINKAGE_INTERNAL,
    STORAGE_STATIC,
    VARIABLE,
    Expression,
    InitializerItem,
    IntegerConstant,
    StringLiteral,
    Variable,
    VariableReference,
)
from ourocc.semantics.types import (
    ERROR,
)
from ourocc.syntax import tree

FUNCTION_NAMES: Final = ("__func__", "__FUNCTION__", "__PRETTY_FUNCTION__")


class Identifiers(Literals):
    """Analyses identifiers."""

    def identifier(self, node: tree.IdentifierExpression) -> Expression:
        entry = self.names.get(node.name)
        if entry is None or (entry.depth == 0 and entry.order > self.horizon):
            return self.unknown_identifier(node)
        entry.used = True
        if entry.kind == ENTRY_VARIABLE:
            variable = cast(Variable, entry.variable)
            if variable.storage or variable.is_function:
                if self.unevaluated == 0:
                    self.current_references.append(variable)
                if self.notes and entry.attributes is not None:
                    self.use_notes(entry, node.location)
            elif self.function is not None and entry.depth < self.function.depth and entry.depth > 0:
                variable.captured = True
                self.function.definition.captures = True
            return VariableReference(VARIABLE, variable, entry.type if entry.depth else variable.type, node.location)
        if entry.kind == ENTRY_ENUMERATOR:
            return IntegerConstant(entry.type, node.location, entry.value)
        if entry.kind == ENTRY_TYPEDEF:
            if entry.type.kind != ERROR:
                self.error(node.location, f"expected expression before '{node.name}'")
        return self.error_value(node.location)

    def use_notes(self, entry: Entry, location: int) -> None:
        notes = entry.attributes
        if notes is None:
            return
        if notes.deprecated is not None:
            suffix = f": {notes.deprecated}" if notes.deprecated else ""
            self.note(
                self.warn(location, "deprecated-declarations", f"'{entry.name}' is deprecated{suffix}"),
                entry.location,
                "declared here",
            )
        if notes.unavailable is not None:
            suffix = f": {notes.unavailable}" if notes.unavailable else ""
            self.error(location, f"'{entry.name}' is unavailable{suffix}")

    def unknown_identifier(self, node: tree.IdentifierExpression) -> Expression:
        name = node.name
        if name in FUNCTION_NAMES:
            return self.function_name(node)
        builtin = find_builtin(name)
        if builtin is not None and builtin.kind in (LIBRARY, LIBRARY_PREFIXED) and name.startswith("__builtin_"):
            variable = self.library_function(builtin.target, builtin.signature, node.location)
            self.reference(variable)
            return VariableReference(VARIABLE, variable, variable.type, node.location)
        if builtin is not None and name.startswith("__"):
            self.error(node.location, f"'{name}' must be directly called") if name.startswith("__builtin") else self.error(
                node.location, f"builtin function '{name}' must be directly called"
            )
            return self.error_value(node.location)
        if name not in self.undeclared:
            self.undeclared.add(name)
            if self.function is None:
                self.error(node.location, f"'{name}' undeclared here (not in a function)")
            else:
                message = f"'{name}' undeclared (first use in this function)"
                suggestion = self.similar_name(name)
                if suggestion:
                    message += f"; did you mean '{suggestion}'?"
                diagnostic = self.error(node.location, message)
                if not self.reported_undeclared:
                    self.reported_undeclared = True
                    self.note(
                        diagnostic,
                        node.location,
                        "each undeclared identifier is reported only once for each function it appears in",
                    )
        return self.error_value(node.location)

    def similar_name(self, name: str) -> str:
        """The closest visible name, for 'did you mean'."""
        return closest(name, [known for known in self.names if not known.startswith("__")])

    def function_name(self, node: tree.IdentifierExpression) -> Expression:
        """__func__ (C17 6.4.2.2)."""
        function = self.function
        if function is None:
            if node.name == "__func__":
                self.warn(node.location, "", "'__func__' is not defined outside of function scope")
            name = "" if node.name == "__func__" else "top level"
            data = name.encode() + b"\0"
            return StringLiteral(self.types.array_of(self.types.const_char, len(data)), node.location, data)
        variable = function.function_name_variable
        if variable is None:
            data = function.definition.variable.name.encode() + b"\0"
            type = self.types.array_of(self.types.const_char, len(data))
            variable = Variable("__func__", type, node.location)
            variable.symbol_name = self.static_symbol("__func__")
            variable.linkage = LINKAGE_INTERNAL
            variable.storage = STORAGE_STATIC
            variable.state = DEFINED
            variable.initialized_size = len(data)
            variable.initializer = [InitializerItem(0, type, StringLiteral(type, node.location, data), None)]
            self.objects.append(variable)
            function.function_name_variable = variable
        self.reference(variable)
        return VariableReference(VARIABLE, variable, variable.type, node.location)
