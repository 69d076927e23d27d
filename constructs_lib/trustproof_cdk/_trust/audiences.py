"""
The issuers and audiences that identity providers of the app register: AWS STS refuses tokens of and for others before
it asks a role.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct, IValidation

from trustproof_cdk._arguments import arguments, references
from trustproof_cdk._names import order, unique
from trustproof_cdk._synthesis import raw_resources, stacks, walk
from trustproof_cdk._synthesis.promises import promise
from trustproof_cdk._trust.issuers import Provider, of_another_issuer


class _Providers(NamedTuple):
    """
    The providers of a stack that is finished.
    """

    #: By issuer.
    known: dict[str, iam.CfnOIDCProvider]
    #: Custom resources, whose issuer only the template says.
    custom: list[iam.OpenIdConnectProvider]


_OF_STACKS: WeakKeyDictionary[cdk.Stack, _Providers] = WeakKeyDictionary()


class _Accepting(NamedTuple):
    """
    A role that was given no provider.
    """

    role: Construct
    issuer: str
    audiences: Sequence[str]


#: By app or stage.
_ACCEPTING: WeakKeyDictionary[cdk.Stage, list[_Accepting]] = WeakKeyDictionary()
_Registering: TypeAlias = "iam.CfnOIDCProvider | iam.OpenIdConnectProvider"
#: By app or stage, its providers when another one was asked about them.
_OF_STAGES: WeakKeyDictionary[cdk.Stage, list[_Registering]] = WeakKeyDictionary()


def hold_to_audiences(role: Construct, issuer: str, provider: Provider | None, audiences: Sequence[str]) -> None:
    """
    Refuse a provider of this app that is one of another issuer, or has none of the audiences of a role; fail the
    synthesis where it is found late.

    Args:
        role: that accepts the tokens.
        issuer: whose, as it stands in condition keys.
        provider: None, one that is imported, and one that is given by ARN are that of the issuer, which may be of the
            app.
        audiences: what the role accepts; one that only a deployment knows passes.

    Raises:
        ValueError: the provider is given, and is of another issuer, or has none of them.
    """
    made, resource = (None, None) if provider is None else _made(provider)
    if made is None:
        if not arguments.is_token(issuer):
            stacks.node_of(role).add_validation(_Registered(role, issuer, audiences))
            # Of the template of a StackSet, the provider is one of each account.
            stage = None if order.is_carried(role) else unique.check_beside_names(role, _check)
            if stage is not None:
                _ACCEPTING.setdefault(stage, []).append(_Accepting(role, issuer, audiences))
        return
    _hold_to_registered(made, resource, audiences)
    if not isinstance(resource, iam.CfnOIDCProvider):
        return
    if message := _of_another(resource, issuer):
        raise ValueError(message)
    registered = resource.client_id_list
    if not registered:
        # They may be set after it was made.
        role.node.add_validation(_Given(resource, audiences))
    elif message := _refusal(resource, registered, audiences):
        raise ValueError(message)


def _made(provider: Provider) -> tuple[Any, IConstruct | None]:
    """What of the app is given as a provider, by an ARN that refers to it too, and its resource; else nothing."""
    if isinstance(provider, str):
        made = references.referred_to(provider)
        return made, made
    resource = stacks.node_of(provider).default_child
    return None if resource is None else provider, resource


def _hold_to_registered(
    provider: Provider | iam.CfnOIDCProvider,
    resource: IConstruct | None,
    audiences: Sequence[str],
    issuer: str | None = None,
) -> None:
    """
    Have the plugin compare the audiences with those in the template, which only that has of a custom resource.

    Args:
        provider: of the app.
        resource: of the provider, or what stands around it.
        audiences: of the role.
        issuer: of the role, where the provider need not be that of it; one that has another in the template passes.
    """
    made = resource.node.default_child if isinstance(resource, cdk.CustomResource) else resource
    if not isinstance(made, cdk.CfnResource) or any(map(arguments.is_token, audiences)):
        return

    def said(properties: Mapping[str, Any]) -> str:
        if issuer is not None and str(properties.get("Url")).removeprefix("https://") != issuer:
            return ""
        registered = properties.get("ClientIDList", properties.get("ClientIdList", []))
        if not isinstance(registered, list) or not all(isinstance(one, str) for one in registered):
            return ""
        return _refusal(provider, registered, audiences)

    promise(stacks.stack_of(made), lambda: made, said)


def _of_another(provider: iam.CfnOIDCProvider, issuer: str) -> str:
    """What is wrong with the issuer of a role; empty where nothing is, or only a deployment knows."""
    url = provider.url or ""
    theirs = url.removeprefix("https://")
    if arguments.is_token(url) or arguments.is_token(issuer) or theirs in ("", issuer):
        return ""
    return of_another_issuer(issuer, theirs, provider.node.path)


def _refusal(provider: Any, registered: Sequence[str], audiences: Sequence[str]) -> str:
    """What is wrong with the audiences of a provider; empty where nothing is, or only a deployment knows."""
    if any(map(arguments.is_token, (*registered, *audiences))) or set(registered) & set(audiences):
        return ""
    if not registered:
        return (
            f"the provider {provider.node.path} has no client_ids, and AWS STS refuses tokens for audiences that it "
            f"does not have: give it {', '.join(map(repr, audiences))}"
        )
    return (
        f"audience must be one that the provider {provider.node.path} has ({', '.join(map(repr, registered))}), since "
        f"AWS STS refuses tokens for others, got {', '.join(map(repr, audiences))}: give it in client_ids of the "
        "provider too"
    )


@jsii.implements(IValidation)
class _Given:
    """Looks at the provider of a role again, once everything is there."""

    def __init__(self, provider: iam.CfnOIDCProvider, audiences: Sequence[str]) -> None:
        self._provider, self._audiences = provider, audiences

    def validate(self) -> list[str]:
        message = _refusal(self._provider, self._provider.client_id_list or [], self._audiences)
        return [message] if message else []


@jsii.implements(IValidation)
class _Registered:
    """Looks for the provider of an issuer in the stack of a role, once all of it is there."""

    def __init__(self, role: Construct, issuer: str, audiences: Sequence[str]) -> None:
        self._role, self._issuer, self._audiences = role, issuer, audiences

    def validate(self) -> list[str]:
        stack = stacks.stack_of(self._role)
        if stack not in _OF_STACKS:
            _OF_STACKS[stack] = _providers_of(stack)
        known, custom = _OF_STACKS[stack]
        for one in custom:
            _hold_to_registered(one, one.node.default_child, self._audiences, self._issuer)
        if (provider := known.get(self._issuer)) is not None:
            _hold_to_registered(provider, provider, self._audiences)
            message = _refusal(provider, provider.client_id_list or [], self._audiences)
        else:
            # No token is one of both.
            other = self._issuer.removesuffix("/") if self._issuer.endswith("/") else f"{self._issuer}/"
            message = _of_another(known[other], self._issuer) if other in known else ""
        return [message] if message else []


def _providers_of(stack: cdk.Stack) -> _Providers:
    # A walk of the stack for each of its roles would cost a large app its time.
    there = raw_resources.all_in(stack)
    return _Providers(
        {str(one.url).removeprefix("https://"): one for one in there if isinstance(one, iam.CfnOIDCProvider)},
        [one for one in there if isinstance(one, iam.OpenIdConnectProvider)],
    )


def _check(stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    """What is wrong with the providers of other stacks, and of other stages, in the account of a role."""
    here = _OF_STAGES[stage] = [*_among(walked)]
    elsewhere = [
        provider
        for other, there in walk.walked_beside(stage, _OF_STAGES)
        for provider in _OF_STAGES.setdefault(other, [*_among(there)])
    ]
    there = [(one, stacks.stack_of(one), unique.account_of(one)) for one in (*here, *elsewhere)]
    return [said for one in _ACCEPTING[stage] if (said := _said_of(one, there))]


def _among(walked: walk.Walked) -> Iterator[_Registering]:
    for _, there in walked:
        for one in there:
            kinds = (iam.CfnOIDCProvider, iam.OpenIdConnectProvider)
            if isinstance(one, kinds) and not stacks.is_of_each_account(one):
                yield one


def _said_of(accepting: _Accepting, there: Sequence[tuple[_Registering, cdk.Stack, str | None]]) -> str:
    role, issuer, audiences = accepting
    stack, account = stacks.stack_of(role), unique.account_of(role)
    registered = []
    for provider, theirs, their_account in there:
        if their_account != account:
            continue
        if isinstance(provider, iam.OpenIdConnectProvider):
            if theirs is not stack and account is not None:
                _hold_to_registered(provider, provider.node.default_child, audiences, issuer)
        elif str(provider.url).removeprefix("https://") == issuer:
            registered.append((provider, theirs))
    messages = [_refusal(provider, provider.client_id_list or [], audiences) for provider, _ in registered]
    # One in the stack of the role is looked at there.
    if not messages or not all(messages) or any(theirs is stack for _, theirs in registered):
        return ""
    said = f"{role.node.path}: {messages[0]}"
    if account is not None and all(provider.cfn_options.condition is None for provider, _ in registered):
        return said
    cdk.Annotations.of(role).add_warning_v2(
        "trustproof:audiences-of-provider", f"{said}; that is, where both are in one account, as the app does not say"
    )
    return ""
