"""Names of gcc 12's -f and -m options that need no row of their own in `flags.py`: each is harmless, refused, or of
another language.  A name that stands nowhere is an unrecognized option, as with gcc: configure scripts ask."""

from typing import Final

# -fNAME and -fno-NAME of gcc's optimizers and reports: they may only change speed or size, or a message
HARMLESS: Final = frozenset(
    """
    aggressive-loop-optimizations align-functions align-jumps align-labels align-loops allocation-dce
    allow-parameterless-variadic-functions allow-store-data-races argument-alias argument-noalias
    argument-noalias-anything argument-noalias-global auto-inc-dec auto-profile bit-tests branch-count-reg
    branch-probabilities branch-target-load-optimize branch-target-load-optimize2 btr-bb-exclusive caller-saves
    canonical-system-headers checking code-hoisting combine-stack-adjustments compare-elim conserve-stack
    cprop-registers crossjumping cse-follow-jumps cse-skip-blocks cx-fortran-rules cx-limited-range dce
    debug-types-section defer-pop delayed-branch devirtualize devirtualize-at-ltrans
    devirtualize-speculatively diagnostics-plain-output diagnostics-show-cwe diagnostics-show-labels
    diagnostics-show-path-depths diagnostics-urls dse dwarf2-cfi-asm early-inlining eliminate-dwarf2-dups
    eliminate-unused-debug-symbols eliminate-unused-debug-types emit-class-debug-always emit-struct-debug-baseonly
    emit-struct-debug-reduced expensive-optimizations extended-identifiers fat-lto-objects finite-loops
    fold-simple-inlines force-addr forward-propagate fp-int-builtin-inexact function-cse gcse gcse-after-reload
    gcse-las gcse-lm gcse-sm gnu-unique graphite graphite-identity guess-branch-probability hoist-adjacent-loads
    if-conversion if-conversion2 indirect-inlining inline-functions inline-functions-called-once
    inline-small-functions ipa-bit-cp ipa-cp ipa-cp-alignment ipa-cp-clone ipa-icf ipa-icf-functions
    ipa-icf-variables ipa-matrix-reorg ipa-modref ipa-profile ipa-pta ipa-pure-const ipa-ra ipa-reference
    ipa-reference-addressable ipa-sra ipa-stack-alignment ipa-strict-aliasing ipa-struct-reorg ipa-vrp
    ira-hoist-pressure ira-loop-pressure ira-share-save-slots ira-share-spill-slots isolate-erroneous-paths-attribute
    isolate-erroneous-paths-dereference ivopts keep-gc-roots-live keep-static-consts large-source-files
    lax-vector-conversions lifetime-dse limit-function-alignment live-patching live-range-shrinkage loop-block
    loop-flatten loop-interchange loop-nest-optimize loop-optimize loop-parallelize-all loop-strip-mine
    loop-unroll-and-jam lra-remat lto-odr-type-merging merge-all-constants merge-debug-strings modulo-sched
    modulo-sched-allow-regmoves move-loop-invariants move-loop-stores openmp-simd opt-info optimize-register-move
    optimize-strlen partial-inlining pch-deps peel-loops peephole peephole2 predictive-commoning
    prefetch-loop-arrays printf-return-value profile-correction profile-partial-training profile-reorder-functions
    profile-values random-seed record-gcc-switches ree regmove rename-registers reorder-blocks
    reorder-blocks-and-partition reorder-functions report-bug rerun-cse-after-loop rerun-loop-opt
    reschedule-modulo-scheduled-loops sched-critical-path-heuristic sched-dep-count-heuristic sched-group-heuristic
    sched-interblock sched-last-insn-heuristic sched-pressure sched-rank-heuristic sched-spec
    sched-spec-insn-heuristic sched-spec-load sched-spec-load-dangerous sched-stalled-insns sched-stalled-insns-dep
    sched2-use-superblocks sched2-use-traces schedule-fusion schedule-insns schedule-insns2 section-anchors see
    sel-sched-pipelining sel-sched-pipelining-outer-loops sel-sched-reschedule-pipelined selective-scheduling
    selective-scheduling2 shrink-wrap shrink-wrap-separate signed-zeros split-ivs-in-unroller split-loops
    split-paths split-wide-types split-wide-types-early ssa-backprop ssa-phiopt stdarg-opt store-merging
    strength-reduce strict-enums strict-volatile-bitfields sync-libcalls thread-jumps toplevel-reorder tracer
    track-macro-expansion trampolines tree-bit-ccp tree-builtin-call-dce tree-ccp tree-ch
    tree-coalesce-inlined-vars tree-coalesce-vars tree-copy-prop tree-copyrename tree-cselim tree-dce
    tree-dominator-opts tree-dse tree-forwprop tree-fre tree-loop-distribute-patterns tree-loop-distribution
    tree-loop-if-convert tree-loop-if-convert-stores tree-loop-im tree-loop-ivcanon tree-loop-linear
    tree-loop-optimize tree-loop-vectorize tree-lrs tree-partial-pre tree-phiprop tree-pre tree-pta tree-reassoc
    tree-salias tree-scev-cprop tree-sink tree-slp-vectorize tree-slsr tree-sra tree-store-ccp tree-store-copy-prop
    tree-switch-conversion tree-tail-merge tree-ter tree-vect-loop-version tree-vectorize tree-vrp
    unconstrained-commons unit-at-a-time unroll-all-loops unroll-completely-grow-size unroll-loops
    unsafe-loop-optimizations unswitch-loops use-linker-plugin var-tracking var-tracking-assignments
    var-tracking-assignments-toggle var-tracking-uninit variable-expansion-in-unroller vect-cost-model
    version-loops-for-strides vpt web whole-program zee
    """.split()
)

# -fNAME of gcc that we lack: reports, instrumentation, other object formats; -fno-NAME asks for what is always so
REFUSED: Final = frozenset(
    """
    analyzer analyzer-call-summaries analyzer-feasibility analyzer-show-duplicate-count analyzer-state-merge
    analyzer-state-purge analyzer-transitivity analyzer-verbose-edges analyzer-verbose-state-changes
    building-libgcc callgraph-info check-data-deps check-new check-pointer-bounds cilkplus compare-debug-second
    cond-mismatch dbg-cnt-list debug-cpp gimple handle-exceptions harden-compares harden-conditional-branches
    inhibit-size-directive inline-atomics lto-report lto-report-wpa mem-report mem-report-wpa mudflap mudflapir
    mudflapth nothrow-opt pcc-struct-return pch-preprocess post-ipa-mem-report pre-ipa-mem-report profile
    profile-abs-path profile-info-section profile-report reg-struct-return sanitize-address-use-after-scope
    sanitize-recover sanitize-undefined-trap-on-error save-optimization-record stack-usage time-report
    time-report-details
    """.split()
)

# -fNAME of C++ and Objective-C: gcc warns that they are not for C
OTHER_LANGUAGES: Final = frozenset(
    """
    access-control aligned-new all-virtual allow-leading-underscore alt-external-templates char8_t concepts
    concepts-ts conserve-space constexpr-fp-except coroutines deduce-init-list default-inline
    diagnostics-show-template-tree elide-constructors elide-type enforce-eh-specs enum-int-equiv
    ext-numeric-literals extern-tls-init external-templates for-scope friend-injection gnu-keywords guiding-decls
    honor-std huge-objects implement-inlines implicit-constexpr implicit-inline-templates implicit-templates
    labels-ok module-header modules-ts new-abi new-inheriting-ctors new-ttp-matching nil-receivers
    nonansi-builtins nonnull-objects objc-call-cxx-cdtors objc-direct-dispatch objc-exceptions objc-gc
    objc-nilcheck operator-names optional-diags permissive pretty-templates repo rtti sized-deallocation squangle
    stats strict-prototype strong-eval-order this-is-variable threadsafe-statics use-cxa-atexit
    use-cxa-get-exception-ptr visibility-inlines-hidden visibility-ms-compat vtable-gc vtable-thunks weak xref
    """.split()
)

# -fNAME=VALUE: what VALUE may be ("": anything, "#": a number, else one of the words); all harmless
HARMLESS_VALUES: Final[dict[str, str]] = {
    "abi-version": "#", "align-functions": "", "align-jumps": "", "align-labels": "", "align-loops": "",
    "checking": "#", "diagnostics-column-origin": "#", "diagnostics-column-unit": "display byte",
    "diagnostics-escape-format": "unicode bytes", "diagnostics-minimum-margin-width": "#",
    "diagnostics-path-format": "none separate-events inline-events",
    "diagnostics-show-location": "once every-line", "diagnostics-urls": "never always auto",
    "emit-struct-debug-detailed": "", "excess-precision": "fast standard 16", "fp-contract": "off on fast",
    "gnat-encodings": "all gdb minimal", "inline-limit": "#", "ira-algorithm": "CB priority",
    "ira-region": "one all mixed", "ira-verbose": "#", "lifetime-dse": "#",
    "live-patching": "inline-only-static inline-clone", "lto-compression-level": "#", "lto-partition": "",
    "max-include-depth": "#", "message-length": "#", "permitted-flt-eval-methods": "c11 ts-18661",
    "profile-dir": "", "profile-prefix-map": "", "profile-prefix-path": "",
    "profile-reproducible": "serial parallel-runs multithreaded", "profile-update": "single atomic prefer-atomic",
    "random-seed": "", "reorder-blocks-algorithm": "simple stc", "sched-stalled-insns": "#",
    "sched-stalled-insns-dep": "#", "sched-verbose": "#", "simd-cost-model": "unlimited dynamic cheap very-cheap",
    "stack-reuse": "all named_vars none", "tabstop": "#", "track-macro-expansion": "0 1 2",
    "tree-parallelize-loops": "#", "tree-vectorizer-verbose": "#",
    "vect-cost-model": "unlimited dynamic cheap very-cheap", "sanitize-coverage": "", "no-sanitize-recover": "",
}  # fmt: skip

# x86's instruction set extensions beyond SSE4.2: -mno-NAME asks for what is always so, -mNAME is refused
X86_EXTENSIONS: Final = frozenset(
    """
    3dnow 3dnowa abm adx aes amx-bf16 amx-int8 amx-tile avx avx2 avx5124fmaps avx5124vnniw avx512bf16 avx512bitalg
    avx512bw avx512cd avx512dq avx512er avx512f avx512fp16 avx512ifma avx512pf avx512vbmi avx512vbmi2 avx512vl
    avx512vnni avx512vp2intersect avx512vpopcntdq avxvnni cldemote clflushopt clwb clzero enqcmd f16c fma fma4
    fsgsbase gfni hle hreset kl lwp movdir64b movdiri mpx mwait mwaitx pclmul pcommit pconfig pku prefetchwt1 prfchw
    ptwrite rdpid rdrnd rdseed rtm serialize sgx sha shstk sse4a tbm tsxldtrk uintr vaes vpclmulqdq waitpkg wbnoinvd
    widekl xop xsave xsavec xsaveopt xsaves
    """.split()
)

# -mtune= for x86
X86_TUNINGS: Final = frozenset(
    """
    generic intel native x86-64 nocona core2 nehalem corei7 westmere sandybridge corei7-avx ivybridge core-avx-i
    haswell core-avx2 broadwell skylake skylake-avx512 cannonlake icelake-client rocketlake icelake-server cascadelake
    tigerlake cooperlake sapphirerapids alderlake bonnell atom silvermont slm goldmont goldmont-plus tremont knl knm
    k8 k8-sse3 opteron opteron-sse3 athlon64 athlon64-sse3 athlon-fx amdfam10 barcelona bdver1 bdver2 bdver3 bdver4
    znver1 znver2 znver3 btver1 btver2 eden-x2 nano nano-1000 nano-2000 nano-3000 nano-x2 eden-x4 nano-x4
    """.split()
)

# --param NAME=NUMBER: tuning of gcc's optimizer
PARAMETERS: Final = frozenset(
    """
    align-loop-iterations align-threshold analyzer-bb-explosion-factor analyzer-max-constraints
    analyzer-max-enodes-for-full-dump analyzer-max-enodes-per-program-point analyzer-max-infeasible-edges
    analyzer-max-recursion-depth analyzer-max-svalue-depth analyzer-min-snodes-for-call-summary asan-globals
    asan-instrument-allocas asan-instrument-reads asan-instrument-writes asan-instrumentation-with-call-threshold
    asan-memintrin asan-stack asan-use-after-return avg-loop-niter avoid-fma-max-bits builtin-expect-probability
    builtin-string-cmp-inline-length case-values-threshold comdat-sharing-probability constructive-interference-size
    cxx-max-namespaces-for-diagnostic-help destructive-interference-size dse-max-alias-queries-per-store
    dse-max-object-size early-inlining-insns evrp-mode evrp-sparse-threshold evrp-switch-limit fsm-scale-path-blocks
    fsm-scale-path-stmts gcse-after-reload-critical-fraction gcse-after-reload-partial-fraction
    gcse-cost-distance-ratio gcse-unrestricted-cost ggc-min-expand ggc-min-heapsize
    gimple-fe-computed-hot-bb-threshold graphite-allow-codegen-errors graphite-max-arrays-per-scop
    graphite-max-nb-scop-params hash-table-verification-limit hot-bb-count-fraction hot-bb-count-ws-permille
    hot-bb-frequency-fraction hwasan-instrument-allocas hwasan-instrument-mem-intrinsics hwasan-instrument-reads
    hwasan-instrument-stack hwasan-instrument-writes hwasan-random-frame-tag inline-heuristics-hint-percent
    inline-min-speedup inline-unit-growth integer-share-limit ipa-cp-eval-threshold ipa-cp-large-unit-insns
    ipa-cp-loop-hint-bonus ipa-cp-max-recursive-depth ipa-cp-min-recursive-probability ipa-cp-profile-count-base
    ipa-cp-recursion-penalty ipa-cp-recursive-freq-factor ipa-cp-single-call-penalty ipa-cp-unit-growth
    ipa-cp-value-list-size ipa-jump-function-lookups ipa-max-aa-steps ipa-max-agg-items ipa-max-loop-predicates
    ipa-max-param-expr-ops ipa-max-switch-predicate-bounds ipa-sra-max-replacements ipa-sra-ptr-growth-factor
    ira-consider-dup-in-all-alts ira-loop-reserved-regs ira-max-conflict-table-size ira-max-loops-num
    iv-always-prune-cand-set-bound iv-consider-all-candidates-bound iv-max-considered-uses
    jump-table-max-growth-ratio-for-size jump-table-max-growth-ratio-for-speed l1-cache-line-size l1-cache-size
    l2-cache-size large-function-growth large-function-insns large-stack-frame large-stack-frame-growth
    large-unit-insns lazy-modules lim-expensive logical-op-non-short-circuit loop-block-tile-size
    loop-interchange-max-num-stmts loop-interchange-stride-ratio loop-invariant-max-bbs-in-loop
    loop-max-datarefs-for-datadeps loop-versioning-max-inner-insns loop-versioning-max-outer-insns
    lra-inheritance-ebb-probability-cutoff lra-max-considered-reload-pseudos lto-max-partition
    lto-max-streaming-parallelism lto-min-partition lto-partitions max-average-unrolled-insns max-combine-insns
    max-completely-peel-loop-nest-depth max-completely-peel-times max-completely-peeled-insns max-crossjump-edges
    max-cse-insns max-cse-path-length max-cselib-memory-locations max-debug-marker-count max-delay-slot-insn-search
    max-delay-slot-live-search max-dse-active-local-stores max-early-inliner-iterations
    max-fields-for-field-sensitive max-find-base-term-values max-fsm-thread-length max-fsm-thread-path-insns
    max-gcse-insertion-ratio max-gcse-memory max-goto-duplication-insns max-grow-copy-bb-insns max-hoist-depth
    max-inline-functions-called-once-insns max-inline-functions-called-once-loop-depth max-inline-insns-auto
    max-inline-insns-recursive max-inline-insns-recursive-auto max-inline-insns-single max-inline-insns-size
    max-inline-insns-small max-inline-recursive-depth max-inline-recursive-depth-auto max-isl-operations
    max-iterations-computation-cost max-iterations-to-track max-jump-thread-duplication-stmts max-last-value-rtl
    max-loop-header-insns max-modulo-backtrack-attempts max-partial-antic-length max-peel-branches max-peel-times
    max-peeled-insns max-pending-list-length max-pipeline-region-blocks max-pipeline-region-insns max-pow-sqrt-depth
    max-predicted-iterations max-reload-search-insns max-rtl-if-conversion-insns
    max-rtl-if-conversion-predictable-cost max-rtl-if-conversion-unpredictable-cost max-sched-extend-regions-iters
    max-sched-insn-conflict-delay max-sched-ready-insns max-sched-region-blocks max-sched-region-insns
    max-slsr-cand-scan max-speculative-devirt-maydefs max-ssa-name-query-depth max-store-chains-to-track
    max-stores-to-merge max-stores-to-sink max-stores-to-track max-tail-merge-comparisons max-tail-merge-iterations
    max-tracked-strlens max-tree-if-conversion-phi-args max-unroll-times max-unrolled-insns max-unswitch-insns
    max-unswitch-level max-variable-expansions-in-unroller max-vartrack-expr-depth max-vartrack-reverse-op-size
    max-vartrack-size max-vrp-switch-assertions min-crossjump-insns min-inline-recursive-probability
    min-insn-to-prefetch-ratio min-loop-cond-split-prob min-nondebug-insn-uid min-pagesize
    min-size-for-stack-sharing min-spec-prob min-vect-loop-bound modref-max-accesses modref-max-adjustments
    modref-max-bases modref-max-depth modref-max-escape-points modref-max-refs modref-max-tests openacc-kernels
    openacc-privatization parloops-chunk-size parloops-min-per-thread parloops-schedule
    partial-inlining-entry-probability predictable-branch-outcome prefetch-dynamic-strides prefetch-latency
    prefetch-min-insn-to-mem-ratio prefetch-minimum-stride profile-func-internal-id ranger-debug
    ranger-logical-depth relation-block-limit rpo-vn-max-loop-depth sccvn-max-alias-queries-per-access
    scev-max-expr-complexity scev-max-expr-size sched-autopref-queue-depth sched-mem-true-dep-cost
    sched-pressure-algorithm sched-spec-prob-cutoff sched-state-edge-prob-cutoff selsched-insns-to-rename
    selsched-max-lookahead selsched-max-sched-times simultaneous-prefetches sink-frequency-threshold sms-dfa-history
    sms-loop-average-count-threshold sms-max-ii-factor sms-min-sc sra-max-propagations
    sra-max-scalarization-size-Osize sra-max-scalarization-size-Ospeed ssa-name-def-chain-limit ssp-buffer-size
    stack-clash-protection-guard-size stack-clash-protection-probe-interval store-merging-allow-unaligned
    store-merging-max-size switch-conversion-max-branch-ratio threader-debug tm-max-aggregate-size
    tracer-dynamic-coverage tracer-dynamic-coverage-feedback tracer-max-code-growth tracer-min-branch-probability
    tracer-min-branch-probability-feedback tracer-min-branch-ratio tree-reassoc-width tsan-distinguish-volatile
    tsan-instrument-func-entry-exit uninit-control-dep-attempts uninlined-function-insns uninlined-function-time
    uninlined-thunk-insns uninlined-thunk-time unlikely-bb-count-fraction unroll-jam-max-unroll
    unroll-jam-min-percent use-after-scope-direct-emission-threshold use-canonical-types vect-epilogues-nomask
    vect-induction-float vect-inner-loop-cost-factor vect-max-peeling-for-alignment
    vect-max-version-for-alias-checks vect-max-version-for-alignment-checks vect-partial-vector-usage vrp1-mode
    vrp2-mode x86-stlf-window-ninsns
    """.split()
)
