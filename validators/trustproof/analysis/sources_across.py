"""
What one template has services come to of another one, which a remedy would stop that bounds them to the own account.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from trustproof.properties.no_confused_deputy import NoConfusedDeputy
from trustproof.results.result import REFUTED, Remedy, Result

#: How the types begin of what has a service come to what it names.
_SENDING = (
    "AWS::ApiGateway",
    "AWS::CloudFormation::StackSet",
    "AWS::CloudTrail::Trail",
    "AWS::CloudWatch::",
    "AWS::Cognito::UserPool",
    "AWS::Events::Rule",
    "AWS::Logs::SubscriptionFilter",
    "AWS::S3::Bucket",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::Serverless::",
)
#: The ARN of a function, topic or queue, with its account and what it is called there.
_ARN = re.compile(r"arn:[^:]*:(?:lambda|sns|sqs):[^:]*:([^:/]*):((?:function:)?[\w.-]+)")
#: In place of what is known at deployment only; of the account that the template is deployed to, which is an own one.
_UNKNOWN, _OWN = "<>", "<own>"
#: A test that holds for other accounts of the organization, too.
_FOR_ORGANIZATION = "SourceOrgID"


class NamedTarget(NamedTuple):
    """
    What a template names by an ARN, in another account than its own.
    """

    #: `_UNKNOWN` where it is given at deployment.
    account: str
    #: As in the ARN, after the account: ``function:handler``.
    name: str
    #: The account that the template is deployed to; None where it does not say.
    own: str | None = None


def named_targets(data: Mapping[str, object] | None, own: str | None) -> tuple[NamedTarget, ...]:
    """
    What of other accounts a template has services come to.

    Args:
        data: the template as it is written; None where it is in another form.
        own: the account that it is deployed to; None where it does not say.
    """
    if data is None:
        return ()
    declared = data.get("Parameters")
    defaults = {
        str(name): str(one["Default"])
        for name, one in (declared.items() if isinstance(declared, Mapping) else ())
        if isinstance(one, Mapping) and "Default" in one
    }
    resources = data.get("Resources")
    found: dict[NamedTarget, None] = {}
    for resource in resources.values() if isinstance(resources, Mapping) else ():
        if isinstance(resource, Mapping) and str(resource.get("Type")).startswith(_SENDING):
            for text in _texts(resource.get("Properties"), defaults):
                found.update((NamedTarget(match[1], match[2], own), None) for match in _ARN.finditer(text))
    return tuple(one for one in found if one.account not in (_OWN, own))


def for_sources_elsewhere(results: Iterable[Result], named: Mapping[str, tuple[NamedTarget, ...]]) -> list[Result]:
    """
    The results, with words for a remedy that would stop what other templates have a service come for.

    Args:
        named: what the templates of the run name, by their files.
    """
    by_name: dict[str, list[tuple[str, NamedTarget]]] = {}
    for template, targets in named.items():
        for one in targets:
            by_name.setdefault(one.name, []).append((template, one))
    return [_kept_in(result, by_name) for result in results] if by_name else [*results]


def _kept_in(result: Result, by_name: Mapping[str, list[tuple[str, NamedTarget]]]) -> Result:
    remedy, request = result.remedy, result.counterexample
    is_asked = result.property == NoConfusedDeputy.ident and result.verdict == REFUTED
    if not is_asked or remedy is None or not remedy.edits or request is None or _FOR_ORGANIZATION in str(remedy.edits):
        return result
    fields = request.resource.split(":", 5)
    meant = (one for one in by_name.get(fields[-1], ()) if one[0] != result.template)
    templates = [name for name, one in meant if _may_be(one, result.account)]
    if not templates:
        return result
    said = f"{templates[0]} has a service come here, and may be of another account"
    text = f"say for whom the service may call, with the account that {templates[0]} is deployed to among them"
    return result._replace(why=(*result.why, said), remedy=Remedy(text))


def _may_be(named: NamedTarget, account: str | None) -> bool:
    """Whether a template may name something of an account, and be in another one itself."""
    if account is None:
        return True
    return named.account in (_UNKNOWN, account) and named.own != account


def _texts(value: object, defaults: Mapping[str, str]) -> Iterator[str]:
    """The texts in a value, at any depth, functions among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, defaults)
    elif isinstance(value, Mapping):
        text = _text(value, defaults)
        if text == _UNKNOWN:
            for inner in value.values():
                yield from _texts(inner, defaults)
        else:
            yield text


def _text(value: object, defaults: Mapping[str, str]) -> str:
    """A value as a text, in which what is known at deployment only stands as `_UNKNOWN`."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping) or len(value) != 1:
        return _UNKNOWN
    ((function, argument),) = value.items()
    if function == "Ref":
        return _named(str(argument), defaults)
    if function == "Fn::Sub":
        text = argument[0] if isinstance(argument, list) and argument else argument
        given = argument[-1] if isinstance(argument, list) and isinstance(argument[-1], Mapping) else {}
        own = {**defaults, **{str(key): _text(one, defaults) for key, one in given.items()}}
        return re.sub(r"\$\{([^}!]*)\}", lambda match: _named(match[1], own), str(text))
    if function == "Fn::Join" and isinstance(argument, list) and len(argument) > 1 and isinstance(argument[1], list):
        return str(argument[0]).join(_text(part, defaults) for part in argument[1])
    return _UNKNOWN


def _named(name: str, defaults: Mapping[str, str]) -> str:
    return _OWN if name == "AWS::AccountId" else defaults.get(name, _UNKNOWN)
