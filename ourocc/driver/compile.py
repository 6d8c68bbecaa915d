"""The compiler as one list of calls: the way of the data from a file to an object in memory.

Every stage is a function of one room; imports stand where a stage starts, so that `-E` does not pay for the back end.
"""

import os
import sys
import time
from typing import TYPE_CHECKING, final

from ourocc.base.diagnostics import Diagnostics, FatalError
from ourocc.base.signals import let_signals_in
from ourocc.base.source import SourceMap, remap_prefix
from ourocc.driver.command_line import CommandLineError
from ourocc.driver.settings import PIC_EXECUTABLE, PIC_NONE, PIC_SHARED, Settings
from ourocc.ir.function import Module
from ourocc.objects.model import ObjectFile
from ourocc.preprocess.options import PreprocessorOptions
from ourocc.preprocess.preprocessor import PreprocessResult, preprocess, preprocess_bytes
from ourocc.semantics.typed_tree import TypedUnit
from ourocc.semantics.types import DataModel

if TYPE_CHECKING:
    from ourocc.assembler.options import AssemblerOptions
    from ourocc.lower.options import LoweringOptions
    from ourocc.machine.options import CodeOptions
    from ourocc.machine.target import Target
    from ourocc.semantics.options import LanguageOptions
    from ourocc.targets.abi import Abi

__all__ = ["Compilation", "CompilationFailed", "assemble_file", "compile_file"]

VISIBILITIES = {"default": 0, "internal": 1, "hidden": 2, "protected": 3}


class CompilationFailed(Exception):
    """Messages were printed; the exit code is 1."""


@final
class Compilation:
    """One translation unit on its way: sources, messages, settings."""

    def __init__(self, path: str, settings: Settings, language: str = "c") -> None:
        self.path = path
        self.settings = settings
        self.language = language
        self.sources = SourceMap()
        self.diagnostics = Diagnostics(self.sources)
        self.started = time.perf_counter()
        configure_diagnostics(self.diagnostics, settings)

    # ---- stages

    def preprocess(self, for_output: bool = False) -> PreprocessResult:
        options = preprocessor_options(self.settings, self.language, self.path)
        options.preprocess_only = for_output
        options.collect_events = for_output
        if self.path == "-":
            data = sys.stdin.buffer.read()
            result = preprocess_bytes(data, "<stdin>", options, self.sources, self.diagnostics)
        else:
            result = preprocess(self.path, options, self.sources, self.diagnostics)
        self._mark("preprocess")
        return result

    def analyze(self, result: PreprocessResult) -> TypedUnit:
        """Parse and analyse; raises CompilationFailed after errors."""
        from ourocc.semantics.analyzer import analyze
        from ourocc.syntax.parser import Parser

        settings = self.settings
        gnu = settings.feature("asm", settings.gnu())
        parser = Parser(result.tokens, self.diagnostics, settings.version(), gnu)
        tree = parser.translation_unit()
        self._mark("parse")
        options = language_options(settings)
        typed = analyze(tree, parser, data_model(settings), options, self.sources, self.diagnostics)
        self.check()
        self._mark("analyse")
        return typed

    def lower(self, typed: TypedUnit) -> Module:
        from ourocc.lower.lower import lower

        module = lower(
            typed, data_model(self.settings), abi_of(self.settings), lowering_options(self.settings), self.diagnostics
        )
        module.name = "<stdin>" if self.path == "-" else self.path
        self.check()
        self._mark("lower")
        self._dump("ir", module)
        return module

    def optimize(self, module: Module) -> None:
        from ourocc.optimize.pipeline import PipelineOptions, optimize

        settings = self.settings
        options = PipelineOptions()
        options.level = settings.level
        options.size = settings.size
        options.debug_friendly = settings.debug_friendly
        options.wrapv = settings.feature("wrapv", False)
        options.semantic_interposition = settings.feature("semantic-interposition", True)
        options.pic_shared = settings.position_independent == PIC_SHARED
        options.inline = settings.feature("inline", True)
        options.disabled = settings.disabled_passes
        if not settings.tail_recursion:
            options.disabled = [*settings.disabled_passes, "tail-recursion"]
        options.print_after = settings.print_after
        options.bisect = settings.bisect_passes
        options.verify = settings.verify
        options.builtins = settings.feature("builtin", True) and not settings.feature("freestanding", False)
        options.no_builtin = settings.no_builtin
        optimize(module, options)
        self.report_calls(module)
        self._mark("optimize")
        self._dump("optimized", module)

    def report_calls(self, module: Module) -> None:
        """Calls of functions with attribute error or warning that optimization has left."""
        from ourocc.ir import operations as op

        if not any(symbol.call_error is not None or symbol.call_warning is not None for symbol in module.symbols.values()):
            return
        for function in module.functions:
            if self.settings.level == 0:  # calls that cannot be reached do not count
                from ourocc.optimize import simplify_control_flow

                simplify_control_flow.run(function)
            for block in function.blocks:
                for value in block.values:
                    symbol = value.symbol
                    if value.op != op.CALL or symbol is None:
                        continue
                    if symbol.call_error is not None:
                        text = f"call to '{symbol.name}' declared with attribute error: {symbol.call_error}"
                        self.diagnostics.error(value.position, text)
                    elif symbol.call_warning is not None:
                        text = f"call to '{symbol.name}' declared with attribute warning: {symbol.call_warning}"
                        self.diagnostics.warning(value.position, "attribute-warning", text)
        self.check()

    def emit(self, module: Module) -> ObjectFile:
        from ourocc.machine.emit_object import emit_module

        target = target_of(self.settings)
        made = emit_module(module, target, code_options(self), self.sources, self.diagnostics)
        self.check()
        if self.settings.assembler_flags:
            from ourocc.assembler.options import finish_object

            finish_object(assembler_options(self.settings), made)
        self._mark("emit")
        return made

    def emit_text(self, module: Module) -> str:
        """The assembly text of -S."""
        from ourocc.machine.emit_text import emit_module_text

        text = emit_module_text(module, target_of(self.settings), code_options(self), self.sources, self.diagnostics)
        self.check()
        self._mark("emit")
        return text

    # ---- combinations

    def module(self, result: PreprocessResult) -> Module:
        """From tokens to optimized IR."""
        typed = self.analyze(result)
        module = self.lower(typed)
        self.optimize(module)
        return module

    def object(self, result: PreprocessResult) -> ObjectFile:
        return self.emit(self.module(result))

    # ---- odds and ends

    def check(self) -> None:
        """Stop when there were errors."""
        if self.diagnostics.error_count:
            raise CompilationFailed

    def finish(self) -> None:
        """Flush what the diagnostics engine still holds (JSON), print the closing words."""
        self.diagnostics.finish()

    def _mark(self, stage: str) -> None:
        let_signals_in()
        if self.settings.time_passes:
            now = time.perf_counter()
            print(f"{stage:12} {now - self.started:8.3f} s", file=sys.stderr)
            self.started = now

    def _dump(self, stage: str, module: Module) -> None:
        if stage in self.settings.dump:
            from ourocc.ir.text import print_module

            print(print_module(module), file=sys.stderr)


def compile_file(path: str, settings: Settings) -> ObjectFile:
    """A C file to an object in memory.  Raises CompilationFailed."""
    compilation = Compilation(path, settings)
    try:
        return compilation.object(compilation.preprocess())
    except FatalError:
        raise CompilationFailed from None


def assemble_file(path: str, settings: Settings, preprocessed_first: bool) -> ObjectFile:
    """A .s or (with `preprocessed_first`) .S file to an object in memory."""
    text = preprocessed_assembly(path, settings) if preprocessed_first else read_source(path)
    return assemble_text(text, path, settings)


def preprocessed_assembly(path: str, settings: Settings) -> str:
    """The text that `-E -x assembler-with-cpp` prints."""
    from ourocc.preprocess.output import preprocessed_text

    compilation = Compilation(path, settings, "assembler-with-cpp")
    try:
        result = compilation.preprocess(True)
        compilation.check()
    except FatalError:
        raise CompilationFailed from None
    options = preprocessor_options(settings, "assembler-with-cpp", path)
    return preprocessed_text(result, options, compilation.sources, not settings.no_line_markers)


def assemble_text(text: str, name: str, settings: Settings) -> ObjectFile:
    from ourocc.assembler.assemble import assemble
    from ourocc.assembler.options import finish_object
    from ourocc.objects.model import EM_RISCV, EM_X86_64

    diagnostics = Diagnostics(SourceMap())
    machine = EM_RISCV if settings.target_name == "riscv" else EM_X86_64
    options = assembler_options(settings)
    paths = options.include_paths + settings.directories
    directory = compilation_directory(settings) if settings.debug or options.debug else ""
    version = options.line_version if options.debug else settings.dwarf
    diagnostics.silent = options.silent
    made = assemble(text, name, machine, diagnostics, paths, directory, version, options.definitions)
    if options.fatal_warnings and diagnostics.warning_count:
        diagnostics.error(0, f"{name}: {diagnostics.warning_count} warnings, treating warnings as errors")
    diagnostics.finish()
    if diagnostics.error_count:
        raise CompilationFailed
    finish_object(options, made)
    return made


def assembler_options(settings: Settings) -> "AssemblerOptions":
    """What -Wa and -Xassembler say."""
    from ourocc.assembler.options import OptionError, parse_options

    try:
        return parse_options(settings.assembler_flags)
    except OptionError as problem:
        raise CommandLineError(f"-Wa: {problem.message}") from None


def read_source(path: str) -> str:
    from ourocc.preprocess.lexer import decode

    if path == "-":
        return decode(sys.stdin.buffer.read())
    try:
        with open(path, "rb") as stream:
            return decode(stream.read())
    except OSError as error:
        print(f"ourocc: error: {path}: {error.strerror}", file=sys.stderr)
        raise CompilationFailed from None


# ---------------------------------------------------------------- options of the rooms


def configure_diagnostics(diagnostics: Diagnostics, settings: Settings) -> None:
    """Apply the -W flags in order, then what they all share.  A wrong flag was reported by `check_warnings`."""
    from ourocc.base.warning_groups import apply_option

    for name in settings.warnings:
        apply_option(diagnostics, "-W" + name)
    if settings.pedantic:
        apply_option(diagnostics, "-pedantic")
    if settings.pedantic_errors:
        apply_option(diagnostics, "-pedantic-errors")
    if diagnostics.pedantic and settings.version() < 1999:
        for group in ("declaration-after-statement", "long-long", "variadic-macros", "vla"):
            diagnostics.enabled.setdefault(group, True)
    diagnostics.silent = settings.no_warnings
    diagnostics.error_limit = settings.max_errors
    diagnostics.color = settings.color
    diagnostics.json = settings.diagnostics_format == "json"
    diagnostics.show_caret = settings.show_caret
    diagnostics.show_option = settings.show_option
    diagnostics.show_column = settings.show_column
    diagnostics.show_line_numbers = settings.show_line_numbers


def check_warnings(settings: Settings) -> str:
    """The first wrong -W flag's error text, or ""."""
    from ourocc.base.warning_groups import apply_option

    diagnostics = Diagnostics(SourceMap())
    for name in settings.warnings:
        problem = apply_option(diagnostics, "-W" + name)
        if problem:
            return problem
    return ""


def preprocessor_options(settings: Settings, language: str, path: str) -> PreprocessorOptions:
    from ourocc.driver.system import colon_list, include_directories

    options = PreprocessorOptions()
    options.standard = settings.standard
    options.trigraphs = settings.trigraphs
    options.assembler = language == "assembler-with-cpp"
    options.preprocessed = language == "cpp-output" or (path.endswith(".i") and language == "c")
    options.quote_directories = settings.quote_directories
    options.directories = settings.directories + colon_list("CPATH")
    options.system_directories = settings.system_directories + colon_list("C_INCLUDE_PATH")
    if not settings.no_standard_includes:
        options.system_directories = options.system_directories + include_directories(settings)
    options.after_directories = settings.after_directories
    options.undefine_system = settings.undefine_system
    options.defines = settings.defines
    options.preincludes = settings.preincludes
    options.keep_comments = settings.keep_comments > 0
    options.keep_macro_comments = settings.keep_comments > 1
    options.definitions_in_output = settings.definitions_in_output
    options.includes_in_output = settings.includes_in_output
    options.show_includes = settings.show_includes
    options.directives_only = settings.directives_only
    options.missing_as_dependency = settings.dependency_missing
    options.prefix_maps = settings.prefix_maps
    options.dollars_in_identifiers = settings.feature("dollars-in-identifiers", True)
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdigit():
        options.source_date_epoch = int(epoch)
    if settings.no_standard_includes or settings.feature("freestanding", False):
        options.implicit_include = ""
    if not options.preprocessed:
        options.predefined = predefined(settings)
        if options.assembler:
            options.predefined += "#define __ASSEMBLER__ 1\n"
    return options


def predefined(settings: Settings) -> str:
    """The predefined macros' #define lines for these settings."""
    from ourocc.preprocess.predefined import PredefinedSettings, predefined_macros

    wanted = PredefinedSettings("riscv64" if settings.target_name == "riscv" else "x86-64")
    wanted.standard = settings.standard.replace("2x", "23")
    wanted.optimize = settings.level
    wanted.optimize_size = settings.size > 0
    wanted.math = math_permissions(settings)
    tables = settings.feature("exceptions", False) or settings.feature("unwind-tables", False)
    wanted.exceptions = settings.feature("exceptions", False)
    wanted.unwind_tables = tables or settings.feature("asynchronous-unwind-tables", True)
    wanted.gnu89_inline = settings.feature("gnu89-inline", False)
    signed = settings.features.get("signed-char")
    if signed is not None:
        wanted.char_unsigned = 0 if signed else 1
    wanted.short_wchar = settings.feature("short-wchar", False)
    wanted.exceptions = settings.feature("exceptions", False)
    wanted.hosted = not settings.feature("freestanding", False)
    wanted.pthread = settings.pthread
    wanted.march = settings.march
    wanted.features = [name if on else "no-" + name for name, on in settings.machine.items()]
    wanted.code_model = settings.code_model
    wanted.undefine = settings.undefine_system
    if settings.position_independent == PIC_SHARED:
        wanted.pic = settings.pic_level
    elif settings.position_independent == PIC_EXECUTABLE:
        wanted.pic = settings.pic_level
        wanted.pie = settings.pic_level
    wanted.stack_protector = stack_protector(settings)
    wanted.no_inline = settings.level == 0 or not settings.feature("inline", True)
    return predefined_macros(wanted)


def math_permissions(settings: Settings) -> set[str]:
    """What -ffast-math, -funsafe-math-optimizations and single flags permit; a single flag beats the other two."""
    from ourocc.preprocess.predefined import FAST_MATH, UNSAFE_MATH

    names = set(FAST_MATH) if settings.fast_math else set()
    if settings.feature("unsafe-math-optimizations", False):
        names |= set(UNSAFE_MATH)
    for name in (*FAST_MATH, "single-precision-constant"):
        plain = name.removeprefix("no-")
        given = settings.features.get(plain)
        if given is not None and plain != "fast-math":
            if given == (plain == name):
                names.add(name)
            else:
                names.discard(name)
                if plain in ("trapping-math", "finite-math-only", "signed-zeros", "math-errno"):
                    names.discard("fast-math")
    return names


def stack_protector(settings: Settings) -> int:
    """gcc's levels: 0 none, 1 -fstack-protector, 2 -all, 3 -strong, 4 -explicit."""
    if settings.feature("stack-protector-all", False):
        return 2
    if settings.feature("stack-protector-strong", False):
        return 3
    if settings.feature("stack-protector-explicit", False):
        return 4
    return 1 if settings.feature("stack-protector", False) else 0


def data_model(settings: Settings) -> DataModel:
    """The target's sizes, with -fsigned-char and -fshort-enums applied."""
    model = DataModel()
    if settings.target_name == "riscv":
        model.target = "riscv64"
        model.long_double_format = 128
        model.char_unsigned = True
        model.va_list_kind = 0
    signed = settings.features.get("signed-char")
    if signed is not None:
        model.char_unsigned = not signed
    model.short_wchar = settings.feature("short-wchar", False)
    model.short_enums = settings.feature("short-enums", False)
    return model


def language_options(settings: Settings) -> "LanguageOptions":
    from ourocc.semantics.options import LanguageOptions

    options = LanguageOptions()
    options.standard = settings.version()
    options.gnu = settings.gnu()
    options.gnu89_inline = settings.feature("gnu89-inline", settings.standard == "gnu89")
    options.freestanding = settings.feature("freestanding", False)
    options.builtins = settings.feature("builtin", True) and not options.freestanding
    options.no_builtin = set(settings.no_builtin)
    options.common = settings.feature("common", False)
    options.optimize = settings.level
    options.visibility = VISIBILITIES[settings.visibility]
    options.short_enums = settings.feature("short-enums", False)
    options.wrapv = settings.feature("wrapv", False)
    options.pic = settings.position_independent == PIC_SHARED
    options.unsigned_bit_fields = not settings.feature("signed-bitfields", True)
    options.single_precision = settings.feature("single-precision-constant", False)
    options.keep_inline_functions = settings.feature("keep-inline-functions", False)
    options.pack = settings.pack
    options.ms_extensions = settings.feature("ms-extensions", False)
    return options


def lowering_options(settings: Settings) -> "LoweringOptions":
    from ourocc.lower.options import LoweringOptions

    options = LoweringOptions()
    options.optimize_level = settings.level
    options.wrapv = settings.feature("wrapv", False)
    options.common = settings.feature("common", False)
    options.strict_aliasing = settings.feature("strict-aliasing", settings.level >= 2)
    options.automatic_fill = {"zero": 0, "pattern": 0xFE}.get(settings.automatic_fill, -1)
    options.stack_protect = stack_protector(settings) > 0
    options.builtins = settings.feature("builtin", True) and not settings.feature("freestanding", False)
    options.no_builtin = settings.no_builtin
    options.instrument = settings.feature("instrument-functions", False)
    options.instrument_not_functions = settings.instrument_not_functions
    options.instrument_not_files = settings.instrument_not_files
    options.line_operations = settings.debug > 0 and settings.level == 0
    options.variables = settings.debug > 1
    options.exceptions = settings.feature("exceptions", False)
    options.omit_frame_pointer = settings.feature("omit-frame-pointer", settings.level > 0)
    return options


def abi_of(settings: Settings) -> "Abi":
    """The target's calling convention."""
    if settings.target_name == "riscv":
        from ourocc.targets.riscv.abi import RiscvAbi

        return RiscvAbi()
    from ourocc.targets.x86.abi import X86Abi

    return X86Abi()


def target_of(settings: Settings) -> "Target":
    if settings.target_name == "riscv":
        from ourocc.targets.riscv.target import RiscvTarget  # type: ignore[import-untyped,import-not-found,unused-ignore]

        riscv: Target = RiscvTarget()
        return riscv
    from ourocc.targets.x86.target import X86Target

    return X86Target()


def code_options(compilation: Compilation) -> "CodeOptions":
    """What the command line says to code generation."""
    from ourocc.machine import options as machine

    settings = compilation.settings
    options = machine.CodeOptions()
    options.optimize = settings.level
    options.size = settings.size > 0
    if settings.position_independent == PIC_NONE:
        options.pic = machine.PIC_NONE
    elif settings.position_independent == PIC_SHARED:
        options.pic = machine.PIC_SHARED
    options.code_model = settings.code_model or "small"
    options.plt = settings.feature("plt", True)
    options.omit_frame_pointer = settings.feature("omit-frame-pointer", settings.level > 0)
    options.red_zone = settings.machine.get("red-zone", True)
    options.stack_protector = {0: 0, 1: 1, 2: 3, 3: 2, 4: 0}[stack_protector(settings)]
    options.function_sections = settings.feature("function-sections", False)
    options.data_sections = settings.feature("data-sections", False)
    options.common = settings.feature("common", False)
    tables = settings.feature("unwind-tables", False) or settings.feature("exceptions", False)
    options.unwind_tables = tables or settings.feature("asynchronous-unwind-tables", True)
    options.debug = settings.debug
    options.dwarf_version = settings.dwarf
    options.jump_tables = settings.feature("jump-tables", True)
    options.no_sse = not settings.machine.get("sse", True) or not settings.machine.get("sse2", True)
    options.no_x87 = not settings.machine.get("80387", True)
    options.tls_model = settings.tls_model
    options.zero_initialized_in_bss = settings.feature("zero-initialized-in-bss", True)
    options.merge_constants = settings.feature("merge-constants", True)
    options.ident = settings.feature("ident", True)
    options.verify = settings.verify
    options.indirect_branch_tracking = settings.feature("cf-protection", False)
    for level, name in enumerate(("sse3", "ssse3", "sse4.1", "sse4.2"), 3):
        if settings.machine.get(name, False):
            options.sse_level = max(options.sse_level, level)
    options.popcnt = settings.machine.get("popcnt", options.sse_level >= 6)
    options.lzcnt = settings.machine.get("lzcnt", False)
    options.bmi = settings.machine.get("bmi", False)
    options.movbe = settings.machine.get("movbe", False)
    options.cmpxchg16b = settings.machine.get("cx16", False)
    options.debug_prefix_maps = settings.debug_prefix_maps
    options.compilation_directory = compilation_directory(settings)
    return options


def compilation_directory(settings: Settings) -> str:
    """The working directory as debug sections show it (-fdebug-prefix-map)."""
    return remap_prefix(os.getcwd(), settings.debug_prefix_maps)
