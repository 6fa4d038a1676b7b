# shellcheck shell=bash
# A node: a whole Debian on an overlay of the cached tree, in its own network
# namespace and control group. Making it, starting it, finding its processes.

node_names() { (cd "$LAB_STATE/nodes" 2>/dev/null && ls -d lab-* 2>/dev/null) || true; }

node_folder() { echo "$LAB_STATE/nodes/$1"; }
node_address() { echo "$LAB_NET.$((10 + ${1#lab-}))"; }

need_node() {
	[ -n "${1:-}" ] || usage_error "a node is missing: lab-1 … lab-$LAB_MAX_NODES"
	[ -d "$LAB_STATE/nodes/$1" ] || fail "no node $1 in the lab" "$LAB_DIR/lab status"
}

need_running() {
	need_node "$1"
	[ -n "$(node_init "$1")" ] || fail "node $1 is not running" "$LAB_DIR/lab poweron $1"
}

# make_node NAME BASE IMAGES: a clean root file system with an identity of its own.
make_node() {
	local name=$1 number=${1#lab-} folder root mode=user
	folder=$(node_folder "$name")
	root=$folder/root
	[ "$number" != 1 ] || mode=system
	# The kubelet cannot measure an overlay, and containerd cannot put overlays on one:
	# their two folders are on the disk itself.
	mkdir -p "$folder"/{root,upper,work,containerd,kubelet}
	mount -t overlay -o "lowerdir=$2/tree,upperdir=$folder/upper,workdir=$folder/work" aksreboot-lab "$root" ||
		fail "cannot mount an overlay on $root" "grep overlay /proc/filesystems"
	# The same in every lab: apt draws by it which phased updates are this machine's, and one in a hundred draws even those of
	# which nobody is to have any.
	echo -n "aksreboot $name" | md5sum | cut -c 1-32 >"$root/etc/machine-id"
	echo "$name" >"$root/etc/hostname"
	printf '127.0.0.1 localhost\n%s %s\n' "$(node_address "$name")" "$name" >"$root/etc/hosts"
	sed -i "s|@POD_SUBNET@|$LAB_POD_NET.$number.0/24|" "$root/etc/cni/net.d/10-lab.conflist"
	cat >"$root/etc/lab/kubelet.env" <<-END
		NODE_IP=$(node_address "$name")
		NODE_LABELS=kubernetes.azure.com/agentpool=lab,kubernetes.azure.com/mode=$mode,topology.kubernetes.io/zone=lab-$(((number - 1) % 3 + 1))
	END

	# Without something that raises the flag its absence would prove nothing; this is what unattended-upgrades brings.
	mkdir -p "$root/etc/kernel/postinst.d"
	cat >"$root/etc/kernel/postinst.d/unattended-upgrades" <<-'END'
		#!/bin/sh
		touch /run/reboot-required
		echo "${DPKG_MAINTSCRIPT_PACKAGE:-linux-base}" >>/run/reboot-required.pkgs
	END
	chmod 755 "$root/etc/kernel/postinst.d/unattended-upgrades"

	make_certificate "$name" "/O=system:nodes/CN=system:node:$name" "IP:$(node_address "$name"),DNS:$name"
	write_kubeconfig "$name" "$root/etc/kubernetes/kubelet.kubeconfig"
	install -m 644 "$LAB_PKI/ca.crt" "$root/etc/kubernetes/ca.crt"
	install -m 644 "$LAB_PKI/$name.crt" "$root/etc/kubernetes/kubelet.crt"
	install -m 600 "$LAB_PKI/$name.key" "$root/etc/kubernetes/kubelet.key"
	make_ssh_identity "$name"
	ln -s "$3" "$folder/images"
	echo 0 >"$folder/boots"
}

start_node() {
	! is_whole "$1" || return 0
	end_group KILL "$1"
	start_in "$1" "$(node_folder "$1")/console.log" "$BASH" "$LAB_DIR/nodes/runner" \
		"$(node_folder "$1")" "$LAB_NS-${1#lab-}" "$LAB_BIN/kubelet"
}

# node_init NAME: the machine's pid of the node's PID 1; empty when it is not running.
node_init() {
	local pid
	for pid in $(pids_in "$1"); do
		if [ "$(awk '$1 == "NSpid:" { print NF - 1, $NF }' "/proc/$pid/status" 2>/dev/null)" = "2 1" ]; then
			echo "$pid"
			return
		fi
	done
}

# is_whole NAME: the node runs and so does the machine under it. A node outlives a
# killed systemd-nspawn or runner, but then nobody boots it again after a reboot.
is_whole() {
	local pid running=""
	for pid in $(pids_in "$1"); do
		running+="$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")"$'\n'
	done
	[[ $running == *"/nodes/runner $(node_folder "$1") "* && $running == *"--directory=$(node_folder "$1")/root "* ]] && [ -n "$(node_init "$1")" ]
}

# in_node NAME CMD…: as root, in all namespaces of the node, with a clean environment.
in_node() {
	local init
	init=$(node_init "$1")
	[ -n "$init" ] || fail "node $1 is not running" "$LAB_DIR/lab poweron $1"
	nsenter --target "$init" --mount --uts --ipc --net --pid --cgroup \
		env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${@:2}"
}

is_stopped() { is_empty "$1"; }

# node_is_ready NAME: as the API server sees it, with the boot ID the node has now.
node_is_ready() {
	local seen boot
	boot=$(boot_id "$1" 2>/dev/null) || return 1
	seen=$(kube get node "$1" -o 'jsonpath={.status.nodeInfo.bootID} {.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null) || return 1
	[ "$seen" = "$boot True" ]
}

boot_id() { in_node "$1" cat /proc/sys/kernel/random/boot_id; }

reboots() { echo $(($(cat "$(node_folder "$1")/boots") - 1)); }

power_off() {
	in_node "$1" systemctl poweroff >&2 || true
	wait_until 60 is_stopped "$1" || fail "node $1 did not power off in 60 s" "tail $(node_folder "$1")/console.log"
}

power_on() {
	start_node "$1"
	wait_until 30 is_booted "$1" || fail "node $1 does not boot" "tail $(node_folder "$1")/console.log"
}

is_booted() { [ -n "$(node_init "$1")" ]; }
