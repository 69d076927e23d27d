"""
What things are called where several inputs are looked at together.
"""

from __future__ import annotations

import re
from zlib import crc32

#: No name that is generated has more of a logical id for certain (assumed).
CERTAIN = 24
#: Stack and random text, where something has to be shown.
EXAMPLE_STACK, EXAMPLE_END = "example-stack", "EXAMPLE00000"


def example_name(logical_id: str) -> str:
    """
    A name as CloudFormation may generate it for a resource; of no two logical ids the same, as long as these are short.

    >>> example_name("Reader")
    'example-stack-Reader-EXAMPLE00000'
    """
    return f"{EXAMPLE_STACK}-{logical_id[:CERTAIN]}-{EXAMPLE_END}"


#: What ends a name that is generated, of CloudFormation 12 or 13 characters, of Terraform 26; and one made up here.
_RANDOM = "(?!EXAMPLE)[0-9A-Za-z]{8,}"
#: The longest name of a role, and so much is left at least of the names of stack and resource in it (assumed).
_LONGEST_NAME, _LEFT = 64, 12


def generated_name(stack: str, logical_id: str) -> str:
    """
    A regular expression of the names that may be generated for a resource.

    Args:
        stack: its name, or the made-up one.
        logical_id: or another text, if the names of stack and resource have nothing to do with it.

    >>> generated_name("App", "Reader")
    'App-Reader-(?!EXAMPLE)[0-9A-Za-z]{8,}'
    """
    if not logical_id.isalnum():
        return _RANDOM
    if len(stack) + len(logical_id) > _LONGEST_NAME - 14:
        return f"{re.escape(stack[:_LEFT])}.*-{re.escape(logical_id[:_LEFT])}.*-{_RANDOM}"
    before = ".+" if stack.startswith(EXAMPLE_STACK) else re.escape(stack)
    return f"{before}-{re.escape(logical_id)}-{_RANDOM}"


#: How the id of a role begins; and what follows where it is made up here for one of the own template.
ROLE_ID, OWN = "AROA", "0"
#: How the id of a user or role begins that is made up here, of one's own and of another stack's; those of IAM have
#: letters, and digits from 2 on (assumed).
_MADE_UP = ("AIDA0", "AROA0", "AIDA1", "AROA1")
_OWN_ID = re.compile(r"\b(AIDA|AROA)0([0-9A-Z]+)")


def unique_id(start: str, logical_id: str) -> str:
    """
    What stands for the unique id that IAM will give to a user or role of a template; for no two of them the same, and
    the same wherever it is spoken of.

    Args:
        start: how ids of its kind begin: ``AIDA`` or ``AROA``.
    """
    stack, name = in_stack(logical_id)
    shown = "".join(char for char in name.upper() if char.isascii() and char.isalnum())[:CERTAIN]
    own = f"{start}{OWN}{shown}{_digest(name)}"
    return seen_by_others(own, stack) if stack else own


def role_id(logical_id: str) -> str:
    """What stands for the unique id of a role."""
    return unique_id(ROLE_ID, logical_id)


def seen_by_others(text: str, stack: str) -> str:
    """A text of a stack where others read it, who may have ids that are made up alike."""
    return _OWN_ID.sub(rf"\g<1>1\g<2>{_digest(stack)}", text)


def has_id_of(text: str, stack: str) -> bool:
    """Whether a text has an id that is made up for something of another stack."""
    return has_id(text) and _digest(stack) in text


def has_id(text: str) -> bool:
    """Whether a text has an id that is made up for something of any other stack."""
    return any(start in text for start in _MADE_UP[2:])


def _digest(name: str) -> str:
    return f"{crc32(name.encode('utf-8', 'surrogatepass')):08X}"


def is_made_up(unique_id: str) -> bool:
    """Whether a unique id stands for that of a user or role of a template, which belongs to the template's account."""
    return unique_id.startswith(_MADE_UP)


def in_stack(name: str) -> tuple[str, str]:
    """
    A name as others see it, in two: the stack that has it, which is empty where the name is one's own, and the name
    there. What stands between quotation marks in an address of Terraform may hold slashes too.

    >>> in_stack("Prod/Access/Deployer"), in_stack('aws_iam_role.x["team/a"]')
    (('Prod/Access', 'Deployer'), ('', 'aws_iam_role.x["team/a"]'))
    """
    head, bracket, key = name.partition('["')
    stack, _, last = head.rpartition("/")
    return stack, last + bracket + key


def is_nothing_but_a_policy(resource_type: str) -> bool:
    """Whether a type is that of a policy, which stands on another resource: ``AWS::SQS::QueuePolicy``."""
    return resource_type.endswith(("Policy", "Permission"))
