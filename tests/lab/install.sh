# shellcheck shell=bash
# Everything that happens once on a machine: Debian packages that the lab's own
# scripts use, the Kubernetes programs, the nodes' base tree, the images.

LAB_MACHINE_PACKAGES="systemd-container mmdebstrap busybox-static iproute2 openssl openssh-client python3 dpkg util-linux procps mount"

apt_install() {
	local missing=()
	local package
	for package in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	command -v apt-get >/dev/null || fail "the lab installs what it needs with apt, and this machine has none" "run it on Debian or Ubuntu"
	say "installing ${missing[*]}"
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2 || {
		apt-get update -q >&2 || true
		DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
	} || fail "apt could not install ${missing[*]}" "apt-get update && apt-get install ${missing[*]}"
}

install_all() {
	mkdir -p "$LAB_CACHE"
	(
		flock 8
		# shellcheck disable=SC2086 # a list of words
		apt_install $LAB_MACHINE_PACKAGES 8>&-
		build_images 8>&-
		build_packages 8>&-
		build_node_image "$LAB_RELEASE" 8>&-
		build_node_image "$LAB_SECOND_RELEASE" 8>&-
		build_binaries 8>&-
	) 8>"$LAB_CACHE/lock"
}
