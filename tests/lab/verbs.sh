# shellcheck shell=bash
# The lab as a whole: up, down, status. `up` first clears whatever an earlier lab
# left, alive or dead, so that it always starts from a clean state.

up() {
	local nodes="" fresh="" began=$SECONDS
	while [ $# -gt 0 ]; do
		case "$1" in
		--nodes) nodes=${2:-} && shift ;;
		--nodes=*) nodes=${1#*=} ;;
		--fresh) fresh=yes ;;
		*) usage_error "up does not know $1" ;;
		esac
		shift
	done
	[[ $nodes =~ ^[2-4]?$ ]] || usage_error "--nodes takes 2, 3 or $LAB_MAX_NODES"
	if [ -z "$fresh" ] && is_healthy "$nodes"; then
		say "already up with $(node_names | wc -l) nodes"
		return
	fi
	tear_down
	build_up "${nodes:-3}"
	say "up with ${nodes:-3} nodes after $((SECONDS - began)) s"
}

# is_healthy [NODES]: everything runs, and was made from what the checkout says now.
is_healthy() {
	local name
	[ "$(made_from)" = "$(cat "$LAB_STATE/made-from" 2>/dev/null)" ] || return 1
	[ "$(node_names | wc -l)" = "${1:-$(node_names | wc -l)}" ] || return 1
	for name in etcd apiserver controller-manager scheduler packages; do ! is_empty "$name" || return 1; done
	for name in $(node_names); do is_whole "$name" || return 1; done
	apiserver_answers && all_ready
}

made_from() {
	binaries_folder
	node_image_folder "$LAB_RELEASE"
	node_image_folder "$LAB_SECOND_RELEASE"
	images_folder
	packages_folder
}

all_ready() {
	local ready
	ready=$(kube get nodes -l kubernetes.azure.com/agentpool=lab -o 'jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}' 2>/dev/null) || return 1
	[ "$(grep -c '^True$' <<<"$ready")" = "$(node_names | wc -l)" ]
}

build_up() {
	local number images
	images=$(images_folder)
	mkdir -p "$LAB_STATE"/{log,nodes}
	ln -sfn "$(binaries_folder)" "$LAB_BIN"
	mount_nspawn_folder
	make_network "$1"
	make_control_plane_identities
	start_etcd
	start_apiserver
	for number in $(seq "$1"); do
		make_node "lab-$number" "$(node_image_folder "$(node_release "lab-$number")")" "$images"
		start_node "lab-$number"
	done
	await_apiserver
	start_controller_manager
	start_scheduler
	start_packages
	wait_until 120 all_ready || fail "not all nodes are Ready after 120 s" \
		"$LAB_DIR/lab status" "tail $LAB_STATE/nodes/lab-1/console.log" "$LAB_DIR/lab exec lab-1 journalctl -u kubelet -n 50"
	made_from >"$LAB_STATE/made-from"
	wait_until 30 default_service_account || fail "namespace default has no service account" "tail $LAB_STATE/log/controller-manager.log"
}

default_service_account() { kube get serviceaccount default >/dev/null 2>&1; }

# Without systemd as PID 1 nobody has made nspawn's folder a mount of its own.
mount_nspawn_folder() {
	mkdir -p /run/systemd/nspawn
	if ! mountpoint -q /run/systemd/nspawn && [ ! -d /run/systemd/system ]; then
		mount -t tmpfs aksreboot-lab /run/systemd/nspawn
	fi
}

tear_down() {
	local mount
	end_group KILL
	remove_cgroups
	remove_network
	awk -v state="$LAB_STATE/" 'index($2, state) == 1 || $1 == "aksreboot-lab" { print $2 }' /proc/mounts | sort -r |
		while read -r mount; do umount "$mount" || umount -l "$mount"; done
	# By name: the folder is the user's choice, and may hold other things.
	rm -rf --one-file-system "${LAB_STATE:?}"/{nodes,etcd,log,pki,users,ssh,bin,made-from} \
		"$LAB_STATE"/{admin,lab,controller-manager,scheduler}.kubeconfig "$LAB_STATE"/audit*.log
}

status() {
	local name
	if is_empty; then
		echo "down"
		return
	fi
	for name in etcd apiserver controller-manager scheduler packages; do
		printf '%-20s %s\n' "$name" "$(is_empty "$name" && echo stopped || echo running)"
	done
	for name in $(node_names); do
		printf '%-20s %s, %s reboots\n' "$name" "$([ -n "$(node_init "$name")" ] && echo running || echo off)" "$(reboots "$name")"
	done
	kube --request-timeout=10s get nodes -o wide || true
}
