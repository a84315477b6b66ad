#!/bin/sh
# sqlite.sh OFF|NORMAL|FULL|EXTRA: an UPDATE of many pages under that PRAGMA synchronous.
. "$(dirname "$0")/setup.sh"
sqlite3 "$volume/t.db" "CREATE TABLE t(x); CREATE INDEX i ON t(x);
  WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 400)
  INSERT INTO t SELECT printf('%050d', i) FROM c"
# Old or new as a whole; new once the command has ended.
check="case \$ORDEAL_ENDED\$(sqlite3 $volume/t.db 'PRAGMA integrity_check; SELECT sum(x) FROM t' | tr '\\n' -)
  in ok-80200- | ok-80600- | 1ok-80600-);; *) exit 1; esac"
cut_power ordered "$check" sqlite3 "$volume/t.db" \
  "PRAGMA synchronous=${1:-OFF}; UPDATE t SET x = printf('%050d', x + 1)"
