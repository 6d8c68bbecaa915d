"""The warning groups of the command line: names, defaults, and what -Wall, -Wextra and others contain.

`apply_option` reads one -W argument into a `Diagnostics`.  A group named by itself always beats one
that an umbrella option switches, whichever comes first.
"""

from typing import Final

from ourocc.base.diagnostics import Diagnostics
from ourocc.base.spelling import closest

# Groups that are on without any option
DEFAULT_ON: Final = frozenset(
    """
NSObject-attribute address-of-packed-member aggressive-loop-optimizations attribute-alias attribute-warning
attributes builtin-declaration-mismatch builtin-macro-redefined cannot-profile coverage-invalid-line-number
coverage-mismatch cpp deprecated deprecated-declarations designated-init discarded-array-qualifiers
discarded-qualifiers div-by-zero endif-labels enum-compare free-nonheap-object if-not-aligned
ignored-attributes implicit-function-declaration implicit-int incompatible-pointer-types int-conversion
int-to-pointer-cast invalid-memory-model lto-type-mismatch main missing-profile multichar narrowing
normalized odr overflow override-init-side-effects pointer-compare pointer-to-int-cast pragmas
prio-ctor-dtor psabi return-local-addr return-mismatch scalar-storage-order shift-count-negative
shift-count-overflow shift-overflow sizeof-array-argument stringop-overflow stringop-overread switch-bool
switch-outside-range switch-unreachable sync-nand trigraphs tsan unused-result varargs
""".split()
)

_UMBRELLAS: Final = {
    "all": """
address array-bounds array-compare array-parameter bool-compare bool-operation char-subscripts comment
dangling-else dangling-pointer duplicate-decl-specifier enum-compare format format-contains-nul
format-extra-args format-overflow format-truncation format-zero-length frame-address implicit
implicit-function-declaration implicit-int infinite-recursion int-in-bool-context logical-not-parentheses
main maybe-uninitialized memset-elt-size memset-transposed-args misleading-indentation mismatched-dealloc
missing-attributes missing-braces multistatement-macros nonnull nonnull-compare openmp-simd
packed-not-aligned parentheses pointer-sign restrict return-type sequence-point sizeof-array-div
sizeof-pointer-div sizeof-pointer-memaccess strict-aliasing strict-overflow stringop-truncation switch
tautological-compare trigraphs uninitialized unknown-pragmas unused unused-but-set-variable
unused-function unused-label unused-local-typedefs unused-value unused-variable use-after-free
vla-parameter volatile-register-var zero-length-bounds
""",
    "extra": """
absolute-value cast-function-type clobbered empty-body enum-conversion expansion-to-defined
ignored-qualifiers implicit-fallthrough maybe-uninitialized missing-field-initializers
missing-parameter-type old-style-declaration override-init sign-compare string-compare type-limits
uninitialized shift-negative-value unused-parameter unused-but-set-parameter
""",
    "pedantic": "expansion-to-defined main overlength-strings pointer-arith pointer-sign variadic-macros",
    "unused": """
unused-but-set-variable unused-function unused-label unused-local-typedefs unused-value unused-variable
unused-but-set-parameter unused-parameter
""",
    "implicit": "implicit-function-declaration implicit-int",
    "format": "format-contains-nul format-extra-args format-zero-length nonnull",
    "conversion": "sign-conversion float-conversion",
    "shadow": "shadow-local shadow-compatible-local",
    "uninitialized": "maybe-uninitialized",
    "parentheses": "dangling-else",
    "abi": "psabi",
    "nonnull": "nonnull-compare",
}
UMBRELLAS: Final = {name: tuple(members.split()) for name, members in _UMBRELLAS.items()}
# Members of "unused" that wait for -Wextra as well
_ONLY_WITH_EXTRA: Final = frozenset(["unused-parameter", "unused-but-set-parameter"])

# Every other group that the front ends of C know
_OTHERS: Final = """
abi aggregate-return alloc-size-larger-than alloc-zero alloca alloca-larger-than arith-conversion
bad-function-cast bidi-chars c++-compat c11-c2x-compat c90-c99-compat c99-c11-compat cast-align cast-qual
clobbered conversion date-time declaration-after-statement disabled-optimization double-promotion
duplicated-branches duplicated-cond error-implicit-function-declaration float-conversion float-equal
format-diag format-nonliteral format-security format-signedness format-y2k frame-larger-than hsa init-self
inline invalid-pch jump-misses-init larger-than logical-op long-long missing-declarations
missing-format-attribute missing-include-dirs missing-noreturn missing-prototypes nested-externs
null-dereference old-style-definition openacc-parallelism packed packed-bitfield-compat padded
placement-new redundant-decls shadow shadow-compatible-local shadow-local shift-negative-value
sign-conversion stack-protector stack-usage strict-prototypes suggest-attribute suggest-final-methods
suggest-final-types switch-default switch-enum synth system-headers traditional traditional-conversion
trampolines trivial-auto-var-init undef unreachable-code unsafe-loop-optimizations
unsuffixed-float-constants unused-const-variable unused-macros vector-operation-performance vla
vla-larger-than write-strings fatal-errors
analyzer-double-fclose analyzer-double-free analyzer-exposure-through-output-file analyzer-file-leak
analyzer-free-of-non-heap analyzer-malloc-leak analyzer-mismatching-deallocation analyzer-null-argument
analyzer-null-dereference analyzer-possible-null-argument analyzer-possible-null-dereference
analyzer-stale-setjmp-buffer analyzer-too-complex analyzer-use-after-free
analyzer-use-of-uninitialized-value analyzer-write-to-const analyzer-write-to-string-literal
"""
_SYNONYMS: Final = {
    "comments": "comment",
    "error-implicit-function-declaration": "implicit-function-declaration",
    "missing-format-attribute": "suggest-attribute",
    "missing-noreturn": "suggest-attribute",
}

_known: Final[set[str]] = set()


def known_groups() -> set[str]:
    """All group names."""
    if not _known:
        _known.update(DEFAULT_ON, _OTHERS.split(), UMBRELLAS, _SYNONYMS)
        for members in UMBRELLAS.values():
            _known.update(members)
        _known.update(("extra", "all", "pedantic", "error"))
    return _known


def group_of(name: str) -> str:
    """The group that a -W name means: without its level, synonyms resolved; "" when there is none."""
    name = name.partition("=")[0]
    name = _SYNONYMS.get(name, name)
    return name if name in known_groups() else ""


def _set(diagnostics: Diagnostics, group: str, on: bool, explicit: bool) -> None:
    if explicit:
        diagnostics.explicit.add(group)
    elif group in diagnostics.explicit:
        return
    diagnostics.enabled[group] = on
    for member in UMBRELLAS.get(group, ()):
        if member in _ONLY_WITH_EXTRA and on and group == "unused":
            if not (diagnostics.enabled.get("extra", False) or explicit):
                continue
        if member != group:
            _set(diagnostics, member, on, False)


def enable(diagnostics: Diagnostics, name: str, on: bool) -> bool:
    """-Wname or -Wno-name; False when there is no such group."""
    group = group_of(name)
    if not group:
        return False
    if name.endswith("=0"):
        on = False
    if group in ("pedantic",):
        diagnostics.pedantic = on
    if group == "system-headers":
        diagnostics.system_headers = on
    if group == "fatal-errors":
        diagnostics.fatal_errors = on
    if group == "extra" and on and not diagnostics.enabled.get("unused", False):
        # -Wextra has the parameters' groups only together with -Wunused (or -Wall).
        diagnostics.enabled["extra"] = True
        for member in UMBRELLAS["extra"]:
            if member not in _ONLY_WITH_EXTRA:
                _set(diagnostics, member, True, False)
        return True
    _set(diagnostics, group, on, True)
    if group in ("all", "unused") and on and diagnostics.enabled.get("extra", False):
        for member in sorted(_ONLY_WITH_EXTRA):
            _set(diagnostics, member, True, False)
    return True


def apply_option(diagnostics: Diagnostics, argument: str) -> str:
    """One option from -W on ("-Wall", "-Wno-unused", "-Werror=format", "-w", "-pedantic-errors").

    Returns "" or the text of an error for the command line.
    """
    if argument in ("-w",):
        diagnostics.silent = True
        return ""
    if argument in ("-pedantic", "-pedantic-errors"):
        enable(diagnostics, "pedantic", True)
        diagnostics.pedantic_errors = diagnostics.pedantic_errors or argument == "-pedantic-errors"
        return ""
    name = argument[2:]
    if name == "" or name == "W":
        enable(diagnostics, "extra", True)
        return ""
    if name in ("error", "no-error"):
        diagnostics.all_errors = name == "error"
        return ""
    if name.startswith(("error=", "no-error=")):
        on = name.startswith("error=")
        target = name.partition("=")[2]
        group = group_of(target)
        if not group:
            return f"'{argument}': no option '-W{target}'{_suggestion(target)}"
        _set_error(diagnostics, group, on)
        if on:
            enable(diagnostics, target, True)
        return ""
    if name.startswith("no-"):
        if not enable(diagnostics, name[3:], False):
            diagnostics.unknown_negatives.append(argument)
        return ""
    if not enable(diagnostics, name, True):
        better = closest(name.partition("=")[0], sorted(known_groups()))
        text = f"unrecognized command-line option '{argument}'"
        return text + (f"; did you mean '-W{better}'?" if better else "")
    return ""


def _suggestion(name: str) -> str:
    better = closest(name, sorted(known_groups()))
    return f"; did you mean '-W{better}'?" if better else ""


def _set_error(diagnostics: Diagnostics, group: str, on: bool) -> None:
    diagnostics.as_error[group] = on
    for member in UMBRELLAS.get(group, ()):
        if member != group and member not in diagnostics.as_error:
            _set_error(diagnostics, member, on)
