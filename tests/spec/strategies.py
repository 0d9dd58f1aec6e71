"""Random documents and random edits that fit them, for property tests."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st

from graphs.spec.definitions import expand, paths_inside
from graphs.spec.document import Document, GraphSpec, NodeSpec, Pin, Wire, join
from graphs.spec.edits import (
    AddDefinition,
    AddNode,
    Configure,
    Connect,
    Define,
    Demote,
    Detach,
    Disconnect,
    Edit,
    Expose,
    Group,
    Hide,
    Many,
    MoveNodes,
    OverrideConfig,
    Promote,
    Relabel,
    RemoveNodes,
    RemovePlan,
    RenameNode,
    SetCycle,
    SetDescription,
    SetLayout,
    SetLevel,
    SetLoops,
    SetMode,
    SetPlan,
    SetRole,
    SetTitle,
    SetTransition,
    Tie,
    Undefine,
    Ungroup,
    Untie,
    apply,
)
from graphs.spec.levels import LEVELS
from graphs.spec.plan import Compile, Loss, Plan, Rule, Validation
from graphs.spec.problems import EditError
from graphs.spec.state import Cycle, Transition

NAMES = ["a", "b", "c", "d", "e", "f"]
TYPES = ["linear", "relu", "add"]
names = st.sampled_from(NAMES)
scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.0, 1.0, 0.5, "x", ""])
values = scalars | st.lists(scalars, max_size=2)
configs = st.dictionaries(st.sampled_from(["width", "heads", "bias"]), values, max_size=2)


@st.composite
def bodies(draw: st.DrawFn, depth: int = 2, uses: tuple[str, ...] = ()) -> GraphSpec:
    """Leaves, composites and instances; wires run from earlier names to later ones."""
    nodes: dict[str, NodeSpec] = {}
    for name in draw(st.lists(names, unique=True, max_size=4)):
        kind = draw(st.sampled_from(["leaf", "leaf", "leaf", "body", "use"]))
        if kind == "body" and depth:
            nodes[name] = NodeSpec(type="graph", body=draw(bodies(depth - 1, uses)))
        elif kind == "use" and uses:
            nodes[name] = NodeSpec(
                uses=draw(st.sampled_from(uses)), label=draw(st.sampled_from(["", "L"]))
            )
        else:
            nodes[name] = NodeSpec(type=draw(st.sampled_from(TYPES)), config=draw(configs))
    body = GraphSpec(nodes=nodes)
    ins, outs = ports(body, "in"), ports(body, "out")
    pairs = [Wire(s, t) for s in outs for t in ins if s.node < t.node]
    wires = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=6)) if pairs else []
    exposed = st.lists(st.sampled_from(ins), unique=True, min_size=1, max_size=3).map(sorted)
    inputs = draw(st.dictionaries(st.sampled_from(["x", "y"]), exposed)) if ins else {}
    outputs = (
        draw(st.dictionaries(st.sampled_from(["out", "z"]), st.sampled_from(outs))) if outs else {}
    )
    return body.model_copy(
        update={
            "wires": tuple(sorted(wires, key=lambda w: w.target)),
            "inputs": {n: tuple(p) for n, p in sorted(inputs.items())},
            "outputs": dict(sorted(outputs.items())),
            "role": draw(st.sampled_from(["", "", "codec"])),
            "promoted": draw(promotions([path for path, _ in body.walk()])),
            "cycle": draw(cycles(sorted(nodes))),
        }
    )


def promotions(paths: list[str]) -> st.SearchStrategy[dict[str, str]]:
    """Mostly none; settings of some of these nodes under names."""
    if not paths:
        return st.just({})
    some = st.sampled_from(paths).map(lambda path: f"{path}.width")
    return st.just({}) | st.dictionaries(st.sampled_from(["p", "q"]), some, max_size=2)


def cycles(stages: list[str]) -> st.SearchStrategy[Cycle | None]:
    """Mostly none; a cycle of some of these nodes."""
    some = st.lists(st.sampled_from(stages), unique=True, max_size=2) if stages else st.just([])
    return (
        st.none()
        | st.none()
        | st.none()
        | st.builds(
            Cycle, stages=some.map(tuple), content=st.dictionaries(st.sampled_from(["k"]), values)
        )
    )


transitions = st.none() | st.builds(
    Transition,
    needs=st.sampled_from([(), ("intent",)]),
    reads=st.sampled_from([{}, {"x": "intent.goal"}]),
)


def ports(body: GraphSpec, side: str) -> list[Pin]:
    """Every pin that a wire of this body could have at one of its ends."""
    found = []
    for name, node in sorted(body.nodes.items()):
        if node.body is not None:
            shown = node.body.inputs if side == "in" else node.body.outputs
        else:
            shown = ["x", "y"] if side == "in" else ["out"]
        found += [Pin(name, port) for port in shown]
    return found


@st.composite
def plans(draw: st.DrawFn, paths: list[str]) -> Plan:
    """Rules, losses and validation over these paths."""
    where = st.sampled_from([*paths, *[f"{p}.**" for p in paths], "**", "*", "a*", "**.b"])
    modes = st.sampled_from(["train", "frozen", "lora"])
    excluded = st.lists(where, max_size=1).map(tuple)
    rules = st.lists(st.builds(Rule, where=where, mode=modes, exclude=excluded), max_size=4)
    shown = st.sampled_from([f"{p}.out" for p in paths] or ["out"])
    validation = st.none() | st.builds(Validation, ports=st.dictionaries(names, shown, max_size=1))
    return Plan(
        rules=draw(rules.map(tuple)),
        settings=draw(st.dictionaries(st.sampled_from(paths), configs, max_size=2))
        if paths
        else {},
        losses=draw(st.lists(st.builds(Loss, port=shown), max_size=2).map(tuple)),
        recompute=draw(st.lists(where, max_size=1).map(tuple)),
        compile=draw(st.dictionaries(where, st.sampled_from(get_args(Compile)), max_size=1)),
        validation=draw(validation),
    )


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Whole documents: nested bodies, definitions that use one another, plans, layout."""
    definitions: dict[str, NodeSpec] = {}
    for name in draw(st.sampled_from([[], ["one"], ["one", "two"]])):
        leaf = st.builds(NodeSpec, type=st.sampled_from(TYPES), config=configs)
        inner = bodies(1, tuple(definitions)).map(lambda b: NodeSpec(type="graph", body=b))
        definitions[name] = draw(inner | inner | leaf)
    root = draw(bodies(2, tuple(definitions)))
    document = Document(
        title=draw(st.sampled_from(["", "t"])),
        root=root,
        definitions=definitions,
        layout=draw(st.dictionaries(st.sampled_from(["p", "q"]), values, max_size=2)),
    )
    paths = [path for path, _ in expand(document).walk()]
    made = draw(st.dictionaries(st.sampled_from(["main", "light"]), plans(paths), max_size=2))
    return document.model_copy(update={"plans": made})


def places(document: Document) -> list[str]:
    """The paths of all bodies that can be edited."""
    found = ["", *[path for path, node in document.root.walk() if node.body is not None]]
    for name, node in document.definitions.items():
        if node.body is not None:
            found.append(f"@{name}")
            found += [join(f"@{name}", p) for p, n in node.body.walk() if n.body is not None]
    return found


def body_of(document: Document, at: str) -> GraphSpec:
    body = document.root
    for name in at.split(".") if at else ():
        node = document.definitions[name[1:]] if name.startswith("@") else body.nodes[name]
        body = node.body
    return body


MOVING = ["rename", "group", "ungroup", "move", "define", "undefine", "detach"]
OTHER = [
    "add",
    "add",
    "connect",
    "connect",
    "disconnect",
    "configure",
    "relabel",
    "expose",
    "hide",
    "remove",
    "mode",
    "plan",
    "remove_plan",
    "override",
    "tie",
    "untie",
    "level",
    "loops",
    "role",
    "transition",
    "cycle",
    "promote",
    "demote",
    "layout",
    "title",
    "description",
    "many",
    "paste",
    "bring",
]


def tried(document: Document, edit: Edit) -> Document | None:
    """The document after the edit, or None when it is refused."""
    try:
        return apply(document, edit)
    except EditError as error:
        if "→" not in str(error):
            raise AssertionError("an EditError says what to do") from error
        return None


@st.composite
def edits(draw: st.DrawFn, document: Document, kinds: tuple[str, ...] = (*MOVING, *OTHER)) -> Edit:
    """An edit about things that the document has; most are accepted."""
    at = draw(st.sampled_from(places(document)))
    body = body_of(document, at)
    here = sorted(body.nodes)
    kind = draw(st.sampled_from(kinds))
    if not here and kind not in ("plan", "layout", "title", "description", "level"):
        kind = "add"
    name = draw(st.sampled_from(here)) if here else ""
    some = draw(st.lists(st.sampled_from(here), unique=True, min_size=1).map(tuple)) if here else ()
    return _edit(draw, document, at, body, kind, name, some)


def _edit(
    draw: st.DrawFn,
    document: Document,
    at: str,
    body: GraphSpec,
    kind: str,
    name: str,
    some: tuple[str, ...],
) -> Edit:
    pins_in, pins_out = ports(body, "in"), ports(body, "out")
    plan = draw(st.sampled_from([*document.plans, "main"]))
    uses = tuple(document.definitions)
    paths = [path for path, _ in expand(document).walk()]
    match kind:
        case "rename":
            return RenameNode(name, draw(names), at)
        case "group":
            return Group(some, draw(st.sampled_from(["g", "h", name])), at)
        case "ungroup":
            holders = [n for n, node in body.nodes.items() if node.body is not None]
            return Ungroup(draw(st.sampled_from(holders or [name])), at)
        case "move":
            return MoveNodes(some, at, draw(st.sampled_from(places(document))))
        case "define":
            return Define(name, draw(st.sampled_from(["one", "two", "three"])), at)
        case "bring":
            return AddDefinition(draw(st.sampled_from(["one", "four"])), body.nodes[name])
        case "undefine" if uses:
            return Undefine(draw(st.sampled_from(uses)))
        case "detach" | "override":
            instances = [n for n, node in body.nodes.items() if node.uses in document.definitions]
            name = draw(st.sampled_from(instances or [name]))
            if kind == "detach" or not instances:
                return Detach(name, at)
            inner = ["", *paths_inside(document, body.nodes[name])]
            return OverrideConfig(name, draw(st.sampled_from(inner)), draw(configs), at=at)
        case "connect" if pins_in and pins_out:
            wire = Wire(draw(st.sampled_from(pins_out)), draw(st.sampled_from(pins_in)))
            place = draw(st.none() | st.integers(0, 2))
            return Connect(wire, at, draw(st.booleans()), place)
        case "disconnect" if body.wires:
            return Disconnect(draw(st.sampled_from(body.wires)), at)
        case "configure":
            return Configure(name, draw(configs), tuple(draw(st.sets(st.just("bias")))), at)
        case "relabel":
            return Relabel(name, draw(st.sampled_from(["", "L", "M"])), at)
        case "expose" if pins_in and pins_out:
            if draw(st.booleans()):
                return Expose("input", draw(names), draw(st.sampled_from(pins_in)), at)
            return Expose("output", draw(names), draw(st.sampled_from(pins_out)), at)
        case "hide" if body.inputs:
            outer = draw(st.sampled_from(sorted(body.inputs)))
            return Hide("input", outer, draw(st.sampled_from([None, *body.inputs[outer]])), at)
        case "hide" if body.outputs:
            return Hide("output", draw(st.sampled_from(sorted(body.outputs))), None, at)
        case "remove":
            return RemoveNodes(some, at)
        case "mode":
            rule = draw(st.none() | st.builds(Rule, mode=st.sampled_from(["frozen", "lora"])))
            return SetMode(draw(st.sampled_from(["**", *paths])), rule, plan)
        case "plan":
            return SetPlan(plan, draw(plans(paths)))
        case "remove_plan":
            return RemovePlan(plan)
        case "tie":
            return Tie(name, draw(st.sampled_from([*paths, "a"])), at)
        case "untie":
            tied = [n for n, node in body.nodes.items() if node.tied_to]
            return Untie(draw(st.sampled_from(tied or [name])), at)
        case "level":
            return SetLevel(at, draw(st.sampled_from(list(LEVELS))))
        case "loops":
            return SetLoops(at, draw(st.sampled_from([None, 1, 2])))
        case "role":
            return SetRole(at, draw(st.sampled_from(["", "codec", "solver"])))
        case "transition":
            return SetTransition(at, draw(transitions))
        case "cycle":
            return SetCycle(at, draw(cycles(sorted(body.nodes))))
        case "promote":
            inner = [path for path, _ in body.walk()]
            return Promote(draw(names), f"{draw(st.sampled_from(inner))}.width", at)
        case "demote" if body.promoted:
            return Demote(draw(st.sampled_from(sorted(body.promoted))), at)
        case "layout":
            return SetLayout(draw(st.sampled_from(["p", "q"])), draw(values))
        case "title":
            return SetTitle(draw(st.sampled_from(["", "t", "u"])))
        case "description":
            return SetDescription(draw(st.sampled_from(["", "t", "u"])))
        case "many":
            return Many((Relabel(name, "N", at), Configure(name, draw(configs), at=at)), "both")
        case "paste":
            return AddNode(draw(names), body.nodes[name], at)
    node: Any = st.builds(NodeSpec, type=st.sampled_from(TYPES), config=configs)
    if uses:
        node = node | st.builds(NodeSpec, uses=st.sampled_from(uses))
    return AddNode(draw(names), draw(node), at)


@st.composite
def histories(draw: st.DrawFn, kinds: tuple[str, ...] = (*MOVING, *OTHER)) -> list[Document]:
    """A document and what it became, edit by edit."""
    found = [draw(documents())]
    for _ in range(draw(st.integers(0, 6))):
        made = tried(found[-1], draw(edits(found[-1], kinds)))
        if made is not None:
            found.append(made)
    return found
