"""Parses `*.rules` files.

    # comment; a line that starts with a blank continues the rule above
    %import from ourocc.optimize.facts import is_power_of_two, log2
    %types INT = i8 i16 i32 i64 ptr
    %constants right        commutative operations have their constant on the right: do not look on the left
    (add x 0) => x
    (add.INT (add x (const a))! (const b)) => (add x (const a + b))
    (mul.i32|i64 x (const c)) && is_power_of_two(c) => (shl x (const log2(c)))
    (fmul x x):v => ...

Patterns
    name            binds any value; the same name twice must be the same value;  `_` is any value
    17, -1          an integer constant of that value
    (op p ...)      a value with that operation; `op.i32`, `op.i32|i64`, `op.NAME` restrict its type;
                    an operation with leaf contents may bind them: (const c), (fconst c), (alloca c), (address c) bind imm
    (op ...)!       ... with exactly one use
    (op ...):name   ... bound to a name; the root is always called `v`, and `t` is its type
Operations that are commutative match in both orders of their operands.
Condition: any expression of Python over the bound names.

Results, for `rewrite` files
    name            the value becomes a copy of it
    (const e)       it becomes the constant e, an expression over the bound names
    (op r ...)      it becomes that operation; inner results are new values in front of it.  Types: the root keeps its own;
                    inner ones are `op.i32`, or `op.=x` for the type of x, or the root's
For `select` files the result is a call, of a method of the selector `s`.
"""

from typing import final

from ourocc.ir import operations as op
from ourocc.ir import types as ty

LEAVES = ("const", "fconst", "vconst", "alloca", "address", "param", "stack_parameter")


class RuleError(Exception):
    """A rule that cannot be read; the message has file and line."""


@final
class Node:
    """A pattern or a result: a name, a number, or an operation with operands."""

    def __init__(self) -> None:
        self.name = ""  # binding of the node, or the whole pattern when `op` < 0
        self.op = -1
        self.types = ""  # text behind the dot
        self.operands: list[Node] = []
        self.leaf = ""  # name or expression for imm
        self.single_use = False

    def key(self) -> str:
        inner = " ".join(operand.key() for operand in self.operands)
        return f"{self.op}.{self.types}({inner}){self.leaf}{self.name}{self.single_use}"

    def copy(self) -> "Node":
        node = Node()
        node.name, node.op, node.types, node.leaf, node.single_use = (
            self.name, self.op, self.types, self.leaf, self.single_use,
        )  # fmt: skip
        node.operands = [operand.copy() for operand in self.operands]
        return node


@final
class Rule:
    def __init__(self, line: int, text: str) -> None:
        self.line = line
        self.text = text
        self.pattern = Node()
        self.condition = ""
        self.result: Node | None = None  # rewrite files
        self.action = ""  # select files


@final
class RuleFile:
    def __init__(self, name: str) -> None:
        self.name = name
        self.imports: list[str] = []
        self.constants_right = False
        self.types: dict[str, list[str]] = {}
        self.rules: list[Rule] = []


def tokens(text: str) -> list[str]:
    """Parentheses are tokens of their own, with what sticks to a closing one; the rest splits at blanks."""
    result: list[str] = []
    word = ""
    depth = 0  # brackets within a word: an expression such as f(a, b)
    for character in text:
        if depth == 0 and character in "( )":
            if character == "(" and word:
                depth = 1
                word += character
                continue
            if word:
                result.append(word)
                word = ""
            if character != " ":
                result.append(character)
        else:
            word += character
            if character == "(":
                depth += 1
            elif character == ")" and depth:
                depth -= 1
    if word:
        result.append(word)
    return result


@final
class Parser:
    def __init__(self, words: list[str], where: str, pattern: bool) -> None:
        self.words = words
        self.where = where
        self.at = 0
        self.pattern = pattern

    def fail(self, message: str) -> RuleError:
        return RuleError(f"{self.where}: {message}")

    def node(self) -> Node:
        if self.at >= len(self.words):
            raise self.fail("the rule ends too early")
        word = self.words[self.at]
        self.at += 1
        node = Node()
        if word == "(":
            self.operation(node)
        elif word.lstrip("-").isdigit():
            node.op = op.CONST
            node.leaf = word
        else:
            node.name = word
        return node

    def operation(self, node: Node) -> None:
        head, _, node.types = self.words[self.at].partition(".")
        self.at += 1
        if head not in op.NUMBER:
            raise self.fail(f"unknown operation '{head}'")
        node.op = op.NUMBER[head]
        if head in LEAVES:
            words: list[str] = []
            depth = 0
            while self.at < len(self.words) and (self.words[self.at] != ")" or depth):
                depth += {"(": 1, ")": -1}.get(self.words[self.at], 0)
                words.append(self.words[self.at])
                self.at += 1
            node.leaf = " ".join(words)
        else:
            while self.at < len(self.words) and self.words[self.at] != ")":
                node.operands.append(self.node())
            arity = op.ARITY[node.op]
            if arity >= 0 and len(node.operands) != arity:
                raise self.fail(f"'{head}' has {arity} operands")
        if self.at >= len(self.words):
            raise self.fail("missing ')'")
        self.at += 1
        if self.pattern and self.at < len(self.words):
            suffix = self.words[self.at]
            if suffix[0] in "!:":
                self.at += 1
                if suffix[0] == "!":
                    node.single_use = True
                    suffix = suffix[1:]
                if suffix:
                    node.name = suffix[1:]

    def end(self) -> None:
        if self.at != len(self.words):
            raise self.fail(f"unexpected '{self.words[self.at]}'")


def read_rules(name: str, text: str, select: bool) -> RuleFile:
    """Parse a file; RuleError for what is not a rule."""
    file = RuleFile(name)
    logical: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0] in " \t" and logical:
            logical[-1] = (logical[-1][0], logical[-1][1] + " " + line.strip())
        else:
            logical.append((number, line.strip()))
    for number, line in logical:
        where = f"{name}:{number}"
        if line.startswith("%import "):
            file.imports.append(line[8:])
        elif line == "%constants right":
            file.constants_right = True
        elif line.startswith("%types "):
            set_name, _, members = line[7:].partition("=")
            file.types[set_name.strip()] = members.split()
            for member in members.split():
                try:
                    ty.parse(member)
                except (ValueError, IndexError):
                    raise RuleError(f"{where}: unknown type '{member}'") from None
        else:
            file.rules.append(read_rule(number, line, where, select))
    return file


def read_rule(number: int, line: str, where: str, select: bool) -> Rule:
    left, arrow, right = line.partition("=>")
    if not arrow:
        raise RuleError(f"{where}: no '=>'")
    rule = Rule(number, line)
    left, _, condition = left.partition("&&")
    rule.condition = condition.strip()
    parser = Parser(tokens(left.strip()), where, True)
    rule.pattern = parser.node()
    parser.end()
    if rule.pattern.op < 0:
        raise RuleError(f"{where}: a pattern begins with an operation")
    if select:
        rule.action = right.strip()
    else:
        parser = Parser(tokens(right.strip()), where, False)
        rule.result = parser.node()
        parser.end()
    return rule
