#!/bin/sh
# sqlite-ext4.sh FULL|EXTRA [delete|truncate|persist|wal]: the same UPDATE on ext4 in a file, without Ordeal; then what its disk
# holds at once after the end, as after a power failure that loses nothing that was written.
[ "${ORDEAL_BUGS_MOUNTS:-}" ] || exec env ORDEAL_BUGS_MOUNTS=1 unshare --mount --propagation private "$0" "$@"
. "$(dirname "$0")/setup.sh"
. "$here/sqlite-update.sh"
mkdir "$volume/disk"
truncate -s 64M "$volume/image"
mkfs.ext4 -q "$volume/image"
mount -o loop "$volume/image" "$volume/disk"
make_table "$volume/disk/t.db" "${2:-delete}"
sync
sqlite3 "$volume/disk/t.db" "PRAGMA journal_mode=${2:-delete}; PRAGMA synchronous=${1:-FULL}; $update" > /dev/null
cp "$volume/image" "$volume/crash"
umount "$volume/disk"
mount -o loop "$volume/crash" "$volume/disk"
sum=$(sqlite3 "$volume/disk/t.db" 'SELECT sum(x) FROM t')
umount "$volume/disk"
[ "$sum" = 80600 ] && echo "committed" || { echo "the commit is undone: sum $sum instead of 80600"; exit 1; }
