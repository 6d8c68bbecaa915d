"""Reads the IR's text form (`text.py`), so that passes are tested on text.

In: the text of a module or function.  Out: a Module.  Value and block numbers are kept; void values get new ones.
Predecessors are in the order of the "; from" comments where these stand, else in order of the edges.
Errors raise `ParseError` with the line.
"""

import ast
from typing import Final, final

from ourocc.ir import alias_classes
from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import (
    ON_STACK,
    VOLATILE,
    AsmInfo,
    Block,
    CallInfo,
    Data,
    DataRelocation,
    Function,
    Module,
    PieceLocation,
    SwitchCase,
    Symbol,
    Value,
    add_edge,
)
from ourocc.ir.text import FUNCTION_FLAGS, FUNCTION_NUMBERS, SYMBOL_FLAGS

EXTENSIONS: Final = {"": 0, "s": 1, "z": 2}


class ParseError(Exception):
    """The text is no IR."""


def words_of(text: str) -> list[str]:
    """Split at spaces and commas, keeping quoted strings and (operands) whole."""
    words: list[str] = []
    position = 0
    while position < len(text):
        letter = text[position]
        if letter in " ,":
            position += 1
            continue
        start = position
        depth = 0
        while position < len(text):
            letter = text[position]
            if letter in "'\"":
                position = end_of_string(text, position)
                continue
            if letter in "({":
                depth += 1
            elif letter in ")}":
                depth -= 1
            elif letter in " ," and depth == 0:
                break
            position += 1
        words.append(text[start:position])
    return words


def end_of_string(text: str, position: int) -> int:
    quote = text[position]
    position += 1
    while text[position] != quote:
        position += 2 if text[position] == "\\" else 1
    return position + 1


def string_of(text: str) -> str:
    """The value of a Python string literal."""
    found = ast.literal_eval(text)
    assert isinstance(found, str)
    return found


def piece_of(text: str) -> tuple[PieceLocation, int]:
    """type@register or type@stack+offset, :size, +s or +z."""
    name, _, where = text.partition("@")
    extension = ""
    if where.endswith("+s") or where.endswith("+z"):
        extension = where[-1]
        where = where[:-2]
    where, _, size = where.partition(":")
    if where.startswith("stack+"):
        place = PieceLocation(ty.parse(name), ON_STACK, int(where[6:]))
    else:
        place = PieceLocation(ty.parse(name), int(where), 0)
    place.extension = EXTENSIONS[extension]
    return place, int(size) if size else 0


def pieces_of(text: str) -> list[tuple[PieceLocation, int]]:
    return [piece_of(word.strip()) for word in text.split(",") if word.strip()]


@final
class Parser:
    """One module's text."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.number = 0
        self.module = Module("")
        self.function: Function | None = None
        self.values: dict[int, Value] = {}
        self.blocks: dict[int, Block] = {}
        self.pending: list[tuple[Value, list[int]]] = []  # arguments by number, resolved at the function's end
        self.orders: list[tuple[Block, list[int]]] = []
        self.labels: list[tuple[DataRelocation, str, int, int]] = []

    def fail(self, message: str) -> ParseError:
        return ParseError(f"line {self.number}: {message}")

    def run(self) -> Module:
        block: Block | None = None
        for line in self.lines:
            self.number += 1
            text = line.strip()
            if not text or text.startswith(";"):
                continue
            try:
                if self.function is None:
                    self.outside(text)
                elif text == "}":
                    self.finish_function()
                    block = None
                elif text.startswith("b") and text[1:].split(":")[0].isdigit() and ":" in text:
                    block = self.block_header(text)
                elif block is not None:
                    self.value(text, block)
                else:
                    raise self.fail("a value outside of a block")
            except (ValueError, KeyError, IndexError, SyntaxError) as error:
                raise self.fail(f"{error} in {text!r}") from None
        if self.function is not None:
            raise self.fail("the function does not end")
        self.resolve_labels()
        return self.module

    # ---- outside of functions

    def outside(self, text: str) -> None:
        word = text.split(" ", 1)[0]
        if word == "symbol":
            self.symbol(words_of(text)[1:])
        elif word == "function":
            self.header(text)
        elif word == "record":
            self.record(text.split()[1:])
        elif word == "assembly":
            self.module.assembly.append(string_of(text[9:]))
        elif word == "constructor" or word == "destructor":
            _, priority, name = text.split(" ")
            rows = self.module.constructors if word == "constructor" else self.module.destructors
            rows.append((int(priority), self.module.symbol(name[1:])))
        else:
            raise self.fail(f"unknown line {text!r}")

    def symbol(self, words: list[str]) -> None:
        symbol = self.module.symbol(words[0][1:])
        flags = {name: attribute for name, attribute in SYMBOL_FLAGS}
        for word in words[1:]:
            name, equals, value = word.partition("=")
            if not equals:
                setattr(symbol, flags[name], True)
            elif name == "size":
                symbol.size = int(value)
            elif name == "align":
                symbol.alignment = int(value)
            elif name == "visibility":
                symbol.visibility = int(value)
            elif name == "pure":
                symbol.pure = int(value)
            elif name == "section":
                symbol.section = string_of(value)
            elif name == "tls":
                symbol.tls_model = string_of(value)
            elif name == "version":
                symbol.version = string_of(value)
            elif name == "alias":
                symbol.alias_of = self.module.symbol(value[1:])
                symbol.alias_of.references += 1
                self.module.aliases.append(symbol)
            elif name == "data":
                symbol.data = Data(bytes.fromhex(string_of(value)))
                self.module.objects.append(symbol)
            else:
                self.relocation(symbol, name, value)

    def record(self, words: list[str]) -> None:
        """record number: scalars in it, numbers of the records in it"""
        records = self.module.records
        number = records.add()
        if words[0] != f"{number}:":
            raise self.fail("records are numbered from 1")
        for word in words[1:]:
            if word.isdigit():
                records.parts[number] |= 1 << int(word)
            else:
                records.scalars[number] |= 1 << alias_classes.NAMES.index(word)

    def relocation(self, symbol: Symbol, place: str, target: str) -> None:
        """offset/size=@symbol+addend or offset/size=bN-bM@function+addend"""
        assert symbol.data is not None
        offset, size = place.split("/")
        left, _, addend = target.rpartition("+")
        entry = DataRelocation(int(offset), int(size), None, int(addend))
        symbol.data.relocations.append(entry)
        if left.startswith("@"):
            entry.symbol = self.module.symbol(left[1:])
            entry.symbol.references += 1
            return
        blocks, _, function = left.partition("@")
        first, _, minus = blocks.partition("-")
        self.labels.append((entry, function, int(first[1:]), int(minus[1:]) if minus else -1))

    def resolve_labels(self) -> None:
        for entry, name, first, minus in self.labels:
            function = self.module.symbol(name).function
            if function is None:
                raise self.fail(f"no function {name}")
            for block in function.blocks:
                if block.id == first:
                    entry.label = block
                if block.id == minus:
                    entry.minus_label = block

    def header(self, text: str) -> None:
        """function name(pieces) -> (pieces) properties {"""
        name, _, rest = text[9:].partition("(")
        parameters, _, rest = rest.partition(") -> (")
        results, _, properties = rest.partition(")")
        symbol = self.module.symbol(name)
        symbol.is_function = True
        function = Function(symbol, self.module.records)
        symbol.function = function
        symbol.defined = True
        function.parameter_locations = [place for place, _ in pieces_of(parameters)]
        function.result_locations = [place for place, _ in pieces_of(results)]
        flags = {word: attribute for word, attribute in FUNCTION_FLAGS}
        numbers = {word: attribute for word, attribute in FUNCTION_NUMBERS}
        for word in properties.replace("{", " ").split():
            key, equals, value = word.partition("=")
            if equals:
                setattr(function, numbers[key], int(value))
            else:
                setattr(function, flags[key], True)
        self.function = function
        self.module.functions.append(function)
        self.values = {}
        self.blocks = {}
        self.pending = []
        self.orders = []

    # ---- functions

    def block(self, number: int) -> Block:
        found = self.blocks.get(number)
        if found is None:
            assert self.function is not None
            found = Block(number, self.function)
            self.blocks[number] = found
        return found

    def block_header(self, text: str) -> Block:
        head, _, comment = text.partition(";")
        number, _, rest = head.partition(":")
        block = self.block(int(number[1:]))
        block.address_taken = "taken" in rest
        assert self.function is not None
        self.function.blocks.append(block)
        comment = comment.strip()
        if comment.startswith("from"):
            self.orders.append((block, [int(word[1:]) for word in comment.split()[1:]]))
        return block

    def value(self, text: str, block: Block) -> None:
        number = -1
        if text.startswith("v") and " = " in text:
            left, _, text = text.partition(" = ")
            number = int(left[1:])
        name, _, rest = text.partition(" ")
        name, _, type_name = name.partition(".")
        if name not in op.NUMBER:
            raise self.fail(f"unknown operation {name!r}")
        code = op.NUMBER[name]
        value = Value(number, code, ty.parse(type_name) if type_name else ty.VOID, block)
        terminator = bool(op.FLAGS[code] & op.TERMINATOR)
        if terminator:
            block.terminator = value
        else:
            block.values.append(value)
        if number >= 0:
            if number in self.values:
                raise self.fail(f"v{number} is defined twice")
            self.values[number] = value
        self.operands(value, block, words_of(rest), terminator)

    def operands(self, value: Value, block: Block, words: list[str], terminator: bool) -> None:
        arguments: list[int] = []
        self.pending.append((value, arguments))
        index = 0
        while index < len(words):
            word = words[index]
            if word[0] == "v" and word[1:].isdigit():
                arguments.append(int(word[1:]))
            elif word[0] == "@":
                value.symbol = self.module.symbol(word[1:])
                value.symbol.references += 1
            elif word[0] == "b" and word[1:].isdigit():
                target = self.block(int(word[1:]))
                if terminator:
                    block.successors.append(target)
                    if value.op == op.SWITCH and value.cases is None:
                        value.cases = []
                else:
                    value.target = target
            elif word[0] == "#":
                value.imm = int(word[1:], 0)
            elif word[0] == "!":
                value.extra = int(word[1:])
            elif word == "volatile" and value.asm is None:
                value.flags |= VOLATILE
            elif word.startswith("class="):
                value.imm = alias_classes.parse_class(word[6:])
            elif word.startswith("flags="):
                value.flags |= int(word[6:])
            elif word[0] == "{":
                self.call(value, words[index:])
                return
            elif word[0] in "'\"":
                self.asm(value, words[index:])
                return
            elif word.endswith(":"):
                self.case(value, block, word[:-1], words[index + 1])
                index += 1
            else:
                raise self.fail(f"unknown operand {word!r}")
            index += 1

    def case(self, value: Value, block: Block, label: str, target_word: str) -> None:
        low, dots, high = label.partition("..")
        target = self.block(int(target_word[1:]))
        if target not in block.successors:
            block.successors.append(target)
        assert value.cases is not None
        value.cases.append(SwitchCase(int(low), int(high if dots else low), block.successors.index(target)))

    def call(self, value: Value, words: list[str]) -> None:
        info = CallInfo()
        value.call = info
        for place, size in pieces_of(words[0][1:-1]):
            info.argument_locations.append(place)
            info.byval_sizes.append(size)
        info.result_locations = [place for place, _ in pieces_of(words[2][1:-1])]
        for word in words[3:]:
            name, _, number = word.partition("=")
            if name == "stack":
                info.stack_size = int(number)
            elif name == "align":
                info.stack_alignment = int(number)
            elif name == "vectors":
                info.vector_registers = int(number)
            elif name == "pure":
                info.pure = int(number)
            elif name == "variadic":
                info.variadic = True
            elif name == "noreturn":
                info.noreturn = True
            elif name == "twice":
                info.returns_twice = True
            elif name == "tail":
                info.tail = True
            elif name == "must_tail":
                info.must_tail = True
            else:
                raise self.fail(f"unknown property {word!r}")

    def asm(self, value: Value, words: list[str]) -> None:
        info = AsmInfo(string_of(words[0]))
        value.asm = info
        for word in words[1:]:
            name, _, text = word.partition("=")
            if word[0] == "(":
                constraint, kind, operand, type, register = words_of(word[1:-1])
                info.constraints.append(string_of(constraint))
                info.operand_kinds.append(int(kind))
                info.operand_values.append(int(operand))
                info.operand_types.append(ty.parse(type))
                info.registers.append(string_of(register))
            elif name == "clobber":
                info.clobbers.append(string_of(text))
            elif name == "results":
                info.result_count = int(text)
            elif name == "labels":
                info.label_count = int(text)
            elif name == "volatile":
                info.volatile = True
            elif name == "basic":
                info.basic = True
            else:
                raise self.fail(f"unknown property {word!r}")

    def finish_function(self) -> None:
        function = self.function
        assert function is not None
        for number, block in self.blocks.items():
            if block not in function.blocks:
                raise self.fail(f"b{number} is not defined")
        function.block_count = max(self.blocks) + 1
        next_id = max(self.values) + 1 if self.values else 0
        for value, arguments in self.pending:
            if value.id < 0:
                value.id = next_id
                next_id += 1
            for number in arguments:
                found = self.values.get(number)
                if found is None:
                    raise self.fail(f"v{number} is not defined in {function.name}")
                value.add_argument(found)
        function.value_count = next_id
        for block in function.blocks:
            successors = block.successors
            block.successors = []
            for successor in successors:
                add_edge(block, successor)
        for block, order in self.orders:
            known = {predecessor.id: predecessor for predecessor in block.predecessors}
            if sorted(known) != sorted(order):
                raise self.fail(f"the predecessors of b{block.id} are {sorted(known)}")
            block.predecessors = [known[number] for number in order]
        self.function = None


def parse_module(text: str) -> Module:
    """The module that the text describes."""
    return Parser(text).run()


def parse_function(text: str) -> Function:
    """The single function of the text."""
    return parse_module(text).functions[0]
