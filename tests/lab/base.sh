# shellcheck shell=bash disable=SC2034 # the files that source this one use the names
# What every other file of the lab rests on: versions, addresses, places, talk on
# stderr, errors that name the next command, the lock, and cache keys. It starts
# nothing and changes nothing on the machine when it is sourced.

LAB_KUBERNETES=1.34.4
LAB_OLDEST=1.30.14 # the oldest supported: the first minor whose ValidatingAdmissionPolicy is v1
LAB_RELEASE=bookworm
LAB_SECOND_RELEASE=trixie # of one node, so that systemd 252 and 257 are both there
LAB_SECOND_NODE=lab-3
LAB_GO=1.26.0 # fetched as a module when the machine's own go is older than 1.24

LAB_CACHE=${AKSREBOOT_LAB_CACHE:-/var/cache/aksreboot-lab}
LAB_STATE=${AKSREBOOT_LAB_STATE:-/var/lib/aksreboot-lab}

LAB_LOCK=/run/aksreboot-lab.lock # namespaces and control groups are the machine's: one lab a machine
LAB_BIN=$LAB_STATE/bin      # link to the cached programs, made by `up`

LAB_NS=aksreboot-lab        # the control plane's network namespace; nodes: aksreboot-lab-N
LAB_NET=10.71.0             # the lab's own link between nodes and API server
LAB_API=https://$LAB_NET.1:6443
LAB_CLUSTER_IPS=10.72.0     # first 24 bits of the /16 of services
LAB_POD_NET=10.73           # node N hands out 10.73.N.0/24
LAB_MAX_NODES=4

say() { printf 'lab: %s\n' "$*" >&2; }

# fail WHAT NEXT: what was wrong, and the command to run next.
fail() {
	printf 'error: %s\n' "$1" >&2
	[ $# -lt 2 ] || printf 'hint: %s\n' "${@:2}" >&2
	exit 1
}

usage_error() {
	printf 'error: %s\nhint: see  %s help\n' "$1" "$LAB_DIR/lab" >&2
	exit 2
}

need_root() {
	[ "$(id -u)" = 0 ] || fail "the lab makes namespaces and mounts, so it needs root" "sudo $LAB_DIR/lab $*"
}

# hash_of PATH…: twelve hex digits of what the named files contain.
hash_of() {
	(cd "$LAB_DIR" && find "$@" -type f | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c1-12)
}

# with_lock CMD…: one change of the whole lab at a time; waits for the other.
# The descriptor must not reach the daemons, or the lock would outlive the verb.
with_lock() {
	(
		flock -w 1800 9 || fail "another lab command has held $LAB_LOCK for half an hour" "lslocks | grep $LAB_LOCK"
		"$@" 9>&-
	) 9>"$LAB_LOCK"
}

# wait_until SECONDS CMD…: tries CMD every 0.2 s; false when time is up.
wait_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.2
	done
}

in_ns() { nsenter --net="/run/netns/$LAB_NS" -- "$@"; }

kube() { in_ns "$LAB_BIN/kubectl" --kubeconfig "$LAB_STATE/lab.kubeconfig" "$@"; }
