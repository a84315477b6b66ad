// Opens a file of each directory in turn, at a rate: open-loop RATE DIRECTORY... Prints the opens that failed, each second.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  double rate = atof(argv[1]);
  char path[4096];
  double begun = now(), told = begun;
  long done = 0, failed = 0;
  for (;;) {
    double at = now();
    // What could not be done in its second is left out.
    if (at - begun >= 1) begun = at, done = 0;
    if (done >= rate * (at - begun)) {
      usleep(500);
    } else {
      snprintf(path, sizeof path, "%s/file", argv[2 + done++ % (argc - 2)]);
      int fd = open(path, O_RDONLY);
      if (fd < 0) failed++;
      else close(fd);
    }
    if (at - told >= 1) {
      printf("%ld\n", failed);
      fflush(stdout);
      told = at, failed = 0;
    }
  }
}
