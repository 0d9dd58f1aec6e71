"""GRU and LSTM against torch's, whose weights are laid out alike."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from nodes.layers.gru import GRU, GRUCell
from nodes.layers.lstm import LSTM, LSTMCell


def copy_cell(cell: Any, reference: Any, suffix: str = "") -> None:
    """Give the reference the cell's weights, as they lie."""
    with torch.no_grad():
        for ours, theirs in ((cell.input_map, "ih"), (cell.state_map, "hh")):
            getattr(reference, f"weight_{theirs}{suffix}").copy_(ours.weight)
            getattr(reference, f"bias_{theirs}{suffix}").copy_(ours.bias)


def gru_pair(layers: int) -> tuple[GRU, nn.GRU]:
    block, reference = GRU(3, 5, layers), nn.GRU(3, 5, layers, batch_first=True)
    for number, cell in enumerate(block.cells):
        copy_cell(cell, reference, f"_l{number}")
    return block, reference


def lstm_pair(layers: int) -> tuple[LSTM, nn.LSTM]:
    block, reference = LSTM(3, 5, layers), nn.LSTM(3, 5, layers, batch_first=True)
    for number, cell in enumerate(block.cells):
        copy_cell(cell, reference, f"_l{number}")
    return block, reference


def same_gradients(block: Any, reference: Any, ours: Any, theirs: Any) -> None:
    """Every weight has the same gradient of both sums."""
    ours.backward()
    theirs.backward()
    for number, cell in enumerate(block.cells):
        for map_, name in ((cell.input_map, "ih"), (cell.state_map, "hh")):
            weight = getattr(reference, f"weight_{name}_l{number}").grad
            bias = getattr(reference, f"bias_{name}_l{number}").grad
            assert torch.allclose(map_.weight.grad, weight, atol=1e-5)
            assert torch.allclose(map_.bias.grad, bias, atol=1e-5)


def test_a_gru_cell_equals_torchs() -> None:
    block, reference = GRUCell(3, 5), nn.GRUCell(3, 5)
    copy_cell(block, reference)
    x, state = torch.randn(4, 3), torch.randn(4, 5)
    assert torch.allclose(block(x, state), reference(x, state), atol=1e-6)
    assert torch.allclose(block(x), reference(x), atol=1e-6)


def test_an_lstm_cell_equals_torchs() -> None:
    block, reference = LSTMCell(3, 5), nn.LSTMCell(3, 5)
    copy_cell(block, reference)
    x, state, memory = torch.randn(4, 3), torch.randn(4, 5), torch.randn(4, 5)
    for ours, theirs in zip(block(x, state, memory), reference(x, (state, memory)), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)
    for ours, theirs in zip(block(x), reference(x), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)


def test_a_gru_of_two_layers_equals_torchs_with_gradients() -> None:
    block, reference = gru_pair(2)
    x, state = torch.randn(4, 7, 3), torch.randn(4, 2, 5)
    out = block(x, state)
    sequence, last = reference(x, state.transpose(0, 1).contiguous())
    assert torch.allclose(out.sequence, sequence, atol=1e-6)
    assert torch.allclose(out.state, last.transpose(0, 1), atol=1e-6)
    same_gradients(block, reference, out.sequence.square().sum(), sequence.square().sum())


def test_an_lstm_of_two_layers_equals_torchs_with_gradients() -> None:
    block, reference = lstm_pair(2)
    x, state, memory = torch.randn(4, 7, 3), torch.randn(4, 2, 5), torch.randn(4, 2, 5)
    out = block(x, state, memory)
    first = (state.transpose(0, 1).contiguous(), memory.transpose(0, 1).contiguous())
    sequence, (shown, kept) = reference(x, first)
    assert torch.allclose(out.sequence, sequence, atol=1e-6)
    assert torch.allclose(out.state, shown.transpose(0, 1), atol=1e-6)
    assert torch.allclose(out.memory, kept.transpose(0, 1), atol=1e-6)
    same_gradients(block, reference, out.sequence.square().sum(), sequence.square().sum())


def test_a_sequence_in_two_parts_is_the_sequence_in_one() -> None:
    gru, lstm = GRU(3, 5, layers=2), LSTM(3, 5, layers=2)
    x = torch.randn(2, 6, 3)
    whole, first = gru(x), gru(x[:, :4])
    second = gru(x[:, 4:], first.state)
    assert torch.allclose(second.sequence, whole.sequence[:, 4:], atol=1e-6)
    assert torch.allclose(second.state, whole.state, atol=1e-6)
    long, start = lstm(x), lstm(x[:, :4])
    end = lstm(x[:, 4:], start.state, start.memory)
    assert torch.allclose(end.sequence, long.sequence[:, 4:], atol=1e-6)
    assert torch.allclose(end.memory, long.memory, atol=1e-6)


def test_masked_steps_leave_the_states_as_torchs_packing_does() -> None:
    x, lengths = torch.randn(3, 6, 3), torch.tensor([6, 2, 4])
    mask = torch.arange(6) < lengths[:, None]
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    gru, gru_reference = gru_pair(2)
    expected = gru_reference(packed)[1].transpose(0, 1)
    assert torch.allclose(gru(x, mask=mask).state, expected, atol=1e-6)
    lstm, lstm_reference = lstm_pair(2)
    out, (shown, kept) = lstm(x, mask=mask), lstm_reference(packed)[1]
    assert torch.allclose(out.state, shown.transpose(0, 1), atol=1e-6)
    assert torch.allclose(out.memory, kept.transpose(0, 1), atol=1e-6)


@pytest.mark.parametrize("block_type", [GRU, LSTM])
def test_dropout_falls_between_layers_only(block_type: type[GRU]) -> None:
    x = torch.randn(2, 4, 3)
    one = block_type(3, 5, layers=1, dropout=0.5)
    assert torch.equal(one(x).sequence, one(x).sequence)
    two = block_type(3, 5, layers=2, dropout=0.5)
    assert not torch.equal(two(x).sequence, two(x).sequence)
    assert torch.equal(two(x).state[:, 0], two(x).state[:, 0])


@pytest.mark.parametrize("block_type", [GRU, LSTM])
def test_both_maps_of_a_cell_are_called(block_type: Any) -> None:
    block, called = block_type(3, 5), []
    block.cells[0].input_map.register_forward_hook(lambda *_: called.append("input"))
    block.cells[0].state_map.register_forward_hook(lambda *_: called.append("state"))
    block(torch.zeros(1, 2, 3))
    assert called == ["input", "state", "state"]
