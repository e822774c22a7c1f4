#!/bin/sh
# Starts one PC of the practice lab: namespaces of its own around the member system's tree. Called by the practice
# driver with everything in the environment (see src-main/platform/practice/pc-process.ts):
#   PC_NAME PC_DIR PC_TREE PC_AGENT PC_IDENTITY PC_VERSION PC_MEMORY (bytes) PC_CPUS PC_NETNS
#   PC_GROUPS   folders of control groups to start in, one a line
#   PC_V1       v1 hierarchies to show the member, such as `memory cpu`
#   PC_PACKS    NAME=FOLDER, one a line
set -eu

if [ "${1:-}" != inside ]; then
  echo "$PC_GROUPS" | while IFS= read -r group; do
    if [ -n "$group" ]; then echo $$ >"$group/cgroup.procs"; fi
  done
  # The groups come first: a cgroup namespace has the group of its birth as its root.
  exec nsenter --net="/run/netns/$PC_NETNS" \
    unshare --mount --pid --fork --kill-child=KILL --uts --ipc --cgroup --propagation private sh "$0" inside
fi

# RAM of this PC: the upper layer of its root. It goes with its namespaces.
mount -t tmpfs -o "size=$PC_MEMORY,mode=755" ram "$PC_DIR/ram"
mkdir "$PC_DIR/ram/upper" "$PC_DIR/ram/work" "$PC_DIR/ram/root"
mount -t overlay -o "lowerdir=$PC_TREE,upperdir=$PC_DIR/ram/upper,workdir=$PC_DIR/ram/work" overlay "$PC_DIR/ram/root"
cd "$PC_DIR/ram/root"

mkdir -p old packs console cgv1 etc/nightshift usr/lib/nightshift
install -m 600 "$PC_IDENTITY" etc/nightshift/identity.json
echo "$PC_VERSION" >etc/nightshift/version
echo "$PC_NAME" >etc/hostname
hostname "$PC_NAME"
: >usr/lib/nightshift/agent.mjs
mount --bind "$PC_AGENT" usr/lib/nightshift/agent.mjs
mount -o remount,bind,ro usr/lib/nightshift/agent.mjs
echo "$PC_PACKS" | while IFS='=' read -r name folder; do
  [ -n "$name" ] || continue
  mkdir "packs/$name"
  mount --bind "$folder" "packs/$name"
  mount -o remount,bind,ro "packs/$name"
done
# Keyboard, screen and log: the only files of the host this PC can write to.
mount --bind "$PC_DIR/console" console

mount -t proc proc proc
mount -t sysfs -o ro sys sys
mount -t cgroup2 cgroup sys/fs/cgroup
for controller in $PC_V1; do
  mkdir "cgv1/$controller"
  mount -t cgroup -o "$controller" "cgroup-$controller" "cgv1/$controller"
done
mount -t tmpfs -o mode=755,size=1M dev dev
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8
mknod -m 666 dev/urandom c 1 9
mknod -m 666 dev/tty c 5 0
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=1777 shm dev/shm
mount -t tmpfs -o "size=$PC_MEMORY,mode=755" run run
mount -t tmpfs -o mode=1777 tmp tmp

pivot_root . old
umount -l /old
rmdir /old
cd /
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
  NIGHTSHIFT_DRIVER=container NIGHTSHIFT_CPUS="$PC_CPUS" NIGHTSHIFT_MEMORY="$PC_MEMORY" \
  NIGHTSHIFT_KEYBOARD=/console/keyboard NIGHTSHIFT_SCREEN=/console/screen NIGHTSHIFT_LOG=/console/agent.log \
  /bin/sh /usr/lib/nightshift/init
