"""
The decision: all layers, three outcomes, and the reason in AWS's words.

`trustproof.spec` decides. Where a statement hangs on what the sandbox does not know, it is asked twice, once with the
doubt in favour of the caller and once against: if the answers differ, the request is undecided.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from trustproof.inputs.grammar.key_policies import as_key_policy
from trustproof.model.document import IDENTITY, RESOURCE, TRUST
from trustproof.model.policy import ALLOW, DENY, Policy, Principal, Statement
from trustproof.model.request import ROOT, SAML, SERVICE, WEB_IDENTITY, Caller, Request
from trustproof.sandbox.authorization.context import Need, Surroundings, context_of, is_computed
from trustproof.sandbox.authorization.controls import Controls
from trustproof.sandbox.authorization.holdings import holdings_of, policy_for_action, read_for
from trustproof.sandbox.credentials import federated_users
from trustproof.sandbox.credentials.credentials import Credentials
from trustproof.sandbox.errors import Undecided
from trustproof.spec.access import may
from trustproof.spec.decision import EXPLICIT_DENY, decide
from trustproof.spec.principals import LARGEST, SMALLEST, covers

_EVERYBODY = Principal("*", "*")
_EVERYTHING = Policy((Statement(ALLOW, actions=("*",), resources=("*",)),))
_SERVICE_CONTROL = "a service control policy"
_RESOURCE_CONTROL = "a resource control policy"
_RESOURCE = "a resource-based policy"
_IDENTITY = "an identity-based policy"
_BOUNDARY = "a permissions boundary"
_SESSION = "a session policy"
#: What no bucket policy keeps the root user of the bucket's account from.
#: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html
_OPEN_TO_ROOT = frozenset(f"s3:{verb}BucketPolicy" for verb in ("Delete", "Get", "Put"))
#: Services whose denials are reported to say `on resource: *` where an action is about none; others leave it out.
#: https://github.com/aws/aws-toolkit-jetbrains/issues/595
_SAY_EVERYTHING = ("ecr", "lambda")
_VARIABLE = re.compile(r"\$\{([^}*?$,]+)[^}]*\}")


@dataclass(frozen=True)
class Layers:
    """
    Every policy that has a say, reduced to one action.
    """

    identity: tuple[Policy, ...]
    boundary: Policy | None
    session: tuple[Policy, ...] | None
    resource: Policy | None
    service_control: tuple[tuple[Policy, ...], ...]
    resource_control: tuple[tuple[Policy, ...], ...]
    same_account: bool

    def allow(self, request: Request) -> bool:
        """The evaluator's answer."""
        return may(
            self.identity,
            self.boundary,
            self.resource,
            request,
            same_account=self.same_account,
            session=self.session,
            service_control=self.service_control,
            resource_control=self.resource_control,
        )

    def named(self) -> Iterator[tuple[str, Policy]]:
        """Each policy, with what AWS calls its kind in messages."""
        yield from ((_SERVICE_CONTROL, one) for level in self.service_control for one in level)
        yield from ((_RESOURCE_CONTROL, one) for level in self.resource_control for one in level)
        if self.resource is not None:
            yield _RESOURCE, self.resource
        yield from ((_IDENTITY, one) for one in self.identity)
        if self.boundary is not None:
            yield _BOUNDARY, self.boundary
        yield from ((_SESSION, one) for one in self.session or ())


def not_authorized(caller: Caller, action: str) -> str:
    """How AWS begins to say that a caller may not do something; of whom a provider vouches for, it does not say who."""
    if caller.kind in (SAML, WEB_IDENTITY):
        return f"Not authorized to perform {action}"
    return f"User: {caller.display_arn} is not authorized to perform: {action}"


@dataclass(frozen=True)
class Denial:
    """
    Why a request was denied.
    """

    request: Request
    #: `a session policy`.
    layer: str
    explicit: bool
    #: The statements that deny; none where nothing allows.
    statements: tuple[Statement, ...]
    #: Which policy they are of, in the order of `Layers.named`.
    position: int = 0

    @property
    def reason(self) -> str:
        """As AWS ends the message: `with an explicit deny in a session policy`."""
        if self.explicit:
            return f"with an explicit deny in {self.layer}"
        kind = self.layer.split(" ", 1)[1]
        return f"because no {kind} allows the {self.request.action} action"

    @property
    def message(self) -> str:
        """
        https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
        """
        says = self.request.resource != "*" or self.request.action.partition(":")[0] in _SAY_EVERYTHING
        resource = f" on resource: {self.request.resource}" if says else ""
        return f"{not_authorized(self.request.caller, self.request.action)}{resource} {self.reason}"


def layers_of(
    caller: Caller,
    credentials: Credentials | None,
    need: Need,
    controls: Controls,
    surroundings: Surroundings,
    *,
    whole: bool = False,
) -> Layers:
    """The policies that have a say about one action of a caller, reduced to it unless they are wanted `whole`."""
    action = None if whole else need.action
    identity: tuple[Policy, ...] = ()
    boundary = None
    session: tuple[Policy, ...] | None = None
    if credentials is not None:
        held = holdings_of(credentials)
        identity = tuple(read_for(text, IDENTITY, action) for text in held.identity)
        boundary = None if held.boundary is None else read_for(held.boundary, IDENTITY, action)
        if credentials.policies is not None:
            session = tuple(policy_for_action(one, action) for one in credentials.policies)
    resource = None
    same = caller.account is not None and (need.owner is None or need.owner == caller.account)
    if need.policy is not None and not _is_open_to(caller, need):
        kind = TRUST if need.policy_kind == TRUST else RESOURCE
        resource = read_for(need.policy, kind, action)
        if need.action.startswith("kms:"):
            resource = as_key_policy(resource)
        if boundary is not None and not whole:
            resource = _without_exceptions(resource)
        told = federated_users.read(resource, caller, credentials, same_account=same)
        identity += told.of_user
        resource = resource if whole else told.resource
    organization = surroundings.organization
    return Layers(
        identity,
        boundary,
        session,
        resource,
        _levels(controls.of_caller(caller, organization), IDENTITY, action),
        _levels(controls.of_resource(caller, need, organization), RESOURCE, action),
        same,
    )


def _is_open_to(caller: Caller, need: Need) -> bool:
    """Whether the policy of a resource has no say, whatever it is and whether it can be read."""
    return caller.kind == ROOT and need.owner == caller.account and need.action in _OPEN_TO_ROOT


def _without_exceptions(resource: Policy) -> Policy:
    """
    A policy of a resource as it is for whoever has a boundary: a Deny with `NotPrincipal` leaves none of them out.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    return resource._replace(
        statements=tuple(
            one._replace(not_principals=None, principals=(_EVERYBODY,))
            if one.effect == DENY and one.not_principals is not None
            else one
            for one in resource.statements
        )
    )


def _levels(levels: Sequence[Sequence[str]], kind: str, action: str | None) -> tuple[tuple[Policy, ...], ...]:
    return tuple(tuple(read_for(text, kind, action) for text in level) for level in levels)


def request_for(
    caller: Caller,
    credentials: Credentials | None,
    need: Need,
    surroundings: Surroundings,
    headers: dict[str, str],
    region: str,
) -> Request:
    """The request as policies see it; its resource is `*` where it cannot be named."""
    context = context_of(caller, credentials, need, surroundings, headers, region)
    return Request(caller, need.action, "*" if need.resource is None else need.resource, context)


def judge(layers: Layers, request: Request, need: Need) -> Denial | None:
    """
    Decide one action.

    Returns:
        None when it is allowed.

    Raises:
        Undecided: it hangs on what the sandbox does not know; the message names the statement and the key.
    """
    caller = request.caller
    doubts = sorted(
        {doubt for name, policy in layers.named() for doubt in _doubts(policy, _as_told(name, need), caller)}
    )
    if need.owner is None and need.resource is None and request.caller.account is None:
        doubts.append("the resource cannot be named, nor its owner")
    if not doubts:
        return None if layers.allow(request) else _denial(layers, request)
    generous, strict = _leaning(layers, need, caller, True), _leaning(layers, need, caller, False)
    allowed = generous.allow(request)
    if allowed is not strict.allow(request):
        raise Undecided(f"{request.action} is not decided: {'; '.join(doubts)}")
    return None if allowed else _denial(generous, request)


def _as_told(layer: str, need: Need) -> Need:
    """A need as the policies of a layer are told of it."""
    if layer not in (_RESOURCE, _RESOURCE_CONTROL) or not need.identity_only:
        return need
    return replace(need, unknown=(*need.unknown, *need.identity_only))


def _doubts(policy: Policy, need: Need, caller: Caller) -> Iterator[str]:
    for index, statement in enumerate(policy.statements):
        where = f"statement {statement.sid or index}"
        yield from (f"{where} has {reason}" for reason in statement.unreadable)
        if need.resource is None and _names_resources(statement):
            yield f"{where} names resources, and the sandbox cannot tell the resource of {need.action}"
        for key in _unknown_keys(statement, policy.has_variables, need):
            yield f"{where} asks for {key}, which the sandbox does not compute for {need.action}"
        if _left_out_in_part(statement, caller):
            yield f"{where} leaves {caller.display_arn} out by NotPrincipal in some forms only: account, role, itself"


def _left_out_in_part(statement: Statement, caller: Caller) -> bool:
    """
    Whether a `NotPrincipal` lists some forms of a caller and not all: the manual lets both readings stand.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    listed = statement.not_principals
    return (
        listed is not None and covers(listed, caller, reading=LARGEST) and not covers(listed, caller, reading=SMALLEST)
    )


def _names_resources(statement: Statement) -> bool:
    if statement.not_resources is not None:
        return True
    return statement.resources is not None and "*" not in statement.resources


def keys_asked_for(statement: Statement, variables: bool) -> set[str]:
    """
    The condition keys that a statement asks for, as it has them.

    Args:
        statement: of a policy.
        variables: whether that has policy variables.
    """
    keys = {one.key for one in statement.conditions}
    if variables:
        texts = [*(statement.resources or ()), *(statement.not_resources or ())]
        texts += [operand for one in statement.conditions for operand in one.operands]
        keys |= {found.strip() for text in texts for found in _VARIABLE.findall(str(text))}
    return keys


def _unknown_keys(statement: Statement, variables: bool, need: Need) -> list[str]:
    return sorted(key for key in keys_asked_for(statement, variables) if not is_computed(key, need))


def _leaning(layers: Layers, need: Need, caller: Caller, generous: bool) -> Layers:
    """The same policies, with every doubt for the caller or against."""

    def lean(policy: Policy, layer: str = _IDENTITY) -> Policy:
        return policy._replace(statements=tuple(_lean(policy, _as_told(layer, need), caller, generous)))

    def lean_all(levels: tuple[tuple[Policy, ...], ...], layer: str) -> tuple[tuple[Policy, ...], ...]:
        return tuple(tuple(lean(one, layer) for one in level) for level in levels)

    return replace(
        layers,
        identity=tuple(lean(one) for one in layers.identity),
        boundary=None if layers.boundary is None else lean(layers.boundary),
        session=None if layers.session is None else tuple(lean(one) for one in layers.session),
        resource=None if layers.resource is None else lean(layers.resource, _RESOURCE),
        service_control=lean_all(layers.service_control, _SERVICE_CONTROL),
        resource_control=lean_all(layers.resource_control, _RESOURCE_CONTROL),
    )


def _lean(policy: Policy, need: Need, caller: Caller, generous: bool) -> Iterator[Statement]:
    for statement in policy.statements:
        unknown = _unknown_keys(statement, policy.has_variables, need)
        unnamed = need.resource is None and _names_resources(statement)
        partly = _left_out_in_part(statement, caller)
        if not unknown and not unnamed and not partly and not statement.unreadable:
            yield statement
        elif (statement.effect == ALLOW) is generous:
            if partly:
                statement = statement._replace(not_principals=None, principals=(_EVERYBODY,))
            yield _without_doubt(statement._replace(unreadable=()), policy.has_variables, need, unnamed)


def _without_doubt(statement: Statement, variables: bool, need: Need, unnamed: bool) -> Statement:
    """A statement in which everything that is not known is taken to match."""
    kept = tuple(
        one
        for one in statement.conditions
        if not _unknown_keys(Statement(statement.effect, conditions=(one,)), variables, need)
    )
    about = Statement(statement.effect, resources=statement.resources, not_resources=statement.not_resources)
    if unnamed or _unknown_keys(about, variables, need):
        statement = statement._replace(resources=("*",), not_resources=None)
    return statement._replace(conditions=kept)


def _denial(layers: Layers, request: Request) -> Denial:
    for position, (name, policy) in enumerate(layers.named()):
        found = decide(policy, request)
        if found.outcome == EXPLICIT_DENY:
            return Denial(request, name, True, tuple(one.statement for one in found.deciding), position)
    silent = _silent_layers(layers, request)
    # Where one that is silent may stay so (a policy of the resource grants it besides), another one is the reason.
    reason = next((one for one in silent if _opened(layers, one).allow(request)), silent[0])
    return Denial(request, reason, False, ())


def as_written(denial: Denial, whole: Layers) -> Denial:
    """
    A denial by statements as their policies have them, which are decided reduced to one action.

    Args:
        denial: of the layers.
        whole: the same layers, not reduced.
    """
    _, policy = list(whole.named())[denial.position]
    written = {one.path: one for one in policy.statements}
    return replace(denial, statements=tuple(written[one.path] for one in denial.statements))


def _silent_layers(layers: Layers, request: Request) -> list[str]:
    """The layers that do not allow what they may have to, the first being what AWS looks at first."""

    def allows(policies: Sequence[Policy]) -> bool:
        return any(decide(one, request).allowed for one in policies)

    silent = []
    if not all(allows(level) for level in layers.service_control):
        silent.append(_SERVICE_CONTROL)
    if not all(allows(level) for level in layers.resource_control):
        silent.append(_RESOURCE_CONTROL)
    granted = layers.resource is not None and allows([layers.resource])
    without_identity = request.caller.account is None or request.caller.kind == SERVICE
    if not granted and (without_identity or not layers.same_account or request.action.lower().startswith("sts:assume")):
        silent.append(_RESOURCE)
    if request.caller.kind != ROOT and not allows(layers.identity):
        silent.append(_IDENTITY)
    if layers.boundary is not None and not allows([layers.boundary]):
        silent.append(_BOUNDARY)
    if layers.session is not None and not allows(layers.session):
        silent.append(_SESSION)
    return silent or [_RESOURCE]


def _opened(layers: Layers, name: str) -> Layers:
    """The same policies, where one layer allows everything."""
    opened: dict[str, Layers] = {
        _SERVICE_CONTROL: replace(layers, service_control=()),
        _RESOURCE_CONTROL: replace(layers, resource_control=()),
        _RESOURCE: replace(
            layers, resource=Policy((Statement(ALLOW, (_EVERYBODY,), actions=("*",), resources=("*",)),))
        ),
        _IDENTITY: replace(layers, identity=(*layers.identity, _EVERYTHING)),
        _BOUNDARY: replace(layers, boundary=None),
        _SESSION: replace(layers, session=None),
    }
    return opened[name]
