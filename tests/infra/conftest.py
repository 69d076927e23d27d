"""
The app, synthesized once: as it is in this repository, and with every key that an accounts file can have.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("aws_cdk", reason="the app needs the cdk extra")

from aws_cdk import cx_api

from infra.accounts import Accounts, read_accounts
from infra.application import build_app
from tests.cdk.federated import METADATA

EVERYTHING = Path(__file__).with_name("everything.toml")


@pytest.fixture(scope="session")
def accounts() -> Accounts:
    """The accounts file of this repository."""
    return read_accounts()


@pytest.fixture(scope="session")
def assembly(accounts: Accounts, tmp_path_factory: pytest.TempPathFactory) -> cx_api.CloudAssembly:
    """The cloud assembly of the app."""
    return build_app(accounts, outdir=str(tmp_path_factory.mktemp("app") / "cdk.out")).synth()


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Accounts:
    """An accounts file with every key."""
    folder = tmp_path_factory.mktemp("everything")
    shutil.copy(EVERYTHING, folder)
    (folder / "policies").mkdir()
    for name, whose in (("regions", {}), ("ours-only", {"Principal": "*"})):
        statement = {"Effect": "Allow", "Action": "*", "Resource": "*", **whose}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        (folder / "policies" / f"{name}.json").write_text(json.dumps(policy), encoding="utf-8")
    (folder / "staff.xml").write_text(METADATA, encoding="utf-8")
    return read_accounts(folder / EVERYTHING.name)


@pytest.fixture(scope="session")
def everything_assembly(everything: Accounts, tmp_path_factory: pytest.TempPathFactory) -> cx_api.CloudAssembly:
    """The cloud assembly that comes of every key."""
    return build_app(everything, outdir=str(tmp_path_factory.mktemp("app") / "cdk.out")).synth()


@pytest.fixture(scope="session")
def properties(assembly: cx_api.CloudAssembly) -> Callable[[str, str], list[dict[str, Any]]]:
    """The properties of all resources of a type in a stack."""

    def of_type(stack: str, resource_type: str) -> list[dict[str, Any]]:
        template = assembly.get_stack_by_name(stack).template
        return [
            resource.get("Properties", {})
            for resource in template["Resources"].values()
            if resource["Type"] == resource_type
        ]

    return of_type
