#!/usr/bin/env bash
# Both commands of the README from a clean clone in a bare Debian 12 root with only git, python3 and python3-venv added.
#
#   tests/system/bare_debian.sh FOLDER [demo|test|both]
#
# Needs root, debootstrap and 6 GB. FOLDER keeps the root (FOLDER/root); one that is there is used again, the clone is
# made anew. Registry settings, certificates and name resolution of this machine are copied into the root, so that it
# reaches what this machine reaches. Prints how long each command took, and leaves the pictures in FOLDER/pictures.
set -euo pipefail

folder=$(mkdir -p "$1" && cd "$1" && pwd)
what=${2:-both}
project=$(cd "$(dirname "$0")/../.." && pwd)
root=$folder/root

if [ ! -e "$root/usr/bin/python3" ]; then
    debootstrap --variant=minbase --include=git,python3,python3-venv,ca-certificates bookworm "$root"
fi

copy() { # what this machine is set up with, as it is
    for path in "$@"; do
        [ -e "$path" ] || continue
        mkdir -p "$root$(dirname "$path")"
        cp -LT --remove-destination "$path" "$root$path"
    done
}
copy /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/ssl/certs/ca-certificates.crt /etc/apt/sources.list
for path in /etc/apt/apt.conf.d/* /etc/apt/sources.list.d/*; do
    if grep -qE 'Acquire|bookworm' "$path"; then copy "$path"; fi
done
# Local folders that pip's configuration names are lent, not copied: they may be large.
lent=$(python3 -m pip config list 2>/dev/null | tr "'= " '\n' | sed -n 's,^\(file://\)\?\(/.*\),\2,p' | sort -u | grep -v '^/etc/' || true)

unmount() {
    for point in dev sys proc $lent; do
        if mountpoint -q "$root/$point"; then umount -l "$root/$point"; fi
    done
    return 0
}
trap unmount EXIT
unmount
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys" 2>/dev/null || mount -t sysfs sys "$root/sys"
mount --bind /dev "$root/dev"
for path in $lent; do
    if [ -d "$path" ]; then mkdir -p "$root/$path" && mount --bind -o ro "$path" "$root/$path"; fi
done

rm -rf "$root/root/tradepit" "$folder/clone.git"
git clone --quiet --bare --no-hardlinks "$project" "$folder/clone.git"
rm -rf "$root/root/clone.git"
cp -a "$folder/clone.git" "$root/root/clone.git"

inside() { # a fresh root shell that knows no more than what was copied
    env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 CI=true \
        $(env | grep -E '^(PIP_|SSL_CERT|REQUESTS_CA)' | tr '\n' ' ') \
        chroot "$root" /bin/sh -euc "cd /root && $1" </dev/null
}

inside 'git clone --quiet clone.git tradepit'
status=0
if [ "$what" != test ]; then
    for round in first second; do
        began=$(date +%s)
        inside 'cd tradepit && python3 -m installer demo --offscreen --seconds 20 --screenshot pictures' || status=1
        echo "bare debian: the $round demo took $(($(date +%s) - began)) s of which 20 were asked for"
    done
    rm -rf "$folder/pictures"
    cp -a "$root/root/tradepit/pictures" "$folder/pictures" || status=1
fi
if [ "$what" != demo ]; then
    began=$(date +%s)
    inside 'cd tradepit && python3 -m installer test' || status=1
    echo "bare debian: the tests took $(($(date +%s) - began)) s"
fi
exit $status
