/* Conway's Game of Life on a torus, drawn in the terminal with half-block characters.

   usage: life GENERATIONS [FRAME_MILLISECONDS]

   Cells are bits of 64-bit words; a generation adds the eight neighbours of 64 cells at once with
   a bit-sliced counter.  Without a frame time only the first and the last picture are printed. */
#define _POSIX_C_SOURCE 199309L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WORDS = 2, WIDTH = 64 * WORDS, HEIGHT = 64 };

typedef struct {
  uint64_t row[HEIGHT][WORDS];
} board;

static int get(const board *b, int x, int y)
{
  return (int)(b->row[y][x / 64] >> (x % 64) & 1);
}

static void set(board *b, int x, int y)
{
  x = (x + WIDTH) % WIDTH;
  y = (y + HEIGHT) % HEIGHT;
  b->row[y][x / 64] |= (uint64_t)1 << (x % 64);
}

/* The row shifted by one cell, around the torus. */
static void shifted(const uint64_t *row, int left, uint64_t *out)
{
  int i;

  for (i = 0; i < WORDS; i++) {
    uint64_t next = row[(i + 1) % WORDS], previous = row[(i + WORDS - 1) % WORDS];
    out[i] = left ? row[i] << 1 | previous >> 63 : row[i] >> 1 | next << 63;
  }
}

/* Add one bit to each of 64 counters of three bits; eight wraps to zero, which is dead either way. */
static inline void count(uint64_t bit, uint64_t *ones, uint64_t *twos, uint64_t *fours)
{
  uint64_t carry = *ones & bit, carry2 = *twos & carry;

  *ones ^= bit;
  *twos ^= carry;
  *fours ^= carry2;
}

static void step(const board *from, board *to)
{
  int y, dy, i;

  for (y = 0; y < HEIGHT; y++) {
    uint64_t ones[WORDS] = { 0 }, twos[WORDS] = { 0 }, fours[WORDS] = { 0 };
    for (dy = -1; dy <= 1; dy++) {
      const uint64_t *row = from->row[(y + dy + HEIGHT) % HEIGHT];
      uint64_t left[WORDS], right[WORDS];
      shifted(row, 1, left);
      shifted(row, 0, right);
      for (i = 0; i < WORDS; i++) {
        count(left[i], &ones[i], &twos[i], &fours[i]);
        count(right[i], &ones[i], &twos[i], &fours[i]);
        if (dy != 0)
          count(row[i], &ones[i], &twos[i], &fours[i]);
      }
    }
    for (i = 0; i < WORDS; i++)
      to->row[y][i] = ~fours[i] & twos[i] & (ones[i] | from->row[y][i]);
  }
}

/* The same rule cell by cell, to check the fast one. */
static int alive_next(const board *b, int x, int y)
{
  int dx, dy, neighbours = 0;

  for (dy = -1; dy <= 1; dy++)
    for (dx = -1; dx <= 1; dx++)
      if (dx != 0 || dy != 0)
        neighbours += get(b, (x + dx + WIDTH) % WIDTH, (y + dy + HEIGHT) % HEIGHT);
  return neighbours == 3 || (neighbours == 2 && get(b, x, y));
}

static int population(const board *b)
{
  int x, y, sum = 0;

  for (y = 0; y < HEIGHT; y++)
    for (x = 0; x < WIDTH; x++)
      sum += get(b, x, y);
  return sum;
}

static uint64_t hash(const board *b)
{
  uint64_t h = 14695981039346656037u;
  int y, i;

  for (y = 0; y < HEIGHT; y++)
    for (i = 0; i < WORDS; i++)
      h = (h ^ b->row[y][i]) * 1099511628211u;
  return h;
}

/* Patterns in the usual notation: O alive, . dead, | end of a row. */
static void place(board *b, int x, int y, const char *pattern)
{
  int column = x;

  for (; *pattern; pattern++) {
    switch (*pattern) {
    case '|':
      column = x;
      y++;
      break;
    case 'O':
      set(b, column, y);
      /* fall through */
    default:
      column++;
    }
  }
}

static const struct {
  const char *name;
  int x, y;
  const char *cells;
} patterns[] = {
  { "Gosper glider gun", 2, 2,
    "........................O|......................O.O|............OO......OO............OO|"
    "...........O...O....OO............OO|OO........O.....O...OO|OO........O...O.OO....O.O|"
    "..........O.....O.......O|...........O...O|............OO" },
  { "R-pentomino", 90, 40, ".OO|OO.|.O." },
  { "acorn", 60, 50, ".O.....|...O...|OO..OOO" },
  { "lightweight spaceship", 10, 55, ".O..O|O....|O...O|OOOO." },
  { "pulsar", 100, 5,
    "..OOO...OOO..||O....O.O....O|O....O.O....O|O....O.O....O|..OOO...OOO..||..OOO...OOO..|"
    "O....O.O....O|O....O.O....O|O....O.O....O||..OOO...OOO.." },
};

static void draw(const board *b, int generation)
{
  static const char *const blocks[] = { " ", "\xe2\x96\x80", "\xe2\x96\x84", "\xe2\x96\x88" };
  char line[WIDTH * 3 + 2];
  int x, y;

  printf("generation %d, %d cells alive\n", generation, population(b));
  for (y = 0; y < HEIGHT; y += 2) {
    size_t length = 0;
    for (x = 0; x < WIDTH; x++) {
      const char *block = blocks[get(b, x, y) | get(b, x, y + 1) << 1];
      memcpy(line + length, block, strlen(block));
      length += strlen(block);
    }
    while (length > 0 && line[length - 1] == ' ')
      length--;
    line[length] = '\0';
    puts(line);
  }
}

int main(int argc, char **argv)
{
  static board boards[2];
  int generations, generation, x, y, frame = 0, current = 0;
  size_t i;

  if (argc < 2 || argc > 3 || (generations = atoi(argv[1])) <= 0) {
    fprintf(stderr, "usage: life GENERATIONS [FRAME_MILLISECONDS]\n");
    return 2;
  }
  if (argc == 3)
    frame = atoi(argv[2]);
  for (i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
    printf("%s at %d, %d\n", patterns[i].name, patterns[i].x, patterns[i].y);
    place(&boards[0], patterns[i].x, patterns[i].y, patterns[i].cells);
  }
  draw(&boards[0], 0);
  for (generation = 1; generation <= generations; generation++) {
    board *now = &boards[current], *next = &boards[1 - current];
    step(now, next);
    if (generation % 1000 == 1)
      for (y = 0; y < HEIGHT; y++)
        for (x = 0; x < WIDTH; x++)
          if (get(next, x, y) != alive_next(now, x, y)) {
            printf("generation %d is wrong at %d, %d\n", generation, x, y);
            return 1;
          }
    current = 1 - current;
    if (frame > 0) {
      struct timespec pause = { frame / 1000, frame % 1000 * 1000000L };
      printf("\033[H\033[2J");
      draw(next, generation);
      fflush(stdout);
      nanosleep(&pause, NULL);
    }
  }
  draw(&boards[current], generations);
  printf("hash %016llx\n", (unsigned long long)hash(&boards[current]));
  return 0;
}
