"""
What data sources and resources of other providers give, as far as their arguments say it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from trustproof.aws.published import managed_policy_document
from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.block_contents import resource_blocks
from trustproof.inputs.terraform.configuration.block_contents.argument_types import as_kept
from trustproof.inputs.terraform.configuration.evaluation.access import items_in
from trustproof.inputs.terraform.configuration.evaluation.calls import FunctionCaller
from trustproof.inputs.terraform.configuration.evaluation.evaluate import Evaluator
from trustproof.inputs.terraform.configuration.evaluation.names import Variables
from trustproof.inputs.terraform.configuration.modules.modules import ResourceName
from trustproof.inputs.terraform.configuration.syntax.blocks import Block, Body
from trustproof.inputs.terraform.configuration.syntax.expressions import Call, Literal
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import expression_text
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.snapshots.data_sources import WHERE
from trustproof.inputs.terraform.types.table import path_of_aws
from trustproof.inputs.terraform.values.values import (
    ATTRIBUTE,
    Fields,
    Items,
    JsonText,
    Known,
    Rest,
    Symbol,
    Text,
    Value,
)

#: Gives what is known of where a provider configuration deploys to, by what that is called in a template.
Places: TypeAlias = Callable[[str], Mapping[str, str]]
#: Arguments that say nothing of what a data source looks for.
_OF_ANY = ("count", "depends_on", "for_each", "lifecycle", "provider")
#: What makes texts of so many characters as it is told.
_TEXTS = ("random_password", "random_string")
#: How many characters a UUID has.
_UUID = 36
#: What a ``random_id`` is written as: one byte at least.
_OF_BYTES = ("b64_std", "b64_url", "dec", "hex")
#: Where in the ARN of a policy of AWS its path begins.
_POLICIES_OF_AWS = ":iam::aws:policy/"
#: Services whose principals the provider calls otherwise in partitions other than ``aws``:
#: https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/meta/service_principal_data_source.go
_BY_PARTITION = frozenset("cloudhsm codedeploy config dms elasticmapreduce logs workspaces".split())


def place(
    name: ResourceName, body: Body, attribute: str, provider: Callable[[], str], places: Places | None
) -> Value | None:
    """
    What a data source says of where its provider deploys to; None where that is not known, or it says something else.

    Args:
        provider: gives the provider configuration.
        places: gives what is known of one; None where nobody looks at that.
    """
    pseudo = WHERE.get(name.type, {}).get(attribute) if name.is_data and places is not None else None
    if pseudo is None or places is None or any(one not in _OF_ANY for one in resource_blocks.argument_names(body)):
        return None
    text = places(provider()).get(pseudo)
    return None if text is None else Known(text)


def rendered(evaluator: Evaluator, block: Block, variables: Variables, functions: FunctionCaller) -> Value | None:
    """The text of a ``template_file``, which is known where its template and variables are."""
    template = resource_blocks.value(evaluator, block.body, "template", variables)
    filled = resource_blocks.value(evaluator, block.body, "vars", variables) or Fields(())
    if isinstance(filled, Items) and len(filled.items) == 1:
        # Terraform 0.11 writes it as a block.
        filled = filled.items[0]
    # Its variables are texts, also where they are written as something else.
    filled = as_kept(filled, "template_file", "vars", "vars")
    if not isinstance(template, Known) or not isinstance(filled, Fields):
        return None
    try:
        return convert.text(
            functions.filled(str(template.value), filled, template.place or block.place, evaluator.work)
        )
    except Fault:
        return None


def why_not_rendered(evaluator: Evaluator, block: Block, variables: Variables) -> str:
    """Why the text of a ``template_file`` is not known, a clause; empty where its template does not say it."""
    template = resource_blocks.value(evaluator, block.body, "template", variables)
    return template.reason if isinstance(template, Symbol) else ""


def content(evaluator: Evaluator, block: Block, variables: Variables, functions: FunctionCaller) -> Value | None:
    """
    What a ``local_file`` reads that is at hand; None where nobody knows which file it is, or something may write it
    before.

    https://registry.terraform.io/providers/hashicorp/local/latest/docs/data-sources/file
    """
    argument = block.body.argument("filename")
    # What makes the file is named there, or waited for.
    if argument is None or block.body.argument("depends_on") or "_file." in expression_text(argument.expression):
        return None
    place = argument.expression.place
    try:
        named = evaluator.value(argument.expression, variables)
        if not isinstance(named, Known) or not isinstance(named.value, str):
            return None
        found = functions.call(evaluator, Call("file", (Literal(named.value, place),), False, place), variables)
        return found if isinstance(found, Known) else None
    except (Fault, InputError):
        return None


def policy_of_aws(evaluator: Evaluator, block: Block, variables: Variables, _: FunctionCaller) -> Value | None:
    """
    The document of a managed policy of AWS that is looked up by its ARN or name; None for any other, which somebody
    may change.
    """
    path, place = "", block.place
    arguments = [one for one in resource_blocks.argument_names(block.body) if one not in _OF_ANY]
    if len(arguments) == 1 and (argument := block.body.argument(arguments[0])) is not None:
        place = argument.expression.place
        given = resource_blocks.value(evaluator, block.body, arguments[0], variables)
        # Of an ARN the partition is often what another data source says.
        last = given.pieces[-1] if isinstance(given, Text) else given
        if isinstance(last, Known) and isinstance(last.value, str):
            named = last.value.rpartition(_POLICIES_OF_AWS)
            path = path_of_aws(last.value) if arguments[0] == "name" and last is given else named[1] and named[2]
    document = managed_policy_document(path) if path else None
    return None if document is None else JsonText(convert.value_of(document, None), place)


def part_of_arn(name: str) -> Callable[[Evaluator, Block, Variables, FunctionCaller], Value | None]:
    """
    What the data source ``aws_arn`` says of a part of what it is given.

    Args:
        name: of the part, as the function of the provider calls it.
    """

    def of(evaluator: Evaluator, block: Block, variables: Variables, functions: FunctionCaller) -> Value | None:
        argument = block.body.argument("arn")
        if argument is None:
            return None
        place = argument.expression.place
        call = Call("provider::aws::arn_parse", (argument.expression,), False, place)
        try:
            found = functions.call(evaluator, call, variables)
        except Fault:
            return None
        return found.by_key.get(name) if isinstance(found, Fields) else None

    return of


def service_principal(evaluator: Evaluator, block: Block, variables: Variables, _: FunctionCaller) -> Value | None:
    """
    The name of a service principal; None for one that is called otherwise in some partition.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/service_principal
    """
    given = resource_blocks.value(evaluator, block.body, "service_name", variables)
    if not isinstance(given, Known) or not isinstance(given.value, str) or given.value in _BY_PARTITION:
        return None
    return Known(f"{given.value}.amazonaws.com", given.place, given.sensitive)


#: What says what an attribute of a data source is, by the type of that and the attribute.
READ = {
    **{("aws_arn", name): part_of_arn(name) for name in ("partition", "service", "region", "resource")},
    ("aws_arn", "account"): part_of_arn("account_id"),
    ("aws_iam_policy", "policy"): policy_of_aws,
    ("aws_service_principal", "name"): service_principal,
    ("local_file", "content"): content,
    ("template_file", "rendered"): rendered,
}


def random_result(
    evaluator: Evaluator, type_: str, body: Body, variables: Variables, address: str, attribute: str
) -> Value | None:
    """
    What an attribute of a resource of the provider called random is known to be: a text of a length, or items of a
    list. None where nothing is known of it.

    https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/shuffle
    """
    if type_ == "random_id" and attribute in _OF_BYTES:
        found = Symbol(f"{address}.{attribute}", ATTRIBUTE)
        found.least = 1
        return found
    if attribute != "result":
        return None
    found = Symbol(f"{address}.result", ATTRIBUTE)
    if type_ == "random_uuid":
        found.length = found.least = _UUID
        return found
    if type_ in _TEXTS:
        length = resource_blocks.value(evaluator, body, "length", variables)
        if not isinstance(length, Known) or not isinstance(length.value, int):
            return None
        found.length = found.least = length.value
        return found
    given = resource_blocks.value(evaluator, body, "input", variables) if type_ == "random_shuffle" else None
    among = tuple(items_in(given.items)) if isinstance(given, Items) else ()
    are_texts = all(isinstance(one, Known) and isinstance(one.value, str) for one in among)
    return Items((Rest(found, among=among),), place=given.place) if given is not None and are_texts and among else None
