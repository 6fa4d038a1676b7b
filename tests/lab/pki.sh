# shellcheck shell=bash
# Certificates and kubeconfigs, made afresh by each `up`. Nothing here is secret
# beyond the life of the lab: the folder is readable by root only all the same.

LAB_PKI=$LAB_STATE/pki

make_ca() {
	rm -rf "$LAB_PKI"
	install -d -m 700 "$LAB_PKI"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=aksreboot-lab \
		-addext keyUsage=critical,keyCertSign,cRLSign \
		-keyout "$LAB_PKI/ca.key" -out "$LAB_PKI/ca.crt" 2>/dev/null
	openssl ecparam -name prime256v1 -genkey -noout -out "$LAB_PKI/service-accounts.key"
}

# make_certificate FILE SUBJECT [ALTERNATIVE-NAMES]: FILE.crt and FILE.key in the PKI folder.
make_certificate() {
	local names=()
	[ $# -lt 3 ] || names=(-addext "subjectAltName=$3")
	openssl req -x509 -CA "$LAB_PKI/ca.crt" -CAkey "$LAB_PKI/ca.key" -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
		-nodes -days 30 -subj "$2" -addext basicConstraints=critical,CA:FALSE \
		-addext extendedKeyUsage=clientAuth,serverAuth "${names[@]}" \
		-keyout "$LAB_PKI/$1.key" -out "$LAB_PKI/$1.crt" 2>/dev/null ||
		fail "openssl could not make the certificate for $2" "openssl version   # 3.0 or later is needed"
}

# write_kubeconfig CERTIFICATE FILE: everything embedded, so that the file can be copied.
write_kubeconfig() {
	local user=${1##*/}
	install -m 600 /dev/null "$2.new"
	cat >"$2.new" <<-END
		apiVersion: v1
		kind: Config
		current-context: lab
		contexts: [{name: lab, context: {cluster: lab, user: $user}}]
		clusters:
		- name: lab
		  cluster:
		    server: $LAB_API
		    certificate-authority-data: $(base64 -w0 "$LAB_PKI/ca.crt")
		users:
		- name: $user
		  user:
		    client-certificate-data: $(base64 -w0 "$LAB_PKI/$1.crt")
		    client-key-data: $(base64 -w0 "$LAB_PKI/$1.key")
	END
	mv "$2.new" "$2"
}

make_control_plane_identities() {
	make_ca
	make_certificate apiserver /CN=kube-apiserver "IP:$LAB_NET.1,IP:$LAB_CLUSTER_IPS.1,IP:127.0.0.1,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc"
	make_certificate aggregator /CN=front-proxy
	make_certificate admin /O=system:masters/CN=admin
	make_certificate lab /O=system:masters/CN=system:lab
	make_certificate controller-manager /CN=system:kube-controller-manager
	make_certificate scheduler /CN=system:kube-scheduler
	local who
	for who in admin lab controller-manager scheduler; do
		write_kubeconfig "$who" "$LAB_STATE/$who.kubeconfig"
	done
}
