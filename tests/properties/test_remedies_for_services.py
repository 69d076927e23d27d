"""
Whom a service is to call for, by a remedy: everybody of ours who may be meant, and what AWS takes as it stands.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

import trustproof
from tests.laws.remedying import edited
from trustproof import Result

Json = dict[str, Any]
OWN, SISTER, OTHER, ORGANIZATION = "111122223333", "222233334444", "444455556666", "o-a1b2c3d4e5"
EVENTS, TOPICS = "events.amazonaws.com", "sns.amazonaws.com"
OURS: Json = {"boundary": {"organizations": [ORGANIZATION]}}
SISTERS: Json = {"boundary": {"accounts": [SISTER]}}
BESIDE: Json = {"boundary": {"accounts": [SISTER], "organizations": [ORGANIZATION]}}
NONE: Json = {}


def allow(service: str, condition: Json | None) -> Json:
    """A statement of a queue's policy that lets a service send."""
    more = {} if condition is None else {"Condition": condition}
    arn = {"Fn::GetAtt": ["Q", "Arn"]}
    return {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage", "Resource": arn, **more}


def queue(*statements: Json) -> Json:
    """A queue with a policy."""
    held = {"Version": "2012-10-17", "Statement": list(statements)}
    properties = {"Queues": [{"Ref": "Q"}], "PolicyDocument": held}
    policy = {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}
    return {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}, "P": policy}}


def refuted(template: Json, config: Json, ident: str = "no-confused-deputy") -> list[Result]:
    """The refutations of a property."""
    report = trustproof.check([template], config=config, account=OWN, properties=[ident])
    assert not report.errors
    return [r for r in report.results if r.verdict == trustproof.REFUTED]


#: The own account, as a template names it.
HERE: Json = {"Ref": "AWS::AccountId"}
OPEN: Json = {"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/security-*"}}
OF_RULES: Json = {"aws:SourceArn": {"Fn::Sub": "arn:aws:events:*:${AWS::AccountId}:*"}}
OF_TOPICS: Json = {"aws:SourceArn": {"Fn::Sub": "arn:aws:sns:*:${AWS::AccountId}:*"}}
OF_OURS: Json = {"StringEquals": {"aws:SourceOrgID": ORGANIZATION}}


@pytest.mark.parametrize(
    ("first", "beside", "config", "said"),
    [
        (None, None, NONE, OF_RULES),
        # Others of ours may have a rule that sends here, too.
        (None, None, OURS, None),
        (None, None, BESIDE, None),
        (None, None, SISTERS, {"aws:SourceArn": [f"arn:aws:events:*:{one}:*" for one in (OWN, SISTER)]}),
        # That EventBridge says to a queue for which organization it calls is not documented.
        (None, OF_OURS, OURS, None),
        (OPEN, None, OURS, None),
        (OPEN, OF_OURS, OURS, None),
        # The rules that are called so stay the only ones.
        (OPEN, None, SISTERS, {"aws:SourceArn": [f"arn:aws:events:*:{one}:rule/security-*" for one in (OWN, SISTER)]}),
        (OPEN, None, NONE, None),
    ],
)
def test_whose_sources_are_meant(first: Json | None, beside: Json | None, config: Json, said: Json | None) -> None:
    """Who leaves the account of a source open means others of ours too, as far as it is known who they are."""
    others = [allow("s3.amazonaws.com", beside)] if beside is not None else []
    template = queue(allow(EVENTS, first), *others)
    (found,) = refuted(template, config)
    assert found.remedy is not None
    assert "for another customer" in found.message
    if said is None:
        assert not found.remedy.edits
        return
    changed = edited(template, found.remedy.edits)
    condition = changed["Resources"]["P"]["Properties"]["PolicyDocument"]["Statement"][0]["Condition"]
    ((name, values),) = said.items()
    assert condition["ArnLike"][name] in (values, [values])
    assert not refuted(changed, config)


@pytest.mark.parametrize(
    ("service", "name", "value"),
    [
        (
            "apigateway.amazonaws.com",
            "SourceArn",
            {"Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:*"},
        ),
        ("logs.amazonaws.com", "SourceArn", {"Fn::Sub": "arn:aws:logs:${AWS::Region}:${AWS::AccountId}:*"}),
        ("cloudfront.amazonaws.com", "SourceArn", {"Fn::Sub": "arn:aws:cloudfront::${AWS::AccountId}:distribution/*"}),
        ("config.amazonaws.com", "SourceAccount", HERE),
        ("secretsmanager.amazonaws.com", "SourceAccount", HERE),
    ],
)
def test_a_permission_is_one_that_lambda_takes(service: str, name: str, value: object) -> None:
    """The Region of a SourceArn is no wildcard, which Lambda refuses; by the account is held what AWS holds so."""
    given = {"Action": "lambda:InvokeFunction", "FunctionName": "f", "Principal": service}
    template: Json = {"Resources": {"P": {"Type": "AWS::Lambda::Permission", "Properties": given}}}
    (found,) = refuted(template, NONE)
    assert found.remedy is not None
    changed = edited(template, found.remedy.edits)
    assert changed["Resources"]["P"]["Properties"][name] in (value, [value])
    assert not refuted(changed, NONE)


def distribution(bucket: str) -> Json:
    """A distribution that reads a bucket."""
    origin = {"Id": "o", "DomainName": {"Fn::GetAtt": [bucket, "RegionalDomainName"]}}
    return {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {"Origins": [origin]}}}


def read_by_cloudfront(around: Json) -> Json:
    """A bucket that CloudFront reads for whomever it likes."""
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {}}
    reads = {"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject"}
    reads["Resource"] = {"Fn::Sub": "${B.Arn}/*"}
    document = {"Version": "2012-10-17", "Statement": [reads]}
    policy = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "B"}, "PolicyDocument": document}}
    return {"Resources": {"B": bucket, "Another": bucket, "P": policy, **around}}


DISTRIBUTION = "arn:aws:cloudfront::${AWS::AccountId}:distribution/"


@pytest.mark.parametrize(
    ("around", "named"),
    [
        ({"Cdn": distribution("B")}, ["${Cdn}"]),
        ({"Cdn": distribution("B"), "Other": distribution("B")}, ["${Cdn}", "${Other}"]),
        ({"Cdn": distribution("Another")}, ["*"]),
        # It waits for the policy, so that a reference would be circular.
        ({"Cdn": {**distribution("B"), "DependsOn": ["Another", "P"]}}, ["*"]),
        ({}, ["*"]),
    ],
)
def test_cloudfront_is_held_by_its_distribution(around: Json, named: list[str]) -> None:
    """CloudFront says by the ARN of the distribution for whom it reads, and is not known to name an account."""
    template = read_by_cloudfront(around)
    (found,) = refuted(template, NONE)
    assert found.remedy is not None
    changed = edited(template, found.remedy.edits)
    (condition,) = changed["Resources"]["P"]["Properties"]["PolicyDocument"]["Statement"][0]["Condition"].values()
    values = condition["aws:SourceArn"]
    listed = values if isinstance(values, list) else [values]
    assert listed == [{"Fn::Sub": DISTRIBUTION + name} for name in named]
    assert not refuted(changed, NONE)


def test_what_a_key_value_store_imports_is_read_for_no_distribution() -> None:
    """A test of distributions would stop the import, whatever else CloudFront reads in the bucket."""
    source = {"SourceType": "S3", "SourceArn": {"Fn::Sub": "${B.Arn}/keys.json"}}
    store = {"Type": "AWS::CloudFront::KeyValueStore", "Properties": {"Name": "s", "ImportSource": source}}
    (found,) = refuted(read_by_cloudfront({"Cdn": distribution("B"), "Store": store}), NONE)
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "in whose name it reads for Store is not known" in found.remedy.text


def test_an_account_that_is_tested_is_to_be_declared() -> None:
    """Where the statement itself says for whom a service may call, no such test is asked for."""
    (found,) = refuted(queue(allow(TOPICS, {"StringEquals": {"aws:SourceAccount": [OWN, OTHER]}})), OURS)
    assert found.remedy is not None
    assert found.remedy.text.startswith(f"remove it, or declare it: add {OTHER} to accounts in [boundary]")


def test_an_account_that_is_named_is_to_be_declared() -> None:
    """Where the template has a service call for a foreign topic, what is left to do is to say whose that is."""
    topic = f"arn:aws:sns:us-east-1:{OTHER}:orders"
    target = {"Protocol": "lambda", "TopicArn": topic, "Endpoint": {"Fn::GetAtt": ["F", "Arn"]}}
    given = {"Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "F"}, "Principal": TOPICS}
    template: Json = {
        "Resources": {
            "F": {"Type": "AWS::Lambda::Function", "Properties": {}},
            "S": {"Type": "AWS::SNS::Subscription", "Properties": target},
            "P": {"Type": "AWS::Lambda::Permission", "Properties": given},
        }
    }
    (found,) = refuted(template, OURS)
    assert found.remedy is not None
    assert f"and declare {OTHER}, which is outside the boundary" in found.remedy.text
    changed = edited(template, found.remedy.edits)
    (left,) = refuted(changed, OURS)
    assert left.remedy is not None
    assert (left.label, left.remedy.edits) == (f"account {OTHER} is outside the boundary", ())
    assert f"add {OTHER} to accounts in [boundary]" in left.remedy.text
    assert not refuted(changed, {"boundary": {"organizations": [ORGANIZATION], "accounts": [OTHER]}})


def test_a_role_of_an_organization_is_left_to_it() -> None:
    """Who lets in the roles of an organization is not told to name one of them in its place."""
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    trust["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}
    mine = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    sends = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": {"Fn::GetAtt": ["R", "Arn"]}}
    inline = [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [sends]}}]
    roles = {
        "R": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}, "RoleName": "r"},
        "Handler": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [mine]},
            "Policies": inline,
        },
    }
    resources = {name: {"Type": "AWS::IAM::Role", "Properties": one} for name, one in roles.items()}
    (found,) = refuted({"Resources": resources}, OURS, "mfa-required")
    assert f"a user of any account of organization {ORGANIZATION}" in found.message
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "keep whom the statement lets in now" in found.remedy.text
    assert "in place of the account" not in found.remedy.text


ARN: Json = {"Fn::GetAtt": ["Q", "Arn"]}
ELSEWHERE = "arn:aws:lambda:eu-central-1:111122223333:function:f"
RULE: Json = {"Type": "AWS::Events::Rule", "Properties": {"Targets": [{"Id": "1", "Arn": ARN}]}}
LEFT_BY_RULE: Json = {"Targets": [{"Id": "1", "Arn": ELSEWHERE, "DeadLetterConfig": {"Arn": ARN}}]}
FROM: Json = {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "T"}, "Endpoint": ARN}}
LEFT_BY_TOPIC: Json = {"TopicArn": {"Ref": "U"}, "Endpoint": ELSEWHERE, "RedrivePolicy": {"deadLetterTargetArn": ARN}}
TOPIC: Json = {"Type": "AWS::SNS::Topic"}
USED: Json = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"EventSourceArn": ARN}}
#: Resources beside a queue, outputs, and what its remedy names: of which sources, or the own account.
SENDERS: dict[str, tuple[str, Json, Json, Json]] = {
    "a rule": (EVENTS, {"R": RULE}, {}, {"aws:SourceArn": {"Fn::GetAtt": ["R", "Arn"]}}),
    "a rule that leaves there what it cannot deliver": (
        EVENTS,
        {"R": RULE, "D": {"Type": "AWS::Events::Rule", "Properties": LEFT_BY_RULE}},
        {},
        {"aws:SourceArn": [{"Fn::GetAtt": ["R", "Arn"]}, {"Fn::GetAtt": ["D", "Arn"]}]},
    ),
    "a subscription that leaves there what it cannot deliver": (
        TOPICS,
        {"T": TOPIC, "U": TOPIC, "S": FROM, "D": {"Type": "AWS::SNS::Subscription", "Properties": LEFT_BY_TOPIC}},
        {},
        {"aws:SourceArn": [{"Fn::GetAtt": ["T", "TopicArn"]}, {"Fn::GetAtt": ["U", "TopicArn"]}]},
    ),
    "a rule and who reads": (EVENTS, {"R": RULE, "M": USED}, {}, {"aws:SourceArn": {"Fn::GetAtt": ["R", "Arn"]}}),
    "a rule and an output": (EVENTS, {"R": RULE}, {"Q": {"Value": ARN}}, OF_RULES),
    "a rule and an output of the URL": (
        EVENTS,
        {"R": RULE},
        {"Q": {"Value": {"Ref": "Q"}}},
        {"aws:SourceArn": {"Fn::GetAtt": ["R", "Arn"]}},
    ),
    "a rule and a nested stack": (
        EVENTS,
        {"R": RULE, "N": {"Type": "AWS::CloudFormation::Stack", "Properties": {"Parameters": {"Queue": ARN}}}},
        {},
        OF_RULES,
    ),
}


@pytest.mark.parametrize(("service", "beside", "outputs", "said"), SENDERS.values(), ids=SENDERS)
def test_all_that_send_are_named_or_the_account_is(service: str, beside: Json, outputs: Json, said: Json) -> None:
    """Whoever sends what could not be delivered sends too, and where others may, none is named."""
    template = queue(allow(service, None))
    template["Resources"] |= beside
    template["Outputs"] = outputs
    (found,) = refuted(template, NONE)
    assert found.remedy is not None
    (edit,) = found.remedy.edits
    (after,) = edited(template, [edit])["Resources"]["P"]["Properties"]["PolicyDocument"]["Statement"][0][
        "Condition"
    ].values()
    assert after == {key: value if isinstance(value, list) else [value] for key, value in said.items()}


@pytest.mark.parametrize(
    "beside",
    [
        {"R": {**RULE, "Condition": "C"}},
        {"R": {**RULE, "DependsOn": "P"}},
        {"R": {**FROM, "Properties": {"TopicArn": {"Fn::ImportValue": "t"}, "Endpoint": ARN}}},
    ],
    ids=["not in every deployment", "circular", "an export"],
)
def test_what_cannot_be_referred_to_is_not_named(beside: Json) -> None:
    """A remedy refers to nothing that CloudFormation would refuse there, and writes no name that is none."""
    service = TOPICS if "TopicArn" in str(beside) else EVENTS
    template = queue(allow(service, None)) | {"Parameters": {"E": {"Type": "String"}}}
    template["Conditions"] = {"C": {"Fn::Equals": [{"Ref": "E"}, "prod"]}}
    template["Resources"] |= beside
    (found,) = refuted(template, NONE)
    assert found.remedy is not None
    whatever = OF_TOPICS if service == TOPICS else OF_RULES
    assert found.remedy.diff == (f'+ "Condition": {{"ArnLike": {json.dumps(whatever)}}}',)


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ({"R": RULE, "T": TOPIC, "S": FROM}, "aws:SourceArn"),
        ({"R": RULE}, '[{"Fn::Sub": "arn:aws:events:*:${AWS::AccountId}:*"}, {"Fn::Sub": "arn:aws:sns:*:'),
    ],
    ids=["both send", "one of them does"],
)
def test_services_of_one_statement_are_held_together(beside: Json, said: str) -> None:
    """What holds one service of a statement to its source leaves in what the others send there."""
    statement = {**allow(EVENTS, None), "Principal": {"Service": [EVENTS, TOPICS]}}
    template = queue(statement)
    template["Resources"] |= beside
    (found,) = refuted(template, NONE)
    assert found.remedy is not None
    (line,) = found.remedy.diff
    assert said in line
    assert ('"T", "TopicArn"' in line, '"R", "Arn"' in line) == (("T" in beside,) * 2)


def test_services_that_are_held_by_different_keys_are_told_apart() -> None:
    """What holds one service of a statement is no test for another that may not send its key."""
    template = queue({**allow(EVENTS, None), "Principal": {"Service": [EVENTS, "s3.amazonaws.com"]}})
    (found,) = refuted(template, NONE)
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "events.amazonaws.com, with aws:SourceArn; s3.amazonaws.com, with aws:SourceAccount" in found.remedy.text


_SUB = "Fn::Sub"
_ROW: Json = {"Mappings": {"M": {"a": {"k": "v"}}}, "Parameters": {"Prefix": {"Type": "String", "Default": "prod"}}}


@pytest.mark.parametrize(
    ("service", "written", "becomes"),
    [
        (
            "logs",
            {_SUB: "arn:aws:logs:${AWS::Region}:*:log-group:*"},
            {_SUB: "arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:*"},
        ),
        (
            "sns",
            {_SUB: "arn:${AWS::Partition}:sns:eu-west-1:*:${Prefix}-alerts"},
            {_SUB: "arn:${AWS::Partition}:sns:eu-west-1:${AWS::AccountId}:${Prefix}-alerts"},
        ),
        ("sns", {"Fn::Join": [":", ["arn", "aws", "sns", {"Ref": "AWS::Region"}, "*", "alerts"]]}, None),
        ("sns", {_SUB: ["arn:aws:sns:*:*:${K}", {"K": {"Fn::FindInMap": ["M", {"Ref": "Prefix"}, "k"]}}]}, None),
    ],
)
def test_an_account_takes_the_place_of_a_wildcard_only(service: str, written: Json, becomes: Json | None) -> None:
    """What the rest of the ARN was judged at, a Region or a default, is in no diff: it stays as it is, or words do."""
    given = {"Action": "lambda:InvokeFunction", "FunctionName": "f", "Principal": f"{service}.amazonaws.com"}
    permission = {"Type": "AWS::Lambda::Permission", "Properties": {**given, "SourceArn": written}}
    template = {**_ROW, "Resources": {"P": permission}}
    if "FindInMap" in str(written):
        template["Parameters"] = {"Prefix": {"Type": "String", "Default": "a"}}
    report = trustproof.check([template], config=NONE, properties=["no-confused-deputy"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.remedy is not None
    assert bool(found.remedy.edits) is (becomes is not None)
    if becomes is not None:
        assert edited(template, found.remedy.edits)["Resources"]["P"]["Properties"]["SourceArn"] in (becomes, [becomes])


def test_a_key_keeps_the_bounds_that_it_has() -> None:
    """Of the log groups that may use it, only the account is put right."""
    key = "kms:EncryptionContext:aws:logs:arn"
    held = {"ArnLike": {key: "arn:aws:logs:eu-west-1:*:log-group:app*"}}
    use = {"Principal": {"Service": "logs.amazonaws.com"}, "Action": "kms:Decrypt", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **use, "Condition": held}]}
    template = {"Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}}}
    (found,) = refuted(template, NONE)
    assert found.remedy is not None
    (statement,) = edited(template, found.remedy.edits)["Resources"]["K"]["Properties"]["KeyPolicy"]["Statement"]
    whose = {_SUB: "arn:aws:logs:eu-west-1:${AWS::AccountId}:log-group:app*"}
    assert statement["Condition"]["ArnLike"][key] in (whose, [whose])


def _subscribed(topic: object, to: str) -> Json:
    endpoint = {"Fn::GetAtt": [to, "Arn"]}
    return {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": topic, "Endpoint": endpoint}}


_STRANGE = f"arn:aws:sns:us-east-1:{OTHER}:news"


@pytest.mark.parametrize("elsewhere", [_STRANGE, {"Ref": "Topic"}], ids=str)
def test_a_permission_for_topics_here_and_elsewhere_is_words(elsewhere: object) -> None:
    """One permission has one source, and the own account would lock the other topic out."""
    given = {"Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "F"}, "Principal": TOPICS}
    resources = {
        "F": {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"ZipFile": "x"}}},
        "T": {"Type": "AWS::SNS::Topic"},
        "P": {"Type": "AWS::Lambda::Permission", "Properties": given},
        "Here": _subscribed({"Ref": "T"}, "F"),
        "There": _subscribed(elsewhere, "F"),
    }
    (found,) = refuted({"Parameters": {"Topic": {"Type": "String"}}, "Resources": resources}, NONE)
    assert found.remedy is not None
    assert not found.remedy.edits


def test_one_policy_of_two_queues_lets_in_what_sends_to_each() -> None:
    """The topics of both are named."""
    template = queue(allow(TOPICS, None))
    template["Resources"]["P"]["Properties"]["Queues"].append({"Ref": "Q2"})
    template["Resources"]["P"]["Properties"]["PolicyDocument"]["Statement"][0]["Resource"] = "*"
    more = {"Q2": {"Type": "AWS::SQS::Queue"}, "T": {"Type": "AWS::SNS::Topic"}}
    sent = {"Here": _subscribed({"Ref": "T"}, "Q"), "There": _subscribed(_STRANGE, "Q2")}
    template["Resources"].update(more | sent)
    found = refuted(template, NONE)[0]
    assert found.remedy is not None
    assert all(_STRANGE in line and '"T"' in line for line in found.remedy.diff)


def test_what_a_neighbour_lets_in_may_be_a_source() -> None:
    """Where another account replicates into a bucket, its inventories come there too."""
    to = {"Resource": {_SUB: "${B.Arn}/*"}, "Effect": "Allow"}
    replicates = {"Principal": {"AWS": f"arn:aws:iam::{SISTER}:role/r"}, "Action": "s3:ReplicateObject", **to}
    lists = {"Principal": {"Service": "s3.amazonaws.com"}, "Action": "s3:PutObject", **to}
    for config, is_known in ((NONE, False), (SISTERS, True)):
        held = {"Bucket": {"Ref": "B"}, "PolicyDocument": {"Version": "2012-10-17", "Statement": [replicates, lists]}}
        policy = {"Type": "AWS::S3::BucketPolicy", "Properties": held}
        (found,) = refuted({"Resources": {"B": {"Type": "AWS::S3::Bucket"}, "P": policy}}, config)
        assert found.remedy is not None
        assert bool(found.remedy.edits) is is_known
        assert not is_known or any(SISTER in line for line in found.remedy.diff)


@pytest.mark.parametrize(
    ("beside", "is_known"),
    [
        ({"StringEquals": {"aws:SourceAccount": [HERE, SISTER]}}, False),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:*:{SISTER}:*"}}, False),
        ({"StringEquals": {"aws:SourceAccount": HERE}}, True),
    ],
    ids=str,
)
def test_for_whom_another_service_calls_may_be_meant_here(beside: Json, is_known: bool) -> None:
    """Where alarms of another account send to a queue, its buckets may too."""
    (found,) = refuted(queue(allow("s3.amazonaws.com", None), allow("cloudwatch.amazonaws.com", beside)), NONE)
    assert found.remedy is not None
    assert bool(found.remedy.edits) is is_known


def test_what_a_parameter_lets_in_beside_is_kept_in() -> None:
    """At one value of the parameter there is no neighbour, and a change that is right there locks out at another."""
    whose = {"StringEquals": {"aws:PrincipalOrgID": {"Ref": "Org"}}}
    neighbour = {**allow("x", whose), "Principal": {"AWS": "*"}}
    chosen = {"Fn::If": ["HasOrg", neighbour, {"Ref": "AWS::NoValue"}]}
    template = queue(allow("cloudwatch.amazonaws.com", None), chosen)
    template["Parameters"] = {"Org": {"Type": "String", "Default": ""}}
    template["Conditions"] = {"HasOrg": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Org"}, ""]}]}}
    (found,) = refuted(template, NONE)
    assert found.remedy is not None
    assert not found.remedy.edits


@pytest.mark.parametrize(
    ("second", "named"),
    [
        ({"DomainName": {_SUB: "${B}.s3.amazonaws.com"}}, "distribution/*"),
        ({"DomainName": "assets.s3.eu-west-1.amazonaws.com"}, "distribution/*"),
        ({"Fn::If": ["X", {"DomainName": {"Fn::GetAtt": ["B", "DomainName"]}}, {"Ref": "AWS::NoValue"}]}, "/*"),
        ({"DomainName": "www.example.com", "CustomOriginConfig": {}}, "distribution/${First}"),
        ({"DomainName": {"Fn::GetAtt": ["Other", "DomainName"]}}, "distribution/${First}"),
    ],
    ids=str,
)
def test_a_distribution_may_read_a_bucket_that_it_does_not_refer_to(second: Json, named: str) -> None:
    """Then no distribution of the account is locked out."""
    to = {"Action": "s3:GetObject", "Resource": {_SUB: "${B.Arn}/*"}, "Effect": "Allow"}
    reads = {"Principal": {"Service": "cloudfront.amazonaws.com"}, **to}
    held = {"Bucket": {"Ref": "B"}, "PolicyDocument": {"Version": "2012-10-17", "Statement": [reads]}}
    origins = {"First": {"DomainName": {"Fn::GetAtt": ["B", "RegionalDomainName"]}}, "Second": second}
    resources: Json = {
        name: {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {"Origins": [one]}}}
        for name, one in origins.items()
    }
    resources |= {name: {"Type": "AWS::S3::Bucket"} for name in ("B", "Other")}
    resources["P"] = {"Type": "AWS::S3::BucketPolicy", "Properties": held}
    (found,) = refuted({"Conditions": {"X": {"Fn::Equals": [HERE, SISTER]}}, "Resources": resources}, NONE)
    assert found.remedy is not None
    assert any(named in line for line in found.remedy.diff)


def test_an_account_that_is_made_up_stands_in_no_text() -> None:
    """What takes its place is a function, which a text would have as a part of the policy."""
    written = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"route53.amazonaws.com"},'
    written += '"Action":"logs:PutLogEvents","Resource":"*"}]}'
    policy = {"Type": "AWS::Logs::ResourcePolicy", "Properties": {"PolicyName": "p", "PolicyDocument": written}}
    report = trustproof.check([{"Resources": {"P": policy}}], properties=["no-confused-deputy"])
    (found,) = report.results
    assert found.remedy is not None
    assert not found.remedy.edits


def test_a_policy_that_is_text_gets_no_functions() -> None:
    """Inside a text a function would be a part of the policy, which is refused."""
    written = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"logs:PutSubscriptionFilter",'
        '"Resource":"arn:aws:logs:${AWS::Region}:${AWS::AccountId}:destination:d"}]}'
    )
    properties = {"DestinationName": "d", "DestinationPolicy": {_SUB: written}}
    template = {"Resources": {"D": {"Type": "AWS::Logs::Destination", "Properties": properties}}}
    template["Parameters"] = {"Org": {"Type": "String", "Default": ORGANIZATION}}
    for found in refuted(template, OURS, "inside-boundary"):
        assert found.remedy is not None
        assert "Ref" not in str(found.remedy.diff)


@pytest.mark.parametrize(
    ("ident", "type_", "properties"),
    [
        ("inside-boundary", "AWS::IAM::Role", {"AssumeRolePolicyDocument": {"Principal": "*"}}),
        (
            "assume-role-scoped",
            "AWS::IAM::ManagedPolicy",
            {"PolicyDocument": {"Resource": "*"}, "Users": ["alice"]},
        ),
    ],
)
@pytest.mark.parametrize(("config", "has_diff"), [(OURS, True), (SISTERS, True), (BESIDE, False)])
def test_accounts_beside_an_organization_stay_in(
    ident: str, type_: str, properties: Json, config: Json, has_diff: bool
) -> None:
    """Nobody knows whether an account declared beside an organization is of it: a test of that may keep it out."""
    name, *_ = properties
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", **properties[name]}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    found = refuted({"Resources": {"It": {"Type": type_, "Properties": {**properties, name: document}}}}, config, ident)
    assert [bool(one.remedy and one.remedy.edits) for one in found] == [has_diff]


@pytest.mark.parametrize("config", [OURS, SISTERS, BESIDE])
def test_a_permission_is_told_what_it_can_say(config: Json) -> None:
    """AWS Lambda has no property for the organization of a source: with several accounts, a permission is for one."""
    said = {"Action": "lambda:InvokeFunction", "FunctionName": "rotation", "Principal": "secretsmanager.amazonaws.com"}
    template: Json = {"Resources": {"P": {"Type": "AWS::Lambda::Permission", "Properties": said}}}
    (found,) = refuted(template, config)
    each = "with aws:SourceAccount, in a permission for each account of yours that it calls for"
    assert str(found.remedy) == f"say for whom the service may call, {each}"
    assert (
        refuted(
            {"Resources": {"P": {**template["Resources"]["P"], "Properties": {**said, "SourceAccount": OWN}}}}, config
        )
        == []
    )
