"""
web-identity-bound: only tokens of one's own tenant get in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trustproof._verdict import Remedy
from trustproof.engine.question import Region
from trustproof.engine.values import Values, text
from trustproof.engine.world import SEPARATOR
from trustproof.model.document import TRUST
from trustproof.model.keys import ASSUME_ROLE_WITH_WEB_IDENTITY
from trustproof.model.policy import Path
from trustproof.model.request import WEB_IDENTITY, Request
from trustproof.properties._base import (
    Constraints,
    Finding,
    Property,
    Question,
    Refutation,
    Subject,
    trust_world,
)
from trustproof.properties._tenants import (
    COGNITO,
    Tenancy,
    literal,
    operands,
    outsiders,
    providers,
    subjects_of_others,
    tenancy,
)
from trustproof.properties._words import because
from trustproof.sets.collections import CollectionSet
from trustproof.sets.numbers import NumberSet
from trustproof.sets.patterns import ANY_RUN, exact, join, like
from trustproof.sets.strings import StringSet

_NUMBERS = ("google/organization_number",)

TENANT = "tenant"
GUEST = "guest"


class WebIdentityBound(Property):
    """
    Only web identity tokens of one's own tenant get credentials of the role.

    Claim:
        No token that belongs to another tenant of the identity provider is given credentials of the role: another
        organization's repository on GitHub or GitLab, another organization of Terraform Cloud, any pod of an EKS
        cluster, another identity pool of Cognito, or its guests, another application of Google, Facebook or Amazon. Of
        a provider of one's own, the audience or the subject must be tested.

    Threat:
        The provider signs tokens for everybody. If the role does not look at the claim that says whose token it is,
        everybody's workflow, workspace or app can become the role.

    Refuted by:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
         "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
         "Action": "sts:AssumeRoleWithWebIdentity",
         "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:my-org*"}}}]}

    Proved for:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
         "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
         "Action": "sts:AssumeRoleWithWebIdentity",
         "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:my-org/*"}}}]}

    Remedy:
        Test the claim that names the tenant, up to and with the character that ends the name (``repo:org/``), with an
        operator that is false when the claim is absent. An audience that the caller chooses bounds nothing.

    Limits:
        Which part of the tenant gets in (which branch, which environment) is not asked. A reusable workflow that is
        named by ``job_workflow_ref`` counts as one's own, also where others may call it.
    """

    ident = "web-identity-bound"
    summary = "a web identity token of another tenant gets in"

    def applies_to(self, subject: Subject) -> bool:
        """Trust policies that name a web identity provider."""
        return subject.document.kind == TRUST and any(
            entry.kind == "Federated" and ":saml-provider/" not in str(entry.value)
            for statement in subject.policy.statements
            for entry in statement.principals or ()
        )

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """For each provider, the tokens of everybody else; of Cognito, guests as well."""
        asked: list[Question] = []
        for host in providers(subject.policy):
            asked.append(self._others(subject, host))
            if tenancy(host) is COGNITO and "unauthenticated" not in operands(subject.policy, host, "amr"):
                asked.append(self._guests(subject, host))
        return asked

    def _others(self, subject: Subject, host: str) -> Question:
        found = tenancy(host)
        if found is None:
            constraints = _unbounded(subject, host)
            preferred: tuple[str, ...] = ("somebody",)
        else:
            constraints = _others(subject, host, found)
            preferred = outsiders(subject.policy, host, found)
        return self._question(subject, host, constraints, preferred, TENANT)

    def _guests(self, subject: Subject, host: str) -> Question:
        known = StringSet.outside([exact("authenticated")])
        constraints: Constraints = ((f"key:{host}:amr".lower(), Values(True, CollectionSet(known))),)
        return self._question(subject, host, constraints, (), GUEST)

    def _question(
        self, subject: Subject, host: str, constraints: Constraints, preferred: tuple[str, ...], about: str
    ) -> Question:
        world = trust_world(subject, WEB_IDENTITY, ASSUME_ROLE_WITH_WEB_IDENTITY)
        caller = ("caller", text(join(ANY_RUN, f":oidc-provider/{host}{SEPARATOR}"), exact(host + SEPARATOR)))
        prefer = ((f"{host}:sub".lower(), preferred),)
        region = Region(world, (caller, *constraints), prefer=prefer)
        return Question((region,), _predicate(constraints), f"{about} {host}")

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Say whose token gets in."""
        about, _, host = refutation.about.partition(" ")
        role = subject.document.logical_id
        found = tenancy(host)
        name = found.name if found is not None else host
        tested = [c for c in refutation.statement.conditions if c.key.lower().startswith(f"{host.lower()}:")]
        claims = [c for c in tested if c.key.lower().rpartition(":")[2] != "aud"] or tested
        path: Path = claims[0].path if claims else (*refutation.statement.path, "Principal")
        why = because(refutation, refutation.statement)
        if about == GUEST:
            return Finding(
                f"guests, who have not signed in, may get credentials of {role}",
                "does not ask for an authenticated identity",
                path,
                why,
                Remedy(
                    "admit only identities that have signed in",
                    (f'+ "ForAnyValue:StringLike": {{"{host}:amr": "authenticated"}}',),
                ),
            )
        token = refutation.request.context.get(f"{host}:sub".lower())
        whose = f'"{token}"' if isinstance(token, str) else "any subject"
        remedy = found.remedy.replace("HOST", host) if found is not None else f'"StringEquals": {{"{host}:aud": "..."}}'
        return Finding(
            f"a token of {name} for {whose} may get credentials of {role}",
            "this admits tokens of other tenants" if claims else f"admits every token of {name}",
            path,
            why or ("no condition looks at a claim that says whose token it is",),
            Remedy("name the tenant in full", (f"+ {remedy}",)),
        )

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        return f"only tokens of the tenants it names get credentials of {subject.document.logical_id}"


def _others(subject: Subject, host: str, found: Tenancy) -> Constraints:
    """The tokens of a shared provider that belong to no tenant that the policy names."""
    policy = subject.policy
    out: list[tuple[str, Values]] = []
    if found.subject_parts:
        out.append((_dimension(host, "sub"), Values(True, subjects_of_others(policy, host, found))))
    for claim in found.whole_claims:
        named = literal(operands(policy, host, claim))
        if named and claim in _NUMBERS:
            numbers = NumberSet.empty()
            for value in named:
                numbers = numbers | (NumberSet.only(int(value)) if value.isdigit() else NumberSet.empty())
            out.append((_dimension(host, claim), Values(True, (~numbers).integers())))
        elif named:
            out.append((_dimension(host, claim), Values(True, StringSet.outside(exact(value) for value in named))))
    for claim in found.prefix_claims:
        owners = {value.split("/")[0] for value in operands(policy, host, claim) if "/" in value}
        whole = literal([owner for owner in sorted(owners) if owner])
        if whole:
            out.append((_dimension(host, claim), Values(True, StringSet.outside(like(f"{o}/*") for o in whole))))
    return tuple(out)


def _unbounded(subject: Subject, host: str) -> Constraints:
    """The tokens of a provider of one's own that no test of audience or subject is about."""
    out: list[tuple[str, Values]] = []
    for claim in ("aud", "oaud", "sub", "email", "azp"):
        asked = [like(value) for value in operands(subject.policy, host, claim) if value.strip("*?")]
        if asked:
            out.append((_dimension(host, claim), Values(True, StringSet.outside(asked))))
    return tuple(out)


def _dimension(host: str, claim: str) -> str:
    return f"key:{host}:{claim}".lower()


def _predicate(constraints: Constraints) -> Callable[[Request], bool]:
    def violates(request: Request) -> bool:
        if request.caller.kind != WEB_IDENTITY:
            return False
        for dimension, values in constraints:
            given = request.context.get(dimension.removeprefix("key:"))
            if given is None:
                if not values.absent:
                    return False
            elif isinstance(given, tuple):
                assert isinstance(values.present, CollectionSet)
                if not all(one in values.present.every for one in given):
                    return False
            elif isinstance(values.present, NumberSet):
                if int(given) not in values.present:
                    return False
            elif isinstance(values.present, StringSet) and given not in values.present:
                return False
        return True

    return violates
