"""How types are named in messages: gcc's spelling, such as 'int (*)[3]' or 'long unsigned int'."""

from typing import Final

from ourocc.semantics.types import (
    ARRAY,
    ATOMIC,
    BOOL,
    CHAR,
    COMPLEX,
    CONST,
    DOUBLE,
    ENUM,
    ERROR,
    FLOAT,
    FLOAT16,
    FLOAT128,
    FUNCTION,
    INCOMPLETE_LENGTH,
    INT,
    INT128,
    LDOUBLE,
    LLONG,
    LONG,
    NULLPTR,
    POINTER,
    RESTRICT,
    SCHAR,
    SHORT,
    STRUCT,
    UCHAR,
    UINT,
    UINT128,
    ULLONG,
    ULONG,
    UNION,
    USHORT,
    VARIABLE_LENGTH,
    VECTOR,
    VOID,
    VOLATILE,
    Type,
)

NAMES: Final = {
    VOID: "void",
    BOOL: "_Bool",
    CHAR: "char",
    SCHAR: "signed char",
    UCHAR: "unsigned char",
    SHORT: "short int",
    USHORT: "short unsigned int",
    INT: "int",
    UINT: "unsigned int",
    LONG: "long int",
    ULONG: "long unsigned int",
    LLONG: "long long int",
    ULLONG: "long long unsigned int",
    INT128: "__int128",
    UINT128: "__int128 unsigned",
    FLOAT16: "_Float16",
    FLOAT: "float",
    DOUBLE: "double",
    LDOUBLE: "long double",
    FLOAT128: "_Float128",
    NULLPTR: "nullptr_t",
    ERROR: "<error>",
}


def qualifier_names(qualifiers: int) -> str:
    names = ""
    if qualifiers & CONST:
        names += "const "
    if qualifiers & VOLATILE:
        names += "volatile "
    if qualifiers & RESTRICT:
        names += "restrict "
    return names


def type_name(type: Type) -> str:
    """The type as C would write it."""
    return declare(type, "")


def quoted(type: Type) -> str:
    return "'" + declare(type, "") + "'"


def declare(type: Type, inner: str) -> str:
    """The declaration of `inner` (a declarator so far, or "") with this type."""
    kind = type.kind
    if kind == POINTER:
        base = type.base
        assert base is not None
        marks = qualifier_names(type.qualifiers & (CONST | VOLATILE | RESTRICT)).strip()
        inner = inner.removeprefix("\0")
        star = "*" + (" " + marks if marks else "") + (" " + inner if marks and inner else inner)
        if base.kind == ARRAY or base.kind == FUNCTION:
            star = "(" + star + ")"
        return declare(base, star)
    if kind == ARRAY:
        base = type.base
        assert base is not None
        if type.length == INCOMPLETE_LENGTH:
            size = "[]"
        elif type.length == VARIABLE_LENGTH:
            size = "[*]" if type.length_expression is None and type.length_variable is None else "[n]"
        else:
            size = f"[{type.length}]"
        return declare(base, inner + size)
    if kind == FUNCTION:
        base = type.base
        assert base is not None
        if not type.prototype:
            text = "()"
        else:
            names = [type_name(parameter) for parameter in type.parameters]
            if type.variadic:
                names.append("...")
            text = "(" + (", ".join(names) if names else "void") + ")"
        # gcc writes 'int(void)' for a function, 'int (*)(void)' for a pointer to one
        return declare(base, inner + text if inner else "\0" + text)
    name = base_name(type)
    if type.qualifiers & ATOMIC:
        name = "_Atomic " + name
    name = qualifier_names(type.qualifiers & (CONST | VOLATILE | RESTRICT)) + name
    if not inner:
        return name
    if inner.startswith("["):
        return name + inner
    if inner.startswith("\0"):
        return name + inner[1:]
    return name + " " + inner.lstrip(" ")


def base_name(type: Type) -> str:
    kind = type.kind
    if kind == STRUCT:
        return "struct " + (type.tag or "<anonymous>")
    if kind == UNION:
        return "union " + (type.tag or "<anonymous>")
    if kind == ENUM:
        return "enum " + (type.tag or "<anonymous>")
    if kind == COMPLEX and type.base is not None:
        return "complex " + type_name(type.base)
    if kind == VECTOR and type.base is not None:
        return f"__vector({type.length}) " + type_name(type.base)
    if type.precision:
        return ("unsigned " if type.unsigned else "") + NAMES[type.kind].replace(" unsigned", "") + f":{type.precision}"
    return NAMES[kind]
