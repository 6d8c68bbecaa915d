"""RISC-V 64 (RV64GC, lp64d): the unprivileged ISA manual and the RISC-V ELF psABI."""
