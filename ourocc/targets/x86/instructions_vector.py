"""The MMX and SSE to SSE4.2 rows of the x86-64 instruction table (see `forms.py` for the language)."""

from ourocc.targets.x86.forms import inst

ALL = "oszapc"

# Names of packed integer operations that exist on MMX (no prefix) and XMM (66) alike, with their second opcode byte
INTEGER_BOTH = (
    ("punpcklbw", "60"), ("punpcklwd", "61"), ("punpckldq", "62"), ("packsswb", "63"), ("pcmpgtb", "64"),
    ("pcmpgtw", "65"), ("pcmpgtd", "66"), ("packuswb", "67"), ("punpckhbw", "68"), ("punpckhwd", "69"),
    ("punpckhdq", "6A"), ("packssdw", "6B"), ("pcmpeqb", "74"), ("pcmpeqw", "75"), ("pcmpeqd", "76"), ("psrlw", "D1"),
    ("psrld", "D2"), ("psrlq", "D3"), ("paddq", "D4"), ("pmullw", "D5"), ("psubusb", "D8"), ("psubusw", "D9"),
    ("pminub", "DA"), ("pand", "DB"), ("paddusb", "DC"), ("paddusw", "DD"), ("pmaxub", "DE"), ("pandn", "DF"),
    ("pavgb", "E0"), ("psraw", "E1"), ("psrad", "E2"), ("pavgw", "E3"), ("pmulhuw", "E4"), ("pmulhw", "E5"),
    ("psubsb", "E8"), ("psubsw", "E9"), ("pminsw", "EA"), ("por", "EB"), ("paddsb", "EC"), ("paddsw", "ED"),
    ("pmaxsw", "EE"), ("pxor", "EF"), ("psllw", "F1"), ("pslld", "F2"), ("psllq", "F3"), ("pmuludq", "F4"),
    ("pmaddwd", "F5"), ("psadbw", "F6"), ("psubb", "F8"), ("psubw", "F9"), ("psubd", "FA"), ("psubq", "FB"),
    ("paddb", "FC"), ("paddw", "FD"), ("paddd", "FE"),
    ("pshufb", "38 00"), ("phaddw", "38 01"), ("phaddd", "38 02"), ("phaddsw", "38 03"), ("pmaddubsw", "38 04"),
    ("phsubw", "38 05"), ("phsubd", "38 06"), ("phsubsw", "38 07"), ("psignb", "38 08"), ("psignw", "38 09"),
    ("psignd", "38 0A"), ("pmulhrsw", "38 0B"),
)  # fmt: skip
COMMUTATIVE = (
    "pcmpeq", "paddb", "paddw", "paddd", "paddq", "pmul", "pand", "por", "pxor", "pminub", "pmaxub", "pminsw",
    "pmaxsw", "pavg", "paddus", "padds", "psadbw", "pmaddwd",
)  # fmt: skip


def add_scalar_and_packed_float() -> None:
    """Moves, arithmetic, comparison, logic and shuffles of float and double."""
    for name, prefix, size in (("ss", "F3", 32), ("sd", "F2", 64)):
        upper = name.upper()
        inst(f"mov{name}", f"MOV{upper}_XX", "x:rw x", f"RM {prefix} 0F 10 /r")
        inst(f"mov{name}", f"MOV{upper}_XM", f"x:w m{size}", f"RM {prefix} 0F 10 /r")
        inst(f"mov{name}", f"MOV{upper}_?X", f"x/m{size}:w x", f"MR {prefix} 0F 11 /r")
    for name, prefix in (("aps", ""), ("apd", "66 ")):
        inst(f"mov{name}", f"MOV{name.upper()}_X?", "x:w x/m128", f"RM {prefix}0F 28 /r", properties="move")
        inst(f"mov{name}", f"MOV{name.upper()}_?X", "x/m128:w x", f"MR {prefix}0F 29 /r", properties="move")
    for name, prefix in (("ups", ""), ("upd", "66 ")):
        inst(f"mov{name}", f"MOV{name.upper()}_X?", "x:w x/m128", f"RM {prefix}0F 10 /r", properties="move")
        inst(f"mov{name}", f"MOV{name.upper()}_?X", "x/m128:w x", f"MR {prefix}0F 11 /r", properties="move")
    inst("movhlps", "MOVHLPS_XX", "x:rw x", "RM 0F 12 /r")
    inst("movlhps", "MOVLHPS_XX", "x:rw x", "RM 0F 16 /r")
    for name, prefix, base in (("movlps", "", 0x12), ("movlpd", "66 ", 0x12), ("movhps", "", 0x16), ("movhpd", "66 ", 0x16)):
        inst(name, f"{name.upper()}_XM", "x:rw m64", f"RM {prefix}0F {base:02X} /r")
        inst(name, f"{name.upper()}_MX", "m64:w x", f"MR {prefix}0F {base + 1:02X} /r")
    for name, prefix in (("movntps", ""), ("movntpd", "66 ")):
        inst(name, f"{name.upper()}_MX", "m128:w x", f"MR {prefix}0F 2B /r", properties="effect")
    for name, prefix in (("movmskps", ""), ("movmskpd", "66 ")):
        inst(name, f"{name.upper()}_RX", "r32:w x", f"RM {prefix}0F 50 /r")
        inst(name, f"{name.upper()}64_RX", "r64:w x", f"RM {prefix}0F 50 /r")
    kinds = (("ps", "", 128), ("pd", "66 ", 128), ("ss", "F3 ", 32), ("sd", "F2 ", 64))
    for name, code in (
        ("sqrt", "51"), ("add", "58"), ("mul", "59"), ("sub", "5C"), ("min", "5D"), ("div", "5E"), ("max", "5F"),
    ):  # fmt: skip
        for kind, prefix, size in kinds:
            role = "w" if name == "sqrt" and size == 128 else "rw"
            words = "commutative" if name in ("add", "mul") else ""
            inst(name + kind, f"{(name + kind).upper()}_X?", f"x:{role} x/m{size}", f"RM {prefix}0F {code} /r", properties=words)
    for name, code in (("rsqrt", "52"), ("rcp", "53")):
        inst(f"{name}ps", f"{name.upper()}PS_X?", "x:w x/m128", f"RM 0F {code} /r")
        inst(f"{name}ss", f"{name.upper()}SS_X?", "x:rw x/m32", f"RM F3 0F {code} /r")
    for name, code in (("unpckl", "14"), ("unpckh", "15"), ("and", "54"), ("andn", "55"), ("or", "56"), ("xor", "57")):
        words = {"and": "commutative", "or": "commutative", "xor": "commutative zero"}.get(name, "")
        for kind, prefix, size in kinds[:2]:
            inst(name + kind, f"{(name + kind).upper()}_X?", f"x:rw x/m{size}", f"RM {prefix}0F {code} /r", properties=words)
    for kind, prefix, size in kinds:
        upper = kind.upper()
        inst(f"cmp{kind}", f"CMP{upper}_X?I", f"x:rw x/m{size} imm8u", f"RMI {prefix}0F C2 /r ib")
        if size == 128:
            inst(f"shuf{kind}", f"SHUF{upper}_X?I", "x:rw x/m128 imm8u", f"RMI {prefix}0F C6 /r ib")
        else:
            bare = prefix.replace("F3 ", "").replace("F2 ", "66 ")
            inst(f"ucomi{kind}", f"UCOMI{upper}_X?", f"x x/m{size}", f"RM {bare}0F 2E /r", sets=ALL)
            inst(f"comi{kind}", f"COMI{upper}_X?", f"x x/m{size}", f"RM {bare}0F 2F /r", sets=ALL)
    for name, prefix, code in (
        ("haddpd", "66", "7C"), ("haddps", "F2", "7C"), ("hsubpd", "66", "7D"), ("hsubps", "F2", "7D"),
        ("addsubpd", "66", "D0"), ("addsubps", "F2", "D0"),
    ):  # fmt: skip
        inst(name, f"{name.upper()}_X?", "x:rw x/m128", f"RM {prefix} 0F {code} /r")
    inst("movddup", "MOVDDUP_X?", "x:w x/m64", "RM F2 0F 12 /r")
    inst("movsldup", "MOVSLDUP_X?", "x:w x/m128", "RM F3 0F 12 /r")
    inst("movshdup", "MOVSHDUP_X?", "x:w x/m128", "RM F3 0F 16 /r")


def add_conversions() -> None:
    """Between integers, float and double."""
    for kind, prefix, size in (("ss", "F3", 32), ("sd", "F2", 64)):
        upper = kind.upper()
        inst(f"cvtsi2{kind}|l", f"CVTSI2{upper}32_X?", "x:rw r32/m32", f"RM {prefix} 0F 2A /r", aliases=f"cvtsi2{kind}")
        inst(f"cvtsi2{kind}|q", f"CVTSI2{upper}64_X?", "x:rw r64/m64", f"RM {prefix} REX.W 0F 2A /r")
        for name, code in (("cvtt", "2C"), ("cvt", "2D")):
            mnemonic = f"{name}{kind}2si"
            inst(f"{mnemonic}|l", f"{mnemonic.upper()}32_R?", f"r32:w x/m{size}", f"RM {prefix} 0F {code} /r")
            inst(f"{mnemonic}|q", f"{mnemonic.upper()}64_R?", f"r64:w x/m{size}", f"RM {prefix} REX.W 0F {code} /r")
    inst("cvtss2sd", "CVTSS2SD_X?", "x:rw x/m32", "RM F3 0F 5A /r")
    inst("cvtsd2ss", "CVTSD2SS_X?", "x:rw x/m64", "RM F2 0F 5A /r")
    for name, code, size in (
        ("cvtps2pd", "0F 5A", 64), ("cvtpd2ps", "66 0F 5A", 128), ("cvtdq2ps", "0F 5B", 128), ("cvtps2dq", "66 0F 5B", 128),
        ("cvttps2dq", "F3 0F 5B", 128), ("cvtdq2pd", "F3 0F E6", 64), ("cvtpd2dq", "F2 0F E6", 128),
        ("cvttpd2dq", "66 0F E6", 128),
    ):  # fmt: skip
        inst(name, f"{name.upper()}_X?", f"x:w x/m{size}", f"RM {code} /r")
    for name, prefix in (("ps", ""), ("pd", "66 ")):
        size = 64 if name == "ps" else 128
        inst(f"cvtpi2{name}", f"CVTPI2{name.upper()}_X?", "x:rw mm/m64", f"RM {prefix}0F 2A /r")
        inst(f"cvtt{name}2pi", f"CVTT{name.upper()}2PI_Q?", f"mm:w x/m{size}", f"RM {prefix}0F 2C /r")
        inst(f"cvt{name}2pi", f"CVT{name.upper()}2PI_Q?", f"mm:w x/m{size}", f"RM {prefix}0F 2D /r")


def add_integer_moves() -> None:
    """Moves between XMM, MMX, general registers and memory."""
    inst("movd", "MOVD_X?", "x:w r32/m32", "RM 66 0F 6E /r")
    inst("movd", "MOVD_?X", "r32/m32:w x", "MR 66 0F 7E /r")
    inst("movq", "MOVQ_XR", "x:w r64", "RM 66 REX.W 0F 6E /r", aliases="movd")
    inst("movq", "MOVQ_RX", "r64:w x", "MR 66 REX.W 0F 7E /r", aliases="movd")
    inst("movq", "MOVQ_X?", "x:w x/m64", "RM F3 0F 7E /r")
    inst("movq", "MOVQ_?X", "x/m64:w x", "MR 66 0F D6 /r")
    inst("movq", "MOVQ_XM", "x:w m64", "RM 66 REX.W 0F 6E /r", when="decode")
    inst("movq", "MOVQ_MX", "m64:w x", "MR 66 REX.W 0F 7E /r", when="decode")
    inst("movd", "MOVD_Q?", "mm:w r32/m32", "RM 0F 6E /r")
    inst("movd", "MOVD_?Q", "r32/m32:w mm", "MR 0F 7E /r")
    inst("movq", "MOVQ_QR", "mm:w r64", "RM REX.W 0F 6E /r", aliases="movd")
    inst("movq", "MOVQ_RQ", "r64:w mm", "MR REX.W 0F 7E /r", aliases="movd")
    inst("movq", "MOVQ_Q?", "mm:w mm/m64", "RM 0F 6F /r")
    inst("movq", "MOVQ_?Q", "mm/m64:w mm", "MR 0F 7F /r")
    inst("movdqa", "MOVDQA_X?", "x:w x/m128", "RM 66 0F 6F /r", properties="move")
    inst("movdqa", "MOVDQA_?X", "x/m128:w x", "MR 66 0F 7F /r", properties="move")
    inst("movdqu", "MOVDQU_X?", "x:w x/m128", "RM F3 0F 6F /r", properties="move")
    inst("movdqu", "MOVDQU_?X", "x/m128:w x", "MR F3 0F 7F /r", properties="move")
    inst("movdq2q", "MOVDQ2Q_QX", "mm:w x", "RM F2 0F D6 /r")
    inst("movq2dq", "MOVQ2DQ_XQ", "x:w mm", "RM F3 0F D6 /r")
    inst("movntdq", "MOVNTDQ_MX", "m128:w x", "MR 66 0F E7 /r", properties="effect")
    inst("movntq", "MOVNTQ_MQ", "m64:w mm", "MR 0F E7 /r", properties="effect")
    inst("lddqu", "LDDQU_XM", "x:w m128", "RM F2 0F F0 /r")
    inst("movntdqa", "MOVNTDQA_XM", "x:w m128", "RM 66 0F 38 2A /r")
    inst("maskmovdqu", "MASKMOVDQU_XX", "x x", "RM 66 0F F7 /r", reads="rdi", properties="store effect")
    inst("maskmovq", "MASKMOVQ_QQ", "mm mm", "RM 0F F7 /r", reads="rdi", properties="store effect")
    for size, prefix, letter in (("mm", "", "Q"), ("x", "66 ", "X")):
        inst("pmovmskb", f"PMOVMSKB_R{letter}", f"r32:w {size}", f"RM {prefix}0F D7 /r")
        inst("pmovmskb", f"PMOVMSKB64_R{letter}", f"r64:w {size}", f"RM {prefix}0F D7 /r")
        inst("pinsrw", f"PINSRW_{letter}RI", f"{size}:rw r32 imm8u", f"RMI {prefix}0F C4 /r ib")
        inst("pinsrw", f"PINSRW_{letter}MI", f"{size}:rw m16 imm8u", f"RMI {prefix}0F C4 /r ib")
        inst("pextrw", f"PEXTRW_R{letter}I", f"r32:w {size} imm8u", f"RMI {prefix}0F C5 /r ib")
        inst("pextrw", f"PEXTRW64_R{letter}I", f"r64:w {size} imm8u", f"RMI {prefix}0F C5 /r ib")
    inst("pextrw", "PEXTRW_MXI", "m16:w x imm8u", "MRI 66 0F 3A 15 /r ib")
    inst("pextrb", "PEXTRB_?XI", "r32/m8:w x imm8u", "MRI 66 0F 3A 14 /r ib")
    inst("pextrd", "PEXTRD_?XI", "r32/m32:w x imm8u", "MRI 66 0F 3A 16 /r ib")
    inst("pextrq", "PEXTRQ_?XI", "r64/m64:w x imm8u", "MRI 66 REX.W 0F 3A 16 /r ib")
    inst("pinsrb", "PINSRB_X?I", "x:rw r32/m8 imm8u", "RMI 66 0F 3A 20 /r ib")
    inst("pinsrd", "PINSRD_X?I", "x:rw r32/m32 imm8u", "RMI 66 0F 3A 22 /r ib")
    inst("pinsrq", "PINSRQ_X?I", "x:rw r64/m64 imm8u", "RMI 66 REX.W 0F 3A 22 /r ib")
    inst("extractps", "EXTRACTPS_?XI", "r32/m32:w x imm8u", "MRI 66 0F 3A 17 /r ib")
    inst("insertps", "INSERTPS_X?I", "x:rw x/m32 imm8u", "RMI 66 0F 3A 21 /r ib")


def add_packed_integer() -> None:
    """Packed integer arithmetic, shifts and shuffles."""
    for name, code in INTEGER_BOTH:
        words = "commutative" if name.startswith(COMMUTATIVE) else ""
        if name == "pxor" or name.startswith("psub") or name.startswith("pcmpgt"):
            words += " zero"
        memory = 32 if name.startswith("punpckl") else 64
        inst(name, f"{name.upper()}_X?", "x:rw x/m128", f"RM 66 0F {code} /r", properties=words)
        inst(name, f"{name.upper()}_Q?", f"mm:rw mm/m{memory}", f"RM 0F {code} /r", properties=words)
    for name, code in (("pabsb", "1C"), ("pabsw", "1D"), ("pabsd", "1E")):
        inst(name, f"{name.upper()}_X?", "x:w x/m128", f"RM 66 0F 38 {code} /r")
        inst(name, f"{name.upper()}_Q?", "mm:w mm/m64", f"RM 0F 38 {code} /r")
    for name, digits in (("w", (("psrl", 2), ("psra", 4), ("psll", 6))), ("d", (("psrl", 2), ("psra", 4), ("psll", 6))), ("q", (("psrl", 2), ("psll", 6)))):
        code = {"w": "71", "d": "72", "q": "73"}[name]
        for operation, digit in digits:
            inst(operation + name, f"{(operation + name).upper()}_XI", "x:rw imm8u", f"MI 66 0F {code} /{digit} ib")
            inst(operation + name, f"{(operation + name).upper()}_QI", "mm:rw imm8u", f"MI 0F {code} /{digit} ib")
    inst("psrldq", "PSRLDQ_XI", "x:rw imm8u", "MI 66 0F 73 /3 ib")
    inst("pslldq", "PSLLDQ_XI", "x:rw imm8u", "MI 66 0F 73 /7 ib")
    inst("punpcklqdq", "PUNPCKLQDQ_X?", "x:rw x/m128", "RM 66 0F 6C /r")
    inst("punpckhqdq", "PUNPCKHQDQ_X?", "x:rw x/m128", "RM 66 0F 6D /r")
    inst("pshufd", "PSHUFD_X?I", "x:w x/m128 imm8u", "RMI 66 0F 70 /r ib")
    inst("pshuflw", "PSHUFLW_X?I", "x:w x/m128 imm8u", "RMI F2 0F 70 /r ib")
    inst("pshufhw", "PSHUFHW_X?I", "x:w x/m128 imm8u", "RMI F3 0F 70 /r ib")
    inst("pshufw", "PSHUFW_Q?I", "mm:w mm/m64 imm8u", "RMI 0F 70 /r ib")
    inst("palignr", "PALIGNR_X?I", "x:rw x/m128 imm8u", "RMI 66 0F 3A 0F /r ib")
    inst("palignr", "PALIGNR_Q?I", "mm:rw mm/m64 imm8u", "RMI 0F 3A 0F /r ib")


def add_sse4() -> None:
    """SSE4.1, SSE4.2, AES, carry-less multiplication, SHA."""
    for name, code in (
        ("pmuldq", "28"), ("pcmpeqq", "29"), ("packusdw", "2B"), ("pcmpgtq", "37"), ("pminsb", "38"), ("pminsd", "39"),
        ("pminuw", "3A"), ("pminud", "3B"), ("pmaxsb", "3C"), ("pmaxsd", "3D"), ("pmaxuw", "3E"), ("pmaxud", "3F"),
        ("pmulld", "40"), ("phminposuw", "41"), ("aesimc", "DB"), ("aesenc", "DC"), ("aesenclast", "DD"),
        ("aesdec", "DE"), ("aesdeclast", "DF"),
    ):  # fmt: skip
        role = "w" if name in ("phminposuw", "aesimc") else "rw"
        words = "commutative" if name.startswith(("pmul", "pcmpeq", "pmin", "pmax")) else ""
        inst(name, f"{name.upper()}_X?", f"x:{role} x/m128", f"RM 66 0F 38 {code} /r", properties=words)
    inst("ptest", "PTEST_X?", "x x/m128", "RM 66 0F 38 17 /r", sets=ALL)
    for signed, base in (("pmovsx", 0x20), ("pmovzx", 0x30)):
        for index, (pair, size) in enumerate((("bw", 64), ("bd", 32), ("bq", 16), ("wd", 64), ("wq", 32), ("dq", 64))):
            inst(signed + pair, f"{(signed + pair).upper()}_X?", f"x:w x/m{size}", f"RM 66 0F 38 {base + index:02X} /r")
    for name, code in (("pblendvb", "10"), ("blendvps", "14"), ("blendvpd", "15")):
        inst(name, f"{name.upper()}_X?0", "x:rw x/m128 xmm0", f"RM 66 0F 38 {code} /r", reads="xmm0")
        inst(name, f"{name.upper()}_X?", "x:rw x/m128", f"RM 66 0F 38 {code} /r", reads="xmm0")
    for name, code, size, role in (
        ("roundps", "08", 128, "w"), ("roundpd", "09", 128, "w"), ("roundss", "0A", 32, "rw"), ("roundsd", "0B", 64, "rw"),
        ("blendps", "0C", 128, "rw"), ("blendpd", "0D", 128, "rw"), ("pblendw", "0E", 128, "rw"), ("dpps", "40", 128, "rw"),
        ("dppd", "41", 128, "rw"), ("mpsadbw", "42", 128, "rw"), ("pclmulqdq", "44", 128, "rw"),
        ("aeskeygenassist", "DF", 128, "w"),
    ):  # fmt: skip
        inst(name, f"{name.upper()}_X?I", f"x:{role} x/m{size} imm8u", f"RMI 66 0F 3A {code} /r ib")
    for name, code, writes in (
        ("pcmpestrm", "60", "xmm0"), ("pcmpestri", "61", "rcx"), ("pcmpistrm", "62", "xmm0"), ("pcmpistri", "63", "rcx"),
    ):  # fmt: skip
        reads = "rax rdx" if "estr" in name else ""
        inst(name, f"{name.upper()}_X?I", "x x/m128 imm8u", f"RMI 66 0F 3A {code} /r ib", sets=ALL, reads=reads, writes=writes)
    for name, code in (
        ("sha1nexte", "C8"), ("sha1msg1", "C9"), ("sha1msg2", "CA"), ("sha256rnds2", "CB"), ("sha256msg1", "CC"),
        ("sha256msg2", "CD"),
    ):  # fmt: skip
        reads = "xmm0" if name == "sha256rnds2" else ""
        if reads:
            inst(name, f"{name.upper()}_X?0", "x:rw x/m128 xmm0", f"RM 0F 38 {code} /r", reads=reads)
        inst(name, f"{name.upper()}_X?", "x:rw x/m128", f"RM 0F 38 {code} /r", reads=reads)
    inst("sha1rnds4", "SHA1RNDS4_X?I", "x:rw x/m128 imm8u", "RMI 0F 3A CC /r ib")


def add_vector() -> None:
    add_scalar_and_packed_float()
    add_conversions()
    add_integer_moves()
    add_packed_integer()
    add_sse4()
