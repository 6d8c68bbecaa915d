/* State machine: a bytecode interpreter (switch dispatch) that runs nested loops and a sieve. */
#include <stdio.h>

enum { PUSH, LOAD, STORE, ADD, SUBTRACT, MULTIPLY, LESS, JUMP, JUMP_IF_ZERO, GET, PUT, PRINT, HALT };

static int memory[20000];

static long run(const int *code)
{
  int stack[64], *sp = stack, locals[16] = { 0 };
  const int *pc = code;
  long steps = 0;

  for (;; steps++) {
    switch (*pc++) {
    case PUSH: *sp++ = *pc++; break;
    case LOAD: *sp++ = locals[*pc++]; break;
    case STORE: locals[*pc++] = *--sp; break;
    case ADD: sp--; sp[-1] += sp[0]; break;
    case SUBTRACT: sp--; sp[-1] -= sp[0]; break;
    case MULTIPLY: sp--; sp[-1] = (int)((unsigned)sp[-1] * (unsigned)sp[0]); break;
    case LESS: sp--; sp[-1] = sp[-1] < sp[0]; break;
    case JUMP: pc = code + *pc; break;
    case JUMP_IF_ZERO: pc = *--sp == 0 ? code + *pc : pc + 1; break;
    case GET: sp[-1] = memory[sp[-1]]; break;
    case PUT: sp -= 2; memory[sp[0]] = sp[1]; break;
    case PRINT: printf("%d\n", *--sp); break;
    case HALT: return steps;
    }
  }
}

/* locals: 0 outer counter, 1 i, 2 j, 3 count */
static const int program[] = {
  /*  0 */ PUSH, 0, STORE, 0,
  /*  4 */ LOAD, 0, PUSH, 120, LESS, JUMP_IF_ZERO, 110,
  /* 11 */ PUSH, 0, STORE, 1,
  /* 15 */ LOAD, 1, PUSH, 20000, LESS, JUMP_IF_ZERO, 34,
  /* 22 */ LOAD, 1, PUSH, 0, PUT, LOAD, 1, PUSH, 1, ADD, STORE, 1,
  /* 34 */ LOAD, 1, PUSH, 20000, LESS, JUMP_IF_ZERO, 43, JUMP, 15,
  /* 43 */ PUSH, 0, STORE, 3, PUSH, 2, STORE, 1,
  /* 51 */ LOAD, 1, PUSH, 20000, LESS, JUMP_IF_ZERO, 101,
  /* 58 */ LOAD, 1, GET, JUMP_IF_ZERO, 65, JUMP, 92,
  /* 65 */ LOAD, 3, PUSH, 1, ADD, STORE, 3, LOAD, 1, LOAD, 1, ADD, STORE, 2,
  /* 79 */ LOAD, 2, PUSH, 20000, LESS, JUMP_IF_ZERO, 92, JUMP, 111,
  /* 88 */ PUSH, 0, STORE, 4,
  /* 92 */ LOAD, 1, PUSH, 1, ADD, STORE, 1, JUMP, 51,
  /*101 */ LOAD, 0, PUSH, 1, ADD, STORE, 0, JUMP, 4,
  /*110 */ HALT,
  /*111 */ LOAD, 2, PUSH, 1, PUT, LOAD, 2, LOAD, 1, ADD, STORE, 2, JUMP, 79,
};

int main(void)
{
  long steps = 0;
  int sum = 0;

  for (int round = 0; round < 1; round++)
    steps += run(program);
  for (int i = 2; i < 20000; i++)
    sum += memory[i] ? 0 : i;
  printf("%ld %d\n", steps, sum);
  return 0;
}
