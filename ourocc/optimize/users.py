"""Who uses a value: lists made once for a function and kept up to date by a pass that changes arguments through them."""

from typing import final

from ourocc.ir.function import Function, Value


@final
class Users:
    """`of[v.id]`: the values and terminators that mention v, once a mention.  May hold stale entries: check args."""

    def __init__(self, function: Function) -> None:
        of: list[list[Value]] = [[] for _ in range(function.value_count)]
        for block in function.blocks:
            for value in block.values:
                for argument in value.args:
                    of[argument.id].append(value)
            for argument in block.terminator.args:
                of[argument.id].append(block.terminator)
        self.of = of

    def list_of(self, value: Value) -> list[Value]:
        return self.of[value.id] if value.id < len(self.of) else []

    def note(self, user: Value, argument: Value) -> None:
        """`user` has begun to mention `argument`."""
        while len(self.of) <= argument.id:
            self.of.append([])
        self.of[argument.id].append(user)

    def redirect(self, user: Value, old: Value, new: Value) -> None:
        """Every mention of `old` in `user` becomes one of `new`."""
        for index, argument in enumerate(user.args):
            if argument is old:
                user.set_argument(index, new)
                self.note(user, new)
