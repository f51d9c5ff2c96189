#!/usr/bin/env bash
# Installs the packages of a folder in a Debian of their own, with its real dpkg and with rpm, upgrades, starts and removes them, and checks what is there
# after each step. Nothing of this machine is changed.
#
#   tools/install-packages.sh PACKAGES ROOT    the folder of the packages; where the Debian is made, once
set -euo pipefail

packages=$(realpath "$1") root=$2
deb=$(ls "$packages"/*_"$(dpkg --print-architecture)".deb) rpm=$(ls "$packages"/*."$(uname -m)".rpm)
sudo=()
((EUID == 0)) || sudo=(sudo -n)

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# inside runs a command in that Debian.
inside() { "${sudo[@]}" chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }

# service is how a command is run there as the unit does it, with the unit's user.
service=("${sudo[@]}" chroot --userspec=zhaohuo:zhaohuo "$root" /usr/bin/env -i PATH=/usr/bin:/bin ZHAOHUO_LAME_DUCK=0s zhaohuo)

# expect compares what a command there prints with a text.
expect() {
    local want=$1 got
    shift
    got=$(inside "$@") || fail "$*: failed"
    [[ $got == "$want" ]] || fail "$*: \"$got\" instead of \"$want\""
}

# check_installed: the user, what may be read by whom, and a service that starts and is healthy.
check_installed() {
    expect 'zhaohuo:/var/lib/zhaohuo' sh -c 'getent passwd zhaohuo | cut -d: -f1,6'
    expect '640 root zhaohuo' stat -c '%a %U %G' /etc/zhaohuo/zhaohuo.env
    expect '644 root root' stat -c '%a %U %G' /etc/zhaohuo/zhaohuo.yaml
    inside zhaohuo --version
    # systemd makes this folder when it starts the unit.
    inside install -d -m 0700 -o zhaohuo -g zhaohuo /var/lib/zhaohuo
    local log=$root.log health=1
    "${service[@]}" serve --config=/etc/zhaohuo/zhaohuo.yaml --data-dir=/var/lib/zhaohuo --grpc-addr=127.0.0.1:0 --http-addr=127.0.0.1:0 \
        --ops-addr=127.0.0.1:19464 >"$log" 2>&1 &
    local running=$!
    for _ in $(seq 100); do
        if "${service[@]}" health --addr=127.0.0.1:19464 >/dev/null 2>&1; then
            health=0
            break
        fi
        sleep 0.2
    done
    "${sudo[@]}" kill -TERM "$running"
    wait "$running" || { cat "$log"; fail 'the installed service did not stop with 0'; }
    ((health == 0)) || { cat "$log"; fail 'the installed service is not healthy'; }
}

# check_gone: what the package brought is not there any more.
check_gone() {
    local path
    for path in /usr/bin/zhaohuo /usr/lib/systemd/system/zhaohuo.service /usr/share/man/man1/zhaohuo.1.gz; do
        [[ ! -e $root$path ]] || fail "$path is left after the removal"
    done
}

if [[ ! -e $root/.complete ]]; then
    # The machine's own release, from where it gets its packages.
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    # shellcheck disable=SC2016
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' | awk -v name="$codename" '$2 == name { print $1; exit }')
    "${sudo[@]}" rm -rf "$root"
    "${sudo[@]}" debootstrap --variant=minbase --include=systemd "$codename" "$root" "$mirror"
    "${sudo[@]}" touch "$root/.complete"
fi
"${sudo[@]}" cp "$deb" "$root/zhaohuo.deb"

echo '== install the package for Debian'
inside dpkg --install /zhaohuo.deb
check_installed
echo '== install it once more, as an upgrade: changed settings stay'
inside sh -c 'echo "# mine" >> /etc/zhaohuo/zhaohuo.yaml'
inside dpkg --install /zhaohuo.deb
check_installed
expect '# mine' tail -n 1 /etc/zhaohuo/zhaohuo.yaml
echo '== remove it: settings stay; purge it: they do not'
inside dpkg --remove zhaohuo
check_gone
expect '# mine' tail -n 1 /etc/zhaohuo/zhaohuo.yaml
inside dpkg --purge zhaohuo
[[ ! -e $root/etc/zhaohuo ]] || fail 'settings are left after the purge'
# The data stays, and so does its owner.
expect 'zhaohuo' stat -c %U /var/lib/zhaohuo

echo '== the same with the package for Red Hat: its database, scripts and files'
inside userdel zhaohuo
"${sudo[@]}" rm -rf "$root/var/lib/zhaohuo" "$root/var/lib/rpm" "$root/usr/lib/sysimage/rpm"
"${sudo[@]}" rpm --root "$(realpath "$root")" --initdb
# This Debian's packages are not in that database, so what they provide is not known.
"${sudo[@]}" rpm --root "$(realpath "$root")" --install --nodeps "$rpm"
check_installed
inside sh -c 'echo "# mine" >> /etc/zhaohuo/zhaohuo.yaml'
"${sudo[@]}" rpm --root "$(realpath "$root")" --upgrade --replacepkgs --nodeps "$rpm"
check_installed
expect '# mine' tail -n 1 /etc/zhaohuo/zhaohuo.yaml
"${sudo[@]}" rpm --root "$(realpath "$root")" --erase --nodeps zhaohuo
check_gone
expect '# mine' tail -n 1 /etc/zhaohuo/zhaohuo.yaml.rpmsave
inside userdel zhaohuo
"${sudo[@]}" rm -rf "$root/var/lib/zhaohuo" "$root/etc/zhaohuo" "$root/zhaohuo.deb"
echo 'both packages can be installed, upgraded and removed'
