"""What the user asked to be told about symbols: -y, --warn-common, --no-undefined-version, undefined names of libraries.

Runs between resolution and layout; nothing here changes the output.
"""

from ourocc.linker.elements import Link, LinkSymbol
from ourocc.linker.layout import Segment
from ourocc.linker.options import UNRESOLVED_IGNORE, UNRESOLVED_WARN
from ourocc.linker.versions import VersionScript
from ourocc.objects.elf_numbers import PF_R, PF_W, PF_X, PT_LOAD, SHN_COMMON, SHN_UNDEF
from ourocc.objects.model import SHF_ALLOC, STB_WEAK


def trace_symbols(link: Link) -> None:
    """-y NAME: every input that mentions the name, and how."""
    traced = link.options.traced
    for file in link.files:
        for index in range(file.first_global, len(file.raw_symbols)):
            raw = file.raw_symbols[index]
            symbol = file.symbols[index]
            if symbol is None or symbol.name not in traced:
                continue
            what = "reference to" if raw[3] == SHN_UNDEF else "definition of"
            if raw[3] == SHN_COMMON:
                what = "common of"
            link.errors.note(f"{file.name}: {what} {symbol.name}")
    for library in link.libraries:
        for name in traced:
            if name in library.exports:
                link.errors.note(f"{library.name}: definition of {name}")
            elif name in library.undefined:
                link.errors.note(f"{library.name}: reference to {name}")


def warn_about_commons(link: Link) -> None:
    """--warn-common: a common symbol that meets another common symbol, or a definition."""
    first_commons: dict[str, str] = {}
    for file in link.files:
        for index in range(file.first_global, len(file.raw_symbols)):
            raw = file.raw_symbols[index]
            symbol = file.symbols[index]
            if symbol is None or raw[3] != SHN_COMMON:
                continue
            if symbol.section is not None and symbol.file is not file:
                other = symbol.file.name if symbol.file is not None else "the linker"
                link.errors.warning(f"{file.name}: common of `{symbol.name}' overridden by definition from {other}")
            elif symbol.name in first_commons:
                link.errors.warning(
                    f"{file.name}: multiple common of `{symbol.name}'; {first_commons[symbol.name]}: previous common is here"
                )
            else:
                first_commons[symbol.name] = file.name


def check_libraries(link: Link) -> None:
    """Names that a shared library refers to and nothing defines, as far as all that it needs is known."""
    options = link.options
    if not link.executable or options.shared_undefined or options.unresolved == UNRESOLVED_IGNORE:
        return
    known = {library.soname for library in link.libraries}
    for library in link.libraries:
        if any(needed not in known for needed in library.needed_names):
            continue
        for name in library.required:
            symbol = link.symbols.get(name)
            if symbol is not None and _answers(symbol):
                continue
            if any(name in other.exports or name + "@" in other.exports for other in link.libraries):
                continue
            message = f"{library.name}: undefined reference to `{name}'"
            if options.unresolved == UNRESOLVED_WARN:
                link.errors.warning(message)
            else:
                link.errors.error(message)


def _answers(symbol: LinkSymbol) -> bool:
    return symbol.is_defined() or symbol.linker_defined or symbol.binding == STB_WEAK


def check_versions(link: Link, script: VersionScript | None) -> None:
    """--no-undefined-version: exact names of the version script must exist."""
    if script is None or link.options.undefined_version:
        return
    for name, (version, is_local) in script.exact.items():
        symbol = link.symbols.get(name)
        if is_local or symbol is not None and symbol.is_defined():
            continue
        link.errors.error(f"{name}: undefined version: {version}")


def warn_about_segments(link: Link, segments: list[Segment]) -> None:
    """--warn-rwx-segments, which is the default."""
    for segment in segments:
        if segment.type == PT_LOAD and segment.flags == PF_R | PF_W | PF_X and segment.sections:
            if link.options.warn_writable_code:
                link.errors.warning(f"{link.options.output} has a LOAD segment with RWX permissions")
            return


def report_orphans(link: Link) -> None:
    """--orphan-handling=warn and =error: loaded sections that the linker script does not mention."""
    kind = link.options.orphans
    if kind not in ("warn", "error"):
        return
    for file in link.files:
        for section in file.sections:
            if section is None or not section.live or not section.flags & SHF_ALLOC or not section.size:
                continue
            if section.statement >= 0:
                continue
            message = f"orphan section `{section.name}' from `{file.name}' "
            if kind == "warn":
                link.errors.warning(message + "being placed in section `" + section.name + "'")
            else:
                link.errors.error("unplaced " + message.rstrip())
