"""The syntax tree: what was written, named after the standard's grammar, nothing yet about meaning.

Every node has an integer `kind` (dispatch on it; the classes are final) and a `location`.
"""

from typing import Final, final

from ourocc.preprocess.token import Token

# ---- expressions (C17 6.5) ----
IDENTIFIER: Final = 1
NUMBER: Final = 2
CHARACTER: Final = 3
STRING: Final = 4
UNARY: Final = 5
POSTFIX: Final = 6
BINARY: Final = 7  # also "," "&&" "||"
ASSIGNMENT: Final = 8
CONDITIONAL: Final = 9
CAST: Final = 10
COMPOUND_LITERAL: Final = 11
CALL: Final = 12
SUBSCRIPT: Final = 13
MEMBER: Final = 14
SIZEOF_EXPRESSION: Final = 15
SIZEOF_TYPE: Final = 16
GENERIC: Final = 17
STATEMENT_EXPRESSION: Final = 18
LABEL_ADDRESS: Final = 19
VA_ARG: Final = 20
OFFSETOF: Final = 21
TYPES_COMPATIBLE: Final = 22
CHOOSE_EXPRESSION: Final = 23
# ---- statements (C17 6.8) ----
COMPOUND_STATEMENT: Final = 40
EXPRESSION_STATEMENT: Final = 41
IF_STATEMENT: Final = 42
SWITCH_STATEMENT: Final = 43
WHILE_STATEMENT: Final = 44
DO_STATEMENT: Final = 45
FOR_STATEMENT: Final = 46
GOTO_STATEMENT: Final = 47
COMPUTED_GOTO: Final = 48
CONTINUE_STATEMENT: Final = 49
BREAK_STATEMENT: Final = 50
RETURN_STATEMENT: Final = 51
LABELED_STATEMENT: Final = 52
CASE_STATEMENT: Final = 53
DEFAULT_STATEMENT: Final = 54
ASM_STATEMENT: Final = 55
NULL_STATEMENT: Final = 56
LOCAL_LABELS: Final = 57
# ---- declarations (C17 6.7, 6.9): also stand in a block's items ----
DECLARATION: Final = 70
FUNCTION_DEFINITION: Final = 71
STATIC_ASSERT: Final = 72
FILE_SCOPE_ASM: Final = 73
EMPTY_DECLARATION: Final = 74
PRAGMA: Final = 75
# ---- declarator parts (C17 6.7.6) ----
POINTER_DECLARATOR: Final = 90
ARRAY_DECLARATOR: Final = 91
FUNCTION_DECLARATOR: Final = 92
# ---- type specifiers (C17 6.7.2) that are more than a keyword ----
RECORD_SPECIFIER: Final = 100  # struct or union
ENUM_SPECIFIER: Final = 101
TYPEDEF_NAME: Final = 102
TYPEOF_EXPRESSION: Final = 103
TYPEOF_TYPE: Final = 104
ATOMIC_TYPE: Final = 105
# ---- initializers (C17 6.7.9) ----
EXPRESSION_INITIALIZER: Final = 110
INITIALIZER_LIST: Final = 111
# ---- designators ----
FIELD_DESIGNATOR: Final = 120
INDEX_DESIGNATOR: Final = 121
RANGE_DESIGNATOR: Final = 122  # GNU [first ... last]


class Node:
    """Base of all nodes."""

    def __init__(self, kind: int, location: int) -> None:
        self.kind = kind
        self.location = location


class Expression(Node):
    """`end` is the location of the last token, for ranges in messages; `parenthesized`: written in ( )."""

    def __init__(self, kind: int, location: int) -> None:
        super().__init__(kind, location)
        self.end = location
        self.parenthesized = False


class Statement(Node):
    """Statements and, inside blocks, declarations."""

    def __init__(self, kind: int, location: int) -> None:
        super().__init__(kind, location)
        self.attributes: list[Attribute] = []  # [[fallthrough]], __attribute__((fallthrough)) ...


@final
class Attribute(Node):
    """One attribute: `__attribute__((name(args)))` or `[[prefix::name(args)]]`; name without underscores.

    Arguments that are a lone identifier are IdentifierExpressions, types are wrapped in SizeofType.
    """

    def __init__(self, location: int, prefix: str, name: str, arguments: list[Expression]) -> None:
        super().__init__(0, location)
        self.prefix = prefix
        self.name = name
        self.arguments = arguments


# ---------------------------------------------------------------------------------- expressions


@final
class IdentifierExpression(Expression):
    def __init__(self, location: int, name: str) -> None:
        super().__init__(IDENTIFIER, location)
        self.name = name


@final
class LiteralExpression(Expression):
    """NUMBER or CHARACTER, spelled as written."""

    def __init__(self, kind: int, location: int, spelling: str) -> None:
        super().__init__(kind, location)
        self.spelling = spelling


@final
class StringExpression(Expression):
    """Adjacent string literal tokens (C17 5.1.1.2 phase 6 has not joined them yet)."""

    def __init__(self, tokens: list[Token]) -> None:
        super().__init__(STRING, tokens[0].location)
        self.tokens = tokens


@final
class UnaryExpression(Expression):
    """UNARY: operator one of & * + - ~ ! ++ -- __real__ __imag__ __extension__; POSTFIX: ++ or --."""

    def __init__(self, kind: int, location: int, operator: str, operand: Expression) -> None:
        super().__init__(kind, location)
        self.operator = operator
        self.operand = operand


@final
class BinaryExpression(Expression):
    """BINARY or ASSIGNMENT; `location` is the operator's."""

    def __init__(self, kind: int, location: int, operator: str, left: Expression, right: Expression) -> None:
        super().__init__(kind, location)
        self.operator = operator
        self.left = left
        self.right = right


@final
class ConditionalExpression(Expression):
    """`condition ? then : otherwise`; `then` is None in GNU `condition ?: otherwise`."""

    def __init__(
        self, location: int, condition: Expression, then: Expression | None, otherwise: Expression
    ) -> None:
        super().__init__(CONDITIONAL, location)
        self.condition = condition
        self.then = then
        self.otherwise = otherwise


@final
class CastExpression(Expression):
    def __init__(self, location: int, type_name: "TypeName", operand: Expression) -> None:
        super().__init__(CAST, location)
        self.type_name = type_name
        self.operand = operand


@final
class CompoundLiteral(Expression):
    def __init__(self, location: int, type_name: "TypeName", initializer: "InitializerList") -> None:
        super().__init__(COMPOUND_LITERAL, location)
        self.type_name = type_name
        self.initializer = initializer


@final
class CallExpression(Expression):
    def __init__(self, location: int, function: Expression, arguments: list[Expression]) -> None:
        super().__init__(CALL, location)
        self.function = function
        self.arguments = arguments


@final
class SubscriptExpression(Expression):
    def __init__(self, location: int, array: Expression, index: Expression) -> None:
        super().__init__(SUBSCRIPT, location)
        self.array = array
        self.index = index


@final
class MemberExpression(Expression):
    def __init__(self, location: int, base: Expression, name: str, arrow: bool) -> None:
        super().__init__(MEMBER, location)
        self.base = base
        self.name = name
        self.arrow = arrow


@final
class SizeofExpression(Expression):
    """SIZEOF_EXPRESSION: operator "sizeof" or "alignof" (_Alignof, __alignof__) applied to an expression."""

    def __init__(self, location: int, operator: str, operand: Expression) -> None:
        super().__init__(SIZEOF_EXPRESSION, location)
        self.operator = operator
        self.operand = operand


@final
class SizeofType(Expression):
    """SIZEOF_TYPE: operator "sizeof", "_Alignof" or "__alignof__" applied to a type name; operator "" wraps a type that
    stands as an argument (attributes, __builtin_types_compatible_p-like builtins)."""

    def __init__(self, location: int, operator: str, type_name: "TypeName") -> None:
        super().__init__(SIZEOF_TYPE, location)
        self.operator = operator
        self.type_name = type_name


@final
class GenericExpression(Expression):
    """`associations`: (type name or None for default, expression)."""

    def __init__(
        self,
        location: int,
        control: Expression,
        associations: "list[tuple[TypeName | None, Expression]]",
    ) -> None:
        super().__init__(GENERIC, location)
        self.control = control
        self.associations = associations


@final
class StatementExpression(Expression):
    def __init__(self, location: int, body: "CompoundStatement") -> None:
        super().__init__(STATEMENT_EXPRESSION, location)
        self.body = body


@final
class LabelAddress(Expression):
    def __init__(self, location: int, name: str) -> None:
        super().__init__(LABEL_ADDRESS, location)
        self.name = name


@final
class VaArgExpression(Expression):
    def __init__(self, location: int, operand: Expression, type_name: "TypeName") -> None:
        super().__init__(VA_ARG, location)
        self.operand = operand
        self.type_name = type_name


@final
class OffsetofExpression(Expression):
    """__builtin_offsetof(type, member-designator)."""

    def __init__(self, location: int, type_name: "TypeName", designators: "list[Designator]") -> None:
        super().__init__(OFFSETOF, location)
        self.type_name = type_name
        self.designators = designators


@final
class TypesCompatible(Expression):
    def __init__(self, location: int, first: "TypeName", second: "TypeName") -> None:
        super().__init__(TYPES_COMPATIBLE, location)
        self.first = first
        self.second = second


@final
class ChooseExpression(Expression):
    def __init__(self, location: int, condition: Expression, then: Expression, otherwise: Expression) -> None:
        super().__init__(CHOOSE_EXPRESSION, location)
        self.condition = condition
        self.then = then
        self.otherwise = otherwise


# --------------------------------------------------------------------- declarations and types


@final
class RecordSpecifier(Node):
    """struct or union; `members` is None for a mere reference (`struct s`)."""

    def __init__(self, location: int, union: bool, tag: str, members: "list[Statement] | None") -> None:
        super().__init__(RECORD_SPECIFIER, location)
        self.union = union
        self.tag = tag  # "" when anonymous
        self.members = members  # Declaration (bit-field widths in InitDeclarator.width), StaticAssert, Pragma
        self.attributes: list[Attribute] = []
        self.big_endian = False  # #pragma scalar_storage_order big-endian in force
        self.pack = 0  # #pragma pack in force at "{", 0 for none


@final
class Enumerator(Node):
    def __init__(self, location: int, name: str, value: Expression | None) -> None:
        super().__init__(0, location)
        self.name = name
        self.value = value
        self.attributes: list[Attribute] = []


@final
class EnumSpecifier(Node):
    def __init__(self, location: int, tag: str, enumerators: list[Enumerator] | None) -> None:
        super().__init__(ENUM_SPECIFIER, location)
        self.tag = tag
        self.enumerators = enumerators
        self.attributes: list[Attribute] = []
        self.underlying: TypeName | None = None  # C23 `enum e : type`


@final
class NamedSpecifier(Node):
    """TYPEDEF_NAME."""

    def __init__(self, location: int, name: str) -> None:
        super().__init__(TYPEDEF_NAME, location)
        self.name = name


@final
class TypeofSpecifier(Node):
    """TYPEOF_EXPRESSION (operand), TYPEOF_TYPE or ATOMIC_TYPE (type_name).  `unqualified`: C23 typeof_unqual."""

    def __init__(
        self, kind: int, location: int, operand: Expression | None, type_name: "TypeName | None"
    ) -> None:
        super().__init__(kind, location)
        self.operand = operand
        self.type_name = type_name
        self.unqualified = False


# Storage-class specifiers, type qualifiers and function specifiers as bits of DeclarationSpecifiers.storage
STORAGE_TYPEDEF: Final = 1
STORAGE_EXTERN: Final = 2
STORAGE_STATIC: Final = 4
STORAGE_AUTO: Final = 8
STORAGE_REGISTER: Final = 16
STORAGE_THREAD: Final = 32  # _Thread_local, __thread
SPECIFIER_INLINE: Final = 64
SPECIFIER_NORETURN: Final = 128
STORAGE_CONSTEXPR: Final = 256
QUALIFIER_CONST: Final = 1
QUALIFIER_VOLATILE: Final = 2
QUALIFIER_RESTRICT: Final = 4
QUALIFIER_ATOMIC: Final = 8


@final
class DeclarationSpecifiers(Node):
    """C17 6.7: what stands before the declarators.

    `keywords`: type specifier keywords as written with underscores normalized ("int" "unsigned" "long" "long"
    "_Bool" "_Complex" "__int128" "_Float128" "__builtin_va_list" ...); `specifier`: a record, enum, typedef name or
    typeof when there is one.  `__auto_type` is a keyword here.
    """

    def __init__(self, location: int) -> None:
        super().__init__(0, location)
        self.storage = 0
        self.qualifiers = 0
        self.keywords: list[str] = []
        self.specifier: Node | None = None
        self.alignments: list[Node] = []  # of _Alignas: Expression or TypeName
        self.attributes: list[Attribute] = []
        self.end = location
        self.extension = False  # __extension__ before it: no pedantic warnings


@final
class Declarator(Node):
    """A declarator, inside out: `parts` are applied to the specifiers' type from last to first.

    `int *(*f[3])(void)` gives name "f" and parts [array 3, pointer, function(void), pointer]: read
    "f is array of pointer to function returning pointer to int".
    """

    def __init__(self, location: int, name: str) -> None:
        super().__init__(0, location)
        self.name = name  # "" when abstract
        self.parts: list[DeclaratorPart] = []
        self.attributes: list[Attribute] = []  # those after the declarator (GNU) or inside it


class DeclaratorPart(Node):
    pass


@final
class PointerDeclarator(DeclaratorPart):
    def __init__(self, location: int, qualifiers: int) -> None:
        super().__init__(POINTER_DECLARATOR, location)
        self.qualifiers = qualifiers
        self.attributes: list[Attribute] = []


@final
class ArrayDeclarator(DeclaratorPart):
    """`size` None: `[]`; `star`: `[*]`; `static` and qualifiers: parameters only."""

    def __init__(self, location: int, size: Expression | None) -> None:
        super().__init__(ARRAY_DECLARATOR, location)
        self.size = size
        self.star = False
        self.static = False
        self.qualifiers = 0
        self.attributes: list[Attribute] = []


@final
class FunctionDeclarator(DeclaratorPart):
    """`parameters` for a prototype, `names` for a K&R identifier list; both empty with prototype False: `()`."""

    def __init__(self, location: int) -> None:
        super().__init__(FUNCTION_DECLARATOR, location)
        self.prototype = False
        self.parameters: list[Parameter] = []  # `(void)` gives one Parameter of type void, as written
        self.variadic = False
        self.names: list[Token] = []
        self.attributes: list[Attribute] = []


@final
class Parameter(Node):
    def __init__(self, location: int, specifiers: DeclarationSpecifiers, declarator: Declarator) -> None:
        super().__init__(0, location)
        self.specifiers = specifiers
        self.declarator = declarator


@final
class TypeName(Node):
    def __init__(self, location: int, specifiers: DeclarationSpecifiers, declarator: Declarator) -> None:
        super().__init__(0, location)
        self.specifiers = specifiers
        self.declarator = declarator


class Initializer(Node):
    pass


@final
class ExpressionInitializer(Initializer):
    def __init__(self, expression: Expression) -> None:
        super().__init__(EXPRESSION_INITIALIZER, expression.location)
        self.expression = expression


@final
class Designator(Node):
    """FIELD_DESIGNATOR (name), INDEX_DESIGNATOR (first), RANGE_DESIGNATOR (first, last)."""

    def __init__(self, kind: int, location: int) -> None:
        super().__init__(kind, location)
        self.name = ""
        self.first: Expression | None = None
        self.last: Expression | None = None


@final
class InitializerList(Initializer):
    """Braced list: (designators, initializer) in order."""

    def __init__(self, location: int) -> None:
        super().__init__(INITIALIZER_LIST, location)
        self.items: list[tuple[list[Designator], Initializer]] = []
        self.end = location


@final
class InitDeclarator(Node):
    def __init__(self, declarator: Declarator) -> None:
        super().__init__(0, declarator.location)
        self.declarator = declarator
        self.initializer: Initializer | None = None
        self.width: Expression | None = None  # bit-field members
        self.asm_label: str | None = None  # decoded text of asm("...")
        self.attributes: list[Attribute] = []


@final
class Declaration(Statement):
    def __init__(self, location: int, specifiers: DeclarationSpecifiers) -> None:
        super().__init__(DECLARATION, location)
        self.specifiers = specifiers
        self.declarators: list[InitDeclarator] = []


@final
class FunctionDefinition(Statement):
    """`body` is None while it is only brace-matched: `tokens[body_start:body_end]` holds "{" ... "}".

    The parser's `parse_body(definition)` parses it when semantics finds that the function is needed.
    Nested functions (GNU) appear as block items.
    """

    def __init__(self, location: int, specifiers: DeclarationSpecifiers, declarator: Declarator) -> None:
        super().__init__(FUNCTION_DEFINITION, location)
        self.specifiers = specifiers
        self.declarator = declarator
        self.old_style: list[Declaration] = []  # K&R parameter declarations
        self.asm_label: str | None = None
        self.body: CompoundStatement | None = None
        self.body_start = 0
        self.body_end = 0
        self.end = location


@final
class StaticAssert(Statement):
    def __init__(self, location: int, condition: Expression, message: StringExpression | None) -> None:
        super().__init__(STATIC_ASSERT, location)
        self.condition = condition
        self.message = message


@final
class FileScopeAsm(Statement):
    def __init__(self, location: int, text: StringExpression) -> None:
        super().__init__(FILE_SCOPE_ASM, location)
        self.text = text


@final
class PragmaNode(Statement):
    """A #pragma for semantics: weak, redefine_extname, STDC ..., GCC optimize/diagnostic/visibility, pack is
    handled by the parser (RecordSpecifier.pack)."""

    def __init__(self, location: int, text: str) -> None:
        super().__init__(PRAGMA, location)
        self.text = text


# ----------------------------------------------------------------------------------- statements


@final
class SimpleStatement(Statement):
    """NULL_STATEMENT, CONTINUE_STATEMENT, BREAK_STATEMENT, EMPTY_DECLARATION."""


@final
class CompoundStatement(Statement):
    def __init__(self, location: int) -> None:
        super().__init__(COMPOUND_STATEMENT, location)
        self.items: list[Statement] = []
        self.end = location


@final
class ExpressionStatement(Statement):
    def __init__(self, location: int, expression: Expression) -> None:
        super().__init__(EXPRESSION_STATEMENT, location)
        self.expression = expression


@final
class IfStatement(Statement):
    def __init__(
        self, location: int, condition: Expression, then: Statement, otherwise: Statement | None
    ) -> None:
        super().__init__(IF_STATEMENT, location)
        self.open = location  # the parenthesis of the condition
        self.condition = condition
        self.then = then
        self.otherwise = otherwise


@final
class SwitchStatement(Statement):
    def __init__(self, location: int, condition: Expression, body: Statement) -> None:
        super().__init__(SWITCH_STATEMENT, location)
        self.condition = condition
        self.body = body


@final
class LoopStatement(Statement):
    """WHILE_STATEMENT or DO_STATEMENT."""

    def __init__(self, kind: int, location: int, condition: Expression, body: Statement) -> None:
        super().__init__(kind, location)
        self.condition = condition
        self.body = body


@final
class ForStatement(Statement):
    """`initial` is a Declaration, an ExpressionStatement or None."""

    def __init__(
        self,
        location: int,
        initial: Statement | None,
        condition: Expression | None,
        step: Expression | None,
        body: Statement,
    ) -> None:
        super().__init__(FOR_STATEMENT, location)
        self.initial = initial
        self.condition = condition
        self.step = step
        self.body = body


@final
class GotoStatement(Statement):
    def __init__(self, location: int, label: str) -> None:
        super().__init__(GOTO_STATEMENT, location)
        self.label = label


@final
class ComputedGoto(Statement):
    def __init__(self, location: int, target: Expression) -> None:
        super().__init__(COMPUTED_GOTO, location)
        self.target = target


@final
class ReturnStatement(Statement):
    def __init__(self, location: int, value: Expression | None) -> None:
        super().__init__(RETURN_STATEMENT, location)
        self.value = value


@final
class LabeledStatement(Statement):
    def __init__(self, location: int, label: str, body: Statement) -> None:
        super().__init__(LABELED_STATEMENT, location)
        self.label = label
        self.body = body


@final
class CaseStatement(Statement):
    """`last` is set in GNU `case first ... last:`."""

    def __init__(self, location: int, first: Expression, last: Expression | None, body: Statement) -> None:
        super().__init__(CASE_STATEMENT, location)
        self.first = first
        self.last = last
        self.body = body


@final
class DefaultStatement(Statement):
    def __init__(self, location: int, body: Statement) -> None:
        super().__init__(DEFAULT_STATEMENT, location)
        self.body = body


@final
class LocalLabels(Statement):
    """GNU `__label__ a, b;`"""

    def __init__(self, location: int, names: list[str]) -> None:
        super().__init__(LOCAL_LABELS, location)
        self.names = names


@final
class AsmOperand(Node):
    def __init__(self, location: int, name: str, constraint: str, expression: Expression) -> None:
        super().__init__(0, location)
        self.name = name  # [name] or ""
        self.constraint = constraint
        self.expression = expression


@final
class AsmStatement(Statement):
    """Basic (`extended` False) or extended asm; strings are decoded text."""

    def __init__(self, location: int, template: str) -> None:
        super().__init__(ASM_STATEMENT, location)
        self.template = template
        self.extended = False
        self.volatile = False
        self.inline = False
        self.goto = False
        self.outputs: list[AsmOperand] = []
        self.inputs: list[AsmOperand] = []
        self.clobbers: list[str] = []
        self.labels: list[str] = []


@final
class TranslationUnit(Node):
    """C17 6.9."""

    def __init__(self) -> None:
        super().__init__(0, 0)
        self.items: list[Statement] = []
