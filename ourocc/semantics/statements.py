"""Statements (C17 6.8): blocks, selection, iteration, jumps, labels, asm, and GNU statement expressions."""

from typing import cast

from ourocc.base.diagnostics import REQUIRED
from ourocc.semantics.array_checks import check_address_truth
from ourocc.semantics.asm_statements import AsmStatements
from ourocc.semantics.context import (
    JUMP_STATEMENT_EXPRESSION,
    JumpContext,
    PendingGoto,
)
from ourocc.semantics.conversions import RETURNING
from ourocc.semantics.display import quoted
from ourocc.semantics.operator_checks import check_truth
from ourocc.semantics.typed_tree import (
    ADDRESS_OF,
    ARRAY_DECAY,
    BREAK,
    CONTINUE,
    DEREFERENCE,
    LOAD,
    VARIABLE,
    Block,
    ComputedGoto,
    Expression,
    ExpressionStatement,
    Goto,
    If,
    Jump,
    Labeled,
    Loop,
    Return,
    Statement,
    StatementExpression,
    UnaryOperation,
)
from ourocc.semantics.types import ARRAY, ERROR, FUNCTION, POINTER, VOID, VOLATILE, Type
from ourocc.semantics.usage_checks import report_unused
from ourocc.syntax import tree


class Statements(AsmStatements):
    """Analyses statements."""

    def prepare_statements(self) -> None:
        self.prepare_switches()
        self.loop_depth = 0

    # ------------------------------------------------------------------ dispatch

    def statement(self, node: tree.Statement) -> Statement:
        kind = node.kind
        if kind == tree.EXPRESSION_STATEMENT:
            return self.expression_statement(cast(tree.ExpressionStatement, node))
        if kind == tree.COMPOUND_STATEMENT:
            return self.block(cast(tree.CompoundStatement, node))
        if kind == tree.IF_STATEMENT:
            return self.if_statement(cast(tree.IfStatement, node))
        if kind == tree.RETURN_STATEMENT:
            return self.return_statement(cast(tree.ReturnStatement, node))
        if kind == tree.FOR_STATEMENT:
            return self.for_statement(cast(tree.ForStatement, node))
        if kind == tree.WHILE_STATEMENT or kind == tree.DO_STATEMENT:
            return self.loop_statement(cast(tree.LoopStatement, node))
        if kind == tree.CASE_STATEMENT:
            return self.case_statement(cast(tree.CaseStatement, node))
        if kind == tree.BREAK_STATEMENT:
            if not self.break_depth:
                self.error(node.location, "break statement not within loop or switch")
            return Jump(BREAK, node.location)
        if kind == tree.CONTINUE_STATEMENT:
            if not self.loop_depth:
                self.error(node.location, "continue statement not within a loop")
            return Jump(CONTINUE, node.location)
        if kind == tree.SWITCH_STATEMENT:
            return self.switch_statement(cast(tree.SwitchStatement, node))
        if kind == tree.GOTO_STATEMENT:
            goto = cast(tree.GotoStatement, node)
            label = self.label_reference(goto.label, node.location)
            label.used = True
            function = self.function
            if function is not None:
                function.pending.append(PendingGoto(label, node.location, function.context))
            return Goto(node.location, label)
        if kind == tree.LABELED_STATEMENT:
            return self.labeled_statement(cast(tree.LabeledStatement, node))
        return self.rare_statement(node)

    def rare_statement(self, node: tree.Statement) -> Statement:
        kind = node.kind
        location = node.location
        if kind == tree.NULL_STATEMENT or kind == tree.EMPTY_DECLARATION:
            for attribute in node.attributes:
                if attribute.name == "fallthrough":
                    self.mark_fallthrough(attribute, location)
            return Block(location)
        if kind == tree.DEFAULT_STATEMENT:
            return self.default_statement(cast(tree.DefaultStatement, node))
        if kind == tree.ASM_STATEMENT:
            return self.asm_statement(cast(tree.AsmStatement, node))
        if kind == tree.COMPUTED_GOTO:
            target = self.value(cast(tree.ComputedGoto, node).target)
            if target.type.kind != ERROR:
                if target.type.kind == POINTER:
                    target = self.convert(target, self.types.const_void_pointer)
                else:
                    self.error(target.location, "computed goto must be pointer type")
            return ComputedGoto(location, target)
        if kind == tree.PRAGMA:
            self.pragma(cast(tree.PragmaNode, node))
            return Block(location)
        # a declaration where the grammar of a lone substatement let one through
        block = Block(location)
        self.push_scope().statements = block.statements
        self.block_item(node, block.statements)
        self.leave_scope()
        return block

    def pragma(self, node: tree.PragmaNode) -> None:
        raise NotImplementedError

    def nested_function(self, node: tree.FunctionDefinition) -> None:
        raise NotImplementedError

    # ------------------------------------------------------------------ blocks

    def block(self, node: tree.CompoundStatement) -> Block:
        block = Block(node.location)
        block.end = node.end
        scope = self.push_scope()
        scope.statements = block.statements
        self.block_items(node.items, block.statements)
        self.leave_scope()
        return block

    def block_items(self, items: list[tree.Statement], statements: list[Statement]) -> None:
        function = self.function
        labels = len(function.local_labels) if function is not None else 0
        context = function.context if function is not None else None
        if self.wanted.mixed_declarations:
            self.check_mixed(items)
        for item in items:
            kind = item.kind
            if kind < tree.DECLARATION and kind != tree.LOCAL_LABELS:
                statements.append(self.statement(item))
            else:
                self.block_item(item, statements)
        if function is not None and context is not None:
            function.context = context
            if len(function.local_labels) > labels:
                self.close_local_labels(labels)

    def check_mixed(self, items: list[tree.Statement]) -> None:
        """-Wdeclaration-after-statement: the first declaration after each statement of a block."""
        after_statement = False
        for item in items:
            if item.kind == tree.DECLARATION:
                if after_statement:
                    text = "ISO C90 forbids mixed declarations and code"
                    if self.options.standard < 1999:
                        self.pedwarn(item.location, "declaration-after-statement", text)
                    else:
                        self.warn(item.location, "declaration-after-statement", text)
                after_statement = False
            elif item.kind < tree.DECLARATION and item.kind != tree.LOCAL_LABELS:
                after_statement = True

    def block_item(self, item: tree.Statement, statements: list[Statement]) -> None:
        kind = item.kind
        if kind == tree.DECLARATION:
            self.declaration(cast(tree.Declaration, item))
        elif kind == tree.LOCAL_LABELS:
            self.local_labels(cast(tree.LocalLabels, item))
        elif kind == tree.STATIC_ASSERT:
            self.static_assert(cast(tree.StaticAssert, item))
        elif kind == tree.FUNCTION_DEFINITION:
            self.nested_function(cast(tree.FunctionDefinition, item))
        elif kind == tree.PRAGMA:
            self.pragma(cast(tree.PragmaNode, item))
        elif kind == tree.EMPTY_DECLARATION:
            pass
        else:
            statements.append(self.statement(item))

    def leave_scope(self) -> None:
        """Close the scope; what was declared in it and never used."""
        scope = self.pop_scope()
        if self.usage_wanted:
            report_unused(self, scope)

    def expression_statement(self, node: tree.ExpressionStatement) -> Statement:
        self.dropped = node.expression
        expression = self.expression(node.expression)
        if expression.is_place or expression.type.kind == FUNCTION:
            expression = self.unused_place(expression)
        if self.unused_value_wanted:
            self.check_unused_value(node.expression, expression)
        self.check_unused_result(expression)
        if expression.type.kind == ARRAY:
            expression = self.rvalue(expression)
        return ExpressionStatement(expression)

    def unused_place(self, expression: Expression) -> Expression:
        """An lvalue as a statement: volatile ones are read, incomplete ones are not."""
        if expression.kind == DEREFERENCE and not expression.type.complete and expression.type.kind != ARRAY:
            if expression.type.is_record():
                self.error(expression.location, f"invalid use of undefined type {quoted(expression.type.unqualified)}")
            return cast(UnaryOperation, expression).operand
        return self.rvalue(expression)

    def check_unused_value(self, node: tree.Expression, value: Expression) -> None:
        """-Wunused-value."""
        if value.type.kind in (VOID, ERROR):
            return
        kind = node.kind
        if kind in (tree.NUMBER, tree.IDENTIFIER, tree.CHARACTER, tree.MEMBER, tree.SUBSCRIPT, tree.STRING):
            if value.kind == LOAD and cast(UnaryOperation, value).operand.type.qualifiers & VOLATILE:
                return
            self.warn(node.location, "unused-value", "statement with no effect")
        elif kind == tree.BINARY:
            operator = cast(tree.BinaryExpression, node).operator
            if operator in ("&&", "||", ","):
                return
            text = "value computed is not used" if has_call(node) else "statement with no effect"
            self.warn(node.location, "unused-value", text)

    # ------------------------------------------------------------------ selection and iteration

    def condition_of(self, node: tree.Expression) -> Expression:
        value = self.value(node)
        if self.parentheses_wanted and node.kind == tree.ASSIGNMENT and not node.parenthesized:
            self.warn_assignment_condition(node)
        if self.wanted.boolean_context:
            check_truth(self, value)
        if value.type.kind == POINTER and self.wanted.addresses:
            check_address_truth(self, value)
        return self.condition(value, node.location)

    def warn_assignment_condition(self, node: tree.Expression) -> None:
        if cast(tree.BinaryExpression, node).operator == "=":
            self.warn(node.location, "parentheses", "suggest parentheses around assignment used as truth value")

    def if_statement(self, node: tree.IfStatement) -> Statement:
        condition = self.condition_of(node.condition)
        if self.wanted.empty_body:
            self.check_empty_body(node)
        then = self.statement(node.then)
        otherwise = self.statement(node.otherwise) if node.otherwise is not None else None
        made = If(node.location, condition, then, otherwise)
        made.condition_location = node.open
        return made

    def check_empty_body(self, node: tree.IfStatement) -> None:
        """-Wempty-body of an if statement; a body from a macro is none that was mistyped."""
        body = node.then if node.otherwise is None else node.otherwise
        if body.kind == tree.NULL_STATEMENT and not body.attributes:
            what = "'if'" if node.otherwise is None else "'else'"
            self.warn(body.location, "empty-body", f"suggest braces around empty body in an {what} statement")

    def loop_statement(self, node: tree.LoopStatement) -> Statement:
        test_first = node.kind == tree.WHILE_STATEMENT
        condition = self.condition_of(node.condition) if test_first else None
        self.loop_depth += 1
        self.break_depth += 1
        body = self.statement(node.body)
        self.loop_depth -= 1
        self.break_depth -= 1
        if not test_first:
            condition = self.condition_of(node.condition)
        loop = Loop(node.location, condition, test_first)
        loop.body = body
        return loop

    def for_statement(self, node: tree.ForStatement) -> Statement:
        outer = Block(node.location)
        outer.end = node.body.end if isinstance(node.body, tree.CompoundStatement) else node.body.location
        scope = self.push_scope()
        scope.statements = outer.statements
        initial = node.initial
        function = self.function
        context = function.context if function is not None else None
        if initial is not None:
            if initial.kind == tree.DECLARATION:
                declaration = cast(tree.Declaration, initial)
                self.check_for_declaration(declaration)
                if self.options.standard < 1999 and not self.options.gnu:
                    diagnostic = self.error(initial.location, "'for' loop initial declarations are only allowed in C99 or C11 mode")
                    self.note(diagnostic, initial.location, "use option '-std=c99', '-std=gnu99', '-std=c11' or '-std=gnu11' to compile your code")
                elif self.options.standard < 1999:
                    diagnostic = self.error(initial.location, "'for' loop initial declarations are only allowed in C99 or C11 mode")
                    self.note(diagnostic, initial.location, "use option '-std=c99', '-std=gnu99', '-std=c11' or '-std=gnu11' to compile your code")
            self.block_item(initial, outer.statements)
        condition: Expression | None = None
        if node.condition is not None:
            condition = self.condition_of(node.condition)
        step: Expression | None = None
        if node.step is not None:
            self.dropped = node.step
            step = self.expression(node.step)
            self.check_unused_result(step)
            if step.is_place:
                step = self.unused_place(step)
        self.loop_depth += 1
        self.break_depth += 1
        body = self.statement(node.body)
        self.loop_depth -= 1
        self.break_depth -= 1
        self.leave_scope()
        if function is not None and context is not None:
            function.context = context
        loop = Loop(node.location, condition, True)
        loop.step = step
        loop.body = body
        if not outer.statements:
            return loop
        outer.statements.append(loop)
        return outer

    def check_for_declaration(self, node: tree.Declaration) -> None:
        """C17 6.8.5p3."""
        storage = node.specifiers.storage
        for item in node.declarators:
            parts = item.declarator.parts
            word = "static variable" if storage & tree.STORAGE_STATIC else "'extern' variable"
            if storage & tree.STORAGE_TYPEDEF or (parts and parts[0].kind == tree.FUNCTION_DECLARATOR):
                word = "non-variable"
            elif not storage & (tree.STORAGE_STATIC | tree.STORAGE_EXTERN):
                continue
            self.error(item.location, f"declaration of {word} '{item.declarator.name}' in 'for' loop initial declaration")

    # ------------------------------------------------------------------ jumps

    def return_statement(self, node: tree.ReturnStatement) -> Statement:
        function = self.function
        location = node.location
        assert function is not None
        result = function.result
        if function.definition.variable.noreturn:
            self.warn(location, "", "function declared 'noreturn' has a 'return' statement")
        if node.value is None:
            if result.kind != VOID and result.kind != ERROR and self.options.standard >= 1999:
                option = "return-type" if self.wants("return-type") else REQUIRED
                diagnostic = self.pedwarn(location, option, "'return' with no value, in function returning non-void")
                self.note(diagnostic, function.definition.variable.location, "declared here")
            return Return(location, None)
        value = self.value(node.value)
        function.has_return_value = True
        if result.kind == VOID:
            if value.type.kind == VOID:
                if self.diagnostics.pedantic:
                    text = "ISO C forbids 'return' with expression, in function returning void"
                    self.pedwarn(node.value.location, "pedantic", text)
            elif value.type.kind != ERROR:
                option = "return-type" if self.wants("return-type") else REQUIRED
                diagnostic = self.pedwarn(node.value.location, option, "'return' with a value, in function returning void")
                self.note(diagnostic, function.definition.variable.location, "declared here")
            # the value is still computed
            block = Block(location)
            block.statements.append(ExpressionStatement(self.discard(value)))
            block.statements.append(Return(location, None))
            return block
        if value.type.kind == ERROR or result.kind == ERROR:
            return Return(location, value)
        if self.diagnostics.enabled.get("return-local-addr", True):
            self.check_local_address(value)
        return Return(location, self.assign(value, result, RETURNING, node.value.location))

    def check_local_address(self, value: Expression) -> None:
        if value.kind in (ADDRESS_OF, ARRAY_DECAY):
            place = cast(UnaryOperation, value).operand
            if place.kind == VARIABLE:
                from ourocc.semantics.typed_tree import VariableReference

                variable = cast(VariableReference, place).variable
                if variable.storage == 0 and not variable.is_function and not variable.register_name and variable.name:
                    self.warn(value.location, "return-local-addr", "function returns address of local variable")

    # ------------------------------------------------------------------ statement expressions

    def statement_expression(self, node: tree.StatementExpression) -> Expression:
        """GNU ({ ... })."""
        function = self.function
        location = node.location
        if function is None:
            self.error(location, "braced-group within expression allowed only inside a function")
            return self.error_value(location)
        if self.diagnostics.pedantic:
            self.pedwarn(location, "pedantic", "ISO C forbids braced-groups within expressions")
        block = Block(location)
        block.end = node.body.end
        scope = self.push_scope()
        scope.statements = block.statements
        items = list(node.body.items)
        while len(items) > 1 and items[-1].kind == tree.NULL_STATEMENT:  # gcc: these do not hide the value
            items.pop()
        saved_context = function.context
        function.context = JumpContext(saved_context, JUMP_STATEMENT_EXPRESSION, location, "")
        saved_vlas = self.pending_vlas
        self.pending_vlas = []
        labels = len(function.local_labels)
        result: Expression | None = None
        count = len(items)
        last = items[count - 1] if count else None
        final: tree.Statement | None = last
        while final is not None and final.kind == tree.LABELED_STATEMENT:
            final = cast(tree.LabeledStatement, final).body
        if last is not None and final is not None and final.kind == tree.EXPRESSION_STATEMENT:
            inner = function.context
            for item in items[: count - 1]:
                self.block_item(item, block.statements)
            while last.kind == tree.LABELED_STATEMENT:
                labeled = cast(tree.LabeledStatement, last)
                label = self.define_label(labeled)
                block.statements.append(Labeled(labeled.location, label, Block(labeled.location)))
                last = labeled.body
            expression = self.expression(cast(tree.ExpressionStatement, final).expression)
            result = self.rvalue(expression) if expression.is_place or expression.type.kind in (ARRAY, FUNCTION) else expression
            if result.type.precision:
                result = self.convert(result, cast(Type, result.type.underlying))
            function.context = inner
        else:
            for item in items:
                self.block_item(item, block.statements)
        if len(function.local_labels) > labels:
            self.close_local_labels(labels)
        self.leave_scope()
        function.context = saved_context
        self.pending_vlas = saved_vlas
        if result is not None and result.type.kind == ERROR:
            return result
        type = self.types.void if result is None else result.type
        return StatementExpression(type, location, block, result)


def has_call(node: tree.Expression) -> bool:
    if node.kind == tree.BINARY:
        both = cast(tree.BinaryExpression, node)
        return has_call(both.left) or has_call(both.right)
    return node.kind in (tree.CALL, tree.ASSIGNMENT, tree.POSTFIX)
