#!/bin/sh
# sqlite.sh OFF|NORMAL|FULL|EXTRA [delete|truncate|persist|wal]: an UPDATE of many pages under that PRAGMA synchronous and
# journal_mode.
. "$(dirname "$0")/setup.sh"
. "$here/sqlite-update.sh"
mode=${2:-delete}
make_table "$volume/t.db" "$mode"
# Old or new as a whole; new once the command has ended.
check="case \$ORDEAL_ENDED\$(sqlite3 $volume/t.db 'PRAGMA integrity_check; SELECT sum(x) FROM t' | tr '\\n' -)
  in ok-80200- | ok-80600- | 1ok-80600-);; *) exit 1; esac"
cut_power ordered "$check" sqlite3 "$volume/t.db" "PRAGMA journal_mode=$mode; PRAGMA synchronous=${1:-OFF}; $update"
