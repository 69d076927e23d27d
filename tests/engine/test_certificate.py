"""
Certificates: every proof of the search stands up to the checker, and nothing that is no proof does.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trustproof
from trustproof.config.model import Config
from trustproof.engine import certificate, compiled_policy
from trustproof.engine.certificate import RejectedError, verify
from trustproof.engine.compiled_policy import CompiledPolicy
from trustproof.engine.domains import Values, not_text, text
from trustproof.engine.query import ask
from trustproof.engine.region import AllowedPart, ClosedRegion, Region
from trustproof.engine.request_space import RequestSpace
from trustproof.engine.search import Box, CoveredBy, Empty, Literal, Split, Tree
from trustproof.errors import CertificateError
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.model.document import TRUST, Document
from trustproof.model.policy import Policy
from trustproof.model.request import USER_KEY, USER_SESSION
from trustproof.properties.mfa_required import MfaRequired
from trustproof.proving.answers import Proof
from trustproof.proving.certify import Certifier
from trustproof.proving.outcomes import subject_for
from trustproof.proving.prover import Prover
from trustproof.sets.patterns import ANY_RUN, exact, join

ACCOUNT = "111122223333"
MFA = "aws:MultiFactorAuthPresent"
X, Y = "aws:PrincipalTag/x", "aws:PrincipalTag/y"
#: The records of the callers outside of the account.
OTHERS = not_text(join("arn:", ANY_RUN, f":iam::{ACCOUNT}:", ANY_RUN))
Conditions = Mapping[str, Mapping[str, object]]


def allow(conditions: Conditions | None = None) -> dict[str, object]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": ACCOUNT},
        "Action": "sts:AssumeRole",
        **({"Condition": conditions} if conditions else {}),
    }


def deny(conditions: Conditions | None = None) -> dict[str, object]:
    return {**allow(conditions), "Effect": "Deny", "Principal": "*"}


def policy(*statements: Mapping[str, object]) -> Policy:
    return parse_policy({"Version": "2012-10-17", "Statement": list(statements)}, kind=TRUST)


def identity(*statements: Mapping[str, object]) -> Policy:
    return parse_policy({"Version": "2012-10-17", "Statement": list(statements)}, kind="identity")


KEY = Region(RequestSpace(USER_KEY, "sts:assumerole", "aws"))
SESSION = Region(RequestSpace(USER_SESSION, "sts:assumerole", "aws"))

#: Policies that let no such request in.
TIGHT = {
    "an Allow that asks for MFA": policy(allow({"Bool": {MFA: "true"}})),
    "a Deny that covers": policy(allow(), deny({"BoolIfExists": {MFA: "false"}})),
    "an Allow whose conditions exclude each other": policy(
        allow({"StringEquals": {X: "a"}, "StringLike": {X: ["b*", "c*"]}})
    ),
    "three Denies, no one of which covers": policy(
        allow(), deny({"StringEquals": {X: "a"}}), deny({"StringNotEquals": {X: "a"}})
    ),
    "Denies over two keys": policy(
        allow(),
        deny({"StringEquals": {X: "a", Y: "b"}}),
        deny({"StringNotEquals": {X: "a"}}),
        deny({"StringNotEquals": {Y: "b"}}),
    ),
    "Denies that leave no value": policy(
        allow({"StringLike": {X: "?"}, "Null": {Y: "false"}}),
        deny({"StringEquals": {X: ["a", "b"]}, "StringLike": {Y: "p*"}}),
        deny({"StringNotEquals": {X: ["a", "b"]}}),
        deny({"StringNotLike": {Y: "p*"}}),
    ),
    "a fact: an organization has an id and paths": policy(
        allow({"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}, "Null": {"aws:PrincipalOrgPaths": "true"}})
    ),
    "collections": policy(
        allow({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}}),
        deny({"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}),
        deny({"ForAnyValue:StringNotEquals": {"aws:TagKeys": "a"}}),
    ),
    "dates and addresses": policy(
        allow(
            {
                "DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"},
                "IpAddress": {"aws:SourceIp": "198.51.0.0/16"},
            }
        ),
        deny(
            {
                "DateLessThan": {"aws:CurrentTime": "2031-01-01T00:00:00Z"},
                "IpAddress": {"aws:SourceIp": "198.51.0.0/17"},
            }
        ),
        deny({"NotIpAddress": {"aws:SourceIp": "198.51.0.0/17"}}),
    ),
}
#: Those of them whose proof has nothing to spare: whatever is changed in it, it is a proof no longer.
FRUGAL = (
    "a Deny that covers",
    "three Denies, no one of which covers",
    "Denies over two keys",
    "Denies that leave no value",
)


def prove(found: Policy, region: Region) -> ClosedRegion:
    closed = ask(CompiledPolicy(found), region, 0)
    assert isinstance(closed, ClosedRegion)
    return closed


def stands(closed: ClosedRegion, found: Policy, region: Region) -> bool:
    """Whether the checker believes a certificate for the first statement of a policy."""
    try:
        verify(closed, region, 0, CompiledPolicy(found))
    except RejectedError:
        return False
    return True


def with_tree(closed: ClosedRegion, tree: Tree) -> ClosedRegion:
    (case,) = closed.cases
    return closed._replace(cases=(case._replace(tree=tree),))


def mutants(tree: Tree, numbers: list[int]) -> Iterator[Tree]:
    """Every tree with one leaf flipped, one branch removed, or one Deny named for another."""
    other = [number for number in numbers if not isinstance(tree, Empty) and number != tree.deny]
    if isinstance(tree, Empty):
        yield Empty("resource")
        yield from (CoveredBy(number) for number in numbers)
        return
    if isinstance(tree, CoveredBy):
        yield Empty("resource")
        yield from (CoveredBy(number) for number in other)
        return
    yield from (tree._replace(deny=number) for number in other)
    for place, (number, branch) in enumerate(tree.branches):
        before, after = tree.branches[:place], tree.branches[place + 1 :]
        yield tree._replace(branches=(*before, *after))
        yield from (tree._replace(branches=(*before, (number, one), *after)) for one in mutants(branch, numbers))
    yield from (tree._replace(rest=one) for one in mutants(tree.rest, numbers))


class TestProofsStand:
    """What the search closes, the checker believes."""

    @pytest.mark.parametrize("region", [KEY, SESSION], ids=["key", "session"])
    @pytest.mark.parametrize("name", TIGHT)
    def test_a_proof_of_the_search_stands(self, name: str, region: Region) -> None:
        """The certificate of every kind of proof is accepted, for a policy that is compiled anew."""
        verify(prove(TIGHT[name], region), region, 0, CompiledPolicy(TIGHT[name]))

    def test_the_table_has_every_kind_of_node(self) -> None:
        """The proofs above do branch."""
        trees = [prove(found, KEY).cases[0].tree for found in TIGHT.values()]
        assert {type(tree) for tree in trees} == {Empty, CoveredBy, Split}

    def test_a_permissions_boundary_is_proved_statement_by_statement(self) -> None:
        """There is one case for each Allow statement of the boundary, and each is needed."""
        held = CompiledPolicy(identity({"Effect": "Allow", "Action": "*", "Resource": "*"}))
        reading = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
        listing = {**reading, "Action": "s3:List*", "Condition": {"StringEquals": {X: "a"}}}
        permissions_boundary = CompiledPolicy(identity(reading, listing, {**listing, "Effect": "Deny"}))
        region = Region(RequestSpace(USER_KEY, "s3:listbucket", "aws"))
        closed = ask(held, region, 0, permissions_boundary=permissions_boundary)
        assert isinstance(closed, ClosedRegion)
        verify(closed, region, 0, held, permissions_boundary=permissions_boundary)
        assert len(closed.cases) == 2
        for cases in (closed.cases[:1], closed.cases[1:], (), closed.cases[::-1]):
            with pytest.raises(RejectedError, match="Allow statements"):
                verify(closed._replace(cases=cases), region, 0, held, permissions_boundary=permissions_boundary)

    @pytest.mark.parametrize("for_whom", [(), (("caller", OTHERS),)], ids=["denied", "callers"])
    def test_what_a_further_action_needs_is_proved_of_the_statements_for_the_same_callers(
        self, for_whom: tuple[tuple[str, Values], ...]
    ) -> None:
        """Statements for other accounts say nothing of who passes tags; if no other does, there is nothing to show."""
        tagging = {**allow(), "Action": "sts:TagSession"}
        other = {**tagging, "Principal": {"AWS": "222233334444"}}
        found = policy(allow(), tagging, other, {**deny(), "Action": "sts:TagSession"})
        region = KEY._replace(constraints=for_whom, also=(KEY.space.for_action("sts:tagsession"),))
        closed = prove(found, region)
        assert len(closed.cases) == 1
        assert stands(closed, found, region)
        assert not stands(closed._replace(cases=()), found, region)
        assert prove(policy(allow(), other), region).cases == ()

    def test_a_boundary_that_allows_nothing_needs_no_proof(self) -> None:
        """Without an Allow in the boundary there is nothing to show."""
        held = CompiledPolicy(identity({"Effect": "Allow", "Action": "*", "Resource": "*"}))
        permissions_boundary = CompiledPolicy(identity({"Effect": "Deny", "Action": "iam:*", "Resource": "*"}))
        closed = ask(held, KEY, 0, permissions_boundary=permissions_boundary)
        assert isinstance(closed, ClosedRegion)
        verify(closed, KEY, 0, held, permissions_boundary=permissions_boundary)
        with pytest.raises(RejectedError):
            verify(closed, KEY, 0, held)

    def test_what_a_region_is_restricted_to_counts(self) -> None:
        """A proof may use the constraints of its region, and holds for no wider one."""
        region = KEY._replace(constraints=(("caller", OTHERS),))
        found = policy(allow())
        closed = prove(found, region)
        assert stands(closed, found, region)
        assert not stands(closed, found, KEY)

    def test_what_a_region_leaves_out_may_be_named(self) -> None:
        """A box that the region leaves out counts as a Deny, and only for that region."""
        spared = Box((Literal("action", text(exact("sts:assumerole")), text(), "Action"),), "spared")
        region = KEY._replace(without=(spared,))
        found = policy(allow())
        closed = prove(found, region)
        assert stands(closed, found, region)
        assert not stands(closed, found, KEY)


class TestWhatIsNoProof:
    """A certificate that was tampered with, or that belongs elsewhere, is rejected."""

    @pytest.mark.parametrize("name", FRUGAL)
    def test_a_changed_tree_is_rejected(self, name: str) -> None:
        """A leaf flipped, a branch removed, a Deny named for another: none of it passes."""
        closed = prove(TIGHT[name], KEY)
        (case,) = closed.cases
        changed = list(mutants(case.tree, [*case.denies, 99]))
        assert changed
        assert [tree for tree in changed if stands(with_tree(closed, tree), TIGHT[name], KEY)] == []

    @pytest.mark.parametrize("name", TIGHT)
    def test_a_proof_for_another_policy_is_rejected(self, name: str) -> None:
        """A policy that lets the request in is not proved by the certificate of one that does not."""
        assert not stands(prove(TIGHT[name], KEY), policy(allow()), KEY)

    @pytest.mark.parametrize(
        "found",
        [
            policy(allow(), {**deny(), "Action": "sts:TagSession"}),
            policy(allow(), deny({"StringEquals": {X: "a"}})),
            policy(allow(), deny({"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}})),
            policy(allow({"Null": {"aws:SourceIp": "false"}}), deny({"IpAddress": {"aws:SourceIp": "198.51.0.0/16"}})),
            policy(allow({"Null": {"aws:TagKeys": "false"}}), deny({"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}})),
        ],
        ids=["action", "string", "date", "address", "collection"],
    )
    def test_a_deny_that_can_be_escaped_covers_nothing(self, found: Policy) -> None:
        """A leaf that says that a Deny covers is believed only where each of its conditions must hold."""
        assert isinstance(ask(CompiledPolicy(found), KEY, 0), AllowedPart)
        closed = prove(TIGHT["a Deny that covers"], KEY)
        denies = dict(enumerate(shape.box for shape in CompiledPolicy(found).denies(KEY.space)))
        forged = closed.cases[0]._replace(tree=CoveredBy(0), denies=denies)
        assert denies
        assert not stands(closed._replace(cases=(forged,)), found, KEY)

    def test_a_proof_for_another_region_is_rejected(self) -> None:
        """Which region a certificate says it is for does not count."""
        found = policy(allow(), deny({"Null": {MFA: "true"}}))
        closed = prove(found, KEY)
        assert stands(closed, found, KEY)
        assert not stands(closed, found, SESSION)

    def test_a_statement_for_the_same_callers_is_not_left_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """That two statements are for different callers, the checker decides itself."""
        found = policy(allow(), {**allow(), "Action": "sts:TagSession"})
        region = KEY._replace(also=(KEY.space.for_action("sts:tagsession"),))
        assert isinstance(ask(CompiledPolicy(found), region, 0), AllowedPart)
        starts = iter("ab" * 8)
        monkeypatch.setattr(compiled_policy, "beginning_of_callers", lambda _: next(starts))
        closed = prove(found, region)
        assert closed.cases == ()
        assert not stands(closed, found, region)

    def test_a_deny_that_no_policy_has_is_rejected(self) -> None:
        """A certificate cannot bring its own Deny."""
        found = TIGHT["a Deny that covers"]
        closed = prove(found, KEY)
        (case,) = closed.cases
        wider = {number: box._replace(literals=()) for number, box in case.denies.items()}
        assert not stands(closed._replace(cases=(case._replace(denies=wider),)), found, KEY)

    def test_impossible_template_conditions_must_be_impossible(self) -> None:
        """A box that is neither a Deny nor a fact counts only where no deployment has a request in it."""
        found = policy(allow())
        region = KEY._replace(without=(Box((), "everything"),))
        closed = prove(found, region)
        verify(closed, KEY, 0, CompiledPolicy(found), excluded=lambda box: box.label == "everything")
        assert not stands(closed, found, KEY)


KEYS = (X, Y, "aws:PrincipalTag/z")
CONDITIONS = st.dictionaries(
    st.sampled_from(["StringEquals", "StringNotEquals", "StringEqualsIfExists", "Null"]),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["a", "b", ["a", "b"]]), min_size=1, max_size=2),
    min_size=1,
    max_size=2,
).map(
    lambda found: {
        operator: dict.fromkeys(keys, "true") if operator == "Null" else keys for operator, keys in found.items()
    }
)
POLICIES = st.builds(
    lambda first, denied: policy(allow(first), *map(deny, denied)),
    st.none() | CONDITIONS,
    st.lists(CONDITIONS, max_size=6),
)
DIMENSIONS = st.sampled_from(["caller", "action", "resource", *(f"key:{key.lower()}" for key in KEYS)])
TREES: st.SearchStrategy[Tree] = st.recursive(
    st.builds(Empty, DIMENSIONS) | st.builds(CoveredBy, st.integers(0, 6)),
    lambda inner: st.builds(
        Split,
        st.integers(0, 6),
        st.lists(st.tuples(st.integers(0, 3), inner), max_size=3).map(tuple),
        inner,
    ),
    max_leaves=8,
)


class TestLaws:
    """The same for policies that nobody chose."""

    @given(POLICIES)
    def test_the_search_and_the_checker_agree(self, found: Policy) -> None:
        """Whatever the search closes is accepted."""
        closed = ask(CompiledPolicy(found), KEY, 0)
        if isinstance(closed, ClosedRegion):
            verify(closed, KEY, 0, CompiledPolicy(found))

    @given(POLICIES, TREES)
    def test_no_tree_proves_what_is_not_so(self, found: Policy, tree: Tree) -> None:
        """Where the search has found a request, no tree at all is a proof."""
        answer = ask(CompiledPolicy(found), KEY, 0)
        if isinstance(answer, AllowedPart):
            denies = dict(enumerate(shape.box for shape in CompiledPolicy(found).denies(KEY.space)))
            certificate = prove(TIGHT["a Deny that covers"], KEY)
            (case,) = certificate.cases
            forged = certificate._replace(cases=(case._replace(tree=tree, denies=denies),))
            assert not stands(forged, found, KEY)

    @given(POLICIES, st.data())
    def test_a_proof_does_not_outlive_the_deny_it_needs(self, found: Policy, data: st.DataObject) -> None:
        """Without a Deny that mattered, neither the proof nor any one change of it is accepted."""
        closed = ask(CompiledPolicy(found), KEY, 0)
        if isinstance(closed, AllowedPart) or len(found.statements) == 1:
            return
        dropped = data.draw(st.integers(1, len(found.statements) - 1))
        kept = tuple(s for number, s in enumerate(found.statements) if number != dropped)
        weaker = found._replace(statements=kept)
        if isinstance(ask(CompiledPolicy(weaker), KEY, 0), AllowedPart):
            (case,) = closed.cases
            assert not stands(closed, weaker, KEY)
            changed = mutants(case.tree, list(case.denies))
            assert not any(stands(with_tree(closed, tree), weaker, KEY) for tree in changed)


class TestCoverage:
    """A proof of a property has a certificate for every question."""

    @staticmethod
    def certifier(found: Policy) -> tuple[Certifier, tuple[ClosedRegion, ...]]:
        document = Document(TRUST, found, "Deployer", "AWS::IAM::Role", ())
        subject = subject_for(document, ACCOUNT, "aws", Config())
        proof = Prover(subject, MfaRequired().inquiry).settle(0)
        assert isinstance(proof, Proof)
        return Certifier(subject, MfaRequired().inquiry, None), proof.closed

    def test_a_proof_says_what_it_consists_of(self) -> None:
        """The certificate names the statement, what stops it, and whom."""
        certifier, closed = self.certifier(TIGHT["a Deny that covers"])
        (line,) = certifier.certify(0, None, closed)
        assert line == (
            "Allow statement 1: denied by Deny statement 2 "
            "(IAM user, long-term access key, no MFA; IAM user, session token obtained without MFA)"
        )

    @pytest.mark.parametrize("keep", [slice(0, 0), slice(0, 1), slice(1, 2)], ids=["none", "first", "second"])
    def test_every_region_needs_its_own(self, keep: slice) -> None:
        """A certificate less than there are regions is no proof."""
        certifier, closed = self.certifier(TIGHT["an Allow that asks for MFA"])
        with pytest.raises(CertificateError, match=r"mfa-required for Deployer does not hold: .*; please report it"):
            certifier.certify(0, None, closed[keep])

    def test_the_order_is_that_of_the_questions(self) -> None:
        """A certificate for another region does not do, even where as many are there as are needed."""
        found = policy(allow(), deny({"Null": {MFA: "true"}}), deny({"Bool": {MFA: "false"}}))
        certifier, closed = self.certifier(found)
        certifier.certify(0, None, closed)
        with pytest.raises(CertificateError):
            certifier.certify(0, None, closed[::-1])

    def test_template_conditions_are_asked_about_again(self, tmp_path: Path) -> None:
        """A proof that rests on conditions of the template that exclude each other is accepted."""
        trusting = {"Fn::If": ["Open", allow(), allow({"Bool": {MFA: "true"}})]}
        denying = {"Fn::If": ["Closed", deny(), deny({"StringEquals": {X: "a"}})]}
        role = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trusting, denying]},
            },
        }
        stage = [{"Ref": "Stage"}, "dev"]
        template = {
            "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}},
            "Conditions": {"Open": {"Fn::Equals": stage}, "Closed": {"Fn::Equals": stage[::-1]}},
            "Resources": {"Deployer": role},
        }
        (tmp_path / "template.json").write_text(json.dumps(template))
        report = trustproof.check([str(tmp_path / "template.json")], properties=["mfa-required"], certify=True)
        (found,) = report.results
        assert (found.verdict, report.certified) == (trustproof.PROVED, 1)
        assert any("since conditions of the template exclude each other" in line for line in found.certificate)


def test_the_checker_does_not_search() -> None:
    """From the search the checker takes the shapes of its data, and none of its functions."""
    tree = ast.parse(Path(certificate.__file__).read_text(encoding="utf-8"))
    taken = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module == "trustproof.engine.search"]
    assert {alias.name for node in taken for alias in node.names} <= {"Box", "CoveredBy", "Empty", "Split", "Tree"}
