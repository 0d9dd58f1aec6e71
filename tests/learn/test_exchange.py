"""A PEFT folder that we write PEFT reads, and one that PEFT writes we read, with the same output."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from graphs.learn.adapters import inject
from graphs.learn.exchange import CONFIG, WEIGHTS, adopt_peft, export_peft, import_peft
from graphs.learn.lowrank import Adapted
from graphs.learn.modes import Modes
from graphs.learn.variants import activate, adapters_of, load_adapters, variants_of
from graphs.live import Block
from graphs.live.build import build
from graphs.live.graph import Graph
from graphs.spec.document import NodeSpec
from graphs.spec.plan import Rule
from graphs.spec.problems import FileError, WorldloomError
from graphs.store import read_tensors, write_tensors
from tests.learn.test_adapters import around, held, shaken
from tests.learn.toys import SharedLayer
from tests.learn.world import chain, graph, leaf, linear, nested, registry

RULES = (
    Rule(mode="lora", rank=2, alpha=6.0),
    Rule(where="net.deep", mode="lora", rank=3, alpha=1.5),
    Rule(where="**.one", mode="lora", rank=1),
)


def world() -> Graph:
    """A leaf with convolution and embedding inside beside a nested graph with a shared block."""
    picture = graph(
        {"embed": leaf("Embedding", count=9, width=3), "turn": leaf("Permute", order=[0, 2, 1]),
         "conv": leaf("Conv1d", channels_in=3, channels_out=4, padding=1)},
        ["embed.out -> turn.x", "turn.out -> conv.x"], {"x": "embed.x"}, {"out": "conv.out"})  # fmt: skip
    inner = {"one": linear(), "deep": nested({"one": linear(), "two": leaf("toy/Network")})}
    spec = graph(
        {
            "picture": NodeSpec(type="graph", body=picture),
            "net": NodeSpec(
                type="graph", body=chain({**inner, "twice": NodeSpec(tied_to="net.one")})
            ),
        },
        inputs={"ids": "picture.x", "x": "net.x"},
        outputs={"map": "picture.out", "out": "net.out"},
    )
    return build(spec, registry()).eval()


def adapted(rules: tuple[Rule, ...] = RULES, variant: str = "night") -> Graph:
    from graphs.spec.plan import Plan

    live = world()
    Modes(live, Plan(rules=rules), variant)
    return shaken(live, variant).eval()


GIVEN: dict[str, dict[str, Tensor]] = {
    "picture": {"x": torch.tensor([[1, 8, 0, 3]])},
    "picture.conv": {"x": torch.randn(2, 3, 5)},
    "picture.embed": {"x": torch.tensor([[1, 8]])},
    "net": {"x": torch.randn(2, 4)},
    "net.deep.two": {"x": torch.randn(2, 4)},
    "": {"ids": torch.tensor([[1, 8, 0, 3]]), "x": torch.randn(2, 4)},
}


def outputs(block: nn.Module, node: str) -> list[Tensor]:
    out = block(**GIVEN[node])
    return list(out.values()) if isinstance(out, dict) else [out]


def plain(node: str) -> Block:
    block = copy.deepcopy(world().at(node))
    if isinstance(block, Graph):
        block.forget_programs()
    return block


@pytest.mark.parametrize("node", GIVEN)
def test_peft_loads_what_we_export_and_computes_the_same(node: str, tmp_path: Path) -> None:
    import peft

    live = adapted()
    folder = export_peft(live, node, "night", tmp_path / "out")
    base = plain(node)
    before = outputs(base, node)
    loaded = peft.PeftModel.from_pretrained(base, str(folder)).eval()
    wanted, found = outputs(live.at(node), node), outputs(loaded, node)
    for a, b, c in zip(wanted, found, before, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-5)
        assert not torch.allclose(a, c, atol=1e-3)


@pytest.mark.parametrize("node", GIVEN)
@pytest.mark.parametrize("method", ["lora", "rslora"])
def test_what_we_export_we_import_with_the_same_output(
    node: str, method: Any, tmp_path: Path
) -> None:
    live = adapted(tuple(r.model_copy(update={"method": method}) for r in RULES))
    export_peft(live, node, "night", tmp_path)
    other = world()
    names = import_peft(other, node, tmp_path, "day")
    for a, b in zip(outputs(live.at(node), node), outputs(other.at(node), node), strict=True):
        assert torch.equal(a, b)
    prefix = f"{node}." if node else ""
    layers = {n.rpartition(".")[0] for n in adapters_of(other, "day")}
    assert {f"{prefix}{name}" for name in names} == layers


def test_what_peft_saves_we_import_with_the_same_output(tmp_path: Path) -> None:
    import peft

    config = peft.LoraConfig(
        r=4,
        lora_alpha=3,
        use_rslora=True,
        target_modules="all-linear",
        rank_pattern={"deep.one.map": 2, "leave": 3},
        alpha_pattern={"two.*": 9},
    )
    base = plain("net")
    api: Any = peft
    theirs = api.get_peft_model(base, config).eval()
    with torch.no_grad():
        for name, parameter in theirs.named_parameters():
            if "lora_" in name:
                parameter.normal_()
    theirs.save_pretrained(str(tmp_path))
    live = world()
    import_peft(live, "net", tmp_path, "found")
    torch.testing.assert_close(live.at("net")(**GIVEN["net"]), theirs(**GIVEN["net"]))
    activate(live, {})
    torch.testing.assert_close(live.at("net")(**GIVEN["net"]), plain("net")(**GIVEN["net"]))


@pytest.mark.parametrize("node", GIVEN)
def test_what_is_adopted_has_a_plan_that_puts_it_there_again(node: str, tmp_path: Path) -> None:
    whole = (Rule(mode="lora", rank=2, alpha=6.0), RULES[1])
    live = adapted(tuple(r.model_copy(update={"method": "rslora", "dropout": 0.1}) for r in whole))
    export_peft(live, node, "night", tmp_path)
    other = world()
    adopted = adopt_peft(other, node, tmp_path, "day")
    again = world()
    Modes(again, adopted, "back")
    tensors = {name: p.detach() for name, p in adapters_of(other, "day").items()}
    load_adapters(again, tensors, "back", "here")
    for a, b in zip(
        outputs(live.at(node), node), outputs(again.eval().at(node), node), strict=True
    ):
        assert torch.equal(a, b)


def test_adapters_that_no_rule_can_say_are_not_adopted(tmp_path: Path) -> None:
    live = adapted((Rule(where="net.deep.two", mode="lora", rank=2),))
    export_peft(live, "net.deep.two", "night", tmp_path)
    config = json.loads((tmp_path / CONFIG).read_text())
    names = [name.rpartition(".")[0] for name in adapters_of(live, "night")]
    first = names[0].removeprefix("net.deep.two.")
    config["alpha_pattern"] = {first: 5.0}
    (tmp_path / CONFIG).write_text(json.dumps(config))
    other = world()
    with pytest.raises(FileError, match="have different ranks, alphas or dropouts"):
        adopt_peft(other, "net.deep.two", tmp_path, "day")
    assert variants_of(other) == []


def test_a_shared_layer_is_known_by_each_of_its_names(tmp_path: Path) -> None:
    live = adapted()
    export_peft(live, "net", "night", tmp_path)
    tensors = read_tensors(tmp_path / WEIGHTS)
    write_tensors(
        tmp_path / WEIGHTS,
        {n.replace("model.one.", "model.twice."): t for n, t in tensors.items()},
        {},
    )
    config = json.loads((tmp_path / CONFIG).read_text())
    named = {
        field: {k.replace("^one", "^twice"): v for k, v in config[field].items()}
        for field in ("rank_pattern", "alpha_pattern")
    }
    (tmp_path / CONFIG).write_text(json.dumps(config | named))
    other = world()
    assert "twice.map" in import_peft(other, "net", tmp_path, "v")
    assert torch.equal(
        live.at("net")(**GIVEN["net"])["out"], other.at("net")(**GIVEN["net"])["out"]
    )


def test_half_precision_factors_are_widened(tmp_path: Path) -> None:
    export_peft(adapted(), "net", "night", tmp_path)
    tensors = {n: t.to(torch.bfloat16) for n, t in read_tensors(tmp_path / WEIGHTS).items()}
    write_tensors(tmp_path / WEIGHTS, tensors, {})
    live = world()
    import_peft(live, "net", tmp_path, "v")
    assert {p.dtype for p in adapters_of(live, "v").values()} == {torch.float32}


HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "another method": ({"peft_type": "LOHA"}, "peft_type: Input should be 'LORA', got 'LOHA'"),
    "dora": ({"use_dora": True}, "use_dora"),
    "bias": ({"bias": "all"}, "bias"),
    "saved modules": ({"modules_to_save": ["head"]}, "modules_to_save"),
    "moved base": ({"init_lora_weights": "pissa"}, "init_lora_weights"),
    "text for alpha": ({"lora_alpha": "much"}, "lora_alpha"),
    "endless alpha": ({"lora_alpha": -1}, "lora_alpha"),
    "rank": ({"r": 5}, r"factor A: expected shape \(5"),
    "broken pattern": ({"rank_pattern": {"(": 2}}, "is no regular expression"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_configs_that_mean_more_than_we_compute_are_refused(case: str, tmp_path: Path) -> None:
    changes, message = HOSTILE[case]
    export_peft(adapted(), "net", "night", tmp_path)
    config = json.loads((tmp_path / CONFIG).read_text())
    (tmp_path / CONFIG).write_text(json.dumps(config | changes))
    refused(tmp_path, message)


def refused(folder: Path, message: str, live: Graph | None = None, variant: str = "v") -> None:
    live = live or world()
    before = [name for name, _ in live.named_modules()]
    with pytest.raises(FileError, match=message):
        import_peft(live, "net", folder, variant)
    assert before == [name for name, _ in live.named_modules()], "nothing is changed on failure"


def test_tensors_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    export_peft(adapted(), "net", "night", tmp_path)
    good = read_tensors(tmp_path / WEIGHTS)
    key = "base_model.model.one.map.lora_A.weight"
    cases = {
        r"one.map has factor B only": {n: t for n, t in good.items() if n != key},
        r"no layer '.*oen.map'; did you mean .*one.map": {
            n.replace(".one.map", ".oen.map"): t for n, t in good.items()
        },
        r"one.map, factor A: expected shape \(1, 4\), got \(1, 3\)": good | {key: torch.ones(1, 3)},
        r"factor A: holds NaN": good | {key: torch.full((1, 4), torch.nan)},
        r"factor A: expected torch.float32, got torch.int64": good | {key: torch.ones(1, 4).long()},
        r"'one.map.weight' is not the name of a LoRA tensor": good
        | {"one.map.weight": torch.ones(1)},
        r"deep.two.norm: BatchNorm1d takes no lora": good
        | {f"base_model.model.deep.two.norm.lora_{x}.weight": torch.ones(1, 1) for x in "AB"},
        r"holds no adapters": {},
    }
    for message, tensors in cases.items():
        write_tensors(tmp_path / WEIGHTS, tensors, {})
        refused(tmp_path, message)
    (tmp_path / CONFIG).write_text("[]")
    refused(tmp_path, "plain LoRA adapter")
    (tmp_path / CONFIG).unlink()
    refused(tmp_path, "no such file")


def test_a_layer_of_another_method_is_not_adapted_on_top(tmp_path: Path) -> None:
    export_peft(adapted(), "net", "night", tmp_path)
    live = world()
    rule = Rule(mode="lora", method="loha", rank=2)
    inject(live, [("net.one", live.at("net.one"), rule)], "other")
    refused(tmp_path, "one.map is already adapted by another method", live)


def test_what_a_peft_folder_cannot_say_is_not_exported(tmp_path: Path) -> None:
    live = adapted()
    with pytest.raises(WorldloomError, match="node 'net' has no LoRA adapters called 'day'"):
        export_peft(live, "net", "day", tmp_path)
    mixed = adapted((RULES[0], RULES[1].model_copy(update={"method": "rslora"})))
    with pytest.raises(WorldloomError, match="mixes LoRA and rsLoRA"):
        export_peft(mixed, "net", "night", tmp_path)
    foreign = adapted((Rule(mode="lora", method="loha", rank=2, exclude=("picture.embed",)),))
    with pytest.raises(
        WorldloomError, match=r"only LoRA and rsLoRA go out to PEFT folders; .* has"
    ):
        export_peft(foreign, "net", "night", tmp_path)
    shared = around(SharedLayer())
    inject(shared, [("n0", shared.at("n0"), Rule(mode="lora"))], "night")
    with pytest.raises(WorldloomError, match="first hangs in 2 places, of which PEFT would adapt"):
        export_peft(shared, "n0", "night", tmp_path)
    dilated = held(nn.Conv1d(4, 4, 3, dilation=2))
    inject(dilated, [("n0", dilated.at("n0"), Rule(mode="lora"))], "night")
    with pytest.raises(WorldloomError, match="pass over the dilation and the padding mode"):
        export_peft(dilated, "n0", "night", tmp_path)
    assert not list(tmp_path.iterdir())
    assert isinstance(shared.at("n0").get_submodule("first"), Adapted)
