"""The entry of semantic analysis: a syntax tree in, a typed unit out.

Ordinary functions are analysed where they stand.  Bodies that the parser only brace-matched
(static and inline functions) are parsed and analysed when something that will be emitted refers
to them: a worklist from the unit's roots, so that unused inline functions of headers cost nothing.
"""

from typing import cast

from ourocc.base.diagnostics import Diagnostics
from ourocc.base.signals import let_signals_in
from ourocc.base.source import SourceMap
from ourocc.semantics.context import ENTRY_VARIABLE, Context, Entry, FunctionState
from ourocc.semantics.declaration_checks import check_definition
from ourocc.semantics.declarations import PendingFunction
from ourocc.semantics.declarators import ParameterInfo
from ourocc.semantics.flow import falls_through
from ourocc.semantics.options import LanguageOptions
from ourocc.semantics.statements import Statements
from ourocc.semantics.typed_tree import (
    DECLARED,
    DEFINED,
    LINKAGE_INTERNAL,
    LINKAGE_NONE,
    LOAD,
    TENTATIVE,
    VARIABLE,
    Block,
    FunctionDefinition,
    LocalDeclaration,
    StringLiteral,
    TypedUnit,
    UnaryOperation,
    Variable,
    VariableReference,
    VlaDeclaration,
)
from ourocc.semantics.types import ARRAY, ERROR, FUNCTION, INCOMPLETE_LENGTH, VOID, DataModel, Type
from ourocc.semantics.usage_checks import mentioned_names, report_statics, report_undefined
from ourocc.syntax import tree
from ourocc.syntax.parser import Parser


class Analyzer(Statements):
    """The whole analysis of one translation unit."""

    def __init__(
        self,
        parser: Parser,
        model: DataModel,
        options: LanguageOptions,
        sources: SourceMap,
        diagnostics: Diagnostics,
    ) -> None:
        Context.__init__(self, model, options, sources, diagnostics)
        self.parser = parser
        self.prepare_signatures()
        self.prepare_expressions()
        self.prepare_attributes()
        self.prepare_specifiers()
        self.prepare_declarators()
        self.prepare_declarations()
        self.prepare_statements()
        self.results: dict[int, FunctionDefinition] = {}

    # ------------------------------------------------------------------ the unit

    def run(self, unit: tree.TranslationUnit) -> TypedUnit:
        for item in unit.items:
            self.order += 1
            kind = item.kind
            if kind == tree.DECLARATION:
                self.declaration(cast(tree.Declaration, item))
            elif kind == tree.FUNCTION_DEFINITION:
                self.function_definition(cast(tree.FunctionDefinition, item))
            elif kind == tree.STATIC_ASSERT:
                self.static_assert(cast(tree.StaticAssert, item))
            elif kind == tree.FILE_SCOPE_ASM:
                self.file_scope_asm(cast(tree.FileScopeAsm, item))
            elif kind == tree.PRAGMA:
                self.pragma(cast(tree.PragmaNode, item))
        self.finish_tentative()
        self.reach()
        self.emit()
        return self.unit

    def file_scope_asm(self, node: tree.FileScopeAsm) -> None:
        literal = self.expression(node.text)
        if isinstance(literal, StringLiteral):
            text = literal.data[:-1].decode("utf-8", "surrogateescape")
            self.objects.append(len(self.unit.assembly))
            self.unit.assembly.append((node.location, text))

    def pragma(self, node: tree.PragmaNode) -> None:
        words = node.text.replace("(", " ( ").replace(")", " ) ").replace("=", " = ").split()
        if not words:
            return
        if words[0] == "weak" and len(words) >= 2:
            target = words[3] if len(words) == 4 and words[2] == "=" else ""
            variable = self.linked.get(words[1])
            self.pragma_weak[words[1]] = target
            if variable is not None:
                variable.weak = True
                if target:
                    variable.alias = target
            elif target:
                alias = Variable(words[1], self.types.int, node.location)
                alias.weak = True
                alias.alias = target
                alias.storage = 1
                alias.linkage = 2
                self.unit.aliases.append(alias)
        elif words[0] == "redefine_extname" and len(words) == 3:
            self.redefined_names[words[1]] = words[2]
            variable = self.linked.get(words[1])
            if variable is not None:
                variable.symbol_name = words[2]
                self.unit.renamed[words[1]] = words[2]
        elif words[:3] == ["GCC", "visibility", "push"] and len(words) >= 5:
            number = {"default": 0, "internal": 1, "hidden": 2, "protected": 3}.get(words[4], 0)
            self.visibility_stack.append(number)
        elif words[:3] == ["GCC", "visibility", "pop"]:
            if self.visibility_stack:
                self.visibility_stack.pop()
            else:
                self.warn(node.location, "pragmas", "no matching push for '#pragma GCC visibility pop'")

    # ------------------------------------------------------------------ function definitions

    def function_definition(self, node: tree.FunctionDefinition) -> None:
        specifiers = node.specifiers
        declarator = node.declarator
        name = declarator.name
        location = declarator.location
        base = self.specified_type(specifiers)
        self.defining = declarator.parts[0] if declarator.parts else None
        if not specifiers.keywords and specifiers.specifier is None:
            if self.options.standard >= 1999:
                self.pedwarn(location, "implicit-int", "return type defaults to 'int'")
            known = self.linked.get(name)
            if known is not None and known.is_function and cast(Type, known.type.base).kind == VOID:
                # GNU: `f() {}` may define what was declared void
                base = self.types.void
                self.pedwarn(location, "", f"conflicting types for '{name}'")
        own = self.attribute_set(declarator.attributes) if declarator.attributes else self.no_attributes
        shared = self.attribute_set(specifiers.attributes) if specifiers.attributes else self.no_attributes
        type = self.declared_type(base, declarator, own, shared)
        if type.kind != FUNCTION:
            if type.kind != ERROR:
                self.error(location, f"'{name}' is not a function")
            return
        parameters = self.own_parameters
        vlas = self.own_vlas
        part = cast(tree.FunctionDeclarator, declarator.parts[0])
        if part.names or node.old_style:
            parameters = self.old_style_parameters(node, part)
        storage = specifiers.storage
        self.check_definition_storage(storage, location)
        result = cast(Type, type.base)
        if not result.complete and result.kind not in (VOID, ERROR):
            self.error(location, "return type is an incomplete type")
            type = self.types.function(self.types.error, type.parameters, type.variadic, type.prototype)
        linkage = self.linkage_of(name, storage, True)
        if self.wanted.definitions:
            self.check_prototypes(node, type, linkage)
        variable = self.merge_linked(name, type, location, True, linkage, storage & tree.STORAGE_EXTERN != 0, False)
        alias = variable.alias
        self.function_attributes(variable, storage, own, shared, node.asm_label)
        if variable.alias != alias:
            self.warn(location, "attributes", "'alias' attribute ignored because function is defined")
            variable.alias = alias
        if alias and variable.state != DEFINED:
            self.redefined(variable, location)
        if name == "main" and variable.linkage != LINKAGE_INTERNAL and not self.options.freestanding:
            if result.unqualified is not self.types.int and result.kind != ERROR:
                self.warn(location, "main", "return type of 'main' is not 'int'")
        if variable.state == DEFINED:
            variable = self.defined_again(variable, type, location)
        self.bind(name, variable, location)
        variable.state = DEFINED
        variable.location = location
        variable.type = type if type.prototype or not variable.type.prototype else variable.type
        self.bind(name, variable, location)
        pending = PendingFunction(node, variable)
        pending.parameters = parameters
        pending.vlas = vlas
        pending.order = self.order
        self.pending_functions[id(variable)] = pending
        self.kept.append(variable)
        self.objects.append(pending)
        if node.body is not None or (not storage & tree.SPECIFIER_INLINE and self.in_main_file(location)):
            self.analyse_function(pending)

    def check_definition_storage(self, storage: int, location: int) -> None:
        """C17 6.9.1p4."""
        if storage & (tree.STORAGE_AUTO | tree.STORAGE_REGISTER):
            self.error(location, f"function definition declared '{'auto' if storage & tree.STORAGE_AUTO else 'register'}'")
        if storage & tree.STORAGE_THREAD:
            self.error(location, "function definition declared '__thread'")

    def defined_again(self, variable: Variable, type: Type, location: int) -> Variable:
        """What a second definition of a function defines."""
        name = variable.name
        replaced = self.pending_functions.get(id(variable))
        inline_before = replaced is not None and self.is_inline_only(variable) and variable.gnu_inline
        if not inline_before and not (replaced is not None and variable.extern_inline and self.options.gnu89_inline):
            self.redefined(variable, location)
            return self.detached(name, type, location)
        # GNU: an extern inline definition may be followed by the real one
        variable.declared_plain = True
        variable.gnu_inline = False
        variable.extern_inline = False
        variable.declared_inline = False
        if replaced is not None:
            replaced.analysed = True
        return variable

    def check_prototypes(self, node: tree.FunctionDefinition, type: Type, linkage: int) -> None:
        """The warnings about how a function definition is written and what was declared before it."""
        declarator = node.declarator
        name = declarator.name
        previous = self.linked.get(name)
        if previous is not None and (name in self.implicit_names or not previous.is_function):
            previous = None
        inline = node.specifiers.storage & tree.SPECIFIER_INLINE != 0 or previous is not None and previous.declared_inline
        if previous is None and name.startswith("__") and name.endswith("_chk"):
            return  # gcc has built-in declarations of these
        check_definition(self, name, declarator.location, type, previous, linkage != LINKAGE_INTERNAL, inline)
        part = cast(tree.FunctionDeclarator, declarator.parts[0])
        if self.wanted.old_style_definition and not part.prototype and (part.names or self.options.standard < 2023):
            self.warn(declarator.location, "old-style-definition", "old-style function definition")

    def in_main_file(self, location: int) -> bool:
        sources = self.sources
        index = sources.index_of(sources.file_location(location))
        source = sources.files[index] if index >= 0 else None
        return source is not None and source.included_at == 0 and not sources.in_system_header(location)

    def old_style_parameters(self, node: tree.FunctionDefinition, part: tree.FunctionDeclarator) -> list[ParameterInfo]:
        """K&R: the identifier list with the declarations that follow it (C17 6.9.1p6)."""
        declared: dict[str, ParameterInfo] = {}
        names = [token.spelling for token in part.names]
        self.push_scope()
        self.prototype_depth += 1
        for declaration in node.old_style:
            base = self.specified_type(declaration.specifiers)
            for item in declaration.declarators:
                declarator = item.declarator
                name = declarator.name
                own = self.attribute_set(declarator.attributes, item.attributes)
                shared = self.attribute_set(declaration.specifiers.attributes)
                type = self.adjusted(self.declared_type(base, declarator, own, shared), declarator)
                if name not in names:
                    self.error(declarator.location, f"declaration for parameter '{name}' but no such parameter")
                    continue
                if name in declared:
                    self.error(declarator.location, f"redefinition of parameter '{name}'")
                    continue
                if item.initializer is not None:
                    self.error(declarator.location, f"parameter '{name}' is initialized")
                if type.kind == VOID:
                    self.error(declarator.location, f"parameter '{name}' declared void")
                    type = self.types.error
                variable = Variable(name, type, declarator.location)
                variable.is_parameter = True
                variable.is_register = declaration.specifiers.storage & tree.STORAGE_REGISTER != 0
                declared[name] = ParameterInfo(variable, declarator.location)
                entry = Entry(name, ENTRY_VARIABLE, type, declarator.location)
                entry.variable = variable
                self.declare(entry)
        self.prototype_depth -= 1
        self.pop_scope()
        self.own_vlas = self.pending_vlas
        self.pending_vlas = []
        infos: list[ParameterInfo] = []
        seen: set[str] = set()
        for token in part.names:
            if token.spelling in seen:
                self.error(token.location, f"multiple parameters named '{token.spelling}'")
            seen.add(token.spelling)
            info = declared.get(token.spelling)
            if info is None:
                if self.options.standard >= 1999:
                    self.pedwarn(node.declarator.location, "implicit-int", f"type of '{token.spelling}' defaults to 'int'")
                elif self.wants("missing-parameter-type"):
                    text = f"type of '{token.spelling}' defaults to 'int'"
                    self.warn(node.declarator.location, "missing-parameter-type", text)
                variable = Variable(token.spelling, self.types.int, token.location)
                variable.is_parameter = True
                info = ParameterInfo(variable, token.location)
            infos.append(info)
        return infos

    def analyse_function(self, pending: PendingFunction) -> None:
        """Analyse a body (parsing it first when the parser has only matched its braces)."""
        if pending.analysed:
            return
        pending.analysed = True
        let_signals_in()
        node = pending.node
        if node.body is None:
            self.parser.parse_body(node)
        saved_order = self.order
        saved_horizon = self.horizon
        if pending.order < self.order:
            self.horizon = pending.order
        saved = self.current_references
        self.current_references = self.reference_list(pending.variable)
        definition = self.function_body(pending, None)
        self.results[id(pending.variable)] = definition
        self.current_references = saved
        self.order = saved_order
        self.horizon = saved_horizon

    def function_body(self, pending: PendingFunction, outer: FunctionState | None) -> FunctionDefinition:
        variable = pending.variable
        node = pending.node
        parameters = [info.variable for info in pending.parameters]
        definition = FunctionDefinition(variable, parameters, node.location)
        definition.end = node.end
        definition.parameter_vlas = pending.vlas
        state = FunctionState(definition, cast(Type, variable.type.base).unqualified, outer)
        self.function = state
        if outer is None:
            self.diagnostics.function = variable.name
        saved_undeclared = self.undeclared
        saved_reported = self.reported_undeclared
        if outer is None:
            self.undeclared = set()
            self.reported_undeclared = False
        saved = (self.loop_depth, self.break_depth, self.switches, self.switch_contexts, self.pending_vlas)
        saved_unevaluated = self.unevaluated
        self.unevaluated = 0
        self.loop_depth = 0
        self.break_depth = 0
        self.switches = []
        self.switch_contexts = []
        self.pending_vlas = []
        scope = self.push_scope()
        state.depth = scope.depth
        body = Block(node.location)
        scope.statements = body.statements
        self.declare_parameters(pending, definition, body)
        if node.body is not None:
            body.end = node.body.end
            self.block_items(node.body.items, body.statements)
        self.leave_scope()
        self.finish_labels()
        definition.body = body
        self.check_return(definition, state)
        self.loop_depth, self.break_depth, self.switches, self.switch_contexts, self.pending_vlas = saved
        self.unevaluated = saved_unevaluated
        self.undeclared = saved_undeclared
        self.reported_undeclared = saved_reported
        self.function = outer
        if outer is None:
            self.diagnostics.function = ""
        return definition

    def declare_parameters(self, pending: PendingFunction, definition: FunctionDefinition, body: Block) -> None:
        old_style = not pending.variable.type.prototype
        part = cast(tree.FunctionDeclarator, pending.node.declarator.parts[0])
        promoted_list = bool(part.names) and old_style
        for number, info in enumerate(pending.parameters):
            variable = info.variable
            if variable.type.kind == ERROR:
                continue
            if not variable.name:
                if self.options.standard < 2023:
                    self.pedwarn(info.location, "pedantic", "ISO C does not support omitting parameter names in function definitions before C2X") if self.diagnostics.pedantic else None
            if not variable.type.complete:
                shown = f" ('{variable.name}')" if variable.name else ""
                self.error(info.location, f"parameter {number + 1}{shown} has incomplete type")
                variable.type = self.types.error
            if promoted_list:
                incoming = self.incoming_type(variable.type)
                if incoming is not variable.type.unqualified:
                    self.convert_old_style(definition, number, variable, incoming, body)
            elif part.names and number < len(pending.variable.type.parameters):
                incoming = pending.variable.type.parameters[number]
                if incoming is not variable.type.unqualified and incoming.is_arithmetic() and variable.type.is_arithmetic():
                    self.convert_old_style(definition, number, variable, incoming, body)
            if variable.name:
                entry = Entry(variable.name, ENTRY_VARIABLE, variable.type, info.location)
                entry.variable = variable
                entry.used = info.unused
                self.declare(entry)

    def incoming_type(self, type: Type) -> Type:
        """The promoted type in which a K&R parameter arrives."""
        plain = type.unqualified
        if plain.kind == self.types.float.kind:
            return self.types.double
        if plain.is_integer() and plain.size < 4:
            return self.types.int
        return plain

    def convert_old_style(
        self, definition: FunctionDefinition, number: int, variable: Variable, incoming: Type, body: Block
    ) -> None:
        """The argument arrives promoted: an unnamed parameter takes it, the named variable its converted value."""
        hidden = Variable("", incoming, variable.location)
        hidden.is_parameter = True
        definition.parameters[number] = hidden
        variable.is_parameter = False
        place = VariableReference(VARIABLE, hidden, incoming, variable.location)
        value = self.convert(UnaryOperation(LOAD, incoming, variable.location, place), variable.type.unqualified)
        body.statements.append(LocalDeclaration(variable.location, variable, value))

    def check_return(self, definition: FunctionDefinition, state: FunctionState) -> None:
        """-Wreturn-type: the end of a function that should return a value can be reached."""
        if self.unused_parameter_wanted:
            pass
        variable = definition.variable
        if state.result.kind in (VOID, ERROR) or not self.wants("return-type") or variable.naked or variable.noreturn:
            return
        if variable.name == "main" and self.options.standard >= 1999:
            return
        body = definition.body
        if body is not None and falls_through(body):
            self.warn(definition.end, "return-type", "control reaches end of non-void function")

    def nested_function(self, node: tree.FunctionDefinition) -> None:
        """GNU: a function inside a function."""
        outer = self.function
        assert outer is not None
        specifiers = node.specifiers
        declarator = node.declarator
        base = self.specified_type(specifiers)
        own = self.attribute_set(declarator.attributes)
        shared = self.attribute_set(specifiers.attributes)
        self.defining = declarator.parts[0] if declarator.parts else None
        type = self.declared_type(base, declarator, own, shared)
        if type.kind != FUNCTION:
            return
        parameters = self.own_parameters
        vlas = self.own_vlas
        part = cast(tree.FunctionDeclarator, declarator.parts[0])
        if part.names or node.old_style:
            parameters = self.old_style_parameters(node, part)
        variable = self.declare_nested(declarator.name, type, declarator.location)
        variable.type = type
        variable.state = DEFINED
        self.function_attributes(variable, 0, own, shared, None)
        pending = PendingFunction(node, variable)
        pending.parameters = parameters
        pending.vlas = vlas
        definition = self.function_body(pending, outer)
        outer.definition.nested.append(definition)

    # ------------------------------------------------------------------ the end of the unit

    def finish_tentative(self) -> None:
        """C17 6.9.2p2: tentative definitions become definitions."""
        for item in self.objects:
            if not isinstance(item, Variable):
                continue
            variable = item
            type = variable.type
            if variable.state == TENTATIVE:
                if type.kind == ARRAY and type.length == INCOMPLETE_LENGTH:
                    self.warn(variable.location, "", f"array '{variable.name}' assumed to have one element")
                    variable.type = self.types.array_of(cast(Type, type.base), 1)
                elif not type.complete and type.kind != ERROR:
                    self.error(variable.location, f"storage size of '{variable.name}' isn't known")
                elif type.is_variably_modified():
                    self.error(variable.location, f"variably modified '{variable.name}' at file scope")
                variable.initialized_size = variable.type.size
                if self.options.common and variable.linkage != LINKAGE_INTERNAL and not variable.no_common:
                    if not variable.section and variable.storage == 1 and not variable.weak:
                        variable.common = True
                elif variable.no_common:
                    variable.common = False
            else:
                variable.common = False

    def is_inline_only(self, variable: Variable) -> bool:
        """C17 6.7.4p7, or GNU89: `extern inline` only."""
        if variable.linkage == LINKAGE_INTERNAL or variable.linkage == LINKAGE_NONE:
            return False
        if variable.gnu_inline or self.options.gnu89_inline:
            return variable.declared_inline and variable.extern_inline
        return variable.declared_inline and not variable.declared_plain and not variable.extern_inline

    def reach(self) -> None:
        """Mark everything that is reachable from outside; analyse lazy bodies on the way."""
        work: list[Variable] = []
        for item in self.objects:
            if isinstance(item, PendingFunction):
                variable = item.variable
                variable.inline_only = self.is_inline_only(variable)
                if not variable.inline_only and (
                    variable.linkage == 2 or variable.keep or (variable.declared_inline and self.options.keep_inline_functions)
                ):
                    work.append(variable)
                elif variable.keep or variable.constructor >= 0 or variable.destructor >= 0:
                    work.append(variable)
            elif isinstance(item, Variable):
                if item.linkage == 2 and item.state != DECLARED or item.keep:
                    work.append(item)
        for variable in self.linked.values():
            target = variable.alias or variable.ifunc or variable.weak_reference
            if target:
                if variable.alias or variable.ifunc:
                    work.append(variable)
                known = self.linked.get(target)
                if known is not None and (variable.alias or variable.ifunc or variable.used):
                    work.append(known)
        for alias in self.unit.aliases:
            known = self.linked.get(alias.alias)
            if known is not None:
                work.append(known)
        self.follow(work)
        self.warn_unused_functions()

    def follow(self, work: list[Variable]) -> None:
        while work:
            variable = work.pop()
            if variable.used:
                continue
            variable.used = True
            pending = self.pending_functions.get(id(variable))
            if pending is not None:
                self.analyse_function(pending)
            found = self.references.get(id(variable))
            if found is not None:
                for mentioned in found:
                    if not mentioned.used:
                        work.append(mentioned)
            if variable.cleanup is not None:
                work.append(variable.cleanup)
            target = variable.alias or variable.ifunc or variable.weak_reference
            if target:
                known = self.linked.get(target)
                if known is not None:
                    work.append(known)

    def warn_unused_functions(self) -> None:
        wanted = self.wanted
        if not (wanted.unused_function or wanted.unused_variable or wanted.unused_constant):
            report_undefined(self, list(self.linked.values()), set())
            return
        ranges: list[tuple[int, int]] = []
        for item in self.objects:
            if isinstance(item, PendingFunction) and not item.analysed and item.node.body is None:
                ranges.append((item.node.body_start, item.node.body_end))
        mentioned = mentioned_names(self.parser.tokens, ranges)
        report_undefined(self, list(self.linked.values()), mentioned)
        if wanted.unused_variable or wanted.unused_constant:
            report_statics(self, [item for item in self.objects if isinstance(item, Variable)], mentioned)
        if wanted.unused_function:
            self.warn_unused_definitions(mentioned)

    def warn_unused_definitions(self, mentioned: set[str]) -> None:
        """-Wunused-function."""
        for item in self.objects:
            if isinstance(item, PendingFunction):
                variable = item.variable
                if variable.used or variable.linkage != LINKAGE_INTERNAL or variable.declared_inline:
                    continue
                entry = self.names.get(variable.name)
                if entry is None or entry.used or entry.silenced or variable.keep or variable.name in mentioned:
                    continue
                notes = item.node.specifiers.attributes + item.node.declarator.attributes
                if any(attribute.name in ("unused", "maybe_unused") for attribute in notes):
                    continue
                self.warn(variable.location, "unused-function", f"'{variable.name}' defined but not used")

    def emit(self) -> None:
        """Fill the unit with what is reachable, in source order."""
        unit = self.unit
        for item in self.objects:
            if isinstance(item, PendingFunction):
                definition = self.results.get(id(item.variable))
                variable = item.variable
                if definition is None or definition.variable is not variable or not variable.used:
                    continue
                if variable.inline_only and self.options.optimize == 0 and not variable.always_inline:
                    continue
                if self.pending_functions.get(id(variable)) is not item:
                    continue
                variable.function = definition
                unit.functions.append(definition)
                unit.order.append(definition)
            elif isinstance(item, Variable):
                if item.used and item.state != DECLARED and item.type.kind != ERROR:
                    unit.variables.append(item)
                    unit.order.append(item)
            else:
                unit.order.append(item)
        for variable in self.linked.values():
            if variable.state == DECLARED:
                if variable.alias or variable.ifunc or variable.weak_reference:
                    if variable.used or variable.alias or variable.ifunc:
                        unit.aliases.append(variable)
                elif variable.used and (variable.weak or variable.visibility_given):
                    unit.variables.append(variable)


def analyze(
    unit: tree.TranslationUnit,
    parser: Parser,
    data_model: DataModel,
    options: LanguageOptions,
    sources: SourceMap,
    diagnostics: Diagnostics,
) -> TypedUnit:
    """Analyse a translation unit; look at `diagnostics.error_count` before using the result."""
    return Analyzer(parser, data_model, options, sources, diagnostics).run(unit)


__all__ = ["Analyzer", "VlaDeclaration", "analyze"]
