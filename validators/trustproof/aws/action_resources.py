"""
What actions are about: the resource types of IAM's actions, and the services with resources of their own only.

A policy may pair any action with any resource, and a request may not. What is not listed here is open.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

#: The managed policies that AWS owns: every account sees them.
AWS_POLICIES = "arn:*:iam::aws:policy/*"


class About(NamedTuple):
    """
    Some actions of a service, and what they are about.
    """

    #: Lower-cased, with the service; empty for all of the service.
    actions: frozenset[str]
    #: ARNs of the resource, as ``ArnLike`` has them; empty where the resource is ``*``.
    arns: tuple[str, ...]
    #: Whether each request is about a resource with such an ARN; else the resource may be ``*``.
    required: bool = False
    #: Where `actions` is empty: those that are left out.
    but_for: frozenset[str] = frozenset()
    #: ARNs among `arns` that are of another type (an object's is a bucket's, a slash and a key), or of none.
    but_not: tuple[str, ...] = ()
    #: Whether the resource is in the caller's account, or is one of `AWS_POLICIES`.
    own_account: bool = False

    def is_for(self, action: str) -> bool:
        """Whether it is about a lower-cased action of its service."""
        return action in self.actions if self.actions else action not in self.but_for


def _named(service: str, actions: str) -> frozenset[str]:
    return frozenset(f"{service}:{action}".lower() for action in actions.split())


#: Neither names nor ids of IAM hold a colon. Paths may, and nobody gives them one: a wildcard in front of the account
#: would have to reach across it to name a thing by that.
_ODD = ("arn:*:iam::*:*:*",)


def _row(types: tuple[str, ...], required: bool, actions: str) -> About:
    arns = tuple(f"arn:*:iam::*:{type_}/*" for type_ in types)
    return About(_named("iam", actions), arns, required, frozenset(), _ODD if arns else ())


#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
_IAM: tuple[About, ...] = (
    _row(
        ("user",),
        True,
        """
            AttachUserPolicy ChangePassword CreateAccessKey CreateLoginProfile
            CreateServiceSpecificCredential CreateUser DeactivateMFADevice DeleteAccessKey
            DeleteLoginProfile DeleteSSHPublicKey DeleteServiceSpecificCredential DeleteSigningCertificate
            DeleteUser DeleteUserPermissionsBoundary DeleteUserPolicy DetachUserPolicy EnableMFADevice
            GetAccessKeyLastUsed GetLoginProfile GetMFADevice GetSSHPublicKey GetUser GetUserPolicy
            ListAccessKeys ListAttachedUserPolicies ListGroupsForUser ListSSHPublicKeys
            ListServiceSpecificCredentials ListSigningCertificates ListUserPolicies ListUserTags
            PutUserPermissionsBoundary PutUserPolicy ResetServiceSpecificCredential ResyncMFADevice TagUser
            UntagUser UpdateAccessKey UpdateLoginProfile UpdateSSHPublicKey UpdateServiceSpecificCredential
            UpdateSigningCertificate UpdateUser UploadSSHPublicKey UploadSigningCertificate
        """,
    ),
    _row(
        ("mfa",),
        True,
        """
            CreateVirtualMFADevice ListMFADeviceTags TagMFADevice UntagMFADevice
        """,
    ),
    _row(
        ("role",),
        True,
        """
            AttachRolePolicy CreateRole CreateServiceLinkedRole DeleteRole DeleteRolePermissionsBoundary
            DeleteRolePolicy DeleteServiceLinkedRole DetachRolePolicy GetRole GetRolePolicy
            GetServiceLinkedRoleDeletionStatus ListAttachedRolePolicies ListInstanceProfilesForRole
            ListRolePolicies ListRoleTags PassRole PutRolePermissionsBoundary PutRolePolicy TagRole
            UntagRole UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription
        """,
    ),
    _row(
        ("group",),
        True,
        """
            AddUserToGroup AttachGroupPolicy CreateGroup DeleteGroup DeleteGroupPolicy DetachGroupPolicy
            GetGroup GetGroupPolicy ListAttachedGroupPolicies ListGroupPolicies PutGroupPolicy
            RemoveUserFromGroup UpdateGroup
        """,
    ),
    _row(
        ("policy",),
        True,
        """
            CreatePolicy CreatePolicyVersion DeletePolicy DeletePolicyVersion GetPolicy GetPolicyVersion
            ListEntitiesForPolicy ListPolicyTags ListPolicyVersions SetDefaultPolicyVersion TagPolicy
            UntagPolicy
        """,
    ),
    _row(
        ("instance-profile",),
        True,
        """
            AddRoleToInstanceProfile CreateInstanceProfile DeleteInstanceProfile GetInstanceProfile
            ListInstanceProfileTags RemoveRoleFromInstanceProfile TagInstanceProfile UntagInstanceProfile
        """,
    ),
    _row(
        ("oidc-provider",),
        True,
        """
            AddClientIDToOpenIDConnectProvider CreateOpenIDConnectProvider DeleteOpenIDConnectProvider
            GetOpenIDConnectProvider ListOpenIDConnectProviderTags RemoveClientIDFromOpenIDConnectProvider
            TagOpenIDConnectProvider UntagOpenIDConnectProvider UpdateOpenIDConnectProvider
            UpdateOpenIDConnectProviderThumbprint
        """,
    ),
    _row(
        ("saml-provider",),
        True,
        """
            CreateSAMLProvider DeleteSAMLProvider GetSAMLProvider ListSAMLProviderTags TagSAMLProvider
            UntagSAMLProvider UpdateSAMLProvider
        """,
    ),
    _row(
        ("server-certificate",),
        True,
        """
            DeleteServerCertificate GetServerCertificate ListServerCertificateTags TagServerCertificate
            UntagServerCertificate UpdateServerCertificate UploadServerCertificate
        """,
    ),
    _row(
        ("delegation-request",),
        True,
        """
            AcceptDelegationRequest AssociateDelegationRequest CreateDelegationRequest GetDelegationRequest
            GetHumanReadableSummary RejectDelegationRequest SendDelegationToken UpdateDelegationRequest
        """,
    ),
    _row(
        ("access-report",),
        True,
        """
            GenerateOrganizationsAccessReport
        """,
    ),
    _row(
        ("group", "policy", "role", "user"),
        True,
        """
            GenerateServiceLastAccessedDetails
        """,
    ),
    _row(
        ("group", "role", "user"),
        True,
        """
            ListPoliciesGrantingServiceAccess
        """,
    ),
    _row(
        ("group", "role", "user"),
        False,
        """
            GetContextKeysForPrincipalPolicy SimulatePrincipalPolicy
        """,
    ),
    _row(
        ("mfa", "sms-mfa"),
        True,
        """
            DeleteVirtualMFADevice
        """,
    ),
    _row(
        ("user",),
        False,
        """
            ListMFADevices
        """,
    ),
    _row(
        (),
        False,
        """
            CreateAccountAlias DeleteAccountAlias DeleteAccountPasswordPolicy
            DisableOrganizationsRootCredentialsManagement DisableOrganizationsRootSessions
            DisableOutboundWebIdentityFederation EnableOrganizationsRootCredentialsManagement
            EnableOrganizationsRootSessions EnableOutboundWebIdentityFederation GenerateCredentialReport
            GetAccountAuthorizationDetails GetAccountPasswordPolicy GetAccountProperties GetAccountSummary
            GetContextKeysForCustomPolicy GetCredentialReport GetOrganizationsAccessReport
            GetOutboundWebIdentityFederationInfo GetServiceLastAccessedDetails
            GetServiceLastAccessedDetailsWithEntities ListAccountAliases ListDelegationRequests ListGroups
            ListInstanceProfiles ListOpenIDConnectProviders ListOrganizationsFeatures ListPolicies ListRoles
            ListSAMLProviders ListServerCertificates ListUsers ListVirtualMFADevices PutAccountProperties
            SetSTSRegionalEndpointStatus SetSecurityTokenServicePreferences SimulateCustomPolicy
            UpdateAccountPasswordPolicy
        """,
    ),
)

#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
_STS = (
    About(
        _named("sts", "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity"),
        (f"arn:*:iam::{'?' * 12}:role/*",),
        but_not=_ODD,
    ),
)

#: What may be about somebody else's account. No other action of IAM is: what an account lets others do to its IAM
#: entities is to assume its roles, and that is an action of STS.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
_ACROSS_ACCOUNTS = frozenset(
    action
    for row in _IAM
    if {"arn:*:iam::*:access-report/*", "arn:*:iam::*:delegation-request/*"} & {*row.arns}
    for action in row.actions
)

#: Services of which every resource type has an ARN of the service itself.
_OWN = frozenset(
    """
    a4b access-analyzer account account-access acm acm-pca agent-registry aidevops aiops airflow
    airflow-serverless amplify amplifybackend amplifyuibuilder aoss apigateway app-integrations appconfig
    appfabric appflow application-autoscaling application-signals application-signals-mcp appmesh
    appmesh-preview appstream appstudio appsync apptest arc-region-switch artifact assurance athena auditmanager
    autoscaling aws-external-anthropic aws-marketplace b2bi backup-gateway backup-search batch bcm-dashboards
    bcm-pricing-calculator bedrock bedrock-agentcore bedrock-mantle bedrock-websearch billing billingconductor
    braket budgets bugbust cases cassandra chatbot chime cleanrooms cleanrooms-ml cloud9 clouddirectory
    cloudformation cloudfront cloudhsm cloudsearch cloudshell cloudtrail cloudwatch codeartifact codebuild
    codecatalyst codecommit codeconnections codedeploy codeguru-profiler codeguru-reviewer codeguru-security
    codepipeline codestar-connections codestar-notifications codewhisperer cognito-identity cognito-sync
    comprehend config connect-campaigns consoleapp controlcatalog controltower cur databrew dataexchange
    datapipeline datasync datazone dax deadline detective devicefarm directconnect dlm dms docdb-elastic drs ds
    dsql dynamodb ecr ecr-public ecs eks elasticache elasticbeanstalk elasticfilesystem elasticloadbalancing
    elasticmapreduce elastictranscoder elemental-appliances-software elemental-inference elemental-support-cases
    emr-containers emr-serverless end-user-messaging entityresolution eventsbilltoaws evidently evs execute-api
    finspace finspace-api firehose fis fms forecast frauddetector freertos fsx gamelift gameliftstreams geo
    geo-maps geo-places geo-routes glacier globalaccelerator glue grafana groundstation guardduty health
    health-agent healthlake honeycode iam identity-sync identitystore imagebuilder inspector2 interconnect
    internetmonitor invoicing iot iotanalytics iotdeviceadvisor iotevents iotfleethub iotfleetwise
    iotmanagedintegrations iotsitewise iottwinmaker iq-permission ivs ivschat kafka kafkaconnect kendra
    kendra-ranking kinesisanalytics kinesisvideo kms lambda launchwizard lex license-manager
    license-manager-linux-subscriptions license-manager-user-subscriptions lightsail logs lookoutequipment
    lookoutmetrics lookoutvision m2 machinelearning macie2 managedblockchain mapcredits mediaconnect
    mediaconvert medialive mediapackage mediapackage-vod mediapackagev2 mediastore mediatailor medical-imaging
    memorydb mgh mgn migrationhub-orchestrator mobiletargeting monitron mpa mq neptune-db neptune-graph
    network-firewall network-security-manager networkflowmonitor networkmanager networkmonitor nimble
    notifications notifications-contacts nova-act oam observabilityadmin odb omics one opensearch opsworks
    opsworks-cm organizations osis outposts panorama partnercentral payments pca-connector-ad pca-connector-scep
    pcs personalize pi pipes polly pricingplanmanager private-networks profile proton purchase-orders qbusiness
    qdeveloper qldb quicksight ram rbin rds rds-db redshift redshift-serverless refactor-spaces rekognition
    repostspace resiliencehub resource-explorer-2 resource-groups robomaker rolesanywhere
    route53-recovery-readiness route53globalresolver route53profiles route53resolver rtbfabric rum
    s3-object-lambda s3-outposts s3express s3files s3tables s3vectors sagemaker sagemaker-geospatial
    savingsplans scheduler schemas scn sdb secretsmanager security-ir securityagent securityhub securitylake
    serverlessrepo servicediscovery servicequotas ses shield signer signin simspaceweaver sms-voice
    snow-device-management sns social-messaging sqlworkbench sqs ssm-contacts ssm-incidents ssm-quicksetup
    ssm-sap sso states storagegateway supportauthz swf synthetics textract thinclient timestream
    timestream-influxdb tnb transcribe transfer transform transform-custom translate trustedadvisor ts
    vendor-insights verifiedpermissions voiceid vpc-lattice waf wellarchitected wickr wisdom workdocs worklink
    workmail workmailmessageflow workspaces workspaces-web xray
    """.split()
)

#: Services with resource types of others too: the actions that may be about these, and the ARNs.
_OTHERS: dict[str, tuple[str, tuple[str, ...]]] = {
    # Recovery points have ARNs of the service that they were taken of, with its Region.
    "backup": (
        """
        CopyFromBackupVault CreateBackupAccessPoint DeleteRecoveryPoint DescribeRecoveryPoint
        DisassociateRecoveryPoint DisassociateRecoveryPointFromParent GetRecoveryPointIndexDetails
        GetRecoveryPointRestoreMetadata ListTags SearchRecoveryPoint StartCopyJob StartRestoreJob
        StartScanJob TagResource UntagResource UpdateRecoveryPointIndexSettings
        UpdateRecoveryPointLifecycle
    """,
        ("arn:*:*:?*:*:*",),
    ),
    "ec2": (
        """
        AssociateEnclaveCertificateIamRole DisassociateEnclaveCertificateIamRole
        GetAssociatedEnclaveCertificateIamRoles RunInstances StartInstances
    """,
        (
            "arn:*:acm:*:*:certificate/*",
            "arn:*:elastic-inference:*:*:elastic-inference-accelerator/*",
            "arn:*:iam::*:role/*",
            "arn:*:license-manager:*:*:license-configuration:*",
            "arn:*:resource-groups:*:*:group/*",
        ),
    ),
    "events": (
        "CreateArchive UpdateArchive",
        ("arn:*:kms:*:*:alias/*", "arn:*:kms:*:*:key/*"),
    ),
    "kinesis": (
        "StartStreamEncryption StopStreamEncryption",
        ("arn:*:kms:*:*:key/*",),
    ),
    "s3": (
        """
        CreateAccessPointForObjectLambda DeleteAccessPointForObjectLambda
        DeleteAccessPointPolicyForObjectLambda GetAccessPointConfigurationForObjectLambda
        GetAccessPointForObjectLambda GetAccessPointPolicyForObjectLambda
        GetAccessPointPolicyStatusForObjectLambda PutAccessPointConfigurationForObjectLambda
        PutAccessPointPolicyForObjectLambda
    """,
        ("arn:*:s3-object-lambda:*:*:accesspoint/*",),
    ),
    "ssm": (
        """
        AddTagsToResource CreateAssociation CreateAssociationBatch DeleteAssociation DescribeAssociation
        DescribeEffectiveInstanceAssociations DescribeInstanceAssociationsStatus
        DescribeInstancePatchStates DescribeInstancePatches GetConnectionStatus ListInstanceAssociations
        PutComplianceItems RemoveTagsFromResource RequestManagedInstanceRoleToken SendCommand
        StartAccessRequest StartSession UpdateAssociation UpdateAssociationStatus
        UpdateInstanceAssociationStatus UpdateInstanceInformation UpdateManagedInstancePublicKey
        UpdateManagedInstanceRole
    """,
        ("arn:*:ec2:*:*:instance/*", "arn:*:ecs:*:*:task/*", "arn:*:iam::*:role/*", "arn:*:s3:::*"),
    ),
}


@cache
def about(service: str) -> tuple[About, ...]:
    """What the actions of a service are about, as far as it is known."""
    if service == "sts":
        return _STS

    own = (f"arn:*:{service}:*:*:*",)
    always = tuple(
        About(
            _named(service, row.actions), _somewhere(row.arns), row.required, frozenset(), row.but_not, row.own_account
        )
        for row in ALWAYS.get(service, ())
    )
    if service == "iam":
        return About(frozenset(), own, but_for=_ACROSS_ACCOUNTS, own_account=True), *_IAM
    if service in _OWN:
        return About(frozenset(), own), *always
    if service not in _OTHERS:
        return always
    actions, others = _OTHERS[service]
    but_for = _named(service, actions)
    return About(frozenset(), own, but_for=but_for), About(but_for, (*own, *others)), *always


def _somewhere(arns: tuple[str, ...]) -> tuple[str, ...]:
    """Patterns for ARNs with a Region and an account in these fields."""
    return tuple(arn.replace(":*:*:", f":?*:{'?' * 12}:", 1) for arn in arns)


@cache
def in_own_account(action: str) -> bool:
    """Whether what a lower-cased action is about is in the caller's account, or is one of `AWS_POLICIES`."""
    return any(row.own_account and row.is_for(action) for row in about(action.partition(":")[0]))


class Always(NamedTuple):
    """
    Some actions of a service, and what each request for one of them is about.
    """

    #: Without the service.
    actions: str
    arns: tuple[str, ...]
    #: ARNs among these that are of another type, or of none: most names hold no colon.
    but_not: tuple[str, ...] = ()
    #: Whether the resource is always in the caller's account.
    own_account: bool = False
    #: Whether it is always known; else it may be ``*``.
    required: bool = True


_BUCKETS, _OBJECTS, _WITH_SLASH = "arn:*:s3:::?*", "arn:*:s3:::?*/?*", "arn:*:s3:::*/*"
_ACCESS_POINTS, _THROUGH_ACCESS_POINTS = "arn:*:s3:*:*:accesspoint/*", "arn:*:s3:*:*:accesspoint/*/object/*"

#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
_S3 = (
    Always(
        """
        AbortMultipartUpload BypassGovernanceRetention DeleteObject DeleteObjectTagging DeleteObjectVersion
        DeleteObjectVersionTagging GetObject GetObjectAcl GetObjectAttributes GetObjectLegalHold GetObjectRetention
        GetObjectTagging GetObjectVersion GetObjectVersionAcl GetObjectVersionAttributes GetObjectVersionTagging
        ListMultipartUploadParts PutObject PutObjectAcl PutObjectLegalHold PutObjectRetention PutObjectTagging
        PutObjectVersionAcl PutObjectVersionTagging RestoreObject
        """,
        (_OBJECTS, _THROUGH_ACCESS_POINTS),
    ),
    Always(
        """
        GetObjectTorrent GetObjectVersionForReplication GetObjectVersionTorrent InitiateReplication
        ObjectOwnerOverrideToBucketOwner ReplicateDelete ReplicateObject ReplicateTags
        """,
        (_OBJECTS,),
    ),
    # The reference does not say that uploads can be listed through an access point; the manual does:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-service-api-support.html
    Always(
        """
        GetBucketAcl GetBucketCORS GetBucketLocation GetBucketNotification GetBucketPolicy ListBucket
        ListBucketMultipartUploads ListBucketVersions
        """,
        (_BUCKETS, _ACCESS_POINTS),
        (_WITH_SLASH, _THROUGH_ACCESS_POINTS),
    ),
    Always(
        """
        CreateBucket DeleteBucket DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration
        GetAnalyticsConfiguration GetBucketLogging GetBucketObjectLockConfiguration GetBucketOwnershipControls
        GetBucketPolicyStatus GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging GetBucketVersioning
        GetBucketWebsite GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration
        GetLifecycleConfiguration GetMetricsConfiguration GetReplicationConfiguration PutAccelerateConfiguration
        PutAnalyticsConfiguration PutBucketAcl PutBucketCORS PutBucketLogging PutBucketNotification
        PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock
        PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite PutEncryptionConfiguration
        PutIntelligentTieringConfiguration PutInventoryConfiguration PutLifecycleConfiguration PutMetricsConfiguration
        PutReplicationConfiguration
        """,
        (_BUCKETS,),
        (_WITH_SLASH,),
    ),
)

#: By service. What is always in the caller's own account is of services without policies on resources, and of KMS what
#: its API reference says so of:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
#: https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
ALWAYS: dict[str, tuple[Always, ...]] = {
    "cloudformation": (
        Always(
            "CreateStack DeleteStack UpdateStack",
            ("arn:*:cloudformation:*:*:stack/*",),
            ("arn:*:cloudformation:*:*:stack/*:*",),
            own_account=True,
        ),
    ),
    "backup": (
        Always("DeleteBackupVault", ("arn:*:backup:*:*:backup-vault:*",), ("arn:*:backup:*:*:backup-vault:*:*",)),
    ),
    "cloudtrail": (
        Always(
            "DeleteTrail StopLogging UpdateTrail",
            ("arn:*:cloudtrail:*:*:trail/*",),
            ("arn:*:cloudtrail:*:*:trail/*:*", "arn:*:cloudtrail:*:*:trail/*/*"),
        ),
    ),
    "dynamodb": (
        Always(
            "DeleteTable",
            ("arn:*:dynamodb:*:*:table/*",),
            ("arn:*:dynamodb:*:*:table/*/*", "arn:*:dynamodb:*:*:table/*:*"),
        ),
    ),
    "ec2": (
        Always(
            "StopInstances TerminateInstances",
            ("arn:*:ec2:*:*:instance/*",),
            ("arn:*:ec2:*:*:instance/*:*",),
            own_account=True,
        ),
    ),
    "guardduty": (
        Always(
            "DeleteDetector UpdateDetector",
            ("arn:*:guardduty:*:*:detector/*",),
            ("arn:*:guardduty:*:*:detector/*/*", "arn:*:guardduty:*:*:detector/*:*"),
        ),
    ),
    "kms": (
        Always("Decrypt Encrypt", ("arn:*:kms:*:*:key/*",)),
        Always(
            "CancelKeyDeletion DisableKey EnableKey PutKeyPolicy ScheduleKeyDeletion",
            ("arn:*:kms:*:*:key/*",),
            ("arn:*:kms:*:*:key/*:*",),
            own_account=True,
        ),
    ),
    "lambda": (
        # It changes the function, and none of its versions.
        Always("UpdateFunctionCode", ("arn:*:lambda:*:*:function:*",), ("arn:*:lambda:*:*:function:*:*",)),
    ),
    "logs": (Always("DeleteLogGroup", ("arn:*:logs:*:*:log-group:*",)),),
    "rds": (
        # The snapshot that is taken at last is asked about besides.
        Always("DeleteDBCluster", ("arn:*:rds:*:*:cluster:*",), ("arn:*:rds:*:*:cluster:*:*",), own_account=True),
        Always("DeleteDBInstance", ("arn:*:rds:*:*:db:*",), ("arn:*:rds:*:*:db:*:*",), own_account=True),
    ),
    "s3": _S3,
    "secretsmanager": (Always("DeleteSecret GetSecretValue PutSecretValue", ("arn:*:secretsmanager:*:*:secret:*",)),),
    "sts": (
        Always(
            "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity",
            ("arn:*:iam::*:role/*",),
            required=False,
        ),
    ),
}


#: Names without the ``iam:`` prefix, sorted.
IAM_ACTIONS: tuple[str, ...] = tuple(
    """
    AcceptDelegationRequest AcquireRole AddClientIDToOpenIDConnectProvider AddRoleToInstanceProfile AddUserToGroup
    AssociateDelegationRequest AttachGroupPolicy AttachRolePolicy AttachUserPolicy ChangePassword CreateAccessKey
    CreateAccountAlias CreateDelegationRequest CreateGroup CreateInstanceProfile CreateLoginProfile
    CreateOpenIDConnectProvider CreatePolicy CreatePolicyVersion CreateRole CreateSAMLProvider
    CreateServiceLinkedRole CreateServiceSpecificCredential CreateUser CreateVirtualMFADevice DeactivateMFADevice
    DeleteAccessKey DeleteAccountAlias DeleteAccountPasswordPolicy DeleteGroup DeleteGroupPolicy
    DeleteInstanceProfile DeleteLoginProfile DeleteOpenIDConnectProvider DeletePolicy DeletePolicyVersion DeleteRole
    DeleteRolePermissionsBoundary DeleteRolePolicy DeleteSAMLProvider DeleteSSHPublicKey DeleteServerCertificate
    DeleteServiceLinkedRole DeleteServiceSpecificCredential DeleteSigningCertificate DeleteUser
    DeleteUserPermissionsBoundary DeleteUserPolicy DeleteVirtualMFADevice DetachGroupPolicy DetachRolePolicy
    DetachUserPolicy DisableOrganizationsRootCredentialsManagement DisableOrganizationsRootSessions
    DisableOutboundWebIdentityFederation EnableMFADevice EnableOrganizationsRootCredentialsManagement
    EnableOrganizationsRootSessions EnableOutboundWebIdentityFederation GenerateCredentialReport
    GenerateOrganizationsAccessReport GenerateServiceLastAccessedDetails GetAccessKeyLastUsed
    GetAccountAuthorizationDetails GetAccountPasswordPolicy GetAccountProperties GetAccountSummary
    GetContextKeysForCustomPolicy GetContextKeysForPrincipalPolicy GetCredentialReport GetDelegationRequest GetGroup
    GetGroupPolicy GetHumanReadableSummary GetInstanceProfile GetLoginProfile GetMFADevice GetOpenIDConnectProvider
    GetOrganizationsAccessReport GetOutboundWebIdentityFederationInfo GetPolicy GetPolicyVersion GetRole
    GetRolePolicy GetRoleTemplateVersion GetSAMLProvider GetSSHPublicKey GetServerCertificate
    GetServiceLastAccessedDetails GetServiceLastAccessedDetailsWithEntities GetServiceLinkedRoleDeletionStatus
    GetUser GetUserPolicy ListAccessKeys ListAccountAliases ListAttachedGroupPolicies ListAttachedRolePolicies
    ListAttachedUserPolicies ListDelegationRequests ListEntitiesForPolicy ListGroupPolicies ListGroups
    ListGroupsForUser ListInstanceProfileTags ListInstanceProfiles ListInstanceProfilesForRole ListMFADeviceTags
    ListMFADevices ListOpenIDConnectProviderTags ListOpenIDConnectProviders ListOrganizationsFeatures ListPolicies
    ListPoliciesGrantingServiceAccess ListPolicyTags ListPolicyVersions ListRolePolicies ListRoleTags ListRoles
    ListSAMLProviderTags ListSAMLProviders ListSSHPublicKeys ListServerCertificateTags ListServerCertificates
    ListServiceSpecificCredentials ListSigningCertificates ListUserPolicies ListUserTags ListUsers
    ListVirtualMFADevices PassRole PutAccountProperties PutGroupPolicy PutRolePermissionsBoundary PutRolePolicy
    PutUserPermissionsBoundary PutUserPolicy RejectDelegationRequest RemoveClientIDFromOpenIDConnectProvider
    RemoveRoleFromInstanceProfile RemoveUserFromGroup ResetServiceSpecificCredential ResyncMFADevice
    SendDelegationToken SetDefaultPolicyVersion SetSTSRegionalEndpointStatus SetSecurityTokenServicePreferences
    SimulateCustomPolicy SimulatePrincipalPolicy TagInstanceProfile TagMFADevice TagOpenIDConnectProvider TagPolicy
    TagRole TagSAMLProvider TagServerCertificate TagUser UntagInstanceProfile UntagMFADevice
    UntagOpenIDConnectProvider UntagPolicy UntagRole UntagSAMLProvider UntagServerCertificate UntagUser
    UpdateAccessKey UpdateAccountPasswordPolicy UpdateAssumeRolePolicy UpdateDelegationRequest UpdateGroup
    UpdateLoginProfile UpdateOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint UpdateRole
    UpdateRoleDescription UpdateSAMLProvider UpdateSSHPublicKey UpdateServerCertificate
    UpdateServiceSpecificCredential UpdateSigningCertificate UpdateUser UploadSSHPublicKey UploadServerCertificate
    UploadSigningCertificate
    """.split()
)


@cache
def _spellings() -> dict[str, str]:
    return {f"iam:{action}".lower(): f"iam:{action}" for action in IAM_ACTIONS}


def spelling(action: str) -> str:
    """An action as AWS writes it, where that is known; else as given."""
    return _spellings().get(action.lower(), action)
