"""The code buffer: bytes under construction, with labels, fixups, relocations and branch relaxation.

In: encoders append bytes and say what depends on addresses.  Out: after `finish()`, final bytes, labels with final
offsets, and relocations for what only the linker knows.

Everything whose size depends on other addresses (branches, alignment, `.skip` of an expression) is a `Relaxable`.  It
has no bytes in `data`; it is inserted when the buffer is finished.  A place in the buffer is therefore a pair: offset
into `data` and rank, the number of relaxables before it; its address is `offset + growth[rank]`.  Relaxation starts with
short branches and lets those grow that do not reach, until nothing changes (Szymanski 1978): branches never shrink, so
it ends.
"""

from typing import Final, final

from ourocc.ir.function import Symbol
from ourocc.machine.instruction import Label

# Relaxable.kind
BRANCH: Final = 0
ALIGN: Final = 1
VARIABLE: Final = 2

# Fixup.kind: what is stored, little-endian, in `size` bytes
FIXUP_RELATIVE: Final = 0  # label + addend - address of the field
FIXUP_DIFFERENCE: Final = 1  # label + addend - base label
FIXUP_BRANCH: Final = 2  # branch distance in the target's own format: see BranchWriter.patch

MAXIMUM_ROUNDS: Final = 200


class EncodingError(Exception):
    """An instruction that has no encoding, such as %ah together with a REX prefix."""


class BranchWriter:
    """How a target writes relaxable branches and padding; each target has one subclass without state."""

    def write(self, out: bytearray, relaxable: "Relaxable", distance: int) -> None:
        """Append the branch in its present size; `distance` is target minus start of the branch."""
        raise NotImplementedError

    def relocation(self, relaxable: "Relaxable") -> tuple[int, int]:
        """(offset of the field from the branch's start, correction of the addend) of the long form."""
        raise NotImplementedError

    def pad(self, out: bytearray, count: int) -> None:
        """Append `count` bytes of instructions that do nothing."""
        raise NotImplementedError

    def patch(self, data: bytearray, offset: int, distance: int) -> str:
        """Store a FIXUP_BRANCH distance; returns an error message or ""."""
        raise NotImplementedError


class Variable:
    """Contents whose size an expression decides (`.skip`, `.org`, `.uleb128`); the assembler subclasses it."""

    def measure(self, address: int) -> int:
        """Its size in bytes when it stands at `address`, by the present addresses of all labels."""
        raise NotImplementedError

    def write(self, out: bytearray) -> None:
        """Append exactly the bytes that were measured last."""
        raise NotImplementedError


@final
class Relaxable:
    """A branch, alignment or variable; `offset` is its place in `CodeBuffer.data`, `size` its present size."""

    def __init__(self, kind: int, offset: int, size: int) -> None:
        self.kind = kind
        self.offset = offset
        self.size = size
        self.code = 0  # branch: the target's own description of it; alignment: fill byte, -1 for padding instructions
        self.low = 0  # branch: the short form reaches start + low .. start + high
        self.high = 0
        self.long_size = 0
        self.label: Label | None = None
        self.symbol: Symbol | None = None  # branch: relocated when the label is not bound
        self.addend = 0
        self.relocation_type = 0
        self.alignment = 1
        self.maximum = 0  # alignment: pad only when this many bytes suffice; 0 for any
        self.variable: Variable | None = None


@final
class Fixup:
    """A field that the labels of this buffer decide."""

    def __init__(self, offset: int, rank: int, kind: int, size: int, label: Label, addend: int) -> None:
        self.offset = offset
        self.rank = rank
        self.kind = kind
        self.size = size
        self.label = label
        self.base: Label | None = None
        self.addend = addend


@final
class CodeRelocation:
    """A field that the linker decides: `type` is the psABI's number.  The target is `symbol`, or a `label` that may be
    bound in another buffer: whoever places buffers turns it into section symbol plus offset."""

    def __init__(self, offset: int, rank: int, type: int, symbol: Symbol | None, label: Label | None, addend: int) -> None:
        self.offset = offset
        self.rank = rank
        self.type = type
        self.symbol = symbol
        self.label = label
        self.addend = addend


@final
class CodeBuffer:
    """Code or data of one function or section."""

    def __init__(self, branches: BranchWriter) -> None:
        self.branches = branches
        self.data = bytearray()
        self.alignment = 1  # the largest one in the buffer
        self.origin = 0  # where the buffer starts in its section, which has that alignment
        self.relaxables: list[Relaxable] = []
        self.growth: list[int] = [0]
        self.regions: list[int] = []  # number of relaxables that are not branches before each
        self.labels: list[Label] = []  # bound ones, in order
        self.fixups: list[Fixup] = []
        self.relocations: list[CodeRelocation] = []
        # Source positions: (offset, rank, position) by index, in order; see `mark`
        self.mark_offsets: list[int] = []
        self.mark_ranks: list[int] = []
        self.mark_positions: list[int] = []
        self.errors: list[str] = []

    def bind(self, label: Label) -> None:
        """Let the label stand here."""
        label.offset = len(self.data)
        label.rank = len(self.relaxables)
        self.labels.append(label)

    def mark(self, position: int) -> None:
        """What follows comes from this source position."""
        self.mark_offsets.append(len(self.data))
        self.mark_ranks.append(len(self.relaxables))
        self.mark_positions.append(position)

    def address(self, label: Label) -> int:
        """The label's offset from the buffer's start, by the present sizes."""
        return label.offset + self.growth[label.rank]

    def current(self) -> int:
        """The address of the buffer's end, by the present sizes (a lower bound until it is finished)."""
        total = len(self.data)
        for relaxable in self.relaxables:
            total += relaxable.size
        return total

    def relocate(self, type: int, symbol: Symbol | None, addend: int, label: Label | None = None) -> None:
        """The field that is appended next depends on a symbol (or a label in any buffer)."""
        self.relocations.append(CodeRelocation(len(self.data), len(self.relaxables), type, symbol, label, addend))

    def fix(self, kind: int, size: int, label: Label, addend: int) -> Fixup:
        """The field that is appended next depends on a label of this buffer."""
        fixup = Fixup(len(self.data), len(self.relaxables), kind, size, label, addend)
        self.fixups.append(fixup)
        return fixup

    def branch(self, code: int, short_size: int, long_size: int, low: int, high: int) -> Relaxable:
        """Append a relaxable branch; the caller sets its label or symbol."""
        relaxable = Relaxable(BRANCH, len(self.data), short_size)
        relaxable.code = code
        relaxable.long_size = long_size
        relaxable.low = low
        relaxable.high = high
        self.relaxables.append(relaxable)
        self.growth.append(0)
        return relaxable

    def align(self, alignment: int, fill: int = -1, maximum: int = 0) -> None:
        """Pad to a multiple of `alignment`, a power of two: with instructions (-1) or a byte."""
        if alignment > self.alignment:
            self.alignment = alignment
        if alignment <= 1:
            return
        relaxable = Relaxable(ALIGN, len(self.data), 0)
        relaxable.alignment = alignment
        relaxable.code = fill
        relaxable.maximum = maximum
        self.relaxables.append(relaxable)
        self.growth.append(0)

    def insert(self, variable: Variable) -> Relaxable:
        """Append contents of variable size."""
        relaxable = Relaxable(VARIABLE, len(self.data), 0)
        relaxable.variable = variable
        self.relaxables.append(relaxable)
        self.growth.append(0)
        return relaxable

    def jump_table(self, table: Label, targets: list[Label]) -> None:
        """Append 32-bit distances of labels of this buffer from `table`, which is bound here."""
        self.bind(table)
        for target in targets:
            fixup = self.fix(FIXUP_DIFFERENCE, 4, target, 0)
            fixup.base = table
            self.data += b"\0\0\0\0"

    def prepare(self) -> None:
        """Addresses by the sizes that all relaxables begin with."""
        total = 0
        region = 0
        self.regions = []
        for index, relaxable in enumerate(self.relaxables):
            self.growth[index] = total
            self.regions.append(region)
            if relaxable.kind != BRANCH:
                relaxable.size = measure(relaxable, relaxable.offset + total, self.origin)
                region += 1
            total += relaxable.size
        self.growth[len(self.relaxables)] = total
        self.regions.append(region)

    def relax(self) -> bool:
        """One round over all relaxables; True when a size changed.

        `stretch` is how far the present place has moved in this round.  A label ahead is assumed to move along with it
        when only branches lie between; an alignment between may absorb the movement.
        """
        if len(self.regions) != len(self.growth):
            self.prepare()
        growth = self.growth
        regions = self.regions
        stretch = 0
        changed = False
        for index, relaxable in enumerate(self.relaxables):
            growth[index] += stretch
            start = relaxable.offset + growth[index]
            size = relaxable.size
            if relaxable.kind == BRANCH:
                if size != relaxable.long_size:
                    label = relaxable.label
                    if label is None or label.offset < 0:
                        relaxable.size = relaxable.long_size
                    else:
                        distance = label.offset + growth[label.rank] + relaxable.addend - start
                        if stretch and label.rank > index:
                            if stretch < 0 or regions[label.rank] == regions[index]:
                                distance += stretch
                            elif distance < 0:
                                continue  # passed over for now: it has not moved yet, but it lies ahead
                        if distance < relaxable.low or distance > relaxable.high:
                            relaxable.size = relaxable.long_size
            else:
                relaxable.size = measure(relaxable, start, self.origin)
            if relaxable.size != size:
                stretch += relaxable.size - size
                changed = True
        growth[len(self.relaxables)] += stretch
        return changed

    def settle(self) -> None:
        """Insert all relaxables: bytes, labels, fixups, relocations and marks get their final offsets."""
        if self.relaxables:
            self.write_relaxables()
            growth = self.growth
            for label in self.labels:
                label.offset += growth[label.rank]
                label.rank = 0
            for fixup in self.fixups:
                fixup.offset += growth[fixup.rank]
                fixup.rank = 0
            for relocation in self.relocations:
                relocation.offset += growth[relocation.rank]
                relocation.rank = 0
            for index, rank in enumerate(self.mark_ranks):
                self.mark_offsets[index] += growth[rank]
                self.mark_ranks[index] = 0
            self.relaxables = []
            self.growth = [0]
            self.regions = []
        self.apply_fixups()

    def write_relaxables(self) -> None:
        """Rebuild `data` with the relaxables' bytes in their places."""
        data = self.data
        out = bytearray()
        growth = self.growth
        done = 0
        for index, relaxable in enumerate(self.relaxables):
            offset = relaxable.offset
            if offset != done:
                out += data[done:offset]
                done = offset
            start = offset + growth[index]
            if relaxable.kind == BRANCH:
                label = relaxable.label
                if label is None or label.offset < 0:
                    place, correction = self.branches.relocation(relaxable)
                    # Offsets of relocations are still those of `data`: growth up to here is added by `settle`
                    self.relocations.append(
                        CodeRelocation(
                            offset + place, index, relaxable.relocation_type, relaxable.symbol, None,
                            relaxable.addend + correction,
                        )  # fmt: skip
                    )
                    self.branches.write(out, relaxable, relaxable.size)
                else:
                    distance = label.offset + growth[label.rank] + relaxable.addend - start
                    self.branches.write(out, relaxable, distance)
            elif relaxable.kind == ALIGN:
                if relaxable.code < 0:
                    self.branches.pad(out, relaxable.size)
                else:
                    out += bytes([relaxable.code]) * relaxable.size
            else:
                variable = relaxable.variable
                assert variable is not None
                variable.write(out)
        out += data[done:]
        self.data = out

    def apply_fixups(self) -> None:
        """Store the fields that labels decide; the others stay for a later round."""
        data = self.data
        waiting: list[Fixup] = []
        for fixup in self.fixups:
            label = fixup.label
            base = fixup.base
            if label.offset < 0 or (base is not None and base.offset < 0):
                waiting.append(fixup)
                continue
            value = label.offset + fixup.addend
            if base is not None:
                value -= base.offset
            else:
                value -= fixup.offset
            if fixup.kind == FIXUP_BRANCH:
                message = self.branches.patch(data, fixup.offset, value)
                if message:
                    self.errors.append(message)
                continue
            bits = fixup.size * 8
            if value < -(1 << (bits - 1)) or value >= 1 << bits:
                self.errors.append(f"value of {value} too large for field of {fixup.size} bytes")
                continue
            data[fixup.offset : fixup.offset + fixup.size] = (value & ((1 << bits) - 1)).to_bytes(fixup.size, "little")
        self.fixups = waiting

    def absorb(self, other: "CodeBuffer") -> None:
        """Append another buffer with everything in it; `other` must not be used afterwards."""
        offset = len(self.data)
        rank = len(self.relaxables)
        self.data += other.data
        self.alignment = max(self.alignment, other.alignment)
        for relaxable in other.relaxables:
            relaxable.offset += offset
            self.relaxables.append(relaxable)
            self.growth.append(0)
        for label in other.labels:
            label.offset += offset
            label.rank += rank
            self.labels.append(label)
        for fixup in other.fixups:
            fixup.offset += offset
            fixup.rank += rank
            self.fixups.append(fixup)
        for relocation in other.relocations:
            relocation.offset += offset
            relocation.rank += rank
            self.relocations.append(relocation)

    def finish(self) -> None:
        """Relax until stable and make everything final.  The buffer may be appended to afterwards."""
        if self.relaxables:
            rounds = 0
            while self.relax():
                rounds += 1
                if rounds > MAXIMUM_ROUNDS:
                    self.errors.append("relaxation does not converge")
                    break
        self.settle()


def measure(relaxable: Relaxable, start: int, origin: int) -> int:
    """The size that an alignment or variable has at `start` of a buffer that starts at `origin`."""
    if relaxable.kind == ALIGN:
        size = -(origin + start) & (relaxable.alignment - 1)
        return 0 if relaxable.maximum and size > relaxable.maximum else size
    variable = relaxable.variable
    assert variable is not None
    return variable.measure(start)
