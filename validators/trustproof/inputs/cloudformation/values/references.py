"""
Values that a template takes from other stacks: exports, outputs of stacks, and what the CDK takes to another Region.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-importvalue.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from trustproof.inputs.cloudformation.values.intrinsics import attributes_of
from trustproof.model.text import Symbol

IMPORT, STACK_OUTPUT = "Fn::ImportValue", "Fn::GetStackOutput"
#: The functions that take a value from another stack.
CROSS_STACK_FUNCTIONS = (IMPORT, STACK_OUTPUT)
#: How the attributes of a nested stack begin that are outputs of its template.
OUTPUTS = "Outputs."
EXPORT, NESTED, STACK, CARRIED = "export", "nested", "stack", "carried"
#: The custom resources by which the CDK takes values from a stack of one Region to one of another, by a parameter of
#: the Parameter Store: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib-readme.html#cross-region-references
WRITER, READER = "Custom::CrossRegionExportWriter", "Custom::CrossRegionExportReader"


class CrossStackReference(NamedTuple):
    """
    A value of another stack.
    """

    #: `EXPORT`, `NESTED` (of a nested stack), `STACK` (of a stack by its name) or `CARRIED` (to a `READER`).
    kind: str
    #: The name of the export, the logical id of the nested stack, the name of the stack, or that of the parameter.
    name: str
    #: The logical id of the output; empty for an export.
    output: str = ""
    #: The Region of the stack; empty for that of the template.
    region: str = ""
    #: Whether a role reads it, which may be one of another account.
    by_role: bool = False


def output_of_some_stack(output: str) -> str:
    """What stands for an output by its logical id, where the name of the stack that has it is not known."""
    return f"{STACK_OUTPUT} {output}"


def reference_of(text: Callable[[object], object], function: str, argument: object) -> CrossStackReference | None:
    """
    What a function of `CROSS_STACK_FUNCTIONS` asks for; None where that is not known.

    Args:
        text: gives the text of an expression.
    """
    if function == IMPORT:
        name = text(argument)
        return CrossStackReference(EXPORT, name) if isinstance(name, str) else None
    if not isinstance(argument, dict):
        return None
    stack, output, region = (text(argument.get(key, "")) for key in ("StackName", "OutputName", "Region"))
    if not isinstance(stack, str) or not isinstance(output, str) or not isinstance(region, str):
        return None
    return CrossStackReference(STACK, stack, output, region, "RoleArn" in argument)


def output_of(function: str, argument: object) -> CrossStackReference | None:
    """The output of a nested stack that ``Fn::GetAtt`` asks for; None for anything else."""
    parts = argument.split(".", 1) if isinstance(argument, str) else argument
    if function != "Fn::GetAtt" or not isinstance(parts, list) or len(parts) != 2:
        return None
    logical_id, name = parts
    if not isinstance(logical_id, str) or not isinstance(name, str) or not name.startswith(OUTPUTS):
        return None
    return CrossStackReference(NESTED, logical_id, name.removeprefix(OUTPUTS))


def outputs_in_text(argument: object) -> Iterator[tuple[str, object]]:
    """The outputs of nested stacks that the text of an ``Fn::Sub`` names, each with the function that gives it."""
    for logical_id, attribute in attributes_of("Fn::Sub", argument):
        given = [logical_id, attribute]
        if output_of("Fn::GetAtt", given) is not None:
            yield f"{logical_id}.{attribute}", {"Fn::GetAtt": given}


def carried(resource: Mapping[str, object], logical_id: str, name: str) -> CrossStackReference | None:
    """What ``Fn::GetAtt`` asks a resource for, where that is a `READER` of it; None for anything else."""
    properties = resource.get("Properties")
    props = properties.get("ReaderProps") if resource.get("Type") == READER and isinstance(properties, dict) else None
    imports = props.get("imports") if isinstance(props, dict) else None
    return CrossStackReference(CARRIED, name, logical_id) if isinstance(imports, dict) and name in imports else None


def symbol_of(reference: CrossStackReference) -> Symbol:
    """What stands for a value that nobody gives."""
    if reference.kind == EXPORT:
        return Symbol(f"{IMPORT} {reference.name}", "import")
    if reference.kind == NESTED:
        return Symbol(f"{reference.name}.{OUTPUTS}{reference.output}", "attribute")
    if reference.kind == CARRIED:
        return Symbol(f"{reference.output}.{reference.name}", "attribute")
    shown = ", ".join(
        (reference.name, reference.output, *filter(None, (reference.region, "by a role" if reference.by_role else "")))
    )
    return Symbol(f"{STACK_OUTPUT} {shown}", "intrinsic")
