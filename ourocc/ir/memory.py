"""The interpreter's memory: byte-addressed, one flat space, with a record of what is allocated.

Addresses start high enough that small integers are never valid.  With `checked`, every access must lie in one live
object; without, any byte below the end may be touched.
"""

import bisect
from typing import Final, final

BASE: Final = 0x10000
STACK_SIZE: Final = 1 << 23


class UndefinedBehaviour(Exception):
    """The interpreted program did what C leaves undefined."""


@final
class Memory:
    """`allocate` never reuses addresses, so that stale pointers are found."""

    def __init__(self, checked: bool) -> None:
        self.checked = checked
        self.data = bytearray(0 if checked else STACK_SIZE)
        self.stack = 0  # bytes of the stack region in use; it is the beginning of `data`
        self.starts: list[int] = []  # of objects, ascending, as allocation only grows
        self.ends: list[int] = []  # 0 when the object is dead
        self.sizes: dict[int, int] = {}  # heap blocks

    def allocate(self, size: int, alignment: int) -> int:
        """A zeroed object; its address."""
        start = (BASE + len(self.data) + alignment - 1) & -alignment
        gap = 8 if self.checked else 0
        self.data.extend(bytes(start + size + gap - BASE - len(self.data)))
        if self.checked:
            self.starts.append(start)
            self.ends.append(start + size)
        return start

    def release(self, start: int) -> None:
        """The object at `start` ends its life."""
        if self.checked:
            index = bisect.bisect_right(self.starts, start) - 1
            if index >= 0 and self.starts[index] == start:
                self.ends[index] = 0

    def push(self, size: int, alignment: int) -> int:
        """An object of the current frame: reused stack space, or in checked mode never reused."""
        if self.checked:
            return self.allocate(size, alignment)
        start = (self.stack + alignment - 1) & -alignment
        if start + size > STACK_SIZE:
            raise UndefinedBehaviour("stack overflow")
        self.stack = start + size
        return BASE + start

    def check(self, address: int, size: int) -> None:
        if address < BASE or address - BASE + size > len(self.data):
            raise UndefinedBehaviour(f"access of {size} bytes at {address:#x}, which is no object")
        if self.checked and size:
            index = bisect.bisect_right(self.starts, address) - 1
            if index < 0 or address + size > self.ends[index]:
                what = "a dead object" if index >= 0 and self.ends[index] == 0 else "outside of an object"
                raise UndefinedBehaviour(f"access of {size} bytes at {address:#x}, {what}")

    def read(self, address: int, size: int) -> bytes:
        self.check(address, size)
        offset = address - BASE
        return bytes(self.data[offset : offset + size])

    def write(self, address: int, contents: bytes) -> None:
        self.check(address, len(contents))
        offset = address - BASE
        self.data[offset : offset + len(contents)] = contents

    def read_integer(self, address: int, size: int) -> int:
        """Unsigned, little-endian."""
        self.check(address, size)
        offset = address - BASE
        return int.from_bytes(self.data[offset : offset + size], "little")

    def write_integer(self, address: int, number: int, size: int) -> None:
        self.write(address, (number & ((1 << (size * 8)) - 1)).to_bytes(size, "little"))

    def string(self, address: int) -> bytes:
        """The bytes of a C string, without the terminator."""
        self.check(address, 1)
        offset = address - BASE
        end = self.data.find(b"\0", offset)
        if end < 0:
            raise UndefinedBehaviour(f"string at {address:#x} without end")
        self.check(address, end - offset + 1)
        return bytes(self.data[offset:end])
