"""
What things are called where several inputs are looked at together.
"""

from __future__ import annotations


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
