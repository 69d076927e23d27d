"""
Tags of resources, and aliases of keys, where policies look at them: a secret with another tag is one that others read.

What no policy looks at is not asked for.

https://docs.aws.amazon.com/IAM/latest/UserGuide/introduction_attribute-based-access-control.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from trustproof.engine.domains import text
from trustproof.errors import PolicySyntaxError
from trustproof.live.account import LiveAccount
from trustproof.live.errors import CannotCheck
from trustproof.live.expectation import Expectation
from trustproof.live.policy_comparison import (
    DIFFERS,
    ONLY_DEPLOYED,
    ONLY_TEMPLATE,
    SAME,
    UNKNOWN,
    Comparison,
    about,
    cannot_compare,
    describe,
    held_by,
    parse_policies,
    reached_in,
    within_budget,
)
from trustproof.live.references import in_answer
from trustproof.live.tag_calls import EC2, ROWS, Row
from trustproof.live.tags import TagUses, compare_values, names_a_tag, values_of
from trustproof.live.template_tags import KEYS, TaggedResource, tags_in
from trustproof.model.document import IDENTITY, RESOURCE
from trustproof.model.request import Request
from trustproof.proving.first_excess import first_excess
from trustproof.proving.sides import Scene, Side, allows
from trustproof.sets.patterns import ANY_RUN, exact, join

_NOT_COMPARED = "a policy looks at the tag {}, and the tags of a resource of type {} are not compared"
#: What of a policy that allows is left: its statements that look at a tag, or all where those that deny do.
_ALLOW = "Allow"


class _Holder(NamedTuple):
    """
    Policies that stand together, where they look at tags of a resource.
    """

    texts: Sequence[str]
    scene: Scene
    #: The prefix of the actions that the request shown is for.
    prefix: str


def compare_resource_tags(
    account: LiveAccount, expected: Expectation, uses: TagUses, partition: str
) -> Iterator[tuple[str, Comparison]]:
    """
    Compare the tags of resources, and the aliases of keys.

    Args:
        account: where they are.
        expected: what its templates say.
        uses: what policies look at.
        partition: of the account.
    """
    for one in expected.tagged_resources:
        in_use = uses.of_service(_prefix(one.type_name))
        result = _compared(account, one, in_use) if in_use else None
        if result is not None:
            if result.verdict == DIFFERS and one.arn:
                lines = _request(account, expected, one, uses, result, partition)
                result = result._replace(lines=(*result.lines, *lines))
            if result.verdict != SAME or result.wanted:
                yield f"{one.subject}: tags", Comparison(result.verdict, result.lines)
        if one.type_name in KEYS and uses.aliases:
            aliases = _aliases(account, expected, one, uses.aliases)
            if aliases is not None:
                yield f"{one.subject}: aliases", aliases


class _Result(NamedTuple):
    """
    What became of comparing tags.
    """

    verdict: str
    lines: tuple[str, ...]
    wanted: Mapping[str, str]
    found: Mapping[str, str]


def _prefix(type_name: str) -> str:
    """The prefix of the actions of the service of a type, as it is called as a rule."""
    rows = ROWS.get(type_name)
    return type_name.split("::")[1].lower() if rows is None else rows.prefix


def _compared(account: LiveAccount, one: TaggedResource, in_use: set[str]) -> _Result | None:
    row = ROWS.get(one.type_name)
    wanted = values_of(one.tags, in_use)
    if row is None:
        if not wanted:
            return None
        said = _NOT_COMPARED.format(", ".join(sorted(wanted)), one.type_name)
        return _Result(UNKNOWN, (said,), wanted, {})
    if one.unknown:
        return _Result(UNKNOWN, (f"its tags are not known, and a policy looks at them: {one.unknown}",), wanted, {})
    try:
        found = values_of(deployed_tags(account, one, row), in_use)
    except CannotCheck as error:
        missing = cannot_compare(error)
        # Of what is not there no request is decided.
        return _Result(missing.verdict, missing.lines, wanted, wanted)
    compared = compare_values(wanted, found)
    return _Result(compared.verdict, compared.lines, wanted, found)


def deployed_tags(account: LiveAccount, one: TaggedResource, row: Row) -> dict[str, str]:
    """
    The tags that a resource has.

    Raises:
        CannotCheck: AWS does not tell.
    """
    parameters: dict[str, Any] = {}
    for parameter in row.parameters:
        name, _, template = parameter.partition("=")
        if "{arn}" in template and not one.arn:
            raise CannotCheck("its ARN, by which AWS tells its tags, is not known")
        value = template.format(id=one.physical_id, arn=one.arn)
        parameters[name.removesuffix("[]")] = [value] if name.endswith("[]") else value
    if row.operation == EC2:
        parameters = {"Filters": [{"Name": "resource-id", "Values": [one.physical_id]}]}
    answer = account.call(row.service, row.operation, parameters, one.region, row.absent)
    return tags_in(in_answer(answer, row.place) if answer is not None else {})


def _request(
    account: LiveAccount, expected: Expectation, one: TaggedResource, uses: TagUses, result: _Result, partition: str
) -> tuple[str, ...]:
    """A request that is decided otherwise with the tags that the resource has; nothing where none is found."""
    wanted, found = result.wanted, result.found
    changed = {name for name in {*wanted, *found} if wanted.get(name) != found.get(name)}
    keys = sorted({key for name in changed for key in uses.keys.get(name, ())})
    template, deployed = ({key: tags.get(key.partition("/")[2], "") for key in keys} for tags in (wanted, found))
    for holder in _holders(account, expected, one, partition):
        for said, first, other in ((ONLY_DEPLOYED, deployed, template), (ONLY_TEMPLATE, template, deployed)):
            request = _decided_otherwise(holder, first, other, changed)
            if request is not None:
                return (said, *describe(request))
    return ()


def _holders(account: LiveAccount, expected: Expectation, one: TaggedResource, partition: str) -> Iterator[_Holder]:
    """The policies that may decide about a resource: its own, and those of users and roles of its account."""
    prefix = ROWS[one.type_name].prefix
    whose = (
        ("resource", text(exact(one.arn), join(f"{one.arn}/", ANY_RUN))),
        ("action", text(join(f"{prefix}:", ANY_RUN))),
    )
    there = reached_in(one.arn)
    for held in expected.held.values():
        if held.about == one.arn:
            asked = about(held.about, held.actions)
            scene = Scene(RESOURCE, account.id, partition, one.arn, known_keys=there, constraints=asked)
            yield _Holder([*held.documents.values()], scene, prefix)
    for (kind, name), holding in expected.holdings.items():
        identity = account.identities.get((kind, name))
        if identity is None:
            continue
        managed = (expected.managed[arn] for arn in holding.attached if arn in expected.managed)
        callers, constraints = held_by(kind, identity.arn)
        own = tuple((f"aws:principaltag/{key.lower()}", value) for key, value in holding.tags.items() if value)
        asked = (*constraints, *whose)
        scene = Scene(IDENTITY, account.id, partition, one.arn, callers, known_keys=(*there, *own), constraints=asked)
        yield _Holder([*holding.documents.values(), *managed], scene, prefix)


def _decided_otherwise(
    holder: _Holder, tags: Mapping[str, str], others: Mapping[str, str], changed: set[str]
) -> Request | None:
    """A request that policies allow where a resource has some tags, and not where it has others."""
    looking = [_looking_at(one, holder, changed) for one in holder.texts]
    if not any(looking):
        return None
    scene = holder.scene._replace(known_keys=(*holder.scene.known_keys, *tags.items()))
    try:
        asked, whole = (
            Side(tuple(parse_policies([one for one in texts if one], scene.kind))) for texts in (looking, holder.texts)
        )
        request = within_budget(first_excess, asked, Side(()), scene)
        if not isinstance(request, Request):
            return None
        rest = {name: value for name, value in request.context.items() if name not in others}
        other = request._replace(context={**rest, **{name: value for name, value in others.items() if value}})
        is_about_it = request.resource.startswith(scene.resource) and _prefix_of(request.action) == holder.prefix
        return request if is_about_it and allows(whole, request) and not allows(whole, other) else None
    except (PolicySyntaxError, ValueError):
        # What is known when it is deployed only, or no policy: nothing is shown.
        return None


def _looking_at(policy: str, holder: _Holder, changed: set[str]) -> str:
    """The part of a policy whose statements allow by a tag; all of it where a Deny looks at one, and else nothing."""
    try:
        document = json.loads(policy)
    except ValueError:
        return ""
    given = document.get("Statement") if isinstance(document, dict) else None
    statements = [one for one in (given if isinstance(given, list) else [given]) if isinstance(one, dict)]
    named = [one for one in statements if names_a_tag(one, changed)]
    if not named:
        return ""
    if all(one.get("Effect") == _ALLOW for one in named):
        statements = [one for one in statements if one in named or one.get("Effect") != _ALLOW]
    return json.dumps({**document, "Statement": [_about(one, holder) for one in statements]})


def _about(statement: dict[str, Any], holder: _Holder) -> dict[str, Any]:
    """What a statement allows about one resource: what it allows besides would be shown first where that is graver."""
    if statement.get("Effect") != _ALLOW:
        return statement
    arn, out = holder.scene.resource, dict(statement)
    if out.get("Resource") in ("*", ["*"]):
        out["Resource"] = [arn, f"{arn}/*"]
    if "Action" in out:
        actions = out["Action"] if isinstance(out["Action"], list) else [out["Action"]]
        whole = f"{holder.prefix}:*"
        own = [whole if one == "*" else one for one in actions if one == "*" or _prefix_of(one) == holder.prefix]
        out["Action"] = own or actions
    return out


def _prefix_of(action: object) -> str:
    return str(action).partition(":")[0].lower()


def _aliases(account: LiveAccount, expected: Expectation, one: TaggedResource, patterns: set[str]) -> Comparison | None:
    """Compare the aliases of a key that policies look at; None where there are none."""
    key = re.split("[:/]", one.physical_id)[-1]

    def looked_at(names: Iterator[str]) -> set[str]:
        return {name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)}

    wanted = looked_at(iter(expected.aliases.get((one.region, key), ())))
    try:
        answer = account.call("kms", "ListAliases", {"KeyId": one.physical_id}, one.region)
    except CannotCheck as error:
        return cannot_compare(error)
    found = looked_at(str(alias["AliasName"]) for alias in (answer or {}).get("Aliases") or [])
    lines = [f"{name}: template: an alias of this key; deployed: none" for name in sorted(wanted - found)]
    lines += [f"{name}: template: no alias of this key; deployed: one" for name in sorted(found - wanted)]
    if lines:
        return Comparison(DIFFERS, ("a policy looks at the aliases of the key", *lines))
    return Comparison(SAME) if wanted else None
