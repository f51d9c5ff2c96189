#!/bin/sh
# Stops the service when the package is removed, not when it is upgraded. dpkg says "remove"; rpm says how many versions will be left.
set -e
case $1 in
remove | 0)
    if [ -d /run/systemd/system ]; then
        systemctl disable --now zhaohuo.service
    fi
    ;;
esac
