"""
Results as a reader of the report may see them: types as they are written, and nothing of what is never shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast

from trustproof.analysis import derived_secrets
from trustproof.errors import InputError, PolicySyntaxError
from trustproof.inputs.reader import Input
from trustproof.model.policy import Path
from trustproof.model.presentation import HIDDEN, PlaceNames, Presentation, secret_pattern
from trustproof.model.text import Symbol, Symbolic, concat
from trustproof.results.edit import Edit, Value, data_source
from trustproof.results.result import RelatedPlace, Remedy, Result

T = TypeVar("T")
#: What Terraform calls the account, the partition and the Region that something is made in.
_DATA = {
    "AWS::AccountId": "data.aws_caller_identity.current.account_id",
    "AWS::Partition": "data.aws_partition.current.partition",
    "AWS::Region": "data.aws_region.current.name",
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
#: What a template calls its own account.
_ACCOUNT = "AWS::AccountId"
#: A condition key of IAM is what it is in every language.
_CLOUDFORMATION = (
    r"(?<![:\w.])(?:" + "|".join(re.escape(word) for word in sorted(_WORDS, key=len, reverse=True)) + r")(?!\w)"
)
#: What of a result is made of values that somebody has written.
_WRITTEN = ("message", "label", "counterexample", "why", "reasons", "remedy", "certificate", "undeclared", "likely_own")


def present(result: Result, presentation: Presentation) -> Result:
    """A result as it is shown."""
    type_ = presentation.types.get(result.logical_id)
    if type_ is not None:
        result = result._replace(resource_type=type_)
    if result.remedy is not None and result.remedy.edits:
        # What a remedy demands may be there already.
        edits = tuple(edit for edit in result.remedy.edits if edit.value != edit.before)
        result = result._replace(remedy=result.remedy._replace(edits=edits))
    if presentation.unshown and result.remedy is not None and _is_unshown(result.remedy.edits, presentation):
        result = result._replace(remedy=result.remedy._replace(edits=()))
    if not presentation.has_functions and result.remedy is not None:
        result = result._replace(remedy=_without_functions(result.remedy))
    if type_ == _URL and result.remedy is not None:
        # The permission is the provider's, and goes with the argument.
        own = tuple(edit for edit in result.remedy.edits if edit.path[-1] == "FunctionUrlAuthType")
        text = result.remedy.text.replace("signed requests too (", "signed requests (").partition("), and ")
        result = result._replace(remedy=result.remedy._replace(text=f"{text[0]}{')' if text[1] else ''}", edits=own))
    if presentation.written and result.remedy is not None and result.remedy.edits:
        first, *rest = (_written(edit.path, presentation) for edit in result.remedy.edits)
        written = (first, *(way or first for way in rest)) if first else ()
        result = result._replace(remedy=result.remedy._replace(written=written))
    if type_ is not None:
        why, reasons = (tuple(_said_in_terraform(one, type_) for one in said) for said in (result.why, result.reasons))
        message, label = (_said_in_terraform(one, type_) for one in (result.message, result.label))
        places = presentation.place_names.get(result.logical_id, PlaceNames())
        remedy = None if result.remedy is None else _in_terraform(result.remedy, places)
        result = result._replace(message=message, label=label, why=why, reasons=reasons, remedy=remedy)
    origins = presentation.origins.get(result.logical_id, ())
    if origins:
        related = tuple(RelatedPlace(result.template, path, what) for path, what in origins)
        result = result._replace(related=(*result.related, *related))
    if not presentation.secrets:
        return result
    pattern = _hiding(result, presentation.secrets, presentation.secret_keys)
    # Each keeps its type: only texts in it are replaced.
    changed: dict[str, Any] = {name: _without(getattr(result, name), pattern) for name in _WRITTEN}
    # An id that is never shown is nothing that anybody could declare.
    changed["undeclared"] = tuple(one for one in changed["undeclared"] if HIDDEN not in one.ident)
    changed["likely_own"] = "" if HIDDEN in changed["likely_own"] else changed["likely_own"]
    return result._replace(**changed)


def _without_functions(remedy: Remedy) -> Remedy:
    """A remedy for a file that can only say what is known: ``Ref`` in a policy is no value of a condition."""
    needed = {name for edit in remedy.edits for name in _symbols(edit.value)}
    if not needed:
        return remedy
    text = f"{remedy.text} (give --account ID for what to write)" if _ACCOUNT in needed else remedy.text
    return Remedy(text)


def _in_terraform(remedy: Remedy, places: PlaceNames) -> Remedy:
    """
    A remedy in which what CloudFormation gives has the names of the data sources of Terraform that give the same.

    What the module has no name for gets a data source; where that is not to be made without more, there are words.
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/caller_identity
    """
    names = {**_DATA, **places.declared}
    used = {name for edit in remedy.edits for name in _symbols(edit.value)} - {*places.declared}
    new = tuple(name.split(".")[1] for pseudo, name in _DATA.items() if pseudo in used)
    if new and not places.may_declare:
        return Remedy(_said_in_terraform(remedy.text, names=names))

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


def _symbols(value: object) -> Iterator[str]:
    """The names of what is not known in a value."""
    if isinstance(value, Symbolic):
        yield from (symbol.name for symbol in value.symbols)
    elif isinstance(value, Mapping):
        for found in value.values():
            yield from _symbols(found)
    elif isinstance(value, tuple):
        for found in value:
            yield from _symbols(found)


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


def _is_unshown(edits: Iterable[Edit], presentation: Presentation) -> bool:
    """Whether some edits are about what is never shown."""
    return any(
        (str(edit.path[1]), edit.path[3:end]) in presentation.unshown
        for edit in edits
        for end in range(3, len(edit.path) + 1)
    )


def _written(path: Path, presentation: Presentation) -> str:
    """How what an edit is about is written."""
    for end in range(len(path), 3, -1):
        found = presentation.written.get((str(path[1]), path[3:end]))
        if found is not None:
            return found
    return ""


def without_secrets(found: T, inputs: Iterable[Input]) -> T:
    """What was found, without the texts that some inputs never show."""
    shown = [one.presentation for one in inputs]
    secrets = frozenset(secret for one in shown for secret in one.secrets)
    keys = frozenset(key for one in shown for key in one.secret_keys)
    return cast("T", _without(found, _hiding(found, secrets, keys))) if secrets else found


def _hiding(found: object, secrets: frozenset[str], keys: frozenset[str]) -> re.Pattern[str]:
    """What finds the secrets in what was found, and what was made of them there."""
    return secret_pattern(
        secrets | derived_secrets.pieces(secrets) | derived_secrets.texts_of_secrets(found, secrets, keys)
    )


def present_error(error: InputError, presentation: Presentation) -> InputError:
    """An error as it is shown."""
    if not presentation.secrets or not isinstance(error, PolicySyntaxError):
        return error
    message = secret_pattern(presentation.secrets).sub(HIDDEN, error.message)
    return PolicySyntaxError(message, error.file, error.line, error.column)


def _without(value: object, pattern: re.Pattern[str]) -> object:
    if isinstance(value, str):
        return pattern.sub(HIDDEN, value)
    if isinstance(value, tuple):
        inner = [_without(item, pattern) for item in value]
        make = getattr(type(value), "_make", None)
        return tuple(inner) if make is None else make(inner)
    if isinstance(value, list):
        return [_without(item, pattern) for item in value]
    if isinstance(value, Mapping):
        return {_without(key, pattern): _without(inner, pattern) for key, inner in value.items()}
    return value
