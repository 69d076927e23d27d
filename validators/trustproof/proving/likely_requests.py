"""
Requests that somebody would send: an action of AWS about a resource that it takes, with the keys that it carries.

Where a policy leaves the choice, as ``"Action": "*"`` does, the first request that comes to mind may be one that AWS
does not know: stopping instances with the tag of a request, or reading an object in a Region that has none. The service
authorization reference is not complete, so that a request is preferred for it, and never ruled out.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from trustproof.aws import published
from trustproof.aws.condition_keys import lookup
from trustproof.aws.examples import ACCOUNTS, DELIVERING, EXAMPLE_ACTIONS, GRAVE_ACTIONS, IDENTIFIERS, IN_A_NAME
from trustproof.aws.global_services import only_endpoint
from trustproof.engine.region import AllowedPart
from trustproof.model.policy import Statement
from trustproof.model.request import Request
from trustproof.properties.shared.regions import may_name
from trustproof.sets.patterns import like, matches
from trustproof.sets.strings import StringSet

#: So many requests of each sort are asked of the evaluator before the first one is left as it is.
_ATTEMPTS = 24
#: Prefixes of keys that a request for any action may carry, unless they are families of the next table.
_ANY_ACTION = ("aws", "saml", "sts")
#: Keys of a part of the actions: with a name behind, and as the reference lists them.
_FAMILIES = ("aws:requesttag/", "aws:resourcetag/", "iam:resourcetag/")
_REGION = "aws:requestedregion"
_OF_KMS = "kms:calleraccount"
#: How many colons the ARN of a resource has at least.
_COLONS = 5
#: What the reference writes like the ARN of a bucket.
_OBJECTS = ("arn:*:s3:::*/*",)
_GITHUB = "token.actions.githubusercontent.com"
_REPOSITORY = re.compile(r"repo:[\w.@-]+/[\w.@-]+(?=:|$)")
#: What runs a workflow: who may do what a branch may not is shown first.
_RUNS = ("pull_request", "ref:refs/heads/feature", "ref:refs/heads/main", "environment:production")


def likelier(request: Request, found: AllowedPart, is_confirmed: Callable[[Request], bool]) -> Request:
    """
    A request that somebody would send, where there is one; else the same.

    Args:
        request: that is confirmed.
        found: what it is one of.
        is_confirmed: whether another one would do, by the evaluator.
    """

    def is_found(other: Request) -> bool:
        return _admits(found, "action", other.action.lower()) and _admits(found, "resource", other.resource)

    def is_named(other: Request) -> bool:
        return may_name(found.encoded.statement, other.action.lower())

    is_described = _is_described(request.action)
    # What is found may be a part of what is let in, so that others are tried as well.
    for candidates in (_candidates(request, is_found), _candidates(request, is_named), _elsewhere(request)):
        for candidate in islice(candidates, _ATTEMPTS):
            if candidate == request and is_described:
                return request
            if candidate != request and is_confirmed(candidate):
                return candidate
    return request


def gravest(request: Request, found: AllowedPart, is_confirmed: Callable[[Request], bool]) -> Request:
    """
    The same for the action that matters most of those that would do, where a statement allows many; else `likelier`.

    Args:
        request: that is confirmed.
        found: what it is one of.
        is_confirmed: whether another one would do, by the evaluator.
    """
    for candidate in islice(_grave(request, found.encoded.statement), 2 * _ATTEMPTS):
        if candidate == request or is_confirmed(candidate):
            return candidate
    return likelier(request, found, is_confirmed)


def graver(request: Request, found: AllowedPart) -> Iterator[Request]:
    """
    The same for actions of the same service that matter more, the one that matters most first, where a statement of a
    resource policy names them and the property does not choose.

    Args:
        request: that is confirmed.
        found: what it is one of.
    """
    if found.region.space.action or dict(found.region.hints).get("action"):
        return
    service = request.action.lower().partition(":")[0]
    written = ("s3:PutObject",) if request.caller.arn in DELIVERING else ()
    for action in dict.fromkeys((*written, *EXAMPLE_ACTIONS)):
        if action.lower() == request.action.lower():
            return
        if action.partition(":")[0] != service or not may_name(found.encoded.statement, action.lower()):
            continue
        for resource in _of_statement(request, found.encoded.statement):
            candidate = request._replace(action=action, resource=resource)
            if _is_of_region(candidate, found) and is_likely(candidate):
                yield candidate


def _of_statement(request: Request, statement: Statement) -> Iterator[str]:
    """The resource of a request, what may be in it, and examples of what a statement is about."""
    yield request.resource
    if request.action.lower().startswith("s3:") and "/" not in request.resource:
        yield f"{request.resource}/{IN_A_NAME}"
    for entry in statement.resources or ():
        if isinstance(entry, str) and entry != "*":
            yield entry.replace("*", IN_A_NAME).replace("?", "x")


def _is_of_region(request: Request, found: AllowedPart) -> bool:
    """Whether a request is one of those that are asked about, as far as its action and its resource go."""
    asked = dict(found.region.constraints)
    for name, value in (("action", request.action.lower()), ("resource", request.resource)):
        values = asked.get(name)
        if values is not None and isinstance(values.present, StringSet) and value not in values.present:
            return False
    return True


def with_likely_keys(request: Request, is_confirmed: Callable[[Request], bool]) -> Request:
    """
    The same with what comes with it where a policy leaves that open: the subject of a token, and for whose account KMS
    takes the caller, which it says of whoever has one.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-caller-account
    """
    account = request.caller.account
    if request.action.lower().startswith("kms:") and account is not None:
        candidate = request._replace(context={_OF_KMS: account, **request.context})
        if is_confirmed(candidate):
            request = candidate
    return _with_likely_subject(request, is_confirmed)


def _with_likely_subject(request: Request, is_confirmed: Callable[[Request], bool]) -> Request:
    """
    The same with a subject that GitHub gives a token, where a policy leaves open what follows the repository.

    https://docs.github.com/en/actions/reference/security/oidc
    """
    for key, said in request.context.items():
        if isinstance(said, str) and key.startswith(_GITHUB) and key.endswith(":sub"):
            there = _REPOSITORY.match(said)
            repository = there[0] if there else "repo:octo-org/octo-repo"
            for run in _RUNS:
                candidate = request._replace(context={**request.context, key: f"{repository}:{run}"})
                if is_confirmed(candidate):
                    return candidate
    return request


def _grave(request: Request, statement: Statement) -> Iterator[Request]:
    """Requests for the actions that matter, with no key that they do not carry."""
    for action in GRAVE_ACTIONS:
        prefix, _, name = action.lower().partition(":")
        service = published.service(prefix)
        known = None if service is None else service.actions.get(name)
        if known is None or not may_name(statement, action.lower()):
            continue
        carried = {key: value for key, value in request.context.items() if _may_carry(known, key)}
        for resource in _resources(action, request):
            candidate = request._replace(action=action, resource=resource, context=carried)
            if is_likely(candidate):
                yield candidate


def _admits(found: AllowedPart, dimension: str, value: str) -> bool:
    values = found.assignment.get(dimension)
    return values is None or not isinstance(values.present, StringSet) or value in values.present


def is_likely(request: Request) -> bool:
    """Whether the reference knows the action, and has the resource and every key of the request with it."""
    prefix, _, name = request.action.partition(":")
    service = published.service(prefix.lower())
    action = None if service is None else service.actions.get(name.lower())
    if service is None or action is None:
        return False
    return _takes(service, action, request) and _carries(action, request) and _is_in_region(request)


def _takes(service: published.Service, action: published.Action, request: Request) -> bool:
    if request.resource == "*":
        return not action.required
    return any(matches(like(arn), request.resource) for arn in _arns(service, action))


def _arns(service: published.Service, action: published.Action) -> Iterator[str]:
    """The ARNs that an action may be about; the reference writes the same type in two ways."""
    types = {type_.lower() for type_ in action.resources}
    return (arn for type_, arns in service.resources.items() if type_.lower() in types for arn in arns)


def _carries(action: published.Action, request: Request) -> bool:
    return all(_may_carry(action, key) for key in request.context)


def _may_carry(action: published.Action, key: str) -> bool:
    return _is_of_any_action(key) or _family(key) in {_family(one.lower()) for one in action.keys}


def _family(key: str) -> str:
    return key.partition("/")[0]


def _is_of_any_action(key: str) -> bool:
    prefix = key.partition(":")[0]
    if key.startswith(_FAMILIES) or key == "aws:tagkeys":
        return False
    return prefix in _ANY_ACTION or "." in prefix or lookup(key).known


def _is_in_region(request: Request) -> bool:
    fields, region = request.resource.split(":"), request.context.get(_REGION)
    only = only_endpoint(request.action, request.caller.arn.split(":")[1] if ":" in request.caller.arn else "")
    if region is None:
        return True
    return only in ("", region) and (len(fields) < 6 or fields[3] in ("", region))


# -- what else it may be


def _candidates(request: Request, may_be: Callable[[Request], bool]) -> Iterator[Request]:
    """Requests that are likely, the most like the one that is there first."""
    own, _, _ = request.action.lower().partition(":")
    keys = [key.partition(":")[0] for key in request.context if not _is_of_any_action(key)]
    fields = request.resource.split(":")
    services = dict.fromkeys((own, *keys, *(fields[2:3] if len(fields) > 5 else ())))
    # What is too new to be described is not what comes to mind.
    named = (request.action, *EXAMPLE_ACTIONS) if _is_described(request.action) else EXAMPLE_ACTIONS
    for action in dict.fromkeys((*named, *(one for service in services for one in published_actions_of(service)))):
        for resource in _resources(action, request):
            candidate = request._replace(action=action, resource=resource)
            if may_be(candidate) and is_likely(candidate):
                yield candidate


def _elsewhere(request: Request) -> Iterator[Request]:
    """Where no action carries the keys that a policy asks for: the same about a resource that it takes."""
    prefix, _, name = request.action.lower().partition(":")
    service = published.service(prefix)
    action = None if service is None else service.actions.get(name)
    for resource in _resources(request.action, request):
        candidate = request._replace(resource=resource)
        if service is not None and action is not None and _takes(service, action, candidate):
            yield candidate


def published_actions_of(prefix: str) -> Iterator[str]:
    """The actions of a service that are described, those that change something first, and then the others."""
    found = published.service(prefix)
    for action in sorted(found.actions.values(), key=_rank) if found else ():
        yield f"{prefix}:{action.name}"


def _rank(action: published.Action) -> tuple[bool, bool, str]:
    """What is too new to be described comes last."""
    return not action.is_described, action.reads, action.name


def _is_described(action: str) -> bool:
    prefix, _, name = action.partition(":")
    service = published.service(prefix.lower())
    known = None if service is None else service.actions.get(name.lower())
    return action != action.lower() if known is None else known.is_described


def _resources(action: str, request: Request) -> Iterator[str]:
    """The resource of the request, with a name as AWS gives it, and examples of those that an action takes."""
    prefix, _, name = action.partition(":")
    service = published.service(prefix.lower())
    known = None if service is None else service.actions.get(name.lower())
    if service is None or known is None:
        return
    if request.resource.endswith(IN_A_NAME):
        yield request.resource[: -len(IN_A_NAME)] + _identifier(prefix, request.resource)
    yield request.resource
    if not known.required:
        yield "*"
    region = str(request.context.get(_REGION, "us-east-1"))
    partition = request.caller.arn.split(":")[1] if request.caller.arn.startswith("arn:") else "aws"
    yield from resources_taken(action, partition, region, request.caller.account or ACCOUNTS[0])


def resources_taken(action: str, partition: str, region: str, account: str, inside: str = "") -> Iterator[str]:
    """
    Examples of the resources that an action takes, in an account; of what these are inside of, where `inside` says what
    follows that, with a ``*`` for each name.
    """
    prefix, _, name = action.partition(":")
    service = published.service(prefix.lower())
    known = None if service is None else service.actions.get(name.lower())
    if service is None or known is None:
        return
    for arn in (*(_OBJECTS if known.resources[-1:] == ("object",) else ()), *_arns(service, known)):
        if inside and not arn.endswith("*"):
            continue
        outer = arn.removesuffix(inside)
        # Where the reference does not say what follows, the last name of its pattern does.
        _, _, owner, place, its, rest = (outer if outer.count(":") >= _COLONS else arn).split(":", _COLONS)
        begun = f"arn:{partition}:{owner}:{place and region}:{account if its == '*' else its}:{rest}"
        whole = begun.removesuffix("*").replace("*", IN_A_NAME)
        yield whole + (_identifier(prefix, whole) if begun.endswith("*") else "")


def _identifier(prefix: str, resource: str) -> str:
    """What the name of a resource looks like, where AWS gives it."""
    type_ = resource.split(":", 5)[-1].replace(":", "/").partition("/")[0]
    return IDENTIFIERS.get(f"{prefix.lower()}:{type_}", IN_A_NAME)
