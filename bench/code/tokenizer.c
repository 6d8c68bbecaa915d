/* State machine: a hand-written lexer for C-like text, by switch. */
#include <stdio.h>
#include <string.h>

enum { WORD, NUMBER, STRING, COMMENT, OPERATOR, KINDS };

static const char program[] =
    "static int f(int x, double *p) { /* doc */ if (x >= 0x1F && p[x] != 3.25e-1) return x++ << 2; // tail\n"
    "  const char *s = \"a \\\"string\\\"\"; while (--x > 10) { p[x] += p[x - 1] * 2; s = s ? s + 1 : \"\"; }\n"
    "  switch (x) { case 'a': break; default: goto out; } out: return (int)p[0] ^ ~x; }\n";

static int is_word(int c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

static void lex(const char *p, unsigned long *counts, unsigned long *hash)
{
  for (;;) {
    const char *start = p;
    int kind;
    switch (*p) {
    case '\0':
      return;
    case ' ':
    case '\t':
    case '\n':
      p++;
      continue;
    case '"':
    case '\'':
      for (p++; *p != *start; p++)
        if (*p == '\\')
          p++;
      p++;
      kind = STRING;
      break;
    case '/':
      kind = COMMENT;
      if (p[1] == '/') {
        while (*p != '\n')
          p++;
      } else if (p[1] == '*') {
        for (p += 2; p[0] != '*' || p[1] != '/'; p++)
          ;
        p += 2;
      } else {
        p++;
        kind = OPERATOR;
      }
      break;
    case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
      while ((*p >= '0' && *p <= '9') || is_word(*p) || *p == '.' || ((*p == '-' || *p == '+') && (p[-1] | 32) == 'e'))
        p++;
      kind = NUMBER;
      break;
    case '<': case '>': case '=': case '!': case '+': case '-': case '&': case '|':
      p += p[1] == '=' || p[1] == p[0] ? 2 : 1;
      kind = OPERATOR;
      break;
    default:
      if (is_word(*p)) {
        while (is_word(*p) || (*p >= '0' && *p <= '9'))
          p++;
        kind = WORD;
      } else {
        p++;
        kind = OPERATOR;
      }
    }
    counts[kind]++;
    for (; start < p; start++)
      *hash = (*hash ^ (unsigned char)*start) * 1099511628211ul;
  }
}

int main(void)
{
  unsigned long counts[KINDS] = { 0 }, hash = 14695981039346656037ul;

  for (int round = 0; round < 600000; round++)
    lex(program, counts, &hash);
  for (int i = 0; i < KINDS; i++)
    printf("%lu ", counts[i]);
  printf("%lx\n", hash);
  return 0;
}
