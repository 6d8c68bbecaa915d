/* A JSON parser and printer (RFC 8259): strict grammar, \u escapes with surrogate pairs to UTF-8,
   errors with line and column, pretty and compact output, and paths such as `.planets[2].name`.

   usage: json [FILE [PATH...]]      without a file a built-in document is used

   Values live in one arena that is freed at once. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } kind;

typedef struct value value;
struct value {
  kind kind;
  union {
    double number;
    struct {
      char *text;
      size_t length;
    } string;
    struct {
      value *first;
      size_t count;
    } list;
  };
  const char *key; /* of a member of an object */
  value *next;     /* in the list that contains this value */
};

/* ---- arena ------------------------------------------------------------------------------------ */

typedef struct block {
  struct block *older;
  size_t used, room;
  char data[];
} block;

static block *arena;

static void *allocate(size_t size)
{
  block *fresh;

  size = (size + 15) & ~(size_t)15;
  if (arena == NULL || arena->room - arena->used < size) {
    size_t room = size > 65536 ? size : 65536;
    fresh = malloc(sizeof *fresh + room + 15);
    if (fresh == NULL)
      abort();
    fresh->older = arena;
    fresh->used = 0;
    fresh->room = room;
    arena = fresh;
  }
  arena->used += size;
  return arena->data + arena->used - size;
}

static void release(void)
{
  while (arena != NULL) {
    block *older = arena->older;
    free(arena);
    arena = older;
  }
}

/* ---- parser ----------------------------------------------------------------------------------- */

typedef struct {
  const char *start, *at, *end;
  int depth;
  jmp_buf failure;
  char message[160];
} parser;

__attribute__((noreturn, format(printf, 2, 3))) static void fail(parser *p, const char *format, ...)
{
  const char *cursor;
  int line = 1, column = 1, length;
  va_list arguments;

  for (cursor = p->start; cursor < p->at; cursor++) {
    column++;
    if (*cursor == '\n') {
      line++;
      column = 1;
    }
  }
  length = snprintf(p->message, sizeof p->message, "%d:%d: ", line, column);
  va_start(arguments, format);
  vsnprintf(p->message + length, sizeof p->message - (size_t)length, format, arguments);
  va_end(arguments);
  longjmp(p->failure, 1);
}

static int peek(parser *p)
{
  while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r'))
    p->at++;
  return p->at < p->end ? (unsigned char)*p->at : -1;
}

static unsigned hexadecimal4(parser *p)
{
  unsigned code = 0;
  int i;

  for (i = 0; i < 4; i++) {
    int c = p->at < p->end ? (unsigned char)*p->at : 0;
    if (c >= '0' && c <= '9')
      c -= '0';
    else if ((c | 32) >= 'a' && (c | 32) <= 'f')
      c = (c | 32) - 'a' + 10;
    else
      fail(p, "\\u needs four hexadecimal digits");
    code = code << 4 | (unsigned)c;
    p->at++;
  }
  return code;
}

static char *encode_utf8(char *out, unsigned code)
{
  if (code < 0x80) {
    *out++ = (char)code;
  } else if (code < 0x800) {
    *out++ = (char)(0xc0 | code >> 6);
    *out++ = (char)(0x80 | (code & 63));
  } else if (code < 0x10000) {
    *out++ = (char)(0xe0 | code >> 12);
    *out++ = (char)(0x80 | (code >> 6 & 63));
    *out++ = (char)(0x80 | (code & 63));
  } else {
    *out++ = (char)(0xf0 | code >> 18);
    *out++ = (char)(0x80 | (code >> 12 & 63));
    *out++ = (char)(0x80 | (code >> 6 & 63));
    *out++ = (char)(0x80 | (code & 63));
  }
  return out;
}

static char *parse_string(parser *p, size_t *length)
{
  static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  const char *scan, *found;
  char *text, *out;

  if (peek(p) != '"')
    fail(p, "a string was expected");
  for (scan = ++p->at; scan < p->end && *scan != '"'; scan++)
    if (*scan == '\\')
      scan++;
  out = text = allocate((size_t)(scan - p->at) + 1);
  for (;;) {
    unsigned char c;
    if (p->at >= p->end)
      fail(p, "the string does not end");
    c = (unsigned char)*p->at++;
    if (c == '"')
      break;
    if (c < 0x20) {
      p->at--;
      fail(p, "control character 0x%02x in a string", c);
    }
    if (c != '\\') {
      *out++ = (char)c;
      continue;
    }
    c = p->at < p->end ? (unsigned char)*p->at++ : 0;
    if (c == 'u') {
      unsigned code = hexadecimal4(p);
      if (code >= 0xd800 && code < 0xdc00 && p->end - p->at >= 6 && p->at[0] == '\\' && p->at[1] == 'u') {
        unsigned low;
        p->at += 2;
        low = hexadecimal4(p);
        if (low < 0xdc00 || low > 0xdfff)
          fail(p, "a low surrogate was expected");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      } else if (code >= 0xd800 && code < 0xe000) {
        fail(p, "lone surrogate \\u%04x", code);
      }
      out = encode_utf8(out, code);
    } else if (c != 0 && (found = strchr(escapes, c)) != NULL) {
      *out++ = meanings[found - escapes];
    } else {
      p->at--;
      fail(p, "unknown escape");
    }
  }
  *length = (size_t)(out - text);
  *out = '\0';
  return text;
}

static double parse_number(parser *p)
{
  const char *start = p->at, *digits;
  char copy[64];
  size_t length;

  if (*p->at == '-')
    p->at++;
  digits = p->at;
  while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
    p->at++;
  if (p->at == digits || (*digits == '0' && p->at - digits > 1))
    fail(p, "malformed number");
  if (p->at < p->end && *p->at == '.') {
    digits = ++p->at;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
      p->at++;
    if (p->at == digits)
      fail(p, "digits must follow the decimal point");
  }
  if (p->at < p->end && (*p->at | 32) == 'e') {
    p->at++;
    if (p->at < p->end && (*p->at == '+' || *p->at == '-'))
      p->at++;
    digits = p->at;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
      p->at++;
    if (p->at == digits)
      fail(p, "the exponent has no digits");
  }
  length = (size_t)(p->at - start);
  if (length >= sizeof copy)
    fail(p, "number of %lu characters", (unsigned long)length);
  memcpy(copy, start, length);
  copy[length] = '\0';
  return strtod(copy, NULL);
}

static value *parse_value(parser *p);

static void parse_members(parser *p, value *list, int close)
{
  value **link = &list->list.first;

  list->list.count = 0;
  *link = NULL;
  p->at++;
  if (++p->depth > 200)
    fail(p, "nested too deeply");
  if (peek(p) == close) {
    p->at++;
    p->depth--;
    return;
  }
  for (;;) {
    const char *key = NULL;
    size_t length;
    int c;
    if (close == '}') {
      key = parse_string(p, &length);
      if (peek(p) != ':')
        fail(p, "':' was expected after the key \"%s\"", key);
      p->at++;
    }
    *link = parse_value(p);
    (*link)->key = key;
    link = &(*link)->next;
    list->list.count++;
    c = peek(p);
    if (c == close)
      break;
    if (c != ',')
      fail(p, "',' or '%c' was expected", close);
    p->at++;
  }
  p->at++;
  p->depth--;
}

static value *parse_value(parser *p)
{
  static const struct {
    const char *word;
    kind kind;
  } words[] = { { "null", JSON_NULL }, { "false", JSON_FALSE }, { "true", JSON_TRUE } };
  value *v = allocate(sizeof *v);
  size_t i;
  int c = peek(p);

  memset(v, 0, sizeof *v);
  switch (c) {
  case -1:
    fail(p, "a value was expected at the end of the text");
  case '{':
    v->kind = JSON_OBJECT;
    parse_members(p, v, '}');
    return v;
  case '[':
    v->kind = JSON_ARRAY;
    parse_members(p, v, ']');
    return v;
  case '"':
    v->kind = JSON_STRING;
    v->string.text = parse_string(p, &v->string.length);
    return v;
  case '-':
  case '0' ... '9':
    v->kind = JSON_NUMBER;
    v->number = parse_number(p);
    return v;
  }
  for (i = 0; i < sizeof words / sizeof words[0]; i++) {
    size_t length = strlen(words[i].word);
    if ((size_t)(p->end - p->at) >= length && memcmp(p->at, words[i].word, length) == 0) {
      p->at += length;
      v->kind = words[i].kind;
      return v;
    }
  }
  fail(p, "unexpected character '%c'", c);
}

static value *parse(parser *p, const char *text, size_t size)
{
  value *v;

  p->start = p->at = text;
  p->end = text + size;
  p->depth = 0;
  if (setjmp(p->failure))
    return NULL;
  v = parse_value(p);
  if (peek(p) != -1)
    fail(p, "text after the value");
  return v;
}

/* ---- printer and paths ------------------------------------------------------------------------ */

static void print_string(const char *text, size_t length)
{
  size_t i;

  putchar('"');
  for (i = 0; i < length; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c == '"' || c == '\\')
      printf("\\%c", c);
    else if (c == '\n')
      printf("\\n");
    else if (c == '\t')
      printf("\\t");
    else if (c < 0x20)
      printf("\\u%04x", c);
    else
      putchar(c);
  }
  putchar('"');
}

static void print(const value *v, int indent)
{
  static const char *const words[] = { "null", "false", "true" };
  const value *member;

  switch (v->kind) {
  case JSON_NULL:
  case JSON_FALSE:
  case JSON_TRUE:
    printf("%s", words[v->kind]);
    return;
  case JSON_NUMBER:
    if (v->number == floor(v->number) && fabs(v->number) < 1e15)
      printf("%.0f", v->number);
    else
      printf("%.17g", v->number);
    return;
  case JSON_STRING:
    print_string(v->string.text, v->string.length);
    return;
  case JSON_ARRAY:
  case JSON_OBJECT:
    putchar(v->kind == JSON_ARRAY ? '[' : '{');
    for (member = v->list.first; member != NULL; member = member->next) {
      if (indent >= 0)
        printf("\n%*s", indent + 2, "");
      if (v->kind == JSON_OBJECT) {
        print_string(member->key, strlen(member->key));
        printf(indent >= 0 ? ": " : ":");
      }
      print(member, indent >= 0 ? indent + 2 : indent);
      if (member->next != NULL)
        putchar(',');
    }
    if (indent >= 0 && v->list.first != NULL)
      printf("\n%*s", indent, "");
    putchar(v->kind == JSON_ARRAY ? ']' : '}');
  }
}

static const value *find(const value *v, const char *path)
{
  while (*path != '\0' && v != NULL) {
    const value *member = v->kind >= JSON_ARRAY ? v->list.first : NULL;
    if (*path == '[') {
      char *end;
      long index = strtol(path + 1, &end, 10);
      if (*end != ']' || v->kind != JSON_ARRAY)
        return NULL;
      for (; member != NULL && index > 0; index--)
        member = member->next;
      path = end + 1;
    } else {
      size_t length = strcspn(path += *path == '.', ".[");
      if (v->kind != JSON_OBJECT)
        return NULL;
      while (member != NULL && (strlen(member->key) != length || memcmp(member->key, path, length) != 0))
        member = member->next;
      path += length;
    }
    v = member;
  }
  return v;
}

/* ---- main ------------------------------------------------------------------------------------- */

static const char sample[] =
    "{\n"
    "  \"name\": \"Solar system\", \"age\": 4.568e9, \"stable\": true, \"other\": null,\n"
    "  \"planets\": [\n"
    "    {\"name\": \"Mercury\", \"moons\": [], \"orbit\": 0.387},\n"
    "    {\"name\": \"Earth\", \"moons\": [\"Moon\"], \"orbit\": 1, \"sign\": \"\\u2295\"},\n"
    "    {\"name\": \"Mars\", \"moons\": [\"Phobos\", \"Deimos\"], \"orbit\": 1.524},\n"
    "    {\"name\": \"Jupiter\", \"moons\": [\"Io\", \"Europa\", \"Ganymede\", \"Callisto\"], \"orbit\": 5.2}\n"
    "  ],\n"
    "  \"text\": \"tab\\t quote\\\" slash\\/ \\ud83e\\ude90 \\u00fcber\", \"tiny\": -1.5e-300\n"
    "}\n";

static const char *const malformed[] = {
  "[1, 2,]", "{\"a\" 1}", "[01]", "\"\\ud800\"", "[1.]", "nul", "{\"a\": [1, {\"b\": tru}]}", "\"open", "[1] 2",
};

static char *read_file(const char *name, size_t *size)
{
  FILE *file = fopen(name, "rb");
  char *text = NULL;
  size_t room = 0, got;

  if (file == NULL) {
    fprintf(stderr, "json: %s: %s\n", name, strerror(errno));
    exit(1);
  }
  *size = 0;
  do {
    if (room - *size < 4096)
      text = realloc(text, room = room * 2 + 8192);
    if (text == NULL)
      abort();
    got = fread(text + *size, 1, room - *size, file);
    *size += got;
  } while (got > 0);
  fclose(file);
  return text;
}

/* Parse a long generated array several times: work to measure. */
static double exercise(parser *p)
{
  char *text = malloc(2000000);
  double sum = 0.0;
  size_t size = 0;
  int i, round;
  value *v, *item;

  if (text == NULL)
    abort();
  text[size++] = '[';
  for (i = 0; i < 20000; i++)
    size += (size_t)sprintf(text + size, "%s{\"id\":%d,\"half\":%d.5,\"name\":\"item \\u%04x\",\"flags\":[true,false,null]}",
                            i ? "," : "", i, i / 2, 0x3b1 + i % 24);
  text[size++] = ']';
  for (round = 0; round < 5; round++) {
    v = parse(p, text, size);
    if (v == NULL)
      return -1.0;
    for (item = v->list.first; item != NULL; item = item->next)
      sum += find(item, "half")->number + (double)find(item, "flags")->list.count;
    release();
  }
  free(text);
  return sum;
}

int main(int argc, char **argv)
{
  static parser p;
  const char *text = sample;
  size_t size = sizeof sample - 1, i;
  const value *v, *found;
  int argument;

  if (argc > 1)
    text = read_file(argv[1], &size);
  v = parse(&p, text, size);
  if (v == NULL) {
    fprintf(stderr, "%s:%s\n", argc > 1 ? argv[1] : "sample", p.message);
    return 1;
  }
  if (argc > 2) {
    for (argument = 2; argument < argc; argument++) {
      found = find(v, argv[argument]);
      printf("%s = ", argv[argument]);
      if (found != NULL)
        print(found, -1);
      else
        printf("(nothing)");
      putchar('\n');
    }
    return 0;
  }
  print(v, 0);
  putchar('\n');
  if (argc > 1)
    return 0;
  print(v, -1);
  putchar('\n');
  found = find(v, ".planets[3].moons[1]");
  printf("planets[3].moons[1] is %s\n", found->string.text);
  for (i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
    if (parse(&p, malformed[i], strlen(malformed[i])) != NULL)
      printf("accepted %s\n", malformed[i]);
    else
      printf("%s\n  error %s\n", malformed[i], p.message);
  }
  release();
  printf("sum %.1f\n", exercise(&p));
  return 0;
}
