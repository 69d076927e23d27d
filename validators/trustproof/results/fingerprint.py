"""
What tells a result apart from every other one, in this run and in the next: its property, its resource, its statement.

A statement is known by what it says. So a fingerprint stays where lines move, files are renamed, statements change
their order, or elements of a statement are written in another order; it changes where the statement says something
else, and a result that somebody looked at is not taken for one that nobody has seen.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple, TypeAlias, TypeVar

from trustproof.model.document import RESOURCE, Document
from trustproof.model.identity_memory import IdentityMemory
from trustproof.model.names import in_stack
from trustproof.model.policy import Path, Policy, Principal, Statement
from trustproof.model.query import placeless
from trustproof.model.text import SECRET_ENDING, Symbolic, Text
from trustproof.results.moved_names import MovedNames
from trustproof.results.result import Result

#: Hexadecimal digits of a fingerprint: 128 bits.
_DIGITS = 32
#: What IAM makes of an account as a principal; an id or a partition that is not known has its name.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts
_ACCOUNT = re.compile(r"arn:(?:[a-z-]+|<[^>]+>):iam::(\d{12}|<[^>]+>):root")


#: What is not known of a name, as messages call it.
_UNKNOWN = re.compile(r"<([^<>]+)>")


#: What begins a policy variable, and what is said of a statement in which it begins none.
_VARIABLE, _LITERAL = "${", " without variables"

#: Kinds and texts of principals, sorted.
_Named: TypeAlias = "list[tuple[str, str]]"


class Content(NamedTuple):
    """
    What something says, in all its forms.
    """

    text: str
    #: As it was known by before an account was one principal however it is written.
    former: str
    #: As it is where resources that it names have moved: see `MovedNames`.
    moved: str


_NOTHING = Content("", "", "")
_AS_THEY_ARE = MovedNames()

_T = TypeVar("_T")


class WrittenPolicies:
    """
    What the policies of a template say wherever it goes: the account and the Region that one run is given, and another
    one is not, are no part of it.

    Args:
        read: gives what stands at a path of a resource, for no account and no Region: several documents may, in
            different deployments.
        names: what its resources are called wherever they go.
        naming: gives what tells on which resource a policy is put, from the ARNs of that as far as they are known;
            nothing for a policy that is a part of the resource.
        origin: gives what the values are made of that a text names; empty where their names say all.
        called: gives the name that a resource has by its logical id; empty where that is not written.
    """

    def __init__(
        self,
        read: Callable[[str, Path], Sequence[Document]] = lambda logical_id, path: (),
        names: MovedNames = _AS_THEY_ARE,
        naming: Callable[[Document, Sequence[Text]], Sequence[Text]] = lambda document, arns: arns,
        origin: Callable[[str], str] = lambda text: "",
        called: Callable[[str], str] = lambda logical_id: "",
    ) -> None:
        self._read = read
        self._naming = naming
        self._origin = origin
        self._called = called
        self._own_names: dict[str, str] = {}
        self.names: MovedNames = names
        self._moved: WrittenPolicies | None = None
        self._of_moved = False
        self._by_path: dict[tuple[str, Path], dict[Path, Content]] = {}
        self._stands_on: dict[tuple[str, Path], tuple[Text, ...]] = {}
        self._recalled: tuple[tuple[object, ...], object] = ((), None)

    def __reduce__(self) -> tuple[object, ...]:
        # The template is left behind: another process gets what was asked for by then.
        return _settled, (self._by_path, self._stands_on, self._own_names, self.names, self._of_moved)

    @property
    def moved(self) -> WrittenPolicies:
        """What they say with the names that stay where resources go to another scope."""
        if not self.names or self._of_moved:
            return self
        if self._moved is None:
            self._moved = WrittenPolicies(self._read, self.names, self._naming, self._origin, self._called)
            self._moved._by_path = self._by_path
            self._moved._own_names = self._own_names
            self._moved._stands_on = self._stands_on
            self._moved._of_moved = True
        return self._moved

    def holder(self, name: str) -> str:
        """Who has a policy, without the stack that he is in, from what messages call him (``user Deployer``)."""
        kind, _, called = name.partition(" ")
        stack, own = in_stack(called)
        # Of a name that nobody knows, another look-up is another holder.
        unknown = _UNKNOWN.findall(own)
        origin = self._origin(" ".join(unknown)) if unknown else ""
        return " ".join(filter(None, (kind, self.names.of(own) if self._of_moved and not stack else own, origin)))

    def own_name(self, document: Document) -> str:
        """
        What the resource of a policy is called wherever it goes, where its construct path or logical id does not say
        that: by its type and name, or by what the policy is put on; whoever has a policy of AWS, which has no place of
        its own. Empty where nothing says that.
        """
        if document.is_foreign:
            return self.names.of(document.logical_id) if self.names else ""
        put_on = ", ".join(self.stands_on(document))
        name = self._own_names[document.logical_id]
        return f"{document.resource_type} called {name}" if name else put_on and f"{document.resource_type} on {put_on}"

    def content(self, document: Document, statement: Statement | None = None) -> Content:
        """
        What a statement says, in all its forms; without one, what a whole policy says.

        Args:
            document: it says that itself where the template has nothing at its path, as with a managed policy of AWS.
        """
        found = self._content(document, statement)
        return Content(*[found.moved] * 3) if self._of_moved else found

    def stands_on(self, document: Document) -> tuple[str, ...]:
        """
        The ARNs of all that a policy is put on, in each of the deployments, without what a deployment makes up; or what
        names it. Nothing for a policy that is a part of its resource.
        """
        called = self.names.text if self._of_moved else str
        found = self._at(document) and self._stands_on[document.logical_id, document.path]
        return tuple(called(_without_ending(one)) for one in found or ())

    def _at(self, document: Document) -> dict[Path, Content]:
        key = (document.logical_id, document.path)
        if key not in self._by_path:
            # A policy of AWS stands nowhere in the template, and all of who has it would be read to find nothing.
            there = () if document.is_foreign else self._read(*key)
            self._by_path[key] = _forms(there, self.names)
            arns = tuple(dict.fromkeys(one.resource_arn for one in there or (document,)))
            self._stands_on[key] = tuple(self._naming(document, arns)) if document.kind == RESOURCE else ()
            if document.logical_id not in self._own_names:
                self._own_names[document.logical_id] = self._called(document.logical_id)
        return self._by_path[key]

    def _content(self, document: Document, statement: Statement | None) -> Content:
        found = self._at(document).get(document.path if statement is None else statement.path)
        if found is None:
            policy = document.policy
            return _of_policy(policy) if statement is None else _said(placeless(statement), policy, self.names)
        return found

    def recalled(self, about: tuple[object, ...], make: Callable[[], _T]) -> _T:
        """
        What is made of what the policies say: once for all that is asked about the same things in a row.
        """
        before, made = self._recalled
        if len(before) != len(about) or any(one is not other for one, other in zip(before, about, strict=True)):
            made = make()
            self._recalled = (about, made)
        return made  # type: ignore[return-value]


def _settled(
    by_path: dict[tuple[str, Path], dict[Path, Content]],
    stands_on: dict[tuple[str, Path], tuple[Text, ...]],
    own_names: dict[str, str],
    names: MovedNames,
    of_moved: bool,
) -> WrittenPolicies:
    found = WrittenPolicies(names=names)
    found._of_moved = of_moved
    found._own_names.update(own_names)
    found._by_path.update(by_path)
    found._stands_on.update(stands_on)
    return found


def _without_ending(arn: Text) -> Text:
    """An ARN without what Secrets Manager adds to a name, which is called by the logical id of the secret."""
    if isinstance(arn, str):
        return arn
    return Symbolic(tuple(one for one in arn.parts if isinstance(one, str) or one.holds != SECRET_ENDING))


def _forms(documents: Iterable[Document], names: MovedNames) -> dict[Path, Content]:
    found: dict[Path, list[Content]] = {}
    for document in documents:
        for statement in document.policy.statements:
            said = _said(placeless(statement), document.policy, names)
            found.setdefault(document.path, []).append(said)
            found.setdefault(statement.path, []).append(said)
    return {path: _joined(contents) for path, contents in found.items()}


def _said(statement: Statement, policy: Policy, names: MovedNames = _AS_THEY_ARE) -> Content:
    """What a statement of a policy says, which stands nowhere, in all its forms."""
    text, former = _words(statement, str)
    # A symbol stands between these.
    found = Content(text, former, text if not names or "<" not in text else _words(statement, names.text)[0])
    if policy.has_variables or _VARIABLE not in text:
        return found
    # By another version, what looks like a variable is text that nobody is called, and a Deny of it stops nobody.
    return Content(*(f"{form}{_LITERAL}" for form in found))


@lru_cache(maxsize=512)
def _words(statement: Statement, called: Callable[[Text], str]) -> tuple[str, str]:
    """
    What a statement that stands nowhere says, whatever its ``Sid``, its place, the order and repetition in which it
    says it, and whether it names an account by its id or by the ARN that IAM makes of that; and as it was known by when
    these were two. A policy of AWS is attached to everybody, and says a thousand things.
    """
    conditions = {(c.operator.lower(), c.key.lower(), *_texts(c.operands, called)) for c in statement.conditions}
    principals, former = _principals(statement.principals, called)
    not_principals, former_not = _principals(statement.not_principals, called)
    others = (
        _lower(statement.actions, called),
        _lower(statement.not_actions, called),
        None if statement.resources is None else _texts(statement.resources, called),
        None if statement.not_resources is None else _texts(statement.not_resources, called),
        sorted(conditions),
        sorted(set(statement.unreadable)),
        sorted({(guard.name, str(guard.value)) for guard in statement.guards}),
    )
    text = json.dumps((statement.effect, principals, not_principals, *others))
    if (principals, not_principals) == (former, former_not):
        return text, text
    return text, json.dumps((statement.effect, former, former_not, *others))


#: What a whole policy says: those of AWS are long, attached to everybody and read once.
_WHOLE = IdentityMemory[Content](256)


def _of_policy(policy: Policy) -> Content:
    return _WHOLE.get(lambda: _joined([_said(placeless(one), policy) for one in policy.statements]), policy)


@lru_cache(maxsize=256)
def _as_json(text: str) -> bytes:
    """A text as JSON, for the many results about what is said in one place."""
    return json.dumps(text).encode("ascii")


def fingerprint(ident: str, resource: str, content: str) -> str:
    """
    The fingerprint of a result.

    Args:
        ident: of the property.
        resource: the construct path of the resource, or its logical id.
        content: what the result is about says.
    """
    # As JSON has a list of the three; what is said may be a hundred thousand characters.
    found = sha256(f"[{json.dumps(ident)}, {json.dumps(resource)}, ".encode("ascii"))
    found.update(_as_json(content))
    found.update(b"]")
    return found.hexdigest()[:_DIGITS]


def fingerprints(ident: str, resource: str, said: Content | str) -> dict[str, str]:
    """
    What a result is known by, and was known by before where that was something else, by the fields of a result; and
    what it is about, whatever the resource is called.
    """
    text, former, moved = (said, said, said) if isinstance(said, str) else said
    before = "" if former == text else fingerprint(ident, resource, former)
    return {
        "fingerprint": fingerprint(ident, resource, text),
        "former_fingerprint": before,
        "content_digest": _digest(moved),
    }


def _hexadecimal(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


#: A digest of a text, for the many results about what is said in one place.
_digest: Callable[[str], str] = lru_cache(maxsize=256)(_hexadecimal)


def within(outer: str, found: str) -> str:
    """The fingerprint of a result about a resource of the template that another resource holds."""
    return fingerprint("", outer, found)


def of_stack(stack: str, found: str) -> dict[str, Any]:
    """
    What a result is known by that is about one of several stacks of an assembly which are made of one file, by the
    fields of a result: by itself, a statement does not tell which, and what it was known by before is that of each.

    Args:
        stack: its path in the assembly.
        found: the fingerprint that the same result has in each of the stacks.
    """
    return {"fingerprint": within(f"stack {stack}", found), "former_fingerprint": "", "stack": stack}


def told_apart(results: Sequence[Result]) -> tuple[Result, ...]:
    """The results, with a number after each fingerprint that another one before has."""
    seen: Counter[str] = Counter()
    before: Counter[str] = Counter()
    out: list[Result] = []
    for one in results:
        former = one.former_fingerprint and _numbered(one.former_fingerprint, before)
        own = _numbered(one.fingerprint, seen)
        is_known = own is one.fingerprint and former is one.former_fingerprint
        out.append(one if is_known else one._replace(fingerprint=own, former_fingerprint=former))
    return tuple(out)


def _numbered(found: str, seen: Counter[str]) -> str:
    seen[found] += 1
    return found if seen[found] == 1 else f"{found}-{seen[found]}"


def without_number(found: str) -> str:
    """A fingerprint without the number that tells it apart from equal ones."""
    return found.partition("-")[0]


def _joined(contents: Sequence[Content]) -> Content:
    return Content(*("\n".join(sorted(set(forms))) for forms in zip(*contents, strict=True))) if contents else _NOTHING


def _texts(texts: Iterable[Text], called: Callable[[Text], str]) -> tuple[str, ...]:
    return tuple(sorted({called(text) for text in texts}))


def _lower(actions: Iterable[Text] | None, called: Callable[[Text], str]) -> tuple[str, ...] | None:
    """Actions are compared without regard to case."""
    return None if actions is None else tuple(sorted({called(action).lower() for action in actions}))


def _principals(
    entries: Iterable[Principal] | None, called: Callable[[Text], str]
) -> tuple[_Named | None, _Named | None]:
    """The principals with each account by its id, and as they are written."""
    if entries is None:
        return None, None
    written = {(entry.kind, called(entry.value)) for entry in entries}
    return sorted({(kind, _account_in(value)) for kind, value in written}), sorted(written)


def _account_in(principal: str) -> str:
    """An account by its id, whichever way it is written; any other principal as it is."""
    found = _ACCOUNT.fullmatch(principal)
    return principal if found is None else found[1]
