"""Names with linkage (C17 6.2.2): one `Variable` for all their declarations, merged and checked.

`linked` maps a name to the one `Variable` of everything with linkage; scopes map names to entries
that refer to it.  Functions that nothing declares (implicit and library functions) come from here too.
"""

from typing import cast

from ourocc.base.spelling import closest
from ourocc.semantics.builtins import LIBRARY, Builtin
from ourocc.semantics.context import ENTRY_VARIABLE, Entry
from ourocc.semantics.declarators import Declarators
from ourocc.semantics.display import quoted
from ourocc.semantics.typed_tree import (
    DEFINED,
    LINKAGE_EXTERNAL,
    LINKAGE_INTERNAL,
    LINKAGE_NONE,
    STORAGE_STATIC,
    VARIABLE,
    Call,
    Expression,
    Variable,
    VariableReference,
)
from ourocc.semantics.types import (
    ERROR,
    FUNCTION,
    VOID,
    Type,
)
from ourocc.syntax import tree


class Linkage(Declarators):
    """Merges declarations of the same function or object."""

    def prepare_linkage(self) -> None:
        self.linked: dict[str, Variable] = {}
        self.implicit_names: set[str] = set()  # linked only by a builtin or implicit declaration so far
        self.references: dict[int, list[Variable]] = {}  # by id(variable): what its body or initializer mentions
        self.pragma_weak: dict[str, str] = {}
        self.redefined_names: dict[str, str] = {}
        self.visibility_stack: list[int] = []
        self.kept: list[Variable] = []

    def reference_list(self, variable: Variable) -> list[Variable]:
        found = self.references.get(id(variable))
        if found is None:
            found = []
            self.references[id(variable)] = found
            self.kept.append(variable)
        return found

    def merge_linked(
        self, name: str, type: Type, location: int, is_function: bool, linkage: int, explicit_extern: bool,
        has_storage_static: bool,
    ) -> Variable:  # fmt: skip
        """The variable with linkage that a declaration denotes, its type merged with earlier declarations'."""
        variable = self.linked.get(name)
        local = self.local_entry(name)
        if local is not None and (local.variable is None or local.variable.linkage == LINKAGE_NONE):
            if local.kind == ENTRY_VARIABLE:
                diagnostic = self.error(location, f"extern declaration of '{name}' follows declaration with no linkage" if explicit_extern else f"'{name}' redeclared as different kind of symbol")
            else:
                diagnostic = self.error(location, f"'{name}' redeclared as different kind of symbol")
            self.note_previous(diagnostic, local)
            variable = Variable(name, type, location)
            variable.linkage = linkage
            variable.is_function = is_function
            variable.storage = STORAGE_STATIC
            return variable
        if variable is None:
            variable = Variable(name, type, location)
            variable.is_function = is_function
            variable.linkage = linkage
            variable.storage = STORAGE_STATIC
            self.linked[name] = variable
            self.global_names(variable)
            return variable
        implicit = name in self.implicit_names
        if implicit:
            self.implicit_names.discard(name)
            if name in self.implicitly_called:
                self.check_after_implicit(variable, type, location, linkage)
            variable.location = location
            if not variable.is_function and is_function or not is_function:
                variable.is_function = is_function
            variable.type = type
            variable.linkage = linkage
            return variable
        if variable.is_function != is_function:
            diagnostic = self.error(location, f"'{name}' redeclared as different kind of symbol")
            self.note(diagnostic, variable.location, f"previous declaration of '{name}' with type {quoted(variable.type)}")
            return Variable(name, type, location) if not is_function else self.detached(name, type, location)
        if type is not variable.type:
            if self.compatible(type, variable.type):
                variable.type = self.composite(variable.type, type) if not (is_function and type.prototype and not variable.type.prototype) else type
            elif type.kind != ERROR and variable.type.kind != ERROR:
                if not self.conflict_tolerated(type, variable.type):
                    diagnostic = self.error(location, f"conflicting types for '{name}'; have {quoted(type)}")
                    word = "definition" if variable.state == DEFINED else "declaration"
                    self.note(
                        diagnostic, variable.location, f"previous {word} of '{name}' with type {quoted(variable.type)}"
                    )
                    return self.detached(name, type, location) if is_function else variable
        if linkage != variable.linkage:
            self.linkage_mismatch(variable, name, location, linkage, is_function)
        return variable

    def detached(self, name: str, type: Type, location: int) -> Variable:
        """A function that is only analysed, after an error."""
        variable = Variable(name, type, location)
        variable.is_function = True
        variable.storage = STORAGE_STATIC
        variable.linkage = LINKAGE_INTERNAL
        return variable

    def conflict_tolerated(self, type: Type, previous: Type) -> bool:
        return False

    def linkage_mismatch(self, variable: Variable, name: str, location: int, linkage: int, is_function: bool) -> None:
        if linkage == LINKAGE_INTERNAL:
            diagnostic = self.error(location, f"static declaration of '{name}' follows non-static declaration")
        else:
            diagnostic = self.error(location, f"non-static declaration of '{name}' follows static declaration")
        self.note(diagnostic, variable.location, f"previous declaration of '{name}' with type {quoted(variable.type)}")

    def check_after_implicit(self, variable: Variable, type: Type, location: int, linkage: int) -> None:
        """A function that was called without declaration is declared now."""
        name = variable.name
        if not self.compatible(type, variable.type):
            if type.kind == FUNCTION:
                diagnostic = self.error(location, f"conflicting types for '{name}'; have {quoted(type)}") if not self.implicit_compatible(type) else self.warn(location, "", f"conflicting types for '{name}'; have {quoted(type)}")
                self.note(diagnostic, variable.location, f"previous implicit declaration of '{name}' with type {quoted(variable.type)}")
        elif linkage == LINKAGE_INTERNAL:
            diagnostic = self.error(location, f"static declaration of '{name}' follows non-static declaration")
            self.note(diagnostic, variable.location, f"previous implicit declaration of '{name}' with type {quoted(variable.type)}")

    def implicit_compatible(self, type: Type) -> bool:
        """gcc: void f() after an implicit int f() is only a warning."""
        return type.base is not None and type.base.kind == VOID

    def global_names(self, variable: Variable) -> None:
        """#pragma redefine_extname and weak that came before the declaration."""
        renamed = self.redefined_names.get(variable.name)
        if renamed is not None:
            variable.symbol_name = renamed
            self.unit.renamed[variable.name] = renamed
        if variable.name in self.pragma_weak:
            variable.weak = True
            if self.pragma_weak[variable.name]:
                variable.alias = self.pragma_weak[variable.name]

    def redefined(self, variable: Variable, location: int) -> None:
        name = variable.name
        diagnostic = self.error(location, f"redefinition of '{name}'")
        self.note(diagnostic, variable.location, f"previous definition of '{name}' with type {quoted(variable.type)}")

    def bind(self, name: str, variable: Variable, location: int) -> Entry:
        """Make a variable with linkage visible in the current scope."""
        entry = self.local_entry(name)
        if entry is not None and entry.variable is variable:
            entry.type = variable.type
            entry.implicit = False
            if variable.location == location:
                entry.location = location
            return entry
        made = Entry(name, ENTRY_VARIABLE, variable.type, location)
        made.variable = variable
        made.attributes = self.notes.get(name)
        self.declare(made)
        return made

    def linkage_of(self, name: str, storage: int, is_function: bool) -> int:
        """C17 6.2.2."""
        if storage & tree.STORAGE_STATIC and self.scope.depth == 0:
            return LINKAGE_INTERNAL
        if storage & tree.STORAGE_EXTERN or is_function:
            entry = self.names.get(name)
            if entry is not None and entry.variable is not None and entry.variable.linkage != LINKAGE_NONE:
                if name in self.linked and name not in self.implicit_names:
                    return self.linked[name].linkage
        return LINKAGE_EXTERNAL

    def known_here(self, name: str) -> Variable | None:
        """What an earlier declaration in this scope made of a name with linkage."""
        entry = self.local_entry(name)
        if entry is None or entry.implicit or name in self.implicit_names:
            return None
        return self.linked.get(name) if self.linked.get(name) is entry.variable else None

    def implicit_function(self, name: str, location: int) -> Variable:
        """A call of an undeclared function: C89's int name()."""
        variable = self.linked.get(name)
        if variable is None:
            variable = Variable(name, self.types.old_style_int_function, location)
            variable.is_function = True
            variable.linkage = LINKAGE_EXTERNAL
            variable.storage = STORAGE_STATIC
            self.linked[name] = variable
            self.implicit_names.add(name)
            self.global_names(variable)
        if name not in self.implicitly_called:
            self.implicitly_called.add(name)
            if self.options.standard >= 1999 or self.wants("implicit-function-declaration"):
                message = f"implicit declaration of function '{name}'"
                suggestion = self.similar_function(name)
                if suggestion:
                    message += f"; did you mean '{suggestion}'?"
                self.pedwarn(location, "implicit-function-declaration", message)
            if self.wanted.nested_externs:
                self.warn(location, "nested-externs", f"nested extern declaration of '{name}'")
        return variable

    def similar_function(self, name: str) -> str:
        functions: list[str] = []
        for entry in self.names.values():
            if entry.variable is not None and entry.variable.is_function and not entry.name.startswith("__"):
                functions.append(entry.name)
        return closest(name, functions)

    def library_function(self, name: str, signature: str, location: int) -> Variable:
        """The function that a builtin stands for; declared here when the program has not done it."""
        variable = self.linked.get(name)
        if variable is None:
            variable = Variable(name, self.signature_type(signature), 0)
            variable.is_function = True
            variable.linkage = LINKAGE_EXTERNAL
            variable.storage = STORAGE_STATIC
            if name in ("abort", "exit", "_exit", "_Exit"):
                variable.noreturn = True
            self.linked[name] = variable
            self.implicit_names.add(name)
            self.global_names(variable)
        return variable

    def implicit_library_function(self, name: str, builtin: Builtin, location: int) -> None:
        variable = self.library_function(builtin.target if builtin.kind == LIBRARY else name, builtin.signature, location)
        if self.options.standard >= 1999 or self.wants("implicit-function-declaration"):
            self.pedwarn(location, "implicit-function-declaration", f"implicit declaration of function '{name}'")
            self.warn(
                location,
                "builtin-declaration-mismatch",
                f"incompatible implicit declaration of built-in function '{name}'",
            )
        entry = Entry(name, ENTRY_VARIABLE, variable.type, location)
        entry.variable = variable
        entry.implicit = True
        entry.depth = 0
        # visible from here on, whatever scope this is: like gcc, at file scope
        entry.order = 0
        self.names[name] = entry
        self.file_scope.entries.append(entry)

    def runtime_call(self, name: str, signature: str, arguments: list[Expression], location: int) -> Expression:
        variable = self.library_function(name, signature, location)
        self.reference(variable)
        type = self.signature_type(signature)
        callee = self.rvalue(VariableReference(VARIABLE, variable, variable.type, location))
        converted = [self.convert(value, parameter) for value, parameter in zip(arguments, type.parameters, strict=True)]
        return Call(cast(Type, type.base), location, callee, converted, type)
