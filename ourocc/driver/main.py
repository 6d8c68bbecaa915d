"""The command: reads the command line, does a job for each input, links.

Exit codes are gcc's: 0, 1 after errors, 4 after an internal error.
"""

import gc
import os
import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, Final, final

from ourocc.base.diagnostics import FatalError
from ourocc.base.temporary import create_file, create_folder
from ourocc.driver.command_line import CommandLine, CommandLineError, QueryAnswer
from ourocc.driver.settings import ASSEMBLY, CHECK, LINK, OBJECT, PREPROCESS, Settings

if TYPE_CHECKING:
    from ourocc.driver.compile import Compilation
    from ourocc.preprocess.files import PreprocessResult

_STACK_SIZE: Final = 512 << 20  # deep nesting in source becomes deep recursion here
_RECURSION_LIMIT: Final = 400000

_TEMPORARY: Final = ".ourocc-"  # how names of files under construction begin

_SUFFIXES: Final[dict[str, str]] = {
    ".c": "c", ".h": "c-header", ".i": "cpp-output", ".s": "assembler", ".S": "assembler-with-cpp",
    ".sx": "assembler-with-cpp",
}  # fmt: skip
_FOREIGN: Final = frozenset([".cc", ".cpp", ".cxx", ".c++", ".C", ".m", ".mm", ".f", ".f90", ".ads", ".adb", ".d", ".go"])


@final
class Cleanup:
    """Files to remove when the command ends or is interrupted."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.folders: list[str] = []
        _active.append(self)

    def folder(self) -> str:
        """A temporary folder (in TMPDIR) of this run."""
        if not self.folders:
            self.folders.append(create_folder("ourocc-"))
        return self.folders[0]

    def run(self) -> None:
        for path in self.files:
            _remove(path)
        for folder in self.folders:
            for name in os.listdir(folder):
                _remove(os.path.join(folder, name))
            os.rmdir(folder)
        self.files = []
        self.folders = []


def forget(path: str) -> None:
    """As gcc does after errors of the assembler and the linker: no older output stays to be taken for a new one."""
    if os.path.isfile(path) and not os.path.islink(path):
        _remove(path)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass


@final
class Driver:
    """One command."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.cleanup = Cleanup()
        self.failed = False
        self.jobs = 0
        self.foreign_errors = False

    def run(self) -> int:
        settings = self.settings
        if settings.verbose:
            from ourocc.driver.queries import version_banner

            print(version_banner(settings), file=sys.stderr)
        if not any(not item.linker for item in settings.inputs):
            return 0
        if settings.warnings:
            from ourocc.driver.compile import check_warnings

            problem = check_warnings(settings)
            if problem:
                raise CommandLineError(problem)
        if settings.assembler_flags:
            from ourocc.assembler.options import VERSION_TEXT
            from ourocc.driver.compile import assembler_options

            options = assembler_options(settings)
            if options.show_version:
                sys.stdout.write(VERSION_TEXT)
                if options.ends_at_version:
                    return 0
        link_words = self.compile_inputs()
        if self.foreign_errors:
            return 1
        if self.failed:
            return 1
        if settings.action == LINK:
            return self.link(link_words)
        return 0

    def compile_inputs(self) -> list[str]:
        """A job for each source; what the linker is to get in place of the inputs."""
        words: list[str] = []
        for item in self.settings.inputs:
            if item.linker:
                words.append(item.linker)
                continue
            language = item.language or self.language_of(item.path)
            if language == "":  # an object, archive, library or linker script
                if self.settings.action != LINK:
                    print(
                        f"ourocc: warning: {item.path}: linker input file unused because linking not done",
                        file=sys.stderr,
                    )
                if not os.path.exists(item.path):
                    print(f"ourocc: error: {item.path}: No such file or directory", file=sys.stderr)
                    self.failed = True
                words.append(item.path)
                continue
            made = self.job(item.path, language)
            if made:
                words.append(made)
        return words

    def language_of(self, path: str) -> str:
        if path == "-":
            if self.settings.action == PREPROCESS:
                return "c"
            raise CommandLineError("-E or -x required when input is from standard input")
        suffix = os.path.splitext(path)[1]
        if suffix in _FOREIGN:
            raise CommandLineError(f"{path}: only C and assembly are supported")
        return _SUFFIXES.get(suffix, "")

    def job(self, path: str, language: str) -> str:
        """Compile or assemble one input; the path of what it made, "" for nothing."""
        from ourocc.driver.compile import CompilationFailed

        self.jobs += 1
        self.check_output(path)
        output = self.output_of(path, language)
        if self.settings.verbose:
            self.show_job(path, language, output)
            if self.settings.dry_run:
                return output
        try:
            if language in ("assembler", "assembler-with-cpp"):
                return self.assembly_job(path, language, output)
            return self.c_job(path, language, output)
        except (CompilationFailed, FatalError):
            if language == "assembler" and output:
                forget(output)
            self.failed = True
            return ""
        except OSError as error:
            name = error.filename or path
            if isinstance(name, str) and os.path.basename(name).startswith(_TEMPORARY):
                name = output
            print(f"ourocc: error: {name}: {error.strerror}", file=sys.stderr)
            self.failed = True
            return ""

    def check_output(self, path: str) -> None:
        """Refuse to write over a source."""
        output = self.settings.output
        if output and self.settings.action != CHECK and os.path.isfile(output) and os.path.exists(path):
            if os.path.samefile(output, path):
                raise CommandLineError(f"input file '{path}' is the same as output file", fatal=True)

    def show_job(self, path: str, language: str, output: str) -> None:
        from ourocc.driver.queries import quote_word

        stage = {PREPROCESS: "-E", ASSEMBLY: "-S", CHECK: "-fsyntax-only"}.get(self.settings.action, "-c")
        words = [stage, "-x", language, path] + (["-o", output] if output else [])
        print(" " + " ".join(["ourocc", *[quote_word(word) for word in words]]), file=sys.stderr)

    def output_of(self, path: str, language: str) -> str:
        """The file that this job writes; "" for standard output or nothing."""
        settings = self.settings
        stem = "-" if path == "-" else os.path.splitext(os.path.basename(path))[0]
        if settings.action == PREPROCESS:
            return "" if settings.output in ("", "-") else settings.output
        if settings.action == CHECK:
            return ""
        if settings.action == LINK and settings.save_temps:
            return self.temp_name(path, "", ".o")
        if settings.action == LINK:
            folder = self.cleanup.folder()
            return os.path.join(folder, f"{stem if stem != '-' else 'stdin'}-{self.jobs}.o")
        if settings.output:
            return settings.output
        if language == "c-header":
            return os.path.basename(path) + ".gch"
        return stem + (".s" if settings.action == ASSEMBLY else ".o")

    # ---- C

    def c_job(self, path: str, language: str, output: str) -> str:
        from ourocc.driver.compile import Compilation

        settings = self.settings
        if language == "c-header" and settings.action in (OBJECT, LINK):
            raise CommandLineError("precompiled headers are not supported")
        from ourocc.preprocess.lexer import encode

        self.report_foreign()
        compilation = Compilation(path, settings, language)
        try:
            printing = settings.action == PREPROCESS or bool(settings.save_temps)
            result = compilation.preprocess(printing)
            if settings.dependencies:
                from ourocc.driver.dependencies import write_dependencies

                write_dependencies(result, settings, path, output)
            if settings.action == PREPROCESS:
                if settings.dependencies not in ("M", "MM"):
                    self.write_preprocessed(compilation, result, output)
                compilation.check()
                return output
            if settings.save_temps:
                self.write_preprocessed(compilation, result, self.temp_name(path, output, ".i"))
            typed = compilation.analyze(result)
            if settings.action == CHECK:
                return ""
            module = compilation.lower(typed)
            compilation.optimize(module)
            if settings.action == ASSEMBLY or settings.save_temps:
                text = encode(compilation.emit_text(module))
                if settings.action == ASSEMBLY:
                    self.write(output, text)
                    return output
                listing = self.temp_name(path, output, ".s")
                self.write(listing, text)
                return self.assembly_job(listing, "assembler", output)
            from ourocc.objects.elf_writer import write_object

            self.write(output, write_object(compilation.emit(module)))
            return output
        finally:
            compilation.finish()

    def report_foreign(self) -> None:
        """Options of other languages: gcc warns of them, once for each C file."""
        settings = self.settings
        from ourocc.base.warning_groups import OTHER_LANGUAGES

        foreign = settings.foreign_options + [
            "-W" + name for name in settings.warnings if name.removeprefix("no-").partition("=")[0] in OTHER_LANGUAGES
        ]
        if foreign and not settings.no_warnings:
            word = "error" if "error" in settings.warnings else "warning"
            self.foreign_errors = word == "error"
            for option in foreign:
                print(f"ourocc: {word}: command-line option '{option}' is valid for C++/ObjC++ but not for C", file=sys.stderr)

    def write_preprocessed(self, compilation: "Compilation", result: "PreprocessResult", output: str) -> None:
        from ourocc.driver.compile import preprocessor_options
        from ourocc.preprocess.lexer import encode
        from ourocc.preprocess.output import preprocessed_text

        options = preprocessor_options(self.settings, compilation.language, compilation.path)
        text = preprocessed_text(result, options, compilation.sources, not self.settings.no_line_markers)
        self.write(output, encode(text))

    def temp_name(self, path: str, output: str, suffix: str) -> str:
        stem = os.path.splitext(os.path.basename(path))[0]
        settings = self.settings
        if settings.action == LINK:  # gcc's names: those of the program and of the source
            program, extension = os.path.splitext(settings.output or "a.out")
            stem = os.path.basename(program if extension in (".out", ".exe") else program + extension) + "-" + stem
        if settings.save_temps == "obj" and output:
            return os.path.join(os.path.dirname(settings.output or output), stem + suffix)
        return stem + suffix

    # ---- assembly

    def assembly_job(self, path: str, language: str, output: str) -> str:
        from ourocc.driver.compile import assemble_file, preprocessed_assembly
        from ourocc.objects.elf_writer import write_object
        from ourocc.preprocess.lexer import encode

        settings = self.settings
        with_preprocessor = language == "assembler-with-cpp"
        if settings.action == PREPROCESS:
            if with_preprocessor:
                self.write(output, encode(preprocessed_assembly(path, settings)))
            return output
        if settings.action in (ASSEMBLY, CHECK):
            if settings.action == ASSEMBLY and with_preprocessor:
                self.write(settings.output, encode(preprocessed_assembly(path, settings)))
            return ""
        if settings.dependencies and with_preprocessor:
            from ourocc.driver.compile import Compilation
            from ourocc.driver.dependencies import write_dependencies

            compilation = Compilation(path, settings, language)
            write_dependencies(compilation.preprocess(), settings, path, output)
        self.write(output, write_object(assemble_file(path, settings, with_preprocessor)))
        return output

    def write(self, path: str, data: bytes) -> None:
        """Write to standard output ("" or "-"), or to a temporary name that is then renamed: never half a file."""
        if path in ("", "-"):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return
        if os.path.exists(path) and not os.path.isfile(path):  # /dev/null and the like
            try:
                with open(path, "wb") as stream:
                    stream.write(data)
            except OSError as error:
                error.filename = path
                raise
            return
        folder = os.path.dirname(path) or "."
        handle, name = create_file(_TEMPORARY, folder)
        self.cleanup.files.append(name)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
        self.cleanup.files.remove(name)

    # ---- link

    def link(self, words: list[str]) -> int:
        from ourocc.driver.link_job import link_arguments
        from ourocc.driver.queries import quote_word

        if self.settings.dry_run:
            arguments = link_arguments(self.settings, words)
            print(" " + " ".join(["ourocc-ld", *[quote_word(word) for word in arguments]]), file=sys.stderr)
            return 0
        arguments = link_arguments(self.settings, words)
        if self.settings.verbose:
            print(" " + " ".join(["ourocc-ld", *[quote_word(word) for word in arguments]]), file=sys.stderr)
        from ourocc.linker.command_line import main as link_main

        if link_main(arguments):
            forget(self.settings.output or "a.out")
            return 1
        return 0


def print_error(error: CommandLineError) -> None:
    print(f"ourocc: {'fatal ' if error.fatal else ''}error: {error}", file=sys.stderr)
    if error.fatal:
        print("compilation terminated.", file=sys.stderr)


def main(arguments: list[str]) -> int:
    """Run one command in this process; the exit code."""
    try:
        settings = CommandLine(arguments).parse()
    except CommandLineError as error:
        print_error(error)
        return 1
    except QueryAnswer as query:
        from ourocc.driver.queries import answer

        try:
            return answer(query, arguments)
        except OSError as failure:
            print(f"ourocc: error: standard output: {failure.strerror}", file=sys.stderr)
            return 1
    driver = Driver(settings)
    try:
        return driver.run()
    except CommandLineError as error:
        print_error(error)
        return 1
    except KeyboardInterrupt:
        return 130
    except FatalError:
        return 1
    except RecursionError:
        print("ourocc: error: the source is nested too deeply", file=sys.stderr)
        return 1
    except Exception:
        from ourocc.driver.crash import report_crash

        return report_crash(arguments)
    finally:
        driver.cleanup.run()


def run(arguments: list[str]) -> None:
    """The process's entry: a deep stack, no garbage collection, signals that clean up, a quick exit."""
    gc.disable()
    open_standard_streams()
    sys.setrecursionlimit(_RECURSION_LIMIT)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    threading.stack_size(_STACK_SIZE)
    worker = Worker(arguments)
    thread = threading.Thread(target=worker.work, daemon=True)
    thread.start()
    try:
        thread.join()
    except KeyboardInterrupt:
        worker.abandon()
        _exit(130)
    _exit(worker.code)


def open_standard_streams() -> None:
    """Give descriptors that the caller closed a file that refuses what they are for: else an output file would become
    standard output."""
    for descriptor, mode in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, mode)  # takes the lowest free number: this one
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)


@final
class Worker:
    """The command, run in a thread of its own because only a thread's stack can be chosen."""

    def __init__(self, arguments: list[str]) -> None:
        self.arguments = arguments
        self.code = 4

    def work(self) -> None:
        self.code = main(self.arguments)

    def abandon(self) -> None:
        """After SIGINT: remove what the jobs left behind."""
        for cleanup in _active:
            cleanup.run()


_active: list[Cleanup] = []


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _exit(code: int) -> None:
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or 1
    os._exit(code)


def entry() -> None:
    """Console script."""
    run(sys.argv[1:])
