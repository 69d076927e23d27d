"""
Statements whose actions are about none of their resources, whatever stands where nobody knows a value yet.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
OWN = "111122223333"
PROVED, REFUTED, UNKNOWN = trustproof.PROVED, trustproof.REFUTED, trustproof.UNKNOWN
KEY = f"arn:aws:kms:us-east-1:{OWN}:key/"
RESOURCES: Json = {
    "Queue": {"Type": "AWS::SQS::Queue"},
    "Topic": {"Type": "AWS::SNS::Topic"},
    "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {}}},
    "Bucket": {"Type": "AWS::S3::Bucket"},
    "Table": {"Type": "AWS::DynamoDB::Table"},
    "Function": {"Type": "AWS::Lambda::Function"},
}


def sub(text: str) -> Json:
    """A text with the values of parameters and resources."""
    return {"Fn::Sub": text}


def arn(logical_id: str) -> Json:
    """The ARN of a resource of the template."""
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def verdicts(action: object, resource: object, element: str = "Resource", **more: object) -> list[trustproof.Result]:
    """What is found of a user's statement; ``Name`` is a parameter without a value."""
    statement = {"Effect": "Allow", "Action": action, element: resource}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    user = {"Type": "AWS::IAM::User", "Properties": {"Policies": [policy]}}
    template = {"Parameters": {"Name": {"Type": "String"}}, "Resources": {**RESOURCES, "User": user}}
    report = trustproof.check([template], account=OWN, properties=["statement-usable"], **more)  # type: ignore[arg-type]
    return [one for one in report.results if one.logical_id == "User"]


CASES: list[tuple[object, object, str]] = [
    # What is written before a value that nobody gives decides of which service the resource is, and of which type.
    ("kms:Decrypt", sub("arn:aws:s3:::${Name}/*"), REFUTED),
    ("kms:Decrypt", {"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "Name"}, "/*"]]}, REFUTED),
    ("kms:*", sub("arn:aws:s3:::${Name}/*"), REFUTED),
    ("kms:Decrypt", sub(f"{KEY}${{Name}}"), PROVED),
    ("kms:Decrypt", sub(f"arn:aws:kms:us-east-1:{OWN}:alias/${{Name}}"), REFUTED),
    ("kms:Decrypt", sub("arn:aws:kms::${Name}:key/*"), REFUTED),
    # No id of a key and no name of a secret holds the colon that a wildcard would have to reach across.
    ("kms:Decrypt", "arn:aws:kms:*:*:alias/app", REFUTED),
    ("kms:Decrypt", "arn:aws:kms:*:*:key/*", PROVED),
    ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*::secret:app-??????", REFUTED),
    ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret/app-??????", PROVED),
    ("logs:PutLogEvents", "arn:aws:logs:*::log-group:app:log-stream:*", REFUTED),
    ("logs:PutLogEvents", "arn:aws:logs:*:*:log-group:app:*", PROVED),
    ("kms:Decrypt", sub("arn:aws:kms:us-east-1:${Name}:key/*"), PROVED),
    ("kms:Decrypt", sub("arn:aws:kms:${AWS::Region}:${AWS::AccountId}:key/*"), PROVED),
    (["kms:Decrypt", "s3:GetObject"], sub("arn:aws:s3:::${Name}/*"), PROVED),
    # Of a resource of the template it is known of which type it is.
    ("kms:Decrypt", arn("Bucket"), REFUTED),
    ("kms:Decrypt", arn("Key"), PROVED),
    ("kms:Decrypt", [arn("Bucket"), arn("Key")], PROVED),
    ("kms:Decrypt", [arn("Bucket"), arn("Queue")], REFUTED),
    ("sqs:SendMessage", {"Ref": "Topic"}, REFUTED),
    ("lambda:InvokeFunction", sub("${Function.Arn}:*"), PROVED),
    ("dynamodb:Query", sub("${Table.Arn}/index/*"), PROVED),
    ("dynamodb:GetItem", sub("${Table.Arn}/index/*"), REFUTED),
    # IAM lists below a path, which is what it asks about, though the reference lists no type for these.
    ("iam:ListRoles", f"arn:aws:iam::{OWN}:role/", PROVED),
    ("iam:ListRoles", f"arn:aws:iam::{OWN}:role/aws-service-role/*", PROVED),
    ("iam:ListUsers", f"arn:aws:iam::{OWN}:user/*", PROVED),
    (["iam:ListGroups", "iam:ListUsers"], f"arn:aws:iam::{OWN}:group/*", PROVED),
    ("iam:ListVirtualMFADevices", f"arn:aws:iam::{OWN}:mfa/", PROVED),
    ("iam:ListInstanceProfiles", f"arn:aws:iam::{OWN}:instance-profile/*", PROVED),
    ("iam:ListOpenIDConnectProviders", f"arn:aws:iam::{OWN}:oidc-provider/*", PROVED),
    ("iam:ListRoles", "*", PROVED),
    ("iam:ListRoles", f"arn:aws:iam::{OWN}:user/*", REFUTED),
    ("iam:ListPolicies", f"arn:aws:iam::{OWN}:policy/*", REFUTED),
    ("iam:GetAccountSummary", f"arn:aws:iam::{OWN}:user/*", REFUTED),
    # A name, an id or a URL is no ARN.
    ("kms:Decrypt", {"Ref": "Key"}, REFUTED),
    ("sqs:SendMessage", {"Ref": "Queue"}, REFUTED),
    ("s3:GetObject", {"Ref": "Bucket"}, REFUTED),
    ("s3:GetObject", "my-bucket/*", REFUTED),
    ("sqs:SendMessage", "arn:aws:sqs:us-east-1:queue", REFUTED),
    # The name of a bucket holds no slash, and an object is behind one.
    ("s3:ListBucket", "arn:aws:s3:::bucket/*", REFUTED),
    ("s3:ListBucket", sub("arn:aws:s3:::${Name}/*"), REFUTED),
    ("s3:ListBucket", "arn:aws:s3:::bucket*", PROVED),
    ("s3:GetObject", arn("Bucket"), REFUTED),
    ("s3:GetObject", sub("${Bucket.Arn}/*"), PROVED),
    ("s3:GetObject", sub("arn:aws:s3:::${Name}"), UNKNOWN),
    ("s3:GetObject", "arn:aws:s3:::${aws:username}", REFUTED),
    ("s3:GetObject", "arn:aws:s3:::bucket/${aws:username}/*", PROVED),
    ("kms:Decrypt", "arn:aws:s3:::${aws:username}", REFUTED),
    # Fields that are never empty, and what fills them.
    ("sns:Publish", "arn:aws:sns:::topic", REFUTED),
    ("sns:Publish", f"arn:aws:sns::{OWN}:topic", REFUTED),
    ("sns:Publish", "arn:aws:sns:us-east-1::topic", REFUTED),
    ("sns:Publish", "arn:aws:sns:*:*:topic", PROVED),
    ("sns:Publish", "arn:aws:sns:*", PROVED),
    ("dynamodb:GetItem", "arn:aws:dynamodb:::table/x", REFUTED),
    # What would be too short may be given several fields by one value; the account is one.
    ("s3:ListBucket", sub("arn:aws:s3:${Name}:bucket"), UNKNOWN),
    ("sns:Publish", sub(f"arn:${{Name}}:{OWN}:topic"), UNKNOWN),
    ("sns:Publish", sub("arn:aws:sns:${AWS::AccountId}:topic"), REFUTED),
    ("sns:Publish", sub("arn:aws:sns:us-east-1:${Name}:topic"), PROVED),
    # A wildcard behind a colon too few would have to make an account of a name.
    ("s3:GetObject", "arn:aws:s3::bucket/*", REFUTED),
    ("s3:GetObject", "arn:aws:s3:bucket/*", REFUTED),
    ("s3:GetObject", sub("arn:aws:s3:${Name}:bucket/*"), UNKNOWN),
    ("s3:GetObject", "arn:aws:s3:us-east-1:*", PROVED),
    ("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:table/*", REFUTED),
    ("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:*", PROVED),
    # The manual and the reference say two things of it.
    ("sts:GetFederationToken", f"arn:aws:iam::{OWN}:user/${{aws:username}}", PROVED),
    ("sts:GetFederationToken", f"arn:aws:sts::{OWN}:federated-user/*", PROVED),
    ("sts:GetFederationToken", f"arn:aws:iam::{OWN}:role/x", REFUTED),
    # AWS has documents and parameters of its own, without an account.
    ("ssm:SendCommand", "arn:aws:ssm:us-east-1::document/AWS-RunShellScript", PROVED),
    ("ssm:GetParameter", "arn:aws:ssm:us-east-1::parameter/aws/service/*", PROVED),
    ("ec2:RunInstances", "arn:aws:ec2:us-east-1::image/*", PROVED),
    # What reaches no other account.
    ("iam:PassRole", "arn:aws:iam::999988887777:role/x", REFUTED),
    ("ec2:StopInstances", sub("arn:aws:ec2:us-east-1:999988887777:instance/${Name}"), REFUTED),
    ("iam:PassRole", f"arn:aws:iam::{OWN}:role/x", PROVED),
    ("iam:PassRole", "arn:aws:iam::aws:policy/x", REFUTED),
    ("sts:AssumeRole", "arn:aws:iam::999988887777:role/x", PROVED),
    ("kms:Decrypt", "arn:aws:kms:us-east-1:999988887777:key/x", PROVED),
    # Of what is given as a whole, who gives it knows what for.
    ("kms:Decrypt", {"Ref": "Name"}, PROVED),
    # Actions that are none.
    ("backup:UpdateRecoveryPointLifecycle,", "*", REFUTED),
    ("s3:GetObject ", "arn:aws:s3:::bucket/*", REFUTED),
    ("s3:ListObjects", "arn:aws:s3:::bucket", REFUTED),
    (["s3:GetObject,", "s3:PutObject"], "arn:aws:s3:::bucket/*", PROVED),
    ("acme:Anything", "*", PROVED),
    ("s3:Brandnew", "*", PROVED),
]


@pytest.mark.parametrize(("action", "resource", "expected"), CASES)
def test_verdict(action: object, resource: object, expected: str) -> None:
    """The verdict is the one of the table."""
    assert {one.verdict for one in verdicts(action, resource)} == {expected}


@pytest.mark.parametrize(
    ("action", "left_out", "expected"),
    [
        ("*", "*", REFUTED),
        ("kms:Decrypt", "arn:aws:kms:*:*:*", REFUTED),
        ("kms:Decrypt", sub("arn:aws:s3:::${Name}/*"), PROVED),
        ("kms:Decrypt", f"{KEY}x", PROVED),
        ("s3:GetObject", arn("Bucket"), PROVED),
    ],
)
def test_what_a_statement_leaves_out(action: object, left_out: object, expected: str) -> None:
    """It may be all that its actions are about."""
    assert {one.verdict for one in verdicts(action, left_out, "NotResource")} == {expected}


#: Values of a parameter that stands for a name.
NAMES = ("x", "my-name", "a1", "key")


@pytest.mark.parametrize(
    ("action", "resource"),
    [(action, resource) for action, resource, _ in CASES if "${Name}" in str(resource)],
)
def test_without_a_value_it_is_as_at_every_value(action: object, resource: object) -> None:
    """What is proved or refuted without a value is so at each, and what no value makes usable is not proved without."""
    without = {one.verdict for one in verdicts(action, resource)}
    values = (OWN,) if str(resource).count(":${Name}:") else NAMES
    found = {one.verdict for value in values for one in verdicts(action, resource, parameters={"Name": value})}
    assert without == found or (without == {UNKNOWN} and REFUTED in found)


def test_in_words() -> None:
    """The finding says which field is wrong, with the parameter by its name."""
    (found,) = verdicts("kms:Decrypt", sub("arn:aws:s3:::${Name}/*"))
    assert found.why == (
        "arn:aws:s3:::<Name>/* is read with the service s3: kms:Decrypt is about arn:*:kms:REGION:ACCOUNT:key/*",
    )
    (found,) = verdicts("s3:ListBucket", "arn:aws:s3:::bucket/*")
    (said,) = found.why
    assert said == (
        "arn:aws:s3:::bucket/* is read with the resource bucket/*: s3:ListBucket is about arn:*:s3:::?* itself, and "
        "not about what is in it"
    )
    (found,) = verdicts("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:table/*")
    (said,) = found.why
    assert said == (
        "arn:aws:dynamodb:us-east-1:table/* has 5 fields of 6: dynamodb:GetItem is about "
        "arn:*:dynamodb:REGION:ACCOUNT:table/*"
    )
    (found,) = verdicts("backup:UpdateRecoveryPointLifecycle,", "*")
    assert found.why == (
        'no action of AWS is called "backup:UpdateRecoveryPointLifecycle,": their names are made of letters and digits',
    )
    (found,) = verdicts("s3:ListObjects", "arn:aws:s3:::bucket")
    assert found.why == ("s3:ListObjects is an operation and no action: who calls it needs s3:ListBucket",)
    (found,) = verdicts("*", "*", "NotResource")
    assert found.why == ("NotResource * leaves nothing that the statement could be about",)


ROLE = f"arn:aws:iam::{OWN}:role/x"
ROLE_OF_STACK = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/x"}
HOST = "lambda.amazonaws.com"
UNDER_SERVICE = "a name is no principal of AWS, and the host of a service stands under Service"
BY_HOST = "a service is named by its host, as lambda.amazonaws.com"
PROVIDERS = "Federated names a provider of identities, by its ARN or its host"


@pytest.mark.parametrize(
    ("principal", "said"),
    [
        ({"Service": ROLE}, f"AWS refuses Service: {ROLE}: {BY_HOST}"),
        ({"Service": OWN}, f"AWS refuses Service: {OWN}: {BY_HOST}"),
        ({"Service": ["lambda.amazonaws.com", ROLE]}, f"AWS refuses Service: {ROLE}: {BY_HOST}"),
        ({"Service": "lambda"}, f"AWS refuses Service: lambda: {BY_HOST}"),
        ({"AWS": HOST}, f"AWS refuses AWS: {HOST}: {UNDER_SERVICE}"),
        ({"Federated": OWN}, f"AWS refuses Federated: {OWN}: {PROVIDERS}"),
        ({"Federated": ROLE}, f"AWS refuses Federated: {ROLE}: {PROVIDERS}"),
        ({"Federated": ROLE_OF_STACK}, f"AWS refuses Federated: arn:aws:iam::<AWS::AccountId>:role/x: {PROVIDERS}"),
        ({"Federated": "lambda.amazonaws.com"}, f"AWS refuses Federated: lambda.amazonaws.com: {PROVIDERS}"),
        ({"Service": "lambda.amazonaws.com"}, ""),
        ({"Service": "states.us-east-1.amazonaws.com"}, ""),
        ({"AWS": [ROLE, OWN]}, ""),
        ({"AWS": [OWN, "deploy"]}, "AWS refuses AWS: deploy: a name is no principal"),
        ({"AWS": [OWN, "user/alice"]}, "AWS refuses AWS: user/alice: a name is no principal"),
        ({"AWS": [OWN, "AIDAALICEEXAMPLE00000"]}, ""),
    ],
)
@pytest.mark.parametrize("kind", ["trust", "resource"])
def test_a_principal_under_the_name_of_another_kind(principal: Json, said: str, kind: str) -> None:
    """AWS refuses the whole policy, and the finding says which entry stands where it cannot."""
    about: Json = {"Action": "sts:AssumeRole"} if kind == "trust" else {"Action": "sqs:SendMessage", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, **about}]}
    if kind == "resource" and not said:
        # A resource policy is asked for what is odd alone.
        condition = {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abcdefghij"}}
        policy["Statement"] = [{"Effect": "Allow", "Principal": principal, **about, "Condition": condition}]
    found = trustproof.prove(policy, "statement-usable", account=OWN, kind=kind)
    assert found.verdict == (REFUTED if said else PROVED)
    assert not said or found.why == (said,)


def test_a_provider_of_which_a_part_is_known_later() -> None:
    """What stands for that part names what it comes from, and a role in that name says nothing of the provider."""
    issuer = {"Fn::ImportValue": {"Fn::Sub": f"{ROLE}-${{AWS::Region}}"}}
    named = {"Fn::Join": ["", [f"arn:aws:iam::{OWN}:oidc-provider/", issuer]]}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": named}}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    assert trustproof.prove(policy, "statement-usable", account=OWN, kind="trust").verdict == UNKNOWN


def test_resources_of_a_configuration(tmp_path: Path) -> None:
    """An attribute of a resource whose type is known says what it is about, as its ARN in CloudFormation does."""
    rows = {
        "aws_s3_bucket.b.arn": REFUTED,
        '"arn:aws:s3:::${var.b}/*"': REFUTED,
        "aws_kms_key.k.arn": PROVED,
        "aws_sqs_queue.q.arn": REFUTED,
        "aws_sqs_queue.q.url": REFUTED,
    }
    made = {"aws_s3_bucket": "b", "aws_kms_key": "k", "aws_sqs_queue": "q"}
    head = "".join(['variable "b" {}\n', *(f'resource "{type_}" "{name}" {{}}\n' for type_, name in made.items())])
    for number, (resource, expected) in enumerate(rows.items()):
        statement = f'{{ Effect = "Allow", Action = "kms:Decrypt", Resource = {resource} }}'
        policy = f'jsonencode({{ Version = "2012-10-17", Statement = [{statement}] }})'
        folder = tmp_path / str(number)
        folder.mkdir()
        user = 'resource "aws_iam_user" "u" { name = "u" }\nresource "aws_iam_user_policy" "p" {\n  user = "u"\n'
        (folder / "main.tf").write_text(f"{head}{user}  policy = {policy}\n}}\n")
        report = trustproof.check([folder], account=OWN, properties=["statement-usable"])
        assert {one.verdict for one in report.results} == {expected}, json.dumps([resource, expected])
