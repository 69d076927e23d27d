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
#: (``{{ hub }}``), pipelines (``$(Hub)``, ``@@HUB@@``, ``%HUB%``, ``__HUB__``, ``[[hub]]``), ``AWS::ServiceCatalog``
#: (``[[servicecatalog:hub:Account]]``), and people (``<HUB-ACCOUNT>``). No account, ARN or id has these characters.
#: Where they are a whole value or field of an ARN: of shells (``$HUB``, which may be a part of a path as well), of
#: Python (``{hub}``), of scripts (``__HUB__``) and of manuals (``[HUB]``); and words that people are to replace:
#: ``YOUR-ACCOUNT-ID``, ``ACCOUNT_ID``, ``xxxxxxxxxxxx``, and whatever stands in the place of the account in an ARN of
#: IAM and is no number.
_PLACEHOLDER = re.compile(
    r"\$\[[^\[\]\s]+\]|[#@]\{[^{}]+\}|\{\{(?!resolve:)[^{}]+\}\}|\$\([\w.-]+\)|<[A-Za-z][\w .-]*>|@@[\w.-]+@@"
    r"|(?<![\w.+=,-])@\w[\w.-]*@(?![\w.+=,-])|%%[\w.-]+%%|(?<!\w)__[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*__|__[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*__(?!\w)"
    r"|^resolve:/?[\w/.-]+$|^import:\d{12}:[\w:/.-]+$|%[A-Z_][A-Z0-9_]{2,}%"
    r"|\[\[ ?(?:servicecatalog:[^\[\]]+|[A-Za-z_][\w.-]*) ?\]\]"
    r"|(?<![^:])(?:__[A-Za-z]\w*__|\{[A-Za-z_]\w*\}|\[[A-Za-z][\w -]*\])(?![^:])"
    r"|(?<![^:/])\$(?!LATEST\b)[A-Z_][A-Z0-9_]{2,}(?![^:/])"
    # These are no accounts, and AWS has them in ARNs: of its own policies, and of what reads an origin of CloudFront.
    r"|(?<=:(?:iam|sts)::)(?!(?:aws|aws-[a-z-]+|cloudfront):)[A-Za-z_-][\w -]*(?=:)"
    r"|(?<![^:])(?:[xX]{8,}|(?:[A-Z0-9]+[-_])*ACCOUNT[-_]?(?:ID|NUMBER)|(?i:your[-_ ]?(?:[a-z]+[-_ ])?account[\w -]*))"
    r"(?![^:])"
)
#: A quick look for them; angle brackets may be written as JSON escapes them. Each begins with a character, and not with
#: one of several or with what stands before it: so the search goes from one of these characters to the next.
_PLACEHOLDERS = re.compile(
    r"\$\[|#\{|\{[{%]|\$\(|<[A-Za-z%]|u003[cC]|@[@{]|@[\w.-]+@|resolve:|import:\d|%[A-Z_%{]|\[\[|\[[A-Za-z]|__[A-Za-z]"
    r"|\{[A-Za-z_]\w*\}"
    r"|\$[A-Z_]|:(?:iam|sts)::(?!aws:)[A-Za-z_-]|x[xX]{7}|X[xX]{7}|ACCOUNT[-_]?(?:ID|NUMBER)"
    r"|Y[Oo][Uu][Rr][-_ ]?[A-Za-z]|y[Oo][Uu][Rr][-_ ]?[A-Za-z]"
)
#: What the placeholders and directives begin and end with that may have anything in them: of Jinja, of Terraform and of
#: ERB. Between two directives stands what the first one decides about.
_PAIRS = (("{{", "}}", False), ("{%", "%}", True), ("%{", "}", True), ("<%", "%>", True))
#: How a placeholder begins that decides about what stands up to another one: of Handlebars and Mustache.
_BLOCKS = ("{{#", "{{^")
#: Of more placeholders in one text, all from the first to the last are one; and how many characters are shown of it.
_MANY, _SHOWN = 16, 60
#: What may stand before a placeholder and behind it as a part of it: ``#{hub}#``, ``<<hub>>``, ``{{{hub}}}``.
_BEFORE, _BEHIND = frozenset("{<#%@$\\"), re.compile(r"(?:[}>]|#(?!\{))*")
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
#: A character that no name of a condition key has, nor of a tag, which may have letters of any alphabet.
_NO_KEY = re.compile(r"[^\w\s:/.=+@-]")
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
    enclosed = list(_enclosed(text))
    if len(enclosed) > _MANY and len(left := list(left_over_parts(text))) > _MANY:
        (start, _), (_, end) = left[0], left[-1]
        what = text[start:end]
        whole = Symbol(what, "intrinsic", doubt=_reason(f"{what[:_SHOWN]}…"), holds=PLACEHOLDER)
        return concat([text[:start], symbol(whole), text[end:]])
    for start, stop, inner in enclosed:
        if _is_for_another_tool(text, start, inner):
            what = text[start:stop]
            if what == f"${{{inner}}}" and _is_odd_variable(inner):
                found = Symbol(what, "intrinsic", doubt=f"{what} {_NO_SUCH_KEY}", holds=ODD_VARIABLE)
            else:
                found = Symbol(what, "intrinsic", doubt=_reason(what), holds=PLACEHOLDER)
        elif text.startswith("{{resolve:", start):
            found = Symbol(inner, "dynamic-reference")
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
        if _is_for_another_tool(text, start, inner):
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
    for start, stop, inner in sorted((*found, *_in_pairs(text), *_variables(text)), key=lambda one: (one[0], -one[1])):
        # A variable may have a placeholder in it.
        if start < end:
            continue
        if _is_for_another_tool(text, start, inner):
            start, end = _whole(text, start, stop, end)
        else:
            end = stop
        yield start, end, inner


def _is_for_another_tool(text: str, start: int, inner: str) -> bool:
    """Whether what begins at a place of a text is a placeholder, and no dynamic reference or policy variable."""
    if text.startswith("{{resolve:", start):
        return "{" in inner
    return not text.startswith("${", start) or _is_left_over(inner)


def _in_pairs(text: str) -> Iterator[tuple[int, int, str]]:
    """Where placeholders begin and end that may have anything in them."""
    for opens, closes, is_to_the_last in _PAIRS:
        last = text.rfind(closes)
        start = text.find(opens)
        while -1 < start < last:
            if text.startswith("{{resolve:", start):
                stop = start + len(opens)
            else:
                stop = last + len(closes)
                if not is_to_the_last and not text.startswith(_BLOCKS, start):
                    stop = _after_quotes(text, start, text.find(closes, start + len(opens)) + len(closes), closes)
                yield start, stop, text[start:stop]
            start = text.find(opens, stop)


def _after_quotes(text: str, start: int, stop: int, closes: str) -> int:
    """Where a placeholder ends, in whose quotes what it is closed by may stand."""
    is_open = {quote: text.count(quote, start, stop) % 2 for quote in "'\""}
    while any(is_open.values()) and (closing := text.find(closes, stop)) != -1:
        end = closing + len(closes)
        for quote in is_open:
            is_open[quote] ^= text.count(quote, stop, end) % 2
        stop = end
    return stop


def _whole(text: str, start: int, stop: int, end: int) -> tuple[int, int]:
    """
    Where a placeholder begins and ends with what is around it as a part of it, such as one that it stands in: no rest
    of it is a text of its own.

    Args:
        end: where the one before it ends.
    """
    depth = text.count("{", start, stop) - text.count("}", start, stop)
    while depth > 0 and (closing := text.find("}", stop)) != -1:
        depth += text.count("{", stop, closing) - 1
        stop = closing + 1
    while start > end and text[start - 1] in _BEFORE:
        start -= 1
    behind = _BEHIND.match(text, stop)
    return start, stop if behind is None else behind.end()


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
    return not stands_for_itself(text) and next(left_over_parts(text), None) is not None


def _is_left_over(variable: str) -> bool:
    """Whether what stands between the braces is no policy variable."""
    name = variable.partition(",")[0].strip().lower()
    prefix, colon, rest = name.partition(":")
    if name in _CHARACTERS:
        return False
    if "{" in variable:
        # One stands in the other, or in its default.
        return True
    if not colon or not rest or rest.startswith((":", "/")) or "(" in name or name in _NOT_IAM:
        return True
    if _NO_KEY.search(name):
        # It stands in the place of the name, or of a part of it.
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
