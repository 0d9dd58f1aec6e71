"""Values in from files and out to files: what people give to ports and get from them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from graphs.live.infer import describe
from graphs.spec.problems import FileError
from graphs.store import write_bytes

FEW = 100  # numbers that JSON output holds whole
LINES = 12  # of a list of texts that are told
GREY = ("1", "L", "LA")


def read_value(text: str, kind: str = "any") -> Any:
    """A value for a port: from a file by its suffix, or JSON itself; for a text port also plain text.

    Pictures become float32 (1, c, h, w) in 0 to 1; numbers and lists of numbers tensors, those with
    a fraction float32.
    Raises: FileError when it cannot be read as what its name says.
    """
    path = Path(text)
    if path.suffix and path.is_file():
        return _read_file(path)
    try:
        return _tensor(json.loads(text))
    except json.JSONDecodeError as error:
        if kind == "text" and path.suffix not in READERS:  # which would be a file misspelt
            return text
        raise FileError(
            f"{text}: expected a file that exists, or JSON; got neither\n"
            "  → check the path; text in JSON has its own quotes"
        ) from error
    except (ValueError, TypeError, RuntimeError) as error:
        raise FileError(f"{text}: cannot become one tensor: {error}") from error


def _read_file(path: Path) -> Any:
    suffix = path.suffix.lower()
    reader = READERS.get(suffix)
    if reader is None:
        known = ", ".join(READERS)
        raise FileError(f"{path}: cannot read {suffix}\n  → give one of {known}")
    try:
        return reader(path)
    except (OSError, ValueError, TypeError, RuntimeError, EOFError, BadZipFile) as error:
        raise FileError(f"{path}: cannot be read as {suffix}: {error}") from error


def _npy(path: Path) -> Tensor:
    try:
        array = np.load(path, allow_pickle=False)
    except ValueError as error:  # NumPy advises to unpickle, which would run a stranger's code
        raise ValueError("expected an array of numbers in NumPy's format") from error
    return _array(array)


def _npz(path: Path) -> Tensor:
    with np.load(path, allow_pickle=False) as held:
        if len(held.files) != 1:
            raise ValueError(f"expected one array, got {', '.join(held.files) or 'none'}")
        return _array(held[held.files[0]])


def _array(array: NDArray[Any]) -> Tensor:
    return _single(torch.from_numpy(array.astype(array.dtype.newbyteorder("="), copy=False)))


def _picture(path: Path) -> Tensor:
    from PIL import Image

    with Image.open(path) as picture:
        if picture.mode.startswith("I"):  # 16 bits; converting would cut them off
            values = np.asarray(picture).astype(np.float32) / 65535
        else:
            values = np.asarray(picture.convert("L" if picture.mode in GREY else "RGB")) / 255
    return torch.from_numpy(np.atleast_3d(values)).permute(2, 0, 1)[None].float()


def _json(path: Path) -> Any:
    return _tensor(json.loads(path.read_text(encoding="utf-8")))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


READERS: dict[str, Callable[[Path], Any]] = {
    ".npy": _npy,
    ".npz": _npz,
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".bmp"), _picture),
    ".json": _json,
    ".txt": _text,
}


def _tensor(value: Any) -> Any:
    """Numbers and lists of numbers as a tensor; texts, lists of texts and objects as they are."""
    inner = value
    while isinstance(inner, list) and inner:
        inner = inner[0]
    if isinstance(inner, str | dict) or inner is None:
        return value
    return _single(torch.tensor(value))


def _single(tensor: Tensor) -> Tensor:
    """Weights are float32, and NumPy's numbers float64: a person means the same by both."""
    return tensor.float() if tensor.dtype == torch.float64 else tensor


def write_value(folder: Path, name: str, value: Any) -> Path:
    """A result as a file: pictures PNG, tensors NPY, the rest JSON or text; the file's path.

    Raises: FileError when the disk refuses.
    """
    suffix, data = _formatted(value)
    path = folder / f"{name.replace('/', '_')}{suffix}"
    write_bytes(path, data)
    return path


def _formatted(value: Any) -> tuple[str, bytes]:
    held = io.BytesIO()
    if isinstance(value, Tensor):
        plain = value.detach().cpu()
        if plain.dtype == torch.uint8 and plain.dim() == 3 and plain.shape[2] in (1, 3, 4):
            from PIL import Image

            Image.fromarray(plain.squeeze(2).numpy()).save(held, "PNG")
            return ".png", held.getvalue()
        np.save(held, (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy())
        return ".npy", held.getvalue()
    if isinstance(value, str):
        return ".txt", value.encode()
    return ".json", json.dumps(as_data(value), indent=1, default=str).encode()


def as_data(value: Any) -> Any:
    """A result for JSON: small tensors whole, larger ones by dtype and shape."""
    if isinstance(value, Tensor):
        if value.numel() <= FEW:
            return value.tolist()
        return {"dtype": str(value.dtype).removeprefix("torch."), "shape": list(value.shape)}
    if isinstance(value, dict):
        return {str(key): as_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_data(item) for item in value]
    return value


def brief(value: Any) -> str:
    """A value of a world's state: a text or a few of them whole, a small tensor by its numbers."""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return "\n".join(value[-LINES:])
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, list | dict) and len(value) <= FEW:
        try:
            return json.dumps(value, ensure_ascii=False)
        except TypeError:  # tensors are in it
            return describe(value)
    return in_words(value)


def in_words(value: Any) -> str:
    """A result for the terminal: small ones whole, others by shape."""
    if isinstance(value, Tensor):
        if value.numel() == 1:
            return f"{value.item():.6g}"
        if value.numel() <= 16:
            return str(value.tolist())
    return value if isinstance(value, str) else describe(value)
