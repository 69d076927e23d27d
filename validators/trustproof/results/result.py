"""
What the validator answers: proved, refuted with a replayed request, or unknown with reasons.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple, NoReturn, TypeAlias

from trustproof.escaping.text import printable_repr, whole
from trustproof.model.policy import Path
from trustproof.model.request import ContextValue, Request
from trustproof.model.text import Text
from trustproof.results.edit import Edit, to_lines
from trustproof.results.hcl_lines import in_quotes, to_hcl_lines, with_policy_variables

#: What is said of a property.
Verdict: TypeAlias = Literal["proved", "refuted", "unknown"]
PROVED: Final = "proved"
REFUTED: Final = "refuted"
UNKNOWN: Final = "unknown"

#: What an answer is to a project, the worst first; a property that is ``off`` is not asked.
Severity: TypeAlias = Literal["error", "warning", "note", "off"]

ERROR: Final = "error"
WARNING: Final = "warning"
#: Hardening, or what nobody can use to get in.
NOTE: Final = "note"
OFF: Final = "off"
#: The severities of results, the worst first.
SEVERITIES: tuple[Severity, ...] = (ERROR, WARNING, NOTE)

#: From how far away somebody gets in, the farthest first.
Reach: TypeAlias = Literal["world", "foreign", "own", "hardening"]

WORLD: Final = "world"
#: Somebody of another account, or a service that calls for one.
FOREIGN: Final = "foreign"
#: Users of one's own, without MFA.
OWN: Final = "own"
#: Nobody gets in who should not, as things are.
HARDENING: Final = "hardening"
REACHES: tuple[Reach, ...] = (WORLD, FOREIGN, OWN, HARDENING)

#: Between the names of two things for the same place, where nobody knows which of them stays.
REPLACES = " replaces "
#: Behind the second one, where it is not known whether they are for the same place.
IF_SAME_NAME = ", if they have one name"
#: What a reason says where a budget of ours ended the work before an answer was found.
BUDGET = "budget reached"
#: How the reason ends why a policy that is written decides nothing.
NOT_ASKED = "nobody asks the policy: whoever reaches it gets in"

#: How the reason ends why a policy is not known that is the value of a name which nothing has.
NOT_DECLARED = "which nothing in the template declares: CloudFormation refuses the template, unless a macro adds that"


def milder(*severities: Severity) -> Severity:
    """The mildest of some severities."""
    return max(severities, key=SEVERITIES.index)


@printable_repr
class Counterexample(NamedTuple):
    """
    A request that shows a property to be wrong; the evaluator has replayed it.
    """

    #: ARN of the caller, or the host name of a service.
    caller: str
    #: The kind of credentials, in words.
    credentials: str
    action: str
    resource: str
    #: The condition keys that matter, as AWS writes them; None is an absent key.
    context: dict[str, ContextValue | None]
    #: Template parameters (and other values unknown before deployment) to the values they have in this case.
    parameters: dict[str, str]
    #: The complete request that was replayed.
    request: Request
    #: Whether it is refused, and so shows that nobody gets in, rather than let in.
    refused: bool = False
    #: The parameters that only rules of the template ask for: the request needs no value of them.
    beside: frozenset[str] = frozenset()

    @property
    def deciding(self) -> dict[str, str]:
        """The parameters without these."""
        return {name: value for name, value in self.parameters.items() if name not in self.beside}


#: How the identifiers begin of properties that a project has written itself.
OWN_PROPERTY = "invariant-"


@printable_repr
class Remedy(NamedTuple):
    """
    The change that would make the property hold.
    """

    #: A sentence: lower-case, without a full stop.
    text: str
    #: The change itself; may be empty.
    edits: tuple[Edit, ...] = ()
    #: How what each edit changes is written in Terraform: as ``object``, ``document``, an argument; empty for JSON.
    written: tuple[str, ...] = ()
    #: Whether the lists are written with a dash before each item, as in blocks of YAML.
    has_dashes: bool = False
    #: How ``${`` is written in the text that is changed, where Terraform or Fn::Sub fills in such; empty elsewhere.
    literal: str = ""
    #: Whether what is changed is JSON in a text in quotes, where each quotation mark has a backslash before it.
    is_quoted: bool = False

    @property
    def diff(self) -> tuple[str, ...]:
        """The edits as lines beginning with ``-``, ``+`` or a space."""
        as_json = to_lines(self.edits, has_dashes=self.has_dashes)
        lines = map(whole, to_hcl_lines(self.edits, self.written) if self.written else as_json)
        if self.is_quoted:
            lines = map(in_quotes, lines)
        return tuple(with_policy_variables(line, self.literal) for line in lines) if self.literal else tuple(lines)

    def __str__(self) -> str:
        return "\n".join((whole(self.text), *self.diff))


@printable_repr
class RelatedPlace(NamedTuple):
    """
    Where something stands that a result rests on, besides its own place.
    """

    template: str
    path: Path
    #: What it has to do with the result: a clause, lower-case, without a full stop.
    text: str


@printable_repr
class Undeclared(NamedTuple):
    """
    An account or organization that gets in, and of which nobody has said whose it is.
    """

    #: The array of a boundary that it belongs to, if it is ours: ``accounts`` or ``organizations``.
    table: str
    ident: str
    #: Where it stands in the template; empty for the place of the result.
    path: Path = ()
    #: Whether a test looks at its external id, as at that of third parties.
    passes_external_id: bool = False
    #: The external ids that are written out.
    external_ids: tuple[str, ...] = ()
    #: The template of the run that is deployed to the account; empty where none is.
    template: str = ""


@printable_repr
class Suppression(NamedTuple):
    """
    Why something that is not proved fails nothing.
    """

    #: ``waiver``: somebody has said why it may be; ``baseline``: it was there before anybody looked.
    kind: Literal["waiver", "baseline"]
    reason: str
    #: Who has said so; empty where nobody is named.
    owner: str = ""
    #: The last day, as in ISO 8601; empty where there is none.
    expires: str = ""
    #: Where it is written: a file and, where known, a line.
    source: str = ""

    def __str__(self) -> str:
        until = f" (until {self.expires})" if self.expires else ""
        return whole(f"{self.reason}{f', says {self.owner}' if self.owner else ''}{until}")


@printable_repr
class Milder(NamedTuple):
    """
    What makes a finding milder than it would be: that the role which somebody gets may do little.
    """

    #: The ARN of the role.
    role: Text
    #: How bad it is where the role may do more, and the sentence of `Result.why` that is not so then.
    otherwise: Severity
    why: str


@printable_repr
class Result(NamedTuple):
    """
    The answer of one property for one policy (or for one statement of it).
    """

    property: str
    verdict: Verdict
    severity: Severity
    #: The template as the user named it.
    template: str
    logical_id: str
    resource_type: str
    construct_path: str | None
    account: str | None
    #: What in the template the result is about, from its root.
    path: Path
    #: One sentence: lower-case, without a full stop.
    message: str
    #: A few words for the place that `path` leads to: ``absent key passes here``.
    label: str = ""
    counterexample: Counterexample | None = None
    #: Why the counterexample gets in, a sentence each, in the order a person would check them.
    why: tuple[str, ...] = ()
    #: Why the verdict is unknown and what would resolve it; for a proof, what it rests on.
    reasons: tuple[str, ...] = ()
    remedy: Remedy | None = None
    #: Where proofs are checked again: what the proof consists of, a line each. Empty where there is no proof.
    certificate: tuple[str, ...] = ()
    #: Hexadecimal digits that are the same in every run as long as property, resource and statement are, wherever they
    #: stand; a number tells results apart for which all three are equal. Empty where nobody has given it.
    fingerprint: str = ""
    #: What it was found next to that holds it back or lets more in: Denies, a boundary, who has the policy; a kind and
    #: a digest each.
    around: tuple[str, ...] = ()
    #: The same where resources that it names have moved: by names that stay.
    moved_around: tuple[str, ...] = ()
    #: What its resource is called wherever it goes, where neither `construct_path` nor `logical_id` says that.
    own_name: str = ""
    #: From where in what `path` leads to the value can be reached that lets in; empty for what `path` leads to itself.
    caret: Path = ()
    #: From how far away somebody gets in, or may get in.
    reach: Reach = HARDENING
    #: Of what is unknown since nobody has said whose it is: each account and organization that gets in.
    undeclared: tuple[Undeclared, ...] = ()
    #: Of what is unknown for that reason: an account that is most likely the template's own, by what the policy says of
    #: its resource; empty where it points to none.
    likely_own: str = ""
    #: What it has in common with results at other resources of the template that are closed together; empty where
    #: nothing is.
    cause: str = ""
    #: Of what an identity policy allows: who has the policy and may do it, each as ``role Deploy``.
    holders: tuple[str, ...] = ()
    #: Whether it is unknown since a part of the template cannot be read, whatever the property.
    unread: bool = False
    #: What earlier baselines and waivers may call it by; empty where that is its fingerprint.
    former_fingerprint: str = ""
    #: Hexadecimal digits of what it is about says, by which a baseline knows it again where resources have moved.
    content_digest: str = ""
    #: Why it fails nothing though it is not proved; None where nobody has said so.
    suppression: Suppression | None = None
    related: tuple[RelatedPlace, ...] = ()
    #: Where somebody asks for them: the commands with which the counterexample is reproduced, a line each; what begins
    #: with ``#`` is a remark.
    reproduce: tuple[str, ...] = ()
    #: Of a proof: the parameters at whose default it holds, and may not at another value, with the default.
    at_defaults: tuple[tuple[str, str], ...] = ()
    #: The stack of an assembly that it was found in, where several are made of the template; empty elsewhere.
    stack: str = ""
    #: The remedy as it was tried out, where it is in words since another finding changes the same statement.
    by_itself: Remedy | None = None
    #: What makes it milder, as long as no other input gives the role more; None where nothing does.
    milder: Milder | None = None

    def __bool__(self) -> NoReturn:
        raise TypeError(f"a result is neither true nor false, ask for its verdict: {self.verdict}")


def with_defaults(result: Result, defaults: Iterable[tuple[str, str]]) -> Result:
    """
    A proof that rests on further defaults of parameters.

    Args:
        defaults: the parameters, with the defaults; those of other templates are called with these (``On of s3.yaml``).
    """
    further = tuple(defaults)
    if not further:
        return result
    own = f" of {result.template}"
    if not result.at_defaults and len(dict(further)) == len(further) and not any(n.endswith(own) for n, _ in further):
        # Thousands of proofs may rest on the same hundreds of defaults: they share them.
        return result._replace(at_defaults=further)
    found = dict(result.at_defaults)
    for name, default in further:
        found.setdefault(name.removesuffix(own), default)
    return result._replace(at_defaults=tuple(found.items()))
