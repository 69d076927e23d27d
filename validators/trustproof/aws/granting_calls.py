"""
Calls of the AWS SDK by which somebody gets access: to what is shared, by a policy, as a user, or by a role.

By the access level "Permissions management" of
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
and the parameters of each operation (https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/), for what that level
leaves out. Whether a call is one by its name alone is `_GIVES`, so that a new action called like others is none that is
passed by.
"""

from __future__ import annotations

import re

#: Services that have hardly an action but to give access and to take it, by the names of their clients in the SDK.
_ABOUT_ACCESS = frozenset("iam identitystore lakeformation organizations ram rolesanywhere ssoadmin".split())
_READS = re.compile(
    r"(?:batchget|check|describe|generate|get|head|list|lookup|search|simulate|tag|test|untag|validate)"
)
#: How actions are called that give access, and those among them that give nobody anything: policies of other kinds.
_GIVES = re.compile(
    r"acl|accessentry|accesspolicy|adminaccount|delegatedadmin|grant|permission|policy|policies|publicaccess|share"
)
_GIVES_NOTHING = re.compile(
    r"accountalias|accountpasswordpolicy|servicelinkedrole"
    r"|(?:autotermination|backup|cache|continuousdeployment|cors|dataprotection|dataretrieval|firewall|headers|index"
    r"|lifecycle|metric|originrequest|playbackrestriction|resiliency|retention|scaling|scheduling|stack|stickiness"
    r"|storagetier|traffic)polic"
    r"|networkacl|quotashare|revenueshare|webacl"
)
#: Clients by another name in one of the versions of the SDK.
_SAME = {
    "cognitoidentityserviceprovider": "cognitoidentityprovider",
    "elasticsearchservice": "es",
    "rdsdataservice": "rdsdata",
}
#: By client, other actions that give access whatever they are given, in lower case.
GIVING: dict[str, frozenset[str]] = {
    client: frozenset(actions.lower().split())
    for client, actions in {
        "apigateway": "createAuthorizer createDomainNameAccessAssociation importRestApi putRestApi updateAuthorizer",
        "apigatewayv2": "createAuthorizer importApi reimportApi updateAuthorizer",
        "appsync": "createApiKey updateApiKey",
        "cloud9": "createEnvironmentMembership updateEnvironmentMembership",
        "cloudformation": (
            "createChangeSet createStack createStackInstances createStackSet executeChangeSet updateStack "
            "updateStackInstances updateStackSet"
        ),
        "codebuild": "updateProjectVisibility",
        "cognitoidentity": "createIdentityPool setIdentityPoolRoles setPrincipalTagAttributeMap updateIdentityPool",
        "cognitoidentityprovider": (
            "adminAddUserToGroup adminConfirmSignUp adminCreateUser adminEnableUser adminLinkProviderForUser "
            "adminSetUserPassword adminUpdateUserAttributes createGroup createIdentityProvider createUserPoolClient "
            "startUserImportJob updateGroup updateIdentityProvider updateUserPoolClient"
        ),
        "configservice": "putAggregationAuthorization",
        "datazone": "createProjectMembership",
        "deadline": "associateMemberToFarm associateMemberToFleet associateMemberToJob associateMemberToQueue",
        "directoryservice": "createTrust",
        "docdb": "modifyDBClusterSnapshotAttribute",
        "ec2": (
            "associateIamInstanceProfile enableSerialConsoleAccess modifyFpgaImageAttribute modifySnapshotAttribute "
            "replaceIamInstanceProfileAssociation resetImageAttribute resetSnapshotAttribute"
        ),
        "ec2instanceconnect": "sendSSHPublicKey sendSerialConsoleSSHPublicKey",
        "eks": "associateIdentityProviderConfig createPodIdentityAssociation updatePodIdentityAssociation",
        "elasticache": "createUser createUserGroup modifyUser modifyUserGroup",
        "emr": "createStudioSessionMapping updateStudioSessionMapping",
        "es": "authorizeVpcEndpointAccess",
        "glacier": "abortVaultLock",
        "globalaccelerator": "createCrossAccountAttachment updateCrossAccountAttachment",
        "grafana": "createWorkspaceApiKey createWorkspaceServiceAccountToken updateWorkspaceAuthentication",
        "iot": (
            "attachThingPrincipal createAuthorizer createCertificateFromCsr createKeysAndCertificate "
            "createProvisioningTemplate createRoleAlias registerCACertificate registerCertificate "
            "registerCertificateWithoutCA registerThing setDefaultAuthorizer updateAuthorizer updateCACertificate "
            "updateCertificate updateProvisioningTemplate updateRoleAlias"
        ),
        "kafka": "batchAssociateScramSecret",
        "lambda": "createFunctionUrlConfig updateFunctionUrlConfig",
        "lightsail": "createBucketAccessKey setResourceAccessForBucket",
        "memorydb": "createUser updateUser",
        "mq": "createUser updateUser",
        "neptune": "modifyDBClusterSnapshotAttribute",
        "opensearch": "authorizeVpcEndpointAccess",
        "opensearchserverless": "createSecurityConfig updateSecurityConfig",
        "qbusiness": "createDataAccessor",
        "quicksight": (
            "createGroupMembership createRoleMembership registerUser updatePublicSharingSettings updateUser"
        ),
        "rds": ("addRoleToDBCluster addRoleToDBInstance modifyDBClusterSnapshotAttribute modifyDBSnapshotAttribute"),
        "redshift": "authorizeEndpointAccess authorizeSnapshotAccess modifyClusterIamRoles",
        "route53": "associateVPCWithHostedZone createVPCAssociationAuthorization",
        "s3": "deleteBucketOwnershipControls putBucketOwnershipControls",
        "securitylake": "createSubscriber updateSubscriber",
        "servicecatalog": "associatePrincipalWithPortfolio enableAWSOrganizationsAccess",
        "ssm": "createActivation",
        "transfer": "createAccess createUser importSshPublicKey updateAccess updateUser",
    }.items()
}
#: By client and action, parameters of which one gives access: the action is about other things as well.
GIVING_BY: dict[tuple[str, str], str] = {
    (client, action.lower()): parameters
    for (client, actions), parameters in {
        ("apigateway", "createDomainName createRestApi"): "policy",
        ("apigateway", "putMethod"): "authorizationType",
        ("apigateway", "updateDomainName updateMethod updateRestApi"): "patchOperations",
        ("apigatewayv2", "createRoute updateRoute"): "AuthorizationType",
        ("appsync", "createGraphqlApi updateGraphqlApi"): "authenticationType additionalAuthenticationProviders",
        ("dlm", "createLifecyclePolicy updateLifecyclePolicy"): "ShareRules",
        ("dsql", "createCluster"): "policy",
        ("dynamodb", "createTable"): "ResourcePolicy",
        ("ec2", "modifyImageAttribute"): (
            "Attribute LaunchPermission OrganizationArns OrganizationalUnitArns UserGroups UserIds"
        ),
        ("ec2", "createVpcEndpoint modifyVpcEndpoint"): "PolicyDocument ResetPolicy",
        ("ec2", "runInstances requestSpotInstances"): "IamInstanceProfile",
        ("eks", "createCluster updateClusterConfig"): "accessConfig",
        ("elasticache", "modifyReplicationGroup"): "AuthToken RemoveUserGroups UserGroupIdsToAdd",
        ("es", "createElasticsearchDomain updateElasticsearchDomainConfig"): (
            "AccessPolicies AdvancedSecurityOptions CognitoOptions"
        ),
        ("glacier", "initiateVaultLock"): "policy",
        ("imagebuilder", "createDistributionConfiguration updateDistributionConfiguration"): "launchPermission",
        ("kms", "createKey replicateKey"): "Policy",
        ("lambda", "createFunction updateFunctionConfiguration"): "Role",
        ("lightsail", "updateBucket"): "accessRules readonlyAccessAccounts",
        ("opensearch", "createDomain updateDomainConfig"): (
            "AccessPolicies AdvancedSecurityOptions CognitoOptions IdentityCenterOptions JWTOptions"
        ),
        ("rdsdata", "batchExecuteStatement executeStatement"): "sql",
        ("redshiftdata", "batchExecuteStatement executeStatement"): "Sql Sqls",
        ("s3", "copyObject createMultipartUpload putObject"): (
            "ACL GrantFullControl GrantRead GrantReadACP GrantWrite GrantWriteACP"
        ),
        ("s3", "createBucket"): "ACL GrantFullControl GrantRead GrantReadACP GrantWrite GrantWriteACP ObjectOwnership",
        ("s3control", "createAccessPoint"): "PublicAccessBlockConfiguration",
        ("sns", "createTopic setTopicAttributes"): "Policy",
        ("sqs", "createQueue setQueueAttributes"): "Policy",
        ("ssm", "updateServiceSetting"): "SettingId",
        ("transfer", "createServer updateServer"): "IdentityProviderDetails",
        ("vpclattice", "createService createServiceNetwork updateService updateServiceNetwork"): "authType",
    }.items()
    for action in actions.split()
}
#: What a statement of SQL or a setting says that gives access; whatever else is none.
_SAID = re.compile(r"\b(?:grant|(?:create|alter)\s+(?:user|role|group))\b|public-sharing", re.IGNORECASE)
_IN_WORDS = frozenset(("sql", "Sql Sqls", "SettingId"))


def gives_access(client: str, action: str, text: str) -> bool:
    """
    Whether a call may give somebody access, or take it.

    Args:
        client: of the SDK, by the name of its package or class: ``cognito-identity``, ``CognitoIdentity``.
        action: in any case: ``setIdentityPoolRoles``.
        text: in which the parameters are as JSON, as far as they are known.
    """
    host, called = client.lower().replace("-", ""), action.lower()
    host = _SAME.get(host, host)
    if called in GIVING.get(host, ()):
        return True
    if (parameters := GIVING_BY.get((host, called))) is not None:
        is_said = re.search(rf'"(?:{"|".join(parameters.split())})"', text, re.IGNORECASE) is not None
        return is_said and (parameters not in _IN_WORDS or _SAID.search(text) is not None)
    if _READS.match(called) or _GIVES_NOTHING.search(called):
        return False
    return host in _ABOUT_ACCESS or _GIVES.search(called) is not None or _sets_policy(called, text)


def _sets_policy(called: str, text: str) -> bool:
    """Whether attributes are set, and a policy is one of them."""
    return called.endswith(("attribute", "attributes")) and re.search(r'"Policy"', text) is not None
