"""
What of a template is not looked into: resources with templates of their own, which are not part of the template that
names them, those that another tool makes of a tag of its own, and rules that nothing satisfies.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from trustproof.inputs.cloudformation.evaluation.environment import Environment
from trustproof.inputs.cloudformation.values.catalogue import NESTED_STACK, STACK_SET, TEMPLATE_BODY
from trustproof.inputs.cloudformation.values.intrinsics import foreign_type
from trustproof.inputs.reader import ExternalTemplate

#: Resource types to what they are called, and the property that names the place of their template.
_TYPES = {
    NESTED_STACK: ("nested stack", "TemplateURL"),
    STACK_SET: ("StackSet", "TemplateURL"),
    "AWS::Serverless::Application": ("application", "Location"),
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct": ("provisioned product", ""),
}
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/modules.html
_MODULE = "::MODULE"


def external_templates(
    environment: Environment, body: Callable[[str], object], nested: Collection[str]
) -> Iterator[ExternalTemplate]:
    """
    The resources whose templates are not at hand, and what else is not looked into.

    Args:
        body: gives what a StackSet carries as its template; None where it carries none.
        nested: the resources whose templates are read besides this one.
    """
    for rules in environment.passed_over:
        yield ExternalTemplate(rules, "", "no values of the parameters satisfy")
    for logical_id, resource in environment.resources.items():
        type_ = resource.get("Type")
        if not isinstance(type_, str):
            if (tag := foreign_type(resource)) is not None:
                yield ExternalTemplate(f"the resource {logical_id}", "", f"another tool makes of {tag}")
            continue
        if type_.endswith(_MODULE):
            yield ExternalTemplate(f"the module {logical_id}")
        if type_ not in _TYPES or logical_id in nested:
            continue
        kind, key = _TYPES[type_]
        if type_ == STACK_SET and (carried := body(logical_id)) is not None:
            if isinstance(carried, str) and ("{" in carried or "\n" in carried):
                continue
            key = TEMPLATE_BODY
        location = environment.properties(logical_id).get(key)
        shown = f" ({key})" if location is not None else ""
        yield ExternalTemplate(f"the {kind} {logical_id}{shown}", location if isinstance(location, str) else "")
