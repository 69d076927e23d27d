"""
Counterexamples as commands: what is printed for whom, and that nothing of a template is ever run.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest

from tests.output.builders import CONDITION, counterexample, refuted, report, result, sources
from trustproof.aws import published
from trustproof.model import request as kinds
from trustproof.model.request import Caller, Request
from trustproof.output.calls import call_of
from trustproof.output.counterexamples import REMARK
from trustproof.output.formats import FORMATS, render
from trustproof.output.reproduce import commands
from trustproof.output.style import Style
from trustproof.results.result import PROVED, Result

ROLE = "arn:aws:iam::111122223333:role/Deployer"
HOME = "111122223333"
ALICE = "arn:aws:iam::222222222222:user/alice"
GITHUB = "token.actions.githubusercontent.com"
AMAZON = "www.amazon.com"
NASTY = 'a\'b "$(touch x)" `id`; rm -rf ~ && \\ ${HOME} !x #'


def found(kind: str, arn: str = ALICE, action: str = "sts:AssumeRole", resource: str = ROLE, **more: Any) -> Result:
    """A finding about a request of that kind of caller, with these condition keys."""
    context = more.pop("context", {})
    request = Request(Caller(kind, arn), action, resource, {key.lower(): one for key, one in context.items()})
    shown = counterexample(caller=arn, action=action, resource=resource, context=context, request=request)
    return result(counterexample=shown)._replace(**more)


def words(line: str) -> list[str]:
    """The words that a shell makes of a command."""
    return shlex.split(line)


def test_the_role_of_the_template() -> None:
    """The role is looked up in its stack, and the caller's profile is for the reader to name."""
    lines = commands(found(kinds.USER_KEY, context={"sts:ExternalId": "x", "sts:RoleSessionName": "alice"}))
    assert any("--logical-resource-id=Deployer" in line for line in lines)
    assert lines[-1] == (
        'aws --profile "${CALLER:?}" sts assume-role --role-arn="$ROLE" --role-session-name=alice --external-id=x'
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (kinds.USER_KEY_MFA, 'CODE=$(trustproof sandbox code "${SERIAL:?}")'),
        (kinds.USER_SESSION, "sts get-session-token --query"),
        (kinds.USER_SESSION_MFA, '--serial-number="${SERIAL:?}" --token-code="$CODE" --query'),
        (kinds.ROLE_SESSION, "CALLER: a profile with credentials of arn:aws:sts::"),
        (kinds.ANONYMOUS, "aws --no-sign-request"),
    ],
)
def test_callers(kind: str, expected: str) -> None:
    """Each kind of credentials is come by in its own way."""
    arn = {kinds.ROLE_SESSION: ROLE, kinds.ANONYMOUS: ""}.get(kind, ALICE)
    one = found(kind, arn)
    if kind == kinds.ROLE_SESSION:
        assert one.counterexample is not None
        shown = one.counterexample.request.caller._replace(session="s-1")
        request = one.counterexample.request._replace(caller=shown)
        one = one._replace(counterexample=one.counterexample._replace(request=request))
    assert expected in "\n".join(commands(one))


def test_a_token() -> None:
    """The claims of a token are those of the counterexample."""
    context = {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": "repo:a/b:ref:x", f"{GITHUB}:ref": "x"}
    provider = f"arn:aws:iam::111122223333:oidc-provider/{GITHUB}"
    lines = commands(found(kinds.WEB_IDENTITY, provider, "sts:AssumeRoleWithWebIdentity", context=context))
    assert lines[-2] == (
        f"TOKEN=$(trustproof sandbox token --issuer=https://{GITHUB} --audience=sts.amazonaws.com "
        "--subject=repo:a/b:ref:x --claim=ref=x)"
    )
    assert not any("see to it" in line for line in lines)


def test_an_access_token() -> None:
    """It says its app and its user, by other names than a token does, and STS is told whose it is."""
    context = {f"{AMAZON}:app_id": "app"}
    lines = commands(found(kinds.WEB_IDENTITY, AMAZON, "sts:AssumeRoleWithWebIdentity", context=context))
    assert lines[-2].endswith(f"--issuer=https://{AMAZON} --audience=app --subject=any-subject)")
    assert lines[-1].endswith(f'--web-identity-token="$TOKEN" --provider-id={AMAZON}')


COGNITO = "cognito-identity.amazonaws.com"


@pytest.mark.parametrize(
    ("provider", "context", "said"),
    [
        (COGNITO, {f"{COGNITO}:aud": "pool"}, "--audience=pool --subject=any-subject)"),
        (COGNITO, {f"{COGNITO}:sub": "me"}, "--audience=any-audience --subject=me)"),
        (f"arn:aws:iam::{HOME}:oidc-provider/{GITHUB}", {}, '--audience="${AUDIENCE:?}" --subject=any-subject)'),
    ],
)
def test_what_of_a_token_nobody_looks_at(provider: str, context: dict[str, str], said: str) -> None:
    """It is anything, but that an own provider takes its client ids only."""
    lines = commands(found(kinds.WEB_IDENTITY, provider, "sts:AssumeRoleWithWebIdentity", context=context))
    assert lines[-2].endswith(said)
    assert (f"{REMARK}AUDIENCE: a client id of the provider" in lines) == ("AUDIENCE" in said)


def test_an_assertion() -> None:
    """An assertion has the recipient and the attributes of the counterexample."""
    provider = "arn:aws:iam::111122223333:saml-provider/people"
    context = {"saml:aud": "https://example.com/saml", "saml:edupersonorgdn": "staff", "saml:iss": "them"}
    lines = commands(found(kinds.SAML, provider, "sts:AssumeRoleWithSAML", context=context))
    assert "--recipient=https://example.com/saml" in lines[-2]
    assert "--attribute=urn:oid:1.3.6.1.4.1.5923.1.1.1.3=staff" in lines[-2]
    assert f'{REMARK}see to it that saml:iss is "them"' in lines
    assert f"--principal-arn={provider}" in lines[-1]


def test_a_service() -> None:
    """A service is played with the account and resource for which it calls."""
    context = {"aws:SourceAccount": "999988887777", "aws:SourceArn": "arn:aws:s3:::b"}
    lines = commands(
        found(kinds.SERVICE, "s3.amazonaws.com", "sns:Publish", "arn:aws:sns:eu-west-1:1:t", context=context)
    )
    assert (
        "set -- $(trustproof sandbox as-service s3.amazonaws.com --source-account=999988887777 "
        "--source-arn=arn:aws:s3:::b |"
    ) in lines[-2]
    assert lines[-1].endswith(
        "aws --region=eu-west-1 sns publish --topic-arn=arn:aws:sns:eu-west-1:1:t --message=trustproof"
    )
    assert f"{REMARK}changes something where it gets in" in lines


@pytest.mark.parametrize(("url", "given"), [("http://127.0.0.1:4566", 1), ("", 0)])
def test_where_the_cli_does_not_look_at_the_environment(url: str, given: int) -> None:
    """In a sandbox a call to a queue is told where that is; elsewhere it is told nothing, and so is any other call."""
    queue = f"arn:aws:sqs:eu-west-1:{ALICE.split(':')[4]}:orders"
    line = commands(found(kinds.ANONYMOUS, "", "sqs:SendMessage", queue))[-1]
    shell = f'aws() {{ printf "%s\\n" "$@"; }}\n{line}'
    done = subprocess.run(
        ["sh", "-c", shell], env={"AWS_ENDPOINT_URL": url}, capture_output=True, text=True, check=True
    )
    words = done.stdout.splitlines()
    assert words.count(f"--endpoint-url={url}") == given
    assert words[1] == "--region=eu-west-1"
    assert words[2 + given :][:2] == ["sqs", "send-message"]
    assert "ENDPOINT" not in commands(found(kinds.ANONYMOUS, "", "s3:GetObject", "arn:aws:s3:::b/k"))[-1]
    there = "# see to it that the object is there"
    assert any(
        one.startswith(there) for one in commands(found(kinds.ANONYMOUS, "", "s3:GetObject", "arn:aws:s3:::b/k"))
    )
    for action, resource in (("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:ListBucket", "arn:aws:s3:::b")):
        assert not any(one.startswith(there) for one in commands(found(kinds.ANONYMOUS, "", action, resource)))


@pytest.mark.parametrize(
    ("account", "ends"),
    [
        (None, '--queue-url=https://sqs."$REGION".amazonaws.com/"$ACCOUNT"/q-us-east-1 --message-body=trustproof'),
        (HOME, f'--queue-url=https://sqs."$REGION".amazonaws.com/{HOME}/q-us-east-1 --message-body=trustproof'),
    ],
)
def test_the_place_of_a_resource(account: str | None, ends: str) -> None:
    """The Region of a resource with a policy is that of its stack, and so is its account where nobody has said it."""
    queue = f"arn:aws:sqs:us-east-1:{HOME}:q-us-east-1"
    one = found(kinds.ANONYMOUS, "", "sqs:SendMessage", queue, account=account)
    lines = commands(one._replace(resource_type="AWS::SQS::QueuePolicy"))
    assert lines[-1].endswith(f"sqs send-message {ends}")
    assert '--region="$REGION"' in lines[-1]
    assert any(line.startswith("ACCOUNT=$(aws ") for line in lines) is (account is None)
    assert not any("stands for the account" in line for line in lines)


NAMED = [
    ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{HOME}:orders", "AWS::SQS::QueuePolicy", '/"$NAME"'),
    ("sns:Publish", f"arn:aws:sns:us-east-1:{HOME}:orders", "AWS::SNS::TopicPolicy", ':"$NAME"'),
    ("kms:Decrypt", f"arn:aws:kms:us-east-1:{HOME}:key/orders", "AWS::KMS::Key", ':key/"$NAME"'),
    ("s3:GetObject", "arn:aws:s3:::orders/key", "AWS::S3::BucketPolicy", '--bucket="$NAME"'),
    ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{HOME}:team-orders", "AWS::SQS::QueuePolicy", None),
    ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{HOME}:sqs", "AWS::SQS::QueuePolicy", None),
    ("s3:GetObject", "arn:aws:s3:::orders/key", "aws_s3_bucket_policy", None),
]


@pytest.mark.parametrize(("action", "resource", "type_", "expected"), NAMED)
def test_a_name_that_cloudformation_makes_up(action: str, resource: str, type_: str, expected: str | None) -> None:
    """What may be named by CloudFormation is looked up in the stack, and called as it is where the stack has none."""
    one = found(kinds.ANONYMOUS, "", action, resource)
    *before, call = commands(one._replace(resource_type=type_))
    if expected is None:
        assert "NAME" not in "".join((*before, call))
        return
    assert expected in call
    looks = [line for line in before if line.startswith("NAME=")]
    assert "list-stack-resources" in looks[0]
    listed = "Orders\tarn:aws:x:us-east-1:111122223333:stack-Orders-1AB\nOther\tnone\n"
    for text, name in (
        (listed, "stack-Orders-1AB"),
        ("Orders\thttps://sqs/1/stack-Orders-2\n", "stack-Orders-2"),
        ("", "orders"),
    ):
        script = "\n".join(('aws() { printf %s "$LISTED"; }', *looks, 'printf %s "$NAME"'))
        given = {**os.environ, "LISTED": text, "ADMIN": "a", "STACK": "s"}
        done = subprocess.run(["sh", "-c", script], env=given, capture_output=True, text=True, check=True)
        assert done.stdout == name


def test_what_stands_for_a_place() -> None:
    """An account that is made up is named, and with it the Region of a resource that is in one."""
    open_ = {"parameters": {"AWS::AccountId": "444455556666"}}
    for resource, expected in (
        ("arn:aws:sqs:us-east-1:444455556666:q", ", and us-east-1 for its Region where that is open too"),
        ("arn:aws:s3:::b/k", ""),
    ):
        action = "sqs:SendMessage" if "sqs" in resource else "s3:GetObject"
        one = found(kinds.ANONYMOUS, "", action, resource, account=None)
        assert one.counterexample is not None
        lines = commands(one._replace(counterexample=one.counterexample._replace(**open_)))
        assert f"{REMARK}444455556666 stands for the account of the template{expected}" in lines


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (found(kinds.SERVICE, "any.example"), "any.example stands for any service, and is none"),
        (found(kinds.USER_KEY, action="s3:GetAnything", resource="arn:aws:s3:::b"), "no command is known"),
        (found(kinds.USER_KEY, action="es:ESHttpGet"), "requests to the address of the domain are asked for it"),
        (found(kinds.USER_KEY, action="iam:PassRole"), "whoever hands the role to a service is asked for it"),
        (found(kinds.USER_KEY, action="s3:GetObjectAcl", resource="arn:aws:s3:::b/file:///etc/passwd"), "would read"),
        (found(kinds.USER_KEY, context={"sts:ExternalId": "a\nrm -rf ~"}), "characters that nobody can type"),
        (found(kinds.USER_KEY, context={"sts:ExternalId": "\u202ea"}), "characters that nobody can type"),
        (found(kinds.USER_KEY, context={"sts:ExternalId": "file:///etc/passwd"}), "would read external-id from"),
        (
            found(kinds.WEB_IDENTITY, AMAZON, "sts:AssumeRoleWithWebIdentity", context={f"{AMAZON}:sub": "me"}),
            "an access token of www.amazon.com says no more than its app_id and its user_id",
        ),
        (
            found(
                kinds.WEB_IDENTITY,
                "accounts.google.com",
                "sts:AssumeRoleWithWebIdentity",
                context={"accounts.google.com:Sub": None},
            ),
            "an audience and a subject",
        ),
    ],
)
def test_what_cannot_be_played(one: Result, why: str) -> None:
    """One line says why."""
    (line,) = commands(one)
    assert line.startswith(f"{REMARK}cannot be played: ")
    assert why in line


@pytest.mark.parametrize(
    ("action", "resource", "expected", "asked"),
    [
        (
            "dynamodb:GetItem",
            "arn:aws:dynamodb:eu-west-1:1:table/t",
            'dynamodb get-item --table-name=arn:aws:dynamodb:eu-west-1:1:table/t --key="${KEY:?}"',
            "KEY: what dynamodb get-item is to have as --key (map)",
        ),
        (
            "ecr:BatchGetImage",
            "arn:aws:ecr:eu-west-1:123456789012:repository/a/b",
            'ecr batch-get-image --repository-name=a/b --image-ids="${IMAGE_IDS:?}" --registry-id=123456789012',
            "IMAGE_IDS: what ecr batch-get-image is to have as --image-ids (list)",
        ),
        (
            "kms:Decrypt",
            "arn:aws:kms:eu-west-1:1:key/k",
            'kms decrypt --key-id=arn:aws:kms:eu-west-1:1:key/k --ciphertext-blob="${CIPHERTEXT_BLOB:?}"',
            "CIPHERTEXT_BLOB: what kms decrypt is to have as --ciphertext-blob",
        ),
        ("s3:GetObject", "*", 's3api get-object --bucket="${BUCKET:?}" --key="${KEY:?}" /dev/null', "KEY: what s3api"),
        ("s3:GetEncryptionConfiguration", "arn:aws:s3:::b", "s3api get-bucket-encryption --bucket=b", ""),
        ("iam:GetRole", "arn:aws:iam::1:role/team/Deployer", "iam get-role --role-name=Deployer", ""),
        (
            "sns:Subscribe",
            "arn:aws:sns:eu-west-1:1:t",
            "sns subscribe --topic-arn=arn:aws:sns:eu-west-1:1:t",
            "PROTOCOL",
        ),
        ("backup:DeleteBackupVault", "arn:aws:backup:eu-west-1:1:backup-vault:v", "--backup-vault-name=v", ""),
        ("organizations:LeaveOrganization", "*", "organizations leave-organization", ""),
    ],
)
def test_what_a_call_needs_besides(action: str, resource: str, expected: str, asked: str) -> None:
    """What the counterexample decides is filled in, and the rest is for the reader to set, with what it is."""
    lines = commands(found(kinds.USER_KEY, action=action, resource=resource))
    assert expected in lines[-1]
    assert not asked or any(line.startswith(f"{REMARK}{asked}") for line in lines)
    assert asked or ":?}" not in lines[-1].replace("${CALLER:?}", "")


@pytest.mark.parametrize(("account", "said"), [("999900001111", True), ("111122223333", False)])
def test_the_key_of_a_secret_of_another_account(account: str, said: bool) -> None:
    """Whoever reads a secret of another account needs its key, too, which the default one lets nobody use there."""
    secret = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:s-AbCdEf"
    caller = f"arn:aws:iam::{account}:user/alice"
    lines = commands(found(kinds.USER_KEY, caller, "secretsmanager:GetSecretValue", secret))
    assert any("aws/secretsmanager, the default, does not" in line for line in lines) is said
    assert not any("aws/secretsmanager" in line for line in commands(found(kinds.USER_KEY, caller)))


BUCKET, OBJECT = "arn:aws:s3:::files", "arn:aws:s3:::files/a"
KEY = f"arn:aws:kms:eu-central-1:{HOME}:key/1"
SECRET = f"arn:aws:secretsmanager:eu-central-1:{HOME}:secret:s-AbCdEf"
TOPIC = f"arn:aws:sns:eu-central-1:{HOME}:t"


@pytest.mark.parametrize(
    ("action", "resource", "context", "given"),
    [
        ("s3:ListBucket", BUCKET, {"s3:prefix": "a/", "s3:delimiter": "/"}, ["--prefix=a/", "--delimiter=/"]),
        ("s3:ListBucket", BUCKET, {"s3:max-keys": "5"}, ["--max-items=1", "--page-size=5"]),
        ("s3:PutObject", OBJECT, {"s3:x-amz-server-side-encryption": "AES256"}, ["--server-side-encryption=AES256"]),
        ("s3:PutObject", OBJECT, {"s3:RequestObjectTag/p": "a&b"}, ["--tagging=p=a%26b"]),
        ("s3:GetObjectVersion", OBJECT, {"s3:VersionId": "null"}, ["--version-id=null"]),
        ("kms:Decrypt", KEY, {"kms:EncryptionContext:app": "x"}, ['--encryption-context={"app": "x"}']),
        (
            "secretsmanager:GetSecretValue",
            SECRET,
            {"secretsmanager:VersionStage": "AWSPENDING"},
            ["--version-stage=AWSPENDING"],
        ),
        ("sns:Subscribe", TOPIC, {"sns:Protocol": "sqs"}, ["--protocol=sqs"]),
    ],
)
def test_what_a_counterexample_decides_is_an_option(
    action: str, resource: str, context: dict[str, str], given: list[str]
) -> None:
    """A condition key that is a parameter of the call is no remark, and no variable."""
    lines = commands(found(kinds.USER_KEY, action=action, resource=resource, context=context))
    assert set(given) <= set(words(lines[-1])), lines
    assert not any("see to it" in line and next(iter(context)) in line for line in lines)
    assert lines[-1].count(given[0].partition("=")[0] + "=") == 1


def test_whoever_decrypts_changes_nothing() -> None:
    """It is an action that writes, to the service authorization reference."""
    lines = commands(found(kinds.USER_KEY, action="kms:Decrypt", resource=KEY))
    assert not any("changes something" in line for line in lines)


def test_transitive_tags_are_tags() -> None:
    """STS passes on what is a tag of the session."""
    context = {"sts:TransitiveTagKeys": ("k",), "aws:RequestTag/team": "red", "sts:RoleSessionName": "a"}
    line = commands(found(kinds.USER_KEY, context=context))[-1]
    (tags,) = (json.loads(word.partition("=")[2]) for word in words(line) if word.startswith("--tags="))
    assert {one["Key"] for one in tags} == {"k", "team"}
    assert '--transitive-tag-keys=["k"]' in words(line)


def test_what_is_not_refuted() -> None:
    """A proof, and a finding without a request, have no commands."""
    assert commands(result(verdict=PROVED)) == ()
    assert commands(result(counterexample=None)) == ()


def test_values_are_words() -> None:
    """Whatever a value holds, a shell makes one word of it, and runs nothing."""
    context = {"sts:ExternalId": NASTY, "aws:RequestTag/Team": NASTY, "sts:RoleSessionName": NASTY}
    last = words(commands(found(kinds.USER_KEY, context=context))[-1])
    assert f"--external-id={NASTY}" in last
    assert f"--role-session-name={NASTY}" in last
    (tags,) = (word.partition("=")[2] for word in last if word.startswith("--tags="))
    assert [tag["Value"] for tag in json.loads(tags)] == [NASTY]


def test_names_are_words() -> None:
    """What is no logical id of CloudFormation is in a remark, which has one line."""
    lines = commands(found(kinds.USER_KEY, logical_id="x\nrm -rf ~"))
    assert f"{REMARK}ROLE: the ARN of x\\nrm -rf ~" in lines
    assert all("\n" not in line for line in lines)


def test_what_a_command_cannot_see_to() -> None:
    """The other conditions of the request, and the values of parameters, are remarks that stay on one line."""
    one = found(kinds.USER_KEY, context={"aws:SourceIp": "203.0.113.7", "aws:PrincipalOrgID": None, "x:y": "a\nb"})
    assert one.counterexample is not None
    shown = one.counterexample._replace(parameters={"Stage": "prod\nid", "AWS::Partition": "aws"})
    lines = commands(one._replace(counterexample=shown))
    assert f"{REMARK}holds where Stage is prod\\nid" in lines
    assert (
        f'{REMARK}see to it that aws:PrincipalOrgID is absent, aws:SourceIp is "203.0.113.7" and x:y is "a\\nb"'
        in lines
    )


def test_text_has_commands_to_copy() -> None:
    """Remarks are notes of the finding, and commands lines of their own."""
    one = result(reproduce=("# CALLER: a profile", "aws sts x"))
    text = render("text", report(one, sources=sources()), Style(coloured=False))
    assert "   = reproduce: CALLER: a profile\n        aws sts x\n" in text


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in ("text", "json")])
def test_other_forms_have_none(form: str) -> None:
    """Code scanning and its like show what is wrong, and no commands."""
    one = result(reproduce=("# CALLER: a profile", "aws sts x"))
    assert render(form, report(one, sources=sources()), Style(coloured=False)) == render(
        form, refuted(), Style(coloured=False)
    )


def test_json_has_a_list() -> None:
    """The lines are strings of a list, which is there only where somebody asked."""
    one = result(reproduce=("# CALLER: a profile", "aws sts x"))
    (shown,) = json.loads(render("json", report(one, sources=sources()), Style(coloured=False)))["results"]
    assert shown["reproduce"] == ["# CALLER: a profile", "aws sts x"]


def test_a_role_chosen_by_a_statement() -> None:
    """Where the finding is about somebody's own policy, the role is the one that the request names."""
    path = ("Resources", "Team", "Properties", "PolicyDocument", "Statement", 0)
    (*_, last) = commands(found(kinds.USER_KEY, resource_type="AWS::IAM::Policy", path=path))
    assert f"--role-arn={ROLE}" in last
    assert CONDITION[2:4] == ("Properties", "AssumeRolePolicyDocument")


def operations(prefix: str) -> Iterator[tuple[str, str]]:
    """The actions of a service, each with a resource that it may be about."""
    known = published.service(prefix)
    assert known is not None
    types = {name.lower(): arns for name, arns in known.resources.items()}
    for action in known.actions.values():
        arns = [arn for type_ in action.resources for arn in types.get(type_.lower(), ())]
        yield f"{prefix}:{action.name}", arns[0].replace("*", "aws", 1).replace("*", "x") if arns else "*"


@pytest.mark.parametrize(
    "prefix",
    "apigateway backup codeartifact dynamodb ec2 ecr elasticfilesystem es events glue iam kinesis kms lambda logs s3 "
    "secretsmanager sns sqs ssm states xray".split(),
)
def test_every_command_is_one_of_the_cli(prefix: str) -> None:
    """Command and options are those that the AWS CLI makes of botocore's models, and none that it needs is missing."""
    session = botocore.session.get_session()
    names = {"s3api": "s3"}
    played = 0
    for action, resource in operations(prefix):
        call = call_of(Request(Caller(kinds.USER_KEY, ALICE), action, resource, {}))
        if isinstance(call, str):
            continue
        played += 1
        words = [word.text for word in call.words]
        model = session.get_service_model(names.get(words[0], words[0]))
        operation = {botocore.xform_name(one, "-"): one for one in model.operation_names}[words[1]]
        shape = model.operation_model(operation).input_shape
        members = {} if shape is None else {botocore.xform_name(one, "-"): one for one in shape.members}
        given = {word[2:].partition("=")[0] for word in words[2:] if word.startswith("--")} - {"max-items"}
        assert given <= {*members}, action
        required = [] if shape is None else shape.required_members
        made_up = {one for one in required if shape is not None and shape.members[one].metadata.get("idempotencyToken")}
        assert {*required} - made_up <= {members[one] for one in given}, action
        streams = model.operation_model(operation).has_streaming_output
        assert (words[-1] == "/dev/null") is streams, action
        assert {word.variable for word in call.words if word.variable} == {name for name, _ in call.open}
    assert played or prefix == "apigateway"


@pytest.mark.parametrize(
    ("action", "type_name", "resource", "ends"),
    [
        ("kms:Decrypt", "KMS::Key", "kms:us-east-1:{}:key/key", 'arn:aws:kms:"$REGION":{}:key/"$NAME"'),
        (
            "secretsmanager:GetSecretValue",
            "SecretsManager::ResourcePolicy",
            "secretsmanager:us-east-1:{}:secret:secret",
            'arn:aws:secretsmanager:"$REGION":{}:secret:"$NAME"',
        ),
        ("dynamodb:GetItem", "DynamoDB::Table", "dynamodb:us-east-1:{}:table/table", ':table/"$NAME"'),
    ],
)
def test_a_resource_that_is_called_like_its_type(action: str, type_name: str, resource: str, ends: str) -> None:
    """The name of a resource is looked up in its stack also where its logical id is the word of its type."""
    one = found(kinds.ANONYMOUS, "", action, f"arn:aws:{resource.format(HOME)}", account=HOME)
    lines = commands(one._replace(resource_type=f"AWS::{type_name}"))
    assert any(line.startswith("NAME=$(aws ") for line in lines)
    assert ends.format(HOME) in lines[-1]
