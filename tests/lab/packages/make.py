#!/usr/bin/env python3
"""Makes the lab's own package sources: make.py FOLDER

FOLDER/apt        an apt repository: the suites lab, lab-updates and lab-security, with indexes and packages
FOLDER/installed  the packages as nodes have them before: older than the repository's
FOLDER/many       three hundred packages more: `status` to be added to a node's dpkg database, and their newer versions
                  in the suite lab-many, which nobody has among his sources unless a test adds it

Nothing is signed: nodes trust the folder that it comes from.
"""

import hashlib
import pathlib
import subprocess
import sys
import tempfile

OLD, NEW, NEWER = "1.0-1", "1.0-2", "1.0-3"

# Suite, package, version, and what else its control file says.
PACKAGES = [
    ("lab", "lab-plain", NEW, {}),
    ("lab-security", "lab-secure", NEW, {}),
    # The candidate comes from elsewhere, and brings along what was mended for security before it.
    ("lab-security", "lab-masked", NEW, {}),
    ("lab-updates", "lab-masked", NEWER, {}),
    # Nobody's turn.
    ("lab-updates", "lab-phased", NEW, {"Phased-Update-Percentage": "0"}),
    # On hold on the nodes.
    ("lab", "lab-held", NEW, {}),
    # Installing it would remove another.
    ("lab", "lab-greedy", NEW, {"Conflicts": "lab-other"}),
    # A kernel is a new name each time; the package that depends on the newest is all that stays.
    ("lab-security", "linux-image-lab", NEW, {"Depends": "linux-image-6.1.0-2-lab"}),
    ("lab-security", "linux-image-6.1.0-2-lab", NEW, {}),
]
INSTALLED = [
    ("lab-plain", {}),
    ("lab-secure", {}),
    ("lab-masked", {}),
    ("lab-phased", {}),
    ("lab-held", {}),
    ("lab-greedy", {}),
    ("lab-other", {}),
    ("linux-image-lab", {"Depends": "linux-image-6.1.0-1-lab"}),
    ("linux-image-6.1.0-1-lab", {}),
]
# What Release files say: apt and apt-check tell a security origin by these.
SUITES = {
    "lab": ("Debian", "Debian", "stable"),
    "lab-updates": ("Debian", "Debian", "stable-updates"),
    "lab-security": ("Debian", "Debian-Security", "stable-security"),
    "lab-many": ("Debian", "Debian", "many"),
}


def control(name, version, more):
    fields = {
        "Package": name,
        "Version": version,
        "Architecture": "all",
        "Maintainer": "Lab <lab@lab.invalid>",
        **more,
        "Description": "one of the lab's packages",
    }
    return "".join(f"{key}: {value}\n" for key, value in fields.items())


def build(name, version, more, folder):
    # A phased update is so by its index alone.
    own = {key: value for key, value in more.items() if not key.startswith("Phased")}
    with tempfile.TemporaryDirectory() as tree:
        debian = pathlib.Path(tree, "DEBIAN")
        debian.mkdir(mode=0o755)
        (debian / "control").write_text(control(name, version, own))
        package = folder / f"{name}_{version}_all.deb"
        command = ["dpkg-deb", "--root-owner-group", "--build", tree, str(package)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return package


def stanza(name, version, more, path, content):
    return control(name, version, more) + (
        f"Filename: {path}\nSize: {len(content)}\nSHA256: {hashlib.sha256(content).hexdigest()}\n"
    )


def release(dists, suite, index):
    origin, label, archive = SUITES[suite]
    folder = dists / suite
    for architecture in ("amd64", "arm64"):
        binary = folder / "main" / f"binary-{architecture}"
        binary.mkdir(parents=True)
        (binary / "Packages").write_text(index)
    sums = "".join(
        f" {hashlib.sha256(path.read_bytes()).hexdigest()} {path.stat().st_size} {path.relative_to(folder)}\n"
        for path in sorted(folder.rglob("Packages"))
    )
    (folder / "Release").write_text(
        f"Origin: {origin}\nLabel: {label}\nSuite: {archive}\nCodename: {suite}\nVersion: 12\n"
        f"Date: Mon, 05 Jan 2026 08:00:00 UTC\nArchitectures: amd64 arm64\nComponents: main\nSHA256:\n{sums}"
    )


def main(folder):
    apt = folder / "apt"
    pool = apt / "pool"
    installed = folder / "installed"
    many = folder / "many"
    for made in (pool, installed, many):
        made.mkdir(parents=True)
    for name, more in INSTALLED:
        build(name, OLD, more, installed)
    indexes = dict.fromkeys(SUITES, "")
    for suite, name, version, more in PACKAGES:
        package = build(name, version, more, pool)
        indexes[suite] += stanza(name, version, more, f"pool/{package.name}", package.read_bytes()) + "\n"
    # Nobody downloads these: names and versions are all that a question is about.
    names = [f"lab-many-with-a-name-of-some-length-{number:03}" for number in range(300)]
    for name in names:
        indexes["lab-many"] += stanza(name, NEW, {}, f"pool/{name}.deb", b"-") + "\n"
    status = (control(name, OLD, {"Status": "install ok installed"}) for name in names)
    (many / "status").write_text("\n".join(status) + "\n")
    for suite, index in indexes.items():
        release(apt / "dists", suite, index)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
