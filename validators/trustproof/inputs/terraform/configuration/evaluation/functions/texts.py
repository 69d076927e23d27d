"""
Functions of texts.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence

from trustproof.inputs.terraform.configuration.evaluation.functions import (
    arns,
    oidc_provider_arns,
    patterns,
    placeholders,
    trimming,
)
from trustproof.inputs.terraform.configuration.evaluation.functions.registry import (
    Context,
    function,
    is_null,
    items,
    of_known,
)
from trustproof.inputs.terraform.configuration.evaluation.known_lengths import is_filled
from trustproof.inputs.terraform.configuration.evaluation.open_instances import is_of_instances, of_only_one
from trustproof.inputs.terraform.configuration.syntax.numerals import general_numeral
from trustproof.inputs.terraform.configuration.values import convert, value_shapes
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown, OverBudget
from trustproof.inputs.terraform.values.unset_variable import BOOL, STRING, Variable
from trustproof.inputs.terraform.values.values import (
    WITHOUT_SCHEME,
    Attribute,
    Items,
    JsonText,
    Known,
    Rest,
    Symbol,
    Text,
    Unknown,
    Value,
)
from trustproof.results.result import BUDGET


def by_characters(text: str) -> str:
    """
    A text of which characters are counted, as people count them.

    https://developer.hashicorp.com/terraform/language/functions/length
    """
    if (not text.isascii() and max(text) >= "\u0300") or "\r\n" in text:
        raise NotKnown("how many characters a text has is not known")
    return text


@of_known("text")
def title(text: str) -> str:
    if not text.isascii():
        raise NotKnown("what another case of a letter is, is not known")
    return re.sub(r"(?<!\w)\w", lambda found: found[0].upper(), text)


@of_known("text")
def strrev(text: str) -> str:
    return by_characters(text)[::-1]


@function(2)
def trimprefix(_: Context, arguments: Sequence[Value]) -> Value:
    value, prefix = (convert.text(argument) for argument in arguments)
    if _is_scheme(prefix) and (host := _host_of(value)) is not None:
        return host
    if (provider := oidc_provider_arns.host_behind(value, prefix)) is not None:
        return provider
    if (name := arns.without(value, prefix)) is not None:
        return name
    return trimming.without_prefix(value, str(convert.plain(convert.plain_text(prefix))))


@function(2, None)
def join(context: Context, arguments: Sequence[Value]) -> Value:
    """Texts with a separator between them; what is unknown is a part of the result."""
    separator = convert.text(arguments[0])
    pieces: list[Value] = []
    if len(arguments) == 2 and isinstance(arguments[1], Items) and getattr(separator, "value", None) == "/":
        host = oidc_provider_arns.host_joined(arguments[1].items)
        if host is not None:
            return host
    if len(arguments) == 2 and isinstance(arguments[1], Items) and is_of_instances(arguments[1]):
        return of_only_one(arguments[1], context.unknown())
    for argument in arguments[1:]:
        if isinstance(argument, Items) and not convert.is_ordered(argument):
            raise NotKnown("the order of the set is not known")
        for item in items(argument).items:
            if isinstance(item, Rest):
                raise NotKnown("the list has items that are not known")
            if is_null(item):
                raise Fault("an item is null")
            pieces += [separator, item] if pieces else [item]
    context.work.step(len(pieces))
    found = convert.join_texts(pieces, context.place)
    if isinstance(found, Known):
        context.work.write(len(str(found.value)))
    return found


@function(2)
def split(context: Context, arguments: Sequence[Value]) -> Value:
    """The texts between separators; of a text that ends in something unknown, those before it and the rest."""
    separator, value = (convert.plain_text(argument) for argument in arguments)
    if isinstance(separator, Known) and isinstance(value, Known):
        if not separator.value:
            parts = list(str(value.value))
        else:
            parts = str(value.value).split(str(separator.value)) if value.value else [""]
        context.work.step(len(parts))
        return convert.value_of(parts if value.value else ([""] if separator.value else []), context.place)
    host = _host_of(value)
    if host is not None and "issuer" in host.name and isinstance(separator, Known):
        if _is_scheme(separator):
            return Items((Known("", context.place), host), False, context.place)
        if separator.value in ("//", "://"):
            head = Known("https:" if separator.value == "//" else "https", context.place)
            return Items((head, host), False, context.place)
    provider = oidc_provider_arns.host_of(value)
    if provider is not None and isinstance(separator, Known) and separator.value in oidc_provider_arns.SEPARATORS:
        # An issuer's URL may hold the separator again: how many items there are, nobody knows.
        before = Symbol(f"{value.shown} before {separator.value}" if isinstance(value, Attribute) else "")
        return Items((before, provider, Rest(context.unknown())), False, context.place)
    of_issuer = oidc_provider_arns.parts(value)
    if of_issuer and isinstance(separator, Known) and separator.value == "/":
        return Items((*of_issuer, oidc_provider_arns.rest(value)), False, context.place)
    by = str(separator.value) if isinstance(separator, Known) else ""
    found = arns.at_samples(value, lambda text: text.split(by), context.place, by) if by else None
    return arns.split_arn(value, by, context) if found is None else found


@function(3)
def replace(context: Context, arguments: Sequence[Value]) -> Value:
    """One text in the place of another; `/…/` is a regular expression."""
    value, old, new = (convert.text(argument) for argument in arguments)
    if isinstance(value, Attribute) and _is_scheme_pattern(old) and isinstance(new, Known) and new.value == "":
        # The host of an issuer of tokens is its URL without the scheme.
        return Attribute(value.address, f"{value.name}{WITHOUT_SCHEME}", context.place, value.sensitive)
    if isinstance(old, Known) and isinstance(new, Known) and new.value == "":
        provider = oidc_provider_arns.host_of(value)
        if provider is not None and oidc_provider_arns.takes_all_before(str(old.value)):
            return provider
    if isinstance(new, Known) and new.value == "" and (host := oidc_provider_arns.host_behind(value, old)) is not None:
        return host
    if isinstance(new, Known) and new.value == "" and (name := arns.without(value, old)) is not None:
        return name
    pattern = str(convert.plain(old))
    is_expression = len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/")
    context.work.step(0 if value.is_known else value_shapes.STEPS)
    if not value.is_known and pattern and _is_never_found(pattern, value, is_expression=is_expression):
        return value
    if pattern and not is_expression and not isinstance(value, Unknown) and not (value.is_known and new.is_known):
        return placeholders.replaced(value, pattern, new)
    if is_expression and new.is_known and not value.is_known:
        by, looked_for = str(convert.plain(new)), pattern[1:-1]
        made = arns.at_samples(
            value, lambda text: patterns.replace_matches(looked_for, by, text), context.place, looked_for
        )
        if made is not None:
            return made
    text, other = (str(convert.plain(found)) for found in (value, new))
    if is_expression:
        return Known(patterns.replace_matches(pattern[1:-1], other, text), context.place)
    if pattern not in text:
        return value
    context.work.write(len(text) + max(0, len(other) - len(pattern)) * (text.count(pattern)))
    return Known(text.replace(pattern, other), context.place)


def _is_never_found(pattern: str, value: Value, *, is_expression: bool) -> bool:
    """Whether what `replace` looks for is not in a text, whatever is not known of that."""
    if not is_expression:
        return value_shapes.matches(value, re.escape(pattern)) is False
    return patterns.matches(pattern[1:-1], value) is False


def _host_of(value: Value) -> Attribute | None:
    """The host of an issuer of tokens, of the attribute that is its URL; None for another value."""
    is_url = isinstance(value, Attribute) and value.name.rpartition(".")[2] in ("issuer", "url")
    if not is_url:
        return None
    assert isinstance(value, Attribute)
    return Attribute(value.address, f"{value.name}{WITHOUT_SCHEME}", value.place, value.sensitive)


def _is_scheme(value: Value) -> bool:
    return isinstance(value, Known) and value.value == "https://"


def _is_scheme_pattern(value: Value) -> bool:
    """Whether what `replace` takes away is the scheme."""
    is_pattern = isinstance(value, Known) and _SCHEME_PATTERN.fullmatch(str(value.value)) is not None
    return is_pattern or _is_scheme(value)


#: Regular expressions for the scheme of the URL of an issuer, which is https.
_SCHEME_PATTERN = re.compile(r"/\^?\(?https\??:(?:\\?/){2}\)?/")


@function(1, None, "format")
def format_(context: Context, arguments: Sequence[Value]) -> Value:
    """A text with values filled in, which may be unknown where they are to be texts."""
    template = convert.text(arguments[0])
    pieces = template.pieces if isinstance(template, Text) else (Known(convert.plain(template)),)
    marked = "".join(str(p.value) if isinstance(p, Known) else f"{_MARK}{at}{_MARK}" for at, p in enumerate(pieces))
    found = convert.join_texts(_filled(_formatted(marked, list(arguments[1:])), pieces), context.place)
    if isinstance(found, Known):
        context.work.write(len(str(found.value)))
    return found


#: Stands around the number of a piece of a format that is not known; private-use characters occur in no policy.
_MARK = "\ue003"


def _filled(found: Iterator[Value], pieces: Sequence[Value]) -> Iterator[Value]:
    """Pieces of a result, with what is not known of the format in its place."""
    for value in found:
        parts = value.value.split(_MARK) if isinstance(value, Known) and isinstance(value.value, str) else ()
        if len(parts) % 2 == 1 and len(parts) > 1 and all(part.isdecimal() for part in parts[1::2]):
            yield from (pieces[int(part)] if at % 2 else Known(part) for at, part in enumerate(parts))
        else:
            yield value


@function(1, None)
def formatlist(context: Context, arguments: Sequence[Value]) -> Value:
    """A text for each item of the lists among the arguments."""
    convert.text(arguments[0])
    lists = [argument for argument in arguments[1:] if isinstance(argument, Items)]
    if any(isinstance(item, Rest) for found in lists for item in found.items):
        raise NotKnown("a list has items that are not known")
    lengths = {len(found.items) for found in lists}
    if len(lengths) > 1:
        raise Fault("the lists have different lengths")
    count = lengths.pop() if lengths else 1
    context.work.step(count)
    rows = (
        [argument.items[row] if isinstance(argument, Items) else argument for argument in arguments]
        for row in range(count)
    )
    return Items(tuple(format_(context, row) for row in rows), False, context.place)


#: How many digits the width or the precision of a verb may have.
_DIGITS = 4
_VERB = re.compile(r"%(\[(\d+)\])?([-+ 0#]*)(\d*)(?:\.(\d*))?([a-zA-Z%])")


def _formatted(template: str, arguments: Sequence[Value]) -> Iterator[Value]:
    at = used = 0
    highest = 0
    for found in _VERB.finditer(template):
        yield Known(template[at : found.start()])
        at = found.end()
        if found[6] == "%" and len(found[0]) == 2:
            yield Known("%")
            continue
        used = int(found[2]) if found[2] else used + 1
        highest = max(highest, used)
        if not 0 < used <= len(arguments):
            raise Fault("there are fewer arguments than the format wants")
        yield _verb(found, arguments[used - 1])
    if highest < len(arguments):
        raise Fault("there are more arguments than the format wants")
    rest = template[at:]
    if "%" in rest:
        raise Fault("the format has a verb that is not known")
    yield Known(rest)


def _verb(found: re.Match[str], value: Value) -> Value:
    flags, width, precision, verb = found[3], found[4], found[5], found[6]
    plain = not flags and not width and precision is None
    if verb in "sv" and plain:
        return _as_it_is(value) if verb == "v" else convert.text(value)
    if precision == "" or (verb in "vq%" and not (verb == "q" and plain)):
        raise NotKnown(f"the verb {found[0]} is not read")
    if len(width) > _DIGITS or len(precision or "") > _DIGITS:
        raise OverBudget(f"{BUDGET}: characters that a verb of a format makes ({10**_DIGITS - 1})")
    spec = f"%{flags}{width}{'.' + precision if precision else ''}{verb}"
    if verb == "s":
        text = convert.plain(convert.text(value))
        if flags.strip("-") or precision is not None:
            raise NotKnown(f"the verb {found[0]} is not read")
        return Known(spec % by_characters(text))
    if verb == "q":
        return Known(convert.to_json(convert.plain(convert.text(value))))
    if verb == "t":
        return convert.text(convert.truth(value))
    return _number(found[0], spec, convert.plain(convert.numeric(value)))


def _number(written: str, spec: str, number: float) -> Value:
    verb = written[-1]
    if verb == "d":
        if not isinstance(number, int):
            raise Fault("it is no whole number")
        return Known(spec % number)
    if "#" not in written and verb in "fFeE" and abs(number) < _EXACT:
        return Known(spec % number)
    if "#" not in written and verb in "xXo" and isinstance(number, int):
        return Known(spec % number)
    if written == "%b" and isinstance(number, int):
        return Known(f"{number:b}")
    raise NotKnown(f"the verb {written} is not read")


#: Below it, all digits of a whole number are those of a number with a fraction.
_EXACT = 10**15


def _as_it_is(value: Value) -> Value:
    """What ``%v`` makes of a value."""
    if is_null(value):
        return Known("null")
    if isinstance(value, Known) and isinstance(value.value, (int, float)) and not isinstance(value.value, bool):
        return Known(general_numeral(value.value))
    if isinstance(value, (Known, Text)):
        return convert.text(value)
    if is_filled(value) or (isinstance(value, Variable) and value.kind in (STRING, BOOL)):
        return convert.text(value)
    return convert.plain_text(JsonText(value))


@of_known("text", "urlencode")
def urlencode(text: str) -> str:
    safe = string.ascii_letters + string.digits + "-_.~"
    return "".join(
        char if char in safe else "+" if char == " " else "".join(f"%{byte:02X}" for byte in char.encode())
        for char in text
    )
