"""
What a caller decides about reading.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from trustproof.errors import UsageError

#: What is given as the value of a parameter with this ending is what the Parameter Store has for it.
RESOLVED = ".ResolvedValue"
#: Options that are only for some inputs, to what is said of one that was for none.
_FOR_SOME = (
    ("provider_accounts", "accounts of providers are given", "of Terraform"),
    ("source", "a configuration is given for a plan", "a plan of Terraform"),
    ("var_files", "files with values of variables are given", "a configuration of Terraform"),
)


class Settings(NamedTuple):
    """
    What is known of the deployment of every template.
    """

    #: Of templates that do not say theirs.
    account: str | None = None
    region: str | None = None
    #: Pinned values, by the name of the parameter.
    parameters: Mapping[str, str] = {}
    #: Accounts by the provider configuration of Terraform that is for them: ``aws.hub``.
    provider_accounts: Mapping[str, str] = {}
    #: The configuration that plans were made of: a directory, or the plan file, which holds the sources.
    source: str | None = None
    #: Files with values of Terraform's variables.
    var_files: tuple[str, ...] = ()
    #: What a policy document that stands by itself is: ``trust``, ``identity`` (of a user who has no other) or
    #: ``resource``; None where it is told from the document.
    policy_kind: str | None = None

    def refuse_unused(self, used: Collection[str]) -> None:
        """
        See that what is only for some inputs was for one of those that were read.

        Args:
            used: the options that have had a part in them.

        Raises:
            UsageError: it was not.
        """
        for option, what, where in _FOR_SOME:
            if getattr(self, option) and option not in used:
                raise UsageError(f"{what}, and nothing that was read is {where}")

    def without_unused(self, used: Collection[str]) -> Settings:
        """The same, without what is only for other inputs."""
        unused = [option for option, *_ in _FOR_SOME if option not in used]
        return self._replace(**{option: Settings._field_defaults[option] for option in unused})
