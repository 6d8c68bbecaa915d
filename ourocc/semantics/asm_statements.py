"""GNU's asm statements: operands by their constraints, clobbers, labels."""

from typing import Final

from ourocc.semantics.context import (
    PendingGoto,
)
from ourocc.semantics.switches import Switches
from ourocc.semantics.typed_tree import (
    MEMBER,
    Asm,
    AsmOperand,
    Expression,
    Statement,
)
from ourocc.semantics.types import ERROR, VOID
from ourocc.syntax import tree

MEMORY_CONSTRAINTS: Final = "moV<>Q"

MODIFIERS: Final = "=+&%,*?!#^$"


class AsmStatements(Switches):
    """Analyses asm statements."""

    def asm_statement(self, node: tree.AsmStatement) -> Statement:
        statement = Asm(node.location, node.template)
        statement.extended = node.extended
        statement.volatile = node.volatile or not node.extended or not node.outputs or node.goto
        names: set[str] = set()
        for operand in node.outputs:
            self.asm_name(operand, names)
            place = self.expression(operand.expression)
            constraint = operand.constraint
            if constraint[:1] not in ("=", "+"):
                self.error(node.location, "output operand constraint lacks '='")
                continue
            if place.type.kind == ERROR or not self.modifiable(place, node.location, "asm"):
                continue
            letters = self.constraint_letters(constraint)
            if "m" in letters or "o" in letters:
                if place.kind == MEMBER and self.is_bit_field(place):
                    pass
                elif not any(letter in letters for letter in "rqQRabcdSDAgxyft"):
                    self.mark_addressed(place, operand.location)
            statement.outputs.append(AsmOperand(operand.name, constraint, place))
        for operand in node.inputs:
            self.asm_name(operand, names)
            converted = self.asm_input(operand, len(node.outputs))
            if converted is not None:
                statement.inputs.append(AsmOperand(operand.name, operand.constraint, converted))
        statement.clobbers = node.clobbers
        for name in node.labels:
            label = self.label_reference(name, node.location)
            label.used = True
            statement.labels.append(label)
            if self.function is not None:
                self.function.pending.append(PendingGoto(label, node.location, self.function.context))
        return statement

    def asm_name(self, operand: tree.AsmOperand, names: set[str]) -> None:
        if operand.name:
            if operand.name in names:
                self.error(operand.location, f"duplicate 'asm' operand name '{operand.name}'")
            names.add(operand.name)

    def constraint_letters(self, constraint: str) -> str:
        return "".join([letter for letter in constraint if letter not in MODIFIERS])

    def asm_input(self, operand: tree.AsmOperand, outputs: int) -> Expression | None:
        constraint = operand.constraint
        if constraint[:1] in ("=", "+"):
            self.error(operand.location, f"input operand constraint contains '{constraint[0]}'")
            return None
        letters = self.constraint_letters(constraint)
        if letters.isdigit() and int(letters) >= outputs:
            self.error(operand.location, "matching constraint references invalid operand number")
            return None
        memory_only = letters != "" and all(letter in MEMORY_CONSTRAINTS for letter in letters)
        expression = self.expression(operand.expression)
        if expression.type.kind == ERROR:
            return None
        if memory_only:
            if not expression.is_place:
                if expression.type.is_scalar() or expression.type.is_record():
                    return expression
                self.error(operand.location, f"memory input {outputs} is not directly addressable")
                return None
            if not self.is_bit_field(expression):
                self.mark_addressed(expression, operand.location)
            return expression
        if "m" in letters and expression.is_place and expression.type.is_record():
            self.mark_addressed(expression, operand.location)
            return expression
        value = self.rvalue(expression)
        if value.type.kind == VOID:
            self.error(operand.location, "invalid use of void expression")
            return None
        return value
