"""What is refused, with which words and at which line; text that GNU as refuses too."""

import pytest
from gnu import ours

CASES = {
    "mov %eax": "operand type mismatch for `mov'",
    "mov $1, (%rax)": "no instruction mnemonic suffix given and no register operands; can't size instruction",
    "bogus %eax": "no such instruction: `bogus %eax'",
    ".bogus 1": "unknown pseudo-op: `.bogus'",
    "mov %eaz, %ebx": "bad register name `%eaz'",
    "mov %ah, %r8b": "can't encode register",
    "movl 4(%rax,%rbx,3), %eax": "expecting scale factor of 1, 2, 4, or 8",
    "movl (%eip,%eax), %ecx": "is not a valid base/index expression",
    "addq $0x123456789, %rax": "operand type mismatch for `addq'",
    "a: nop\na: nop": "symbol `a' is already defined",
    "jmp 1b": "backward ref to unknown label",
    ".if 1\nnop": "end of file inside conditional",
    ".macro m\nnop": "end of file inside macro definition",
    ".endif": '".endif" without matching ".if"',
    ".rept x\n.endr": "expected absolute expression",
    ".long 1/0": "division by zero",
    ".popsection": ".popsection without corresponding .pushsection",
    ".cfi_def_cfa_offset 16": "CFI instruction used without previous .cfi_startproc",
    ".cfi_startproc": "open CFI at the end of file",
    ".cfi_startproc\n.cfi_offset string, 8\n.cfi_endproc": "bad register expression",
    ".cfi_startproc\n.cfi_offset st(9), 8\n.cfi_endproc": "bad register expression",
    ".align 3": "alignment not a power of 2",
    ".set a, b\n.set b, a\n.long a": "symbol definition loop",
    ".long a - b": "can't resolve",
    "loop far\n.skip 300\nfar:": "too large for field of 1 byte",
    ".section .bss\n.long 1": "attempt to store non-zero value in section `.bss'",
    ".intel_syntax noprefix": "Intel syntax is not supported",
    ".include \"/nonexistent/x.inc\"": "file not found",
    ".error \"stop here\"": "stop here",
    ".org 10\n.org 5": "attempt to move .org backwards",
    ".long (((((1": "missing `)'",
    ".type f, @strange": "unrecognized symbol type",
    ".loc 1 1": "unassigned file number 1",
    ".macro m a:req\nnop\n.endm\nm": "missing value for required parameter `a'",
    "call *": "missing operand",
    ".ascii abc": "expected string constant",
}


@pytest.mark.parametrize("text", CASES)
def test_error(text: str) -> None:
    data, messages = ours(text + "\n")
    assert not data
    assert any(CASES[text] in message for message in messages), messages


def test_line_numbers_follow_line_markers() -> None:
    _, messages = ours('# 10 "a.S"\nnop\nbogus\n# 100 "b.h" 1\n\nbogus2\n')
    assert [":".join(message.split(":")[:2]) for message in messages] == ["a.S:11", "b.h:101"]


def test_error_in_a_macro_is_reported_at_its_call() -> None:
    _, messages = ours(".macro m\nbogus\n.endm\nnop\nm\n")
    assert [message.split(":")[1] for message in messages] == ["5"]


def test_deep_nesting_is_an_error() -> None:
    for text in (".long " + "(" * 5000, ".macro m\nm\n.endm\nm\n", "." * 3 + "if 1\n" * 100):
        data, messages = ours(text + "\n")
        assert not data and messages
