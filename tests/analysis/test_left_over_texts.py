"""
What is left over in a text, for another tool or by mistake, is not known; policy variables are IAM's own.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

import trustproof
from trustproof.inputs.cloudformation.evaluation.texts import leftovers
from trustproof.inputs.grammar.impossible_keys import is_impossible_key
from trustproof.inputs.grammar.impossible_texts import (
    read_action,
    read_operand,
    read_principal,
    read_resource,
)
from trustproof.model.substitution import bind_text
from trustproof.model.text import Symbolic

Json = dict[str, object]

ACCOUNT = "111122223333"
CONFIG = {"boundary": {"accounts": [ACCOUNT], "organizations": ["o-a1b2c3d4e5"]}}


def verdict(folder: Path, principal: object, condition: object, ident: str = "inside-boundary") -> trustproof.Result:
    """The answer about a role."""
    statement: Json = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    document = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    file = folder / "template.json"
    file.write_text(json.dumps({"Resources": {"R": role}}))
    report = trustproof.check([str(file)], account=ACCOUNT, config=CONFIG, properties=[ident])
    assert not report.errors
    (found,) = report.results
    return found


ORDINARY = "${aws:PrincipalTag/team, 'none'}"
#: Those that a character is before or behind, or that another one stands in.
ENCLOSED = [
    "${{ vars.HUB_ACCOUNT }}",
    "#{HubAccount}#",
    "<<HUB-ACCOUNT>>",
    "{{{hub_account}}}",
    "\\${hub_account}",
    "@{hub_account}",
    "%%HUB_ACCOUNT%%",
    "${ssm:/hub/${stage}}",
    "${file(hub.${opt:stage}.json):account}",
    "{{ hub | default('{}') }}",
    "<%= hub['account'] %>",
    "{% if hub %}b{% endif %}",
    "%{if hub}a%{endif}",
    "{{resolve:ssm:/hub/{{ stage }}}}",
    "${aws:PrincipalTag/hub, '{{hub}}'}",
]
LEFT_OVER = [
    *ENCLOSED,
    "Fn::EnumTargetAccounts Binding '${account}'",
    "Fn::TargetCount",
    "${Account}",
    "${AWS::AccountId}",
    "${Other.Account}",
    "${self:custom.account}",
    "${opt:account, '111122223333'}",
    "${file(./accounts.yml):prod}",
    "${env:ACCOUNT}",
    "${aws:accountId}",
    "${ssm:/accounts/prod}",
    "#{AWS::AccountId}",
    "$[alfred_ssm_/org/hub]",
    "{{ hub_account }}",
    "$(HubAccount)",
    "@@HUB_ACCOUNT@@",
    "<HUB-ACCOUNT-ID>",
    "%HUB_ACCOUNT%",
    "[[ hub_account ]]",
    "__HUB_ACCOUNT__",
    "$HUB_ACCOUNT",
    "{hub_account}",
    "YOUR-ACCOUNT-ID",
    "your_aws_account_id",
    "Your Account Number",
    "ACCOUNT_ID",
    "TRUSTED-ACCOUNT-ID",
    "xxxxxxxxxxxx",
    "[HUB ACCOUNT-A]",
]
#: Names of AWS and of people that look like it: versions of functions, paths of an API, parts of a longer name.
RATHER_NAMES = [
    "arn:aws:lambda:eu-west-1:111122223333:function:f:$LATEST",
    "GET/{proxy}",
    "a__B__c",
    "50%A",
    "%2F%2F",
    "app[dev]",
]
#: What is no more than a whole value.
LEFT_OVER_WHOLE = ["resolve:/org/hub", "import:111122223333:eu-west-1:hub:Account"]


@pytest.mark.parametrize("text", LEFT_OVER)
def test_it_is_not_known_who_is_let_in(tmp_path: Path, text: str) -> None:
    """A principal, and a value that a condition demands, may be anybody's."""
    principal = text if text.startswith("Fn::") else f"arn:aws:iam::{text}:root"
    for found in (
        verdict(tmp_path, principal, None),
        verdict(tmp_path, "*", {"StringEquals": {"aws:PrincipalAccount": text}}),
        verdict(tmp_path, "*", {"StringNotEquals": {"aws:PrincipalAccount": text}}),
    ):
        assert found.verdict != trustproof.PROVED
    found = verdict(tmp_path, principal, None)
    assert found.verdict == trustproof.UNKNOWN
    assert found.reasons[0].startswith(f"{text} is left over in a text")


@pytest.mark.parametrize("text", [*LEFT_OVER[:-8], "__HUB_ACCOUNT__", "#{hub}#{x}", "{{hub}}%%X%%", "<a><b>"])
def test_whom_a_deny_spares_is_not_known(tmp_path: Path, text: str) -> None:
    """No character of a placeholder is taken for one that no name has: the Deny would be one of everybody."""
    allow = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    unless = {
        "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"},
        "StringNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/{text}"},
    }
    for deny in ({"Action": "sts:AssumeRole", "Condition": unless}, {"NotAction": f"sts:{text}"}):
        document = {"Statement": [allow, {"Effect": "Deny", "Principal": "*", **deny}]}
        role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
        (tmp_path / "template.json").write_text(json.dumps({"Resources": {"R": role}}))
        report = trustproof.check([tmp_path / "template.json"], account=ACCOUNT, properties=["mfa-required"])
        assert [one.verdict for one in report.results if one.verdict == trustproof.PROVED] == []


#: Forms that no list has: what they are is told by characters that nothing of AWS has where they stand.
ANY_FORM = [
    "$user",
    "%user%",
    "((user))",
    "#user#",
    "@user@",
    "{user}",
    "{user}-{stage}",
    "<< user >>",
    "$[[ user | lower ]]",
    "[% user %]",
    "<?= $user ?>",
    "{# user #}",
    "{{#if user}}x{{/if}}",
    "{{ '}}' }}",
    "a$b",
    "|user|",
    "«user»",
]
OUTSIDE = "999988887777"
#: A key by which somebody is told from others, and values of it with a place for a placeholder.
IDENTIFYING = {
    "aws:PrincipalAccount": ["", "9999"],
    "aws:PrincipalArn": ["", f"arn:aws:iam::{OUTSIDE}:user/", f"arn:aws:iam::{OUTSIDE}:role/a/"],
    "aws:PrincipalOrgID": ["", "o-"],
    "aws:userid": [""],
    "sts:ExternalId": [""],
    "sts:RoleSessionName": [""],
}


@pytest.mark.parametrize("text", ANY_FORM)
def test_a_placeholder_of_any_form_is_nobody_s_value(tmp_path: Path, text: str) -> None:
    """A Deny spares whom a tool writes there; an Allow lets them in."""
    for key, places in IDENTIFYING.items():
        for place in places:
            written = leftovers.read(f"{place}{text}", lambda symbol: Symbolic((symbol,)))
            assert isinstance(read_operand("StringNotLike", key, written), Symbolic), (key, place)
    assert verdict(tmp_path, f"arn:aws:iam::{text}:root", None).verdict == trustproof.UNKNOWN


def test_whom_a_deny_spares_by_any_form_is_not_known(tmp_path: Path) -> None:
    """It was proved to spare nobody, and an Allow to let nobody in."""
    arn = f"arn:aws:iam::{OUTSIDE}:user/$user"
    for condition in ({"StringNotLike": {"aws:PrincipalArn": arn}}, {"StringNotEquals": {"sts:ExternalId": "((id))"}}):
        assert _denied(tmp_path, condition) == trustproof.UNKNOWN
    found = verdict(tmp_path, "*", {"StringEquals": {"aws:PrincipalAccount": "%account%"}})
    assert found.verdict == trustproof.UNKNOWN


@pytest.mark.parametrize(
    "text",
    ["$(a:b)", "$(a/b)-x", "$env:USER", "x:$user", "$x/y", "a/$x", "#{a}:$b", "!Sub ${user}", "!Ref user"],
)
def test_a_name_or_a_number_has_no_parts(text: str) -> None:
    """What stood beside a colon or a slash was the name of nobody, and a Deny that spares it one of everybody."""
    allow: Json = {"Effect": "Allow", "Principal": {"AWS": OUTSIDE}, "Action": "sts:AssumeRole"}
    for key in ("aws:username", "sts:RoleSessionName", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:userid"):
        deny = {**allow, "Effect": "Deny", "Principal": "*", "Condition": {"StringNotEquals": {key: text}}}
        document = {"Version": "2012-10-17", "Statement": [allow, deny]}
        role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
        report = trustproof.check(
            [{"Resources": {"R": role}}], account=ACCOUNT, config=CONFIG, properties=["inside-boundary"]
        )
        assert [one.verdict for one in report.results] == [trustproof.UNKNOWN], key


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (f"arn:aws:iam::{OUTSIDE}:user/$env:X", f"arn:aws:iam::{OUTSIDE}:user/<$env:X>"),
        (f"arn:aws:iam::{OUTSIDE}:user/$ENV:X", f"arn:aws:iam::{OUTSIDE}:user/<$ENV:X>"),
        (f"arn:aws:iam::{OUTSIDE}:vault:a/b#c", f"arn:aws:iam::{OUTSIDE}:<vault:a/b#c>"),
        (f"arn:aws:iam::{OUTSIDE}:role/*$x*y", f"arn:aws:iam::{OUTSIDE}:role/*<$x>*y"),
        ("arn:aws:iam::$env:X:root", "arn:aws:iam::<$env:X:root>"),
        ("arn:aws:iam::(x):root", "arn:aws:iam::<(x)>:root"),
        (f"arn:$env:X:iam::{OUTSIDE}:root", f"arn:<$env:X:iam::{OUTSIDE}:root>"),
        ("arn:aws:sqs:eu-west-1:$x:q", "arn:aws:sqs:eu-west-1:<$x>:q"),
        ("arn:aws:sns:eu-west-1:$x:q", "arn:aws:sns:eu-west-1:<$x:q>"),
        ("arn:aws:s3:::$env:X/*", "arn:aws:s3:::<$env:X>/*"),
        ("arn:aws:iam::root", "arn:aws:iam::root"),
        ("arn:aws:sqs:eu-west-1:acct:q", "arn:aws:sqs:eu-west-1:<acct>:q"),
        ("arn:aws:sns:*:ACCT:t", "arn:aws:sns:*:<ACCT:t>"),
        ("arn:aws:lambda:*:ACCT:function:f*", "arn:aws:lambda:*:<ACCT:function:f>*"),
        ("arn:aws:sqs:REGION:111122223333:q", "arn:aws:sqs:<REGION>:111122223333:q"),
        ("arn:aws:s3:::b/${x", "arn:aws:s3:::b/<${x>"),
        ("arn:aws:iam:*111122223333:role/x", "arn:aws:iam:*111122223333:role/x"),
        ("$ENV:X", "<$ENV:X>"),
        ("op://vault/x", "<op://vault/x>"),
        (
            "arn:aws:iam::${aws:PrincipalAccount}:user/${aws:PrincipalTag/t, '$x'}",
            "arn:aws:iam::${aws:PrincipalAccount}:user/<${aws:PrincipalTag/t, '$x'}>",
        ),
    ],
)
def test_how_far_a_placeholder_reaches_in_an_arn(value: str, read: str) -> None:
    """A colon ends nothing where none can be: what stood behind it was a part of nobody's ARN."""
    written = leftovers.read(value, lambda symbol: Symbolic((symbol,)))
    assert str(read_operand("StringLike", "aws:PrincipalArn", written)) == read


@pytest.mark.parametrize("text", ["vault:secret/x#k", "Ref: Acct", "Fn::Sub: x", "a b"])
@pytest.mark.parametrize(
    ("key", "place"),
    [("sts:ExternalId", "{}"), ("sts:ExternalId", "pre-{}"), ("aws:PrincipalArn", "arn:{}:iam::999988887777:user/a")],
)
def test_a_slip_of_the_pen_is_named_and_no_proof(key: str, place: str, text: str) -> None:
    """Who wrote it is told that nobody meets it; who has a tool put something there is told that it is not known."""
    _is_a_mistake(key, place.replace("{}", text))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("aws:PrincipalArn", "arn:aws:iam::::acct:::user/a"),
        ("aws:PrincipalArn", "arn:::acct:::iam::999988887777:user/a"),
        ("aws:PrincipalArn", "arn:?acct?:iam::999988887777:user/a"),
        ("aws:PrincipalArn", "?acct?"),
        ("aws:PrincipalArn", ".Values.acct"),
        ("aws:PrincipalOrgID", "?acct?"),
        ("aws:PrincipalOrgID", "::acct::"),
        ("aws:userid", "::acct::"),
        ("aws:userid", "ssm:/acct"),
        ("aws:username", "a/b"),
        ("aws:PrincipalTag/team", "a,b"),
    ],
)
def test_what_has_no_form_of_its_place_is_no_proof(key: str, value: str) -> None:
    """An ARN, a partition and an organization begin with what they are."""
    _is_a_mistake(key, value)


def _is_a_mistake(key: str, value: str) -> None:
    allow: Json = {"Effect": "Allow", "Principal": {"AWS": OUTSIDE}, "Action": "sts:*"}
    deny: Json = {**allow, "Effect": "Deny", "Principal": "*", "Condition": {"StringNotLike": {key: value}}}
    needed: Json = {**allow, "Condition": {"StringEquals": {key: value}}}
    config = {"boundary": {"accounts": ["111122223333"], "organizations": ["o-a1b2c3d4e5"]}}
    for statements in ([allow, deny], [needed]):
        policy = {"Version": "2012-10-17", "Statement": statements}
        found = trustproof.prove(policy, "inside-boundary", account="111122223333", config=config)
        assert found.verdict == trustproof.UNKNOWN
        assert trustproof.prove(policy, "statement-usable", account="111122223333").verdict == trustproof.REFUTED


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("?acct?", "unknown"),
        (".Values.acct", "unknown"),
        ("USER", "proved"),
        ("$x", "unknown"),
        # Whose it is nobody knows.
        ("AIDAEXAMPLE", "unknown"),
        ("AIPAEXAMPLE", "proved"),
    ],
)
def test_a_principal_is_an_arn_an_account_or_an_id(name: str, verdict: str) -> None:
    """Any other text is refused by AWS: whoever a tool puts there is let in, unless it is a mere word."""
    allow = {"Effect": "Allow", "Principal": {"AWS": name}, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": [allow]}
    config = {"boundary": {"accounts": ["111122223333"]}}
    assert trustproof.prove(policy, "inside-boundary", account="111122223333", config=config).verdict == verdict


def test_a_mistake_beside_a_value_is_no_matter() -> None:
    """Somebody can use the statement, whatever it is."""
    condition = {"StringEquals": {"sts:ExternalId": ["a b", "cd"]}}
    allow = {"Effect": "Allow", "Principal": {"AWS": OUTSIDE}, "Action": "sts:AssumeRole", "Condition": condition}
    deny = {**allow, "Effect": "Deny", "Condition": {"StringEquals": {"sts:ExternalId": "d e"}}}
    for statements, verdict in (([allow], trustproof.PROVED), ([allow, deny], trustproof.UNKNOWN)):
        policy = {"Version": "2012-10-17", "Statement": statements}
        assert trustproof.prove(policy, "statement-usable", account="111122223333").verdict == verdict


@pytest.mark.parametrize("key", ["aws:PrincipalTag/$x", "aws:PrincipalTag/((x))", "iam:ResourceTag/{x}"])
def test_the_key_of_a_tag_of_iam_has_no_such_characters(key: str) -> None:
    """A tag that nobody can have is a placeholder."""
    assert is_impossible_key(key)
    assert not is_impossible_key("aws:PrincipalTag/a: b/c=d+e@é")
    assert not is_impossible_key("aws:RequestTag/$x")
    assert is_impossible_key("aws:RequestTag/$x", is_of_sts=True)


@pytest.mark.parametrize(
    ("action", "read"),
    [
        ("sts:$env:X", "sts:<$env:X>"),
        ("sts:Assume Role", "sts:<Assume Role>"),
        ("sts:Assume(Role)", "sts:<Assume(Role)>"),
        ("ssm:/action", "<ssm:/action>"),
        ("op://vault/x", "<op://vault/x>"),
        ("s?s:Assume*", "s?s:Assume*"),
        ("iam ? a : b", "<iam ? a : b>"),
        ("s*s : AssumeRole", "<s*s : AssumeRole>"),
        ("iam: x", "<iam: x>"),
        ("execute-api:Invoke", "execute-api:Invoke"),
    ],
)
def test_an_action_has_letters_and_digits(action: str, read: str) -> None:
    """Only behind one colon: what stands there else is an action of nobody's."""
    assert str(read_action(action)) == read


GITHUB, EKS = "token.actions.githubusercontent.com:sub", "oidc.eks.eu-west-1.amazonaws.com/id/A:sub"


@pytest.mark.parametrize(
    ("key", "value", "is_text"),
    [
        (GITHUB, "repo:a/b:ref:refs/heads/c#1 (d)", True),
        (GITHUB, "repo:a/b:environment:Prod (EU)", True),
        (GITHUB, "repo:$a/b:*", False),
        (GITHUB, "repo:a/b:$env:X", False),
        (GITHUB, "$env:X", False),
        (EKS, "system:serviceaccount:a:b", True),
        (EKS, "system:serviceaccount:$env:a:b", False),
        ("app.terraform.io:sub", "organization:a b:project:(c):*", True),
        ("app.terraform.io:sub", "organization:$a:*", False),
        ("gitlab.com:sub", "project_path:$a/b", True),
        ("aws:PrincipalTag/team", "$team", False),
        ("aws:RequestTag/team", "$team", False),
        ("kms:KeySpec", "$spec", False),
        ("kms:KeySpec", "SYMMETRIC_DEFAULT", True),
        ("aws:PrincipalOrgID", "o-__x__", False),
        ("aws:userid", "=x=:*", False),
        ("aws:userid", "x:$user", False),
        ("aws:userid", "AROAEXAMPLE:=x=", True),
        ("aws:username", "*{x}", False),
    ],
)
def test_what_has_a_form_is_looked_at(key: str, value: str, is_text: bool) -> None:
    """As far as a proof rests on it: what another tool writes behind that may be any text."""
    for operator in ("StringEquals", "StringLike"):
        read = read_operand(operator, key, value, is_of_sts=True)
        assert (read == value) == is_text
        assert is_text or str(read) in (f"<{value}>", f"*<{value[1:]}>", f"o-<{value[2:]}>", f"<{value[:-1]}>*")


@pytest.mark.parametrize("text", ANY_FORM)
@pytest.mark.parametrize("place", ["arn:aws:s3:::{}", "arn:aws:s3:::{}-logs/*", "arn:aws:s3:::{}/AWSLogs/$x/*"])
def test_the_name_of_a_bucket_has_no_such_characters(text: str, place: str) -> None:
    """Else it was another bucket than the one of the policy, and nobody got in by it."""
    written = leftovers.read(place.replace("{}", text), lambda symbol: Symbolic((symbol,)))
    found = read_resource(written)
    assert isinstance(found, Symbolic)
    assert str(found.parts[0]).startswith("arn:aws:s3:::")


def test_a_policy_of_a_bucket_by_any_form_is_not_proved(tmp_path: Path) -> None:
    """It may be the one that the policy stands on that an outsider reads, or that a Deny spares."""
    outsider: Json = {"Effect": "Allow", "Principal": {"AWS": OUTSIDE}, "Action": "s3:GetObject"}
    deny: Json = {"Effect": "Deny", "Principal": "*", "Action": "s3:*"}
    for statements in (
        [{**outsider, "Resource": "arn:aws:s3:::$bucket-logs/*"}],
        [{**outsider, "Resource": "arn:aws:s3:::b/a"}, {**deny, "NotResource": "arn:aws:s3:::((bucket))/a"}],
    ):
        resources = {
            "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "b"}},
            "P": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {"Bucket": {"Ref": "B"}, "PolicyDocument": {"Statement": statements}},
            },
        }
        (tmp_path / "template.json").write_text(json.dumps({"Resources": resources}))
        report = trustproof.check(
            [tmp_path / "template.json"], account=ACCOUNT, config=CONFIG, properties=["inside-boundary"]
        )
        assert [one.verdict for one in report.results] == [trustproof.UNKNOWN]


@pytest.mark.parametrize("name", ["$x", "((x))", "%x%", "b-$x"])
@pytest.mark.parametrize("is_made", [True, False])
def test_what_a_policy_stands_on_has_no_such_name(is_made: bool, name: str) -> None:
    """It was taken for another resource than the one that the policy speaks of, and nobody got in."""
    resources: Json = {}
    for type_, given, key, arn, action in (
        ("S3::Bucket", "Bucket", "BucketName", "arn:aws:s3:::b/*", "s3:GetObject"),
        ("SQS::Queue", "Queues", "QueueName", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:b", "sqs:SendMessage"),
    ):
        allow = {"Effect": "Allow", "Principal": {"AWS": OUTSIDE}, "Action": action, "Resource": arn}
        called = name if given == "Bucket" else f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/{name}"
        on: object = {"Ref": given} if is_made else called
        properties = {given: [on] if given == "Queues" else on, "PolicyDocument": {"Statement": [allow]}}
        resources[f"{given}Policy"] = {"Type": f"AWS::{type_}Policy", "Properties": properties}
        if is_made:
            resources[given] = {"Type": f"AWS::{type_}", "Properties": {key: name}}
    report = trustproof.check(
        [{"Resources": resources}], account=ACCOUNT, region="eu-west-1", config=CONFIG, properties=["inside-boundary"]
    )
    assert [one.verdict for one in report.results] == [trustproof.REFUTED] * 2


@pytest.mark.parametrize(
    "key",
    [
        *("aws:$user", "$user", "((issuer)):sub", "aws:{user", "aws:MultiFactor#auth#"),
        *("aws:username ", " aws:username", "aws:PrincipalTag /x", "sts:ExternalIdé", "auth.example.com/a b:sub"),
        *("aws:PrincipalTag/{{resolve:ssm:/x}}", "aws:RequestTag/a{{resolve:secretsmanager:s}}"),
    ],
)
def test_a_condition_key_has_no_such_characters(tmp_path: Path, key: str) -> None:
    """A key that is in no request made a Deny one of everybody."""
    assert is_impossible_key(key)
    assert _denied(tmp_path, {"StringNotEquals": {key: "a"}}) == trustproof.UNKNOWN


@pytest.mark.parametrize(
    "key",
    [
        "aws:ResourceTag/$x",
        "kms:EncryptionContext:a$b$",
        "s3:x-amz-acl",
        "iot:Connection.Thing.ThingName",
        "oidc.eks.eu-west-1.amazonaws.com/id/0123:sub",
        "aws:PrincipalTag/My Team",
    ],
)
def test_a_condition_key_of_aws_is_none_of_another_tool(key: str) -> None:
    """Behind a slash or a second colon, a tag or an entry of a context has any characters."""
    assert not is_impossible_key(key)


def test_what_has_a_type_is_not_known_as_a_text_either(tmp_path: Path) -> None:
    """A truth value may be compared as a text, and is what a tool writes there."""
    assert _denied(tmp_path, {"StringNotEquals": {"aws:ViaAWSService": "$via"}}) == trustproof.UNKNOWN


@pytest.mark.parametrize("value", ["arn::iam::111122223333:role/x", "arn::s3:::b/*", "arn:::::", "arn::iam", "arn:"])
def test_an_arn_without_a_partition_is_unknown(value: str) -> None:
    """What stands around the missing field is what cannot be."""
    found = read_resource(value)
    assert not isinstance(found, str)
    (symbol,) = found.symbols
    assert symbol.written
    assert str(bind_text(found, {symbol.name: symbol.written})) == value


def test_whatever_stands_there_is_read() -> None:
    """However few fields an ARN or an id has, what is unknown of it stands for what is written."""
    for pieces in product(["arn:", ":", "::", "aws", "iam", "*", "/", " ", "o-", "$x", ""], repeat=3):
        value = "".join(pieces)
        for found in (
            read_resource(value),
            read_action(value),
            read_principal("AWS", value),
            *(
                read_operand("StringLike", key, value)
                for key in ("aws:PrincipalArn", "aws:userid", "aws:PrincipalOrgID")
            ),
        ):
            parts = () if isinstance(found, str) else found.symbols
            written = {one.name: one.name if one.written is None else one.written for one in parts}
            assert bind_text(found, written) == value, value


@pytest.mark.parametrize(
    "value",
    [
        "arn:aws:s3:::b/{id}/$x",
        "arn:aws:s3:::b*_$folder$",
        "arn:aws:s3:::${aws:PrincipalAccount}-b/$x",
        "arn:aws:s3:eu-west-1:111122223333:accesspoint/a/object/{x}",
        "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/*/GET/{proxy+}",
        "arn:aws:ec2:eu-west-1:111122223333:key-pair/My Key",
        "arn:aws:ec2:*:*:placement-group/a (b)",
    ],
)
def test_the_key_of_an_object_is_a_text(value: str) -> None:
    """It may have any characters, also where a wildcard of the bucket's name reaches into it; so may some names."""
    assert read_resource(value) == value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("aws:PrincipalArn", f"arn:aws:iam::{OUTSIDE}:role/a+b=c,d.e@f-g_h"),
        ("aws:PrincipalArn", f"arn:aws:iam::{OUTSIDE}:role/${{aws:username}}"),
        ("aws:PrincipalAccount", "9999*"),
        ("aws:PrincipalAccount", "anonymous"),
        ("aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"),
        ("aws:PrincipalTag/team", "a: b/c=d+e@é"),
        ("aws:PrincipalTag/x509Subject/CN", "a, b"),
        ("aws:UserAgent", "*[curl] (x)*"),
        ("sts:ExternalId", "a:b/c=d,e.f@g"),
        ("aws:SourceArn", "arn:aws:lambda:eu-west-1:111122223333:function:f:$LATEST"),
        ("aws:SourceArn", "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/*/GET/{proxy+}"),
        ("aws:SourceArn", "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:errors > 5%"),
    ],
)
def test_what_aws_has_in_a_place_is_a_text(key: str, value: str) -> None:
    """No value that there may be is taken for a placeholder."""
    written = leftovers.read(value, lambda symbol: Symbolic((symbol,)))
    assert read_operand("StringLike", key, written) == value


def test_an_operand_of_a_type_is_not_known(tmp_path: Path) -> None:
    """What is no address and no truth value is one once a tool has written it."""
    for condition in ({"NotIpAddress": {"aws:SourceIp": "$cidr"}}, {"Bool": {"aws:SecureTransport": "((secure))"}}):
        assert verdict(tmp_path, "*", condition).verdict == trustproof.UNKNOWN


def test_a_placeholder_in_the_name_of_a_policy_variable(tmp_path: Path) -> None:
    """What it names is not known."""
    for name in ("aws:<<x>>", "aws:PrincipalTag/((x))", "aws:$x"):
        assert _denied(tmp_path, {"StringNotLike": {"aws:username": f"${{{name}}}"}}) == trustproof.UNKNOWN


def _denied(folder: Path, unless: Json) -> str:
    """The verdict about a role that lets in everybody whom a Deny spares."""
    statements = [{"Effect": e, "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"} for e in ("Allow", "Deny")]
    document = {"Version": "2012-10-17", "Statement": [statements[0], {**statements[1], "Condition": unless}]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    (folder / "template.json").write_text(json.dumps({"Resources": {"R": role}}))
    report = trustproof.check(
        [folder / "template.json"], account=ACCOUNT, config=CONFIG, properties=["inside-boundary"]
    )
    assert not report.errors
    (found,) = report.results
    return found.verdict


@pytest.mark.parametrize(
    ("principal", "said"),
    [
        ("arn:aws:iam::account:role/deploy", "account is left over in a text"),
        ("arn:aws:iam::dev-account:user/deploy", "dev-account is left over in a text"),
        ("arn:aws:sts::Hub:assumed-role/deploy/x", "Hub stands where an account does, and is none"),
        ("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1", ""),
    ],
)
def test_a_word_in_the_place_of_an_account(tmp_path: Path, principal: str, said: str) -> None:
    """No account has a name, but those that AWS writes there; also beside an account that is fine."""
    found = verdict(tmp_path, [ACCOUNT, principal], None)
    assert found.verdict == (trustproof.UNKNOWN if said else trustproof.PROVED)
    assert said in str(found.reasons)


@pytest.mark.parametrize("text", [*LEFT_OVER[-18:], *LEFT_OVER_WHOLE])
def test_a_value_that_is_given_stands_for_another(tmp_path: Path, text: str) -> None:
    """A file of parameters may be that of a tool that puts in other values; a good one beside it proves nothing."""
    template: Json = {
        "Parameters": {"Hub": {"Type": "String"}},
        "Resources": {
            "R": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"AWS": [ACCOUNT, {"Ref": "Hub"}]},
                                "Action": "sts:AssumeRole",
                            }
                        ],
                    }
                },
            }
        },
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template))
    asked = ["inside-boundary"]
    report = trustproof.check([str(file)], account=ACCOUNT, config=CONFIG, properties=asked, parameters={"Hub": text})
    assert [one.verdict for one in report.results] == [trustproof.UNKNOWN]
    del template["Parameters"]
    file.write_text(json.dumps(template).replace('{"Ref": "Hub"}', json.dumps(text)))
    report = trustproof.check([str(file)], account=ACCOUNT, config=CONFIG, properties=asked)
    assert [one.verdict for one in report.results] == [trustproof.UNKNOWN]


def test_a_nested_stack_is_passed_what_is_left_over(tmp_path: Path) -> None:
    """It is not known there either."""
    statement = {"Effect": "Allow", "Principal": {"AWS": {"Ref": "Hub"}}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    inner = {"Parameters": {"Hub": {"Type": "String"}}, "Resources": {"R": role}}
    given = {"TemplateURL": "inner.json", "Parameters": {"Hub": "$[alfred_ssm_/org/hub]"}}
    outer = {"Resources": {"N": {"Type": "AWS::CloudFormation::Stack", "Properties": given}}}
    paths = [tmp_path / "outer.json", tmp_path / "inner.json"]
    for path, content in zip(paths, (outer, inner), strict=True):
        path.write_text(json.dumps(content))
    report = trustproof.check([*map(str, paths)], account=ACCOUNT, config=CONFIG, properties=["inside-boundary"])
    assert [one.verdict for one in report.results] == [trustproof.UNKNOWN]


def test_a_key_is_not_known(tmp_path: Path) -> None:
    """A condition on what nobody knows is none."""
    found = verdict(tmp_path, ACCOUNT, {"StringEquals": {"${Issuer}:sub": "x"}}, "mfa-required")
    assert found.verdict == trustproof.UNKNOWN
    found = verdict(tmp_path, "*", {"Bool": {"${Key}": "true"}}, "inside-boundary")
    assert found.verdict == trustproof.UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "${aws:username}",
        ORDINARY,
        "${saml:sub}",
        "${*}",
        "${token.actions.x.com:sub}",
        "a<b",
        "$",
        "#1",
        "a@@",
        *RATHER_NAMES,
    ],
)
def test_policy_variables_are_what_they_were(tmp_path: Path, text: str) -> None:
    """They have the values of the request, and nothing is left over."""
    condition = {"StringEquals": {"sts:RoleSessionName": text}}
    found = verdict(tmp_path, "*", condition)
    assert found.verdict == (trustproof.REFUTED if text in ("${aws:username}", ORDINARY) else found.verdict)
    assert not [reason for reason in found.reasons if "left over" in reason]


def test_a_value_that_aws_hides_is_no_value(tmp_path: Path) -> None:
    """Descriptions of a stack have ``****`` in the place of what is not shown, which stands for nothing."""
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Parameters": {"Hub": {"Type": "String", "NoEcho": True}}, "Resources": {}}))
    report = trustproof.check([str(file)], parameters={"Hub": "****"})
    (error,) = report.errors
    assert "is what AWS shows of one with NoEcho" in str(error)


@pytest.mark.parametrize("text", ["@@HUB@@", "arn:aws:iam::${Hub}:root", "resolve:/org/hub"])
def test_who_else_is_let_in_is_found_all_the_same(tmp_path: Path, text: str) -> None:
    """Who stands beside it in a list is let in whatever it is."""
    found = verdict(tmp_path, [ACCOUNT, text], None, "mfa-required")
    assert found.verdict == trustproof.REFUTED
    assert found.counterexample is not None
    assert found.counterexample.caller == f"arn:aws:iam::{ACCOUNT}:user/alice"
    outside = verdict(tmp_path, [text, "arn:aws:iam::999988887777:role/x"], None)
    assert outside.verdict == trustproof.REFUTED
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    assert verdict(tmp_path, [ACCOUNT, text], mfa, "mfa-required").verdict == trustproof.PROVED


def test_a_dash_in_the_place_of_an_account_asks_for_the_value(tmp_path: Path) -> None:
    """It is what a parameter is by default where nobody is meant, and nothing that another tool replaces."""
    found = verdict(tmp_path, "arn:aws:iam::-:root", {})
    assert found.verdict == "unknown"
    (reason,) = found.reasons
    assert "give the value, with --parameter NAME=VALUE" in reason
    assert "left over" not in reason


@pytest.mark.parametrize("declared", [{"Default": "dev"}, {"Default": "dev", "AllowedValues": ["dev", "prod"]}])
@pytest.mark.parametrize("text", ["$user", "${Owner}", "a b"])
def test_what_a_condition_leaves_out_is_no_matter(text: str, declared: Json) -> None:
    """Where a Deny is not there, nobody has to know whom it spares: everybody gets in."""
    allow: Json = {"Effect": "Allow", "Principal": {"AWS": OUTSIDE}, "Action": "sts:AssumeRole"}
    unless = {"StringNotEquals": {"aws:username": text}}
    deny: Json = {**allow, "Effect": "Deny", "Principal": "*", "Condition": unless}
    statements = [allow, {"Fn::If": ["IsProd", deny, {"Ref": "AWS::NoValue"}]}]
    document = {"Version": "2012-10-17", "Statement": statements}
    template = {
        "Parameters": {"Stage": {"Type": "String", **declared}},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
    }
    asked = ["inside-boundary"]
    for given, verdict in (({}, "refuted"), ({"Stage": "dev"}, "refuted"), ({"Stage": "prod"}, "unknown")):
        report = trustproof.check([template], account=ACCOUNT, config=CONFIG, properties=asked, parameters=given)
        assert [one.verdict for one in report.results] == [verdict]
