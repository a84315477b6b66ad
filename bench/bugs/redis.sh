#!/bin/sh
# redis.sh [everysec|always]: ten SETs on a server of Redis with an append-only file, each reported when it is acknowledged.
. "$(dirname "$0")/setup.sh"
command -v redis-server > /dev/null || apt-get install --yes --quiet --no-install-recommends redis-server > /dev/null
cat > "$volume.sh" <<'END'
# serve VOLUME FSYNC COMMAND: runs the command while the server runs, with redis-cli as $cli
set -eu
socket=$1.run
cli="redis-cli -s $socket"
redis-server --dir "$1" --port 0 --unixsocket "$socket" --save '' --appendonly yes --appendfsync "$2" > /dev/null &
server=$!
# Also where the command fails.
trap 'kill $server 2> /dev/null || :' EXIT
until $cli ping > /dev/null 2>&1; do kill -0 $server; sleep 0.01; done
eval "$3"
$cli shutdown nosave
wait
END
sh "$volume.sh" "$volume" always true
set_ten='for n in 1 2 3 4 5 6 7 8 9 10; do $cli set key$n value$n > /dev/null && echo $n; done'
# All that was acknowledged is there when the server starts again.
check="export said=\$(tail -n 1); sh $volume.sh $volume always 'test \$(\$cli dbsize) -ge \${said:-0}'"
cut_power ordered "$check" sh "$volume.sh" "$volume" "${1:-everysec}" "$set_ten"
