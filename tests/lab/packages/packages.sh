# shellcheck shell=bash
# Package sources of the lab's own, so that nodes have real packages pending: made once, served to the nodes from the
# control plane's namespace, and given to a node by a verb. Nodes begin without any source.

LAB_PACKAGES_PORT=8081

packages_folder() { echo "$LAB_CACHE/packages-$(hash_of packages/make.py)"; }

build_packages() {
	local folder
	folder=$(packages_folder)
	[ ! -e "$folder/.complete" ] || return 0
	say "making the nodes' package sources in $folder"
	rm -rf "$folder"
	python3 "$LAB_DIR/packages/make.py" "$folder" || fail "cannot make the package sources" "apt-get install dpkg python3"
	touch "$folder/.complete"
}

start_packages() {
	start_control packages python3 -m http.server --bind "$LAB_NET.1" --directory "$(packages_folder)/apt" "$LAB_PACKAGES_PORT"
}

# packages NODE apt [many]|rpm: older packages on the node, and sources with newer ones.
packages() {
	need_running "${1:-}"
	case "${2:-}" in
	apt)
		give_packages "$1" "${3:-}"
		in_node "$1" apt-get -q update >&2
		;;
	rpm) in_node "$1" sh -s <"$LAB_DIR/packages/rpm.sh" >&2 ;;
	*) usage_error "packages takes a node, and apt or rpm" ;;
	esac
}

give_packages() {
	local folder suite suites="lab lab-updates lab-security"
	folder=$(packages_folder)
	in_node "$1" mkdir -p /srv/lab
	tar -C "$folder" -c installed | in_node "$1" tar -C /srv/lab -x
	# shellcheck disable=SC2016 # the node's shell expands it
	in_node "$1" sh -c 'dpkg -i /srv/lab/installed/*.deb && apt-mark hold lab-held' >&2
	if [ "$2" = many ]; then
		suites+=" lab-many"
		in_node "$1" sh -c 'cat >>/var/lib/dpkg/status' <"$folder/many/status"
	fi
	in_node "$1" sh -c 'rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*_*'
	for suite in $suites; do
		echo "deb [trusted=yes] http://$LAB_NET.1:$LAB_PACKAGES_PORT $suite main"
	done | in_node "$1" sh -c 'cat >/etc/apt/sources.list.d/lab.list'
}
