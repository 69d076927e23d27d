"""
What things are called where several inputs are looked at together.
"""

from __future__ import annotations

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
