"""
Texts that are put together, as a deployment has them: what a token comes to, as far as the app says it.

Somebody is the same, whether a name is written out or made by `Lazy`, `Fn.join`, `Fn.sub`, a mapping, a parameter with
one allowed value or one that a nested stack is given. What the app leaves open stays a token, of which nothing is said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from constructs import IConstruct

from trustproof_cdk._arguments import arguments, references
from trustproof_cdk._arguments.template_values import Template, only_text, output_name, template_said
from trustproof_cdk._synthesis import rendered, stacks, walk

_TOKEN = "${Token["
_ACCOUNT = re.compile(r"\$\{Token\[AWS\.AccountId\.\d+\]\}")
_REGION = re.compile(r"\$\{Token\[AWS\.Region\.\d+\]\}")
_PARTITION = re.compile(r"\$\{Token\[AWS\.Partition\.\d+\]\}")
#: What only the template of a stack says, in the JSON of a resolved value.
_OF_TEMPLATES = re.compile(
    r'"Fn::(?:FindInMap|ImportValue|GetStackOutput)"|"Fn::GetAtt"|"Ref": "(?!AWS::)|\$\{(?!AWS::|!)'
)
#: A part of a text that CloudFormation reads elsewhere when it deploys it.
_READ_LATER = "{{resolve:"
#: By stack, what texts and templates come to when everything is there.
_TEXTS: WeakKeyDictionary[cdk.Stack, dict[str, str]] = WeakKeyDictionary()
_TEMPLATES: WeakKeyDictionary[cdk.Stack, Template] = WeakKeyDictionary()
_NAMES: WeakKeyDictionary[cdk.Stack, frozenset[str]] = WeakKeyDictionary()


class TextOf(str):
    """
    A text whose tokens have their meaning in another stack than that in which it stands, as a value that a StackSet
    gives its template.
    """

    scope: IConstruct

    def __new__(cls, value: str, scope: IConstruct) -> TextOf:
        made = super().__new__(cls, value)
        made.scope = scope
        return made


def is_open(value: object) -> bool:
    """Whether more may be known of a text when everything is there: it has other tokens than those of a deployment."""
    if not isinstance(value, str) or _TOKEN not in value:
        return False
    without = _PARTITION.sub("", _REGION.sub("", _ACCOUNT.sub("", value)))
    return _TOKEN in without and references.attribute_of(value) is None


def text(value: str, scope: IConstruct) -> str:
    """
    What a text comes to in the stack of a construct, with a token for the partition where it has one.

    While the app is still made, only the account and the Region of the stack are filled in: what the CDK makes lazily
    may not be there yet.

    Args:
        value: a text, perhaps with tokens in it.
        scope: in the stack where it stands.

    Returns:
        The text itself where the app leaves a part of it open, and where it refers to a resource as a whole.
    """
    if _TOKEN not in value:
        return value
    stack = stacks.stack_of(scope)
    known = value
    if (account := stacks.account_of(stack)).isdigit():
        known = _ACCOUNT.sub(account, known)
    if _REGION.search(known) and not arguments.is_token(region := stack.region):
        known = _REGION.sub(region, known)
    if not is_open(known) or not walk.is_under_way():
        return known
    texts = _TEXTS.setdefault(stack, {})
    if known not in texts:
        texts[known] = _text(known, stack)
    return texts[known]


def evaluated(value: Any, scope: IConstruct, *, partition: str | None = None) -> Any:
    """
    A resolved value with the functions in it done, as far as the app says what each comes to, and says one thing.

    Args:
        value: as it is in the template of the stack; perhaps a document.
        scope: in the stack.
        partition: what stands in the place of it; a token where none is given.
    """
    if isinstance(value, list):
        return [evaluated(one, scope, partition=partition) for one in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref")):
        found = _only(dict(value), stacks.stack_of(scope))
        if found is not None:
            return found if partition is None else _PARTITION.sub(partition, found)
    return {key: evaluated(one, scope, partition=partition) for key, one in value.items()}


def _text(value: str, stack: cdk.Stack) -> str:
    try:
        resolved = stack.resolve(value)
    except RuntimeError:
        return value
    found = resolved if isinstance(resolved, str) else _only(resolved, stack)
    return value if found is None or _READ_LATER in found else found


def _only(value: Any, stack: cdk.Stack) -> str | None:
    """The one text that a function comes to; None where the app says several, or none."""
    is_said = walk.is_under_way() and _may_be_said_by_template(value, stack)
    template = _template(stack) if is_said else _of_deployment(stack)
    return only_text(value, template)


def _may_be_said_by_template(value: Any, stack: cdk.Stack) -> bool:
    """Whether a value has what a template says beside its resources, to which very many values refer."""
    written = json.dumps(value)
    if not _OF_TEMPLATES.search(written):
        return False
    if stack not in _NAMES:
        _NAMES[stack] = frozenset(_names(stack))
    return (
        '"Fn::ImportValue"' in written
        or '"Fn::GetStackOutput"' in written
        or any(f'"{name}"' in written or f"${{{name}" in written for name in _NAMES[stack])
    )


def _names(stack: cdk.Stack) -> Iterator[str]:
    """The logical ids of what says a value: parameters, mappings, stored parameters and nested stacks."""
    for one in walk.there_in(stack):
        is_saying = isinstance(one, (cdk.CfnParameter, cdk.CfnMapping, cdk.CfnStack)) or (
            isinstance(one, cdk.CfnResource) and one.cfn_resource_type == "AWS::SSM::Parameter"
        )
        if is_saying and isinstance(one, cdk.CfnElement) and stacks.stack_of(one) is stack:
            yield str(stack.resolve(one.logical_id))


def _of_deployment(stack: cdk.Stack) -> Template:
    """What is known of any template of a stack: where it is deployed to, each as a parameter that has one value."""
    outermost = stacks.outermost_of(stack)
    known = {"AWS::Partition": _any_partition(), "AWS::AccountId": stacks.account_of(outermost)}
    known["AWS::Region"] = stacks.own_region_of(outermost)
    only = {
        name: {"AllowedValues": [one]}
        for name, one in known.items()
        if name == "AWS::Partition" or not arguments.is_token(one)
    }
    return Template(parameters=only, environment={name: one for name, one in known.items() if name in only})


@cache
def _any_partition() -> str:
    """The token for the partition of any stack, which is the same in all: to ask for it is a call into the CDK."""
    return str(cdk.Aws.PARTITION)


def _template(stack: cdk.Stack) -> Template:
    """What the template of a stack says, what the stack around gives it, and those in it put out."""
    if stack in _TEMPLATES:
        return _TEMPLATES[stack]
    said, nested, given = template_said(rendered.template_of(stack)), dict[str, Template](), {}
    around, resource = stack.nested_stack_parent, stack.nested_stack_resource
    if around is not None and isinstance(resource, cdk.CfnStack):
        values = around.resolve(resource.parameters) or {}
        given = {name: (_template(around), value) for name, value in values.items()}
    known = _of_deployment(stack)
    found = _TEMPLATES[stack] = said._replace(
        parameters={**said.parameters, **known.parameters},
        environment=known.environment,
        given=given,
        exports=_Exports(stack),
        nested=nested,
    )
    for one in walk.there_in(stack):
        if isinstance(one, cdk.NestedStack) and one.nested_stack_parent is stack and one.nested_stack_resource:
            nested[str(stack.resolve(one.nested_stack_resource.logical_id))] = _template(one)
    return found


class _Exports(dict[str, "tuple[Template, Any]"]):
    """
    What the stacks beside one in its account and Region export and put out, which is looked for when it is asked for.
    """

    def __init__(self, stack: cdk.Stack) -> None:
        super().__init__()
        self._of, self._is_read = stacks.outermost_of(stack), False

    def get(self, name: str, default: Any = None) -> Any:
        if not self._is_read:
            self._is_read = True
            self._read()
        return super().get(name, default)

    def _read(self) -> None:
        stage, several = stacks.stage_of(self._of), set[str]()
        for one in () if stage is None else walk.stacks_of(stage):
            if one is self._of or (one.account, one.region) != (self._of.account, self._of.region):
                continue
            template = _template(one)
            said = {output_name(one.stack_name, logical_id): value for logical_id, value in template.outputs.items()}
            for name, value in (*said.items(), *template.exported.items()):
                several.update({name} & self.keys())
                self[name] = template, value
        for name in several:
            del self[name]
