"""
Real templates: read without a traceback, counted as an independent loader counts them, twins alike.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from trustproof.errors import InputError
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.discovery.inputs import read_paths
from trustproof.model.document import TRUST

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"
FOLDERS = ("templates/cfn/", "templates/cfn-orgformation/", "templates/cfn-unparsable/")

#: The end of a file's name to why it counts differently.
EXPLAINED = {
    # "Version": "2008-10-17T00:00:00Z": a date that another program has written out, which IAM refuses.
    "ecs_cluster_not_encrypted_at_rest/test/negative2.json": "the Version is refused",
    "ecs_cluster_not_encrypted_at_rest/test/positive4.json": "the Version is refused",
    # Every condition is Fn::Equals [true, false], so that no deployment has any of the roles.
    "tests/translator/output/implicit_api_with_many_conditions.json": "no deployment has the roles",
}
#: The end of a file's name to the policies and resources in it that AWS would refuse.
REFUSED = {
    "ecs_cluster_not_encrypted_at_rest/test/negative2.json": 1,
    "ecs_cluster_not_encrypted_at_rest/test/positive4.json": 1,
    "s3_bucket_without_ssl_in_write_actions/test/negative3.json": 1,
    # What a test expects stands among the resources, and has no Type.
    "validation_test_data/policy_doc_mix.yml": 2,
    "test_files/test_file_2.json": 1,
    "test_files/test_file_2.yml": 1,
}


def entries() -> list[dict[str, Any]]:
    """The CloudFormation entries of the manifest; none where the corpus is missing."""
    if not CORPUS.is_dir():
        return []
    manifest = json.loads((CORPUS / "MANIFEST.json").read_text(encoding="utf-8"))
    return [entry for entry in manifest["files"] if entry["file"].startswith(FOLDERS)]


ENTRIES = entries()
PARSABLE = [entry for entry in ENTRIES if "cfn-unparsable" not in entry["file"]]
missing = pytest.mark.skipif(not ENTRIES, reason="the corpus of real templates is not here")


def read(file: str) -> tuple[list[Template], list[InputError]]:
    """The templates and errors of one file of the corpus."""
    inputs = read_paths([str(CORPUS / file)])
    return list(inputs.templates), inputs.errors


def explained(file: str, table: dict[str, Any]) -> Any:
    """What a table says of a file."""
    return next((value for end, value in table.items() if file.endswith(end)), None)


@missing
def test_the_corpus_is_whole() -> None:
    """A corpus that has lost its files would prove nothing."""
    assert len(ENTRIES) > 350


class Real(NamedTuple):
    """A template of the corpus, read once for the tests that only look at it."""

    entry: dict[str, Any]
    template: Template
    errors: list[InputError]


@pytest.fixture(scope="module", params=PARSABLE, ids=lambda entry: entry["file"].split("/", 2)[-1])
def real(request: pytest.FixtureRequest) -> Real:
    """Each template of the corpus."""
    (template,), errors = read(request.param["file"])
    return Real(request.param, template, errors)


@missing
def test_real_templates_are_read(real: Real) -> None:
    """Each template gives its documents, places included; only what AWS would refuse is an error."""
    template = real.template
    assert len(real.errors) == (explained(real.entry["file"], REFUSED) or 0), real.errors
    for document in template.documents:
        for statement in document.policy.statements:
            assert template.locate(statement.path).line >= 1
    assert template.at({"AWS::AccountId": "111122223333"}).documents is not None
    assert template.holders is not None


@missing
def test_counts_agree_with_an_independent_loader(real: Real) -> None:
    """Resources, roles, trust policies and their statements (both branches of Fn::If) are all there."""
    entry, template = real.entry, real.template
    trusts = [d for d in template.documents if d.kind == TRUST and d.resource_type == "AWS::IAM::Role"]
    counted = {
        "resources": len(template.environment.resources),
        "trust_policies": len(trusts),
        "trust_statements": sum(len(d.policy.statements) for d in trusts),
    }
    expected = {key: entry["facts"][key] for key in counted}
    assert (counted == expected) == (explained(entry["file"], EXPLAINED) is None), (counted, expected)


@missing
@pytest.mark.parametrize("entry", [e for e in PARSABLE if "twin_of" in e], ids=lambda e: e["file"].split("/", 2)[-1])
def test_twins_are_equal(entry: dict[str, Any]) -> None:
    """The same template in the other notation gives the same documents, at the same paths."""
    (template,), _ = read(entry["file"])
    (twin,), _ = read(entry["twin_of"])
    assert template.documents == twin.documents
    # One pair differs upstream in a managed policy of AWS's own.
    assert [h._replace(foreign=()) for h in template.holders] == [h._replace(foreign=()) for h in twin.holders]


@missing
@pytest.mark.parametrize("entry", [e for e in ENTRIES if "cfn-unparsable" in e["file"]], ids=lambda e: e["file"])
def test_broken_templates_are_clear_errors(entry: dict[str, Any]) -> None:
    """A file that is no YAML gives one error with line and column."""
    templates, (error,) = read(entry["file"])
    assert templates == []
    assert error.line is not None
    assert error.column is not None
