"""
The app, synthesized once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("aws_cdk", reason="the app needs the cdk extra")

from aws_cdk import cx_api

from infra.accounts import Accounts, read_accounts
from infra.application import build_app


@pytest.fixture(scope="session")
def accounts() -> Accounts:
    """The accounts file of this repository."""
    return read_accounts()


@pytest.fixture(scope="session")
def assembly(accounts: Accounts, tmp_path_factory: pytest.TempPathFactory) -> cx_api.CloudAssembly:
    """The cloud assembly of the app."""
    return build_app(accounts, outdir=str(tmp_path_factory.mktemp("app") / "cdk.out")).synth()


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
