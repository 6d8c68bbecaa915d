"""Which optional warning groups the checks of semantics have to look for: asked once, then one boolean each.

A group counts as wanted when the command line has it on or a `#pragma GCC diagnostic` anywhere in the unit
turns it on: the engine decides at each place whether the message is shown.
"""

from typing import final

from ourocc.base.diagnostics import Diagnostics
from ourocc.base.warning_groups import DEFAULT_ON, UMBRELLAS


@final
class Wanted:
    """One boolean for each group, or set of groups that one check serves."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        on: set[str] = set()
        if not diagnostics.silent:
            on.update(group for group in DEFAULT_ON if diagnostics.enabled.get(group, True))
            on.update(group for group, enabled in diagnostics.enabled.items() if enabled)
            for _, action, name in diagnostics.changes:
                if action in ("warning", "error"):
                    on.add(name)
                    on.update(UMBRELLAS.get(name, ()))
        # usage
        self.set_but_unused = "unused-but-set-variable" in on or "unused-but-set-parameter" in on
        self.local_typedefs = "unused-local-typedefs" in on
        self.unused_function = "unused-function" in on
        self.unused_variable = "unused-variable" in on
        self.unused_constant = "unused-const-variable" in on
        # declarations
        self.missing_prototypes = "missing-prototypes" in on
        self.missing_declarations = "missing-declarations" in on
        self.strict_prototypes = "strict-prototypes" in on
        self.old_style_definition = "old-style-definition" in on
        self.definitions = (
            self.missing_prototypes or self.missing_declarations or self.strict_prototypes or self.old_style_definition
        )
        self.redundant = "redundant-decls" in on
        self.nested_externs = "nested-externs" in on
        self.shadow = "shadow" in on or "shadow-local" in on or "shadow-compatible-local" in on
        self.vla = "vla" in on
        self.mixed_declarations = "declaration-after-statement" in on
        # statements
        self.empty_body = "empty-body" in on
        self.switch = "switch" in on or "switch-enum" in on or "switch-default" in on
        self.switch_bool = "switch-bool" in on
        self.switch_range = "switch-outside-range" in on
        self.switch_unreachable = "switch-unreachable" in on
        self.fallthrough = "implicit-fallthrough" in on
        # expressions
        self.parentheses = "parentheses" in on
        self.operators = (
            "type-limits" in on
            or "logical-not-parentheses" in on
            or "bool-compare" in on
            or "tautological-compare" in on
            or "float-equal" in on
        )
        self.enumerations = "enum-compare" in on
        self.addresses = "address" in on or "array-compare" in on or "pointer-compare" in on
        self.sizeof_division = "sizeof-pointer-div" in on or "sizeof-array-div" in on
        self.sizeof_array = "sizeof-array-argument" in on
        self.missing_braces = "missing-braces" in on
        self.boolean_context = "int-in-bool-context" in on
        self.cast_qualifiers = "cast-qual" in on
        self.write_strings = "write-strings" in on
        self.bad_function_cast = "bad-function-cast" in on
        self.memory_calls = "sizeof-pointer-memaccess" in on or "memset-transposed-args" in on
        # initializers
        self.missing_fields = "missing-field-initializers" in on
        self.override_init = "override-init" in on
