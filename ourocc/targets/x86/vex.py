"""VEX instructions (AVX, AVX2, FMA, BMI, F16C, VEX-coded AES and CLMUL): table and encoder for the assembler.

The compiler selects none of these yet, so that they have no opcode numbers; their one description is the table below.
A row is "names: prefix map opcode form lengths [W1]": `prefix` is NP, 66, F3 or F2; `map` 1 for 0F, 2 for 0F38, 3 for 0F3A;
`opcode` may have "/digit"; `lengths` x, y or xy: operands marked `v` are XMM or YMM registers alike, their length is L.
A form lists the operands in the manual's order with where each is encoded: "Rv Vv Mv" is ModRM.reg, VEX.vvvv, ModRM.rm.
Places: R, V, M (register or memory), N (memory only), G (register only, in ModRM.rm), I (immediate), L (immediate's high
half).  Kinds: v, x, y (XMM, YMM), d, q (general registers), r (d or q: W says which), m (memory only).
"""

from typing import Final, final

from ourocc.machine.emit import CodeBuffer, EncodingError
from ourocc.machine.instruction import NO_REGISTER, MachineInstruction
from ourocc.targets.generated.x86_encodings import IMMEDIATE
from ourocc.targets.generated.x86_opcodes import MOVAPS_XM, SHUFPS_XMI
from ourocc.targets.x86 import encode as x86
from ourocc.targets.x86.registers import RIP

_TABLE: Final = """
addps mulps subps minps divps maxps: NP 1 58,59,5C,5D,5E,5F Rv,Vv,Mv xy
addpd mulpd subpd minpd divpd maxpd: 66 1 58,59,5C,5D,5E,5F Rv,Vv,Mv xy
addss mulss subss minss divss maxss sqrtss rsqrtss rcpss: F3 1 58,59,5C,5D,5E,5F,51,52,53 Rx,Vx,Mx x
addsd mulsd subsd minsd divsd maxsd sqrtsd: F2 1 58,59,5C,5D,5E,5F,51 Rx,Vx,Mx x
andps andnps orps xorps unpcklps unpckhps: NP 1 54,55,56,57,14,15 Rv,Vv,Mv xy
andpd andnpd orpd xorpd unpcklpd unpckhpd: 66 1 54,55,56,57,14,15 Rv,Vv,Mv xy
sqrtps rsqrtps rcpps: NP 1 51,52,53 Rv,Mv xy
sqrtpd: 66 1 51 Rv,Mv xy
haddpd hsubpd addsubpd: 66 1 7C,7D,D0 Rv,Vv,Mv xy
haddps hsubps addsubps: F2 1 7C,7D,D0 Rv,Vv,Mv xy
cmpps: NP 1 C2 Rv,Vv,Mv,I xy
cmppd: 66 1 C2 Rv,Vv,Mv,I xy
cmpss: F3 1 C2 Rx,Vx,Mx,I x
cmpsd: F2 1 C2 Rx,Vx,Mx,I x
shufps: NP 1 C6 Rv,Vv,Mv,I xy
shufpd: 66 1 C6 Rv,Vv,Mv,I xy
ucomiss comiss: NP 1 2E,2F Rx,Mx x
ucomisd comisd: 66 1 2E,2F Rx,Mx x
movaps movups: NP 1 28,10 Rv,Mv xy
movaps movups: NP 1 29,11 Mv,Rv xy
movapd movupd movdqa: 66 1 28,10,6F Rv,Mv xy
movapd movupd movdqa: 66 1 29,11,7F Mv,Rv xy
movdqu: F3 1 6F Rv,Mv xy
movdqu: F3 1 7F Mv,Rv xy
movss: F3 1 10 Rx,Nm x
movss: F3 1 11 Nm,Rx x
movss: F3 1 10 Rx,Vx,Gx x
movsd: F2 1 10 Rx,Nm x
movsd: F2 1 11 Nm,Rx x
movsd: F2 1 10 Rx,Vx,Gx x
movhlps movlhps: NP 1 12,16 Rx,Vx,Gx x
movlps movhps: NP 1 12,16 Rx,Vx,Nm x
movlpd movhpd: 66 1 12,16 Rx,Vx,Nm x
movlps movhps: NP 1 13,17 Nm,Rx x
movlpd movhpd: 66 1 13,17 Nm,Rx x
movntps: NP 1 2B Nm,Rv xy
movntpd movntdq: 66 1 2B,E7 Nm,Rv xy
movntdqa: 66 2 2A Rv,Nm xy
lddqu: F2 1 F0 Rv,Nm xy
movddup: F2 1 12 Rv,Mv xy
movshdup movsldup: F3 1 16,12 Rv,Mv xy
movmskps: NP 1 50 Rd,Gv xy
movmskpd pmovmskb: 66 1 50,D7 Rd,Gv xy
movmskps: NP 1 50 Rq,Gv xy
movmskpd pmovmskb: 66 1 50,D7 Rq,Gv xy
movd: 66 1 6E Rx,Md x
movd: 66 1 7E Md,Rx x
movq: F3 1 7E Rx,Mx x
movq: 66 1 D6 Nm,Rx x
movd movq: 66 1 6E,6E Rx,Gq x W1
movd movq: 66 1 7E,7E Gq,Rx x W1
cvtps2pd: NP 1 5A Rv,Mh xy
cvtpd2ps cvttpd2dq: 66 1 5A,E6 Rx,Mv xy
cvtpd2psx cvttpd2dqx: 66 1 5A,E6 Rx,Mx x
cvtpd2psy cvttpd2dqy: 66 1 5A,E6 Rx,My y
cvtpd2dq: F2 1 E6 Rx,Mv xy
cvtpd2dqx: F2 1 E6 Rx,Mx x
cvtpd2dqy: F2 1 E6 Rx,My y
cvtdq2pd: F3 1 E6 Rv,Mh xy
cvtdq2ps: NP 1 5B Rv,Mv xy
cvtps2dq: 66 1 5B Rv,Mv xy
cvttps2dq: F3 1 5B Rv,Mv xy
cvtss2sd: F3 1 5A Rx,Vx,Mx x
cvtsd2ss: F2 1 5A Rx,Vx,Mx x
cvtsi2ss cvtsi2ssl: F3 1 2A,2A Rx,Vx,Md x
cvtsi2sd cvtsi2sdl: F2 1 2A,2A Rx,Vx,Md x
cvtsi2ss cvtsi2ssq: F3 1 2A,2A Rx,Vx,Gq x W1
cvtsi2sd cvtsi2sdq: F2 1 2A,2A Rx,Vx,Gq x W1
cvtsi2ssq: F3 1 2A Rx,Vx,Nm x W1
cvtsi2sdq: F2 1 2A Rx,Vx,Nm x W1
cvttss2si cvtss2si cvttss2sil cvtss2sil: F3 1 2C,2D,2C,2D Rd,Mx x
cvttsd2si cvtsd2si cvttsd2sil cvtsd2sil: F2 1 2C,2D,2C,2D Rd,Mx x
cvttss2si cvtss2si cvttss2siq cvtss2siq: F3 1 2C,2D,2C,2D Rq,Mx x W1
cvttsd2si cvtsd2si cvttsd2siq cvtsd2siq: F2 1 2C,2D,2C,2D Rq,Mx x W1
punpcklbw punpcklwd punpckldq packsswb pcmpgtb pcmpgtw pcmpgtd packuswb: 66 1 60,61,62,63,64,65,66,67 Rv,Vv,Mv xy
punpckhbw punpckhwd punpckhdq packssdw punpcklqdq punpckhqdq: 66 1 68,69,6A,6B,6C,6D Rv,Vv,Mv xy
pcmpeqb pcmpeqw pcmpeqd paddq pmullw psubusb psubusw pminub pand: 66 1 74,75,76,D4,D5,D8,D9,DA,DB Rv,Vv,Mv xy
paddusb paddusw pmaxub pandn pavgb pavgw pmulhuw pmulhw psubsb psubsw: 66 1 DC,DD,DE,DF,E0,E3,E4,E5,E8,E9 Rv,Vv,Mv xy
pminsw por paddsb paddsw pmaxsw pxor pmuludq pmaddwd psadbw: 66 1 EA,EB,EC,ED,EE,EF,F4,F5,F6 Rv,Vv,Mv xy
psubb psubw psubd psubq paddb paddw paddd: 66 1 F8,F9,FA,FB,FC,FD,FE Rv,Vv,Mv xy
psrlw psrld psrlq psraw psrad psllw pslld psllq: 66 1 D1,D2,D3,E1,E2,F1,F2,F3 Rv,Vv,Mx xy
psrlw psraw psllw: 66 1 71/2,71/4,71/6 Vv,Gv,I xy
psrld psrad pslld: 66 1 72/2,72/4,72/6 Vv,Gv,I xy
psrlq psrldq psllq pslldq: 66 1 73/2,73/3,73/6,73/7 Vv,Gv,I xy
pshufd: 66 1 70 Rv,Mv,I xy
pshufhw: F3 1 70 Rv,Mv,I xy
pshuflw: F2 1 70 Rv,Mv,I xy
pshufb phaddw phaddd phaddsw pmaddubsw phsubw phsubd phsubsw: 66 2 00,01,02,03,04,05,06,07 Rv,Vv,Mv xy
psignb psignw psignd pmulhrsw permilps permilpd: 66 2 08,09,0A,0B,0C,0D Rv,Vv,Mv xy
pabsb pabsw pabsd ptest testps testpd: 66 2 1C,1D,1E,17,0E,0F Rv,Mv xy
pmuldq pcmpeqq packusdw pcmpgtq pmulld: 66 2 28,29,2B,37,40 Rv,Vv,Mv xy
pminsb pminsd pminuw pminud pmaxsb pmaxsd pmaxuw pmaxud: 66 2 38,39,3A,3B,3C,3D,3E,3F Rv,Vv,Mv xy
phminposuw: 66 2 41 Rx,Mx x
pmovsxbw pmovsxwd pmovsxdq pmovzxbw pmovzxwd pmovzxdq: 66 2 20,23,25,30,33,35 Rv,Mh xy
pmovsxbd pmovsxbq pmovsxwq pmovzxbd pmovzxbq pmovzxwq: 66 2 21,22,24,31,32,34 Rv,Mx xy
roundps roundpd: 66 3 08,09 Rv,Mv,I xy
roundss roundsd: 66 3 0A,0B Rx,Vx,Mx,I x
blendps blendpd pblendw palignr dpps mpsadbw: 66 3 0C,0D,0E,0F,40,42 Rv,Vv,Mv,I xy
dppd: 66 3 41 Rx,Vx,Mx,I x
insertps: 66 3 21 Rx,Vx,Mx,I x
pblendd: 66 3 02 Rv,Vv,Mv,I xy
blendvps blendvpd pblendvb: 66 3 4A,4B,4C Rv,Vv,Mv,Lv xy
permilps permilpd: 66 3 04,05 Rv,Mv,I xy
extractps pextrd: 66 3 17,16 Md,Rx,I x
extractps: 66 3 17 Gq,Rx,I x
pextrb pextrw: 66 3 14,15 Nm,Rx,I x
pextrb: 66 3 14 Gd,Rx,I x
pextrb: 66 3 14 Gq,Rx,I x
pextrw: 66 1 C5 Rd,Gx,I x
pextrw: 66 1 C5 Rq,Gx,I x
pextrq: 66 3 16 Mq,Rx,I x W1
pinsrb: 66 3 20 Rx,Vx,Md,I x
pinsrw: 66 1 C4 Rx,Vx,Md,I x
pinsrd: 66 3 22 Rx,Vx,Md,I x
pinsrq: 66 3 22 Rx,Vx,Mq,I x W1
insertf128 inserti128: 66 3 18,38 Ry,Vy,Mx,I y
extractf128 extracti128: 66 3 19,39 Mx,Ry,I y
perm2f128 perm2i128: 66 3 06,46 Ry,Vy,My,I y
broadcastss: 66 2 18 Rv,Mx xy
broadcastsd: 66 2 19 Ry,Mx y
broadcastf128 broadcasti128: 66 2 1A,5A Ry,Nm y
pbroadcastb pbroadcastw pbroadcastd pbroadcastq: 66 2 78,79,58,59 Rv,Mx xy
permd permps: 66 2 36,16 Ry,Vy,My y
permq permpd: 66 3 00,01 Ry,My,I y W1
psllvd psrlvd psravd: 66 2 47,45,46 Rv,Vv,Mv xy
psllvq psrlvq: 66 2 47,45 Rv,Vv,Mv xy W1
maskmovps maskmovpd pmaskmovd: 66 2 2C,2D,8C Rv,Vv,Nm xy
maskmovps maskmovpd pmaskmovd: 66 2 2E,2F,8E Nm,Vv,Rv xy
pmaskmovq: 66 2 8C Rv,Vv,Nm xy W1
pmaskmovq: 66 2 8E Nm,Vv,Rv xy W1
aesenc aesenclast aesdec aesdeclast: 66 2 DC,DD,DE,DF Rv,Vv,Mv xy
aesimc: 66 2 DB Rx,Mx x
aeskeygenassist: 66 3 DF Rx,Mx,I x
pclmulqdq: 66 3 44 Rv,Vv,Mv,I xy
cvtph2ps: 66 2 13 Rv,Mh xy
cvtps2ph: 66 3 1D Mh,Rv,I xy
pcmpestrm pcmpestri pcmpistrm pcmpistri: 66 3 60,61,62,63 Rx,Mx,I x
ldmxcsr stmxcsr: NP 1 AE/2,AE/3 Nm x
zeroupper: NP 1 77 - x
zeroall: NP 1 77 - y
maskmovdqu: 66 1 F7 Rx,Gx x
"""
# Names that do not begin with v
_GENERAL: Final = """
andn: NP 2 F2 Rr,Vr,Mr x
bextr: NP 2 F7 Rr,Mr,Vr x
bzhi: NP 2 F5 Rr,Mr,Vr x
shlx: 66 2 F7 Rr,Mr,Vr x
sarx: F3 2 F7 Rr,Mr,Vr x
shrx: F2 2 F7 Rr,Mr,Vr x
pdep: F2 2 F5 Rr,Vr,Mr x
pext: F3 2 F5 Rr,Vr,Mr x
mulx: F2 2 F6 Rr,Vr,Mr x
rorx: F2 3 F0 Rr,Mr,I x
blsr blsmsk blsi: NP 2 F3/1,F3/2,F3/3 Vr,Mr x
"""
_COMPARISONS: Final = (
    "eq lt le unord neq nlt nle ord eq_uq nge ngt false neq_oq ge gt true eq_os lt_oq le_oq unord_s neq_us nlt_uq nle_uq "
    "ord_s eq_us nge_uq ngt_uq false_os neq_os ge_oq gt_oq true_us"
)
_PREFIXES: Final = {"NP": 0, "66": 1, "F3": 2, "F2": 3}
# Moves whose two directions differ in the opcode: between registers the one with the shorter prefix is taken
_OTHER_WAY: Final = {0x28: 0x29, 0x10: 0x11, 0x6F: 0x7F, 0x29: 0x28, 0x11: 0x10, 0x7F: 0x6F}
_FMA: Final = (("fmaddsub", 0x96), ("fmsubadd", 0x97), ("fmadd", 0x98), ("fmsub", 0x9A), ("fnmadd", 0x9C), ("fnmsub", 0x9E))


@final
class VexForm:
    """One encoding."""

    def __init__(self, prefix: int, map: int, opcode: int, places: list[str], lengths: str, wide: bool) -> None:
        self.prefix = prefix
        self.map = map
        self.opcode = opcode
        self.digit = -1
        self.places = places  # in the manual's order
        self.lengths = lengths
        self.wide = wide
        self.comparison = -1  # the immediate that is part of the name


@final
class VexOperand:
    """A register ("x", "y", "d", "q" and its number), an immediate "I", or memory "M" (fields in the instruction)."""

    def __init__(self, kind: str, number: int) -> None:
        self.kind = kind
        self.number = number


@final
class VexIndex:
    def __init__(self) -> None:
        self.forms: dict[str, list[VexForm]] = {}

    def find(self, mnemonic: str) -> list[VexForm]:
        if not self.forms:
            self._read(_TABLE, "v")
            self._read(_GENERAL, "")
            self._add_multiplications()
            self._add_gathers()
            self._add_comparisons()
        return self.forms.get(mnemonic, [])

    def _add(self, name: str, form: VexForm) -> None:
        self.forms.setdefault(name, []).append(form)

    def _read(self, table: str, letter: str) -> None:
        for line in table.strip().split("\n"):
            names, _, rest = line.partition(": ")
            words = rest.split()
            places = [] if words[3] == "-" else words[3].split(",")
            for name, code in zip(names.split(), words[2].split(","), strict=True):
                opcode, _, digit = code.partition("/")
                wide = words[-1] == "W1"
                form = VexForm(_PREFIXES[words[0]], int(words[1]), int(opcode, 16), places, words[4], wide)
                form.digit = int(digit) if digit else -1
                self._add(letter + name, form)
                if "r" in "".join(places):  # general registers: a suffix may give the size
                    for suffix in "lq":
                        self._add(letter + name + suffix, form)

    def _add_multiplications(self) -> None:
        for name, base in _FMA:
            for number, order in enumerate(("132", "213", "231")):
                for suffix, wide in (("s", False), ("d", True)):
                    opcode = base + 16 * number
                    places = ["Rv", "Vv", "Mv"]
                    self._add(f"v{name}{order}p{suffix}", VexForm(1, 2, opcode, places, "xy", wide))
                    if base >= 0x98:
                        places = ["Rx", "Vx", "Mx"]
                        self._add(f"v{name}{order}s{suffix}", VexForm(1, 2, opcode + 1, places, "x", wide))

    def _add_gathers(self) -> None:
        """The index is a vector: its length may differ from the data's."""
        for name, opcode, wide in (
            ("gatherdps", 0x92, False), ("gatherdpd", 0x92, True), ("pgatherdd", 0x90, False), ("pgatherdq", 0x90, True),
            ("gatherqps", 0x93, False), ("gatherqpd", 0x93, True), ("pgatherqd", 0x91, False), ("pgatherqq", 0x91, True),
        ):  # fmt: skip
            narrow_result = name in ("gatherqps", "pgatherqd")
            kind = "x" if narrow_result else "v"
            self._add("v" + name, VexForm(1, 2, opcode, ["R" + kind, "Nm", "V" + kind], "xy", wide))

    def _add_comparisons(self) -> None:
        for suffix in ("ps", "pd", "ss", "sd"):
            model = self.forms["vcmp" + suffix][0]
            for number, name in enumerate(_COMPARISONS.split()):
                form = VexForm(model.prefix, model.map, model.opcode, model.places[:3], model.lengths, False)
                form.comparison = number
                self._add(f"vcmp{name}{suffix}", form)


VEX: Final = VexIndex()


def length_of(form: VexForm, operands: list[VexOperand]) -> int:
    """0 or 1 for the form's L when the operands (in the manual's order) fit it, else -1."""
    if len(operands) != len(form.places):
        return -1
    length = 0 if form.lengths == "x" else 1 if form.lengths == "y" else -1
    for place, operand in zip(form.places, operands, strict=True):
        where = place[0]
        kind = place[1:]
        if where == "I":
            if operand.kind != "I":
                return -1
            continue
        if operand.kind == "M":
            if where not in "MN":
                return -1
            continue
        if where == "N" or operand.kind == "I":
            return -1
        if kind == "v":
            if operand.kind not in ("x", "y"):
                return -1
            own = 1 if operand.kind == "y" else 0
            if length >= 0 and own != length:
                return -1
            length = own
        elif kind == "h":  # half the length: always an XMM register
            if operand.kind != "x":
                return -1
        elif kind == "r":
            if operand.kind not in ("d", "q"):
                return -1
        elif kind != operand.kind:
            return -1
    return length


def encode(mnemonic: str, operands: list[VexOperand], memory: MachineInstruction, buffer: CodeBuffer, gather: str) -> bool:
    """Append the instruction; False when no form of the mnemonic takes the operands.

    `operands` stand in the manual's order.  `memory` has the memory operand's fields (and only those); `gather` is "x" or
    "y" when its index is a vector register."""
    for form in VEX.find(mnemonic):
        length = length_of(form, operands)
        if length < 0 and not (gather and length_of(form, operands) == -1 and form.lengths == "xy"):
            continue
        if gather:
            data_length = 1 if operands[0].kind == "y" else 0
            length = max(data_length, 1 if gather == "y" else 0)
        wide = form.wide
        sizes: list[str] = []
        for place, operand in zip(form.places, operands, strict=True):
            if place[1:] == "r" and operand.kind != "M" and operand.kind not in sizes:
                sizes.append(operand.kind)
        if sizes:
            if len(sizes) > 1:
                continue
            wide = "q" in sizes
            if mnemonic[-1] in "lq" and mnemonic[:-1] in VEX.forms and (mnemonic[-1] == "q") != wide:
                continue
        _emit(form, operands, memory, buffer, length, wide)
        return True
    return False


def _emit(
    form: VexForm, operands: list[VexOperand], memory: MachineInstruction, buffer: CodeBuffer, length: int, wide: bool
) -> None:
    reg = form.digit if form.digit >= 0 else 0
    vector = 0
    rm = -1
    immediate = -1
    for place, operand in zip(form.places, operands, strict=True):
        where = place[0]
        number = operand.number & 15
        if where == "R":
            reg = number
        elif where == "V":
            vector = number
        elif where == "L":
            immediate = number << 4
        elif where == "I":
            if not -128 <= operand.number <= 255:
                raise EncodingError("immediate does not fit 8 bits")
            immediate = operand.number & 255
        elif operand.kind != "M":
            rm = number
    if form.comparison >= 0:
        immediate = form.comparison
    opcode = form.opcode
    prefix = form.prefix
    if opcode == 0x7E and prefix == 2 and rm >= 8 > reg:  # movq between registers, likewise
        opcode, prefix, reg, rm = 0xD6, 1, rm, reg
    elif rm >= 8 > reg and form.map == 1 and (form.places[1:2] in (["Mv"], ["Rv"]) or form.places[1:] == ["Vx", "Gx"]):
        other = _OTHER_WAY.get(opcode, -1)
        if other >= 0 and form.digit < 0:
            opcode, reg, rm = other, rm, reg
    extension_x = 0
    extension_b = rm >= 8
    if rm < 0 and form.places:
        extension_b = memory.base not in (NO_REGISTER, RIP) and memory.base & 8 != 0
        extension_x = 1 if memory.index != NO_REGISTER and memory.index & 8 else 0
    data = buffer.data
    if memory.segment & 63:
        data.append(x86.segment_prefix(memory.segment & 63))
    if memory.segment & x86.ADDRESS_32:
        data.append(0x67)
    last = (~vector & 15) << 3 | length << 2 | prefix
    if form.map == 1 and not wide and not extension_x and not extension_b:
        data += bytes([0xC5, (0 if reg & 8 else 0x80) | last])
    else:
        first = (0 if reg & 8 else 0x80) | (0 if extension_x else 0x40) | (0 if extension_b else 0x20) | form.map
        data += bytes([0xC4, first, (0x80 if wide else 0) | last])
    data.append(opcode)
    if not form.places:
        return
    if rm >= 0:
        data.append(0xC0 | (reg & 7) << 3 | rm & 7)
    else:
        # The model opcode tells how many immediate bytes follow a displacement that is relative to the next instruction
        model = SHUFPS_XMI if immediate >= 0 else MOVAPS_XM
        assert IMMEDIATE[model] == (1 if immediate >= 0 else 0)
        x86.encode_address(memory, model, (reg & 7) << 3, False, buffer)
    if immediate >= 0:
        data.append(immediate)
