"""Flow matching and diffusion: paths, schedules, solvers, guidance, conditions."""

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from nodes.layers.class_conditioner import ClassConditioner
from nodes.layers.flow import FlowPath
from nodes.layers.guidance import Guidance
from nodes.layers.noise import GaussianNoise, LatentNoise
from nodes.layers.schedule import NoiseSchedule, alpha_bar
from nodes.layers.solver import DDIMSolver, EulerSolver
from nodes.layers.timestep import FixedTimestep, TimestepEmbedding

SCHEDULES: Any = ["linear", "cosine", "sigmoid"]


def test_a_flow_path_starts_at_the_noise_and_ends_at_the_data() -> None:
    data, noise = torch.randn(2, 3, 4), torch.randn(2, 3, 4)
    path = FlowPath()
    assert torch.equal(path(data, noise, torch.zeros(2)).latent, noise)
    assert torch.equal(path(data, noise, torch.ones(2)).latent, data)
    near = FlowPath(sigma_min=0.1)(data, noise, torch.ones(2)).latent
    assert torch.allclose(near, data + 0.1 * noise, atol=1e-6)


@given(sigma=st.floats(0, 0.5), t=st.floats(0.1, 0.9))
@settings(max_examples=30, deadline=None)
def test_the_target_is_the_derivative_of_the_path(sigma: float, t: float) -> None:
    path = FlowPath(sigma_min=sigma)
    data, noise = torch.randn(2, 1, 3, dtype=torch.float64)
    when = torch.tensor([t], dtype=torch.float64)
    before, after = (path(data, noise, when + d).latent for d in (-1e-4, 1e-4))
    target = path(data, noise, when).target
    assert torch.allclose((after - before) / 2e-4, target, atol=1e-8)


@pytest.mark.parametrize("times", ["uniform", "logit_normal"])
def test_a_flow_path_draws_what_is_not_wired(times: Any) -> None:
    point = FlowPath(times=times)(torch.zeros(20_000, 1))
    assert 0 < point.timestep.min() < point.timestep.max() < 1
    # var of U(0, 1) is 1/12; of sigmoid(N(0, 1)) it is 0.0434 by numerical integration
    spread = 1 / 12 if times == "uniform" else 0.0434
    assert point.timestep.mean().item() == pytest.approx(0.5, abs=0.01)
    assert point.timestep.var().item() == pytest.approx(spread, abs=0.003)
    noise = point.latent[:, 0] / (1 - point.timestep)
    assert noise.var().item() == pytest.approx(1.0, abs=0.05)


def test_one_euler_step_along_the_target_arrives_at_the_data() -> None:
    data, noise = torch.randn(2, 3), torch.randn(2, 3)
    point = FlowPath()(data, noise, torch.tensor([0.0, 0.25]))
    latent, timestep = point.latent, point.timestep
    for _ in range(4):
        latent, timestep = EulerSolver(4)(latent, timestep, point.target)
    assert torch.allclose(latent, data, atol=1e-6)  # the second row stays there after arriving
    assert torch.equal(timestep, torch.ones(2))


@pytest.mark.parametrize("steps", [10, 100])
def test_euler_integrates_a_linear_equation_as_its_closed_form_says(steps: int) -> None:
    solver, rate = EulerSolver(steps), -2.0
    latent = torch.ones(1, 1, dtype=torch.float64)
    timestep = torch.zeros(1, dtype=torch.float64)
    for _ in range(steps):
        latent, timestep = solver(latent, timestep, rate * latent)
    assert latent.item() == pytest.approx((1 + rate / steps) ** steps, rel=1e-9)
    assert latent.item() == pytest.approx(math.exp(rate), abs=0.3 / steps)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_rises_from_almost_no_data_to_all(schedule: Any) -> None:
    share = alpha_bar(torch.linspace(0, 1, 101), schedule)
    assert share[-1] == 1
    assert 0 < share[0] < 1e-4
    assert (share.diff() > 0).all()


def test_schedules_have_the_values_of_their_papers() -> None:
    half = torch.tensor([0.5], dtype=torch.float64)
    assert alpha_bar(half, "linear").item() == pytest.approx(math.exp(-2.5375), rel=1e-9)
    middle, start = (math.cos((s + 0.008) / 1.008 * math.pi / 2) ** 2 for s in (0.5, 0.0))
    assert alpha_bar(half, "cosine").item() == pytest.approx(middle / start, rel=1e-9)
    assert alpha_bar(half, "sigmoid").item() == pytest.approx(0.5, rel=1e-9)


def test_the_linear_schedule_is_the_limit_of_ddpms_betas() -> None:
    betas = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
    discrete = (1 - betas).cumprod(0)
    timestep = 1 - torch.arange(1, 1001, dtype=torch.float64) / 1000
    ours = alpha_bar(timestep, "linear")
    early = discrete > 0.01
    assert torch.allclose(ours[early], discrete[early], rtol=0.05)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("t", [0.0, 0.3, 0.9])
def test_noisy_data_of_variance_one_keeps_variance_one(schedule: Any, t: float) -> None:
    data = torch.randn(50_000, 1)
    latent = NoiseSchedule(schedule)(data, timestep=torch.full((50_000,), t)).latent
    assert latent.var().item() == pytest.approx(1.0, abs=0.03)


def test_add_noise_mixes_by_alpha_bar() -> None:
    block = NoiseSchedule("cosine")
    data, noise, when = torch.randn(2, 3, 4), torch.randn(2, 3, 4), torch.tensor([0.2, 0.7])
    share = block.alpha_bar(when)[:, None, None]
    expected = share.sqrt() * data + (1 - share).sqrt() * noise
    assert torch.equal(block.add_noise(data, noise, when), expected)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("predicts", ["noise", "data", "velocity"])
def test_ddim_with_perfect_predictions_follows_the_noise_to_the_data(
    schedule: Any, predicts: Any
) -> None:
    noisy = NoiseSchedule(schedule, predicts)
    solver = DDIMSolver(10, schedule, predicts)
    data, noise = torch.randn(2, 2, 3, dtype=torch.float64)
    timestep = torch.zeros(2, dtype=torch.float64)
    latent = noisy(data, noise, timestep).latent
    for _ in range(10):
        target = noisy(data, noise, timestep).target
        latent, timestep = solver(latent, timestep, target)
        assert torch.allclose(latent, noisy(data, noise, timestep).latent, atol=1e-6)
    assert torch.allclose(latent, data, atol=1e-6)


def test_ddim_clips_the_predicted_data() -> None:
    latent = torch.full((1, 2), 3.0)
    solver = DDIMSolver(1, predicts="data", clip=1.0)
    assert torch.equal(solver(latent, torch.zeros(1), latent).next_latent, torch.ones(1, 2))


@given(scale=st.floats(-3, 9))
@settings(max_examples=30, deadline=None)
def test_guidance_moves_along_the_difference(scale: float) -> None:
    cond, uncond = torch.randn(2, 2, 3, dtype=torch.float64)
    out = Guidance(scale)(cond, uncond).pred_guided
    assert torch.allclose(out - uncond, scale * (cond - uncond))
    assert torch.allclose(Guidance(1.0)(cond, uncond).pred_guided, cond)
    assert torch.equal(Guidance(0.0)(cond, uncond).pred_guided, uncond)


def test_a_wired_scale_wins_over_the_config_and_may_differ_by_sample() -> None:
    cond, uncond = torch.ones(2, 3), torch.zeros(2, 3)
    per_sample = Guidance(9.0)(cond, uncond, torch.tensor([1.0, 2.0])).pred_guided
    assert torch.equal(per_sample, torch.tensor([[1.0] * 3, [2.0] * 3]))
    assert torch.equal(Guidance(9.0)(cond, uncond, torch.tensor(2.0)).pred_guided, cond * 2)


def test_a_class_conditioner_drops_classes_in_training_only() -> None:
    block = ClassConditioner(10, 4, drop=0.3)
    out = block(torch.full((5000,), 3))
    none = block.table.weight[10]
    assert torch.equal(out.unconditional, none.expand(5000, 4))
    is_none = (out.embedding == none).all(1)
    assert is_none.float().mean().item() == pytest.approx(0.3, abs=0.03)
    assert torch.equal(out.embedding[~is_none][0], block.table.weight[3])
    kept = block.eval()(torch.tensor([3, 9])).embedding
    assert torch.equal(kept, block.table.weight[[3, 9]])


def test_noise_is_normal_and_follows_the_seed() -> None:
    like = torch.zeros(20_000)
    torch.manual_seed(1)
    first = GaussianNoise(2.0)(like)
    torch.manual_seed(1)
    assert torch.equal(first, GaussianNoise(2.0)(like))
    assert first.mean().item() == pytest.approx(0.0, abs=0.06)
    assert first.std().item() == pytest.approx(2.0, abs=0.06)
    assert LatentNoise((2, 3))(torch.zeros(4, dtype=torch.int64)).shape == (4, 2, 3)


def test_a_timestep_embedding_is_an_mlp_over_sine_waves() -> None:
    block = TimestepEmbedding(4, frequencies=6, scale=10.0)

    def waves(t: float) -> Tensor:
        angle = torch.tensor([10 * t / 10000 ** (i / 3) for i in range(3)])
        return torch.cat([angle.cos(), angle.sin()])

    x = torch.stack([waves(0.25), waves(1.0)])
    expected = block.leave(torch.nn.functional.silu(block.enter(x)))
    assert torch.allclose(block(torch.tensor([0.25, 1.0])), expected, atol=1e-6)


def test_a_timestep_embedding_takes_the_precision_of_its_weights() -> None:
    assert TimestepEmbedding(4).bfloat16()(torch.zeros(2)).dtype == torch.bfloat16


def test_a_fixed_timestep_is_one_number_for_each_sample() -> None:
    assert torch.equal(FixedTimestep(0.5)(torch.zeros(3, 2, 2)), torch.full((3,), 0.5))
