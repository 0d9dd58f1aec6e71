"""A bar in a process of its own, so that what one leaves in memory slows down no other."""

from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context

import torch

from tests.bench.measure import Row
from tests.bench.size import Size


def run_alone(module: str, size: Size, threads: int) -> list[Row]:
    """The rows of a bar. Raises: whatever it raises; BrokenProcessPool when it is killed."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_rows, module, size, threads).result()


def _rows(module: str, size: Size, threads: int) -> list[Row]:
    torch.set_num_threads(threads)
    return list(import_module(f"tests.bench.{module}").rows(size))
