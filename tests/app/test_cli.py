"""The command line as people use it, rightly and wrongly.

Most calls are made in this process, as `worldloom` makes them; signals, pipes and what is imported are
seen from outside.
"""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.cli import main
from app.training import keep
from app.workspace import open_workspace
from graphs.learn.training import Training
from graphs.store import project_files, read_document, write_document

COMMAND = [sys.executable, "-c", "from app.cli import main; main()"]


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


Call = Callable[..., Said]


@pytest.fixture(scope="session")
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def environment(cache_home: Path) -> dict[str, str]:
    kept = {"OMP_NUM_THREADS": "1", "XDG_CACHE_HOME": str(cache_home), "COLUMNS": "80"}
    return {**os.environ, **kept}


@pytest.fixture(autouse=True)
def place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> Iterator[Path]:
    for name in ("XDG_CACHE_HOME", "COLUMNS"):
        monkeypatch.setenv(name, environment[name])
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def worldloom(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    def call(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["worldloom", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capfd.readouterr()
        assert isinstance(end.value.code, int)
        return Said(end.value.code, out, err)

    return call


def leaf(kind: str, **config: Any) -> dict[str, Any]:
    return {"type": f"core/{kind}", "config": config}


def written(path: Path, root: dict[str, Any], **fields: Any) -> Path:
    document = {"format": "worldloom", "version": 1, "root": root, **fields}
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def tiny(place: Path) -> Path:
    """A document that trains in a moment: noise in, the same noise wanted out."""
    nodes = {
        "data": leaf("RandomTensor", shape=[4], count=64),
        "lin": leaf("Linear", d_in=4, d_out=4),
        "drop": leaf("Dropout", rate=0.1),
        "loss": leaf("MSELoss"),
    }
    wires = ["data.out -> lin.x", "lin.out -> drop.x", "drop.out -> loss.x"]
    root = {
        "nodes": nodes,
        "wires": [*wires, "data.out -> loss.target"],
        "outputs": {"y": "drop.out"},
    }
    base = {
        "losses": [{"port": "loss.out"}],
        "steps": 6,
        "keep": {"every": 2},
        "data": {"batch": 16},
        "validation": {"every": 3},
    }
    adapt = {**base, "rules": [{"where": "lin", "mode": "lora", "rank": 1}]}
    return written(place / "tiny.json", root, title="Tiny", plans={"fit": base, "adapt": adapt})


@pytest.fixture
def open_ended(place: Path) -> Path:
    """A document with inputs, a shared block and two instances of one definition."""
    lin = leaf("Linear", d_in=4, d_out=4)
    pair = {
        "nodes": {"a": lin, "b": {"tied_to": "pair.a"}},
        "wires": ["a.out -> b.x"],
        "inputs": {"x": ["a.x"]},
        "outputs": {"y": "b.out"},
    }
    link = {"nodes": {"m": lin}, "inputs": {"x": ["m.x"]}, "outputs": {"y": "m.out"}}
    nodes = {"pair": {"body": pair}, "one": {"uses": "link"}, "two": {"uses": "link"}}
    root = {
        "nodes": {**nodes, "same": leaf("Identity")},
        "wires": ["pair.y -> one.x", "one.y -> two.x"],
        "inputs": {"x": ["pair.x"], "any": ["same.x"]},
        "outputs": {"y": "two.y", "copy": "same.out"},
    }
    definitions = {"link": {"type": "graph", "body": link}}
    return written(place / "open.json", root, definitions=definitions)


def changed(path: Path, edit: Callable[[dict[str, Any]], object]) -> Path:
    data = json.loads(path.read_text())
    edit(data)
    path.write_text(json.dumps(data))
    return path


def test_version_and_help_are_told(worldloom: Call) -> None:
    assert worldloom("--version").out.startswith("worldloom 0.")
    told = worldloom("--help")
    assert told.code == 0
    assert "train" in told.out
    assert worldloom().code == 2


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("chekc tiny.json", "check"),
        ("check", "Missing argument"),
        ("check tiny.json --jsn", "--json"),
        ("check tiny.jsn", "did you mean tiny.json?"),
        ("check .", "is a folder"),
        ("check notes.txt", "a document ends in .json"),
        ("info tiny.json --plan fti", "did you mean fit?"),
        ("info tiny.json --node dat", "did you mean data?"),
        ("train tiny.json", "choose with --plan: adapt, fit"),
        ("train tiny.json --plan fit --steps 0", "--steps"),
        ("run tiny.json --target lin.ou", "did you mean lin.out?"),
        ("export tiny.json", "give -o FILE.world, or --script FILE.py"),
        ("export tiny.json --script tiny.txt", "a script ends in .py"),
        ("export tiny.json --script t.py --target lin.ou", "did you mean lin.out?"),
        ("export tiny.json -o t.world --target lin.out", "give --script"),
        ("run tiny.json --target one", "there is no value 'one'"),
        ("run tiny.json --input x=1", "it has none"),
        ("run tiny.json --set li.bias=1", "did you mean lin?"),
        ("run tiny.json --set bias=1", "node.key=value"),
        ("run tiny.json --device abacus", "there is no device 'abacus'"),
        ("run tiny.json --precision float8", "bfloat16"),
        ("run tiny.json --light no.world", "there is no file no.world"),
        ("blocks Liner", "did you mean Linear?"),
        ("new digit -o x.json", "did you mean digits?"),
        ("new digits -o x", "a document ends in .json"),
        ("new digits -o tiny.json", "tiny.json exists"),
        ("export tiny.json -o tiny.safetensors", "ends in .world"),
        ("export tiny.json -o t.world --run runs", "--light"),
        ("import tiny.json -o out", "ends in .world"),
    ],
)
def test_wrong_usage_says_what_there_is_instead(
    worldloom: Call, tiny: Path, line: str, expected: str
) -> None:
    Path("notes.txt").write_text("hello")
    said = worldloom(*shlex.split(line))
    assert said.code == 2
    assert said.out == ""
    assert expected in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{", "the end of the file"),
        (b"[]", '"format": "worldloom"'),
        (b'{"format": "worldloom", "version": 999}', "999"),
        (b"\x89PNG\r\n\x1a\n\xff", "UTF-8"),
        (b"[" * 1000, "nested"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_a_sentence(
    worldloom: Call, content: bytes, expected: str
) -> None:
    Path("odd.json").write_bytes(content)
    said = worldloom("check", "odd.json")
    assert said.code == 1
    assert expected in said.err
    assert "Traceback" not in said.err


def test_debug_shows_the_traceback_wherever_it_stands(worldloom: Call) -> None:
    Path("odd.json").write_text("{")
    for line in (("--debug", "check", "odd.json"), ("check", "odd.json", "--debug")):
        said = worldloom(*line)
        assert said.code == 1
        assert "Traceback" in said.err


def test_a_script_needs_nothing_of_ours_and_gives_what_a_run_gives(
    worldloom: Call, tiny: Path
) -> None:
    weights = project_files(tiny)[1]
    before = weights.read_bytes() if weights.exists() else None
    told = worldloom("export", tiny, "--script", "alone.py", "--target", "lin.out", "--json")
    assert told.data["outputs"] == ["lin.out"]
    assert worldloom("export", tiny, "--script", "alone.py").code == 2  # it is there
    assert (weights.read_bytes() if weights.exists() else None) == before
    ran = worldloom("run", tiny, "--target", "data.out", "--target", "lin.out", "-o", "out")
    assert ran.code == 0, ran.err
    code = (
        "import sys, torch, numpy; sys.path.insert(0, '.'); from alone import load\n"
        "x = torch.from_numpy(numpy.load('out/data.out.npy'))\n"
        "y = numpy.load('out/lin.out.npy')\n"
        "with torch.no_grad(): print((load()(x)['lin.out'].numpy() == y).all())\n"
        "print(sorted({'app', 'graphs', 'nodes'} & sys.modules.keys()))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.stdout.split("\n")[:2] == ["True", "[]"], found.stderr


def test_a_run_says_that_weights_are_fresh_until_some_are_saved(
    worldloom: Call, tiny: Path
) -> None:
    said = worldloom("run", tiny, "--batch", 2)
    assert said.code == 0
    assert f"no weights lie beside {tiny.name}" in said.err
    assert worldloom("train", tiny, "--plan", "fit").code == 0
    assert "no weights" not in worldloom("run", tiny, "--batch", 2).err


def test_an_unknown_block_type_is_reported_and_refused_to_run(worldloom: Call, tiny: Path) -> None:
    changed(tiny, lambda d: d["root"]["nodes"]["lin"].update(type="core/Liner"))
    checked = worldloom("check", tiny)
    assert checked.code == 1
    assert "core/Liner" in checked.out
    problem = worldloom("check", tiny, "--json").data[0]
    assert (problem["path"], problem["code"]) == ("lin", "unknown-type")
    ran = worldloom("run", tiny)
    assert (ran.code, ran.out) == (1, "")
    assert "core/Liner" in ran.err
    shown = worldloom("info", tiny)
    assert shown.code == 1
    assert "Liner" in shown.out


def test_problems_of_a_plan_forbid_that_plan_only(worldloom: Call, tiny: Path) -> None:
    changed(tiny, lambda d: d["plans"]["fit"].update(losses=[{"port": "loss.no"}]))
    assert worldloom("check", tiny).code == 1
    assert worldloom("run", tiny).code == 0
    refused = worldloom("train", tiny, "--plan", "fit")
    assert refused.code == 1
    assert "loss.no" in refused.err
    assert worldloom("train", tiny, "--plan", "adapt", "--steps", "1").code == 0


def test_check_builds_when_asked_and_finds_what_only_building_can(worldloom: Call) -> None:
    heads = leaf("MultiHeadAttention", width=10, heads=3)
    root = {"nodes": {"a": heads}, "inputs": {"x": ["a.query"]}, "outputs": {"y": "a.out"}}
    path = written(Path("heads.json"), root)
    assert worldloom("check", path).code == 0
    found = worldloom("check", path, "--build", "--json")
    assert found.code == 1
    assert [p["path"] for p in found.data] == ["a"]


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("blocks", "types"),
        ("blocks data", "types"),
        ("blocks Linear", "inputs"),
        ("templates", "digits"),
        ("new digits -o new.json", "file"),
        ("info tiny.json --plan adapt", "nodes"),
        ("info tiny.json --node lin", "nodes"),
        ("run tiny.json", "y"),
        ("train tiny.json --plan fit", "steps"),
        ("export tiny.json -o tiny.world", "hash"),
    ],
)
def test_json_stands_alone_on_stdout(worldloom: Call, tiny: Path, line: str, key: str) -> None:
    said = worldloom(*line.split(), "--json")
    assert said.code == 0
    assert key in said.data


def test_json_has_null_where_a_number_is_not_finite(worldloom: Call, tiny: Path) -> None:
    assert worldloom("train", tiny, "--plan", "fit").code == 0
    again = worldloom("train", tiny, "--plan", "fit", "--resume", "--json")
    assert again.data["loss"] is None
    assert again.data["steps"] == 6


@pytest.mark.parametrize("width", [80, 120])
def test_outline_and_sheet_fit_the_width(
    worldloom: Call, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    worldloom("new", "digits", "-o", "digits.json")
    said = worldloom("info", "digits.json", "--plan", "night")
    assert said.code == 0
    assert max(map(len, said.out.splitlines())) <= width
    assert "32 1 8 8" in said.out
    assert "…" not in said.out
    assert max(map(len, worldloom("blocks").out.splitlines())) <= width


def test_info_of_one_node_shows_settings_and_wires(worldloom: Call, tiny: Path) -> None:
    said = worldloom("info", tiny, "--node", "lin")
    assert "← data.out" in said.out
    assert "→ drop.x" in said.out
    assert "d_in" in said.out
    assert "loss" not in said.out


@pytest.mark.parametrize(
    ("setting", "counts"),
    [
        ("pair.a.bias=false", (16, 16, 20, 20)),
        ("pair.b.bias=false", (16, 16, 20, 20)),  # a shared node is the one it shares
        ("one.m.bias=false", (20, 20, 16, 20)),  # an instance of its own
    ],
)
def test_settings_reach_nested_shared_and_linked_nodes(
    worldloom: Call, open_ended: Path, setting: str, counts: tuple[int, ...]
) -> None:
    nodes = worldloom("info", open_ended, "--set", setting, "--json").data["nodes"]
    assert tuple(nodes[p]["parameters"] for p in ("pair.a", "pair.b", "one.m", "two.m")) == counts


@pytest.mark.parametrize(
    ("given", "shape"),
    [
        ("x=[[1.0, 2, 3, 4]]", (1, 4)),
        ("x=rows.npy", (2, 4)),
        ("x=rows.npz", (2, 4)),
        ("x=swapped.npy", (2, 4)),
        ("x=rows.json", (2, 4)),
    ],
)
def test_numbers_come_in_from_files_and_json(
    worldloom: Call, open_ended: Path, given: str, shape: tuple[int, ...]
) -> None:
    rows = np.ones((2, 4))
    np.save("rows.npy", rows)
    np.savez("rows.npz", rows=rows)
    np.save("swapped.npy", rows.astype(">f4"))
    Path("rows.json").write_text(json.dumps(rows.tolist()))
    said = worldloom("run", open_ended, "--target", "y", "--input", given, "-o", "out")
    assert said.code == 0, said.err
    assert np.load("out/y.npy").shape == shape


def test_pictures_and_texts_come_in_and_go_out(worldloom: Call, open_ended: Path) -> None:
    Image.new("RGBA", (3, 2), (255, 0, 0, 9)).save("red.png")
    Image.fromarray(np.full((2, 3), 65535, np.uint16)).save("deep.png")
    Path("t.txt").write_text("hello")
    both = ("run", open_ended, "--target", "copy", "--json", "--input")
    red = worldloom(*both, "any=red.png").data["copy"]
    assert np.shape(red) == (1, 3, 2, 3)
    assert red[0][0][0][0] == 1
    assert worldloom(*both, "any=deep.png").data["copy"] == [[[[1.0] * 3] * 2]]
    assert worldloom(*both, "any=t.txt").data["copy"] == "hello"
    assert worldloom(*both, 'any=["a", "b"]').data["copy"] == ["a", "b"]
    saved = worldloom("run", open_ended, "--target", "copy", "--input", "any=t.txt", "-o", "out")
    assert saved.code == 0
    assert Path("out/copy.txt").read_text() == "hello"


@pytest.mark.parametrize(
    ("given", "code", "expected"),
    [
        ("x", 2, "name=file"),
        ("xx=1", 2, "did you mean x?"),
        ("x=no.npy", 1, "a file that exists"),
        ("x=bad.npy", 1, "an array of numbers"),
        ("x=text.npy", 1, "cannot be read as .npy"),
        ("x=bad.png", 1, "cannot be read as .png"),
        ("x=two.npz", 1, "expected one array"),
        ("x=bad.npz", 1, "cannot be read as .npz"),
        ("x=[[1], [2, 3]]", 1, "cannot become one tensor"),
        ("x=" + "9" * 30, 1, "cannot become one tensor"),
        ("x=[[1, 2, 3, 4]]", 1, "int64 (1, 4)"),
        ("any=1", 2, "give --input NAME=FILE for x"),
    ],
)
def test_inputs_that_cannot_be_read_are_refused(
    worldloom: Call, open_ended: Path, given: str, code: int, expected: str
) -> None:
    for name in ("bad.npy", "bad.png", "bad.npz"):
        Path(name).write_text("no")
    np.save("text.npy", np.array(["a"]))
    np.savez("two.npz", a=np.ones(1), b=np.ones(1))
    said = worldloom("run", open_ended, "--target", "y", "--input", given)
    assert said.code == code
    assert expected in said.err
    assert "--debug" not in said.err


def test_output_that_cannot_be_written_is_refused_before_the_work(
    worldloom: Call, tiny: Path
) -> None:
    for line in (
        ("run", tiny, "-o", tiny),
        ("run", tiny, "-o", tiny / "deep"),
        ("new", "digits", "-o", tiny / "x.json"),
        ("train", tiny, "--plan", "fit", "-o", tiny / "deep"),
        ("export", tiny, "-o", tiny / "x.world"),
    ):
        said = worldloom(*line)
        assert (said.code, said.out) == (1, ""), line
        assert "tiny.json" in said.err
        assert "--debug" not in said.err


def test_a_world_survives_export_and_import(worldloom: Call, tiny: Path) -> None:
    assert worldloom("train", tiny, "--plan", "fit").code == 0
    assert worldloom("export", tiny, "-o", "tiny.world").code == 0
    assert worldloom("import", "tiny.world", "-o", "back").code == 0
    assert read_document(Path("back/tiny.json")) == read_document(tiny)
    saved, back = (p.with_suffix(".safetensors") for p in (tiny, Path("back/tiny.json")))
    assert saved.read_bytes() == back.read_bytes()
    results = [worldloom("run", p, "--json").data for p in (tiny, "tiny.world", "back/tiny.json")]
    assert results[0] == results[1] == results[2]


def test_nothing_is_overwritten_unless_forced(worldloom: Call, tiny: Path) -> None:
    assert worldloom("export", tiny, "-o", "tiny.world").code == 0
    for line in (
        ("export", tiny, "-o", "tiny.world"),
        ("import", "tiny.world", "-o", "."),
        ("new", "digits", "-o", tiny),
    ):
        before = tiny.read_bytes()
        assert worldloom(*line).code == 2
        assert tiny.read_bytes() == before
        assert worldloom(*line, "--force").code == 0
        tiny.write_bytes(before)


def test_a_damaged_world_is_refused(worldloom: Call, tiny: Path) -> None:
    assert worldloom("export", tiny, "-o", "tiny.world").code == 0
    whole = Path("tiny.world").read_bytes()
    Path("cut.world").write_bytes(whole[:-8])
    Path("bent.world").write_bytes(whole[:-8] + b"\x01" * 8)
    for name in ("cut.world", "bent.world"):
        said = worldloom("run", name)
        assert (said.code, said.out) == (1, "")
        assert name in said.err


def test_a_light_world_runs_on_its_own_base_only(worldloom: Call, tiny: Path) -> None:
    trained = worldloom("train", tiny, "--plan", "adapt", "--json").data["files"]
    assert set(trained) == {"light world", "weights"}  # a base that no file held is kept too
    base = Path(trained["weights"]).read_bytes()
    assert worldloom("export", tiny, "-o", "own.world", "--light", "adapt").code == 0
    assert Path("own.world").read_bytes() == Path(trained["light world"]).read_bytes()
    plain = worldloom("run", tiny, "--json").data
    assert worldloom("run", tiny, "--light", "own.world", "--json").data != plain

    for line in (("run", "own.world"), ("check", "own.world"), ("import", "own.world", "-o", ".")):
        said = worldloom(*line)
        assert said.code == 2
        assert "light world" in said.err
    worldloom("export", tiny, "-o", "whole.world")
    assert "a whole world" in worldloom("run", tiny, "--light", "whole.world").err
    assert worldloom("export", tiny, "-o", "no.world", "--light", "fit").code == 2
    assert Path(trained["weights"]).read_bytes() == base

    assert worldloom("train", tiny, "--plan", "fit").code == 0
    refused = worldloom("run", tiny, "--light", "own.world")
    assert refused.code == 1
    assert "expected the weights that it was trained on" in refused.err
    assert worldloom("export", tiny, "-o", "stale.world", "--light", "adapt").code == 1
    assert not Path("stale.world").exists()


def test_an_earlier_run_is_gone_on_with_only_when_asked(worldloom: Call, tiny: Path) -> None:
    assert worldloom("train", tiny, "--plan", "fit", "--steps", "4").code == 0
    refused = worldloom("train", tiny, "--plan", "fit")
    assert refused.code == 2
    assert "--resume" in refused.err
    more = worldloom("train", tiny, "--plan", "fit", "--resume", "--json")
    assert more.data["steps"] == 6
    fresh = worldloom("train", tiny, "--plan", "fit", "--resume", "-o", "elsewhere")
    assert "starting at step 0" in fresh.err


def test_settings_of_one_training_leave_document_and_weights_alone(
    worldloom: Call, tiny: Path
) -> None:
    before = tiny.read_bytes()
    said = worldloom("train", tiny, "--plan", "fit", "--set", "lin.bias=false", "--json")
    assert tiny.read_bytes() == before
    assert not tiny.with_suffix(".safetensors").exists()
    assert Path(said.data["files"]["document"]).samefile("runs/tiny-fit/tiny.json")
    made = worldloom("info", said.data["files"]["document"], "--json").data
    assert made["nodes"]["lin"]["parameters"] == 16


def test_a_document_that_changed_while_it_trained_is_left_alone(tiny: Path) -> None:
    work = open_workspace(tiny)
    name, plan = work.plan("fit")
    training = Training(work.build(), plan, variant=name)
    write_document(tiny, work.document.model_copy(update={"title": "Renamed meanwhile"}))
    Path("run").mkdir()
    files = keep(work, training, name, Path("run"))
    assert read_document(tiny).title == "Renamed meanwhile"
    assert read_document(files["document"]) == work.document
    assert project_files(files["document"])[1].exists()


LONG = "120"


def interrupted(tiny: Path, environment: dict[str, str], sent: signal.Signals) -> list[str]:
    """Stop a training in its midst; the command that it says will go on."""
    changed(tiny, lambda d: d["plans"]["fit"].update(keep={"every": 50}))
    words = [*COMMAND, "train", tiny.name, "--plan", "fit", "--steps", LONG]
    with subprocess.Popen(
        words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        assert running.stdout is not None
        for line in running.stderr:
            if f"/{LONG}" in line:
                running.send_signal(sent)
                break
        rest, out = running.stderr.read(), running.stdout.read()
    assert running.returncode == 130
    assert "stopping after this step" in rest
    assert "Traceback" not in rest
    assert "interrupted" in out
    return shlex.split(out.strip().splitlines()[-1])


def learned(folder: Path) -> dict[str, bytes]:
    """What a training to the end left: weights, and what the next step would depend on."""
    last = folder / "runs" / "tiny-fit" / "checkpoints" / f"step_{int(LONG):08}"
    names = ("weights", "optimiser", "average", "adapters")
    paths = [*(last / f"{name}.safetensors" for name in names), folder / "tiny.safetensors"]
    return {path.name: path.read_bytes() for path in paths}


def test_a_stopped_training_goes_on_to_the_same_bits(
    tiny: Path, environment: dict[str, str]
) -> None:
    whole = Path("whole")
    whole.mkdir()
    again = interrupted(tiny, environment, signal.SIGINT)
    (whole / tiny.name).write_bytes(tiny.read_bytes())
    assert not tiny.with_suffix(".safetensors").exists()
    assert again[0] == "worldloom"
    straight = ["train", tiny.name, "--plan", "fit", "--steps", LONG]
    for words, place in ((again[1:], Path()), (straight, whole)):
        subprocess.run(
            [*COMMAND, *words], cwd=place, env=environment, check=True, capture_output=True
        )
    assert learned(Path()) == learned(whole)


@pytest.mark.filterwarnings("ignore:this run may differ")  # threads here and there
def test_a_termination_is_saved_like_ctrl_c(
    worldloom: Call, tiny: Path, environment: dict[str, str]
) -> None:
    again = interrupted(tiny, environment, signal.SIGTERM)
    ended = worldloom(*again[1:], "--json")
    assert ended.code == 0, ended.err
    done = ended.data
    assert (done["steps"], done["interrupted"]) == (int(LONG), False)


def test_a_second_ctrl_c_stops_at_once(place: Path, environment: dict[str, str]) -> None:
    turn = {
        "nodes": {"lin": leaf("Linear", d_in=512, d_out=512)},
        "inputs": {"x": ["lin.x"]},
        "outputs": {"x": "lin.out"},
    }
    nodes = {
        "data": leaf("RandomTensor", shape=[512], count=640),
        "many": {"type": "repeat", "config": {"times": 100}, "body": turn},
        "loss": leaf("MSELoss"),
    }
    wires = ["data.out -> many.x", "many.x -> loss.x", "data.out -> loss.target"]
    plan = {"losses": [{"port": "loss.out"}], "steps": 10, "data": {"batch": 512}}
    written(place / "slow.json", {"nodes": nodes, "wires": wires}, plans={"fit": plan})
    with subprocess.Popen(
        [*COMMAND, "train", "slow.json"], env=environment, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if "/10" in line or "stopping" in line:
                running.send_signal(signal.SIGINT)
            if "stopping" in line:
                break
        rest = running.stderr.read()
    assert running.returncode == 130
    assert "Traceback" not in rest


def test_a_reader_that_leaves_early_is_no_error(environment: dict[str, str]) -> None:
    line = f"{shlex.join([*COMMAND, 'blocks'])} | head -n 1"
    said = subprocess.run(line, shell=True, env=environment, capture_output=True, text=True)
    assert said.stdout.strip() == "control"
    assert said.stderr == ""


def test_check_needs_no_home_and_no_colour_reaches_a_pipe(
    tiny: Path, environment: dict[str, str]
) -> None:
    homeless = {k: v for k, v in environment.items() if k not in ("HOME", "XDG_CACHE_HOME")}
    said = subprocess.run(
        [*COMMAND, "check", tiny.name],
        env={**homeless, "HOME": str(tiny), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == "tiny.json: 0 errors, 0 warnings\n"


def test_commands_that_only_read_documents_import_no_torch(
    tiny: Path, environment: dict[str, str]
) -> None:
    subprocess.run([*COMMAND, "blocks"], env=environment, check=True, capture_output=True)
    for line in ("--help", "blocks", "templates", "new digits -o n.json", "check tiny.json"):
        code = (
            "import sys; from app.cli import main\n"
            "try: main()\n"
            "except SystemExit as end: assert not end.code, end.code\n"
            "assert 'torch' not in sys.modules"
        )
        words = [sys.executable, "-c", code, *line.split()]
        done = subprocess.run(words, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, (line, done.stderr)
