"""
What things are called where several inputs are looked at together.
"""

from __future__ import annotations

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


#: How the id of a user or role begins that is made up here; those of IAM have letters, and digits from 2 on (assumed).
_MADE_UP = ("AIDA0", "AROA0")


def unique_id(start: str, logical_id: str) -> str:
    """
    What stands for the unique id that IAM will give to a user or role of a template; for no two of them the same, and
    the same wherever it is spoken of.

    Args:
        start: how ids of its kind begin: ``AIDA`` or ``AROA``.
    """
    name = in_stack(logical_id)[1]
    shown = "".join(char for char in name.upper() if char.isascii() and char.isalnum())[:CERTAIN]
    return f"{start}0{shown}{crc32(name.encode('utf-8', 'surrogatepass')):08X}"


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
