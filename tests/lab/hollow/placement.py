"""Compares what a plan says of the room for evicted pods with what the real scheduler does with them.

usage: placement.py HOST PORT PKI-FOLDER KUBECONFIG PROGRAM CELLS SEED

Makes CELLS small clusters side by side, each of hollow nodes and pods with a label of its own that keeps them apart. The
scheduler places their pods; then one node of each is cordoned, PROGRAM (the benchmark program `sim`) is asked which of its
pods find no room, and its pods are deleted and made again. Which of them stay without a node is compared with what was said.
"""

import collections
import concurrent.futures
import json
import random
import subprocess
import sys
import time

from hollow import CONNECTIONS, Connection, conditions

LABEL = "aksreboot-lab/cell"
NAMESPACE = "placement"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
CLAIMS = f"/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims"
VOLUMES = "/api/v1/persistentvolumes"
CSI_NODES = "/apis/storage.k8s.io/v1/csinodes"
DRIVER = "disk.lab.local"
# The scheduler tries a pod again within this, at the latest.
QUIET = 12
LONGEST = 120


def node(cell, number, chance, now):
    name = f"cell-{cell}-{number}"
    taints = [{"key": "dedicated", "value": "x", "effect": "NoSchedule"}] if chance.random() < 0.12 else []
    amounts = {"cpu": f"{chance.randrange(10, 36)}00m", "memory": f"{chance.randrange(2, 8)}Gi", "pods": str(chance.randrange(5, 12))}
    return {
        "metadata": {
            "name": name,
            "labels": {
                LABEL: str(cell),
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.azure.com/agentpool": f"{cell}-{chance.choice(('blue', 'green'))}",
                "topology.kubernetes.io/zone": f"{cell}-{chance.randrange(3)}",
            },
        },
        "spec": {"taints": taints, "unschedulable": chance.random() < 0.04},
        "status": {"capacity": amounts, "allocatable": amounts, "conditions": conditions(now)},
    }


def csi_node(made, chance):
    """How many volumes of the driver the node may take."""
    name = made["metadata"]["name"]
    driver = {"name": DRIVER, "nodeID": name, "topologyKeys": [], "allocatable": {"count": chance.randrange(1, 4)}}
    return {"metadata": {"name": name, "labels": {LABEL: made["metadata"]["labels"][LABEL]}}, "spec": {"drivers": [driver]}}


def volume(claim, cell, nodes, chance):
    """A volume that is bound to the claim: of one zone, of one machine, or of everywhere; that of a machine is counted by nobody."""
    kind = chance.choice(("zone", "zone", "zone", "machine", "everywhere"))
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteOnce"],
        "claimRef": {"namespace": NAMESPACE, "name": claim},
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": "by-hand",
    }
    if kind == "machine":
        spec["local"] = {"path": "/mnt"}
    else:
        spec["csi"] = {"driver": DRIVER, "volumeHandle": claim}
    key, value = {
        "zone": ("topology.kubernetes.io/zone", f"{cell}-{chance.randrange(3)}"),
        "machine": ("kubernetes.io/hostname", chance.choice(nodes)),
    }.get(kind, ("kubernetes.io/os", "linux"))
    expression = {"key": key, "operator": "In", "values": [value]}
    spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}}
    return {"metadata": {"name": claim, "labels": {LABEL: str(cell)}}, "spec": spec}


def claim_of(made):
    return {
        "metadata": {**made["metadata"], "annotations": {"pv.kubernetes.io/bind-completed": "yes"}},
        "spec": {
            "accessModes": made["spec"]["accessModes"],
            "resources": {"requests": made["spec"]["capacity"]},
            "storageClassName": made["spec"]["storageClassName"],
            "volumeName": made["metadata"]["name"],
        },
    }


def term(app, key):
    return {"topologyKey": key, "labelSelector": {"matchLabels": {"app": app}}}


def template(cell, app, others, chance):
    """The spec of an application's pods: now and then every demand that a plan judges."""
    keys = ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
    requests = {"cpu": f"{chance.randrange(1, 13)}00m", "memory": f"{chance.randrange(1, 20)}00Mi"}
    container = {"name": "main", "image": "lab.local/busybox:1", "resources": {"requests": requests}}
    spec = {"nodeSelector": {LABEL: str(cell)}, "containers": [container], "terminationGracePeriodSeconds": 0, "automountServiceAccountToken": False}
    affinity = collections.defaultdict(dict)
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    if chance.random() < 0.1:
        container["ports"] = [{"containerPort": 80, "hostPort": 8080}]
    if chance.random() < 0.2:
        spec["tolerations"] = [{"key": "dedicated", "operator": "Exists"}]
    if chance.random() < 0.12:
        spec["nodeSelector"]["kubernetes.azure.com/agentpool"] = f"{cell}-{chance.choice(('blue', 'green'))}"
    if chance.random() < 0.12:
        zones = [f"{cell}-{chance.randrange(3)}" for _ in range(2)]
        expression = {"key": keys[1], "operator": chance.choice(("In", "NotIn")), "values": sorted(set(zones))}
        affinity["nodeAffinity"][required] = {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}
    if chance.random() < 0.2:
        affinity["podAntiAffinity"][required] = [term(chance.choice([app, *others]), chance.choice((keys[0], *keys)))]
    if others and chance.random() < 0.12:
        affinity["podAffinity"][required] = [term(chance.choice([app, *others]), chance.choice(keys))]
    if chance.random() < 0.2:
        spread = {"maxSkew": chance.randrange(1, 3), "topologyKey": chance.choice(keys), "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": app}}}
        if chance.random() < 0.2:
            spread["minDomains"] = chance.randrange(1, 4)
        if chance.random() < 0.3:
            spread["nodeTaintsPolicy"] = "Honor"
        spec["topologySpreadConstraints"] = [spread]
    if affinity:
        spec["affinity"] = affinity
    return spec


def with_claim(spec, claim):
    return {**spec, "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]}


def pod(name, app, cell, spec, owner):
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner, "controller": True}
    return {"metadata": {"name": name, "labels": {"app": app, LABEL: str(cell)}, "ownerReferences": [reference]}, "spec": spec}


class Lab:
    def __init__(self, host, port, pki):
        self.connect = lambda: Connection(host, int(port), pki)
        self.connection = self.connect()

    def get(self, path):
        return json.loads(self.connection.request("GET", path))

    def each(self, requests):
        """Sends them over some connections; those of one list keep their order."""
        requests = list(requests)

        def work(first):
            connection = self.connect()
            for method, path, body in requests[first::CONNECTIONS]:
                connection.request(method, path, body)

        with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
            for _ in pool.map(work, range(CONNECTIONS)):
                pass

    def pods(self):
        return self.get(PODS)["items"]

    def settle(self):
        """Waits until the scheduler has looked at every pod, and has nothing more to give for a while."""
        before, since, began = None, time.monotonic(), time.monotonic()
        while time.monotonic() - began < LONGEST:
            pods = self.pods()
            looked = all("nodeName" in pod["spec"] or pod["status"].get("conditions") for pod in pods)
            bound = sorted(pod["metadata"]["name"] for pod in pods if "nodeName" in pod["spec"])
            if bound != before or not looked:
                before, since = bound, time.monotonic()
            elif time.monotonic() - since > QUIET:
                return pods
            time.sleep(1)
        raise RuntimeError(f"the scheduler is not quiet after {LONGEST} s")

    def bind(self, volumes):
        """What a controller does that the lab has not: bound is what says so."""
        self.each(("POST", VOLUMES, made) for made in volumes)
        self.each(("POST", CLAIMS, claim_of(made)) for made in volumes)
        for path in (VOLUMES, CLAIMS):
            bound = {"status": {"phase": "Bound"}}
            self.each(("PATCH", f"{path}/{made['metadata']['name']}/status", bound) for made in volumes)

    def delete(self):
        for path in (CLAIMS, VOLUMES):
            names = [made["metadata"]["name"] for made in self.get(f"{path}?labelSelector={LABEL}")["items"]]
            # Only a controller would take the finalizers away.
            self.each(("PATCH", f"{path}/{name}", {"metadata": {"finalizers": None}}) for name in names)
            self.each(("DELETE", f"{path}/{name}", None) for name in names)
        self.connection.request("DELETE", f"{CSI_NODES}?labelSelector={LABEL}")
        self.connection.request("DELETE", f"{PODS}", {"gracePeriodSeconds": 0})
        self.connection.request("DELETE", f"/api/v1/namespaces/{NAMESPACE}")
        while self.get(f"/api/v1/nodes?labelSelector={LABEL}&limit=1")["items"]:
            self.connection.request("DELETE", f"/api/v1/nodes?labelSelector={LABEL}")
        while self.get(f"/api/v1/namespaces/{NAMESPACE}")["kind"] == "Namespace":
            time.sleep(1)


def compare(lab, kubeconfig, program, cells, seed):
    chance = random.Random(seed)
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    lab.connection.request("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    lab.connection.request("POST", f"/api/v1/namespaces/{NAMESPACE}/configmaps", {"metadata": {"name": "owner"}})
    owner = lab.get(f"/api/v1/namespaces/{NAMESPACE}/configmaps/owner")["metadata"]["uid"]
    lab.connection.request("POST", f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts", {"metadata": {"name": "default"}})
    nodes, pods, volumes = [], [], []
    for cell in range(cells):
        own = [node(cell, number, chance, now) for number in range(chance.randrange(3, 7))]
        nodes += own
        names = [made["metadata"]["name"] for made in own]
        apps = [f"app-{cell}-{number}" for number in range(chance.randrange(2, 6))]
        for app in apps:
            spec = template(cell, app, [other for other in apps if other != app], chance)
            has_volumes = chance.random() < 0.3
            for number in range(chance.randrange(1, 5)):
                name = f"{app}-{number}"
                if has_volumes:
                    volumes.append(volume(name, cell, names, chance))
                pods.append(pod(name, app, cell, with_claim(spec, name) if has_volumes else spec, owner))
    lab.each(("POST", "/api/v1/nodes", node) for node in nodes)
    lab.each(("POST", CSI_NODES, csi_node(made, chance)) for made in nodes)
    lab.bind(volumes)
    # Admission taints every new node; the controller manager takes the taint away.
    while b"node.kubernetes.io/not-ready" in lab.connection.request("GET", f"/api/v1/nodes?labelSelector={LABEL}"):
        time.sleep(2)
    lab.each(("POST", PODS, pod) for pod in pods)
    placed = lab.settle()
    # Those that found no place would only compete with the others.
    lost = [pod["metadata"]["name"] for pod in placed if "nodeName" not in pod["spec"]]
    lab.each(("DELETE", f"{PODS}/{name}", {"gracePeriodSeconds": 0}) for name in lost)

    on = collections.defaultdict(list)
    for made in placed:
        if "nodeName" in made["spec"]:
            on[made["spec"]["nodeName"]].append(made)
    fullest = {}
    for name, there in sorted(on.items()):
        cell = there[0]["metadata"]["labels"][LABEL]
        if len(there) > len(on.get(fullest.get(cell), ())):
            fullest[cell] = name
    goes = sorted(fullest.values())
    said = json.loads(subprocess.run([program, "room", kubeconfig, *goes], check=True, capture_output=True, text=True).stdout)

    leaving = [made for name in goes for made in sorted(on[name], key=lambda made: made["metadata"]["name"])]
    patch = {"spec": {"unschedulable": True}}
    lab.each(("PATCH", f"/api/v1/nodes/{name}", patch) for name in goes)
    time.sleep(3)
    lab.each(("DELETE", f"{PODS}/{made['metadata']['name']}", {"gracePeriodSeconds": 0}) for made in leaving)
    specs = {made["metadata"]["name"]: made["spec"] for made in pods}
    again = []
    for made in leaving:
        name, labels = made["metadata"]["name"], made["metadata"]["labels"]
        again.append(pod(f"{name}-again", labels["app"], labels[LABEL], specs[name], owner))
    lab.each(("POST", PODS, made) for made in again)
    waits = {made["metadata"]["name"] for made in lab.settle() if "nodeName" not in made["spec"]}
    return tally(said, leaving, waits, fullest)


def tally(said, leaving, waits, fullest):
    """Pods of one application are alike: their numbers are compared, cluster by cluster."""
    of_app = collections.defaultdict(lambda: [0, 0, 0, 0])
    for made in leaving:
        name, app = made["metadata"]["name"], made["metadata"]["labels"]["app"]
        counts = of_app[made["metadata"]["labels"][LABEL], app]
        counts[0] += 1
        counts[1] += name in said[made["spec"]["nodeName"]]["none"]
        counts[2] += name in said[made["spec"]["nodeName"]]["perhaps"]
        counts[3] += f"{name}-again" in waits
    fits = sum(all_ - none - perhaps for all_, none, perhaps, _ in of_app.values())
    wrong_fits = {key: waiting - none - perhaps for key, (_, none, perhaps, waiting) in of_app.items() if waiting > none + perhaps}
    wrong_lacks = {key: none - waiting for key, (_, none, _, waiting) in of_app.items() if none > waiting}
    pending = {cell for (cell, _), (_, _, _, waiting) in of_app.items() if waiting}
    for what, wrong in (("said to fit, and waits", wrong_fits), ("said to find no room, and runs", wrong_lacks)):
        for (cell, app), count in sorted(wrong.items()):
            print(f"  cluster {cell}, {app}: {count} {what} ({fullest[cell]})", file=sys.stderr)
    return {
        "clusters": len(fullest),
        "podsWithVolumes": sum("volumes" in made["spec"] for made in leaving),
        "leavePending": len(pending),
        "pods": sum(all_ for all_, _, _, _ in of_app.values()),
        "saidToFit": fits,
        "wrongFits": sum(wrong_fits.values()),
        "saidToDependOnTheOrder": sum(perhaps for _, _, perhaps, _ in of_app.values()),
        "saidToLackRoom": sum(none for _, none, _, _ in of_app.values()),
        "wrongLacks": sum(wrong_lacks.values()),
    }


def main():
    host, port, pki, kubeconfig, program, cells, seed = sys.argv[1:]
    lab = Lab(host, port, pki)
    try:
        print(json.dumps(compare(lab, kubeconfig, program, int(cells), int(seed))))
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        sys.exit(f"error: placement: {error}\n{getattr(error, 'stderr', '') or ''}")
    finally:
        lab.delete()


if __name__ == "__main__":
    main()
