#!/bin/sh
# leveldb.sh [nosync]: writes to LevelDB 1.23 (plyvel 1.5.1, PyPI), each with sync=True, or with its default.
. "$(dirname "$0")/setup.sh"
python_with plyvel==1.5.1
cat > "$volume.py" <<'END'
import sys, plyvel
mode, path, least = sys.argv[1:4]
db = plyvel.DB(path, create_if_missing=True, write_buffer_size=65536)
if mode == "check":
    pairs = list(db)
    whole = all(value == key * 3000 for key, value in pairs)
    sys.exit(0 if whole and len(pairs) >= int(least) else 1)
for n in range(int(least), int(least) + 12):
    key = b"%03d" % n
    db.put(key, key * 3000, sync=mode == "sync")
    print(n + 1, flush=True)
END
"$python" "$volume.py" sync "$volume" 0 > /dev/null
cut_power ordered "said=\$(tail -n 1); $python $volume.py check $volume \${said:-12}" \
  "$python" "$volume.py" "${1:-sync}" "$volume" 12
