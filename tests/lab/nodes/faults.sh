# shellcheck shell=bash
# What can be wrong with a node: a flag, a reboot that goes badly, a reboot that is
# refused, a slow shutdown. Each is set by one verb and undone by one word.

# mark NODE [--no-pkgs | PKG…]: the files as Ubuntu's update-notifier writes them.
mark() {
	need_running "$1"
	local node=$1
	shift
	if [ $# -eq 0 ] || [ "$1" = --no-pkgs ]; then
		in_node "$node" sh -c 'rm -f /run/reboot-required.pkgs; echo "*** System restart required ***" >/run/reboot-required'
	else
		# shellcheck disable=SC2016 # the node's shell expands it
		in_node "$node" sh -c 'echo "*** System restart required ***" >/run/reboot-required; printf "%s\n" "$@" >/run/reboot-required.pkgs' sh "$@"
	fi
}

unmark() {
	need_running "$1"
	in_node "$1" rm -f /run/reboot-required /run/reboot-required.pkgs
}

# on_boot NODE MODE [SECONDS]: read by the runner when the node asks for a reboot.
on_boot() {
	need_node "$1"
	local folder
	folder=$(node_folder "$1")
	case "${2:-}" in
	normal) rm -f "$folder/on-boot" ;;
	late)
		[[ ${3:-} =~ ^[0-9]+$ ]] || usage_error "on-boot NODE late takes a number of seconds"
		echo "late $3" >"$folder/on-boot"
		;;
	stay-away | notready | keep-flag | kernel-old | kernel-new) echo "$2" >"$folder/on-boot" ;;
	*) usage_error "on-boot takes normal, stay-away, late SECONDS, notready, keep-flag, kernel-old or kernel-new" ;;
	esac
}

# heal NODE: ends what `on-boot NODE notready` began.
heal() {
	need_node "$1"
	local cni
	cni=$(node_folder "$1")/root/etc/cni
	[ -e "$cni/10-lab.conflist.away" ] || return 0
	# containerd reads the folder again after a write, not after a file was moved in.
	cat "$cni/10-lab.conflist.away" >"$cni/net.d/10-lab.conflist"
	rm "$cni/10-lab.conflist.away"
}

# no_reboot NODE refuse|ignore|off: every way to reboot leads to reboot.target.
# Masked, the request is an error; replaced by an empty target, it succeeds and
# does nothing. Both live in /run, so that a boot by other means ends them.
no_reboot() {
	need_running "$1"
	local target=/run/systemd/system/reboot.target
	case "${2:-}" in
	refuse) in_node "$1" ln -sfn /dev/null "$target" ;;
	ignore)
		in_node "$1" rm -f "$target"
		in_node "$1" sh -c "printf '[Unit]\nDescription=A reboot that does not happen\nDefaultDependencies=no\n' >$target"
		;;
	off)
		in_node "$1" systemctl stop reboot.target 2>/dev/null || true
		in_node "$1" rm -f "$target"
		;;
	*) usage_error "no-reboot takes refuse, ignore or off" ;;
	esac
	in_node "$1" systemctl daemon-reload
}

# slow_shutdown NODE SECONDS|off: a service takes that long to stop, at every shutdown.
slow_shutdown() {
	need_node "$1"
	local seconds=${2:-}
	[ "$seconds" != off ] || seconds=0
	[[ $seconds =~ ^[0-9]+$ ]] || usage_error "slow-shutdown takes a number of seconds or off"
	echo "$seconds" >"$(node_folder "$1")/root/etc/lab/slow-shutdown"
}

kubelet_verb() {
	need_running "$1"
	case "${2:-}" in
	stop | start) in_node "$1" systemctl "$2" kubelet ;;
	*) usage_error "kubelet takes stop or start" ;;
	esac
}
