"""
The roles and resources of templates, and how somebody names one.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import NamedTuple, Protocol, TypeVar

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.presentation.resource_names import (
    logical_ids_of,
    name_in,
    open_name_in,
    other_name_in,
    referred_beside,
    written_names,
)
from trustproof.errors import UsageError
from trustproof.model.construct_paths import names_of_construct
from trustproof.model.document import RESOURCE, TRUST
from trustproof.model.names import is_nothing_but_a_policy
from trustproof.model.policy import Path
from trustproof.model.presentation import covered
from trustproof.model.text import Symbolic
from trustproof.properties.question import Subject
from trustproof.properties.shared.bucket_principals import asked_by_makers
from trustproof.properties.shared.open_names import may_match
from trustproof.sets.patterns import exact

#: Types whose policies say what somebody may do, and not who gets in.
_OF_IDENTITIES = ("AWS::IAM::", "AWS::SSO::", "AWS::Organizations::")
#: In the names of properties with a resource policy; the one of a domain; and how that of a role which is made besides
#: begins.
_POLICY, _POLICIES, _TRUST_POLICY = "Policy", "AccessPolicies", "AssumeRole"


class Resource(NamedTuple):
    """
    Something with a policy that says who gets in.
    """

    #: `TRUST` or `RESOURCE`.
    kind: str
    context: TemplateContext
    #: The template among those of the run.
    label: str
    #: Its name where that is known, else its logical id.
    name: str
    logical_id: str
    resource_type: str
    #: Of its policy.
    path: Path
    #: Its policy; several where conditions of the template decide which.
    subjects: tuple[Subject, ...]
    #: All by which somebody may name it.
    names: frozenset[str]
    #: Why its policy is not known; empty where it is.
    unread: str = ""
    #: Names that only a deployment says.
    open_names: tuple[Symbolic, ...] = ()

    def is_called(self, named: str) -> bool:
        """Whether somebody means it by this name."""
        return named in self.names

    def may_be_called(self, named: str) -> bool:
        """Whether a parameter or what else only a deployment says may give it this name."""
        return any(may_match(exact(named), name) for name in self.open_names)


def resources_of(context: TemplateContext, label: str) -> Iterator[Resource]:
    """What of a template has a policy that says who gets in, in the order of the template."""
    # One body of Fn::ForEach declares several resources, whose policies stand at one path.
    found: dict[tuple[str, Path], list[Subject]] = {}
    for document in context.documents:
        if document.kind in (TRUST, RESOURCE):
            asked = asked_by_makers(context.subject(document))
            found.setdefault((document.logical_id, document.path), []).append(asked)
    for (_, path), subjects in found.items():
        document = subjects[0].document
        # One policy may be that of several resources, as of several topics.
        arns = [one.document.resource_arn for one in subjects if isinstance(one.document.resource_arn, str)]
        called = [name for one in subjects if (name := name_in(one.document.resource_arn)) not in ("", "*")]
        others = [other_name_in(one.document.resource_arn) for one in subjects]
        name = called[0] if len(set(called)) == 1 else ""
        about = [name for one in subjects for name in logical_ids_of(context.template, one.document)]
        written = dict.fromkeys((document.logical_id,) if document.kind == TRUST else about)
        given = [
            *written_names(context.template, written),
            *(open_name_in(one.document.resource_arn) for one in subjects),
        ]
        constructs = names_of_construct(document.construct_path, document.resource_type)
        names = {document.logical_id, *constructs, *arns, *called, *others, *about}
        names |= {one for one in given if isinstance(one, str)}
        yield Resource(
            document.kind,
            context,
            label,
            name or document.logical_id,
            document.logical_id,
            document.resource_type,
            path,
            tuple(subjects),
            frozenset(names - {"", "*"}),
            open_names=tuple(dict.fromkeys(one for one in given if isinstance(one, Symbolic))),
        )
    yield from _unread(context, label, {one.logical_id for one in context.documents if one.kind in (TRUST, RESOURCE)})


def _unread(context: TemplateContext, label: str, known: Container[str]) -> Iterator[Resource]:
    """The roles whose trust policies cannot be read, and what has a resource policy that cannot be."""
    template = context.template
    reasons = {str(path[1]): reason for path, reason in template.unread if len(path) > 1}
    roles = {role.logical_id for role in template.roles}
    for role in template.roles:
        if role.logical_id in known or role.logical_id not in reasons:
            continue
        arn = role.arn if isinstance(role.arn, str) else ""
        name = arn.rpartition("/")[2]
        yield Resource(
            TRUST,
            context,
            label,
            name or role.logical_id,
            role.logical_id,
            "AWS::IAM::Role",
            role.path,
            (),
            frozenset({role.logical_id, *names_of_construct(role.construct_path), arn, name} - {"", "*"}),
            reasons[role.logical_id],
        )
    for path, reason in template.unread:
        logical_id = str(path[1]) if len(path) > 1 else ""
        type_ = template.resource_type(logical_id)
        if logical_id in known or logical_id in roles or not _is_of_resource(type_, path):
            continue
        # A policy that a resource of Terraform has as an argument is called after that.
        around = logical_id.rpartition(".")[0]
        stands_on = [logical_id, *((around,) if around and template.resource_type(around) else ())]
        stands_on += referred_beside(template, path) if is_nothing_but_a_policy(type_) else ()
        given = [*written_names(template, stands_on)]
        called = [name for name in given if isinstance(name, str)]
        yield Resource(
            RESOURCE,
            context,
            label,
            called[0] if len(set(called)) == 1 else logical_id,
            logical_id,
            type_,
            path,
            (),
            frozenset({*stands_on, *called} - {"", "*"}),
            reason,
            open_names=tuple(dict.fromkeys(name for name in given if isinstance(name, Symbolic))),
        )


def _is_of_resource(resource_type: str, path: Path) -> bool:
    """Whether a place that cannot be read is that of a resource policy."""
    if not resource_type.startswith("AWS::") or resource_type.startswith(_OF_IDENTITIES):
        return False
    argument = next((str(key) for before, key in pairwise(path) if before == "Properties"), "")
    return argument == _POLICIES or (_POLICY in argument and not argument.startswith(_TRUST_POLICY))


def at_defaults(resource: Resource) -> Iterator[str]:
    """Lines where parameters decide what the policy says: it was read at the defaults of those that have one."""
    classes = resource.context.assignments.of((resource.path,))
    if isinstance(classes, str):
        yield classes
    elif names := dict.fromkeys(name for one in classes for name, _ in one.named):
        defaults = resource.context.template.parameter_defaults()
        for listed, which in (
            ([one for one in names if one in defaults], "was read at the defaults"),
            ([one for one in names if one not in defaults], "has no default"),
        ):
            if listed:
                given = ", ".join(f"--parameter {name}=VALUE" for name in listed)
                yield f"{', '.join(listed)} may say something else here, which {which}: give {given}"


class Nameable(Protocol):
    """
    What somebody may ask about by its name.
    """

    @property
    def name(self) -> str: ...

    @property
    def logical_id(self) -> str: ...

    def is_called(self, named: str) -> bool:
        """Whether somebody means it by this name."""
        ...

    def may_be_called(self, named: str) -> bool:
        """Whether only a deployment says that it has this name."""
        ...


_N = TypeVar("_N", bound=Nameable)


def find(resources: Sequence[_N], named: str, secrets: frozenset[str] = frozenset()) -> list[_N]:
    """
    Those that somebody names: by name, logical id, ARN or construct path; else by a name that a deployment may give.

    Args:
        secrets: texts that are never shown, nor what they stand in.

    Raises:
        UsageError: there is none.
    """
    called = [one for one in resources if one.is_called(named)]
    if found := called or [one for one in resources if one.may_be_called(named)]:
        return found
    every = {name for one in resources for name in (one.name, one.logical_id)}
    names = sorted(name for name in every if covered(name, secrets) == name)
    near = get_close_matches(named, names, 3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(names[:10]) or 'none'}"
    raise UsageError(f'there is no role or resource with a policy that is called "{named}"; {hint}')
