"""
Files of every other kind that is read, each with something of another type at one node: what AWS says of an account,
plans, states and configurations of Terraform, values of variables, manifests of assemblies, policies, baselines.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import trustproof
from tests.fuzz.mutations import places

ACCOUNT = "111122223333"
#: What stands at a node in place of what belongs there.
OTHERS: tuple[Any, ...] = (
    None, "x", "", "\ud800x", "a\0b", 1, -1, 1.5, 1e999, 10**400, True, [], {}, ["x"], [None], [[]], [{}], {"x": "y"},
    {"Ref": "x"}, "x" * 5_000, "${aws_iam_role.r.arn}", "../../x",
)  # fmt: skip

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        }
    ],
}
_GRANTS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}
_MANAGED = f"arn:aws:iam::{ACCOUNT}:policy/p"
_TAGS = [{"Key": "team", "Value": "a"}]
_INLINE = [{"PolicyName": "q", "PolicyDocument": _GRANTS}]
_ATTACHED = [{"PolicyName": "p", "PolicyArn": _MANAGED}]
_ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": _TRUST}}
_PROVIDER = "registry.terraform.io/hashicorp/aws"


def _of_account(kind: str, ident: str, **more: object) -> dict[str, object]:
    arn = f"arn:aws:iam::{ACCOUNT}:{kind.lower()}/{ident}"
    return {"Path": "/", f"{kind}Name": ident, f"{kind}Id": "AIDA", "Arn": arn, **more}


class Document(NamedTuple):
    """
    A file that is changed, in a directory with others that are not.
    """

    #: Its name in the directory.
    name: str
    content: Any
    #: The other files, by their names.
    beside: dict[str, str] = {}  # noqa: RUF012
    #: What is asked, in the directory; by default, to check it.
    ask: Callable[[Path], object] | None = None


def _baseline(folder: Path) -> object:
    config = trustproof.load_config(folder / "trustproof.toml")
    return trustproof.with_baseline(trustproof.check([folder], config=config), config)


def _configured(folder: Path) -> object:
    config = json.loads((folder / "config.txt").read_text(encoding="utf-8"))
    return trustproof.check([folder / "t.json"], config=config, today=date(2026, 1, 1))


def _dump() -> Any:
    return {
        "UserDetailList": [
            _of_account(
                "User",
                "u",
                GroupList=["g"],
                AttachedManagedPolicies=_ATTACHED,
                UserPolicyList=_INLINE,
                Tags=_TAGS,
                PermissionsBoundary={"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": _MANAGED},
            )
        ],
        "GroupDetailList": [_of_account("Group", "g", GroupPolicyList=_INLINE, AttachedManagedPolicies=_ATTACHED)],
        "RoleDetailList": [
            _of_account(
                "Role",
                "r",
                AssumeRolePolicyDocument=_TRUST,
                RolePolicyList=_INLINE,
                AttachedManagedPolicies=_ATTACHED,
                InstanceProfileList=[_of_account("InstanceProfile", "i", Roles=[])],
                MaxSessionDuration=3600,
                Tags=_TAGS,
            )
        ],
        "Policies": [
            _of_account(
                "Policy",
                "p",
                DefaultVersionId="v1",
                PolicyVersionList=[{"Document": _GRANTS, "VersionId": "v1", "IsDefaultVersion": True}],
            )
        ],
        "IsTruncated": False,
    }


def _state() -> Any:
    attributes = {
        "name": "r",
        "arn": f"arn:aws:iam::{ACCOUNT}:role/r",
        "assume_role_policy": json.dumps(_TRUST),
        "inline_policy": [{"name": "a", "policy": json.dumps(_GRANTS)}],
        "managed_policy_arns": [_MANAGED],
        "tags": {"team": "a"},
    }
    instance = {
        "index_key": 0,
        "schema_version": 0,
        "attributes": attributes,
        "sensitive_attributes": [[{"type": "get_attr", "value": "name"}]],
        "dependencies": ["aws_iam_policy.p"],
    }
    resource = {"mode": "managed", "type": "aws_iam_role", "name": "r", "instances": [instance]}
    return {
        "version": 4,
        "terraform_version": "1.9.0",
        "serial": 1,
        "lineage": "x",
        "outputs": {"o": {"value": "x", "type": "string"}},
        "resources": [{**resource, "module": "module.m", "provider": f'provider["{_PROVIDER}"]'}],
    }


def _plan() -> Any:
    address = {"address": "aws_iam_role.r", "mode": "managed", "type": "aws_iam_role", "name": "r"}
    given = {"name": "r", "assume_role_policy": json.dumps(_TRUST)}
    inner = {**address, "address": "module.m.aws_iam_role.r", "provider_name": _PROVIDER, "values": given}
    change = {"actions": ["create"], "before": None, "after": given, "after_unknown": {"arn": True}}
    provider = {
        "region": {"constant_value": "us-east-1"},
        "assume_role": [{"role_arn": {"constant_value": f"arn:aws:iam::{ACCOUNT}:role/x"}}],
        "allowed_account_ids": {"constant_value": [ACCOUNT]},
    }
    block = {
        **address,
        "provider_config_key": "aws",
        "expressions": {"assume_role_policy": {"references": ["data.aws_iam_policy_document.d.json", "var.a"]}},
        "schema_version": 0,
        "count_expression": {"constant_value": 1},
    }
    call = {
        "source": "./m",
        "expressions": {"a": {"references": ["var.a"]}},
        "module": {"resources": [block], "outputs": {"o": {"expression": {"references": ["aws_iam_role.r.arn"]}}}},
    }
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "complete": True,
        "errored": False,
        "variables": {"a": {"value": "x"}},
        "planned_values": {
            "outputs": {"o": {"sensitive": False, "value": "x"}},
            "root_module": {
                "resources": [
                    {**address, "provider_name": _PROVIDER, "values": given, "sensitive_values": {"name": True}}
                ],
                "child_modules": [{"address": "module.m", "resources": [inner]}],
            },
        },
        "resource_changes": [
            {
                **address,
                "provider_name": _PROVIDER,
                "change": {**change, "before_sensitive": False, "after_sensitive": {}},
            }
        ],
        "resource_drift": [],
        "deferred_changes": [],
        "prior_state": {"format_version": "1.0", "values": {"root_module": {"resources": []}}},
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "full_name": _PROVIDER, "expressions": provider}},
            "root_module": {"resources": [block], "module_calls": {"m": call}, "variables": {"a": {}}},
        },
        "checks": [],
        "timestamp": "2026-01-01T00:00:00Z",
    }


def _source() -> Any:
    return {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "~> 5"}}},
        "provider": {"aws": {"region": "us-east-1", "assume_role": {"role_arn": f"arn:aws:iam::{ACCOUNT}:role/x"}}},
        "variable": {
            "who": {"type": "string", "default": "a", "validation": {"condition": "${true}", "error_message": "A."}}
        },
        "locals": {"names": ["a", "b"], "trust": json.dumps(_TRUST)},
        "data": {
            "aws_iam_policy_document": {
                "d": {
                    "statement": [
                        {
                            "actions": ["sts:AssumeRole"],
                            "principals": {"type": "AWS", "identifiers": [ACCOUNT]},
                            "condition": {
                                "test": "Bool",
                                "variable": "aws:MultiFactorAuthPresent",
                                "values": ["true"],
                            },
                        }
                    ]
                }
            }
        },
        "resource": {
            "aws_iam_role": {
                "r": {
                    "count": 1,
                    "name": "${var.who}",
                    "assume_role_policy": "${data.aws_iam_policy_document.d.json}",
                    "inline_policy": {"name": "i", "policy": "${jsonencode(local.names)}"},
                    "lifecycle": {"ignore_changes": ["tags"]},
                    "tags": {"team": "a"},
                },
                "s": {
                    "for_each": "${toset(local.names)}",
                    "name": "${each.key}",
                    "assume_role_policy": "${local.trust}",
                },
            }
        },
        "output": {"o": {"value": "${aws_iam_role.r[0].arn}"}},
        "module": {"m": {"source": "./m", "who": "b"}},
    }


_MODULE = json.dumps({"variable": {"who": {}}, "output": {"o": {"value": "${var.who}"}}})
_TOML = f'baseline = "known.txt"\n[boundary]\naccounts = ["{ACCOUNT}"]\n'


def _manifest() -> Any:
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{ACCOUNT}/us-east-1",
        "properties": {"templateFile": "t.json", "parameters": {"P": "x"}, "tags": {"a": "b"}, "stackName": "S"},
        "dependencies": ["S.assets"],
        "metadata": {
            "/S": [{"type": "aws:cdk:stack-tags", "data": []}],
            "/S/R": [{"type": "aws:cdk:logicalId", "data": "R"}],
        },
        "displayName": "S",
    }
    return {
        "version": "36.0.0",
        "artifacts": {
            "S": stack,
            "S.assets": {"type": "cdk:asset-manifest", "properties": {"file": "S.assets.json"}},
            "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
            "assembly-Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}},
        },
        "runtime": {"libraries": {}},
        "missing": [],
    }


def _assets() -> Any:
    destination = {"bucketName": "b", "objectKey": "k.json", "assumeRoleArn": "arn"}
    return {
        "version": "36.0.0",
        "files": {"k": {"source": {"path": "t.json", "packaging": "file"}, "destinations": {"c": destination}}},
    }


def _config() -> Any:
    return {
        "boundary": {
            "accounts": [ACCOUNT],
            "organizations": ["o-aaaaaaaaaa"],
            "network-bounds": False,
            "tokens": [{"provider": "gitlab.com", "subjects": ["project_path:a/*"], "claims": {"namespace_id": ["1"]}}],
        },
        "third-party": [{"name": "a", "accounts": ["444455556666"]}],
        "sensitive": {"actions": ["iam:*"]},
        "properties": {"mfa-required": {"severity": "warning"}, "inside-boundary": {"waivable": False}},
        "waiver": [{"property": "mfa-required", "resource": "R", "reason": "x", "owner": "o", "expires": "2999-01-01"}],
        "invariant": [{"name": "a", "resources": ["R*"], "accounts": [ACCOUNT], "mfa": True}],
        "override": [{"paths": ["t.json"], "properties": {"mfa-required": {"severity": "note"}}}],
        "exclude": ["node_modules"],
        "baseline": "known.txt",
    }


def documents() -> dict[str, Document]:
    """The files, by what they are."""
    template = json.dumps({"Parameters": {"P": {"Type": "String"}}, "Resources": {"R": _ROLE}})
    role = {**_TRUST, "Statement": [{**_TRUST["Statement"][0], "Principal": "*"}]}
    refuted = {"Resources": {"R": {**_ROLE, "Properties": {"AssumeRolePolicyDocument": role}}}}
    finding = {
        "fingerprint": "0" * 32, "property": "mfa-required", "verdict": "refuted", "severity": "error",
        "template": "t.json", "resource": "R", "message": "x", "around": ["held 0123456789abcdef"],
    }  # fmt: skip
    assembly = {
        "t.json": template,
        "S.assets.json": json.dumps(_assets()),
        "assembly-Prod/manifest.json": '{"version": "36.0.0"}',
    }
    return {
        "account details": Document("d.json", _dump()),
        "state": Document("s.tfstate", _state()),
        "plan": Document("p.json", _plan()),
        "configuration of Terraform": Document("m.tf.json", _source(), {"m/m.tf.json": _MODULE}),
        "values of variables": Document("terraform.tfvars.json", {"who": "c"}, {"m.tf.json": json.dumps(_source())}),
        "assembly": Document("manifest.json", _manifest(), assembly),
        "assets": Document("S.assets.json", _assets(), {**assembly, "manifest.json": json.dumps(_manifest())}),
        "policy": Document("policy.json", _TRUST),
        "baseline": Document(
            "known.txt",
            {"schema": 1, "findings": [finding]},
            {"t.json": json.dumps(refuted), "trustproof.toml": _TOML},
            _baseline,
        ),
        "configuration": Document("config.txt", _config(), {"t.json": template}, _configured),
    }


def count(document: Document) -> int:
    """How many contents there are with one node replaced."""
    return len(OTHERS) * (1 + sum(1 for _ in places(document.content)))


def changed(document: Document, number: int) -> Any:
    """The content with one node replaced, the whole one included; `number` is below `count`."""
    node, other = divmod(number, len(OTHERS))
    if not node:
        return copy.deepcopy(OTHERS[other])
    content = copy.deepcopy(document.content)
    container, key = next(islice(places(content), node - 1, None))
    container[key] = copy.deepcopy(OTHERS[other])
    return content


def ask(document: Document, content: Any, folder: Path) -> object:
    """What the library makes of the file with a content; it raises nothing but its own errors."""
    for name, text in document.beside.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / document.name).write_text(json.dumps(content), encoding="utf-8")
    try:
        return (document.ask or (lambda where: trustproof.check([where])))(folder)
    except trustproof.TrustproofError as error:
        return error
