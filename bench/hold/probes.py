# Usage: probes.py VOLUME SHARED. Two processes that see a volume: one has a file open and notices how long it stood still, the
# other one uses the volume by path and notices how long a call took. Each keeps its longest time in seconds in SHARED, two
# doubles, until somebody writes 0 there.
import mmap, os, struct, sys, time

volume, shared = sys.argv[1:]
longest = mmap.mmap(os.open(shared, os.O_RDWR), 16)
PAUSE = 0.0002


def note(offset, seconds):
    if seconds > struct.unpack_from("d", longest, offset)[0]:
        struct.pack_into("d", longest, offset, seconds)


def use_path(path):
    os.stat(path)
    os.close(os.open(path, os.O_RDONLY))


path = volume + "/file"
open(path, "w").close()
if os.fork() == 0:
    while os.getppid() != 1:
        begun = time.monotonic()
        use_path(path)
        note(8, time.monotonic() - begun)
        time.sleep(PAUSE)
    os._exit(0)
file = open(path, "r+")
print("open", flush=True)
before = time.monotonic()
while True:
    time.sleep(PAUSE)
    now = time.monotonic()
    note(0, now - before - PAUSE)
    before = now
