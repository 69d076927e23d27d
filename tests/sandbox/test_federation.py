"""
Tokens and assertions: signed by whom, for whom, until when.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from lxml import etree

from tests.sandbox.cast import HOME, OTHER, Cast, allow, refusal, trust
from trustproof.sandbox.credentials.issuers import AssertionRequest, TokenRequest

ISSUER = "https://token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{HOME}:oidc-provider/token.actions.githubusercontent.com"
SUBJECT = "repo:acme/shop:environment:production"
GOOD = TokenRequest(ISSUER, "sts.amazonaws.com", SUBJECT, {})
#: What IAM wants of every trust policy for this issuer.
OF_ACME = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}}
SAML_PROVIDER = f"arn:aws:iam::{HOME}:saml-provider/corp"


@pytest.fixture(scope="module")
def web_role(cast: Cast) -> str:
    cast.iam().create_open_id_connect_provider(
        Url=ISSUER, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
    )
    condition = {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": SUBJECT,
        }
    }
    action = "sts:AssumeRoleWithWebIdentity"
    return cast.role(trust({"Federated": PROVIDER}, action, Condition=condition), may=[allow("s3:*")])


def unsigned(cast: Cast) -> Any:
    return cast.aws.client("sts", config=Config(signature_version=UNSIGNED))


def enter(cast: Cast, role: str, token: str) -> Any:
    return unsigned(cast).assume_role_with_web_identity(RoleArn=role, RoleSessionName="ci", WebIdentityToken=token)


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "ES256", "ES384", "ES512"])
def test_a_good_token_gets_in(cast: Cast, web_role: str, algorithm: str) -> None:
    """A token of the deployed issuer, for its audience and the trusted subject, opens a session."""
    answer = enter(cast, web_role, cast.aws.token(replace(GOOD, algorithm=algorithm)))
    assert (answer["Provider"], answer["Audience"], answer["SubjectFromWebIdentityToken"]) == (
        PROVIDER,
        "sts.amazonaws.com",
        SUBJECT,
    )
    assert cast.aws.client("s3", answer["Credentials"]).list_buckets()


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (replace(GOOD, expires_in=-600), "ExpiredTokenException"),
        (replace(GOOD, algorithm="none"), "InvalidIdentityToken"),
        (replace(GOOD, bad_signature=True), "InvalidIdentityToken"),
        (replace(GOOD, audience="other"), "InvalidIdentityToken"),
        (replace(GOOD, subject="repo:evil/shop:environment:production"), "AccessDenied"),
        (replace(GOOD, claims={"nbf": 32_000_000_000}), "InvalidIdentityToken"),
        (replace(GOOD, claims={"iss": "https://evil.example.com"}), "InvalidIdentityToken"),
    ],
    ids=["expired", "none", "other-key", "audience", "subject", "not-yet", "issuer"],
)
def test_other_tokens_stay_out(cast: Cast, web_role: str, wanted: TokenRequest, code: str) -> None:
    """Each thing that can be wrong with a token keeps it out."""
    assert refusal(lambda: enter(cast, web_role, cast.aws.token(wanted)))[0] == code


def test_a_provider_of_another_account_is_none(cast: Cast, web_role: str) -> None:
    """An issuer has to be registered in the account of the role."""
    role = cast.role(trust({"Federated": PROVIDER}, "sts:AssumeRoleWithWebIdentity", Condition=OF_ACME), account=OTHER)
    assert refusal(lambda: enter(cast, role, cast.aws.token(GOOD)))[0] == "InvalidIdentityToken"


def test_a_slash_at_the_end_of_an_issuer_is_a_part_of_it(cast: Cast) -> None:
    """Entra ID and Auth0 call themselves so, and IAM keeps it in the ARN and in the condition keys."""
    host = "sts.windows.net/11111111-2222-3333-4444-555555555555/"
    cast.iam().create_open_id_connect_provider(Url=f"https://{host}", ClientIDList=["api://AWS"])
    condition = {"StringEquals": {f"{host}:aud": "api://AWS", f"{host}:sub": "somebody"}}
    provider = f"arn:aws:iam::{HOME}:oidc-provider/{host}"
    role = cast.role(trust({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", Condition=condition))
    wanted = TokenRequest(f"https://{host}", "api://AWS", "somebody", {})
    assert enter(cast, role, cast.aws.token(wanted))["Provider"] == provider
    assert refusal(lambda: enter(cast, role, cast.aws.token(replace(wanted, subject="else"))))[0] == "AccessDenied"
    other = cast.aws.token(replace(wanted, issuer=f"https://{host}".rstrip("/")))
    assert refusal(lambda: enter(cast, role, other))[0] == "InvalidIdentityToken"


TAGS = "https://aws.amazon.com/tags"
TRANSITIVE = f"{TAGS}/transitive_tag_keys"
NESTED = {TAGS: {"principal_tags": {"team": ["red"], "Site": "north"}, "transitive_tag_keys": ["team"]}}
FLAT = {f"{TAGS}/principal_tags/team": "red", f"{TAGS}/principal_tags/Site": ["north"], TRANSITIVE: ["team"]}


@pytest.mark.parametrize("claims", [NESTED, FLAT, {**FLAT, TRANSITIVE: "team"}], ids=["nested", "flat", "text"])
def test_tags_of_tokens(cast: Cast, web_role: str, claims: dict[str, Any]) -> None:
    """Tags in a token, in one claim or in one for each, need sts:TagSession, stand on the session and may go on."""
    tagged = [
        allow(["sts:AssumeRole", "sts:TagSession"], Condition={"StringEquals": {"aws:PrincipalTag/site": "north"}})
    ]
    action = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
    going_on = {"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": "team"}}
    condition = {"StringEquals": {"aws:RequestTag/team": "red"}, **going_on, **OF_ACME}
    role = cast.role(trust({"Federated": PROVIDER}, action, Condition=condition), may=tagged)
    token = cast.aws.token(replace(GOOD, claims=claims))
    assert refusal(lambda: enter(cast, web_role, token))[0] == "AccessDenied"
    session = enter(cast, role, token)["Credentials"]
    of_team = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    both = ["sts:AssumeRole", "sts:TagSession"]
    assert cast.assume(session, cast.role(trust({"AWS": role}, both, Condition=of_team)))
    assert refusal(lambda: enter(cast, role, cast.aws.token(GOOD)))[0] == "AccessDenied"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({**NESTED, **FLAT}, "NotImplemented"),
        ({TAGS: {"principal_tags": {"team": ["red", "blue"]}}}, "InvalidIdentityToken"),
        ({f"{TAGS}/principal_tags/team": {}}, "InvalidIdentityToken"),
        ({f"{TAGS}/principal_tags/team": "red", TRANSITIVE: 1}, "InvalidIdentityToken"),
    ],
)
def test_tags_that_cannot_be_read(cast: Cast, web_role: str, claims: dict[str, Any], code: str) -> None:
    """Tags of tokens are read as they are documented, or not at all."""
    assert refusal(lambda: enter(cast, web_role, cast.aws.token(replace(GOOD, claims=claims))))[0] == code


def test_roles_of_tokens(cast: Cast, web_role: str) -> None:
    """A token that says for which roles it is opens no other; a trust policy may ask for one that says so."""
    claim = "https://aws.amazon.com/roles"
    action = "sts:AssumeRoleWithWebIdentity"
    condition = {"Bool": {"sts:RoleAuthorizedByIdp": "true"}, **OF_ACME}
    asking = cast.role(trust({"Federated": PROVIDER}, action, Condition=condition))

    def code(role: str, roles: Any) -> str:
        token = cast.aws.token(replace(GOOD, claims={} if roles is None else {claim: roles}))
        try:
            enter(cast, role, token)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "in"

    assert [code(web_role, one) for one in (None, web_role, [asking, web_role], f"{asking};{web_role}")] == ["in"] * 4
    assert [code(asking, one) for one in (None, asking, [asking])] == ["AccessDenied", "in", "in"]
    others = (asking, [asking], f"{web_role}s", web_role.replace("role/role", "role/*"))
    assert {code(web_role, one) for one in others} == {"InvalidIdentityToken"}
    assert {code(web_role, one) for one in ([], "", 1, [web_role, 1])} == {"NotImplemented"}


@pytest.mark.parametrize(("claims", "aud"), [({}, "sts.amazonaws.com"), ({"azp": "sts.amazonaws.com"}, "app")])
def test_the_audience_of_the_token_itself(cast: Cast, web_role: str, claims: dict[str, Any], aud: str) -> None:
    """`oaud` is the audience of the token, also where another claim is the one that counts."""
    condition = {"StringEquals": {"token.actions.githubusercontent.com:oaud": aud}, **OF_ACME}
    role = cast.role(trust({"Federated": PROVIDER}, "sts:AssumeRoleWithWebIdentity", Condition=condition))
    assert enter(cast, role, cast.aws.token(replace(GOOD, audience=aud, claims=claims)))


@pytest.mark.parametrize(
    ("host", "condition", "code"),
    [
        ("token.actions.githubusercontent.com", {}, "MalformedPolicyDocument"),
        ("token.actions.githubusercontent.com", {"StringEquals": {"{}:aud": "a"}}, "MalformedPolicyDocument"),
        ("token.actions.githubusercontent.com", {"StringLike": {"{}:sub": "*"}}, "MalformedPolicyDocument"),
        ("token.actions.githubusercontent.com", {"StringLike": {"{}:sub": ["*", "repo:a"]}}, "MalformedPolicyDocument"),
        ("token.actions.githubusercontent.com", {"StringNotEquals": {"{}:sub": "repo:a"}}, "MalformedPolicyDocument"),
        ("token.actions.githubusercontent.com", {"Null": {"{}:sub": "false"}}, "MalformedPolicyDocument"),
        ("token.actions.githubusercontent.com", {"ForAnyValue:StringLike": {"{}:sub": "repo:a"}}, "NotImplemented"),
        ("token.actions.githubusercontent.com", {"StringLikeIfExists": {"{}:sub": "repo:a"}}, "NotImplemented"),
        ("token.actions.githubusercontent.com", {"StringLike": {"{}:sub": ["repo:a", "*"]}}, ""),
        ("token.actions.githubusercontent.com", {"StringEqualsIgnoreCase": {"{}:sub": "repo:a"}}, ""),
        ("token.actions.githubusercontent.com", {"StringLike": {"{}:job_workflow_ref": "acme/*"}}, ""),
        ("token.actions.githubusercontent.com/acme", {}, "MalformedPolicyDocument"),
        (
            "token.actions.githubusercontent.com",
            {"ForAllValues:StringLike": {"{}:sub": "*"}},
            "MalformedPolicyDocument",
        ),
        ("gitlab.com", {"StringEquals": {"{}:aud": "a"}}, "MalformedPolicyDocument"),
        ("gitlab.com", {"StringLike": {"{}:sub": "project_path:acme/*"}}, ""),
        ("app.terraform.io", {"StringEquals": {"{}:aud": "a"}}, "MalformedPolicyDocument"),
        ("oidc.vercel.com", {"StringLike": {"{}:sub": "owner:acme"}}, "MalformedPolicyDocument"),
        ("oidc.vercel.com", {"StringEquals": {"{}:aud": "https://vercel.com/acme"}}, ""),
        ("gitlab.acme.example", {}, ""),
    ],
)
def test_the_claim_that_a_shared_issuer_must_be_asked_for(cast: Cast, host: str, condition: Any, code: str) -> None:
    """IAM refuses to trust everybody who shares an issuer, in the words that are reported of it."""
    named = {operator: {key.format(host): value for key, value in keys.items()} for operator, keys in condition.items()}
    more = {"Condition": named} if named else {}
    provider = f"arn:aws:iam::{HOME}:oidc-provider/{host}"
    document = trust({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", **more)
    if not code:
        assert cast.role(document)
        return
    found, message = refusal(lambda: cast.role(document))
    assert found == code
    if code == "MalformedPolicyDocument":
        assert f"Trust policy with trusted principal {provider} must evaluate, using StringEquals, " in message
        assert message.endswith("which is not scoped to all.")


@pytest.mark.parametrize(
    ("subject", "code"),
    [(None, "InvalidIdentityToken"), ("", "InvalidIdentityToken"), (7, "NotImplemented"), (["a"], "NotImplemented")],
)
def test_a_token_of_nobody(cast: Cast, web_role: str, subject: Any, code: str) -> None:
    """A token without a subject is none, also for a role that does not look at it."""
    wanted = replace(GOOD, claims={**GOOD.claims, "sub": subject})
    assert refusal(lambda: enter(cast, web_role, cast.aws.token(wanted)))[0] == code


FACEBOOK = "graph.facebook.com"
ACCESS = TokenRequest(f"https://{FACEBOOK}", "123456789", "10200", {})


@pytest.fixture(scope="module")
def facebook_role(cast: Cast) -> str:
    condition = {"StringEquals": {f"{FACEBOOK}:app_id": "123456789"}}
    return cast.role(trust({"Federated": FACEBOOK}, "sts:AssumeRoleWithWebIdentity", Condition=condition))


def show(cast: Cast, role: str, token: str, host: str = FACEBOOK) -> Any:
    given = {"RoleArn": role, "RoleSessionName": "ann", "WebIdentityToken": token, "ProviderId": host}
    return unsigned(cast).assume_role_with_web_identity(**given)


def test_an_access_token_gets_in(cast: Cast, facebook_role: str) -> None:
    """STS asks Facebook for which app it is, and of whom."""
    answer = show(cast, facebook_role, cast.aws.token(ACCESS))
    assert [answer[name] for name in ("Provider", "Audience", "SubjectFromWebIdentityToken")] == [
        FACEBOOK,
        "123456789",
        "10200",
    ]


@pytest.mark.parametrize(
    ("wanted", "host", "code"),
    [
        (replace(ACCESS, audience="987654321"), FACEBOOK, "AccessDenied"),
        (replace(ACCESS, expires_in=-1), FACEBOOK, "ExpiredTokenException"),
        (replace(ACCESS, bad_signature=True), FACEBOOK, "InvalidIdentityToken"),
        (ACCESS, "www.amazon.com", "InvalidIdentityToken"),
        (ACCESS, "accounts.google.com", "NotImplemented"),
    ],
)
def test_other_access_tokens_stay_out(
    cast: Cast, facebook_role: str, wanted: TokenRequest, host: str, code: str
) -> None:
    """Those of another app, of yesterday, that Facebook does not know, and that are shown as somebody else's."""
    assert refusal(lambda: show(cast, facebook_role, cast.aws.token(wanted), host))[0] == code


def test_what_an_access_token_may_have_is_not_known(cast: Cast) -> None:
    """A subject is not documented of access tokens: it is neither taken to be there nor to be absent."""
    condition = {"StringNotEquals": {f"{FACEBOOK}:sub": "10201"}, "StringEquals": {f"{FACEBOOK}:app_id": "123456789"}}
    role = cast.role(trust({"Federated": FACEBOOK}, "sts:AssumeRoleWithWebIdentity", Condition=condition))
    assert refusal(lambda: show(cast, role, cast.aws.token(ACCESS)))[0] == "NotImplemented"


def test_what_is_no_token(cast: Cast, web_role: str) -> None:
    """Text that is no token is refused, and not repeated."""
    code, message = refusal(lambda: enter(cast, web_role, "canary.canary.canary"))
    assert code == "InvalidIdentityToken"
    assert "canary" not in message


@pytest.fixture(scope="module")
def saml_role(cast: Cast) -> str:
    cast.iam().create_saml_provider(Name="corp", SAMLMetadataDocument=cast.aws.new_provider("corp"))
    cast.aws.new_provider("other")
    condition = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
    return cast.role(
        trust({"Federated": SAML_PROVIDER}, ["sts:AssumeRoleWithSAML", "sts:TagSession"], Condition=condition),
        may=[allow("s3:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}})],
    )


def response(role_arn: str, **changes: Any) -> AssertionRequest:
    return replace(AssertionRequest("corp", role_arn, SAML_PROVIDER, "ann"), **changes)


def present(cast: Cast, role: str, assertion: str, provider: str = SAML_PROVIDER) -> Any:
    return unsigned(cast).assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=assertion)


def test_a_good_assertion_gets_in(cast: Cast, saml_role: str) -> None:
    """A signed assertion of the deployed provider opens a session with its tags."""
    tags = {"https://aws.amazon.com/SAML/Attributes/PrincipalTag:team": ["a"]}
    answer = present(cast, saml_role, cast.aws.assertion(response(saml_role, attributes=tags)))
    assert answer["AssumedRoleUser"]["Arn"].endswith("/ann")
    assert (answer["Subject"], answer["SubjectType"]) == ("ann", "persistent")
    assert cast.aws.client("s3", answer["Credentials"]).list_buckets()
    answer = present(cast, saml_role, cast.aws.assertion(response(saml_role)))
    assert refusal(cast.aws.client("s3", answer["Credentials"]).list_buckets)[0] == "AccessDenied"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"tampered": True}, "InvalidIdentityToken"),
        ({"expires_in": -600}, "ExpiredTokenException"),
        ({"provider": "other"}, "InvalidIdentityToken"),
        ({"recipient": "https://evil.example.com/saml"}, "AccessDenied"),
        ({"role": f"arn:aws:iam::{HOME}:role/other"}, "AccessDenied"),
    ],
    ids=["tampered", "expired", "other-key", "recipient", "other-role"],
)
def test_other_assertions_stay_out(cast: Cast, saml_role: str, changes: dict[str, Any], code: str) -> None:
    """Each thing that can be wrong with an assertion keeps it out."""
    assertion = cast.aws.assertion(response(saml_role, **changes))
    assert refusal(lambda: present(cast, saml_role, assertion))[0] == code


SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"


def wrapped_beside(root: Any) -> None:
    """An unsigned copy that names somebody else, in front of the signed assertion."""
    signed = root.find(f"{SAML}Assertion")
    evil = etree.fromstring(etree.tostring(signed))
    evil.set("ID", "_evil")
    evil.find("{http://www.w3.org/2000/09/xmldsig#}Signature").getparent().remove(
        evil.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    )
    evil.find(f"{SAML}Subject/{SAML}NameID").text = "mallory"
    root.insert(list(root).index(signed), evil)


def wrapped_inside(root: Any) -> None:
    """The signed assertion within an unsigned one that has its signature."""
    signed = root.find(f"{SAML}Assertion")
    root.remove(signed)
    evil = etree.fromstring(etree.tostring(signed))
    evil.set("ID", "_evil")
    evil.find(f"{SAML}Subject/{SAML}NameID").text = "mallory"
    evil.append(signed)
    root.append(evil)


def same_id(root: Any) -> None:
    """Two assertions with the id that is signed."""
    signed = root.find(f"{SAML}Assertion")
    evil = etree.fromstring(etree.tostring(signed))
    evil.find(f"{SAML}Subject/{SAML}NameID").text = "mallory"
    root.insert(0, evil)


@pytest.mark.parametrize("wrap", [wrapped_beside, wrapped_inside, same_id])
def test_signature_wrapping(cast: Cast, saml_role: str, wrap: Callable[[Any], None]) -> None:
    """Only what is signed is read, and nothing may stand beside it: nobody becomes somebody else."""
    root = etree.fromstring(base64.b64decode(cast.aws.assertion(response(saml_role))))
    wrap(root)
    assertion = base64.b64encode(etree.tostring(root)).decode()
    code, _ = refusal(lambda: present(cast, saml_role, assertion))
    assert code in ("InvalidIdentityToken", "NotImplemented")


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("status:Success", "status:Responder", "Status"),
        ('<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>', "", "Status"),
        ('Version="2.0"', 'Version="1.1"', "Version"),
        ('Destination="', 'Destination="https://evil.example.com/?', "Destination"),
        ("</saml:Issuer>", "/other</saml:Issuer>", "Issuer"),
    ],
)
def test_responses_that_are_not_as_saml_has_them(
    cast: Cast, saml_role: str, written: str, instead: str, said: str
) -> None:
    """The assertion is good; what AWS does with what stands around it is not documented."""
    document = base64.b64decode(cast.aws.assertion(response(saml_role))).decode()
    assert written in document
    assertion = base64.b64encode(document.replace(written, instead, 1).encode()).decode()
    code, message = refusal(lambda: present(cast, saml_role, assertion))
    assert (code, said in message) == ("NotImplemented", True)


def test_no_entities(cast: Cast, saml_role: str) -> None:
    """A document type, and with it every entity, is refused."""
    document = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    assertion = base64.b64encode(document).decode()
    assert refusal(lambda: present(cast, saml_role, assertion))[0] == "InvalidIdentityToken"


def test_times_that_are_no_numbers(cast: Cast, web_role: str) -> None:
    """A time that a token has as a text is told from one that is missing."""
    for value, said in (("4000000000", "The claim iat is no time in seconds"), (None, "Missing a required claim: iat")):
        wanted = replace(GOOD, claims={"iat": value})
        code, message = refusal(lambda wanted=wanted: enter(cast, web_role, cast.aws.token(wanted)))  # type: ignore[misc]
        assert (code, said in message) == ("InvalidIdentityToken", True)


@pytest.mark.parametrize(
    ("claims", "answer"),
    [
        ({"google": {"organization_number": 123}}, ""),
        ({"google:organization_number": "123"}, ""),
        ({"google": {"organization_number": 123}, "google:organization_number": 123}, ""),
        ({"google": {"organization_number": 124}}, "AccessDenied"),
        ({"google/organization_number": 123}, "AccessDenied"),
        ({"google": "123"}, "AccessDenied"),
        ({"google": {"organization_number": 123}, "google:organization_number": 124}, "NotImplemented"),
    ],
)
def test_the_organization_of_google(cast: Cast, claims: dict[str, Any], answer: str) -> None:
    """The number of an organization of Google is read from the claim that tokens have it in."""
    condition = {
        "StringEquals": {"accounts.google.com:aud": "client"},
        "NumericEquals": {"accounts.google.com:google/organization_number": "123"},
    }
    role = cast.role(trust({"Federated": "accounts.google.com"}, "sts:AssumeRoleWithWebIdentity", Condition=condition))
    token = cast.aws.token(TokenRequest("https://accounts.google.com", "client", "s", claims))
    if answer:
        assert refusal(lambda: enter(cast, role, token))[0] == answer
    else:
        assert enter(cast, role, token)["Credentials"]
