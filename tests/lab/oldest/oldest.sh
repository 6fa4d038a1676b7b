# shellcheck shell=bash disable=SC2034 # the files that source this one use the names
# The oldest Kubernetes that is supported: its API server and an etcd, without controllers and nodes, in places of
# their own, so that it runs beside a lab or without one. `lab oldest …` sources this file after those whose names it
# gives another meaning; no other verb sees it.

LAB_STATE=$LAB_STATE/oldest
LAB_BIN=$LAB_STATE/bin # links: etcd and kubectl are the lab's
LAB_NS=aksreboot-oldest
LAB_CGROUP=aksreboot-oldest

oldest_folder() { echo "$LAB_CACHE/oldest-$LAB_OLDEST-$(hash_of oldest/binaries)"; }

build_oldest() {
	local go folder work package flags="-s -w"
	folder=$(oldest_folder)
	work=$folder.making
	[ ! -e "$folder/.complete" ] || return 0
	go=$(find_go)
	say "building the API server of Kubernetes $LAB_OLDEST from Go modules into $folder (some minutes on 2 cores, once)"
	rm -rf "$work"
	mkdir -p "$work"
	for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
		flags+=" -X $package.gitVersion=v$LAB_OLDEST -X $package.gitMajor=1 -X $package.gitMinor=$(cut -d. -f2 <<<"$LAB_OLDEST")"
		flags+=" -X $package.gitTreeState=clean -X $package.gitCommit=lab -X $package.buildDate=2026-01-01T00:00:00Z"
	done
	(
		cd "$LAB_DIR/oldest/binaries"
		CGO_ENABLED=0 GOFLAGS="-mod=readonly -buildvcs=false" "$go" build -trimpath \
			-ldflags "$flags" -o "$work/" k8s.io/kubernetes/cmd/kube-apiserver >&2
	) || fail "go could not build the API server of Kubernetes $LAB_OLDEST" "cd $LAB_DIR/oldest/binaries && go mod verify" \
		"go env GOPROXY   # must serve k8s.io/kubernetes"
	rm -rf "$folder"
	touch "$work/.complete"
	mv "$work" "$folder"
}

install_oldest() {
	mkdir -p "$LAB_CACHE"
	(
		flock 8
		# shellcheck disable=SC2086 # a list of words
		apt_install $LAB_MACHINE_PACKAGES 8>&-
		build_binaries 8>&-
	) 8>"$LAB_CACHE/lock"
	# Under a lock of its own: who only wants a lab need not wait for it.
	(
		flock 8
		build_oldest 8>&-
	) 8>"$LAB_CACHE/oldest.lock"
}

oldest_up() {
	local began=$SECONDS
	oldest_down
	mkdir -p "$LAB_STATE/log" "$LAB_BIN"
	ln -sfn "$(binaries_folder)"/{etcd,kubectl} "$(oldest_folder)/kube-apiserver" "$LAB_BIN/"
	make_network 0
	make_control_plane_identities
	start_etcd
	start_apiserver
	await_apiserver
	# Once more: what came before its start is too old for a watch, as on every server that has run for a while.
	apiserver_verb outage 0
	say "Kubernetes $LAB_OLDEST answers after $((SECONDS - began)) s"
}

oldest_down() {
	end_group KILL
	remove_cgroups
	remove_network
	rm -rf --one-file-system "${LAB_STATE:?}"
}

oldest() {
	local verb=${1:-}
	[ $# -eq 0 ] || shift
	case "$verb" in
	install) install_oldest ;;
	up)
		install_oldest
		with_lock oldest_up
		;;
	down) with_lock oldest_down ;;
	kubeconfig) need_up && echo "$LAB_STATE/admin.kubeconfig" ;;
	kubectl) run_inside "$LAB_BIN/kubectl" --kubeconfig "$LAB_STATE/admin.kubeconfig" "$@" ;;
	run) run_inside "$@" ;;
	*) usage_error "oldest takes install, up, down, kubeconfig, kubectl or run" ;;
	esac
}
