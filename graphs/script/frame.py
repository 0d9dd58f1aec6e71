"""The script around its modules: what it is, its imports, how it loads and runs from a shell."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from graphs.script.bodies import Lines
from graphs.script.sources import Import, Sources

ALWAYS: tuple[Import, ...] = (
    ("pathlib", "Path", "Path"),
    ("safetensors.torch", "load_file", "load_file"),
    ("safetensors.torch", "save_file", "save_file"),
    ("sys", "", "sys"),
    ("torch", "", "torch"),
    ("torch", "Tensor", "Tensor"),
    ("torch", "nn", "nn"),
)
OWN = ("WEIGHTS", "load", "main")
TAKEN = {name: (module, original) for module, original, name in ALWAYS} | dict.fromkeys(
    OWN, ("", "")
)  # what these names mean in every script

END = '''

def load(weights: Path = WEIGHTS) -> {name}:
    """The model with its weights, ready to be used; `.train()` it to teach it further."""
    model, tensors = {name}(), load_file(weights)
    fits = model.load_state_dict(tensors, strict=False)
    places = model.state_dict()
    loaded = {{places[n].data_ptr() for n in tensors if n in places}}  # one tensor may have two names
    missing = [n for n in fits.missing_keys if places[n].data_ptr() not in loaded]
    if missing or fits.unexpected_keys:
        raise ValueError(f"{{weights}}: missing {{missing}}, not ours {{fits.unexpected_keys}}")
    return model.eval()


def main(given: str = "", output: str = "") -> None:
    """Run once on the tensors of a safetensors file; what comes out goes to another one."""
    model = load()
    print(f"{name}: {{sum(p.numel() for p in model.parameters()):,}} numbers")
    print("inputs: {inputs}")
    if not given:
        print("to run it: python", Path(__file__).name, "INPUTS.safetensors [OUTPUTS.safetensors]")
        return
    with torch.no_grad():
        found = model(**load_file(given))
    for name, value in found.items():
        shown = f"{{value.dtype}} {{tuple(value.shape)}}" if isinstance(value, Tensor) else value
        print(f"{{name}}: {{shown}}")
    if output:
        tensors = {{n: v.contiguous() for n, v in found.items() if isinstance(v, Tensor)}}
        save_file(tensors, output)


if __name__ == "__main__":
    main(*sys.argv[1:])
'''


def framed(
    name: str, title: str, sources: Sources, classes: Iterable[str], lines: Lines, weights: str
) -> str:
    """The whole text."""
    parts = [
        _heading(title or name, lines, weights),
        _imports({*ALWAYS, *sources.imports}),
        f'WEIGHTS = Path(__file__).with_name("{weights}")\n',
    ]
    parts += ["\n" + text for text in [*sources.definitions.values(), *classes]]
    return "\n".join(parts) + END.format(name=name, inputs=", ".join(lines.parameters) or "none")


def _heading(title: str, lines: Lines, weights: str) -> str:
    takes = ", ".join(lines.parameters) or "nothing"
    noise = (
        "\nNoise comes from `run`: Run(seed=3) draws other noise than Run(seed=0), each the same "
        "whenever\nit is asked for. "
        if lines.uses_run
        else "\n"
    )
    call = ", ".join(f"{name}={name}" for name in lines.parameters)
    plain_title = title.replace("\\", " ").replace('"""', "'''")
    return (
        f'"""{plain_title}, as one file of Python.\n\n'
        f"Written by Worldloom, which it does not need: torch and safetensors are enough. The weights "
        f"lie beside\nit in {weights}.\n\n"
        f"    from this_file import load\n    found = load()({call})\n\n"
        f"takes {takes}\ngives {', '.join(lines.answers)}\n{noise}"
        f'In training dropout draws from torch itself.\n"""\n\nfrom __future__ import annotations\n'
    )


def _imports(needed: Iterable[Import]) -> str:
    """Those of the standard library, and below the others."""
    groups: tuple[list[Import], list[Import]] = ([], [])
    for each in needed:
        groups[each[0].partition(".")[0] not in sys.stdlib_module_names].append(each)
    return "\n".join("".join(f"{line}\n" for line in _import_lines(group)) for group in groups)


def _import_lines(group: Iterable[Import]) -> list[str]:
    whole, parts = set[str](), dict[str, set[str]]()
    for module, original, name in group:
        if original:
            renamed = original if original == name else f"{original} as {name}"
            parts.setdefault(module, set()).add(renamed)
        else:
            plain = name == module.partition(".")[0]
            whole.add(f"import {module}" if plain else f"import {module} as {name}")
    said = [f"from {m} import {', '.join(sorted(names))}" for m, names in sorted(parts.items())]
    return sorted(whole) + said
