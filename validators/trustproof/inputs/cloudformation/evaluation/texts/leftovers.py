"""
Texts of a template that stand for something else when it is deployed: dynamic references, and what is left over for
another tool, or by mistake, where CloudFormation puts nothing in its place.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from trustproof.aws.condition_keys import lookup, names
from trustproof.model.text import LIST, ODD_VARIABLE, PLACEHOLDER, Symbol, Text, concat

#: How a dynamic reference begins, or a variable.
_OPENS = re.compile(r"\{\{resolve:|\$\{")
#: What other tools put something in the place of: customizations for Control Tower (``$[alfred_ssm_/org/hub]``), the
#: AWS Deployment Framework (``resolve:/org/hub``, ``import:…``), the Serverless Framework (``#{AWS::Region}``), Jinja
#: (``{{ hub }}``), pipelines (``$(Hub)``, ``@@HUB@@``, ``%HUB%``, ``[[hub]]``), ``AWS::ServiceCatalog``
#: (``[[servicecatalog:hub:Account]]``), and people (``<HUB-ACCOUNT>``). No
#: account, ARN or id has these characters. Where they are a whole value or field of an ARN: of shells (``$HUB``), of
#: Python (``{hub}``), of scripts (``__HUB__``) and of manuals (``[HUB]``); and words that people are to replace:
#: ``YOUR-ACCOUNT-ID``, ``ACCOUNT_ID``, ``xxxxxxxxxxxx``, and whatever stands in the place of the account in an ARN of
#: IAM and is no number.
_PLACEHOLDER = re.compile(
    r"\$\[[^\[\]\s]+\]|#\{[^{}]+\}|\{\{(?!resolve:)[^{}]+\}\}|\$\([\w.-]+\)|<[A-Za-z][\w .-]*>|@@[\w.-]+@@"
    r"|^resolve:/?[\w/.-]+$|^import:\d{12}:[\w:/.-]+$|%[A-Z_][A-Z0-9_]{2,}%"
    r"|\[\[ ?(?:servicecatalog:[^\[\]]+|[A-Za-z_][\w.-]*) ?\]\]"
    r"|(?<![^:])(?:__[A-Za-z]\w*__|\{[A-Za-z_]\w*\}|\[[A-Za-z][\w -]*\]|\$(?!LATEST\b)[A-Z_][A-Z0-9_]{2,})(?![^:])"
    # These are no accounts, and AWS has them in ARNs: of its own policies, and of what reads an origin of CloudFront.
    r"|(?<=:(?:iam|sts)::)(?!(?:aws|aws-[a-z-]+|cloudfront):)[A-Za-z_-][\w -]*(?=:)"
    r"|(?<![^:])(?:[xX]{8,}|(?:[A-Z0-9]+[-_])*ACCOUNT[-_]?(?:ID|NUMBER)|(?i:your[-_ ]?(?:[a-z]+[-_ ])?account[\w -]*))"
    r"(?![^:])"
)
#: A quick look for them; angle brackets may be written as JSON escapes them. Each begins with a character, and not with
#: one of several or with what stands before it: so the search goes from one of these characters to the next.
_PLACEHOLDERS = re.compile(
    r"\$\[|#\{|\{\{|\$\(|<[A-Za-z]|u003[cC]|@@|resolve:|import:\d|%[A-Z_]|\[\[|\[[A-Za-z]|_(?<!\w_)_[A-Za-z]|\{[A-Za-z_]\w*\}"
    r"|\$[A-Z_]|:(?:iam|sts)::(?!aws:)[A-Za-z_-]|x[xX]{7}|X[xX]{7}|ACCOUNT[-_]?(?:ID|NUMBER)"
    r"|Y[Oo][Uu][Rr][-_ ]?[A-Za-z]|y[Oo][Uu][Rr][-_ ]?[A-Za-z]"
)
#: The name of a function that is no key of a mapping.
_FUNCTION = r"Fn::\w+(?!\w*[\"']?\s*:)"
#: Characters that IAM writes as variables.
_CHARACTERS = ("*", "?", "$")
#: Variables of the Serverless Framework that look like policy variables.
_NOT_IAM = ("aws:accountid", "aws:region")
#: What stands in the place of an account as a name does, and what says of itself that it is to be replaced.
_NAME = re.compile(r"[\w -]*")
_TO_BE_REPLACED = re.compile(r"(?i)account|your|^__|x{4}")
#: Said of what looks like a policy variable and is none that is known.
_NO_SUCH_KEY = (
    "is left over in a text: no service is known to have a condition key of that name, and CloudFormation puts nothing "
    "in its place"
)
#: What the name of a condition key looks like.
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9-]*:[A-Za-z][\w./-]*")
#: What the variables of the Serverless Framework begin with, and those of its plugins and of shells and Spring; see
#: https://www.serverless.com/framework/docs/guides/variables
_SOURCES = frozenset(
    "aws cf custom doppler env file git opt output param s3 secretsmanager self sls ssm stage strtobool terraform vault"
    " vars".split()
)


def _closed(text: str) -> str:
    """A text without what follows its last brace: what is opened there would each time be looked for to the end."""
    return text[: text.rfind("}") + 1]


def may_be_in(text: str) -> bool:
    """Whether a text of a template may stand for something else; a quick look at the text of the file."""
    if _PLACEHOLDERS.search(text) or re.search(_FUNCTION, text):
        return True
    return "${" in text and any(map(_is_left_over, re.findall(r"\$\{([^}]*)\}", _closed(text))))


def stands_for_something(text: str) -> bool:
    """Whether a text may stand for something else, or another tool may put something in the place of a part of it."""
    return "{{" in text or may_be_in(text)


def read(text: str, symbol: Callable[[Symbol], Text]) -> Text:
    """
    A text with symbols for what stands for something else.

    Args:
        symbol: gives the value of a symbol, or the symbol as text.
    """
    if "Fn::" in text and not text.lstrip().startswith(("{", "[")) and re.search(_FUNCTION, text):
        return symbol(Symbol(text, "intrinsic", doubt=_reason(text), holds=LIST))
    if stands_for_itself(text):
        return text
    parts: list[Text] = []
    end = 0
    for start, stop, inner in _enclosed(text):
        if text.startswith("{{resolve:", start):
            found = Symbol(inner, "dynamic-reference")
        elif not text.startswith("${", start) or _is_left_over(inner):
            what = text[start:stop]
            if text.startswith("${", start) and _is_odd_variable(inner):
                found = Symbol(what, "intrinsic", doubt=f"{what} {_NO_SUCH_KEY}", holds=ODD_VARIABLE)
            else:
                found = Symbol(what, "intrinsic", doubt=_reason(what), holds=PLACEHOLDER)
        else:
            continue
        parts += [text[end:start], symbol(found)]
        end = stop
    return concat([*parts, text[end:]])


def stands_for_itself(text: str) -> bool:
    """Whether nothing in a text can be for another tool, and no variable is in it: a quick look, for most texts."""
    return _PLACEHOLDERS.search(text) is None and "${" not in text


def left_over_parts(text: str) -> Iterator[tuple[int, int]]:
    """Where in a text stands what another tool puts something in the place of, where nothing stands for itself."""
    for start, stop, inner in _enclosed(text):
        if not text.startswith("{{resolve:", start) and (not text.startswith("${", start) or _is_left_over(inner)):
            yield start, stop


def _enclosed(text: str) -> Iterator[tuple[int, int, str]]:
    """Where placeholders, dynamic references and variables begin and end, and what is in the last two."""
    # The tags of XML, as of the metadata of an identity provider, stand for themselves.
    is_markup = text.lstrip().startswith("<") and "</" in text
    found = [
        (one.start(), one.end(), one.group())
        for one in _PLACEHOLDER.finditer(text)
        if not (is_markup and one.group().startswith("<"))
    ]
    end = 0
    for start, stop, inner in sorted((*found, *_variables(text))):
        # A variable may have a placeholder in it.
        if start >= end:
            end = stop
            yield start, stop, inner


def _variables(text: str) -> Iterator[tuple[int, int, str]]:
    """Where dynamic references and variables begin and end, and what is in them: each brace is looked for once."""
    end = closing = 0
    for opening in _OPENS.finditer(text):
        if opening.start() < end:
            continue
        if closing < opening.end():
            closing = text.find("}", opening.end())
            if closing == -1:
                return
        braces = "}" if opening.group() == "${" else "}}"
        if text.startswith(braces, closing):
            end = closing + len(braces)
            yield opening.start(), end, text[opening.end() : closing]


def is_left_over(text: str) -> bool:
    """Whether a key holds what stands for something else."""
    if stands_for_itself(text):
        return False
    if _PLACEHOLDER.search(text):
        return True
    return "${" in text and any(map(_is_left_over, re.findall(r"\$\{([^}]*)\}", _closed(text))))


def _is_left_over(variable: str) -> bool:
    """Whether what stands between the braces is no policy variable."""
    name = variable.partition(",")[0].strip().lower()
    prefix, colon, rest = name.partition(":")
    if name in _CHARACTERS:
        return False
    if not colon or not rest or rest.startswith((":", "/")) or "(" in name or name in _NOT_IAM:
        return True
    return not (lookup(name).known or prefix in {key.partition(":")[0].lower() for key in names()})


def _is_odd_variable(variable: str) -> bool:
    """Whether what stands between the braces looks like a policy variable, and like nothing of another tool."""
    name = variable.partition(",")[0].strip()
    return _KEY.fullmatch(name) is not None and name.partition(":")[0].lower() not in _SOURCES


def _reason(what: str) -> str:
    if _NAME.fullmatch(what) and not _TO_BE_REPLACED.search(what):
        return (
            f"{what} stands where an account does, and is none: where it is the default of a parameter, give the "
            "value, with --parameter NAME=VALUE; where another tool puts one in its place, check what that writes"
        )
    return (
        f"{what} is left over in a text: CloudFormation puts nothing in its place without Fn::Sub; where another tool "
        "does, check what it makes"
    )
