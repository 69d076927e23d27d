"""
What fails a run, and what is hardening or meant.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
OWN = "111122223333"
DEPUTY = "no-confused-deputy"


def statement(principal: object, action: object, resource: object = None, **more: object) -> Json:
    """An Allow statement."""
    about = {} if resource is None else {"Resource": resource}
    return {"Effect": "Allow", "Principal": principal, "Action": action, **about, **more}


def document(*statements: Json) -> Json:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def worst(tmp_path: Path, asked: str, config: Json | None = None, **resources: Json) -> list[tuple[str, str]]:
    """Verdict and severity of the answers about a template."""
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": resources}))
    report = trustproof.check([file], properties=[asked], account=OWN, config=config)
    return [(found.verdict, found.severity) for found in report.results]


def bucket(policy: Json, **properties: object) -> dict[str, Json]:
    """A bucket and its policy."""
    return {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": properties},
        "Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": policy},
        },
    }


def logs(action: object, *rest: object, service: str = "cloudtrail.amazonaws.com") -> Json:
    """A policy that lets trails in, or another service."""
    resource = {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, *rest]]}
    return document(statement({"Service": service}, action, resource))


def written_to(*keys: str, service: str = "cloudtrail.amazonaws.com") -> Json:
    """A policy that lets trails, or another service, write objects of several names."""
    resources = [{"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, key]]} for key in keys]
    return document(statement({"Service": service}, "s3:PutObject", resources))


SCHEDULED = {
    "Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": document(statement({"Service": "scheduler.amazonaws.com"}, "sts:AssumeRole"))
        },
    }
}


def test_the_trust_of_a_service_is_hardening(tmp_path: Path) -> None:
    """Nobody of another account can pass a role to the service, so it fails no run."""
    assert worst(tmp_path, DEPUTY, **SCHEDULED) == [("refuted", "note")]


@pytest.mark.parametrize("severity", ["error", "warning", "note"])
def test_the_configuration_has_the_last_word(tmp_path: Path, severity: str) -> None:
    """Whoever asks for the condition in every trust policy gets it."""
    config: Json = {"properties": {DEPUTY: {"severity": severity}}}
    assert worst(tmp_path, DEPUTY, config, **SCHEDULED) == [("refuted", severity)]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (logs("s3:GetBucketAcl"), "proved"),
        (logs("s3:ListBucket"), "proved"),
        (logs(["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketPolicy"]), "proved"),
        (logs("s3:PutObject", f"/AWSLogs/{OWN}/*"), "proved"),
        (logs("s3:PutObject", "/prefix/AWSLogs/", {"Ref": "AWS::AccountId"}, "/*"), "proved"),
        # What ends the prefix is open, and not whose the logs are.
        (logs("s3:PutObject", f"/*AWSLogs/{OWN}/*"), "proved"),
        (logs("s3:PutObject", f"/app*/AWSLogs/{OWN}/*"), "proved"),
        # A log is never called as its prefix, which policies name besides.
        (written_to(f"/AWSLogs/{OWN}", f"/AWSLogs/{OWN}/*"), "proved"),
        (written_to(f"/AWSLogs/{OWN}", f"/AWSLogs/{OWN}/*", service="s3.amazonaws.com"), "error"),
        (written_to(f"/AWSLogs/{OWN}/*", f"/AWSLogs/{OWN}*"), "error"),
        (logs("s3:PutObject", "/*"), "error"),
        (logs("s3:PutObject", "/AWSLogs/*"), "error"),
        (logs("s3:*", "/*"), "error"),
        # CloudTrail does nothing else with a bucket.
        (logs(["s3:GetBucketAcl", "s3:GetObject"], "/*"), "note"),
        (logs(["s3:GetBucketAcl", "s3:PutBucketAcl"]), "note"),
        # Of what is below such a key nothing is said where a service writes wherever its customer likes.
        (logs("s3:PutObject", f"/AWSLogs/{OWN}/*", service="s3.amazonaws.com"), "error"),
        (logs("s3:PutObject", f"/AWSLogs/{OWN}/*", service="ses.amazonaws.com"), "error"),
        (logs("s3:PutObject", f"/*AWSLogs/{OWN}/*", service="config.amazonaws.com"), "proved"),
        (logs("s3:GetObject", "/list", service="guardduty.amazonaws.com"), "warning"),
        (logs(["s3:GetObject", "s3:PutObject"], "/*", service="guardduty.amazonaws.com"), "error"),
    ],
    ids=lambda one: one if isinstance(one, str) else json.dumps(one["Statement"][0])[30:190],
)
def test_what_another_customer_can_turn_to_account(tmp_path: Path, policy: Json, expected: str) -> None:
    """Asking who may use a bucket gives nobody anything, and logs of an own account are one's own."""
    ((verdict, severity),) = worst(tmp_path, DEPUTY, **bucket(policy))
    assert (verdict if verdict == "proved" else severity) == expected


@pytest.mark.parametrize(
    ("resource", "key"),
    [("/*", "AWSLogs/999988887777/app"), ("/logs/*", "logs/AWSLogs/999988887777/app")],
)
def test_another_customer_s_logs_are_below_its_own_account(tmp_path: Path, resource: str, key: str) -> None:
    """The request of a finding is one that the service makes: for whom it calls is by whose prefix it writes."""
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": bucket(logs("s3:*", resource))}))
    (found,) = trustproof.check([file], properties=[DEPUTY], account=OWN).results
    assert found.counterexample is not None
    assert found.counterexample.action == "s3:PutObject"
    assert found.counterexample.resource.partition("/")[2] == key
    assert found.counterexample.context["aws:SourceAccount"] == "999988887777"


def test_who_opens_a_bucket_to_the_world_is_not_told_of_what_no_service_does(tmp_path: Path) -> None:
    """That Config might read there, which it never does, is for a statement that names Config."""
    policy = logs("s3:PutObject", f"/AWSLogs/{OWN}/*", service="config.amazonaws.com")
    statements = policy["Statement"]
    assert isinstance(statements, list)
    resource = {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/*"]]}
    for action, expected in (("s3:GetObject", "proved"), ("s3:PutObject", "refuted")):
        resources = bucket(document(statement("*", action, resource), *statements))
        assert [verdict for verdict, _ in worst(tmp_path, DEPUTY, **resources)] == [expected]


def test_the_logs_of_an_account_outside_are_shown_as_its_own(tmp_path: Path) -> None:
    """Whom the policy names is for whom the service calls."""
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": bucket(logs("s3:PutObject", "/AWSLogs/222233334444/*"))}))
    config: Json = {"boundary": {"accounts": [OWN]}}
    (found,) = trustproof.check([file], config=config, properties=[DEPUTY], account=OWN).results
    assert found.counterexample is not None
    assert found.counterexample.context["aws:SourceAccount"] == "222233334444"


@pytest.mark.parametrize(
    ("service", "action", "expected"),
    [
        ("delivery.logs.amazonaws.com", ["logs:CreateLogStream", "logs:PutLogEvents"], "note"),
        ("aiops.amazonaws.com", ["logs:CreateLogStream", "logs:PutLogEvents"], "note"),
        ("aiops.amazonaws.com", "logs:*", "error"),
        ("delivery.logs.amazonaws.com", "logs:*", "note"),
        ("delivery.logs.amazonaws.com", "logs:DeleteLogGroup", "note"),
        ("delivery.logs.amazonaws.com", "logs:CreateLogStream", "proved"),
    ],
)
def test_to_add_lines_to_logs_is_little(tmp_path: Path, service: str, action: object, expected: str) -> None:
    """Nobody reads, changes or removes a line by it."""
    policy = document(statement({"Service": service}, action, "*"))
    properties = {"PolicyName": "p", "PolicyDocument": json.dumps(policy)}
    ((verdict, severity),) = worst(tmp_path, DEPUTY, L={"Type": "AWS::Logs::ResourcePolicy", "Properties": properties})
    assert (verdict if verdict == "proved" else severity) == expected


@pytest.mark.parametrize(("action", "expected"), [("Subscribe", "proved"), ("Publish", "refuted"), ("*", "refuted")])
def test_a_service_subscribes_to_no_topic(tmp_path: Path, action: str, expected: str) -> None:
    """It publishes there, and nobody can have it do anything else."""
    allowed = [f"sns:{action}", "sns:Receive", "sns:ListSubscriptionsByTopic"]
    policy = document({**statement({"Service": "config.amazonaws.com"}, allowed), "Resource": "*"})
    topic = {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [f"arn:aws:sns:us-east-1:{OWN}:t"]}}
    topic["Properties"]["PolicyDocument"] = policy
    assert worst(tmp_path, DEPUTY, T=topic) == [(expected, "error")]


@pytest.mark.parametrize(
    ("ident", "config", "verdict"),
    [
        ("222233334444", {}, "unknown"),
        ("o-a1b2c3d4e5", {}, "unknown"),
        ("222233334444", {"boundary": {"accounts": ["222233334444"]}}, "proved"),
        ("o-a1b2c3d4e5", {"boundary": {"organizations": ["o-a1b2c3d4e5"]}}, "proved"),
        ("222233334444", {"boundary": {"accounts": [OWN]}}, "refuted"),
        ("o-a1b2c3d4e5", {"boundary": {"accounts": [OWN]}}, "refuted"),
    ],
)
def test_whose_the_logs_are_below_a_prefix_is_what_is_open(
    tmp_path: Path, ident: str, config: Json, verdict: str
) -> None:
    """A service writes there for that one alone, so nobody else is shown, and whose it is is asked."""
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": bucket(logs("s3:PutObject", f"/AWSLogs/{ident}/*"))}))
    (found,) = trustproof.check([file], config=config, properties=[DEPUTY], account=OWN).results
    assert found.verdict == verdict
    assert [one.ident for one in found.undeclared] == ([ident] if verdict == "unknown" else [])


@pytest.mark.parametrize(
    ("service", "more"),
    [
        ("config.amazonaws.com", ""),
        ("delivery.logs.amazonaws.com", ""),
        (
            "cloudtrail.amazonaws.com",
            ", and on cloudtrail.amazonaws.com taking no prefix with AWSLogs in it, which is not documented",
        ),
    ],
)
def test_a_proof_by_a_prefix_says_so(tmp_path: Path, service: str, more: str) -> None:
    """That services write by account is what such a proof rests on, and behind which prefixes."""
    file = tmp_path / "t.json"
    policy = logs("s3:PutObject", f"/AWSLogs/{OWN}/*", service=service)
    file.write_text(json.dumps({"Resources": bucket(policy)}))
    (found,) = trustproof.check([file], properties=[DEPUTY], account=OWN).results
    rests = "this rests on services that write below AWSLogs/ and an account id for that account only"
    assert found.reasons == (rests + more,)


#: Without it S3 keeps everybody outside the account out.
BLOCK = "PublicAccessBlockConfiguration"
UNBLOCKED = {BLOCK: {"BlockPublicPolicy": False, "RestrictPublicBuckets": False}}
WEBSITE = {"WebsiteConfiguration": {"IndexDocument": "index.html"}}


@pytest.mark.parametrize(
    ("action", "properties", "expected"),
    [
        ("s3:GetObject", WEBSITE, "warning"),
        ("s3:GetObject", {}, "warning"),
        ("s3:GetObject", {BLOCK: {"BlockPublicPolicy": False}}, "warning"),
        ("s3:GetObject", {BLOCK: {"RestrictPublicBuckets": False}}, "error"),
        (["s3:GetObject", "s3:ListBucket"], {}, "error"),
        ("s3:GetObject*", {}, "error"),
        ("s3:PutObject", {}, "error"),
        ("s3:PutObject", WEBSITE, "error"),
        (["s3:GetObject", "s3:ListBucket"], WEBSITE, "warning"),
        (["s3:GetObject", "s3:DeleteObject"], WEBSITE, "error"),
    ],
)
def test_a_website_is_meant_for_everybody(
    tmp_path: Path, action: object, properties: dict[str, object], expected: str
) -> None:
    """Its visitors may read and list it, and do nothing else; so may they read a bucket that is opened by its owner."""
    resource = {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/*"]]}
    found = worst(
        tmp_path, "inside-boundary", **bucket(document(statement("*", action, resource)), **{**UNBLOCKED, **properties})
    )
    assert found == [("refuted", expected)]


@pytest.mark.parametrize(("type_", "expected"), [("NONE", "warning"), ("", "error")])
def test_a_url_without_signatures_is_meant_for_everybody(tmp_path: Path, type_: str, expected: str) -> None:
    """Whoever writes NONE into the permission of a function's URL means it."""
    permission: Json = {"Action": "lambda:InvokeFunctionUrl", "FunctionName": "f", "Principal": "*"}
    if type_:
        permission["FunctionUrlAuthType"] = type_
    found = worst(tmp_path, "inside-boundary", P={"Type": "AWS::Lambda::Permission", "Properties": permission})
    assert found == [("refuted", expected)]


@pytest.mark.parametrize(("action", "expected"), [("*", "note"), ("sts:*", "error"), (["s3:Get*", "*"], "note")])
def test_an_administrator_may_do_anything(tmp_path: Path, action: object, expected: str) -> None:
    """Who may do anything is not put right by a bound on one action."""
    policy = document({"Effect": "Allow", "Action": action, "Resource": "*"})
    user: Json = {
        "Type": "AWS::IAM::User",
        "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": policy}]},
    }
    assert worst(tmp_path, "assume-role-scoped", User=user) == [("refuted", expected)]


SWITCH: Json = {
    "Parameters": {"Access": {"Type": "String", "AllowedValues": ["Private", "PublicRead"]}},
    "Conditions": {"Public": {"Fn::Equals": [{"Ref": "Access"}, "PublicRead"]}},
}


def test_a_switch_of_the_template_is_meant(tmp_path: Path) -> None:
    """Whoever deploys it chooses that everybody may read, and the finding names the parameter."""
    resource = {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/*"]]}
    resources = bucket(document(statement("*", "s3:GetObject", resource)), **UNBLOCKED)
    resources["Policy"]["Condition"] = "Public"
    file = tmp_path / "t.json"
    file.write_text(json.dumps({**SWITCH, "Resources": resources}))
    (found,) = trustproof.check([file], properties=["inside-boundary"], account=OWN).results
    assert (found.verdict, found.severity) == ("refuted", "warning")
    assert found.why[0] == "this is taken to be meant where Access is PublicRead"
    assert found.counterexample is not None
    assert found.counterexample.parameters == {"Access": "PublicRead"}


@pytest.mark.parametrize("type_", ["AWS::ApiGateway::RestApi"])
def test_who_sends_no_signature_is_of_no_organization(tmp_path: Path, type_: str) -> None:
    """An API of which the methods ask for nothing is bounded by its network; what would close it is given in words."""
    policy = document(statement("*", "execute-api:Invoke", "execute-api:/*"))
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {"Api": {"Type": type_, "Properties": {"Name": "x", "Policy": policy}}}}))
    (found,) = trustproof.check([file], properties=["inside-boundary"], account=OWN).results
    assert found.remedy is not None
    assert (found.remedy.edits, "aws:SourceVpce" in found.remedy.text) == ((), True)


@pytest.mark.parametrize(
    ("principal", "shown"),
    [
        ('"Principal": "*"', '"*"'),
        ('"Principal": {"AWS": "*"}', '"*"'),
        ('"Principal": {"AWS": ["arn:aws:iam::111122223333:root", "*"]}', '"*"'),
        ('"Principal": {\n"AWS":\n [ "*" ] }', '"*"'),
        ('"NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}', '"arn:aws:iam::111122223333:root"'),
    ],
)
def test_the_caret_stands_on_who_is_let_in(tmp_path: Path, principal: str, shown: str) -> None:
    """The value itself is underlined, on one line or on several."""
    queue = (
        '{"Resources": {"Q": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": ["q"], "PolicyDocument": '
        f'{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", {principal}, '
        '"Action": "sqs:SendMessage", "Resource": "*"}]}}}}}'
    )
    file = tmp_path / "t.json"
    file.write_text(queue)
    report = trustproof.check([file], properties=["inside-boundary"], account=OWN)
    (found,) = report.results
    position = report.sources.position(found.template, (*found.path, *found.caret))
    assert position is not None
    line, column, end, *_ = position
    assert report.sources.line(found.template, line)[column - 1 : end - 1] == shown


def test_an_account_that_a_parameter_gives_is_asked_for_by_the_parameter(tmp_path: Path) -> None:
    """No id that was made up is shown as one that somebody should declare."""
    trust = document(statement({"AWS": {"Ref": "Hub"}}, "sts:AssumeRole"))
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Parameters": {"Hub": {"Type": "String"}}, "Resources": {"Role": role}}))
    (found,) = trustproof.check([file], properties=["inside-boundary"], account=OWN).results
    assert found.verdict == "unknown"
    assert found.undeclared == ()
    assert "--parameter Hub=VALUE" in " ".join(found.reasons)


def test_what_cannot_be_read_of_a_queue_says_nothing_of_roles(tmp_path: Path) -> None:
    """Properties that could not apply are silent."""
    queue: Json = {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {"Queues": ["q"], "PolicyDocument": {"Fn::Transform": {"Name": "M"}}},
    }
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {"Q": queue}}))
    report = trustproof.check([file], account=OWN)
    assert {found.property for found in report.results} == {"inside-boundary", "statement-usable", DEPUTY}


def test_a_bound_is_that_of_the_other_statements(tmp_path: Path) -> None:
    """A trail of the management account is not taken for one of the bucket's account."""
    trail = "arn:aws:cloudtrail:us-east-1:222233334444:trail/all"
    service = {"Service": "cloudtrail.amazonaws.com"}
    bound = {"StringEquals": {"aws:SourceArn": trail}}
    resource = {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/*"]]}
    policy = document(
        statement(service, "s3:GetObject", resource, Condition=bound), statement(service, "s3:PutObject", resource)
    )
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": bucket(policy)}))
    config: Json = {"boundary": {"accounts": ["222233334444"]}}
    (found,) = trustproof.check([file], properties=[DEPUTY], account=OWN, config=config).results
    assert found.verdict == "refuted"
    assert found.remedy is not None
    assert found.remedy.diff == (f'+ "Condition": {{"StringEquals": {{"aws:SourceArn": "{trail}"}}}}',)


@pytest.mark.parametrize(
    ("version", "added"), [({"Version": "2012-10-17"}, False), ({}, True), ({"Version": "2008-10-17"}, True)]
)
def test_roles_of_several_accounts_are_not_held_to_one(tmp_path: Path, version: dict[str, str], *, added: bool) -> None:
    """
    Whoever lets any role of any account be assumed is held to the organization, with its variable. Who says what the
    roles are called may mean those of customers, and gets words.
    """
    for resource, has_edits in (("*", True), ("arn:aws:iam::*:role/execution", False)):
        allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource}
        found = _of_a_user(tmp_path, {**version, "Statement": [allow]})
        assert found.remedy is not None
        assert "aws:ResourceOrgID" in str(found.remedy)
        assert "${aws:PrincipalOrgID}" in str(found.remedy)
        assert bool(found.remedy.edits) is has_edits
        assert ('+ "Version": "2012-10-17"' in found.remedy.diff) is (added and has_edits)
        assert OWN not in str(found.remedy)


def test_a_role_that_a_program_is_told_is_not_shut_out(tmp_path: Path) -> None:
    """Nobody knows whether the account of a role that the template tells a program is in the organization."""
    policy = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}
    elsewhere = "arn:aws:iam::999988887777:role/partner"
    for told, has_edits in ((elsewhere, False), ({"Ref": "PartnerRoleArn"}, False), ("nothing", True)):
        variables = {"Environment": {"Variables": {"PARTNER": told}}}
        program: Json = {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Role": f"arn:aws:iam::{OWN}:role/x", **variables},
        }
        found = _of_a_user(tmp_path, policy, Program=program)
        assert found.remedy is not None
        assert bool(found.remedy.edits) is has_edits


def _of_a_user(tmp_path: Path, policy: Json, **more: Json) -> trustproof.Result:
    user: Json = {"Type": "AWS::IAM::User", "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": policy}]}}
    given = {"Parameters": {"PartnerRoleArn": {"Type": "String"}}, "Resources": {"User": user, **more}}
    file = tmp_path / "t.json"
    file.write_text(json.dumps(given))
    (found,) = trustproof.check([file], properties=["assume-role-scoped"], account=OWN).results
    return found


def test_nobody_means_the_world_to_get_a_role(tmp_path: Path) -> None:
    """A switch of the template makes a public website of a bucket; of a role it makes a hole, whatever it is called."""
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [{"Fn::If": ["Open", allow, {"Ref": "AWS::NoValue"}]}]}
    content = {
        "Parameters": {"Access": {"Type": "String", "AllowedValues": ["Closed", "Public"]}},
        "Conditions": {"Open": {"Fn::Equals": [{"Ref": "Access"}, "Public"]}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
    }
    (tmp_path / "t.json").write_text(json.dumps(content))
    found = trustproof.check([tmp_path / "t.json"], properties=["inside-boundary"], config={}, account="111122223333")
    assert "error" in {one.severity for one in found.results if one.verdict == "refuted"}


_METHODS = {
    "open on purpose": ({"AuthorizationType": "NONE"}, {}, "warning"),
    "with an authorizer": ({"AuthorizationType": "CUSTOM"}, {}, "warning"),
    "does not say": ({}, {}, "error"),
    "asks for a signature": ({"AuthorizationType": "AWS_IAM"}, {}, "error"),
    "private": ({"AuthorizationType": "NONE"}, {"EndpointConfiguration": {"Types": ["PRIVATE"]}}, "error"),
}


@pytest.mark.parametrize("name", _METHODS)
def test_a_public_api_whose_methods_say_who_may_call(name: str) -> None:
    """An API that is open like one without a policy is a warning, where each of its methods says who may call it."""
    method, more, severity = _METHODS[name]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    api = {"Name": "x", "Policy": {"Version": "2012-10-17", "Statement": [statement]}, **more}
    get = {"RestApiId": {"Ref": "Api"}, "ResourceId": "r", "HttpMethod": "GET", **method}
    resources = {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": api},
        "Get": {"Type": "AWS::ApiGateway::Method", "Properties": get},
    }
    report = trustproof.check([{"Resources": resources}], config={}, properties=["inside-boundary"])
    assert [one.severity for one in report.results if one.verdict == "refuted"] == [severity]


def test_who_may_do_all_but_something_is_an_administrator() -> None:
    """A statement that allows all but IAM on everything is a note, as one that allows all is."""
    allowed = {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allowed]}}
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document, "Policies": [policy]}}
    report = trustproof.check([{"Resources": {"Role": role}}], config={}, properties=["assume-role-scoped"])
    (found,) = [one for one in report.results if one.verdict == "refuted"]
    assert found.severity == "note"
    assert "whoever may do anything but what NotAction lists" in found.message


_ENDPOINTS = {
    "addresses of a domain": ({"StringLike": {"sns:Endpoint": ["*@example.com", "*@mail.example.org"]}}, "note"),
    "pages of a host": ({"StringLike": {"sns:Endpoint": "https://hooks.example.com/*"}}, "note"),
    "queues of one's own": ({"StringLike": {"sns:Endpoint": {"Fn::Sub": "arn:aws:sqs:*:${AWS::AccountId}:*"}}}, "note"),
    "queues of another account": ({"StringLike": {"sns:Endpoint": "arn:aws:sqs:*:444455556666:*"}}, "error"),
    "any address": ({"StringLike": {"sns:Endpoint": "*@*"}}, "error"),
    "any page": ({"StringLike": {"sns:Endpoint": "https://*"}}, "error"),
    "all but a domain": ({"StringNotLike": {"sns:Endpoint": "*@example.com"}}, "error"),
    "one of them is open": ({"StringLike": {"sns:Endpoint": ["*@example.com", "*"]}}, "error"),
}


@pytest.mark.parametrize("name", _ENDPOINTS)
def test_whose_endpoints_may_subscribe(name: str) -> None:
    """That everybody may subscribe is a note only where what gets the messages is of a named domain."""
    condition, severity = _ENDPOINTS[name]
    allowed = {"Effect": "Allow", "Principal": "*", "Action": ["SNS:Subscribe", "SNS:Receive"], "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [{**allowed, "Condition": condition}]}
    policy = {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": ["t"], "PolicyDocument": document}}
    report = trustproof.check([{"Resources": {"It": policy}}], config={}, properties=["inside-boundary"])
    assert [one.severity for one in report.results if one.verdict == "refuted"] == [severity]


def test_what_is_meant_says_where_it_is(tmp_path: Path) -> None:
    """The values that switch a statement on are named once, and no sentence breaks off before them."""
    every = {"StringEquals": {"kms:CallerAccount": {"Ref": "AWS::AccountId"}}}
    used = {"kms:ViaService": {"Fn::Sub": "${Service}.${AWS::Region}.amazonaws.com"}}
    own = {"StringEquals": {**every["StringEquals"], **used}}
    via = {"StringEquals": {"kms:ViaService": {"Fn::Sub": "s3.${AWS::Region}.amazonaws.com"}}}
    absent = {"Ref": "AWS::NoValue"}
    everybody = {"AWS": "*"}
    key = document(
        statement({"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}, "kms:*", "*"),
        {"Fn::If": ["Other", statement(everybody, "kms:Decrypt", "*", Condition=own), absent]},
        {"Fn::If": ["All", statement(everybody, "kms:Decrypt", "*", Condition=every), absent]},
        {"Fn::If": ["Public", statement(everybody, "kms:Decrypt", "*", Condition=via), absent]},
    )
    is_one = {"Fn::Or": [{"Condition": "All"}, {"Condition": "Public"}]}
    template = {
        "Parameters": {"Service": {"Type": "String", "AllowedValues": ["ALL", "PUBLIC", "s3", "ssm", "ec2"]}},
        "Conditions": {
            "All": {"Fn::Equals": [{"Ref": "Service"}, "ALL"]},
            "Public": {"Fn::Equals": [{"Ref": "Service"}, "PUBLIC"]},
            "Other": {"Fn::Not": [is_one]},
        },
        "Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": key}}},
    }
    file = tmp_path / "t.json"
    file.write_text(json.dumps(template))
    (found,) = trustproof.check([file], properties=["inside-boundary"], account=OWN).results
    assert (found.verdict, found.severity) == ("refuted", "warning")
    assert [one for one in found.why if "meant" in one] == ["this is taken to be meant where Service is PUBLIC"]
