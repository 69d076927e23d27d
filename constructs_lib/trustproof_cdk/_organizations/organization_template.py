"""
The template of a StackSet, made by synthesizing a stack of its own, and whether it is still what that stack says.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk.cx_api import CloudAssembly
from constructs import Construct, IValidation

from trustproof_cdk._arguments import known_later, refused_values
from trustproof_cdk._names import order
from trustproof_cdk._names import own_policies as policies
from trustproof_cdk._organizations.outside_references import NO_FILES, inner_stack
from trustproof_cdk._synthesis import injectors, stacks

_ROLE = "AWS::IAM::Role"
#: How messages of a synthesis are marked.
_LEVELS = {"aws:cdk:error": "error", "aws:cdk:warning": "warning", "aws:cdk:info": "info"}
#: The metadata of a construct that has what its author accepted.
_ACKNOWLEDGED = "aws:cdk:acknowledged-rules"
_OF_AN_ACCOUNT = re.compile(r"arn:[^:]*:iam::[0-9]{12}:")
#: The key of the context that has the permissions boundary of an app, a stage or a stack.
_BOUNDARY = "@aws-cdk/core:permissionsBoundary"
#: What the CDK says of a reference that leads out of the app, or to what another account has under no name.
_OUT_OF_THE_STACK = ("Cannot reference across apps", "in a cross-environment fashion", "across stages")
#: What a synthesis begins with that constructs refuse, and the stack inside, which their paths begin with.
_REFUSED, _INSIDE = "ValidationFailedWithErrors", "Organization"
#: How the ids of the constructs begin that property injectors are asked about in the stack inside.
_INJECTED = "aws-cdk-lib.aws-iam."
#: Keys that lead to a property of a resource, in what is said of a change.
_DEPTH = 3
_LATER = (
    "the role inside is not what is in its template any more: something was added to it, or changed, after the "
    "OrganizationRole was made, when its template was finished, and no account would have it; do all of that in the "
    "function that makes the role ({what})"
)


class OrganizationTemplate(NamedTuple):
    """
    What each account gets, and what is known of it.
    """

    template: dict[str, Any]
    #: Of the role, in the template.
    properties: dict[str, Any]
    #: What the synthesis said of it: error, warning or info, and a text.
    messages: list[tuple[str, str]]
    #: What its author accepted, by rule.
    acknowledged: dict[str, str]
    #: What of the app it trusts.
    trusted: list[cdk.CfnResource]
    #: Fail a synthesis when the stack says something else by then, or when something outside refers to it.
    validations: list[IValidation]
    #: As it was made.
    role: iam.IRole
    #: Refuses values of its parameters, by name, which an argument gives.
    refuse_given: Callable[[Mapping[str, str], str], None]


@known_later.apart()
def organization_template(scope: Construct, make: Callable[[cdk.Stack], iam.IRole]) -> OrganizationTemplate:
    """
    The template of a stack that is made for a StackSet.

    Args:
        scope: around the StackSet, whose aspects and context hold inside.
        make: makes a role in the stack, and returns it.

    Raises:
        ValueError: it returns something else, or makes something that has no sense in other accounts.
    """
    # The feature flags are those of the app around, and so is what its author asks for; what its command line adds
    # would change the template.
    # A permissions boundary in it is inherited with the aspects of the stack around, which knows its own account.
    context = _context(scope)
    inherited = {key: value for key, value in context.items() if not key.startswith("aws:") and key != _BOUNDARY}
    off = {
        "aws:cdk:enable-path-metadata": False,
        "aws:cdk:enable-asset-metadata": False,
        # What is said of the stack inside is said of the StackSet, by the app around, and once.
        "@aws-cdk/core:failSynthOnValidationErrors": False,
    }
    folder = tempfile.mkdtemp(dir=_folders())
    try:
        app = cdk.App(
            outdir=folder,
            auto_synth=False,
            analytics_reporting=False,
            tree_metadata=False,
            builtin_cloud_formation_validation=False,
            context=inherited,
            post_cli_context=off,
        )
        stack, outside = inner_stack(app, _INSIDE, scope)
        stacks.mark_of_each_account(stack, stacks.stack_of(scope))
        _inherit(scope, stack)
        trusted = order.carried(stack)
        made = _made(make, stack)
        resource = stacks.node_of(made).default_child if isinstance(made, Construct) else None
        if isinstance(made, iam.Role) and resource is None:
            raise ValueError(
                "role must be made by the template, and Role.customize_roles around it leaves it to somebody else: "
                "make the OrganizationRole outside of that scope"
            )
        if not isinstance(resource, iam.CfnRole) or stacks.stack_of(resource) is not stack:
            raise ValueError(f"role must make a role in the stack it is given, and return it, got {made!r}")
        logical_id = str(stack.resolve(resource.logical_id))
        artifact = _synthesized(app).get_stack_artifact(stack.artifact_id)
        policies.refuse_made_around(stack)
        template: dict[str, Any] = artifact.template
        refuse_given = partial(refused_values.refuse_of_one_template, stack, template)
        refuse_given()
        accepted = _accepted(made)
        again = _synthesized(app, force=True).get_stack_artifact(stack.artifact_id).template
        unchanged = _Unchanged(app, stack, folder, made, (again, frozenset(_changes(template, again)), accepted))
        named = "${AWS::AccountId}" in json.dumps(context.get(_BOUNDARY))
        policies.of_each_account(template, scope, named)
        said = [(_LEVELS.get(one.entry.type, ""), str(one.entry.data)) for one in artifact.messages]
    finally:
        _empty(folder)
    properties = template["Resources"][logical_id]["Properties"]
    if not isinstance(properties.get("RoleName"), str) or not isinstance(properties.get("Path", "/"), str):
        raise ValueError(
            "role must have a role_name (and path) known at synthesis, by which other accounts can refer to it, "
            f"got {properties.get('RoleName')!r}"
        )
    _refuse_provider_of_one_account(properties)
    # What is found in the template is found at the StackSet, so that a second role would be accepted with the first.
    roles = [one["Type"] for one in template["Resources"].values()].count(_ROLE)
    messages = [(level, text) for level, text in said if level]
    acknowledged = accepted if roles == 1 else {}
    return OrganizationTemplate(
        template, properties, messages, acknowledged, trusted, [unchanged, *outside], made, refuse_given
    )


@jsii.implements(IValidation)
class _Unchanged:
    """Compares what the stack would be now with the template that it became; the CDK asks when aspects are applied."""

    def __init__(
        self,
        app: cdk.App,
        stack: cdk.Stack,
        folder: str,
        role: iam.IRole,
        before: tuple[dict[str, Any], frozenset[str], dict[str, str]],
    ) -> None:
        self._app, self._stack, self._folder, self._role, self._before = app, stack, folder, role, before

    def validate(self) -> list[str]:
        # The assembly has its place once and for all, and nobody needs what is written there.
        os.makedirs(self._folder, 0o700, exist_ok=True)
        try:
            now = self._app.synth(force=True).get_stack_artifact(self._stack.artifact_id).template
        except RuntimeError as error:
            if refused := _refused_inside(error):
                return refused
            if not any(said in str(error) for said in _OUT_OF_THE_STACK):
                raise
            return [_LATER.format(what=f"or name what it may use, which no reference leads to: {_first_line(error)}")]
        finally:
            _empty(self._folder)
        template, restless, accepted = self._before
        # Aspects are applied in each synthesis, and one that counts says something else each time.
        changed = [place for place in _changes(template, now) if place not in restless]
        if _accepted(self._role) != accepted:
            changed.append("what is accepted of it")
        return [_LATER.format(what=", ".join(changed))] if changed else []


@lru_cache(maxsize=1)
def _folders() -> str:
    """
    The path of a folder around those of all templates, which live as long as the process, as all objects of the CDK do
    in Python. It is taken away at the end; where the process is killed, one is left, which says whose it was.
    """
    folder = tempfile.mkdtemp(prefix="trustproof-cdk-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _empty(folder: str) -> None:
    """Take out what is written there; the folder stays, for files that somebody adds to the stack when it is late."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, 0o700, exist_ok=True)


def _refused_inside(error: RuntimeError) -> list[str]:
    """What constructs inside say to a synthesis, by their names in the stack that they are made in."""
    head, *lines = str(error).split(f"\n  [{_INSIDE}")
    if not head.startswith(_REFUSED):
        return []
    said = (line.partition("] ")[2].removeprefix(f"{_INSIDE}/") for line in lines)
    return [f"in the template of the role, {one.strip()}" for one in said]


def _first_line(error: RuntimeError) -> str:
    """What the CDK says of a reference, without what it was resolving, which it says first."""
    return str(error).splitlines()[0].rpartition("Resolution error: ")[2].strip(" .")


def _changes(before: Any, now: Any, place: str = "") -> list[str]:
    """Where two templates are different, as the keys that lead there: two below a resource at most."""
    if before == now:
        return []
    if not isinstance(before, dict) or not isinstance(now, dict) or place.count(".") == _DEPTH:
        return [place]
    inner = f"{place}." if place else ""
    return [
        one
        for key in dict.fromkeys((*before, *now))
        for one in _changes(before.get(key), now.get(key), f"{inner}{key}")
    ]


def _synthesized(app: cdk.App, *, force: bool = False) -> CloudAssembly:
    try:
        return app.synth(force=force)
    except RuntimeError as error:
        if NO_FILES in str(error):
            raise ValueError(NO_FILES) from error
        if refused := _refused_inside(error):
            raise ValueError("; ".join(refused)) from error
        if not any(said in str(error) for said in _OUT_OF_THE_STACK):
            raise
        raise ValueError(
            "role must make sense in any account, and refers to a resource of another stack, which no other account "
            f"has: {_first_line(error)}"
        ) from error


def _made(make: Callable[[cdk.Stack], iam.IRole], stack: cdk.Stack) -> iam.IRole:
    try:
        return make(stack)
    except RuntimeError as error:
        if NO_FILES not in str(error):
            raise
        raise ValueError(NO_FILES) from error


def _accepted(role: iam.IRole) -> dict[str, str]:
    """What was accepted of the role, by rule."""
    entries = [entry.data for entry in stacks.node_of(role).metadata if entry.type == _ACKNOWLEDGED]
    return {str(rule): str(reason) for data in entries if isinstance(data, dict) for rule, reason in data.items()}


def _refuse_provider_of_one_account(properties: Mapping[str, Any]) -> None:
    """STS looks for an identity provider in the account of the role, which each of many accounts is."""
    trust = properties.get("AssumeRolePolicyDocument")
    statements = trust.get("Statement", []) if isinstance(trust, dict) else []
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal")
        federated = principal.get("Federated", []) if isinstance(principal, dict) else []
        for arn in federated if isinstance(federated, list) else [federated]:
            if isinstance(arn, str) and _OF_AN_ACCOUNT.match(arn):
                raise ValueError(
                    "role must have a provider of the account that it is in, since AWS STS looks for it there, like "
                    "f'arn:aws:iam::{Aws.ACCOUNT_ID}:saml-provider/Corporate'; "
                    f"got {arn!r}, which is in one account only"
                )


def _inherit(scope: Construct, stack: cdk.Stack) -> None:
    """
    Let the aspects of the scopes around, which tags and permissions boundaries are too, visit the stack inside, and its
    property injectors be asked.
    """
    for around in stacks.node_of(scope).scopes:
        for one in stacks.aspects_of(around).applied:
            stacks.aspects_of(stack).add(one.aspect, priority=one.priority)
    injectors.inherit(scope, stack, _INJECTED)


def _context(scope: Construct) -> dict[str, Any]:
    found = stacks.node_of(scope).get_all_context()
    return dict(found) if isinstance(found, dict) else {}
