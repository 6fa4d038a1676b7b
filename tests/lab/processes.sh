# shellcheck shell=bash
# Which processes are the lab's: those in its own control groups, and no others.
# A process is started into a group, found in it and ended in it, so that no pid
# file can be stale and nothing is ever looked up by name.

LAB_CGROUP=aksreboot-lab

# cgroup_roots: the hierarchies of this machine, v1, v2 or both.
cgroup_roots() {
	awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/mounts | sort -u
}

# watched_root: the hierarchy in which the lab looks for its processes.
watched_root() {
	local root
	for root in /sys/fs/cgroup/freezer /sys/fs/cgroup/pids /sys/fs/cgroup; do
		[ ! -e "$root/cgroup.procs" ] || { echo "$root" && return; }
	done
	fail "no control group hierarchy under /sys/fs/cgroup" "mount | grep cgroup"
}

# start_in GROUP LOG CMD…: in the background, in a session of its own.
start_in() {
	local group=$1 log=$2 root descriptor
	shift 2
	(
		for root in $(cgroup_roots); do
			mkdir -p "$root/$LAB_CGROUP"
			# A cpuset without processors takes no process; these inherit the parent's.
			for file in cpuset.cpus cpuset.mems; do
				[ ! -e "$root/$file" ] || cat "$root/$file" >"$root/$LAB_CGROUP/$file" 2>/dev/null || true
			done
			[ ! -e "$root/$LAB_CGROUP/cgroup.clone_children" ] || echo 1 >"$root/$LAB_CGROUP/cgroup.clone_children"
			mkdir -p "$root/$LAB_CGROUP/$group"
			echo "$BASHPID" >"$root/$LAB_CGROUP/$group/cgroup.procs"
		done
		# Locks and pipes of whoever called the lab would outlive him in its processes.
		for descriptor in "/proc/$BASHPID/fd"/*; do
			descriptor=${descriptor##*/}
			[ "$descriptor" -le 2 ] || eval "exec $descriptor>&-"
		done
		exec setsid "$@"
	) </dev/null >>"$log" 2>&1 &
	disown # so that bash says nothing when it is ended
}

# pids_in [GROUP]: every process of one group of the lab, or of all of them.
pids_in() {
	local top
	top=$(watched_root)/$LAB_CGROUP${1:+/$1}
	[ ! -d "$top" ] || find "$top" -name cgroup.procs -exec cat {} + 2>/dev/null || true
}

is_empty() { [ -z "$(pids_in "$@")" ]; }

# end_group SIGNAL [GROUP]: repeats, because a process may fork while others are ended.
end_group() {
	local signal=$1 try pids
	for try in $(seq 50); do
		mapfile -t pids < <(pids_in "${@:2}")
		[ ${#pids[@]} -gt 0 ] || return 0
		kill "-$signal" "${pids[@]}" 2>/dev/null || true
		[ "$try" -lt 25 ] || signal=KILL
		sleep 0.1
	done
	fail "processes of the lab do not end: ${pids[*]}" "ps -o pid,stat,args -p $(IFS=,; echo "${pids[*]}")"
}

remove_cgroups() {
	local root
	for root in $(cgroup_roots); do
		[ ! -d "$root/$LAB_CGROUP" ] || find "$root/$LAB_CGROUP" -depth -type d -exec rmdir {} \; 2>/dev/null || true
	done
}
