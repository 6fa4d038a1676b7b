# shellcheck shell=bash
# Hollow nodes: Node objects without a machine, to measure clients on big clusters.
# Nobody heartbeats them, so the controller manager is told to wait a day before it
# calls a silent node NotReady; deleting them brings the usual 50 s back.

hollow() {
	local python=("python3" "$LAB_DIR/hollow/hollow.py" "$LAB_NET.1" 6443 "$LAB_PKI")
	if [ "${*: -1}" = --delete ]; then
		in_ns "${python[@]}" delete
		restart_controller_manager 50s
		return
	fi
	[[ $* =~ ^[0-9]+$ ]] || usage_error "hollow takes a number of nodes, or --delete"
	restart_controller_manager 24h
	in_ns "${python[@]}" create "$1"
}

restart_controller_manager() {
	end_group KILL controller-manager
	start_controller_manager "$1"
}

# placement PROGRAM [CELLS] [SEED]: what a plan says of the room for evicted pods, beside what the scheduler does.
placement() {
	[ -x "${1:-}" ] || usage_error "placement takes the benchmark program: cargo build --bench sim"
	local ended=0
	restart_controller_manager 24h
	in_ns python3 "$LAB_DIR/hollow/placement.py" "$LAB_NET.1" 6443 "$LAB_PKI" "$LAB_STATE/admin.kubeconfig" "$1" "${2:-300}" "${3:-1}" || ended=$?
	restart_controller_manager 50s
	return "$ended"
}
