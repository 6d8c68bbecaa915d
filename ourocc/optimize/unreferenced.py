"""Drop functions and objects with internal linkage that nothing refers to any more (after inlining, mostly).

Mark and sweep over the module: roots are what other units can see, what must be kept, constructors and destructors.
"""

from ourocc.ir.function import Function, Module, Symbol


def run(module: Module) -> bool:
    marked: set[str] = set()
    work: list[Symbol] = []

    defined = [function.symbol for function in module.functions if not function.inline_only]
    for symbol in defined + module.objects + module.aliases:
        if not symbol.local or symbol.keep:
            _mark(symbol, marked, work)
    for _, symbol in module.constructors + module.destructors:
        _mark(symbol, marked, work)
    if module.assembly:  # file-scope asm may mention anything
        for symbol in defined + module.objects:
            _mark(symbol, marked, work)
    while work:
        _scan(work.pop(), marked, work)
    functions = [function for function in module.functions if function.name in marked and not function.inline_only]
    objects = [symbol for symbol in module.objects if symbol.name in marked]
    aliases = [symbol for symbol in module.aliases if symbol.name in marked]
    changed = len(functions) != len(module.functions) or len(objects) != len(module.objects)
    for function in module.functions:
        if function.inline_only or function.name not in marked:
            function.symbol.defined = False
            function.symbol.function = None
    module.functions = functions
    module.objects = objects
    module.aliases = aliases
    return changed


def _mark(symbol: Symbol | None, marked: set[str], work: list[Symbol]) -> None:
    if symbol is not None and symbol.name not in marked:
        marked.add(symbol.name)
        work.append(symbol)


def _scan(symbol: Symbol, marked: set[str], work: list[Symbol]) -> None:
    _mark(symbol.alias_of, marked, work)
    if symbol.data is not None:
        for relocation in symbol.data.relocations:
            _mark(relocation.symbol, marked, work)
            if relocation.label is not None:
                _mark(relocation.label.function.symbol, marked, work)
    function = symbol.function
    if function is not None and not function.inline_only:
        _scan_function(function, marked, work)


def _scan_function(function: Function, marked: set[str], work: list[Symbol]) -> None:
    for block in function.blocks:
        for value in block.values:
            if value.symbol is not None:
                _mark(value.symbol, marked, work)
        if block.terminator.symbol is not None:
            _mark(block.terminator.symbol, marked, work)
