# shellcheck shell=bash
# Makes the base trees that the nodes' overlays lie on: Debian with systemd, sshd,
# containerd and the files of this folder. Cached by release and content of the folder.

node_image_folder() { echo "$LAB_CACHE/node-$1-$(hash_of node-image/{customize,files,packages})"; }

# node_release NODE: which Debian it is.
node_release() { if [ "$1" = "$LAB_SECOND_NODE" ]; then echo "$LAB_SECOND_RELEASE"; else echo "$LAB_RELEASE"; fi; }

# build_node_image RELEASE
build_node_image() {
	local release=$1 folder work
	folder=$(node_image_folder "$release")
	work=$folder.making
	[ ! -e "$folder/.complete" ] || return 0
	say "making the nodes' Debian $release in $folder (about a minute, once)"
	rm -rf "$work" "$folder"
	mkdir -p "$work"
	debian_sources "$release" >"$work/sources.list"
	local mirror=()
	# Without Debian's own sources on the machine mmdebstrap's default is used.
	[ ! -s "$work/sources.list" ] || mirror=("$work/sources.list")
	mmdebstrap --quiet --mode=root --variant=minbase --include="$(paste -sd, "$LAB_DIR/node-image/packages")" \
		--customize-hook="$LAB_DIR/node-image/customize" "$release" "$work/tree" "${mirror[@]}" >&2 ||
		fail "mmdebstrap could not make a Debian $release tree" "apt-get update && apt-get install debian-archive-keyring" "$LAB_DIR/lab install"
	touch "$work/.complete"
	mv "$work" "$folder"
}

# debian_sources RELEASE: the machine's own apt sources, made those of the release, one a line.
debian_sources() {
	# shellcheck disable=SC2016 # apt's placeholders, not the shell's
	apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk -v release="$1" '$1 == "Debian" { sub(/^[^-]*/, release, $4); print "deb", $3, $4, $5 }' | sort -u
}
