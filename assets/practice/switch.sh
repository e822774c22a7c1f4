#!/bin/sh
# The switch of a practice lab: a bridge in a network namespace of its own, so that neither the machine's firewall nor
# its routing meets what PCs say to one another. The namespace lives as long as this process.
#
# NS_GROUPS  control groups to run in, one a line
# NS_UPLINK, NS_UPLINK_CARD  name and hardware address of the head's end of the cable
# NS_HEAD    a process in the head's network namespace
set -eu

if [ "${1:-}" != inside ]; then
  IFS='
'
  for group in $NS_GROUPS; do echo $$ >"$group/cgroup.procs"; done
  exec unshare --net sh "$0" inside
fi

# Packets between PCs are none of a firewall's business; the two switches exist where br_netfilter is loaded.
for file in bridge/bridge-nf-call-iptables bridge/bridge-nf-call-ip6tables bridge/bridge-nf-call-arptables; do
  [ ! -w "/proc/sys/net/$file" ] || echo 0 >"/proc/sys/net/$file"
done
for scope in all default; do
  file=/proc/sys/net/ipv6/conf/$scope/disable_ipv6
  [ ! -w "$file" ] || echo 1 >"$file"
done
ip -batch - <<END
link add name lan type bridge stp_state 0 forward_delay 0 mcast_snooping 0
link set dev lan up
link add name head type veth peer name $NS_UPLINK address $NS_UPLINK_CARD netns $NS_HEAD
link set dev head master lan
link set dev head up
END
echo ready
exec sleep infinity </dev/null >/dev/null 2>&1
