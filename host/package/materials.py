"""What is in a package: a bill of materials (CycloneDX 1.5) and the licences of everything in it.

The crates are those that cargo compiles into the program for that triple with the boards' features, build tools and
procedural macros left out; digests are Cargo.lock's. Debian's libraries are named with the versions asked for. The
same commit gives the same bytes: the time is SOURCE_DATE_EPOCH's, and there is no serial number.

cargo-cyclonedx was looked at first: it writes a file into every room of the workspace, and carries no licence texts.
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tomllib

TEXTS = re.compile(r"^(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)
# The boards that programs for boxes are built with (host/ship.sh).
BOARDS = {"mpaka-post": ["pi", "linux"], "mpaka-calibration": ["pi", "linux"]}


def cargo(*words):
    return subprocess.run(["cargo", *words, "--locked"], check=True, stdout=subprocess.PIPE, text=True).stdout


def crates_of(rooms, triple):
    """(name, version) of every crate whose code is in the programs of these rooms."""
    found = set()
    for room in rooms:
        for edges in ("normal,no-proc-macro", "normal,build,no-proc-macro"):
            tree = cargo("tree", "--package", room, "--features", ",".join(BOARDS.get(room, [])), "--edges", edges,
                         "--target", triple, "--prefix", "none", "--format", "{p}")
            for line in tree.splitlines():
                name, version = line.split()[:2]
                # Of what only builds, the foreign sources that a build script compiles (SQLCipher) are in the program.
                if "build" not in edges or name.endswith("-src"):
                    found.add((name, version.removeprefix("v")))
    return found


def details_of(crates, triple):
    """What cargo knows of them, sorted; and who needs whom."""
    boards = ",".join(f"{room}/{board}" for room, names in BOARDS.items() for board in names)
    known = json.loads(cargo("metadata", "--format-version", "1", "--filter-platform", triple, "--features", boards))
    packages = [p for p in known["packages"] if (p["name"], p["version"]) in crates]
    by_id = {p["id"]: p for p in packages}
    needs = {}
    for node in known["resolve"]["nodes"]:
        if node["id"] in by_id:
            needs[reference(by_id[node["id"]])] = sorted({
                reference(by_id[d["pkg"]]) for d in node["deps"]
                if d["pkg"] in by_id and any(k["kind"] is None for k in d["dep_kinds"])
            })
    unknown = crates - {(p["name"], p["version"]) for p in packages}
    if unknown:
        sys.exit(f"materials: cargo metadata does not know {sorted(unknown)}")
    return sorted(packages, key=lambda p: (p["name"], p["version"])), needs


def reference(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def licence_of(package):
    # Some crates still divide their licences by a stroke, as crates.io allowed.
    return (package["license"] or "LicenseRef-file").replace("/", " OR ")


def component(package, digests):
    one = {
        "type": "library",
        "bom-ref": reference(package),
        "name": package["name"],
        "version": package["version"],
        "purl": reference(package),
        "licenses": [{"expression": licence_of(package)}],
    }
    digest = digests.get((package["name"], package["version"]))
    if digest:
        one["hashes"] = [{"alg": "SHA-256", "content": digest}]
    if package["repository"]:
        one["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return one


def debian(needs):
    """Debian's libraries, from a Depends field."""
    for need in filter(None, (n.strip() for n in needs.split(","))):
        name, _, asked = need.partition(" ")
        one = {"type": "library", "bom-ref": f"pkg:deb/debian/{name}", "name": name, "purl": f"pkg:deb/debian/{name}"}
        if asked:
            one["properties"] = [{"name": "debian:depends", "value": asked.strip("()")}]
        yield one


def sbom(words, packages, needs):
    lock = tomllib.loads(pathlib.Path("Cargo.lock").read_text())
    digests = {(p["name"], p["version"]): p.get("checksum") for p in lock["package"]}
    this = f"pkg:deb/mpaka/{words.package}@{words.version}?arch={words.arch}"
    libraries = list(debian(words.needs))
    roots = [reference(p) for p in packages if p["name"] in words.rooms]
    made = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": this,
                "name": words.package,
                "version": words.version,
                "purl": this,
                "licenses": [{"expression": "Apache-2.0"}],
            },
        },
        "components": [component(p, digests) for p in packages] + libraries,
        "dependencies": [{"ref": this, "dependsOn": roots + [library["bom-ref"] for library in libraries]}]
        + [{"ref": ref, "dependsOn": on} for ref, on in sorted(needs.items())],
    }


def texts_of(package):
    """The licence texts that a crate carries, also those of sources that it brings along."""
    folder = pathlib.Path(package["manifest_path"]).parent
    for path in sorted([*folder.glob("*"), *folder.glob("*/*")]):
        if path.is_file() and TEXTS.match(path.name) and path.suffix.lower() not in (".rs", ".toml", ".json", ".py"):
            yield path.read_text(errors="replace").strip()


COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Mpaka
Comment: What is compiled into the programs is named in sbom.cdx.json, with its
 licence; the licence texts are in licences.gz beside this file.

Files: *
Copyright: the Mpaka contributors
License: Apache-2.0
 The full text is in /usr/share/common-licenses/Apache-2.0.
"""


def licences_of(packages):
    """Each foreign crate's licence in a line, then every text once."""
    foreign = [p for p in packages if p["source"]]
    lines = [f"{p['name']} {p['version']}: {licence_of(p)}" for p in foreign]
    texts = {}
    for package in foreign:
        for text in texts_of(package):
            key = hashlib.sha256(" ".join(text.split()).encode()).hexdigest()
            texts.setdefault(key, (text, []))[1].append(f"{package['name']} {package['version']}")
    for text, holders in texts.values():
        lines += ["", "=" * 100, ", ".join(dict.fromkeys(holders)), "", text]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for word in ("package", "version", "arch", "triple", "needs", "sbom", "copyright", "licences"):
        parser.add_argument(f"--{word}", required=True)
    parser.add_argument("rooms", nargs="*", help="the cargo packages whose programs are in it")
    words = parser.parse_args()
    crates = crates_of(words.rooms, words.triple)
    packages, needs = details_of(crates, words.triple) if crates else ([], {})
    unlicensed = [p["name"] for p in packages if not p["license"] and not p["license_file"]]
    if unlicensed:
        sys.exit(f"materials: without a licence: {', '.join(unlicensed)}")
    pathlib.Path(words.sbom).write_text(json.dumps(sbom(words, packages, needs), indent=1) + "\n")
    pathlib.Path(words.copyright).write_text(COPYRIGHT)
    pathlib.Path(words.licences).write_text(licences_of(packages))


if __name__ == "__main__":
    main()
