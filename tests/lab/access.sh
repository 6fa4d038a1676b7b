# shellcheck shell=bash
# Ways in, for tests and people: commands in the control plane's namespace, users
# with just the roles named, ssh to nodes with strict host keys.

need_up() {
	if [ ! -e "$LAB_STATE/admin.kubeconfig" ] || is_empty etcd; then fail "the lab is not up" "$LAB_DIR/lab up"; fi
}

# run_inside CMD…: replaces this process, so that pid, signals and exit code are CMD's.
run_inside() {
	[ $# -gt 0 ] || usage_error "run takes a command"
	[ -e "/run/netns/$LAB_NS" ] || fail "the lab is not up" "$LAB_DIR/lab up"
	exec nsenter --net="/run/netns/$LAB_NS" -- "$@"
}

# make_user NAME REF…: a client certificate and bindings to just these roles.
make_user() {
	local name=${1:-} reference binding=0
	[[ $name =~ ^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$ ]] || usage_error "user takes a name of lower-case letters, digits, - and ."
	shift
	local kubeconfig=$LAB_STATE/users/$name.kubeconfig label=aksreboot-lab/user
	mkdir -p "$LAB_STATE/users" "$LAB_PKI/users"
	[ -e "$LAB_PKI/users/$name.crt" ] || make_certificate "users/$name" "/CN=$name"
	write_kubeconfig "users/$name" "$kubeconfig"
	local documents=""
	for reference in "$@"; do
		binding=$((binding + 1))
		documents+=$(binding_document "$name" "$binding" "$label" "$reference")$'\n---\n'
	done
	kube delete clusterrolebindings,rolebindings --all-namespaces --selector "$label=$name" --wait=false >&2
	[ -z "$documents" ] || kube create -f - <<<"$documents" >&2
	echo "$kubeconfig"
}

binding_document() {
	local name=$1 reference=$4 kind scope role
	case "$reference" in
	clusterrole/*/* | role/*/*/*) usage_error "not a role: $reference" ;;
	clusterrole/?*) kind=ClusterRole scope="" role=${reference#clusterrole/} ;;
	role/?*/?*) kind=Role scope=${reference#role/} role=${reference##*/} ;;
	*) usage_error "not a role: $reference (clusterrole/NAME or role/NAMESPACE/NAME)" ;;
	esac
	cat <<-END
		apiVersion: rbac.authorization.k8s.io/v1
		kind: ${kind}Binding
		metadata:
		  name: lab-user-$name-$2
		  ${scope:+namespace: ${scope%%/*}}
		  labels: {$3: $name}
		roleRef: {apiGroup: rbac.authorization.k8s.io, kind: $kind, name: "$role"}
		subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: $name}]
	END
}

# make_ssh_identity NODE: host key recorded before the first boot, the lab's key allowed.
make_ssh_identity() {
	local root ssh=$LAB_STATE/ssh
	root=$(node_folder "$1")/root
	[ -e "$ssh/id" ] || { install -d -m 700 "$ssh" && ssh-keygen -q -t ed25519 -N '' -C aksreboot-lab -f "$ssh/id"; }
	ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$root/etc/ssh/ssh_host_ed25519_key"
	printf '%s,%s %s\n' "$1" "$(node_address "$1")" "$(cut -d' ' -f1,2 "$root/etc/ssh/ssh_host_ed25519_key.pub")" >>"$ssh/known_hosts"
	install -m 600 "$ssh/id.pub" "$root/root/.ssh/authorized_keys"
	install -m 600 -o 1000 -g 1000 "$ssh/id.pub" "$root/home/azureuser/.ssh/authorized_keys"
	cat >>"$ssh/config" <<-END
		Host $1 $(node_address "$1")
		  HostName $(node_address "$1")
		  User azureuser
		  IdentityFile $ssh/id
		  IdentitiesOnly yes
		  UserKnownHostsFile $ssh/known_hosts
		  GlobalKnownHostsFile /dev/null
		  StrictHostKeyChecking yes
		  BatchMode yes
		  ConnectTimeout 5
	END
}

ssh_node() {
	need_node "${1:-}"
	run_inside ssh -F "$LAB_STATE/ssh/config" "$@"
}
