"""Labels and the jumps to them (C17 6.8.1, 6.8.6.1); GNU's local labels."""


from ourocc.semantics.context import (
    JUMP_STATEMENT_EXPRESSION,
    JUMP_VARIABLY_MODIFIED,
    JumpContext,
)
from ourocc.semantics.declarations import Declarations
from ourocc.semantics.typed_tree import (
    Label,
    Labeled,
    Statement,
)
from ourocc.syntax import tree


class Labels(Declarations):
    """Analyses labels."""

    def statement(self, node: tree.Statement) -> Statement:
        raise NotImplementedError

    def close_local_labels(self, count: int) -> None:
        function = self.function
        assert function is not None
        for scope in function.local_labels[count:]:
            for label in scope.values():
                if not label.defined and label.used:
                    self.error(label.location, f"label '{label.name}' used but not defined")
        del function.local_labels[count:]

    def local_labels(self, node: tree.LocalLabels) -> None:
        function = self.function
        if function is None:
            return
        labels: dict[str, Label] = {}
        for name in node.names:
            if name in labels:
                self.error(node.location, f"duplicate label declaration '{name}'")
            label = Label(name, node.location)
            labels[name] = label
            function.definition.labels.append(label)
        function.local_labels.append(labels)

    def label_reference(self, name: str, location: int) -> Label:
        function = self.function
        if function is None:
            return Label(name, location)
        for labels in reversed(function.local_labels):
            label = labels.get(name)
            if label is not None:
                label.used = True
                return label
        outer = function.outer
        while outer is not None:
            for labels in reversed(outer.local_labels):
                if name in labels:
                    labels[name].used = True
                    labels[name].nonlocal_goto = True
                    return labels[name]
            outer = outer.outer
        label = function.labels.get(name)
        if label is None:
            label = Label(name, location)
            function.labels[name] = label
            function.definition.labels.append(label)
        return label

    def labeled_statement(self, node: tree.LabeledStatement) -> Statement:
        label = self.define_label(node)
        body = self.statement(node.body)
        return Labeled(node.location, label, body)

    def define_label(self, node: tree.LabeledStatement) -> Label:
        function = self.function
        assert function is not None
        used = self.is_label_used(node.label)
        label = self.label_reference(node.label, node.location)
        if not used:
            label.used = False
        if label.defined:
            diagnostic = self.error(node.location, f"duplicate label '{node.label}'")
            self.note(diagnostic, label.location, f"previous definition of '{node.label}' with type 'void'")
        else:
            label.defined = True
            label.location = node.location
            function.label_contexts[id(label)] = function.context
            if node.attributes:
                for attribute in node.attributes:
                    if attribute.name == "unused":
                        label.used = True
        return label

    def is_label_used(self, name: str) -> bool:
        function = self.function
        assert function is not None
        for labels in reversed(function.local_labels):
            if name in labels:
                return labels[name].used
        label = function.labels.get(name)
        return label is not None and label.used

    def enter_variably_modified(self, location: int, name: str) -> None:
        """A variably modified declaration: from here to the end of its block nothing may jump in (C17 6.8.6.1p1)."""
        function = self.function
        if function is not None:
            function.context = JumpContext(function.context, JUMP_VARIABLY_MODIFIED, location, name)

    def finish_labels(self) -> None:
        """All labels of the function are known: check the gotos."""
        function = self.function
        assert function is not None
        reported: set[str] = set()
        for label in function.labels.values():
            if not label.defined:
                if label.name not in reported:
                    reported.add(label.name)
                    self.error(label.location, f"label '{label.name}' used but not defined")
            elif not label.used and self.wants("unused-label"):
                self.warn(label.location, "unused-label", f"label '{label.name}' defined but not used")
        for goto in function.pending:
            target = function.label_contexts.get(id(goto.label))
            if target is None:
                continue
            outside: set[int] = set()
            context: JumpContext | None = goto.context
            while context is not None:
                outside.add(id(context))
                context = context.parent
            context = target
            while context is not None and id(context) not in outside:
                if context.kind == JUMP_VARIABLY_MODIFIED:
                    diagnostic = self.error(goto.location, "jump into scope of identifier with variably modified type")
                    self.note(diagnostic, goto.label.location, f"label '{goto.label.name}' defined here")
                    self.note(diagnostic, context.location, f"'{context.name}' declared here")
                    break
                if context.kind == JUMP_STATEMENT_EXPRESSION:
                    diagnostic = self.error(goto.location, "jump into statement expression")
                    self.note(diagnostic, goto.label.location, f"label '{goto.label.name}' defined here")
                    break
                context = context.parent
