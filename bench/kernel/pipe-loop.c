// Turns of pipe(); close(); close(), each a handful of slab allocations: prints nanoseconds of CLOCK_MONOTONIC a turn.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv) {
  long turns = argc > 1 ? atol(argv[1]) : 1000;
  int fds[2];
  for (int warm = 0; warm < 100; warm++)
    if (!pipe(fds)) close(fds[0]), close(fds[1]);
  double start = now();
  for (long i = 0; i < turns; i++)
    if (!pipe(fds)) close(fds[0]), close(fds[1]);
  printf("%.1f\n", (now() - start) / turns);
  return 0;
}
