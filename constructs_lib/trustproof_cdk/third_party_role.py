"""
A role for a vendor.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Any, Unpack

import aws_cdk as cdk
from constructs import Construct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._callers import denied_vendors
from trustproof_cdk._constructor import construct
from trustproof_cdk._names import objects
from trustproof_cdk._roles.role import RoleOptions, TrustingRole
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._trust import demands
from trustproof_cdk._trust.trust import ASSUME_ROLE, TrustStatement
from trustproof_cdk.conditions import ConditionBlock, conjoin
from trustproof_cdk.trusted import Trusted, trusted_caller

#: Where an app has the salt of its external ids.
SALT_CONTEXT = "trustproof:external-id-salt"

#: The account that a template calls its own, or an ARN of it, in a text of Fn::Sub.
_OWN = re.compile(r"(arn:(aws[a-z-]*|\$\{AWS::Partition\}):iam::)?\$\{AWS::AccountId\}(:.+)?")


@construct
class ThirdPartyRole(TrustingRole):
    """
    A role that a vendor's machines may assume for us, and for nobody else.

    A vendor serves many customers with the same identity. The external id says for which of them the vendor calls, so
    that another customer cannot have the vendor use our role (the confused deputy):
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html

    Machines have no MFA device, so none is demanded: name the vendor's account as ``[[third-party]]`` in
    ``trustproof.toml``.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        vendor: the name of the vendor, 1 to 64 characters.
        trusted: the vendor's accounts, users or roles.
        external_id: the one that the vendor gave us. This, `external_ids` or `external_id_salt` must be given.
        external_ids: several, of which the vendor passes one: where one account of the vendor serves two of our
            contracts, or while one id takes the place of another.
        external_id_salt: makes the id of this text, the vendor's name, the account and the place of the construct, for
            vendors who let us choose. Default: ``trustproof:external-id-salt`` in the context of the app, which
            ``cdk.json`` has. Whoever knows the salt can compute the ids, so it is a random text that stands in our
            repository and nowhere else. The id is the same in every synthesis, and another one when the construct is
            moved or the vendor renamed; then pass the old one. So the salt and the vendor's name must be known at
            synthesis: no parameter, secret or import.
        source_ips: public addresses or prefixes that the vendor calls from.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: an argument that IAM would refuse, neither an external id nor a salt, or a whole organization or
            the account of the stack as the vendor.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vendor: str,
        trusted: Trusted,
        external_id: str | None = None,
        external_ids: Iterable[str] | None = None,
        external_id_salt: str | None = None,
        source_ips: Iterable[str] | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        arguments.matching(vendor, "vendor", r"[\x20-\x7e]{1,64}", "a name of 1 to 64 characters of ASCII")
        if "*" in trusted_caller(trusted).principals:
            raise ValueError(f"trusted must be accounts, users or roles of the vendor, got {trusted!r}")
        _refuse_own_account(scope, trusted)
        ids = _external_ids(scope, construct_id, vendor, external_id, external_ids, external_id_salt)
        if any("{{resolve:ssm-secure:" in _resolved(scope, one) for one in ids):
            raise ValueError(
                "external_id cannot be a secure string of Systems Manager, which CloudFormation puts into no trust "
                "policy; an external id is no secret: give it as text, or as a plain parameter"
            )
        demanded = conjoin(
            trusted.conditions,
            {"StringEquals": {"sts:ExternalId": ids}},
            demands.network(source_ips, None),
            conditions,
        )
        options.setdefault("description", f"For {vendor}")
        self._external_ids, self._vendors = tuple(ids), trusted.principals
        super().__init__(
            scope,
            construct_id,
            statements=[TrustStatement({"AWS": trusted.principals}, [ASSUME_ROLE], demanded)],
            trusted=trusted.entities,
            **options,
        )

    def _look_at_control_policies(self) -> None:
        denied_vendors.warn_of_denied_later(self, self._vendors, self._external_ids)

    @property
    def external_id(self) -> str:
        """
        What the vendor must pass with every call: enter it in the vendor's settings.

        Of several, the first.
        """
        return self._external_ids[0]

    @property
    def external_ids(self) -> tuple[str, ...]:
        """All that the role accepts."""
        return self._external_ids


def _refuse_own_account(scope: Construct, trusted: Trusted) -> None:
    """The account of the role is ours: whoever may call there needs no external id to keep other customers out."""
    # As text, and as any template calls its own.
    own = {stacks.account_of(stacks.stack_of(scope))}
    if any(map(arguments.is_token, trusted.principals)):
        own.add(cdk.Aws.ACCOUNT_ID)
    for principal in trusted.principals:
        named = {principal, *principal.split(":")[4:5], objects.account_of(principal, "role_arn")}
        if own & named or _is_substituted(scope, principal):
            raise ValueError(
                f"trusted must be accounts, users or roles of the vendor, got {trusted!r}, which is of the account of "
                "the stack: one's own callers are for CrossAccountRole"
            )


def _is_substituted(scope: Construct, principal: str) -> bool:
    """Whether a principal is, or is an ARN of, the account that a template calls its own in a text of Fn::Sub."""
    if not arguments.is_token(principal):
        return False
    try:
        found = stacks.stack_of(scope).resolve(principal)
    except RuntimeError:
        # What has no name in another environment is refused where its name is asked for, and is no text.
        return False
    text = found.get("Fn::Sub") if isinstance(found, dict) else None
    # Beside it may stand what else is put in; nothing but the account is called so.
    text = text[0] if isinstance(text, list) and text else text
    return isinstance(text, str) and _OWN.fullmatch(text) is not None


def _external_ids(
    scope: Construct,
    construct_id: str,
    vendor: str,
    one: str | None,
    several: Iterable[str] | None,
    salt: str | None,
) -> list[str]:
    named = {"external_id": one, "external_ids": several, "external_id_salt": salt}
    given = [name for name, value in named.items() if value is not None]
    if len(given) > 1:
        raise ValueError(f"{', '.join(named)} exclude each other, got {' and '.join(given)}")
    if one is not None:
        return [arguments.external_id(one)]
    if several is not None:
        several = arguments.once(several)
        listed = arguments.each(several, "external_ids", arguments.external_id)
        if len(listed) < len(list(several)):
            raise ValueError(f"external_ids must be different ones, one for each use of the vendor, got {several!r}")
        return listed
    found = scope.node.try_get_context(SALT_CONTEXT) if salt is None else salt
    if found is None:
        raise ValueError(
            "external_id must be given, or external_id_salt to make one (also as the context "
            f"{SALT_CONTEXT!r} of the app): what is made without a text of yours, anybody can make too"
        )
    salt = _salt(found)
    for argument, value in (("external_id_salt", salt), ("vendor", vendor)):
        arguments.refuse_token(
            value,
            argument,
            "the external id is made of its text now, and the vendor would be locked out by the next synthesis; give "
            "it as text (from the context of the app, say), or give external_id",
        )
    return [_derived(scope, construct_id, vendor, salt)]


def _derived(scope: Construct, construct_id: str, vendor: str, salt: str) -> str:
    """As long as a random UUID without its hyphens."""
    account = stacks.account_of(stacks.stack_of(scope))
    if arguments.is_token(account):
        raise ValueError(
            "external_id must be given where the account of the stack is known only in a deployment: one that is made "
            "here has it in it"
        )
    place = "\0".join((vendor, account, scope.node.path, construct_id))
    return hmac.new(salt.encode(), place.encode(), hashlib.sha256).hexdigest()[:32]


def _salt(value: Any) -> str:
    accepted = "a random text of 16 to 256 characters of ASCII, like the output of 'openssl rand -hex 16'"
    return arguments.matching(value, "external_id_salt", r"[\x21-\x7e]{16,256}", accepted)


def _resolved(scope: Construct, value: str) -> str:
    """A text that shows what a token in it becomes."""
    return str(stacks.stack_of(scope).resolve(value)) if arguments.is_token(value) else value
