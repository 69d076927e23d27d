"""
The organization of the account that a plan or state is of, where it has looked it up or makes it.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/organizations_organization
"""

from __future__ import annotations

from trustproof.inputs.terraform.accounts.providers import Homes
from trustproof.inputs.terraform.lowering.lowering import Lowering

TYPE = "aws_organizations_organization"


def own_organization(made: Lowering, homes: Homes) -> str | None:
    """
    The id of the organization of a place; None where it is not known, as while nothing is applied.

    Args:
        homes: all places; another one may be in another organization.
    """
    found = {
        made.known(one, "id")
        for one in made.snapshot.instances
        if one.type == TYPE and one.condition is None and homes.of(one.provider) == made.home
    }
    only = found.pop() if len(found) == 1 else None
    return only if isinstance(only, str) else None
