/* __float128 on x86-64: the public names around the C functions on pairs of integers.  A number is in
   %xmm0 or %xmm1; the C functions want it in %rdi:%rsi and %rdx:%rcx and return %rax:%rdx. */
#if defined __x86_64__

        .text

        .macro function name
        .globl  \name
        .hidden \name
        .type   \name, @function
        .p2align 4
\name:
        .cfi_startproc
        .endm

        .macro end name
        .cfi_endproc
        .size   \name, . - \name
        .endm

        .macro first_operand
        movq    %xmm0, %rdi
        psrldq  $8, %xmm0
        movq    %xmm0, %rsi
        .endm

        .macro second_operand
        movq    %xmm1, %rdx
        psrldq  $8, %xmm1
        movq    %xmm1, %rcx
        .endm

        /* Call the C function with the stack aligned to 16. */
        .macro invoke name
        subq    $8, %rsp
        .cfi_adjust_cfa_offset 8
        call    __ourocc\name
        addq    $8, %rsp
        .cfi_adjust_cfa_offset -8
        .endm

        .macro return_number
        movq    %rax, %xmm0
        movq    %rdx, %xmm1
        punpcklqdq %xmm1, %xmm0
        ret
        .endm

        .macro arithmetic name
        function \name
        first_operand
        second_operand
        invoke  \name
        return_number
        end     \name
        .endm

        .macro comparison name
        function \name
        first_operand
        second_operand
        jmp     __ourocc\name
        end     \name
        .endm

        .macro to_integer name
        function \name
        first_operand
        jmp     __ourocc\name
        end     \name
        .endm

        .macro from_integer name
        function \name
        invoke  \name
        return_number
        end     \name
        .endm

        arithmetic __addtf3
        arithmetic __subtf3
        arithmetic __multf3
        arithmetic __divtf3

        comparison __eqtf2
        comparison __netf2
        comparison __lttf2
        comparison __letf2
        comparison __gttf2
        comparison __getf2
        comparison __unordtf2

        to_integer __fixtfsi
        to_integer __fixtfdi
        to_integer __fixtfti
        to_integer __fixunstfsi
        to_integer __fixunstfdi
        to_integer __fixunstfti

        from_integer __floatsitf
        from_integer __floatditf
        from_integer __floattitf
        from_integer __floatunsitf
        from_integer __floatunditf
        from_integer __floatuntitf

        function __negtf2
        first_operand
        invoke  __negtf2
        return_number
        end     __negtf2

        function __extendsftf2
        movd    %xmm0, %edi
        invoke  __extendsftf2
        return_number
        end     __extendsftf2

        function __extenddftf2
        movq    %xmm0, %rdi
        invoke  __extenddftf2
        return_number
        end     __extenddftf2

        /* A long double is passed in memory and returned in %st(0). */
        function __extendxftf2
        movq    8(%rsp), %rdi
        movzwl  16(%rsp), %esi
        invoke  __extendxftf2
        return_number
        end     __extendxftf2

        function __trunctfsf2
        first_operand
        invoke  __trunctfsf2
        movd    %eax, %xmm0
        ret
        end     __trunctfsf2

        function __trunctfdf2
        first_operand
        invoke  __trunctfdf2
        movq    %rax, %xmm0
        ret
        end     __trunctfdf2

        function __trunctfxf2
        first_operand
        invoke  __trunctfxf2
        movq    %rax, -16(%rsp)
        movw    %dx, -8(%rsp)
        fldt    -16(%rsp)
        ret
        end     __trunctfxf2

#endif

        .section .note.GNU-stack, "", @progbits
