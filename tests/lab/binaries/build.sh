# shellcheck shell=bash
# Builds etcd, the Kubernetes programs and kubectl from Go modules into the cache,
# once per version and content of this folder. Uses go as the machine configures it.

binaries_folder() { echo "$LAB_CACHE/bin-$LAB_KUBERNETES-$(hash_of binaries)"; }

build_binaries() {
	local go folder work
	folder=$(binaries_folder)
	work=$folder.making
	[ ! -e "$folder/.complete" ] || return 0
	go=$(find_go)
	say "building Kubernetes $LAB_KUBERNETES from Go modules into $folder (about 7 minutes on 2 cores, once)"
	rm -rf "$work"
	mkdir -p "$work"
	local package flags="-s -w"
	# The server reports one of these, clients put the other into their user agent.
	for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
		flags+=" -X $package.gitVersion=v$LAB_KUBERNETES -X $package.gitMajor=1 -X $package.gitMinor=34"
		flags+=" -X $package.gitTreeState=clean -X $package.gitCommit=lab -X $package.buildDate=2026-01-01T00:00:00Z"
	done
	(
		cd "$LAB_DIR/binaries"
		CGO_ENABLED=0 GOFLAGS="-mod=readonly -buildvcs=false" "$go" build -trimpath \
			-ldflags "$flags" -o "$work/" k8s.io/kubernetes/cmd/{kube-apiserver,kube-controller-manager,kube-scheduler,kubelet,kubectl} >&2
		CGO_ENABLED=0 GOFLAGS="-mod=readonly -buildvcs=false" "$go" build -trimpath -ldflags "-s -w" \
			-o "$work/etcd" go.etcd.io/etcd/server/v3 >&2
	) || fail "go could not build Kubernetes" "cd $LAB_DIR/binaries && go mod verify" "go env GOPROXY   # must serve k8s.io/kubernetes"
	rm -rf "$folder"
	touch "$work/.complete"
	mv "$work" "$folder"
}

# find_go: path of a go that is new enough. An older one can fetch a newer
# toolchain, because toolchains are modules too (their files lose the x bit).
find_go() {
	local go have
	go=$(command -v go || true)
	[ -n "$go" ] || go=/usr/local/go/bin/go
	if [ ! -x "$go" ]; then
		apt_install golang-go
		go=/usr/bin/go
	fi
	have=$("$go" env GOVERSION)
	if [ "$(printf '%s\n' go1.24 "$have" | sort -V | head -n1)" = go1.24 ]; then
		echo "$go"
		return
	fi
	say "$have is too old for Kubernetes $LAB_KUBERNETES, fetching go $LAB_GO as a module"
	local module dir
	module=golang.org/toolchain@v0.0.1-go$LAB_GO.linux-$(dpkg --print-architecture)
	dir=$(cd / && "$go" mod download -json "$module" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
	[ -n "$dir" ] || fail "cannot fetch go $LAB_GO" "go mod download $module"
	chmod -R u+w "$dir/bin" "$dir/pkg"
	chmod +x "$dir"/bin/* "$dir"/pkg/tool/*/*
	echo "$dir/bin/go"
}
