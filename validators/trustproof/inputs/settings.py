"""
What a caller decides about reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


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
