"""
Buckets of which a stack has a policy, and which another one makes: a stack nested in it, one around it, or one beside.

They have the same parameters, so that what both call ``acme-${Env}`` is one bucket wherever they are deployed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from trustproof.inputs.cloudformation.evaluation.functions.branches import branches
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.stacks.passed_values import rename_symbols
from trustproof.inputs.cloudformation.linking.members import Member
from trustproof.inputs.cloudformation.linking.presence import conditions_of
from trustproof.inputs.cloudformation.linking.relocation import LinkLookup, Relocation
from trustproof.inputs.cloudformation.resources.access.bucket_blocks import BUCKET, bucket_of, name_of
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.bucket_settings import OF_PLACE, is_name
from trustproof.inputs.cloudformation.values.catalogue import ACCESS_POINT, BUCKET_POLICY
from trustproof.inputs.cloudformation.values.linked_values import LinkedValues, NotLinkable
from trustproof.inputs.cloudformation.values.presence import NOT_KNOWN
from trustproof.inputs.grammar.open_texts import Part, may_be_same
from trustproof.inputs.grammar.values import NO_VALUE

#: Texts, and what stands for parameters and other expressions in them.
Names = frozenset[tuple[str | Part, ...]]


def may_name_same(member: Member, other: Member, *, is_nested: bool) -> bool:
    """
    Whether a template may make a bucket that another one of the same place names: both say the name, or have the same
    parameters.

    Args:
        member: the one that has policies.
        is_nested: whether both are nested in one stack, or one in the other.
    """
    named = {*filter(is_name, member.names.policies_of)}
    is_one_place = (other.account, other.region) == (member.account, member.region)
    is_made = any(one.origin.maker is not None or one.origin.deployment.is_in_stack_set for one in (member, other))
    if not member.names.policies_of or not is_one_place or is_made:
        return False
    return is_nested or any(one.bucket in named for one in other.names.settings)


def wanted_names(template: Template, label: str) -> Names:
    """What others call the buckets that a template has policies of and does not make, where it writes their names."""
    found: Names = frozenset()
    for logical_id in template.environment.of_types((BUCKET_POLICY, ACCESS_POINT)):
        named = template.environment.properties(logical_id).get("Bucket")
        for one, _, _ in branches(template.resolver, named, (), (), absent=True):
            if one is not NO_VALUE and not bucket_of(template.resolver, one):
                found |= _seen_by_others(template, label, one)
    return found


def named_buckets(template: Template, label: str) -> Iterator[tuple[str, Names]]:
    """The logical ids of the buckets whose names a template writes, each with what others call it."""
    for logical_id in template.environment.of_types((BUCKET,)):
        named = template.environment.properties(logical_id).get("BucketName")
        if named is not None and (names := _seen_by_others(template, label, named)):
            yield logical_id, names


def meant_buckets(wanted: Names, made: Sequence[tuple[int, str, Names]]) -> Iterator[tuple[int, str, Names]]:
    """
    Those of some buckets that policies may mean, each once: what is written in the same way is meant before what may be
    the same text. Which of two is made by one name, nobody knows.

    Args:
        wanted: what the policies call them.
        made: the templates that make them, logical ids and names.
    """
    meant: dict[int, None] = {}
    for name in wanted:
        places = [place for place, (*_, names) in enumerate(made) if name in names]
        places = places or [
            place for place, (*_, names) in enumerate(made) if any(may_be_same(name, other) for other in names)
        ]
        meant.update(dict.fromkeys(places if len(places) == 1 else ()))
    yield from (made[place] for place in sorted(meant))


def _seen_by_others(template: Template, label: str, named: object) -> Names:
    """
    A name with parameters in the place of their values: those that list their values, and all.

    Which of several values one has is not known, and a default may be passed as what it is.
    """
    environment = template.environment
    given = environment.bindings.keys() | template.resolver.values.keys()
    own = {name: one for name, one in environment.parameters.items() if name not in given and not one.is_list}
    open_ = {name: f"<{label}/{name}>" for name in own}
    listed = {name: open_[name] for name, one in own.items() if one.listed}
    place = {name: f"<{name}>" for name in OF_PLACE if name not in environment.deployment.place}
    known = {**template.resolver.values, **place}
    names = (name_of(Resolver(environment, {**known, **chosen}), named) for chosen in (listed, open_))
    return frozenset(_pieces(str(rename_symbols(name, label))) for name in names if name)


def _pieces(name: str) -> tuple[str | Part, ...]:
    """A name as texts and parts: no name of a bucket has an angle bracket in it."""
    pieces = re.split("<([^<>]*)>", name)
    return tuple(Part(one) if at % 2 else one for at, one in enumerate(pieces) if one)


def relocate_bucket(template: Template, label: str, logical_id: str, look_up: LinkLookup) -> LinkedValues | None:
    """
    A bucket with what stands around it, as others see it, and what decides whether it is there; None where that is not
    known.

    Args:
        template: the one that makes it.
        label: what that is called.
        look_up: answers what that takes from others.
    """
    renaming = Relocation(template, label, look_up)
    around = template.origin.deployment.presence
    try:
        renaming.reference(logical_id)
        conditions = [*around.conditions, *conditions_of(template, renaming, logical_id)]
        sources = [renaming.value(one) for one in template.environment.collections_of(logical_id)]
    except NotLinkable:
        return None
    found = around.linked_values.joined(renaming.linked_values())
    if NOT_KNOWN in str(conditions):
        return None
    name = renaming.resource(logical_id)
    found = found.joined(LinkedValues(collections={name: sources} if sources else {}))
    if not conditions:
        return found
    is_there = f"{name} is there"
    resource = {**found.resources[name], "Condition": is_there}
    made = LinkedValues(conditions={is_there: {"Fn::And": conditions}}, resources={name: resource})
    return found.joined(made)
