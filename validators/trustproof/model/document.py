"""
Policies where they stand: in which template, on which resource, for whom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple, overload

from trustproof.model.policy import Guard, Path, Policy
from trustproof.model.text import Text

TRUST = "trust"
IDENTITY = "identity"
RESOURCE = "resource"
#: What somebody may say that a document is.
POLICY_KINDS = (TRUST, IDENTITY, RESOURCE)
#: A service or resource control policy, which grants nothing: `Document.name` says which.
CONTROL = "control"


class Grant(NamedTuple):
    """
    How a resource says what a condition says, where AWS makes a statement of its properties.
    """

    #: Condition keys, lower-cased, and the properties that stand for them; of any other key it can say nothing.
    properties: tuple[tuple[str, str], ...] = ()
    #: Whether it has one condition, with any key, in an element of its own.
    has_condition: bool = False


#: How the name of a source begins that nobody knows more of: it stands for whoever reads something.
WHOEVER = "whoever "
#: The service of a source that gives a role to users of an identity pool, and what the source is called by whom it is
#: for: https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html
IDENTITY_POOLS = "cognito-identity.amazonaws.com"
SIGNED_IN, GUESTS = "authenticated", "unauthenticated"
#: What the source is called that is a pool which gives guests no tokens.
CLOSED_TO_GUESTS = "closed to guests"


class Source(NamedTuple):
    """
    A resource of a template with which a service comes to another resource of the template.
    """

    service: str
    logical_id: str
    #: What the service says in ``aws:SourceArn``; None where that is not known. Of an identity pool, its id.
    arn: Text | None = None
    #: The condition of the template that must hold for it to be there; empty where it is there in any case.
    condition: str = ""


#: How `Document.kept_private` ends where the input says nothing of a bucket.
OF_NEW_BUCKETS = "which S3 turns on for every bucket made since April 2023"


class Document(NamedTuple):
    """
    One policy document of a template.
    """

    #: `TRUST`, `IDENTITY`, `RESOURCE` or `CONTROL`.
    kind: str
    policy: Policy
    logical_id: str
    #: ``AWS::IAM::Role``.
    resource_type: str
    #: From the root of the template to the document.
    path: Path
    #: ``Prod/Access/Deployer/Resource``, from a cloud assembly or the template's ``Metadata``; None elsewhere.
    construct_path: str | None = None
    #: ARN of the resource that the document stands on (the role of a trust policy), as far as it is known.
    resource_arn: Text = "*"
    #: Which of the resources that the policy stands on it is, where there are several.
    place: int = 0
    #: All of them must hold for the resource to exist.
    guards: tuple[Guard, ...] = ()
    #: What the document is called where there are several: the ``PolicyName`` of an inline policy, the
    #: ``StatementId`` of a policy of an event bus.
    name: str = ""
    #: Whether the document speaks of the template's own account, and its id had to be made up.
    assumes_account: bool = False
    #: Whether it is a managed policy of AWS, of which the template only has the name.
    is_foreign: bool = False
    #: A setting that keeps everybody outside the account out if the policy is public, in words; empty without one.
    kept_private: str = ""
    #: The parameters of other templates at whose defaults these say so, likewise.
    kept_at: tuple[tuple[str, str], ...] = ()
    #: Why it is not known whether there is such a setting, in words; empty where it is.
    settings_elsewhere: str = ""
    #: Lower-cased keys and values of the tags of what it stands on, as far as known: of a role where it speaks of tags,
    #: and of a queue, topic, key or secret.
    resource_tags: tuple[tuple[str, str], ...] = ()
    #: What lets in nobody but from a VPC, in words; empty without it.
    in_vpc: str = ""
    #: What says that anybody is meant to read what the policy is about, in words; empty without it.
    meant_for_everybody: str = ""
    #: What says that the bucket that the policy is about is opened on purpose, in words; empty without it.
    opened: str = ""
    #: What of the template has a service use what the policy is about: rules, topics, alarms, buckets, distributions.
    sources: tuple[Source, ...] = ()
    #: Whether there may be others: it is handed on to other stacks, or given to what is not known to be one.
    has_further_sources: bool = False
    #: Whether what may make resources in other accounts is told what it is about, whose services come there then.
    has_outward_mentions: bool = False
    #: How it is written where no policy is: as the properties of its resource.
    grant: Grant | None = None
    #: What a role says of itself: its description, the values of its tags, and what it calls who gets in by parameters.
    described: tuple[str, ...] = ()
    #: Of a control policy: ids of the root, units and accounts that it is attached to.
    targets: tuple[Text, ...] = ()
    #: Likewise: id and name by which a plan may change or delete it, as far as they are known.
    known_as: tuple[str, ...] = ()
    #: Of a control policy that counts elsewhere: the parameters at whose defaults it was read, with these; each is
    #: called with its template (``Root of scp.yaml``).
    at_defaults: tuple[tuple[str, str], ...] = ()
    #: Whether what the policy is about takes signed requests only.
    signed_only: bool = False
    #: Whether what the policy is about asks everybody for a name and a password of its own.
    own_users: bool = False
    #: Whether what the policy is about asks whoever calls who they are, besides the policy.
    own_access_control: bool = False
    #: How the methods of an API say who may call them (``AWS_IAM``), each once: ``API_KEY`` for a key of the API alone,
    #: and an empty text where one does not say it; empty where the methods are not known, and for any other resource.
    method_types: tuple[str, ...] = ()
    #: Whether it is an API that is called by the internet.
    is_public_api: bool = False
    #: The types of the endpoints of an API, such as ``PRIVATE``; empty where they are not known, and for any other.
    endpoint_types: tuple[str, ...] = ()
    #: What the template calls the endpoints of VPCs by which a private API is called; empty for any other.
    vpc_endpoints: tuple[str, ...] = ()
    #: Of a permission: where the URLs of its function say whether calls are signed, and what they say.
    urls: tuple[tuple[Path, str], ...] = ()
    #: The Region of what the document stands on; empty where it is not known.
    region: str = ""
    #: Why it is not known whether there is what it stands on, in words; empty where there is.
    if_made: str = ""
    #: Which of the things that such a policy may stand on it is, as the table of shapes writes it (``stream/{name}``);
    #: empty where it may be each of them.
    resource_form: str = ""
    #: Of a managed policy its ARN, as far as it is known; None for any other.
    policy_arn: Text | None = None
    #: Of an access point the ARN of the bucket that it leads to, as far as it is known; None for any other.
    bucket_arn: Text | None = None


class AllBut(Sequence[Document]):
    """
    Documents without one of them, which are kept once however many stand beside each of the others.

    Args:
        place: of the one that is left out.
        known: what has been told of the documents; the same for all that leave out one of the same.
    """

    __slots__ = ("_documents", "_known", "_place")

    def __init__(
        self, documents: tuple[Document, ...], place: int, known: dict[Callable[[Document], bool], tuple[int, ...]]
    ) -> None:
        self._documents = documents
        self._place = place
        self._known = known

    def has(self, told: Callable[[Document], bool]) -> bool:
        """Whether something holds of one of them, which is asked once of each, however many it stands beside."""
        if told not in self._known:
            there = (number for number, one in enumerate(self._documents) if told(one))
            # Of two, one at least is not left out.
            self._known[told] = tuple(islice(there, 2))
        return any(number != self._place for number in self._known[told])

    def __len__(self) -> int:
        return len(self._documents) - 1

    def __iter__(self) -> Iterator[Document]:
        return chain(self._documents[: self._place], self._documents[self._place + 1 :])

    @overload
    def __getitem__(self, at: int) -> Document: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Document, ...]: ...
    def __getitem__(self, at: int | slice) -> Document | tuple[Document, ...]:
        return tuple(self)[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))
