"""
Templates of about a megabyte, the most that CloudFormation takes: much of one thing each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from tests.hostile import constructions
from tests.hostile.constructions import ALLOW, role
from trustproof.model.text import MAX_VARIABLES

_SIZE = 1_000_000


def filled(one: Callable[[int], object], **sections: object) -> str:
    """A template with as many of a resource as fit into a megabyte."""
    size = len(json.dumps(one(10_000))) + 20
    count = (_SIZE - len(json.dumps(sections))) // size
    return json.dumps({**sections, "Resources": {f"R{n}": one(n) for n in range(count)}})


def _account(n: int) -> str:
    return f"arn:aws:iam::{n:012d}:root"


def roles() -> str:
    """Roles that trust one account each."""
    return filled(lambda n: role({**ALLOW, "Principal": {"AWS": _account(n)}}))


def equal_roles() -> str:
    """Roles that trust everybody."""
    return filled(lambda n: role(ALLOW))


def roles_with_policies() -> str:
    """Roles with a policy of their own, which may assume each other."""
    assume = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}
    return filled(lambda n: role(ALLOW, RoleName=f"r{n}", Policies=[{"PolicyName": "p", "PolicyDocument": assume}]))


def chained_roles() -> str:
    """Roles of which each may assume the next."""

    def one(n: int) -> object:
        named = f"arn:aws:iam::111122223333:role/r{n + 1}"
        assume = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": named}]}
        before = {"AWS": f"arn:aws:iam::111122223333:role/r{n - 1}"}
        return role(
            {**ALLOW, "Principal": before},
            RoleName=f"r{n}",
            Policies=[{"PolicyName": "p", "PolicyDocument": assume}],
        )

    return filled(one)


def statements() -> str:
    """One role with as many statements, every second a Deny."""
    return constructions.many_statements(7_000)


def policies_of_one_role(count: int) -> dict[str, object]:
    """A role with so many policies."""
    document = {"Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}
    return role(ALLOW, Policies=[{"PolicyName": f"p{n}", "PolicyDocument": document} for n in range(count)])


def inline_policies() -> str:
    """One role with as many policies."""
    return json.dumps({"Resources": {"R": policies_of_one_role(8_000)}})


def principals() -> str:
    """One statement that names as many accounts."""
    named = [_account(n) for n in range(25_000)]
    return json.dumps({"Resources": {"R": role({**ALLOW, "Principal": {"AWS": named}})}})


def operands() -> str:
    """One condition with as many operands, wildcards in each."""
    condition = {"StringNotLike": {"sts:RoleSessionName": [f"*{n}?*" for n in range(70_000)]}}
    denied = {**ALLOW, "Effect": "Deny", "Condition": condition}
    return json.dumps({"Resources": {"R": role([ALLOW, denied])}})


def long_patterns() -> str:
    """Conditions with a few very long patterns."""
    denied = [
        {**ALLOW, "Effect": "Deny", "Condition": {"StringNotLike": {"sts:RoleSessionName": "*a?" * (30_000 + n)}}}
        for n in range(10)
    ]
    return json.dumps({"Resources": {"R": role([ALLOW, *denied])}})


def condition_keys() -> str:
    """One statement with as many condition keys."""
    condition = {"StringEquals": {f"aws:RequestTag/k{n}": "v" for n in range(25_000)}}
    return json.dumps({"Resources": {"R": role({**ALLOW, "Condition": condition})}})


def actions() -> str:
    """A policy with as many actions, and resources."""
    statement = {
        "Effect": "Allow",
        "Action": [f"iam:*{n}*" for n in range(20_000)],
        "Resource": [f"arn:aws:iam::*:role/*{n}*" for n in range(15_000)],
    }
    policies = [{"PolicyName": "p", "PolicyDocument": {"Statement": [statement]}}]
    return json.dumps({"Resources": {"R": role(ALLOW, Policies=policies)}})


def users_in_groups() -> str:
    """Users who are in every group."""
    groups = {f"G{n}": {"Type": "AWS::IAM::Group", "Properties": {"GroupName": f"g{n}"}} for n in range(100)}
    document = {"Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}
    for n in range(100):
        groups[f"G{n}"]["Properties"]["Policies"] = [{"PolicyName": "p", "PolicyDocument": document}]  # type: ignore[index]
    users = {
        f"U{n}": {"Type": "AWS::IAM::User", "Properties": {"Groups": [f"g{k}" for k in range(100)]}}
        for n in range(1_200)
    }
    return json.dumps({"Resources": {**groups, **users}})


def attached_policies() -> str:
    """Managed policies that are attached to every role."""
    names = [f"r{n}" for n in range(100)]
    document = {"Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}
    resources: dict[str, object] = {f"R{n}": role(ALLOW, RoleName=f"r{n}") for n in range(100)}
    for n in range(1_100):
        properties = {"PolicyDocument": document, "Roles": names}
        resources[f"P{n}"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
    return json.dumps({"Resources": resources})


def users_with_policies_of_aws() -> str:
    """Users who have the same large policies of AWS."""
    names = [f"arn:aws:iam::aws:policy/{name}" for name in ("ReadOnlyAccess", "PowerUserAccess")]
    return filled(lambda n: {"Type": "AWS::IAM::User", "Properties": {"UserName": f"u{n}", "ManagedPolicyArns": names}})


def bucket_policies() -> str:
    """Policies of buckets."""
    document = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}
    return filled(
        lambda n: {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": f"b{n}", "PolicyDocument": document}}
    )


def parameters() -> str:
    """Parameters with as many values, all of them compared in one condition."""
    declared = {
        f"P{n}": {"Type": "String", "AllowedValues": [f"{n}-{k}" for k in range(1_000)], "Default": f"{n}-0"}
        for n in range(80)
    }
    statement = {**ALLOW, "Condition": {"StringEquals": {"sts:ExternalId": [{"Ref": name} for name in declared]}}}
    return json.dumps({"Parameters": declared, "Resources": {"R": role(statement)}})


def conditions() -> str:
    """Roles of which a condition each decides whether they are there."""
    declared = {f"P{n}": {"Type": "String"} for n in range(2_500)}
    compared = {f"C{n}": {"Fn::Equals": [{"Ref": f"P{n}"}, "x"]} for n in range(2_500)}
    return json.dumps(
        {
            "Parameters": declared,
            "Conditions": compared,
            "Resources": {f"R{n}": {**role(ALLOW), "Condition": f"C{n}"} for n in range(2_500)},
        }
    )


def mappings() -> str:
    """A large mapping that a role looks up by what nobody knows."""
    table = {f"k{n}": {"v": f"{n:012d}"} for n in range(25_000)}
    found = {"Fn::FindInMap": ["M", {"Ref": "P"}, "v"]}
    return json.dumps(
        {
            "Parameters": {"P": {"Type": "String"}},
            "Mappings": {"M": table},
            "Resources": {"R": role({**ALLOW, "Principal": {"AWS": found}})},
        }
    )


def references() -> str:
    """Roles that refer to each other's names in a long row."""
    return constructions.deep_reference(4_200)


def patterns() -> str:
    """Roles with patterns that are hard to tell apart."""
    return constructions.hard_patterns(700)


def stack_sets() -> str:
    """StackSets with a template each."""
    body = json.dumps({"Resources": {"Role": role(ALLOW)}})
    return filled(
        lambda n: {
            "Type": "AWS::CloudFormation::StackSet",
            "Properties": {"StackSetName": f"s{n}", "TemplateBody": body},
        }
    )


def addresses(count: int = 48_000) -> str:
    """One condition with as many blocks of addresses, all of them different."""
    blocks = [f"{n >> 14 & 255}.{n >> 6 & 255}.{(n & 63) << 2}.0/24" for n in range(count)]
    denied = {**ALLOW, "Effect": "Deny", "Condition": {"NotIpAddress": {"aws:SourceIp": blocks}}}
    return json.dumps({"Resources": {"R": role([ALLOW, denied])}})


def found_in_map(keys: int = 800, roles: int = 1_200) -> str:
    """Roles that look up whom they trust in a large mapping, by two keys that nobody knows."""
    table = {f"k{n}": {f"v{k}": f"{n:06d}{k:06d}" for k in range(30)} for n in range(keys)}
    found = {"Fn::FindInMap": ["M", {"Ref": "P"}, {"Ref": "Q"}]}
    return json.dumps(
        {
            "Parameters": {"P": {"Type": "String"}, "Q": {"Type": "String"}},
            "Mappings": {"M": table},
            "Resources": {f"R{n}": role({**ALLOW, "Principal": {"AWS": found}}) for n in range(roles)},
        }
    )


def found_by_few() -> str:
    """Fewer roles that look up the same: there is more work for each."""
    return found_in_map(roles=40)


def question_marks(longest: int = 1_299) -> str:
    """Patterns of nothing but ``?``, each one longer than the other."""
    values = ["?" * n for n in range(1, longest + 1)]
    denied = {**ALLOW, "Effect": "Deny", "Condition": {"StringLike": {"sts:RoleSessionName": values}}}
    return json.dumps({"Resources": {"R": role([ALLOW, denied])}})


def policy_variables() -> str:
    """Roles that test as many policy variables in one text as are told apart, each text another one."""
    text = "".join(f"${{aws:PrincipalTag/{n}}}" for n in range(MAX_VARIABLES))

    def one(n: int) -> object:
        return role({**ALLOW, "Condition": {"StringLike": {"sts:RoleSessionName": f"{text}{n}"}}})

    return filled(one)


def nothing() -> str:
    """Resources of which nobody asks anything."""
    return filled(lambda n: {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": f"t{n}"}})


def substitutions() -> str:
    """One text with as many substitutions."""
    value = {"Fn::Sub": "${P}" * 100_000}
    statement = {**ALLOW, "Condition": {"StringEquals": {"sts:ExternalId": value}}}
    return json.dumps({"Parameters": {"P": {"Type": "String"}}, "Resources": {"R": role(statement)}})


def yaml_lines() -> str:
    """Roles, written as YAML."""
    lines = ["Resources:"]
    for n in range(3_800):
        lines += [f"  R{n}:", "    Type: AWS::IAM::Role", "    Properties:", "      AssumeRolePolicyDocument:"]
        lines += ["        Statement:", "          - Effect: Allow", "            Action: sts:AssumeRole"]
        lines += [f"            Principal: {{AWS: '{_account(n)}'}}"]
    return "\n".join(lines) + "\n"


MEGABYTES: Mapping[str, Callable[[], str]] = {
    one.__name__.replace("_", "-"): one
    for one in (
        actions,
        addresses,
        attached_policies,
        bucket_policies,
        chained_roles,
        condition_keys,
        conditions,
        equal_roles,
        found_by_few,
        found_in_map,
        inline_policies,
        long_patterns,
        mappings,
        nothing,
        operands,
        parameters,
        patterns,
        principals,
        policy_variables,
        question_marks,
        references,
        roles,
        roles_with_policies,
        stack_sets,
        statements,
        substitutions,
        users_in_groups,
        users_with_policies_of_aws,
        yaml_lines,
    )
}
