"""Declarations (C17 6.7, 6.9): linkage, tentative definitions, merging of redeclarations, functions and objects.

`linked` maps a name to the one `Variable` of everything with linkage; scopes map names to entries
that refer to it.  References are noted per function and per initialized object, so that in the end
only what is reachable from outside is emitted.
"""

from typing import cast, final

from ourocc.semantics.attributes import AttributeSet
from ourocc.semantics.builtins import LIBRARY, Builtin, find_builtin
from ourocc.semantics.constant import constant_truth
from ourocc.semantics.context import ENTRY_TYPEDEF, ENTRY_VARIABLE, AttributeNotes, Entry
from ourocc.semantics.declaration_checks import check_redundant, check_shadow
from ourocc.semantics.declarators import Declarators, ParameterInfo
from ourocc.semantics.display import quoted, type_name
from ourocc.semantics.typed_tree import (
    DECLARED,
    DEFINED,
    LINKAGE_EXTERNAL,
    LINKAGE_INTERNAL,
    LINKAGE_NONE,
    STORAGE_AUTOMATIC,
    STORAGE_STATIC,
    STORAGE_THREAD,
    STRING_LITERAL,
    TENTATIVE,
    VARIABLE,
    Call,
    Expression,
    LocalDeclaration,
    StringLiteral,
    Variable,
    VariableReference,
    VlaDeclaration,
)
from ourocc.semantics.types import (
    ARRAY,
    ENUM,
    ERROR,
    FUNCTION,
    INCOMPLETE_LENGTH,
    STRUCT,
    UNION,
    VARIABLE_LENGTH,
    VOID,
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


class Declarations(Declarators):
    """Analyses declarations."""

    def prepare_declarations(self) -> None:
        self.linked: dict[str, Variable] = {}
        self.implicit_names: set[str] = set()  # linked only by a builtin or implicit declaration so far
        self.pending_functions: dict[int, PendingFunction] = {}  # by id(variable)
        self.references: dict[int, list[Variable]] = {}  # by id(variable): what its body or initializer mentions
        self.visibility_stack: list[int] = []
        self.pragma_weak: dict[str, str] = {}
        self.redefined_names: dict[str, str] = {}
        self.kept: list[Variable] = []

    def reference_list(self, variable: Variable) -> list[Variable]:
        found = self.references.get(id(variable))
        if found is None:
            found = []
            self.references[id(variable)] = found
            self.kept.append(variable)
        return found

    # ------------------------------------------------------------------ declarations

    def declaration(self, node: tree.Declaration) -> None:
        """A declaration at file or block scope."""
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

    # ------------------------------------------------------------------ linkage

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
        self.function_attributes(variable, storage, own, shared, item.asm_label)
        entry = self.bind(name, variable, location)
        if own.has("unused") or shared.has("unused"):
            entry.silenced = True
        if self.own_parameters:
            self.parameter_locations[name] = [info.location for info in self.own_parameters]

    def known_here(self, name: str) -> Variable | None:
        """What an earlier declaration in this scope made of a name with linkage."""
        entry = self.local_entry(name)
        if entry is None or entry.implicit or name in self.implicit_names:
            return None
        return self.linked.get(name) if self.linked.get(name) is entry.variable else None

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

    def function_attributes(
        self, variable: Variable, storage: int, own: AttributeSet, shared: AttributeSet, asm_label: str | None
    ) -> None:
        if asm_label is not None:
            variable.symbol_name = asm_label
            self.unit.renamed[variable.name] = asm_label
        if storage & tree.SPECIFIER_INLINE:
            variable.declared_inline = True
            if storage & tree.STORAGE_EXTERN:
                variable.extern_inline = True
        else:
            variable.declared_plain = True
        if storage & tree.STORAGE_EXTERN and not storage & tree.SPECIFIER_INLINE:
            variable.declared_plain = True
        if storage & tree.SPECIFIER_NORETURN:
            variable.noreturn = True
        if own is not self.no_attributes:
            self.symbol_attributes(variable, own)
        if shared is not self.no_attributes:
            self.symbol_attributes(variable, shared)
        if not variable.visibility_given and self.visibility_stack and self.visibility_stack[-1] > 0:
            variable.visibility = self.visibility_stack[-1]
            variable.visibility_given = True

    def symbol_attributes(self, variable: Variable, found: AttributeSet) -> None:
        """Attributes of functions and objects."""
        flags = found.flags
        if flags:
            if "weak" in flags:
                if variable.linkage == LINKAGE_INTERNAL:
                    self.error(variable.location, f"weak declaration of '{variable.name}' must be public")
                variable.weak = True
            if "used" in flags or "retain" in flags:
                variable.keep = True
            if "noreturn" in flags:
                variable.noreturn = True
            if "pure" in flags:
                variable.pure = max(variable.pure, 1)
            if "const" in flags:
                variable.pure = 2
            if "noinline" in flags or "noipa" in flags:
                variable.no_inline = True
            if "always_inline" in flags:
                variable.always_inline = True
            if "gnu_inline" in flags:
                variable.gnu_inline = True
            if "malloc" in flags:
                variable.malloc = True
            if "cold" in flags:
                variable.cold = True
            if "naked" in flags:
                variable.naked = True
            if "returns_twice" in flags:
                variable.returns_twice = True
            if "no_instrument_function" in flags:
                variable.no_instrument = True
            if "no_split_stack" in flags:
                variable.no_split = True
            if "no_reorder" in flags:
                variable.no_reorder = True
            if "common" in flags:
                variable.common = True
            if "nocommon" in flags:
                variable.no_common = True
            if "stdcall" in flags or "fastcall" in flags or "thiscall" in flags:
                if self.model.target == "i386" or self.model.target == "i686":
                    self.error(found.location, "calling-convention attributes are not supported")
        texts = found.texts
        if texts:
            variable.section = texts.get("section", variable.section)
            variable.alias = texts.get("alias", variable.alias)
            variable.ifunc = texts.get("ifunc", variable.ifunc)
            variable.tls_model = texts.get("tls_model", variable.tls_model)
            if variable.tls_model not in ("", "global-dynamic", "local-dynamic", "initial-exec", "local-exec"):
                models = "'local-exec', 'initial-exec', 'local-dynamic', or 'global-dynamic'"
                self.error(variable.location, f"'tls_model' argument must be one of {models}")
                variable.tls_model = ""
            variable.symbol_version = texts.get("symver", variable.symbol_version)
            variable.optimize = texts.get("optimize", variable.optimize)
        numbers = found.numbers
        if numbers:
            if "constructor" in numbers:
                variable.constructor = numbers["constructor"] if numbers["constructor"] >= 0 else 65535
            if "destructor" in numbers:
                variable.destructor = numbers["destructor"] if numbers["destructor"] >= 0 else 65535
            if "patchable_function_entry" in numbers:
                variable.patchable = True
        if found.notes is not None and found.notes.alloc_size:
            variable.alloc_size = found.notes.alloc_size
        if found.aligned:
            variable.alignment = max(variable.alignment, found.aligned)
        if found.visibility >= 0:
            variable.visibility = found.visibility
            variable.visibility_given = True
        if found.weakref is not None:
            variable.weak = True
            variable.weak_reference = found.weakref or variable.alias
            if not found.weakref:
                variable.alias = ""
        if found.weakref is None and variable.weak_reference == "" and variable.weak and variable.alias and variable.linkage == LINKAGE_INTERNAL:
            pass
        if found.cleanup is not None:
            variable.cleanup = found.cleanup
        variable.uninitialized = found.has("uninitialized")
        if found.notes is not None:
            if found.notes.error is not None:
                variable.call_error = found.notes.error
            if found.notes.warning is not None:
                variable.call_warning = found.notes.warning
            self.merge_notes(variable.name, found.notes)

    def merge_notes(self, name: str, notes: AttributeNotes) -> None:
        known = self.notes.get(name)
        if known is None:
            self.notes[name] = notes
            entry = self.names.get(name)
            if entry is not None:
                entry.attributes = notes
            return
        known.deprecated = known.deprecated if notes.deprecated is None else notes.deprecated
        known.unavailable = known.unavailable if notes.unavailable is None else notes.unavailable
        known.error = known.error if notes.error is None else notes.error
        known.warning = known.warning if notes.warning is None else notes.warning
        if notes.format_kind:
            known.format_kind = notes.format_kind
            known.format_index = notes.format_index
            known.format_first = notes.format_first
        if notes.nonnull is not None:
            known.nonnull = notes.nonnull
        known.sentinel = max(known.sentinel, notes.sentinel)
        known.warn_unused = known.warn_unused or notes.warn_unused

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
        from ourocc.semantics.expressions import closest

        return closest(name, [entry.name for entry in self.names.values() if entry.variable is not None and entry.variable.is_function])

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
        converted = [self.convert(value, parameter) for value, parameter in zip(arguments, type.parameters)]
        return Call(cast(Type, type.base), location, callee, converted, type)

    # ------------------------------------------------------------------ objects at file scope

    def check_object_type(self, type: Type, name: str, location: int, defines: bool, extern: bool = False) -> bool:
        kind = type.kind
        if kind == VOID and not extern:
            self.error(location, f"variable or field '{name}' declared void")
            return False
        if defines and not type.complete and kind != ERROR and not (kind == ARRAY):
            self.error(location, f"storage size of '{name}' isn't known")
            return False
        return kind != ERROR

    def declare_global(
        self, item: tree.InitDeclarator, type: Type, specifiers: tree.DeclarationSpecifiers, own: AttributeSet,
        shared: AttributeSet,
    ) -> None:  # fmt: skip
        name = item.declarator.name
        location = item.declarator.location
        storage = specifiers.storage
        if storage & tree.STORAGE_AUTO:
            self.error(location, f"file-scope declaration of '{name}' specifies 'auto'")
        if storage & tree.SPECIFIER_INLINE:
            self.warn(location, "", f"variable '{name}' declared 'inline'")
        if storage & tree.SPECIFIER_NORETURN:
            self.warn(location, "", f"variable '{name}' declared '_Noreturn'")
        if storage & tree.STORAGE_REGISTER:
            self.global_register(item, type)
            return
        if not self.check_object_type(type, name, location, False, storage & tree.STORAGE_EXTERN != 0):
            type = self.types.error
        linkage = self.linkage_of(name, storage, False)
        if not storage & (tree.STORAGE_EXTERN | tree.STORAGE_STATIC):
            linkage = LINKAGE_EXTERNAL
        existed = name in self.linked
        known = self.known_here(name) if self.wanted.redundant else None
        known_location = known.location if known is not None else 0
        variable = self.merge_linked(
            name, type, location, False, linkage, storage & tree.STORAGE_EXTERN != 0, storage & tree.STORAGE_STATIC != 0
        )
        if known is variable and self.is_redundant(variable, storage, item.initializer is not None):
            check_redundant(self, variable, location, known_location, variable.type)
        if storage & tree.STORAGE_THREAD:
            if existed and variable.storage != STORAGE_THREAD:
                self.error(location, f"thread-local declaration of '{name}' follows non-thread-local declaration")
            variable.storage = STORAGE_THREAD
        elif variable.storage == STORAGE_THREAD:
            self.error(location, f"non-thread-local declaration of '{name}' follows thread-local declaration")
        self.object_attributes(variable, own, shared, specifiers, item.asm_label)
        entry = self.bind(name, variable, location)
        if own.has("unused") or shared.has("unused"):
            entry.used = True
        initializer = item.initializer
        if initializer is not None:
            if storage & tree.STORAGE_EXTERN:
                self.warn(location, "", f"'{name}' initialized and declared 'extern'")
            self.define_global(variable, initializer, location)
            entry.type = variable.type
        elif not storage & tree.STORAGE_EXTERN and variable.state == DECLARED and not variable.alias and not variable.weak_reference:
            variable.state = TENTATIVE
            variable.location = location
            if storage & tree.STORAGE_STATIC and not type.complete and type.kind == ARRAY and self.diagnostics.pedantic:
                self.pedwarn(location, "pedantic", f"array size missing in '{name}'")
            self.objects.append(variable)

    def is_redundant(self, variable: Variable, storage: int, initialized: bool) -> bool:
        """Does a further declaration of an object add nothing: no definition after a mere declaration?"""
        if variable.state == DECLARED and not storage & tree.STORAGE_EXTERN:
            return False
        return not (initialized and variable.state != DEFINED)

    def object_attributes(
        self, variable: Variable, own: AttributeSet, shared: AttributeSet, specifiers: tree.DeclarationSpecifiers,
        asm_label: str | None,
    ) -> None:  # fmt: skip
        if asm_label is not None:
            variable.symbol_name = asm_label
        if own is not self.no_attributes:
            self.symbol_attributes(variable, own)
        if shared is not self.no_attributes:
            self.symbol_attributes(variable, shared)
        if specifiers.alignments:
            alignment = self.explicit_alignment(specifiers)
            if alignment and alignment < variable.type.alignment:
                self.error(variable.location, f"'_Alignas' specifiers cannot reduce alignment of '{variable.name}'")
            variable.alignment = max(variable.alignment, alignment)
        if not variable.visibility_given and self.visibility_stack and self.visibility_stack[-1] > 0:
            variable.visibility = self.visibility_stack[-1]
            variable.visibility_given = True

    def global_register(self, item: tree.InitDeclarator, type: Type) -> None:
        """GNU: a global register variable."""
        name = item.declarator.name
        location = item.declarator.location
        if item.asm_label is None:
            self.error(location, f"register name not specified for '{name}'")
            return
        variable = Variable(name, type, location)
        variable.register_name = item.asm_label.removeprefix("%")
        variable.is_register = True
        entry = Entry(name, ENTRY_VARIABLE, type, location)
        entry.variable = variable
        entry.used = True
        self.declare_checked(entry)

    def define_global(self, variable: Variable, initializer: tree.Initializer, location: int) -> None:
        name = variable.name
        if variable.state == DEFINED:
            diagnostic = self.error(location, f"redefinition of '{name}'")
            self.note(diagnostic, variable.location, f"previous definition of '{name}' with type {quoted(variable.type)}")
            variable = Variable(name, variable.type, location)
            variable.storage = STORAGE_STATIC
        elif not self.check_object_type(variable.type, name, location, True):
            if variable.type.kind != ERROR:
                variable.state = DEFINED
                return
        if variable.state == DECLARED:
            self.objects.append(variable)
        variable.state = DEFINED
        variable.location = location
        saved = self.current_references
        self.current_references = self.reference_list(variable)
        if variable.type.kind != ERROR:
            self.initialize(variable, initializer, True)
        self.current_references = saved

    # ------------------------------------------------------------------ objects at block scope

    def declare_local(
        self, item: tree.InitDeclarator, type: Type, specifiers: tree.DeclarationSpecifiers, own: AttributeSet,
        shared: AttributeSet,
    ) -> None:  # fmt: skip
        name = item.declarator.name
        location = item.declarator.location
        storage = specifiers.storage
        if storage & tree.STORAGE_EXTERN:
            self.local_extern(item, type, specifiers, own, shared)
            return
        if storage & tree.SPECIFIER_INLINE:
            self.warn(location, "", f"variable '{name}' declared 'inline'")
        if storage & tree.STORAGE_THREAD and not storage & tree.STORAGE_STATIC:
            self.error(location, f"function-scope '{name}' implicitly auto and declared '__thread'")
        if not self.check_object_type(type, name, location, item.initializer is None or type.kind != ARRAY):
            type = self.types.error
        variable = Variable(name, type, location)
        entry = Entry(name, ENTRY_VARIABLE, type, location)
        entry.variable = variable
        entry.used = own.has("unused") or shared.has("unused") or own.cleanup is not None or shared.cleanup is not None
        if storage & tree.STORAGE_STATIC:
            self.local_static(item, entry, variable, specifiers, own, shared)
            return
        variable.is_register = storage & tree.STORAGE_REGISTER != 0
        if item.asm_label is not None:
            if variable.is_register:
                variable.register_name = item.asm_label.removeprefix("%")
            else:
                self.warn(location, "", f"ignoring 'asm' specifier for non-static local variable '{name}'")
        self.object_attributes(variable, own, shared, specifiers, None)
        variable.visibility = 0
        if own.texts.get("section") or shared.texts.get("section"):
            self.error(location, "section attribute cannot be specified for local variables")
        if type.is_variably_modified():
            self.enter_variably_modified(location, name)
        self.declare_checked(entry)
        value: Expression | None = None
        variable.state = DEFINED
        statements = self.scope.statements
        if item.initializer is not None and type.kind != ERROR:
            value = self.initialize(variable, item.initializer, False)
            entry.type = variable.type
        elif item.initializer is not None:
            self.discard_initializer(item.initializer)
        if type.kind == ERROR:
            return
        if not variable.type.complete and not variable.type.is_variably_modified():
            if item.initializer is None or variable.type.kind == ARRAY and variable.initializer is None and not self.diagnostics.error_count:
                self.error(location, f"array size missing in '{name}'")
            entry.type = self.types.error
            variable.type = self.types.error
            return
        if statements is not None:
            statements.append(LocalDeclaration(location, variable, value))

    def discard_initializer(self, node: tree.Initializer) -> None:
        """Analyse an initializer of something erroneous only for the names that it uses."""
        if node.kind == tree.EXPRESSION_INITIALIZER:
            self.expression(cast(tree.ExpressionInitializer, node).expression)

    def enter_variably_modified(self, location: int, name: str) -> None:
        raise NotImplementedError

    def local_extern(
        self, item: tree.InitDeclarator, type: Type, specifiers: tree.DeclarationSpecifiers, own: AttributeSet,
        shared: AttributeSet,
    ) -> None:  # fmt: skip
        name = item.declarator.name
        location = item.declarator.location
        if item.initializer is not None:
            self.error(location, f"'{name}' has both 'extern' and initializer")
        if not self.check_object_type(type, name, location, False, True):
            type = self.types.error
        if type.is_variably_modified():
            self.error(location, "object with variably modified type must have no linkage")
            type = self.types.error
        variable = self.merge_linked(
            name, type, location, False, self.linkage_of(name, specifiers.storage, False), True, False
        )
        if specifiers.storage & tree.STORAGE_THREAD:
            variable.storage = STORAGE_THREAD
        if self.wanted.nested_externs:
            self.warn(location, "nested-externs", f"nested extern declaration of '{name}'")
        self.object_attributes(variable, own, shared, specifiers, item.asm_label)
        entry = self.bind(name, variable, location)
        entry.used = True

    def local_static(
        self, item: tree.InitDeclarator, entry: Entry, variable: Variable, specifiers: tree.DeclarationSpecifiers,
        own: AttributeSet, shared: AttributeSet,
    ) -> None:  # fmt: skip
        name = variable.name
        variable.storage = STORAGE_THREAD if specifiers.storage & tree.STORAGE_THREAD else STORAGE_STATIC
        variable.linkage = LINKAGE_NONE
        variable.state = DEFINED
        variable.symbol_name = self.static_symbol(name)
        self.object_attributes(variable, own, shared, specifiers, item.asm_label)
        if variable.type.is_variably_modified():
            self.error(variable.location, f"storage size of '{name}' isn't constant")
            entry.type = self.types.error
            variable.type = self.types.error
        self.declare_checked(entry)
        if item.initializer is not None and variable.type.kind != ERROR:
            saved = self.current_references
            self.current_references = self.reference_list(variable)
            self.initialize(variable, item.initializer, True)
            self.current_references = saved
            entry.type = variable.type
        elif not variable.type.complete and variable.type.kind != ERROR:
            self.error(variable.location, f"array size missing in '{name}'")
            variable.type = self.types.error
            entry.type = variable.type
        if variable.initializer is None:
            variable.initialized_size = variable.type.size
        self.objects.append(variable)

    def auto_declaration(self, node: tree.Declaration) -> None:
        """GNU __auto_type: the type of the initializer."""
        if len(node.declarators) > 1:
            self.error(node.location, "'__auto_type' may only be used with a single declarator")
        for item in node.declarators[:1]:
            declarator = item.declarator
            if declarator.parts or item.initializer is None or item.initializer.kind != tree.EXPRESSION_INITIALIZER:
                self.error(declarator.location, "'__auto_type' requires a plain identifier as declarator" if declarator.parts else "'__auto_type' requires an initialized data declaration")
                return
            initializer = cast(tree.ExpressionInitializer, item.initializer)
            self.unevaluated += 1
            value = self.value(initializer.expression)
            self.unevaluated -= 1
            type = value.type
            if type.precision:
                type = cast(Type, type.underlying)
            if type.kind == VOID:
                self.error(declarator.location, f"variable or field '{declarator.name}' declared void")
                return
            shared = self.attribute_set(node.specifiers.attributes) if node.specifiers.attributes else self.no_attributes
            own = self.attribute_set(declarator.attributes, item.attributes)
            if node.specifiers.qualifiers:
                type = self.qualify(type, node.specifiers.qualifiers, declarator.location)
            if self.scope.depth == 0:
                self.declare_global(item, type, node.specifiers, own, shared)
            else:
                self.declare_local(item, type, node.specifiers, own, shared)

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


__all__ = ["Declarations", "ENUM", "INCOMPLETE_LENGTH", "PendingFunction", "STORAGE_AUTOMATIC", "STRUCT", "VARIABLE_LENGTH", "find_builtin", "type_name"]
