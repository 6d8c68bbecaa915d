/* Structures by value: complex and 3D arithmetic through small functions, particles in a box. */
#include <stdio.h>

typedef struct {
  float x, y, z;
} vector;
typedef struct {
  vector place, speed;
  int bounces;
  unsigned char color[4];
} particle;
typedef struct {
  long p, q;
} fraction;

static vector add(vector a, vector b) { return (vector){ a.x + b.x, a.y + b.y, a.z + b.z }; }
static vector scale(vector a, float s) { return (vector){ a.x * s, a.y * s, a.z * s }; }
static fraction step(fraction f, int k) { return (fraction){ (f.p * k + f.q) % 1000003, (f.q + f.p) % 1000003 }; }

static particle bounce(particle a)
{
  if (a.place.x < 0 || a.place.x > 100) {
    a.speed.x = -a.speed.x;
    a.bounces++;
  }
  if (a.place.y < 0 || a.place.y > 100) {
    a.speed.y = -a.speed.y;
    a.bounces++;
  }
  if (a.place.z < 0 || a.place.z > 100) {
    a.speed.z = -a.speed.z;
    a.bounces++;
  }
  a.color[a.bounces & 3]++;
  return a;
}

int main(void)
{
  static particle box[1000];
  long bounces = 0, colors = 0;
  fraction f = { 1, 1 };
  float sum = 0;

  for (int i = 0; i < 1000; i++)
    box[i] = (particle){ { (float)(i % 100), (float)(i / 10), (float)(i * 7 % 100) },
                         { (float)(i % 13) - 6, (float)(i % 7) - 3, (float)(i % 11) - 5 }, 0, { 0 } };
  for (int round = 0; round < 12000; round++)
    for (int i = 0; i < 1000; i++) {
      box[i].place = add(box[i].place, scale(box[i].speed, 0.125f));
      box[i] = bounce(box[i]);
    }
  for (int i = 0; i < 6000000; i++)
    f = step(f, i & 15);
  for (int i = 0; i < 1000; i++) {
    bounces += box[i].bounces;
    colors += box[i].color[i & 3];
    sum += box[i].place.x + box[i].place.y;
  }
  printf("%ld %ld %.3f %ld/%ld\n", bounces, colors, sum, f.p, f.q);
  return 0;
}
