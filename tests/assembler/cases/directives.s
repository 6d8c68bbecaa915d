	.file "directives.c"
	.text
	.globl f, g
	.type f, @function
f:	.cfi_startproc
	push %rbp
	.cfi_def_cfa_offset 16
	.cfi_offset %rbp, -16
	mov %rsp, %rbp
	.cfi_def_cfa_register rbp
	.cfi_remember_state
	pop %rbp
	.cfi_def_cfa 7, 8
	ret
	.cfi_restore_state
	.cfi_escape 0x2e, 0x10
	nop
	.cfi_endproc
	.size f, .-f
	.weak g
	.hidden h
	.protected p
	.globl h, p
g: h: p: nop
	.p2align 4,,15
	.balign 8, 0x90
	.align 16
	nop
	.p2align 4
	nop
	.p2align 5,0xcc
l1:	.skip 5
	.space 3, 7
	.zero 4
	.fill 3, 2, 0x1234
	.fill 2, 8, -1
	.fill 4
	.org l1 + 100
	.data
d:	.byte 1, 2, 'a', -1, 255, 0x7f
	.short 1, 0xffff
	.hword 5
	.value 6
	.word 7
	.2byte 9
	.long 1, f, f+4, d-4, . - d, e - d, f - .
	.int 3
	.4byte l2 - l1
	.quad f, d + 8, e - d, ext - ., -1, 0xffffffffffffffff
	.8byte 5
	.octa 0x0102030405060708090a0b0c0d0e0f10, -1
	.ascii "abc\n\t\"\\\101\x41\0", "def"
	.asciz "x", "y"
	.string "hello; # not a comment"
	.float 1.5, -0.1, 1e30, 0f3.25
	.double 3.14159, -1e-300, 1e308
	.tfloat 1.5, -3.25
	.uleb128 5, 300, e - d, 1 << 40
	.sleb128 -5, 300, d - e
	.uleb128 l4 - l3
e:
	.equ c1, 5
	.set c2, c1 * 2 + 1
c3 = c2 << 2
	.long c1, c2, c3, c4
	.equ c4, 77
	.set alias, f
	.globl alias
	.quad alias
	.comm com, 8, 8
	.comm com2, 100
	.local loc
	.comm loc, 12, 4
	.lcomm loc2, 4
	.section .rodata.str1.1,"aMS",@progbits,1
.LC0:	.string "merged"
	.section .rodata.cst8,"aM",@progbits,8
.LC1:	.quad 5
	.text
	lea .LC0(%rip), %rdi
	mov .LC1(%rip), %rax
	lea .LC0+2(%rip), %rdi
	.section .text.foo,"axG",@progbits,foo,comdat
	.weak foo
foo:	call bar
	ret
	.section .data.rel,"aw"
	.quad foo, .LC0, .LC1+2
	.pushsection .note.x,"a",@note
	.long 4, 0, 1
	.asciz "GNU"
	.popsection
	.long 0x11223344
	.section .init_array,"aw"
	.quad f
	.section .bss
	.zero 10
	.previous
	.byte 0xee
	.text 1
sub1:	nop
	jmp sub0
	.text 0
sub0:	jmp sub1
	.subsection 2
	int3
	.text
l2:	nop
	.if c1 == 5
	.byte 1
	.else
	.byte 2
	.endif
	.if c1 > 6
	.byte 3
	.elseif c1 < 6
	.byte 4
	.else
	.byte 5
	.endif
	.ifdef c1
	.byte 6
	.endif
	.ifndef nosuch
	.byte 7
	.if 0
	.bogus
	.else
	.byte 8
	.endif
	.endif
	.ifc a,a
	.byte 9
	.endif
	.ifnc "a","b"
	.byte 10
	.endif
	.ifb
	.byte 11
	.endif
	.ifeqs "x","x"
	.byte 12
	.endif
	.macro two a, b=7
	.byte \a, \b
	.endm
	two 1
	two 1, 2
	two b=3, a=4
	two 5 6
	.macro rec n
	.if \n
	.byte \n
	rec "(\n-1)"
	.endif
	.endm
	rec 3
	.macro lab p
\p\()_x\@:	.byte \@
	.endm
	lab foo1
	lab foo1
	.macro va first, rest:vararg
	.ascii "\first"
	.byte \rest
	.endm
	va q, 1, 2, 3
	.macro ex a
	.byte 1
	.ifc \a,stop
	.exitm
	.endif
	.byte 2
	.endm
	ex stop
	ex go
	.purgem ex
	.rept 3
	.byte 0x33
	.endr
	.irp r, rax, rbx, r12
	push %\r
	.endr
	.irpc c, 123
	.byte \c
	.endr
	.rept 2
	.irp x, 1, 2
	.byte \x
	.endr
	.endr
l3:	.zero 130
l4:
	.section .text.alt,"ax"
661:	nop
	nop
662:	.skip -(((6651f-6641f)-(662b-661b)) > 0) * ((6651f-6641f)-(662b-661b)),0x90
	.pushsection .altrep,"ax"
6641:	lock; addl $0, (%rsp)
6651:	.popsection
	.long 661b - ., 6641b - .
	.byte 662b-661b, 6651b-6641b
	.quad 1f - 661b
1:	.ident "a compiler"
	.ident "another"
	.section .note.GNU-stack,"",@progbits
	.symver oldf, f@VER_1
	.symver newf, f2@@VER_2
	.globl oldf, newf
	.text
oldf: nop
newf: ret
	call undf
	.symver undf, undf@VER_0
	.weakref wr, wtarget
	call wr
	.type ifn, @gnu_indirect_function
ifn:	ret
	call ifn
	.type o, STT_OBJECT
	.size o, 8
	.reloc ., R_X86_64_NONE, f
	.byte 0
	.balign 4
	.nops 5
	.end
garbage here
