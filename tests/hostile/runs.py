"""
Runs about a megabyte of input that is no single template: directories, configurations, plans, what AWS answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.hostile import hcl
from tests.hostile.constructions import ALLOW, role
from tests.hostile.megabyte import policy_variables
from trustproof.analysis.assignments.template_assignments import MAX_READ_TOGETHER

#: Writes its files into a directory, and returns what is to be checked there.
Run = Callable[[Path], Sequence[str]]

_EVERYTHING = {"Action": "*", "Resource": "*"}
_ASSUME = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}


def _write(file: Path, content: object) -> Sequence[str]:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return [file.name]


def _account(n: int) -> str:
    return f"arn:aws:iam::{n:012d}:root"


# -- many templates


def exports(folder: Path) -> Sequence[str]:
    """Templates of which each imports what all others export."""
    count = 180
    for n in range(count):
        imported = [{"Fn::ImportValue": f"e{k}"} for k in range(count) if k != n]
        one = role({**ALLOW, "Principal": {"AWS": imported}}, RoleName=f"r{n}")
        output = {"Value": {"Fn::GetAtt": ["R", "Arn"]}, "Export": {"Name": f"e{n}"}}
        _write(folder / "t" / f"{n}.json", {"Resources": {"R": one}, "Outputs": {"O": output}})
    return ["t"]


def chained_exports(folder: Path) -> Sequence[str]:
    """Templates of which each passes on what it has from the one before."""
    for n in range(2_000):
        value: object = {"Fn::ImportValue": f"e{n - 1}"} if n else "arn:aws:iam::111122223333:root"
        one = role({**ALLOW, "Principal": {"AWS": value}})
        _write(
            folder / "t" / f"{n}.json",
            {"Resources": {"R": one}, "Outputs": {"O": {"Value": value, "Export": {"Name": f"e{n}"}}}},
        )
    return ["t"]


def doubled_exports(folder: Path, count: int = 60) -> Sequence[str]:
    """Templates of which each exports twice what the next one exports."""
    for n in range(count):
        one = role({**ALLOW, "Principal": {"AWS": {"Fn::ImportValue": "e1"}}})
        twice: object = {"Fn::Join": ["", [{"Fn::ImportValue": f"e{n + 1}"}] * 2]} if n + 1 < count else "x"
        output = {"O": {"Value": twice, "Export": {"Name": f"e{n}"}}}
        _write(folder / "t" / f"{n}.json", {"Resources": {} if n else {"R": one}, "Outputs": output})
    return ["t"]


def doubled_outputs(folder: Path, count: int = 60) -> Sequence[str]:
    """Templates nested in each other, of which each puts out twice what the one inside does."""
    for n in range(count):
        one = role({**ALLOW, "Principal": {"AWS": {"Fn::GetAtt": ["S", "Outputs.O"]}}})
        inner = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": f"{n + 1}.json"}}
        twice: object = {"Fn::Sub": "${S.Outputs.O}" * 2} if n + 1 < count else "x"
        resources = {**({} if n + 1 == count else {"S": inner}), **({} if n else {"R": one})}
        _write(folder / "t" / f"{n}.json", {"Resources": resources, "Outputs": {"O": {"Value": twice}}})
    return ["t"]


def nested_stacks(folder: Path) -> Sequence[str]:
    """A template with as many nested stacks, each in a file of its own."""
    child = {"Parameters": {"P": {"Type": "String"}}, "Resources": {"R": role({**ALLOW, "Principal": {"AWS": "@"}})}}
    text = json.dumps(child).replace('"@"', '{"Ref": "P"}')
    count = 1_500
    stacks = {
        f"S{n}": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": f"c{n}.json", "Parameters": {"P": _account(n)}},
        }
        for n in range(count)
    }
    for n in range(count):
        _write(folder / "t" / f"c{n}.json", text)
    _write(folder / "t" / "parent.json", {"Resources": stacks})
    return ["t"]


def one_nested_stack(folder: Path) -> Sequence[str]:
    """A template that nests the same one as often as fits, with other parameters each time."""
    child = {"Parameters": {"P": {"Type": "String"}}, "Resources": {"R": role({**ALLOW, "Principal": {"AWS": "@"}})}}
    _write(folder / "t" / "child.json", json.dumps(child).replace('"@"', '{"Ref": "P"}'))
    stacks = {
        f"S{n}": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": "child.json", "Parameters": {"P": _account(n)}},
        }
        for n in range(5_500)
    }
    _write(folder / "t" / "parent.json", {"Resources": stacks})
    return ["t"]


def small_files(folder: Path) -> Sequence[str]:
    """As many small templates."""
    for n in range(4_000):
        _write(folder / "t" / f"{n}.json", {"Resources": {"R": role({**ALLOW, "Principal": {"AWS": _account(n)}})}})
    return ["t"]


def deep_directories(folder: Path) -> Sequence[str]:
    """A template in each of many directories inside each other: as many as Python itself can list and remove."""
    place = folder / "t"
    for _ in range(700):
        _write(place / "t.json", {"Resources": {"R": role(ALLOW)}})
        place = place / "d"
    return ["t"]


def same_role_names(folder: Path) -> Sequence[str]:
    """Templates that declare roles of the same name, and name each other's."""
    for n in range(800):
        named = {"AWS": f"arn:aws:iam::111122223333:role/r{(n + 1) % 400}"}
        one = role({**ALLOW, "Principal": named}, RoleName=f"r{n % 400}", Policies=[_named_policy()])
        users = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": _ASSUME, "Roles": [f"r{n % 399}"]}}
        _write(folder / "t" / f"{n}.json", {"Resources": {"R": one, "P": users}})
    return ["t"]


def _named_policy() -> object:
    return {"PolicyName": "p", "PolicyDocument": _ASSUME}


# -- what AWS answers


def account_details(folder: Path) -> Sequence[str]:
    """What get-account-authorization-details prints of a large account."""
    policies = [
        {
            "PolicyName": f"p{n}",
            "Arn": f"arn:aws:iam::111122223333:policy/p{n}",
            "DefaultVersionId": "v1",
            "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": True, "Document": _ASSUME}],
        }
        for n in range(400)
    ]
    attached = [{"PolicyName": p["PolicyName"], "PolicyArn": p["Arn"]} for p in policies[:20]]
    roles = [
        {
            "RoleName": f"r{n}",
            "Arn": f"arn:aws:iam::111122223333:role/r{n}",
            "AssumeRolePolicyDocument": {"Statement": [{**ALLOW, "Principal": {"AWS": _account(n)}}]},
            "RolePolicyList": [],
            "AttachedManagedPolicies": attached if n % 4 == 0 else [],
        }
        for n in range(1_300)
    ]
    users = [
        {
            "UserName": f"u{n}",
            "Arn": f"arn:aws:iam::111122223333:user/u{n}",
            "GroupList": [f"g{k}" for k in range(20)],
            "AttachedManagedPolicies": [],
        }
        for n in range(1_000)
    ]
    groups = [
        {
            "GroupName": f"g{n}",
            "Arn": f"arn:aws:iam::111122223333:group/g{n}",
            "GroupPolicyList": [_named_policy()],
            "AttachedManagedPolicies": [],
        }
        for n in range(20)
    ]
    return _write(
        folder / "details.json",
        {"UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": roles, "Policies": policies},
    )


def grouped_users(folder: Path) -> Sequence[str]:
    """Users who are in all groups and have all policies, with conditions on the tags of whoever calls."""
    tagged = [
        {**_EVERYTHING, "Effect": effect, "Condition": {"StringNotLike": {f"aws:PrincipalTag/t{n}": "*a*b*c*"}}}
        for n in range(40)
        for effect in ("Deny" if n % 2 else "Allow",)
    ]
    administrators = {"Statement": [{**_EVERYTHING, "Effect": "Allow", "Action": "iam:*"}] * 20}
    policies = [
        {
            "PolicyName": f"p{n}",
            "Arn": f"arn:aws:iam::111122223333:policy/p{n}",
            "DefaultVersionId": "v1",
            "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": True, "Document": administrators}],
        }
        for n in range(10)
    ]
    attached = [{"PolicyName": p["PolicyName"], "PolicyArn": p["Arn"]} for p in policies]
    users = [
        {
            "UserName": f"u{n}",
            "Arn": f"arn:aws:iam::111122223333:user/u{n}",
            "GroupList": [f"g{k}" for k in range(len(tagged))],
            "AttachedManagedPolicies": attached,
        }
        for n in range(400)
    ]
    groups = [
        {
            "GroupName": f"g{n}",
            "Arn": f"arn:aws:iam::111122223333:group/g{n}",
            "GroupPolicyList": [{"PolicyName": "x", "PolicyDocument": {"Statement": [one]}}],
            "AttachedManagedPolicies": [],
        }
        for n, one in enumerate(tagged)
    ]
    return _write(
        folder / "details.json",
        {"UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": [], "Policies": policies},
    )


# -- Terraform


def _trust(n: int) -> str:
    return json.dumps({"Statement": [{**ALLOW, "Principal": {"AWS": _account(n)}}]})


def plan(folder: Path) -> Sequence[str]:
    """A plan with as many roles."""
    count = 1_700
    resources = [
        {
            "address": f"aws_iam_role.r{n}",
            "mode": "managed",
            "type": "aws_iam_role",
            "name": f"r{n}",
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "values": {"name": f"r{n}", "assume_role_policy": _trust(n)},
        }
        for n in range(count)
    ]
    changes = [
        {
            "address": one["address"],
            "mode": "managed",
            "type": "aws_iam_role",
            "name": one["name"],
            "change": {"actions": ["create"], "before": None, "after": one["values"], "after_unknown": {}},
        }
        for one in resources
    ]
    return _write(
        folder / "plan.json",
        {
            "format_version": "1.2",
            "terraform_version": "1.9.0",
            "planned_values": {"root_module": {"resources": resources}},
            "resource_changes": changes,
            "configuration": {"root_module": {}},
        },
    )


def counted_plan(folder: Path) -> Sequence[str]:
    """A plan whose configuration says of a block that it makes as many instances as a number of digits can say."""
    address = {"address": "aws_iam_role.r", "mode": "managed", "type": "aws_iam_role", "name": "r"}
    block = {**address, "count_expression": {"constant_value": 10**4_000}}
    made = {**address, "address": "aws_iam_role.r[0]", "values": {"name": "r", "assume_role_policy": _trust(1)}}
    change = {"actions": ["create"], "before": None, "after": made["values"], "after_unknown": {}}
    return _write(
        folder / "plan.json",
        {
            "format_version": "1.2",
            "planned_values": {"root_module": {"resources": [made]}},
            "resource_changes": [{**made, "change": change}],
            "configuration": {"root_module": {"resources": [block]}},
        },
    )


def state(folder: Path) -> Sequence[str]:
    """A state with as many roles, and instances of one."""
    resources = [
        {
            "mode": "managed",
            "type": "aws_iam_role",
            "name": f"r{n}",
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [
                {
                    "attributes": {
                        "name": f"r{n}",
                        "arn": f"arn:aws:iam::111122223333:role/r{n}",
                        "assume_role_policy": _trust(n),
                    }
                }
            ],
        }
        for n in range(2_300)
    ]
    content = {"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "outputs": {}}
    return _write(folder / "terraform.tfstate", {**content, "resources": resources})


def configuration(folder: Path) -> Sequence[str]:
    """A configuration with as many roles."""
    blocks = [
        f'resource "aws_iam_role" "r{n}" {{\n  name = "r{n}"\n  assume_role_policy = jsonencode({{\n    Statement = '
        f'[{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "{_account(n)}" }} }}]\n  }})\n}}\n'
        for n in range(4_500)
    ]
    _write(folder / "t" / "main.tf", "".join(blocks))
    return ["t"]


def imports(folder: Path) -> Sequence[str]:
    """A configuration with as many roles, of which a block ``import`` takes over each."""
    blocks = [
        f'import {{\n  to = aws_iam_role.r{n}\n  id = "r{n}"\n}}\nresource "aws_iam_role" "r{n}" {{\n  name = "r{n}"\n'
        f'  assume_role_policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", '
        f'Principal = {{ AWS = "{_account(n)}" }} }}] }})\n}}\n'
        for n in range(3_700)
    ]
    (folder / "main.tf").write_text("".join(blocks), encoding="utf-8")
    return ["."]


def dynamic_statements(folder: Path) -> Sequence[str]:
    """A configuration with as many documents, of which the statements are made for each of three accounts."""
    blocks = [
        f'data "aws_iam_policy_document" "d{n}" {{\n  dynamic "statement" {{\n    for_each = local.accounts\n'
        f'    content {{\n      actions = ["sts:AssumeRole"]\n      dynamic "principals" {{\n'
        f'        for_each = [statement.value, "{n:012d}"]\n        content {{\n          type = "AWS"\n'
        f'          identifiers = ["arn:aws:iam::${{principals.value}}:root"]\n        }}\n      }}\n'
        f'      dynamic "condition" {{\n        for_each = statement.key == "a" ? [1] : []\n        content {{\n'
        f'          test = "StringEquals"\n          variable = "sts:ExternalId"\n'
        f'          values = ["x${{condition.value}}"]\n        }}\n      }}\n    }}\n  }}\n}}\n'
        f'resource "aws_iam_role" "r{n}" {{\n  assume_role_policy = data.aws_iam_policy_document.d{n}.json\n}}\n'
        for n in range(1_450)
    ]
    accounts = 'locals {\n  accounts = { a = "111122223333", b = "222233334444", c = "333344445555" }\n}\n'
    _write(folder / "main.tf", accounts + "".join(blocks))
    return ["."]


def chained_documents(folder: Path) -> Sequence[str]:
    """A configuration with as many documents, of which each has the statements of those before it, up to fifty."""
    blocks = [
        f'data "aws_iam_policy_document" "d{n}" {{\n'
        + (f"  source_policy_documents = [data.aws_iam_policy_document.d{n - 1}.json]\n" if n % 50 else "")
        + f'  statement {{\n    sid = "s{n}"\n    actions = ["sts:AssumeRole"]\n    principals {{\n      type = "AWS"\n'
        f'      identifiers = ["{n:012d}"]\n    }}\n  }}\n}}\n'
        f'resource "aws_iam_role" "r{n}" {{\n  assume_role_policy = data.aws_iam_policy_document.d{n}.json\n}}\n'
        for n in range(2_600)
    ]
    _write(folder / "main.tf", "".join(blocks))
    return ["."]


def exported_roles(folder: Path) -> Sequence[str]:
    """Two templates: the roles of the one are exported, and let into those of the other."""

    def entered_by(principal: object, name: str) -> object:
        trust = {"Version": "2012-10-17", "Statement": [{**ALLOW, "Principal": {"AWS": principal}}]}
        return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, "RoleName": name}}

    roles = {f"R{n}": entered_by("111122223333", f"a{n}") for n in range(1_500)}
    outputs = {f"O{n}": {"Value": {"Fn::GetAtt": [f"R{n}", "Arn"]}, "Export": {"Name": f"e{n}"}} for n in range(1_500)}
    theirs = {f"R{n}": entered_by({"Fn::ImportValue": f"e{n}"}, f"b{n}") for n in range(1_800)}
    _write(folder / "a.json", {"Resources": roles, "Outputs": outputs})
    _write(folder / "b.json", {"Resources": theirs})
    return ["."]


def variables(folder: Path) -> Sequence[str]:
    """A configuration with a policy of as many variables, of which each may be anything."""
    names = [f"v{n}" for n in range(5_000)]
    text = "\n".join(f"${{var.{name}}}" for name in names)
    declared = "".join(f'variable "{name}" {{\n  default = "{"x" * 100}"\n}}\n' for name in names)
    trust = f'resource "aws_iam_role" "r" {{\n  assume_role_policy = <<EOT\n{text}\nEOT\n}}\n'
    _write(folder / "main.tf", trust + declared)
    return ["."]


def chained_locals(folder: Path) -> Sequence[str]:
    """A configuration of locals that refer to one another, and roles that ask for each."""
    blocks = ["locals {\n", '  l0 = "arn:aws:iam::111122223333:root"\n']
    blocks += [f'  l{n} = "${{local.l{n - 1}}}"\n' for n in range(1, 3_500)]
    blocks += ["}\n"]
    blocks += [
        f'resource "aws_iam_role" "r{n}" {{\n  assume_role_policy = jsonencode({{ Statement = [{{ Effect = "Allow", '
        f'Action = "sts:AssumeRole", Principal = {{ AWS = local.l{n} }} }}] }})\n}}\n'
        for n in range(3_499)
    ]
    _write(folder / "t" / "main.tf", "".join(blocks))
    return ["t"]


def looped_locals(folder: Path) -> Sequence[str]:
    """A configuration of lists, of which each is put together of the one before and of a loop over that before it."""
    count = 16_000
    lines = (f"  a{n} = concat(local.a{n - 1}, [for x in local.a{max(n - 2, 0)} : x])\n" for n in range(1, count))
    document = f'{{Statement=[{{Effect="Allow",Action="sts:AssumeRole",Principal={{AWS=local.a{count - 1}}}}}]}}'
    role = f'resource "aws_iam_role" "r" {{\n  assume_role_policy = jsonencode({document})\n}}\n'
    _write(folder / "main.tf", f'locals {{\n  a0 = ["111122223333"]\n{"".join(lines)}}}\n{role}')
    return ["."]


def instances_of_one_role(folder: Path) -> Sequence[str]:
    """As many roles as a line makes."""
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{**ALLOW, "Principal": {"AWS": "111122223333"}}]})
    text = f'resource "aws_iam_role" "r" {{\n  count = 20000\n  assume_role_policy = jsonencode({trust})\n}}\n'
    (folder / "main.tf").write_text(text, encoding="utf-8")
    return ["."]


def modules(folder: Path) -> Sequence[str]:
    """A configuration that calls a module as often as fits."""
    _write(
        folder / "t" / "m" / "main.tf",
        'variable "who" {}\nresource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({ Statement = [{ '
        'Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = var.who } }] })\n}\n',
    )
    calls = [f'module "m{n}" {{\n  source = "./m"\n  who = "{_account(n)}"\n}}\n' for n in range(11_000)]
    _write(folder / "t" / "main.tf", "".join(calls))
    return ["t"]


# -- the configuration


def _with_configuration(folder: Path, text: str, roles: int = 1) -> Sequence[str]:
    _write(folder / "trustproof.toml", text)
    resources = {f"R{n}": role({**ALLOW, "Principal": {"AWS": _account(n)}}) for n in range(roles)}
    return _write(folder / "t.json", {"Resources": resources})


def boundary(folder: Path) -> Sequence[str]:
    """A boundary of as many accounts, and roles that trust some of them."""
    accounts = ", ".join(f'"{n:012d}"' for n in range(60_000))
    return _with_configuration(folder, f"[boundary]\naccounts = [{accounts}]\n", 200)


def patterns_beside_accounts(folder: Path) -> Sequence[str]:
    """Roles that let in whoever is of some accounts, and a user who may assume roles of any, by hard patterns."""
    paths = patterns_of_accounts(folder)
    template = json.loads((folder / "t.json").read_text(encoding="utf-8"))
    statements = [
        {
            "Effect": ("Allow", "Deny")[number % 2],
            "Action": ["s3:Get*", "sts:AssumeRole"],
            "Resource": [f"arn:aws:*a*{one}*b*{number}*c*" for one in range(12)],
        }
        for number in range(68)
    ]
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    template["Resources"]["U"] = {"Type": "AWS::IAM::User", "Properties": {"Policies": [policy]}}
    _write(folder / "t.json", template)
    return paths


def hard_files(folder: Path) -> Sequence[str]:
    """A dozen files, which together are no longer than one, and each of which asks for as much work as it may have."""
    resources = json.loads(policy_variables())["Resources"]
    for number in range(12):
        _write(folder / "t" / f"{number}.json", {"Resources": dict([*resources.items()][number::12])})
    return ["t"]


def patterns_of_accounts(folder: Path) -> Sequence[str]:
    """A boundary of as many accounts, and roles that let in whoever is of accounts that end as some of them do."""
    accounts = [f"{200_000_000_000 + n}" for n in range(23_000)]
    _write(folder / "trustproof.toml", "[boundary]\naccounts = [" + ",".join(f'"{one}"' for one in accounts) + "]\n")
    condition = [{"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::*{n}:role/*"}} for n in range(2_300)]
    resources = {
        f"R{n}": role({**ALLOW, "Principal": {"AWS": "*"}, "Condition": one}) for n, one in enumerate(condition)
    }
    return _write(folder / "t.json", {"Resources": resources})


def _organized(folder: Path, denies: Sequence[object], targets: Sequence[str], roles: int) -> Sequence[str]:
    """A service control policy, and roles that trust all accounts of its organization together."""
    accounts = ",".join(f'"{200_000_000_000 + n}"' for n in range(max(len(targets), roles)))
    units = f'[organization.units]\nou-a1b2-00000001 = ["{200_000_000_000}"]\n'
    _write(folder / "trustproof.toml", f'[organization]\nroot = "r-a1b2"\naccounts = [{accounts}]\n{units}')
    properties = {"Name": "p", "Type": "SERVICE_CONTROL_POLICY", "Content": {"Statement": denies}, "TargetIds": targets}
    resources = {
        f"R{n}": role({**ALLOW, "Principal": {"AWS": f"arn:aws:iam::{200_000_000_000 + n}:root"}}) for n in range(roles)
    }
    policy = {"Type": "AWS::Organizations::Policy", "Properties": properties}
    return _write(folder / "t.json", {"Resources": {"P": policy, **resources}})


def _denial(number: int) -> object:
    """What keeps roles of some names from assuming roles."""
    condition = {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/x{number}*"}}
    return {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*", "Condition": condition}


def control_policy(folder: Path) -> Sequence[str]:
    """A service control policy of as many statements as fit."""
    return _organized(folder, [_denial(n) for n in range(6_500)], ["r-a1b2"], 50)


def controlled_accounts(folder: Path) -> Sequence[str]:
    """A service control policy that is attached to as many accounts, and roles that trust them."""
    targets = [f"{200_000_000_000 + n}" for n in range(15_000)]
    return _organized(folder, [_denial(n) for n in range(5)], targets, 1_800)


def third_parties(folder: Path) -> Sequence[str]:
    """As many third parties, and roles that trust them."""
    tables = [f'[[third-party]]\nname = "v{n}"\naccounts = ["{n:012d}"]\n' for n in range(18_000)]
    return _with_configuration(folder, "".join(tables), 200)


def waivers(folder: Path) -> Sequence[str]:
    """As many waivers, and findings that they are about or not."""
    tables = [
        f'[[waiver]]\nproperty = "inside-boundary"\nresource = "*x{n}*"\nreason = "r"\nowner = "o"\n'
        "expires = 2099-01-01\n"
        for n in range(6_000)
    ]
    return _with_configuration(folder, "".join(tables), 1_000)


def invariants(folder: Path) -> Sequence[str]:
    """As many invariants and patterns as are taken, and as many roles that they are about as are asked about."""
    patterns = ", ".join(f'"*x{k}*"' for k in range(9))
    tables = [
        f'[[invariant]]\nname = "i{n}"\nresources = ["*{n}", {patterns}]\naccounts = ["{n:012d}"]\n' for n in range(200)
    ]
    return _with_configuration(folder, "".join(tables), 480)


def dotted_keys(folder: Path) -> Sequence[str]:
    """A configuration of one key that has as many parts."""
    return _with_configuration(folder, ".".join(["a"] * 400_000) + " = 1\n")


def excludes(folder: Path) -> Sequence[str]:
    """As many patterns of what is left out, and files to try them on."""
    patterns = ", ".join(f'"a{n}/**/b*{n}"' for n in range(40_000))
    _with_configuration(folder, f"exclude = [{patterns}]\n")
    for n in range(200):
        _write(folder / "t" / f"{n}" / "t.json", {"Resources": {"R": role(ALLOW)}})
    return ["."]


def values_of_parameters(folder: Path) -> Sequence[str]:
    """As many roles as are read at each of sixty values of two parameters."""
    others = [f"{n:012d}" for n in range(1, 30)]
    trust = {
        **ALLOW,
        "Principal": {"AWS": {"Ref": "Caller"}},
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": {"Ref": "Mfa"}}},
    }
    parameters = {
        "Caller": {"Type": "String", "Default": "*", "AllowedValues": ["*", *others]},
        "Mfa": {"Type": "String", "Default": "true", "AllowedValues": ["true", "false"]},
    }
    roles = {f"R{n}": role(trust) for n in range(MAX_READ_TOGETHER // 60)}
    return _write(folder / "t.json", {"Parameters": parameters, "Resources": roles})


RUNS: Mapping[str, Run] = {
    one.__name__.replace("_", "-"): one
    for one in (
        account_details,
        boundary,
        chained_documents,
        chained_exports,
        chained_locals,
        configuration,
        control_policy,
        controlled_accounts,
        counted_plan,
        deep_directories,
        dotted_keys,
        doubled_exports,
        doubled_outputs,
        dynamic_statements,
        excludes,
        exported_roles,
        exports,
        grouped_users,
        hcl.blanks_behind_a_number,
        hcl.blanks_between_comments,
        hcl.dense_hcl,
        hcl.errors_in_hcl,
        hcl.files_of_errors_in_hcl,
        hcl.files_of_commas,
        hcl.short_files_of_commas,
        hard_files,
        imports,
        looped_locals,
        instances_of_one_role,
        invariants,
        modules,
        nested_stacks,
        one_nested_stack,
        patterns_beside_accounts,
        patterns_of_accounts,
        plan,
        same_role_names,
        small_files,
        state,
        third_parties,
        values_of_parameters,
        variables,
        waivers,
    )
}
