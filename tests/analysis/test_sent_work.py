"""
What the processes of a run hand to each other can be sent, whatever kind of input it is about.

The processes are played by this one: what would be sent is written and read again, and a worker knows nothing else.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz.mutations import seeds
from tests.hostile.constructions import ALLOW, role
from trustproof import check
from trustproof.analysis.execution import pool
from trustproof.analysis.execution.task import Task, Worker
from trustproof.inputs.discovery.inputs import READERS
from trustproof.output.json import render

_ASSUME = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}


def _write(folder: Path, contents: Mapping[str, object]) -> None:
    for name, content in contents.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def _templates(folder: Path) -> None:
    """Templates with parameters, conditions, mappings, loops, macros, StackSets and nested stacks, and broken ones."""
    _write(folder, {f"{number}-{name}.json": content for number, (name, content) in enumerate(seeds())})
    loop = {"Fn::ForEach::L": ["I", ["a", "b"], {"R${I}": role(ALLOW)}]}
    child = {"Parameters": {"P": {"Type": "String"}}, "Resources": {"R": role({**ALLOW, "Principal": {"Ref": "P"}})}}
    stack = {"TemplateURL": "child.json", "Parameters": {"P": "arn:aws:iam::111122223333:root"}}
    _write(
        folder,
        {
            "loop.json": {"Transform": "AWS::LanguageExtensions", "Resources": loop},
            "macro.json": {"Transform": "Mine", "Resources": {"R": role(ALLOW)}},
            "serverless.yaml": "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n"
            "    Type: AWS::Serverless::Function\n"
            "    Properties: {Handler: a.b, Runtime: python3.12, InlineCode: x, Policies: [AdministratorAccess]}\n",
            "child.json": child,
            "parent.json": {"Resources": {"S": {"Type": "AWS::CloudFormation::Stack", "Properties": stack}}},
            "broken.json": '{"Resources": {"A": {}, "A": {}}}',
            "passed-over.yaml.j2": "{% if x %}\nResources:\n  R:\n    Type: AWS::IAM::Role\n",
        },
    )


def _linked(folder: Path) -> None:
    """Templates that import, name and attach what others declare, in accounts with service control policies."""
    runs_of = {"Value": {"Fn::GetAtt": ["R", "Arn"]}, "Export": {"Name": "e"}}
    imported = {**ALLOW, "Principal": {"AWS": {"Fn::ImportValue": "e"}}}
    document = {"Statement": [{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}
    control = {"Name": "c", "Type": "SERVICE_CONTROL_POLICY", "Content": document, "TargetIds": ["r-ab12"]}
    _write(
        folder,
        {
            "a.json": {"Resources": {"R": role(ALLOW, RoleName="r")}, "Outputs": {"O": runs_of}},
            "b.json": {"Resources": {"S": role(imported, RoleName="s")}},
            "f.json": {"Resources": {"T": role(imported, RoleName="t")}},
            "c.json": {
                "Resources": {
                    "P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": _ASSUME, "Roles": ["r"]}}
                }
            },
            "d.json": {
                "Resources": {
                    "U": {"Type": "AWS::IAM::User", "Properties": {"UserName": "u", "Groups": ["g"]}},
                    "Q": {
                        "Type": "AWS::IAM::Policy",
                        "Properties": {"PolicyName": "q", "PolicyDocument": _ASSUME, "Users": ["u"], "Roles": ["s"]},
                    },
                }
            },
            "e.json": {
                "Resources": {
                    "G": {
                        "Type": "AWS::IAM::Group",
                        "Properties": {
                            "GroupName": "g",
                            "Policies": [{"PolicyName": "p", "PolicyDocument": _ASSUME}],
                        },
                    },
                    "C": {"Type": "AWS::Organizations::Policy", "Properties": control},
                }
            },
        },
    )


def _policies(folder: Path) -> None:
    """Policy documents in files of their own."""
    _write(folder, {"identity.json": _ASSUME, "trust.json": {"Statement": ALLOW}, "broken.json": {"Statement": [1]}})


def _details(folder: Path) -> None:
    """What AWS says of two accounts."""
    for name in ("one", "two"):
        held = {"PolicyName": "p", "PolicyDocument": _ASSUME}
        one = {
            "RoleName": "r",
            "Arn": "arn:aws:iam::111122223333:role/r",
            "AssumeRolePolicyDocument": {"Statement": [ALLOW]},
            "RolePolicyList": [held],
            "AttachedManagedPolicies": [],
        }
        found = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [one], "Policies": []}
        _write(folder, {f"{name}.json": found})


def _terraform(folder: Path) -> None:
    """Configurations with modules, variables and counts, a plan and a state."""
    for number in range(2):
        principal = "Principal = { AWS = var.who }"
        trust = f'jsonencode({{ Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", {principal} }}] }})'
        resource = f'resource "aws_iam_role" "r" {{\n  count = var.n\n  assume_role_policy = {trust}\n}}\n'
        variables = 'variable "who" {}\nvariable "n" { default = 2 }\n'
        _write(
            folder,
            {
                f"{number}/m/main.tf": variables + resource,
                f"{number}/main.tf": variables + resource + 'module "m" {\n  source = "./m"\n  who = var.who\n}\n',
            },
        )
    trust = json.dumps({"Statement": [ALLOW]})
    planned = {"name": "r", "assume_role_policy": trust}
    of_role = {"address": "aws_iam_role.r", "mode": "managed", "type": "aws_iam_role", "name": "r"}
    provider = "registry.terraform.io/hashicorp/aws"
    change = {"actions": ["create"], "before": None, "after": planned, "after_unknown": {}}
    state = {"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "outputs": {}}
    instance = {"attributes": {**planned, "arn": "arn:aws:iam::111122223333:role/r"}}
    kept = {**of_role, "provider": f'provider["{provider}"]', "instances": [instance]}
    _write(
        folder,
        {
            "plan.json": {
                "format_version": "1.2",
                "terraform_version": "1.9.0",
                "planned_values": {
                    "root_module": {"resources": [{**of_role, "provider_name": provider, "values": planned}]}
                },
                "resource_changes": [{**of_role, "change": change}],
                "configuration": {"root_module": {}},
            },
            "terraform.tfstate": {**state, "resources": [kept]},
        },
    )


def _assembly(folder: Path) -> None:
    """Two stacks of the CDK, one with a nested stack, and a configuration nearer to them."""
    artifacts = {
        name: {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111122223333/eu-west-1",
            "properties": {"templateFile": f"{name}.template.json"},
        }
        for name in ("A", "B")
    }
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Metadata": {"aws:asset:path": "N.nested.template.json", "aws:asset:property": "TemplateURL"},
        "Properties": {"TemplateURL": {"Fn::Sub": "https://s3.${AWS::URLSuffix}/b/x.json"}},
    }
    _write(
        folder,
        {
            "cdk.out/manifest.json": {"version": "36.0.0", "artifacts": artifacts},
            "cdk.out/A.template.json": {"Resources": {"R": role(ALLOW), "N": nested}},
            "cdk.out/B.template.json": {"Resources": {"R": role(ALLOW)}},
            "cdk.out/N.nested.template.json": {"Resources": {"I": role(ALLOW)}},
            "other/trustproof.toml": '[properties.mfa-required]\nseverity = "warning"\n',
            "other/t.json": {"Resources": {"R": role(ALLOW)}},
        },
    )


KINDS: dict[str, Callable[[Path], None]] = {
    "templates": _templates,
    "linked": _linked,
    "policies": _policies,
    "details": _details,
    "terraform": _terraform,
    "assembly": _assembly,
}


#: What else than checking files the inputs of a kind ask of other processes.
AGAIN = {"linked": {"_recheck_batch", "_compose_batch"}}


def _sent(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_sent_can_be_written_and_read_again(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run over inputs of any kind says the same, to the byte, when all that its parts need and give is sent."""
    KINDS[kind](tmp_path)
    asked: set[str] = set()

    def played(
        function: Callable[[Sequence[Any]], list[Any]],
        work: Sequence[Any],
        task: Task,
        processes: int,
        batch: int = 1,
        **_: object,
    ) -> Iterator[list[Any]]:
        """The work of other processes, each part in one that has seen nothing before."""
        asked.add(function.__name__)
        for one in work:
            pool._worker = Worker(_sent(task))
            yield _sent(function(_sent([one])))

    alone = render(check([tmp_path], account="111122223333", certify=True, jobs=1))
    monkeypatch.setattr(pool, "MIN_SHARE", 1)
    monkeypatch.setattr(pool, "_BATCH", 1)
    monkeypatch.setattr(pool, "_pooled", played)
    monkeypatch.setattr(pool, "_worker", None)
    assert render(check([tmp_path], account="111122223333", certify=True, jobs=2)) == alone
    assert asked >= {"_check_batch", *AGAIN.get(kind, ())}


def test_every_reader_has_its_inputs_sent() -> None:
    """A further kind of input is a further row of the table here."""
    assert set(READERS) == {
        "cloudformation.reader",
        "terraform.reader",
        "documents.policy_files",
        "documents.account_details",
    }
