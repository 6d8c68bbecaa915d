.altmacro
.macro lp n
LOCAL top, done
top: .long n
.if n
jmp done
jmp top
.endif
done: nop
.endm
lp 3
lp 0
.macro rec n
.byte n
.if n
rec %n-1
.endif
.endm
rec 4
.macro cat2 a,b
a&b: .long 1
.endm
cat2 foo,bar
.noaltmacro
.string16 "ab"
.string32 "ab","c"
.dcb.b 3,9
.ds.l 2
.dcb.l 2,5
lea _GLOBAL_OFFSET_TABLE_(%rip), %rbx
movabs $_GLOBAL_OFFSET_TABLE_, %rax
movabs $_GLOBAL_OFFSET_TABLE_-foobar, %rax
mov x@gottpoff(%rip),%rax
mov %fs:y@tpoff,%rax
