"""Declaration specifiers as types (C17 6.7.2): keywords, structs and unions, enums, typedef names, typeof, _Atomic."""

from typing import Final, cast

from ourocc.semantics.attributes import Attributes, AttributeSet
from ourocc.semantics.context import ENTRY_ENUMERATOR, ENTRY_TYPEDEF, Entry
from ourocc.semantics.display import quoted
from ourocc.semantics.layout import lay_out, lay_out_variable
from ourocc.semantics.typed_tree import INTEGER_CONSTANT, MEMBER, IntegerConstant, MemberAccess, Variable
from ourocc.semantics.types import (
    ARRAY,
    ATOMIC,
    BOOL,
    CHAR,
    COMPLEX,
    CONST,
    ENUM,
    ERROR,
    FUNCTION,
    INCOMPLETE_LENGTH,
    INT,
    LDOUBLE,
    POINTER,
    RESTRICT,
    REVERSED,
    STRUCT,
    UNION,
    VOID,
    VOLATILE,
    Field,
    Type,
)
from ourocc.syntax import tree

# Sorted keywords -> attribute of TypeTable
SPECIFIERS: Final = {
    "void": "void", "char": "char", "char signed": "schar", "char unsigned": "uchar", "short": "short",
    "short signed": "short", "int short": "short", "int short signed": "short", "short unsigned": "ushort",
    "int short unsigned": "ushort", "int": "int", "signed": "int", "int signed": "int", "unsigned": "uint",
    "int unsigned": "uint", "long": "long", "long signed": "long", "int long": "long", "int long signed": "long",
    "long unsigned": "ulong", "int long unsigned": "ulong", "long long": "llong", "long long signed": "llong",
    "int long long": "llong", "int long long signed": "llong", "long long unsigned": "ullong",
    "int long long unsigned": "ullong", "_Bool": "bool", "float": "float", "double": "double",
    "double long": "ldouble", "__int128": "int128", "__int128 signed": "int128", "__int128 unsigned": "uint128",
    "__int128_t": "int128", "__uint128_t": "uint128", "_Float128": "float128", "__float128": "float128",
    "_Float32": "float", "_Float64": "double", "_Float32x": "double",
    "_Float64x": "ldouble", "__float80": "ldouble", "__builtin_va_list": "va_list",
}  # fmt: skip


class Specifiers(Attributes):
    """Turns specifiers into types."""

    def prepare_specifiers(self) -> None:
        self.keyword_types: dict[str, Type] = {}
        types = self.types
        known: dict[str, Type] = {
            "void": types.void, "char": types.char, "schar": types.schar, "uchar": types.uchar, "short": types.short,
            "ushort": types.ushort, "int": types.int, "uint": types.uint, "long": types.long, "ulong": types.ulong,
            "llong": types.llong, "ullong": types.ullong, "bool": types.bool, "float": types.float,
            "double": types.double, "ldouble": types.ldouble, "int128": types.int128, "uint128": types.uint128,
            "float128": types.float128, "float16": types.float16, "va_list": types.va_list,
        }  # fmt: skip
        for words, name in SPECIFIERS.items():
            self.keyword_types[words] = known[name]

    # ------------------------------------------------------------------ entry

    def specified_type(self, specifiers: tree.DeclarationSpecifiers, has_declarators: bool = True) -> Type:
        """The type that the specifiers name, qualified."""
        keywords = specifiers.keywords
        node = specifiers.specifier
        if node is None:
            if len(keywords) == 1 and keywords[0] != "_Complex":
                known = self.keyword_types.get(keywords[0])
                type = self.combined_keywords(specifiers) if known is None else known
            else:
                type = self.combined_keywords(specifiers)
        else:
            kind = node.kind
            if kind == tree.TYPEDEF_NAME:
                type = self.typedef_type(cast(tree.NamedSpecifier, node))
            elif kind == tree.RECORD_SPECIFIER:
                type = self.record_type(cast(tree.RecordSpecifier, node), specifiers, has_declarators)
            elif kind == tree.ENUM_SPECIFIER:
                type = self.enum_type(cast(tree.EnumSpecifier, node), has_declarators)
            else:
                type = self.typeof_type(cast(tree.TypeofSpecifier, node))
            if keywords:
                type = self.extra_keywords(type, specifiers)
        if specifiers.qualifiers:
            type = self.qualify(type, specifiers.qualifiers, specifiers.location)
        return type

    def qualify(self, type: Type, qualifiers: int, location: int) -> Type:
        if qualifiers & RESTRICT and (type.kind != POINTER or cast(Type, type.base).kind == FUNCTION):
            if type.kind != ERROR and not (type.kind == ARRAY and cast(Type, type.base).kind == POINTER):
                self.error(location, "invalid use of 'restrict'")
            qualifiers &= ~4
        if qualifiers & ATOMIC:
            if type.kind == ARRAY or type.kind == FUNCTION:
                what = "array" if type.kind == ARRAY else "function"
                self.error(location, f"'_Atomic'-qualified {what} type")
                qualifiers &= ~8
        return self.types.qualified(type, qualifiers)

    def extra_keywords(self, type: Type, specifiers: tree.DeclarationSpecifiers) -> Type:
        if type.kind != ERROR:
            if specifiers.keywords == ["_Complex"] and type.is_arithmetic():
                return self.types.complex_of(type.unqualified)
            self.error(specifiers.location, "two or more data types in declaration specifiers")
        return type

    def combined_keywords(self, specifiers: tree.DeclarationSpecifiers) -> Type:
        keywords = specifiers.keywords
        if not keywords:
            return self.implicit_int(specifiers)
        words = list(keywords)
        complex_wanted = "_Complex" in words
        if complex_wanted:
            words.remove("_Complex")
            if not words:
                self.pedwarn(specifiers.location, "pedantic", "ISO C does not support plain 'complex' meaning 'double complex'") if self.diagnostics.pedantic else None
                return self.types.complex_of(self.types.double)
        words.sort()
        type = self.keyword_types.get(" ".join(words))
        if type is None:
            self.bad_combination(words, keywords, specifiers.location)
            return self.types.error
        if complex_wanted:
            if type.kind in (VOID, BOOL) or not type.is_arithmetic():
                self.error(specifiers.location, f"both 'complex' and '{words[0]}' in declaration specifiers")
                return self.types.error
            return self.types.complex_of(type)
        return type

    def implicit_int(self, specifiers: tree.DeclarationSpecifiers) -> Type:
        return self.types.int

    def bad_combination(self, words: list[str], written: list[str], location: int) -> None:
        if words == ["__auto_type"]:
            self.error(location, "'__auto_type' used with a declarator that is not a plain identifier with an initializer")
            return
        for word in words:
            if word in ("_Decimal32", "_Decimal64", "_Decimal128"):
                self.error(location, "decimal floating-point not supported for this target")
                return
            if word in ("__bf16", "_BitInt", "_Float16"):
                self.error(location, f"'{word}' is not supported on this target")
                return
        if words.count("long") > 2:
            self.error(location, "'long long long' is too long")
            return
        order = [word for word in written if word in ("short", "long")]
        modifiers = [word for word in ("signed", "unsigned", "short", "long") if word in words]
        bases = [word for word in words if word not in ("signed", "unsigned", "short", "long")]
        for word in set(words):
            if words.count(word) > 1 and word != "long":
                self.error(location, f"duplicate '{word}'" if word in modifiers else "two or more data types in declaration specifiers")
                return
        if len(bases) > 1:
            self.error(location, "two or more data types in declaration specifiers")
        elif len(modifiers) > 1 and ({"signed", "unsigned"} <= set(modifiers)):
            self.error(location, f"both '{modifiers[0]}' and '{modifiers[1]}' in declaration specifiers")
        elif {"short", "long"} <= set(modifiers):
            self.error(location, f"both '{order[0]}' and '{order[1]}' in declaration specifiers")
        elif bases and modifiers:
            self.error(location, f"both '{modifiers[-1]}' and '{bases[0]}' in declaration specifiers")
        else:
            self.error(location, "two or more data types in declaration specifiers")

    def typedef_type(self, node: tree.NamedSpecifier) -> Type:
        entry = self.lookup(node.name)
        if entry is None or entry.kind != ENTRY_TYPEDEF:
            known = self.keyword_types.get(node.name)
            if known is not None:
                return known
            if entry is None and node.name not in self.undeclared:
                self.undeclared.add(node.name)
                if not self.diagnostics.error_count:
                    self.error(node.location, f"unknown type name '{node.name}'")
            return self.types.error
        entry.used = True
        if entry.attributes is not None:
            self.use_notes(entry, node.location)
        return entry.type

    def typeof_type(self, node: tree.TypeofSpecifier) -> Type:
        if node.kind == tree.TYPEOF_EXPRESSION:
            self.unevaluated += 1
            operand = self.expression(cast(tree.Expression, node.operand))
            self.unevaluated -= 1
            if operand.kind == MEMBER and cast(MemberAccess, operand).field.bit_width >= 0:
                self.error(node.location, "'typeof' applied to a bit-field")
                return self.types.error
            type = operand.type
            if type.precision:
                type = cast(Type, type.underlying)
            if node.unqualified or type.qualifiers & ATOMIC:
                type = type.unqualified
            elif type.qualifiers & REVERSED and type.kind != ARRAY:
                type = self.types.qualified(type.unqualified, type.qualifiers & (CONST | VOLATILE | RESTRICT))
            return type
        type = self.type_name(cast(tree.TypeName, node.type_name))
        if node.kind == tree.ATOMIC_TYPE:
            if type.kind in (ARRAY, FUNCTION):
                what = "array" if type.kind == ARRAY else "function"
                self.error(node.location, f"'_Atomic'-qualified {what} type")
                return type
            if type.qualifiers & (CONST | VOLATILE | RESTRICT | ATOMIC):
                self.error(node.location, "'_Atomic' applied to a qualified type")
                return type
            return self.types.qualified(type, 8)
        return type.unqualified if node.unqualified else type

    # ------------------------------------------------------------------ structs and unions

    def record_type(
        self, node: tree.RecordSpecifier, specifiers: tree.DeclarationSpecifiers, has_declarators: bool
    ) -> Type:
        kind = UNION if node.union else STRUCT
        tag = node.tag
        entry = self.tags.get(tag) if tag else None
        if node.members is None:
            # `struct s;` alone declares s in this scope (C17 6.7.2.3p7)
            if not has_declarators and entry is not None and entry.depth < self.scope.depth:
                entry = None
            if entry is None:
                type = self.types.new_record(kind, tag, node.location)
                self.declare_tag(tag, type, node.location)
                if self.prototype_depth and has_declarators:
                    word = "union" if node.union else "struct"
                    self.warn(
                        node.location,
                        "",
                        f"'{word} {tag}' declared inside parameter list will not be visible outside of this definition or declaration",
                    )
                return type
            if entry.type.kind != kind:
                self.wrong_tag(tag, entry, node.location)
                return self.types.error
            return entry.type
        if entry is not None and entry.depth == self.scope.depth:
            type = entry.type
            if type.kind != kind:
                self.wrong_tag(tag, entry, node.location)
                type = self.types.new_record(kind, tag, node.location)
            elif type.complete or type in self.open_records:
                word = "union" if node.union else "struct"
                if type.complete:
                    diagnostic = self.error(node.location, f"redefinition of '{word} {tag}'")
                    self.note(diagnostic, entry.location, "originally defined here")
                else:
                    self.error(node.location, f"nested redefinition of '{word} {tag}'")
                type = self.types.new_record(kind, tag, node.location)
            else:
                entry.location = node.location
        else:
            type = self.types.new_record(kind, tag, node.location)
            if tag:
                self.declare_tag(tag, type, node.location)
        self.define_record(type, node)
        return type

    def wrong_tag(self, tag: str, entry: Entry, location: int) -> None:
        self.error(location, f"'{tag}' defined as wrong kind of tag")

    def define_record(self, type: Type, node: tree.RecordSpecifier) -> None:
        self.open_records.append(type)
        attributes = self.attribute_set(node.attributes)
        type.packed = attributes.has("packed")
        fields: list[Field] = []
        names: dict[str, Field] = {}
        for statement in cast("list[tree.Statement]", node.members):
            if statement.kind == tree.DECLARATION:
                self.member_declaration(type, cast(tree.Declaration, statement), fields, names)
            elif statement.kind == tree.STATIC_ASSERT:
                self.static_assert(cast(tree.StaticAssert, statement))
        self.open_records.pop()
        self.check_flexible(type, fields)
        type.fields = fields
        pack = 1 if self.options.pack == 1 else node.pack or self.options.pack  # -fpack-struct beats #pragma pack
        if attributes.has("big_endian") or node.big_endian and not attributes.has("little_endian"):
            for field in fields:
                self.reverse_storage(field)
        if any(field.type.has_variable_size() for field in fields):
            self.variable_layout(type, pack, attributes.aligned, node.location)
        else:
            lay_out(self.types, type, pack, attributes.aligned)
        if attributes.has("transparent_union"):
            self.make_transparent(type, node.location)
        if attributes.has("may_alias"):
            type.may_alias = True
        if self.diagnostics.pedantic and not any(field.name or field.type.is_record() for field in fields):
            word = "union" if node.union else "struct"
            self.pedwarn(node.location, "pedantic", f"{word} has no members" if not fields else f"{word} has no named members")

    def reverse_storage(self, field: Field) -> None:
        """Attribute scalar_storage_order: numbers, and arrays of them, stand in the other byte order (targets are little-endian)."""
        element = field.type
        while element.kind == ARRAY:
            element = cast(Type, element.base)
        if not element.is_arithmetic():
            return
        part = cast(Type, element.base) if element.kind == COMPLEX else element
        if part.kind == LDOUBLE and self.model.long_double_format == 80:
            self.error(field.location, "reverse floating-point scalar storage order of 'long double' is not supported")
        field.reversed = True
        field.type = self.types.qualified(field.type, REVERSED)

    def variable_layout(self, type: Type, pack: int, alignment: int, location: int) -> None:
        """GNU: where members stand is computed when control comes to the definition."""
        type.size_variable = Variable("", self.types.size_type, location)
        misplaced = lay_out_variable(self.types, type, pack, alignment)
        if misplaced is not None:
            self.error(misplaced.location, "a wide bit-field behind a member of variable size is not supported")
        for field in type.fields:
            if field.moving:
                field.offset_variable = Variable("", self.types.size_type, location)
        self.pending_vlas.append(type)

    def make_transparent(self, type: Type, location: int) -> None:
        if type.kind == UNION and type.fields and type.fields[0].type.size == type.size:
            type.transparent_union = True
        else:
            self.warn(location, "attributes", "'transparent_union' attribute ignored")

    def static_assert(self, node: tree.StaticAssert) -> None:
        raise NotImplementedError

    def check_flexible(self, record: Type, fields: list[Field]) -> None:
        """C17 6.7.2.1p18: a flexible array member stands last, behind at least one named member."""
        for number, field in enumerate(fields):
            if field.type.kind == ARRAY and field.type.length == INCOMPLETE_LENGTH:
                if self.options.standard < 1999 and self.diagnostics.pedantic:
                    self.pedwarn(field.location, "pedantic", "ISO C90 does not support flexible array members")
                if record.kind == UNION:
                    self.error(field.location, "flexible array member in union")
                    field.type = self.types.array_of(cast(Type, field.type.base), 0)
                elif number != len(fields) - 1:
                    self.error(field.location, "flexible array member not at end of struct")
                    field.type = self.types.array_of(cast(Type, field.type.base), 0)
                elif not any(other.name or other.bit_width < 0 for other in fields[:number]):
                    self.error(field.location, "flexible array member in a struct with no named members")

    def member_declaration(
        self, record: Type, node: tree.Declaration, fields: list[Field], names: dict[str, Field]
    ) -> None:
        specifiers = node.specifiers
        base = self.specified_type(specifiers, bool(node.declarators))
        shared = self.attribute_set(specifiers.attributes) if specifiers.attributes else self.no_attributes
        if not node.declarators:
            self.anonymous_member(record, base, node, fields, names, shared)
            return
        for item in node.declarators:
            declarator = item.declarator
            own = self.attribute_set(declarator.attributes, item.attributes)
            type = self.declared_type(base, declarator, own, shared)
            name = declarator.name
            location = declarator.location
            field = Field(name, type, location)
            field.alignment = max(own.aligned, shared.aligned, self.explicit_alignment(specifiers))
            field.packed = own.has("packed") or shared.has("packed")
            if item.width is not None:
                if specifiers.alignments:
                    self.error(location, f"alignment specified for bit-field '{name}'" if name else "alignment specified for unnamed bit-field")
                if not self.bit_field_width(field, item.width):
                    continue
                if self.options.unsigned_bit_fields and "signed" not in specifiers.keywords:
                    field.type = self.types.qualified(self.types.unsigned_of(type.unqualified), type.qualifiers)
            elif not self.check_member_type(field, record):
                field.type = self.types.error
                if type.kind == FUNCTION or not type.complete:
                    field.type = self.types.int
                    names[name] = field
                    continue
            if name:
                previous = names.get(name)
                if previous is not None:
                    self.error(location, f"duplicate member '{name}'")
                    continue
                names[name] = field
            fields.append(field)

    def check_member_type(self, field: Field, record: Type) -> bool:
        type = field.type
        kind = type.kind
        name = field.name
        if kind == FUNCTION:
            self.error(field.location, f"field '{name}' declared as a function")
            return False
        if kind == VOID:
            self.error(field.location, f"variable or field '{name}' declared void")
            return False
        if not type.complete and kind != ERROR:
            if kind == ARRAY and type.length == INCOMPLETE_LENGTH and cast(Type, type.base).complete:
                return True
            if kind != ARRAY:
                self.error(field.location, f"field '{name}' has incomplete type")
            return False
        return True

    def bit_field_width(self, field: Field, node: tree.Expression) -> bool:
        """C17 6.7.2.1p4-5."""
        shown = f"'{field.name}'" if field.name else "'<anonymous>'"
        value = self.value(node)
        constant = self.integer_constant(value) if value.type.kind != ERROR else None
        type = field.type.unqualified
        if not type.is_integer():
            if type.kind != ERROR:
                self.error(field.location, f"bit-field {shown} has invalid type")
            return False
        if constant is None:
            if value.type.kind != ERROR:
                self.error(field.location, f"bit-field {shown} width not an integer constant")
            return False
        width = constant.value
        if width < 0:
            self.error(field.location, f"negative width in bit-field {shown}")
            return False
        if width == 0 and field.name:
            self.error(field.location, f"zero width for bit-field {shown}")
            return False
        limit = 1 if type.kind == BOOL else type.size * 8
        if width > limit:
            self.error(field.location, f"width of {shown} exceeds its type")
            return False
        field.bit_width = width
        return True

    def anonymous_member(
        self, record: Type, type: Type, node: tree.Declaration, fields: list[Field], names: dict[str, Field],
        attributes: AttributeSet,
    ) -> None:  # fmt: skip
        """A member without declarator: an anonymous struct or union, or nothing at all."""
        specifier = node.specifiers.specifier
        if type.is_record() and specifier is not None:
            untagged = specifier.kind == tree.RECORD_SPECIFIER and cast(tree.RecordSpecifier, specifier).tag == ""
            if untagged or self.options.ms_extensions:
                field = Field("", type, node.location)
                field.alignment = max(attributes.aligned, self.explicit_alignment(node.specifiers))
                field.packed = attributes.has("packed")
                fields.append(field)
                if self.options.standard < 2011 and self.diagnostics.pedantic:
                    text = f"ISO C{self.options.standard % 100} doesn't support unnamed structs/unions"
                    self.pedwarn(node.location, "pedantic", text)
                self.check_anonymous_names(type, names, field)
                return
        if type.kind != ERROR:
            self.warn(node.location, "", "declaration does not declare anything")

    def check_anonymous_names(self, type: Type, names: dict[str, Field], anonymous: Field) -> None:
        for field in type.fields:
            if field.name:
                if field.name in names:
                    self.error(field.location, f"duplicate member '{field.name}'")
                names[field.name] = anonymous
            elif field.type.is_record() and field.bit_width < 0:
                self.check_anonymous_names(field.type, names, anonymous)

    def explicit_alignment(self, specifiers: tree.DeclarationSpecifiers) -> int:
        """The strictest _Alignas (C17 6.7.5), 0 for none."""
        alignment = 0
        for node in specifiers.alignments:
            if isinstance(node, tree.TypeName):
                alignment = max(alignment, self.type_name(node).alignment)
                continue
            value = self.value(cast(tree.Expression, node))
            if value.kind != INTEGER_CONSTANT or not value.type.is_integer():
                if value.type.kind != ERROR:
                    self.error(node.location, "requested alignment is not an integer constant")
                continue
            number = cast(IntegerConstant, value).value
            if number < 0 or number & (number - 1):
                self.error(specifiers.location, f"requested alignment '{number}' is not a positive power of 2")
                continue
            alignment = max(alignment, number)
        return alignment

    # ------------------------------------------------------------------ enums

    def enum_type(self, node: tree.EnumSpecifier, has_declarators: bool) -> Type:
        tag = node.tag
        entry = self.tags.get(tag) if tag else None
        if node.enumerators is None:
            if not has_declarators and entry is not None and entry.depth < self.scope.depth:
                entry = None
            if entry is None:
                if self.diagnostics.pedantic:
                    self.pedwarn(node.location, "pedantic", "ISO C forbids forward references to 'enum' types")
                type = self.types.new_enum(tag, node.location)
                self.declare_tag(tag, type, node.location)
                return type
            if entry.type.kind != ENUM:
                self.wrong_tag(tag, entry, node.location)
                return self.types.error
            return entry.type
        if entry is not None and entry.depth == self.scope.depth:
            type = entry.type
            if type.kind != ENUM:
                self.wrong_tag(tag, entry, node.location)
                type = self.types.new_enum(tag, node.location)
            elif type.complete:
                diagnostic = self.error(node.location, f"redeclaration of 'enum {tag}'")
                self.note(diagnostic, entry.location, "originally defined here")
                type = self.types.new_enum(tag, node.location)
        else:
            type = self.types.new_enum(tag, node.location)
            if tag:
                self.declare_tag(tag, type, node.location)
        self.define_enum(type, node)
        return type

    def define_enum(self, type: Type, node: tree.EnumSpecifier) -> None:
        """C17 6.7.2.2; values that do not fit int make a bigger enum (GNU)."""
        types = self.types
        attributes = self.attribute_set(node.attributes)
        entries: list[Entry] = []
        value = -1
        low = 0
        high = 0
        current: Type = types.int
        for enumerator in cast("list[tree.Enumerator]", node.enumerators):
            if enumerator.value is not None:
                constant = self.enumerator_value(enumerator)
                if constant is not None:
                    value = constant.value
                    current = types.int if -(1 << 31) <= value < 1 << 31 else constant.type
                else:
                    value += 1
            else:
                value += 1
                if value >= 1 << (current.size * 8 - (0 if current.unsigned else 1)):
                    self.error(enumerator.location, "overflow in enumeration values")
                    value = 0
            low = min(low, value)
            high = max(high, value)
            enumerator_type = types.int if -(1 << 31) <= value < 1 << 31 else current
            if self.diagnostics.pedantic and enumerator_type is not types.int and self.options.standard < 2023:
                self.pedwarn(enumerator.location, "pedantic", "ISO C restricts enumerator values to range of 'int'")
            entry = Entry(enumerator.name, ENTRY_ENUMERATOR, enumerator_type, enumerator.location)
            entry.value = value
            if enumerator.attributes:
                entry.attributes = self.attribute_set(enumerator.attributes).notes
            self.declare_checked(entry)
            entries.append(entry)
        type.enumerators = [(entry.name, entry.value) for entry in entries]
        underlying = self.enum_underlying(node, low, high, attributes)
        types.set_underlying(type, underlying)
        if attributes.aligned:
            type.alignment = max(type.alignment, attributes.aligned)
        for entry in entries:
            entry.enumeration = type
            if not -(1 << 31) <= entry.value < 1 << 31:
                entry.type = underlying
            if node.underlying is not None:
                entry.type = type

    def enum_underlying(self, node: tree.EnumSpecifier, low: int, high: int, attributes: AttributeSet) -> Type:
        types = self.types
        if node.underlying is not None:
            return self.type_name(node.underlying).unqualified
        if attributes.mode:
            wanted = self.mode_type(types.int if low < 0 else types.uint, attributes.mode, node.location)
            return wanted
        if attributes.has("packed") or self.options.short_enums or self.model.short_enums:
            candidates = [types.schar, types.short, types.int] if low < 0 else [types.uchar, types.ushort, types.uint]
            for candidate in candidates:
                bits = candidate.size * 8 - (1 if low < 0 else 0)
                if high < 1 << bits and low >= -(1 << bits):
                    return candidate
        if low >= 0:
            if high < 1 << 32:
                return types.uint
            return types.ulong if types.long.size == 8 else types.ullong
        if low >= -(1 << 31) and high < 1 << 31:
            return types.int
        return types.long if types.long.size == 8 else types.llong

    def enumerator_value(self, enumerator: tree.Enumerator) -> IntegerConstant | None:
        value = self.value(cast(tree.Expression, enumerator.value))
        if value.type.kind == ERROR:
            return None
        constant = self.integer_constant(value)
        if constant is None:
            self.error(
                enumerator.location,
                f"enumerator value for '{enumerator.name}' is not an integer constant",
            )
            return None
        return cast(IntegerConstant, self.promote(constant))

    def declare_checked(self, entry: Entry) -> None:
        """Declare a name without linkage: a second declaration in the same scope is an error (C17 6.7p3)."""
        previous = self.local_entry(entry.name)
        if previous is not None and not previous.implicit:
            self.redeclared(entry, previous)
        self.declare(entry)

    def redeclared(self, entry: Entry, previous: Entry) -> None:
        parameter = previous.variable is not None and previous.variable.is_parameter
        if entry.kind != previous.kind or parameter:
            diagnostic = self.error(entry.location, f"'{entry.name}' redeclared as different kind of symbol")
        elif entry.kind == ENTRY_ENUMERATOR:
            diagnostic = self.error(entry.location, f"redeclaration of enumerator '{entry.name}'")
        else:
            diagnostic = self.error(entry.location, f"redeclaration of '{entry.name}' with no linkage")
        self.note_previous(diagnostic, previous)

    def note_previous(self, diagnostic: object, previous: Entry) -> None:
        from ourocc.base.diagnostics import Diagnostic

        if previous.location and isinstance(diagnostic, Diagnostic):
            word = "declaration"
            variable = previous.variable
            if previous.kind == ENTRY_ENUMERATOR or variable is not None and (
                variable.is_parameter or variable.state == 2 and (variable.linkage or variable.initializer is not None)
            ):
                word = "definition"
            self.note(
                diagnostic, previous.location, f"previous {word} of '{previous.name}' with type {quoted(previous.type)}"
            )

    def declared_type(
        self, base: Type, declarator: tree.Declarator, own: AttributeSet, shared: AttributeSet
    ) -> Type:
        raise NotImplementedError


__all__ = ["CHAR", "COMPLEX", "INT", "Specifiers"]
