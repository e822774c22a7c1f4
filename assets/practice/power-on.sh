#!/bin/sh
# Switches a practice PC on. See boot.sh for the environment.
#
# NS_GROUPS  control groups of the PC, one a line
# NS_BOOT    boot.sh
set -eu
IFS='
'
for group in $NS_GROUPS; do echo $$ >"$group/cgroup.procs"; done
unset NS_GROUPS
# The first child after the namespaces are made is process 1 of the PC. This shell ends at once: nothing of the PC is
# left outside, and the PC lives on whatever becomes of the head. A shell starts what it does not wait for deaf to
# SIGINT and SIGQUIT, and every program of the PC would inherit that.
# shellcheck disable=SC2016
exec unshare --mount --net --pid --uts --ipc --cgroup --propagation private \
  sh -c 'env --default-signal=INT,QUIT setsid sh "$NS_BOOT" &'
