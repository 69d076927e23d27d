"""
inside-boundary: nobody outside the declared accounts and organizations gets credentials of a role.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from trustproof.aws.condition_keys import spelling
from trustproof.engine.dimensions import condition_key
from trustproof.model.document import RESOURCE, TRUST
from trustproof.model.request import SAML, SERVICE
from trustproof.model.text import Symbol
from trustproof.properties.base import StatementProperty
from trustproof.properties.question import Finding, Question, Refutation, Subject
from trustproof.properties.shared.boundary_questions import (
    ORG_ID,
    PUBLIC,
    WHOSE_ID,
    Bounds,
    admitted_id_questions,
    boundary_networks,
    caller_bounds,
    outsider_questions,
    public_question,
    question_of_ids,
)
from trustproof.properties.shared.bounds import names_callers, with_fixed_networks
from trustproof.properties.shared.bucket_principals import asked_by_makers
from trustproof.properties.shared.foreign_providers import own_providers, provider_questions
from trustproof.properties.shared.open_services import service_finding, service_questions, with_services
from trustproof.properties.shared.own_resource import names_another_bucket, with_own_resource
from trustproof.properties.shared.own_stacks import with_callers_of_own_stacks
from trustproof.properties.shared.own_tokens import (
    is_about_tokens,
    open_token_questions,
    token_questions,
    with_own_pools,
)
from trustproof.properties.shared.public_policy import is_settled, makes_public
from trustproof.properties.shared.sources import own_value
from trustproof.properties.shared.unique_ids import unique_ids
from trustproof.properties.shared.web_identity_providers import likely_provider
from trustproof.properties.wording.boundary import outsider_finding
from trustproof.properties.wording.foreign_providers import provider_finding
from trustproof.properties.wording.own_tokens import token_finding
from trustproof.properties.wording.unique_ids import of_an_outsider
from trustproof.results.result import FOREIGN, Reach


class InsideBoundary(StatementProperty):
    """
    Nobody outside the trust boundary gets credentials of a role, or uses a resource by its resource policy.

    Claim:
        No request by a principal of another account is given credentials of the role, or let in by the resource policy,
        unless that account, or its organization, is declared in ``[boundary]``, or the account belongs to a declared
        third party. In a resource policy a fixed network (a VPC, a VPC endpoint, a narrow range of addresses) bounds
        everybody, as AWS itself counts it, and the proof says that it rests on the network; it does not bound an
        account or organization that the policy lets in by name, and ``network-bounds = false`` in ``[boundary]``
        refuses it. Where a resource policy admits everybody, no service is let in that calls for somebody outside.
        Where ``[[boundary.tokens]]`` declares which tokens of an identity provider are one's own, no other token of it
        is given credentials of a role.

    Threat:
        A role that anybody may assume is anybody's: the caller's own identity policies, which AWS asks for too, are
        written by the caller. A wrong digit in an account id, or a condition that an outsider satisfies, is enough.

    Severity:
        *error*, but *warning* where the template says that everybody is meant:

        * the URL of a function that asks for no signature (``AuthType: NONE``, ``FunctionUrlAuthType: NONE``, and what
          is invoked through it);
        * reading the objects of a bucket of which ``BlockPublicPolicy`` is written to be false, and
          ``RestrictPublicBuckets`` not to be true (``s3:GetObject`` alone, and no condition), and of one that is a
          website, listing them too;
        * reading a repository of ECR Public, sending events to an app monitor of RUM;
        * an API of which a Deny keeps addresses out of a part, or lets only some callers into some paths, or a public
          API all of whose methods say who may call them (``AuthorizationType``), or ask for a key of the API
          (``ApiKeyRequired``), and none asks for a signature (``AWS_IAM``, where other accounts get in by the policy
          only), and ``GET`` or ``HEAD`` of a path that is called as those of health checks are (``/health``,
          ``/ping``) and nothing else;
        * a domain of OpenSearch that has fine-grained access control, and lets in nobody who does not say who they are;
        * what a parameter of the template, or a variable of Terraform, lets whoever deploys it choose, by default or
          not: where its other value lets in somebody in place of everybody, or it, its value or the condition is called
          so (``Access=PublicRead``; ``CreateQueue=true`` says nothing of who may send).

        *note* where everybody may subscribe, and only addresses of a domain or queues and functions of the own account
        that ``sns:Endpoint`` names, and where a permission is for unsigned calls to a URL that asks for a signature.
        What is unknown is a *warning*. With ``severity`` in the configuration all are what it says.

    Refuted by:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},
         "Action": "sts:AssumeRole",
         "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}}]}

    Proved for:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},
         "Action": "sts:AssumeRole",
         "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}}]}

    Remedy:
        Name the account in Principal, or test a key that the caller cannot choose: aws:PrincipalOrgID,
        aws:PrincipalAccount, aws:PrincipalArn with a literal account, with an operator that is false when the key is
        absent.

    Limits:
        * Services and web identity providers that a policy names are not principals of an account; other properties
          ask about them. Without ``[[boundary.tokens]]`` whoever a policy names of a provider's customers is taken to
          be inside; with it, providers that many share and that it does not declare are unknown, and so are a claim
          that it does not declare and a value that is given at deployment. An identity pool of the template that gives
          the role, or takes no guests, is one's own. A SAML provider is somebody's of the account in its ARN, which
          decides for whom it signs: where nobody says the account of the template, it may be that one, and the verdict
          is unknown; without a ``[boundary]`` it is taken to be that one then, and the proof says so.
        * Without a ``[boundary]`` only "anyone at all" is refuted, and a named foreign account is unknown.
        * Unique ids (``AIDA…``, ``AROA…``) do not say which account they belong to. They are unknown, but for those of
          the template; in a test of ``aws:userid`` in the policy of a resource they are believed, and the proof says
          that it rests on that. Accounts with which AWS delivers logs are AWS itself.
        * Where the policy of a bucket is public as S3 means it, so that it grants access to more than fixed values, and
          the bucket is in the template and has ``RestrictPublicBuckets`` or ``BlockPublicPolicy``, as every new bucket
          has that says nothing, the proof rests on that; access points and secrets have such settings too.
        * What the policy of a bucket allows for another one, S3 refuses; the proof rests on that.
    """

    ident = "inside-boundary"
    summary = "a principal outside the trust boundary gets in"
    reach: ClassVar[Reach] = FOREIGN

    def applies_to(self, subject: Subject) -> bool:
        """Trust policies and resource policies."""
        return subject.document.kind in (TRUST, RESOURCE)

    def normalize(self, subject: Subject) -> Subject:
        """Where a wildcard goes with a condition on a source, services are meant; and a network is one network."""
        subject = with_own_pools(with_callers_of_own_stacks(subject))
        if subject.document.kind != RESOURCE:
            return subject

        subject = with_own_resource(asked_by_makers(subject))
        policy = with_fixed_networks(subject.policy)
        return with_services(subject._replace(document=subject.document._replace(policy=policy)))

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """Anybody first, then whoever the policy names that is not declared; and services that act for outsiders."""
        if subject.document.kind != RESOURCE:
            *anyone, outsiders = outsider_questions(subject)
            # Whoever is outside for sure comes before those of whom nobody says it.
            people = (*anyone, *token_questions(subject), outsiders, *provider_questions(subject))
            return (*people, *admitted_id_questions(subject), *open_token_questions(subject))

        boundary = subject.config.boundary
        network = boundary is None or boundary.network_bounds
        network = network and not names_callers(subject.policy.statements[index])
        if network and subject.document.in_vpc:
            return ()
        bounds = caller_bounds(subject, network=network)
        people = (*outsider_questions(subject, bounds), *admitted_id_questions(subject, bounds))
        services = service_questions(subject, index, bounds)
        if not subject.document.kept_private:
            return (*people, *services)

        public = (public_question(subject),) if is_settled(subject, subject.policy.statements[index]) else ()
        return (*public, *people, *services)

    def assumptions(self, subject: Subject) -> Sequence[tuple[str, Sequence[Question]]]:
        """
        What a proof would not hold without: whose a unique id is, the network, and that S3 refuses what is about other
        buckets.
        """
        if subject.document.kind != RESOURCE:
            return own_providers(subject)
        found = [*self._networks(subject), *_whose_ids(subject, caller_bounds(subject, network=True))]
        if names_another_bucket(subject):
            anywhere = subject._replace(document=subject.document._replace(resource_arn="*"))
            reason = "this rests on S3, which refuses what the policy of a bucket says of another one"
            found.append((reason, outsider_questions(anywhere, caller_bounds(anywhere, network=True))))
        return found

    def _networks(self, subject: Subject) -> Iterator[tuple[str, Sequence[Question]]]:
        written = {c.key.lower(): c.key for s in subject.policy.statements for c in s.conditions}
        tested = (condition_key(name) for name, _ in boundary_networks(subject))
        found = {spelling(written.get(key, key)) for key in tested}
        keys = ", ".join(sorted({*found, subject.document.in_vpc} - {""}))
        if keys:
            reason = f"this rests on the network a request comes from, not on who sends it ({keys})"
            yield reason, outsider_questions(subject, caller_bounds(subject, network=False))

    def binding(self, subject: Subject, symbol: Symbol, place: str) -> str | None:
        """What is not known before deployment is taken to be ours, so that no deployment is accused of a guess."""
        boundary = subject.config.boundary
        if (found := own_value(subject, symbol, place)) is not None:
            return found
        if subject.config.tokens and (provider := likely_provider(subject, symbol, place)) is not None:
            return provider
        if place == "AWS" and "role" in symbol.name.lower():
            return f"arn:{subject.partition or 'aws'}:iam::{subject.account}:role/app"
        if place == "AWS" or place.endswith("account"):
            return subject.account
        if place == ORG_ID and boundary is not None and boundary.organizations:
            return boundary.organizations[0]
        return None

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Say who gets in, and how far away they are."""
        if refutation.request.caller.kind == SERVICE:
            return service_finding(subject, refutation)
        if is_about_tokens(refutation.about):
            return token_finding(subject, refutation)
        if refutation.request.caller.kind == SAML:
            return provider_finding(subject, refutation)
        if refutation.about == WHOSE_ID:
            return of_an_outsider(refutation, subject.document.logical_id)

        return outsider_finding(subject, refutation, self.proved(subject))

    def superseded(self, subject: Subject, found: Mapping[int, Refutation]) -> Sequence[int]:
        """One public statement makes the whole policy public: then whoever else it names is kept out too."""
        statements = subject.policy.statements
        public = [i for i, one in found.items() if one.about == PUBLIC and makes_public(subject, statements[i])]
        people = (i for i, one in found.items() if one.about != PUBLIC and one.request.caller.kind != SERVICE)
        return tuple(people) if public else ()

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        name = subject.document.logical_id
        if subject.document.kind == TRUST:
            return f"nobody outside the boundary gets credentials of {name}"
        return f"nobody outside the boundary is let in by {name}"


def _whose_ids(subject: Subject, bounds: Bounds) -> Sequence[tuple[str, Sequence[Question]]]:
    """That whoever has a unique id is inside: it does not say its account, and is of one user or role for ever."""
    if not unique_ids(subject.policy):
        return ()
    named, asked = question_of_ids(subject, bounds)
    whose = f"whose {named[0]} is" if len(named) == 1 else f"whose {' and '.join(named[:2])} are"
    more = f" (and {len(named) - 2} more)" if len(named) > 2 else ""
    return [(f"this rests on {whose}{more}: a unique id does not say its account", (asked,))] if named else ()
