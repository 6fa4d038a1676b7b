"""Creates or deletes hollow nodes: Node objects as big as those of a real AKS node.

usage: hollow.py HOST PORT PKI-FOLDER create COUNT | delete
"""

import concurrent.futures
import datetime
import http.client
import json
import random
import ssl
import sys
import time
import uuid

LABEL = "aksreboot-lab/hollow"
CONNECTIONS = 6
POOL = "aks-hollow-12345678-vmss"
GROUP = "MC_lab_lab_westeurope"
REPOSITORIES = (
    "oss/kubernetes/kube-proxy", "oss/v2/kubernetes-csi/azuredisk-csi", "oss/v2/kubernetes-csi/azurefile-csi",
    "containernetworking/azure-cns", "containernetworking/azure-ipam", "oss/kubernetes/coredns",
    "oss/kubernetes/autoscaler/addon-resizer", "oss/kubernetes/metrics-server", "azuremonitor/containerinsights/ciprod",
    "oss/kubernetes/azure-cloud-node-manager", "oss/kubernetes-csi/livenessprobe", "oss/kubernetes-csi/csi-node-driver-registrar",
    "aks/ip-masq-agent-v2", "oss/kubernetes/apiserver-network-proxy/agent", "oss/kubernetes/pause", "oss/kubernetes/kured",
)  # fmt: skip


class Connection:
    def __init__(self, host, port, pki):
        context = ssl.create_default_context(cafile=f"{pki}/ca.crt")
        context.load_cert_chain(f"{pki}/lab.crt", f"{pki}/lab.key")
        self.http = http.client.HTTPSConnection(host, port, context=context, timeout=120)

    def request(self, method, path, body=None):
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        self.http.request(method, path, body and json.dumps(body), {"Content-Type": kind})
        answer = self.http.getresponse()
        content = answer.read()
        if answer.status not in (200, 201, 404, 409):
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300].decode()}")
        return content


def base36(number):
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def labels(name, zone):
    return {
        LABEL: "true",
        "agentpool": "hollow",
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/instance-type": "Standard_D4s_v5",
        "beta.kubernetes.io/os": "linux",
        "failure-domain.beta.kubernetes.io/region": "westeurope",
        "failure-domain.beta.kubernetes.io/zone": zone,
        "kubernetes.azure.com/agentpool": "hollow",
        "kubernetes.azure.com/cluster": GROUP,
        "kubernetes.azure.com/consolidated-additional-properties": str(uuid.uuid4()),
        "kubernetes.azure.com/kubelet-identity-client-id": str(uuid.uuid4()),
        "kubernetes.azure.com/mode": "user",
        "kubernetes.azure.com/node-image-version": "AKSUbuntu-2204gen2containerd-202601.01.0",
        "kubernetes.azure.com/nodepool-type": "VirtualMachineScaleSets",
        "kubernetes.azure.com/os-sku": "Ubuntu",
        "kubernetes.azure.com/os-sku-effective": "Ubuntu2204",
        "kubernetes.azure.com/os-sku-requested": "Ubuntu",
        "kubernetes.azure.com/priority": "regular",
        "kubernetes.azure.com/role": "agent",
        "kubernetes.azure.com/storageprofile": "managed",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": "Standard_D4s_v5",
        "topology.disk.csi.azure.com/zone": zone,
        "topology.kubernetes.io/region": "westeurope",
        "topology.kubernetes.io/zone": zone,
    }


def conditions(now):
    def condition(kind, value, reason, message):
        return {"type": kind, "status": value, "reason": reason, "message": message,
                "lastHeartbeatTime": now, "lastTransitionTime": now}  # fmt: skip

    healthy = [
        ("FrequentUnregisterNetDevice", "NoFrequentUnregisterNetDevice", "node is functioning properly"),
        ("VMEventScheduled", "NoVMEventScheduled", "VM has no scheduled event"),
        ("KernelDeadlock", "KernelHasNoDeadlock", "kernel has no deadlock"),
        ("ReadonlyFilesystem", "FilesystemIsNotReadOnly", "Filesystem is not read-only"),
        ("FilesystemCorruptionProblem", "FilesystemIsOK", "Filesystem is healthy"),
        ("ContainerRuntimeProblem", "ContainerRuntimeIsUp", "container runtime service is up"),
        ("KubeletProblem", "KubeletIsUp", "kubelet service is up"),
        ("FrequentKubeletRestart", "NoFrequentKubeletRestart", "kubelet is functioning properly"),
        ("FrequentDockerRestart", "NoFrequentDockerRestart", "docker is functioning properly"),
        ("FrequentContainerdRestart", "NoFrequentContainerdRestart", "containerd is functioning properly"),
        ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ]
    ready = condition("Ready", "True", "KubeletReady", "kubelet is posting ready status")
    return [condition(kind, "False", reason, message) for kind, reason, message in healthy] + [ready]


def images(chance):
    listed = []
    for repository in REPOSITORIES:
        for version in range(2):
            digest = f"{chance.getrandbits(256):064x}"
            listed.append({
                "names": [f"mcr.microsoft.com/{repository}@sha256:{digest}", f"mcr.microsoft.com/{repository}:v1.{chance.randrange(40)}.{version}"],
                "sizeBytes": chance.randrange(10_000_000, 400_000_000),
            })  # fmt: skip
    return listed


def node(index):
    chance = random.Random(index)
    name = POOL + base36(index)
    zone = f"westeurope-{index % 3 + 1}"
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    scale_set = f"azure:///subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/{GROUP.lower()}/providers/Microsoft.Compute/virtualMachineScaleSets/{POOL}"
    capacity = {"cpu": "4", "ephemeral-storage": "129886128Ki", "hugepages-1Gi": "0", "hugepages-2Mi": "0", "memory": "16374352Ki", "pods": "110"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": labels(name, zone),
            "annotations": {
                "csi.volume.kubernetes.io/nodeid": json.dumps({"disk.csi.azure.com": name, "file.csi.azure.com": name}),
                "node.alpha.kubernetes.io/ttl": "0",
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
        },
        "spec": {
            "podCIDR": f"10.{100 + index // 256}.{index % 256}.0/24",
            "podCIDRs": [f"10.{100 + index // 256}.{index % 256}.0/24"],
            "providerID": f"{scale_set}/virtualMachines/{index}",
        },
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": f"10.{200 + index // 65536}.{index // 256 % 256}.{index % 256}"},
                {"type": "Hostname", "address": name},
            ],
            "capacity": capacity,
            "allocatable": {**capacity, "cpu": "3860m", "memory": "12880464Ki", "ephemeral-storage": "119703055367"},
            "conditions": conditions(now),
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "images": images(chance),
            "nodeInfo": {
                "architecture": "amd64",
                "bootID": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
                "containerRuntimeVersion": "containerd://1.7.30-1",
                "kernelVersion": "5.15.0-1102-azure" if index % 3 else "5.15.0-1101-azure",
                "kubeProxyVersion": "",
                "kubeletVersion": "v1.34.4",
                "machineID": f"{chance.getrandbits(128):032x}",
                "operatingSystem": "linux",
                "osImage": "Ubuntu 22.04.5 LTS",
                "systemUUID": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            },
        },
    }


def create(connect, count):
    def work(first):
        connection = connect()
        for index in range(first, count, CONNECTIONS):
            connection.request("POST", "/api/v1/nodes", node(index))

    with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
        for _ in pool.map(work, range(CONNECTIONS)):
            pass
    # Admission taints every new node; the controller manager takes the taint away.
    connection = connect()
    while b"node.kubernetes.io/not-ready" in connection.request("GET", f"/api/v1/nodes?labelSelector={LABEL}%3Dtrue"):
        time.sleep(3)


def any_left(connection):
    path = f"/api/v1/nodes?labelSelector={LABEL}%3Dtrue&limit=1"
    return bool(json.loads(connection.request("GET", path))["items"])


def delete(connection):
    while any_left(connection):
        connection.request("DELETE", f"/api/v1/nodes?labelSelector={LABEL}%3Dtrue")


def main():
    host, port, pki, verb, *count = sys.argv[1:]

    def connect():
        return Connection(host, int(port), pki)

    try:
        if verb == "create":
            create(connect, int(count[0]))
        else:
            delete(connect())
    except (OSError, RuntimeError) as error:
        sys.exit(f"error: hollow nodes: {error}\nhint: is the lab up? see  lab status")


if __name__ == "__main__":
    main()
