



.macro PUSH_REGS rdx=%rdx save_ret=0
 .if \save_ret
 pushq %rsi
 movq 8(%rsp), %rsi
 movq %rdi, 8(%rsp)
 .else
 pushq %rdi
 pushq %rsi
 .endif
 pushq \rdx
.endm
.macro ALTERNATIVE oldinstr, newinstr, feature
140:
 \oldinstr
141:
 .skip -(((144f-143f)-(141b-140b)) > 0) * ((144f-143f)-(141b-140b)),0x90
142:
 .pushsection .altinstructions,"a"
 .long 140b - .
 .long 143f - .
 .4byte \feature
 .byte 142b-140b
 .byte 144f-143f
 .popsection
 .pushsection .altinstr_replacement,"ax"
143:
 \newinstr
144:
 .popsection
.endm
.macro idtentry vector:req name:req has_error=0
.globl \name; .type \name,@function; .align 1<<4; \name: .cfi_startproc
 .if \vector == 3
  .rept 6
  pushq 5*8(%rsp)
  .endr
 .endif
 PUSH_REGS rdx=$\vector save_ret=\has_error
 call handle_\name
.cfi_endproc; .size \name,.-\name
.endm
.text
.globl memcpyish; .type memcpyish,@function; .align 1<<4; memcpyish: .cfi_startproc
 mov %rdi, %rax
 test %edx, %edx
 jz .Ldone
 ALTERNATIVE "jmp .Lslow", "", 5
 ALTERNATIVE "", "rep movsb", ( 9*32+ 9)
 rep movsb
.Ldone:
 ret
.Lslow: movzbl (%rsi,%rdx), %ecx
 lea (.Ltable-8)(%rip), %r8
 movslq (%r8,%rcx,4), %rcx
 addq %r8, %rcx
 jmp *%rcx
.cfi_endproc; .size memcpyish,.-memcpyish
 .section .rodata
 .p2align 2
.Ltable:
 .int .Ldone - .Ltable
 .int .Lslow - .Ltable
 .text
idtentry 3 int3_h has_error=1
idtentry vector=6 name=ud_h
.globl setjmpish; .type setjmpish,@function; .align 1<<4; setjmpish: .cfi_startproc
 .irp reg, rbx, rbp, r12, r13, r14, r15
 movq %\reg, \reg\()_off(%rdi)
 .endr
 .set rbx_off, 0
 .set rbp_off, 8
 r12_off = 16
 r13_off = 24
 r14_off = 32
 r15_off = 40
 lea 8(%rsp), %rdx
 xor %fs:0x30, %rdx
 rol $2*8+1, %rdx
 mov %rdx, 48(%rdi)
 xorl %eax, %eax
 ret
.cfi_endproc; .size setjmpish,.-setjmpish
.globl startup; .type startup,@function; .align 1<<4; startup: .cfi_startproc
 .cfi_undefined rip
 xorl %ebp, %ebp
 mov %rdx, %r9
 popq %rsi
 and $~15, %rsp
 mov main@GOTPCREL(%rip), %rdi
 call *__libc_start_main@GOTPCREL(%rip)
 hlt
.cfi_endproc; .size startup,.-startup
 .pushsection __ex_table,"a"; .balign 4; .long (1f) - .; .long (2f) - .; .long 3; .popsection
1: movq (%rdi), %rax
2: ret
 .pushsection .init.text,"ax",@progbits
 jmp 1b
 .popsection
 .weak foo
 .set foo, memcpyish
 .globl __bar
 .hidden __bar
 __bar = memcpyish
 .symver __bar, bar@@V1
 .long 0f - .Lx
.Lx: nop
0: .byte 1
 .section .note.stapsdt,"?","note"
 .balign 4
 .4byte 992f-991f, 994f-993f, 3
991: .asciz "stapsdt"
992: .balign 4
993: .8byte 990f
 .8byte _.stapsdt.base
 .8byte 0
 .asciz "libc"
994: .balign 4
 .ifndef _.stapsdt.base
 .section .stapsdt.base,"aG","progbits",_.stapsdt.base,comdat
 .weak _.stapsdt.base
 .hidden _.stapsdt.base
_.stapsdt.base: .space 1
 .size _.stapsdt.base,1
 .endif
 .text
990: nop
