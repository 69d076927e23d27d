"""
The registry: every property by its identifier, in the order of reports.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trustproof.errors import UsageError
from trustproof.properties import registry


def test_each_property_has_its_own_identifier() -> None:
    """What the configuration, the command line and the reports call a property is one of them."""
    idents = [found.ident for found in registry.PROPERTIES]
    assert len(set(idents)) == len(idents)
    assert [registry.find(ident) for ident in idents] == list(registry.PROPERTIES)
    assert list(registry.options()) == idents


def test_an_unknown_identifier_is_a_usage_error() -> None:
    """The message names the properties that there are."""
    with pytest.raises(UsageError, match='no property is called "mfa", expected one of mfa-required, inside-boundary'):
        registry.find("mfa")


def test_some_are_in_the_order_of_all() -> None:
    """Reports have one order, whatever order somebody asked in."""
    found = registry.among(["statement-usable", "mfa-required"])
    assert [one.ident for one in found] == ["mfa-required", "statement-usable"]


def test_a_template_without_configuration_needs_no_other_package(tmp_path: Path) -> None:
    """Neither YAML nor an SDK is imported for a template in JSON."""
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
    assert {"boto3", "yaml"}.isdisjoint(done.stderr.split())
