"""
What keeps the world out is a bound that the project names, and never one that callers without a signature cannot meet.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import trustproof
from tests.laws.remedying import edited
from trustproof import Result
from trustproof.model.text import Symbol, Symbolic
from trustproof.output.undeclared_ids import lines
from trustproof.results.groups import groups

Json = dict[str, Any]
OWN, SISTER, ORGANIZATION = "111122223333", "222233334444", "o-a1b2c3d4e5"
#: The own account, as a template names it.
HERE = Symbolic((Symbol("AWS::AccountId", "pseudo-parameter"),))
ORGANIZATIONS: Json = {"boundary": {"organizations": [ORGANIZATION]}}
ACCOUNTS: Json = {"boundary": {"accounts": [SISTER]}}
EVERYBODY: Json = {"AWS": "*"}


def resource(kind: str, element: str, action: str, condition: Json | None = None, **properties: Any) -> Json:
    """A template with one policy that lets everybody in."""
    statement = {"Effect": "Allow", "Principal": EVERYBODY, "Action": action, "Resource": "*"}
    if condition is not None:
        statement["Condition"] = condition
    held = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Resources": {"R": {"Type": kind, "Properties": {**properties, element: held}}}}


def role(condition: Json | None = None) -> Json:
    """A template with a role that everybody may assume."""
    found = resource("AWS::IAM::Role", "AssumeRolePolicyDocument", "sts:AssumeRole", condition)
    del found["Resources"]["R"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Resource"]
    return found


def monitor() -> Json:
    """A template with an app monitor that everybody may send events to."""
    found = resource("AWS::RUM::AppMonitor", "ResourcePolicy", "rum:PutRumEvents", Name="m")
    properties = found["Resources"]["R"]["Properties"]
    properties["ResourcePolicy"] = {"PolicyDocument": json.dumps(properties["ResourcePolicy"])}
    return found


DOMAIN = ("AWS::OpenSearchService::Domain", "AccessPolicies", "es:ESHttpGet")
CONTAINER = ("AWS::MediaStore::Container", "Policy", "mediastore:GetObject")
PACKAGE = ("AWS::MediaPackageV2::OriginEndpointPolicy", "Policy")
PRIVATE = ("AWS::ApiGateway::DomainNameV2", "Policy", "execute-api:Invoke")
FILES = ("AWS::EFS::FileSystem", "FileSystemPolicy", "elasticfilesystem:ClientMount")
TOPIC = ("AWS::SNS::TopicPolicy", "PolicyDocument", "sns:Subscribe")
SECRET = ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", "secretsmanager:GetSecretValue")
BUCKET = ("AWS::S3::BucketPolicy", "PolicyDocument", "s3:PutObject")
WORLD: Json = {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}
AGENT: Json = {"StringEquals": {"aws:UserAgent": "Amazon CloudFront"}}
POINTS: Json = {"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-east-1:*:accesspoint/lake-*"}}
OPEN: Json = {"BlockPublicPolicy": False, "SecretId": "s"}


def refuted(template: Json, config: Json) -> Result:
    """The refutation of inside-boundary."""
    report = trustproof.check([template], config=config, account=OWN, properties=["inside-boundary"])
    assert not report.errors
    (found,) = [r for r in report.results if r.verdict == trustproof.REFUTED]
    assert found.remedy is not None
    return found


@pytest.mark.parametrize("config", [{}, ORGANIZATIONS, ACCOUNTS])
@pytest.mark.parametrize(
    ("template", "text"),
    [
        (resource(*DOMAIN, WORLD, DomainName="d"), "narrow aws:SourceIp, which is 0.0.0.0/0"),
        (resource(*DOMAIN, DomainName="d"), "bound the network, by aws:SourceIp"),
        (resource(*CONTAINER, AGENT, ContainerName="c"), "cloudfront.amazonaws.com, with aws:SourceArn"),
        (resource(*PACKAGE, "mediapackagev2:GetObject"), "cloudfront.amazonaws.com, with aws:SourceArn"),
        (resource(*PACKAGE, "mediapackagev2:*"), "who views, by a statement about GetObject alone; and name the acc"),
        (resource(*CONTAINER[:2], "mediastore:PutObject", ContainerName="c"), "name the account of those that write"),
        (monitor(), "bound the network, by aws:SourceIp, where the browsers are in yours"),
        (resource(*PRIVATE, DomainName="d.acme.com"), "bound the network, by aws:SourceVpce"),
        (resource(*TOPIC, {"StringLike": {"sns:Endpoint": "*.acme.com/*"}}, Topics=["t"]), "begin with https://"),
        (resource(*BUCKET, WORLD, Bucket="acme-bucket"), "narrow aws:SourceIp"),
        (role({"StringEquals": {"sts:ExternalId": "c-1"}}), "name the account of the third party"),
    ],
)
def test_callers_of_no_organization_are_bound_in_words(template: Json, text: str, config: Json) -> None:
    """A browser, a mount, a subscriber or a vendor would be locked out by a test of the organization, and be proved."""
    found = refuted(template, config)
    assert found.remedy is not None
    assert not found.remedy.edits
    assert text in found.remedy.text


def test_a_bound_that_nobody_is_within_is_left_at_words() -> None:
    """Whoever has no ARN is of no organization: what asks for one lets in nobody at all, which is no remedy."""
    asked = {"StringEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION}, "Null": {"aws:PrincipalArn": "true"}}
    report = trustproof.check([resource(*TOPIC, asked)], account=OWN, config=ORGANIZATIONS)
    remedies = [r.remedy for r in report.results if r.verdict == trustproof.REFUTED and r.remedy is not None]
    assert remedies
    assert not any(remedy.edits for remedy in remedies)


def test_a_mount_comes_through_a_mount_target() -> None:
    """Clients of NFS sign nothing, and AWS tests how they come."""
    template = resource(*FILES, {"Bool": {"aws:SecureTransport": "true"}})
    found = refuted(template, ORGANIZATIONS)
    assert found.remedy is not None
    assert "AccessedViaMountTarget" in str(found.remedy)
    again = trustproof.check(
        [edited(template, found.remedy.edits)], config=ORGANIZATIONS, account=OWN, properties=["inside-boundary"]
    )
    assert not [r for r in again.results if r.verdict == trustproof.REFUTED]


@pytest.mark.parametrize(
    ("template", "config", "said"),
    [
        (role(), ORGANIZATIONS, {"aws:PrincipalOrgID": ORGANIZATION}),
        (role(), ACCOUNTS, {"aws:PrincipalAccount": [OWN, SISTER]}),
        (role(), {}, None),
        (resource(*SECRET, **OPEN), ORGANIZATIONS, {"aws:PrincipalOrgID": ORGANIZATION}),
        (resource(*SECRET, **OPEN), ACCOUNTS, {"aws:PrincipalAccount": [OWN, SISTER]}),
        (resource(*SECRET, **OPEN), {}, None),
        (resource(*BUCKET, POINTS, Bucket="acme-bucket"), ACCOUNTS, {"s3:DataAccessPointAccount": [OWN, SISTER]}),
        (resource(*BUCKET, POINTS, Bucket="acme-bucket"), ORGANIZATIONS, {"s3:DataAccessPointAccount": HERE}),
    ],
)
def test_a_bound_is_one_that_the_project_names(template: Json, config: Json, said: Json | None) -> None:
    """The organization or the accounts that are declared; nothing to fill in, and words where nothing is known."""
    if "PolicyDocument" in template["Resources"]["R"]["Properties"]:
        settings = {"BlockPublicPolicy": False, "RestrictPublicBuckets": False}
        bucket = {"BucketName": "acme-bucket", "PublicAccessBlockConfiguration": settings}
        template = {"Resources": {**template["Resources"], "B": {"Type": "AWS::S3::Bucket", "Properties": bucket}}}
    found = refuted(template, config)
    assert found.remedy is not None
    assert re.search(r"o-\.\.\.|[A-Z]{5,}/", str(found.remedy)) is None
    if said is None:
        assert not found.remedy.edits
        return
    (edit,) = found.remedy.edits
    block: Any = edit.value
    named = block if edit.path[-1] != "Condition" else block["StringEquals"]
    ((name, values),) = said.items()
    assert list(named[name]) == (values if isinstance(values, list) else [values])
    again = trustproof.check(
        [edited(template, found.remedy.edits)], config=config, account=OWN, properties=["inside-boundary"]
    )
    assert not [r for r in again.results if r.verdict == trustproof.REFUTED]


def test_an_organization_is_no_account_of_a_third_party() -> None:
    """Who gets in with an external id, of an organization that nobody has declared, is not listed as an account."""
    template = role({"StringEquals": {"sts:ExternalId": "c-1", "aws:PrincipalOrgID": ORGANIZATION}})
    report = trustproof.check([template], config={}, account=OWN, properties=["inside-boundary"])
    assert report.sources is not None
    unknown = [one for one in report.results if one.verdict == trustproof.UNKNOWN]
    block = "\n".join(lines(unknown, report.sources))
    assert f'organizations = ["{ORGANIZATION}"]' in block
    assert f'accounts = ["{ORGANIZATION}"]' not in block


def test_an_archive_that_is_open_on_purpose_may_stay_so() -> None:
    """A bucket whose settings let everybody in is told how its objects stay public, and not only how to close it."""
    archive = resource("AWS::S3::BucketPolicy", "PolicyDocument", "s3:*", Bucket={"Ref": "B"})
    (statement,) = archive["Resources"]["R"]["Properties"]["PolicyDocument"]["Statement"]
    statement["Action"] = ["s3:Get*", "s3:List*"]
    block = {"BlockPublicPolicy": False, "RestrictPublicBuckets": False}
    archive["Resources"]["B"] = {
        "Type": "AWS::S3::Bucket",
        "Properties": {"BucketName": "archive", "PublicAccessBlockConfiguration": block},
    }
    remedy = refuted(archive, ORGANIZATIONS).remedy
    assert remedy is not None
    assert "allow s3:GetObject alone" in remedy.text
    assert "[[waiver]]" in remedy.text
    assert not remedy.edits


def test_what_is_made_in_place_of_everybody_is_not_there() -> None:
    """A switch chooses between a distribution and everybody: where everybody is let in, there is none to be named."""
    off = {"Fn::If": ["Cdn", True, False]}
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": {"Fn::Sub": "${B.Arn}/*"}}
    forms = [{**allow, "Principal": {"Service": "cloudfront.amazonaws.com"}}, {**allow, "Principal": "*"}]
    origin = {"Id": "o", "DomainName": {"Fn::GetAtt": ["B", "RegionalDomainName"]}, "S3OriginConfig": {}}
    resources: Json = {
        "B": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"PublicAccessBlockConfiguration": {"BlockPublicPolicy": off, "RestrictPublicBuckets": off}},
        },
        "P": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": {"Ref": "B"},
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Fn::If": ["Cdn", *forms]}]},
            },
        },
        "D": {
            "Type": "AWS::CloudFront::Distribution",
            "Condition": "Cdn",
            "Properties": {"DistributionConfig": {"Enabled": True, "Origins": [origin]}},
        },
    }
    switch = {"Type": "String", "AllowedValues": ["true", "false"]}
    template = {
        "Parameters": {"WithCdn": switch},
        "Conditions": {"Cdn": {"Fn::Equals": [{"Ref": "WithCdn"}, "true"]}},
        "Resources": resources,
    }
    found = refuted(template, {})
    assert found.severity == "warning"
    assert found.why[0] == "this is taken to be meant where WithCdn is false"
    assert not any(one.startswith("this is taken to be meant:") for one in found.why)
    assert found.remedy is not None
    assert "cloudfront.amazonaws.com" not in found.remedy.text


def test_one_statement_in_all_partitions_is_one_finding() -> None:
    """The name of the service has the Region in it, and the change is right in each."""
    china = {"Fn::Sub": "logs.${AWS::Region}.amazonaws.com.cn"}
    other = {"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}
    allow = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": {"Fn::Sub": "arn:${AWS::Partition}:s3:::b/*"}}
    statement = {**allow, "Principal": {"Service": {"Fn::If": ["China", china, other]}}}
    policy = {"Bucket": "b", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {
        "Conditions": {"China": {"Fn::Equals": [{"Ref": "AWS::Region"}, "cn-north-1"]}},
        "Resources": {"P": {"Type": "AWS::S3::BucketPolicy", "Properties": policy}},
    }
    report = trustproof.check([template], config={}, account=OWN, properties=["no-confused-deputy"])
    found = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert len(found) > 1
    assert len(groups(found)) == 1
    assert all(one.remedy is not None and one.remedy.edits for one in found)
