# suffixes inferred, defaults, rearranged operands
	.text
start:
	mov %eax, %ebx
	mov $1, %al
	mov $1, %ax
	mov $-1, %rax
	mov $0x80000000, %eax
	mov $0x80000000, %rax
	mov $0xffffffff80000000, %rax
	mov $0x123456789abcdef0, %rax
	movabs $1, %rdx
	movabs 0x1122334455667788, %al
	movabs %eax, 0x1122334455667788
	add $127, %rcx
	add $128, %rcx
	add $-128, %rcx
	addw $0x1234, %ax
	addl $0xffffff80, %eax
	add $1, %al
	cmp $0x7f, %al
	test %eax, (%rdi)
	test (%rdi), %eax
	xchg %rax, %rbx
	xchg (%rdi), %eax
	xchg %eax, (%rdi)
	xchg %eax, %eax
	xchg %rax, %rax
	imul $3, %eax
	imul $300, %eax, %ebx
	imul %ebx
	shl %eax
	shl $1, %eax
	shl $5, %rax
	sal %cl, %rdx
	shld $3, %eax, %ebx
	shld %cl, %eax, %ebx
	shrd %eax, %ebx
	push $1
	push $1000
	push %rax
	push (%rax)
	pushq $sym
	pop %r12
	popq 8(%rsp)
	call *%rax
	call *(%rax)
	call *sym(%rip)
	jmp *%r11
	jmp *8(,%rax,8)
	jmpq *tab(,%rcx,8)
	callq ext
	ret
	retq
	ret $8
	lret
	int $3
	int $0x80
	int3
	leave
	movzb (%rax), %ecx
	movzbl %al, %ecx
	movzx %al, %ecx
	movzx %ax, %ecx
	movsbl (%rax), %ecx
	movslq %eax, %rdx
	movsxd %eax, %rdx
	movslq (%rax), %rdx
	movsx %al, %rdx
	cltq
	cqto
	cdq
	bsf %eax, %ebx
	btl $5, (%rax)
	bt %eax, %ebx
	bswap %r12
	cmovz %eax, %ebx
	cmovnael (%rax), %ecx
	setc %al
	setnbe (%rax)
	lock addl $1, (%rax)
	lock; xaddl %eax, (%rdx)
	lock cmpxchg %ecx, (%rdi)
	lock cmpxchg16b (%rsi)
	lock incq (%rax)
	lock addw $1, (%rax)
	rep movsb
	rep movsq
	rep; stosl
	repne scasb
	repz cmpsb
	rep stosb %al, %es:(%rdi)
	movsb (%rsi), (%rdi)
	movsl
	movsd
	stosq
	lodsb (%rsi), %al
	scas %es:(%rdi), %al
	insb
	outsl
	in $5, %al
	in %dx, %eax
	in (%dx), %al
	out %al, $5
	outb %al, %dx
	nop
	nopw 0(%rax,%rax,1)
	nopl 8(%rax)
	pause
	rep nop
	rep ret
	ud2
	hlt
	cpuid
	rdtsc
	syscall
	sysretq
	iretq
	swapgs
	lfence
	mfence
	sfence
	clflush (%rax)
	prefetcht0 (%rax)
	prefetchnta 64(%rax)
	cs nop
	data16 nop
	notrack jmp *%rax
	endbr64
	fs
	movl (%rax), %eax
	mov %fs:0, %rax
	mov %fs:0x28, %rax
	mov %gs:(%rax,%rbx,4), %rax
	movl %ds:(%rbp), %eax
	mov %ss:(%rax), %eax
	mov (%eax), %ebx
	mov (%eax,%ecx,2), %ebx
	lea (%rsp,%rax), %rbx
	lea -8(,%rax,4), %rbx
	lea 0x7fffffff(%rax), %rbx
	mov sym, %eax
	mov sym+4, %eax
	mov sym(%rip), %eax
	mov sym+8(%rip), %eax
	mov 8+sym(%rip), %eax
	mov sym-8(%rip), %eax
	mov (sym+4)(%rip), %eax
	mov sym(,%rax,8), %rbx
	mov sym@GOTPCREL(%rip), %rax
	call *ext@GOTPCREL(%rip)
	jmp *ext@GOTPCREL(%rip)
	addq ext@GOTPCREL(%rip), %rax
	cmpl $0, ext@GOTPCREL(%rip)
	call ext@PLT
	jmp ext@PLT
	mov $sym, %eax
	mov $sym+5, %rax
	movq $sym, (%rax)
	movl $sym, sym2(%rip)
	movw $sym, (%rax)
	movabs $sym, %rax
	mov tls@TPOFF, %rax
	mov tls@GOTTPOFF(%rip), %rax
	add tls@gottpoff(%rip), %rax
	mov %fs:tls@TPOFF, %eax
	lea tls@TPOFF(%rax), %rdx
	lea tls@dtpoff(%rax), %rdx
	data16 lea tls@tlsgd(%rip), %rdi
	.value 0x6666
	rex64
	call __tls_get_addr@PLT
	lea tls@tlsld(%rip), %rdi
	leaq tls@tlsdesc(%rip), %rax
	call *tls@tlscall(%rax)
	mov $tls@tpoff, %rax
	cmpb $0, sym(%rip)
	testl $1, sym(%rip)
	cmpw $1000, sym(%rip)
	imull $1000, sym(%rip), %eax
	movq %rax, %xmm0
	movq %xmm0, %rax
	movd %eax, %xmm0
	movd %rax, %xmm1
	movq (%rax), %xmm1
	movq %xmm1, (%rax)
	movq %xmm1, %xmm2
	movsd (%rax), %xmm0
	movsd (%rsi), %xmm0
	movsd %xmm0, (%rdi)
	movsd %xmm1, %xmm0
	movss 4(%rax), %xmm9
	cmpsd $1, %xmm0, %xmm1
	cmpltsd %xmm0, %xmm1
	cmpneqps (%rax), %xmm1
	cvtsi2sd %eax, %xmm0
	cvtsi2sdq %rax, %xmm0
	cvtsi2sdl (%rax), %xmm0
	cvtsi2sd (%rax), %xmm0
	cvttsd2si %xmm0, %rax
	cvttsd2siq %xmm0, %rax
	pshufd $0x1b, %xmm1, %xmm2
	pxor %xmm0, %xmm0
	pxor %mm0, %mm1
	blendvps %xmm0, %xmm1, %xmm2
	blendvps %xmm1, %xmm2
	pinsrw $1, %eax, %xmm1
	pextrw $1, %xmm1, %eax
	fld %st(1)
	fldl (%rax)
	flds (%rax)
	fldt (%rax)
	fld1
	fadd %st(1), %st
	fadd %st, %st(1)
	faddp
	faddp %st, %st(1)
	fsub %st(3), %st
	fsub %st, %st(3)
	fsubp %st, %st(3)
	fsubrp %st, %st(3)
	fdivrp
	fxch
	fxch %st(4)
	fstp %st(0)
	fstpt -16(%rbp)
	fnstcw -2(%rbp)
	fldcw -2(%rbp)
	fnstsw %ax
	fstsw %ax
	fistpll (%rax)
	fildq (%rax)
	fildll (%rax)
	fildl (%rax)
	fisttpll (%rax)
	fcomip %st(1), %st
	fucomip %st(1), %st
	fucomi %st(1)
	fcmovbe %st(2), %st
	fwait
	mov %cr0, %rax
	mov %rax, %cr3
	mov %cr8, %rdx
	mov %db7, %rax
	mov %rax, %dr0
	mov %ds, %eax
	mov %ax, %ds
	mov %eax, %es
	movw %ds, (%rax)
	mov (%rax), %ss
	push %fs
	pop %gs
	pushfq
	popfq
	pushf
	popf
	lgdt (%rax)
	sidt 10(%rsp)
	ltr %ax
	str %eax
	invlpg (%rax)
	wrmsr
	rdmsr
	xsave (%rdi)
	xrstor64 (%rdi)
	fxsave64 (%rax)
	ljmp *(%rax)
	lcall *8(%rax)
	loop 1f
1:
	jrcxz 1f
1:	jecxz 1b
	jmp 1b
	jmp 1f
	je 1f
	jnz start
1:	nop
	jmp .+4
	jmp .
	je .-2
	xbegin start
	andb $~0x10, (%rax)
	andl $~0x10, %eax
	mov $'a', %al
	mov $'a, %al
	mov $(1<<3)|2, %eax
	mov $-(5-3), %eax
	mov (8*2)(%rsp), %rax
	mov 16+8*2(%rsp,%rax), %rax
	crc32b %al, %ebx
	crc32q %rax, %rbx
	popcnt %ax, %bx
	tzcnt %rax, %rbx
	rdrand %eax
	movbe (%rax), %ecx
	movnti %eax, (%rdx)
	cmpxchg8b (%rdi)
	.globl tls
	.section .tbss,"awT",@nobits
tls:	.zero 8
