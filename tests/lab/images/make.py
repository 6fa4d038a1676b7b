"""Writes the lab's container images as docker-archive tars, from busybox alone.

usage: make.py BUSYBOX FOLDER

sandbox.tar holds lab.local/sandbox:1, which only sleeps; busybox.tar holds
lab.local/busybox:1 with every applet. The same input gives the same bytes.
"""

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile


def entry(name, **fields):
    info = tarfile.TarInfo(name)
    info.mode = fields.pop("mode", 0o755)
    for key, value in fields.items():
        setattr(info, key, value)
    return info


def add_bytes(tar, name, content, mode=0o644):
    tar.addfile(entry(name, mode=mode, size=len(content)), io.BytesIO(content))


def root_file_system(busybox, applets):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for folder in ("bin", "dev", "etc", "host", "proc", "root", "sys", "usr", "usr/bin"):
            tar.addfile(entry(folder, type=tarfile.DIRTYPE))
        tar.addfile(entry("tmp", type=tarfile.DIRTYPE, mode=0o1777))
        add_bytes(tar, "bin/busybox", busybox, mode=0o755)
        for applet in applets:
            tar.addfile(entry(f"bin/{applet}", type=tarfile.SYMTYPE, linkname="busybox"))
        tar.addfile(entry("usr/bin/env", type=tarfile.SYMTYPE, linkname="/bin/busybox"))
        add_bytes(tar, "etc/passwd", b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n")
        add_bytes(tar, "etc/group", b"root:x:0:\nnogroup:x:65534:\n")
    return buffer.getvalue()


def write_image(path, name, layer, command):
    config = {
        "architecture": "amd64" if os.uname().machine == "x86_64" else "arm64",
        "os": "linux",
        "created": "2026-01-01T00:00:00Z",
        "config": {"Env": ["PATH=/bin:/usr/bin"], "Cmd": command, "WorkingDir": "/"},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]},
        "history": [{"created": "2026-01-01T00:00:00Z", "created_by": "the lab"}],
    }
    config_bytes = json.dumps(config, sort_keys=True).encode()
    config_name = hashlib.sha256(config_bytes).hexdigest() + ".json"
    manifest = [{"Config": config_name, "RepoTags": [name], "Layers": ["layer.tar"]}]
    with tarfile.open(path, mode="w", format=tarfile.PAX_FORMAT) as tar:
        add_bytes(tar, "layer.tar", layer)
        add_bytes(tar, config_name, config_bytes)
        add_bytes(tar, "manifest.json", json.dumps(manifest).encode())


def main():
    busybox_path, folder = sys.argv[1:]
    applets = subprocess.run([busybox_path, "--list"], check=True, capture_output=True, text=True).stdout.split()
    with open(busybox_path, "rb") as file:
        busybox = file.read()
    applets = sorted(set(applets) - {"busybox"})
    os.makedirs(folder, exist_ok=True)
    write_image(f"{folder}/sandbox.tar", "lab.local/sandbox:1", root_file_system(busybox, ["sleep"]), ["/bin/sleep", "infinity"])
    write_image(f"{folder}/busybox.tar", "lab.local/busybox:1", root_file_system(busybox, applets), ["/bin/sh"])


if __name__ == "__main__":
    main()
