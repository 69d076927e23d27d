"""
Operands as patterns: policy variables, unresolved values and wildcards.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from trustproof.aws.condition_keys import ALWAYS, NEVER, is_misspelt, lookup
from trustproof.engine.caller_records import NAME
from trustproof.engine.generated_names import generated_name
from trustproof.engine.request_space import OWN_NAME, RequestSpace
from trustproof.model.regex import MAX_ALTERNATIVES, shapes
from trustproof.model.text import (
    BUCKET_NAME,
    GENERATED_NAME,
    MAX_VARIABLES,
    Symbol,
    Symbolic,
    Text,
    concat,
    variables_in,
)
from trustproof.sets.patterns import (
    ANY_RUN,
    EVERYTHING,
    Pattern,
    Wildcard,
    arn_like,
    exact,
    glob,
    ignoring_case,
    join,
    like,
)

#: The variables that stand for a character, which is then never a wildcard.
SPECIAL = ("*", "?", "$")

_USERNAME = lookup("aws:username")
#: How many colons stand before what an ARN says of the resource.
_COLONS = 5

#: How an entry is read that has more policy variables than this.
_TOO_MANY_VARIABLES = f"it has more policy variables than are told apart ({MAX_VARIABLES})"

#: Where a text has no policy variable, the request space makes no difference.
ANY_SPACE = RequestSpace("", "", "")


class Variable(NamedTuple):
    """A policy variable: ``${key}`` or ``${key, 'default'}``."""

    key: str
    default: str | None


class Hole(NamedTuple):
    """A part of an operand that may be any text, and what it is called."""

    name: str
    #: Whether it fills a field of an ARN by itself, and so is taken to hold no colon.
    field: bool = False
    #: Whether it is the name of a bucket, which holds neither colon nor slash.
    bucket: bool = False
    #: The logical id of the user, group or role whose name it is, where CloudFormation generates that.
    generated_for: str = ""

    @property
    def pattern(self) -> Pattern:
        """What it may be."""
        if self.generated_for:
            return generated_name(self.generated_for)
        if self.bucket:
            return (Wildcard("/:", True, True),)
        return (Wildcard(":", True, True),) if self.field else EVERYTHING


class Operand(NamedTuple):
    """
    What an operand may match: at most `larger`, at least `smaller`.

    They are equal where the operand is known; else `note` says what is not known.
    """

    larger: tuple[Pattern, ...]
    smaller: tuple[Pattern, ...]
    note: str = ""
    #: Of a Resource entry with two readings: what it matches at most where no wildcard reaches across a colon, and at
    #: least where they do; None where there is one reading.
    narrow: tuple[Pattern, ...] | None = None
    wide: tuple[Pattern, ...] | None = None


def split_variables(text: str) -> list[str | Variable]:
    """
    Split text at its policy variables; ``${*}``, ``${?}`` and ``${$}`` become variables named by the character.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    return [*_split(text)]


@lru_cache(maxsize=4_096)
def _split(text: str) -> tuple[str | Variable, ...]:
    out: list[str | Variable] = []
    start = 0
    while True:
        opened = text.find("${", start)
        closed = text.find("}", opened + 2) if opened >= 0 else -1
        if closed < 0:
            return (*out, text[start:]) if start < len(text) else (*out,)
        if opened > start:
            out.append(text[start:opened])
        inside = text[opened + 2 : closed]
        start = closed + 1
        key, comma, default = inside.partition(",")
        name = key.strip()
        if name in SPECIAL and name != inside:
            # Only ``${*}`` itself is a character; with blanks or a default it is a key that nobody sends.
            name = inside
        quoted = default.strip()
        has_default = comma and len(quoted) >= 2 and quoted[0] == quoted[-1] == "'"
        out.append(Variable(name, quoted[1:-1] if has_default else None))


#: A literal written in the policy, whose wildcards are wildcards; text that is literal whatever it holds; or a hole.
class Verbatim(str):
    """Text whose ``*`` and ``?`` are characters, since they came out of ``${*}`` or a default."""

    __slots__ = ()


_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def spellings(text: Symbolic) -> tuple[Text, ...]:
    """
    The texts that a text may be, as far as the values of its parameters are listed, or their patterns spell them out.
    """
    if all(symbol.allowed is None and symbol.pattern is None for symbol in text.symbols):
        return (text,)

    found: list[tuple[str | Symbol, ...]] = [()]
    for part in text.parts:
        options: list[tuple[str | Symbol, ...]] = [(part,)]
        # A list is one symbol for several values.
        if isinstance(part, Symbol) and not part.is_list:
            unknown = part._replace(allowed=None, pattern=None)
            if part.allowed is not None:
                options = [(value,) for value in part.allowed]
            elif part.pattern is not None:
                options = [tuple(unknown if p is None else p for p in shape) for shape in shapes(part.pattern)]
        if len(found) * len(options) > MAX_ALTERNATIVES:
            return (text,)
        found = [(*before, *option) for before in found for option in options]
    return tuple(concat(one) for one in found)


def _one_of(text: Text, read: Callable[[Text], Operand]) -> Operand | None:
    """An operand that is one of several; None where nothing is known of which they are."""
    options = spellings(text) if isinstance(text, Symbolic) else (text,)
    if options == (text,) or not isinstance(text, Symbolic):
        return None
    larger = dict.fromkeys(pattern for option in options for pattern in read(option).larger)
    return Operand((*larger,), (), f"the value of {text.symbols[0].name} is not known before deployment")


def parts(text: Text, space: RequestSpace, variables: bool, *, wild: bool) -> list[str | Hole] | None:
    """
    The parts of an operand; None where it holds a variable that is never there, so that it matches nothing.

    Args:
        wild: whether the operand may have wildcards.
    """
    pieces = (text,) if isinstance(text, str) else text.parts
    count = variables_in(text) if variables else 0
    if count > MAX_VARIABLES:
        return [Hole(_TOO_MANY_VARIABLES)]
    found = _parts(pieces, space, True, wild) if count else _read_parts(pieces, space, False, wild)
    return None if found is None else [*found]


def _read_parts(
    pieces: tuple[str | Symbol, ...], space: RequestSpace, variables: bool, wild: bool
) -> tuple[str | Hole, ...] | None:
    out: list[str | Hole] = []
    for index, piece in enumerate(pieces):
        if isinstance(piece, Symbol):
            name = f"the value of {piece.name} is not known before deployment"
            whose = piece.name.rpartition("/")[2] if piece.holds == GENERATED_NAME else ""
            out.append(Hole(name, fills_field(pieces, index), piece.holds == BUCKET_NAME, whose))
            continue
        if not variables or "${" not in piece:
            out.append(piece)
            continue
        for part in split_variables(piece):
            found = part if isinstance(part, str) else _variable(part, space, wild=wild)
            if found is None:
                return None
            out.append(found)
    return (*out,)


#: What the variables of a text are is asked of the same requests for each property, and for each way into it.
_parts = lru_cache(maxsize=1_024)(_read_parts)


def fills_field(pieces: Sequence[str | Symbol], index: int) -> bool:
    """
    Whether a symbol stands between two colons, and holds none.

    An ARN that would have too few fields may be given several by one parameter: ``arn:aws:s3:${Where}:bucket``.
    """
    colons = sum(piece.count(":") for piece in pieces if isinstance(piece, str))
    return stands_between(pieces, index) and (colons >= _COLONS or not str(pieces[0]).startswith("arn:"))


def stands_between(pieces: Sequence[str | Symbol], index: int) -> bool:
    """Whether a symbol stands between two colons."""
    before = pieces[index - 1] if index else ""
    after = pieces[index + 1] if index + 1 < len(pieces) else ""
    return isinstance(before, str) and before.endswith(":") and isinstance(after, str) and after.startswith(":")


def _variable(variable: Variable, space: RequestSpace, *, wild: bool) -> str | Hole | None:
    if variable.key in SPECIAL:
        return Verbatim(variable.key)
    key = lookup(variable.key)
    if key.name.lower() in space.known_keys:
        return Verbatim(space.known_keys[key.name.lower()])
    presence = space.presence(key) if key.known else "maybe"
    if presence == NEVER or key.multi or is_misspelt(variable.key):
        if variable.default is not None and wild and {*variable.default} & {"*", "?"}:
            written = f"${{{variable.key}, '{variable.default}'}}"
            return Hole(f"whether the wildcard in the default of {written} is one is not documented")
        return None if variable.default is None else Verbatim(variable.default)
    if presence == ALWAYS and not space.is_view(key) and key.name.lower() == "aws:principaltype":
        fixed = space.domain("key:aws:principaltype").present
        sample = None if fixed is None else fixed.sample()
        if isinstance(sample, str):
            return Verbatim(sample)
    return Hole(f"the policy variable ${{{variable.key}}} differs from request to request")


def string_operand(text: Text, base: str, space: RequestSpace, variables: bool) -> Operand:
    """The strings that an operand of a string operator matches."""
    several = _one_of(text, lambda option: string_operand(option, base, space, variables))
    if several is not None:
        return several
    wild = base in ("StringLike", "StringNotLike")
    found = parts(text, space, variables, wild=wild)
    if found is None:
        return Operand((), ())
    pieces: list[str | Pattern] = []
    note = ""
    for part in found:
        if isinstance(part, Hole):
            note = note or part.name
            pieces.append(part.pattern)
        elif wild and not isinstance(part, Verbatim):
            pieces.append(like(part))
        else:
            pieces.append(exact(str(part)))
    pattern = join(*pieces)
    if base.endswith("IgnoreCase"):
        pattern = ignoring_case(pattern)
    return Operand((pattern,), () if note else (pattern,), note)


def binary_operand(text: Text) -> Operand:
    """
    The base64 texts of the bytes that an operand of ``BinaryEquals`` names; there are no policy variables here.

    The bits that padding leaves over are ignored, so that bytes may have several texts.
    """
    if isinstance(text, Symbolic):
        return Operand((EVERYTHING,), (), f"the value of {text} is not known before deployment")

    try:
        data = base64.b64decode(text.encode(), validate=True)
    except ValueError:
        return Operand((), ())
    canonical = base64.b64encode(data).decode()
    body = canonical.rstrip("=")
    spare = 1 << 2 * (len(canonical) - len(body))
    if spare == 1:
        return Operand((exact(canonical),), (exact(canonical),))
    first = _BASE64.index(body[-1])
    last = Wildcard("".join(sorted(_BASE64[first : first + spare])), False, False)
    pattern = join(body[:-1], last, canonical[len(body) :])
    return Operand((pattern,), (pattern,))


def arn_operand(text: Text, space: RequestSpace, variables: bool) -> Operand:
    """The ARNs that an operand of an ARN operator, or an entry of a Resource element, matches."""
    several = _one_of(text, lambda option: arn_operand(option, space, variables))
    if several is not None:
        return several
    found = parts(text, space, variables, wild=True)
    if found is None:
        return Operand((), ())
    note = next((part.name for part in found if isinstance(part, Hole)), "")
    fields: list[list[str | Pattern]] = [[]]
    for part in found:
        if isinstance(part, Hole):
            fields[-1].append(part.pattern)
            continue
        pieces = str(part).split(":", 6 - len(fields))
        for index, piece in enumerate(pieces):
            if index:
                fields.append([])
            if piece:
                fields[-1].append(exact(piece) if isinstance(part, Verbatim) else glob(piece, ""))
    whole = tuple(join(*field) for field in fields)
    if note:
        # A hole may hold colons of its own, so only the text around it is certain.
        glued: list[str | Pattern] = []
        for index, field in enumerate(whole):
            glued.extend((":", field) if index else (field,))
        return Operand((join(*glued),), (), note)
    if len(whole) == 6:
        pattern = arn_like(whole)
        return Operand((pattern,), (pattern,))
    if whole == (EVERYTHING,):
        return Operand((EVERYTHING,), (), "whether the pattern * without six fields matches an ARN is not documented")
    short = join(*(piece for index, field in enumerate(whole) for piece in ((":", field) if index else (field,))))
    return Operand((short,), (), "whether an ARN pattern with fewer than six fields matches is not documented")


def resource_operand(text: Text, space: RequestSpace, variables: bool) -> Operand:
    """
    The resources that an entry of a Resource element matches; ``*`` alone is every resource.

    Whether a wildcard there reaches across the colons of an ARN is left open. The manual of IAM says that one at the
    end of a segment can, and that of S3 that none does:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html
    """
    if text == "*":
        return Operand((EVERYTHING,), (EVERYTHING,))
    if not space.own_name and not (variables and "${" in str(text)):
        return _known_resource(text)
    return _resource(text, space, variables)


@lru_cache(maxsize=4096)
def _known_resource(text: Text) -> Operand:
    return _resource(text, ANY_SPACE, False)


def _resource(written: Text, space: RequestSpace, variables: bool) -> Operand:
    text = _own_name(written) if variables and space.own_name and space.presence(_USERNAME) == ALWAYS else written
    found = arn_operand(text, space, variables)
    wide = string_operand(text, "StringLike", space, variables)
    larger, narrow, note = wide.larger, found.larger, wide.note
    if not note and larger != found.smaller:
        note = f"whether a wildcard of the resource {written} reaches across colons is not documented"
    if space.own_name:
        # Any name that a policy writes out may be the caller's own.
        larger += tuple(p for pattern in larger for p in _as_own_name(pattern))
        narrow += tuple(p for pattern in narrow for p in _as_own_name(pattern))
    if (larger, wide.smaller) == (narrow, found.smaller):
        return Operand(larger, found.smaller, note)
    return Operand(larger, found.smaller, note, narrow, wide.smaller)


def _own_name(text: Text) -> Text:
    """Write the caller's user name as the character that stands for it; a default makes no difference to a user."""
    if isinstance(text, str):
        return _with_own_name(text)
    return Symbolic(tuple(_with_own_name(p) if isinstance(p, str) else p for p in text.parts))


def _with_own_name(text: str) -> str:
    lowered = text.lower()
    at = lowered.find("${aws:username")
    while at >= 0:
        end = lowered.find("}", at)
        if end < 0:
            break
        (variable,) = split_variables(text[at : end + 1])
        if isinstance(variable, Variable) and variable.key.lower() == "aws:username":
            text = text[:at] + OWN_NAME + text[end + 1 :]
            lowered, end = text.lower(), at
        at = lowered.find("${aws:username", end)
    return text


def _as_own_name(pattern: Pattern) -> tuple[Pattern, ...]:
    """
    The pattern with what stands after the last slash of its text replaced by the caller's own name, if it may be one.
    """
    for index in range(len(pattern) - 1, -1, -1):
        part = pattern[index]
        if isinstance(part, str) and "/" in part:
            head, _, tail = part.rpartition("/")
            named = all(
                char in NAME for text in (tail, *pattern[index + 1 :]) if isinstance(text, str) for char in text
            )
            # No name is empty.
            has_name = bool(tail) or index + 1 < len(pattern)
            return (join(*pattern[:index], head + "/", OWN_NAME),) if named and has_name else ()
    return ()


@lru_cache(maxsize=4096)
def action_pattern(text: Text) -> Operand:
    """The actions that an entry of an Action element matches, lower-cased: letter case does not count."""
    if isinstance(text, str):
        pattern = like(_fold(text))
        return Operand((pattern,), (pattern,))
    pieces = [like(_fold(p)) if isinstance(p, str) else (ANY_RUN,) for p in text.parts]
    return Operand((join(*pieces),), (), f"the action {text} is not known before deployment")


def _fold(text: str) -> str:
    """Lower-cased ASCII letters: only these have case here."""
    return text.lower() if text.isascii() else "".join(c.lower() if c.isascii() else c for c in text)
