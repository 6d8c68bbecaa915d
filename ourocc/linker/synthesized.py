"""Symbols that the linker defines: section boundaries, table addresses, __start_/__stop_, --defsym."""

from typing import Final, final

from ourocc.linker.collect_garbage import is_identifier
from ourocc.linker.elements import Link, LinkError, LinkSymbol, OutputSection
from ourocc.linker.layout import Layout
from ourocc.linker.script_expression import Evaluator, Expression, parse_expression
from ourocc.linker.tables import Tables, own_address
from ourocc.objects.model import (
    ABSOLUTE,
    COMMON,
    DEFINED,
    EM_RISCV,
    SHF_EXECINSTR,
    SHF_TLS,
    SHF_WRITE,
    SHT_NOBITS,
    STB_GLOBAL,
    STT_TLS,
    STV_HIDDEN,
    UNDEFINED,
)

# Name -> (visibility is hidden, defined even when nobody asks)
_BOUNDARIES: Final = {
    "__executable_start": False,
    "__ehdr_start": True,
    "etext": False,
    "_etext": False,
    "__etext": False,
    "edata": False,
    "_edata": False,
    "end": False,
    "_end": False,
    "__bss_start": False,
    "__preinit_array_start": True,
    "__preinit_array_end": True,
    "__init_array_start": True,
    "__init_array_end": True,
    "__fini_array_start": True,
    "__fini_array_end": True,
    "_GLOBAL_OFFSET_TABLE_": True,
    "_TLS_MODULE_BASE_": True,
    "__GNU_EH_FRAME_HDR": True,
}
_ALWAYS: Final = ("_edata", "_end", "__bss_start")


@final
class _DefinitionEvaluator(Evaluator):
    """Names are symbols of the link; `base` is the one that the value is relative to (None: a number)."""

    def __init__(self, link: Link, where: str) -> None:
        super().__init__(where)
        self.link = link
        self.base: LinkSymbol | None = None

    def name_value(self, name: str) -> int:
        symbol = self.link.symbols.get(name)
        if symbol is None or symbol.place == UNDEFINED:
            raise LinkError(f"{self.where}: undefined symbol `{name}' referenced in expression")
        self.base = symbol
        return symbol.address

    def call_value(self, function: str, arguments: list[Expression]) -> int:
        raise LinkError(f"{self.where}: function {function} is only known in linker scripts")


@final
class Synthesizer:
    def __init__(self, link: Link) -> None:
        self.link = link
        self.defined: list[LinkSymbol] = []

    def declare(self) -> None:
        """Before the scan: these names count as defined in the output."""
        link = self.link
        names: dict[str, bool] = dict(_BOUNDARIES)
        if link.dynamic:
            names["_DYNAMIC"] = True
        elif not link.pic:
            names["__rela_iplt_start"] = True
            names["__rela_iplt_end"] = True
            names["__rel_iplt_start"] = True
            names["__rel_iplt_end"] = True
        if link.target.machine == EM_RISCV and link.executable:
            for name in ("__global_pointer$", "__BSS_END__", "__SDATA_BEGIN__", "__DATA_BEGIN__"):
                names[name] = False
        if link.executable and link.options.script is None:
            for name in _ALWAYS:
                link.lookup(name)
        for symbol in list(link.symbols.values()):
            if symbol.place != UNDEFINED and symbol.place != 4 or symbol.place == 4 and symbol.name not in names:
                continue
            if symbol.name in names:
                self._declare(symbol, names[symbol.name])
            elif symbol.name.startswith("__start_") or symbol.name.startswith("__stop_"):
                section = symbol.name.split("_", 3)[3]
                if is_identifier(section) and self._exists(section):
                    self._declare(symbol, False)
                    symbol.visibility = symbol.visibility or 3

    def _exists(self, name: str) -> bool:
        for file in self.link.files:
            for section in file.sections:
                if section is not None and section.name == name and section.live and section.flags & 2:
                    return True
        return False

    def _declare(self, symbol: LinkSymbol, hidden: bool) -> None:
        symbol.place = DEFINED
        symbol.library = None
        symbol.version = ""
        symbol.section = None
        symbol.linker_defined = True
        symbol.binding = symbol.binding or STB_GLOBAL
        if symbol.binding == 2:
            symbol.binding = STB_GLOBAL
        symbol.type = STT_TLS if symbol.name == "_TLS_MODULE_BASE_" else 0
        symbol.preemptible = False
        symbol.exported = False
        if hidden:
            symbol.visibility = STV_HIDDEN
        self.defined.append(symbol)

    def declare_definitions(self) -> None:
        """--defsym names: defined from now on, with values to be computed after layout."""
        for name, _expression in self.link.options.defsyms:
            symbol = self.link.lookup(name)
            symbol.place = DEFINED
            symbol.library = None
            symbol.section = None
            symbol.binding = STB_GLOBAL
            symbol.value = 0

    def evaluate_definitions(self) -> None:
        for name, text in self.link.options.defsyms:
            symbol = self.link.symbols[name]
            evaluator = _DefinitionEvaluator(self.link, f"--defsym {name}")
            value = evaluator.evaluate(parse_expression(text, f"--defsym {name}"))
            source = evaluator.base
            symbol.address = value
            symbol.plt_address = value
            symbol.value = value
            if source is None:
                symbol.place = ABSOLUTE
            else:
                symbol.type = source.type
                symbol.section = source.section
                if source.section is not None:
                    symbol.value = value - source.section.address

    def assign(self, layout: Layout, tables: Tables) -> None:
        """After layout: the values of the declared symbols."""
        link = self.link
        by_name: dict[str, OutputSection] = {}
        for output in link.outputs:
            if output.is_allocated():
                by_name.setdefault(output.name, output)
        for symbol in self.defined:
            symbol.address = self._value(symbol.name, by_name, layout, tables)
            symbol.plt_address = symbol.address

    def _value(self, name: str, outputs: dict[str, OutputSection], layout: Layout, tables: Tables) -> int:
        link = self.link
        if name in ("__executable_start", "__ehdr_start"):
            return layout.image_start
        if name in ("etext", "_etext", "__etext"):
            return max([_end(o) for o in outputs.values() if o.flags & SHF_EXECINSTR], default=layout.image_start)
        if name in ("edata", "_edata", "__bss_start", "end", "_end", "__BSS_END__"):
            return self._data_boundary(name, outputs, layout)
        if name == "_GLOBAL_OFFSET_TABLE_":
            return link.got_base
        if name == "_DYNAMIC":
            return outputs[".dynamic"].address
        if name == "_TLS_MODULE_BASE_":
            return link.tls_start
        if name == "__GNU_EH_FRAME_HDR":
            return outputs[".eh_frame_hdr"].address if ".eh_frame_hdr" in outputs else layout.image_start
        if name == "__global_pointer$":
            for section in (".sdata", ".sbss", ".data", ".bss"):
                if section in outputs and outputs[section].size:
                    return outputs[section].address + 0x800
            return layout.image_start + 0x800
        if name in ("__SDATA_BEGIN__", "__DATA_BEGIN__"):
            return outputs[".data"].address if ".data" in outputs else layout.image_start
        if name.startswith("__start_"):
            return outputs[name[8:]].address
        if name.startswith("__stop_"):
            return _end(outputs[name[7:]])
        if name.startswith(("__rela_iplt", "__rel_iplt")):
            section = ".rela.plt" if name.startswith("__rela") else ".rel.plt"
            if section not in outputs:
                return 0
            return outputs[section].address if name.endswith("start") else _end(outputs[section])
        array = name[1:].rsplit("_", 1)[0].replace("_", ".", 1).replace("._", ".")
        section = "." + array.lstrip("._")
        if section not in outputs:
            return layout.image_start
        return outputs[section].address if name.endswith("_start") else _end(outputs[section])

    def _data_boundary(self, name: str, outputs: dict[str, OutputSection], layout: Layout) -> int:
        data_end = 0
        bss_start = 0
        end = layout.image_start
        for output in self.link.outputs:
            if not output.is_allocated() or output.flags & SHF_TLS and output.type == SHT_NOBITS:
                continue
            end = max(end, _end(output))
            if output.type != SHT_NOBITS:
                data_end = max(data_end, _end(output))
            elif bss_start == 0 and output.flags & SHF_WRITE:
                bss_start = output.address
        if name in ("edata", "_edata"):
            return data_end
        if name == "__bss_start":
            return bss_start or data_end
        return end


def _end(output: OutputSection) -> int:
    return output.address + output.size


def assign_addresses(link: Link, tables: Tables) -> None:
    """Give every symbol its address, now that sections have theirs."""
    link.got_base = (
        tables.gotplt.address if link.target.got_base_is_gotplt and tables.gotplt.size else tables.got.address
    )
    for symbol in link.symbols.values():
        _assign(symbol, tables)
    for file in link.files:
        for number in range(1, file.first_global):
            local = file.symbols[number]
            if local is not None:
                if local.section is not None and local.section.merge is not None and local.type == 3:
                    local.merged = True
                _assign(local, tables)


def _assign(symbol: LinkSymbol, tables: Tables) -> None:
    place = symbol.place
    if place == DEFINED:
        address = own_address(symbol)
    elif place == ABSOLUTE:
        address = symbol.value
    else:
        address = 0
    symbol.address = address
    symbol.plt_address = address
    if symbol.iplt >= 0:
        symbol.address = tables.iplt_entry_address(symbol.iplt)
        symbol.plt_address = symbol.address
    elif symbol.plt >= 0:
        symbol.plt_address = tables.plt_entry_address(symbol.plt)
        if symbol.canonical_plt:
            symbol.address = symbol.plt_address


def allocate_commons(link: Link) -> None:
    """Common symbols get room in .bss (thread-local ones in .tbss), largest alignment first to save padding."""
    commons = [symbol for symbol in link.symbols.values() if symbol.place == COMMON]
    if not commons:
        return
    commons.sort(key=_common_order)
    flags = SHF_WRITE | 2
    plain = link.synthetic_section("COMMON", SHT_NOBITS, flags, 1)
    local = link.synthetic_section(".tbss", SHT_NOBITS, flags | SHF_TLS, 1)
    for symbol in commons:
        section = local if symbol.type == STT_TLS else plain
        alignment = symbol.value or 1
        if alignment & (alignment - 1):
            raise LinkError(f"common symbol `{symbol.name}' has alignment {alignment}, which is no power of two")
        section.alignment = max(section.alignment, alignment)
        offset = section.size + alignment - 1 & ~(alignment - 1)
        section.size = offset + symbol.size
        symbol.place = DEFINED
        symbol.section = section
        symbol.value = offset
        if symbol.type == 5:
            symbol.type = 1


def _common_order(symbol: LinkSymbol) -> int:
    return -symbol.value
