"""The x86-64 instruction table, general-purpose part: every instruction of this room stands here and nowhere else.

The language of the rows is explained in `forms.py`; `instructions_float.py` has the x87 and `instructions_vector.py`
the MMX, SSE and later rows.  Opcode numbers follow the order of the rows.
"""

from ourocc.targets.x86.forms import FORMS, Form, each, inst

ALL = "oszapc"
WIDE = (16, 32, 64)


def add_arithmetic() -> None:
    """Two-operand arithmetic, test, increments, multiplication, division, shifts."""
    for index, name in enumerate(("add", "or", "adc", "sbb", "and", "sub", "xor", "cmp")):
        base = index * 8
        role = "r" if name == "cmp" else "rw"
        tests = "c" if name in ("adc", "sbb") else ""
        lock = name != "cmp"
        words = "commutative" if name in ("add", "or", "adc", "and", "xor") else ""
        if name in ("sub", "xor"):
            words += " zero"
        upper = name.upper()
        each(name, f"{upper}#_?R", f"rm#:{role} r#", f"MR %{base:02X} /r", sets=ALL, tests=tests, lock=lock, properties=words)
        each(name, f"{upper}#_R?", f"r#:{role} rm#", f"RM %{base + 2:02X} /r", sets=ALL, tests=tests, properties=words)
        each(name, f"{upper}#_?I", f"rm#:{role} imm#", f"MI %80 /{index} i#", sets=ALL, tests=tests, lock=lock)
        each(
            name, f"{upper}#_?I", f"rm#:{role} imm8s", f"MI %82 /{index} ib", sizes=WIDE, when="imm8", sets=ALL,
            tests=tests, lock=lock,
        )  # fmt: skip
        each(name, f"{upper}#_RI", f"r#:{role} imm#", f"AI %{base + 4:02X} i#", when="accumulator", sets=ALL, tests=tests)
    each("test", "TEST#_?R", "rm# r#", "MR %84 /r", sets=ALL, properties="commutative")
    each("test", "TEST#_?I", "rm# imm#", "MI %F6 /0 i#", sets=ALL)
    each("test", "TEST#_RI", "r# imm#", "AI %A8 i#", when="accumulator", sets=ALL)
    each("inc", "INC#_?", "rm#:rw", "M %FE /0", sets="oszap", lock=True)
    each("dec", "DEC#_?", "rm#:rw", "M %FE /1", sets="oszap", lock=True)
    each("not", "NOT#_?", "rm#:rw", "M %F6 /2", lock=True)
    each("neg", "NEG#_?", "rm#:rw", "M %F6 /3", sets=ALL, lock=True)
    for digit, name in ((4, "mul"), (5, "imul"), (6, "div"), (7, "idiv")):
        reads = "rax" if digit < 6 else "rax rdx"
        each(name, f"{name.upper()}#_?", "rm#", f"M %F6 /{digit}", sizes=(8,), sets=ALL, reads="rax", writes="rax")
        each(name, f"{name.upper()}#_?", "rm#", f"M %F6 /{digit}", sizes=WIDE, sets=ALL, reads=reads, writes="rax rdx")
    each("imul", "IMUL#_R?", "r#:rw rm#", "RM 0F AF /r", sizes=WIDE, sets=ALL, properties="commutative")
    each("imul", "IMUL#_R?I", "r#:w rm# imm#", "RMI 69 /r i#", sizes=WIDE, sets=ALL)
    each("imul", "IMUL#_R?I", "r#:w rm# imm8s", "RMI 6B /r ib", sizes=WIDE, when="imm8", sets=ALL)
    for digit, name in enumerate(("rol", "ror", "rcl", "rcr", "shl", "shr", "", "sar")):
        if not name:
            continue
        sets, tests = ("oc", "c" if "c" in name else "") if digit < 4 else (ALL, "")
        aliases = "sal sal#" if name == "shl" else ""
        each(name, f"{name.upper()}#_?I", "rm#:rw imm8", f"MI %C0 /{digit} ib", sets=sets, tests=tests, aliases=aliases)
        each(name, f"{name.upper()}#_?I", "rm#:rw one", f"M %D0 /{digit}", when="one", sets=sets, tests=tests)
        each(
            name, f"{name.upper()}#_?C", "rm#:rw cl", f"M %D2 /{digit}", sets=sets, tests=ALL, reads="rcx",
            aliases=aliases,
        )  # fmt: skip
    for code, name in ((0xA4, "shld"), (0xAC, "shrd")):
        each(name, f"{name.upper()}#_?RI", "rm#:rw r# imm8", f"MRI 0F {code:02X} /r ib", sizes=WIDE, sets=ALL)
        each(
            name, f"{name.upper()}#_?RC", "rm#:rw r# cl", f"MR 0F {code + 1:02X} /r", sizes=WIDE, sets=ALL, tests=ALL,
            reads="rcx",
        )  # fmt: skip


def add_moves() -> None:
    """Moves, extensions, exchanges, stack, address computation."""
    each("mov", "MOV#_?R", "rm#:w r#", "MR %88 /r", properties="move")
    each("mov", "MOV#_R?", "r#:w rm#", "RM %8A /r", properties="move")
    inst("mov|b", "MOV8_RI", "r8:w imm8", "OI B0+r ib")
    inst("mov|w", "MOV16_RI", "r16:w imm16", "OI 66 B8+r iw")
    inst("mov|l", "MOV32_RI", "r32:w imm32", "OI B8+r id")
    each("mov", "MOV#_?I", "rm#:w imm#", "MI %C6 /0 i#")
    inst("movabs|q", "MOVABS64_RI", "r64:w imm64", "OI REX.W B8+r io", aliases="mov movq")
    for size, letter in ((8, "b"), (16, "w"), (32, "l"), (64, "q")):
        prefix = {8: "A0", 16: "66 A1", 32: "A1", 64: "REX.W A1"}[size]
        register = {8: "al", 16: "ax", 32: "eax", 64: "rax"}[size]
        inst(f"movabs|{letter}", f"MOVABS{size}_AM", f"{register}:w moffs{size}", f"FD {prefix} io", writes="rax")
        prefix = prefix.replace("A0", "A2").replace("A1", "A3")
        inst(f"movabs|{letter}", f"MOVABS{size}_MA", f"moffs{size}:w {register}", f"TD {prefix} io", reads="rax")
    inst("mov|w", "MOV16_RS", "r16:w sreg", "MR 66 8C /r", properties="effect")
    inst("mov|l", "MOV32_RS", "r32:w sreg", "MR 8C /r", properties="effect")
    inst("mov|q", "MOV64_RS", "r64:w sreg", "MR 8C /r", properties="effect")
    inst("mov|w", "MOV16_MS", "m16:w sreg", "MR 8C /r", aliases="mov")
    inst("mov|l", "MOV32_SR", "sreg:w r32", "RM 8E /r", properties="effect")
    inst("mov|w", "MOV16_SR", "sreg:w r16", "RM 8E /r", properties="effect")
    inst("mov|q", "MOV64_SR", "sreg:w r64", "RM 8E /r", properties="effect")
    inst("mov|w", "MOV16_SM", "sreg:w m16", "RM 8E /r", properties="effect", aliases="mov")
    inst("mov|q", "MOV64_RC", "r64:w cr", "MR 0F 20 /r", properties="effect")
    inst("mov|q", "MOV64_CR", "cr:w r64", "RM 0F 22 /r", properties="effect")
    inst("mov|q", "MOV64_RD", "r64:w dr", "MR 0F 21 /r", properties="effect")
    inst("mov|q", "MOV64_DR", "dr:w r64", "RM 0F 23 /r", properties="effect")
    for code, name, mnemonic, intel in ((0xB6, "MOVZX", "movz", "movzx"), (0xBE, "MOVSX", "movs", "movsx")):
        each(f"{mnemonic}b|#", f"{name}#_R?8", "r#:w r8/m8", f"RM 0F {code:02X} /r", sizes=WIDE, aliases=f"{intel} {intel}b")
        each(
            f"{mnemonic}w|#", f"{name}#_R?16", "r#:w r16/m16", f"RM 0F {code + 1:02X} /r", sizes=(32, 64),
            aliases=f"{intel} {intel}w",
        )  # fmt: skip
    inst("movsl|q", "MOVSX64_R?32", "r64:w r32/m32", "RM REX.W 63 /r", aliases="movsx movsxd movsxl movsxdq")
    each("lea", "LEA#_RM", "r#:w m:n", "RM 8D /r", sizes=WIDE)
    each("xchg", "XCHG#_?R", "rm#:rw r#:rw", "MR %86 /r", properties="commutative", lock=True)
    each("xchg", "XCHG#_RR", "r#:rw r#:rw", "RO 90+r", sizes=WIDE, when="accumulator")
    each("xadd", "XADD#_?R", "rm#:rw r#:rw", "MR 0F %C0 /r", sets=ALL, lock=True)
    each("cmpxchg", "CMPXCHG#_?R", "rm#:rw r#", "MR 0F %B0 /r", sets=ALL, reads="rax", writes="rax", lock=True)
    for name, size, opcode in (("cmpxchg8b", 64, "0F C7 /1"), ("cmpxchg16b", 128, "REX.W 0F C7 /1")):
        inst(name, f"{name.upper()}_M", f"m{size}:rw", f"M {opcode}", sets="z", reads="rax rbx rcx rdx", writes="rax rdx", lock=True)
    each("bswap", "BSWAP#_R", "r#:rw", "O 0F C8+r", sizes=(32, 64))
    each("movbe", "MOVBE#_RM", "r#:w m#", "RM 0F 38 F0 /r", sizes=WIDE)
    each("movbe", "MOVBE#_MR", "m#:w r#", "MR 0F 38 F1 /r", sizes=WIDE)
    each("movnti", "MOVNTI#_MR", "m#:w r#", "MR 0F C3 /r", sizes=(32, 64))
    inst("push|q", "PUSH64_R", "r64", "O 50+r", reads="rsp", writes="rsp", properties="effect store")
    inst("push|w", "PUSH16_R", "r16", "O 66 50+r", reads="rsp", writes="rsp", properties="effect store")
    inst("push|q", "PUSH64_?", "rm64", "M FF /6", reads="rsp", writes="rsp", properties="effect store")
    inst("push|w", "PUSH16_?", "rm16", "M 66 FF /6", reads="rsp", writes="rsp", properties="effect store")
    inst("push|q", "PUSH64_I", "imm32s", "I 68 id", reads="rsp", writes="rsp", properties="effect store")
    inst("push|q", "PUSH64_I", "imm8s", "I 6A ib", when="imm8", reads="rsp", writes="rsp", properties="effect")
    inst("push|w", "PUSH16_I", "imm16", "I 66 68 iw", reads="rsp", writes="rsp", properties="effect store")
    inst("push|w", "PUSH16_I", "imm8s", "I 66 6A ib", when="imm8", reads="rsp", writes="rsp", properties="effect")
    inst("pop|q", "POP64_R", "r64:w", "O 58+r", reads="rsp", writes="rsp", properties="effect load")
    inst("pop|w", "POP16_R", "r16:w", "O 66 58+r", reads="rsp", writes="rsp", properties="effect load")
    inst("pop|q", "POP64_?", "rm64:w", "M 8F /0", reads="rsp", writes="rsp", properties="effect load")
    inst("pop|w", "POP16_?", "rm16:w", "M 66 8F /0", reads="rsp", writes="rsp", properties="effect load")
    for segment, code in (("fs", 0xA0), ("gs", 0xA8)):
        inst("push|q", f"PUSH64_{segment.upper()}", segment, f"ZO 0F {code:02X}", reads="rsp", writes="rsp", properties="effect")
        inst("pop|q", f"POP64_{segment.upper()}", segment, f"ZO 0F {code + 1:02X}", reads="rsp", writes="rsp", properties="effect")
    inst("pushf|q", "PUSHF64", "", "ZO 9C", tests="oszapcd", reads="rsp", writes="rsp", properties="effect")
    inst("pushf|w", "PUSHF16", "", "ZO 66 9C", tests="oszapcd", reads="rsp", writes="rsp", properties="effect")
    inst("popf|q", "POPF64", "", "ZO 9D", sets="oszapcd", reads="rsp", writes="rsp", properties="effect")
    inst("popf|w", "POPF16", "", "ZO 66 9D", sets="oszapcd", reads="rsp", writes="rsp", properties="effect")
    inst("leave|q", "LEAVE", "", "ZO C9", reads="rbp rsp", writes="rbp rsp", properties="effect load")
    inst("leave|w", "LEAVE16", "", "ZO 66 C9", reads="rbp rsp", writes="rbp rsp", properties="effect load")
    inst("enter|q", "ENTER", "imm16 imm8u", "II C8 iw ib", reads="rbp rsp", writes="rbp rsp", properties="effect store")


def add_bits() -> None:
    """Bit tests and scans, conversions within rAX, conditional moves and sets."""
    for digit, name in ((4, "bt"), (5, "bts"), (6, "btr"), (7, "btc")):
        role, lock = ("r", False) if name == "bt" else ("rw", True)
        base = 0x83 + digit * 8
        each(name, f"{name.upper()}#_?R", f"rm#:{role} r#", f"MR 0F {base:02X} /r", sizes=WIDE, sets=ALL, lock=lock)
        each(name, f"{name.upper()}#_?I", f"rm#:{role} imm8", f"MI 0F BA /{digit} ib", sizes=WIDE, sets=ALL, lock=lock)
    each("bsf", "BSF#_R?", "r#:rw rm#", "RM 0F BC /r", sizes=WIDE, sets=ALL)
    each("bsr", "BSR#_R?", "r#:rw rm#", "RM 0F BD /r", sizes=WIDE, sets=ALL)
    for name, code in (("popcnt", "B8"), ("tzcnt", "BC"), ("lzcnt", "BD")):
        inst(f"{name}|w", f"{name.upper()}16_R?", "r16:w rm16", f"RM 66 F3 0F {code} /r", sets=ALL)
        each(name, f"{name.upper()}#_R?", "r#:w rm#", f"RM F3 0F {code} /r", sizes=(32, 64), sets=ALL)
    inst("crc32|b", "CRC32_R?8", "r32:rw r8/m8", "RM F2 0F 38 F0 /r")
    inst("crc32|w", "CRC32_R?16", "r32:rw r16/m16", "RM 66 F2 0F 38 F1 /r")
    inst("crc32|l", "CRC32_R?32", "r32:rw r32/m32", "RM F2 0F 38 F1 /r")
    inst("crc32|q", "CRC64_R?64", "r64:rw r64/m64", "RM F2 REX.W 0F 38 F1 /r")
    inst("crc32|b", "CRC64_R?8", "r64:rw r8/m8", "RM F2 REX.W 0F 38 F0 /r")
    inst("adcx|l", "ADCX32_R?", "r32:rw r32/m32", "RM 66 0F 38 F6 /r", sets="c", tests="c")
    inst("adcx|q", "ADCX64_R?", "r64:rw r64/m64", "RM 66 REX.W 0F 38 F6 /r", sets="c", tests="c")
    inst("adox|l", "ADOX32_R?", "r32:rw r32/m32", "RM F3 0F 38 F6 /r", sets="o", tests="o")
    inst("adox|q", "ADOX64_R?", "r64:rw r64/m64", "RM F3 REX.W 0F 38 F6 /r", sets="o", tests="o")
    inst("cbtw", "CBW", "", "ZO 66 98", reads="rax", writes="rax", aliases="cbw")
    inst("cwtl", "CWDE", "", "ZO 98", reads="rax", writes="rax", aliases="cwde")
    inst("cltq", "CDQE", "", "ZO REX.W 98", reads="rax", writes="rax", aliases="cdqe")
    inst("cwtd", "CWD", "", "ZO 66 99", reads="rax", writes="rdx", aliases="cwd")
    inst("cltd", "CDQ", "", "ZO 99", reads="rax", writes="rdx", aliases="cdq")
    inst("cqto", "CQO", "", "ZO REX.W 99", reads="rax", writes="rdx", aliases="cqo")
    inst("set{cc}", "SETCC_?", "rm8:w", "M 0F 90+cc /0", tests=ALL, properties="conditional", aliases="set{cc}b")
    each("cmov{cc}", "CMOVCC#_R?", "r#:rw rm#", "RM 0F 40+cc /r", sizes=WIDE, tests=ALL, properties="conditional")


def add_control() -> None:
    """Jumps, calls, returns, traps.  Jumps to labels are encoded short or near by branch relaxation."""
    jump = "branch terminator effect"
    inst("jmp", "JMP", "rel32", "D E9 cd", properties=jump)
    inst("jmp", "JMP", "rel8", "D EB cb", when="rel8", properties=jump)
    inst("jmp", "JMP_?", "rm64", "M FF /4", properties="terminator effect branch", aliases="jmpq")
    inst("j{cc}", "JCC", "rel32", "D 0F 80+cc cd", tests=ALL, properties="branch conditional effect")
    inst("j{cc}", "JCC", "rel8", "D 70+cc cb", when="rel8", tests=ALL, properties="branch conditional effect")
    inst("call", "CALL_SYMBOL", "rel32", "D E8 cd", reads="rsp", sets=ALL, properties="call effect", aliases="callq")
    inst("call", "CALL_?", "rm64", "M FF /2", reads="rsp", sets=ALL, properties="call effect", aliases="callq")
    inst("ret", "RET", "", "ZO C3", reads="rsp", properties="return terminator effect", aliases="retq")
    inst("ret", "RET_I", "imm16", "I C2 iw", reads="rsp", properties="return terminator effect", aliases="retq")
    inst("lret|l", "LRET32", "", "ZO CB", reads="rsp", properties="return terminator effect", aliases="lret")
    inst("lret|q", "LRET64", "", "ZO REX.W CB", reads="rsp", properties="return terminator effect")
    inst("lret|w", "LRET16", "", "ZO 66 CB", reads="rsp", properties="return terminator effect")
    inst("lret|l", "LRET32_I", "imm16", "I CA iw", reads="rsp", properties="return terminator effect", aliases="lret")
    inst("lret|q", "LRET64_I", "imm16", "I REX.W CA iw", reads="rsp", properties="return terminator effect")
    inst("ljmp|l", "LJMP32_M", "m32", "M FF /5", properties="terminator effect", aliases="ljmp")
    inst("ljmp|w", "LJMP16_M", "m32", "M 66 FF /5", properties="terminator effect")
    inst("lcall|l", "LCALL32_M", "m32", "M FF /3", properties="call effect", aliases="lcall")
    inst("lcall|w", "LCALL16_M", "m32", "M 66 FF /3", properties="call effect")
    inst("loop", "LOOP", "rel8", "D E2 cb", reads="rcx", writes="rcx", properties="branch effect")
    inst("loope", "LOOPE", "rel8", "D E1 cb", reads="rcx", writes="rcx", tests="z", properties="branch effect", aliases="loopz")
    inst("loopne", "LOOPNE", "rel8", "D E0 cb", reads="rcx", writes="rcx", tests="z", properties="branch effect", aliases="loopnz")
    inst("jrcxz", "JRCXZ", "rel8", "D E3 cb", reads="rcx", properties="branch effect")
    inst("jecxz", "JECXZ", "rel8", "D 67 E3 cb", reads="rcx", properties="branch effect")
    inst("int3", "INT3", "", "ZO CC", properties="effect")
    inst("int", "INT_I", "imm8u", "I CD ib", properties="effect")
    inst("int1", "INT1", "", "ZO F1", properties="effect", aliases="icebp")
    inst("ud2", "UD2", "", "ZO 0F 0B", properties="terminator effect", aliases="ud2a")
    each("ud1", "UD1_R?#", "r# rm#", "RM 0F B9 /r", sizes=WIDE, properties="effect", aliases="ud2b")
    inst("hlt", "HLT", "", "ZO F4", properties="effect")
    inst("iret|l", "IRET32", "", "ZO CF", properties="terminator effect", aliases="iret")
    inst("iret|q", "IRET64", "", "ZO REX.W CF", properties="terminator effect")
    inst("iret|w", "IRET16", "", "ZO 66 CF", properties="terminator effect")
    inst("syscall", "SYSCALL", "", "ZO 0F 05", reads="rax", writes="rax rcx r11", properties="effect load store")
    inst("sysret|l", "SYSRET32", "", "ZO 0F 07", properties="terminator effect", aliases="sysret")
    inst("sysret|q", "SYSRET64", "", "ZO REX.W 0F 07", properties="terminator effect")
    inst("sysenter", "SYSENTER", "", "ZO 0F 34", properties="effect")
    inst("sysexit|l", "SYSEXIT32", "", "ZO 0F 35", properties="terminator effect", aliases="sysexit")
    inst("sysexit|q", "SYSEXIT64", "", "ZO REX.W 0F 35", properties="terminator effect")
    inst("nop", "NOP", "", "ZO 90")
    for suffix, size, prefix in (("w", 16, "66 "), ("l", 32, ""), ("q", 64, "REX.W ")):
        inst(f"nop|{suffix}", f"NOP{size}_?", f"rm{size}:n", f"M {prefix}0F 1F /0")
    inst("pause", "PAUSE", "", "ZO F3 90", properties="effect")
    inst("endbr64", "ENDBR64", "", "ZO F3 0F 1E FA", properties="effect")
    inst("endbr32", "ENDBR32", "", "ZO F3 0F 1E FB", properties="effect")
    inst("xbegin", "XBEGIN", "rel32", "D C7 F8 cd", writes="rax", properties="branch effect")
    inst("xabort", "XABORT", "imm8u", "I C6 F8 ib", properties="effect")


def add_strings() -> None:
    """String instructions with and without repeat prefix; flag d gives the direction."""
    rows = (
        ("movs", 0xA4, "rsi rdi", "rsi rdi", "load store", ""),
        ("cmps", 0xA6, "rsi rdi", "rsi rdi", "load", ALL),
        ("stos", 0xAA, "rax rdi", "rdi", "store", ""),
        ("lods", 0xAC, "rsi", "rax rsi", "load", ""),
        ("scas", 0xAE, "rax rdi", "rdi", "load", ALL),
        ("ins", 0x6C, "rdx rdi", "rdi", "store", ""),
        ("outs", 0x6E, "rdx rsi", "rsi", "load", ""),
    )
    for name, code, reads, writes, words, sets in rows:
        sizes = (8, 16, 32) if name in ("ins", "outs") else (8, 16, 32, 64)
        upper = name.upper()
        for size, letter in ((8, "b"), (16, "w"), (32, "l"), (64, "q")):
            if size not in sizes:
                continue
            prefix = {8: "", 16: "66 ", 32: "", 64: "REX.W "}[size]
            opcode = f"{prefix}{code + (size != 8):02X}"
            mnemonic = f"{name}{letter}"
            alias = f"{name}d" if size == 32 and name in ("lods", "stos", "scas", "ins", "outs") else ""
            words_all = f"{words} effect string"
            inst(mnemonic, f"{upper}{size}", "", f"ZO {opcode}", reads=reads, writes=writes, tests="d", sets=sets, properties=words_all, aliases=alias)
            for prefix_name, byte in (("rep", "F3"), ("repne", "F2")):
                if prefix_name == "repne" and name not in ("cmps", "scas"):
                    continue
                word = "repe" if prefix_name == "rep" and name in ("cmps", "scas") else prefix_name
                inst(
                    f"{word} {mnemonic}", f"{word.upper()}_{upper}{size}", "", f"ZO {byte} {opcode}",
                    reads=f"{reads} rcx", writes=f"{writes} rcx", tests="d" + sets, sets=sets, properties=words_all,
                )  # fmt: skip


def add_flags_and_ports() -> None:
    """Flag instructions, input and output, prefixes that stand alone."""
    for name, code, sets, tests in (
        ("clc", "F8", "c", ""), ("stc", "F9", "c", ""), ("cmc", "F5", "c", "c"), ("cld", "FC", "d", ""),
        ("std", "FD", "d", ""), ("cli", "FA", "", ""), ("sti", "FB", "", ""),
    ):  # fmt: skip
        inst(name, name.upper(), "", f"ZO {code}", sets=sets, tests=tests, properties="effect")
    inst("sahf", "SAHF", "", "ZO 9E", sets="szapc", reads="rax")
    inst("lahf", "LAHF", "", "ZO 9F", tests="szapc", writes="rax")
    inst("xlat", "XLAT", "", "ZO D7", reads="rax rbx", writes="rax", properties="load", aliases="xlatb")
    for size, letter, register in ((8, "b", "al"), (16, "w", "ax"), (32, "l", "eax")):
        prefix = "66 " if size == 16 else ""
        odd = int(size != 8)
        inst(f"in|{letter}", f"IN{size}_I", f"{register}:w imm8u", f"I {prefix}{0xE4 + odd:02X} ib", writes="rax", properties="effect")
        inst(f"in|{letter}", f"IN{size}_D", f"{register}:w dx", f"ZO {prefix}{0xEC + odd:02X}", reads="rdx", writes="rax", properties="effect")
        inst(f"out|{letter}", f"OUT{size}_I", f"imm8u {register}", f"I {prefix}{0xE6 + odd:02X} ib", reads="rax", properties="effect")
        inst(f"out|{letter}", f"OUT{size}_D", f"dx {register}", f"ZO {prefix}{0xEE + odd:02X}", reads="rax rdx", properties="effect")
    for name, code in (
        ("lock", "F0"), ("rep", "F3"), ("repne", "F2"), ("data16", "66"), ("addr32", "67"), ("cs", "2E"), ("ds", "3E"),
        ("es", "26"), ("ss", "36"), ("fs", "64"), ("gs", "65"), ("rex64", "48"), ("rex", "40"), ("fwait", "9B"),
    ):  # fmt: skip
        aliases = {"rep": "repe repz", "repne": "repnz bnd", "fwait": "wait", "rex64": "rex.W", "ds": "notrack"}
        inst(name, f"PREFIX_{name.upper()}", "", f"ZO {code}", properties="effect", aliases=aliases.get(name, ""))


def add_system() -> None:
    """What kernels and start-up code use."""
    implicit = {
        "cpuid": ("0F A2", "rax rcx", "rax rbx rcx rdx"), "rdtsc": ("0F 31", "", "rax rdx"),
        "rdtscp": ("0F 01 F9", "", "rax rcx rdx"), "rdmsr": ("0F 32", "rcx", "rax rdx"),
        "wrmsr": ("0F 30", "rax rcx rdx", ""), "rdpmc": ("0F 33", "rcx", "rax rdx"),
        "xgetbv": ("0F 01 D0", "rcx", "rax rdx"), "xsetbv": ("0F 01 D1", "rax rcx rdx", ""),
        "rdpkru": ("0F 01 EE", "rcx", "rax rdx"), "wrpkru": ("0F 01 EF", "rax rcx rdx", ""),
        "swapgs": ("0F 01 F8", "", ""), "clac": ("0F 01 CA", "", ""), "stac": ("0F 01 CB", "", ""),
        "monitor": ("0F 01 C8", "rax rcx rdx", ""), "mwait": ("0F 01 C9", "rax rcx", ""),
        "encls": ("0F 01 CF", "rax rbx rcx rdx", ""), "xend": ("0F 01 D5", "", ""), "xtest": ("0F 01 D6", "", ""),
        "vmcall": ("0F 01 C1", "", ""), "vmlaunch": ("0F 01 C2", "", ""), "vmresume": ("0F 01 C3", "", ""),
        "vmxoff": ("0F 01 C4", "", ""), "vmmcall": ("0F 01 D9", "", ""), "vmrun": ("0F 01 D8", "", ""),
        "vmload": ("0F 01 DA", "", ""), "vmsave": ("0F 01 DB", "", ""), "stgi": ("0F 01 DC", "", ""),
        "clgi": ("0F 01 DD", "", ""), "serialize": ("0F 01 E8", "", ""), "clts": ("0F 06", "", ""),
        "invd": ("0F 08", "", ""), "wbinvd": ("0F 09", "", ""), "lfence": ("0F AE E8", "", ""),
        "mfence": ("0F AE F0", "", ""), "sfence": ("0F AE F8", "", ""), "rsm": ("0F AA", "", ""),
        "emms": ("0F 77", "", ""), "setssbsy": ("F3 0F 01 E8", "", ""), "saveprevssp": ("F3 0F 01 EA", "", ""),
        "wbnoinvd": ("F3 0F 09", "", ""), "clzero": ("0F 01 FC", "rax", ""), "rdpru": ("0F 01 FD", "rcx", "rax rdx"),
    }  # fmt: skip
    for name, (code, reads, writes) in implicit.items():
        sets = "z" if name == "xtest" else ""
        inst(name, name.upper(), "", f"ZO {code}", reads=reads, writes=writes, sets=sets, properties="effect load store")
    memory = (
        ("sgdt", "0F 01 /0", "w"), ("sidt", "0F 01 /1", "w"), ("lgdt", "0F 01 /2", "r"), ("lidt", "0F 01 /3", "r"),
        ("invlpg", "0F 01 /7", "n"), ("fxsave", "0F AE /0", "w"), ("fxsave64", "REX.W 0F AE /0", "w"),
        ("fxrstor", "0F AE /1", "r"), ("fxrstor64", "REX.W 0F AE /1", "r"), ("ldmxcsr", "0F AE /2", "r"),
        ("stmxcsr", "0F AE /3", "w"), ("xsave", "0F AE /4", "w"), ("xsave64", "REX.W 0F AE /4", "w"),
        ("xrstor", "0F AE /5", "r"), ("xrstor64", "REX.W 0F AE /5", "r"), ("xsaveopt", "0F AE /6", "w"),
        ("xsaveopt64", "REX.W 0F AE /6", "w"), ("xsavec", "0F C7 /4", "w"), ("xsavec64", "REX.W 0F C7 /4", "w"),
        ("xsaves", "0F C7 /5", "w"), ("xsaves64", "REX.W 0F C7 /5", "w"), ("xrstors", "0F C7 /3", "r"),
        ("xrstors64", "REX.W 0F C7 /3", "r"), ("clflush", "0F AE /7", "n"), ("clflushopt", "66 0F AE /7", "n"),
        ("clwb", "66 0F AE /6", "n"), ("prefetchnta", "0F 18 /0", "n"), ("prefetcht0", "0F 18 /1", "n"),
        ("prefetcht1", "0F 18 /2", "n"), ("prefetcht2", "0F 18 /3", "n"), ("prefetch", "0F 0D /0", "n"),
        ("prefetchw", "0F 0D /1", "n"), ("vmptrld", "0F C7 /6", "r"), ("vmptrst", "0F C7 /7", "w"),
        ("vmclear", "66 0F C7 /6", "n"), ("vmxon", "F3 0F C7 /6", "r"), ("rstorssp", "F3 0F 01 /5", "rw"),
        ("clrssbsy", "F3 0F AE /6", "rw"),
    )  # fmt: skip
    for name, code, role in memory:
        size = "32" if name in ("ldmxcsr", "stmxcsr") else ""
        words = "" if name.startswith("prefetch") else "effect"
        x = " rax rdx" if name[:2] == "xs" or name[:2] == "xr" else ""
        inst(name, f"{name.upper()}_M", f"m{size}:{role}", f"M {code}", reads=x.strip(), properties=words)
    for digit, name in enumerate(("sldt", "str", "lldt", "ltr", "verr", "verw")):
        if digit < 2:
            each(name, f"{name.upper()}#_R", "r#:w", f"M 0F 00 /{digit}", sizes=(16, 32), properties="effect")
            inst(f"{name}|q", f"{name.upper()}64_R", "r64:w", f"M 0F 00 /{digit}", properties="effect")
            inst(name, f"{name.upper()}_M", "m16:w", f"M 0F 00 /{digit}", properties="effect")
        else:
            inst(name, f"{name.upper()}_?", "rm16", f"M 0F 00 /{digit}", sets="z" if digit > 3 else "", properties="effect")
    each("smsw", "SMSW#_R", "r#:w", "M 0F 01 /4", sizes=WIDE, properties="effect")
    inst("smsw", "SMSW_M", "m16:w", "M 0F 01 /4", properties="effect")
    inst("lmsw", "LMSW_?", "rm16", "M 0F 01 /6", properties="effect")
    for name, code in (("lar", "02"), ("lsl", "03")):
        each(name, f"{name.upper()}#_R?", "r#:rw r#/m16", f"RM 0F {code} /r", sizes=WIDE, sets="z", properties="effect")
    each("rdrand!", "RDRAND#_R", "r#:w", "M 0F C7 /6", sizes=WIDE, sets=ALL, properties="effect")
    each("rdseed!", "RDSEED#_R", "r#:w", "M 0F C7 /7", sizes=WIDE, sets=ALL, properties="effect")
    inst("rdpid", "RDPID_R", "r64:w", "M F3 0F C7 /7", properties="effect")
    for digit, name in enumerate(("rdfsbase", "rdgsbase", "wrfsbase", "wrgsbase")):
        role = "w" if digit < 2 else "r"
        each(f"{name}!", f"{name.upper()}#_R", f"r#:{role}", f"M F3 0F AE /{digit}", sizes=(32, 64), properties="effect")
    each("rdssp#", "RDSSP#_R".replace("#", "#"), "r#:rw", "M F3 0F 1E /1", sizes=(64,), properties="effect")
    inst("rdsspd", "RDSSP32_R", "r32:rw", "M F3 0F 1E /1", properties="effect")
    inst("incsspd", "INCSSP32_R", "r32", "M F3 0F AE /5", properties="effect")
    inst("incsspq", "INCSSP64_R", "r64", "M F3 REX.W 0F AE /5", properties="effect")
    inst("wrssd", "WRSS32_MR", "m32:w r32", "MR 0F 38 F6 /r", properties="effect")
    inst("wrssq", "WRSS64_MR", "m64:w r64", "MR REX.W 0F 38 F6 /r", properties="effect")
    inst("invpcid", "INVPCID_RM", "r64 m128", "RM 66 0F 38 82 /r", properties="effect")
    inst("invept", "INVEPT_RM", "r64 m128", "RM 66 0F 38 80 /r", properties="effect")
    inst("invvpid", "INVVPID_RM", "r64 m128", "RM 66 0F 38 81 /r", properties="effect")
    inst("vmread|q", "VMREAD_?R", "rm64:w r64", "MR 0F 78 /r", sets=ALL, properties="effect")
    inst("vmwrite|q", "VMWRITE_R?", "r64 rm64", "RM 0F 79 /r", sets=ALL, properties="effect")


def table() -> list[Form]:
    """All rows, in the order that numbers the opcodes."""
    if not FORMS:
        from ourocc.targets.x86 import instructions_float, instructions_vector

        add_moves()
        add_arithmetic()
        add_bits()
        add_control()
        add_strings()
        add_flags_and_ports()
        add_system()
        instructions_float.add_float()
        instructions_vector.add_vector()
    return FORMS
