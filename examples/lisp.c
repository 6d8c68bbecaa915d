/* A small Lisp in the manner of Scheme: closures, tail calls, proper integers and strings, quote,
   if, define, set!, lambda, let, begin, cond, and, or; mark-and-sweep garbage collection with an
   explicit root stack.

   usage: lisp [FILE]      without a file a built-in program runs */
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum { NIL, BOOLEAN, INTEGER, SYMBOL, STRING, PAIR, PRIMITIVE, CLOSURE } kind;

typedef struct object object;
typedef object *(*primitive)(object *arguments);
struct object {
  unsigned char kind, marked;
  union {
    int64_t integer;
    struct {
      const char *text;
      object *value; /* of a symbol: its global binding */
    };
    struct {
      object *head, *tail;
    };
    struct {
      primitive function;
      const char *name;
    };
    struct {
      object *lambda; /* (parameters body...) */
      object *scope;  /* list of (symbol . value) */
    };
  };
};

static object nil_object = { .kind = NIL }, true_object = { .kind = BOOLEAN, .integer = 1 },
              false_object = { .kind = BOOLEAN };
#define nil (&nil_object)
#define truth(condition) ((condition) ? &true_object : &false_object)

static jmp_buf failure;

__attribute__((noreturn)) static void fail(const char *message, const char *detail)
{
  printf("error: %s %s\n", message, detail);
  longjmp(failure, 1);
}

/* ---- memory ----------------------------------------------------------------------------------- */

enum { HEAP_SIZE = 60000, ROOTS = 20000, SYMBOLS = 512 };

static object heap[HEAP_SIZE], *free_list;
static object **roots[ROOTS];
static int root_count, collections;
static object *symbols[SYMBOLS];

#define ROOT(variable) \
  do { \
    if (root_count == ROOTS) \
      fail("recursion", "too deep"); \
    roots[root_count++] = &(variable); \
  } while (0)

static void mark(object *o)
{
  while (o >= heap && o < heap + HEAP_SIZE && !o->marked) {
    o->marked = 1;
    if (o->kind == PAIR || o->kind == CLOSURE) {
      mark(o->head);
      o = o->tail; /* lists are long: no recursion along them */
    } else if (o->kind == SYMBOL && o->value != NULL) {
      o = o->value;
    }
  }
}

static void collect(void)
{
  int i;

  collections++;
  for (i = 0; i < SYMBOLS; i++)
    if (symbols[i] != NULL)
      mark(symbols[i]);
  for (i = 0; i < root_count; i++)
    mark(*roots[i]);
  free_list = NULL;
  for (i = 0; i < HEAP_SIZE; i++) {
    if (!heap[i].marked) {
      if (heap[i].kind == STRING)
        free((char *)heap[i].text);
      heap[i].kind = NIL;
      heap[i].tail = free_list;
      free_list = &heap[i];
    }
    heap[i].marked = 0;
  }
}

static object *allocate(kind k)
{
  object *o;

  if (free_list == NULL) {
    collect();
    if (free_list == NULL)
      fail("memory", "exhausted");
  }
  o = free_list;
  free_list = o->tail;
  memset(o, 0, sizeof *o);
  o->kind = (unsigned char)k;
  return o;
}

static object *cons(object *head, object *tail)
{
  object *o;

  ROOT(head);
  ROOT(tail);
  o = allocate(PAIR);
  root_count -= 2;
  o->head = head;
  o->tail = tail;
  return o;
}

static object *integer(int64_t value)
{
  object *o = allocate(INTEGER);

  o->integer = value;
  return o;
}

static object *string(const char *text, size_t length)
{
  object *o = allocate(STRING);
  char *copy = malloc(length + 1);

  if (copy == NULL)
    abort();
  memcpy(copy, text, length);
  copy[length] = '\0';
  o->text = copy;
  return o;
}

static object *symbol(const char *text, size_t length)
{
  uint32_t hash = 2166136261u;
  size_t i;
  char *copy;
  object *o;

  for (i = 0; i < length; i++)
    hash = (hash ^ (unsigned char)text[i]) * 16777619u;
  for (hash %= SYMBOLS; symbols[hash] != NULL; hash = (hash + 1) % SYMBOLS)
    if (strlen(symbols[hash]->text) == length && memcmp(symbols[hash]->text, text, length) == 0)
      return symbols[hash];
  o = allocate(SYMBOL);
  copy = malloc(length + 1);
  if (copy == NULL)
    abort();
  memcpy(copy, text, length);
  copy[length] = '\0';
  o->text = copy;
  return symbols[hash] = o;
}

static object *name(const char *text) { return symbol(text, strlen(text)); }

/* ---- reader and printer ----------------------------------------------------------------------- */

static const char *source;

static int skip(void)
{
  for (;; source++) {
    if (*source == ';')
      while (source[1] != '\n' && source[1] != '\0')
        source++;
    else if (*source == '\0' || !strchr(" \t\r\n", *source))
      return *source;
  }
}

static object *read_object(void)
{
  const char *start;
  char *end;
  int64_t number;
  object *first, *last, *item;
  int c = skip();

  if (c == '\0')
    fail("unexpected", "end of text");
  if (c == '\'') {
    source++;
    return cons(name("quote"), cons(read_object(), nil));
  }
  if (c == '(') {
    source++;
    first = last = nil;
    ROOT(first);
    while (skip() != ')') {
      if (*source == '.' && strchr(" \t\n", source[1]) && last != nil) {
        source++;
        last->tail = read_object();
        if (skip() != ')')
          fail("one object must follow", "the dot");
        break;
      }
      item = cons(read_object(), nil);
      if (first == nil)
        first = item;
      else
        last->tail = item;
      last = item;
    }
    source++;
    root_count--;
    return first;
  }
  if (c == '"') {
    for (start = ++source; *source != '"'; source++)
      if (*source == '\0')
        fail("unterminated", "string");
    return string(start, (size_t)(source++ - start));
  }
  start = source;
  while (*source != '\0' && !strchr(" \t\r\n()'\";", *source))
    source++;
  if (source == start)
    fail("unexpected", ")");
  if (source - start == 2 && start[0] == '#')
    return truth(start[1] == 't');
  number = strtoll(start, &end, 10);
  return end == source ? integer(number) : symbol(start, (size_t)(source - start));
}

static void print(const object *o)
{
  switch (o->kind) {
  case NIL: printf("()"); break;
  case BOOLEAN: printf(o->integer ? "#t" : "#f"); break;
  case INTEGER: printf("%lld", (long long)o->integer); break;
  case SYMBOL:
  case STRING: printf("%s", o->text); break;
  case PRIMITIVE: printf("#<primitive %s>", o->name); break;
  case CLOSURE: printf("#<closure>"); break;
  case PAIR:
    putchar('(');
    for (;;) {
      print(o->head);
      o = o->tail;
      if (o->kind != PAIR)
        break;
      putchar(' ');
    }
    if (o != nil) {
      printf(" . ");
      print(o);
    }
    putchar(')');
  }
}

/* ---- evaluator -------------------------------------------------------------------------------- */

static object *s_quote, *s_if, *s_define, *s_set, *s_lambda, *s_let, *s_begin, *s_cond, *s_else, *s_and, *s_or;

static object *head(object *o)
{
  if (o->kind != PAIR)
    fail("not a pair:", o->kind == SYMBOL ? o->text : "atom");
  return o->head;
}

static object *tail(object *o)
{
  head(o);
  return o->tail;
}

static object **lookup(object *sym, object *scope)
{
  for (; scope != nil; scope = scope->tail)
    if (scope->head->head == sym)
      return &scope->head->tail;
  return &sym->value;
}

static object *evaluate(object *form, object *scope);

static object *evaluate_list(object *forms, object *scope)
{
  object *first = nil, *last = nil, *item;

  ROOT(forms);
  ROOT(scope);
  ROOT(first);
  for (; forms != nil; forms = tail(forms)) {
    item = cons(evaluate(head(forms), scope), nil);
    if (first == nil)
      first = item;
    else
      last->tail = item;
    last = item;
  }
  root_count -= 3;
  return first;
}

static object *bind(object *parameters, object *arguments, object *scope)
{
  ROOT(parameters);
  ROOT(arguments);
  ROOT(scope);
  for (; parameters->kind == PAIR; parameters = parameters->tail, arguments = arguments->tail) {
    if (arguments == nil)
      fail("too few arguments for", parameters->head->text);
    scope = cons(cons(parameters->head, arguments->head), scope);
  }
  if (parameters->kind == SYMBOL)
    scope = cons(cons(parameters, arguments), scope);
  else if (arguments != nil)
    fail("too many", "arguments");
  root_count -= 3;
  return scope;
}

static object *closure(object *lambda, object *scope)
{
  object *o;

  ROOT(lambda);
  ROOT(scope);
  o = allocate(CLOSURE);
  root_count -= 2;
  o->lambda = lambda;
  o->scope = scope;
  return o;
}

/* One special form: either its value in *result, or the form to go on with as a tail call. */
static object *special(object *form, object **scope, object **result)
{
  object *keyword = form->head, *rest = form->tail, *value, *names, *values;

  *result = nil;
  if (keyword == s_quote) {
    *result = head(rest);
  } else if (keyword == s_if) {
    value = evaluate(head(rest), *scope);
    rest = value != &false_object ? tail(rest) : tail(tail(rest));
    return rest == nil ? NULL : head(rest);
  } else if (keyword == s_define) {
    if (head(rest)->kind == PAIR) {
      object *sym = head(head(rest)); /* (define (f x) body) */
      sym->value = closure(cons(tail(head(rest)), tail(rest)), *scope);
      *result = sym;
    } else {
      value = evaluate(head(tail(rest)), *scope);
      head(rest)->value = value;
      *result = head(rest);
    }
  } else if (keyword == s_set) {
    value = evaluate(head(tail(rest)), *scope);
    *lookup(head(rest), *scope) = value;
    *result = value;
  } else if (keyword == s_lambda) {
    *result = closure(rest, *scope);
  } else if (keyword == s_let) {
    names = values = nil;
    ROOT(names);
    ROOT(values);
    for (value = head(rest); value != nil; value = tail(value)) {
      names = cons(head(head(value)), names);
      values = cons(evaluate(head(tail(head(value))), *scope), values);
    }
    *scope = bind(names, values, *scope);
    root_count -= 2;
    return cons(s_begin, tail(rest));
  } else if (keyword == s_begin) {
    for (; tail(rest) != nil; rest = tail(rest))
      evaluate(head(rest), *scope);
    return head(rest);
  } else if (keyword == s_cond) {
    for (; rest != nil; rest = tail(rest))
      if (head(head(rest)) == s_else || evaluate(head(head(rest)), *scope) != &false_object)
        return cons(s_begin, tail(head(rest)));
  } else if (keyword == s_and || keyword == s_or) {
    *result = truth(keyword == s_and);
    for (; rest != nil; rest = tail(rest)) {
      if (tail(rest) == nil)
        return head(rest);
      *result = evaluate(head(rest), *scope);
      if ((*result != &false_object) == (keyword == s_or))
        break;
    }
  }
  return NULL;
}

static int is_special(const object *o)
{
  return o == s_quote || o == s_if || o == s_define || o == s_set || o == s_lambda || o == s_let || o == s_begin
         || o == s_cond || o == s_and || o == s_or;
}

static object *evaluate(object *form, object *scope)
{
  object *function = nil, *arguments = nil, *result = nil;
  int roots_before = root_count;

  ROOT(form);
  ROOT(scope);
  ROOT(function);
  ROOT(arguments);
  ROOT(result);
  for (;;) {
    if (form->kind == SYMBOL) {
      result = *lookup(form, scope);
      if (result == NULL)
        fail("unbound variable", form->text);
      break;
    }
    if (form->kind != PAIR) {
      result = form;
      break;
    }
    if (is_special(form->head)) {
      form = special(form, &scope, &result);
      if (form == NULL) {
        form = nil;
        break;
      }
      continue;
    }
    function = evaluate(form->head, scope);
    arguments = evaluate_list(form->tail, scope);
    if (function->kind == PRIMITIVE) {
      result = function->function(arguments);
      break;
    }
    if (function->kind != CLOSURE)
      fail("not a function:", form->head->kind == SYMBOL ? form->head->text : "value");
    scope = bind(head(function->lambda), arguments, function->scope);
    form = cons(s_begin, tail(function->lambda));
  }
  root_count = roots_before;
  return result;
}

/* ---- primitives ------------------------------------------------------------------------------- */

static int64_t number(object *o)
{
  if (o->kind != INTEGER)
    fail("a number", "was expected");
  return o->integer;
}

static object *p_add(object *a)
{
  int64_t sum = 0;

  for (; a != nil; a = a->tail)
    sum += number(a->head);
  return integer(sum);
}

static object *p_multiply(object *a)
{
  int64_t product = 1;

  for (; a != nil; a = a->tail)
    product *= number(a->head);
  return integer(product);
}

static object *p_subtract(object *a)
{
  int64_t difference = number(head(a));

  if (a->tail == nil)
    return integer(-difference);
  while ((a = a->tail) != nil)
    difference -= number(a->head);
  return integer(difference);
}

static object *divide(object *a, int remainder)
{
  int64_t divisor = number(head(tail(a)));

  if (divisor == 0)
    fail("division", "by zero");
  return integer(remainder ? number(a->head) % divisor : number(a->head) / divisor);
}

static object *p_quotient(object *a) { return divide(a, 0); }
static object *p_remainder(object *a) { return divide(a, 1); }
static object *p_less(object *a) { return truth(number(head(a)) < number(head(tail(a)))); }
static object *p_equal(object *a) { return truth(number(head(a)) == number(head(tail(a)))); }
static object *p_cons(object *a) { return cons(head(a), head(tail(a))); }
static object *p_head(object *a) { return head(head(a)); }
static object *p_tail(object *a) { return tail(head(a)); }
static object *p_list(object *a) { return a; }
static object *p_null(object *a) { return truth(head(a) == nil); }
static object *p_pair(object *a) { return truth(head(a)->kind == PAIR); }
static object *p_not(object *a) { return truth(head(a) == &false_object); }
static object *p_eq(object *a)
{
  object *x = head(a), *y = head(tail(a));

  return truth(x == y || (x->kind == INTEGER && y->kind == INTEGER && x->integer == y->integer));
}

static object *p_display(object *a)
{
  for (; a != nil; a = a->tail)
    print(a->head);
  return nil;
}

static object *p_newline(object *a)
{
  putchar('\n');
  return a;
}

static const struct {
  const char *name;
  primitive function;
} primitives[] = {
  { "+", p_add }, { "-", p_subtract }, { "*", p_multiply }, { "quotient", p_quotient }, { "remainder", p_remainder },
  { "<", p_less }, { "=", p_equal }, { "cons", p_cons }, { "car", p_head }, { "cdr", p_tail }, { "list", p_list },
  { "null?", p_null }, { "pair?", p_pair }, { "not", p_not }, { "eq?", p_eq }, { "display", p_display },
  { "newline", p_newline },
};

/* ---- main ------------------------------------------------------------------------------------- */

static const char demonstration[] =
    "(define (print . xs) (map display xs) (newline))\n"
    "(define (map f xs) (if (null? xs) '() (cons (f (car xs)) (map f (cdr xs)))))\n"
    "(define (filter p xs) (cond ((null? xs) '()) ((p (car xs)) (cons (car xs) (filter p (cdr xs))))\n"
    "                            (else (filter p (cdr xs)))))\n"
    "(define (fold f start xs) (if (null? xs) start (fold f (f start (car xs)) (cdr xs))))\n"
    "(define (range a b) (if (< a b) (cons a (range (+ a 1) b)) '()))\n"
    "(define (append a b) (if (null? a) b (cons (car a) (append (cdr a) b))))\n"
    "(define (reverse xs) (fold (lambda (done x) (cons x done)) '() xs))\n"
    "(define (length xs) (fold (lambda (n x) (+ n 1)) 0 xs))\n"
    "(print \"squares \" (map (lambda (x) (* x x)) (range 1 11)))\n"
    "(print \"factorial 20 = \" (fold * 1 (range 1 21)))\n"
    "(define (fibonacci n) (if (< n 2) n (+ (fibonacci (- n 1)) (fibonacci (- n 2)))))\n"
    "(print \"fibonacci 20 = \" (fibonacci 20))\n"
    "(define (loop n sum) (if (= n 0) sum (loop (- n 1) (+ sum n))))\n"
    "(print \"a tail call is a jump: \" (loop 200000 0))\n"
    "(define (sort xs) (if (null? xs) '() (let ((pivot (car xs)) (rest (cdr xs)))\n"
    "  (append (sort (filter (lambda (x) (< x pivot)) rest))\n"
    "          (cons pivot (sort (filter (lambda (x) (not (< x pivot))) rest)))))))\n"
    "(define seed 42)\n"
    "(define (random n) (set! seed (remainder (+ (* seed 1103515245) 12345) 2147483648)) (remainder seed n))\n"
    "(print \"sorted \" (sort (map (lambda (x) (random 1000)) (range 0 20))))\n"
    "(define (sieve xs) (if (null? xs) '() (cons (car xs)\n"
    "  (sieve (filter (lambda (x) (not (= 0 (remainder x (car xs))))) (cdr xs))))))\n"
    "(print \"primes \" (sieve (range 2 100)))\n"
    "(define (safe? column distance queens) (or (null? queens)\n"
    "  (and (not (= (car queens) column)) (not (= (car queens) (+ column distance)))\n"
    "       (not (= (car queens) (- column distance))) (safe? column (+ distance 1) (cdr queens)))))\n"
    "(define (place n row queens) (if (= row n) 1\n"
    "  (fold (lambda (total column) (if (safe? column 1 queens)\n"
    "    (+ total (place n (+ row 1) (cons column queens))) total)) 0 (range 0 n))))\n"
    "(print \"ways to place 6 queens: \" (place 6 0 '()))\n"
    "(define (counter) (let ((n 0)) (lambda () (set! n (+ n 1)) n)))\n"
    "(define tick (counter)) (tick) (tick)\n"
    "(print \"a closure counts: \" (tick) \", a second one: \" ((counter)))\n"
    "(define (compose f g) (lambda (x) (f (g x))))\n"
    "(print ((compose car cdr) '(1 2 3)) \" \" car \" \" compose \" \" #t \" \" '(a (b c) \"d\" ()))\n"
    "(car 5)\n"
    "(undefined-function 1)\n"
    "(quotient 1 0)\n"
    "(print \"done\")\n";

int main(int argc, char **argv)
{
  static char text[1 << 16];
  object *form = nil;
  size_t i;

  collect();
  collections = 0;
  source = demonstration;
  if (argc > 1) {
    FILE *file = fopen(argv[1], "r");
    if (file == NULL) {
      perror(argv[1]);
      return 1;
    }
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    source = text;
  }
  s_quote = name("quote"), s_if = name("if"), s_define = name("define"), s_set = name("set!");
  s_lambda = name("lambda"), s_let = name("let"), s_begin = name("begin"), s_cond = name("cond");
  s_else = name("else"), s_and = name("and"), s_or = name("or");
  for (i = 0; i < sizeof primitives / sizeof primitives[0]; i++) {
    object *sym = name(primitives[i].name), *function = allocate(PRIMITIVE);
    function->function = primitives[i].function;
    function->name = primitives[i].name;
    sym->value = function;
  }
  for (;;) {
    root_count = 0;
    if (setjmp(failure))
      continue;
    if (skip() == '\0')
      break;
    ROOT(form);
    form = read_object();
    evaluate(form, nil);
  }
  printf("%d collections\n", collections);
  return 0;
}
