"""
Directories that Terraform refuses without a caller, since one has to pass them a provider: what is in them is not taken
to be deployed beside the others of the run.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof

pytest.importorskip("tree_sitter_hcl")

OWN = "111122223333"
WITHOUT_MFA = 'Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }'
WITH_MFA = 'Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }'


def document(*statements: str) -> str:
    """A policy, with statements as HCL writes them."""
    return f'jsonencode({{ Version = "2012-10-17", Statement = [{", ".join(statements)}] }})'


def trusted(principal: str, more: str = "") -> str:
    """A statement of a trust policy."""
    return f'{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "{principal}" }}, {more} }}'


def resource(type_: str, called: str, /, **arguments: str) -> str:
    """A resource with expressions."""
    given = "".join(f"  {key} = {value}\n" for key, value in arguments.items())
    return f'resource "{type_}" "{called}" {{\n{given}}}\n'


def required(*aliases: str, local: str = "aws") -> str:
    """The providers that a module has to be passed."""
    given = f'{local} = {{\n      source = "hashicorp/{local}"\n      configuration_aliases = [{", ".join(aliases)}]\n'
    return f"terraform {{\n  required_providers {{\n    {given}    }}\n  }}\n}}\n"


USER = resource("aws_iam_user", "u", name='"u"') + resource(
    "aws_iam_user_policy",
    "adm",
    name='"adm"',
    user="aws_iam_user.u.name",
    policy=document('{ Effect = "Allow", Action = "iam:*", Resource = "*" }'),
)
NOT_WITHOUT_MFA = document(f'{{ Effect = "Deny", Action = "*", Resource = "*", {WITHOUT_MFA} }}')
DENIED = resource("aws_iam_user_policy", "d", name='"d"', user='"u"', policy=NOT_WITHOUT_MFA)
BY_ALIAS = resource("aws_iam_user_policy", "d", name='"d"', user='"u"', policy=NOT_WITHOUT_MFA, provider="aws.b")
ALIAS = 'provider "aws" {\n  alias = "b"\n}\n'


def verdicts(folder: Path, files: dict[str, str], property_: str, **options: str) -> dict[str, str]:
    """The verdict for each resource."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    report = trustproof.check([folder], config={}, properties=[property_], **options)  # type: ignore[arg-type]
    assert report.errors == ()
    linked = any("deployed to one account" in note for note in report.notes)
    assert not linked or "proved" in {one.verdict for one in report.results}
    return {one.logical_id: one.verdict for one in report.results}


@pytest.mark.parametrize(
    ("module", "verdict"),
    [
        # A directory of its own that anybody may apply is deployed beside the others.
        (DENIED, "proved"),
        (DENIED + required(), "proved"),
        (DENIED + required("aws.b") + ALIAS, "proved"),
        (BY_ALIAS + ALIAS, "proved"),
        # Terraform refuses these: somebody else has to pass what they name.
        (DENIED + required("aws.b"), "refuted"),
        (DENIED + required("aws.a", "aws.b") + ALIAS, "refuted"),
        (DENIED + required("random.b", local="random"), "refuted"),
        (BY_ALIAS + required("aws.b"), "refuted"),
        (BY_ALIAS, "refuted"),
        (BY_ALIAS.replace("aws.b", '"aws.b"'), "refuted"),
        (DENIED + 'data "aws_region" "r" {\n  provider = aws.b\n}\n', "refuted"),
        (DENIED + 'module "m" {\n  source = "a/b/c"\n  providers = { aws = aws.b }\n}\n', "refuted"),
    ],
)
def test_a_module_that_nobody_calls_denies_nobody_elsewhere(tmp_path: Path, module: str, verdict: str) -> None:
    """Where Terraform refuses to apply it by itself, nobody knows where what it denies is in force."""
    found = verdicts(
        tmp_path, {"main.tf": USER, "modules/mfa/main.tf": module}, "sensitive-actions-require-mfa", account=OWN
    )
    assert found["aws_iam_user_policy.adm"] == verdict


@pytest.mark.parametrize(
    ("module", "passes", "verdict"),
    [
        (DENIED, "", "proved"),
        (DENIED + required("aws.b"), "providers = { aws.b = aws }", "proved"),
        (DENIED + required("aws.b"), 'providers = { "aws.b" = "aws" }', "proved"),
        (DENIED + required("aws.b") + ALIAS, "", "proved"),
        (BY_ALIAS + required("aws.b"), "providers = { aws.b = aws }", "proved"),
        (DENIED + required("aws.b"), "", "refuted"),
        (DENIED + required("aws.b"), "count = 1", "refuted"),
        (DENIED + required("aws.b"), "providers = { aws.c = aws }", "refuted"),
        (DENIED + required("aws.a", "aws.b"), "providers = { aws.b = aws }", "refuted"),
        (BY_ALIAS, "", "refuted"),
        (BY_ALIAS, "providers = { aws = aws }", "refuted"),
    ],
)
def test_a_call_without_a_provider(tmp_path: Path, module: str, passes: str, verdict: str) -> None:
    """Terraform refuses it, and nothing is proved by what the module would deny."""
    call = f'module "m" {{\n  source = "./m"\n  {passes}\n}}\n'
    for name, text in {"main.tf": USER + call, "m/main.tf": module}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    report = trustproof.check([tmp_path], config={}, properties=["sensitive-actions-require-mfa"], account=OWN)
    (found,) = (one for one in report.results if one.logical_id == "aws_iam_user_policy.adm")
    assert found.verdict == verdict
    assert any("is not passed the provider" in one for one in report.notes) == (verdict == "refuted")


def test_json_names_providers_in_texts(tmp_path: Path) -> None:
    """What HCL writes as references."""
    settings = '{"terraform": {"required_providers": {"aws": {"configuration_aliases": ["aws.b"]}}}}'
    files = {"main.tf": USER, "m/main.tf": DENIED, "m/versions.tf.json": settings}
    assert verdicts(tmp_path, files, "sensitive-actions-require-mfa")["aws_iam_user_policy.adm"] == "refuted"


@pytest.mark.parametrize(("more", "verdict"), [("", "proved"), (required("aws.b"), "refuted")])
def test_others_deny_nobody_in_it(tmp_path: Path, more: str, verdict: str) -> None:
    """It is judged by itself, without what is deployed beside its callers."""
    files = {"main.tf": DENIED, "m/main.tf": USER + more}
    assert verdicts(tmp_path, files, "sensitive-actions-require-mfa")["aws_iam_user_policy.adm"] == verdict


ROOT = f"arn:aws:iam::{OWN}:root"
ENTRY = resource("aws_iam_role", "a", name='"a"', assume_role_policy=document(trusted(ROOT)))
TARGET = resource(
    "aws_iam_role",
    "b",
    name='"b"',
    assume_role_policy=document(trusted(f"arn:aws:iam::{OWN}:role/a"), trusted(ROOT, WITH_MFA)),
)
NO_STEP = document('{ Effect = "Deny", Action = "sts:AssumeRole", Resource = "*" }')
STOPPED = resource("aws_iam_role_policy", "d", name='"d"', role='"a"', policy=NO_STEP)


@pytest.mark.parametrize(
    ("main", "module", "verdict"),
    [
        (ENTRY + TARGET, STOPPED, "proved"),
        # What it denies a role by its name does not keep the sessions of that role from the next one.
        (ENTRY + TARGET, STOPPED + required("aws.b"), "refuted"),
        # What it has, it has together.
        ("", ENTRY + TARGET + required("aws.b"), "refuted"),
        ("", ENTRY + TARGET + STOPPED + required("aws.b"), "proved"),
    ],
)
def test_it_stops_no_chain_but_its_own(tmp_path: Path, main: str, module: str, verdict: str) -> None:
    """Chains are those of all that is deployed, and of each directory by itself."""
    files = {"main.tf": main or USER, "m/main.tf": module}
    assert verdicts(tmp_path, files, "mfa-survives-chaining", account=OWN)["aws_iam_role.b"] == verdict


@pytest.mark.parametrize("more", ["", required("aws.b")])
def test_what_it_takes_away_may_be_taken_away(tmp_path: Path, more: str) -> None:
    """Whoever calls it may apply that beside the others: nothing is proved that it would change."""
    taken = resource("aws_iam_user_policies_exclusive", "x", user_name='"u"', policy_names='["adm"]')
    files = {"main.tf": USER + DENIED, "m/main.tf": taken + more}
    assert verdicts(tmp_path, files, "sensitive-actions-require-mfa")["aws_iam_user_policy.adm"] == "unknown"
