"""Writes the module of a rules file: one function an operation, in which the rules stand in the order of the file.

    python -m tools.rulegen            write all generated modules
    python -m tools.rulegen --check    exit 1 when one of them is not up to date
"""

from typing import final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from tools.rulegen.language import Node, Rule, RuleError, RuleFile


def expand(node: Node, repeated: set[str], constants_right: bool) -> list[Node]:
    """The pattern in every order of the operands of commutative operations that can make a difference."""
    variants: list[list[Node]] = [[]]
    for operand in node.operands:
        choices = expand(operand, repeated, constants_right)
        variants = [[*done, choice] for done in variants for choice in choices]
    result: list[Node] = []
    seen: set[str] = set()
    for operands in variants:
        orders = [operands]
        if node.op >= 0 and op.FLAGS[node.op] & op.COMMUTATIVE and len(operands) == 2:
            plain = all(operand.op < 0 and operand.name not in repeated for operand in operands)
            fixed = constants_right and operands[1].op == op.CONST
            if not plain and not fixed:
                orders.append([operands[1], operands[0]])
        for order in orders:
            made = node.copy()
            made.operands = order
            if made.key() not in seen:
                seen.add(made.key())
                result.append(made)
    return result


def names_of(node: Node, into: list[str]) -> None:
    if node.op < 0:
        into.append(node.name)
    for operand in node.operands:
        names_of(operand, into)


@final
class Writer:
    """The text of one rule's match, as nested ifs."""

    def __init__(self, file: RuleFile, rule: Rule) -> None:
        self.file = file
        self.rule = rule
        self.lines: list[str] = []
        self.depth = 1
        self.bound: dict[str, str] = {}
        self.fresh = 0

    def line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def when(self, condition: str) -> None:
        self.line(f"if {condition}:")
        self.depth += 1

    def type_test(self, place: str, types: str) -> str:
        members: list[str] = []
        for name in types.split("|"):
            members += self.file.types.get(name, [name])
        numbers: list[int] = []
        for member in members:
            try:
                numbers.append(ty.parse(member))
            except (ValueError, IndexError):
                raise RuleError(f"{self.file.name}:{self.rule.line}: unknown type '{member}'") from None
        if len(numbers) > 2 and min(numbers) > 255:
            return f"{place} in {tuple(numbers)}"
        if len(numbers) <= 2 or max(numbers) > 60:
            return "(" + " or ".join(f"{place} == {number}" for number in numbers) + ")"
        mask = sum(1 << number for number in numbers)
        return f"({place} < 16 and {mask:#x} >> {place} & 1)"

    def match(self, node: Node, place: str, root: bool) -> None:
        """Conditions and bindings for the value in variable `place`."""
        if node.op < 0:
            if node.name == "_":
                return
            if node.name in self.bound:
                self.when(f"{place} is {self.bound[node.name]}")
            else:
                self.bound[node.name] = node.name
                self.line(f"{node.name} = {place}")
            return
        conditions: list[str] = []
        if not root:
            conditions.append(f"{place}.op == {node.op}")
        if node.types:
            conditions.append(self.type_test("t" if root else f"{place}.type", node.types))
        if node.single_use:
            conditions.append(f"{place}.uses == 1")
        if node.leaf.lstrip("-").isdigit():
            conditions.append(f"{place}.imm == {node.leaf}")
        if conditions:
            self.when(" and ".join(conditions))
        if node.name and node.name != place:
            self.line(f"{node.name} = {place}")
            self.bound[node.name] = node.name
        if node.leaf and not node.leaf.lstrip("-").isdigit() and node.leaf != "_":
            if node.leaf in self.bound:
                self.when(f"{place}.imm == {node.leaf}")
            else:
                self.line(f"{node.leaf} = {place}.imm")
                self.bound[node.leaf] = node.leaf
        inner: list[tuple[Node, str]] = []
        for index, operand in enumerate(node.operands):
            if operand.op < 0 and operand.name not in self.bound and operand.name != "_":
                self.bound[operand.name] = operand.name
                self.line(f"{operand.name} = {place}.args[{index}]")
            elif operand.op >= 0 or operand.name != "_":
                variable = operand.name if operand.op >= 0 and operand.name else f"w{self.fresh}"
                self.fresh += 1
                self.line(f"{variable} = {place}.args[{index}]")
                if operand.op >= 0 and operand.name:
                    self.bound[operand.name] = operand.name
                inner.append((operand, variable))
        for operand, variable in inner:
            self.match(operand, variable, False)

    def build(self, node: Node) -> str:
        """An expression for a result that is not the root."""
        if node.op < 0:
            return node.name
        kind = self.result_type(node)
        if node.op in (op.CONST, op.FCONST):
            maker = "constant" if node.op == op.CONST else "float_constant"
            return f"r.{maker}({node.leaf}, {kind})"
        operands = ", ".join(self.build(operand) for operand in node.operands)
        maker = {1: "unary", 2: "binary", 3: "ternary"}[len(node.operands)]
        return f"r.{maker}({node.op}, {kind}, {operands})"

    def result_type(self, node: Node) -> str:
        if not node.types:
            return "1" if op.FLAGS[node.op] & op.COMPARE else "t"
        if node.types[0] == "=":
            return f"{node.types[1:]}.type"
        return str(ty.parse(node.types))

    def rewrite(self, node: Node) -> None:
        if node.op < 0:
            self.line(f"v.become_copy({node.name})")
        elif node.op == op.CONST:
            self.line(f"v.become_constant({node.leaf})")
        else:
            operands = ", ".join(self.build(operand) for operand in node.operands)
            self.line(f"r.become(v, {node.op}, [{operands}])")
        self.line("return True")


def function_of(file: RuleFile, operation: int, rules: list[Rule], select: bool) -> list[str]:
    name = op.NAMES[operation]
    lines = [f"def _{name}({'s: Selector' if select else 'r: Rewriter'}, v: Value) -> bool:", "    t = v.type"]
    for rule in rules:
        names: list[str] = []
        names_of(rule.pattern, names)
        repeated = {name for name in names if names.count(name) > 1}
        for number, pattern in enumerate(expand(rule.pattern, repeated, file.constants_right)):
            writer = Writer(file, rule)
            if number == 0:
                writer.line(f"# {file.name}:{rule.line}: {rule.text}"[:150])
            if pattern.types or pattern.single_use:
                conditions: list[str] = []
                if pattern.types:
                    conditions.append(writer.type_test("t", pattern.types))
                if pattern.single_use:
                    conditions.append("v.uses == 1")
                writer.when(" and ".join(conditions))
                pattern.types = ""
                pattern.single_use = False
            writer.match(pattern, "v", True)
            if rule.condition:
                writer.when(rule.condition)
            if select:
                writer.line(rule.action)
                writer.line("return True")
            else:
                assert rule.result is not None
                writer.rewrite(rule.result)
            lines += writer.lines
    lines.append("    return False")
    return rename(lines)


def rename(lines: list[str]) -> list[str]:
    """Lines behind an unconditional return can never run: drop them."""
    kept: list[str] = []
    for line in lines:
        kept.append(line)
        if line == "    return True":
            break
    return kept


def dispatch(operations: list[int], argument: str, depth: int) -> list[str]:
    """A balanced tree of comparisons of `operation`."""
    indent = "    " * depth
    if len(operations) == 1:
        name = op.NAMES[operations[0]]
        return [f"{indent}if operation == {operations[0]}:", f"{indent}    return _{name}({argument}, v)"]
    middle = len(operations) // 2
    lines = [f"{indent}if operation < {operations[middle]}:"]
    lines += dispatch(operations[:middle], argument, depth + 1)
    lines.append(f"{indent}else:")
    lines += dispatch(operations[middle:], argument, depth + 1)
    return lines


def module(file: RuleFile, select: bool, owner: str) -> str:
    """The text of the generated module; `owner` is the class of `s` or `r` as "module.Class"."""
    owner_module, _, owner_class = owner.rpartition(".")
    entry = "select" if select else "rewrite"
    letter = "s" if select else "r"
    lines = [
        f'"""Generated by tools/rulegen from {file.name}: do not edit."""',
        "",
        *file.imports,
        "from ourocc.ir.function import Value",
        f"from {owner_module} import {owner_class}" + (f" as {'Selector' if select else 'Rewriter'}"),
        "",
    ]
    by_operation: dict[int, list[Rule]] = {}
    for rule in file.rules:
        by_operation.setdefault(rule.pattern.op, []).append(rule)
    for operation in sorted(by_operation):
        lines += ["", *function_of(file, operation, by_operation[operation], select), ""]
    kind = "Selector" if select else "Rewriter"
    lines += ["", f"def {entry}({letter}: {kind}, v: Value) -> bool:"]
    lines.append('    """Try the rules for the operation of `v` in order; False when none applied."""')
    lines.append("    operation = v.op")
    lines += dispatch(sorted(by_operation), letter, 1)
    lines.append("    return False")
    return "\n".join(lines) + "\n"
