"""
The URLs of functions that a template makes, and who may call them.

https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.aws.lambda_functions import parse_function_name
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.model.policy import Path

#: Of a function, by which others may call it or its URL.
PERMISSION = "AWS::Lambda::Permission"
_URL = "AWS::Lambda::Url"
_AUTH_TYPE = "AuthType"
#: How a function is named, and the name; both empty where that is not known.
_Function = tuple[str, str]


class _FunctionUrl(NamedTuple):
    function: _Function
    #: Where it says who may call it, and what it says.
    place: Path
    auth_type: object


class _FunctionUrls:
    """
    The URLs of a template.

    Args:
        environment: its declarations.
    """

    def __init__(self, environment: Environment) -> None:
        named = dict.fromkeys(environment.of_types((_URL,)), "TargetFunctionArn")
        # Terraform's URL that asks for no signature is the permission that its provider makes for it.
        permissions = environment.of_types((PERMISSION,))
        named |= {one: "FunctionName" for one in permissions if _AUTH_TYPE in environment.properties(one)}
        self._urls: list[_FunctionUrl] = []
        for one, key in named.items():
            properties = environment.properties(one)
            place = (*environment.path(one), "Properties", _AUTH_TYPE)
            self._urls.append(_FunctionUrl(_function(properties.get(key)), place, properties.get(_AUTH_TYPE)))
        self._found: dict[_Function, tuple[bool, tuple[tuple[Path, str], ...]]] = {}

    def of(self, function: _Function) -> tuple[bool, tuple[tuple[Path, str], ...]]:
        """For a function, what is said of its URLs, and of those of which it is not known whose they are."""
        if function not in self._found:
            urls = [one for one in self._urls if _may_be(one.function, function)]
            texts = tuple((one.place, one.auth_type) for one in urls if isinstance(one.auth_type, str))
            is_signed = bool(urls) and all(one.auth_type == "AWS_IAM" for one in urls)
            self._found[function] = is_signed, texts if len(texts) == len(urls) else ()
        return self._found[function]


def takes_signed_only(environment: Environment, permission: str) -> bool:
    """
    Whether all URLs of a function ask for a signature, as far as the template writes them.

    Args:
        permission: the logical id of one of the function.
    """
    return _urls_of(environment, permission)[0]


def auth_types(environment: Environment, permission: str) -> tuple[tuple[Path, str], ...]:
    """Where the URLs of a function say who may call, and what: nothing where one of them does not say it in a text."""
    return _urls_of(environment, permission)[1]


def _urls_of(environment: Environment, permission: str) -> tuple[bool, tuple[tuple[Path, str], ...]]:
    function = _function(environment.properties(permission).get("FunctionName"))
    return environment.indexes.of(environment, _FunctionUrls).of(function)


def _function(value: object) -> _Function:
    """How a function is named, and the name; both empty where that is not known."""
    if isinstance(value, dict) and len(value) == 1:
        ((how, named),) = value.items()
        found = named[0] if isinstance(named, list) and len(named) == 2 and named[1] == "Arn" else named
        return ("logical id", found) if how in ("Ref", "Fn::GetAtt") and isinstance(found, str) else ("", "")
    if not isinstance(value, str):
        return "", ""
    found = parse_function_name(value)
    return ("", "") if found is None else ("name", found.name)


def _may_be(one: _Function, other: _Function) -> bool:
    """Whether two names may be those of one function."""
    return one == other or one[0] != other[0] or not one[0]
