"""
Users, groups, roles and their sessions: what is known of them beside their policies.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from trustproof.model.policy import Guard, Path
from trustproof.model.text import Text

#: What Terraform refers to a resource by, which a name that nobody knows is called, and its address in there.
_ADDRESS = r"<?((?:data\.)?aws_\w+\.[\w-]+(?:\[[^\]]*\])?)\.(?:arn|id|name)>?"


class Membership(NamedTuple):
    """
    A user in a group.
    """

    #: Logical id, or the name of a group that the template does not declare.
    group: str
    #: All of them must hold for the user to be in it.
    guards: tuple[Guard, ...] = ()


class Foreign(NamedTuple):
    """
    What a holder has that is not in the template: a managed policy, or a group that it is in.
    """

    #: Of a group the name.
    arn: Text
    #: All of them must hold for the holder to have it.
    guards: tuple[Guard, ...] = ()
    #: Where it is named; empty where that is not known.
    path: Path = ()
    #: ``managed policy`` or ``group``.
    kind: str = "managed policy"


class PermissionsBoundary(NamedTuple):
    """
    What limits a holder in some deployments: a permissions boundary, or nothing where neither field says which.
    """

    #: Index of its document among the template's.
    document: int | None = None
    #: ARN of one that is not in the template.
    foreign: Text | None = None
    #: What must hold for it to be this one, besides what must hold for the holder to exist.
    guards: tuple[Guard, ...] = ()


class Removal(NamedTuple):
    """
    What other inputs may take away of a holder.
    """

    #: A document by its index, a managed policy, a group or a boundary, as the holder has it.
    given: int | Foreign | Membership | PermissionsBoundary
    #: Why, as a sentence without its full stop.
    reason: str


class Program(NamedTuple):
    """
    A program that is told the ARNs of roles, by which it assumes them: it has no MFA.
    """

    #: Logical id.
    logical_id: str
    #: What it is told, each once: ARNs, and values of other inputs that may be one.
    told: tuple[Text, ...]
    #: The roles of the template that it runs as, or hands on to a service, by their logical ids.
    runs_as: frozenset[str] = frozenset()


class AccountAssignment(NamedTuple):
    """
    Somebody who has a permission set in an account.
    """

    account: Text
    #: ``group`` or ``user``; ``principal`` where it is not known which.
    kind: str
    #: The id in the identity store.
    principal: Text
    #: All of them must hold for the assignment to be there.
    guards: tuple[Guard, ...] = ()


class OpenAssignment(NamedTuple):
    """
    Somebody who has a permission set of which only its name is known.
    """

    #: What names the permission set.
    permission_set: Text
    assignment: AccountAssignment
    #: From the root of the template to the resource that says so.
    path: Path


class Holder(NamedTuple):
    """
    A user, group, role or permission set of a template, and the identity policies that the template attaches to it.
    """

    #: ``user``, ``group``, ``role``, ``permission set`` or ``profile``.
    kind: str
    logical_id: str
    #: Name as far as it is known; of an entity that is named but not declared in the template, the name itself.
    name: Text
    arn: Text
    #: Indices into the template's documents.
    documents: tuple[int, ...]
    #: The permissions boundary, one for each outcome of the conditions that decide which it is; empty without one.
    boundaries: tuple[PermissionsBoundary, ...] = ()
    #: Managed policies that are not in the template.
    foreign: tuple[Foreign, ...] = ()
    #: The groups that a user is in.
    groups: tuple[Membership, ...] = ()
    guards: tuple[Guard, ...] = ()
    #: From the root of the template to the entity's resource; empty for one that the template does not declare.
    path: Path = ()
    #: Lower-cased keys and values of the tags of a user or role, as far as they are known.
    tags: tuple[tuple[str, str], ...] = ()
    #: Why it may hold, or be held by, what nobody knows: several templates declare something by the same name.
    doubts: tuple[str, ...] = ()
    #: Indices of documents that its sessions may have too, though it is not known that they do: a permission set has a
    #: policy by its name, in whatever account it is for.
    by_name: tuple[int, ...] = ()
    #: The same of the managed policies that it names to have them, each with what names it: the documents that it has
    #: where the account is that of the template.
    by_reference: tuple[tuple[Text, int], ...] = ()
    #: The logical ids of what has a policy of it that could not be read.
    unread: tuple[str, ...] = ()
    #: Of a user: whether the template gives it an access key, and a password for the console.
    has_key: bool = False
    has_password: bool = False
    #: Of a permission set: who has it in which account, as far as the template says.
    assigned: tuple[AccountAssignment, ...] = ()
    #: What other inputs may take away of what it has.
    removed: tuple[Removal, ...] = ()
    #: Whether it is another one of the template once more, without what others may take away.
    is_poorer: bool = False
    #: Those of the doubts that are about what it may be allowed besides: they stop nothing.
    additions: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """What it is and what the template calls it, in words; in Terraform without the attribute that names it."""
        found = re.fullmatch(_ADDRESS, self.logical_id or str(self.name))
        return f"{self.kind} {found[1] if found is not None else self.logical_id or self.name}"


class ArnReference(NamedTuple):
    """
    How a template writes the ARN of something: the name of a function, and what that is given.
    """

    function: str
    argument: tuple[str, ...]
    #: Why it cannot be deployed there, a clause; empty where it can.
    why_not: str = ""


#: The kind of a role that a template attaches policies to, and does not make.
ELSEWHERE = "role elsewhere"


class Sender(NamedTuple):
    """
    A user, group, role or permission set whose policies, as a template attaches them, let it assume a role of it.
    """

    #: ``user``, ``group``, ``role``, ``permission set``, or what `ELSEWHERE` says.
    kind: str
    #: Of a role elsewhere its name, as far as it is known.
    logical_id: str
    #: Why the role cannot refer to it, a clause; empty where it can.
    why_no_reference: str = ""
    #: How the template would write its ARN: the name of a function, and what that is given.
    reference: tuple[str, tuple[str, ...]] = ("", ())
    #: Whether it is a user of a program, which has no MFA.
    is_program: bool = False
    #: Whether its policies do not name the role, and let it assume any.
    to_any: bool = False
    #: Of a role; empty elsewhere.
    arn: Text = ""


class RoleFacts(NamedTuple):
    """
    What a template says of a role besides its policies.
    """

    logical_id: str
    arn: Text
    #: ``MaxSessionDuration`` in seconds; 3600 where the template does not say; text where it is not known.
    max_session_duration: int | Text
    #: Where it stands, or where the resource stands.
    path: Path
    #: Index of the role's trust policy among the template's documents; None where it could not be read.
    trust: int | None
    construct_path: str | None = None
    guards: tuple[Guard, ...] = ()
    #: Of a ``MaxSessionDuration`` that a parameter decides: the most that it may be; None where that is not known.
    longest: int | None = None
    #: Keys and values of its tags; None where they cannot be read.
    tags: tuple[tuple[str, Text], ...] | None = ()


class SessionFacts(NamedTuple):
    """
    How long the sessions last that something gives which is no role: a permission set, a profile of Roles Anywhere.
    """

    logical_id: str
    resource_type: str
    #: The property that says it.
    key: str
    #: In seconds; 3600 where the template does not say; text where it is not known.
    duration: int | Text
    #: As the template has it; empty where it does not say.
    written: str
    #: Where it stands, or where the resource stands.
    path: Path
    construct_path: str | None = None
    guards: tuple[Guard, ...] = ()
    #: Of a duration that a parameter decides: the most that it may be; None where that is not known.
    longest: int | None = None
