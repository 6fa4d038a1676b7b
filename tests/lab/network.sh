# shellcheck shell=bash
# The lab's network namespaces: one with a bridge for the control plane, one per
# node, joined by veth pairs. None is joined to the machine's own network.

make_network() {
	local number
	ip netns add "$LAB_NS"
	ip -n "$LAB_NS" link set lo up
	ip -n "$LAB_NS" link add br0 type bridge
	ip -n "$LAB_NS" address add "$LAB_NET.1/24" dev br0
	ip -n "$LAB_NS" link set br0 up
	for number in $(seq "$1"); do make_node_network "$number"; done
}

make_node_network() {
	local number=$1 ns=$LAB_NS-$1 address=$LAB_NET.$((10 + $1))
	ip netns add "$ns"
	ip -n "$LAB_NS" link add "node$number" type veth peer name eth0 netns "$ns"
	ip -n "$LAB_NS" link set "node$number" master br0 up
	ip -n "$ns" link set lo up
	ip -n "$ns" address add "$address/24" dev eth0
	ip -n "$ns" link set eth0 up
	# The kubelet refuses to start without a default route; pods may talk to the API server.
	ip -n "$ns" route add default via "$LAB_NET.1"
	ip -n "$LAB_NS" route add "$LAB_POD_NET.$number.0/24" via "$address"
	nsenter --net="/run/netns/$ns" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

lab_namespaces() {
	ip netns list 2>/dev/null | awk -v ns="$LAB_NS" '$1 == ns || index($1, ns "-") == 1 { print $1 }'
}

remove_network() {
	local ns
	for ns in $(lab_namespaces); do ip netns delete "$ns"; done
	# `ip netns add` turns the folder into a mount; an empty one is of no more use.
	if mountpoint -q /run/netns && [ -z "$(ls /run/netns)" ]; then umount /run/netns; fi
}
