/* Integer, matrix: all shortest paths (Floyd 1962), then Dijkstra with a binary heap to compare. */
#include <stdio.h>

enum { N = 420, FAR = 1 << 28 };
static int edge[N][N], path[N][N], heap[N * N + 1][2];

static void dijkstra(int source, int *distance)
{
  int size = 0;

  for (int i = 0; i < N; i++)
    distance[i] = FAR;
  distance[source] = 0;
  heap[++size][0] = 0;
  heap[size][1] = source;
  while (size > 0) {
    int cost = heap[1][0], from = heap[1][1], i = 1, child;
    int last = heap[size][0], last_node = heap[size][1];
    size--;
    while ((child = 2 * i) <= size) {
      if (child < size && heap[child + 1][0] < heap[child][0])
        child++;
      if (last <= heap[child][0])
        break;
      heap[i][0] = heap[child][0];
      heap[i][1] = heap[child][1];
      i = child;
    }
    heap[i][0] = last;
    heap[i][1] = last_node;
    if (cost > distance[from])
      continue;
    for (int to = 0; to < N; to++)
      if (edge[from][to] < FAR && cost + edge[from][to] < distance[to]) {
        distance[to] = cost + edge[from][to];
        for (i = ++size; i > 1 && heap[i / 2][0] > distance[to]; i /= 2) {
          heap[i][0] = heap[i / 2][0];
          heap[i][1] = heap[i / 2][1];
        }
        heap[i][0] = distance[to];
        heap[i][1] = to;
      }
  }
}

int main(void)
{
  unsigned seed = 23, sum = 0;
  int distance[N];

  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) {
        seed = seed * 1103515245u + 12345u;
        path[i][j] = edge[i][j] = i == j ? 0 : (seed >> 16) % 10 < 3 ? (int)(seed >> 20) + 1 : FAR;
      }
    for (int k = 0; k < N; k++)
      for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
          if (path[i][k] + path[k][j] < path[i][j])
            path[i][j] = path[i][k] + path[k][j];
    for (int i = 0; i < N; i += 10) {
      dijkstra(i, distance);
      for (int j = 0; j < N; j++)
        sum = sum * 31 + (unsigned)path[i][j] + (unsigned)(distance[j] != path[i][j]);
    }
  }
  printf("%u\n", sum);
  return 0;
}
