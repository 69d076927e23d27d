"""
A role for machines outside AWS that have a certificate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Unpack

from constructs import Construct

from trustproof_cdk._arguments import arguments, regions
from trustproof_cdk._constructor import construct
from trustproof_cdk._names import own_account
from trustproof_cdk._roles import trust_anchors as trust_anchors_of_app
from trustproof_cdk._roles.role import RoleOptions, TrustingRole
from trustproof_cdk._trust.trust import ASSUME_ROLE, SET_SOURCE_IDENTITY, TAG_SESSION, TrustStatement
from trustproof_cdk.conditions import ConditionBlock, conjoin

_SERVICE = "rolesanywhere.amazonaws.com"
_ATTRIBUTES = r"x509(Subject|Issuer)/(CN|OU|O|L|ST|C|[A-Za-z.0-9]+)|x509SAN/(DNS|URI|Name/[A-Za-z]+)"
_OF_THE_MACHINE = ("x509Subject/", "x509SAN/")


@construct
class RolesAnywhereRole(TrustingRole):
    """
    A role that a machine outside AWS may assume with a certificate of ours, through IAM Roles Anywhere.

    The certificate authority is confined by its trust anchor, and the machine by attributes of its certificate:
    without these, every certificate of the authority would do.
    https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        trust_anchors: ARNs of trust anchors.
        certificate: attribute to accepted values, at least one: ``x509Subject/CN``, ``x509Subject/OU``,
            ``x509Issuer/CN``, ``x509SAN/DNS``, ``x509SAN/URI`` and the like. All attributes must match, and at least
            one must be of the subject or of an alternative name: those of the issuer are in every certificate of the
            authority. A ``*`` in a value stands for any text.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: no attribute of the machine, an attribute that Roles Anywhere does not know, or one that accepts
            any value.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        trust_anchors: Iterable[str],
        certificate: Mapping[str, Iterable[str]],
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        anchors = own_account.of_stack(
            scope,
            arguments.each(trust_anchors, "trust_anchors", _trust_anchor),
            "trust_anchors",
            "Roles Anywhere gives roles of the anchor's account only",
        )
        demanded = conjoin({"ArnEquals": {"aws:SourceArn": anchors}}, _attributes(certificate), conditions)
        super().__init__(
            scope,
            construct_id,
            statements=[
                # Roles Anywhere always passes the attributes as tags, and the subject as source identity.
                TrustStatement({"Service": [_SERVICE]}, [ASSUME_ROLE, SET_SOURCE_IDENTITY, TAG_SESSION], demanded)
            ],
            **options,
        )
        trust_anchors_of_app.warn_of_disabled_later(self, anchors)


def _attributes(certificate: Mapping[str, Iterable[str]]) -> ConditionBlock:
    block: dict[str, dict[str, list[str]]] = {}
    for attribute in arguments.each(list(arguments.mapping(certificate, "certificate")), "certificate", _attribute):
        values = arguments.each(certificate[attribute], f"certificate[{attribute!r}]", _value)
        operator = "StringLike" if any("*" in value for value in values) else "StringEquals"
        block.setdefault(operator, {})[f"aws:PrincipalTag/{attribute}"] = values
    if not any(attribute.startswith(_OF_THE_MACHINE) for attribute in certificate):
        raise ValueError(
            f"certificate must have an attribute of the machine ({' or '.join(f'{one}…' for one in _OF_THE_MACHINE)}), "
            f"got only {', '.join(certificate)}: every certificate that the authority ever signs would do"
        )
    return block


def _trust_anchor(value: str, argument: str) -> str:
    accepted = "the ARN of a trust anchor like 'arn:aws:rolesanywhere:eu-central-1:111122223333:trust-anchor/…'"
    pattern = r"arn:aws[a-z-]*:rolesanywhere:[a-z0-9-]+:[0-9]{12}:trust-anchor/[0-9a-f-]+"
    givers = {"AWS::RolesAnywhere::TrustAnchor": ("TrustAnchorArn",)}
    return regions.of_arn(arguments.matching(value, argument, pattern, accepted, givers), argument)


def _attribute(value: str, argument: str) -> str:
    accepted = "an attribute of a certificate like 'x509Subject/CN', 'x509Issuer/CN' or 'x509SAN/DNS'"
    return arguments.matching(value, argument, _ATTRIBUTES, accepted)


def _value(value: str, argument: str) -> str:
    accepted = "a value of 1 to 256 characters of ASCII that is not only wildcards, without '${'"
    return arguments.matching(value, argument, r"(?!.*\$\{)(?=.*[^*?])[\x20-\x7e]{1,256}", accepted)
