"""
Stacks that speak of each other, for the tests of what they give and attach across templates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import trustproof

Json = dict[str, object]

OWN, HUB, OUTSIDE = "333344445555", "111122223333", "999988887777"
CONFIG = {"boundary": {"accounts": [OWN, HUB], "organizations": ["o-a1b2c3d4e5"]}}
MFA: Json = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
NO_MFA: Json = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
#: What looks like the one above, and lets through whoever has no key about MFA.
FALSE_MFA: Json = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
SECTIONS = ("Parameters", "Conditions", "Rules", "Transform")
#: A stack of this account and Region, where nothing else is said.
HOME = f"aws://{OWN}/eu-central-1"


def imported(name: object) -> Json:
    """The value that another stack exports."""
    return {"Fn::ImportValue": name}


def arn(logical_id: str) -> Json:
    """The ARN of a resource."""
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def exported(name: object, value: object, **more: object) -> Json:
    """An output."""
    return {"Value": value, "Export": {"Name": name}, **more}


def document(*statements: Json) -> Json:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(principal: object, condition: object = None) -> Json:
    """A statement of a trust policy."""
    more = {} if condition is None else {"Condition": condition}
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **more}


def trusting(principal: object, condition: object = None, **properties: object) -> Json:
    """A role that these may assume."""
    return resource("Role", AssumeRolePolicyDocument=document(trust(principal, condition)), **properties)


def demanding(principal: object, condition: object = None) -> Json:
    """A role that people may assume with MFA, and these besides."""
    return resource("Role", AssumeRolePolicyDocument=document(trust(HUB, MFA), trust(principal, condition)))


def resource(kind: str, **properties: object) -> Json:
    """A resource of IAM."""
    return {"Type": f"AWS::IAM::{kind}", "Properties": properties}


def may(effect: str, action: str, condition: Json | None = None) -> Json:
    """A statement of an identity policy, about any resource."""
    more = {} if condition is None else {"Condition": condition}
    return {"Effect": effect, "Action": action, "Resource": "*", **more}


def template(outputs: Json | None = None, **resources: object) -> Json:
    """A template; what is called like a section is one."""
    sections = {
        key: resources.pop(key) for key in ("Parameters", "Conditions", "Rules", "Transform") if key in resources
    }
    return {**sections, "Resources": resources, **({"Outputs": outputs} if outputs else {})}


def assembly(folder: Path, stacks: Mapping[str, Json | tuple[str, Json]]) -> str:
    """
    A cloud assembly.

    Args:
        stacks: templates by the names of their stacks; with an environment, where it is not `HOME`.
    """
    artifacts: Json = {}
    for name, stack in stacks.items():
        environment, content = stack if isinstance(stack, tuple) else (HOME, stack)
        properties = {"templateFile": f"{name}.template.json"}
        artifacts[name] = {"type": "aws:cloudformation:stack", "environment": environment, "properties": properties}
        (folder / f"{name}.template.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": artifacts}), encoding="utf-8")
    return str(folder)


def plain(folder: Path, templates: Mapping[str, Json]) -> list[str]:
    """Templates that do not say where they go."""
    files = []
    for name, content in templates.items():
        file = folder / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content, indent=1), encoding="utf-8")
        files.append(str(file))
    return files


def check(path: str | list[str], *properties: str, account: str | None = None, jobs: int = 1) -> trustproof.Report:
    """The report, with every proof checked again."""
    return trustproof.check(
        [path] if isinstance(path, str) else path,
        config=CONFIG,
        account=account,
        properties=properties or None,
        certify=True,
        jobs=jobs,
    )


def verdicts(report: trustproof.Report, logical_id: str) -> dict[str, str]:
    """Property to the worst verdict about a resource."""
    worst = ("refuted", "unknown", "proved")
    found: dict[str, str] = {}
    for result in report.results:
        if result.logical_id == logical_id:
            found[result.property] = min(result.verdict, found.get(result.property, "proved"), key=worst.index)
    return found
