"""
Resources that give access without a policy of IAM's: where they change, nothing is said to be the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.inputs.cloudformation.resources.access.access_without_policies import TYPES
from trustproof.inputs.terraform.resources.access_by_argument import TYPES as TERRAFORM_TYPES

Json = dict[str, Any]


def template(type_: str | None, **properties: Any) -> Json:
    """A template with a role, and one resource of a type."""
    role: Json = {"Type": "AWS::SNS::Topic", "Properties": {}}
    other: Json = {} if type_ is None else {"Share": {"Type": type_, "Properties": properties}}
    return {"Resources": {"Topic": role, **other}}


def at(name: str, value: object) -> Json:
    """A value below the properties that a name is made of."""
    for step in reversed(name.split("/")):
        value = {step: value}
    assert isinstance(value, dict)
    return value


QUEUE = "arn:aws:sqs:us-east-1:111122223333:q"
STATEMENT = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "ecr:BatchGetImage"}
ECR = {"RepositoryPolicy": json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})}


@pytest.mark.parametrize("type_", TYPES)
def test_what_changes_is_named_as_not_compared(type_: str) -> None:
    """Whether it is new, gone or another one, once; tags are nothing, and what is the same is not named."""
    name = (*TYPES[type_], "Principals")[0]
    one, other = (template(type_, **at(name, value)) for value in ("111122223333", "999988887777"))
    for old, new in ((one, other), (template(None), one), (one, template(None))):
        found = trustproof.diff(old, new)
        assert not found.access
        said = [reason for each in found.undecided for reason in each.reasons]
        assert said == [f"what Share gives ({type_}) is not compared, and the other side does not have the same"]
    assert trustproof.diff(one, template(type_, **at(name, "111122223333"), Tags=[])).is_empty


@pytest.mark.parametrize("group", ["admins", {"Fn::ImportValue": "Admins"}, {"Ref": "Name"}])
def test_who_is_put_into_a_group_that_no_template_has_is_named(group: object) -> None:
    """As of a user with such a group: what it may do there, nobody reads."""
    old = {"Parameters": {"Name": {"Type": "String"}}, **template(None)}
    (found,) = trustproof.diff(old, {**old, **template("AWS::IAM::UserToGroupAddition", GroupName=group)}).undecided
    assert found.reasons[0].startswith("what Share gives (AWS::IAM::UserToGroupAddition)")


@pytest.mark.parametrize("targets", [[], ["ou-abcd-12345678"]])
def test_a_control_policy_that_is_taken_from_where_it_was_is_named(targets: list[str]) -> None:
    """It stops nobody there any more."""
    content = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}
    old, new = (
        template("AWS::Organizations::Policy", Type="SERVICE_CONTROL_POLICY", Content=content, TargetIds=one)
        for one in (["r-abcd"], targets)
    )
    said = [reason for each in trustproof.diff(old, new).undecided for reason in each.reasons]
    assert "what the control policy of the old side stops is not compared" in said
    assert trustproof.diff(old, old).is_empty


POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ATTACH = '{"service":"IAM","action":"attachRolePolicy","parameters":{"PolicyArn":"%s"}}'
PRODUCT = "AWS::ServiceCatalog::CloudFormationProvisionedProduct"
#: What is not looked into, then in other words that decide, and in others that do not.
NOT_READ: list[tuple[str, Json, Json, Json]] = [
    ("AWS::Foo::Bar", {"P": {**POLICY, "Id": "a"}}, {"P": {**POLICY, "Id": "b"}}, {"P": {**POLICY, "Id": "a"}, "N": 1}),
    ("My::Org::Thing::MODULE", {"Account": "1"}, {"Account": "2"}, {"Account": "1", "Tags": []}),
    (PRODUCT, {"ProductId": "p"}, {"ProductId": "q"}, {"ProductId": "p", "Tags": []}),
    ("Custom::AWS", {"Create": ATTACH % "a"}, {"Create": ATTACH % "b"}, {"Create": ATTACH % "a", "Old": 1}),
    (
        "Custom::AWS",
        {"Create": ATTACH % "a"},
        {"Create": ATTACH % "b"},
        {"Create": '{"parameters": {"PolicyArn": "a"}, "action": "attachRolePolicy", "service": "IAM"}'},
    ),
    ("AWS::ApiGateway::RestApi", {"BodyS3Location": "a"}, {"BodyS3Location": "b"}, {"BodyS3Location": "a"}),
    (
        "AWS::CloudFormation::Stack",
        {"TemplateURL": "https://example.com/t", "Parameters": {"Account": "1"}},
        {"TemplateURL": "https://example.com/t", "Parameters": {"Account": "2"}},
        {"TemplateURL": "https://example.com/t", "Parameters": {"Account": "1"}, "Tags": []},
    ),
]


@pytest.mark.parametrize(("type_", "one", "other", "same"), NOT_READ, ids=[row[0] for row in NOT_READ])
def test_what_nobody_looks_into_is_undecided_in_other_words(type_: str, one: Json, other: Json, same: Json) -> None:
    """Both sides have it, and what it gives may not be what it was; where it is written alike, nothing is said."""
    found = trustproof.diff(template(type_, **one), template(type_, **other))
    assert not found.access
    (reason,) = (reason for each in found.undecided for reason in each.reasons)
    assert reason.startswith("on the new side: ")
    assert reason.endswith(", and is not written alike")
    assert trustproof.diff(template(type_, **one), template(type_, **same)).is_empty


@pytest.mark.parametrize(
    "block",
    [
        'module "x" {\n  source = "terraform-aws-modules/iam/aws"\n  trusted = ["ACCOUNT"]\n}\n',
        'resource "aws_new" "p" {\n  policy = <<E\n{"Statement": {"Effect": "Allow", "Principal": "ACCOUNT"}}\nE\n}',
    ],
)
def test_what_nobody_looks_into_in_terraform_is_undecided_in_other_words(block: str, tmp_path: Path) -> None:
    """A module that is not at hand may make something else of another account; the layout is nothing."""
    for name, text in (
        ("old", block.replace("ACCOUNT", "111122223333")),
        ("new", block.replace("ACCOUNT", "222233334444")),
        ("same", block.replace("ACCOUNT", "111122223333").replace("  ", "    ")),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text)
    found = trustproof.diff(tmp_path / "old", tmp_path / "new", account="111122223333")
    (reason,) = (reason for each in found.undecided for reason in each.reasons)
    assert reason.endswith(", and is not written alike")
    assert trustproof.diff(tmp_path / "old", tmp_path / "same", account="111122223333").is_empty


@pytest.mark.parametrize(
    ("said", "old", "new"),
    [
        ('master_user_options {\n master_user_arn = "arn:aws:iam::VALUE:role/a"\n}', "111122223333", "999988887777"),
        ("anonymous_auth_enabled = VALUE", "false", "true"),
        ("}\ncognito_options {\n enabled = VALUE", "false", "true"),
    ],
)
def test_who_is_the_master_user_of_a_domain_of_terraform_is_undecided(
    said: str, old: str, new: str, tmp_path: Path
) -> None:
    """It may do anything in the domain, whatever the policy says of others; and so is whoever is nobody."""
    text = f'resource "aws_opensearch_domain" "d" {{\n advanced_security_options {{\n{said}\n}}\n}}\n'
    for name in (old, new):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text.replace("VALUE", name))
    (found,) = trustproof.diff(tmp_path / old, tmp_path / new, account="111122223333").undecided
    assert found.reasons[0].startswith("what aws_opensearch_domain.d gives")
    assert trustproof.diff(tmp_path / old, tmp_path / old, account="111122223333").is_empty


@pytest.mark.parametrize(
    ("options", "is_same"),
    [
        ({"AnonymousAuthEnabled": True}, False),
        ({"AnonymousAuthEnabled": False}, True),
        ({"SAMLOptions": {"Enabled": True, "MasterUserName": "bob"}}, False),
        ({"SAMLOptions": {"SessionTimeoutMinutes": 60}}, True),
        ({"MasterUserOptions": {"MasterUserARN": {"Fn::Sub": "arn:aws:iam::111122223333:role/a"}}}, True),
        ({"MasterUserOptions": {"MasterUserName": "a", "MasterUserPassword": "{{resolve:ssm-secure:b}}"}}, False),
        ({"CognitoOptions": {"Enabled": True, "UserPoolId": "p"}}, False),
        ({"CognitoOptions": {"Enabled": False}}, True),
        ({"IdentityCenterOptions": {"EnabledAPIAccess": True}}, False),
    ],
)
def test_what_else_lets_somebody_into_a_domain_is_undecided(options: Json, is_same: bool) -> None:
    """Whoever signs in by SAML, a user pool or Identity Center, asks as nobody, or knows the master user's password."""
    first = {"Enabled": True, "MasterUserOptions": {"MasterUserARN": "arn:aws:iam::111122223333:role/a"}}
    type_ = "AWS::OpenSearchService::Domain"
    beside = {name: one for name, one in options.items() if name in ("CognitoOptions", "IdentityCenterOptions")}
    inside = {**first, **{name: one for name, one in options.items() if name not in beside}}
    old, new = template(type_, AdvancedSecurityOptions=first), template(type_, AdvancedSecurityOptions=inside, **beside)
    assert trustproof.diff(old, new).is_empty is is_same


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  allow_unauthenticated_identities = false", "  allow_unauthenticated_identities = true"),
        ("", '  supported_login_providers = { "graph.facebook.com" = "1" }'),
    ],
)
def test_an_identity_pool_of_terraform_that_lets_in_others_is_undecided(tmp_path: Path, old: str, new: str) -> None:
    """Whether roles of the pool go to whoever has not signed in, and to whom of whose, is said by no policy."""
    for name, said in (("old", old), ("new", new)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(f'resource "aws_cognito_identity_pool" "p" {{\n{said}\n}}\n')
    (found,) = trustproof.diff(tmp_path / "old", tmp_path / "new", account="111122223333").undecided
    assert found.reasons[0].startswith("what aws_cognito_identity_pool.p gives")


@pytest.mark.parametrize("provider", ["arn:aws:iam::111122223333:saml-provider/x", "accounts.google.com"])
def test_a_federated_principal_of_a_bucket_is_nobody(provider: str) -> None:
    """Assertions and tokens are for STS alone, so that such a statement gives nothing."""
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    old, new = (
        {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": "b",
                "PolicyDocument": {"Statement": [{**statement, "Principal": one} for one in principals]},
            },
        }
        for principals in ([{"AWS": "111122223333"}], [{"AWS": "111122223333"}, {"Federated": provider}])
    )
    found = trustproof.diff({"Resources": {"P": old}}, {"Resources": {"P": new}}, account="111122223333")
    assert not found.access
    assert not found.undecided


def api(type_: str | None, *, policy: bool = False, **properties: Any) -> Json:
    """A template with an API, and what of it asks callers for something."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
    said: Json = {"Policy": {"Version": "2012-10-17", "Statement": statement}} if policy else {}
    called = {"RestApiId": {"Ref": "Api"}, "ApiId": {"Ref": "Api"}}
    other: Json = {} if type_ is None else {"M": {"Type": type_, "Properties": {**called, **properties}}}
    return {"Resources": {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": said}, **other}}


def event(of_all: Json | None = None, **auth: Any) -> Json:
    """A function of SAM that an API calls, which SAM makes of what ``Globals`` say."""
    call = {"Type": "HttpApi", "Properties": {"Path": "/", "Method": "get", **({"Auth": auth} if auth else {})}}
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": {"HttpApi": {"Auth": of_all} if of_all else {}},
        "Resources": {"M": {"Type": "AWS::Serverless::Function", "Properties": {"Events": {"Get": call}}}},
    }


def of_all_apis(**auth: Any) -> Json:
    """An HTTP API of SAM that has what all of them have."""
    globals_ = {"Globals": {"HttpApi": {"Auth": auth}}}
    return {**globals_, "Resources": {"M": {"Type": "AWS::Serverless::HttpApi", "Properties": {}}}}


METHOD, ROUTE, AUTHORIZER = "AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Route", "AWS::ApiGateway::Authorizer"
LATTICE, MSK = "AWS::VpcLattice::Service", "AWS::MSK::Cluster"
CUSTOM = {"AuthorizationType": "CUSTOM", "AuthorizerId": "abc"}
ASKED = "what {} asks callers for is not compared, and the other side does not have the same"


@pytest.mark.parametrize(
    ("old", "new", "who"),
    [
        (api(METHOD, **CUSTOM), api(METHOD), "M"),
        (api(METHOD, **CUSTOM), api(METHOD, AuthorizationType="NONE"), "M"),
        (api(METHOD, **CUSTOM), api(METHOD, **CUSTOM | {"AuthorizerId": "def"}), "M"),
        (api(ROUTE, AuthorizationType="JWT", AuthorizationScopes=["a"]), api(ROUTE, AuthorizationType="JWT"), "M"),
        (api(AUTHORIZER, ProviderARNs=["a"]), api(AUTHORIZER, ProviderARNs=["b"]), "M"),
        (event(Authorizer="Own"), event(Authorizer="NONE"), "the event Get of M"),
        (event(), event(Authorizer="NONE"), "the event Get of M"),
        (of_all_apis(DefaultAuthorizer="Own"), of_all_apis(), "M"),
        (event({"DefaultAuthorizer": "AWS_IAM"}), event({"DefaultAuthorizer": "NONE"}), "the event Get of M"),
        (api(LATTICE, AuthType="AWS_IAM"), api(LATTICE), "M"),
        (api(LATTICE), api(LATTICE, AuthType="NONE"), ""),
        (api("AWS::Neptune::DBCluster", IamAuthEnabled=True), api("AWS::Neptune::DBCluster"), "M"),
        (api("AWS::Neptune::DBCluster", IamAuthEnabled="false"), api("AWS::Neptune::DBCluster"), ""),
        (api(MSK, ClientAuthentication={"Unauthenticated": {"Enabled": True}}), api(MSK), "M"),
        (api(METHOD), api(METHOD, AuthorizationType="NONE"), ""),
        (api(METHOD, **CUSTOM), api(METHOD, **CUSTOM, OperationName="x"), ""),
        (api(AUTHORIZER, Name="a"), api(AUTHORIZER, Name="b"), ""),
        (api(None), api(METHOD), ""),
        (api(METHOD, **CUSTOM), api(None), ""),
    ],
)
def test_what_a_method_asks_callers_for_is_named_where_it_is_something_else(old: Json, new: Json, who: str) -> None:
    """Whom an authorizer lets in is not known; a method that is new or gone is no change of one."""
    for one, other in ((old, new), (new, old)):
        found = trustproof.diff(one, other)
        assert not found.access
        said = [reason for each in found.undecided for reason in each.reasons if "callers" in reason]
        assert said == [ASKED.format(who)] * bool(who)
    judged = trustproof.diff(api(METHOD, policy=True, **CUSTOM), api(METHOD, policy=True))
    assert not any(reason == ASKED.format("M") for one in judged.undecided for reason in one.reasons)


@pytest.mark.parametrize("type_", TERRAFORM_TYPES)
def test_what_changes_in_terraform_is_named_as_not_compared(tmp_path: Path, type_: str) -> None:
    """Whether it is new, gone or another one, once; tags are nothing, and what is the same is not named."""
    argument = (*TERRAFORM_TYPES[type_].callers, *TERRAFORM_TYPES[type_].rest)[0]
    texts = {
        "none": "",
        "one": f'resource "{type_}" "r" {{\n  {argument} = "111122223333"\n}}\n',
        "other": f'resource "{type_}" "r" {{\n  {argument} = "999988887777"\n}}\n',
        "tagged": f'resource "{type_}" "r" {{\n  {argument} = "111122223333"\n  tags = {{ a = "b" }}\n}}\n',
    }
    for name, text in texts.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(f'resource "aws_sns_topic" "t" {{\n  name = "t"\n}}\n{text}')
    for old, new in (("one", "other"), ("none", "one"), ("one", "none")):
        found = trustproof.diff(tmp_path / old, tmp_path / new)
        assert not found.access
        said = [reason for each in found.undecided for reason in each.reasons]
        assert said == [f"what {type_}.r gives is not compared, and the other side does not have the same"]
    assert trustproof.diff(tmp_path / "one", tmp_path / "tagged").is_empty


def test_a_method_of_terraform_that_asks_for_something_else_is_named(tmp_path: Path) -> None:
    """As one of CloudFormation is, by its address."""
    for name, said in (("old", '"CUSTOM"\n  authorizer_id = "abc"'), ("new", '"NONE"')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(
            'resource "aws_api_gateway_rest_api" "a" {\n  name = "a"\n}\nresource "aws_api_gateway_method" "m" {\n'
            '  rest_api_id = aws_api_gateway_rest_api.a.id\n  resource_id = "r"\n  http_method = "GET"\n'
            f"  authorization = {said}\n}}\n"
        )
    (found,) = trustproof.diff(tmp_path / "old", tmp_path / "new").undecided
    assert found.reasons == (ASKED.format("aws_api_gateway_method.m"),)


def test_a_profile_of_terraform_that_hands_out_another_role_is_named(tmp_path: Path) -> None:
    """As one of CloudFormation is."""
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(
            'resource "aws_rolesanywhere_profile" "p" {\n  name = "p"\n'
            f'  role_arns = ["arn:aws:iam::111122223333:role/{name}"]\n}}\n'
            'resource "aws_sns_topic" "t" {\n  name = "t"\n}\n'
        )
    (found,) = trustproof.diff(tmp_path / "old", tmp_path / "new").undecided
    assert found.reasons[0].startswith("what aws_rolesanywhere_profile.p gives ")


@pytest.mark.parametrize(
    ("type_", "arguments", "old", "new", "is_said"),
    [
        ("aws_apigatewayv2_route", 'api_id = "a"\nroute_key = "GET /"\nauthorization_type = "-"', "AWS_IAM", "NONE", 1),
        ("aws_vpclattice_service", 'name = "s"\nauth_type = "-"', "AWS_IAM", "NONE", 1),
        ("aws_apigatewayv2_route", 'api_id = "a"\nroute_key = "-"', "GET /a", "GET /b", 0),
        ("aws_api_gateway_authorizer", 'name = "a"\nprovider_arns = ["-"]', "arn:aws:cognito-idp:::a", "arn:b", 1),
        ("aws_apigatewayv2_authorizer", 'jwt_configuration {\nissuer = "https://-"\n}', "a.example", "b.example", 1),
        ("aws_apigatewayv2_authorizer", 'name = "-"', "a", "b", 0),
    ],
)
def test_what_routes_and_authorizers_of_terraform_ask_for_is_compared(
    tmp_path: Path, type_: str, arguments: str, old: str, new: str, is_said: int
) -> None:
    """A route that asks for no signature any more is open, and another issuer lets in others."""
    for name, value in (("old", old), ("new", new)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(f'resource "{type_}" "x" {{\n{arguments.replace("-", value)}\n}}\n')
    found = trustproof.diff(tmp_path / "old", tmp_path / "new", account="111122223333")
    assert [one.reasons for one in found.undecided] == [(ASKED.format(f"{type_}.x"),)] * is_said


#: What gives a role, or a door, with what says which one.
GIVING = {
    "aws_appsync_graphql_api": 'authentication_type = "WHAT"',
    "aws_chatbot_slack_channel_configuration": 'guardrail_policy_arns = ["WHAT"]',
    "aws_codebuild_webhook": 'filter_group {\nfilter {\ntype = "EVENT"\npattern = "WHAT"\n}\n}',
    "aws_emr_studio_session_mapping": 'session_policy_arn = "WHAT"',
    "aws_opensearchserverless_security_policy": 'type = "network"\npolicy = "WHAT"',
    "aws_servicecatalog_constraint": 'type = "LAUNCH"\nparameters = "WHAT"',
    "aws_ssm_activation": 'iam_role = "WHAT"',
    "aws_ssm_service_setting": 'setting_value = "WHAT"',
}


def test_what_gives_a_role_or_opens_a_door_by_itself_is_named(tmp_path: Path) -> None:
    """Nobody reads what it comes to; names and descriptions are nothing."""
    text = "".join(f'resource "{type_}" "x" {{\n{said}\ndescription = "NAME"\n}}\n' for type_, said in GIVING.items())
    for name, what in (("old", "a"), ("same", "a"), ("new", "b")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text.replace("WHAT", what).replace("NAME", name))
    found = trustproof.diff(tmp_path / "old", tmp_path / "new", account="111122223333").undecided
    assert sorted(one.reasons[0].split()[1] for one in found) == [f"{type_}.x" for type_ in GIVING]
    assert trustproof.diff(tmp_path / "old", tmp_path / "same", account="111122223333").is_empty


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        ("AWS::Chatbot::SlackChannelConfiguration", "GuardrailPolicies"),
        ("AWS::EMR::StudioSessionMapping", "SessionPolicyArn"),
        ("AWS::OpenSearchServerless::SecurityPolicy", "Policy"),
    ],
)
def test_so_it_is_in_a_template(type_: str, name: str) -> None:
    """As in a configuration of Terraform."""
    sides = [{"Resources": {"X": {"Type": type_, "Properties": {name: value}}}} for value in ("a", "b")]
    (found,) = trustproof.diff(*sides).undecided
    assert found.reasons[0].startswith(f"what X gives ({type_}) ")


@pytest.mark.parametrize(
    ("type_", "old", "new", "said"),
    [
        (
            "AWS::ECR::RepositoryCreationTemplate",
            {**ECR, "Prefix": "p"},
            {**ECR, "Prefix": "ROOT"},
            "which repositories",
        ),
        ("AWS::ECR::RepositoryCreationTemplate", {"Prefix": "p"}, {"Prefix": "ROOT"}, ""),
        ("AWS::ECR::RepositoryCreationTemplate", None, {"Prefix": "ROOT"}, ""),
        ("AWS::SNS::Subscription", {"Endpoint": QUEUE}, {"Endpoint": QUEUE.replace("1", "2")}, "to whom Share sends"),
        ("AWS::SNS::Subscription", {"Endpoint": QUEUE}, {"Endpoint": f"{QUEUE}2"}, ""),
        ("AWS::IAM::User", {}, {"LoginProfile": {"Password": "a"}}, "the password of Share"),
        ("AWS::IAM::User", {"LoginProfile": {"Password": "b"}}, {"LoginProfile": {"Password": "a"}}, ""),
        ("AWS::IAM::AccessKey", {"UserName": "u", "Status": "Inactive"}, {"UserName": "u"}, "the access key Share"),
        ("AWS::IAM::AccessKey", {"UserName": "u"}, {"UserName": "u", "Serial": 2}, ""),
        ("AWS::KMS::Key", {"Enabled": "false"}, {}, "whether Share is in use"),
        ("AWS::Cognito::UserPoolClient", {"WriteAttributes": ["a"]}, {}, "which attributes users of Share write"),
    ],
)
def test_what_decides_besides_policies_is_named_where_it_is_something_else(
    type_: str, old: Json | None, new: Json, said: str
) -> None:
    """A user with a password, or a template for other repositories; what is new or gone gives nothing by that alone."""
    sides = [template(None) if one is None else template(type_, **one) for one in (old, new)]
    for one, other in (sides, sides[::-1]):
        reasons = [reason for each in trustproof.diff(one, other).undecided for reason in each.reasons]
        assert [reason.startswith(said) for reason in reasons] == ([True] if said else [])


@pytest.mark.parametrize(("key", "is_said"), [("kms:MultiRegion", True), ("kms:ViaService", False)])
def test_what_a_key_is_counts_where_its_policy_looks_at_it(key: str, is_said: bool) -> None:
    """A key that becomes one of several Regions lets in whom its policy lets into such a key."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:Decrypt", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": {"StringEquals": {key: "true"}}}]}
    found = trustproof.diff(*(template("AWS::KMS::Key", KeyPolicy=policy, MultiRegion=one) for one in (False, True)))
    said = "MultiRegion of Share was false, and is true, and its policy looks at kms:MultiRegion"
    assert [one.reasons for one in found.undecided] == ([(said,)] if is_said else [])


@pytest.mark.parametrize("before", [False, True])
def test_what_a_key_is_counts_where_the_policy_of_somebody_else_looks_at_it(before: bool) -> None:
    """A user who may use keys of several Regions may use another one, or one less: which, nobody asks."""
    statement = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
    looking = {**statement, "Condition": {"Bool": {"kms:MultiRegion": "true"}}}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [looking]}}
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": "u", "Policies": [policy]}}
    sides = [template("AWS::KMS::Key", MultiRegion=one) for one in (before, not before)]
    for side in sides:
        side["Resources"]["U"] = user
    (open_,) = trustproof.diff(*sides).undecided
    was, now = (str(one).lower() for one in (before, not before))
    assert open_.reasons == (f"MultiRegion of Share was {was}, and is {now}, and user u looks at kms:MultiRegion",)
