"""
The same as a CloudFormation template and as a configuration: the verdicts are the same, with the same requests.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform import hcl
from tests.inputs.terraform.builders import OWN, Resource
from tests.inputs.terraform.test_twins import CONFIG, TWINS, verdicts

pytest.importorskip("tree_sitter_hcl")


@pytest.mark.parametrize(
    ("write", "names"),
    [(hcl.encoded, False), (hcl.encoded, True), (hcl.heredoc, False), (hcl.quoted, True)],
    ids=["jsonencode", "references", "heredoc", "text"],
)
@pytest.mark.parametrize(("template", "resources"), [twin[1:] for twin in TWINS], ids=[twin[0] for twin in TWINS])
def test_a_configuration_has_the_verdicts_of_its_twin(
    tmp_path: Path, template: dict[str, Any], resources: list[Resource], write: Callable[[str], str], names: bool
) -> None:
    """A directory is judged like the template, however its policies are written and its resources named."""
    (tmp_path / "template.json").write_text(json.dumps(template))
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(hcl.configuration(resources, write, names=names))
    options: dict[str, Any] = {"config": CONFIG, "account": OWN, "region": "eu-west-1"}
    expected = trustproof.check([tmp_path / "template.json"], **options)
    assert verdicts(trustproof.check([tmp_path / "infra"], **options)) == verdicts(expected)
    assert expected.results
