"""
Statements that are made for the policies of resources, held against the templates: an override takes MFA or its age
out of one without a word.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any, NamedTuple

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._names import misnamed_arns, named_in_app
from trustproof_cdk._policies import policy_meaning as meaning
from trustproof_cdk._policies import policy_owners, written_out
from trustproof_cdk._policies.calls import denying_in, statements_of
from trustproof_cdk._policies.kept_policies import is_within
from trustproof_cdk._policies.readings import readings
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._synthesis.promises import look_at_template

#: Where resources have their policies, as the CDK and as CloudFormation calls it.
_DOCUMENTS = {
    "policy_document": "PolicyDocument",
    "key_policy": "KeyPolicy",
    "resource_policy": "ResourcePolicy",
    "repository_policy_text": "RepositoryPolicyText",
    "access_policies": "AccessPolicies",
    "access_policy": "AccessPolicy",
    "file_system_policy": "FileSystemPolicy",
    "policy": "Policy",
}
#: What makes statements that let somebody in, as it is called in messages.
ALLOWING = "allow_with_mfa()"
#: What is acknowledged of a statement that does nothing.
USABLE = "statement-usable"
#: Is denied in part.
_EVERYTHING = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


class _Made(NamedTuple):
    """
    A statement for the policy of a resource.
    """

    statement: iam.PolicyStatement
    #: What makes such statements, as it is called.
    function: str


class _MadeFor:
    """
    The statements of this process as they are in a stack, each asked of the CDK once.
    """

    def __init__(self, stack: cdk.Stack) -> None:
        self._stack = stack

    @cached_property
    def _resolved(self) -> list[tuple[Mapping[str, Any], str]]:
        found = []
        for one in _MADE:
            # It may have a value of another app, which cannot be asked for in this one.
            with suppress(RuntimeError):
                found.append((self._stack.resolve(one.statement.to_statement_json()), one.function))
        return found

    def function_of(self, statement: Mapping[str, Any]) -> str:
        """What has made a statement, or one that the CDK has put together with others; empty where nothing here has."""
        parts = ("Action", "Principal", "Resource")
        for made, function in self._resolved:
            if all(_text(made.get(name)) == _text(statement.get(name)) for name in ("Effect", "Condition")) and all(
                _parts(made, name) <= _parts(statement, name) for name in parts
            ):
                return function
        return ""


class _Policy(NamedTuple):
    """
    The policy of a resource in a template.
    """

    stack: cdk.Stack
    made: _MadeFor
    #: Of the template, by their logical ids.
    resources: Mapping[str, Any]
    logical_id: str
    #: The property that has it.
    name: str


#: All that were made in this process: whoever makes one says nothing of the app that it is for.
_MADE: list[_Made] = []


def note_statements(statements: Iterable[iam.PolicyStatement], function: str) -> None:
    """
    Have the plugin see that statements stand in the policies of resources as they were made.

    Args:
        statements: for policies of resources.
        function: that made them, to begin the message.
    """
    _MADE.extend(_Made(one, function) for one in statements)


def are_there() -> bool:
    """Whether such statements were made in this process: to look for them takes long."""
    return bool(_MADE)


def watch(app: IConstruct) -> None:
    """
    Have all templates of an app looked at, if such statements were made.

    Args:
        app: the construct that was synthesized.
    """
    for construct in stacks.node_of(app).find_all() if _MADE else ():
        if isinstance(construct, cdk.Stack):
            look_at_template(construct, _look)
            look_at_template(construct, _look_for_others, USABLE)


def _look_for_others(stack: cdk.Stack, resources: Mapping[str, Any]) -> Iterator[tuple[cdk.CfnResource, str]]:
    """Statements that are about another resource than that of the policy they were added to, and so about nothing."""
    there = [one for one in stacks.node_of(stack).find_all() if stacks.stack_of(one) is stack]
    known = _MadeFor(stack)
    for construct in there:
        attribute = next((one for one in _DOCUMENTS if hasattr(type(construct), one)), None)
        if attribute is None or not isinstance(construct, cdk.CfnResource):
            continue
        logical_id, document = _written(stack, construct, attribute)
        for statement in statements_of(document) or ():
            made = known.function_of(statement) if isinstance(statement, Mapping) else ""
            if made and (said := policy_owners.why_about_nothing(statement, logical_id, resources, stack, there)):
                yield construct, f"{construct.node.path}: a statement of {made} {said}"
            if made:
                principal = statement.get("Principal")
                listed = principal.get("AWS", []) if isinstance(principal, Mapping) else []
                given = {"AWS::Partition": "${AWS::Partition}"}
                if arguments.is_token(stacks.account_of(stack)):
                    given["AWS::AccountId"] = named_in_app.own_account(construct)
                texts = [
                    written_out.with_references(one, stack, given)
                    for one in (listed if isinstance(listed, list) else [listed])
                ]
                yield from ((construct, said) for said in misnamed_arns.said_of_texts(construct, texts))


def statements_in(construct: IConstruct, function: str) -> Iterator[Mapping[str, Any]]:
    """
    The statements of a function that the policy of a resource has, as they are in the template.

    Args:
        construct: that may have such a policy.
        function: that makes them, as it is called in messages.
    """
    attribute = next((one for one in _DOCUMENTS if hasattr(type(construct), one)), None)
    if attribute is None or not isinstance(construct, cdk.CfnResource):
        return
    stack = stacks.stack_of(construct)
    document = stack.resolve(getattr(construct, attribute))
    # What a table of Amazon DynamoDB has is an object with the document.
    document = document.get("policyDocument", document) if isinstance(document, Mapping) else document
    made = _MadeFor(stack)
    for statement in statements_of(document) or ():
        if isinstance(statement, Mapping) and made.function_of(statement) == function:
            yield statement


def _look(stack: cdk.Stack, resources: Mapping[str, Any]) -> Iterator[tuple[cdk.CfnResource, str]]:
    made = _MadeFor(stack)
    for construct in stacks.node_of(stack).find_all():
        attribute = next((one for one in _DOCUMENTS if hasattr(type(construct), one)), None)
        if attribute is None or not isinstance(construct, cdk.CfnResource) or stacks.stack_of(construct) is not stack:
            continue
        logical_id, before = _written(stack, construct, attribute)
        said = _said(_Policy(stack, made, resources, logical_id, _DOCUMENTS[attribute]), before)
        if said:
            yield construct, f"{construct.node.path}: {said}"


def _written(stack: cdk.Stack, construct: cdk.CfnResource, attribute: str) -> tuple[str, Any]:
    """
    The logical id of a resource, and its policy as the construct has it: None where it has none.

    Both are asked at once, since each question to the CDK takes long, and by name, since it takes what is not there out
    of a list.
    """
    written: dict[str, Any] = stack.resolve({"id": construct.logical_id, "policy": getattr(construct, attribute)})
    return written["id"], written.get("policy")


def _said(policy: _Policy, before: Any) -> str:
    """What is wrong with the policy of a resource, given it without overrides; empty where nothing is."""
    after = policy.resources.get(policy.logical_id, {}).get("Properties", {}).get(policy.name)
    return next((said for read in readings(before, after) if (said := _said_of(policy, *read))), "")


def _said_of(policy: _Policy, before: Any, after: Any) -> str:
    own, kept = statements_of(before) or [], statements_of(after) or []
    lost = [one for one in own if one not in kept]
    functions = {one["Effect"]: function for one in lost if (function := policy.made.function_of(one))}
    changed = [one for one in kept if one not in own and isinstance(one, Mapping) and one.get("Effect") == "Allow"]
    wider = [one for one in changed if not any(is_within(one, of) for of in own)]
    if "Allow" in functions and wider and not _lets_in_no_more(policy, own, kept):
        return f"an override has changed a statement of {functions['Allow']}, and it lets in whom that does not"
    denials = [[_EVERYTHING, *denying_in({"Statement": listed})] for listed in (own, kept)]
    if "Deny" in functions and not _lets_in_no_more(policy, *denials):
        return f"an override has changed a statement of {functions['Deny']}, and it denies less than that"
    return ""


def _lets_in_no_more(policy: _Policy, before: list[Any], after: list[Any]) -> bool:
    """Whether a resource surely lets in nobody by statements whom it does not by others."""
    resource = policy.resources[policy.logical_id]
    text = _text(resource)
    # What it is about may be a reference.
    named = {name: one for name, one in policy.resources.items() if _text(name) in text}
    compared = [
        named
        | {policy.logical_id: {**resource, "Properties": {**resource["Properties"], policy.name: _document(listed)}}}
        for listed in (before, after)
    ]
    return meaning.lets_in_nobody_else(policy.stack, *compared)


def _document(statements: list[Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def _parts(statement: Mapping[str, Any], name: str) -> set[str]:
    """What an element lists, each as text: the CDK puts statements together that differ in one of them."""
    value = statement.get(name, [])
    listed = value.get("AWS", []) if isinstance(value, Mapping) and "AWS" in value else value
    return {_text(one) for one in (listed if isinstance(listed, list) else [listed])}


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
