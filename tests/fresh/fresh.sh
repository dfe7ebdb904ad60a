#!/bin/sh
# Prove the README's commands on a system that has nothing: Debian 12's minimal
# base with gcc and make, and this repository's last commit.
#
#   tests/fresh/fresh.sh [COMMAND...]     default: the README's two
#
# By hand (make test-fresh): it needs root and some 15 minutes, and downloads
# everything again. The system is built in a temporary folder and removed.
set -eu

die() {
    echo "test-fresh: $*" >&2
    exit 1
}

# The machine's own mirror, as tests/rig finds it.
find_mirror() {
    python3 -c 'import sys; sys.path.insert(0, "tests/rig")
import fetch; print(fetch.find_mirror())'
}

# $1: command line, run in the fresh system's copy of the repository. Its own
# process namespace: whatever the command leaves running dies with it.
inside() {
    echo "test-fresh: $1" >&2
    unshare --mount --pid --fork --kill-child sh -c '
        mount -t proc proc "$1/proc"
        mount --rbind /dev "$1/dev"
        exec chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
            HOME=/root TERM=dumb sh -c "cd /root/vmbare && $2"' \
        sh "$root" "$1"
}

cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] || die "must be root (debootstrap, chroot)"
[ $# -gt 0 ] || set -- 'make run' 'make test'

root=$(mktemp -d /var/tmp/vmbare-fresh.XXXXXX)
trap 'rm -rf --one-file-system "$root"' EXIT
trap 'exit 130' INT TERM HUP

echo "test-fresh: debootstrap into $root" >&2
debootstrap --variant=minbase --include=gcc,make bookworm "$root" \
    "$(find_mirror)" >"$root.log" 2>&1 || {
    tail -n 20 "$root.log" >&2
    die "debootstrap failed, see $root.log"
}
rm -f "$root.log"
cp /etc/resolv.conf "$root/etc/resolv.conf"
mkdir "$root/root/vmbare"
git archive HEAD | tar -x -C "$root/root/vmbare"

for command in "$@"; do
    inside "$command" || die "failed: $command"
done
echo "test-fresh: all commands work on a fresh system" >&2
