/* Atomic operations on 16 bytes: cmpxchg16b on x86-64 (in every processor since 2006), the generic
   functions' locks elsewhere. */
#include "helper.h"

typedef __SIZE_TYPE__ size_type;

#define NAMED(name) __asm__(name) HELPER

#if defined __x86_64__
static int swap_16(u128 *object, u128 *expected, u128 desired)
{
  unsigned_halves old, new;
  u8 done;

  old.whole = *expected;
  new.whole = desired;
  __asm__ __volatile__("lock cmpxchg16b %1\n\tsete %0"
                       : "=q"(done), "+m"(*object), "+a"(old.low), "+d"(old.high)
                       : "b"(new.low), "c"(new.high)
                       : "cc", "memory");
  *expected = old.whole;
  return done;
}
#else
extern int generic_compare_exchange(size_type, void *, void *, const void *, int, int)
    NAMED("__atomic_compare_exchange");

static int swap_16(u128 *object, u128 *expected, u128 desired)
{
  return generic_compare_exchange(sizeof *object, object, expected, &desired, __ATOMIC_SEQ_CST,
                                  __ATOMIC_SEQ_CST);
}
#endif

/* Swapping zero for zero reads without changing anything. */
u128 load_16(u128 *object, int order) NAMED("__atomic_load_16");
u128 load_16(u128 *object, int order)
{
  u128 value = 0;

  (void)order;
  swap_16(object, &value, value);
  return value;
}

u128 exchange_16(u128 *object, u128 value, int order) NAMED("__atomic_exchange_16");
u128 exchange_16(u128 *object, u128 value, int order)
{
  u128 old = load_16(object, order);

  while (!swap_16(object, &old, value))
    ;
  return old;
}

void store_16(u128 *object, u128 value, int order) NAMED("__atomic_store_16");
void store_16(u128 *object, u128 value, int order)
{
  exchange_16(object, value, order);
}

int compare_exchange_16(u128 *object, u128 *expected, u128 desired, int success, int failure)
    NAMED("__atomic_compare_exchange_16");
int compare_exchange_16(u128 *object, u128 *expected, u128 desired, int success, int failure)
{
  (void)success;
  (void)failure;
  return swap_16(object, expected, desired);
}

int sync_bool_16(u128 *object, u128 expected, u128 desired)
    NAMED("__sync_bool_compare_and_swap_16");
int sync_bool_16(u128 *object, u128 expected, u128 desired)
{
  return swap_16(object, &expected, desired);
}

u128 sync_val_16(u128 *object, u128 expected, u128 desired)
    NAMED("__sync_val_compare_and_swap_16");
u128 sync_val_16(u128 *object, u128 expected, u128 desired)
{
  swap_16(object, &expected, desired);
  return expected;
}

u128 sync_test_and_set_16(u128 *object, u128 value) NAMED("__sync_lock_test_and_set_16");
u128 sync_test_and_set_16(u128 *object, u128 value)
{
  return exchange_16(object, value, __ATOMIC_SEQ_CST);
}

void sync_release_16(u128 *object) NAMED("__sync_lock_release_16");
void sync_release_16(u128 *object)
{
  exchange_16(object, 0, __ATOMIC_SEQ_CST);
}

#define UPDATE(name, expression)                                                              \
  u128 fetch_##name##_16(u128 *object, u128 operand, int order)                               \
      NAMED("__atomic_fetch_" #name "_16");                                                   \
  u128 fetch_##name##_16(u128 *object, u128 operand, int order)                               \
  {                                                                                           \
    u128 old = load_16(object, order);                                                        \
    while (!swap_16(object, &old, expression))                                                \
      ;                                                                                       \
    return old;                                                                               \
  }                                                                                           \
  u128 name##_fetch_16(u128 *object, u128 operand, int order)                                 \
      NAMED("__atomic_" #name "_fetch_16");                                                   \
  u128 name##_fetch_16(u128 *object, u128 operand, int order)                                 \
  {                                                                                           \
    u128 old = fetch_##name##_16(object, operand, order);                                     \
    return expression;                                                                        \
  }                                                                                           \
  u128 sync_fetch_and_##name##_16(u128 *object, u128 operand)                                 \
      NAMED("__sync_fetch_and_" #name "_16");                                                 \
  u128 sync_fetch_and_##name##_16(u128 *object, u128 operand)                                 \
  {                                                                                           \
    return fetch_##name##_16(object, operand, __ATOMIC_SEQ_CST);                              \
  }                                                                                           \
  u128 sync_##name##_and_fetch_16(u128 *object, u128 operand)                                 \
      NAMED("__sync_" #name "_and_fetch_16");                                                 \
  u128 sync_##name##_and_fetch_16(u128 *object, u128 operand)                                 \
  {                                                                                           \
    return name##_fetch_16(object, operand, __ATOMIC_SEQ_CST);                                \
  }

UPDATE(add, old + operand)
UPDATE(sub, old - operand)
UPDATE(and, old & operand)
UPDATE(or, old | operand)
UPDATE(xor, old ^ operand)
UPDATE(nand, ~(old & operand))
