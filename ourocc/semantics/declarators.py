"""Declarators (C17 6.7.6): pointers, arrays (variable length too), functions and their parameters, type names."""

from typing import cast, final

from ourocc.semantics.attributes import AttributeSet
from ourocc.semantics.context import ENTRY_VARIABLE, AttributeNotes, Entry
from ourocc.semantics.display import quoted
from ourocc.semantics.specifiers import Specifiers
from ourocc.semantics.typed_tree import INTEGER_CONSTANT, LOAD, IntegerConstant, UnaryOperation, Variable
from ourocc.semantics.types import (
    ARRAY,
    ERROR,
    FUNCTION,
    INCOMPLETE_LENGTH,
    POINTER,
    STRUCT,
    UNION,
    VARIABLE_LENGTH,
    VOID,
    VOLATILE,
    Type,
)
from ourocc.syntax import tree


@final
class ParameterInfo:
    """A parameter as declared: its variable (of the adjusted type) and notes."""

    def __init__(self, variable: Variable, location: int) -> None:
        self.variable = variable
        self.location = location
        self.notes: AttributeNotes | None = None
        self.unused = False


class Declarators(Specifiers):
    """Applies declarators to specified types."""

    def prepare_declarators(self) -> None:
        self.own_parameters: list[ParameterInfo] = []  # of the declarator just applied, when it declares a function
        self.own_vlas: list[Type] = []
        self.nested_tags = 0
        self.star_location = 0  # of the last [*] in the parameter list at hand
        self.defining: tree.DeclaratorPart | None = None  # the parameter list of the function definition at hand

    # ------------------------------------------------------------------ entries

    def type_name(self, node: tree.TypeName) -> Type:
        base = self.specified_type(node.specifiers)
        if node.specifiers.attributes:
            shared = self.attribute_set(node.specifiers.attributes)
            base = self.attributed_type(base, shared, node.location)
            if shared.aligned:
                base = self.types.aligned(base, shared.aligned)
        if not node.specifiers.keywords and node.specifiers.specifier is None:
            self.pedwarn(node.location, "implicit-int", "type defaults to 'int' in type name")
        declarator = node.declarator
        if not declarator.parts:
            return base
        type = self.apply_declarator(base, declarator)
        if declarator.attributes:
            own = self.attribute_set(declarator.attributes)
            type = self.attributed_type(type, own, node.location)
        return type

    def declared_type(
        self, base: Type, declarator: tree.Declarator, own: AttributeSet, shared: AttributeSet
    ) -> Type:
        """The type of one declarator: shared attributes change the specified type, own ones the declared type."""
        if shared is not self.no_attributes:
            base = self.attributed_type(base, shared, declarator.location)
        type = self.apply_declarator(base, declarator) if declarator.parts else base
        if own is not self.no_attributes:
            type = self.attributed_type(type, own, declarator.location)
        return type

    def apply_declarator(self, type: Type, declarator: tree.Declarator) -> Type:
        parts = declarator.parts
        name = declarator.name
        for number in range(len(parts) - 1, -1, -1):
            part = parts[number]
            kind = part.kind
            if kind == tree.POINTER_DECLARATOR:
                pointer = cast(tree.PointerDeclarator, part)
                if type.kind == ERROR:
                    continue
                type = self.types.pointer_to(type)
                if pointer.qualifiers:
                    type = self.qualify(type, pointer.qualifiers, part.location)
            elif kind == tree.ARRAY_DECLARATOR:
                type = self.array_type(type, cast(tree.ArrayDeclarator, part), name, declarator.location, number == 0)
            else:
                type = self.function_type(type, cast(tree.FunctionDeclarator, part), name, declarator.location)
        return type

    # ------------------------------------------------------------------ arrays

    def array_type(
        self, element: Type, part: tree.ArrayDeclarator, name: str, location: int, outermost: bool
    ) -> Type:
        shown = f"'{name}'" if name else "type name"
        kind = element.kind
        if kind == ERROR:
            return element
        if kind == FUNCTION or kind == VOID:
            what = "functions" if kind == FUNCTION else "voids"
            self.error(location, f"declaration of {shown} as array of {what}")
            return self.types.error
        if not element.complete and not element.is_variably_modified():
            if kind == ARRAY:
                diagnostic = self.error(location, f"array type has incomplete element type {quoted(element)}")
                if name:
                    self.note(diagnostic, location, f"declaration of '{name}' as multidimensional array must have bounds for all dimensions except the first")
            else:
                self.error(location, f"array type has incomplete element type {quoted(element)}")
            return self.types.error
        if (part.static or part.qualifiers) and not (outermost and self.prototype_depth):
            word = "static" if part.static else "type qualifier"
            del word
            self.error(part.location, "static or type qualifiers in non-parameter array declarator")
        node = part.size
        if part.star:
            if not self.prototype_depth:
                self.error(part.location, "'[*]' not allowed in other than function prototype scope")
                return self.types.error
            self.star_location = part.location
            return self.types.variable_array(element)
        if node is None:
            if element.is_variably_modified():
                array = self.types.variable_array(element)
                return array
            return self.types.array_of(element, INCOMPLETE_LENGTH)
        value = self.value(node)
        if value.type.kind == ERROR:
            return self.types.error
        if not value.type.is_integer():
            self.error(location, f"size of array {shown} has non-integer type" if name else "size of unnamed array has non-integer type")
            return self.types.error
        constant = value if value.kind == INTEGER_CONSTANT else None
        if constant is None and (self.function is None or value.kind != LOAD):
            folded = self.integer_constant(value) if self.function is None and not self.prototype_depth else None
            if folded is not None:
                constant = folded
                self.warn(location, "", f"variably modified {shown} at file scope")
        if constant is not None:
            return self.fixed_array(element, cast(IntegerConstant, constant).value, name, location)
        if self.function is None and not self.prototype_depth:
            self.error(location, f"variably modified {shown} at file scope" if name else "variably modified type at file scope")
            return self.types.error
        if self.wanted.vla:
            text = f"ISO C90 forbids variable length array {shown}" if name else "ISO C90 forbids variable length array"
            if self.options.standard < 1999:
                self.pedwarn(self.line_start(part.location), "vla", text)
            else:
                self.warn(self.line_start(part.location), "vla", text)
        array = self.types.variable_array(element)
        array.length_expression = self.convert(self.default_promote(value), self.types.size_type)
        array.length_variable = Variable("", self.types.size_type, location)
        self.pending_vlas.append(array)
        return array

    def fixed_array(self, element: Type, length: int, name: str, location: int) -> Type:
        shown = f"array '{name}'" if name else "unnamed array"
        if length < 0:
            self.error(location, f"size of {shown} is negative")
            return self.types.error
        if length == 0 and self.diagnostics.pedantic:
            self.pedwarn(location, "pedantic", f"ISO C forbids zero-size array '{name}'" if name else "ISO C forbids zero-size array")
        if element.has_variable_size():
            array = self.types.variable_array(element)
            array.length_expression = self.size_value(location, length)
            array.length_variable = Variable("", self.types.size_type, location)
            self.pending_vlas.append(array)
            return array
        if length * max(element.size, 1) >= 1 << (self.model.pointer_size * 8 - 1):
            self.error(location, f"size of {shown} is too large" if length * max(element.size, 1) < 1 << (self.model.pointer_size * 8) else f"size of {shown} is too large")
            return self.types.error
        return self.types.array_of(element, length)

    # ------------------------------------------------------------------ functions

    def function_type(self, result: Type, part: tree.FunctionDeclarator, name: str, location: int) -> Type:
        shown = f"'{name}'" if name else "type name"
        if result.kind == FUNCTION:
            self.error(location, f"{shown} declared as function returning a function")
            result = self.types.error
        elif result.kind == ARRAY:
            self.error(location, f"{shown} declared as function returning an array")
            result = self.types.error
        if result.qualifiers and result.kind != ERROR:
            if self.wants("ignored-qualifiers") and not (result.kind == VOID and result.qualifiers & VOLATILE):
                self.warn(location, "ignored-qualifiers", "type qualifiers ignored on function return type")
            if result.kind != VOID:
                result = result.unqualified
        if not part.prototype:
            if self.wanted.strict_prototypes and part is not self.defining and self.options.standard < 2023:
                self.warn(self.line_start(part.location), "strict-prototypes", "function declaration isn't a prototype")
            self.own_parameters = []
            self.own_vlas = []
            if self.options.standard >= 2023 and not part.names:
                return self.types.function(result, [], False, True)
            return self.types.function(result, [], False, False)
        infos: list[ParameterInfo] = []
        types: list[Type] = []
        pending = self.pending_vlas
        self.pending_vlas = []
        self.push_scope()
        self.prototype_depth += 1
        outer_star = self.star_location
        self.star_location = 0
        for number, parameter in enumerate(part.parameters, 1):
            self.parameter(parameter, number, len(part.parameters), infos, types, part.variadic)
        if self.star_location and part is self.defining:
            self.error(self.star_location, "'[*]' not allowed in other than function prototype scope")
        self.star_location = outer_star
        self.prototype_depth -= 1
        self.pop_scope()
        self.own_vlas = self.pending_vlas
        self.pending_vlas = pending
        self.own_parameters = infos
        return self.types.function(result, types, part.variadic, True)

    def parameter(
        self, node: tree.Parameter, number: int, count: int, infos: list[ParameterInfo], types: list[Type],
        variadic: bool,
    ) -> None:  # fmt: skip
        specifiers = node.specifiers
        declarator = node.declarator
        base = self.specified_type(specifiers)
        if not specifiers.keywords and specifiers.specifier is None:
            shown = f"'{declarator.name}'" if declarator.name else "type name"
            place = declarator.location if declarator.name else node.location
            self.pedwarn(place, "implicit-int", f"type defaults to 'int' in declaration of {shown}")
        name = declarator.name
        shared = self.attribute_set(specifiers.attributes) if specifiers.attributes else self.no_attributes
        own = self.attribute_set(declarator.attributes) if declarator.attributes else self.no_attributes
        type = self.declared_type(base, declarator, own, shared)
        storage = specifiers.storage
        if storage & ~(tree.STORAGE_REGISTER | tree.SPECIFIER_INLINE | tree.SPECIFIER_NORETURN):
            self.error(declarator.location if name else node.location, f"storage class specified for parameter '{name}'" if name else "storage class specified for unnamed parameter")
        if specifiers.alignments:
            place = declarator.location if name else node.location
            self.error(place, f"alignment specified for parameter '{name}'" if name else "alignment specified for unnamed parameter")
        if type.kind == VOID and not declarator.parts:
            if count == 1 and not name and not variadic:
                if type.qualifiers or storage:
                    self.error(node.location, "'void' as only parameter may not be qualified")
                return
            if name:
                self.error(declarator.location, f"parameter {number} ('{name}') has void type")
            else:
                self.error(node.location, "'void' must be the only parameter")
            type = self.types.error
        was_array = type.kind == ARRAY
        type = self.adjusted(type, declarator)
        variable = Variable(name, type, declarator.location or node.location)
        variable.is_parameter = True
        variable.was_array = was_array
        variable.is_register = storage & tree.STORAGE_REGISTER != 0
        variable.alignment = max(own.aligned, shared.aligned)
        info = ParameterInfo(variable, variable.location)
        info.unused = own.has("unused") or shared.has("unused")
        types.append(type.unqualified)
        infos.append(info)
        if name:
            previous = self.local_entry(name)
            if previous is not None:
                diagnostic = self.error(variable.location, f"redefinition of parameter '{name}'")
                self.note(diagnostic, previous.location, f"previous definition of '{name}' with type {quoted(previous.type)}")
                return
            entry = Entry(name, ENTRY_VARIABLE, type, variable.location)
            entry.variable = variable
            self.declare(entry)

    def adjusted(self, type: Type, declarator: tree.Declarator) -> Type:
        """Array and function parameters are pointers (C17 6.7.6.3p7-8)."""
        if type.kind == ARRAY:
            pointer = self.types.pointer_to(cast(Type, type.base))
            if declarator.parts and declarator.parts[0].kind == tree.ARRAY_DECLARATOR:
                qualifiers = cast(tree.ArrayDeclarator, declarator.parts[0]).qualifiers
                if qualifiers:
                    return self.types.qualified(pointer, qualifiers)
            return pointer
        if type.kind == FUNCTION:
            return self.types.pointer_to(type)
        return type


__all__ = ["Declarators", "POINTER", "ParameterInfo", "STRUCT", "UNION", "UnaryOperation", "VARIABLE_LENGTH"]
