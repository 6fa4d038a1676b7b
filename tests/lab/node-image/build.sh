# shellcheck shell=bash
# Makes the base tree that every node's overlay lies on: Debian with systemd, sshd,
# containerd and the files of this folder. Cached by release and content of the folder.

node_image_folder() { echo "$LAB_CACHE/node-$LAB_RELEASE-$(hash_of node-image/{customize,files,packages})"; }

build_node_image() {
	local folder work
	folder=$(node_image_folder)
	work=$folder.making
	[ ! -e "$folder/.complete" ] || return 0
	say "making the nodes' Debian $LAB_RELEASE in $folder (about a minute, once)"
	rm -rf "$work" "$folder"
	mkdir -p "$work"
	debian_sources >"$work/sources.list"
	local mirror=()
	# Without Debian's own sources on the machine mmdebstrap's default is used.
	[ ! -s "$work/sources.list" ] || mirror=("$work/sources.list")
	mmdebstrap --quiet --mode=root --variant=minbase --include="$(paste -sd, "$LAB_DIR/node-image/packages")" \
		--customize-hook="$LAB_DIR/node-image/customize" "$LAB_RELEASE" "$work/tree" "${mirror[@]}" >&2 ||
		fail "mmdebstrap could not make a Debian $LAB_RELEASE tree" "apt-get update" "$LAB_DIR/lab install"
	touch "$work/.complete"
	mv "$work" "$folder"
}

# debian_sources: the machine's own apt sources for the release, one a line.
debian_sources() {
	# shellcheck disable=SC2016 # apt's placeholders, not the shell's
	apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk -v release="$LAB_RELEASE" '$1 == "Debian" && $2 ~ "^" release { print "deb", $3, $4, $5 }' | sort -u
}
