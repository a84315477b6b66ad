#!/bin/sh
# lmdb.sh [nosync]: transactions of LMDB (py-lmdb 1.4.1, PyPI), with or without MDB_NOSYNC.
. "$(dirname "$0")/setup.sh"
python_with lmdb==1.4.1
cat > "$volume.py" <<'END'
import sys, lmdb
mode, path, least = sys.argv[1:4]
env = lmdb.open(path, map_size=1 << 20, sync=mode != "nosync")
if mode == "check":
    with env.begin() as txn:
        pairs = list(txn.cursor())
        whole = all(value == key * 300 for key, value in pairs)
        sys.exit(0 if whole and len(pairs) >= int(least) else 1)
for n in range(int(least), int(least) + 4):
    with env.begin(write=True) as txn:
        for key in (b"%03d" % (n * 3 + i) for i in range(3)):
            txn.put(key, key * 300)
    print((n + 1) * 3, flush=True)
END
"$python" "$volume.py" sync "$volume" 0 > /dev/null
cut_power ordered "said=\$(tail -n 1); $python $volume.py check $volume \${said:-12}" \
  "$python" "$volume.py" "${1:-sync}" "$volume" 4
