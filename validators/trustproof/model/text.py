"""
Text of a template: known now, or known only when the template is deployed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

#: Kinds of values that a symbol may stand for: one or more texts, the name that AWS generates for a bucket, an address
#: that AWS gives out, a text that a program makes up so that no other is the same, what Secrets Manager adds to a name,
#: the name that CloudFormation generates for a user, group or role.
LIST, BUCKET_NAME, ADDRESS, UNIQUE, SECRET_ENDING = "list", "bucket name", "address", "unique", "secret ending"
GENERATED_NAME = "generated name"
#: The name, id or URL of a resource of the template, as its ``Ref`` gives it.
RESOURCE_NAME = "resource name"
#: What others give and may write with wildcards; of anything else that is given at deployment nobody takes that.
MAY_BE_PATTERN = "may be a pattern"
#: The id of the root of the organization that the account of the template is in.
ORGANIZATION_ROOT = "root of the own organization"
#: What is written like a policy variable, of a condition key that no service is known to have.
ODD_VARIABLE = "odd variable"
#: What another tool is to put a text in the place of; CloudFormation puts nothing there.
PLACEHOLDER = "placeholder"
#: What cannot be as it is written: a mistake, or a placeholder that looks like one.
MISTAKE = "mistake"
#: What is neither an ARN nor the id of an account, whatever it will be.
NO_PRINCIPALS = (GENERATED_NAME, RESOURCE_NAME, BUCKET_NAME, ADDRESS)

#: The names of the symbols that stand for where something is deployed: those of CloudFormation's pseudo parameters,
#: whatever an input is written in.
ACCOUNT_ID, PARTITION, REGION = "AWS::AccountId", "AWS::Partition", "AWS::Region"
STACK_NAME = "AWS::StackName"
#: How the names of symbols begin that stand for another Region than the template's.
OTHER_REGION = "Region of "
#: The DNS suffix of the partition, likewise; and the id of the organization of the account.
URL_SUFFIX, ORGANIZATION_ID = "AWS::URLSuffix", "id of the own organization"


class Symbol(NamedTuple):
    """
    One value that the template does not know before it is deployed.

    Two symbols with the same name are the same value.
    """

    #: What a user would call it: ``HubAccount``, ``Fn::ImportValue hub-account``, ``Vendor.Arn``.
    name: str
    #: ``parameter``, ``pseudo-parameter``, ``import``, ``dynamic-reference``, ``attribute`` or ``intrinsic``.
    kind: str
    #: ``AllowedValues`` of a parameter; None where anything is admitted.
    allowed: tuple[str, ...] | None = None
    #: ``AllowedPattern`` of a parameter (a regular expression for the whole value).
    pattern: str | None = None
    #: What the input calls the type of the value, where it is declared with one; empty elsewhere.
    type: str = ""
    #: ``MinValue`` and ``MaxValue`` of a parameter that is a number; None where there is no bound.
    least: float | None = None
    most: float | None = None
    #: Why nobody can say which of several values it is; then none is made up for it. Empty elsewhere.
    doubt: str = ""
    #: What kind of value it is, where that matters: one of the constants above; empty elsewhere.
    holds: str = ""
    #: What stands there, of what is unknown since it cannot be as it is written; None elsewhere.
    written: Text | None = None

    @property
    def is_name_of_nothing(self) -> bool:
        """Whether it is what ``Ref`` gives for a name that is no parameter's and no resource's."""
        return self.kind == "intrinsic" and self.name.isalnum()

    @property
    def is_list(self) -> bool:
        """Whether it stands for one value or more."""
        return self.holds == LIST

    @property
    def is_region(self) -> bool:
        """Whether it is a Region: that of the template, or another one."""
        return self.name == REGION or self.name.startswith(OTHER_REGION) or self.name.endswith(f"/{REGION}")

    @property
    def is_looked_up(self) -> bool:
        """Whether CloudFormation looks it up when it deploys, so that neither a default nor a user gives it."""
        return self.kind == "dynamic-reference" or self.type.startswith("AWS::SSM::Parameter::Value<")


class Symbolic(NamedTuple):
    """
    Text with unknown parts, for example ``arn:aws:iam::`` + `Symbol` + ``:root``.

    At least one part is a `Symbol`; neighbouring literal parts are merged and never empty.
    """

    parts: tuple[str | Symbol, ...]

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The unknown parts, in order of appearance."""
        return tuple(part for part in self.parts if isinstance(part, Symbol))

    @property
    def choices(self) -> tuple[str, ...]:
        """The values of which the text has one; empty where it may have others."""
        (part, *others) = self.parts
        return part.allowed or () if isinstance(part, Symbol) and not others else ()

    @property
    def names_resource(self) -> bool:
        """Whether it begins with the name, id or URL of a resource: it is no ARN, and no id of an account."""
        first = self.parts[0]
        if isinstance(first, str):
            return first.startswith("https://") and any(one.holds in NO_PRINCIPALS for one in self.symbols)
        return first.holds in NO_PRINCIPALS

    @property
    def range(self) -> tuple[float | None, float | None] | None:
        """The least and the most that a number may be; None for what may be no number, or any."""
        (part, *others) = self.parts
        if others or not isinstance(part, Symbol) or (part.least is None and part.most is None):
            return None
        return part.least, part.most

    def bind(self, values: Mapping[str, Text | Symbol]) -> Text:
        """Replace every symbol whose name is in `values`."""
        if not any(isinstance(part, Symbol) and part.name in values for part in self.parts):
            return self
        return concat(values.get(p.name, p) if isinstance(p, Symbol) else p for p in self.parts)

    def __str__(self) -> str:
        return "".join(f"<{p.name}>" if isinstance(p, Symbol) else p for p in self.parts)


#: Whoever reads a text looks at each symbol by itself, which takes as long as so many characters that stand together.
SYMBOL = 50

#: A known string, or a string with unknown parts.
Text: TypeAlias = "str | Symbolic"

#: How many policy variables of one text are told apart: what people write has a few.
MAX_VARIABLES = 20


def variables_in(text: Text) -> int:
    """How many policy variables, ``${key}``, a text may have."""
    pieces = (text,) if isinstance(text, str) else text.parts
    return sum(piece.count("${") for piece in pieces if isinstance(piece, str))


def concat(parts: object) -> Text:
    """
    Join strings, symbols and texts; a plain string where nothing is unknown.

    Args:
        parts: an iterable of ``str``, `Symbol` and `Symbolic`.
    """
    merged: list[str | Symbol] = []
    literal = ""
    for part in parts:  # type: ignore[attr-defined]
        # One piece as a rule: a template has thousands of these texts.
        for piece in part.parts if part.__class__ is Symbolic else (part,):
            if piece.__class__ is str:
                literal += piece
                continue
            if literal:
                merged.append(literal)
                literal = ""
            merged.append(piece)
    if not merged:
        return literal
    if literal:
        merged.append(literal)
    return Symbolic(tuple(merged))


def length(text: Text) -> int:
    """How many characters a text has, a symbol counted by its name, and as `SYMBOL` at least."""
    if isinstance(text, str):
        return len(text)
    return sum(len(part) if isinstance(part, str) else max(SYMBOL, len(part.name)) for part in text.parts)


def arn_in_partition(arn: Text, partition: str) -> Text:
    """The ARN of the same thing in another partition; a text that is no ARN as it is."""
    bound = arn if isinstance(arn, str) else arn.bind({PARTITION: partition})
    first, *others = (bound,) if isinstance(bound, str) else bound.parts
    fields = first.split(":", 2) if isinstance(first, str) else ()
    if len(fields) < 3 or fields[0] != "arn":
        return bound
    return concat((f"arn:{partition}:{fields[2]}", *others))
