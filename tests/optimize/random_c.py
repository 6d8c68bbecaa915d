"""Small random C programs without undefined behaviour, for comparing what they compute before and after optimization."""

import random

TYPES = ("int", "unsigned", "long", "unsigned char", "short", "unsigned long")


class Program:
    """Arithmetic is done in unsigned types or kept small, divisors are odd, indexes are masked, loops end."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.variables: list[str] = []
        self.depth = 0
        self.loops = 0

    def expression(self, depth: int) -> str:
        choice = self.random.random()
        if depth <= 0 or choice < 0.25:
            return self.random.choice(
                [str(self.random.randint(0, 9)), str(self.random.randint(0, 70000)), *self.variables, *self.variables]
            )
        x = self.expression(depth - 1)
        y = self.expression(depth - 1)
        if choice < 0.6:
            operator = self.random.choice(["+", "-", "*", "^", "&", "|"])
            return f"({self.random.choice(TYPES)})((unsigned long)({x}) {operator} (unsigned long)({y}))"
        if choice < 0.7:
            return f"(({x}) {self.random.choice(['<', '>', '==', '!=', '<=', '>='])} ({y}))"
        if choice < 0.78:
            return f"(({x}) {self.random.choice(['&&', '||'])} ({y}))"
        if choice < 0.84:
            return f"(({x}) ? ({y}) : {self.random.choice(self.variables)})"
        if choice < 0.9:
            return f"((unsigned)({x}) {self.random.choice(['/', '%'])} {self.random.choice([3, 7, 8, 10, 100, 255])}u)"
        if choice < 0.95:
            return f"((int)({x}) >> {self.random.randint(0, 31)})"
        return f"table[({x}) & 15]"

    def statement(self) -> None:
        choice = self.random.random()
        indent = "  " * (self.depth + 1)
        target = self.random.choice(self.variables)
        if choice < 0.35 or self.depth > 2:
            self.lines.append(f"{indent}{target} {self.random.choice(['=', '=', '^=', '|='])} {self.expression(3)};")
        elif choice < 0.5:
            self.lines.append(f"{indent}table[{self.expression(1)} & 15] = {self.expression(2)};")
        elif choice < 0.6:
            self.lines.append(f"{indent}pair.{self.random.choice(['a', 'b'])} += {self.expression(1)} & 255;")
            self.lines.append(f"{indent}{target} ^= pair.{self.random.choice(['a', 'b'])};")
        elif choice < 0.8:
            self.lines.append(f"{indent}if ({self.expression(2)}) {{")
            self.block(indent)
        else:
            counter = f"i{self.loops}"
            self.loops += 1
            kind = self.random.choice(["int", "unsigned", "long"])
            bound = self.random.randint(1, 9)
            self.lines.append(f"{indent}for ({kind} {counter} = 0; {counter} < {bound}; {counter}++) {{")
            self.variables.append(f"(int){counter}")
            self.lines.append(f"{indent}  table[{counter} & 15] += {counter} * {self.random.randint(1, 40)};")
            self.reading_only(counter, indent)

    def reading_only(self, counter: str, indent: str) -> None:
        """The body of a loop: its counter may be read, not written."""
        self.variables.remove(f"(int){counter}")
        self.lines.append(f"{indent}  {self.random.choice(self.variables)} ^= (unsigned){counter} * 77u;")
        self.block(indent)

    def block(self, indent: str) -> None:
        self.depth += 1
        for _ in range(self.random.randint(1, 3)):
            self.statement()
        self.depth -= 1
        self.lines.append(f"{indent}}}")

    def text(self) -> str:
        self.variables = ["a", "b", "c", "d"]
        self.lines = []
        for _ in range(self.random.randint(3, 7)):
            self.statement()
        body = "\n".join(self.lines)
        return f"""\
int table[16];
struct {{ int a; short b; }} pair;
static unsigned f(int a, unsigned b) {{
  long c = 3; unsigned char d = 7;
{body}
  return (unsigned)a + b * 3u + (unsigned)c + d;
}}
int main(void) {{
  unsigned sum = 0;
  for (int i = 0; i < 3; i++) sum = sum * 31u + f(i * 12345 - 7, sum);
  for (int i = 0; i < 16; i++) sum = sum * 17u + (unsigned)table[i];
  return (int)((sum ^ sum >> 8 ^ sum >> 16 ^ sum >> 24 ^ (unsigned)pair.a) & 255u);
}}
"""
