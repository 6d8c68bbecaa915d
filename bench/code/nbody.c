/* Double, structures: gravitation of five bodies with the leapfrog method. */
#include <math.h>
#include <stdio.h>

typedef struct {
  double x, y, z, vx, vy, vz, mass;
} body;

static body bodies[] = {
  { 0, 0, 0, 0, 0, 0, 39.47841760435743 },
  { 4.841431, -1.160320, -0.103622, 0.606326, 2.811987, -0.025218, 0.0376937 },
  { 8.343367, 4.124799, -0.403523, -1.010774, 1.825662, 0.008416, 0.0112863 },
  { 12.894370, -15.111151, -0.223308, 1.082791, 0.868713, -0.010833, 0.0017237 },
  { 15.379697, -25.919315, 0.179259, 0.979091, 0.594699, -0.034756, 0.0020337 },
};
enum { COUNT = sizeof bodies / sizeof *bodies };

static void advance(body *b, double step)
{
  for (int i = 0; i < COUNT; i++)
    for (int j = i + 1; j < COUNT; j++) {
      double dx = b[i].x - b[j].x, dy = b[i].y - b[j].y, dz = b[i].z - b[j].z;
      double square = dx * dx + dy * dy + dz * dz;
      double force = step / (square * sqrt(square));
      b[i].vx -= dx * b[j].mass * force;
      b[i].vy -= dy * b[j].mass * force;
      b[i].vz -= dz * b[j].mass * force;
      b[j].vx += dx * b[i].mass * force;
      b[j].vy += dy * b[i].mass * force;
      b[j].vz += dz * b[i].mass * force;
    }
  for (int i = 0; i < COUNT; i++) {
    b[i].x += step * b[i].vx;
    b[i].y += step * b[i].vy;
    b[i].z += step * b[i].vz;
  }
}

static double energy(const body *b)
{
  double sum = 0;

  for (int i = 0; i < COUNT; i++) {
    sum += 0.5 * b[i].mass * (b[i].vx * b[i].vx + b[i].vy * b[i].vy + b[i].vz * b[i].vz);
    for (int j = i + 1; j < COUNT; j++) {
      double dx = b[i].x - b[j].x, dy = b[i].y - b[j].y, dz = b[i].z - b[j].z;
      sum -= b[i].mass * b[j].mass / sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  return sum;
}

int main(void)
{
  printf("%.9f\n", energy(bodies));
  for (int i = 0; i < 2500000; i++)
    advance(bodies, 0.01);
  printf("%.9f\n", energy(bodies));
  return 0;
}
