# shellcheck shell=bash
# The control plane: etcd, API server, controller manager and scheduler in the
# lab's namespace, each in a control group of its own, logging to a file of its own.

LAB_CONTROLLERS=clusterrole-aggregation-controller,daemonset-controller,deployment-controller,disruption-controller,garbage-collector-controller,job-controller,namespace-controller,node-lifecycle-controller,pod-garbage-collector-controller,replicaset-controller,replicationcontroller-controller,root-ca-certificate-publisher-controller,serviceaccount-controller,serviceaccount-token-controller,statefulset-controller,taint-eviction-controller,validatingadmissionpolicy-status-controller

# start_control NAME CMD…: CMD in the control plane's namespace, unless it runs.
start_control() {
	is_empty "$1" || return 0
	start_in "$1" "$LAB_STATE/log/$1.log" nsenter --net="/run/netns/$LAB_NS" "${@:2}"
}

start_etcd() {
	start_control etcd "$LAB_BIN/etcd" --name lab --data-dir "$LAB_STATE/etcd" --unsafe-no-fsync \
		--listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
		--listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
		--initial-cluster lab=http://127.0.0.1:2380 --log-level warn
}

start_apiserver() {
	start_control apiserver "$LAB_BIN/kube-apiserver" \
		--bind-address "$LAB_NET.1" --advertise-address "$LAB_NET.1" --secure-port 6443 \
		--etcd-servers http://127.0.0.1:2379 --service-cluster-ip-range "$LAB_CLUSTER_IPS.0/16" \
		--client-ca-file "$LAB_PKI/ca.crt" --tls-cert-file "$LAB_PKI/apiserver.crt" --tls-private-key-file "$LAB_PKI/apiserver.key" \
		--kubelet-client-certificate "$LAB_PKI/admin.crt" --kubelet-client-key "$LAB_PKI/admin.key" \
		--kubelet-preferred-address-types InternalIP \
		--requestheader-client-ca-file "$LAB_PKI/ca.crt" --requestheader-allowed-names front-proxy \
		--requestheader-username-headers X-Remote-User --requestheader-group-headers X-Remote-Group \
		--requestheader-extra-headers-prefix X-Remote-Extra- \
		--proxy-client-cert-file "$LAB_PKI/aggregator.crt" --proxy-client-key-file "$LAB_PKI/aggregator.key" \
		--service-account-issuer https://kubernetes.default.svc --service-account-key-file "$LAB_PKI/service-accounts.key" \
		--service-account-signing-key-file "$LAB_PKI/service-accounts.key" \
		--authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --allow-privileged=true \
		--runtime-config admissionregistration.k8s.io/v1beta1=true --feature-gates MutatingAdmissionPolicy=true \
		--audit-policy-file "$LAB_DIR/control/audit-policy.yaml" --audit-log-path "$LAB_STATE/audit.log" \
		--audit-log-mode blocking --audit-log-maxsize 2000 --profiling=false
}

# start_controller_manager [GRACE]: how long a node may be silent before it counts as NotReady.
start_controller_manager() {
	start_control controller-manager "$LAB_BIN/kube-controller-manager" \
		--kubeconfig "$LAB_STATE/controller-manager.kubeconfig" --authentication-kubeconfig "$LAB_STATE/controller-manager.kubeconfig" \
		--authorization-kubeconfig "$LAB_STATE/controller-manager.kubeconfig" --bind-address 127.0.0.1 \
		--use-service-account-credentials --service-account-private-key-file "$LAB_PKI/service-accounts.key" \
		--root-ca-file "$LAB_PKI/ca.crt" --controllers "$LAB_CONTROLLERS" --leader-elect=false \
		--node-monitor-grace-period "${1:-50s}" --kube-api-qps 500 --kube-api-burst 1000 --profiling=false
}

start_scheduler() {
	start_control scheduler "$LAB_BIN/kube-scheduler" --kubeconfig "$LAB_STATE/scheduler.kubeconfig" \
		--authentication-kubeconfig "$LAB_STATE/scheduler.kubeconfig" --authorization-kubeconfig "$LAB_STATE/scheduler.kubeconfig" \
		--bind-address 127.0.0.1 --leader-elect=false --profiling=false
}

apiserver_answers() { kube get --raw /readyz >/dev/null 2>&1; }

await_apiserver() {
	wait_until 90 apiserver_answers ||
		fail "the API server is not ready after 90 s" "tail $LAB_STATE/log/apiserver.log" "tail $LAB_STATE/log/etcd.log"
}

# apiserver stop|start|outage SECONDS: connections are cut and refused, as when a
# machine dies; nodes and workloads go on.
apiserver_verb() {
	case "${1:-}" in
	stop) end_group KILL apiserver ;;
	start) start_apiserver && await_apiserver ;;
	outage)
		[[ ${2:-} =~ ^[0-9]+$ ]] || usage_error "apiserver outage takes a number of seconds"
		end_group KILL apiserver
		sleep "$2"
		start_apiserver
		await_apiserver
		;;
	*) usage_error "apiserver takes stop, start or outage SECONDS" ;;
	esac
}
