"""The x87 rows of the x86-64 instruction table (see `forms.py` for the language).

Stack registers are operands of the class "st"; "st0" is the fixed top.  AT&T mnemonics keep the historical exchange of
fsub/fsubr and fdiv/fdivr when the destination is not the top: the rows carry the name that is printed.
"""

from ourocc.targets.x86.forms import inst

X87 = "x87 effect"


def add_memory() -> None:
    """Loads and stores in all formats, arithmetic with a memory operand."""
    for suffix, size, load, store, pop in (
        ("s", 32, "D9 /0", "D9 /2", "D9 /3"), ("l", 64, "DD /0", "DD /2", "DD /3"), ("t", 80, "DB /5", "", "DB /7"),
    ):  # fmt: skip
        inst(f"fld|{suffix}", f"FLD_M{size}", f"m{size}", f"M {load}", properties=X87, aliases="fld" if suffix == "s" else "")
        if store:
            inst(f"fst|{suffix}", f"FST_M{size}", f"m{size}:w", f"M {store}", properties=X87, aliases="fst" if suffix == "s" else "")
        inst(f"fstp|{suffix}", f"FSTP_M{size}", f"m{size}:w", f"M {pop}", properties=X87, aliases="fstp" if suffix == "s" else "")
    for suffix, size, load, store, pop, truncate in (
        ("s", 16, "DF /0", "DF /2", "DF /3", "DF /1"), ("l", 32, "DB /0", "DB /2", "DB /3", "DB /1"),
        ("q", 64, "DF /5", "", "DF /7", "DD /1"),
    ):  # fmt: skip
        plain = suffix == "s"
        more = "ll" if suffix == "q" else ""
        inst(f"fild|{suffix}" if not more else "fildll", f"FILD_M{size}", f"m{size}", f"M {load}", properties=X87, aliases="fild" if plain else "fildq" if more else "")
        if store:
            inst(f"fist|{suffix}", f"FIST_M{size}", f"m{size}:w", f"M {store}", properties=X87, aliases="fist" if plain else "")
        inst(f"fistp|{suffix}" if not more else "fistpll", f"FISTP_M{size}", f"m{size}:w", f"M {pop}", properties=X87, aliases="fistp" if plain else "fistpq" if more else "")
        inst(f"fisttp|{suffix}" if not more else "fisttpll", f"FISTTP_M{size}", f"m{size}:w", f"M {truncate}", properties=X87, aliases="fisttp" if plain else "fisttpq" if more else "")
    inst("fbld", "FBLD_M80", "m80", "M DF /4", properties=X87)
    inst("fbstp", "FBSTP_M80", "m80:w", "M DF /6", properties=X87)
    for digit, name in enumerate(("fadd", "fmul", "fcom", "fcomp", "fsub", "fsubr", "fdiv", "fdivr")):
        inst(f"{name}|s", f"{name.upper()}_M32", "m32", f"M D8 /{digit}", properties=X87, aliases=name)
        inst(f"{name}|l", f"{name.upper()}_M64", "m64", f"M DC /{digit}", properties=X87)
        integer = "fi" + name[1:]
        inst(f"{integer}|s", f"{integer.upper()}_M16", "m16", f"M DE /{digit}", properties=X87, aliases=integer)
        inst(f"{integer}|l", f"{integer.upper()}_M32", "m32", f"M DA /{digit}", properties=X87)


def add_stack() -> None:
    """Arithmetic, comparison and moves between stack registers."""
    inst("fld", "FLD_F", "st", "O D9 C0+r", properties=X87)
    inst("fst", "FST_F", "st:w", "O DD D0+r", properties=X87)
    inst("fstp", "FSTP_F", "st:w", "O DD D8+r", properties=X87)
    inst("fxch", "FXCH_F", "st:rw", "O D9 C8+r", properties=X87)
    inst("fxch", "FXCH", "", "ZO D9 C9", properties=X87)
    inst("ffree", "FFREE_F", "st:w", "O DD C0+r", properties=X87)
    inst("ffreep", "FFREEP_F", "st:w", "O DF C0+r", properties=X87)
    # AT&T's fsub with a destination other than the top is the manual's fsubr, and so on
    rows = (
        ("fadd", "C0", "C0"), ("fmul", "C8", "C8"), ("fsub", "E0", "E0"), ("fsubr", "E8", "E8"), ("fdiv", "F0", "F0"),
        ("fdivr", "F8", "F8"),
    )  # fmt: skip
    for name, top, other in rows:
        upper = name.upper()
        inst(name, f"{upper}_AF", "st0:rw st", f"O D8 {top}+r", properties=X87)
        inst(name, f"{upper}_FA", "st:rw st0", f"O DC {other}+r", properties=X87)
        inst(f"{name}p", f"{upper}P_FA", "st:rw st0", f"O DE {other}+r", properties=X87)
        inst(f"{name}p", f"{upper}P", "", f"ZO DE {int(other, 16) + 1:02X}", properties=X87)
        inst(name, f"{upper}_F", "st", f"O D8 {top}+r", properties=X87)
        inst(f"{name}p", f"{upper}P_F", "st", f"O DE {other}+r", properties=X87)
    for name, code in (("fcom", "D8 D0"), ("fcomp", "D8 D8"), ("fucom", "DD E0"), ("fucomp", "DD E8")):
        inst(name, f"{name.upper()}_F", "st", f"O {code}+r", properties=X87)
        first, second = code.split()
        inst(name, name.upper(), "", f"ZO {first} {int(second, 16) + 1:02X}", properties=X87)
    inst("fcompp", "FCOMPP", "", "ZO DE D9", properties=X87)
    inst("fucompp", "FUCOMPP", "", "ZO DA E9", properties=X87)
    for name, code in (("fcomi", "DB F0"), ("fcomip", "DF F0"), ("fucomi", "DB E8"), ("fucomip", "DF E8")):
        aliases = name.replace("ip", "pi") if name.endswith("ip") else ""
        inst(name, f"{name.upper()}_AF", "st0 st", f"O {code}+r", sets="oszapc", properties=X87, aliases=aliases)
        inst(name, f"{name.upper()}_F", "st", f"O {code}+r", sets="oszapc", properties=X87, aliases=aliases)
        first, second = code.split()
        inst(name, name.upper(), "", f"ZO {first} {int(second, 16) + 1:02X}", sets="oszapc", properties=X87, aliases=aliases)
    for name, code in (
        ("b", "DA C0"), ("e", "DA C8"), ("be", "DA D0"), ("u", "DA D8"), ("nb", "DB C0"), ("ne", "DB C8"),
        ("nbe", "DB D0"), ("nu", "DB D8"),
    ):  # fmt: skip
        alias = {"nb": "fcmovae", "nbe": "fcmova", "be": "fcmovna", "b": "fcmovc"}.get(name, "")
        inst(f"fcmov{name}", f"FCMOV{name.upper()}_AF", "st0:rw st", f"O {code}+r", tests="zpc", properties=X87, aliases=alias)


def add_constants_and_control() -> None:
    """Constants, transcendental functions, environment."""
    for name, code in (
        ("fchs", "D9 E0"), ("fabs", "D9 E1"), ("ftst", "D9 E4"), ("fxam", "D9 E5"), ("fld1", "D9 E8"),
        ("fldl2t", "D9 E9"), ("fldl2e", "D9 EA"), ("fldpi", "D9 EB"), ("fldlg2", "D9 EC"), ("fldln2", "D9 ED"),
        ("fldz", "D9 EE"), ("f2xm1", "D9 F0"), ("fyl2x", "D9 F1"), ("fptan", "D9 F2"), ("fpatan", "D9 F3"),
        ("fxtract", "D9 F4"), ("fprem1", "D9 F5"), ("fdecstp", "D9 F6"), ("fincstp", "D9 F7"), ("fprem", "D9 F8"),
        ("fyl2xp1", "D9 F9"), ("fsqrt", "D9 FA"), ("fsincos", "D9 FB"), ("frndint", "D9 FC"), ("fscale", "D9 FD"),
        ("fsin", "D9 FE"), ("fcos", "D9 FF"), ("fnop", "D9 D0"), ("fnclex", "DB E2"), ("fninit", "DB E3"),
        ("fclex", "9B DB E2"), ("finit", "9B DB E3"),
    ):  # fmt: skip
        inst(name, name.upper(), "", f"ZO {code}", properties=X87)
    inst("fnstsw", "FNSTSW_A", "ax:w", "ZO DF E0", writes="rax", properties=X87)
    inst("fnstsw", "FNSTSW_A0", "", "ZO DF E0", writes="rax", properties=X87)
    inst("fstsw", "FSTSW_A", "ax:w", "ZO 9B DF E0", writes="rax", properties=X87)
    inst("fstsw", "FSTSW_A0", "", "ZO 9B DF E0", writes="rax", properties=X87)
    for name, code, role in (
        ("fldcw", "D9 /5", "r"), ("fnstcw", "D9 /7", "w"), ("fstcw", "9B D9 /7", "w"), ("fnstsw", "DD /7", "w"),
        ("fstsw", "9B DD /7", "w"), ("fldenv", "D9 /4", "r"), ("fnstenv", "D9 /6", "w"), ("fstenv", "9B D9 /6", "w"),
        ("fnsave", "DD /6", "w"), ("fsave", "9B DD /6", "w"), ("frstor", "DD /4", "r"),
    ):  # fmt: skip
        size = "16" if name.endswith(("cw", "sw")) else ""
        inst(name, f"{name.upper()}_M", f"m{size}:{role}", f"M {code}", properties=X87)


def add_float() -> None:
    add_memory()
    add_stack()
    add_constants_and_control()
