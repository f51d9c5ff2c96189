#!/usr/bin/env bash
# Checks that everything which building and testing need is installed. It fails with the name of what is missing; it skips nothing.
#
#   tools/require.sh build    Go, as new as go.mod asks
#   tools/require.sh test     Go, and the programs that tests start; Debian packages are installed when that is allowed
#   tools/require.sh page     Go, Node.js, and the packages that the page for people is built from and checked with
#   tools/require.sh bench    Go, and all that is measured with: pictures, stores and browser; installed in the same way
#   tools/require.sh soak     Go, the stores, and the proxy that replicas stand behind
#   tools/require.sh pictures|stores|browser    one of these
#   tools/require.sh clients  the generators of clients/python and clients/typescript
#   tools/require.sh deploy   the quick linters of deploy/
#   tools/require.sh packages the others
#   tools/require.sh typescript  Node.js, and the packages that clients/typescript is built from and checked with
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

require_go() {
    local want have
    want=$(awk '$1 == "go" { print $2; exit }' go.mod)
    command -v go >/dev/null || fail "Go $want or newer is needed and \`go\` is not in PATH: https://go.dev/dl/"
    # Go 1.21 and newer fetch the version that go.mod names by themselves; where that fails, this fails.
    have=$(go env GOVERSION) || fail "Go $want or newer is needed; this \`go\` could not provide it (see above)"
    # "go1.26.8" or "go1.26.8 X:experiment" or "go1.26.8-vendor"
    have=${have#go}
    have=${have%%[ -]*}
    [[ $(printf '%s\n' "$want" "$have" | sort -V | head -n 1) == "$want" ]] ||
        fail "Go $want or newer is needed, this is Go $have ($(command -v go))"
}

# missing_for_bench prints the Debian packages that are missing for any measurement.
missing_for_bench() {
    {
        missing_for_pictures
        missing_for_stores
        missing_for_browser
    } | sort -u
}

# missing_for_pictures prints the Debian packages of pictures, and of the program that they are compared with, that are not there.
missing_for_pictures() {
    missing_photos
    # Photos, backgrounds and 3D models under free licences, on which the likeness of photos is measured.
    [[ -f /usr/share/gcompris-qt/rcc/lang.rcc ]] || echo gcompris-qt-data
    [[ -d /usr/share/sweethome3d/furniture ]] || echo sweethome3d-furniture
    compgen -G '/usr/share/backgrounds/*_by_*.jpg' >/dev/null || echo lomiri-wallpapers-16.04
    [[ -d /usr/share/backgrounds/mate/nature ]] || echo mate-backgrounds
    [[ -d /usr/share/palapeli/collection ]] || echo palapeli-data
    command -v vipsthumbnail >/dev/null || echo libvips-tools
    command -v h2load >/dev/null || echo nghttp2-client
    [[ -x /usr/bin/python3 ]] && /usr/bin/python3 -c 'import PIL' 2>/dev/null || echo python3-pil
}

# missing_photos prints the package of photos under free licences that nobody made for this project.
missing_photos() {
    [[ -d /usr/share/tuxpaint/stamps ]] || echo tuxpaint-stamps-default
}

# missing_for_stores prints the Debian packages of the servers that keep quotas, answers and price watches.
missing_for_stores() {
    command -v redis-server >/dev/null || echo redis-server
    # The server's programs are not in PATH.
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v postgres >/dev/null || echo postgresql
}

# missing_for_soak prints the Debian packages of the servers that the long tests start.
missing_for_soak() {
    missing_for_stores
    command -v nginx >/dev/null || echo nginx-light
}

# missing_for_browser prints the Debian packages of the browser that the page for people is tested and measured in, and of what
# drives it.
missing_for_browser() {
    missing_for_page
    command -v chromium >/dev/null || echo chromium
    # A font with Chinese characters.
    [[ -n $(fc-list ':lang=zh-cn' 2>/dev/null) ]] || printf '%s\n' fontconfig fonts-noto-cjk
}

# missing_for_test prints the Debian packages whose programs are not there.
missing_for_test() {
    # The race detector needs cgo: a C compiler and the C library's headers.
    command -v gcc >/dev/null || echo gcc
    echo '#include <stdlib.h>' | gcc -E - >/dev/null 2>&1 || echo libc6-dev
    command -v python3 >/dev/null && [[ -x /usr/bin/python3 ]] || echo python3
    command -v curl >/dev/null || echo curl
    missing_for_browser
    # Price watches are tested with both of their stores.
    missing_for_stores
    # Pictures are also decoded and encoded by other programs, for comparison.
    missing_photos
    [[ -x /usr/bin/python3 ]] && /usr/bin/python3 -c 'import PIL' 2>/dev/null || echo python3-pil
    command -v cjpeg >/dev/null || echo libjpeg-turbo-progs
    command -v heif-enc >/dev/null || echo libheif-examples
    # The contract is compiled for other languages, and clients in some of them are run.
    missing_for_clients
    command -v jq >/dev/null || echo jq
    command -v ruby >/dev/null && ruby -e 'require "grpc"' 2>/dev/null || echo ruby-grpc
    command -v grpc_java_plugin >/dev/null || echo protobuf-compiler-grpc-java-plugin
    command -v javac >/dev/null || echo default-jdk-headless
    [[ -f /usr/share/java/grpc-netty.jar ]] || echo libgrpc-java
    [[ -f /usr/share/java/netty-codec-http2.jar ]] || echo libnetty-java
    [[ -f /usr/share/java/protobuf.jar ]] || echo libprotobuf-java
    [[ -f /usr/share/java/perfmark-api.jar ]] || echo libperfmark-java
    [[ -f /usr/share/java/geronimo-annotation-1.3-spec.jar ]] || echo libgeronimo-annotation-1.3-spec-java
    [[ -x /usr/bin/python3 ]] && /usr/bin/python3 -c 'import grpc, google.protobuf' 2>/dev/null || printf '%s\n' python3-grpcio python3-protobuf
    command -v avifenc >/dev/null || echo libavif-bin
    # Backups of price watches are made with the programs that operators use.
    command -v sqlite3 >/dev/null || echo sqlite3
    command -v pg_dump >/dev/null && command -v pg_restore >/dev/null || echo postgresql-client
}

# missing_for_clients prints the Debian packages of the generators of clients/python that are not there.
missing_for_clients() {
    command -v protoc >/dev/null || echo protobuf-compiler
    [[ -f /usr/include/google/protobuf/duration.proto ]] || echo libprotobuf-dev
    command -v grpc_python_plugin >/dev/null || echo protobuf-compiler-grpc
}

# missing_for_deploy prints the Debian packages of the quick linters of deploy/ that are not there.
missing_for_deploy() {
    command -v systemd-analyze >/dev/null || echo systemd
}

# missing_for_packages prints those of the others.
missing_for_packages() {
    command -v debootstrap >/dev/null || echo debootstrap
    command -v lintian >/dev/null || echo lintian
    command -v rpm >/dev/null || echo rpm
    command -v shellcheck >/dev/null || echo shellcheck
    command -v yamllint >/dev/null || echo yamllint
}

# require_promtool unpacks promtool out of Debian's package of Prometheus where the machine has none: to install the package would start a
# server.
require_promtool() {
    local at=build/promtool
    command -v promtool >/dev/null || [[ -x $at/usr/bin/promtool ]] && return 0
    command -v apt-get >/dev/null || fail "please install promtool, which is part of Prometheus"
    mkdir -p "$at"
    (cd "$at" && apt-get download -q prometheus) || fail "apt-get could not download the package prometheus"
    dpkg-deb --extract "$at"/prometheus_*.deb "$at" && rm "$at"/prometheus_*.deb
    [[ -x $at/usr/bin/promtool ]] || fail "the package prometheus has no promtool"
}

# prepare_packages has packages start nothing: without the setting, PostgreSQL's would start a server on port 5432. A machine
# where somebody has decided about it is left as it is.
prepare_packages() {
    local setting=/etc/postgresql-common/createcluster.conf
    [[ " $* " == *" postgresql "* ]] || return 0
    ! grep -qs '^[[:space:]]*create_main_cluster' "$setting" || return 0
    "${as_root[@]}" mkdir -p "${setting%/*}"
    echo 'create_main_cluster = false' | "${as_root[@]}" tee -a "$setting" >/dev/null
}

# missing_for_page prints the Debian packages whose programs are not there.
missing_for_page() {
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
}

# require_packages test|page|bench|soak|pictures|stores|browser|clients installs what is missing for it.
require_packages() {
    local packages as_root=()
    mapfile -t packages < <("missing_for_$1")
    ((${#packages[@]})) || return 0
    echo "$1 needs: ${packages[*]}"
    command -v apt-get >/dev/null || fail "please install (names of Debian packages): ${packages[*]}"
    if ((EUID != 0)); then
        sudo -n true 2>/dev/null || fail "not root and no sudo without a password; please run: apt-get install ${packages[*]}"
        as_root=(sudo -n)
    fi
    # An old package list may still be good enough to install from.
    "${as_root[@]}" apt-get update -q || echo "warning: apt-get update failed; going on with the lists there are" >&2
    prepare_packages "${packages[@]}"
    # The setting above is there before the package that has it: it is kept.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends -o Dpkg::Options::=--force-confold "${packages[@]}" ||
        fail "apt-get could not install: ${packages[*]}"
    mapfile -t packages < <("missing_for_$1")
    ((${#packages[@]} == 0)) || fail "installed, yet still not found: ${packages[*]}"
}

# require_node_packages installs the packages of a directory's lock file. It runs no script of a package.
require_node_packages() {
    local dir=$1
    [[ $dir/node_modules/.package-lock.json -nt $dir/package-lock.json ]] && return 0
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --prefix "$dir" || fail "npm could not install what $dir/package-lock.json names"
    touch "$dir/node_modules/.package-lock.json"
}

case ${1:-} in
    build) require_go ;;
    test)
        require_go
        require_packages test
        require_node_packages test/agents/testdata/client
        require_node_packages test/openapi/testdata/client
        require_node_packages test/protobundle/testdata/client
        require_node_packages test/page/testdata/browser
        require_node_packages clients/typescript
        ;;
    page)
        require_go
        require_packages page
        require_node_packages web
        ;;
    bench)
        require_go
        require_packages bench
        require_node_packages test/page/testdata/browser
        ;;
    soak)
        require_go
        require_packages soak
        ;;
    pictures | stores) require_packages "$1" ;;
    deploy)
        require_go
        require_packages deploy
        require_promtool
        ;;
    packages)
        require_go
        require_packages packages
        ;;
    clients)
        require_packages clients
        require_packages page
        require_node_packages clients/typescript
        ;;
    typescript)
        require_packages page
        require_node_packages clients/typescript
        ;;
    browser)
        require_packages browser
        require_node_packages test/page/testdata/browser
        ;;
    *) fail "usage: tools/require.sh build|test|page|bench|soak|pictures|stores|browser|clients|deploy|packages|typescript" ;;
esac
