"""Modules import downwards, and the families of generators never import each other."""

import ast
from pathlib import Path

import pytest

import skgen

PACKAGE = Path(skgen.__file__).parent
# From the ground up; a module may import from its own floor and from those below.
FLOORS = [
    [
        "_docs",
        "_nearest",
        "_ode",
        "_progress",
        "_random",
        "_sklearn",
        "columns",
        "lists",
        "strategies",
    ],
    ["_containers", "_copies", "constraints", "structure", "table", "rows"],
    ["_visit_order", "encodings"],
    ["base", "deep"],
    ["copula", "language", "neighbors", "neural", "sdv", "trees"],
    ["histories", "hybrid"],
    ["metrics"],
    ["plotting"],
    ["report"],
    ["model_selection"],
    ["cli"],
]
# The click side stands beside the generators.
ASIDE = {"classifiers", "datasets", "preprocessing", "_links"}
FAMILIES = ["copula", "language", "neighbors", "neural", "sdv", "trees"]
NETWORKS = ["gan", "vae", "diffusion", "flow", "autoregressive"]


def modules():
    return {
        ".".join(("skgen", *path.relative_to(PACKAGE).with_suffix("").parts)): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def imports(path):
    """Return the modules of the package that a module imports, lazily too."""
    known = modules()
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                inside = whole in known or f"{whole}.__init__" in known
                found.add(whole if inside else node.module)
    return {name for name in found if name == "skgen" or name.startswith("skgen.")}


def room(module):
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


EDGES = [
    (module, target) for module, path in modules().items() for target in imports(path)
]


def test_every_room_has_a_floor():
    rooms = {room(module) for module in modules()} - {"__init__"}
    assert rooms == {name for floor in FLOORS for name in floor} | ASIDE


def test_nothing_imports_from_above():
    floor = {name: i for i, names in enumerate(FLOORS) for name in names}
    wrong = [
        (module, target)
        for module, target in EDGES
        if room(module) in floor
        and room(target) in floor
        and floor[room(target)] > floor[room(module)]
    ]
    assert wrong == []


def test_families_do_not_import_each_other():
    wrong = [
        (module, target)
        for module, target in EDGES
        if room(module) in FAMILIES
        and room(target) in FAMILIES
        and room(module) != room(target)
    ]
    assert wrong == []


def test_networks_do_not_import_each_other():
    def network(module):
        parts = module.split(".")
        return parts[2] if room(module) == "neural" and len(parts) > 2 else None

    wrong = [
        (module, target)
        for module, target in EDGES
        if network(module) in NETWORKS
        and network(target) in NETWORKS
        and network(module) != network(target)
    ]
    assert wrong == []


@pytest.mark.parametrize("below", ["metrics", "plotting", "encodings", "deep"])
def test_these_know_no_generator(below):
    wrong = [
        (module, target)
        for module, target in EDGES
        if room(module) == below and room(target) in [*FAMILIES, "hybrid"]
    ]
    assert wrong == []


def test_no_circles():
    graph = {}
    for module, target in EDGES:
        # A package is its __init__.
        target = target if target in modules() else f"{target}.__init__"
        if target != module and target != "skgen.__init__":
            graph.setdefault(module, set()).add(target)
    state = {}

    def visit(module, way):
        if state.get(module) == "done":
            return
        assert state.get(module) != "open", [*way, module]
        state[module] = "open"
        for target in sorted(graph.get(module, ())):
            visit(target, [*way, module])
        state[module] = "done"

    for module in sorted(graph):
        visit(module, [])
