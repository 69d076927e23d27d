"""
`trustproof.diff` of policies that are resources of their own: what they stand on is part of what they give.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof

ACCOUNT, HUB, VENDOR = "111122223333", "222233334444", "999988887777"
Json = dict[str, Any]


def permission(function: Any, principal: str = "*") -> Json:
    """A permission to call a function."""
    properties = {"FunctionName": function, "Action": "lambda:InvokeFunction", "Principal": principal}
    return {"Type": "AWS::Lambda::Permission", "Properties": properties}


def standing(
    type_: str, policy_in: str = "PolicyDocument", who: str = HUB, action: str = "sqs:*", **place: Any
) -> Json:
    """A policy that says in a property what it stands on, and speaks of whatever that is."""
    statement = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": action, "Resource": "*"}
    return {"Type": type_, "Properties": {**place, policy_in: {"Version": "2012-10-17", "Statement": [statement]}}}


def on_bus(name: str) -> Json:
    """What lets another account put events on a bus."""
    properties = {"EventBusName": name, "StatementId": "s", "Action": "events:PutEvents", "Principal": HUB}
    return {"Type": "AWS::Events::EventBusPolicy", "Properties": properties}


def function(name: str | None = None) -> Json:
    """A function that others may call."""
    return {"Type": "AWS::Lambda::Function", "Properties": {} if name is None else {"FunctionName": name}}


def queues(first: str = HUB, second: str | None = None) -> Json:
    """Two queues without names, with the policy of one or of both."""
    queue = {"Type": "AWS::SQS::Queue"}
    out: Json = {"Q1": queue, "Q2": queue, "P1": standing("AWS::SQS::QueuePolicy", who=first, Queues=[{"Ref": "Q1"}])}
    if second is not None:
        out["P2"] = standing("AWS::SQS::QueuePolicy", who=second, Queues=[{"Ref": "Q2"}])
    return out


def said(old: Json, new: Json, **more: Any) -> list[str]:
    """Who gained what, and who lost it, without the name of whoever it is."""
    found = trustproof.diff({"Resources": old}, {"Resources": new}, account=ACCOUNT, **more)
    assert found.fails("any", strict=True) is not found.is_empty
    return [f"{one.direction} {one.message[one.message.index(' call ') + 6 :]}" for one in found.access]


GET_ATT = {"Fn::GetAtt": ["F2", "Arn"]}
BOTH = {"F1": function(), "F2": function()}
NAMED = {"F1": function("f"), "F2": function("g")}
BUCKETS: Json = {"B1": {"Type": "AWS::S3::Bucket"}, "B2": {"Type": "AWS::S3::Bucket"}}
ON_F1 = ("gained lambda:InvokeFunction on F2 by P", "lost lambda:InvokeFunction on F1 by P")
NAMES = ("gained lambda:InvokeFunction on g by P", "lost lambda:InvokeFunction on f by P")
ROWS: list[tuple[str, Json, Json, tuple[str, ...]]] = [
    (
        "functions without a name, by attribute",
        {**BOTH, "P": permission({"Fn::GetAtt": ["F1", "Arn"]})},
        {**BOTH, "P": permission(GET_ATT)},
        ON_F1,
    ),
    ("functions by Ref", {**BOTH, "P": permission({"Ref": "F1"})}, {**BOTH, "P": permission({"Ref": "F2"})}, ON_F1),
    ("named functions", {**NAMED, "P": permission({"Ref": "F1"})}, {**NAMED, "P": permission({"Ref": "F2"})}, NAMES),
    ("functions of elsewhere", {"P": permission("f")}, {"P": permission("g")}, NAMES),
    (
        "a permission under another logical id",
        {**BOTH, "P1": permission({"Ref": "F1"})},
        {**BOTH, "P2": permission({"Ref": "F2"})},
        ("gained lambda:InvokeFunction on F2 by P2", "lost lambda:InvokeFunction on F1 by P1"),
    ),
    (
        "a bucket without a name",
        {**BUCKETS, "P": standing("AWS::S3::BucketPolicy", action="s3:GetObject", Bucket={"Ref": "B1"})},
        {**BUCKETS, "P": standing("AWS::S3::BucketPolicy", action="s3:GetObject", Bucket={"Ref": "B2"})},
        ("gained s3:GetObject on arn:aws:s3:::app/app (of B2)", "lost s3:GetObject on arn:aws:s3:::app/app (of B1)"),
    ),
    (
        "an event bus by its name",
        {"P": on_bus("b")},
        {"P": on_bus("c")},
        (
            "gained events:PutEvents on arn:aws:events:us-east-1:111122223333:event-bus/c",
            "lost events:PutEvents on arn:aws:events:us-east-1:111122223333:event-bus/b",
        ),
    ),
    (
        "a stream by its ARN",
        {
            "P": standing(
                "AWS::Kinesis::ResourcePolicy", "ResourcePolicy", action="kinesis:GetRecords", ResourceArn="a/s"
            )
        },
        {
            "P": standing(
                "AWS::Kinesis::ResourcePolicy", "ResourcePolicy", action="kinesis:GetRecords", ResourceArn="a/t"
            )
        },
        ("gained kinesis:GetRecords on t by P", "lost kinesis:GetRecords on s by P"),
    ),
    (
        "a repository that has another name",
        {
            "R": standing(
                "AWS::ECR::Repository", "RepositoryPolicyText", action="ecr:BatchGetImage", RepositoryName="x1"
            )
        },
        {
            "R": standing(
                "AWS::ECR::Repository", "RepositoryPolicyText", action="ecr:BatchGetImage", RepositoryName="x2"
            )
        },
        (
            "gained ecr:BatchGetImage on arn:aws:ecr:us-east-1:111122223333:repository/x2",
            "lost ecr:BatchGetImage on arn:aws:ecr:us-east-1:111122223333:repository/x1",
        ),
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_policy_that_moves_to_another_resource_is_gained_there_and_lost_here(
    old: Json, new: Json, expected: tuple[str, ...]
) -> None:
    """Whether the Region is known or not, and whether the resource has a name."""
    assert tuple(said(old, new)) == expected
    assert len(said(old, new, region="eu-west-1")) == 2
    assert said(new, new) == []


@pytest.mark.parametrize(("owner", "callers"), [({"Ref": "AWS::AccountId"}, ACCOUNT), (HUB, HUB)])
def test_the_default_policy_of_a_topic_lets_in_nobody_but_its_owner(owner: Any, callers: str) -> None:
    """Of whoever calls, `aws:SourceOwner` is the account: `check` proves such a policy, and `diff` says the same."""
    policy = standing("AWS::SNS::TopicPolicy", who="*", action="sns:Publish", Topics=[{"Ref": "T"}])
    before = {"T": {"Type": "AWS::SNS::Topic"}, "P": standing("AWS::SNS::TopicPolicy", who=HUB, Topics=[{"Ref": "T"}])}
    policy["Properties"]["PolicyDocument"]["Statement"][0]["Condition"] = {"StringEquals": {"AWS:SourceOwner": owner}}
    found = trustproof.diff({"Resources": before}, {"Resources": before | {"P": policy}}, account=ACCOUNT)
    assert {one.counterexample.request.caller.account for one in found.access if one.direction == "gained"} == {callers}


@pytest.mark.parametrize("place", ["terraform_remote_state.s.outputs.PLACE_url", "aws_sqs_queues.s.queue_urls[NUMBER]"])
def test_a_queue_is_another_one_by_another_part_of_what_is_read(tmp_path: Path, place: str) -> None:
    """Whatever else is read there names other queues."""

    def configuration(name: str, number: int) -> Path:
        statement = '{Effect = "Allow", Principal = "*", Action = "sqs:SendMessage", Resource = "*"}'
        url = f"data.{place}".replace("PLACE", name).replace("NUMBER", str(number))
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(
            f'data "{place.partition(".")[0]}" "s" {{}}\nresource "aws_sqs_queue_policy" "p" {{\n  queue_url = {url}\n'
            f"  policy    = jsonencode({{Statement = [{statement}]}})\n}}\n"
        )
        return tmp_path / name

    found = trustproof.diff(configuration("dev", 0), configuration("prod", 1))
    assert {one.direction for one in found.access} == {"gained", "lost"}


def test_two_policies_that_change_places_are_four_changes() -> None:
    """Each queue lets in somebody else than before, though each policy is there still."""
    found = said(queues(HUB, VENDOR), queues(VENDOR, HUB))
    assert sorted(found) == [
        "gained sqs:SendMessage on Q1 by P1",
        "gained sqs:SendMessage on Q2 by P2",
        "lost sqs:SendMessage on Q1 by P1",
        "lost sqs:SendMessage on Q2 by P2",
    ]
    moved = {
        **queues(),
        "P1": standing("AWS::SQS::QueuePolicy", who=VENDOR, Queues=[{"Ref": "Q2"}]),
        "P2": standing("AWS::SQS::QueuePolicy", who=HUB, Queues=[{"Ref": "Q1"}]),
    }
    assert said(queues(HUB, VENDOR), moved) == []


def test_a_resource_under_another_logical_id_is_that_one_where_it_is_written_alike() -> None:
    """What stands on it has not moved; beside the old one, the new one is another resource."""
    old = {"F1": function(), "P": permission({"Ref": "F1"})}
    assert said(old, {"F2": function(), "P": permission({"Ref": "F2"})}) == []
    assert said(old, {"F2": function(), "P9": permission(GET_ATT)}) == []
    assert len(said(old, {**BOTH, "P": permission({"Ref": "F2"})})) == 2


def test_a_policy_beside_others_on_one_resource_is_compared_with_itself() -> None:
    """One that is put before the others has gained what it says, and nothing else has changed."""
    old = {"F": function("f"), "P1": permission("f", HUB), "P2": permission("f", VENDOR)}
    new = {"F": function("f"), "P0": permission("f", "444455556666"), **old}
    for more in ({}, {"region": "eu-west-1"}):
        assert [one.partition(" ")[0] for one in said(old, new, **more)] == ["gained"]


def test_a_queue_by_its_url_is_the_queue() -> None:
    """Where only the account or the Region is not said, it is no other resource."""
    url = f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/q"
    queue = {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}}}
    old = {**queue, "P": standing("AWS::SQS::QueuePolicy", Queues=[url])}
    assert said(old, {**queue, "P": standing("AWS::SQS::QueuePolicy", Queues=[{"Ref": "Q"}])}) == []


QUEUE, TOPIC, SECRET = "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::SecretsManager::Secret"
OWN_ARN = {"Fn::GetAtt": ["Own", "Arn"]}


@pytest.mark.parametrize("region", [None, "eu-west-1"])
@pytest.mark.parametrize(
    ("own", "policy_type", "place", "policy_in", "action", "arn"),
    [
        (QUEUE, "AWS::SQS::QueuePolicy", {"Queues": [{"Ref": "Own"}]}, "PolicyDocument", "sqs:SendMessage", OWN_ARN),
        (TOPIC, "AWS::SNS::TopicPolicy", {"Topics": [{"Ref": "Own"}]}, "PolicyDocument", "sns:Publish", {"Ref": "Own"}),
        (
            SECRET,
            "AWS::SecretsManager::ResourcePolicy",
            {"SecretId": {"Ref": "Own"}},
            "ResourcePolicy",
            "secretsmanager:GetSecretValue",
            {"Ref": "Own"},
        ),
    ],
    ids=["queue", "topic", "secret"],
)
def test_its_own_arn_and_anything_are_the_same(
    own: str, policy_type: str, place: Json, policy_in: str, action: str, arn: Json, region: str | None
) -> None:
    """The service asks a policy about what it stands on, so that `*` lets in what its ARN does, and no other."""

    def with_resource(resource: object) -> Json:
        made = standing(policy_type, policy_in, action=action, **place)
        made["Properties"][policy_in]["Statement"][0]["Resource"] = resource
        return {"Own": {"Type": own}, "Policy": made}

    assert said(with_resource(arn), with_resource("*"), region=region) == []
    assert said(with_resource("*"), with_resource(arn), region=region) == []
    other = f"arn:aws:{action.split(':')[0]}:eu-west-1:{ACCOUNT}:another"
    assert said(with_resource(other), with_resource("*"), region=region) != []


def test_what_is_in_a_resource_is_more_than_the_resource() -> None:
    """Anything in the policy of a table is its indexes, too, which its ARN is not."""

    def with_resource(resource: object) -> Json:
        statement = {"Effect": "Allow", "Principal": {"AWS": HUB}, "Action": "dynamodb:Query", "Resource": resource}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        properties = {"TableName": "t", "ResourcePolicy": {"PolicyDocument": document}}
        return {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}

    arn = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t"
    assert said(with_resource(arn), with_resource("*"), region="eu-west-1") != []


def in_own_property(type_: str, action: str, resource: object, policy_in: str = "ResourcePolicy", **more: Any) -> Json:
    """A resource whose policy is a property of its own."""
    statement = {"Effect": "Allow", "Principal": {"AWS": HUB}, "Action": action, "Resource": resource}
    policy: Json = {"Version": "2012-10-17", "Statement": [statement]}
    document = {"PolicyDocument": policy} if policy_in == "ResourcePolicy" else policy
    return {"Own": {"Type": type_, "Properties": {**more, policy_in: document}}}


def put_on(own: Json, policy_type: str, action: str, resource: object, **place: Any) -> Json:
    """A resource with a name, and a policy beside it."""
    policy = standing(policy_type, action=action, **place)
    policy["Properties"]["PolicyDocument"]["Statement"][0]["Resource"] = resource
    return {"Own": own, "Policy": policy}


def on_queue(resource: object) -> Json:
    """A queue with a name, and its policy."""
    own = {"Type": QUEUE, "Properties": {"QueueName": "jobs"}}
    return put_on(own, "AWS::SQS::QueuePolicy", "sqs:SendMessage", resource, Queues=[{"Ref": "Own"}])


def on_named_bus(resource: object) -> Json:
    """An event bus with a name, and its policy."""
    statement = {"Effect": "Allow", "Principal": {"AWS": HUB}, "Action": "events:PutEvents", "Resource": resource}
    properties = {"EventBusName": {"Ref": "Own"}, "StatementId": "s", "Statement": statement}
    own = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "b"}}
    return {"Own": own, "Policy": {"Type": "AWS::Events::EventBusPolicy", "Properties": properties}}


def on_table(resource: object) -> Json:
    """A table with a policy about what is in the table alone."""
    return in_own_property("AWS::DynamoDB::Table", "dynamodb:GetItem", resource, TableName="t")


def on_key(resource: object) -> Json:
    """A key with its policy."""
    return in_own_property("AWS::KMS::Key", "kms:Decrypt", resource, "KeyPolicy")


def here(service: str, name: str) -> Json:
    """The ARN of something in the account and Region of the template."""
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{name}"}


@pytest.mark.parametrize("region", [None, "eu-west-1"])
@pytest.mark.parametrize(
    ("made", "own"),
    [
        (on_queue, f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs"),
        (on_queue, here("sqs", "jobs")),
        (on_queue, here("sqs", "*")),
        (on_key, here("kms", "key/*")),
        (on_table, here("dynamodb", "table/t")),
        (on_table, f"arn:aws:dynamodb:*:{ACCOUNT}:table/*"),
        (on_named_bus, OWN_ARN),
        (on_named_bus, here("events", "event-bus/b")),
    ],
    ids=["queue written out", "queue", "any queue", "any key", "table", "any table", "event bus", "event bus by name"],
)
def test_whatever_the_arn_of_a_resource_fits_is_as_good_as_anything(
    made: Callable[[object], Json], own: object, region: str | None
) -> None:
    """A request is about what the policy stands on, in a Region that there is, and a literal Region is that."""
    for old, new in ((made(own), made("*")), (made("*"), made(own))):
        assert said(old, new, region=region) == []


@pytest.mark.parametrize(
    ("made", "other"),
    [
        (on_queue, here("sqs", "another")),
        (on_queue, f"arn:aws:sqs:eu-west-1:{ACCOUNT}:another"),
        (on_queue, f"arn:aws:sqs:eu-west-1:{HUB}:jobs"),
        (on_table, here("dynamodb", "table/another")),
        (on_named_bus, here("events", "event-bus/another")),
        (on_key, here("sqs", "*")),
    ],
    ids=["queue", "queue written out", "queue of another account", "table", "event bus", "key"],
)
def test_what_names_another_resource_only_gives_nothing(made: Callable[[object], Json], other: object) -> None:
    """So whoever turns it into anything, or into the resource itself, gives something, and is told so."""
    for region in (None, "eu-west-1"):
        assert [one.split()[0] for one in said(made(other), made("*"), region=region)] == ["gained"]
        assert [one.split()[0] for one in said(made("*"), made(other), region=region)] == ["lost"]


def test_a_policy_that_names_its_resource_in_one_region_and_then_in_another_has_changed() -> None:
    """Wherever it is deployed, one of the two lets nobody in."""
    first, second = (on_queue(f"arn:aws:sqs:{region}:{ACCOUNT}:jobs") for region in ("eu-west-1", "eu-central-1"))
    assert said(first, second) != []


def test_a_resource_under_another_logical_id_has_the_name_that_it_had() -> None:
    """Its ARN is made of another id, and is the ARN of the same resource."""
    old = on_queue(OWN_ARN)
    new = {"Renamed": old["Own"], "Policy": on_queue("*")["Policy"]}
    new["Policy"]["Properties"]["Queues"] = [{"Ref": "Renamed"}]
    assert said(old, new) == []


def on_secret(named: str) -> Json:
    """The policy of a secret."""
    action = "secretsmanager:GetSecretValue"
    return {"P": standing("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", action=action, SecretId=named)}


def on_function(named: object) -> Json:
    """A permission, beside an alias and a version of the function."""
    about = {"FunctionName": "f"}
    alias = {"Type": "AWS::Lambda::Alias", "Properties": {**about, "Name": "live", "FunctionVersion": "1"}}
    version = {"Type": "AWS::Lambda::Version", "Properties": about}
    return {"P": permission(named), "Alias": alias, "Version": version}


_LAMBDA = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:"
_SECRETS = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:"
_SUB = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
#: What each row says of a resource is the same one.
ONE: list[tuple[Callable[[Any], Json], list[object]]] = [
    (on_function, ["f", f"{ACCOUNT}:function:f", f"{_LAMBDA}f", {"Fn::Sub": f"{_SUB}f"}]),
    (
        on_function,
        ["f:live", f"{ACCOUNT}:function:f:live", f"{_LAMBDA}f:live", {"Fn::Sub": f"{_SUB}f:live"}, {"Ref": "Alias"}],
    ),
    (on_secret, ["db", f"{_SECRETS}db", f"{_SECRETS}db-AbCdEf"]),
    (on_secret, ["app/db", f"{_SECRETS}app/db", f"{_SECRETS}app/db-AbCdEf"]),
]


@pytest.mark.parametrize(("made", "names"), ONE, ids=["function", "alias", "secret", "secret with a path"])
def test_one_resource_by_each_of_its_names_is_no_change(made: Callable[[Any], Json], names: list[object]) -> None:
    """A name, a part of the ARN and the whole ARN are three ways to write the same."""
    for old in names:
        assert [said(made(old), made(new), region="eu-west-1") for new in names] == [[]] * len(names)


@pytest.mark.parametrize(
    ("made", "old", "new", "called"),
    [
        (on_function, "f", "f:live", ("f", "f:live")),
        (on_function, "f:live", "g:live", ("f:live", "g:live")),
        (on_function, "f:live", "f:v2", ("f:live", "f:v2")),
        (on_function, f"{_LAMBDA}f:live", f"{_LAMBDA}g:live", ("f:live", "g:live")),
        (on_function, {"Ref": "Alias"}, {"Ref": "Version"}, ("f:live", "f:Version.Version")),
        (on_secret, "db", f"{_SECRETS}dc", ("db", "dc")),
        (on_secret, f"{_SECRETS}db-AbCdEf", f"{_SECRETS}db-GhIjKl", ("db-AbCdEf", "db-GhIjKl")),
    ],
)
@pytest.mark.parametrize("region", [None, "eu-west-1"])
def test_another_resource_is_told_apart_in_words(
    made: Callable[[Any], Json], old: object, new: object, called: tuple[str, str], region: str | None
) -> None:
    """The name of a function and its alias are in the message, and an alias is not the function."""
    gained, lost = said(made(old), made(new), region=region)
    assert gained != lost.replace("lost", "gained")
    assert (called[0] in lost, called[1] in gained) == (True, True)


def plan(*resources: tuple[str, Json]) -> Json:
    """What `terraform show -json` prints of a plan that makes some resources."""
    made = [
        {"address": f"{type_}.it", "mode": "managed", "type": type_, "name": "it", "values": values}
        for type_, values in resources
    ]
    changes = [
        {**{key: one[key] for key in one if key != "values"}, "change": {"actions": ["create"], "after": one["values"]}}
        for one in made
    ]
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": made}},
        "resource_changes": changes,
    }


def lets_in(action: str, resource: str) -> str:
    """A policy for another account, as a plan has it."""
    statement = {"Effect": "Allow", "Principal": {"AWS": HUB}, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


SEND = lets_in("sqs:SendMessage", "*")
PUBLISH = lets_in("sns:Publish", "*")


@pytest.mark.parametrize(
    ("type_", "said_by", "standing_on", "written"),
    [
        ("aws_sqs_queue", "queue_url", f"https://sqs.eu-central-1.amazonaws.com/{ACCOUNT}/", SEND),
        ("aws_sns_topic", "arn", f"arn:aws:sns:eu-central-1:{ACCOUNT}:", PUBLISH),
    ],
)
def test_a_policy_that_becomes_a_resource_of_its_own_says_what_it_said(
    tmp_path: Path, type_: str, said_by: str, standing_on: str, written: str
) -> None:
    """A property of a queue knows no Region, and its address does; a queue of another name is another one."""

    def policy_of(name: str) -> Json:
        return plan((type_, {"name": "it"}), (f"{type_}_policy", {said_by: f"{standing_on}{name}", "policy": written}))

    plans = [plan((type_, {"name": "it", "policy": written})), policy_of("it"), policy_of("other")]
    files = [tmp_path / f"{number}.json" for number in range(3)]
    for file, one in zip(files, plans, strict=True):
        file.write_text(json.dumps(one), encoding="utf-8")
    assert trustproof.diff(files[0], files[1], account=ACCOUNT).is_empty
    assert trustproof.diff(files[1], files[0], account=ACCOUNT).is_empty
    found = trustproof.diff(files[0], files[2], account=ACCOUNT)
    assert [one.direction for one in found.access] == ["gained", "lost"]


def on_shared_key(*accounts: str, action: str = "kms:Put*") -> Json:
    """A key whose policy names accounts, and what these may do."""
    named = [f"arn:aws:iam::{account}:root" for account in accounts]
    statement = {"Effect": "Allow", "Principal": {"AWS": named}, "Action": action, "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": statement}
    return {"K": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}}


@pytest.mark.parametrize("account", [ACCOUNT, None])
def test_another_account_gains_only_what_reaches_it(account: str | None) -> None:
    """KMS lets nobody of another account change the policy of a key, whatever it says; its own account it does."""

    def called(old: Json, new: Json) -> list[str]:
        found = trustproof.diff({"Resources": old}, {"Resources": new}, account=account)
        assert not found.undecided
        shown = [(one.counterexample, *(part.counterexample for part in one.further)) for one in found.gained]
        return [one.action for part in shown for one in part if one is not None]

    alone, shared = on_shared_key(ACCOUNT), on_shared_key(ACCOUNT, HUB)
    assert called(alone, shared) == called(shared, alone) == []
    wide = [on_shared_key(*accounts, action="kms:*") for accounts in ((ACCOUNT,), (ACCOUNT, HUB))]
    assert called(*wide) == ["kms:Decrypt"]
    assert called(on_shared_key(ACCOUNT, action="kms:Get*"), alone) == ["kms:PutKeyPolicy"]


@pytest.mark.parametrize(
    ("type_", "arguments", "action"),
    [
        ("aws_ses_identity_policy", 'name = "p"\nidentity = "-"', "ses:SendEmail"),
        ("aws_cloudsearch_domain_service_access_policy", 'domain_name = "-"', "cloudsearch:search"),
        ("aws_codeartifact_repository_permissions_policy", 'domain = "d"\nrepository = "-"', "codeartifact:*"),
        ("aws_ecrpublic_repository_policy", 'repository_name = "-"', "ecr-public:PutImage"),
    ],
)
def test_a_policy_of_terraform_on_another_resource_is_another_one(
    tmp_path: Path, type_: str, arguments: str, action: str
) -> None:
    """Also where no type of CloudFormation's has a property that says what it is put on."""
    document = "policy_document" if "codeartifact" in type_ else "access_policy" if "search" in type_ else "policy"
    statement = {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": action, "Resource": "*"}
    said = json.dumps(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    for side in ("old", "new"):
        (tmp_path / side).mkdir()
        put_on = arguments.replace("-", side)
        (tmp_path / side / "main.tf").write_text(f'resource "{type_}" "p" {{\n{put_on}\n{document} = {said}\n}}\n')
    sides = [trustproof.diff(tmp_path / "old", tmp_path / side, account="111122223333") for side in ("new", "old")]
    assert [[one.direction for one in found.access] for found in sides] == [["gained", "lost"], []]


def test_a_replica_of_another_key_is_that_key(tmp_path: Path) -> None:
    """Whoever may decrypt with it reads what the other key has encrypted, and no more what the one before has."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "kms:Decrypt", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    keys = [f"arn:aws:kms:us-east-1:111122223333:key/mrk-{name}" for name in ("1", "2")]
    sides = []
    for key in keys:
        (tmp_path / key[-1]).mkdir()
        said = f"primary_key_arn = {json.dumps(key)}\npolicy = {json.dumps(json.dumps(document))}"
        (tmp_path / key[-1] / "main.tf").write_text(f'resource "aws_kms_replica_key" "k" {{\n{said}\n}}\n')
        replica = {"Type": "AWS::KMS::ReplicaKey", "Properties": {"PrimaryKeyArn": key, "KeyPolicy": document}}
        sides.append({"Resources": {"K": replica}})
    for old, new in (sides, [tmp_path / "1", tmp_path / "2"]):
        found = trustproof.diff(old, new, account="111122223333", region="us-east-1").access
        assert [(one.direction, one.counterexample.resource) for one in found] == [
            ("gained", keys[1]),
            ("lost", keys[0]),
        ]
        assert trustproof.diff(old, old, account="111122223333").is_empty


@pytest.mark.parametrize(
    ("put_on", "about"),
    [
        (f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/q", {"Fn::Sub": "arn:aws:sqs:us-east-1:${AWS::AccountId}:q"}),
        ({"Ref": "Q"}, f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"),
    ],
)
def test_a_policy_is_compared_in_the_account_that_its_resource_is_written_with(put_on: Any, about: Any) -> None:
    """Where nobody says the account, it is that one: whoever gets in there has gained that."""
    sides = []
    for principal in ({"AWS": HUB}, "*"):
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": about}
        held = {"Version": "2012-10-17", "Statement": [statement]}
        policy = {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [put_on], "PolicyDocument": held}}
        queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}}
        sides.append({"Resources": {"Q": queue, "P": policy}})
    found = trustproof.diff(*sides).access
    assert [(one.direction, one.counterexample.resource) for one in found] == [
        ("gained", f"arn:aws:sqs:us-east-1:{ACCOUNT}:q")
    ]


@pytest.mark.parametrize("name", ["z", "a"])
def test_a_second_inline_policy_of_an_unknown_role_leaves_the_first_one_alone(tmp_path: Path, name: str) -> None:
    """Wherever it stands: the first one gives what it gave, and each has a name that Terraform makes up."""
    inline = (
        'resource "aws_iam_role_policy" "NAME" {\n  role = module.t.role_name\n  policy = jsonencode({\n'
        '    Version = "2012-10-17"\n    Statement = { Effect = "Allow", Action = "ACTION", Resource = "*" }\n  })\n}\n'
    )
    first = 'module "t" {\n  source = "git::https://example.com/t.git"\n}\n' + inline.replace("NAME", "m")
    first = first.replace("ACTION", "cloudwatch:PutMetricData")
    second = inline.replace("NAME", name).replace("ACTION", "ecs:UpdateTaskProtection")
    for side, text in (("old", first), ("new", first + second)):
        (tmp_path / side).mkdir()
        (tmp_path / side / "main.tf").write_text(text)
    for old, new in (("old", "new"), ("new", "old")):
        found = trustproof.diff(tmp_path / old, tmp_path / new, account=ACCOUNT)
        assert [one.counterexample.request.action for one in found.access] == ["ecs:UpdateTaskProtection"]


def test_what_an_api_completes_is_so_at_values_that_are_filled_in() -> None:
    """Beside callers who are known at deployment only, whoever is let in by a short entry is still anybody."""
    known: Json = {"Effect": "Allow", "Principal": {"AWS": {"Ref": "Callers"}}, "Action": "execute-api:Invoke"}
    health: Json = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke"}

    def api(*statements: Json) -> Json:
        properties = {"Name": "a", "Policy": {"Version": "2012-10-17", "Statement": [*statements]}}
        return {
            "Parameters": {"Callers": {"Type": "CommaDelimitedList"}},
            "Resources": {"A": {"Type": "AWS::ApiGateway::RestApi", "Properties": properties}},
        }

    before = {**known, "Resource": "*"}
    found = trustproof.diff(api(before), api(before, {**health, "Resource": "execute-api:/live/GET/health"}))
    assert [one.counterexample.request.caller.kind for one in found.gained] == ["anonymous"]
    assert not found.undecided


@pytest.mark.parametrize(
    ("name", "called"),
    [("jobs", "jobs"), ("${AWS::StackName}", "(of StackName)"), ("jobs-${AWS::StackName}", "(of jobs-<StackName>)")],
)
def test_what_is_known_later_of_a_name_is_shown(name: str, called: str) -> None:
    """Also where a name ends with it."""
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": name}}}
    new = {"Q": queue, "P": standing("AWS::SQS::QueuePolicy", action="sqs:SendMessage", Queues=[{"Ref": "Q"}])}
    (found,) = said({"Q": queue}, new)
    assert found.endswith(called)
