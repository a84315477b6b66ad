#!/bin/sh
# tinydb.sh: two inserts into a database of TinyDB 4.8.0 (PyPI), which writes its file anew in place.
. "$(dirname "$0")/setup.sh"
python_with tinydb==4.8.0
insert="import sys, tinydb
db = tinydb.TinyDB(sys.argv[1])
for n in range(2):
    db.insert({'n': n, 'text': 'x' * 2000})
    print(len(db), flush=True)"
read_all="import sys, tinydb
sys.exit(0 if len(tinydb.TinyDB(sys.argv[1])) >= int(sys.argv[2]) else 1)"
"$python" -c "$insert" "$volume/db.json" > /dev/null
check="said=\$(tail -n 1); $python -c '$read_all' $volume/db.json \${said:-2}"
cut_power ordered "$check" "$python" -c "$insert" "$volume/db.json"
