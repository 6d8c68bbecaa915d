"""The constant pool: floating and vector constants and other read-only data that code refers to by address.

Equal contents share one symbol.  `emit_object` places them in mergeable sections (.rodata.cst4, .cst8, .cst16).
"""

from typing import final

from ourocc.ir.function import Data, Module, Symbol


@final
class ConstantPool:
    """Constants of one module, in order of first use."""

    def __init__(self, module: Module) -> None:
        self.symbols: list[Symbol] = []
        self.by_contents: dict[tuple[bytes, int], Symbol] = {}
        self.module = module

    def constant(self, contents: bytes, alignment: int) -> Symbol:
        """The symbol of read-only storage with these contents."""
        key = (contents, alignment)
        found = self.by_contents.get(key)
        if found is None:
            found = Symbol(f".LCP{len(self.symbols)}")
            found.local = True
            found.defined = True
            found.read_only = True
            found.constant_pool = True
            found.alignment = alignment
            found.size = len(contents)
            found.data = Data(contents)
            self.by_contents[key] = found
            self.symbols.append(found)
        return found

    def function(self, name: str) -> Symbol:
        """The symbol of a library function that the compiler calls by itself, under the name that the unit gives it."""
        symbol = self.module.symbol(self.module.renamed.get(name, name))
        symbol.is_function = True
        return symbol
