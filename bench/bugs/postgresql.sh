#!/bin/sh
# postgresql.sh [off]: four INSERTs on a server of PostgreSQL, each reported when it is committed, with that fsync.
. "$(dirname "$0")/setup.sh"
[ -d /usr/lib/postgresql ] || apt-get install --yes --quiet --no-install-recommends postgresql > /dev/null
export bin=$(echo /usr/lib/postgresql/*/bin)
# It refuses to run as root.
chown postgres "$volume"
as_postgres="runuser -u postgres --"
cat > "$volume.sh" <<'END'
# serve VOLUME FSYNC STOP COMMAND: runs the command while the server runs, with psql as $sql, and ends the server with the
# signal STOP: INT writes a checkpoint, QUIT does not
set -eu
export PGHOST="$1.run" PGDATABASE=postgres
# A new boot: no server is there any more.
rm -rf "$PGHOST" "$1/postmaster.pid"
mkdir "$PGHOST"
sql='psql --quiet --no-psqlrc --tuples-only --no-align --command'
"$bin/postgres" -D "$1" -c listen_addresses= -c unix_socket_directories="$PGHOST" -c fsync="$2" > "$PGHOST/log" 2>&1 &
server=$!
# Also where the command fails.
trap 'kill -$3 $server 2> /dev/null && wait $server || :' EXIT
until $sql 'SELECT 1' > /dev/null 2>&1; do
  kill -0 $server 2> /dev/null || { cat "$PGHOST/log"; exit 1; }
  sleep 0.02
done
eval "$4"
END
chmod 755 "$volume.sh"
cd /
$as_postgres "$bin/initdb" --auth=trust --no-sync --wal-segsize=1 -D "$volume" > /dev/null
serve="$as_postgres sh $volume.sh $volume"
$serve on INT '$sql "CREATE TABLE t(n int PRIMARY KEY, x text)"'
insert="for n in 1 2 3 4; do \$sql \"INSERT INTO t VALUES (\$n, repeat('x', 2000))\" && echo \$n; done"
# All that was committed is there when the server starts again, by the index.
count="SET enable_seqscan = off; SELECT count(*) FROM t WHERE n > 0 AND length(x) = 2000"
check="export said=\$(tail -n 1); $serve on QUIT 'test \$(\$sql \"$count\") -ge \${said:-0}'"
LIMIT=${LIMIT:-60s}
cut_power ordered "$check" $serve "${1:-on}" QUIT "$insert"
