"""The typed tree: what lowering reads.  Every implicit conversion of C is an explicit node here.

Expressions are values (rvalues) or *places* (lvalues; `is_place`).  A place becomes a value only through
LOAD (lvalue conversion, C17 6.3.2.1p2), ARRAY_DECAY, FUNCTION_DECAY or ADDRESS_OF; lowering never asks what C means.
Types of expressions are unqualified rvalue types, but for places, which keep qualifiers (volatile, _Atomic).
Structs and unions as values: LOAD of a place, a CALL, a CONDITIONAL, ... : lowering passes them by address.
"""

from typing import Final, final

from ourocc.base.floating import Real
from ourocc.semantics.types import Field, Type

# ---- places ----
VARIABLE: Final = 1  # VariableReference: a Variable (object or function)
DEREFERENCE: Final = 2  # UnaryOperation, operand: pointer value
MEMBER: Final = 3  # MemberAccess: base place (or record value: then the result is a value), field
STRING_LITERAL: Final = 4
COMPOUND_LITERAL: Final = 5  # VariableReference to an unnamed Variable whose initializer runs here
REAL_PART: Final = 6  # UnaryOperation on a complex place (place) or complex value (value)
IMAGINARY_PART: Final = 7
VECTOR_ELEMENT: Final = 8  # BinaryOperation: vector place or value, index value
# ---- values ----
INTEGER_CONSTANT: Final = 20  # of integer or pointer type; value normalized to the type's range
FLOAT_CONSTANT: Final = 21
COMPLEX_CONSTANT: Final = 22
LOAD: Final = 23  # UnaryOperation: place -> value
ARRAY_DECAY: Final = 24  # UnaryOperation: array place -> pointer to first element
FUNCTION_DECAY: Final = 25  # UnaryOperation: function place -> pointer to function
ADDRESS_OF: Final = 26  # UnaryOperation: place -> pointer
CONVERT: Final = 27  # UnaryOperation: any arithmetic/pointer/bool/complex/vector-bitcast conversion to `type`; to void: discard
NEGATE: Final = 28
BITWISE_NOT: Final = 29  # on complex: conjugate
LOGICAL_NOT: Final = 30  # result int 0/1
ADD: Final = 31  # both operands have the result's type (vectors: element-wise)
SUBTRACT: Final = 32
MULTIPLY: Final = 33
DIVIDE: Final = 34
REMAINDER: Final = 35
SHIFT_LEFT: Final = 36  # left has the result's type, right its own promoted type (vector shifts: both vectors)
SHIFT_RIGHT: Final = 37
BITWISE_AND: Final = 38
BITWISE_OR: Final = 39
BITWISE_XOR: Final = 40
POINTER_ADD: Final = 41  # left pointer, right integer (ptrdiff_t-wide); `scale_type`'s size is the scale (may be a VLA)
POINTER_SUBTRACT: Final = 42  # pointer - integer
POINTER_DIFFERENCE: Final = 43  # pointer - pointer, divided by the pointee's size
EQUAL: Final = 44  # operands of one common type; result int (vectors: mask vector)
NOT_EQUAL: Final = 45
LESS: Final = 46
LESS_EQUAL: Final = 47
GREATER: Final = 48
GREATER_EQUAL: Final = 49
LOGICAL_AND: Final = 50  # operands scalar; result int
LOGICAL_OR: Final = 51
COMMA: Final = 52
ASSIGN: Final = 53  # BinaryOperation: place, value of the place's unqualified type; value: the assigned value
COMPOUND_ASSIGN: Final = 54  # CompoundAssignment
INCREMENT: Final = 55  # IncrementOperation (++/--, prefix/postfix)
CONDITIONAL: Final = 56
CALL: Final = 57
BUILTIN_CALL: Final = 58  # BuiltinCall: builtins that lowering itself knows
STATEMENT_EXPRESSION: Final = 59
LABEL_ADDRESS: Final = 60
VA_ARG: Final = 61  # VaArg
COMPLEX_BUILD: Final = 62  # BinaryOperation: real, imaginary (__builtin_complex)
VECTOR_SPLAT: Final = 63  # UnaryOperation: scalar -> vector
VECTOR_SHUFFLE: Final = 64  # BuiltinCall-like: __builtin_shuffle / shufflevector; arguments
SIZEOF_VLA: Final = 65  # SizeofVariable: size in bytes of a variably modified type, as size_t
VECTOR_CONVERT: Final = 66  # __builtin_convertvector: UnaryOperation
SAVED_VALUE: Final = 67  # SavedValue: evaluates `expression` once; later mentions give the same value (GNU ?:)
# ---- binary operators as written ----
OPERATIONS: Final = {
    "+": ADD, "-": SUBTRACT, "*": MULTIPLY, "/": DIVIDE, "%": REMAINDER, "<<": SHIFT_LEFT, ">>": SHIFT_RIGHT,
    "&": BITWISE_AND, "|": BITWISE_OR, "^": BITWISE_XOR, "==": EQUAL, "!=": NOT_EQUAL, "<": LESS, "<=": LESS_EQUAL,
    ">": GREATER, ">=": GREATER_EQUAL, "&&": LOGICAL_AND, "||": LOGICAL_OR, ",": COMMA,
}  # fmt: skip
SPELLINGS: Final = {kind: spelling for spelling, kind in OPERATIONS.items()}


class Expression:
    """Base.  `location` for messages and line tables."""

    def __init__(self, kind: int, type: Type, location: int, is_place: bool = False) -> None:
        self.kind = kind
        self.type = type
        self.location = location
        self.is_place = is_place


@final
class VariableReference(Expression):
    """VARIABLE or COMPOUND_LITERAL."""

    def __init__(self, kind: int, variable: "Variable", type: Type, location: int) -> None:
        super().__init__(kind, type, location, True)
        self.variable = variable


@final
class UnaryOperation(Expression):
    def __init__(self, kind: int, type: Type, location: int, operand: Expression, is_place: bool = False) -> None:
        super().__init__(kind, type, location, is_place)
        self.operand = operand


@final
class BinaryOperation(Expression):
    def __init__(
        self, kind: int, type: Type, location: int, left: Expression, right: Expression, is_place: bool = False
    ) -> None:
        super().__init__(kind, type, location, is_place)
        self.left = left
        self.right = right


@final
class MemberAccess(Expression):
    def __init__(self, type: Type, location: int, base: Expression, field: Field, is_place: bool) -> None:
        super().__init__(MEMBER, type, location, is_place)
        self.base = base
        self.field = field


@final
class StringLiteral(Expression):
    """A place of array type; `data` is the encoded array, terminator included (target byte order)."""

    def __init__(self, type: Type, location: int, data: bytes) -> None:
        super().__init__(STRING_LITERAL, type, location, True)
        self.data = data


@final
class IntegerConstant(Expression):
    def __init__(self, type: Type, location: int, value: int) -> None:
        super().__init__(INTEGER_CONSTANT, type, location)
        self.value = value


@final
class FloatConstant(Expression):
    """`value` is already rounded to `type`'s format."""

    def __init__(self, type: Type, location: int, value: Real) -> None:
        super().__init__(FLOAT_CONSTANT, type, location)
        self.value = value


@final
class ComplexConstant(Expression):
    """Parts are IntegerConstant or FloatConstant of the complex type's base."""

    def __init__(self, type: Type, location: int, real: Expression, imaginary: Expression) -> None:
        super().__init__(COMPLEX_CONSTANT, type, location)
        self.real = real
        self.imaginary = imaginary


@final
class PointerArithmetic(Expression):
    """POINTER_ADD, POINTER_SUBTRACT (right is an integer value), POINTER_DIFFERENCE (right is a pointer).

    `scale_type` is the pointee; its size scales (void and functions count as 1)."""

    def __init__(
        self, kind: int, type: Type, location: int, left: Expression, right: Expression, scale_type: Type
    ) -> None:
        super().__init__(kind, type, location)
        self.left = left
        self.right = right
        self.scale_type = scale_type


@final
class CompoundAssignment(Expression):
    """`place op= value`: computed as (type of place) ((computation_type) place op value).

    `operation` is ADD..BITWISE_XOR or POINTER_ADD/POINTER_SUBTRACT; `value` already has the computation type (shifts: its
    own promoted type; pointers: integer).  On _Atomic places it is one atomic read-modify-write."""

    def __init__(
        self, type: Type, location: int, operation: int, place: Expression, value: Expression, computation_type: Type
    ) -> None:
        super().__init__(COMPOUND_ASSIGN, type, location)
        self.operation = operation
        self.place = place
        self.value = value
        self.computation_type = computation_type


@final
class IncrementOperation(Expression):
    """++ and --: `decrement`, `prefix`.  Pointers step by their pointee's size; floats, complex and _Bool as C says."""

    def __init__(self, type: Type, location: int, place: Expression, decrement: bool, prefix: bool) -> None:
        super().__init__(INCREMENT, type, location)
        self.place = place
        self.decrement = decrement
        self.prefix = prefix


@final
class Conditional(Expression):
    """Both branches have `type` (void: their values are discarded)."""

    def __init__(
        self, type: Type, location: int, condition: Expression, then: Expression, otherwise: Expression
    ) -> None:
        super().__init__(CONDITIONAL, type, location)
        self.condition = condition
        self.then = then
        self.otherwise = otherwise


@final
class SavedValue(Expression):
    """The value of `expression`, evaluated at the first mention of this very node and remembered."""

    def __init__(self, expression: Expression) -> None:
        super().__init__(SAVED_VALUE, expression.type, expression.location)
        self.expression = expression


@final
class Call(Expression):
    """`function` is a pointer-to-function value (FUNCTION_DECAY of a VARIABLE for a direct call).

    Arguments are converted: to the parameter's type, or by the default argument promotions (C17 6.5.2.2p6).
    `function_type` is the callee's type as the call sees it."""

    def __init__(
        self, type: Type, location: int, function: Expression, arguments: list[Expression], function_type: Type
    ) -> None:
        super().__init__(CALL, type, location)
        self.function = function
        self.arguments = arguments
        self.function_type = function_type
        self.noreturn = False
        self.returns_twice = False
        self.pure = 0  # 0 no, 1 pure, 2 const (attributes)
        self.tail_call = False  # musttail


@final
class BuiltinCall(Expression):
    """A builtin that is not simply a library function.  `name` as in `semantics/builtins.py`'s table.

    Arguments are converted to the table's parameter types, those of type-generic builtins as documented there."""

    def __init__(self, type: Type, location: int, name: str, arguments: list[Expression]) -> None:
        super().__init__(BUILTIN_CALL, type, location)
        self.name = name
        self.arguments = arguments
        self.type_argument: Type | None = None


@final
class StatementExpression(Expression):
    """GNU ({ ... }): value of the last expression statement, or void; `result` is that expression (not in body)."""

    def __init__(self, type: Type, location: int, body: "Block", result: Expression | None) -> None:
        super().__init__(STATEMENT_EXPRESSION, type, location)
        self.body = body
        self.result = result


@final
class LabelAddress(Expression):
    def __init__(self, type: Type, location: int, label: "Label") -> None:
        super().__init__(LABEL_ADDRESS, type, location)
        self.label = label


@final
class VaArg(Expression):
    """`operand`: pointer value to the va_list object (x86-64: the decayed array; riscv: &ap)."""

    def __init__(self, type: Type, location: int, operand: Expression) -> None:
        super().__init__(VA_ARG, type, location)
        self.operand = operand


@final
class SizeofVariable(Expression):
    def __init__(self, type: Type, location: int, measured: Type) -> None:
        super().__init__(SIZEOF_VLA, type, location)
        self.measured = measured


# ------------------------------------------------------------------------------------- objects

# Linkage and storage of a Variable
LINKAGE_NONE: Final = 0
LINKAGE_INTERNAL: Final = 1
LINKAGE_EXTERNAL: Final = 2
STORAGE_AUTOMATIC: Final = 0
STORAGE_STATIC: Final = 1
STORAGE_THREAD: Final = 2
# Definition state at file scope (C17 6.9.2)
DECLARED: Final = 0
TENTATIVE: Final = 1
DEFINED: Final = 2


@final
class InitializerItem:
    """One scalar (or string, or record value) of a flattened initializer, in order of offsets' writing.

    `value` has the member's type.  For bit-fields `field` is set and `offset` is the record-relative unit's offset
    (already added).  For static storage every value is an address constant or arithmetic constant: IntegerConstant,
    FloatConstant, ComplexConstant, StringLiteral (char array data), AddressConstant, or a record/array constant place.
    Later items override earlier ones (C17 6.7.9p19)."""

    def __init__(self, offset: int, type: Type, value: Expression, field: Field | None) -> None:
        self.offset = offset
        self.type = type
        self.value = value
        self.field = field


@final
class AddressConstant(Expression):
    """Address of an object with static storage or function, plus a byte offset (C17 6.6p9), or the difference of two
    labels (GNU): `label`, `minus_label`.  `type` may also be an integer of pointer size or smaller (GNU)."""

    def __init__(self, type: Type, location: int, variable: "Variable | None", offset: int) -> None:
        super().__init__(ADDRESS_CONSTANT, type, location)
        self.variable = variable
        self.offset = offset
        self.label: Label | None = None
        self.minus_label: Label | None = None


ADDRESS_CONSTANT: Final = 70


@final
class Variable:
    """An object or function: declared identifier, compound literal, or string.

    `name` is the source name; `symbol_name` the assembler name (asm label, or name, or name.N for local statics)."""

    def __init__(self, name: str, type: Type, location: int) -> None:
        self.name = name
        self.symbol_name = name
        self.type = type  # completed by later declarations: composite type
        self.location = location
        self.linkage = LINKAGE_NONE
        self.storage = STORAGE_AUTOMATIC
        self.state = DECLARED
        self.is_function = False
        self.is_parameter = False
        self.was_array = False  # a parameter that was declared as an array
        self.initializer: list[InitializerItem] | None = None  # None: none; []: all zero
        self.constant: Expression | None = None  # the value of an automatic const scalar
        self.initialized_size = 0  # type's size, more with a flexible array member initialized
        self.used = False  # referenced by something that is emitted
        self.address_taken = False
        self.alignment = 0  # explicit or 0
        self.is_register = False  # storage class register
        self.is_string = False  # unnamed array of a string literal that static data points to: may be merged
        self.register_name = ""  # register variable with asm("reg")
        self.function: FunctionDefinition | None = None
        # attributes
        self.weak = False
        self.visibility = 0  # ELF STV_*; 0 default
        self.visibility_given = False
        self.section = ""
        self.alias = ""
        self.weak_reference = ""  # weakref target
        self.ifunc = ""
        self.tls_model = ""
        self.common = False  # -fcommon / attribute common
        self.keep = False  # attribute used, retain
        self.constructor = -1  # priority, 65535 for the plain attribute; -1 for none
        self.destructor = -1
        self.inline_only = False  # C17 6.7.4p7 inline definition without extern: no external definition is emitted
        self.gnu_inline = False
        self.always_inline = False
        self.no_inline = False
        self.noreturn = False
        self.pure = 0
        self.malloc = False
        self.alloc_size: list[int] = []  # attribute alloc_size: numbers of parameters (from 1)
        self.returns_twice = False
        self.cold = False
        self.naked = False
        self.no_instrument = False
        self.no_split = False
        self.symbol_version = ""  # attribute symver
        self.call_error: str | None = None  # attribute error: what to say of calls that optimization leaves
        self.call_warning: str | None = None  # attribute warning
        self.uninitialized = False  # -ftrivial-auto-var-init= leaves it alone
        self.cleanup: Variable | None = None  # attribute cleanup: the function to call with its address
        self.patchable = False
        self.optimize = ""  # attribute optimize("O0") ...
        self.no_reorder = False
        self.no_common = False  # attribute nocommon
        self.captured = False  # a local that a GNU nested function mentions
        # how a function was declared so far (C17 6.7.4p7)
        self.declared_inline = False
        self.declared_plain = False  # some declaration without inline
        self.extern_inline = False


@final
class Label:
    def __init__(self, name: str, location: int) -> None:
        self.name = name
        self.location = location
        self.defined = False
        self.address_taken = False
        self.used = False
        self.scope_depth = 0
        self.nonlocal_goto = False  # a GNU nested function jumps here


# ---------------------------------------------------------------------------------- statements

BLOCK: Final = 1
EXPRESSION_STATEMENT: Final = 2
IF: Final = 3
SWITCH: Final = 4
LOOP: Final = 5  # while, do and for in one shape
GOTO: Final = 6
COMPUTED_GOTO: Final = 7
BREAK: Final = 8
CONTINUE: Final = 9
RETURN: Final = 10
LABELED: Final = 11
CASE: Final = 12  # case or default label
LOCAL_DECLARATION: Final = 13
ASM: Final = 14
VLA_DECLARATION: Final = 15  # evaluate the sizes of a variably modified type (typedef, or declaration)


class Statement:
    def __init__(self, kind: int, location: int) -> None:
        self.kind = kind
        self.location = location


@final
class Block(Statement):
    def __init__(self, location: int) -> None:
        super().__init__(BLOCK, location)
        self.statements: list[Statement] = []
        self.end = location


@final
class ExpressionStatement(Statement):
    def __init__(self, expression: Expression) -> None:
        super().__init__(EXPRESSION_STATEMENT, expression.location)
        self.expression = expression


@final
class If(Statement):
    def __init__(self, location: int, condition: Expression, then: Statement, otherwise: Statement | None) -> None:
        super().__init__(IF, location)
        self.condition = condition  # scalar
        self.condition_location = condition.location  # of its parenthesis
        self.then = then
        self.otherwise = otherwise


@final
class Switch(Statement):
    """`condition` promoted; every CaseLabel inside is in `cases`, in source order."""

    def __init__(self, location: int, condition: Expression) -> None:
        super().__init__(SWITCH, location)
        self.condition = condition
        self.body: Statement | None = None
        self.cases: list[CaseLabel] = []
        self.default: CaseLabel | None = None


@final
class CaseLabel(Statement):
    """`first`..`last` inclusive, converted to the promoted type of the condition; default: `is_default`."""

    def __init__(self, location: int, first: int, last: int, is_default: bool) -> None:
        super().__init__(CASE, location)
        self.first = first
        self.last = last
        self.is_default = is_default
        self.body: Statement | None = None


@final
class Loop(Statement):
    """`test_first`: while and for; else do.  `condition` None: forever.  `step` runs on continue."""

    def __init__(self, location: int, condition: Expression | None, test_first: bool) -> None:
        super().__init__(LOOP, location)
        self.condition = condition
        self.test_first = test_first
        self.step: Expression | None = None
        self.body: Statement | None = None
        # a for statement's declarations stand before it in an enclosing Block


@final
class Goto(Statement):
    def __init__(self, location: int, label: Label) -> None:
        super().__init__(GOTO, location)
        self.label = label


@final
class ComputedGoto(Statement):
    def __init__(self, location: int, target: Expression) -> None:
        super().__init__(COMPUTED_GOTO, location)
        self.target = target


@final
class Jump(Statement):
    """BREAK or CONTINUE of the innermost loop (or switch, for BREAK)."""


@final
class Return(Statement):
    """`value` has the function's return type; None in void functions."""

    def __init__(self, location: int, value: Expression | None) -> None:
        super().__init__(RETURN, location)
        self.value = value


@final
class Labeled(Statement):
    def __init__(self, location: int, label: Label, body: Statement) -> None:
        super().__init__(LABELED, location)
        self.label = label
        self.body = body


@final
class LocalDeclaration(Statement):
    """An automatic variable comes to life here (its block is its scope); its initializer runs.

    Local statics and externs do not appear here: they are in the unit's `variables`.
    `initializer_value`: a single expression for scalars and whole records (`struct s a = f();`); else `variable.initializer`
    holds flattened items (bytes not covered are zero)."""

    def __init__(self, location: int, variable: Variable, initializer_value: Expression | None) -> None:
        super().__init__(LOCAL_DECLARATION, location)
        self.variable = variable
        self.initializer_value = initializer_value


@final
class VlaDeclaration(Statement):
    """Evaluate `type.length_expression` into `type.length_variable`.

    One statement for every VLA type that is written: element types that are VLAs themselves have had their own
    statement before, or come from a typedef whose lengths were computed where it stands."""

    def __init__(self, location: int, type: Type) -> None:
        super().__init__(VLA_DECLARATION, location)
        self.type = type


@final
class AsmOperand:
    """`expression` is a place for outputs and for "m" inputs, a value otherwise; constraint without leading = or +
    for outputs kept as written ("=r", "+m", "=&a", "0", "ri")."""

    def __init__(self, name: str, constraint: str, expression: Expression) -> None:
        self.name = name
        self.constraint = constraint
        self.expression = expression


@final
class Asm(Statement):
    def __init__(self, location: int, template: str) -> None:
        super().__init__(ASM, location)
        self.template = template
        self.volatile = False
        self.extended = False
        self.outputs: list[AsmOperand] = []
        self.inputs: list[AsmOperand] = []
        self.clobbers: list[str] = []
        self.labels: list[Label] = []


@final
class FunctionDefinition:
    def __init__(self, variable: Variable, parameters: list[Variable], location: int) -> None:
        self.variable = variable
        self.parameters = parameters  # of their adjusted types (arrays and functions are pointers)
        self.location = location
        self.end = location
        self.body: Block | None = None
        self.labels: list[Label] = []
        self.calls_setjmp = False
        self.uses_alloca = False
        self.uses_apply_args = False
        self.frame_address = False  # __builtin_frame_address/return_address used
        self.nested: list[FunctionDefinition] = []  # GNU nested functions
        self.captures = False  # a nested function that mentions locals of the functions around it
        self.parameter_vlas: list[Type] = []  # variably modified parameter types: evaluated at entry, in order


@final
class TypedUnit:
    """A translation unit: everything to emit, in order of definition.

    `functions`: those that must be emitted (semantics has already dropped unused internal and inline-only ones; the latter
    stay, with `variable.inline_only`, when -O wants to inline them).  `variables`: objects defined here (state TENTATIVE or
    DEFINED) and used declarations with attributes that matter (weak, alias)."""

    def __init__(self) -> None:
        self.functions: list[FunctionDefinition] = []
        self.variables: list[Variable] = []
        self.assembly: list[tuple[int, str]] = []  # file-scope asm: location, text
        self.order: list[object] = []  # FunctionDefinition, Variable, or int index into `assembly`, in source order
        self.aliases: list[Variable] = []
        self.idents: list[str] = []
        self.renamed: dict[str, str] = {}  # functions whose declarations give them another assembler name
