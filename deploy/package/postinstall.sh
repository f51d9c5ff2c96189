#!/bin/sh
# Makes the user and tells systemd of the unit. It starts nothing: settings come first. An upgrade restarts a running service.
set -e
if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers zhaohuo.conf
fi
if getent group zhaohuo >/dev/null; then
    chgrp zhaohuo /etc/zhaohuo/zhaohuo.env
    chmod 0640 /etc/zhaohuo/zhaohuo.env
fi
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl try-restart zhaohuo.service
fi
