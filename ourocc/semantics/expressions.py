"""Expressions (C17 6.5): one method per syntax node, dispatched on the node's integer kind.

`expression` gives places as places; `value` applies lvalue conversion; both report errors and
then return something of type ERROR, which everything above accepts in silence.
"""

from typing import Final, cast

from ourocc.base.literals import (
    LiteralError,
    is_floating,
    parse_character,
    parse_floating,
    parse_integer,
    parse_strings,
)
from ourocc.semantics import reals
from ourocc.semantics.builtin_calls import FOLDED_FUNCTIONS, BuiltinCalls
from ourocc.semantics.builtins import LIBRARY, LIBRARY_PREFIXED, LOWERED, Builtin, find_builtin
from ourocc.semantics.constant import constant_truth
from ourocc.semantics.context import ENTRY_ENUMERATOR, ENTRY_TYPEDEF, ENTRY_VARIABLE, Entry
from ourocc.semantics.conversions import PASSING
from ourocc.semantics.display import quoted
from ourocc.semantics.format_check import FormatChecker
from ourocc.semantics.operator_checks import (
    check_cast_qualifiers,
    check_comparison,
    check_function_cast,
    check_memory_call,
    check_not_mask,
)
from ourocc.semantics.operators import OPERATIONS
from ourocc.semantics.typed_tree import (
    CALL,
    COMMA,
    CONVERT,
    DEFINED,
    DEREFERENCE,
    EQUAL,
    FUNCTION_DECAY,
    GREATER_EQUAL,
    IMAGINARY_PART,
    INTEGER_CONSTANT,
    LINKAGE_INTERNAL,
    LOAD,
    LOGICAL_AND,
    LOGICAL_OR,
    MEMBER,
    POINTER_ADD,
    REAL_PART,
    STORAGE_STATIC,
    VARIABLE,
    VECTOR_ELEMENT,
    BinaryOperation,
    Block,
    Call,
    ComplexConstant,
    Expression,
    FloatConstant,
    InitializerItem,
    IntegerConstant,
    LabelAddress,
    MemberAccess,
    SavedValue,
    SizeofVariable,
    StringLiteral,
    UnaryOperation,
    VaArg,
    Variable,
    VariableReference,
    VlaDeclaration,
)
from ourocc.semantics.typed_tree import StatementExpression as TypedStatementExpression
from ourocc.semantics.types import (
    ARRAY,
    CHAR,
    COMPLEX,
    CONST,
    ENUM,
    ERROR,
    FUNCTION,
    POINTER,
    REVERSED,
    STRUCT,
    UNION,
    VECTOR,
    VOID,
    Field,
    Type,
)
from ourocc.semantics.usage_checks import note_stored, stored_entry
from ourocc.syntax import tree

ASSIGNMENT_OPERATIONS: Final = {
    operator + "=": kind
    for operator, kind in OPERATIONS.items()
    if operator in ("+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^")
}
FUNCTION_NAMES: Final = ("__func__", "__FUNCTION__", "__PRETTY_FUNCTION__")


class Expressions(BuiltinCalls):
    """Analyses expressions."""

    def prepare_expressions(self) -> None:
        self.numbers: dict[str, tuple[Type, int]] = {}
        self.format_checker: FormatChecker | None = None

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

    # ------------------------------------------------------------------ primary

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
        return closest(name, list(self.names))

    def function_name(self, node: tree.IdentifierExpression) -> Expression:
        """__func__ (C17 6.4.2.2)."""
        function = self.function
        if function is None:
            self.warn(node.location, "", f"'{node.name}' is not defined outside of function scope")
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

    def number(self, node: tree.LiteralExpression) -> Expression:
        spelling = node.spelling
        known = self.numbers.get(spelling)
        if known is None:
            if is_floating(spelling):
                return self.floating_number(node)
            try:
                literal = parse_integer(spelling)
            except LiteralError as problem:
                if any(c in spelling for c in "fFqQdDwW") and spelling[:2] not in ("0x", "0X"):
                    return self.floating_number(node)
                self.error(node.location, problem.message)
                return self.error_value(node.location)
            type, value = self.integer_type(literal.value, literal.unsigned, literal.longs, literal.base, node.location)
            if literal.imaginary:
                zero = IntegerConstant(type, node.location, 0)
                part = IntegerConstant(type, node.location, value)
                return ComplexConstant(self.types.complex_of(type), node.location, zero, part)
            known = (type, value)
            self.numbers[spelling] = known
        return IntegerConstant(known[0], node.location, known[1])

    def integer_type(self, value: int, unsigned: bool, longs: int, base: int, location: int) -> tuple[Type, int]:
        """The first type of the list of C17 6.4.4.1p5 that holds the value."""
        types = self.types
        if longs == 0:
            candidates = [types.int, types.uint, types.long, types.ulong, types.llong, types.ullong]
        elif longs == 1:
            candidates = [types.long, types.ulong, types.llong, types.ullong]
        else:
            candidates = [types.llong, types.ullong]
        if self.options.standard < 1999 and longs < 2:
            if not unsigned and base == 10:
                if value < 1 << (types.int.size * 8 - 1) and longs == 0:
                    return types.int, value
                if value < 1 << (types.long.size * 8 - 1):
                    return types.long, value
                if value < 1 << (types.long.size * 8):
                    self.warn(location, "", "this decimal constant is unsigned only in ISO C90")
                    return types.ulong, value
        for candidate in candidates:
            if unsigned and not candidate.unsigned:
                continue
            if not unsigned and candidate.unsigned and base == 10:
                continue
            if value < 1 << (candidate.size * 8 - (0 if candidate.unsigned else 1)):
                return candidate, value
        if value < 1 << 64:
            if unsigned or base != 10:
                return types.ullong, value
            self.warn(location, "", "integer constant is so large that it is unsigned")
            return types.int128, value
        self.warn(location, "", "integer constant is too large for its type")
        value &= (1 << 64) - 1
        return types.ullong, value

    def floating_number(self, node: tree.LiteralExpression) -> Expression:
        try:
            literal = parse_floating(node.spelling)
        except LiteralError as problem:
            self.error(node.location, problem.message)
            return self.error_value(node.location)
        types = self.types
        suffixes = {
            "": types.float if self.options.single_precision else types.double, "f": types.float, "l": types.ldouble, "q": types.float128, "f128": types.float128,
            "f32": types.float, "f64": types.double, "f32x": types.double, "f64x": types.ldouble,
            "f16": types.float16, "w": types.ldouble,
        }  # fmt: skip
        type = suffixes.get(literal.suffix)
        if type is None:
            self.error(node.location, "decimal floating-point not supported for this target")
            return self.error_value(node.location)
        value = reals.from_text(literal.digits, type)
        if value.special == 1:
            self.warn(node.location, "overflow", f"floating constant exceeds range of {quoted(type)}")
        elif reals.is_zero(value) and any(c in "123456789" for c in literal.digits.lower().split("e")[0]):
            if not literal.digits.lower().startswith("0x"):
                self.warn(node.location, "overflow", "floating constant truncated to zero")
        part = FloatConstant(type, node.location, value)
        if literal.imaginary:
            zero = FloatConstant(type, node.location, reals.from_integer(0, type))
            return ComplexConstant(types.complex_of(type), node.location, zero, part)
        return part

    def character(self, node: tree.LiteralExpression) -> Expression:
        try:
            literal = parse_character(self.wide_spelling(node.spelling), self.types.char.unsigned)
        except LiteralError as problem:
            self.error(node.location, problem.message)
            return self.error_value(node.location)
        for option, message in literal.warnings:
            self.warn(node.location, option, message)
        types = self.types
        type = {"": types.int, "L": types.wchar_type, "u": types.char16_type, "U": types.char32_type, "u8": types.uchar}[
            literal.prefix
        ]
        return self.integer(type, node.location, literal.value)

    def wide_spelling(self, spelling: str) -> str:
        """With -fshort-wchar L"..." is encoded as u"..." is."""
        return "u" + spelling[1:] if self.model.short_wchar and spelling.startswith("L") else spelling

    def string(self, node: tree.StringExpression) -> Expression:
        tokens = node.tokens
        try:
            literal = parse_strings([self.wide_spelling(token.spelling) for token in tokens])
        except LiteralError as problem:
            self.error(node.location, problem.message)
            return self.error_value(node.location)
        for option, message in literal.warnings:
            self.warn(node.location, option, message)
        types = self.types
        element = types.char
        if literal.prefix in ("L", "u", "U"):
            element = {"L": types.wchar_type, "u": types.char16_type, "U": types.char32_type}[literal.prefix]
        data = literal.data() + b"\0" * literal.width
        if self.wanted.write_strings:
            element = types.qualified(element, CONST)
        return StringLiteral(types.array_of(element, len(literal.units) + 1), node.location, data)

    # ------------------------------------------------------------------ postfix

    def subscript(self, node: tree.SubscriptExpression) -> Expression:
        """a[i] is *(a + i); vectors have elements of their own."""
        array = self.expression(node.array)
        if array.type.kind == VECTOR:
            return self.vector_subscript(array, node)
        array = self.rvalue(array)
        index = self.value(node.index)
        location = node.location
        if array.type.kind != POINTER:
            if index.type.kind == POINTER and array.type.is_integer():
                array, index = index, array
            else:
                if ERROR not in (array.type.kind, index.type.kind):
                    self.error(location, "subscripted value is neither array nor pointer nor vector")
                return self.error_value(location)
        if not index.type.is_integer():
            if index.type.kind != ERROR:
                self.error(location, "array subscript is not an integer")
            return self.error_value(location)
        base = cast(Type, array.type.base)
        if base.kind == FUNCTION:
            self.error(location, "subscripted value is pointer to function")
            return self.error_value(location)
        if not base.complete and base.kind != VOID and not base.is_variably_modified():
            if base.kind == ARRAY:
                self.error(location, "invalid use of array with unspecified bounds")
            elif base.kind != ERROR:
                self.error(location, f"invalid use of undefined type {quoted(base.unqualified)}")
            return self.error_value(location)
        if index.type.kind == CHAR:
            if self.wants("char-subscripts"):
                self.warn(location, "char-subscripts", "array subscript has type 'char'")
        scale = self.types.char if base.kind == VOID else base
        if base.kind == VOID:
            self.warn(location, "", "dereferencing 'void *' pointer")
        address = self.pointer_arithmetic(POINTER_ADD, array.type, location, array, self.pointer_width(index), scale)
        return UnaryOperation(DEREFERENCE, base, location, address, True)

    def vector_subscript(self, vector: Expression, node: tree.SubscriptExpression) -> Expression:
        index = self.value(node.index)
        if not index.type.is_integer():
            if index.type.kind != ERROR:
                self.error(node.location, "array subscript is not an integer")
            return self.error_value(node.location)
        element = cast(Type, vector.type.base)
        if vector.is_place:
            element = self.types.qualified(element, vector.type.qualifiers & 7)
            self.mark_addressed(vector, node.location)
        return BinaryOperation(
            VECTOR_ELEMENT, element, node.location, vector, self.convert(self.promote(index), self.types.ptrdiff_type),
            vector.is_place,
        )  # fmt: skip

    def member(self, node: tree.MemberExpression) -> Expression:
        """a.b and p->b (C17 6.5.2.3)."""
        base = self.expression(node.base)
        location = node.location
        if node.arrow:
            if base.is_place or base.type.kind == ARRAY:
                base = self.rvalue(base)
            type = base.type
            if type.kind != POINTER:
                if type.kind != ERROR:
                    if type.is_record():
                        self.error(location, f"invalid type argument of '->' (have {quoted(type)})")
                    else:
                        self.error(location, f"invalid type argument of '->' (have {quoted(type)})")
                return self.error_value(location)
            record = cast(Type, type.base)
            if record.kind == STRUCT or record.kind == UNION:
                base = UnaryOperation(DEREFERENCE, record, location, base, True)
        else:
            record = base.type
        if record.kind != STRUCT and record.kind != UNION:
            if record.kind != ERROR:
                if record.kind == POINTER and not node.arrow and cast(Type, record.base).is_record():
                    self.error(location, f"'{self.source_text(node.base)}' is a pointer; did you mean to use '->'?")
                else:
                    what = "something not a structure or union"
                    self.error(location, f"request for member '{node.name}' in {what}")
            return self.error_value(location)
        return self.access(base, record, node.name, location)

    def source_text(self, node: tree.Expression) -> str:
        """A short expression as written, for messages."""
        if node.kind == tree.IDENTIFIER:
            return cast(tree.IdentifierExpression, node).name
        if node.kind == tree.MEMBER:
            access = cast(tree.MemberExpression, node)
            return self.source_text(access.base) + ("->" if access.arrow else ".") + access.name
        return "expression"

    def access(self, base: Expression, record: Type, name: str, location: int) -> Expression:
        field = record.field_index.get(name)
        if field is not None:
            return self.select(base, field, location)
        if not record.complete:
            self.error(location, f"invalid use of undefined type {quoted(record.unqualified)}")
            return self.error_value(location)
        path = self.types.find_field(record, name)
        if path is None:
            candidates = [known.name for known in record.fields if known.name]
            suggestion = closest(name, candidates)
            tail = f"; did you mean '{suggestion}'?" if suggestion else ""
            self.error(location, f"{quoted(record.unqualified)} has no member named '{name}'{tail}")
            return self.error_value(location)
        for field in path:
            base = self.select(base, field, location)
        return base

    def select(self, base: Expression, field: Field, location: int) -> Expression:
        type = field.type
        qualifiers = base.type.qualifiers & 27
        if qualifiers:
            type = self.types.qualified(type, qualifiers & ~8)
        return MemberAccess(type, location, base, field, base.is_place)

    # ------------------------------------------------------------------ calls

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
            return self.expression(node.operand)
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
            if place.type.qualifiers & REVERSED:
                return self.take_address(place, node.location)
            return cast(UnaryOperation, place).operand
        return self.take_address(place, node.location)

    def complex_part(self, operator: str, operand: Expression, location: int) -> Expression:
        type = operand.type
        kind = REAL_PART if operator == "__real__" else IMAGINARY_PART
        if type.kind == COMPLEX:
            part = self.types.qualified(cast(Type, type.base), type.qualifiers)
            if operand.kind == 22:
                constant = cast(ComplexConstant, operand)
                return constant.real if kind == REAL_PART else constant.imaginary
            return UnaryOperation(kind, part, location, operand, operand.is_place)
        if type.is_real():
            if kind == REAL_PART:
                return operand
            value = self.rvalue(operand)
            zero = self.zero(value.type, location)
            if value.kind in (INTEGER_CONSTANT, 21, LOAD):
                return zero
            return BinaryOperation(COMMA, zero.type, location, self.discard(value), zero)
        if type.kind != ERROR:
            self.error(location, f"wrong type argument to {operator}")
        return self.error_value(location)

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
        if type.has_variable_size():
            # the operand of sizeof is evaluated when its type is a VLA: side effects are rare, sizes are known
            return SizeofVariable(self.types.size_type, node.location, type)
        return self.size_constant(type, "sizeof", node.location)

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
            return self.size_constant(operand.type, "__alignof__", node.location)
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
        return self.size_constant(type, node.operator, node.location)

    def after_vlas(self, vlas: list[Type], value: Expression) -> Expression:
        """`value` after the lengths of the VLA types that were written in it are computed."""
        if not vlas or self.function is None:
            return value
        block = Block(value.location)
        for type in vlas:
            block.statements.append(VlaDeclaration(value.location, type))
        return TypedStatementExpression(value.type, value.location, block, value)

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
        if EQUAL <= kind <= GREATER_EQUAL and self.wanted.operators:
            check_comparison(self, node, kind, left, right)
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
            if condition.kind == INTEGER_CONSTANT or condition.kind == 21:
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

    def offsetof(self, node: tree.OffsetofExpression) -> Expression:
        type = self.type_name(node.type_name)
        location = node.location
        if type.kind == ERROR:
            return self.error_value(location)
        if not type.complete:
            self.error(location, f"invalid use of undefined type {quoted(type.unqualified)}")
            return self.error_value(location)
        null = IntegerConstant(self.types.pointer_to(type), location, 0)
        place: Expression = UnaryOperation(DEREFERENCE, type, location, null, True)
        for designator in node.designators:
            if place.type.kind == ERROR:
                return place
            if designator.kind == tree.FIELD_DESIGNATOR:
                record = place.type
                if not record.is_record():
                    self.error(designator.location, f"request for member '{designator.name}' in something not a structure or union")
                    return self.error_value(location)
                place = self.access(place, record, designator.name, designator.location)
            else:
                index = self.value(cast(tree.Expression, designator.first))
                if place.type.kind != ARRAY:
                    if index.type.kind != ERROR:
                        self.error(designator.location, "subscripted value is neither array nor pointer nor vector")
                    return self.error_value(location)
                if not index.type.is_integer():
                    self.error(designator.location, "array subscript is not an integer")
                    return self.error_value(location)
                base = cast(Type, place.type.base)
                pointer = self.decay(place)
                address = self.pointer_arithmetic(
                    POINTER_ADD, pointer.type, location, pointer, self.pointer_width(index), base
                )
                place = UnaryOperation(DEREFERENCE, base, location, address, True)
        if place.type.kind == ERROR:
            return place
        if place.kind == MEMBER and cast(MemberAccess, place).field.bit_width >= 0:
            name = cast(MemberAccess, place).field.name
            self.error(location, f"attempt to take address of bit-field structure member '{name}'")
            return self.error_value(location)
        return self.convert(self.address_of(self.types.void_pointer, location, place), self.types.size_type)

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
        if plain.kind < 8 and plain.kind != VOID or plain.kind == 19:
            promoted = self.types.double if plain.kind == 19 else self.types.int
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


def closest(name: str, candidates: list[str]) -> str:
    """The candidate at the smallest edit distance, "" when none is near (a third of the length at most)."""
    best = ""
    limit = 0 if len(name) <= 1 else max(len(name), 3) // 3
    for candidate in candidates:
        if abs(len(candidate) - len(name)) > limit or candidate == name or candidate.startswith("__"):
            continue
        distance = edit_distance(name, candidate, limit)
        if distance <= limit:
            if distance < limit or not best:
                best = candidate
            limit = distance
    return best


def edit_distance(a: str, b: str, limit: int) -> int:
    """Damerau-Levenshtein distance (optimal string alignment); more than `limit` is just more."""
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        smallest = i
        for j, y in enumerate(b, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
            smallest = min(smallest, cost)
        if smallest > limit:
            return limit + 1
        before = previous
        previous = current
    return previous[len(b)]


