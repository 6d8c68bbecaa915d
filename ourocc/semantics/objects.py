"""Declarations of objects, at file scope and in blocks (C17 6.7, 6.9.2): tentative definitions, initializers."""

from typing import cast

from ourocc.semantics.attributes import AttributeSet
from ourocc.semantics.context import ENTRY_VARIABLE, Entry
from ourocc.semantics.declaration_checks import check_redundant
from ourocc.semantics.symbol_attributes import SymbolAttributes
from ourocc.semantics.typed_tree import (
    DECLARED,
    DEFINED,
    LINKAGE_EXTERNAL,
    LINKAGE_NONE,
    LOAD,
    STORAGE_STATIC,
    STORAGE_THREAD,
    TENTATIVE,
    Expression,
    LocalDeclaration,
    UnaryOperation,
    Variable,
)
from ourocc.semantics.types import (
    ARRAY,
    ERROR,
    VOID,
    Type,
)
from ourocc.syntax import tree


class Objects(SymbolAttributes):
    """Analyses declarations of objects."""

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
            if "alias" in own.texts or "alias" in shared.texts:
                self.error(location, f"'{name}' defined both normally and as 'alias' attribute")
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
            self.redefined(variable, location)
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
            if declarator.parts:
                self.error(node.location, "'__auto_type' requires a plain identifier as declarator")
                return
            if item.initializer is None or item.initializer.kind != tree.EXPRESSION_INITIALIZER:
                self.error(node.location, "'__auto_type' requires an initialized data declaration")
                return
            initializer = cast(tree.ExpressionInitializer, item.initializer)
            self.unevaluated += 1
            value = self.value(initializer.expression)
            self.unevaluated -= 1
            type = value.type
            if value.kind == LOAD and self.is_bit_field(cast(UnaryOperation, value).operand):
                self.error(node.location, "'__auto_type' used with a bit-field initializer")
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
