#!/bin/sh
# git.sh [all]: a commit, with Git's own choice of what to sync, or with core.fsync=all.
. "$(dirname "$0")/setup.sh"
export GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000' GIT_CONFIG_GLOBAL=/dev/null
g="git -C $volume -c user.name=a -c user.email=a@b -c gc.auto=0"
git init --quiet "$volume"
echo one > "$volume/file"
$g add file && $g commit --quiet -m one
echo two > "$volume/file"
# All that HEAD reaches can be read, and it is the second commit once git has ended.
check="$g log -p HEAD > /dev/null && test \$($g rev-list --count HEAD) -ge \$((1\${ORDEAL_ENDED:+ + 1}))"
cut_power ordered "$check" $g ${1:+-c core.fsync=$1} commit --quiet -a -m two
