"""
What a template declares and names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trustproof.inputs.cloudformation.values.bucket_settings import BucketSettings
from trustproof.inputs.cloudformation.values.exclusive_claims import Claim
from trustproof.inputs.cloudformation.values.mentions import Mention
from trustproof.inputs.cloudformation.values.references import CrossStackReference
from trustproof.model.text import Text


class Symbols(NamedTuple):
    """
    By which names a template and others may speak of each other's things.
    """

    #: Names of exports.
    exports: tuple[str, ...]
    #: Values of other stacks that the template asks for and does not have.
    references: tuple[CrossStackReference, ...]
    #: Kind and name of users, groups, roles, and of managed policies by path and name: those that are declared, and
    #: those that are only named.
    declared: tuple[tuple[str, Text], ...]
    named: tuple[Mention, ...]
    #: Nested stacks to their paths in the assembly.
    nested: Mapping[str, str]
    #: Of what the template has all that there is, and takes away what others give.
    exclusive: tuple[Claim, ...] = ()
    #: The names of the buckets that are declared, of a template that has policies of buckets.
    buckets: tuple[Text, ...] = ()
    #: The names of the inline policies that are written; None among them for others.
    inline: frozenset[str | None] = frozenset()
    #: What the CDK takes to other Regions: the Region, and the name of the parameter.
    carried: tuple[tuple[str, str], ...] = ()
    #: Whether it is all that an account has: nobody makes anew what is in it.
    is_whole_account: bool = False
    #: What it says of the settings around buckets.
    settings: tuple[BucketSettings, ...] = ()
    #: The names of the buckets that it has policies of and does not declare, and `ALL_BUCKETS` where it has any.
    policies_of: tuple[str, ...] = ()
    #: Whether what it has may have been there before.
    was_there: bool = False
    #: The names that exports have at further values that parameters may have.
    exports_elsewhere: tuple[str, ...] = ()
    #: The names that exports may have whose value may have a wildcard; what is not known of a name in angle brackets.
    wild_exports: tuple[str, ...] = ()
    #: Whether the template takes something by the name of an export.
    asks_for_exports: bool = False
    #: Whether one of its trust policies reads by name what others may keep there.
    reads_by_name: bool = False
    #: Whether it may keep something where others read it by name.
    keeps_by_name: bool = False
    #: The kinds of those whom a loop that is not written out may deny something.
    denied_by_loops: tuple[str, ...] = ()
