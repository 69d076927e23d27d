"""
Templates in which parameters with AllowedValues stand outside of policies, made by chance.
"""

from __future__ import annotations

import json
from itertools import product
from random import Random

OWN, INSIDE, OUTSIDE = "111122223333", "222233334444", "999988887777"
HOSTS = ("gitlab.example.com", "token.actions.githubusercontent.com")
Json = dict[str, object]

#: Parameters, to what each may be.
VALUES: dict[str, tuple[str, ...]] = {
    "Stage": ("dev", "prod"),
    "Name": ("first", "second"),
    "Version": ("2008-10-17", "2012-10-17"),
    "Url": tuple(f"https://{host}" for host in HOSTS),
    "Queue": tuple(f"https://sqs.us-east-1.amazonaws.com/{OWN}/{name}" for name in ("first", "second")),
    "Topic": tuple(f"arn:aws:sns:us-east-1:{OWN}:{name}" for name in ("first", "second")),
}
NAMES = ("first", "second", "dev-first", "prod-first", "dev-second")
MAPPINGS: Json = {"Names": {"dev": {"name": "first"}, "prod": {"name": "second"}}}
MFA: Json = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}


def name(rng: Random) -> object:
    """A name, as a template may write it."""
    return rng.choice(
        (
            rng.choice(NAMES),
            {"Ref": "Name"},
            {"Fn::Sub": "${Stage}-first"},
            {"Fn::Sub": "${Stage}-${Name}"},
            {"Fn::Join": ["-", [{"Ref": "Stage"}, "first"]]},
            {"Fn::FindInMap": ["Names", {"Ref": "Stage"}, "name"]},
            {"Fn::If": ["IsProd", "first", "second"]},
        )
    )


def named(rng: Random, key: str) -> Json:
    """The property with a name, or none."""
    return {key: name(rng)} if rng.random() < 0.85 else {}


def document(rng: Random, *statements: Json) -> Json:
    version: object = "2012-10-17" if rng.random() < 0.9 else {"Ref": "Version"}
    return {"Version": version, "Statement": list(statements)}


def tags(rng: Random) -> Json:
    return {"Tags": [{"Key": "stage", "Value": name(rng)}]} if rng.random() < 0.7 else {}


def arn(rng: Random, start: str) -> object:
    """The ARN of something of a name, or of all whose name begins so."""
    text = rng.choice((*NAMES, "dev-*", "prod-*", "f*", "*"))
    return f"arn:aws:{start}{text}" if rng.random() < 0.8 else {"Fn::Sub": f"arn:aws:{start}${{Stage}}-first"}


def condition(rng: Random, *keys: str) -> Json:
    operator = rng.choice(("StringEquals", "StringNotEquals", "StringLike"))
    return {operator: {rng.choice(keys): rng.choice((*NAMES, "dev-*"))}}


def resource_policy(rng: Random, service: str, start: str, place: object) -> Json:
    """Statements about a queue or a topic by its name or a tag."""
    statements = []
    for _ in range(rng.randint(1, 3)):
        resource = rng.choice(("*", place, arn(rng, start), arn(rng, start)))
        caller = rng.choice((OUTSIDE, OWN))
        one: Json = {"Effect": "Allow", "Principal": {"AWS": caller}, "Action": f"{service}:*", "Resource": resource}
        if rng.random() < 0.3:
            one.update({"Effect": "Deny", "Principal": "*"})
        if rng.random() < 0.2:
            one["Condition"] = condition(rng, "aws:ResourceTag/stage")
        statements.append(one)
    return document(rng, *statements)


def queue(rng: Random) -> Json:
    place = {"Fn::GetAtt": ["Q", "Arn"]}
    policy = resource_policy(rng, "sqs", f"sqs:us-east-1:{OWN}:", place)
    on = rng.choice(({"Ref": "Q"}, {"Ref": "Q"}, {"Ref": "Queue"}))
    return {
        "Q": {"Type": "AWS::SQS::Queue", "Properties": {**named(rng, "QueueName"), **tags(rng)}},
        "It": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [on], "PolicyDocument": policy}},
    }


def topic(rng: Random) -> Json:
    policy = resource_policy(rng, "sns", f"sns:us-east-1:{OWN}:", {"Ref": "T"})
    on = rng.choice(({"Ref": "T"}, {"Ref": "T"}, {"Ref": "Topic"}))
    return {
        "T": {"Type": "AWS::SNS::Topic", "Properties": {**named(rng, "TopicName"), **tags(rng)}},
        "It": {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [on], "PolicyDocument": policy}},
    }


def table(rng: Random) -> Json:
    policy = resource_policy(rng, "dynamodb", f"dynamodb:us-east-1:{OWN}:table/", "*")
    properties = {**named(rng, "TableName"), **tags(rng), "ResourcePolicy": {"PolicyDocument": policy}}
    return {"It": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}


def trust(rng: Random) -> Json:
    """A role that is entered by its tag, by a provider, or by another role of a name."""
    statements: list[Json] = []
    for _ in range(rng.randint(1, 2)):
        caller: object = rng.choice((OUTSIDE, OWN, {"Fn::Sub": f"arn:aws:iam::{OWN}:role/${{Stage}}-first"}))
        one: Json = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": caller}}
        if rng.random() < 0.7:
            one["Condition"] = condition(rng, "aws:ResourceTag/stage", "aws:PrincipalTag/stage", "sts:ExternalId")
        if rng.random() < 0.3:
            one["Effect"] = "Deny"
        statements.append(one)
    federated = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": {"Ref": "O"}},
        "Condition": {"StringEquals": {f"{rng.choice(HOSTS)}:aud": "sts.amazonaws.com"}},
    }
    if rng.random() < 0.4:
        statements.append(federated)
    url = {"Ref": "Url"} if rng.random() < 0.6 else f"https://{rng.choice(HOSTS)}"
    policy = document(rng, *statements)
    return {
        "O": {"Type": "AWS::IAM::OIDCProvider", "Properties": {"Url": url, "ClientIdList": ["sts.amazonaws.com"]}},
        "It": {
            "Type": "AWS::IAM::Role",
            "Properties": {**named(rng, "RoleName"), **tags(rng), "AssumeRolePolicyDocument": policy},
        },
    }


def guard(rng: Random) -> Json:
    """A Deny without MFA, for all or for who has a name."""
    one: Json = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": dict(MFA)}
    if rng.random() < 0.3:
        one["Condition"] = {**MFA, **condition(rng, "aws:username")}
    return document(rng, one)


def may(rng: Random) -> Json:
    """Something sensitive that somebody may do."""
    action, start = rng.choice((("iam:*", ""), ("iam:PutGroupPolicy", "group/"), ("iam:PutUserPolicy", "user/")))
    resource = arn(rng, f"iam::{OWN}:{start}") if start and rng.random() < 0.7 else "*"
    return document(rng, {"Effect": "Allow", "Action": action, "Resource": resource})


def _who(rng: Random, logical_id: str) -> object:
    return {"Ref": logical_id} if rng.random() < 0.5 else name(rng)


def _policy_arn(rng: Random) -> object:
    said = rng.choice((*NAMES, "${Stage}-first", "${Name}", "${Stage}-${Name}"))
    return rng.choice(({"Ref": "M"}, {"Fn::Sub": f"arn:aws:iam::{OWN}:policy/{said}"}))


def user(rng: Random) -> Json:
    """A user who may do something sensitive, and a guard that is attached by one name or another."""
    body: Json = {**named(rng, "UserName")}
    inline = [{"PolicyName": name(rng), "PolicyDocument": may(rng)}]
    if rng.random() < 0.4:
        inline.append({"PolicyName": name(rng), "PolicyDocument": guard(rng)})
    body["Policies"] = inline
    resources: Json = {"It": {"Type": "AWS::IAM::User", "Properties": body}}
    way = rng.choice(("UserPolicy", "Policy", "ManagedPolicy", "arn", "group", "member", "attachment", "boundary"))
    managed: Json = {**named(rng, "ManagedPolicyName"), "PolicyDocument": guard(rng)}
    if way == "UserPolicy":
        properties: Json = {"UserName": _who(rng, "It"), "PolicyName": name(rng), "PolicyDocument": guard(rng)}
        resources["G"] = {"Type": "AWS::IAM::UserPolicy", "Properties": properties}
    elif way == "Policy":
        properties = {"Users": [_who(rng, "It")], "PolicyName": name(rng), "PolicyDocument": guard(rng)}
        resources["G"] = {"Type": "AWS::IAM::Policy", "Properties": properties}
    elif way == "ManagedPolicy":
        managed["Users"] = [_who(rng, "It")]
        resources["M"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": managed}
    elif way in ("arn", "boundary"):
        resources["M"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": managed}
        said = _policy_arn(rng)
        body.update({"ManagedPolicyArns": [said]} if way == "arn" else {"PermissionsBoundary": said})
    else:
        group: Json = {**named(rng, "GroupName"), "Policies": [{"PolicyName": name(rng), "PolicyDocument": guard(rng)}]}
        resources["Group"] = {"Type": "AWS::IAM::Group", "Properties": group}
        if way == "group":
            body["Groups"] = [_who(rng, "Group")]
        else:
            properties = {"GroupName": _who(rng, "Group"), "Users": [_who(rng, "It")]}
            resources["In"] = {"Type": "AWS::IAM::UserToGroupAddition", "Properties": properties}
    return resources


def chain(rng: Random) -> Json:
    """A role that is entered with MFA, and one that lets it in by its name."""
    mfa: Json = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    first = document(rng, {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": OWN}, "Condition": mfa})
    said = rng.choice((*NAMES, "${Stage}-first", "${Name}"))
    source = rng.choice(({"Fn::GetAtt": ["A", "Arn"]}, {"Fn::Sub": f"arn:aws:iam::{OWN}:role/{said}"}))
    second = document(rng, {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": source}})
    asked = document(rng, {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn(rng, f"iam::{OWN}:role/")})
    inline = [{"PolicyName": "enter", "PolicyDocument": asked}] if rng.random() < 0.5 else []
    properties: Json = {**named(rng, "RoleName"), "AssumeRolePolicyDocument": first, "Policies": inline}
    resources: Json = {
        "A": {"Type": "AWS::IAM::Role", "Properties": properties},
        "It": {"Type": "AWS::IAM::Role", "Properties": {**named(rng, "RoleName"), "AssumeRolePolicyDocument": second}},
    }
    if rng.random() < 0.5:
        deny = document(rng, {"Effect": "Deny", "Action": "sts:*", "Resource": "*"})
        who = {"RoleName": _who(rng, "A"), "PolicyName": name(rng), "PolicyDocument": deny}
        resources["D"] = {"Type": "AWS::IAM::RolePolicy", "Properties": who}
    return resources


def template(rng: Random) -> Json:
    """A template with one of these."""
    resources = rng.choice((queue, topic, table, trust, user, user, user, chain))(rng)
    parameters = {
        key: {"Type": "String", "Default": rng.choice(values), "AllowedValues": list(values)}
        for key, values in VALUES.items()
    }
    return {
        "Parameters": parameters,
        "Mappings": MAPPINGS,
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": resources,
    }


def assignments(content: Json) -> list[dict[str, str]]:
    """All values of the parameters that a template reads."""
    text = json.dumps(content["Resources"])
    is_read = {key: f'"{key}"' in text or f"${{{key}}}" in text for key in VALUES}
    is_read["Stage"] = is_read["Stage"] or '"IsProd"' in text
    used = [[(key, value) for value in values] for key, values in VALUES.items() if is_read[key]]
    return [dict(chosen) for chosen in product(*used)]
