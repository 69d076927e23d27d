"""
Two sides with so many of one thing, of which each has changed: what a comparison of them costs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from tests.hostile.constructions import ALLOW, role
from tests.hostile.growing import Files

#: The account of everything that these templates name.
ACCOUNT = "111122223333"
_Resources = dict[str, object]


def _both(one: Callable[[int, bool], _Resources], count: int) -> Files:
    """A template on each side, with what a number and a side give."""
    sides = {"old": False, "new": True}
    made = {
        side: {name: it for n in range(count) for name, it in one(n, is_new).items()} for side, is_new in sides.items()
    }
    return {f"{side}/t.json": json.dumps({"Resources": resources}) for side, resources in made.items()}


def _resource(type_: str, **properties: object) -> _Resources:
    return {"Type": type_, "Properties": properties}


def _document(*statements: object) -> _Resources:
    return {"Version": "2012-10-17", "Statement": [*statements]}


def _allow(action: object, resource: object = "*", **more: object) -> _Resources:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def _inline(*statements: object) -> list[object]:
    return [{"PolicyName": "p", "PolicyDocument": _document(*statements)}]


def _user(number: int, *statements: object, **more: object) -> _Resources:
    return _resource("AWS::IAM::User", UserName=f"u{number}", Policies=_inline(*statements), **more)


def _trusting(principal: object, **more: object) -> _Resources:
    return role({**ALLOW, "Principal": {"AWS": principal}}, **more)


def _arn(kind: str, number: int) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{kind[0]}{number}"


def _bucket_policy(number: int, *statements: object) -> _Resources:
    return _resource("AWS::S3::BucketPolicy", Bucket=f"b{number}", PolicyDocument=_document(*statements))


def _other(number: int, is_new: bool) -> str:
    """An account, another one on each side."""
    return f"{number + 500_000 * is_new:012d}"


# -- what each of many policies says


def _denying_bucket(number: int, is_new: bool) -> _Resources:
    arn = f"arn:aws:s3:::b{number}"
    said = [_allow("s3:ListBucket", arn, Principal={"AWS": ACCOUNT})]
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{arn}/*"}
    return {
        f"U{number}": _user(number, _allow("s3:GetObject")),
        f"B{number}": _resource("AWS::S3::Bucket", BucketName=f"b{number}"),
        f"P{number}": _bucket_policy(number, *said, *([] if is_new else [denied])),
    }


def denying_buckets(count: int) -> Files:
    """Users who may read all objects, and as many buckets that denied it everybody."""
    return _both(_denying_bucket, count)


def newly_denying_buckets(count: int) -> Files:
    """The same, the other way round."""
    return _both(lambda number, is_new: _denying_bucket(number, not is_new), count)


def _limited_role(number: int, is_new: bool) -> _Resources:
    limits = _document(_allow("*" if is_new else "s3:*"))
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q{number}"
    sends = _allow("sqs:SendMessage", arn, Principal={"AWS": _arn("role", number)})
    url = f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/q{number}"
    return {
        f"R{number}": _trusting(
            _arn("role", number + 1),
            RoleName=f"r{number}",
            PermissionsBoundary={"Ref": f"B{number}"},
            Policies=_inline(_allow("sqs:*")),
        ),
        f"B{number}": _resource("AWS::IAM::ManagedPolicy", ManagedPolicyName=f"b{number}", PolicyDocument=limits),
        f"Q{number}": _resource("AWS::SQS::QueuePolicy", Queues=[url], PolicyDocument=_document(sends)),
    }


def boundaries(count: int) -> Files:
    """Roles with a permissions boundary each that allows more, and queues that name them."""
    return _both(_limited_role, count)


def _one_boundary(number: int, is_new: bool) -> _Resources:
    found = _limited_role(number, is_new)
    if number:
        del found[f"B{number}"]
    found[f"R{number}"]["Properties"]["PermissionsBoundary"] = {"Ref": "B0"}  # type: ignore[index]
    return found


def one_boundary(count: int) -> Files:
    """Roles with one permissions boundary that allows more, and queues that name them."""
    return _both(_one_boundary, count)


def _more_actions(number: int, is_new: bool) -> _Resources:
    return _allow(["s3:GetObject", "s3:PutObject"] if is_new else ["s3:GetObject"], f"arn:aws:s3:::b{number}/*")


def _reading_user(number: int, is_new: bool) -> _Resources:
    return {f"U{number}": _user(number, _more_actions(number, is_new))}


def inline_policies(count: int) -> Files:
    """Users with a policy of their own that allows more."""
    return _both(_reading_user, count)


def _managed_policy(number: int, is_new: bool) -> _Resources:
    document = _document(_more_actions(number, is_new))
    policy = _resource("AWS::IAM::ManagedPolicy", ManagedPolicyName=f"m{number}", PolicyDocument=document)
    return {f"M{number}": policy}


def managed_policies(count: int) -> Files:
    """Managed policies that allow more."""
    return _both(_managed_policy, count)


def _bucket(number: int, is_new: bool) -> _Resources:
    named = {"AWS": _other(number, is_new)}
    return {f"P{number}": _bucket_policy(number, _allow("s3:GetObject", f"arn:aws:s3:::b{number}/*", Principal=named))}


def buckets(count: int) -> Files:
    """Buckets that let in another account each."""
    return _both(_bucket, count)


def _key(number: int, is_new: bool) -> _Resources:
    named = {"AWS": [ACCOUNT, _other(number, is_new)]}
    document = _document(_allow("kms:*", Principal=named))
    return {f"K{number}": _resource("AWS::KMS::Key", KeyPolicy=document, Origin=("AWS_KMS", "EXTERNAL")[is_new])}


def keys(count: int) -> Files:
    """Keys without a name that another account each may use."""
    return _both(_key, count)


def _role(number: int, is_new: bool) -> _Resources:
    return {f"R{number}": _trusting(_other(number, is_new))}


def roles(count: int) -> Files:
    """Roles that trust another account each."""
    return _both(_role, count)


def _role_of_many(number: int, is_new: bool) -> _Resources:
    return {f"R{number}": _trusting([_other(50 * number + one, is_new) for one in range(50)])}


def roles_of_many(count: int) -> Files:
    """Roles that trust many other accounts each."""
    return _both(_role_of_many, count)


_ASSUME = "sts:AssumeRole"


def _opened_role(number: int, is_new: bool) -> _Resources:
    principal = "*" if is_new or number % 2 else ACCOUNT
    return {f"R{number}": _trusting(principal, RoleName=f"r{number}", Policies=_inline(_allow(_ASSUME)))}


def opened_roles(count: int) -> Files:
    """Roles that may assume each other, of which each second trusts everybody by now."""
    return _both(_opened_role, count)


def _denied_user(number: int, is_new: bool) -> _Resources:
    denied = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    reads = _allow("s3:GetObject", f"arn:aws:s3:::b{number}/*", Principal={"AWS": _arn("user", number)})
    return {
        f"U{number}": _user(number, _allow("sqs:*"), *([] if is_new else [denied])),
        f"P{number}": _bucket_policy(number, reads),
    }


def denied_users(count: int) -> Files:
    """Users who denied themselves what as many buckets allow them by name."""
    return _both(_denied_user, count)


def _user_of_all(number: int, is_new: bool) -> _Resources:
    found = _denied_user(number, is_new)
    found[f"P{number}"] = _bucket_policy(
        number,
        _allow(
            "s3:GetObject",
            f"arn:aws:s3:::b{number}/*",
            Principal={"AWS": "*"},
            Condition={"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/*"}},
        ),
    )
    return found


def denied_users_of_all(count: int) -> Files:
    """Users who denied themselves what as many buckets allow all of them."""
    return _both(_user_of_all, count)


def _denied_role(number: int, is_new: bool) -> _Resources:
    denied = {"Effect": "Deny", "Action": "sts:*", "Resource": "*"}
    policies = _inline(_allow("sqs:*"), *([] if is_new else [denied]))
    return {f"R{number}": _trusting(_arn("role", number + 1), RoleName=f"r{number}", Policies=policies)}


def denied_roles(count: int) -> Files:
    """Roles that denied themselves to assume the next one, which trusts them."""
    return _both(_denied_role, count)


def _narrowed_role(number: int, is_new: bool) -> _Resources:
    principal = _arn("role", number + 1) if is_new else ACCOUNT
    return {f"R{number}": _trusting(principal, RoleName=f"r{number}", Policies=_inline(_allow("sqs:*")))}


def narrowed_roles(count: int) -> Files:
    """Roles that trusted their account, and name one role of it by now."""
    return _both(_narrowed_role, count)


# -- what a few policies say of many


def groups(count: int) -> Files:
    """Groups of which each allows more, and users of whom each is in several."""

    def one(number: int, is_new: bool) -> _Resources:
        policies = _inline(_more_actions(number, is_new))
        in_ = [f"g{(number + place) % count}" for place in range(8)]
        return {
            f"G{number}": _resource("AWS::IAM::Group", GroupName=f"g{number}", Policies=policies),
            f"U{number}": _resource("AWS::IAM::User", UserName=f"u{number}", Groups=in_),
        }

    return _both(one, count)


def users_of_one_group(count: int) -> Files:
    """Users of one group that allows more."""

    def one(number: int, is_new: bool) -> _Resources:
        group = _resource("AWS::IAM::Group", GroupName="g", Policies=_inline(_more_actions(0, is_new)))
        user = {f"U{number}": _resource("AWS::IAM::User", UserName=f"u{number}", Groups=["g"])}
        return user if number else {"G": group, **user}

    return _both(one, count)


def control_policies(count: int) -> Files:
    """Service control policies that deny something else, and as many users."""

    def one(number: int, is_new: bool) -> _Resources:
        denied = {"Effect": "Deny", "Action": ["s3:GetObject", "s3:PutObject"][is_new], "Resource": "*"}
        held = {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::*:user/x{number}*"}}
        policy = _resource(
            "AWS::Organizations::Policy",
            Name=f"p{number}",
            Type="SERVICE_CONTROL_POLICY",
            Content=_document({**denied, "Condition": held}),
            TargetIds=[ACCOUNT],
        )
        return {f"P{number}": policy, f"U{number}": _user(number, _allow("s3:*", f"arn:aws:s3:::b{number}/*"))}

    return _both(one, count)


def one_control_policy(count: int) -> Files:
    """One service control policy that denies less, and as many users and buckets."""

    def one(number: int, is_new: bool) -> _Resources:
        denied = {"Effect": "Deny", "Action": "s3:PutObject" if is_new else "s3:*", "Resource": "*"}
        policy = _resource(
            "AWS::Organizations::Policy",
            Name="p",
            Type="SERVICE_CONTROL_POLICY",
            Content=_document(denied),
            TargetIds=[ACCOUNT],
        )
        found = {**_denying_bucket(number, True)}
        return found if number else {"C": policy, **found}

    return _both(one, count)


def one_policy(count: int) -> Files:
    """One role with as many statements, of which each names another account."""

    def one(is_new: bool) -> str:
        statements = [{**ALLOW, "Principal": {"AWS": _other(n, is_new)}} for n in range(count)]
        return json.dumps({"Resources": {"R": role(statements)}})

    return {"old/t.json": one(False), "new/t.json": one(True)}


def one_identity(count: int) -> Files:
    """One user with as many statements, of which each allows more."""

    def one(is_new: bool) -> str:
        return json.dumps({"Resources": {"U": _user(0, *(_more_actions(n, is_new) for n in range(count)))}})

    return {"old/t.json": one(False), "new/t.json": one(True)}


def one_denial(count: int) -> Files:
    """One bucket that denies nothing any more, and as many users who may read all objects."""

    def one(number: int, is_new: bool) -> _Resources:
        found = _denying_bucket(number, is_new or number > 0)
        return found if number == 0 else {f"U{number}": found[f"U{number}"]}

    return _both(one, count)


# -- chains


def _ring(number: int, to: int) -> _Resources:
    assume = _inline(_allow(_ASSUME, _arn("role", to)))
    return {f"R{number}": _trusting(_arn("role", 2 * number - to), RoleName=f"r{number}", Policies=assume)}


def chains(count: int) -> Files:
    """Roles of which each may assume the next one, or by now the one before."""
    return _both(lambda number, is_new: _ring(number, number - 1 if is_new else number + 1), count)


def one_link(count: int) -> Files:
    """Roles of which each may assume the next one, where one trusts somebody else by now."""

    def one(number: int, is_new: bool) -> _Resources:
        found = _ring(number, number + 1)
        if is_new and number == count // 2:
            found = {f"R{number}": _trusting(_arn("role", 0), RoleName=f"r{number}")}
        return found

    return _both(one, count)


# -- what is called otherwise


def renamed_roles(count: int) -> Files:
    """Roles without a name that are written under another logical id each, and trust another account."""
    return _both(lambda number, is_new: {f"R{number}x{is_new:d}": _trusting(_other(number, is_new))}, count)


def reordered_roles(count: int) -> Files:
    """Roles without a name that are written under the logical ids of each other's, in another order."""

    def one(number: int, is_new: bool) -> _Resources:
        whose = count - number if is_new else number
        return {f"R{number}x{is_new:d}": _trusting(f"{whose:012d}")}

    return _both(one, count)


def moved_roles(count: int) -> Files:
    """Roles in another path each, and policies that name them."""

    def one(number: int, is_new: bool) -> _Resources:
        found = _trusting({"Fn::GetAtt": [f"R{(number + 1) % count}", "Arn"]}, RoleName=f"r{number}")
        if is_new:
            found["Properties"]["Path"] = "/x/"  # type: ignore[index]
        return {f"R{number}": found}

    return _both(one, count)


def named_users(count: int) -> Files:
    """Users that have another name each."""

    def one(number: int, is_new: bool) -> _Resources:
        policies = _inline(_allow("s3:GetObject", f"arn:aws:s3:::b{number}/*"))
        return {f"U{number}": _resource("AWS::IAM::User", UserName=f"u{number}x{is_new:d}", Policies=policies)}

    return _both(one, count)


# -- what stands around policies


def tags(count: int) -> Files:
    """Users with another value of a tag each, and roles that look at these."""

    def one(number: int, is_new: bool) -> _Resources:
        tag = {"Key": f"k{number}", "Value": "new" if is_new else "old"}
        looked_at = {"StringEquals": {f"aws:PrincipalTag/k{number}": "new"}}
        trust = {**ALLOW, "Principal": {"AWS": ACCOUNT}, "Condition": looked_at}
        return {f"U{number}": _user(number, _allow(_ASSUME), Tags=[tag]), f"R{number}": role(trust)}

    return _both(one, count)


def one_tag(count: int) -> Files:
    """Users with another value of one tag each, and roles that look at it."""

    def one(number: int, is_new: bool) -> _Resources:
        tag = {"Key": "team", "Value": f"{'new' if is_new else 'old'}{number}"}
        looked_at = {"StringLike": {"aws:PrincipalTag/team": "new*"}}
        trust = {**ALLOW, "Principal": {"AWS": ACCOUNT}, "Condition": looked_at}
        return {f"U{number}": _user(number, _allow(_ASSUME), Tags=[tag]), f"R{number}": role(trust)}

    return _both(one, count)


def providers(count: int) -> Files:
    """Identity providers that register another audience each, and roles that trust them."""

    def one(number: int, is_new: bool) -> _Resources:
        issuer = f"i{number}.example.com"
        clients = ["a", "b"] if is_new else ["a"]
        provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"
        trust = {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": provider}}
        return {
            f"I{number}": _resource("AWS::IAM::OIDCProvider", Url=f"https://{issuer}", ClientIdList=clients),
            f"R{number}": role({**trust, "Condition": {"StringLike": {f"{issuer}:sub": "*"}}}),
        }

    return _both(one, count)


def parameters(count: int) -> Files:
    """Roles that trust whom a parameter each names, of two that it may, where one was another."""

    def one(is_new: bool) -> str:
        declared = {
            f"P{n}": {
                "Type": "String",
                "Default": _other(n, is_new),
                "AllowedValues": [_other(n, is_new), f"{n + 1_000:012d}"],
            }
            for n in range(count)
        }
        resources = {f"R{n}": _trusting({"Ref": f"P{n}"}) for n in range(count)}
        return json.dumps({"Parameters": declared, "Resources": resources})

    return {"old/t.json": one(False), "new/t.json": one(True)}


def conditions(count: int) -> Files:
    """Roles of which a condition each decides whether they are there, and trust another account each."""

    def one(is_new: bool) -> str:
        return json.dumps(
            {
                "Parameters": {f"P{n}": {"Type": "String"} for n in range(count)},
                "Conditions": {f"C{n}": {"Fn::Equals": [{"Ref": f"P{n}"}, "x"]} for n in range(count)},
                "Resources": {f"R{n}": {**_trusting(_other(n, is_new)), "Condition": f"C{n}"} for n in range(count)},
            }
        )

    return {"old/t.json": one(False), "new/t.json": one(True)}


# -- many files, and inputs that are no templates


def files(count: int) -> Files:
    """Templates with a role each that trusts another account."""
    sides = {"old": False, "new": True}
    return {
        f"{side}/{n}.json": json.dumps({"Resources": _role(n, is_new)})
        for side, is_new in sides.items()
        for n in range(count)
    }


def denying_files(count: int) -> Files:
    """Templates with a user and a bucket each that denied everybody what the user may."""
    sides = {"old": False, "new": True}
    return {
        f"{side}/{n}.json": json.dumps({"Resources": _denying_bucket(n, is_new)})
        for side, is_new in sides.items()
        for n in range(count)
    }


def plans(count: int) -> Files:
    """Plans of Terraform whose roles trust another account each."""

    def one(is_new: bool) -> str:
        address = {"mode": "managed", "type": "aws_iam_role"}
        found = [
            {
                **address,
                "address": f"aws_iam_role.r{n}",
                "name": f"r{n}",
                "provider_name": "registry.terraform.io/hashicorp/aws",
                "values": {
                    "name": f"r{n}",
                    "assume_role_policy": json.dumps(
                        _document({**ALLOW, "Principal": {"AWS": f"arn:aws:iam::{_other(n, is_new)}:root"}})
                    ),
                },
            }
            for n in range(count)
        ]
        changes = [
            {
                **address,
                "address": it["address"],
                "name": it["name"],
                "change": {"actions": ["create"], "before": None, "after": it["values"], "after_unknown": {}},
            }
            for it in found
        ]
        return json.dumps(
            {
                "format_version": "1.2",
                "terraform_version": "1.9.0",
                "planned_values": {"root_module": {"resources": found}},
                "resource_changes": changes,
                "configuration": {"root_module": {}},
            }
        )

    return {"old/plan.json": one(False), "new/plan.json": one(True)}


def configurations(count: int) -> Files:
    """Configurations of Terraform whose roles trust another account each."""

    def one(number: int, is_new: bool) -> str:
        trust = json.dumps(_document({**ALLOW, "Principal": {"AWS": f"arn:aws:iam::{_other(number, is_new)}:root"}}))
        return (
            f'resource "aws_iam_role" "r{number}" {{\n  name = "r{number}"\n  '
            f"assume_role_policy = jsonencode({trust})\n}}\n"
        )

    sides = {"old": False, "new": True}
    return {f"{side}/main.tf": "".join(one(n, is_new) for n in range(count)) for side, is_new in sides.items()}


def _of_variables(one: Callable[[int, bool], str], count: int) -> Files:
    """A configuration of Terraform on each side, with what a number and a side give."""
    sides = {"old": False, "new": True}
    return {f"{side}/main.tf": "".join(one(n, is_new) for n in range(count)) for side, is_new in sides.items()}


def _role_of_variable(number: int, principal: str, more: str = "") -> str:
    statement = f'{{Effect = "Allow", Action = "sts:AssumeRole", Principal = {{AWS = {principal}}}}}'
    return (
        f'resource "aws_iam_role" "r{number}" {{\n  name = "r{number}{more}"\n'
        f'  assume_role_policy = jsonencode({{Version = "2012-10-17", Statement = [{statement}]}})\n}}\n'
    )


def variables(count: int) -> Files:
    """Roles of a configuration of Terraform that trust a variable each, whose default is another account."""

    def one(number: int, is_new: bool) -> str:
        declared = f'variable "v{number}" {{\n  default = "{_other(number, is_new)}"\n}}\n'
        return declared + _role_of_variable(number, f"var.v{number}")

    return _of_variables(one, count)


def empty_variables(count: int) -> Files:
    """Roles of another name each, that trust a variable whose default is an empty list: AWS refuses them at it."""

    def one(number: int, is_new: bool) -> str:
        declared = f'variable "v{number}" {{\n  default = []\n}}\n'
        return declared + _role_of_variable(number, f"var.v{number}", "x" if is_new else "")

    return _of_variables(one, count)


def switches(count: int) -> Files:
    """Roles of which a variable each decides whether they are there, and trust another account each."""

    def one(number: int, is_new: bool) -> str:
        declared = f'variable "v{number}" {{\n  default = false\n}}\n'
        there = _role_of_variable(number, f'"{_other(number, is_new)}"')
        return declared + there.replace("{\n", f"{{\n  count = var.v{number} ? 1 : 0\n", 1)

    return _of_variables(one, count)


def rules(count: int) -> Files:
    """Roles that trust whom a parameter each names, and a rule about each of them."""

    def one(is_new: bool) -> str:
        default = [_other(n, is_new) for n in range(count)]
        equal = [{"Fn::Equals": [{"Ref": f"P{n}"}, default[n]]} for n in range(count)]
        return json.dumps(
            {
                "Parameters": {f"P{n}": {"Type": "String", "Default": default[n]} for n in range(count)},
                "Rules": {f"Q{n}": {"Assertions": [{"Assert": equal[n]}]} for n in range(count)},
                "Resources": {f"R{n}": _trusting({"Ref": f"P{n}"}) for n in range(count)},
            }
        )

    return {"old/t.json": one(False), "new/t.json": one(True)}


def mixed(count: int) -> Files:
    """A template with some of all that stands by itself."""
    parts = (
        _denying_bucket,
        _limited_role,
        _reading_user,
        _managed_policy,
        _bucket,
        _role,
        _role_of_many,
    )

    def one(number: int, is_new: bool) -> _Resources:
        # Numbers of their own, so that no two are called alike.
        return {
            f"X{place}{name}": json.loads(json.dumps(it).replace('{"Ref": "B', f'{{"Ref": "X{place}B'))
            for place, part in enumerate(parts)
            for name, it in part(len(parts) * number + place, is_new).items()
        }

    return _both(one, count)


COMPARISONS: Mapping[str, Callable[[int], Files]] = {
    one.__name__.replace("_", "-"): one
    for one in (
        boundaries,
        buckets,
        chains,
        conditions,
        configurations,
        control_policies,
        denied_roles,
        denied_users,
        denied_users_of_all,
        denying_buckets,
        denying_files,
        empty_variables,
        files,
        groups,
        inline_policies,
        keys,
        managed_policies,
        mixed,
        moved_roles,
        named_users,
        narrowed_roles,
        newly_denying_buckets,
        one_boundary,
        one_control_policy,
        one_denial,
        one_identity,
        one_link,
        one_policy,
        one_tag,
        opened_roles,
        parameters,
        plans,
        providers,
        renamed_roles,
        reordered_roles,
        roles,
        roles_of_many,
        rules,
        switches,
        tags,
        users_of_one_group,
        variables,
    )
}


def filled_sides(build: Callable[[int], Files], size: int) -> Files:
    """Two sides with as many of something as fit into so many bytes each, or nearly."""
    tried = 200
    count = tried * size // _larger(build(tried))
    while _larger(made := build(count)) > size:
        count -= count // 100 + 1
    return made


def _larger(files: Files) -> int:
    return max(sum(len(text) for name, text in files.items() if name.startswith(side)) for side in ("old/", "new/"))
