"""
How a function is named: by its name, by a part of its ARN or by the whole, with or without an alias or a version.

https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: What the name of a function, of an alias or of a version consists of; the control characters are for what stands in
#: the place of something that is not known.
_WORD = r"[\w.\x01-\x1f-]+"
#: An account or a Region that is not known is one character, and what follows tells that it is no name.
_FORM = re.compile(
    r"(?:arn:(?P<partition>aws[a-z-]*|[\x01-\x1f]):lambda:)?"
    r"(?:(?P<region>[a-z]+(?:-[a-z]+)+-\d+|[\x01-\x1f](?=:(?:\d{12}|[\x01-\x1f]):function:)):)?"
    r"(?:(?P<account>\d{12}|[\x01-\x1f](?=:function:)):)?"
    rf"(?:function:)?(?P<name>{_WORD})(?::(?P<qualifier>\$LATEST|{_WORD}))?",
    re.ASCII,
)
#: The ARN of a function or a layer; what is behind the name is an alias or a version.
_ARN = re.compile(r"arn:[^:]*:lambda:[^:]*:[^:]*:(?:function|layer):([^:]+)(?::(.+))?", re.DOTALL)


class FunctionName(NamedTuple):
    """
    What a property or a request says of a function; empty what it does not say.
    """

    name: str
    #: An alias or a version.
    qualifier: str = ""
    region: str = ""
    account: str = ""
    partition: str = ""


def parse_function_name(text: str) -> FunctionName | None:
    """What names a function, in its parts; None for what names none."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    return FunctionName(
        *(found[part] or "" for part in ("name", "qualifier", "region", "account", "partition")),
    )


def name_and_qualifier(arn: str) -> tuple[str, str] | None:
    """The name of the function or the layer of an ARN, and its alias or version, which may be empty; else None."""
    found = _ARN.fullmatch(arn)
    return None if found is None else (found[1], found[2] or "")
