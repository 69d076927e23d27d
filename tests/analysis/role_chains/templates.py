"""
Roles, policies and templates for the tests of role chains.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.analysis.role_chains.edge import Edges
from trustproof.analysis.role_chains.roles import Node

Json = dict[str, object]
HUB, PROD = "111122223333", "222233334444"
MFA: Json = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
#: Lets in the sessions of all roles of the account, as far as they may ask.
ROLES_ONLY: Json = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}


def statement(principal: object, condition: Json | None = None, action: object = "sts:AssumeRole") -> Json:
    """A statement of a trust policy."""
    more = {"Condition": condition} if condition is not None else {}
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, **more}


def document(*statements: Json) -> Json:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def assuming(resource: object, **more: object) -> Json:
    """An identity policy that allows to assume roles."""
    return document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource, **more})


def role(name: str | None, *trust: Json, assumes: str | None = None, **properties: object) -> Json:
    """A role, and what its sessions may assume."""
    named: Json = {} if name is None else {"RoleName": name}
    if assumes is not None:
        properties["Policies"] = [{"PolicyName": "next", "PolicyDocument": assuming(assumes)}]
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {**named, "AssumeRolePolicyDocument": document(*trust), **properties},
    }


def arn(account: str, name: str) -> str:
    """The ARN of a role."""
    return f"arn:aws:iam::{account}:role/{name}"


def session(account: str, name: str, of: str) -> str:
    """The ARN of a session."""
    return f"arn:aws:sts::{account}:assumed-role/{of}/{name}"


def steps_asked_about(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    """From now on, how often it is asked whether one role may assume another, by their names."""
    asked: Counter[tuple[str, str]] = Counter()
    find = Edges.may_assume

    def may_assume(edges: Edges, source: Node, target: Node, *more: Any) -> Any:
        asked[source.name, target.name] += 1
        return find(edges, source, target, *more)

    monkeypatch.setattr(Edges, "may_assume", may_assume)
    return asked


def check(
    folder: Path, *templates: Json | Mapping[str, Json], account: str = HUB, certify: bool = True
) -> dict[str, trustproof.Result]:
    """Logical id to the result about its chains, for templates of one account; a mapping of roles is a template too."""
    files = []
    for number, content in enumerate(templates):
        file = folder / f"{number}.json"
        file.write_text(json.dumps(content if "Resources" in content else {"Resources": content}), encoding="utf-8")
        files.append(str(file))
    report = trustproof.check(files, account=account, properties=["mfa-survives-chaining"], certify=certify)
    assert report.errors == ()
    return {result.logical_id: result for result in report.results}
