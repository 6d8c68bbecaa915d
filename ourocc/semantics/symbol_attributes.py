"""What attributes, specifiers and asm labels of a declaration mean for its function or object."""


from ourocc.semantics.attributes import AttributeSet
from ourocc.semantics.context import AttributeNotes
from ourocc.semantics.linkage import Linkage
from ourocc.semantics.typed_tree import (
    LINKAGE_INTERNAL,
    LINKAGE_NONE,
    Variable,
)
from ourocc.syntax import tree


class SymbolAttributes(Linkage):
    """Copies attributes to variables."""

    def function_attributes(
        self, variable: Variable, storage: int, own: AttributeSet, shared: AttributeSet, asm_label: str | None
    ) -> None:
        if asm_label is not None:
            variable.symbol_name = asm_label
            self.unit.renamed[variable.name] = asm_label
        if storage & tree.SPECIFIER_INLINE:
            variable.declared_inline = True
            if storage & tree.STORAGE_EXTERN:
                variable.extern_inline = True
        else:
            variable.declared_plain = True
        if storage & tree.STORAGE_EXTERN and not storage & tree.SPECIFIER_INLINE:
            variable.declared_plain = True
        if storage & tree.SPECIFIER_NORETURN:
            variable.noreturn = True
        if own is not self.no_attributes:
            self.symbol_attributes(variable, own)
        if shared is not self.no_attributes:
            self.symbol_attributes(variable, shared)
        if not variable.visibility_given and self.visibility_stack and self.visibility_stack[-1] > 0:
            variable.visibility = self.visibility_stack[-1]
            variable.visibility_given = True

    def symbol_attributes(self, variable: Variable, found: AttributeSet) -> None:
        """Attributes of functions and objects."""
        if found.flags:
            self.flag_attributes(variable, found)
        if found.texts:
            self.text_attributes(variable, found.texts, found.location)
        numbers = found.numbers
        if numbers:
            if "constructor" in numbers:
                variable.constructor = numbers["constructor"] if numbers["constructor"] >= 0 else 65535
            if "destructor" in numbers:
                variable.destructor = numbers["destructor"] if numbers["destructor"] >= 0 else 65535
            if "patchable_function_entry" in numbers:
                variable.patchable = True
        if found.notes is not None and found.notes.alloc_size:
            variable.alloc_size = found.notes.alloc_size
        if found.aligned:
            variable.alignment = max(variable.alignment, found.aligned)
        if found.visibility >= 0:
            variable.visibility = found.visibility
            variable.visibility_given = True
        if found.weakref is not None:
            variable.weak = True
            variable.weak_reference = found.weakref or variable.alias
            if not found.weakref:
                variable.alias = ""
        if found.cleanup is not None:
            variable.cleanup = found.cleanup
        variable.uninitialized = found.has("uninitialized")
        if found.notes is not None:
            if found.notes.error is not None:
                variable.call_error = found.notes.error
            if found.notes.warning is not None:
                variable.call_warning = found.notes.warning
            self.merge_notes(variable.name, found.notes)

    def flag_attributes(self, variable: Variable, found: AttributeSet) -> None:
        """Attributes without arguments."""
        flags = found.flags
        if "weak" in flags:
            if variable.linkage == LINKAGE_INTERNAL:
                self.error(variable.location, f"weak declaration of '{variable.name}' must be public")
            variable.weak = True
        if "used" in flags or "retain" in flags:
            variable.keep = True
        if "noreturn" in flags:
            variable.noreturn = True
        if "pure" in flags:
            variable.pure = max(variable.pure, 1)
        if "const" in flags:
            variable.pure = 2
        if "noinline" in flags or "noipa" in flags:
            variable.no_inline = True
        if "always_inline" in flags:
            variable.always_inline = True
        if "gnu_inline" in flags:
            variable.gnu_inline = True
        if "malloc" in flags:
            variable.malloc = True
        if "cold" in flags:
            variable.cold = True
        if "naked" in flags:
            variable.naked = True
        if "returns_twice" in flags:
            variable.returns_twice = True
        if "no_instrument_function" in flags:
            variable.no_instrument = True
        if "no_split_stack" in flags:
            variable.no_split = True
        if "no_reorder" in flags:
            variable.no_reorder = True
        if "common" in flags:
            variable.common = True
        if "nocommon" in flags:
            variable.no_common = True
        if "stdcall" in flags or "fastcall" in flags or "thiscall" in flags:
            if self.model.target == "i386" or self.model.target == "i686":
                self.error(found.location, "calling-convention attributes are not supported")

    def text_attributes(self, variable: Variable, texts: dict[str, str], location: int) -> None:
        """Attributes whose argument is a string."""
        section = texts.get("section", "")
        if "second section" in texts:
            self.error(variable.location, f"section of '{variable.name}' conflicts with previous declaration")
        if section and variable.section and section != variable.section:
            shown = f"'section (\"{section}\")' because it conflicts with previous 'section (\"{variable.section}\")'"
            self.warn(location, "attributes", f"ignoring attribute {shown}")
        else:
            variable.section = section or variable.section
        self.alias_attribute(variable, texts.get("alias", ""), location)
        variable.ifunc = texts.get("ifunc", variable.ifunc)
        variable.tls_model = texts.get("tls_model", variable.tls_model)
        if variable.tls_model not in ("", "global-dynamic", "local-dynamic", "initial-exec", "local-exec"):
            models = "'local-exec', 'initial-exec', 'local-dynamic', or 'global-dynamic'"
            self.error(variable.location, f"'tls_model' argument must be one of {models}")
            variable.tls_model = ""
        variable.symbol_version = texts.get("symver", variable.symbol_version)
        variable.optimize = texts.get("optimize", variable.optimize)

    def alias_attribute(self, variable: Variable, target: str, location: int) -> None:
        """Another name for a symbol: not of something that is defined."""
        if not target:
            return
        if variable.linkage == LINKAGE_NONE:
            self.warn(location, "attributes", "'alias' attribute ignored")
        else:
            variable.alias = target

    def merge_notes(self, name: str, notes: AttributeNotes) -> None:
        known = self.notes.get(name)
        if known is None:
            self.notes[name] = notes
            entry = self.names.get(name)
            if entry is not None:
                entry.attributes = notes
            return
        known.deprecated = known.deprecated if notes.deprecated is None else notes.deprecated
        known.unavailable = known.unavailable if notes.unavailable is None else notes.unavailable
        known.error = known.error if notes.error is None else notes.error
        known.warning = known.warning if notes.warning is None else notes.warning
        if notes.format_kind:
            known.format_kind = notes.format_kind
            known.format_index = notes.format_index
            known.format_first = notes.format_first
        if notes.nonnull is not None:
            known.nonnull = notes.nonnull
        known.sentinel = max(known.sentinel, notes.sentinel)
        known.warn_unused = known.warn_unused or notes.warn_unused

    def object_attributes(
        self, variable: Variable, own: AttributeSet, shared: AttributeSet, specifiers: tree.DeclarationSpecifiers,
        asm_label: str | None,
    ) -> None:  # fmt: skip
        if asm_label is not None:
            variable.symbol_name = asm_label
        if own is not self.no_attributes:
            self.symbol_attributes(variable, own)
        if shared is not self.no_attributes:
            self.symbol_attributes(variable, shared)
        if specifiers.alignments:
            alignment = self.explicit_alignment(specifiers)
            if alignment and alignment < variable.type.alignment:
                self.error(variable.location, f"'_Alignas' specifiers cannot reduce alignment of '{variable.name}'")
            variable.alignment = max(variable.alignment, alignment)
        if not variable.visibility_given and self.visibility_stack and self.visibility_stack[-1] > 0:
            variable.visibility = self.visibility_stack[-1]
            variable.visibility_given = True
