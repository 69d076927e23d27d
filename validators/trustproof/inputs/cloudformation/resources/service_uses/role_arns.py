"""
The ARNs of roles in texts of a template.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trustproof.model.text import Text

#: How the ARN of a role goes on after its account.
ROLE = ":role/"
#: The ARN of a role in a text that says more.
_ARN = re.compile(r"arn:[^:\s]*:iam::[^:\s]*:role/(?:[\w+=,.@/-]|\$\{[^{}\s]*\})+")


def role_name(arn: object) -> str:
    """The path and name of a role in an ARN: a template may go to whichever account it is that a program is told."""
    return str(arn).partition(ROLE)[2]


def roles_in(text: Text) -> Iterator[Text]:
    """The ARNs of roles in a text: the text itself, or what of it is one."""
    written = str(text)
    if ROLE not in written:
        return
    found = [match.group().rstrip(".,") for match in _ARN.finditer(written)]
    yield from (text,) if not found or found == [written] else found
