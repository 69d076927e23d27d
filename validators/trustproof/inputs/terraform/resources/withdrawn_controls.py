"""
Control policies of which a plan makes untrue what other files of the run say, as a state from before the plan does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.errors import InputError
from trustproof.inputs.cloudformation.resources.access.control_policies import CONTROL_POLICY
from trustproof.inputs.cloudformation.values.catalogue import TEMPLATE_BODY
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.plans.lost_denials import is_same_policy
from trustproof.inputs.terraform.resources.control_policies import ATTACHMENT, POLICY, known_as
from trustproof.inputs.terraform.resources.policies_of_stacks import STACKS, mapping, written_stack
from trustproof.inputs.terraform.snapshots.assignments import texts_of
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.text.source import Source
from trustproof.model.outward_changes import WithdrawnControl

#: Types of control policies, to the arguments that say of what kind they are and whom they reach, besides what is in
#: them; and those of an attachment.
_SAYING = {POLICY: ("type",), "awscc_organizations_policy": ("type", "target_ids")}
_CONTENT = "content"
_LEADING = ("policy_id", "target_id")
#: What is left in AWS though Terraform deletes it.
_STAYS = "skip_destroy"


def withdrawn_controls(made: Lowering) -> Iterator[WithdrawnControl]:
    """
    The control policies that a plan deletes, detaches, or has say something else.

    What it says of them itself is what there will be. One that others make by the name of one that is deleted counts as
    that one: no two of an organization have one name.
    """
    snapshot = made.snapshot
    now = {one.address: one for one in snapshot.instances}
    former = [*snapshot.replaced, *snapshot.deleted, *snapshot.drifted]
    for was in former:
        after = now.get(was.address)
        if made.homes.of(was.provider) != made.home or _stays(was, after):
            continue
        if was.type in STACKS:
            there = {*_of_stack(after)} if after is not None else frozenset()
            yield from (WithdrawnControl(was.address, (one[0],)) for one in _of_stack(was) if one not in there)
        elif was.type in _SAYING and not _says_the_same(was, after):
            yield WithdrawnControl(was.address, known_as(was))
        elif was.type == ATTACHMENT and not _says_the_same(was, after):
            for id_ in texts_of(was, "policy_id"):
                names = _names_of(id_, (*snapshot.instances, *former))
                yield from (WithdrawnControl(was.address, names, target) for target in texts_of(was, "target_id"))


def _of_stack(stack: Instance) -> Iterator[tuple[str, str]]:
    """The names of the control policies that the template of a stack makes, each with all that it is made of."""
    properties = mapping(written_stack(stack)["Properties"])
    body, passed = properties[TEMPLATE_BODY], mapping(properties["Parameters"])
    if not isinstance(body, str) or CONTROL_POLICY not in body:
        return
    try:
        content = mapping(Source(stack.address, body).load())
    except InputError:
        return
    declared = mapping(content.get("Parameters"))
    defaults = {name: mapping(one).get("Default") for name, one in declared.items()}
    around = [content.get(section) for section in ("Conditions", "Mappings")]
    for resource in mapping(content.get("Resources")).values():
        if mapping(resource).get("Type") == CONTROL_POLICY:
            name = mapping(mapping(resource).get("Properties")).get("Name")
            given = {**defaults, **passed}
            name = given.get(str(mapping(name).get("Ref"))) if isinstance(name, Mapping) else name
            if isinstance(name, str):
                yield name, repr((resource, given, around))


def _stays(was: Instance, after: Instance | None) -> bool:
    return after is None and isinstance(was.values, KnownValues) and was.values.raw(_STAYS) is True


def _says_the_same(was: Instance, after: Instance | None) -> bool:
    """Whether a policy or attachment is there as it was; so it is not where a part of it is not known."""
    if after is None or not after.existed:
        return False
    if any(texts_of(after, name) != texts_of(was, name) for name in _SAYING.get(was.type, _LEADING)):
        return False
    content = texts_of(after, _CONTENT)
    return was.type == ATTACHMENT or bool(content and is_same_policy(was, _CONTENT, content[0]))


def _names_of(id_: str, instances: tuple[Instance, ...]) -> tuple[str, ...]:
    """What a policy of an id may be called besides, where the plan has it."""
    found = (name for one in instances if one.type == POLICY for name in [known_as(one)] if id_ in name)
    return tuple(dict.fromkeys((id_, *(text for name in found for text in name))))
