"""GNU attributes: one table of names, and what each does to a declaration.

In: the syntax nodes of `__attribute__((...))` and `[[...]]` lists.  Out: an `AttributeSet`, which
declarations, types and fields read.  The table says for every known attribute where it has an
effect here; those that only help gcc's optimizer or its warnings are known and dropped.  Unknown
ones get gcc's -Wattributes warning.
"""

from typing import Final, cast, final

from ourocc.semantics.context import AttributeNotes
from ourocc.semantics.initializers import Initializers
from ourocc.semantics.typed_tree import STRING_LITERAL, StringLiteral, Variable
from ourocc.semantics.types import COMPLEX, ENUM, ERROR, POINTER, Type
from ourocc.syntax import tree

# What is done with an attribute
DROP: Final = 0  # known: needs nothing here
FLAG: Final = 1  # sets a boolean of the AttributeSet
NUMBER: Final = 2  # one optional integer argument
TEXT: Final = 3  # one string argument
SPECIAL: Final = 4  # a method of its own
REFUSE: Final = 5  # changes code in a way that is not supported: an error

TABLE: Final = {
    "packed": FLAG, "weak": FLAG, "used": FLAG, "retain": FLAG, "unused": FLAG, "maybe_unused": FLAG, "common": FLAG,
    "nocommon": FLAG, "noreturn": FLAG, "noinline": FLAG, "always_inline": FLAG, "gnu_inline": FLAG, "pure": FLAG,
    "const": FLAG, "malloc": SPECIAL, "cold": FLAG, "hot": DROP, "naked": FLAG, "returns_twice": FLAG,
    "transparent_union": FLAG, "may_alias": FLAG, "noclone": DROP, "noipa": FLAG, "no_reorder": FLAG,
    "warn_unused_result": FLAG, "nodiscard": FLAG, "fallthrough": FLAG,
    "no_instrument_function": FLAG, "no_split_stack": FLAG, "no_stack_protector": FLAG, "stack_protect": DROP,
    "no_profile_instrument_function": DROP, "no_sanitize": DROP, "no_sanitize_address": DROP,
    "no_sanitize_thread": DROP, "no_sanitize_undefined": DROP, "no_sanitize_coverage": DROP,
    "no_address_safety_analysis": DROP, "no_icf": DROP, "artificial": DROP, "flatten": DROP, "leaf": DROP,
    "nothrow": DROP, "externally_visible": DROP, "designated_init": DROP, "nonstring": DROP,
    "alloc_align": DROP, "alloc_size": SPECIAL, "assume_aligned": DROP, "returns_nonnull": DROP, "access": DROP,
    "tainted_args": DROP, "fd_arg": DROP, "fd_arg_read": DROP, "fd_arg_write": DROP,
    "sentinel": NUMBER, "format": SPECIAL, "format_arg": DROP, "nonnull": SPECIAL, "warn_if_not_aligned": DROP,
    "strict_flex_array": DROP, "uninitialized": FLAG, "noplt": DROP, "no_caller_saved_registers": REFUSE,
    "simd": DROP, "optimize": TEXT, "target": SPECIAL, "target_clones": REFUSE, "no_callee_saved_registers": REFUSE,
    "aligned": SPECIAL, "section": TEXT, "alias": TEXT, "visibility": SPECIAL, "weakref": SPECIAL, "ifunc": TEXT,
    "tls_model": TEXT, "constructor": NUMBER, "destructor": NUMBER, "cleanup": SPECIAL, "mode": SPECIAL,
    "vector_size": NUMBER, "symver": TEXT, "copy": DROP, "deprecated": SPECIAL, "unavailable": SPECIAL,
    "error": TEXT, "warning": TEXT, "regparm": NUMBER, "stdcall": FLAG, "cdecl": DROP, "fastcall": FLAG,
    "thiscall": FLAG, "sysv_abi": DROP, "ms_abi": REFUSE, "ms_struct": REFUSE, "gcc_struct": DROP,
    "interrupt": REFUSE, "force_align_arg_pointer": DROP, "patchable_function_entry": NUMBER, "fentry_name": DROP,
    "nocf_check": DROP, "cf_check": DROP, "indirect_branch": DROP, "function_return": DROP,
    "indirect_return": DROP, "zero_call_used_regs": DROP, "scalar_storage_order": SPECIAL, "bnd_legacy": DROP,
    "hardbool": REFUSE, "randomize_layout": DROP, "no_randomize_layout": DROP, "zero_init": DROP,
    "noderef": DROP, "address_space": DROP, "context": DROP, "signal": DROP, "unsequenced": DROP,
    "reproducible": DROP, "model": DROP, "riscv_vector_cc": DROP, "btf_decl_tag": DROP, "btf_type_tag": DROP,
    "noescape": DROP, "nocapture": DROP, "noconst": DROP,
}  # fmt: skip

VISIBILITIES: Final = {"default": 0, "internal": 1, "hidden": 2, "protected": 3}
# mode(...) -> size in bytes, and 0 integer, 1 floating, 2 complex floating, 3 complex integer
MODES: Final = {
    "QI": (1, 0), "HI": (2, 0), "SI": (4, 0), "DI": (8, 0), "TI": (16, 0), "byte": (1, 0),
    "HF": (2, 1), "SF": (4, 1), "DF": (8, 1), "XF": (10, 1), "TF": (16, 1), "SC": (4, 2), "DC": (8, 2),
    "XC": (10, 2), "TC": (16, 2), "CQI": (1, 3), "CHI": (2, 3), "CSI": (4, 3), "CDI": (8, 3), "CTI": (16, 3),
}  # fmt: skip


@final
class AttributeSet:
    """What a declaration's attributes say."""

    def __init__(self) -> None:
        self.flags: set[str] = set()
        self.numbers: dict[str, int] = {}
        self.texts: dict[str, str] = {}
        self.aligned = 0
        self.mode = ""
        self.vector_size = 0
        self.visibility = -1
        self.weakref: str | None = None
        self.cleanup: Variable | None = None
        self.notes: AttributeNotes | None = None
        self.location = 0

    def has(self, name: str) -> bool:
        return name in self.flags


class Attributes(Initializers):
    """Reads attribute lists."""

    def prepare_attributes(self) -> None:
        self.no_attributes = AttributeSet()

    def attribute_set(self, *lists: list[tree.Attribute]) -> AttributeSet:
        """The attributes of several lists together."""
        found: AttributeSet | None = None
        for attributes in lists:
            for attribute in attributes:
                if found is None:
                    found = AttributeSet()
                    found.location = attribute.location
                self.read_attribute(found, attribute)
        return self.no_attributes if found is None else found

    def read_attribute(self, found: AttributeSet, attribute: tree.Attribute) -> None:
        name = attribute.name
        action = TABLE.get(name, -1)
        if name.startswith("__") and name.endswith("__") and action < 0:
            name = name[2:-2]
            action = TABLE.get(name, -1)
        if name == "_Noreturn":
            name = "noreturn"
            action = FLAG
        if action < 0 or attribute.prefix not in ("", "gnu", "clang"):
            shown = f"{attribute.prefix}::{name}" if attribute.prefix else name
            self.warn(attribute.location, "attributes", f"'{shown}' attribute directive ignored")
            return
        arguments = attribute.arguments
        if action == DROP:
            return
        if action == FLAG:
            if arguments:
                self.error(attribute.location, f"wrong number of arguments specified for '{name}' attribute")
                return
            if name == "fallthrough":
                self.warn(attribute.location, "attributes", "'fallthrough' attribute ignored")
                return
            found.flags.add("unused" if name == "maybe_unused" else name)
            if name in ("warn_unused_result", "nodiscard"):
                self.notes_of(found).warn_unused = True
        elif action == NUMBER:
            number = -1
            if arguments:
                number = self.attribute_number(arguments[0], name)
            found.numbers[name] = number
            if name == "vector_size" and number > 0:
                found.vector_size = number
            elif name == "sentinel":
                self.notes_of(found).sentinel = max(number, 0)
        elif action == TEXT:
            self.text_attribute(found, attribute, name)
        elif action == REFUSE:
            self.error(attribute.location, f"attribute '{name}' is not supported")
        else:
            self.special_attribute(found, attribute, name)

    def notes_of(self, found: AttributeSet) -> AttributeNotes:
        if found.notes is None:
            found.notes = AttributeNotes()
        return found.notes

    def attribute_number(self, node: tree.Expression, name: str) -> int:
        value = self.value(node)
        if value.type.kind == ERROR:
            return -1
        constant = self.integer_constant(value)
        if constant is None:
            self.error(node.location, f"'{name}' attribute argument is not an integer constant" if name != "aligned" else "requested alignment is not an integer constant")
            return -1
        return constant.value

    def attribute_text(self, node: tree.Expression) -> str | None:
        if node.kind != tree.STRING:
            return None
        literal = self.expression(node)
        if literal.kind != STRING_LITERAL:
            return None
        return cast(StringLiteral, literal).data[:-1].decode("utf-8", "surrogateescape")

    def text_attribute(self, found: AttributeSet, attribute: tree.Attribute, name: str) -> None:
        if name == "optimize":
            words: list[str] = []
            for argument in attribute.arguments:
                text = self.attribute_text(argument)
                if text is None:
                    text = f"O{self.attribute_number(argument, name)}"
                words.append(text)
            found.texts[name] = ",".join(words)
            return
        if len(attribute.arguments) != 1:
            self.error(attribute.location, f"wrong number of arguments specified for '{name}' attribute")
            return
        text = self.attribute_text(attribute.arguments[0])
        if text is None:
            self.error(attribute.location, f"attribute '{name}' argument not a string" if name != "section" else "section attribute argument not a string constant")
            return
        if name == "section" and found.texts.get(name, text) != text:
            found.texts["second section"] = text
            return
        found.texts[name] = text
        if name == "error":
            self.notes_of(found).error = text
        elif name == "warning":
            self.notes_of(found).warning = text

    def special_attribute(self, found: AttributeSet, attribute: tree.Attribute, name: str) -> None:
        arguments = attribute.arguments
        location = attribute.location
        if name == "aligned":
            self.aligned_attribute(found, attribute)
        elif name == "format":
            self.format_attribute(found, attribute)
        elif name == "nonnull":
            notes = self.notes_of(found)
            positions = [self.attribute_number(argument, name) for argument in arguments]
            if notes.nonnull is None or not positions:
                notes.nonnull = positions
            else:
                notes.nonnull += positions
        elif name == "deprecated" or name == "unavailable":
            text = self.attribute_text(arguments[0]) if arguments else ""
            if name == "deprecated":
                self.notes_of(found).deprecated = text or ""
            else:
                self.notes_of(found).unavailable = text or ""
        elif name == "visibility":
            text = self.attribute_text(arguments[0]) if len(arguments) == 1 else None
            if text not in VISIBILITIES:
                self.error(location, "visibility argument must be one of 'default', 'hidden', 'protected' or 'internal'")
                return
            found.visibility = VISIBILITIES[text]
        elif name == "weakref":
            found.weakref = (self.attribute_text(arguments[0]) or "") if arguments else ""
        elif name == "mode":
            if len(arguments) == 1 and arguments[0].kind == tree.IDENTIFIER:
                found.mode = cast(tree.IdentifierExpression, arguments[0]).name.strip("_")
            else:
                self.error(location, "wrong number of arguments specified for 'mode' attribute")
        elif name == "cleanup":
            self.cleanup_attribute(found, attribute)
        elif name == "malloc":
            found.flags.add("malloc")
        elif name == "scalar_storage_order":
            text = self.attribute_text(arguments[0]) if len(arguments) == 1 else None
            if text == "big-endian":
                found.flags.add("big_endian")
            elif text == "little-endian":
                found.flags.add("little_endian")
            else:
                self.error(location, "attribute 'scalar_storage_order' argument must be one of \"big-endian\" or \"little-endian\"")
        elif name == "alloc_size":
            self.notes_of(found).alloc_size = [self.attribute_number(argument, name) for argument in arguments[:2]]
        elif name == "target":
            for argument in arguments:
                self.attribute_text(argument)

    def aligned_attribute(self, found: AttributeSet, attribute: tree.Attribute) -> None:
        alignment = self.model.max_alignment
        if attribute.arguments:
            argument = attribute.arguments[0]
            if argument.kind == tree.SIZEOF_TYPE and cast(tree.SizeofType, argument).operator == "":
                alignment = self.type_name(cast(tree.SizeofType, argument).type_name).alignment
            else:
                reported = self.diagnostics.error_count
                alignment = self.attribute_number(argument, "aligned")
                if alignment == -1 and self.diagnostics.error_count > reported:
                    return
            if alignment <= 0 or alignment & (alignment - 1):
                if alignment != 0:
                    self.error(attribute.location, "requested alignment is not a positive power of 2")
                return
        found.aligned = max(found.aligned, alignment)

    def format_attribute(self, found: AttributeSet, attribute: tree.Attribute) -> None:
        arguments = attribute.arguments
        if len(arguments) != 3 or arguments[0].kind != tree.IDENTIFIER:
            self.error(attribute.location, "wrong number of arguments specified for 'format' attribute")
            return
        kind = cast(tree.IdentifierExpression, arguments[0]).name.strip("_").removeprefix("gnu_")
        notes = self.notes_of(found)
        index = self.attribute_number(arguments[1], "format")
        first = self.attribute_number(arguments[2], "format")
        if kind in ("printf", "scanf", "strftime", "strfmon"):
            notes.format_kind = kind
            notes.format_index = index
            notes.format_first = first
        else:
            self.warn(attribute.location, "format", f"'{kind}' is an unrecognized format function type")

    def cleanup_attribute(self, found: AttributeSet, attribute: tree.Attribute) -> None:
        arguments = attribute.arguments
        if len(arguments) != 1 or arguments[0].kind != tree.IDENTIFIER:
            self.error(attribute.location, "cleanup argument not an identifier")
            return
        name = cast(tree.IdentifierExpression, arguments[0]).name
        entry = self.lookup(name)
        if entry is None or entry.variable is None or not entry.variable.is_function:
            self.error(attribute.location, "cleanup argument not a function")
            return
        entry.used = True
        self.reference(entry.variable)
        found.cleanup = entry.variable

    # ------------------------------------------------------------------ effects on types

    def attributed_type(self, type: Type, found: AttributeSet, location: int) -> Type:
        """mode and vector_size: they change the type that is declared."""
        if found.mode:
            type = self.mode_type(type, found.mode, location)
        if found.vector_size:
            type = self.vector_type(type, found.vector_size, location)
        return type

    def mode_type(self, type: Type, mode: str, location: int) -> Type:
        types = self.types
        plain = type.unqualified
        if mode in ("word", "pointer", "unwind_word"):
            mode = {4: "SI", 8: "DI"}[self.model.pointer_size]
        if mode[:1] == "V" and mode[1:2].isdigit():
            count = mode[1:].rstrip("QHSDTIFC")
            size, kind = MODES[mode[1 + len(count) :]]
            base = self.mode_type(plain, mode[1 + len(count) :], location)
            return types.vector_of(base, int(count))
        if mode not in MODES:
            self.error(location, f"unknown machine mode '{mode}'")
            return type
        size, kind = MODES[mode]
        if plain.kind == COMPLEX or kind >= 2:
            kind = kind if kind >= 2 else kind + 2
        if plain.kind == POINTER:
            return type
        if kind == 0:
            if not plain.is_integer():
                self.error(location, f"mode '{mode}' applied to inappropriate type")
                return type
            unsigned = plain.unsigned if plain.kind != ENUM else plain.unsigned
            result = types.integer_of(size, unsigned)
        elif kind == 1 or kind == 2:
            if size == 2:
                self.error(location, f"no data type for mode '{mode}'")
                return type
            bases = {4: types.float, 8: types.double, 10: types.ldouble, 16: types.float128}
            result = bases[size]
            if kind == 2:
                result = types.complex_of(result)
        else:
            result = types.complex_of(types.integer_of(size, False))
        return types.qualified(result, type.qualifiers)

    def vector_type(self, type: Type, size: int, location: int) -> Type:
        """vector_size applies to the innermost type: `vector *f(...)` is a function that returns a pointer to vector."""
        types = self.types
        kind = type.kind
        if kind == 30:
            return types.qualified(types.pointer_to(self.vector_type(cast(Type, type.base), size, location)), type.qualifiers)
        if kind == 31:
            return types.array_of(self.vector_type(cast(Type, type.base), size, location), type.length)
        if kind == 32:
            result = self.vector_type(cast(Type, type.base), size, location)
            return types.function(result, type.parameters, type.variadic, type.prototype)
        plain = type.unqualified
        if kind == ENUM or not (plain.is_integer() or plain.is_floating()) or kind == 2:
            if kind != ERROR:
                self.error(location, "invalid vector type for attribute 'vector_size'")
            return type
        if size <= 0 or size % plain.size:
            self.error(location, "vector size not an integral multiple of component size")
            return type
        if (size // plain.size) & (size // plain.size - 1):
            self.error(location, "number of vector components " + f"{size // plain.size} not a power of two")
            return type
        return types.qualified(types.vector_of(plain, size // plain.size), type.qualifiers)
