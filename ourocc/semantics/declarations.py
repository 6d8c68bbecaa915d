"""Declarations (C17 6.7, 6.9): what is declared, typedefs, functions, static assertions.

References are noted per function and per initialized object, so that in the end
only what is reachable from outside is emitted.
"""

from typing import cast, final

from ourocc.semantics.attributes import AttributeSet
from ourocc.semantics.constant import constant_truth
from ourocc.semantics.context import ENTRY_TYPEDEF, ENTRY_VARIABLE, Entry
from ourocc.semantics.declaration_checks import check_redundant, check_shadow
from ourocc.semantics.declarators import ParameterInfo
from ourocc.semantics.display import quoted
from ourocc.semantics.objects import Objects
from ourocc.semantics.typed_tree import (
    DEFINED,
    LINKAGE_NONE,
    STORAGE_STATIC,
    STRING_LITERAL,
    StringLiteral,
    Variable,
    VlaDeclaration,
)
from ourocc.semantics.types import (
    ERROR,
    FUNCTION,
    UNION,
    Type,
)
from ourocc.syntax import tree


@final
class PendingFunction:
    """A function definition in source order; its body may be analysed late or never."""

    def __init__(self, node: tree.FunctionDefinition, variable: Variable) -> None:
        self.node = node
        self.variable = variable
        self.parameters: list[ParameterInfo] = []
        self.vlas: list[Type] = []
        self.order = 0
        self.analysed = False
        self.optimize = ""
        self.visibility = 0


class Declarations(Objects):
    """Analyses declarations."""

    def prepare_declarations(self) -> None:
        self.prepare_linkage()
        self.pending_functions: dict[int, PendingFunction] = {}  # by id(variable)

    # ------------------------------------------------------------------ declarations

    def declaration(self, node: tree.Declaration) -> None:
        """A declaration at file or block scope."""
        if node.specifiers.extension:
            self.diagnostics.extension += 1
            self.plain_declaration(node)
            self.diagnostics.extension -= 1
        else:
            self.plain_declaration(node)

    def plain_declaration(self, node: tree.Declaration) -> None:
        specifiers = node.specifiers
        if specifiers.keywords and specifiers.keywords[0] == "__auto_type" and len(specifiers.keywords) == 1:
            self.auto_declaration(node)
            return
        pending = len(self.pending_vlas)
        base = self.specified_type(specifiers, bool(node.declarators) or specifiers.storage != 0)
        if not node.declarators:
            self.empty_declaration(node, base)
            self.flush_vlas(pending, node.location)
            return
        if not specifiers.keywords and specifiers.specifier is None:
            self.warn_implicit_int(node.declarators[0].declarator, specifiers)
        shared = self.attribute_set(specifiers.attributes) if specifiers.attributes else self.no_attributes
        self.flush_vlas(pending, node.location)
        for item in node.declarators:
            self.init_declarator(item, base, specifiers, shared)

    def warn_implicit_int(self, declarator: tree.Declarator, specifiers: tree.DeclarationSpecifiers) -> None:
        is_function = bool(declarator.parts) and declarator.parts[0].kind == tree.FUNCTION_DECLARATOR
        if specifiers.storage == 0 and specifiers.qualifiers == 0 and self.scope.depth == 0 and not is_function:
            self.warn(declarator.location, "", "data definition has no type or storage class")
        if self.options.standard >= 1999 or self.wants("implicit-int"):
            self.pedwarn(
                declarator.location, "implicit-int", f"type defaults to 'int' in declaration of '{declarator.name}'"
            )

    def empty_declaration(self, node: tree.Declaration, base: Type) -> None:
        specifiers = node.specifiers
        specifier = specifiers.specifier
        if specifier is not None and specifier.kind in (tree.RECORD_SPECIFIER, tree.ENUM_SPECIFIER):
            named = True
            if specifier.kind == tree.RECORD_SPECIFIER:
                named = cast(tree.RecordSpecifier, specifier).tag != ""
            if not named and not (specifiers.storage & tree.STORAGE_TYPEDEF):
                self.warn(node.location, "", "unnamed struct/union that defines no instances")
            elif specifiers.storage & tree.STORAGE_TYPEDEF:
                self.warn(node.location, "", "useless storage class specifier in empty declaration")
            elif specifiers.storage & (tree.STORAGE_STATIC | tree.STORAGE_EXTERN):
                self.warn(node.location, "", "useless storage class specifier in empty declaration")
            return
        if specifiers.attributes and not specifiers.keywords and specifier is None:
            return
        if base.kind != ERROR:
            if specifiers.keywords or specifier is not None:
                self.warn(node.location, "", "useless type name in empty declaration")
            else:
                self.warn(node.location, "", "empty declaration")

    def flush_vlas(self, start: int, location: int) -> None:
        """Emit the evaluations of the VLA lengths that were written since `start`."""
        pending = self.pending_vlas
        if len(pending) > start:
            statements = self.scope.statements
            if statements is not None:
                for type in pending[start:]:
                    statements.append(VlaDeclaration(location, type))
            del pending[start:]

    def init_declarator(
        self, item: tree.InitDeclarator, base: Type, specifiers: tree.DeclarationSpecifiers, shared: AttributeSet
    ) -> None:
        declarator = item.declarator
        own = self.no_attributes
        if declarator.attributes or item.attributes:
            own = self.attribute_set(declarator.attributes, item.attributes)
        pending = len(self.pending_vlas)
        type = self.declared_type(base, declarator, own, shared)
        self.flush_vlas(pending, declarator.location)
        storage = specifiers.storage
        if storage & tree.STORAGE_TYPEDEF:
            self.declare_typedef(item, type, specifiers, own, shared)
        elif type.kind == FUNCTION:
            self.declare_function(item, type, specifiers, own, shared)
        elif self.scope.depth == 0:
            self.declare_global(item, type, specifiers, own, shared)
        else:
            self.declare_local(item, type, specifiers, own, shared)

    def declare_typedef(
        self, item: tree.InitDeclarator, type: Type, specifiers: tree.DeclarationSpecifiers, own: AttributeSet,
        shared: AttributeSet,
    ) -> None:  # fmt: skip
        name = item.declarator.name
        location = item.declarator.location
        if item.initializer is not None:
            self.error(location, f"typedef '{name}' is initialized (use '__typeof__' instead)")
        if specifiers.alignments:
            self.error(location, f"alignment specified for typedef '{name}'")
        aligned = max(own.aligned, shared.aligned)
        if aligned and type.kind != ERROR:
            type = self.types.aligned(type, aligned)
        if own.has("may_alias") or shared.has("may_alias"):
            type = self.types.qualified(type, 16)
        if (own.has("transparent_union") or shared.has("transparent_union")) and type.kind == UNION:
            type.unqualified.transparent_union = True
            type.transparent_union = True
        previous = self.local_entry(name)
        if previous is not None and not previous.implicit:
            if previous.kind == ENTRY_TYPEDEF:
                same = previous.type is type or self.compatible(previous.type, type) or ERROR in (previous.type.kind, type.kind)
                if same:
                    if self.options.standard < 2011 and self.diagnostics.pedantic:
                        self.pedwarn(location, "pedantic", f"redefinition of typedef '{name}'")
                    if type.is_variably_modified():
                        self.error(location, f"redefinition of typedef '{name}' with variably modified type")
                    return
                diagnostic = self.error(location, f"conflicting types for '{name}'; have {quoted(type)}")
                self.note(diagnostic, previous.location, f"previous declaration of '{name}' with type {quoted(previous.type)}")
                return
            diagnostic = self.error(location, f"'{name}' redeclared as different kind of symbol")
            self.note_previous(diagnostic, previous)
            return
        entry = Entry(name, ENTRY_TYPEDEF, type, location)
        notes = own.notes or shared.notes
        if notes is not None and notes.deprecated is not None:
            entry.attributes = notes
        entry.used = own.has("unused") or shared.has("unused")
        self.declare(entry)
        if type.is_record() and not type.tag and not type.typedef_name:
            type.typedef_name = name
            type.unqualified.typedef_name = name

    # ------------------------------------------------------------------ functions

    def declare_function(
        self, item: tree.InitDeclarator, type: Type, specifiers: tree.DeclarationSpecifiers, own: AttributeSet,
        shared: AttributeSet,
    ) -> None:  # fmt: skip
        name = item.declarator.name
        location = item.declarator.location
        storage = specifiers.storage
        if item.initializer is not None:
            self.error(location, f"function '{name}' is initialized like a variable")
        if storage & (tree.STORAGE_REGISTER | tree.STORAGE_AUTO) or storage & tree.STORAGE_THREAD:
            if not (storage & tree.STORAGE_AUTO and self.scope.depth > 0):
                self.error(location, f"invalid storage class for function '{name}'")
        if self.scope.depth > 0 and storage & tree.STORAGE_STATIC:
            self.error(location, f"invalid storage class for function '{name}'")
        if specifiers.alignments:
            self.error(location, f"alignment specified for function '{name}'")
        if self.scope.depth > 0 and storage & tree.STORAGE_AUTO:
            # GNU: forward declaration of a nested function
            self.declare_nested(name, type, location)
            return
        local = self.local_entry(name)
        if local is not None and self.is_nested_function(local):
            return
        known = self.known_here(name) if self.wanted.redundant else None
        known_location = known.location if known is not None else 0
        variable = self.merge_linked(
            name, type, location, True, self.linkage_of(name, storage, True), storage & tree.STORAGE_EXTERN != 0, False
        )
        if known is variable:
            check_redundant(self, variable, location, known_location, variable.type)
        if self.scope.depth and self.wanted.nested_externs:
            self.warn(location, "nested-externs", f"nested extern declaration of '{name}'")
        if variable.state == DEFINED and ("alias" in own.texts or "alias" in shared.texts):
            self.redefined(variable, location)
        self.function_attributes(variable, storage, own, shared, item.asm_label)
        entry = self.bind(name, variable, location)
        if own.has("unused") or shared.has("unused"):
            entry.silenced = True
        if self.own_parameters:
            self.parameter_locations[name] = [info.location for info in self.own_parameters]

    def shadows(self, entry: Entry) -> None:
        check_shadow(self, entry)

    def is_nested_function(self, entry: Entry) -> bool:
        variable = entry.variable
        return variable is not None and variable.is_function and variable.linkage == LINKAGE_NONE

    def declare_nested(self, name: str, type: Type, location: int) -> Variable:
        entry = self.local_entry(name)
        if entry is not None and entry.variable is not None and self.is_nested_function(entry):
            return entry.variable
        variable = Variable(name, type, location)
        variable.symbol_name = self.static_symbol(name)
        variable.is_function = True
        variable.storage = STORAGE_STATIC
        made = Entry(name, ENTRY_VARIABLE, type, location)
        made.variable = variable
        self.declare_checked(made)
        return variable

    # ------------------------------------------------------------------ static assertions

    def static_assert(self, node: tree.StaticAssert) -> None:
        """C17 6.7.10."""
        value = self.value(node.condition)
        if value.type.kind == ERROR:
            return
        if not value.type.is_integer():
            self.error(node.condition.location, "expression in static assertion is not an integer")
            return
        constant = self.integer_constant(value)
        if constant is None:
            self.error(node.condition.location, "expression in static assertion is not constant")
            return
        if constant_truth(constant) == 0:
            message = "static assertion failed"
            if node.message is not None:
                literal = self.expression(node.message)
                if literal.kind == STRING_LITERAL:
                    text = cast(StringLiteral, literal).data[:-1].decode("utf-8", "replace")
                    message += f': "{text}"'
            self.error(node.location, message)
