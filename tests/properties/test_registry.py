"""
The registry: what it knows of a property without importing its module is what the module says.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trustproof.config.model import Config, ThirdParty
from trustproof.inputs.policy_json import parse_policy
from trustproof.model.document import RESOURCE, TRUST, Document
from trustproof.properties import registry
from trustproof.proving.outcomes import subject_for

IDENTS = [found.ident for found in registry.PROPERTIES]
NAMED = ("severity", "options", "holders", "about_roles", "across_templates", "expects_request")
PRINCIPALS: tuple[object, ...] = (
    "*",
    {"AWS": "222222222222"},
    {"Service": "scheduler.amazonaws.com"},
    {"Service": "ec2.amazonaws.com"},
    {"Federated": "arn:aws:iam::111111111111:saml-provider/Okta"},
    {"Federated": "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"},
    {"Federated": "accounts.google.com"},
    {"AWS": "222222222222", "Service": "sns.amazonaws.com"},
)


@pytest.mark.parametrize("ident", IDENTS)
def test_registry_says_what_the_property_says(ident: str) -> None:
    """Whatever is asked before a property is imported has the answer of the property."""
    (entry,) = registry.among([ident])
    found = registry.find(ident)
    assert found.ident == ident
    assert {name: getattr(entry, name) for name in NAMED} == {name: getattr(found, name) for name in NAMED}


@pytest.mark.parametrize("kind", [TRUST, RESOURCE])
@pytest.mark.parametrize("element", ["Principal", "NotPrincipal"])
@pytest.mark.parametrize("principal", PRINCIPALS, ids=str)
def test_quick_look_overlooks_nothing(kind: str, element: str, principal: object) -> None:
    """A property that has something to ask of a policy is asked."""
    action = {"Resource": "*"} if kind == RESOURCE else {}
    statement = {"Effect": "Allow", element: principal, "Action": "*", **action}
    if element == "NotPrincipal":
        statement["Effect"] = "Deny"
    policy = parse_policy({"Version": "2012-10-17", "Statement": [statement]}, kind=kind)
    config = Config(third_parties=(ThirdParty("vendor", ("333333333333",)),))
    document = Document(kind, policy, "X", "AWS::SQS::Queue" if kind == RESOURCE else "AWS::IAM::Role", ())
    subject = subject_for(document, "111111111111", "aws", config)
    asked = {entry.ident: entry.applies_to(subject) for entry in registry.PROPERTIES}
    assert asked == {ident: registry.find(ident).applies_to(subject) for ident in IDENTS}


def test_small_template_imports_what_it_needs(tmp_path: Path) -> None:
    """A role that people assume waits for nothing that is about providers, services or identity policies."""
    code = (
        "import sys\n"
        "from trustproof.cli.main import main\n"
        "main(['check', '-'])\n"
        "print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    template = (
        '{"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Version": '
        '"2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": '
        '"sts:AssumeRole", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}}}}}'
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=template, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    loaded = set(done.stderr.split())
    unwanted = {
        "boto3",
        "yaml",
    }
    assert loaded & unwanted == set()
