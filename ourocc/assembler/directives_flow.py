"""Directives that decide what is assembled: conditionals, macros, repetition, inclusion, messages."""

from typing import Final

from ourocc.assembler.assembler import Assembler, Condition, DirectiveFunction
from ourocc.assembler.directives_data import read_file, split_operands, strings
from ourocc.assembler.source import (
    REPEAT_LIMIT,
    Frame,
    Macro,
    parse_macro,
    split_arguments,
    split_statements,
    substitute,
    unquote,
)
from ourocc.assembler.symbols import AssemblyError


def open_condition(a: Assembler, holds: bool) -> None:
    a.conditions.append(Condition(holds, holds, True))


def directive_if(a: Assembler, rest: str) -> None:
    open_condition(a, a.constant(rest) != 0)


def directive_ifeq(a: Assembler, rest: str) -> None:
    open_condition(a, a.constant(rest) == 0)


def directive_ifge(a: Assembler, rest: str) -> None:
    open_condition(a, a.constant(rest) >= 0)


def directive_ifgt(a: Assembler, rest: str) -> None:
    open_condition(a, a.constant(rest) > 0)


def directive_ifle(a: Assembler, rest: str) -> None:
    open_condition(a, a.constant(rest) <= 0)


def directive_iflt(a: Assembler, rest: str) -> None:
    open_condition(a, a.constant(rest) < 0)


def is_defined(a: Assembler, rest: str) -> bool:
    symbol = a.symbols.by_name.get(rest.strip())
    return symbol is not None and (symbol.defined() or symbol.register != "")


def directive_ifdef(a: Assembler, rest: str) -> None:
    open_condition(a, is_defined(a, rest))


def directive_ifndef(a: Assembler, rest: str) -> None:
    open_condition(a, not is_defined(a, rest))


def directive_ifb(a: Assembler, rest: str) -> None:
    open_condition(a, rest.strip() == "")


def directive_ifnb(a: Assembler, rest: str) -> None:
    open_condition(a, rest.strip() != "")


def same(rest: str) -> bool:
    """.ifc: two texts, perhaps in single quotes."""
    parts = []
    for part in rest.split(",", 1):
        part = part.strip()
        if len(part) >= 2 and part[0] == "'" == part[-1]:
            part = part[1:-1]
        parts.append(part)
    if len(parts) != 2:
        raise AssemblyError(".ifc needs two operands")
    return parts[0] == parts[1]


def directive_ifc(a: Assembler, rest: str) -> None:
    open_condition(a, same(rest))


def directive_ifnc(a: Assembler, rest: str) -> None:
    open_condition(a, not same(rest))


def same_strings(rest: str) -> bool:
    found = strings(rest)
    if len(found) != 2:
        raise AssemblyError(".ifeqs syntax error")
    return found[0] == found[1]


def directive_ifeqs(a: Assembler, rest: str) -> None:
    open_condition(a, same_strings(rest))


def directive_ifnes(a: Assembler, rest: str) -> None:
    open_condition(a, not same_strings(rest))


def innermost(a: Assembler, name: str) -> Condition:
    if not a.conditions:
        raise AssemblyError(f"{name} without matching \".if\"")
    return a.conditions[-1]


def directive_else(a: Assembler, rest: str) -> None:
    condition = innermost(a, '".else"')
    if condition.seen_else:
        raise AssemblyError("duplicate \".else\"")
    condition.seen_else = True
    condition.active = condition.outer and not condition.taken
    condition.taken = True


def directive_elseif(a: Assembler, rest: str) -> None:
    condition = innermost(a, '".elseif"')
    if condition.seen_else:
        raise AssemblyError("\".elseif\" after \".else\"")
    if condition.outer and not condition.taken:
        condition.active = a.constant(rest) != 0
        condition.taken = condition.active
    else:
        condition.active = False


def directive_endif(a: Assembler, rest: str) -> None:
    innermost(a, '".endif"')
    a.conditions.pop()


def directive_macro(a: Assembler, rest: str) -> None:
    body = a.reader.collect((".macro",), (".endm", ".endmacro"), "macro")
    name, parameters = parse_macro(rest)
    if name in a.macros:
        raise AssemblyError(f"Macro `{name}' was already defined")
    a.macros[name] = Macro(name, parameters, body)


def directive_purgem(a: Assembler, rest: str) -> None:
    for name in split_operands(rest):
        if a.macros.pop(name, None) is None:
            raise AssemblyError(f"Attempt to purge non-existing macro `{name}'")


def directive_exitm(a: Assembler, rest: str) -> None:
    """Leave the innermost macro; conditions that it opened are closed."""
    frames = a.reader.frames
    while frames:
        frame = frames.pop()
        if frame.is_macro:
            del a.conditions[frame.condition_depth :]
            return


REPEATS: Final = (".rept", ".irp", ".irpc", ".rep")


def repeat_body(a: Assembler) -> list[str]:
    return a.reader.collect(REPEATS, (".endr",), "repeat")


def directive_rept(a: Assembler, rest: str) -> None:
    count = a.constant(rest)
    body = repeat_body(a)
    if count < 0:
        a.warning("negative count for .rept - ignored")
        return
    if count * max(len(body), 1) > REPEAT_LIMIT:
        raise AssemblyError(f".rept count {count} is too large")
    a.reader.push_expansion(body * count, len(a.conditions), False)


def directive_irp(a: Assembler, rest: str) -> None:
    """.irp symbol, values"""
    arguments = split_arguments(rest)
    body = repeat_body(a)
    if not arguments:
        raise AssemblyError("missing model parameter")
    out: list[str] = []
    for value in arguments[1:] or [""]:
        out += substitute(body, {arguments[0]: unquote(value)}, a.macro_count)
    a.reader.push_expansion(out, len(a.conditions), False)


def directive_irpc(a: Assembler, rest: str) -> None:
    """.irpc symbol, characters"""
    arguments = split_arguments(rest)
    body = repeat_body(a)
    if not arguments:
        raise AssemblyError("missing model parameter")
    out: list[str] = []
    for value in unquote("".join(arguments[1:])) or [""]:
        out += substitute(body, {arguments[0]: value}, a.macro_count)
    a.reader.push_expansion(out, len(a.conditions), False)


def directive_unmatched(a: Assembler, rest: str) -> None:
    raise AssemblyError("unexpected end of a macro or repetition")


def directive_include(a: Assembler, rest: str) -> None:
    names = strings(rest)
    if len(names) != 1:
        raise AssemblyError("missing string")
    name = names[0].decode("utf-8", "surrogateescape")
    data = read_file(a, name)
    source = a.diagnostics.sources.add_file(name, data.decode("utf-8", "surrogateescape"), a.reader.location)
    texts, places = split_statements(source)
    a.reader.push(Frame(texts, places, len(a.conditions), False))


def directive_end(a: Assembler, rest: str) -> None:
    a.ended = True


def directive_err(a: Assembler, rest: str) -> None:
    raise AssemblyError(".err encountered")


def message(rest: str, default: str) -> str:
    found = strings(rest)
    return found[0].decode("utf-8", "surrogateescape") if found else default


def directive_error(a: Assembler, rest: str) -> None:
    raise AssemblyError(message(rest, ".error directive invoked in source file"))


def directive_warning(a: Assembler, rest: str) -> None:
    a.warning(message(rest, ".warning directive invoked in source file"))


def directive_print(a: Assembler, rest: str) -> None:
    print(message(rest, ""))


def directive_altmacro(a: Assembler, rest: str) -> None:
    a.alternate_macros = True


def directive_noaltmacro(a: Assembler, rest: str) -> None:
    a.alternate_macros = False


TABLE: Final[dict[str, DirectiveFunction]] = {
    ".if": directive_if, ".ifne": directive_if, ".ifeq": directive_ifeq, ".ifge": directive_ifge,
    ".ifgt": directive_ifgt, ".ifle": directive_ifle, ".iflt": directive_iflt, ".ifdef": directive_ifdef,
    ".ifndef": directive_ifndef, ".ifnotdef": directive_ifndef, ".ifb": directive_ifb, ".ifnb": directive_ifnb,
    ".ifc": directive_ifc, ".ifnc": directive_ifnc, ".ifeqs": directive_ifeqs, ".ifnes": directive_ifnes,
    ".else": directive_else, ".elseif": directive_elseif, ".endif": directive_endif, ".macro": directive_macro,
    ".endm": directive_unmatched, ".purgem": directive_purgem, ".exitm": directive_exitm, ".rept": directive_rept,
    ".rep": directive_rept, ".irp": directive_irp, ".irpc": directive_irpc, ".endr": directive_unmatched,
    ".include": directive_include, ".end": directive_end, ".err": directive_err, ".error": directive_error,
    ".warning": directive_warning, ".print": directive_print, ".altmacro": directive_altmacro, ".noaltmacro": directive_noaltmacro,
}  # fmt: skip
