"""
What decides besides the policies of resources: control policies, providers, public access, groups, tags, stack sets.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from trustproof.live.account import Identity, LiveAccount, StackFacts
from trustproof.live.check import AccountCheck, Finding
from trustproof.live.errors import CannotCheck
from trustproof.live.policy_comparison import DIFFERS, SAME, UNKNOWN, Comparison
from trustproof.sandbox.cloudformation.template import read_before_deployment, read_template

HOME, OTHER, REGION = "111122223333", "222233334444", "eu-central-1"
STACK = f"arn:aws:cloudformation:{REGION}:{HOME}:stack/app/id"


class Account(LiveAccount):
    """An account of which all that is asked is told beforehand; an answer that is text is the code of an error."""

    def __init__(self, answers: dict[str, Any], **identities: Identity) -> None:
        self._answers = {xform_name(name): value for name, value in answers.items()}
        self.identities = {(one.kind, name): one for name, one in identities.items()}
        self.managed_policies: dict[str, str] = {}
        self.origin_access_identities = {"0a" * 32: "E1A"}

    @property
    def id(self) -> str:
        return HOME

    def client(self, service: str, region: str | None = None) -> Any:
        return self

    def session_duration(self, role: str) -> int:
        return 3_600

    def stack(self, name: str, region: str) -> StackFacts | None:
        found: StackFacts | None = self._answers.get("stack")
        return found

    def __getattr__(self, name: str) -> Any:
        answer = self.__dict__.get("_answers", {}).get(name)
        if answer is None:
            raise AttributeError(name)

        def call(**parameters: Any) -> Any:
            if isinstance(answer, str):
                raise ClientError({"Error": {"Code": answer, "Message": ""}}, name)
            return answer(**parameters) if callable(answer) else answer

        return call


def found(
    resources: dict[str, Any],
    answers: dict[str, Any],
    status: str = "CREATE_COMPLETE",
    more: dict[str, str] | None = None,
    **identities: Identity,
) -> list[Finding]:
    """What comes of a stack whose resources, and more of some types, are called like their logical ids."""
    types = {name: str(one["Type"]) for name, one in resources.items()} | (more or {})
    ids = {name: name for name in types}
    facts = StackFacts(STACK, status, {}, ids, tags={"stage": "prod"}, types=types)
    check = AccountCheck(Account({**answers, "stack": facts}, **identities))
    check.read("app", REGION, read_template(json.dumps({"Resources": resources})), Path())
    return check.compare(others=False)


def told(findings: list[Finding]) -> dict[str, str]:
    return {one.subject: one.comparison.verdict for one in findings}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def policy(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Resource": "*", **elements}]}


NO_LEAVING = policy("Deny", Action="organizations:LeaveOrganization")
CONTROL = resource(
    "Organizations::Policy",
    Name="stay",
    Type="SERVICE_CONTROL_POLICY",
    Content=NO_LEAVING,
    TargetIds=["ou-abcd-11111111"],
)


def organization(content: Any, *targets: str, type_: str = "SERVICE_CONTROL_POLICY") -> dict[str, Any]:
    return {
        "DescribePolicy": {"Policy": {"PolicySummary": {"Type": type_}, "Content": json.dumps(content)}},
        "ListTargetsForPolicy": {"Targets": [{"TargetId": one} for one in targets]},
    }


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (organization(NO_LEAVING, "ou-abcd-11111111"), ["same", "same"]),
        (organization(policy("Deny", Action="organizations:l*"), "ou-abcd-11111111"), ["differs", "same"]),
        # Nobody knows of another action that begins so.
        (organization(policy("Deny", Action="organizations:leave*"), "ou-abcd-11111111"), ["unknown", "same"]),
        (organization(policy(Action="*"), "ou-abcd-11111111"), ["differs", "same"]),
        (organization(NO_LEAVING), ["same", "differs"]),
        (organization(NO_LEAVING, "ou-abcd-11111111", OTHER), ["same", "differs"]),
        (organization(NO_LEAVING, "ou-abcd-11111111", type_="RESOURCE_CONTROL_POLICY"), ["differs"]),
        ({"DescribePolicy": "PolicyNotFoundException", "ListTargetsForPolicy": "AccessDenied"}, ["unknown"]),
        ({"DescribePolicy": "PolicyNotFoundException", "ListTargetsForPolicy": "PolicyNotFoundException"}, ["differs"]),
        ({"DescribePolicy": "AccessDeniedException"}, ["unknown"]),
        ({"DescribePolicy": "AWSOrganizationsNotInUseException"}, ["unknown"]),
    ],
)
def test_control_policies(answers: dict[str, Any], expected: list[str]) -> None:
    """Compared by meaning with what Organizations has, with what they are attached to; or said not to be."""
    findings = found({"Policy": CONTROL}, answers)
    assert [one.comparison.verdict for one in findings] == expected
    if expected == ["unknown"]:
        assert "not compared" in findings[0].comparison.lines[0]


def test_a_control_policy_of_another_kind() -> None:
    """A policy of tags decides no request; it is the same or another one."""
    tags = {"tags": {"team": {"tag_key": {"@@assign": "team"}}}}
    made = resource("Organizations::Policy", Name="tags", Type="TAG_POLICY", Content=tags)
    assert set(told(found({"P": made}, organization(tags, type_="TAG_POLICY"))).values()) == {"same"}
    assert "differs" in told(found({"P": made}, organization({}, type_="TAG_POLICY"))).values()


OPEN = {"BlockPublicPolicy": False}
SHUT = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)
CLOSED = resource("Cognito::UserPool", AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
OIDC = resource("IAM::OIDCProvider", Url="https://token.example.com", ClientIdList=["sts.amazonaws.com", "b"])
PRINTED = resource("IAM::OIDCProvider", Url="https://token.example.com", ThumbprintList=["a" * 40, "b" * 40])
SAML = resource("IAM::SAMLProvider", SamlMetadataDocument="<a>\n  <b/>\n</a>")
URL = resource("Lambda::Url", TargetFunctionArn="it", AuthType="AWS_IAM")


@pytest.mark.parametrize(
    ("made", "answers", "expected"),
    [
        (OIDC, {"GetOpenIDConnectProvider": {"ClientIDList": ["b", "sts.amazonaws.com"]}}, "same"),
        (OIDC, {"GetOpenIDConnectProvider": {"ClientIDList": ["b", "sts.amazonaws.com", "c"]}}, "differs"),
        (PRINTED, {"GetOpenIDConnectProvider": {"ThumbprintList": ["B" * 40, "a" * 40]}}, "same"),
        (PRINTED, {"GetOpenIDConnectProvider": {"ThumbprintList": ["B" * 40, "c" * 40]}}, "differs"),
        (OIDC, {"GetOpenIDConnectProvider": "NoSuchEntity"}, "differs"),
        (OIDC, {"GetOpenIDConnectProvider": "Throttling"}, "unknown"),
        (SAML, {"GetSAMLProvider": {"SAMLMetadataDocument": "<a><b/></a>"}}, "same"),
        (SAML, {"GetSAMLProvider": {"SAMLMetadataDocument": "<a><c/></a>"}}, "differs"),
        (URL, {"GetFunctionUrlConfig": {"AuthType": "AWS_IAM"}}, "same"),
        (URL, {"GetFunctionUrlConfig": {"AuthType": "NONE"}}, "differs"),
        (
            CLOSED,
            {"DescribeUserPool": {"UserPool": {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}}}},
            "same",
        ),
        (CLOSED, {"DescribeUserPool": {"UserPool": {}}}, "differs"),
        (
            resource("IAM::InstanceProfile", Roles=["app"]),
            {"GetInstanceProfile": {"InstanceProfile": {"Roles": [{"RoleName": "admin"}]}}},
            "differs",
        ),
        (
            resource("S3::AccessPoint", Bucket="b", VpcConfiguration={"VpcId": "vpc-1"}),
            {"GetAccessPoint": {"VpcConfiguration": {}}, "GetAccessPointPolicy": "NoSuchAccessPointPolicy"},
            "differs",
        ),
    ],
)
def test_settings(made: dict[str, Any], answers: dict[str, Any], expected: str) -> None:
    """Whom a provider vouches for, whether a function URL asks for a signature, what is public."""
    findings = told(found({"It": made}, answers))
    (verdict,) = (one for subject, one in findings.items() if subject.endswith(": settings"))
    assert verdict == expected


NO_BLOCKS, NO_CONTROLS = "NoSuchPublicAccessBlockConfiguration", "OwnershipControlsNotFoundError"
OWNER = {"ID": "0a" * 32}
LOGGED = {"AccessControl": "LogDeliveryWrite"}


def controls(ownership: str) -> dict[str, Any]:
    return {"OwnershipControls": {"Rules": [{"ObjectOwnership": ownership}]}}


def listed(*grants: tuple[str, str]) -> dict[str, Any]:
    """An access control list of the owner and of groups that are named."""
    groups = "http://acs.amazonaws.com/groups/"
    found = [{"Grantee": {"URI": groups + uri}, "Permission": permission} for permission, uri in grants]
    return {"Owner": OWNER, "Grants": [{"Grantee": OWNER, "Permission": "FULL_CONTROL"}, *found]}


READ, WRITE = ("READ", "global/AllUsers"), ("WRITE", "s3/LogDelivery")


@pytest.mark.parametrize(
    ("made", "blocks", "ownership", "acl", "expected", "said"),
    [
        ({}, SHUT, "BucketOwnerEnforced", (), "same", ""),
        ({}, SHUT | OPEN, "BucketOwnerEnforced", (), "differs", "template: nothing"),
        ({"PublicAccessBlockConfiguration": SHUT}, SHUT | OPEN, "BucketOwnerEnforced", (), "differs", "template: true"),
        ({"PublicAccessBlockConfiguration": SHUT}, NO_BLOCKS, "BucketOwnerEnforced", (), "differs", "template: true"),
        ({"PublicAccessBlockConfiguration": SHUT | OPEN}, SHUT | OPEN, "BucketOwnerEnforced", (), "same", ""),
        ({}, SHUT, NO_CONTROLS, (), "differs", "deployed: ObjectWriter"),
        (controls("ObjectWriter"), SHUT, NO_CONTROLS, (), "same", ""),
        (controls("BucketOwnerEnforced"), SHUT, "BucketOwnerPreferred", (), "differs", "BucketOwnerPreferred"),
        (controls("BucketOwnerPreferred"), SHUT, "BucketOwnerPreferred", (WRITE,), "differs", "WRITE to LogDelivery"),
        (controls("ObjectWriter") | LOGGED, SHUT, NO_CONTROLS, (WRITE, ("READ_ACP", WRITE[1])), "same", ""),
        (controls("ObjectWriter") | LOGGED, SHUT, NO_CONTROLS, (), "differs", "deployed: nobody but the owner"),
        # A bucket with such a list is from before the lists were off.
        (LOGGED, SHUT, NO_CONTROLS, (WRITE, ("READ_ACP", WRITE[1])), "same", ""),
        # What lets in the public is looked at where nothing says to ignore it.
        (controls("ObjectWriter"), SHUT, NO_CONTROLS, (READ,), "same", ""),
        (
            controls("ObjectWriter") | {"PublicAccessBlockConfiguration": {}},
            NO_BLOCKS,
            NO_CONTROLS,
            (READ,),
            "differs",
            "READ to AllUsers",
        ),
        (controls("ObjectWriter") | {"AccessControl": "AwsExecRead"}, SHUT, NO_CONTROLS, (), "unknown", "AwsExecRead"),
        ({}, "AccessDenied", "BucketOwnerEnforced", (), "unknown", ""),
        ({}, "NoSuchBucket", "BucketOwnerEnforced", (), "differs", "NoSuchBucket"),
    ],
)
def test_what_opens_a_bucket_beside_its_policy(
    made: dict[str, Any], blocks: Any, ownership: str, acl: Any, expected: str, said: str
) -> None:
    """Lists, who owns objects, and what keeps the public out; where a template says nothing, as S3 makes buckets."""
    answers = {
        "GetPublicAccessBlock": blocks if isinstance(blocks, str) else {"PublicAccessBlockConfiguration": blocks},
        "GetBucketOwnershipControls": ownership if ownership == NO_CONTROLS else controls(ownership),
        "GetBucketAcl": listed(*acl),
        "GetBucketPolicy": "NoSuchBucketPolicy",
        "GetBucketReplication": "ReplicationConfigurationNotFoundError",
    }
    (found_,) = (one for one in found({"It": resource("S3::Bucket", **made)}, answers) if "settings" in one.subject)
    assert (found_.comparison.verdict, said in str(found_.comparison.lines)) == (expected, True), found_


@pytest.mark.parametrize(
    "made",
    [
        resource("IoT::Policy", PolicyDocument={}),
        resource("RolesAnywhere::TrustAnchor", Name="t"),
        resource("S3Tables::TablePolicy", TableARN="t"),
        resource("SQS::QueuePolicy", Queues=[{"Fn::GetAtt": ["It", "Nothing"]}], PolicyDocument=policy()),
    ],
)
def test_what_cannot_be_compared_is_named(made: dict[str, Any]) -> None:
    """Of what is not read, or not known, it is said that it is not compared: it is no success."""
    findings = found({"It": made}, {})
    assert [one.comparison.verdict for one in findings] == ["unknown"]
    assert findings[0].subject.startswith("app: It: ")


@pytest.mark.parametrize(
    ("made", "operation", "code", "expected"),
    [
        (resource("SQS::Queue"), "GetQueueAttributes", "AWS.SimpleQueueService.NonExistentQueue", "differs"),
        (resource("SNS::Topic"), "GetTopicAttributes", "NotFound", "differs"),
        (resource("ECR::Repository"), "GetRepositoryPolicy", "RepositoryNotFoundException", "differs"),
        (resource("ECR::Repository"), "GetRepositoryPolicy", "RepositoryPolicyNotFoundException", "same"),
        (resource("SNS::Topic"), "GetTopicAttributes", "AuthorizationError", "unknown"),
        (URL, "GetFunctionUrlConfig", "ThrottlingException", "unknown"),
    ],
)
def test_what_was_deleted(made: dict[str, Any], operation: str, code: str, expected: str) -> None:
    """That something is not there is an answer, and a difference."""
    said = [one.comparison for one in found({"It": made}, {operation: code}) if not one.subject.endswith("grants")]
    assert {(one.verdict, "is not deployed" in one.lines) for one in said} == {(expected, expected == "differs")}, said


def test_a_dynamic_reference_is_not_known() -> None:
    """What it was when the stack was deployed may be something else by now."""
    trust = TRUST | {"Statement": TRUST["Statement"] | {"Principal": {"AWS": "{{resolve:ssm:hub}}"}}}
    (one,) = (
        one
        for one in found(
            {"it": resource("IAM::Role", AssumeRolePolicyDocument=trust)},
            {"GetParameter": "ParameterNotFound"},
            it=role("it"),
        )
        if one.subject.endswith("trust policy")
    )
    assert one.comparison.verdict == "unknown"
    assert "when the stack was deployed" in str(one.comparison.lines)
    assert "sandbox" not in str(one.comparison.lines)


@pytest.mark.parametrize("identity", ["E1A", "E2B"])
@pytest.mark.parametrize("written", [{"Fn::GetAtt": ["It", "S3CanonicalUserId"]}, "0a" * 32])
def test_origin_access_identities(written: Any, identity: str) -> None:
    """S3 shows one by its ARN, where the template names it by its canonical id."""

    def reading(principal: Any) -> dict[str, Any]:
        return policy(Action="s3:GetObject", Principal=principal)

    config = {"CloudFrontOriginAccessIdentityConfig": {"Comment": ""}}
    made = {
        "It": resource("CloudFront::CloudFrontOriginAccessIdentity", **config),
        "P": resource("S3::BucketPolicy", Bucket="b", PolicyDocument=reading({"CanonicalUser": written})),
    }
    shown = reading({"AWS": f"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity {identity}"})
    answers = {
        "GetBucketPolicy": {"Policy": json.dumps(shown)},
        "GetCloudFrontOriginAccessIdentity": {"CloudFrontOriginAccessIdentity": {"S3CanonicalUserId": "0a" * 32}},
    }
    assert told(found(made, answers))["bucket b: policy"] == ("same" if identity == "E1A" else "differs")


GUESTS = {"AllowUnauthenticatedIdentities": False}
USERS = {"ClientId": "C", "ProviderName": f"cognito-idp.{REGION}.amazonaws.com/U"}


@pytest.mark.parametrize(
    ("made", "there", "expected"),
    [
        ({}, {}, "same"),
        ({}, {"AllowUnauthenticatedIdentities": True}, "differs"),
        ({"AllowUnauthenticatedIdentities": "true"}, {"AllowUnauthenticatedIdentities": True}, "same"),
        ({}, {"AllowClassicFlow": True}, "differs"),
        ({}, {"SamlProviderARNs": ["arn:aws:iam::111122223333:saml-provider/x"]}, "differs"),
        ({"SupportedLoginProviders": {"a": "1"}}, {"SupportedLoginProviders": {"a": "2"}}, "differs"),
        (
            {
                "CognitoIdentityProviders": [
                    {"ClientId": {"Ref": "C"}, "ProviderName": {"Fn::GetAtt": ["U", "ProviderName"]}}
                ]
            },
            {"CognitoIdentityProviders": [USERS | {"ServerSideTokenCheck": False}]},
            "same",
        ),
    ],
)
def test_identity_pools(made: dict[str, Any], there: dict[str, Any], expected: str) -> None:
    """Who gets credentials of a pool is compared, also where the template says nothing of it."""
    resources = {
        "It": resource("Cognito::IdentityPool", **GUESTS | made),
        "U": resource("Cognito::UserPool"),
        "C": resource("Cognito::UserPoolClient", UserPoolId={"Ref": "U"}),
    }
    answers = {"DescribeIdentityPool": GUESTS | there, "DescribeUserPool": {"UserPool": {}}}
    assert told(found(resources, answers)) == {"identity pool It: settings": expected}


READ_ONLY, ADMIN = (f"arn:aws:iam::aws:policy/{name}" for name in ("ReadOnlyAccess", "AdministratorAccess"))
PERMISSION_SET = resource(
    "SSO::PermissionSet",
    InstanceArn="arn:aws:sso:::instance/ssoins-1",
    Name="Dev",
    InlinePolicy=policy(Action=["s3:GetObject", "s3:ListBucket"], Resource="*"),
    SessionDuration="PT1H",
)
ASSIGNED = resource(
    "SSO::Assignment",
    InstanceArn="arn:aws:sso:::instance/ssoins-1",
    PermissionSetArn="arn:aws:sso:::instance/ssoins-1|Set",
    TargetId=HOME,
    TargetType="AWS_ACCOUNT",
    PrincipalType="GROUP",
    PrincipalId="g-1",
)
GROUP = {"PrincipalType": "GROUP", "PrincipalId": "g-1"}
THERE = {
    "DescribePermissionSet": {"PermissionSet": {"Name": "Dev", "SessionDuration": "PT60M"}},
    "GetInlinePolicyForPermissionSet": {
        "InlinePolicy": json.dumps(policy(Action=["s3:ListBucket", "s3:GetObject"], Resource="*"))
    },
    "ListManagedPoliciesInPermissionSet": {"AttachedManagedPolicies": []},
    "ListCustomerManagedPolicyReferencesInPermissionSet": {"CustomerManagedPolicyReferences": []},
    "GetPermissionsBoundaryForPermissionSet": "ResourceNotFoundException",
    "ListAccountsForProvisionedPermissionSet": {"AccountIds": [HOME]},
    "ListAccountAssignments": {"AccountAssignments": [GROUP]},
}
ELSEWHERE = {"ListAccountsForProvisionedPermissionSet": {"AccountIds": [HOME, OTHER]}}


@pytest.mark.parametrize(
    ("answers", "differs"),
    [
        ({}, []),
        ({"DescribePermissionSet": "ResourceNotFoundException"}, ["permissions"]),
        (
            {"GetInlinePolicyForPermissionSet": {"InlinePolicy": json.dumps(policy(Action="s3:*", Resource="*"))}},
            ["permissions"],
        ),
        ({"GetInlinePolicyForPermissionSet": {}}, ["permissions"]),
        (
            {
                "ListManagedPoliciesInPermissionSet": {"AttachedManagedPolicies": [{"Arn": ADMIN}]},
                "GetPolicy": {"Policy": {"DefaultVersionId": "v1"}},
                "GetPolicyVersion": {"PolicyVersion": {"Document": policy(Action="*", Resource="*")}},
            },
            ["permissions"],
        ),
        (
            {
                "ListCustomerManagedPolicyReferencesInPermissionSet": {
                    "CustomerManagedPolicyReferences": [{"Name": "more", "Path": "/"}]
                }
            },
            ["settings"],
        ),
        (
            {"GetPermissionsBoundaryForPermissionSet": {"PermissionsBoundary": {"ManagedPolicyArn": READ_ONLY}}},
            ["settings"],
        ),
        ({"DescribePermissionSet": {"PermissionSet": {"SessionDuration": "PT12H"}}}, ["settings"]),
        ({"ListAccountAssignments": {"AccountAssignments": []}}, ["assignments"]),
        (
            {"ListAccountAssignments": {"AccountAssignments": [GROUP, GROUP | {"PrincipalId": "g-2"}]}},
            ["assignments"],
        ),
        (ELSEWHERE, ["assignments"]),
    ],
)
def test_permission_sets(answers: dict[str, Any], differs: list[str]) -> None:
    """What a permission set holds, and who has it where, is compared."""
    made = found({"Set": PERMISSION_SET, "as": ASSIGNED}, THERE | answers)
    verdicts = {subject.removeprefix("permission set Dev: "): verdict for subject, verdict in told(made).items()}
    assert sorted(name for name, verdict in verdicts.items() if verdict != SAME) == differs
    assert set(verdicts) >= {"permissions", "assignments"}


def test_attributes_for_access_control() -> None:
    """What becomes a tag of the sessions of people decides whom policies let in."""
    given = [{"Key": "team", "Value": {"Source": ["${path:enterprise.department}"]}}]
    made = resource("SSO::InstanceAccessControlAttributeConfiguration", InstanceArn="i", AccessControlAttributes=given)
    operation = "DescribeInstanceAccessControlAttributeConfiguration"
    for there, verdict in ((given, SAME), ([*given, {"Key": "a", "Value": {"Source": ["b"]}}], DIFFERS)):
        answers = {operation: {"InstanceAccessControlAttributeConfiguration": {"AccessControlAttributes": there}}}
        assert list(told(found({"it": made}, answers)).values()) == [verdict]


def test_an_assignment_of_which_not_all_is_known() -> None:
    """Whoever is assigned besides may be the one that is not known."""
    hidden = {"Type": ASSIGNED["Type"], "Properties": ASSIGNED["Properties"] | {"PrincipalId": {"Ref": "Nobody"}}}
    more = {"ListAccountAssignments": {"AccountAssignments": [GROUP, GROUP | {"PrincipalId": "g-2"}]}}
    verdicts = told(found({"as": ASSIGNED, "more": hidden}, THERE | more))
    assert verdicts["permission set Set: assignments"] == UNKNOWN


def user(name: str, **more: Any) -> Identity:
    return Identity("user", name, f"arn:aws:iam::{HOME}:user/{name}", **more)


def test_groups_of_users() -> None:
    """Somebody who was put into another group, or is in one no more, is found."""
    made = {
        "ann": resource("IAM::User", Groups=["readers"]),
        "More": resource("IAM::UserToGroupAddition", GroupName="writers", Users=["ann", "bob"]),
    }
    both = ("readers", "writers")
    alike = told(found(made, {}, ann=user("ann", groups=both), bob=user("bob", groups=("writers", "others"))))
    assert alike["user ann: groups"] == "same"
    assert alike["user bob: groups"] == "same"
    other = told(found(made, {}, ann=user("ann", groups=(*both, "admins")), bob=user("bob", groups=("others",))))
    assert other["user ann: groups"] == "differs"
    assert other["user bob: groups"] == "differs"


def test_members_that_no_template_puts_into_a_group() -> None:
    """They differ where templates say who is in it; where they leave that to others, they are told."""
    group = Identity("group", "admins", f"arn:aws:iam::{HOME}:group/admins")
    empty = {"admins": resource("IAM::Group")}
    more = resource("IAM::UserToGroupAddition", GroupName="admins", Users=["bob"])
    ann, bob = user("ann", groups=("admins",)), user("bob", groups=("admins",))
    assert "group admins: members" not in told(found(empty, {}, admins=group, ann=user("ann", groups=("readers",))))
    assert told(found(empty, {}, admins=group, ann=ann))["group admins: members"] == "other"
    filled = {**empty, "More": more}
    assert "group admins: members" not in told(found(filled, {}, admins=group, bob=bob))
    (one,) = (
        one for one in found(filled, {}, admins=group, ann=ann, bob=bob) if one.subject == "group admins: members"
    )
    assert (one.comparison.verdict, one.comparison.lines) == ("differs", ("no template puts ann there",))
    unknown = {"Fn::GetAtt": ["Elsewhere", "Secret"]}
    hidden = {
        **filled,
        "Elsewhere": resource("CloudFormation::CustomResource", ServiceToken="t"),
        "Others": resource("IAM::UserToGroupAddition", GroupName="admins", Users=unknown),
    }
    assert told(found(hidden, {}, admins=group, ann=ann, bob=bob))["group admins: members"] == "unknown"


def grant(grantee: str, *operations: str, issuer: str = HOME, **constraints: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "GranteePrincipal": grantee,
        "IssuingAccount": f"arn:aws:iam::{issuer}:root",
        "Operations": list(operations) or ["Decrypt"],
    }
    return found | ({"Constraints": constraints} if constraints else {})


FOREIGN = f"arn:aws:iam::{OTHER}:role/reader"
OWN_KEY = policy(Action="kms:*", Principal={"AWS": f"arn:aws:iam::{HOME}:root"})
SHARED_KEY = {
    **OWN_KEY,
    "Statement": [
        *OWN_KEY["Statement"],
        {
            "Effect": "Allow",
            "Principal": {"AWS": OTHER},
            "Action": ["kms:Decrypt", "kms:DescribeKey"],
            "Resource": "*",
            "Condition": {"StringEquals": {"kms:EncryptionContext:app": "a"}},
        },
    ],
}
CREATING_KEY = {
    **OWN_KEY,
    "Statement": [
        *OWN_KEY["Statement"],
        {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "kms:CreateGrant", "Resource": "*"},
    ],
}


@pytest.mark.parametrize(
    ("key", "grants", "expected"),
    [
        (OWN_KEY, [], None),
        # Within the account, and to services: made and retired day by day.
        (OWN_KEY, [grant(f"arn:aws:iam::{HOME}:role/app"), grant("dynamodb.amazonaws.com")], None),
        (OWN_KEY, [grant(FOREIGN)], "differs"),
        (OWN_KEY, [grant(f"arn:aws:iam::{HOME}:role/app"), grant(f"arn:aws:iam::{OTHER}:root", "Sign")], "differs"),
        (None, [grant(FOREIGN)], "differs"),
        (OWN_KEY, [grant(FOREIGN, "RetireGrant")], None),
        # The policy lets them do no less.
        (SHARED_KEY, [grant(FOREIGN)], "differs"),
        (SHARED_KEY, [grant(FOREIGN, EncryptionContextSubset={"app": "a"})], "same"),
        (SHARED_KEY, [grant(FOREIGN, EncryptionContextEquals={"app": "b"})], "differs"),
        (SHARED_KEY, [grant(FOREIGN, EncryptionContextSubset={"app": "a"}), grant(FOREIGN, "Encrypt")], "differs"),
        # Who may make grants has made one.
        (CREATING_KEY, [grant(FOREIGN, issuer=OTHER)], "same"),
        (CREATING_KEY, [grant(FOREIGN)], "differs"),
        (SHARED_KEY, [grant(FOREIGN, "Encrypt", issuer=OTHER)], "differs"),
        (OWN_KEY, "AccessDeniedException", "unknown"),
    ],
)
def test_grants_of_keys(key: dict[str, Any] | None, grants: Any, expected: str | None) -> None:
    """A grant to another account lets in whom the policy of the template does not, and is found, on any page."""

    def listed(**given: str) -> dict[str, Any]:
        at = int(given.get("Marker", 0))
        if at + 1 < len(grants):
            return {"Grants": [grants[at]], "Truncated": True, "NextMarker": str(at + 1)}
        return {"Grants": grants[at:]}

    made = resource("KMS::Key", **({} if key is None else {"KeyPolicy": key}))
    answers = {
        "GetKeyPolicy": {"Policy": json.dumps(key or OWN_KEY)},
        "ListGrants": grants if isinstance(grants, str) else listed,
    }
    findings = found({"key": made}, answers)
    assert told(findings).get("key key: grants") == expected
    assert told(findings)["key key: policy"] == "same"
    if expected == "differs":
        (one,) = (one.comparison for one in findings if one.subject == "key key: grants")
        assert one.lines[0].startswith(f"deployed: a grant lets in arn:aws:iam::{OTHER}:")
        assert f":{OTHER}:" in one.lines[1]


TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:PrincipalTag/Team": "${iam:ResourceTag/Team}"}},
    },
}


def role(name: str, trust: Any = TRUST, **more: Any) -> Identity:
    return Identity("role", name, f"arn:aws:iam::{HOME}:role/{name}", trust=json.dumps(trust), **more)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"team": "red", "stage": "prod", "mood": "good"}, "same"),
        ({"Team": "red"}, "same"),
        ({"Team": "blue"}, "differs"),
        ({}, "differs"),
    ],
)
def test_tags_that_policies_look_at(tags: dict[str, str], expected: str) -> None:
    """A tag that some condition names is compared, and no other."""
    made = resource("IAM::Role", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "Team", "Value": "red"}])
    assert told(found({"it": made}, {}, it=role("it", tags=tags)))["role it: tags"] == expected


def test_what_others_attached_hides_nothing_that_is_gone() -> None:
    """Of somebody else's role, what a template adds must be there, whatever else the role holds."""
    read, write = policy(Action="s3:GetObject"), policy(Action="s3:PutObject")
    made = {"P": resource("IAM::Policy", PolicyName="p", PolicyDocument=read, Roles=["theirs"])}
    held = {"own": json.dumps(policy(Action="ec2:*"))}
    there = role("theirs", inline={**held, "p": json.dumps(read)})
    gone = role("theirs", inline={**held, "p": json.dumps(write)})
    assert told(found(made, {}, theirs=there)) == {"role theirs: permissions": "same"}
    assert told(found(made, {}, theirs=gone)) == {"role theirs: permissions": "differs"}


def test_what_only_denies_is_compared() -> None:
    """A Deny that is gone is found, also of a role that nothing allows anything: others may."""
    made = resource(
        "IAM::Role",
        AssumeRolePolicyDocument=TRUST,
        Policies=[{"PolicyName": "never", "PolicyDocument": policy("Deny", Action="s3:*")}],
    )
    tags = {"stage": "prod"}
    denying = role("it", inline={"never": json.dumps(policy("Deny", Action=["s3:Get*", "s3:*"]))}, tags=tags)
    assert told(found({"it": made}, {}, it=denying))["role it: permissions"] == "same"
    assert told(found({"it": made}, {}, it=role("it", tags=tags)))["role it: permissions"] == "differs"


def test_what_a_template_does_not_tell_is_no_difference() -> None:
    """Where a policy of a template is not known, what is deployed instead is not known to be too much."""
    unknown = {"Fn::GetAtt": ["Elsewhere", "Secret"]}
    made = {
        "it": resource("IAM::Role", AssumeRolePolicyDocument=TRUST),
        "Elsewhere": resource("CloudFormation::CustomResource", ServiceToken="t"),
        "P": resource("IAM::Policy", PolicyName="p", PolicyDocument=policy(Action=unknown), Roles=[{"Ref": "it"}]),
        "B": resource("S3::Bucket"),
        "BP": resource("S3::BucketPolicy", Bucket={"Ref": "B"}, PolicyDocument=policy(Action=unknown, Principal="*")),
    }
    answers = {
        "GetBucketPolicy": {"Policy": json.dumps(policy(Action="s3:*", Principal="*"))},
        "GetPublicAccessBlock": {"PublicAccessBlockConfiguration": SHUT},
        "GetBucketOwnershipControls": controls("BucketOwnerEnforced"),
        "GetBucketReplication": "ReplicationConfigurationNotFoundError",
    }
    findings = told(found(made, answers, it=role("it", inline={"p": json.dumps(policy(Action="s3:*"))})))
    assert findings["role it: permissions"] == "unknown"
    assert findings["bucket B: policy"] == "unknown"
    assert "differs" not in findings.values()


@pytest.mark.parametrize(
    ("given", "why"),
    [({"Id": "****"}, "hidden (NoEcho)"), ({}, "not known: the stack has none"), ({"Id": "an-id"}, None)],
)
def test_a_parameter_whose_value_aws_hides(given: dict[str, str], why: str | None) -> None:
    """It is not known, and said to be hidden; nothing is missing."""
    let_in = TRUST["Statement"] | {"Condition": {"StringEquals": {"sts:ExternalId": {"Ref": "Id"}}}}
    made = resource("IAM::Role", AssumeRolePolicyDocument=TRUST | {"Statement": let_in})
    body = {"Parameters": {"Id": {"Type": "String", "NoEcho": True}}, "Resources": {"it": made}}
    facts = StackFacts(STACK, "CREATE_COMPLETE", given, {"it": "it"})
    there = TRUST | {"Statement": let_in | {"Condition": {"StringEquals": {"sts:ExternalId": "an-id"}}}}
    check = AccountCheck(Account({"stack": facts}, it=role("it", there)))
    check.read("app", REGION, read_template(json.dumps(body)), Path())
    findings = {one.subject: one.comparison for one in check.compare(others=False)}
    if why is None:
        assert findings["role it: trust policy"].verdict == "same"
    else:
        assert findings["role it: trust policy"] == Comparison(UNKNOWN, (f"the value of the parameter Id is {why}",))
    assert findings["role it: permissions"].verdict == "same"


@pytest.mark.parametrize(
    ("named", "answer", "verdict"),
    [
        ("{{resolve:ssm:/who}}", {"Type": "String", "Value": OTHER}, "same"),
        ("{{resolve:ssm:/who:3}}", {"Type": "String", "Value": OTHER}, "same"),
        ({"Fn::Sub": "arn:aws:iam::{{resolve:ssm:/who}}:root"}, {"Type": "String", "Value": OTHER}, "same"),
        # It may have been another one when the stack was deployed.
        ("{{resolve:ssm:/who}}", {"Type": "String", "Value": HOME}, UNKNOWN),
        ("{{resolve:ssm:/who}}", {"Type": "SecureString", "Value": OTHER}, UNKNOWN),
        ("{{resolve:ssm:/who}}", "ParameterNotFound", UNKNOWN),
        ("{{resolve:ssm:/who}}", "AccessDeniedException", UNKNOWN),
        ("{{resolve:secretsmanager:who}}", {"Type": "String", "Value": OTHER}, UNKNOWN),
    ],
)
def test_a_trust_policy_that_names_a_parameter(named: Any, answer: Any, verdict: str) -> None:
    """With the parameter as it is now it may be seen to be the same; that it is not says nothing."""
    let_in = TRUST["Statement"] | {"Principal": {"AWS": named}}
    made = resource("IAM::Role", AssumeRolePolicyDocument=TRUST | {"Statement": let_in})
    there = TRUST | {"Statement": TRUST["Statement"] | {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}}
    answers = {"GetParameter": answer if isinstance(answer, str) else {"Parameter": answer}}
    comparison = {one.subject: one.comparison for one in found({"it": made}, answers, it=role("it", there))}
    trusted = comparison["role it: trust policy"]
    assert trusted.verdict == verdict, trusted
    if verdict == UNKNOWN:
        assert "dynamic reference" in trusted.lines[0]


WITH_ID = {"Condition": {"StringEquals": {"sts:ExternalId": {"Ref": "Id"}, "aws:PrincipalTag/team": "a"}}}
GIVEN_ID = {"Condition": {"StringEquals": {"sts:ExternalId": "an-id", "aws:PrincipalTag/team": "a"}}}
OTHER_ID = {"Condition": {"StringEquals": {"sts:ExternalId": "another", "aws:PrincipalTag/team": "a"}}}
ANY_ID = {"Condition": {"StringLike": {"sts:ExternalId": "*", "aws:PrincipalTag/team": "a"}}}
NO_ID = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "a"}}}
USER = {"AWS": f"arn:aws:iam::{OTHER}:user/ann"}
LAMBDA = {"Service": "lambda.amazonaws.com"}


@pytest.mark.parametrize(
    ("template", "deployed", "verdict", "said"),
    [
        ([WITH_ID], [GIVEN_ID], UNKNOWN, ""),
        # Whatever the value is, who says none does not get in; nor does who says one of two, or any.
        ([WITH_ID], [NO_ID], DIFFERS, "deployed: allowed; template: not"),
        ([WITH_ID], [GIVEN_ID, OTHER_ID], DIFFERS, "deployed: allowed; template: not"),
        ([WITH_ID], [ANY_ID], DIFFERS, "deployed: allowed; template: not"),
        ([WITH_ID, GIVEN_ID], [GIVEN_ID, OTHER_ID], UNKNOWN, ""),
        ([WITH_ID], [{}], DIFFERS, "deployed: allowed; template: not"),
        ([WITH_ID], [GIVEN_ID, {"Principal": LAMBDA}], DIFFERS, "deployed: allowed; template: not"),
        ([WITH_ID, {"Principal": LAMBDA}], [GIVEN_ID], DIFFERS, "template: allowed; deployed: not"),
        ([WITH_ID, {"Principal": LAMBDA}], [{"Principal": LAMBDA}], UNKNOWN, ""),
        ([{"Principal": {"AWS": {"Ref": "Id"}}}], [{"Principal": USER}], UNKNOWN, ""),
        ([{"Principal": {"AWS": {"Ref": "Id"}}} | NO_ID], [{"Principal": USER}], DIFFERS, "deployed: allowed"),
        ([{}, WITH_ID | {"Effect": "Deny"}], [{}], UNKNOWN, ""),
        ([{}, WITH_ID | {"Effect": "Deny"}], [{}, {"Effect": "Deny"} | NO_ID], DIFFERS, "template: allowed"),
        ([{}, WITH_ID | {"Effect": "Deny"}], [{"Effect": "Deny"}], DIFFERS, "template: allowed; deployed: not"),
        ([{}, WITH_ID | {"Effect": "Deny"}], [{}, {"Principal": LAMBDA}], DIFFERS, "deployed: allowed; template: not"),
        ([{"Action": {"Ref": "Id"}} | NO_ID], [NO_ID], UNKNOWN, ""),
        ([{"Action": {"Ref": "Id"}} | NO_ID], [{}], DIFFERS, "deployed: allowed; template: not"),
    ],
)
def test_a_trust_policy_with_a_hidden_value(template: Any, deployed: Any, verdict: str, said: str) -> None:
    """What differs whatever the value is, differs; nothing is the same."""
    let_in = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sts:AssumeRole"}
    sides = [TRUST | {"Statement": [let_in | one for one in statements]} for statements in (template, deployed)]
    body = {
        "Parameters": {"Id": {"Type": "String", "NoEcho": True}},
        "Resources": {"it": resource("IAM::Role", AssumeRolePolicyDocument=sides[0])},
    }
    facts = StackFacts(STACK, "CREATE_COMPLETE", {"Id": "****"}, {"it": "it"})
    check = AccountCheck(Account({"stack": facts}, it=role("it", sides[1])))
    check.read("app", REGION, read_template(json.dumps(body)), Path())
    found = {one.subject: one.comparison for one in check.compare(others=False)}["role it: trust policy"]
    assert found.verdict == verdict, found
    assert found.lines[0].startswith(said or "the value of the parameter Id is hidden")


@pytest.mark.parametrize("default", [{"Default": "x,y"}, {}], ids=["default", "none"])
@pytest.mark.parametrize(("names", "verdict"), [("it", "same"), ("it,other", "differs"), ("****", None)])
def test_loops_are_over_the_parameters_of_the_stack(names: str, verdict: str | None, default: dict[str, str]) -> None:
    """What a loop makes follows from what the stack was given, and not from a default; of what is hidden, nothing."""
    loop = ["N", {"Ref": "Names"}, {"${N}": resource("IAM::Role", AssumeRolePolicyDocument=TRUST)}]
    body = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"Names": {"Type": "CommaDelimitedList", **default}},
        "Resources": {"Fn::ForEach::L": loop},
    }
    facts = StackFacts(STACK, "CREATE_COMPLETE", {"Names": names}, {"it": "it", "other": "other"})
    check = AccountCheck(Account({"stack": facts}, it=role("it", TRUST)))
    template = read_before_deployment(json.dumps(body))
    if verdict is None:
        with pytest.raises(CannotCheck, match="not known before deployment"):
            check.read("app", REGION, template, Path())
        return
    check.read("app", REGION, template, Path())
    found = [one.comparison.verdict for one in check.compare(others=False)]
    assert max(found, key=["same", "differs"].index) == verdict


@pytest.mark.parametrize(
    ("inline", "verdict"),
    [
        ({"p": policy(Action="s3:GetObject")}, "same"),
        ({"p": policy(Action="s3:GetObject"), "theirs": policy(Action="sqs:*")}, "same"),
        ({"p": policy(Action="s3:*")}, "differs"),
        ({"p": policy(Action=["s3:GetObject", "iam:*"]), "theirs": policy(Action="*")}, "differs"),
        ({"moved": policy(Action="s3:GetObject")}, "same"),
        ({}, "differs"),
    ],
)
@pytest.mark.parametrize("kind", ["IAM::Policy", "IAM::RolePolicy"])
def test_a_policy_of_somebody_elses_role(kind: str, inline: dict[str, Any], verdict: str) -> None:
    """What is added to a role has to be there, and under its name nothing more."""
    whose = {"Roles": ["its"]} if kind == "IAM::Policy" else {"RoleName": "its"}
    made = {"P": resource(kind, PolicyName="p", PolicyDocument=policy(Action="s3:GetObject"), **whose)}
    there = role("its", inline={name: json.dumps(one) for name, one in inline.items()})
    assert told(found(made, {}, its=there))["role its: permissions"] == verdict


@pytest.mark.parametrize(
    ("sid", "condition", "verdict"),
    [
        ("P", {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::b"}}, "same"),
        ("P", {}, "differs"),
        ("theirs", {}, "same"),
    ],
)
def test_a_statement_of_somebody_elses_function(sid: str, condition: dict[str, Any], verdict: str) -> None:
    """A statement with the id of the template's lets in nobody else; one of another id may."""
    given = {"FunctionName": "f", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
    made = {"P": resource("Lambda::Permission", **given, SourceArn="arn:aws:s3:::b")}
    function = f"arn:aws:lambda:{REGION}:{HOME}:function:f"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": function,
    }
    own = {**statement, "Sid": "P", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::b"}}}
    one = {**statement, "Sid": sid, **({"Condition": condition} if condition else {})}
    text = json.dumps({"Version": "2012-10-17", "Statement": [one] if sid == "P" else [own, one]})
    assert told(found(made, {"GetPolicy": {"Policy": text}}))["function f: policy"] == verdict


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ({"KeyMetadata": {"KeyId": "key-1"}}, "same"),
        ({"KeyMetadata": {"KeyId": "key-2"}}, "differs"),
        ("NotFoundException", "differs"),
    ],
)
@pytest.mark.parametrize("target", ["key-1", f"arn:aws:kms:{REGION}:{HOME}:key/key-1"])
def test_an_alias_is_of_its_key(target: str, answer: Any, verdict: str) -> None:
    """An alias that finds another key than the template's lets in whom the policy of that lets in."""
    made = {"alias/a": resource("KMS::Alias", AliasName="alias/a", TargetKeyId=target)}
    facts = StackFacts(STACK, "CREATE_COMPLETE", {}, {"A": "alias/a"})
    check = AccountCheck(Account({"stack": facts, "DescribeKey": answer}))
    check.read("app", REGION, read_template(json.dumps({"Resources": {"A": made["alias/a"]}})), Path())
    assert told(check.compare(others=False))["alias/a: settings"] == verdict


HIDDEN = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": {"Ref": "Id"}}
TESTED = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": {"Ref": "Id"}}}}
IN_TEAM = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "a"}}}
READS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
SENDS = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}


@pytest.mark.parametrize("form", ["inline", "policy", "managed"])
@pytest.mark.parametrize(
    ("template", "deployed", "verdict", "said"),
    [
        ([HIDDEN], [READS], UNKNOWN, ""),
        ([HIDDEN], [READS | {"Action": "s3:*"}], DIFFERS, "deployed: allowed; template: not"),
        ([HIDDEN], [READS, SENDS], DIFFERS, "deployed: allowed; template: not"),
        ([HIDDEN, SENDS], [READS, SENDS], UNKNOWN, ""),
        ([HIDDEN, SENDS], [READS], DIFFERS, "template: allowed; deployed: not"),
        ([READS | TESTED], [READS], DIFFERS, "deployed: allowed; template: not"),
        ([READS | TESTED], [READS | IN_TEAM], UNKNOWN, ""),
        ([READS | TESTED], [SENDS], DIFFERS, "deployed: allowed; template: not"),
        ([SENDS, HIDDEN | {"Effect": "Deny"}], [SENDS], UNKNOWN, ""),
        ([SENDS, SENDS | TESTED | {"Effect": "Deny"}], [SENDS], UNKNOWN, ""),
        ([SENDS, SENDS | TESTED | {"Effect": "Deny"}], [READS], DIFFERS, "deployed: allowed; template: not"),
    ],
)
def test_a_policy_with_a_hidden_value(form: str, template: Any, deployed: Any, verdict: str, said: str) -> None:
    """What differs whatever the value is, differs, in whatever form the policy is attached; nothing is the same."""
    document, there = ({"Version": "2012-10-17", "Statement": one} for one in (template, deployed))
    made = {"it": resource("IAM::Role", AssumeRolePolicyDocument=TRUST)}
    ids, managed = {"it": "it"}, {}
    if form == "inline":
        made["it"]["Properties"]["Policies"] = [{"PolicyName": "p", "PolicyDocument": document}]
    elif form == "policy":
        made["P"] = resource("IAM::Policy", PolicyName="p", PolicyDocument=document, Roles=[{"Ref": "it"}])
        ids["P"] = "app-P"
    else:
        made["P"] = resource("IAM::ManagedPolicy", PolicyDocument=document)
        ids["P"] = f"arn:aws:iam::{HOME}:policy/p"
        managed = {ids["P"]: json.dumps(there)}
    body = {"Parameters": {"Id": {"Type": "String", "NoEcho": True}}, "Resources": made}
    facts = StackFacts(STACK, "CREATE_COMPLETE", {"Id": "****"}, ids)
    account = Account({"stack": facts}, it=role("it", inline={} if managed else {"p": json.dumps(there)}))
    account.managed_policies.update(managed)
    check = AccountCheck(account)
    check.read("app", REGION, read_template(json.dumps(body)), Path())
    subject = "managed policy p" if managed else "role it: permissions"
    found = {one.subject: one.comparison for one in check.compare(others=False)}[subject]
    assert found.verdict == verdict, found
    assert found.lines[0].startswith(said or "the value of the parameter Id is hidden")


SENDS_FOR = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
FOR_ID = {"Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "Id"}}}}
FOR_HOME = {"Condition": {"StringEquals": {"aws:SourceAccount": HOME}}}
FOR_BOTH = {"Condition": {"StringEquals": {"aws:SourceAccount": [HOME, OTHER]}}}


@pytest.mark.parametrize(
    ("deployed", "verdict", "said"),
    [
        ([FOR_HOME], UNKNOWN, ""),
        ([{}], DIFFERS, "deployed: allowed; template: not"),
        ([FOR_BOTH], DIFFERS, "deployed: allowed; template: not"),
        ([FOR_HOME, {"Action": "sqs:ReceiveMessage"}], DIFFERS, "deployed: allowed; template: not"),
        ([], DIFFERS, "the queue has no policy"),
    ],
)
def test_the_policy_of_a_resource_with_a_hidden_value(deployed: Any, verdict: str, said: str) -> None:
    """What differs whatever the value is, differs there, too."""
    template, there = (
        {"Version": "2012-10-17", "Statement": [SENDS_FOR | {"Resource": "*"} | one for one in statements]}
        for statements in ([FOR_ID], deployed)
    )
    made = {
        "Q": resource("SQS::Queue"),
        "P": resource("SQS::QueuePolicy", Queues=[{"Ref": "Q"}], PolicyDocument=template),
    }
    url = f"https://sqs.{REGION}.amazonaws.com/{HOME}/q"
    facts = StackFacts(STACK, "CREATE_COMPLETE", {"Id": "****"}, {"Q": url, "P": "p"})
    attributes = {"Policy": json.dumps(there)} if deployed else {}
    check = AccountCheck(Account({"stack": facts, "GetQueueAttributes": {"Attributes": attributes}}))
    body = {"Parameters": {"Id": {"Type": "String", "NoEcho": True}}, "Resources": made}
    check.read("app", REGION, read_template(json.dumps(body)), Path())
    found = {one.subject: one.comparison for one in check.compare(others=False)}["queue " + url + ": policy"]
    assert found.verdict == verdict, found
    assert found.lines[0].startswith(said or "the value of the parameter Id is hidden")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("UPDATE_ROLLBACK_COMPLETE", []),
        ("UPDATE_ROLLBACK_FAILED", ["unknown"]),
        ("UPDATE_IN_PROGRESS", ["unknown"]),
        ("ROLLBACK_COMPLETE", ["differs"]),
        ("DELETE_COMPLETE", ["differs"]),
    ],
)
def test_stacks_that_are_not_whole(status: str, expected: list[str]) -> None:
    """A stack that is being changed, or is half of what it should be, is no success."""
    findings = told(found({"It": resource("SNS::Subscription")}, {}, status=status))
    assert list(findings.values()) == expected


def test_what_a_stack_still_has() -> None:
    """A role or policy that is deployed, and that the template makes no more, is found; what decides nothing is not."""
    more = {"Old": "AWS::IAM::Role", "Forgotten": "AWS::SQS::QueuePolicy", "Alarm": "AWS::CloudWatch::Alarm"}
    findings = told(found({"It": resource("SNS::Subscription")}, {}, more=more))
    assert findings == {"app: Old (AWS::IAM::Role)": "differs", "app: Forgotten (AWS::SQS::QueuePolicy)": "differs"}
    never = {"Type": "AWS::IAM::Role", "Condition": "Never", "Properties": {"AssumeRolePolicyDocument": TRUST}}
    facts = StackFacts(STACK, "CREATE_COMPLETE", {}, {"It": "it"}, types={"It": "AWS::IAM::Role"})
    check = AccountCheck(Account({"stack": facts}))
    body = {"Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}, "Resources": {"It": never}}
    check.read("app", REGION, read_template(json.dumps(body)), Path())
    assert told(check.compare(others=False)) == {"app: It (AWS::IAM::Role)": "differs"}


@pytest.mark.parametrize(
    ("kind", "properties"),
    [("Role", {"AssumeRolePolicyDocument": TRUST}), ("User", {}), ("Group", {})],
)
def test_paths(kind: str, properties: dict[str, Any]) -> None:
    """An identity that was made again under another path is another one to all policies that name it."""
    for made, deployed, expected in (
        (None, "/", None),
        ("/", "/x/", "differs"),
        ("/x/", "/x/", None),
        ("/x/", "/", "differs"),
        (None, "/x/", "differs"),
    ):
        given = {**properties, **({} if made is None else {"Path": made})}
        trust = json.dumps(TRUST) if kind == "Role" else None
        name = kind.lower()
        there = Identity(name, "it", f"arn:aws:iam::{HOME}:{name}{deployed}it", trust=trust, path=deployed)
        findings = told(found({"it": resource(f"IAM::{kind}", **given)}, {}, it=there))
        assert findings.get(f"{name} it: path") == expected


def test_the_path_of_a_role_to_which_a_template_only_adds() -> None:
    """It is not the template's."""
    made = resource("IAM::RolePolicy", RoleName="it", PolicyName="p", PolicyDocument=policy(Action="s3:GetObject"))
    there = role("it", path="/x/", inline={"p": json.dumps(policy(Action="s3:GetObject"))})
    assert "role it: path" not in told(found({"Of": made}, {}, it=there))
