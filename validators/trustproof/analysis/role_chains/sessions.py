"""
The sessions of roles on a chain: what they may carry, and what a step demands of one.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from trustproof.analysis.role_chains.roles import Node
from trustproof.aws.condition_keys import SET_CONTEXT, SET_SOURCE_IDENTITY, TAG_SESSION
from trustproof.aws.tags import TAGS_OF_ROLES
from trustproof.engine.caller_records import SEPARATOR
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import Values, text
from trustproof.engine.region import Region
from trustproof.engine.request_space import request_space
from trustproof.model.names import OWN, ROLE_ID
from trustproof.model.policy import Policy
from trustproof.model.request import Request
from trustproof.model.text import Symbolic
from trustproof.properties.shared.regions import Constraints, may_allow
from trustproof.sets.patterns import ANY_RUN, Pattern, Wildcard, exact, join
from trustproof.sets.strings import StringSet

_ID_RUN = Wildcard(":" + SEPARATOR, True, True)
#: Beginnings of keys that no session carries which was assumed by a user or by another role: they tell of federated
#: sessions, and of those that a service hands to an instance, a function or a job.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_NEVER = (
    "aws:chatbotsourcearn",
    "aws:ec2instancesource",
    "aws:federatedprovider",
    "codebuild:",
    "ec2:roledelivery",
    "ec2:sourceinstancearn",
    "glue:credentialissuingservice",
    "glue:roleassumedby",
    "lambda:sourcefunctionarn",
    "saml:",
    "ssm:sourceinstancearn",
)
#: Of a session that was assumed with a context assertion of Identity Center.
_OF_CONTEXT = ("identitycenter:", "identitystore:")
TAG, NEW_TAG = "aws:principaltag/", "aws:requesttag/"
IDENTITY, NEW_IDENTITY = "aws:sourceidentity", "sts:sourceidentity"
NAME = "sts:rolesessionname"
#: What a call must be allowed besides, to the keys that it then may carry.
_PASSING = {
    TAG_SESSION: (NEW_TAG, "aws:tagkeys", "sts:transitivetagkeys"),
    SET_SOURCE_IDENTITY: (NEW_IDENTITY, IDENTITY),
}

#: A source identity that does not matter; none is called so.
ANY = "*"


class SessionState(NamedTuple):
    """
    What the sessions of a role may carry, by the roles on the way to it.
    """

    #: A source identity stays once it is set, and each step needs the permission to set it.
    identity: bool = False
    #: A session tag stays where it is transitive.
    tags: bool = False
    #: Whether a tag may be one of a session before, and not of a call that gave one of this role.
    inherited: bool = False
    #: Nobody gets such a session without a source identity.
    identified: bool = False
    #: Whether it is one with tags that a session of the role itself has assumed, which may tag where nobody else may.
    again: bool = False

    def on(self, node: Node, source: Node | None = None) -> SessionState:
        """
        What sessions of the next role may carry.

        Args:
            source: the role whose sessions these are; None where nobody has assumed one yet.
        """
        policy = node.trust.policy
        tags = self.tags or may_allow(policy, TAG_SESSION)
        # What a role hands on to itself was given by a call for it, too.
        is_own = node is source
        inherited = self.inherited if is_own else self.tags
        again = is_own and self.tags and not self.inherited
        return SessionState(may_allow(policy, SET_SOURCE_IDENTITY), tags, inherited=inherited, again=again)

    @property
    def ways(self) -> list[SessionState]:
        """The simplest sessions first."""
        return [
            self._replace(identity=identity, tags=tags)
            for tags, identity in product((False, True), repeat=2)
            if self.identified <= identity <= self.identity and tags <= self.tags
        ]


def at_most(nodes: Iterable[Node]) -> SessionState:
    """What sessions of any of these roles may carry."""
    each = [SessionState().on(node) for node in nodes]
    tags = any(one.tags for one in each)
    return SessionState(any(one.identity for one in each), tags, inherited=tags)


class SessionRequirement(NamedTuple):
    """
    What the next steps demand of a session.
    """

    name: str
    #: Empty where there must be none.
    source_identity: str
    #: Session tags, by lower-cased key.
    tags: tuple[tuple[str, str], ...] = ()
    #: Keys of tags that the next step looks at.
    mentioned_tags: tuple[str, ...] = ()


class InspectedKeys(NamedTuple):
    """What the policies that decide a step look at."""

    #: The name of the session.
    name: bool
    #: Or whether the step fails with one.
    source_identity: bool
    #: Lower-cased keys of the session's tags.
    tags: tuple[str, ...]
    #: Hosts of web identity providers, with the colon.
    hosts: tuple[str, ...]
    #: Lower-cased keys of the next role's tags.
    target_tags: tuple[str, ...] = ()


class SessionKeys(NamedTuple):
    """What sessions carry, for the regions of a question."""

    #: Beginnings of keys that none carries.
    absent_keys: tuple[str, ...]
    #: Keys that all carry with one value.
    known_keys: dict[str, str]
    #: Keys that all carry, and the values that are the likeliest.
    present: Constraints = ()
    hints: tuple[tuple[str, tuple[str, ...]], ...] = ()


def keys_of_sessions(source: Node, inspected: InspectedKeys, state: SessionState) -> SessionKeys:
    """What the sessions of a role carry, as far as a step looks at it."""
    absent_keys = [*_NEVER, *inspected.hosts]
    if not may_allow(source.trust.policy, SET_CONTEXT):
        absent_keys += _OF_CONTEXT
    if not state.identity:
        absent_keys.append(IDENTITY)
    if source.tags is None:
        return SessionKeys(tuple(absent_keys), {})
    known = {TAG + key: value for key, value in source.tags if key in inspected.tags}
    written = {key: value for key, value in known.items() if isinstance(value, str)}
    present = tuple((key_dimension(key), Values(False, StringSet.full())) for key in sorted(known))
    if state.tags:
        return SessionKeys(
            tuple(absent_keys), {}, present, tuple((key, (value,)) for key, value in sorted(written.items()))
        )
    if len(written) < len(known):
        return SessionKeys(tuple(absent_keys), written, present)
    return SessionKeys((*absent_keys, TAG), written)


def keys_of_target(target: Node, inspected: InspectedKeys) -> dict[str, str]:
    """What is known of the tags of the role that a step leads to, as far as the step looks at them."""
    tags = [(key, value) for key, value in target.tags or () if isinstance(value, str)]
    known = {family + key: value for family in TAGS_OF_ROLES for key, value in tags}
    return {key: known[key] for key in inspected.target_tags if key in known}


def requirement_of(
    source: Node, inspected: InspectedKeys, request: Request, wanted: SessionRequirement | None
) -> SessionRequirement | None:
    """
    What a step demands of the session that takes it; None where that is not known.

    Args:
        inspected: by the policies that decide the step.
        wanted: of the session that the step gives.
    """
    known = dict(source.tags or ())
    if inspected.tags and source.tags is None:
        return None
    tags: dict[str, str] = {}
    for key in inspected.tags:
        value = request.context.get(TAG + key)
        if value is None and key in known:
            return None
        if isinstance(value, str) and known.get(key) != value:
            tags[key] = value
    has = request.context.get(IDENTITY)
    matters = inspected.source_identity or has is not None or (wanted is not None and wanted.source_identity != ANY)
    identity = str(has or "") if matters else ANY
    return SessionRequirement(request.caller.session, identity, tuple(sorted(tags.items())), inspected.tags)


def callers_named(source: Node, names: StringSet) -> Values:
    """The sessions of a role with these names, as records of callers, but for those that have another one's id."""
    head: Pattern = join(source.arn, SEPARATOR, _ID_RUN, ":")
    clauses = {frozenset(join(head, name) for name in clause) for clause in names.clauses}
    forbidden = frozenset(join(head, name) for name in names.forbidden)
    ids = (exact(source.ident), join(ROLE_ID, Wildcard(OWN + ":" + SEPARATOR, True, False), _ID_RUN))
    own = frozenset(join(source.arn, SEPARATOR, one, ":", ANY_RUN) for one in ids)
    return Values(False, StringSet(frozenset({*clauses, own}), forbidden))


def region_with_keys(
    region: Region, known_keys: Mapping[str, str], absent_keys: Iterable[str], passing: Sequence[str] = ()
) -> Region:
    """
    A region of which the requests carry some keys, and do not carry others.

    Args:
        passing: further actions that the request needs, because of what it passes.
    """
    first = region.space
    lifted = {key for action in passing for key in _PASSING[action]}
    keys = tuple(sorted({*first.known_keys.items(), *known_keys.items()}))
    never = tuple(dict.fromkeys((*(key for key in first.absent_keys if key not in lifted), *absent_keys)))
    actions = dict.fromkeys((first.action, *(other.action for other in region.also), *passing))
    spaces = [request_space(first.kind, action, first.partition, never, known_keys=keys) for action in actions]
    return region._replace(space=spaces[0], also=tuple(spaces[1:]))


def demanded_requests(
    regions: Iterable[Region], wanted: SessionRequirement, *, may_have_identity: bool
) -> tuple[Region, ...]:
    """
    The requests that give a session what is demanded of it.

    Args:
        may_have_identity: whether the caller may have a source identity, which the session then has too.
    """
    tags = dict(wanted.tags)
    known_keys = {NAME: wanted.name}
    given = tuple((key_dimension(f"{NEW_TAG}{key}"), text(exact(value))) for key, value in tags.items())
    absent_keys = [NEW_TAG + key for key in wanted.mentioned_tags if key not in tags]
    passing = [TAG_SESSION] if tags else []
    identity = wanted.source_identity
    out: list[Region] = []
    for narrow in regions:
        region = narrow._replace(constraints=(*narrow.constraints, *given))
        sets = sets_identity(region)
        if identity == ANY:
            out.append(region_with_keys(region, known_keys, absent_keys, passing))
        elif not identity:
            out += [] if sets else [region_with_keys(region, known_keys, [*absent_keys, IDENTITY], passing)]
        else:
            new = {**known_keys, NEW_IDENTITY: identity}
            out.append(region_with_keys(region, new, [*absent_keys, IDENTITY], [*passing, SET_SOURCE_IDENTITY]))
            if may_have_identity and not sets:
                kept = {**known_keys, IDENTITY: identity}
                out.append(
                    region_with_keys(region, kept, [*absent_keys, NEW_IDENTITY], [*passing, SET_SOURCE_IDENTITY])
                )
    return tuple(out)


def is_given(request: Request, wanted: SessionRequirement) -> bool:
    """Whether a request gives a session what is demanded of it."""
    context = request.context
    tags = dict(wanted.tags)
    if context.get(NAME) != wanted.name:
        return False
    if wanted.source_identity != ANY:
        given = context.get(NEW_IDENTITY, context.get(IDENTITY, ""))
        if given != wanted.source_identity:
            return False
    return all(context.get(NEW_TAG + key) == tags.get(key) for key in (*tags, *wanted.mentioned_tags))


def sessions_with_identity(regions: Iterable[Region]) -> tuple[Region, ...]:
    """The requests of sessions that have a source identity, which goes on with the call."""
    present = (key_dimension(IDENTITY), Values(False, StringSet.full()))
    passing = (region_with_keys(region, {}, (), [SET_SOURCE_IDENTITY]) for region in regions)
    return tuple(dict.fromkeys(one._replace(constraints=(*one.constraints, present)) for one in passing))


def sets_identity(region: Region) -> bool:
    """Whether a call hands on a source identity."""
    return any(other.action == SET_SOURCE_IDENTITY for other in region.also)


def inspected_keys(policies: Sequence[Policy], around: Sequence[Policy] = ()) -> InspectedKeys:
    """What policies look at in a session, and what they and those around them look at in the role that it assumes."""
    keys = {key for policy in policies for key in _keys_of(policy)}
    of_target = keys.union(*map(_keys_of, around))
    statements = [statement for policy in policies for statement in policy.statements]
    entries = [entry.value for s in statements for entry in (*(s.principals or ()), *(s.not_principals or ()))]
    named = any(isinstance(value, Symbolic) or ":assumed-role/" in value for value in entries)
    hosts = {key.rpartition(":")[0] + ":" for key in keys if "." in key.partition(":")[0] and ":" in key}
    return InspectedKeys(
        named or "aws:userid" in keys,
        IDENTITY in keys,
        tuple(sorted(key.removeprefix(TAG) for key in keys if key.startswith(TAG))),
        tuple(sorted(hosts)),
        tuple(sorted(key for key in of_target if key.startswith(TAGS_OF_ROLES))),
    )


def speaks_of(policy: Policy, key: str) -> bool:
    """Whether a policy may look at a key."""
    return any(statement.unreadable for statement in policy.statements) or key in set(_keys_of(policy))


def _keys_of(policy: Policy) -> Iterator[str]:
    """The lower-cased condition keys that a policy looks at, in conditions and as variables."""
    for statement in policy.statements:
        texts = [*(statement.resources or ()), *(statement.not_resources or ())]
        for condition in statement.conditions:
            yield condition.key.lower()
            texts.extend(condition.operands)
        for value in texts:
            for variable in str(value).lower().split("${")[1:]:
                yield variable.partition("}")[0].partition(",")[0].strip()
