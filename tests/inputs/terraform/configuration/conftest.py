"""
Configurations that a test writes, and what is read of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from trustproof.inputs.terraform.configuration.reading import RootConfiguration, configuration
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.values.values import Value

pytest.importorskip("tree_sitter_hcl")


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., RootConfiguration]:
    """Writes files and reads the configuration of the directory that they stand in."""

    def _read(files: str | Mapping[str, str], given: Mapping[str, str] | None = None, **more: Any) -> RootConfiguration:
        for name, text in ({"main.tf": files} if isinstance(files, str) else files).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return configuration(str(tmp_path / more.pop("root", "")), given or {}, **more)

    return _read


@pytest.fixture
def worth(read: Callable[..., RootConfiguration]) -> Callable[..., Value]:
    """Gives what an expression is worth, next to what else the file has."""

    def _value(expression: str, around: str = "", **more: Any) -> Value:
        text = f'{around}\nresource "aws_iam_role" "probe" {{\n  probe = {expression}\n}}\n'
        found = read(text, **more).instance("aws_iam_role.probe")
        assert found is not None
        return found.values["probe"]

    return _value


@pytest.fixture
def evaluated(worth: Callable[..., Value]) -> Callable[..., Any]:
    """The same as a plain value; it has to be known."""

    def _evaluated(expression: str, around: str = "", **more: Any) -> Any:
        return convert.plain(worth(expression, around, **more))

    return _evaluated
