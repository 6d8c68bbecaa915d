/* Atomic operations that the compiler does not expand: the generic __atomic_load and its kin for
   objects of any size (a table of locks chosen by address), the numbered ones for 1 to 8 bytes, and
   the older __sync ones.  libatomic's names and meaning; every operation is sequentially
   consistent, which satisfies each weaker order.

   The names are built in, so the functions get them as assembler names.  A target without atomic
   instructions for bytes (RISC-V) builds those from a compare-and-swap of the word around them. */
#include "helper.h"

typedef __SIZE_TYPE__ size_type;
typedef __UINTPTR_TYPE__ address_type;

extern void *memcpy(void *, const void *, size_type);
extern int memcmp(const void *, const void *, size_type);

/* Exported, unlike other helpers: all images of a process must use the same locks. */
#define NAMED(name) __asm__(name)

/* Objects that share a cache line share a lock; 64 of them keep contention rare. */
#define LOCKS 64
static u32 locks[LOCKS];

static u32 *acquire(const volatile void *object)
{
  u32 *lock = &locks[((address_type)object >> 6) % LOCKS];

  while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE) != 0)
    while (__atomic_load_n(lock, __ATOMIC_RELAXED) != 0)
      ;
  return lock;
}

static void release(u32 *lock)
{
  __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

/* One operation on an object of a size with an instruction, and aligned to it, must not take the
   lock: other code uses the instruction. */
static int has_instruction(size_type size, const volatile void *object)
{
  return (size == 1 || size == 2 || size == 4 || size == 8) && (address_type)object % size == 0;
}

#if defined __riscv
/* Bytes and half-words inside their aligned word. */
#define WORD(object) ((u32 *)((address_type)(object) & ~(address_type)3))
#define OFFSET(object) ((int)((address_type)(object) & 3) * 8)

#define SMALL_COMPARE_AND_SWAP(bytes, type)                                                  \
  static int swap_##bytes(type *object, type *expected, type desired)                        \
  {                                                                                          \
    u32 *word = WORD(object);                                                                \
    int offset = OFFSET(object);                                                             \
    u32 mask = (u32)(type)~(type)0 << offset;                                                \
    u32 old = __atomic_load_n(word, __ATOMIC_RELAXED);                                       \
    for (;;) {                                                                               \
      if ((type)(old >> offset) != *expected) {                                              \
        __atomic_thread_fence(__ATOMIC_SEQ_CST);                                             \
        *expected = (type)(old >> offset);                                                   \
        return 0;                                                                            \
      }                                                                                      \
      if (__atomic_compare_exchange_n(word, &old, (old & ~mask) | (u32)desired << offset, 0, \
                                      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))                   \
        return 1;                                                                            \
    }                                                                                        \
  }
SMALL_COMPARE_AND_SWAP(1, u8)
SMALL_COMPARE_AND_SWAP(2, u16)
#else
static int swap_1(u8 *object, u8 *expected, u8 desired)
{
  return __atomic_compare_exchange_n(object, expected, desired, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static int swap_2(u16 *object, u16 *expected, u16 desired)
{
  return __atomic_compare_exchange_n(object, expected, desired, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
#endif

static int swap_4(u32 *object, u32 *expected, u32 desired)
{
  return __atomic_compare_exchange_n(object, expected, desired, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static int swap_8(u64 *object, u64 *expected, u64 desired)
{
  return __atomic_compare_exchange_n(object, expected, desired, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* atomic_SIZE_OPERATION: fetch_NAME gives the old value, NAME_fetch and sync's counterpart the new
   one.  An `order` argument is accepted and sequential consistency is given. */
#define UPDATE(bytes, type, name, expression)                                                 \
  type fetch_##name##_##bytes(type *object, type operand, int order)                          \
      NAMED("__atomic_fetch_" #name "_" #bytes);                                              \
  type fetch_##name##_##bytes(type *object, type operand, int order)                          \
  {                                                                                           \
    type old = *(volatile type *)object;                                                      \
    (void)order;                                                                              \
    while (!swap_##bytes(object, &old, (type)(expression)))                                   \
      ;                                                                                       \
    return old;                                                                               \
  }                                                                                           \
  type name##_fetch_##bytes(type *object, type operand, int order)                            \
      NAMED("__atomic_" #name "_fetch_" #bytes);                                              \
  type name##_fetch_##bytes(type *object, type operand, int order)                            \
  {                                                                                           \
    type old = fetch_##name##_##bytes(object, operand, order);                                \
    return (type)(expression);                                                                \
  }                                                                                           \
  type sync_fetch_and_##name##_##bytes(type *object, type operand)                            \
      NAMED("__sync_fetch_and_" #name "_" #bytes);                                            \
  type sync_fetch_and_##name##_##bytes(type *object, type operand)                            \
  {                                                                                           \
    return fetch_##name##_##bytes(object, operand, __ATOMIC_SEQ_CST);                         \
  }                                                                                           \
  type sync_##name##_and_fetch_##bytes(type *object, type operand)                            \
      NAMED("__sync_" #name "_and_fetch_" #bytes);                                            \
  type sync_##name##_and_fetch_##bytes(type *object, type operand)                            \
  {                                                                                           \
    return name##_fetch_##bytes(object, operand, __ATOMIC_SEQ_CST);                           \
  }

#define NUMBERED(bytes, type)                                                                 \
  type load_##bytes(const type *object, int order) NAMED("__atomic_load_" #bytes);            \
  type load_##bytes(const type *object, int order)                                            \
  {                                                                                           \
    type value = *(const volatile type *)object;                                              \
    (void)order;                                                                              \
    __atomic_thread_fence(__ATOMIC_SEQ_CST);                                                  \
    return value;                                                                             \
  }                                                                                           \
  void store_##bytes(type *object, type value, int order) NAMED("__atomic_store_" #bytes);    \
  void store_##bytes(type *object, type value, int order)                                     \
  {                                                                                           \
    (void)order;                                                                              \
    __atomic_thread_fence(__ATOMIC_SEQ_CST);                                                  \
    *(volatile type *)object = value;                                                         \
    __atomic_thread_fence(__ATOMIC_SEQ_CST);                                                  \
  }                                                                                           \
  type exchange_##bytes(type *object, type value, int order)                                  \
      NAMED("__atomic_exchange_" #bytes);                                                     \
  type exchange_##bytes(type *object, type value, int order)                                  \
  {                                                                                           \
    type old = *(volatile type *)object;                                                      \
    (void)order;                                                                              \
    while (!swap_##bytes(object, &old, value))                                                \
      ;                                                                                       \
    return old;                                                                               \
  }                                                                                           \
  int compare_exchange_##bytes(type *object, type *expected, type desired, int success,       \
                               int failure) NAMED("__atomic_compare_exchange_" #bytes);       \
  int compare_exchange_##bytes(type *object, type *expected, type desired, int success,       \
                               int failure)                                                   \
  {                                                                                           \
    (void)success;                                                                            \
    (void)failure;                                                                            \
    return swap_##bytes(object, expected, desired);                                           \
  }                                                                                           \
  int sync_bool_##bytes(type *object, type expected, type desired)                            \
      NAMED("__sync_bool_compare_and_swap_" #bytes);                                          \
  int sync_bool_##bytes(type *object, type expected, type desired)                            \
  {                                                                                           \
    return swap_##bytes(object, &expected, desired);                                          \
  }                                                                                           \
  type sync_val_##bytes(type *object, type expected, type desired)                            \
      NAMED("__sync_val_compare_and_swap_" #bytes);                                           \
  type sync_val_##bytes(type *object, type expected, type desired)                            \
  {                                                                                           \
    swap_##bytes(object, &expected, desired);                                                 \
    return expected;                                                                          \
  }                                                                                           \
  type sync_test_and_set_##bytes(type *object, type value)                                    \
      NAMED("__sync_lock_test_and_set_" #bytes);                                              \
  type sync_test_and_set_##bytes(type *object, type value)                                    \
  {                                                                                           \
    return exchange_##bytes(object, value, __ATOMIC_SEQ_CST);                                 \
  }                                                                                           \
  void sync_release_##bytes(type *object) NAMED("__sync_lock_release_" #bytes);               \
  void sync_release_##bytes(type *object)                                                     \
  {                                                                                           \
    store_##bytes(object, 0, __ATOMIC_SEQ_CST);                                               \
  }                                                                                           \
  UPDATE(bytes, type, add, old + operand)                                                     \
  UPDATE(bytes, type, sub, old - operand)                                                     \
  UPDATE(bytes, type, and, old & operand)                                                     \
  UPDATE(bytes, type, or, old | operand)                                                      \
  UPDATE(bytes, type, xor, old ^ operand)                                                     \
  UPDATE(bytes, type, nand, ~(old & operand))

NUMBERED(1, u8)
NUMBERED(2, u16)
NUMBERED(4, u32)
NUMBERED(8, u64)

/* The generic forms: the caller gives the size and passes values by address. */
void generic_load(size_type size, const void *object, void *value, int order)
    NAMED("__atomic_load");
void generic_load(size_type size, const void *object, void *value, int order)
{
  u32 *lock;

  if (has_instruction(size, object)) {
    switch (size) {
    case 1: *(u8 *)value = load_1(object, order); return;
    case 2: *(u16 *)value = load_2(object, order); return;
    case 4: *(u32 *)value = load_4(object, order); return;
    default: *(u64 *)value = load_8(object, order); return;
    }
  }
  lock = acquire(object);
  memcpy(value, object, size);
  release(lock);
}

void generic_store(size_type size, void *object, const void *value, int order)
    NAMED("__atomic_store");
void generic_store(size_type size, void *object, const void *value, int order)
{
  u32 *lock;

  if (has_instruction(size, object)) {
    switch (size) {
    case 1: store_1(object, *(const u8 *)value, order); return;
    case 2: store_2(object, *(const u16 *)value, order); return;
    case 4: store_4(object, *(const u32 *)value, order); return;
    default: store_8(object, *(const u64 *)value, order); return;
    }
  }
  lock = acquire(object);
  memcpy(object, value, size);
  release(lock);
}

void generic_exchange(size_type size, void *object, const void *value, void *old, int order)
    NAMED("__atomic_exchange");
void generic_exchange(size_type size, void *object, const void *value, void *old, int order)
{
  unsigned char piece[64];
  size_type done, part;
  u32 *lock;

  if (has_instruction(size, object)) {
    switch (size) {
    case 1: *(u8 *)old = exchange_1(object, *(const u8 *)value, order); return;
    case 2: *(u16 *)old = exchange_2(object, *(const u16 *)value, order); return;
    case 4: *(u32 *)old = exchange_4(object, *(const u32 *)value, order); return;
    default: *(u64 *)old = exchange_8(object, *(const u64 *)value, order); return;
    }
  }
  lock = acquire(object);
  /* `old` may be the same object as `value`: go through a buffer. */
  for (done = 0; done < size; done += part) {
    part = size - done < sizeof piece ? size - done : sizeof piece;
    memcpy(piece, (const char *)value + done, part);
    memcpy((char *)old + done, (const char *)object + done, part);
    memcpy((char *)object + done, piece, part);
  }
  release(lock);
}

int generic_compare_exchange(size_type size, void *object, void *expected, const void *desired,
                             int success, int failure) NAMED("__atomic_compare_exchange");
int generic_compare_exchange(size_type size, void *object, void *expected, const void *desired,
                             int success, int failure)
{
  u32 *lock;
  int equal;

  (void)success;
  (void)failure;
  if (has_instruction(size, object)) {
    switch (size) {
    case 1: return swap_1(object, expected, *(const u8 *)desired);
    case 2: return swap_2(object, expected, *(const u16 *)desired);
    case 4: return swap_4(object, expected, *(const u32 *)desired);
    default: return swap_8(object, expected, *(const u64 *)desired);
    }
  }
  lock = acquire(object);
  equal = memcmp(object, expected, size) == 0;
  if (equal)
    memcpy(object, desired, size);
  else
    memcpy(expected, object, size);
  release(lock);
  return equal;
}

_Bool is_lock_free(size_type size, const void *object) NAMED("__atomic_is_lock_free");
_Bool is_lock_free(size_type size, const void *object)
{
  return (size == 1 || size == 2 || size == 4 || size == 8) && (address_type)object % size == 0;
}

_Bool test_and_set(u8 *object, int order) NAMED("__atomic_test_and_set");
_Bool test_and_set(u8 *object, int order)
{
  return exchange_1(object, 1, order) != 0;
}

void clear(u8 *object, int order) NAMED("__atomic_clear");
void clear(u8 *object, int order)
{
  store_1(object, 0, order);
}
