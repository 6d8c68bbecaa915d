"""Which symbols the output exports or imports, and which may be preempted at run time.

Runs when all inputs are resolved.  A symbol is *preemptible* when its address is only known to the dynamic
loader: it comes from a shared library, or is exported by a shared object that does not bind it to itself.
"""

from os import path as paths

from ourocc.linker.elements import SHARED, Link, LinkSymbol
from ourocc.linker.options import OUTPUT_SHARED
from ourocc.linker.resolve import base_name
from ourocc.linker.versions import VersionScript, parse_dynamic_list, parse_version_script
from ourocc.objects.model import (
    STB_WEAK,
    STT_FUNC,
    STT_GNU_IFUNC,
    STV_DEFAULT,
    STV_PROTECTED,
    UNDEFINED,
)


def decide_exports(link: Link) -> VersionScript | None:
    """Set exported, preemptible, version and script_local on every global symbol."""
    options = link.options
    script: VersionScript | None = None
    if options.version_script:
        script = parse_version_script(options.version_script, options.version_script_name)
    dynamic_lists = [parse_dynamic_list(text, name) for name, text in options.dynamic_lists]
    lists = len(dynamic_lists)
    for pattern in options.export_symbols:
        dynamic_lists.append(parse_dynamic_list("{" + pattern + ";};", "--export-dynamic-symbol"))
    wanted = _names_that_libraries_mention(link)
    for symbol in list(link.symbols.values()):
        if symbol.is_defined():
            _decide_defined(link, symbol, script, dynamic_lists, lists > 0, wanted)
        elif link.dynamic and symbol.visibility == STV_DEFAULT:
            symbol.preemptible = symbol.place == SHARED or _may_stay_undefined(link, symbol)
    return script


def _names_that_libraries_mention(link: Link) -> dict[str, bool]:
    """Names that some shared library refers to or defines itself: executables export their own for those."""
    wanted: dict[str, bool] = {}
    if not link.executable or not link.dynamic:
        return wanted
    symbols = link.symbols
    for library in link.libraries:
        for name in library.undefined:
            if name in symbols:
                wanted[name] = True
        exports = library.exports
        if len(exports) < len(symbols):
            for name in exports:
                if name in symbols:
                    wanted[name] = True
        else:
            for name in symbols:
                if name in exports:
                    wanted[name] = True
    return wanted


def _may_stay_undefined(link: Link, symbol: LinkSymbol) -> bool:
    """Undefined in this module: the dynamic loader looks for it (weak ones may be missing)."""
    return link.shared or symbol.binding == STB_WEAK and bool(link.libraries)


def _decide_defined(
    link: Link,
    symbol: LinkSymbol,
    script: VersionScript | None,
    dynamic_lists: list[VersionScript],
    only_listed: bool,
    wanted: dict[str, bool],
) -> None:
    options = link.options
    if symbol.visibility != STV_DEFAULT and symbol.visibility != STV_PROTECTED:
        return
    if not link.dynamic or symbol.linker_defined:
        return
    if symbol.file is not None and symbol.file.archive and _is_excluded(link, symbol.file.archive):
        symbol.visibility = 2
        return
    name = base_name(symbol)
    if script is not None and not symbol.version:
        found = script.match(name)
        if found is not None:
            symbol.version = found[0]
            symbol.script_local = found[1]
    if "@" in symbol.name[1:] and not symbol.version:
        symbol.version = symbol.name[symbol.name.index("@") + 1 :]
        symbol.version_hidden = True
    if symbol.script_local:
        symbol.version = ""
        return
    listed = False
    for dynamic_list in dynamic_lists:
        if dynamic_list.match(name) is not None:
            listed = True
    if options.kind == OUTPUT_SHARED:
        symbol.exported = True
        symbol.preemptible = symbol.visibility == STV_DEFAULT and not options.symbolic
        if options.symbolic_functions and symbol.type in (STT_FUNC, STT_GNU_IFUNC):
            symbol.preemptible = False
        if only_listed or listed:  # a --dynamic-list binds all others to this output
            symbol.preemptible = listed and symbol.visibility == STV_DEFAULT
    else:
        symbol.exported = options.export_dynamic or listed or symbol.name in wanted or bool(symbol.version)


def _is_excluded(link: Link, archive: str) -> bool:
    names = link.options.exclude_libraries
    return bool(names) and ("ALL" in names or paths.basename(archive) in names)


def is_undefined_weak(symbol: LinkSymbol) -> bool:
    return symbol.place == UNDEFINED and symbol.binding == STB_WEAK
