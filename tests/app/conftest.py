"""The command line as a function; property tests that are slow on a busy machine are no failure."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from app.cli import main

settings.register_profile("app", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("app")


@pytest.fixture
def worldloom(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["worldloom", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call
