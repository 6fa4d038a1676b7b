# shellcheck shell=bash
# The container images of the lab: made from busybox once, given to every node at
# its first boot, and further names or tars put on nodes while they run.

images_folder() { echo "$LAB_CACHE/images-$(hash_of images/make.py)"; }

build_images() {
	local folder
	folder=$(images_folder)
	[ ! -e "$folder/.complete" ] || return 0
	say "making the container images in $folder"
	rm -rf "$folder"
	python3 "$LAB_DIR/images/make.py" /bin/busybox "$folder" || fail "cannot make the images" "apt-get install busybox-static"
	touch "$folder/.complete"
}

# load_image NODE|all TAR|NAME: a tar is imported; a name is given to the busybox image.
load_image() {
	[ $# = 2 ] || usage_error "load-image takes a node (or all) and a tar or an image name"
	local node nodes=("$1")
	[ "$1" != all ] || mapfile -t nodes < <(node_names)
	for node in "${nodes[@]}"; do
		need_running "$node"
		if [ -f "$2" ]; then
			in_node "$node" ctr -n k8s.io images import - <"$2" >&2
		else
			in_node "$node" ctr -n k8s.io images tag --force lab.local/busybox:1 "$(full_image_name "$2")" >&2
		fi
	done
}

# full_image_name NAME: as the kubelet's runtime spells it.
full_image_name() {
	local name=$1
	case "${name##*/}" in *:* | *@*) ;; *) name=$name:latest ;; esac
	case "$name" in
	*.*/* | localhost/* | *:*/*) echo "$name" ;;
	*/*) echo "docker.io/$name" ;;
	*) echo "docker.io/library/$name" ;;
	esac
}
