"""The warning groups of the command line: names, defaults, and what -Wall, -Wextra and others contain.

`apply_option` reads one -W argument into a `Diagnostics`.  A group named by itself always beats one
that an umbrella option switches, whichever comes first.
"""

import re
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
prio-ctor-dtor psabi return-local-addr scalar-storage-order shift-count-negative
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
    "unused-variable": "unused-const-variable",
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
analyzer-shift-count-negative analyzer-shift-count-overflow analyzer-tainted-allocation-size
analyzer-tainted-array-index analyzer-tainted-divisor analyzer-tainted-offset analyzer-tainted-size
analyzer-unsafe-call-within-signal-handler analyzer-use-of-pointer-in-stale-stack-frame chkp
analyzer-use-of-uninitialized-value analyzer-write-to-const analyzer-write-to-string-literal
"""
# Known, switched like all others, and without any check that would report something: kept here so that
# docs/flags.md can say it
SILENT: Final = frozenset(
    """
NSObject-attribute abi absolute-value address-of-packed-member aggregate-return
aggressive-loop-optimizations alloc-size-larger-than alloc-zero alloca alloca-larger-than
analyzer-double-fclose analyzer-double-free analyzer-exposure-through-output-file analyzer-file-leak
analyzer-free-of-non-heap analyzer-malloc-leak analyzer-mismatching-deallocation analyzer-null-argument
analyzer-null-dereference analyzer-possible-null-argument analyzer-possible-null-dereference
analyzer-shift-count-negative analyzer-shift-count-overflow analyzer-stale-setjmp-buffer
analyzer-tainted-allocation-size analyzer-tainted-array-index analyzer-tainted-divisor
analyzer-tainted-offset analyzer-tainted-size analyzer-too-complex
analyzer-unsafe-call-within-signal-handler analyzer-use-after-free
analyzer-use-of-pointer-in-stale-stack-frame analyzer-use-of-uninitialized-value analyzer-write-to-const
analyzer-write-to-string-literal arith-conversion array-bounds array-parameter attribute-alias
bidi-chars c++-compat c11-c2x-compat c90-c99-compat c99-c11-compat cannot-profile cast-align
chkp clobbered comment coverage-invalid-line-number coverage-mismatch dangling-pointer deprecated designated-init disabled-optimization discarded-array-qualifiers
double-promotion duplicated-branches duplicated-cond format-diag
format-nonliteral format-overflow format-security format-signedness format-truncation format-y2k
frame-larger-than free-nonheap-object hsa if-not-aligned ignored-attributes infinite-recursion
init-self inline invalid-memory-model invalid-pch jump-misses-init larger-than logical-op lto-type-mismatch maybe-uninitialized memset-elt-size mismatched-dealloc
missing-attributes missing-format-attribute missing-include-dirs missing-noreturn missing-profile multistatement-macros narrowing nonnull-compare normalized
null-dereference odr openacc-parallelism openmp-simd overlength-strings override-init
override-init-side-effects packed packed-bitfield-compat packed-not-aligned padded placement-new
prio-ctor-dtor psabi restrict sequence-point sign-conversion stack-protector stack-usage
strict-aliasing strict-overflow string-compare stringop-overflow stringop-overread stringop-truncation
suggest-attribute suggest-final-methods suggest-final-types sync-nand synth traditional
traditional-conversion trampolines trigraphs trivial-auto-var-init tsan uninitialized unreachable-code unsafe-loop-optimizations unsuffixed-float-constants unused-macros use-after-free varargs
vector-operation-performance vla-larger-than vla-parameter volatile-register-var
zero-length-bounds
""".split()
)
# Of other languages: gcc says so, no more
OTHER_LANGUAGES: Final = frozenset(
    """
abi-tag aliasing align-commons aligned-new ampersand array-temporaries assign-intercept c++0x-compat
c++11-compat c++11-extensions c++14-compat c++14-extensions c++17-compat c++17-extensions c++1z-compat
c++20-compat c++20-extensions c++23-extensions c++2a-compat c-binding-type cast-result catch-value
character-truncation class-conversion class-memaccess comma-subscript compare-reals
conditionally-supported conversion-extra conversion-null ctad-maybe-unsupported ctor-dtor-privacy
delete-incomplete delete-non-virtual-dtor deprecated-copy deprecated-copy-dtor
deprecated-enum-enum-conversion deprecated-enum-float-conversion do-subscript effc++ exceptions
extra-semi function-elimination implicit-interface implicit-procedure inaccessible-base
inherited-variadic-ctor init-list-lifetime integer-division interference-size intrinsic-shadow
intrinsics-std invalid-imported-macros invalid-offsetof line-truncation literal-suffix
mismatched-new-delete mismatched-tags missing-requires missing-template-keyword multiple-inheritance
namespaces noexcept noexcept-type non-template-friend non-virtual-dtor objc-root-class old-style-cast
overloaded-virtual overwrite-recursive pessimizing-move pmf-conversions property-assign-default protocol
range-loop-construct real-q-constant realloc-lhs realloc-lhs-all redundant-move redundant-tags register
reorder selector shadow-ivar sign-promo sized-deallocation strict-null-sentinel strict-selector-match
subobject-linkage suggest-override surprising tabs target-lifetime templates terminate
undeclared-selector undefined-do-loop underflow unused-dummy-argument use-without-only useless-cast
vexing-parse virtual-inheritance virtual-move-assign volatile zero-as-null-pointer-constant zerotrip
""".split()
)
# -Wname=LEVEL: the highest level; other forms of -Wname=...: the words, "#" for sizes
_LEVELS: Final = {
    "array-bounds": 2, "array-parameter": 2, "attribute-alias": 2, "dangling-pointer": 2, "format": 2,
    "format-overflow": 2, "format-truncation": 2, "implicit-fallthrough": 5, "shift-overflow": 2,
    "strict-aliasing": 3, "strict-overflow": 5, "stringop-overflow": 4, "unused-const-variable": 2, "use-after-free": 3,
    "abi": 1000,
}  # fmt: skip
_VALUES: Final = {
    "alloc-size-larger-than": "#", "alloca-larger-than": "#", "frame-larger-than": "#", "larger-than": "#",
    "stack-usage": "#", "vla-larger-than": "#", "normalized": "none id nfc nfkc", "cast-align": "strict",
    "shadow": "global local compatible-local", "bidi-chars": "none unpaired any ucn unpaired,ucn any,ucn",
    "suggest-attribute": "cold const format malloc noreturn pure", "attributes": "",
}  # fmt: skip
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


def wrong_value(name: str) -> str:
    """What is wrong with the value of -Wname=value ("" for nothing, and for names without one)."""
    group, equals, value = name.partition("=")
    if not equals:
        return ""
    highest = _LEVELS.get(group)
    if highest is not None:
        if value.isdigit() and int(value) <= highest:
            return ""
        return f"argument to '-W{group}=' is not between 0 and {highest}"
    words = _VALUES.get(group)
    if words == "#":
        if re.fullmatch(r"\d+([kKMGTPE]i?B|B)?", value):
            return ""
        return f"argument to '-W{group}=' should be a non-negative integer optionally followed by a size unit"
    if words is None or (words and value not in words.split()):
        return f"unrecognized command-line option '-W{name}'; did you mean '-W{group}'?"
    return ""


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
    if name == "no-" or name.removeprefix("no-") in OTHER_LANGUAGES:
        return "" if name != "no-" else "unrecognized command-line option '-Wno-'"
    if name.startswith("larger-than-") and name[12:].isdigit():
        name = "larger-than=" + name[12:]
    problem = wrong_value(name) if group_of(name) else ""
    if problem:
        return problem
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
