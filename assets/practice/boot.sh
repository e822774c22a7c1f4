#!/bin/sh
# Process 1 of a practice PC, while it still sees the machine. It makes the PC's own RAM, devices and network card, leaves
# the machine's file systems, and becomes the member system's init.
#
# NS_FOLDER  the PC's folder: keyboard, screen, agent.log, identity.json, and `root`, empty
# NS_TREE    member system, read only          NS_PACKS   software packs: `name path`, one a line
# NS_AGENT   the agent's file                  NS_INIT    the init's file       NS_VERSION  of the member system
# NS_NAME NS_CPUS NS_MEMORY (bytes)            NS_OLDER   older control group hierarchies, one a line
# NS_SWITCH  a process of the lab's switch     NS_CARD NS_ADDRESS NS_GATEWAY   of the network card
set -eu
IFS='
'
set -f

# One RAM for what the system writes, one for /run, each as large as the PC's; the control group counts both together.
mount -t tmpfs -o "mode=755,size=$NS_MEMORY" nightshift "$NS_FOLDER/root"
cd "$NS_FOLDER/root"
mkdir tree upper work root
mount --bind "$NS_TREE" tree
# Names relative to this folder, since no path of the machine can then hold a comma or colon.
mount -t overlay -o lowerdir=tree,upperdir=upper,workdir=work overlay root
umount tree
cd root

mkdir -p .machine proc sys dev run tmp packs etc/nightshift usr/lib/nightshift control-groups
mount -t proc -o nosuid,nodev,noexec proc proc
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 sys/fs/cgroup
for controllers in $NS_OLDER; do
  mkdir "control-groups/$controllers"
  mount -t cgroup -o "nosuid,nodev,noexec,$controllers" cgroup "control-groups/$controllers"
done
# No nosuid, nodev or noexec on what containers bind: a mount made in a user namespace must keep such flags, and CRIU does
# not when it restores one.
mount -t tmpfs -o "mode=755,size=$NS_MEMORY" run run
mount -t tmpfs -o "mode=1777,size=$NS_MEMORY" tmp tmp

# Nodes of its own: what a PC does to their owner and mode must not reach the machine's.
mount -t tmpfs -o mode=755,size=1M dev dev
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8
mknod -m 666 dev/urandom c 1 9
mknod -m 666 dev/tty c 5 0
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
ln -s pts/ptmx dev/ptmx
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
mount -t tmpfs -o mode=1777 shm dev/shm

while IFS=' ' read -r name path; do
  [ -n "$name" ] || continue
  mkdir "packs/$name"
  mount --bind -o ro "$path" "packs/$name"
done <<END
$NS_PACKS
END

echo "$NS_NAME" >/proc/sys/kernel/hostname
echo "$NS_NAME" >etc/hostname
printf '127.0.0.1\tlocalhost\n%s\t%s\n' "$NS_ADDRESS" "$NS_NAME" >etc/hosts
echo "$NS_VERSION" >etc/nightshift/version
cp "$NS_AGENT" usr/lib/nightshift/agent.mjs
cp "$NS_INIT" usr/lib/nightshift/init
chmod 755 usr/lib/nightshift/agent.mjs usr/lib/nightshift/init
(umask 077 && cat "$NS_FOLDER/identity.json" >etc/nightshift/identity.json)

# A cable from the switch to us. /proc is still the machine's, but who asks the kernel for a link is in this PC, where we
# are process 1.
for scope in all default; do
  file=/proc/sys/net/ipv6/conf/$scope/disable_ipv6
  [ ! -w "$file" ] || echo 1 >"$file"
done
nsenter --target "$NS_SWITCH" --net ip -batch - <<END
link add name $NS_NAME type veth peer name eth0 address $NS_CARD netns 1
link set dev $NS_NAME master lan
link set dev $NS_NAME up
END
# The head forwards nothing; the route is there because multicast is not sent without one.
ip -batch - <<END
link set dev lo up
address add $NS_ADDRESS/24 broadcast + dev eth0
link set dev eth0 up
route add default via $NS_GATEWAY dev eth0
END

exec 3>&1 4>&2
exec 0<>"$NS_FOLDER/keyboard" 1>>"$NS_FOLDER/screen" 2>>"$NS_FOLDER/agent.log"
pivot_root . .machine 2>&4
cd /
umount -l /.machine 2>&4
rmdir /.machine

# Process 1 leaves the PC's own group, since version 2 lets a group with processes hand no controller to groups below it.
mkdir /sys/fs/cgroup/init
echo 0 >/sys/fs/cgroup/init/cgroup.procs
IFS=' ' read -r controllers </sys/fs/cgroup/cgroup.controllers || :
IFS=' '
for controller in $controllers; do
  echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null || :
done

# The head that asked may be gone by now, and that must not stop the PC.
(
  trap '' PIPE
  echo on >&3
) 2>/dev/null || :
exec 3>&- 4>&-
# Root of a PC is not root of the machine: it cannot make device nodes, set the clock or load modules.
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb \
  NIGHTSHIFT_DRIVER=container "NIGHTSHIFT_CPUS=$NS_CPUS" "NIGHTSHIFT_MEMORY=$NS_MEMORY" \
  setpriv --bounding-set=-mknod,-sys_time,-sys_module,-sys_rawio,-syslog,-wake_alarm,-mac_admin,-mac_override \
  /usr/lib/nightshift/init
