"""
The example of a landing zone: synthesized with its gate, linted, and proved on the command line's own terms.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

pytest.importorskip("aws_cdk", reason="the example needs the cdk extra")

from aws_cdk import cx_api

import trustproof

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "landing-zone"


@pytest.fixture(scope="module")
def landing_zone(tmp_path_factory: pytest.TempPathFactory) -> cx_api.CloudAssembly:
    """The cloud assembly of the example; its own gate has let it through."""
    spec = importlib.util.spec_from_file_location("landing_zone", EXAMPLE / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assembly: cx_api.CloudAssembly = module.build_app(str(tmp_path_factory.mktemp("zone") / "cdk.out")).synth()
    return assembly


def test_ten_stacks_in_five_accounts(landing_zone: cx_api.CloudAssembly) -> None:
    """It is as large as it says; one stack waits for another one, and the guardrails for all others."""
    assert len(landing_zone.stacks) == 10
    assert len({stack.environment.account for stack in landing_zone.stacks}) == 5
    waiting = {
        stack.stack_name: {one.id for one in stack.dependencies if not one.id.endswith(".assets")}
        for stack in landing_zone.stacks
    }
    assert waiting.pop("audit-guardrails") == set(waiting)
    assert {name: awaited for name, awaited in waiting.items() if awaited} == {"production-workflows": {"ci-entry"}}


def test_everything_is_proved(landing_zone: cx_api.CloudAssembly) -> None:
    """Nothing is refuted, and nothing left open."""
    report = trustproof.check([landing_zone.directory], config=trustproof.load_config(EXAMPLE / "trustproof.toml"))
    assert report.results
    assert [result for result in report.results if result.verdict != "proved"] == []


def test_cfn_lint_has_no_complaint(landing_zone: cx_api.CloudAssembly) -> None:
    """The templates are good CloudFormation."""
    pytest.importorskip("cfnlint.api", reason="cfn-lint is not installed")
    from tests.infra.linting import complaints

    assert complaints(landing_zone) == []
