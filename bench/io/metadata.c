/*
 * Creates, stats and unlinks FILES files below DIRECTORY, again and again for MILLISECONDS. Prints a line for each of the
 * three: its name, how many were done, and the nanoseconds of CPU time that this program and the process SERVER (0 for
 * none) took for them. With PHASE, a number from 0, that one alone, and once.
 *
 * usage: metadata DIRECTORY FILES MILLISECONDS SERVER [PHASE]
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

/* Of all threads, from the first field of /proc/PID/task/TID/schedstat. */
static double server_time(int pid)
{
	char path[300];
	double total = 0, one;
	struct dirent *entry;

	snprintf(path, sizeof path, "/proc/%d/task", pid);
	DIR *tasks = pid == 0 ? NULL : opendir(path);
	while (tasks != NULL && (entry = readdir(tasks)) != NULL) {
		/* task/.. is the first thread again. */
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pid, entry->d_name);
		FILE *file = fopen(path, "r");
		if (file == NULL)
			continue;
		if (fscanf(file, "%lf", &one) == 1)
			total += one;
		fclose(file);
	}
	if (tasks != NULL)
		closedir(tasks);
	return total;
}

static int create(const char *path)
{
	int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);

	return descriptor < 0 ? -1 : close(descriptor);
}

static int look(const char *path)
{
	struct stat status;

	return stat(path, &status);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*act)(const char *path);
	} phases[] = { { "create", create }, { "stat", look }, { "unlink", unlink } };
	double spent[3] = { 0 };
	long done = 0;
	char path[4096];

	if (argc != 5 && argc != 6)
		return 2;
	int first = argc == 6 ? atoi(argv[5]) : 0;
	int last = argc == 6 ? first : 2;
	int files = atoi(argv[2]);
	int server = atoi(argv[4]);
	double end = now(CLOCK_MONOTONIC) + atoi(argv[3]) * 1e6;
	do {
		for (int phase = first; phase <= last; phase++) {
			double before = server_time(server);
			double begun = now(CLOCK_PROCESS_CPUTIME_ID);
			for (int file = 0; file < files; file++) {
				snprintf(path, sizeof path, "%s/file-%d", argv[1], file);
				if (phases[phase].act(path) != 0) {
					perror(path);
					return 1;
				}
			}
			spent[phase] += now(CLOCK_PROCESS_CPUTIME_ID) - begun + server_time(server) - before;
		}
		done += files;
	} while (argc == 5 && now(CLOCK_MONOTONIC) < end);
	for (int phase = first; phase <= last; phase++)
		printf("%s %ld %.0f\n", phases[phase].name, done, spent[phase]);
	return 0;
}
