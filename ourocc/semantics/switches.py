"""switch statements and their labels (C17 6.8.4.2)."""


from ourocc.semantics.constant import wrap
from ourocc.semantics.context import (
    JUMP_STATEMENT_EXPRESSION,
    JUMP_VARIABLY_MODIFIED,
    JumpContext,
)
from ourocc.semantics.labels import Labels
from ourocc.semantics.switch_checks import (
    check_boolean,
    check_enumerators,
    check_fallthrough,
    check_marks,
    check_range,
    check_unreachable,
)
from ourocc.semantics.typed_tree import (
    CaseLabel,
    Statement,
    Switch,
)
from ourocc.semantics.types import ERROR, Type
from ourocc.syntax import tree


class Switches(Labels):
    """Analyses switch statements."""

    def prepare_switches(self) -> None:
        self.break_depth = 0  # loops and switches around the statement
        self.switches: list[Switch] = []
        self.switch_contexts: list[JumpContext] = []
        self.fallthroughs: set[int] = set()  # where the attribute fallthrough stands

    def switch_statement(self, node: tree.SwitchStatement) -> Statement:
        value = self.value(node.condition)
        if value.type.kind != ERROR and not value.type.is_integer():
            self.error(node.condition.location, "switch quantity not an integer")
            value = self.error_value(node.condition.location)
        type = value.type
        if value.type.kind != ERROR:
            value = self.default_promote(value)
        switch = Switch(node.location, value)
        self.switches.append(switch)
        function = self.function
        if function is not None:
            self.switch_contexts.append(function.context)
        self.break_depth += 1
        switch.body = self.statement(node.body)
        self.break_depth -= 1
        self.switches.pop()
        if function is not None:
            self.switch_contexts.pop()
        self.check_duplicate_cases(switch)
        if self.wanted.switch_range and type.size < 4:
            check_range(self, switch, type)
        if self.wanted.switch_bool:
            check_boolean(self, node, switch)
        if self.wanted.switch:
            check_enumerators(self, switch, type)
        if self.wanted.switch_unreachable:
            check_unreachable(self, switch)
        if self.wanted.fallthrough:
            check_fallthrough(self, switch, self.fallthroughs)
        if self.fallthroughs and not self.switches:
            check_marks(self, switch.body, False, self.fallthroughs)
        return switch

    def mark_fallthrough(self, attribute: tree.Attribute, location: int) -> None:
        if attribute.arguments:
            self.warn(location, "attributes", "'fallthrough' attribute specified with a parameter")
        if not self.switches:
            self.error(location, "invalid use of attribute 'fallthrough'")
        self.fallthroughs.add(location)

    def check_duplicate_cases(self, switch: Switch) -> None:
        """C17 6.8.4.2p3."""
        seen: dict[int, CaseLabel] = {}
        ranges: list[CaseLabel] = []
        for case in switch.cases:
            if case.first == case.last:
                other = seen.get(case.first)
                if other is not None:
                    self.duplicate_case(case, other)
                else:
                    seen[case.first] = case
            else:
                ranges.append(case)
        for number, case in enumerate(ranges):
            for other in ranges[:number]:
                if case.first <= other.last and other.first <= case.last:
                    self.duplicate_case(case, other)
                    break
            else:
                for value, single in seen.items():
                    if case.first <= value <= case.last:
                        self.duplicate_case(*((case, single) if case.location > single.location else (single, case)))
                        break

    def duplicate_case(self, case: CaseLabel, other: CaseLabel) -> None:
        diagnostic = self.error(case.location, "duplicate case value" if case.first == case.last else "duplicate (or overlapping) case value")
        self.note(diagnostic, other.location, "previously used here" if case.first == case.last else "this is the first entry overlapping that value")

    def case_value(self, node: tree.Expression, type: Type, location: int) -> int | None:
        value = self.value(node)
        if value.type.kind == ERROR:
            return None
        constant = self.integer_constant(value)
        if constant is None:
            self.error(location, "case label does not reduce to an integer constant")
            return None
        number = constant.value
        if type.kind == ERROR:
            return None
        converted = wrap(number, type)
        if converted != number and constant.type.size >= type.size and self.diagnostics.enabled.get("overflow", True):
            if constant.type.unsigned == type.unsigned or constant.type.size > type.size:
                self.assign_arithmetic(constant, type, node.location)
        return converted

    def case_statement(self, node: tree.CaseStatement) -> Statement:
        if not self.switches:
            self.error(node.location, "case label not within a switch statement")
            self.value(node.first)
            return self.statement(node.body)
        switch = self.switches[-1]
        self.check_switch_jump(node.location)
        first = self.case_value(node.first, switch.condition.type, node.location)
        last = first
        if node.last is not None:
            last = self.case_value(node.last, switch.condition.type, node.location)
        label = CaseLabel(node.location, first or 0, last or 0, False)
        if first is not None and last is not None:
            if last < first:
                self.warn(node.location, "", "empty range specified")
            else:
                switch.cases.append(label)
        label.body = self.statement(node.body)
        return label

    def default_statement(self, node: tree.DefaultStatement) -> Statement:
        if not self.switches:
            self.error(node.location, "'default' label not within a switch statement")
            return self.statement(node.body)
        switch = self.switches[-1]
        self.check_switch_jump(node.location)
        label = CaseLabel(node.location, 0, 0, True)
        if switch.default is not None:
            diagnostic = self.error(node.location, "multiple default labels in one switch")
            self.note(diagnostic, switch.default.location, "this is the first default label")
        else:
            switch.default = label
        label.body = self.statement(node.body)
        return label

    def check_switch_jump(self, location: int) -> None:
        function = self.function
        if function is None or function.context is self.switch_contexts[-1]:
            return
        context: JumpContext | None = function.context
        outer = self.switch_contexts[-1]
        while context is not None and context is not outer:
            if context.kind == JUMP_VARIABLY_MODIFIED:
                diagnostic = self.error(location, "switch jumps into scope of identifier with variably modified type")
                self.note(diagnostic, self.switches[-1].location, "switch starts here")
                self.note(diagnostic, context.location, f"'{context.name}' declared here")
                return
            if context.kind == JUMP_STATEMENT_EXPRESSION:
                self.error(location, "switch jumps into statement expression")
                return
            context = context.parent
