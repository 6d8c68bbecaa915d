"""Which statement of a linker script takes which input section, and which symbols a script defines."""

from fnmatch import fnmatchcase
from typing import final

from ourocc.linker.elements import InputFile, InputSection, Link, LinkSymbol
from ourocc.linker.options import (
    INPUT_FILE,
    INPUT_GROUP_END,
    INPUT_GROUP_START,
    INPUT_LIBRARY,
    LinkInput,
    LinkOptions,
)
from ourocc.linker.script_language import (
    STATEMENT_ASSIGN,
    STATEMENT_ENTRY,
    STATEMENT_EXTERN,
    STATEMENT_FILE,
    STATEMENT_GROUP_END,
    STATEMENT_GROUP_START,
    STATEMENT_INPUT,
    STATEMENT_OUTPUT,
    STATEMENT_SEARCH,
    LinkerScript,
    SectionPattern,
    Statement,
)
from ourocc.objects.model import DEFINED, SHF_ALLOC, SHF_WRITE, STB_GLOBAL, UNDEFINED


@final
class SectionMatcher:
    """Which statement of the script takes an input section."""

    def __init__(self, link: Link, script: LinkerScript) -> None:
        self.link = link
        self.script = script
        self.inputs: list[Statement] = []  # in order; Statement.number is the index here
        self.owner: list[Statement] = []  # the output section statement of each
        self.by_name: dict[str, list[tuple[int, SectionPattern]]] = {}
        unite_descriptions(script)
        for statement in script.statements:
            if statement.kind == STATEMENT_OUTPUT:
                for inner in statement.body:
                    if inner.kind == STATEMENT_INPUT:
                        inner.number = len(self.inputs)
                        self.inputs.append(inner)
                        self.owner.append(statement)

    def find(self, section: InputSection) -> int:
        """The number of the first statement that matches; -1 for none."""
        name = section.name
        candidates = self.by_name.get(name)
        if candidates is None:
            candidates = []
            for number, statement in enumerate(self.inputs):
                for pattern in statement.patterns:
                    if matches(pattern.pattern, name):
                        candidates.append((number, pattern))
            self.by_name[name] = candidates
        file = section.file.name
        for number, pattern in candidates:
            statement = self.inputs[number]
            constraint = self.owner[number].constraint
            if constraint and (constraint == "ONLY_IF_RW") != (section.flags & SHF_WRITE != 0):
                continue
            if not matches_file(statement.name, file):
                continue
            if any(matches_file(name, file) for name in statement.excluded):
                continue
            if any(matches_file(name, file) for name in pattern.excluded):
                continue
            return number
        return -1


def unite_descriptions(script: LinkerScript) -> None:
    """Further descriptions of an output section add to the first one."""
    first: dict[str, Statement] = {}
    kept: list[Statement] = []
    for statement in script.statements:
        if statement.kind == STATEMENT_OUTPUT and not statement.constraint:
            if statement.name in first:
                first[statement.name].body += statement.body
                continue
            first[statement.name] = statement
        kept.append(statement)
    script.statements = kept


def matches(pattern: str, name: str) -> bool:
    if pattern == "*":
        return True
    if "*" not in pattern and "?" not in pattern and "[" not in pattern:
        return pattern == name
    if pattern.endswith("*") and "*" not in pattern[:-1] and "?" not in pattern and "[" not in pattern:
        return name.startswith(pattern[:-1])
    return fnmatchcase(name, pattern)


def matches_file(pattern: str, file: str) -> bool:
    """A file pattern: archive members are ARCHIVE:MEMBER in scripts and archive(member) here."""
    if pattern == "*":
        return True
    archive, parenthesis, member = file.partition("(")
    if parenthesis:
        member = member.rstrip(")")
    before, colon, after = pattern.partition(":")
    if colon:
        return matches(before, archive if parenthesis else "") and (not after or matches(after, member or file))
    return matches(pattern, member) if parenthesis and matches(pattern, member) else matches(pattern, file)


def match_sections(link: Link, script: LinkerScript) -> SectionMatcher:
    """Match all input sections: KEEP() ones are roots of garbage collection, /DISCARD/ ones are dropped."""
    matcher = SectionMatcher(link, script)
    for file in link.files:
        for section in file.sections:
            if section is None:
                continue
            number = matcher.find(section)
            section.statement = number
            if number >= 0:
                section.keep = matcher.inputs[number].keep
                if matcher.owner[number].name == "/DISCARD/":
                    discard(file, section)
            elif link.options.orphans == "discard" and section.flags & SHF_ALLOC:
                discard(file, section)
    return matcher


def discard(file: InputFile, section: InputSection) -> None:
    """Forget a section: references to its symbols are references to nothing."""
    section.live = False
    if section.index:
        file.sections[section.index] = None
        file.discarded[section.index] = True
    for symbol in file.symbols:
        if symbol is not None and symbol.section is section:
            symbol.place = UNDEFINED
            symbol.section = None


def declare_symbols(link: Link, script: LinkerScript) -> dict[str, LinkSymbol]:
    """The symbols that assignments define: from now on they count as defined."""
    result: dict[str, LinkSymbol] = {}
    for statement in all_statements(script):
        if statement.kind != STATEMENT_ASSIGN or statement.name == "." or statement.name in result:
            continue
        symbol = link.symbols.get(statement.name)
        if statement.provide:
            if symbol is None or symbol.place != UNDEFINED and symbol.place != 4:
                continue
        if symbol is None:
            symbol = link.lookup(statement.name)
        symbol.place = DEFINED
        symbol.library = None
        symbol.section = None
        symbol.file = None
        symbol.version = ""
        symbol.binding = STB_GLOBAL
        symbol.linker_defined = True
        if statement.hidden:
            symbol.visibility = 2
        result[statement.name] = symbol
    return result


def all_statements(script: LinkerScript) -> list[Statement]:
    result: list[Statement] = []
    for statement in script.statements:
        result.append(statement)
        result += statement.body
    return result


def sort_members(statement: Statement, members: list[InputSection], default: str) -> list[InputSection]:
    """The sections of an input statement in its order: as found, or sorted pattern by pattern."""
    if default:
        sort = "SORT_BY_NAME" if default == "name" else "SORT_BY_ALIGNMENT"
        for pattern in statement.patterns:
            if not pattern.sorts and ("*" in pattern.pattern or "?" in pattern.pattern):
                pattern.sorts = [sort]
    if not any(pattern.sorts for pattern in statement.patterns):
        _number(members, statement.number)
        return members
    result: list[InputSection] = []
    taken: dict[int, bool] = {}
    for pattern in statement.patterns:
        group = [s for s in members if id(s) not in taken and matches(pattern.pattern, s.name)]
        for section in group:
            taken[id(section)] = True
        for sort in reversed(pattern.sorts):
            if sort in ("SORT", "SORT_BY_NAME"):
                group.sort(key=_section_name)
            elif sort == "SORT_BY_ALIGNMENT":
                group.sort(key=_section_alignment)
            elif sort == "SORT_BY_INIT_PRIORITY":
                group.sort(key=_init_priority)
            elif sort == "REVERSE":
                group.reverse()
        result += group
    _number(result, statement.number)
    return result


def _number(members: list[InputSection], number: int) -> None:
    for section in members:
        section.statement = number


def _section_name(section: InputSection) -> str:
    return section.name


def _section_alignment(section: InputSection) -> int:
    return -section.alignment


def _init_priority(section: InputSection) -> int:
    tail = section.name.rpartition(".")[2]
    if not tail.isdigit():
        return 0x10000
    priority = int(tail)
    return 65535 - priority if section.name.startswith((".ctors", ".dtors")) else priority


def apply_commands(script: LinkerScript, options: LinkOptions) -> list[LinkInput]:
    """Entry, search directories and input files that a -T script names."""
    inputs: list[LinkInput] = []
    for statement in script.statements:
        if statement.kind == STATEMENT_ENTRY:
            options.entry = options.entry or statement.name
        elif statement.kind == STATEMENT_SEARCH:
            options.library_path.append(statement.name)
        elif statement.kind == STATEMENT_EXTERN:
            options.undefined.append(statement.name)
        elif statement.kind == STATEMENT_GROUP_START:
            inputs.append(LinkInput(INPUT_GROUP_START))
        elif statement.kind == STATEMENT_GROUP_END:
            inputs.append(LinkInput(INPUT_GROUP_END))
        elif statement.kind == STATEMENT_FILE:
            is_library = statement.name.startswith("-l")
            item = LinkInput(
                INPUT_LIBRARY if is_library else INPUT_FILE, statement.name[2:] if is_library else statement.name
            )
            item.as_needed = statement.as_needed
            inputs.append(item)
    if script.version_text and not options.version_script:
        options.version_script = script.version_text
        options.version_script_name = script.name
    return inputs


def name_by_script(sections: list[tuple[str, InputSection]], matcher: SectionMatcher) -> list[tuple[str, InputSection]]:
    """Output names as the script has them; sections that it does not mention keep their own."""
    result: list[tuple[str, InputSection]] = []
    for _name, section in sections:
        if section.statement < 0:
            section.statement = matcher.find(section)
        number = section.statement
        result.append((matcher.owner[number].name if number >= 0 else section.name, section))
    return result
