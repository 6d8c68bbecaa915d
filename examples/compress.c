/* A compressor: LZ77 matches found by hash chains, then canonical Huffman codes over literals,
   lengths and distances (the idea of deflate, in a format of its own).

   usage: compress c|d INPUT OUTPUT     compress or decompress a file
          compress test                 generate texts, compress, decompress, compare, print sizes

   Format: "LZH1", size as 4 bytes, CRC-32, code lengths (4 bits each), then the bit stream. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  WINDOW = 1 << 16,
  HASH_BITS = 15,
  MIN_MATCH = 4,
  MAX_CHAIN = 64,
  LENGTHS = 32,             /* classes of match lengths */
  SYMBOLS = 256 + LENGTHS,  /* literals, then length classes */
  DISTANCES = 32,           /* classes of distances */
  MAX_BITS = 15
};

typedef struct {
  unsigned char *data;
  size_t size, room;
  uint64_t bits;
  int count;
} writer;

typedef struct {
  const unsigned char *at, *end;
  uint64_t bits;
  int count;
  int failed;
} reader;

static void *checked(void *memory)
{
  if (memory == NULL) {
    fprintf(stderr, "compress: out of memory\n");
    exit(1);
  }
  return memory;
}

static void put_byte(writer *w, unsigned byte)
{
  if (w->size == w->room)
    w->data = checked(realloc(w->data, w->room = w->room * 2 + 1024));
  w->data[w->size++] = (unsigned char)byte;
}

static void put_bits(writer *w, uint32_t value, int count)
{
  w->bits |= (uint64_t)value << w->count;
  w->count += count;
  for (; w->count >= 8; w->count -= 8, w->bits >>= 8)
    put_byte(w, (unsigned)w->bits & 255);
}

static uint32_t get_bits(reader *r, int count)
{
  uint32_t value;

  while (r->count < count) {
    if (r->at == r->end) {
      r->failed = 1;
      return 0;
    }
    r->bits |= (uint64_t)*r->at++ << r->count;
    r->count += 8;
  }
  value = (uint32_t)(r->bits & (((uint64_t)1 << count) - 1));
  r->bits >>= count;
  r->count -= count;
  return value;
}

static uint32_t crc32(const unsigned char *data, size_t size)
{
  static uint32_t table[256];
  uint32_t crc = 0xffffffffu, n, k;

  if (table[255] == 0)
    for (n = 0; n < 256; n++)
      for (table[n] = n, k = 0; k < 8; k++)
        table[n] = table[n] & 1 ? 0xedb88320u ^ table[n] >> 1 : table[n] >> 1;
  while (size-- > 0)
    crc = table[(crc ^ *data++) & 255] ^ crc >> 8;
  return ~crc;
}

/* ---- classes: a number is its class (position of the top two bits) and extra bits ------------- */

static int class_of(uint32_t value, int *extra_bits, uint32_t *extra)
{
  int top;

  if (value < 4) {
    *extra_bits = 0;
    *extra = 0;
    return (int)value;
  }
  top = 31 - __builtin_clz(value);
  *extra_bits = top - 1;
  *extra = value & ((1u << (top - 1)) - 1);
  return 2 * top + (int)(value >> (top - 1) & 1);
}

static uint32_t value_of(int number, reader *r)
{
  int top = number / 2;

  if (number < 4)
    return (uint32_t)number;
  return (2u | ((uint32_t)number & 1)) << (top - 1) | get_bits(r, top - 1);
}

/* ---- Huffman ---------------------------------------------------------------------------------- */

typedef struct {
  uint32_t frequency;
  short left, right, symbol;
} node;

static int by_frequency(const void *a, const void *b)
{
  const node *x = a, *y = b;

  if (x->frequency != y->frequency)
    return x->frequency < y->frequency ? -1 : 1;
  return x->symbol - y->symbol;
}

static void measure(const node *nodes, int at, int depth, unsigned char *lengths)
{
  if (nodes[at].left < 0) {
    lengths[nodes[at].symbol] = (unsigned char)(depth > 0 ? depth : 1);
    return;
  }
  measure(nodes, nodes[at].left, depth + 1, lengths);
  measure(nodes, nodes[at].right, depth + 1, lengths);
}

/* Code lengths of at most MAX_BITS: two-queue construction; too deep a tree is flattened by halving
   the frequencies and trying again. */
static void code_lengths(const uint32_t *counts, int symbols, unsigned char *lengths)
{
  node nodes[2 * SYMBOLS];
  int leaves, total, next_leaf, next_inner, i, shift, side, longest;

  for (shift = 0;; shift++) {
    memset(lengths, 0, (size_t)symbols);
    for (leaves = i = 0; i < symbols; i++)
      if (counts[i] > 0)
        nodes[leaves++] = (node){ (counts[i] >> shift) + 1, -1, -1, (short)i };
    if (leaves == 0)
      return;
    qsort(nodes, (size_t)leaves, sizeof *nodes, by_frequency);
    total = next_inner = leaves;
    next_leaf = 0;
    while (total < 2 * leaves - 1) {
      short pick[2];
      for (side = 0; side < 2; side++)
        if (next_leaf < leaves
            && (next_inner >= total || nodes[next_leaf].frequency <= nodes[next_inner].frequency))
          pick[side] = (short)next_leaf++;
        else
          pick[side] = (short)next_inner++;
      nodes[total++] =
          (node){ nodes[pick[0]].frequency + nodes[pick[1]].frequency, pick[0], pick[1], -1 };
    }
    measure(nodes, total - 1, 0, lengths);
    for (longest = i = 0; i < symbols; i++)
      longest = lengths[i] > longest ? lengths[i] : longest;
    if (longest <= MAX_BITS)
      return;
  }
}

/* Canonical codes, bit-reversed because the stream is filled from the low end. */
static void assign_codes(const unsigned char *lengths, int symbols, uint16_t *codes)
{
  unsigned code = 0, reversed;
  int length, i, bit;

  for (length = 1; length <= MAX_BITS; length++, code <<= 1)
    for (i = 0; i < symbols; i++)
      if (lengths[i] == length) {
        for (reversed = 0, bit = 0; bit < length; bit++)
          reversed |= (code >> bit & 1) << (length - 1 - bit);
        codes[i] = (uint16_t)reversed;
        code++;
      }
}

typedef struct {
  uint16_t count[MAX_BITS + 1], symbol[SYMBOLS];
} decoder;

static void make_decoder(decoder *d, const unsigned char *lengths, int symbols)
{
  int length, i, filled = 0;

  memset(d, 0, sizeof *d);
  for (length = 1; length <= MAX_BITS; length++)
    for (i = 0; i < symbols; i++)
      if (lengths[i] == length) {
        d->count[length]++;
        d->symbol[filled++] = (uint16_t)i;
      }
}

static int decode(const decoder *d, reader *r)
{
  int code = 0, first = 0, index = 0, length;

  for (length = 1; length <= MAX_BITS; length++) {
    code |= (int)get_bits(r, 1);
    if (code - first < d->count[length])
      return d->symbol[index + code - first];
    index += d->count[length];
    first = (first + d->count[length]) << 1;
    code <<= 1;
  }
  r->failed = 1;
  return 0;
}

/* ---- LZ77 ------------------------------------------------------------------------------------- */

typedef struct {
  uint32_t length;   /* 0: a literal */
  uint32_t distance; /* or the literal's byte */
} token;

static uint32_t hash4(const unsigned char *p)
{
  uint32_t word;

  memcpy(&word, p, 4);
  return word * 2654435761u >> (32 - HASH_BITS);
}

static size_t find_tokens(const unsigned char *data, size_t size, token *tokens)
{
  int32_t *heads = checked(malloc(sizeof *heads << HASH_BITS)), *previous = checked(malloc(sizeof *previous * WINDOW));
  size_t at = 0, count = 0, limit, best, length, best_at = 0, i;
  int32_t candidate;
  int chain;

  memset(heads, -1, sizeof *heads << HASH_BITS);
  while (at < size) {
    best = 0;
    if (at + MIN_MATCH <= size) {
      limit = size - at < 65535 ? size - at : 65535;
      candidate = heads[hash4(data + at)];
      for (chain = 0; candidate >= 0 && at - (size_t)candidate < WINDOW && chain < MAX_CHAIN; chain++) {
        const unsigned char *p = data + candidate, *q = data + at;
        if (best == 0 || p[best] == q[best]) {
          for (length = 0; length < limit && p[length] == q[length]; length++)
            ;
          if (length > best) {
            best = length;
            best_at = (size_t)candidate;
            if (best == limit)
              break;
          }
        }
        candidate = previous[candidate % WINDOW];
      }
    }
    if (best >= MIN_MATCH) {
      tokens[count++] = (token){ (uint32_t)best, (uint32_t)(at - best_at) };
    } else {
      best = 1;
      tokens[count++] = (token){ 0, data[at] };
    }
    for (i = 0; i < best; i++, at++)
      if (at + MIN_MATCH <= size) {
        uint32_t h = hash4(data + at);
        previous[at % WINDOW] = heads[h];
        heads[h] = (int32_t)at;
      }
  }
  free(heads);
  free(previous);
  return count;
}

static writer compress(const unsigned char *data, size_t size)
{
  token *tokens = checked(malloc((size + 1) * sizeof *tokens));
  size_t count = find_tokens(data, size, tokens), i;
  uint32_t symbol_counts[SYMBOLS] = { 0 }, distance_counts[DISTANCES] = { 0 }, extra;
  unsigned char symbol_lengths[SYMBOLS], distance_lengths[DISTANCES];
  uint16_t symbol_codes[SYMBOLS], distance_codes[DISTANCES];
  writer w = { 0 };
  int extra_bits, number;

  for (i = 0; i < count; i++)
    if (tokens[i].length == 0) {
      symbol_counts[tokens[i].distance]++;
    } else {
      symbol_counts[256 + class_of(tokens[i].length - MIN_MATCH, &extra_bits, &extra)]++;
      distance_counts[class_of(tokens[i].distance - 1, &extra_bits, &extra)]++;
    }
  code_lengths(symbol_counts, SYMBOLS, symbol_lengths);
  code_lengths(distance_counts, DISTANCES, distance_lengths);
  assign_codes(symbol_lengths, SYMBOLS, symbol_codes);
  assign_codes(distance_lengths, DISTANCES, distance_codes);
  for (i = 0; i < 4; i++)
    put_byte(&w, (unsigned char)"LZH1"[i]);
  put_bits(&w, (uint32_t)size, 32);
  put_bits(&w, crc32(data, size), 32);
  for (i = 0; i < SYMBOLS; i++)
    put_bits(&w, symbol_lengths[i], 4);
  for (i = 0; i < DISTANCES; i++)
    put_bits(&w, distance_lengths[i], 4);
  for (i = 0; i < count; i++) {
    if (tokens[i].length == 0) {
      put_bits(&w, symbol_codes[tokens[i].distance], symbol_lengths[tokens[i].distance]);
      continue;
    }
    number = 256 + class_of(tokens[i].length - MIN_MATCH, &extra_bits, &extra);
    put_bits(&w, symbol_codes[number], symbol_lengths[number]);
    put_bits(&w, extra, extra_bits);
    number = class_of(tokens[i].distance - 1, &extra_bits, &extra);
    put_bits(&w, distance_codes[number], distance_lengths[number]);
    put_bits(&w, extra, extra_bits);
  }
  put_bits(&w, 0, 7);
  free(tokens);
  return w;
}

static unsigned char *decompress(const unsigned char *data, size_t size, size_t *result_size)
{
  reader r = { data + 4, data + size, 0, 0, 0 };
  unsigned char lengths[SYMBOLS], *out;
  decoder symbols, distances;
  uint32_t total, crc, length, distance;
  size_t at = 0, i;

  if (size < 4 || memcmp(data, "LZH1", 4) != 0)
    return NULL;
  total = get_bits(&r, 32);
  crc = get_bits(&r, 32);
  for (i = 0; i < SYMBOLS; i++)
    lengths[i] = (unsigned char)get_bits(&r, 4);
  make_decoder(&symbols, lengths, SYMBOLS);
  for (i = 0; i < DISTANCES; i++)
    lengths[i] = (unsigned char)get_bits(&r, 4);
  make_decoder(&distances, lengths, DISTANCES);
  out = checked(malloc((size_t)total + 1));
  while (at < total && !r.failed) {
    int symbol = decode(&symbols, &r);
    if (symbol < 256) {
      out[at++] = (unsigned char)symbol;
      continue;
    }
    length = value_of(symbol - 256, &r) + MIN_MATCH;
    distance = value_of(decode(&distances, &r), &r) + 1;
    if (distance > at || length > total - at)
      r.failed = 1;
    for (; length > 0 && !r.failed; length--, at++)
      out[at] = out[at - distance];
  }
  if (r.failed || crc32(out, total) != crc) {
    free(out);
    return NULL;
  }
  *result_size = total;
  return out;
}

/* ---- main ------------------------------------------------------------------------------------- */

static uint32_t seed = 12345;

static uint32_t random_number(uint32_t limit)
{
  seed ^= seed << 13;
  seed ^= seed >> 17;
  seed ^= seed << 5;
  return seed % limit;
}

static size_t generate(int kind, unsigned char *data, size_t size)
{
  static const char *const words[] = { "the ", "snake ", "eats ", "its ", "own ", "tail ", "and ", "compiles ", "itself ",
                                       "again, ", "until ", "nothing ", "is ", "left ", "to ", "translate.\n" };
  unsigned price, code;
  size_t at = 0;

  while (at < size)
    switch (kind) {
    case 0: { /* prose with Zipf-like words */
      const char *word = words[random_number(random_number(16) + 1)];
      while (*word != '\0' && at < size)
        data[at++] = (unsigned char)*word++;
      break;
    }
    case 1: /* noise */
      data[at++] = (unsigned char)random_number(256);
      break;
    case 2: /* a table of numbers */
      if (at + 24 > size)
        return at;
      price = random_number(1000) * 7;
      code = random_number(4096);
      at += (size_t)sprintf((char *)data + at, "%u\t%05u\t%x\n", (unsigned)at / 20, price, code);
      break;
    default: /* zeros */
      data[at++] = 0;
    }
  return at;
}

static int self_test(void)
{
  static const char *const names[] = { "prose", "noise", "table", "zeros" };
  enum { SIZE = 600000 };
  unsigned char *data = checked(malloc(SIZE)), *back;
  size_t size, back_size, i;
  int kind, damaged = 0;

  for (kind = 0; kind < 4; kind++) {
    writer packed;
    size = generate(kind, data, SIZE);
    packed = compress(data, size);
    back = decompress(packed.data, packed.size, &back_size);
    if (back == NULL || back_size != size || memcmp(back, data, size) != 0) {
      printf("%s: round trip failed\n", names[kind]);
      return 1;
    }
    free(back);
    printf("%s: %lu -> %lu bytes (%.1f %%), CRC-32 %08x\n", names[kind], (unsigned long)size, (unsigned long)packed.size,
           100.0 * (double)packed.size / (double)size, (unsigned)crc32(packed.data, packed.size));
    for (i = 4; i < packed.size; i += packed.size / 7 + 1) {
      packed.data[i] ^= 0x10;
      back = decompress(packed.data, packed.size, &back_size);
      damaged += back == NULL;
      free(back);
      packed.data[i] ^= 0x10;
    }
    free(packed.data);
  }
  printf("%d damaged files noticed\n", damaged);
  free(data);
  return 0;
}

int main(int argc, char **argv)
{
  unsigned char *data = NULL, *out;
  size_t size = 0, room = 0, got, out_size;
  FILE *file;

  if (argc == 2 && strcmp(argv[1], "test") == 0)
    return self_test();
  if (argc != 4 || (strcmp(argv[1], "c") != 0 && strcmp(argv[1], "d") != 0)) {
    fprintf(stderr, "usage: compress c|d INPUT OUTPUT\n       compress test\n");
    return 2;
  }
  if ((file = fopen(argv[2], "rb")) == NULL) {
    perror(argv[2]);
    return 1;
  }
  do {
    if (room - size < 65536)
      data = checked(realloc(data, room = room * 2 + 131072));
    got = fread(data + size, 1, room - size, file);
    size += got;
  } while (got > 0);
  fclose(file);
  if (argv[1][0] == 'c') {
    writer packed = compress(data, size);
    out = packed.data;
    out_size = packed.size;
  } else if ((out = decompress(data, size, &out_size)) == NULL) {
    fprintf(stderr, "compress: %s is damaged\n", argv[2]);
    return 1;
  }
  file = fopen(argv[3], "wb");
  if (file == NULL || fwrite(out, 1, out_size, file) != out_size || fclose(file) != 0) {
    perror(argv[3]);
    return 1;
  }
  free(out);
  free(data);
  return 0;
}
