	.option nopic
	.option norvc
	.option norelax
	.attribute arch, "rv64i2p1_m2p0_a2p1_f2p2_d2p2_zicsr2p0_zifencei2p0"
	.attribute unaligned_access, 0
	.attribute stack_align, 16
	.text
start:
	nop
	add a0, a1, a2
	add a0, a1, 5
	addi sp, sp, -16
	sd ra, 8(sp)
	ld ra, 8(sp)
	lw a0, (a1)
	li a0, 5
	li a0, -2048
	li a0, 0x12345678
	li a0, 0x123456789abcdef0
	li a0, (3 << 4) | 1
	mv a0, a1
	not a0, a1
	neg a0, a1
	negw a0, a1
	sext.w a0, a1
	zext.b a0, a1
	seqz a0, a1
	snez a0, a1
	sltz a0, a1
	sgtz a0, a1
	sgt a0, a1, a2
	beqz a0, start
	bnez a0, 1f
	bgt a0, a1, start
	bleu a0, a1, start
1:	beq a0, a1, 1b
	jr a0
	jalr a0
	jalr a1, a0
	jalr ra, 8(a0)
	jalr ra, a0, 8
	jr 4(a0)
	ret
	la a0, sym
	lla a0, sym+8
	la a0, local
	.option push
	.option pic
	la a0, sym
	.option pop
	la.tls.ie a0, tls
	la.tls.gd a0, tls
	lw a0, sym
	sw a0, sym, t0
	fld fa0, sym, t0
	lui a0, %hi(sym)
	addi a0, a0, %lo(sym)
	lw a1, %lo(sym)(a0)
	sw a1, %lo(sym)(a0)
	lui a0, 0x12345
	lui a0, %hi(0x12345678)
	addi a0, a0, %lo(0x12345678)
.L1:	auipc a0, %pcrel_hi(sym)
	addi a0, a0, %pcrel_lo(.L1)
	sd a1, %pcrel_lo(.L1)(a0)
	lui a5, %tprel_hi(tls)
	add a5, a5, tp, %tprel_add(tls)
	lw a0, %tprel_lo(tls)(a5)
	call ext
	call ext@plt
	tail ext
	jump ext, t0
	fadd.d fa0, fa1, fa2
	fadd.s fa0, fa1, fa2, rtz
	fcvt.w.d a0, fa0, rtz
	fcvt.d.w fa0, a0
	fcvt.d.s fa0, fa1
	fcvt.s.d fa0, fa1
	fcvt.d.l fa0, a0
	fmv.d fa0, fa1
	fneg.d fa0, fa1
	fabs.s fa0, fa1
	fmv.x.d a0, fa0
	fmadd.d fa0, fa1, fa2, fa3
	fgt.d a0, fa0, fa1
	fsqrt.d fa0, fa0
	fclass.d a0, fa0
	amoadd.w a0, a1, (a2)
	amoswap.d.aqrl a0, a1, (a2)
	lr.w.aq a0, (a1)
	lr.d a0, 0(a1)
	sc.w.rl a0, a1, (a2)
	fence
	fence rw, w
	fence.i
	ecall
	ebreak
	csrr a0, fcsr
	csrw sstatus, a0
	csrrs a0, 0x300, a1
	csrwi frm, 1
	frflags a0
	rdcycle a0
	slli a0, a0, 63
	sraiw a0, a0, 31
	mul a0, a1, a2
	remuw a0, a1, a2
	sfence.vma
	unimp
	beq a0, a1, far
	j far
	jal far
	jal t0, far
	.skip 5000
far:	beq a0, a1, start
	.data
local:	.word 1, 2
	.half 3
	.dword sym, local
	.word . - local
	.align 3
	.byte 1
	.section .tbss,"awT",@nobits
tls:	.zero 4
	.globl tls
