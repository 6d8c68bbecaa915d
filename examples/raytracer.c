/* A ray tracer: spheres over a chequered floor, two lights, shadows, reflection and refraction.

   usage: raytracer WIDTH HEIGHT FILE.png

   Writes a PNG (its own deflate with fixed Huffman codes and run-length matches, its own CRC-32) and
   prints the picture's statistics.  Only + - * / and sqrt are used, so every IEEE machine makes the
   same bytes. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- vectors ---------------------------------------------------------------------------------- */

typedef struct {
  double x, y, z;
} vector;

static vector make(double x, double y, double z) { return (vector){ x, y, z }; }
static vector add(vector a, vector b) { return make(a.x + b.x, a.y + b.y, a.z + b.z); }
static vector subtract(vector a, vector b) { return make(a.x - b.x, a.y - b.y, a.z - b.z); }
static vector scale(vector a, double s) { return make(a.x * s, a.y * s, a.z * s); }
static vector blend(vector a, vector b) { return make(a.x * b.x, a.y * b.y, a.z * b.z); }
static double dot(vector a, vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static vector unit(vector a) { return scale(a, 1.0 / sqrt(dot(a, a))); }
static vector mirror(vector d, vector n) { return subtract(d, scale(n, 2.0 * dot(d, n))); }

/* ---- scene ------------------------------------------------------------------------------------ */

typedef struct {
  vector color;
  double diffuse, specular, reflection, transparency;
} material;

typedef struct {
  vector center;
  double radius;
  material surface;
} sphere;

typedef struct {
  vector position, color;
} light;

typedef struct {
  double distance;
  vector point, normal;
  const material *surface;
  material tile; /* the floor's surface depends on the place */
} hit;

static const sphere spheres[] = {
  { { 0.0, 1.0, 0.0 }, 1.0, { { 0.9, 0.2, 0.2 }, 0.7, 0.6, 0.3, 0.0 } },
  { { -2.1, 0.8, 0.6 }, 0.8, { { 0.2, 0.7, 0.3 }, 0.8, 0.3, 0.1, 0.0 } },
  { { 1.9, 0.9, -0.4 }, 0.9, { { 0.9, 0.9, 1.0 }, 0.1, 0.9, 0.1, 0.8 } },
  { { 0.9, 0.4, -1.6 }, 0.4, { { 0.2, 0.4, 0.9 }, 0.8, 0.5, 0.2, 0.0 } },
  { { -0.9, 0.35, -1.5 }, 0.35, { { 1.0, 0.8, 0.2 }, 0.6, 0.9, 0.5, 0.0 } },
  { { 0.3, 2.4, 1.4 }, 0.7, { { 0.8, 0.8, 0.8 }, 0.2, 1.0, 0.7, 0.0 } },
};
static const light lights[] = {
  { { -5.0, 7.0, -6.0 }, { 0.9, 0.9, 0.8 } },
  { { 6.0, 4.0, -3.0 }, { 0.3, 0.3, 0.5 } },
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FAR 1e30
#define NEAR 1e-6

static long rays;

/* Nearest intersection along origin + t * direction, or false. */
static int intersect(vector origin, vector direction, hit *nearest)
{
  size_t i;

  rays++;
  nearest->distance = FAR;
  for (i = 0; i < COUNT(spheres); i++) {
    vector to = subtract(spheres[i].center, origin);
    double along = dot(to, direction);
    double square = along * along - dot(to, to) + spheres[i].radius * spheres[i].radius;
    double root, distance;
    if (square < 0.0)
      continue;
    root = sqrt(square);
    distance = along - root > NEAR ? along - root : along + root;
    if (distance > NEAR && distance < nearest->distance) {
      nearest->distance = distance;
      nearest->point = add(origin, scale(direction, distance));
      nearest->normal = unit(subtract(nearest->point, spheres[i].center));
      nearest->surface = &spheres[i].surface;
    }
  }
  if (direction.y < -NEAR) {
    double distance = -origin.y / direction.y;
    if (distance > NEAR && distance < nearest->distance) {
      int odd;
      nearest->distance = distance;
      nearest->point = add(origin, scale(direction, distance));
      nearest->normal = make(0.0, 1.0, 0.0);
      odd = ((int)(nearest->point.x + 1000.0) + (int)(nearest->point.z + 1000.0)) & 1;
      nearest->tile = (material){ odd ? make(0.8, 0.8, 0.8) : make(0.15, 0.15, 0.2), 0.8, 0.1, 0.15, 0.0 };
      nearest->surface = &nearest->tile;
    }
  }
  return nearest->distance < FAR;
}

static vector sky(vector direction)
{
  double height = direction.y > 0.0 ? direction.y : 0.0;

  return add(scale(make(0.7, 0.8, 1.0), 1.0 - height), scale(make(0.2, 0.4, 0.9), height));
}

static double power(double base, int exponent)
{
  double result = 1.0;

  for (; exponent > 0; exponent >>= 1, base *= base)
    if (exponent & 1)
      result *= base;
  return result;
}

static vector trace(vector origin, vector direction, int depth)
{
  hit at, shadow;
  vector color, direct, normal;
  const material *surface;
  size_t i;
  int inside;

  if (!intersect(origin, direction, &at))
    return sky(direction);
  surface = at.surface;
  inside = dot(direction, at.normal) > 0.0;
  normal = inside ? scale(at.normal, -1.0) : at.normal;
  color = scale(surface->color, 0.12);
  for (i = 0; i < COUNT(lights); i++) {
    vector to = subtract(lights[i].position, at.point);
    double distance = sqrt(dot(to, to)), cosine, shine;
    to = scale(to, 1.0 / distance);
    cosine = dot(normal, to);
    if (cosine <= 0.0)
      continue;
    if (intersect(add(at.point, scale(normal, 1e-5)), to, &shadow) && shadow.distance < distance) {
      if (shadow.surface->transparency == 0.0)
        continue;
      cosine *= shadow.surface->transparency * 0.7;
    }
    direct = blend(surface->color, lights[i].color);
    color = add(color, scale(direct, surface->diffuse * cosine));
    shine = dot(mirror(direction, normal), to);
    if (shine > 0.0)
      color = add(color, scale(lights[i].color, surface->specular * power(shine, 40)));
  }
  if (depth > 0 && surface->reflection > 0.0) {
    vector bounced = trace(add(at.point, scale(normal, 1e-5)), unit(mirror(direction, normal)), depth - 1);
    color = add(color, scale(bounced, surface->reflection));
  }
  if (depth > 0 && surface->transparency > 0.0) {
    double eta = inside ? 1.5 : 1.0 / 1.5;
    double cosine = -dot(direction, normal);
    double square = 1.0 - eta * eta * (1.0 - cosine * cosine);
    if (square > 0.0) {
      vector bent = add(scale(direction, eta), scale(normal, eta * cosine - sqrt(square)));
      vector behind = trace(subtract(at.point, scale(normal, 1e-5)), unit(bent), depth - 1);
      color = add(color, scale(behind, surface->transparency));
    }
  }
  return color;
}

/* ---- PNG (RFC 2083, 1950, 1951) --------------------------------------------------------------- */

static uint32_t crc_table[256];

static uint32_t crc32(uint32_t crc, const unsigned char *data, size_t size)
{
  uint32_t n, bit;

  if (crc_table[1] == 0)
    for (n = 0; n < 256; n++) {
      uint32_t value = n;
      for (bit = 0; bit < 8; bit++)
        value = value & 1 ? 0xedb88320u ^ value >> 1 : value >> 1;
      crc_table[n] = value;
    }
  for (crc = ~crc; size > 0; size--)
    crc = crc_table[(crc ^ *data++) & 0xff] ^ crc >> 8;
  return ~crc;
}

typedef struct {
  unsigned char *data;
  size_t size, room;
  uint32_t bits;
  int bit_count;
} stream;

static void put_byte(stream *out, unsigned value)
{
  if (out->size == out->room) {
    out->room = out->room ? out->room * 2 : 4096;
    out->data = realloc(out->data, out->room);
    if (out->data == NULL)
      abort();
  }
  out->data[out->size++] = (unsigned char)value;
}

static void put_big_endian(stream *out, uint32_t value)
{
  int shift;

  for (shift = 24; shift >= 0; shift -= 8)
    put_byte(out, value >> shift & 0xff);
}

static void put_bits(stream *out, uint32_t value, int count)
{
  out->bits |= value << out->bit_count;
  out->bit_count += count;
  while (out->bit_count >= 8) {
    put_byte(out, out->bits & 0xff);
    out->bits >>= 8;
    out->bit_count -= 8;
  }
}

/* Huffman codes are packed from their most significant bit. */
static void put_code(stream *out, uint32_t code, int length)
{
  uint32_t reversed = 0;
  int i;

  for (i = 0; i < length; i++)
    reversed |= (code >> i & 1) << (length - 1 - i);
  put_bits(out, reversed, length);
}

static void put_symbol(stream *out, unsigned symbol)
{
  if (symbol < 144)
    put_code(out, 0x30 + symbol, 8);
  else if (symbol < 256)
    put_code(out, 0x190 + symbol - 144, 9);
  else if (symbol < 280)
    put_code(out, symbol - 256, 7);
  else
    put_code(out, 0xc0 + symbol - 280, 8);
}

/* One block of fixed codes whose only matches repeat the pixel before (distance 3). */
static void deflate_runs(stream *out, const unsigned char *data, size_t size)
{
  static const unsigned short base[] = { 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258 };
  static const unsigned char extra[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0 };
  uint32_t low = 1, high = 0;
  size_t i, length;
  unsigned code;

  put_byte(out, 0x78);
  put_byte(out, 0x01);
  put_bits(out, 3, 3);
  for (i = 0; i < size;) {
    length = 0;
    if (i >= 3)
      while (length < 258 && i + length < size && data[i + length] == data[i + length - 3])
        length++;
    if (length < 3) {
      put_symbol(out, data[i++]);
      continue;
    }
    for (code = 28; base[code] > length; code--)
      ;
    put_symbol(out, 257 + code);
    put_bits(out, (uint32_t)length - base[code], extra[code]);
    put_code(out, 2, 5);
    i += length;
  }
  put_symbol(out, 256);
  put_bits(out, 0, 7);
  for (i = 0; i < size; i++) {
    low = (low + data[i]) % 65521;
    high = (high + low) % 65521;
  }
  put_big_endian(out, high << 16 | low);
}

static void put_chunk(stream *png, const char *type, const unsigned char *data, size_t size)
{
  size_t start;

  put_big_endian(png, (uint32_t)size);
  start = png->size;
  while (*type)
    put_byte(png, (unsigned char)*type++);
  while (size-- > 0)
    put_byte(png, *data++);
  put_big_endian(png, crc32(0, png->data + start, png->size - start));
}

static stream encode_png(const unsigned char *rows, unsigned width, unsigned height)
{
  static const unsigned char signature[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
  stream png = { 0 }, header = { 0 }, body = { 0 };
  size_t i;

  for (i = 0; i < sizeof signature; i++)
    put_byte(&png, signature[i]);
  put_big_endian(&header, width);
  put_big_endian(&header, height);
  put_byte(&header, 8);
  put_byte(&header, 2);
  put_byte(&header, 0);
  put_byte(&header, 0);
  put_byte(&header, 0);
  put_chunk(&png, "IHDR", header.data, header.size);
  deflate_runs(&body, rows, (size_t)height * (1 + 3 * (size_t)width));
  put_chunk(&png, "IDAT", body.data, body.size);
  put_chunk(&png, "IEND", NULL, 0);
  free(header.data);
  free(body.data);
  return png;
}

/* ---- main ------------------------------------------------------------------------------------- */

static unsigned char channel(double value)
{
  value = value < 0.0 ? 0.0 : value > 1.0 ? 1.0 : sqrt(value); /* gamma 2 */
  return (unsigned char)(value * 255.0 + 0.5);
}

int main(int argc, char **argv)
{
  unsigned width, height, x, y, sample;
  unsigned long sums[3] = { 0, 0, 0 };
  unsigned char *rows, *cell;
  vector eye = make(0.0, 2.2, -7.0);
  stream png;
  FILE *file;

  if (argc != 4 || (width = (unsigned)atoi(argv[1])) == 0 || (height = (unsigned)atoi(argv[2])) == 0) {
    fprintf(stderr, "usage: raytracer WIDTH HEIGHT FILE.png\n");
    return 2;
  }
  cell = rows = malloc((size_t)height * (1 + 3 * (size_t)width));
  if (rows == NULL)
    return 1;
  for (y = 0; y < height; y++) {
    *cell++ = 0; /* no filter */
    for (x = 0; x < width; x++) {
      vector color = make(0.0, 0.0, 0.0);
      for (sample = 0; sample < 4; sample++) {
        double sx = x + (sample & 1 ? 0.75 : 0.25), sy = y + (sample & 2 ? 0.75 : 0.25);
        vector direction = make((sx - width / 2.0) / height * 1.3, (height / 2.0 - sy) / height * 1.3 - 0.15, 1.6);
        color = add(color, scale(trace(eye, unit(direction), 4), 0.25));
      }
      sums[0] += *cell++ = channel(color.x);
      sums[1] += *cell++ = channel(color.y);
      sums[2] += *cell++ = channel(color.z);
    }
  }
  png = encode_png(rows, width, height);
  file = fopen(argv[3], "wb");
  if (file == NULL || fwrite(png.data, 1, png.size, file) != png.size || fclose(file) != 0) {
    perror(argv[3]);
    return 1;
  }
  printf("%ux%u pixels, %ld rays\n", width, height, rays);
  printf("mean color %.3f %.3f %.3f\n", sums[0] / 255.0 / width / height, sums[1] / 255.0 / width / height,
         sums[2] / 255.0 / width / height);
  printf("PNG of %lu bytes, CRC-32 %08x\n", (unsigned long)png.size, (unsigned)crc32(0, png.data, png.size));
  free(png.data);
  free(rows);
  return 0;
}
