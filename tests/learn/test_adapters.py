"""Adapters go exactly where a rule says, start as nothing, and what cannot be adapted is named."""

import copy
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from graphs.learn.adapters import FITS, Adaptation, inject
from graphs.learn.lowrank import Adapted
from graphs.learn.probe import probe
from graphs.learn.training import Training
from graphs.learn.variants import activate, adapters_of, load_adapters, variants_of
from graphs.live import Block
from graphs.live.build import build
from graphs.live.cache import OutputCache
from graphs.live.execute import execute
from graphs.live.graph import Body, Graph
from graphs.live.weights import base_tensors
from graphs.spec.document import GraphSpec, NodeSpec
from graphs.spec.plan import Method, Rule
from graphs.spec.problems import FileError, WorldloomError
from graphs.spec.shapes import axes, produce
from tests.learn import toys
from tests.learn.world import chain, leaf, linear, model, nested, plan, registry, same

METHODS: list[Method] = ["lora", "rslora", "dora", "loha", "lokr", "ia3", "oft"]
LAYERS: dict[str, tuple[Any, Tensor]] = {
    "Linear": (lambda: nn.Linear(6, 4), torch.randn(3, 6)),
    "Embedding": (lambda: nn.Embedding(9, 4), torch.tensor([[0, 8, 3], [1, 1, 2]])),
    "Conv1d": (lambda: nn.Conv1d(4, 6, 3, padding=1), torch.randn(2, 4, 7)),
    "Conv2d": (lambda: nn.Conv2d(4, 6, 3, stride=2, padding=1), torch.randn(2, 4, 6, 6)),
    "Conv2d of kernel 1": (lambda: nn.Conv2d(4, 6, 1, stride=2), torch.randn(2, 4, 6, 6)),
    "Conv3d": (lambda: nn.Conv3d(2, 4, 2), torch.randn(2, 2, 4, 4, 4)),
}
CASES = [
    (m, kind)
    for m, kind in itertools.product(METHODS, LAYERS)
    if getattr(nn, kind, None) in FITS[m]
]
NEARLY = {"dora": 2e-7, "oft": 2e-7}  # they divide by a norm, or multiply by a rotation by nothing


class Holder(Block):
    """A block around any layer."""

    def __init__(self) -> None:
        super().__init__()
        self.layer: nn.Module = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x)


def around(*blocks: Block) -> Graph:
    """A graph of blocks that are there already, each on its own."""
    names = [f"n{n}" for n in range(len(blocks))]
    spec = GraphSpec(
        nodes={n: NodeSpec(type="toy/Holder") for n in names},
        inputs={f"x{n}": f"n{n}.x" for n in range(len(blocks))},
        outputs={f"out{n}": f"n{n}.out" for n in range(len(blocks))},
    )
    return Graph(Body(spec, dict(zip(names, blocks, strict=True))))


def held(layer: nn.Module) -> Graph:
    holder = Holder()
    holder.layer = layer
    return around(holder)


def adapt(
    graph: Graph, rule: Rule | None = None, variant: str = "default", seed: int = 0, **fields: Any
) -> Adaptation:
    rule = rule or Rule(mode="lora", **{"rank": 2, **fields})
    return inject(graph, [(path, block, rule) for path, block in graph.blocks()], variant, seed)


def shaken(graph: Graph, variant: str = "default", seed: int = 1) -> Graph:
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in adapters_of(graph, variant).values():
            parameter.add_(torch.randn(parameter.shape, generator=draw) * 0.3)
    return graph


@pytest.mark.parametrize(("method", "kind"), CASES)
def test_a_fresh_adapter_is_the_identity_and_a_shaken_one_learns(method: Method, kind: str) -> None:
    make, x = LAYERS["Conv2d of kernel 1" if (method, kind) == ("oft", "Conv2d") else kind]
    layer = make()
    before = layer(x).detach()
    base = {n: p.detach().clone() for n, p in layer.named_parameters()}
    graph = held(layer)
    report = adapt(graph, method=method)
    after = graph(x0=x)["out0"].detach()
    if method in NEARLY:
        torch.testing.assert_close(
            after, before, rtol=0, atol=NEARLY[method] * before.abs().max().item() * 4
        )
    else:
        assert torch.equal(after, before)
    assert [(t.node, t.layer, t.kind, t.method) for t in report.targets] == [
        ("n0", "layer", kind, method)
    ]
    found = adapters_of(graph, "default")
    assert report.targets[0].parameters == sum(p.numel() for p in found.values()) > 0
    looked = probe(graph, "default", lambda: (graph(x0=x)["out0"] * before.cos()).sum())
    assert looked.dead == ()
    assert looked.identity or method in NEARLY
    assert not torch.equal(shaken(graph)(x0=x)["out0"], before)
    names = {n.removeprefix("n0.layer."): t for n, t in base_tensors(graph).items()}
    assert names.keys() == base.keys(), "the base has the same names with adapters and without"
    assert same(base, names)


def test_a_fresh_adapter_is_the_same_by_the_same_seed() -> None:
    def made(seed: int, variant: str = "v", method: Method = "lora") -> dict[str, Tensor]:
        graph = model({"a": linear(), "b": linear()})
        adapt(graph, variant=variant, seed=seed, method=method)
        return {n: p.detach() for n, p in adapters_of(graph, variant).items()}

    for method in ("lora", "loha"):
        state = torch.get_rng_state()
        assert same(made(0, method=method), made(0, method=method))
        assert torch.equal(state, torch.get_rng_state())
        assert not same(made(0, method=method), made(1, method=method))
        assert not same(made(0, method=method), made(0, "w", method=method))
    a, b = (t for n, t in made(0).items() if n.endswith("lora_A"))
    assert not torch.equal(a, b), "every layer has its own stream"


def test_variants_on_one_layer_add_up_by_their_weights() -> None:
    graph = model({"a": linear()})
    x = torch.randn(5, 4)
    block = graph.at("a")
    plain = block(x)
    parts = {}
    for number, variant in enumerate(("night", "day")):
        adapt(graph, variant=variant)
        shaken(graph, variant, number)
        parts[variant] = block(x) - plain
    assert variants_of(graph) == ["day", "night"]
    activate(graph, {"night": 0.25, "day": -2.0})
    torch.testing.assert_close(block(x), plain + 0.25 * parts["night"] - 2 * parts["day"])
    activate(graph, {})
    assert torch.equal(block(x), plain)
    activate(graph, {"night": 0})
    assert torch.equal(block(x), plain)
    with pytest.raises(WorldloomError, match="no variant 'nihgt'; did you mean night"):
        activate(graph, {"nihgt": 1.0})
    assert torch.equal(block(x), plain)


@pytest.mark.parametrize("method", ["dora", "loha", "ia3"])
def test_variants_of_the_relatives_switch_too(method: Method) -> None:
    graph = model({"a": linear()})
    x, block = torch.randn(5, 4), graph.at("a")
    plain = block(x).detach()
    out = {}
    for number, variant in enumerate(("night", "day")):
        adapt(graph, variant=variant, method=method)
        shaken(graph, variant, number)
        out[variant] = block(x).detach()
    for variant in ("day", "night"):
        activate(graph, {variant: 1.0})
        assert torch.equal(block(x), out[variant])
    activate(graph, {})
    assert torch.equal(block(x), plain)
    if method == "ia3":
        with pytest.raises(
            WorldloomError, match=r"is of ia3, which is on \(1\) or off \(0\), got 0.5"
        ):
            activate(graph, {"day": 0.5})
        assert torch.equal(block(x), plain)
    elif method == "loha":
        activate(graph, {"day": 0.5})
        torch.testing.assert_close(block(x), plain + 0.5 * (out["day"] - plain))
        activate(graph, {"day": 1.0})
        torch.testing.assert_close(block(x), out["day"])


def test_switching_a_variant_is_seen_by_the_cache_of_outputs() -> None:
    for method in ("lora", "loha"):
        graph = model({"a": linear()}).eval()
        for number, variant in enumerate(("night", "day")):
            adapt(graph, variant=variant, method=method)
            shaken(graph, variant, number)
        cache = OutputCache()
        found = []
        for variant in ("night", "day", "night"):
            activate(graph, {variant: 1.0})
            found.append(execute(graph, cache=cache)["out"])
        assert torch.equal(found[0], found[2])
        assert not torch.equal(found[0], found[1])


def test_a_variant_that_is_there_is_left_as_it_is() -> None:
    for method in ("lora", "dora", "oft"):
        graph = shaken(model({"a": linear()}), "none")
        adapt(graph, method=method)
        shaken(graph)
        before = {n: p.detach().clone() for n, p in adapters_of(graph, "default").items()}
        adapt(graph, method=method)
        assert same(before, {n: p.detach() for n, p in adapters_of(graph, "default").items()})


def test_adapting_otherwise_what_is_adapted_is_refused() -> None:
    graph = model({"a": linear(), "b": linear()})
    adapt(graph)
    with pytest.raises(
        WorldloomError,
        match=r"a.map: variant 'default' is there with rank 2 and alpha 16, not lora of rank 3",
    ):
        adapt(graph, rank=3)
    with pytest.raises(
        WorldloomError, match=r"a.map is already adapted by lora; loha cannot be added"
    ):
        adapt(graph, variant="other", method="loha")
    other = model({"a": linear()})
    adapt(other, method="loha")
    for method in ("lora", "dora", "lokr"):
        with pytest.raises(
            WorldloomError, match=f"a.map is already adapted by loha; {method} cannot"
        ):
            adapt(other, variant="other", method=method)


@pytest.mark.parametrize("name", ["", "a.b", "keys", "train", "values", "a b", "../x"])
def test_a_variant_name_that_torch_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(WorldloomError, match="a variant is named by letters"):
        adapt(model({"a": linear()}), variant=name)


def test_a_node_called_like_a_variant_confuses_nothing() -> None:
    graph = model({"night": linear(), "day": linear()})
    adapt(graph, variant="day")
    adapt(graph, variant="night")
    for variant in ("day", "night"):
        assert set(adapters_of(graph, variant)) == {
            f"{node}.map.lora_{factor}" for node in ("day", "night") for factor in "AB"
        }


def test_shared_blocks_and_shared_layers_are_adapted_once_for_all_their_uses() -> None:
    graph = model({"a": leaf("toy/SharedLayer"), "b": NodeSpec(tied_to="a")})
    rule = Rule(mode="lora", rank=2)
    report = inject(graph, [(p, b, rule) for p, b in graph.blocks() if p in "ab"])
    assert [t.layer for t in report.targets] == ["first"]
    assert ("b", "shares its block with a, adapted there") in report.skipped
    block: Any = graph.at("a")
    assert block.first is block.second
    assert isinstance(block.second, Adapted)
    assert list(adapters_of(graph, "default")) == ["a.first.lora_A", "a.first.lora_B"]
    x = torch.randn(3, 4)
    shaken(graph)
    with torch.no_grad():
        layer = copy.deepcopy(block.first.base_layer)
        delta = block.first.adapters["default"]
        layer.weight += delta.lora_B @ delta.lora_A * delta.scale
        torch.testing.assert_close(block(x), layer(layer(x).tanh()))
    for method in ("loha",):
        other = around(toys.SharedLayer())
        adapt(other, method=method)
        block = other.at("n0")
        assert block.first is block.second


def test_what_takes_no_adapter_is_skipped_with_the_reason() -> None:
    report = adapt(around(toys.Foreign()))
    assert [(t.layer, t.kind) for t in report.targets] == [("map", "Linear")]
    assert dict(report.skipped) == {
        "n0.attention": "MultiheadAttention takes no lora",
        "n0.recurrent": "GRU takes no lora",
        "n0.cell": "GRUCell takes no lora",
        "n0.encoder": "TransformerEncoderLayer takes no lora",
        "n0.grouped": "a grouped convolution takes no low-rank adapter",
        "n0.norm": "BatchNorm1d takes no lora",
    }
    narrow = held(nn.Linear(5, 4))
    with pytest.raises(WorldloomError, match="no block size from 2 to 4 divides its width 5"):
        adapt(narrow, method="oft", rank=4)
    for convolution in (
        nn.Conv2d(4, 4, 3, dilation=2),
        nn.Conv1d(4, 4, 3, padding_mode="circular"),
    ):
        with pytest.raises(
            WorldloomError, match="PEFT's dora passes over the dilation and the pad"
        ):
            adapt(held(convolution), method="dora")
    with pytest.raises(WorldloomError, match="oft fits convolutions of kernel 1 only"):
        adapt(held(nn.Conv2d(4, 4, 3)), method="oft", rank=2)


def test_oft_takes_for_each_layer_its_own_block_size() -> None:
    block = Holder()
    block.layer = nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 9))
    graph = around(block)
    x = torch.randn(2, 6)
    before = block(x).detach()
    report = adapt(graph, method="oft", rank=3)
    assert [t.layer for t in report.targets] == ["layer.0", "layer.1"]
    torch.testing.assert_close(graph(x0=x)["out0"], before)
    assert not probe(graph, "default", lambda: (graph(x0=x)["out0"] * before.cos()).sum()).dead


def test_targets_are_patterns_over_layers_and_every_one_must_name_a_layer() -> None:
    body = {"a": leaf("MLP", d_in=4, hidden=[4], d_out=4), "b": leaf("toy/Network")}
    graph = model(body)
    report = adapt(graph, targets=("enter", "**.0"))
    assert [(t.node, t.layer) for t in report.targets][-1] == ("b", "enter")
    for targets, hint in {("enter", "leve"): "'leve'; did you mean leave", ("q",): "'q'"}.items():
        fresh = model(body)
        names = [n for n, _ in fresh.named_modules()]
        with pytest.raises(WorldloomError, match=f"no layer named {hint}"):
            adapt(fresh, targets=targets)
        assert names == [n for n, _ in fresh.named_modules()]
    with pytest.raises(
        WorldloomError, match=r"no layer named norm takes lora; it fits Linear, Emb"
    ):
        adapt(model(body), targets=("norm",))


def test_one_rule_that_fits_nowhere_leaves_the_others_undone() -> None:
    graph = model({"a": linear(), "b": leaf("LayerNorm", width=4)})
    names = [n for n, _ in graph.named_modules()]
    rules = [
        ("a", graph.at("a"), Rule(mode="lora")),
        ("b", graph.at("b"), Rule(mode="lora", rank=3)),
    ]
    with pytest.raises(WorldloomError, match="no layer takes lora") as caught:
        inject(graph, rules)
    assert "b.norm: LayerNorm takes no lora" in str(caught.value)
    assert names == [n for n, _ in graph.named_modules()]


def test_adapters_are_loaded_whole_or_not_at_all() -> None:
    first, second = model({"a": linear(), "b": linear()}), model({"a": linear(), "b": linear()})
    for graph in (first, second):
        adapt(graph, variant="night")
    shaken(first, "night")
    tensors = {n: p.detach().clone() for n, p in adapters_of(first, "night").items()}
    adapt(second, variant="other")
    load_adapters(second, tensors, "other", "file")
    activate(first, {"night": 1.0})
    x = torch.randn(3, 4)
    assert torch.equal(first.at("a")(x), second.at("a")(x))

    before = {n: p.detach().clone() for n, p in adapters_of(second, "night").items()}
    name = "b.map.lora_B"
    hostile = {
        "expected shape (4, 2), got (2, 4)": tensors | {name: tensors[name].T.contiguous()},
        "expected torch.float32, got torch.float64": tensors | {name: tensors[name].double()},
        "holds NaN or infinity": tensors | {name: tensors[name] * torch.inf},
        "b.map.lora_B: missing": {n: t for n, t in tensors.items() if n != name},
        "b.map.lora_C: no such adapter here; did you mean": tensors
        | {"b.map.lora_C": torch.ones(1)},
        "a.map.weight: no such adapter": tensors | {"a.map.weight": torch.ones(4, 4)},
    }
    for message, given in hostile.items():
        with pytest.raises(FileError, match="nothing was loaded") as caught:
            load_adapters(second, given, "night", "file")
        assert message in str(caught.value)
        assert same(before, {n: p.detach() for n, p in adapters_of(second, "night").items()})


def test_the_probe_names_adapters_that_learn_nothing_and_leaves_no_trace() -> None:
    graph = around(toys.Unused(), toys.ReadsWeight(), toys.Foreign())
    adapt(graph, variant="night")
    adapt(graph, variant="default")
    activate(graph, {"night": 0.5})
    for parameter in graph.parameters():
        parameter.requires_grad_(False)
    graph.train()
    graph.at("n0").eval()
    before = {n: p.detach().clone() for n, p in graph.named_parameters()}
    modes = [m.training for m in graph.modules()]
    x = torch.randn(6, 4)
    weights = torch.randn(6, 4)

    def loss() -> Tensor:
        out = graph(x0=x, x1=x, x2=x)
        return sum((value * weights).sum() for value in out.values())  # type: ignore[return-value]

    found = probe(graph, "default", loss)
    assert found.identity
    assert {name.rpartition(".")[0] for name in found.dead} == {"n0.idle", "n1.map"}
    assert same(before, {n: p.detach() for n, p in graph.named_parameters()})
    assert modes == [m.training for m in graph.modules()]
    assert not any(p.requires_grad or p.grad is not None for p in graph.parameters())
    assert {m.active for m in graph.modules() if isinstance(m, Adapted)} == {(("night", 0.5),)}
    dead = probe(graph, "default", lambda: torch.zeros(()) + (loss() * 0).detach())
    assert set(dead.dead) == set(adapters_of(graph, "default"))


def every_call() -> Iterator[tuple[str, Block, dict[str, Any]]]:
    """Each block of the library as its docstring makes and calls it, with random numbers instead.

    A recurrent cell gets a state too: without one its state's map multiplies zeros.
    """
    from tests.nodes.test_contract import example, library

    draw = torch.Generator().manual_seed(0)
    for name in sorted(library()):
        found = example(name)
        if found is None or isinstance(
            found.block, Graph
        ):  # a composite's nodes are blocks themselves
            continue
        given = {
            k: torch.randn(v.shape, generator=draw)
            if isinstance(v, Tensor) and v.is_floating_point() and "mask" not in k
            else v
            for k, v in found.given.items()
        }
        for port in found.block.ports()[0].values():
            if port.name in ("state", "memory") and port.name not in given:
                shape = produce(axes(port.dims), {"b": len(given["x"]), "layers": 1}, found.config)
                given[port.name] = torch.randn(shape, generator=draw)  # type: ignore[arg-type]
        yield name, copy.deepcopy(found.block), given


def test_every_block_of_the_library_with_fitting_layers_adapts_alive() -> None:
    adapted = []
    for name, block, given in every_call():
        if not any(isinstance(m, FITS["lora"]) for m in block.modules()):
            continue
        spec = GraphSpec(nodes={"n": NodeSpec(type=f"core/{name}")})
        graph = Graph(Body(spec, {"n": block}))
        report = adapt(graph)

        def loss(block: Block = block, given: dict[str, Any] = given) -> Tensor:
            out = block(**given)
            values = out if isinstance(out, tuple) else (out,)
            mixed = [
                (v * torch.randn(v.shape, generator=torch.Generator().manual_seed(7))).sum()
                for v in values
                if v.is_floating_point()
            ]
            return torch.stack(mixed).sum()

        found = probe(graph, "default", loss)
        skipped = {path for path, _ in report.skipped}
        assert found.identity, name
        assert not found.dead, (name, found.dead, skipped)
        adapted.append(name)
    assert {"Linear", "Conv2d", "Embedding", "GRU", "LSTM", "MultiHeadAttention", "MLP"} <= set(
        adapted
    )


def test_dropout_of_an_adapter_drops_in_training_on_its_own_stream() -> None:
    for method in ("lora", "dora"):
        rule = Rule(mode="lora", rank=2, dropout=0.5, method=method)

        def losses(rule: Rule = rule) -> list[float]:
            live = model({"a": linear(), "b": linear()})
            training = Training(live, plan(rule))
            shaken(live)
            return [done.loss for done in training.steps()]

        first = losses()
        torch.rand(17)
        assert first == losses(), "the global generator does not matter"
        live = model({"a": linear()})
        training = Training(live, plan(rule))
        shaken(live)
        x = torch.randn(4, 4)
        assert not torch.equal(live.at("a")(x), live.at("a")(x))
        live.eval()
        assert torch.equal(live.at("a")(x), live.at("a")(x))
        assert training.trained


def test_adapters_follow_a_deep_copy_and_a_device_move() -> None:
    spec = chain({"a": linear(), "b": nested({"c": linear()})})
    graph = build(spec, registry())
    adapt(graph)
    shaken(graph)
    x = torch.randn(2, 4)
    copied = copy.deepcopy(graph)
    copied.forget_programs()
    assert torch.equal(copied(x=x)["out"], graph(x=x)["out"])
    half = copied.to(torch.float64)
    assert {p.dtype for p in half.parameters()} == {torch.float64}
    torch.testing.assert_close(half(x=x.double())["out"].float(), graph(x=x)["out"])
