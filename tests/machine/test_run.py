"""Functions built as IR, compiled and run beside a C driver."""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Module
from tests.machine.harness import Made, call, run


def test_constant() -> None:
    for level in (0, 2):
        module = Module("t")
        m = Made(module, "f", ty.I32, [])
        m.b.return_([m.b.const(42, ty.I32)])
        assert run(module, "int printf();int f();int main(){printf(\"%d\",f());}", level) == "42"


def test_loop_with_phis() -> None:
    for level in (0, 2):
        module = Module("t")
        m = Made(module, "f", ty.I32, [ty.I32])
        b = m.b
        zero = b.const(0, ty.I32)
        one = b.const(1, ty.I32)
        head, body, done = b.new_block(), b.new_block(), b.new_block()
        b.jump(head)
        b.start(head)
        i = b.phi(ty.I32, [zero])
        total = b.phi(ty.I32, [zero])
        b.branch(b.compare(op.SLT, i, m.p[0]), body, done)
        b.start(body)
        square = b.binary(op.MUL, ty.I32, i, i)
        next_total = b.binary(op.ADD, ty.I32, total, square)
        next_i = b.binary(op.ADD, ty.I32, i, one)
        b.jump(head)
        i.add_argument(next_i)
        total.add_argument(next_total)
        b.start(done)
        b.return_([total])
        assert run(module, "int printf();int f(int);int main(){printf(\"%d\",f(10));}", level) == "285"


def test_fibonacci_on_the_stack() -> None:
    for level in (0, 2):
        module = Module("t")
        m = Made(module, "fib", ty.I64, [ty.I64])
        b = m.b
        slot = b.alloca(8, 8)
        b.store(slot, m.p[0])
        small, big = b.new_block(), b.new_block()
        b.branch(b.compare(op.SLT, b.load(ty.I64, slot), b.const(2, ty.I64)), small, big)
        b.start(small)
        b.return_([b.load(ty.I64, slot)])
        b.start(big)
        x = call(m, module, "fib", ty.I64, [b.binary(op.SUB, ty.I64, b.load(ty.I64, slot), b.const(1, ty.I64))])
        y = call(m, module, "fib", ty.I64, [b.binary(op.SUB, ty.I64, b.load(ty.I64, slot), b.const(2, ty.I64))])
        b.return_([b.binary(op.ADD, ty.I64, x, y)])
        assert run(module, "int printf();long fib(long);int main(){printf(\"%ld\",fib(20));}", level) == "6765"
