"""
What constructs vouch for, held against the templates: overrides change these after every construct has been asked.

https://docs.aws.amazon.com/cdk/v2/guide/cfn-layer.html#develop-customize-override
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from constructs import IConstruct

from trustproof_cdk._synthesis import stacks

#: What is acknowledged of what an override has made of a construct.
UNCHANGED = "construct-unchanged"
#: Says what is wrong with the properties of a resource in a template; empty where nothing is.
Said: TypeAlias = "Callable[[Mapping[str, Any]], str]"
_TRUST = "AssumeRolePolicyDocument"


#: Says what is wrong, of which resource, given the stack and the resources of its template by their logical ids.
Look: TypeAlias = "Callable[[cdk.Stack, Mapping[str, Any]], Iterable[tuple[cdk.CfnResource, str]]]"


class _Promise(NamedTuple):
    """
    Something about a resource.
    """

    #: Gives the resource: asked only where there may be something to say, as each answer is a call into the CDK.
    resource: Callable[[], IConstruct | None]
    said: Said
    #: Gives a trust policy that the template has where nothing has changed; None where it is to be looked at anyway.
    unchanged: Callable[[], object]
    #: The construct that vouches for it; None where it is no loss without the resource.
    owner: IConstruct | None


class Broken(NamedTuple):
    """
    A promise that a template does not keep.
    """

    template: Path
    logical_id: str
    #: Of the resource.
    construct_path: str
    said: str
    #: What is acknowledged of it.
    rule: str = UNCHANGED
    #: Whether it is said, and fails nothing, since the app does not say all that it depends on.
    is_warning: bool = False


#: By stack.
_PROMISES: WeakKeyDictionary[cdk.Stack, list[_Promise]] = WeakKeyDictionary()
#: Likewise, with what is acknowledged of what each look says.
_LOOKING: WeakKeyDictionary[cdk.Stack, dict[Look, str]] = WeakKeyDictionary()


def _nothing() -> object:
    return None


def promise(
    stack: cdk.Stack,
    resource: Callable[[], IConstruct | None],
    said: Said,
    unchanged: Callable[[], object] = _nothing,
    owner: IConstruct | None = None,
) -> None:
    """
    Have the plugin look at a resource when the templates are there.

    Args:
        stack: that has it.
        resource: gives it; None where there is none any more.
        said: what is wrong with its properties.
        unchanged: gives a trust policy that is in the template of the stack where nothing is wrong.
        owner: a resource of the stack that must not be there without it, nor in a deployment that has it not.
    """
    _PROMISES.setdefault(stack, []).append(_Promise(resource, said, unchanged, owner))


def look_at_template(stack: cdk.Stack, look: Look, rule: str = UNCHANGED) -> None:
    """
    Have the plugin look at all of a template when it is there.

    Args:
        stack: whose template.
        look: is made once, however often it is asked for.
        rule: what is acknowledged of what it says.
    """
    _LOOKING.setdefault(stack, {})[look] = rule


def broken_promises(app: IConstruct, templates: Sequence[Path]) -> Iterator[Broken]:
    """
    What the templates of an app do not keep.

    Args:
        app: the construct that was synthesized.
        templates: the files.
    """
    # What is registered while an app is synthesized is there twice where that is done again.
    yield from dict.fromkeys(_broken(app, templates))


def _broken(app: IConstruct, templates: Sequence[Path]) -> Iterator[Broken]:
    files, root = {template.name: template for template in templates}, stacks.node_of(app).root
    for stack in [*_PROMISES, *(one for one in list(_LOOKING) if one not in _PROMISES)]:
        stage = stacks.stage_of(stack)
        # Another app of this process may have a stack whose template has the same name.
        if stage is None or stacks.root_of(stage) is not root:
            continue
        # Of stacks that are nested, and of products, the CDK gives no files; they stand beside the others.
        file = files.get(stack.template_file) or Path(stage.outdir) / stack.template_file
        if file.is_file():
            resources = json.loads(file.read_text(encoding="utf-8")).get("Resources", {})
            yield from _broken_in(stack, file, resources, _PROMISES.get(stack, ()))
            for look, rule in _LOOKING.get(stack, {}).items():
                for resource, said in look(stack, resources):
                    yield Broken(file, stack.resolve(resource.logical_id), resource.node.path, said, rule)


def _broken_in(
    stack: cdk.Stack, file: Path, resources: Mapping[str, Any], promises: Sequence[_Promise]
) -> Iterator[Broken]:
    properties = [one.get("Properties", {}) for one in resources.values()]
    trusted = [_text(one[_TRUST]) for one in properties if _TRUST in one]
    expected = [_text(found) if (found := one.unchanged()) is not None else None for one in promises]
    # A text alone does not say which role it is of; where all are there as they were made, in the order in which they
    # were, and no others, none has changed.
    are_all_kept = trusted == [*filter(None, expected)]
    for one, text in zip(promises, expected, strict=True):
        if text is not None and are_all_kept:
            continue
        resource = one.resource()
        if not isinstance(resource, cdk.CfnResource):
            continue
        logical_id = stack.resolve(resource.logical_id)
        written = resources.get(logical_id)
        if one.owner is not None and (lost := _lost(stack, resources, one.owner, resource, written)) is not None:
            yield lost._replace(template=file)
            continue
        # It may have been taken out of the app, or have become something else.
        said = "" if written is None else one.said(written.get("Properties", {}))
        # Another one may have its place, and its logical id.
        if said and stacks.is_in_tree(resource):
            yield Broken(file, logical_id, stacks.path_of(resource), said)


def _lost(
    stack: cdk.Stack,
    resources: Mapping[str, Any],
    owner: IConstruct,
    resource: cdk.CfnResource,
    written: Mapping[str, Any] | None,
) -> Broken | None:
    """What is wrong where a construct is there without a resource that it cannot do without; None where it has it."""
    vouching = owner if isinstance(owner, cdk.CfnResource) else stacks.node_of(owner).default_child
    if not isinstance(vouching, cdk.CfnResource):
        return None
    owner_id = stack.resolve(vouching.logical_id)
    there = resources.get(owner_id)
    if there is None:
        return None
    path = stacks.path_of(resource)
    if written is None or written.get("Type") != resource.cfn_resource_type:
        said = f"{owner.node.path} is made without {path}, which it cannot do without"
        return Broken(Path(), owner_id, vouching.node.path, said)
    if written.get("Condition") not in (None, there.get("Condition")):
        said = f"{path} is not in every deployment that has {owner.node.path}, which cannot do without it"
        return Broken(Path(), stack.resolve(resource.logical_id), path, said)
    return None


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
