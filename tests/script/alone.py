"""Runs scripts where nothing of ours, nor what only we need, can be imported; prints what differs.

A case is NAME.py with NAME.safetensors, and NAME.pt that holds what it is given and should give.
"""

import importlib.util
import sys
from pathlib import Path

import torch
from torch.utils._pytree import tree_leaves

BLOCKED = {"app", "graphs", "nodes", "pydantic", "networkx", "peft", "sklearn", "PIL", "typer"}


class Wall:
    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] in BLOCKED:
            raise ImportError(f"{name} is not there")


def fault(place: Path) -> str:
    spec = importlib.util.spec_from_file_location(place.stem, place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[place.stem] = module
    spec.loader.exec_module(module)
    case = torch.load(place.with_suffix(".pt"), weights_only=False)
    model = module.load()
    run = {"run": module.Run(seed=case["seed"])} if case["draws"] else {}
    found = model(**case["given"], **run)
    if found.keys() != case["expected"].keys():
        return f"gives {list(found)}, expected {list(case['expected'])}"
    mine, other = tree_leaves(found), tree_leaves(case["expected"])
    for one, two in zip(mine, other, strict=True):
        same = torch.equal(one, two) if isinstance(one, torch.Tensor) else one == two
        if isinstance(one, torch.Tensor) and one.is_floating_point():
            same = torch.equal(one.nan_to_num(), two.nan_to_num()) and one.dtype == two.dtype
        if not same:
            return "gives other values"
    return ""


if __name__ == "__main__":
    sys.meta_path.insert(0, Wall())  # type: ignore[arg-type]
    torch.set_num_threads(int(sys.argv[2]))  # other numbers of threads may give other bits
    for script in sorted(Path(sys.argv[1]).glob("*.py")):
        try:
            said = fault(script)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
        if said:
            print(f"{script.stem}: {said}")
