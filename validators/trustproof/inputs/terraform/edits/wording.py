"""
What is found, in the words of Terraform: what CloudFormation calls otherwise, and what gives the same value there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from trustproof.model.policy import Path
from trustproof.model.presentation import PlaceNames, Presentation
from trustproof.model.text import ACCOUNT_ID, PARTITION, REGION, Symbol, Symbolic, concat
from trustproof.results.edit import Value, data_source, unknown_names
from trustproof.results.result import Remedy, Result

#: What Terraform calls the account, the partition and the Region that something is made in.
_DATA = {
    ACCOUNT_ID: "data.aws_caller_identity.current.account_id",
    PARTITION: "data.aws_partition.current.partition",
    REGION: "data.aws_region.current.name",
}
_URL = "aws_lambda_function_url"
#: What CloudFormation calls something, to what Terraform calls it.
_WORDS = {
    "AuthorizationType: AWS_IAM": 'authorization = "AWS_IAM"',
    "BlockPublicPolicy": "block_public_policy",
    "MaxSessionDuration": "max_session_duration",
    "AuthType: AWS_IAM": 'authorization_type = "AWS_IAM"',
    "AuthType": "authorization_type",
    "FunctionUrlAuthType: AWS_IAM": 'function_url_auth_type = "AWS_IAM"',
    "FunctionUrlAuthType": "function_url_auth_type",
    "InvokedViaFunctionUrl": "invoked_via_function_url",
    "SourceArn": "source_arn",
    "SourceAccount": "source_account",
    "PrincipalOrgID": "principal_org_id",
    "PublicAccessBlockConfiguration": "aws_s3_bucket_public_access_block",
    "the parameter var.": "the variable var.",
    "parameters and conditions": "variables and conditions",
}
#: Arguments of a permission that are condition keys of its statement, by what CloudFormation calls them.
_ARGUMENTS = {"SourceArn": "source_arn", "SourceAccount": "source_account", "PrincipalOrgID": "principal_org_id"}
_KEY = r"(?<![\w:])aws:(SourceArn|SourceAccount|PrincipalOrgID)(?!\w)"
#: A condition key of IAM is what it is in every language.
_CLOUDFORMATION = (
    r"(?<![:\w.])(?:" + "|".join(re.escape(word) for word in sorted(_WORDS, key=len, reverse=True)) + r")(?!\w)"
)


def in_terraform(result: Result, presentation: Presentation) -> Result:
    """
    A result about a resource of Terraform in the words of its language.

    Args:
        presentation: how the input is shown.
    """
    type_ = presentation.types.get(result.logical_id)
    if type_ == _URL and result.remedy is not None:
        # The permission is the provider's, and goes with the argument.
        own = tuple(edit for edit in result.remedy.edits if edit.path[-1] == "FunctionUrlAuthType")
        text = result.remedy.text.replace("signed requests too (", "signed requests (").partition("), and ")
        result = result._replace(remedy=result.remedy._replace(text=f"{text[0]}{')' if text[1] else ''}", edits=own))
    if presentation.written and result.remedy is not None and result.remedy.edits:
        first, *rest = (_written(edit.path, presentation) for edit in result.remedy.edits)
        written = (first, *(way or first for way in rest)) if first else ()
        result = result._replace(remedy=result.remedy._replace(written=written))
    if type_ is None:
        return result
    why, reasons = (tuple(_said_in_terraform(one, type_) for one in said) for said in (result.why, result.reasons))
    message, label = (_said_in_terraform(one, type_) for one in (result.message, result.label))
    places = presentation.place_names.get(result.logical_id, PlaceNames())
    remedy = None if result.remedy is None else _in_terraform(result.remedy, places)
    return result._replace(message=message, label=label, why=why, reasons=reasons, remedy=remedy)


def _in_terraform(remedy: Remedy, places: PlaceNames) -> Remedy:
    """
    A remedy in which what CloudFormation gives has the names of the data sources of Terraform that give the same.

    What the module has no name for gets a data source; where that is not to be made without more, there are words.
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/caller_identity
    """
    names = {**_DATA, **places.declared}
    used = {name for edit in remedy.edits for name in unknown_names(edit.value)} - {*places.declared}
    new = tuple(name.split(".")[1] for pseudo, name in _DATA.items() if pseudo in used)
    if new and not places.may_declare:
        arguments = {str(edit.path[-1]) for edit in remedy.edits} & _ARGUMENTS.keys()
        said = re.sub(_KEY, lambda key: _ARGUMENTS[key[1]] if key[1] in arguments else key[0], remedy.text)
        return Remedy(_said_in_terraform(said, names=names))

    def named(value: object) -> object:
        if isinstance(value, Symbolic):
            parts = (
                Symbol(names[part.name], "expression") if isinstance(part, Symbol) and part.name in names else part
                for part in value.parts
            )
            found = concat(parts)
            if remedy.written or not isinstance(found, Symbolic):
                return found
            return "".join(part if isinstance(part, str) else f"${{{part.name}}}" for part in found.parts)
        if isinstance(value, Mapping):
            if len(value) == 1 and (referred := _referred(value)):
                return named(Symbolic((Symbol(referred, "attribute"),)))
            return {key: named(inner) for key, inner in value.items()}
        if isinstance(value, tuple):
            return tuple(map(named, value))
        return value

    edits = tuple(
        edit._replace(value=cast("Value", named(edit.value)), before=cast("Value", named(edit.before)))
        for edit in remedy.edits
    )
    written = (*remedy.written, *("" for _ in new)) if remedy.written else ()
    edits = (*edits, *map(data_source, new))
    return Remedy(_said_in_terraform(remedy.text, names=names), edits, written)


def _referred(value: Mapping[Any, object]) -> str:
    """The ARN of a resource that a function of CloudFormation gives, as Terraform names it; empty for another value."""
    given = value.get("Fn::GetAtt") or value.get("Ref")
    address = given[0] if isinstance(given, tuple) and given else given
    return f"{address}.arn" if isinstance(address, str) else ""


def _said_in_terraform(text: str, type_: str = "", names: Mapping[str, str] = _DATA) -> str:
    """A sentence with Terraform's names in it, about a resource of a type."""
    if type_ == _URL:
        text = text.replace("FunctionUrlAuthType is", "authorization_type is") if "lambda:" not in text else text
    for name, data in names.items():
        text = text.replace(f"${{{name}}}", f"${{{data}}}").replace(f"<{name}>", f"<{data}>")
    return re.sub(_CLOUDFORMATION, lambda found: _WORDS[found[0]], text)


def _written(path: Path, presentation: Presentation) -> str:
    """How what an edit is about is written."""
    for end in range(len(path), 3, -1):
        found = presentation.written.get((str(path[1]), path[3:end]))
        if found is not None:
            return found
    return ""
