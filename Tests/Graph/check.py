# SPDX-License-Identifier: Apache-2.0
"""What graphviz made of a chains file, and what mermaid would, beside the file itself.

    check.py CHAINS.json DRAWING.svg DRAWING.mermaid
"""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree

SVG = "{http://www.w3.org/2000/svg}"

# The lines of mermaid that are written, each whole.
TEXT = r'"(?:[^"#;&<>`\\]|#\d+;|<br/>)*"'
NODE = re.compile(rf"^ +(n\d+)(?:\[{TEXT}\]|\[\[{TEXT}\]\]|\(\[{TEXT}\]\)|>{TEXT}\])$")
EDGE = re.compile(rf"^ +(n\d+) (?:-->|==>|-\.->)(?:\|{TEXT}\|)? (n\d+)$")
OPEN = re.compile(rf"^ +subgraph (chain\d+)\[{TEXT}\]$")


def elements(chains, name):
    """Instance names of a chain, numbered and spliced as the host does."""
    entries = []

    def collect(name):
        for entry in chains[name].get("elements", []):
            entry = {"element": entry} if isinstance(entry, str) else entry
            collect(entry["chain"]) if "chain" in entry else entries.append(entry)
    collect(name)
    taken = {entry["name"] for entry in entries if "name" in entry}
    names = []
    for entry in entries:
        found, number = entry.get("name", entry["element"]), 1
        while "name" not in entry and found in taken:
            number += 1
            found = f"{entry['element']}-{number}"
        taken.add(found)
        names.append((found, entry.get("config", {})))
    return names


def instances(chains, name, path):
    """The path of every instance, those in client chains after their users."""
    for element, config in elements(chains, name):
        yield f"{path}/{element}"
        # "client" is what connect calls the client chain that it uses.
        if config.get("client") in chains:
            yield from instances(chains, config["client"], f"{path}/{element}")


def visible(text):
    """Control characters are shown by their number, as everywhere in what catena prints."""
    return re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\u{{{ord(match[0]):x}}}", text)


def drawn(path):
    """Nodes of the SVG: the id that was given, and the text that a person reads."""
    nodes = {}
    for group in ElementTree.parse(path).iter(f"{SVG}g"):
        if group.get("class") == "node":
            nodes[group.get("id")] = [text.text for text in group.iter(f"{SVG}text")]
    return nodes


def fail(text):
    sys.exit(f"graph: {text}")


def check_svg(chains, path):
    nodes = drawn(path)
    served = {name: chain for name, chain in chains.items() if not name.startswith("x-") and ("listen" in chain or "open" in chain)}
    expected = [instance for name in served for instance in instances(chains, name, name)]
    for instance in expected:
        if nodes.get(instance, [None])[0] != instance.split("/")[-1]:
            fail(f"{instance} is not drawn: {nodes}")
    urls = [visible(url) for chain in served.values() for url in chain.get("listen", [])]
    services = {(name, visible(entry["service"])) for name, chain in served.items() for entry in chain.get("open", [])}
    for name, service in services:
        if nodes.get(f"{name}:{service}") != ["opens", service]:
            fail(f"what {name} opens, {service}, is not drawn: {nodes}")
    for url in urls:
        if nodes.get(url) != [url]:
            fail(f"the listener {url} is not drawn: {nodes}")
    if not expected or not urls and not services:
        fail("nothing was expected")
    return len(expected), len(urls) + len(services)


def check_mermaid(path):
    lines = open(path, encoding="utf-8").read().split("\n")
    if lines[0] != "flowchart LR" or lines[-1] != "":
        fail(f"{path}: is no flowchart")
    nodes, edges, depth = [], [], 0
    for number, line in enumerate(lines[1:-1], start=2):
        if match := NODE.match(line):
            nodes.append(match[1])
        elif match := EDGE.match(line):
            edges.append(match.groups())
        elif OPEN.match(line):
            depth += 1
        elif line.strip() == "end" and depth > 0:
            depth -= 1
        else:
            fail(f"{path}:{number}: not understood: {line}")
    if depth != 0:
        fail(f"{path}: a subgraph is not ended")
    if len(set(nodes)) != len(nodes) or not {end for edge in edges for end in edge} <= set(nodes):
        fail(f"{path}: a node is declared twice, or an edge ends at none")
    return len(nodes), len(edges)


def main():
    config, svg, mermaid = sys.argv[1:]
    chains = json.load(open(config, encoding="utf-8"))["chains"]
    drawn_elements, listeners = check_svg(chains, svg)
    nodes, edges = check_mermaid(mermaid)
    print(f"{drawn_elements} elements and {listeners} listeners and openings drawn, {nodes} nodes and {edges} edges in mermaid")


if __name__ == "__main__":
    main()
