"""
The same as a CloudFormation template and as a first plan with its configuration: the verdicts are the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform import hcl
from tests.inputs.terraform.builders import OWN, After, Resource, plan
from tests.inputs.terraform.test_twins import CONFIG, TWINS, verdicts

pytest.importorskip("tree_sitter_hcl")


def _hidden(found: Any) -> Any:
    """A value in which every policy is known after the plan has been applied, and so is what names other resources."""
    if isinstance(found, str) and '"Statement"' in found:
        return After()
    if isinstance(found, hcl.Reference):
        name = found.expression
        return After(name, name.rpartition(".")[0])
    if isinstance(found, list):
        return [_hidden(item) for item in found]
    if isinstance(found, dict):
        return {key: _hidden(inner) for key, inner in found.items()}
    return found


def first_plan(resources: list[Resource]) -> dict[str, Any]:
    """A plan in which nothing is known that names another resource, and no policy is."""
    return plan(
        *(
            Resource(one.address, {name: _hidden(found) for name, found in one.arguments.items()}, {}, one.provider)
            for one in hcl.referring(resources, names=True)
        )
    )


@pytest.mark.parametrize("write", [hcl.encoded, hcl.heredoc], ids=["jsonencode", "heredoc"])
@pytest.mark.parametrize(("template", "resources"), [twin[1:] for twin in TWINS], ids=[twin[0] for twin in TWINS])
def test_a_first_plan_with_its_configuration_has_the_verdicts_of_its_twin(
    tmp_path: Path, template: dict[str, Any], resources: list[Resource], write: Any
) -> None:
    """What the plan does not know is what the configuration says."""
    (tmp_path / "template.json").write_text(json.dumps(template))
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(hcl.configuration(resources, write, names=True))
    (tmp_path / "plan.json").write_text(json.dumps(first_plan(resources)))
    options: dict[str, Any] = {"config": CONFIG, "account": OWN, "region": "eu-west-1"}
    expected = trustproof.check([tmp_path / "template.json"], **options)
    found = trustproof.check([tmp_path / "plan.json"], source=tmp_path / "infra", **options)
    assert found.errors == ()
    assert verdicts(found) == verdicts(expected)


@pytest.mark.parametrize(("template", "resources"), [twin[1:] for twin in TWINS], ids=[twin[0] for twin in TWINS])
def test_a_first_plan_alone_claims_nothing_that_is_not_so(
    tmp_path: Path, template: dict[str, Any], resources: list[Resource]
) -> None:
    """What is hidden never makes a proof of what is unknown or refuted, and no refutation of what is proved."""
    (tmp_path / "template.json").write_text(json.dumps(template))
    (tmp_path / "plan.json").write_text(json.dumps(first_plan(resources)))
    options: dict[str, Any] = {"config": CONFIG, "account": OWN, "region": "eu-west-1"}
    expected = trustproof.check([tmp_path / "template.json"], **options)
    found = trustproof.check([tmp_path / "plan.json"], **options)
    assert found.errors == ()
    whole = {(one.property, one.verdict) for one in expected.results}
    for one in found.results:
        assert one.verdict == "unknown" or (one.property, one.verdict) in whole
