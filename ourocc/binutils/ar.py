"""`ar` and `ranlib`: make, change and read archives.

In: an operation letter (d m p q r s t x), modifiers, an archive, member names.  Archives are written in
GNU format, deterministically unless U is given, to a temporary file that is then renamed.
"""

import os
import sys
from time import localtime, strftime
from typing import Final, final

from ourocc.binutils.common import ToolError, complain, read_file, version_text, write_text
from ourocc.linker.output_file import write_output
from ourocc.objects.archive import Archive, ArchiveMember, write_archive
from ourocc.objects.elf_reader import ObjectFormatError

_OPERATIONS: Final = "dmpqrstx"
_MODIFIERS: Final = "abicDfloNPSsTuUvVO"
_USAGE: Final = (
    "Usage: ar [-]{dmpqrstx}[abcDfilNoOPsSTuUvV] [member] [count] archive file...\n"
    " d delete  m move  p print  q append  r replace  s index  t list  x extract\n"
    " c create quietly  D/U (non)deterministic  s/S (no) index  T thin  u only newer  v verbose\n"
)


@final
class _Request:
    """A parsed command line."""

    def __init__(self) -> None:
        self.operation = ""
        self.modifiers: dict[str, bool] = {}
        self.anchor = ""  # member that a, b, i refer to
        self.count = 0  # of N
        self.archive = ""
        self.files: list[str] = []
        self.output = ""

    def has(self, modifier: str) -> bool:
        return modifier in self.modifiers


def parse(arguments: list[str]) -> _Request:
    """The request of a command line; ToolError when it is none."""
    request = _Request()
    rest: list[str] = []
    letters = ""
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        position += 1
        if argument in ("--plugin", "--target"):
            position += 1
        elif argument.startswith(("--plugin=", "--target=")):
            continue
        elif argument == "--thin":
            request.modifiers["T"] = True
        elif argument.startswith("--output"):
            if "=" in argument:
                request.output = argument.partition("=")[2]
            elif position < len(arguments):
                request.output = arguments[position]
                position += 1
        elif argument.startswith("--"):
            raise ToolError(f"unrecognized option '{argument}'")
        elif argument.startswith("-") and len(argument) > 1 and not rest:
            letters += argument[1:]
        elif not letters:
            letters = argument
        else:
            rest.append(argument)
    for letter in letters:
        if letter == "M":
            raise ToolError("MRI scripts (M) are not supported")
        if letter in _OPERATIONS and not (letter == "s" and (request.operation or len(letters) > 1)):
            if request.operation:
                raise ToolError("two different operation options specified")
            request.operation = letter
        elif letter in _MODIFIERS:
            request.modifiers[letter] = True
        else:
            raise ToolError(f"invalid option -- '{letter}'")
    if not request.operation:
        if request.has("s"):
            request.operation = "s"
        else:
            raise ToolError("no operation specified")
    if request.has("a") or request.has("b") or request.has("i"):
        if not rest:
            raise ToolError("a, b and i need the name of a member")
        request.anchor = rest.pop(0)
    if request.has("N"):
        if not rest or not rest[0].isdigit() or int(rest[0]) < 1:
            raise ToolError("N needs a positive count")
        request.count = int(rest.pop(0))
    if not rest:
        raise ToolError("no archive specified")
    request.archive = rest.pop(0)
    request.files = rest
    return request


@final
class _Session:
    """One operation on one archive."""

    def __init__(self, request: _Request) -> None:
        self.request = request
        self.members: list[ArchiveMember] = []
        self.exists = os.path.exists(request.archive)
        self.thin = request.has("T")
        self.failed = False
        self.had_index = False

    def run(self) -> int:
        request = self.request
        operation = request.operation
        if self.exists:
            archive = Archive(read_file(request.archive), request.archive)
            self.members = archive.members()
            self.had_index = archive.has_index
            if archive.thin:
                self.thin = True
                for member in self.members:
                    member.data = self._thin_content(member.name) if operation not in ("t",) else b""
            elif self.thin and self.members and operation in ("r", "q"):
                raise ToolError(f"cannot convert existing library {request.archive} to thin format")
        elif operation not in ("r", "q"):
            raise ToolError(f"{request.archive}: No such file or directory")
        elif not request.has("c"):
            complain("ar", f"creating {request.archive}")
        if operation == "t":
            self._list()
        elif operation == "p":
            self._print()
        elif operation == "x":
            self._extract()
        else:
            self._change(operation)
        return 1 if self.failed else 0

    def _thin_content(self, name: str) -> bytes:
        return read_file(os.path.join(os.path.dirname(self.request.archive), name))

    def _key(self, name: str) -> str:
        return name if self.request.has("P") or self.thin else os.path.basename(name)

    def _selected(self) -> list[ArchiveMember]:
        """The members that the command line names, in archive order; all when it names none."""
        files = self.request.files
        if not files:
            return self.members
        result: list[ArchiveMember] = []
        seen: dict[str, int] = {}
        wanted = {self._key(name): name for name in files}
        found: dict[str, bool] = {}
        for member in self.members:
            key = self._key(member.name)
            if key not in wanted:
                continue
            seen[key] = seen.get(key, 0) + 1
            if self.request.count and seen[key] != self.request.count:
                continue
            found[key] = True
            result.append(member)
        for key, name in wanted.items():
            if key in found:
                continue
            if self.request.operation != "d":  # what is not there need not be deleted: as GNU ar, no failure
                complain("ar", f"no entry {name} in archive")
                self.failed = self.request.operation == "m"
            elif self.request.has("v"):
                write_text(f"No member named `{name}'\n")
        return result

    def _list(self) -> None:
        lines: list[str] = []
        for member in self._selected():
            if self.request.has("v"):
                mode = "".join(letter if member.mode >> (8 - n) & 1 else "-" for n, letter in enumerate("rwxrwxrwx"))
                date = strftime("%b %e %H:%M %Y", localtime(member.date))
                lines.append(f"{mode} {member.owner}/{member.group} {member.size:6d} {date} {member.name}\n")
            else:
                lines.append(member.name + "\n")
        write_text("".join(lines))

    def _print(self) -> None:
        for member in self._selected():
            if self.request.has("v"):
                write_text(f"\n<{member.name}>\n\n")
            sys.stdout.flush()
            sys.stdout.buffer.write(member.data)
        sys.stdout.buffer.flush()

    def _extract(self) -> None:
        if self.thin:
            raise ToolError(f"'x' cannot be used on thin archives: {self.request.archive}")
        for member in self._selected():
            name = os.path.basename(member.name)
            if name in ("", ".", ".."):
                complain("ar", f"illegal output pathname for archive member: {member.name}")
                self.failed = True
                continue
            if self.request.has("v"):
                write_text(f"x - {name}\n")
            path = os.path.join(self.request.output, name) if self.request.output else name
            write_output(path, member.data, False)
            os.chmod(path, member.mode & 0o777)
            if self.request.has("o"):
                os.utime(path, (member.date, member.date))

    def _change(self, operation: str) -> None:
        if operation == "d":
            self._delete()
        elif operation == "m":
            self._move()
        elif operation in ("r", "q"):
            self._insert(operation == "q")
        if self.failed and operation != "d":
            return
        request = self.request
        index = not request.has("S") or operation == "s"
        data = write_archive(self.members, index, self.thin, not request.has("U"))
        write_output(request.archive, data, False)

    def _delete(self) -> None:
        gone = self._selected() if self.request.files else []
        for member in gone:
            if self.request.has("v"):
                write_text(f"d - {member.name}\n")
        self.members = [member for member in self.members if not any(member is other for other in gone)]

    def _anchor_position(self) -> int:
        """Where a, b or i put members; the end without them."""
        request = self.request
        if request.anchor:
            for position, member in enumerate(self.members):
                if self._key(member.name) == self._key(request.anchor):
                    return position + 1 if request.has("a") else position
        return len(self.members)

    def _move(self) -> None:
        moved = self._selected() if self.request.files else []
        self.members = [member for member in self.members if not any(member is other for other in moved)]
        position = self._anchor_position()
        self.members[position:position] = moved

    def _insert(self, append: bool) -> None:
        request = self.request
        for name in request.files:
            made = self._read_member(name)
            if made is None:
                continue
            known = -1
            if not append:
                for position, member in enumerate(self.members):
                    if self._key(member.name) == self._key(made.name):
                        known = position
                        break
            if known >= 0:
                if request.has("u") and self.members[known].date >= made.date and not self._is_undated(known):
                    continue
                if request.has("v"):
                    write_text(f"r - {name}\n")
                self.members[known] = made
                continue
            if request.has("v"):
                write_text(f"a - {name}\n")
            position = self._anchor_position()
            if request.anchor and request.has("a"):
                request.anchor = made.name  # the next one goes behind this one
            self.members.insert(position, made)

    def _is_undated(self, position: int) -> bool:
        """Deterministic archives have no dates: u then always replaces."""
        return self.members[position].date == 0

    def _read_member(self, name: str) -> ArchiveMember | None:
        try:
            data = read_file(name)
        except ToolError as problem:
            complain(
                "ar",
                f"{name}: " + problem.message.rpartition(": ")[2].replace("No such file", "No such file or directory"),
            )
            self.failed = True
            return None
        stored = os.path.basename(name)
        if self.thin:
            stored = os.path.relpath(name, os.path.dirname(self.request.archive) or ".")
        elif self.request.has("P"):
            stored = name
        made = ArchiveMember(stored, data)
        status = os.stat(name)
        made.date = int(status.st_mtime)
        made.owner = status.st_uid
        made.group = status.st_gid
        made.mode = status.st_mode
        return made


def main(arguments: list[str] | None = None) -> int:
    """`ar`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in ("--version", "-V", "V"):
        write_text(version_text("ar"))
        return 0
    if arguments and arguments[0] in ("--help", "-h"):
        write_text(_USAGE)
        return 0
    try:
        return _Session(parse(arguments)).run()
    except ToolError as problem:
        complain("ar", problem.message)
    except ObjectFormatError as malformed:
        complain("ar", malformed.message)
    except OSError as failure:
        complain("ar", f"{failure.filename}: {failure.strerror}")
    return 1


def ranlib(arguments: list[str] | None = None) -> int:
    """`ranlib`: rebuild the symbol tables of archives."""
    arguments = sys.argv[1:] if arguments is None else arguments
    status = 0
    deterministic = "D"
    for argument in arguments:
        if argument in ("--version", "-v", "-V"):
            write_text(version_text("ranlib"))
        elif argument in ("-D", "-U"):
            deterministic = argument[1:]
        elif argument == "-t" or argument.startswith("--plugin"):
            continue
        elif argument.startswith("-"):
            complain("ranlib", f"unrecognized option '{argument}'")
            return 1
        else:
            status |= main(["s" + deterministic, argument])
    return status


if __name__ == "__main__":
    sys.exit(main())
