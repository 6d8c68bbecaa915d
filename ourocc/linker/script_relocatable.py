"""-r with a linker script: input sections are joined as its output descriptions say; there are no addresses.

Within a description `.` is the offset in the section: it may be aligned and given names.  Everything that would need an
address (assignments outside of sections, ADDR, regions, ...) is an error.  Members of section groups keep their names.
"""

from typing import final

from ourocc.linker.elements import InputSection, Link, LinkError
from ourocc.linker.script_expression import Evaluator, Expression
from ourocc.linker.script_language import (
    STATEMENT_ASSERT,
    STATEMENT_ASSIGN,
    STATEMENT_DATA,
    STATEMENT_FILL,
    STATEMENT_INPUT,
    STATEMENT_OUTPUT,
    LinkerScript,
    Statement,
)
from ourocc.linker.script_match import match_sections, sort_members
from ourocc.objects.model import SHF_GROUP


@final
class OffsetEvaluator(Evaluator):
    """`.` is an offset in the section that is being put together; nothing else has a value."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.dot = -1

    def name_value(self, name: str) -> int:
        if name == "." and self.dot >= 0:
            return self.dot
        raise LinkError(f"{self.where}: `{name}' has no value with -r")

    def call_value(self, function: str, arguments: list[Expression]) -> int:
        if function == "ALIGN" and arguments:
            alignment = max(self.value(arguments[-1]), 1)
            start = self.value(arguments[0]) if len(arguments) > 1 else self.name_value(".")
            return (start + alignment - 1) // alignment * alignment
        if function in ("MAX", "MIN") and len(arguments) == 2:
            first, second = self.value(arguments[0]), self.value(arguments[1])
            return max(first, second) if function == "MAX" else min(first, second)
        raise LinkError(f"{self.where}: {function} has no value with -r")


@final
class Piece:
    """A step of putting a section together: a section, padding to an alignment or offset, data, or a name."""

    def __init__(self, section: InputSection | None, statement: Statement | None) -> None:
        self.section = section
        self.statement = statement


@final
class RelocatablePlan:
    """What the script says, ready for the combiner: output names with their pieces, in order."""

    def __init__(self, link: Link, script: LinkerScript) -> None:
        self.link = link
        self.evaluator = OffsetEvaluator(script.name)
        self.outputs: list[tuple[Statement, list[Piece]]] = []
        match_sections(link, script)
        members: dict[int, list[InputSection]] = {}
        for file in link.files:
            for section in file.sections:
                if section is None or not section.live or section.statement < 0:
                    continue
                if section.flags & SHF_GROUP:
                    section.statement = -1
                else:
                    members.setdefault(section.statement, []).append(section)
        for statement in script.statements:
            if statement.kind == STATEMENT_ASSIGN or statement.kind == STATEMENT_ASSERT:
                raise LinkError(f"{script.name}: assignments and ASSERT outside of sections are not supported with -r")
            if statement.kind == STATEMENT_OUTPUT and statement.name != "/DISCARD/":
                self.outputs.append((statement, self.pieces(statement, members)))

    def pieces(self, statement: Statement, members: dict[int, list[InputSection]]) -> list[Piece]:
        result: list[Piece] = []
        for inner in statement.body:
            if inner.kind == STATEMENT_INPUT:
                for section in sort_members(inner, members.get(inner.number, []), self.link.options.sort_section):
                    result.append(Piece(section, None))
            elif inner.kind in (STATEMENT_ASSIGN, STATEMENT_DATA):
                result.append(Piece(None, inner))
            elif inner.kind != STATEMENT_FILL:
                raise LinkError(f"{self.evaluator.where}: a statement in section {statement.name} is not supported with -r")
        return result

    def alignment(self, statement: Statement) -> int:
        if statement.alignment is None:
            return 1
        return max(self.evaluator.evaluate(statement.alignment), 1)

    def value(self, statement: Statement, dot: int) -> int:
        """The value of an assignment or of data, where `.` stands at offset `dot`."""
        assert statement.expression is not None
        self.evaluator.dot = dot
        return self.evaluator.evaluate(statement.expression)
