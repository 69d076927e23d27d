"""
What the author of a CDK app calls a resource is a name of it wherever somebody names resources.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.model.construct_paths import names_of_construct

OWN, OTHER = "222233334444", "999988887777"
TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Deploy1": {
            "Type": "AWS::IAM::Role",
            "Metadata": {"aws:cdk:path": "App/Deploy/Resource"},
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sts:AssumeRole"}],
                }
            },
        }
    }
}


@pytest.mark.parametrize(
    ("path", "type_", "names"),
    [
        (None, "AWS::IAM::Role", set()),
        ("App/Deploy", "AWS::IAM::Role", {"App/Deploy"}),
        ("App/Deploy/Resource", "AWS::IAM::Role", {"App/Deploy/Resource", "App/Deploy"}),
        ("App/Deploy/Default", "AWS::IAM::Role", {"App/Deploy/Default", "App/Deploy"}),
        ("App/Policy/Resource", "AWS::IAM::Policy", {"App/Policy/Resource", "App/Policy"}),
        ("App/B/Policy/Resource", "AWS::S3::BucketPolicy", {"App/B/Policy/Resource", "App/B/Policy", "App/B"}),
        ("/Resource", "AWS::IAM::Role", {"/Resource"}),
    ],
)
def test_the_names_of_a_construct(path: str | None, type_: str, names: set[str]) -> None:
    """The path of the template, and the one that the author wrote; of a policy of a bucket, the bucket's too."""
    assert names_of_construct(path, type_) == names


@pytest.mark.parametrize("named", ["App/Deploy", "App/Deploy/Resource", "Deploy1", "App/*", "*/Deploy"])
def test_waivers_and_invariants_know_a_construct_by_the_path_that_its_author_wrote(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `explain` does, and the acknowledgements of the CDK."""
    monkeypatch.chdir(tmp_path)
    config = {
        "invariant": [{"name": "mine", "resources": [named], "accounts": [OWN]}],
        "waiver": [{"property": "inside-boundary", "resource": named, "reason": "r"}],
    }
    Path("t.json").write_text(json.dumps(TEMPLATE))
    report = trustproof.check(["t.json"], account=OWN, config=config)
    found = {one.property: one for one in report.results}
    assert found["invariant-mine"].verdict == "refuted"
    assert found["inside-boundary"].suppression is not None
    assert not [one for one in report.results if one.property.startswith("waiver-")]
    assert not any("invariant" in note for note in report.notes)
    if "*" not in named:
        (explained,) = trustproof.explain(["t.json"], named, account=OWN)
        assert explained.logical_id == "Deploy1"
