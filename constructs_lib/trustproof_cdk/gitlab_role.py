"""
A role for pipelines of GitLab.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Unpack

from constructs import Construct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._constructor import construct
from trustproof_cdk._roles.role import RoleOptions
from trustproof_cdk._trust import claims as claimed
from trustproof_cdk._trust import issuers
from trustproof_cdk._trust.issuers import Provider
from trustproof_cdk.conditions import ConditionBlock
from trustproof_cdk.web_identity_role import WebIdentityRole

_PROJECT = "project_id"
#: Of the subject, the rest is ``project_path:``, ``:ref_type:``, ``:ref:``, and a branch.
_LONGEST = 220


@construct
class GitLabRole(WebIdentityRole):
    """
    A role that pipelines of one GitLab project may assume, from the given branches and tags.

    The issuer is the same for all of gitlab.com, and a pipeline chooses its audience itself: only the subject of the
    token says whose pipeline it is.
    https://docs.gitlab.com/ci/cloud_services/aws/

    Pipelines of a merge request have its source branch in the subject: with a wildcard for branches, whoever may push a
    branch may have the role.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        group: the group or user that the project belongs to, with the groups above it: ``platform/network``.
        project: its name in URLs.
        branches: branches that may; ``*`` stands for any run of characters. At least one of `branches` and `tags` must
            be given.
        tags: tags that may; ``*`` as above.
        project_id: number of the project, so that nobody who takes over its name gets in.
        audience: the ``aud`` that the pipeline asks for. Default: the URL of the issuer.
        issuer: of a GitLab of your own.
        provider: the provider in IAM, by ARN or as an object. Default: that of the issuer in the account of the stack.
        claims: further claims to accepted values.
        claim_patterns: further claims to accepted values with wildcards, after literal text.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: a wildcard in the group or the project, neither branches nor tags, or an argument that GitLab or IAM
            would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        group: str,
        project: str,
        branches: Iterable[str] | None = None,
        tags: Iterable[str] | None = None,
        project_id: str | None = None,
        audience: str | None = None,
        issuer: str = "gitlab.com",
        provider: Provider | None = None,
        claims: Mapping[str, str | Iterable[str]] | None = None,
        claim_patterns: Mapping[str, str | Iterable[str]] | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        accepted = "like 'platform/network', since a wildcard would let others in"
        arguments.matching(group, "group", r"\w[\w.-]*(/\w[\w.-]*)*", f"the path of one group {accepted}")
        accepted = "like 'routes', since a wildcard would let others in"
        arguments.matching(project, "project", r"\w[\w.-]*", f"the name of one project {accepted}")
        if len(f"{group}/{project}") > _LONGEST and not arguments.is_token(f"{group}/{project}"):
            raise ValueError(
                f"group and project must have at most {_LONGEST} characters together, since IAM compares no subject of "
                f"more than 256, got {len(f'{group}/{project}')}"
            )
        refs = [
            f"ref_type:{kind}:ref:{name}"
            for kind, argument, names in (("branch", "branches", branches), ("tag", "tags", tags))
            if names is not None
            for name in arguments.each(names, argument, claimed.ref_name)
        ]
        if not refs:
            raise ValueError("branches or tags must say what of the project may, got none")
        pinned = {} if project_id is None else {_PROJECT: claimed.numeric_id(project_id, _PROJECT)}
        claims = {} if claims is None else arguments.mapping(claims, "claims")
        if pinned and any(name.lower() == _PROJECT for name in claims):
            raise ValueError(f"claims cannot have {_PROJECT!r} beside the argument of that name: say it once")
        super().__init__(
            scope,
            construct_id,
            issuer=issuers.without_slash(issuer, "GitLab"),
            provider=provider,
            audiences=[f"https://{str(issuer).removeprefix('https://')}" if audience is None else audience],
            **claimed.subject_arguments(f"project_path:{group}/{project}:{ref}" for ref in refs),
            claims={**claims, **pinned},
            claim_patterns=claim_patterns,
            conditions=conditions,
            **options,
        )
