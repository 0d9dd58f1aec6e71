"""Roles as declared facts, and the wires that they suggest."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Annotated

import pytest
from torch import Tensor

from graphs.live.block import Block
from graphs.live.registry import Registry
from graphs.spec.catalogue import Catalogue
from graphs.spec.document import Document
from graphs.spec.edits import apply
from graphs.spec.problems import EditError, WorldloomError
from graphs.spec.roles import ROLES, WIRING, suggest, unlike_role
from nodes.roles import Backbone


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Registry.installed().catalogue()


def test_every_installed_block_has_the_ports_of_its_role(catalogue):
    assert [unlike_role(t.role, t.inputs, t.outputs) for t in catalogue.types.values()] == [
        ""
    ] * len(catalogue.types)


def test_the_wiring_names_ports_that_the_roles_have():
    for source, target in WIRING:
        for end in (source, target):
            role, _, port = end.partition(".")
            held = ROLES[role]
            assert port in (*held.inputs, *held.outputs, *held.optional), end


def test_a_block_with_the_wrong_ports_for_its_role_is_refused():
    pack = ModuleType("wrong_pack")

    class Blind(Block):
        """A backbone that sees no timestep."""

        role = "backbone"

        def forward(self, latent: Annotated[Tensor, "b d"]) -> Annotated[Tensor, "b d"]:
            return latent

    Blind.__module__ = "wrong_pack"
    pack.Blind = Blind  # type: ignore[attr-defined]
    sys.modules["wrong_pack"] = pack
    try:
        with pytest.raises(
            WorldloomError, match="a backbone needs input 'timestep', output 'pred'"
        ):
            Registry({"wrong": pack})
    finally:
        del sys.modules["wrong_pack"]


def test_adding_a_solver_wires_the_denoising_loop(catalogue):
    backbone = {
        "nodes": {"a": {"type": "core/Add"}},
        "role": "backbone",
        "inputs": {"latent": "a.x", "timestep": "a.y"},
        "outputs": {"pred": "a.out"},
    }
    document = Document.model_validate(
        {
            "root": {
                "nodes": {
                    "backbone": {"body": backbone},
                    "guidance": {"type": "core/Guidance"},
                    "solver": {"type": "core/EulerSolver"},
                }
            }
        }
    )
    offer = suggest(document, "solver", catalogue)
    assert offer is not None
    wired = apply(document, offer)
    assert sorted(map(str, wired.root.wires)) == [
        "guidance.pred_guided -> solver.pred",
        "solver.next_latent -> backbone.latent",
        "solver.next_timestep -> backbone.timestep",
    ]
    assert suggest(wired, "solver", catalogue) is None
    more = suggest(wired, "guidance", catalogue)
    assert more is not None
    assert [str(w) for w in apply(wired, more).root.wires if w.target.node == "guidance"] == [
        "backbone.pred -> guidance.pred_cond"
    ]


def test_suggesting_for_a_node_that_is_not_there_says_so(catalogue):
    with pytest.raises(EditError, match="there is no node 'x'"):
        suggest(Document(), "x", catalogue)


def test_a_base_block_says_what_its_subclass_left_out():
    with pytest.raises(NotImplementedError, match="Backbone does not say"):
        Backbone()(latent=None, timestep=None)
