# Sourced by the scripts beside it: a table of 400 rows, and an UPDATE of all of them.

# make_table FILE JOURNAL_MODE
make_table() {
  sqlite3 "$1" "PRAGMA journal_mode=$2; CREATE TABLE t(x); CREATE INDEX i ON t(x);
    WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 400)
    INSERT INTO t SELECT printf('%050d', i) FROM c" > /dev/null
}
update="UPDATE t SET x = printf('%050d', x + 1)"
