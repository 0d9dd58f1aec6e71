"""A pack of badly behaved blocks, installed as any other, and engines that end with their tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine.client import EngineClient
from tests.engine.desk import Desk


@pytest.fixture(scope="package", autouse=True)
def pack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Engines find `toy/...` by its entry point."""
    site = tmp_path_factory.mktemp("site")
    shutil.copy(Path(__file__).with_name("pack.py"), site / "toy_blocks.py")
    info = site / "toy_blocks-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-blocks\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[worldloom.blocks]\ntoy = toy_blocks\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(site), prepend=os.pathsep)
        patch.setenv("OMP_NUM_THREADS", "1")
        yield


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineClient]:
    """One engine for the tests of a module."""
    client = EngineClient(device="cpu", threads=1)
    client.start()
    yield client
    client.close()


@pytest.fixture
def desk(engine: EngineClient) -> Desk:
    if not engine.alive:
        engine.restart()
    return Desk(engine)


def running(process: int) -> bool:
    """Whether a process runs; one that ended and was not fetched by its parent does not."""
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return not Path("/proc").exists()
    except OSError:
        return False
