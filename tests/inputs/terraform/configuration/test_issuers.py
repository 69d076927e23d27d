"""
Roles for service accounts of EKS, whose condition keys are made of the issuer of a cluster.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN, After, Resource, plan

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

CLUSTER = """
provider "aws" {
  region = "eu-west-1"
}
data "aws_caller_identity" "me" {}
data "aws_partition" "p" {}
data "aws_region" "r" {}
data "aws_region" "other" {
  provider = aws.other
}
provider "aws" {
  alias  = "other"
  region = "us-east-1"
}
variable "more" {
  type = list(string)
}
resource "aws_eks_cluster" "c" {
  name = "c"
}
resource "aws_iam_openid_connect_provider" "x" {
  url            = aws_eks_cluster.c.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}
"""
GITHUB = "token.actions.githubusercontent.com"
ISSUER = "aws_eks_cluster.c.identity[0].oidc[0].issuer"
ARN = "aws_iam_openid_connect_provider.x.arn"
KEYS = [
    'replace(aws_iam_openid_connect_provider.x.url, "https://", "")',
    f'replace({ISSUER}, "https://", "")',
    f'trimprefix({ISSUER}, "https://")',
    f'split("https://", {ISSUER})[1]',
    f'try(replace({ISSUER}, "https://", ""), "")',
    f'element(split("//", {ISSUER}), 1)',
    f'replace({ISSUER}, "/^https?:\\\\/\\\\//", "")',
    f'split("oidc-provider/", {ARN})[1]',
    f'element(split(":oidc-provider/", {ARN}), 1)',
    f'replace({ARN}, "/^(.*provider/)/", "")',
    f'replace({ARN}, "/^.*oidc-provider\\\\//", "")',
    f'regex("oidc-provider/(.*)", {ARN})[0]',
    f'one(regex("^arn:aws:iam::[0-9]{{12}}:oidc-provider/(.+)$", {ARN}))',
    f'regex("^arn:aws:iam::\\\\d+:oidc-provider/(.*)", {ARN})[0]',
    f'trimprefix({ARN}, "arn:aws:iam::{OWN}:oidc-provider/")',
    f'replace({ARN}, "arn:aws:iam::${{data.aws_caller_identity.me.account_id}}:oidc-provider/", "")',
    f'trimprefix({ARN}, "arn:${{data.aws_partition.p.id}}:iam::${{data.aws_caller_identity.me.id}}:oidc-provider/")',
    # What is made has no scheme: AWS does not give one.
    "aws_iam_openid_connect_provider.x.url",
    f'join("/", slice(split("/", {ARN}), 1, 4))',
    f'"oidc.eks.eu-west-1.amazonaws.com/id/${{element(split("/", {ISSUER}), 4)}}"',
    f'"oidc.eks.eu-west-1.amazonaws.com/id/${{basename({ISSUER})}}"',
    f'"oidc.eks.${{data.aws_region.r.name}}.amazonaws.com/id/${{basename(replace({ISSUER}, "https://", ""))}}"',
    f'"oidc.eks.${{data.aws_region.r.id}}.${{data.aws_partition.p.dns_suffix}}/id/${{basename({ARN})}}"',
    f'join("/", slice(split("/", {ARN}), 1, length(split("/", {ARN}))))',
    f'join("/", slice(split("/", {ISSUER}), 2, length(split("/", {ISSUER}))))',
]
#: What is no issuer of the cluster, and may be made to look like one.
OTHER_KEYS = [
    # Not all of it.
    f'join("/", slice(split("/", {ARN}), 2, length(split("/", {ARN}))))',
    # Something else behind it.
    f'join("/", concat(slice(split("/", {ARN}), 1, 4), var.more))',
    f'join("/", concat(slice(split("/", {ARN}), 1, length(split("/", {ARN}))), var.more))',
    f'join("-", slice(split("/", {ARN}), 1, length(split("/", {ARN}))))',
]


def role(key: str, claims: str) -> str:
    """A role that tokens of the cluster may assume."""
    condition = ", ".join(
        f'"${{local.key}}:{claim.split("=")[0]}" = "{claim.split("=")[1]}"' for claim in claims.split()
    )
    return (
        f'{CLUSTER}\nlocals {{\n  key = {key}\n}}\nresource "aws_iam_role" "r" {{\n  name = "r"\n'
        '  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow"\n'
        '    Action = "sts:AssumeRoleWithWebIdentity"\n'
        "    Principal = { Federated = aws_iam_openid_connect_provider.x.arn }\n"
        f"    Condition = {{ StringEquals = {{ {condition} }} }} }}] }})\n}}\n"
    )


def document(key: str, claims: str) -> str:
    """The same as a policy document."""
    conditions = "".join(
        f'    condition {{\n      test = "StringEquals"\n      variable = "${{local.key}}:{claim.split("=")[0]}"\n'
        f'      values = ["{claim.split("=")[1]}"]\n    }}\n'
        for claim in claims.split()
    )
    return (
        f'{CLUSTER}\nlocals {{\n  key = {key}\n}}\ndata "aws_iam_policy_document" "d" {{\n  statement {{\n'
        '    actions = ["sts:AssumeRoleWithWebIdentity"]\n    principals {\n      type = "Federated"\n'
        f"      identifiers = [aws_iam_openid_connect_provider.x.arn]\n    }}\n{conditions}  }}\n}}\n"
        'resource "aws_iam_role" "r" {\n  name = "r"\n'
        "  assume_role_policy = data.aws_iam_policy_document.d.json\n}\n"
    )


@pytest.mark.parametrize("write", [role, document])
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    ("claims", "verdict"),
    [
        ("sub=system:serviceaccount:kube-system:ebs aud=sts.amazonaws.com", "proved"),
        ("aud=sts.amazonaws.com", "refuted"),
    ],
)
def test_the_key_of_a_cluster_is_read(tmp_path: Path, write: object, key: str, claims: str, verdict: str) -> None:
    """A subject binds the role to a service account; an audience alone lets in each of the cluster."""
    assert callable(write)
    (tmp_path / "main.tf").write_text(write(key, claims))
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["web-identity-bound"])
    assert report.errors == ()
    assert {one.verdict for one in report.results if one.logical_id == "aws_iam_role.r"} == {verdict}


def test_the_key_of_another_cluster_is_another_key(tmp_path: Path) -> None:
    """Tokens of the provider do not have it, so nobody gets in."""
    other = 'resource "aws_eks_cluster" "d" {\n  name = "d"\n}\n'
    key = 'replace(aws_eks_cluster.d.identity[0].oidc[0].issuer, "https://", "")'
    (tmp_path / "main.tf").write_text(other + role(key, "sub=system:serviceaccount:a:b aud=sts.amazonaws.com"))
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["statement-usable"])
    assert {one.verdict for one in report.results} == {"refuted"}


def test_the_key_of_another_region_is_another_key(tmp_path: Path) -> None:
    """The Region is that of the provider of the data source: no cluster there has the id, so nobody gets in."""
    key = f'"oidc.eks.${{data.aws_region.other.name}}.amazonaws.com/id/${{basename({ISSUER})}}"'
    (tmp_path / "main.tf").write_text(role(key, "sub=system:serviceaccount:a:b aud=sts.amazonaws.com"))
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["statement-usable"])
    assert {one.verdict for one in report.results} == {"refuted"}


@pytest.mark.parametrize("write", [role, document])
@pytest.mark.parametrize("key", OTHER_KEYS)
def test_what_is_only_made_of_an_issuer_is_no_issuer(tmp_path: Path, write: object, key: str) -> None:
    """A part of it, and it with something behind it, binds the role to nobody."""
    assert callable(write)
    (tmp_path / "main.tf").write_text(write(key, "sub=system:serviceaccount:a:b aud=sts.amazonaws.com"))
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["web-identity-bound"])
    assert report.errors == ()
    assert "proved" not in {one.verdict for one in report.results}


def test_an_issuer_that_nobody_knows_is_none(tmp_path: Path) -> None:
    """A provider for what a variable says may be anybody's."""
    text = role(KEYS[0], "sub=system:serviceaccount:a:b aud=sts.amazonaws.com")
    text = text.replace(f"url            = {ISSUER}", "url            = var.url") + 'variable "url" {}\n'
    (tmp_path / "main.tf").write_text(text)
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["web-identity-bound"])
    assert {one.verdict for one in report.results} == {"unknown"}


@pytest.mark.parametrize(
    "key",
    [
        f'split("/", {ARN})[0]',
        f'trimprefix({ARN}, "arn:aws:iam::444455556666:oidc-provider/")',
        f'trimprefix({ARN}, "arn:aws-cn:iam::{OWN}:oidc-provider/")',
        f'trimprefix({ARN}, "arn:aws:iam::${{aws_vpc.v.id}}:oidc-provider/")',
        f'split("/", {ARN})[4]',
        f'replace({ARN}, "/^.*o/", "")',
        f'replace({ARN}, "oidc-provider/", "")',
        f'split("oidc-provider/", {ARN})[0]',
        f'regex("(.*)oidc-provider", {ARN})[0]',
        f'trimprefix({ISSUER}, "/^https:\\\\/\\\\//")',
    ],
)
def test_another_part_of_an_arn_or_url_is_no_issuer(tmp_path: Path, key: str) -> None:
    """What only looks like one of the ways to take the issuer out stays unknown."""
    (tmp_path / "main.tf").write_text(role(key, "sub=system:serviceaccount:a:b aud=sts.amazonaws.com"))
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["web-identity-bound"])
    assert {one.verdict for one in report.results} == {"unknown"}


@pytest.mark.parametrize(
    "key",
    [
        'replace(data.aws_eks_cluster.c.identity[0].oidc[0].issuer, "https://", "")',
        'split("oidc-provider/", data.aws_iam_openid_connect_provider.x.arn)[1]',
        'replace(data.aws_iam_openid_connect_provider.x.url, "https://", "")',
    ],
)
@pytest.mark.parametrize(
    ("claims", "verdict"),
    [
        ("sub=system:serviceaccount:kube-system:ebs aud=sts.amazonaws.com", "proved"),
        ("aud=sts.amazonaws.com", "refuted"),
    ],
)
def test_a_cluster_that_is_looked_up_has_an_issuer(tmp_path: Path, key: str, claims: str, verdict: str) -> None:
    """So it is in configurations of what runs on a cluster that another one makes."""
    text = role(key, claims).replace("identity[0].oidc[0]", "IDENTITY")
    for type_ in ("aws_eks_cluster", "aws_iam_openid_connect_provider"):
        text = text.replace(f'resource "{type_}"', f'data "{type_}"')
    text = text.replace("= aws_eks_cluster.c", "= data.aws_eks_cluster.c").replace("IDENTITY", "identity[0].oidc[0]")
    text = text.replace("Federated = aws_iam", "Federated = data.aws_iam").replace(
        '  client_id_list = ["sts.amazonaws.com"]\n', ""
    )
    (tmp_path / "main.tf").write_text(text)
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["web-identity-bound"])
    assert report.errors == ()
    assert {one.verdict for one in report.results if one.logical_id == "aws_iam_role.r"} == {verdict}


LITERAL = f'url            = "https://{GITHUB}"'
URL = "aws_iam_openid_connect_provider.x.url"
REPOSITORY = "sub=repo:o/r:ref:refs/heads/main aud=sts.amazonaws.com"


@pytest.mark.parametrize("write", [role, document])
@pytest.mark.parametrize(
    "key",
    [
        URL,
        f'replace({URL}, "https://", "")',
        f'trimprefix({URL}, "https://")',
        f'split("/", {URL})[0]',
        "data.aws_iam_openid_connect_provider.d.url",
    ],
)
@pytest.mark.parametrize(("claims", "verdict"), [(REPOSITORY, "proved"), ("aud=sts.amazonaws.com", "refuted")])
def test_a_provider_gives_no_scheme_whatever_it_is_written_with(
    tmp_path: Path, write: object, key: str, claims: str, verdict: str
) -> None:
    """After apply the url of a provider is what AWS gives, which has no ``https://``."""
    assert callable(write)
    looked_up = f'data "aws_iam_openid_connect_provider" "d" {{\n  {LITERAL}\n}}\n'
    text = write(key, claims).replace(f"url            = {ISSUER}", LITERAL)
    (tmp_path / "main.tf").write_text(text + looked_up)
    report = trustproof.check([tmp_path], config={}, account=OWN)
    found = {one.property: one.verdict for one in report.results if one.logical_id == "aws_iam_role.r"}
    assert (found["web-identity-bound"], found["statement-usable"]) == (verdict, "proved")


def test_a_plan_that_makes_the_provider_has_keys_without_a_scheme(tmp_path: Path) -> None:
    """What waits for the ARN of the provider is made after it, of the url that AWS gave."""
    (tmp_path / "infra").mkdir()
    text = role(URL, REPOSITORY).replace(f"url            = {ISSUER}", LITERAL)
    (tmp_path / "infra" / "main.tf").write_text(text[text.index('resource "aws_iam_openid') :])
    provider = Resource(
        "aws_iam_openid_connect_provider.x",
        {"url": f"https://{GITHUB}", "client_id_list": ["sts.amazonaws.com"]},
    )
    trusting = After("local.key", "aws_iam_openid_connect_provider.x.arn", "aws_iam_openid_connect_provider.x")
    made = Resource("aws_iam_role.r", {"name": "r", "assume_role_policy": trusting})
    (tmp_path / "plan.json").write_text(json.dumps(plan(provider, made)))
    report = trustproof.check([tmp_path / "plan.json"], config={}, account=OWN, source=tmp_path / "infra")
    assert report.errors == ()
    assert {one.verdict for one in report.results} == {"proved"}


#: An issuer as a cluster has one.
ISSUED = "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789ABCDEF0123456789"


@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals"])
@pytest.mark.parametrize(("start", "end"), [(1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4), (0, 2)])
def test_some_parts_of_an_arn_are_the_key_that_they_are_of_a_known_one(
    tmp_path: Path, start: int, end: int, operator: str
) -> None:
    """What is said of a part of an issuer that nobody knows is what is said of that part of a known one, or nothing."""
    claims = "sub=system:serviceaccount:kube-system:ebs"
    part = f'join("/", slice(split("/", {ARN}), {start}, {end}))'
    known = "/".join(f"arn:aws:iam::{OWN}:oidc-provider/{ISSUED}".split("/")[start:end])
    verdicts = []
    for name, text in (
        ("open", role(part, claims)),
        ("known", role(json.dumps(known), claims).replace(f"url            = {ISSUER}", f'url = "https://{ISSUED}"')),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text.replace("StringEquals", operator))
        report = trustproof.check([tmp_path / name], config={}, account=OWN)
        assert report.errors == ()
        verdicts.append({one.property: one.verdict for one in report.results if one.logical_id == "aws_iam_role.r"})
    is_known = start > 0
    assert all(verdict in ("unknown", verdicts[1][name]) for name, verdict in verdicts[0].items())
    assert not is_known or verdicts[0] == verdicts[1]
