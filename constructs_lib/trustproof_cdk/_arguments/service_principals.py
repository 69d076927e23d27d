"""
The names that AWS services have as principals, so that a misspelt one is seen before a deployment.

IAM refuses a role that trusts a service which does not exist, though not always: some misspelt names are names of other
services. AWS publishes no list of all; this one has the names of its services' endpoints, and those that are documented
for trust policies. A service that is missing here is allowed by an argument.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
"""

from __future__ import annotations

import re

#: The end of a principal that names a Region.
REGIONAL = re.compile(r"\.([a-z]{2,4}(?:-[a-z]+)+-[0-9]+)\.amazonaws\.com(?:\.cn)?$")
#: Services that say nothing of for whom they call when they assume a role: a condition on that would lock them out.
SILENT_SERVICES = ("ec2.amazonaws.com", "lambda.amazonaws.com")
#: Without ``.amazonaws.com``.
SERVICE_PRINCIPALS = frozenset(
    """
    abuse abuse-signal access-analyzer access-grants.s3 accessanalyzer account account-access account-access-runtime
    acm acm-pca aco-automation agent-discovery agent-registry agent-registry-control agreement-marketplace aidevops
    aiops airflow airflow-env airflow-serverless amp amplify amplifybackend amplifyuibuilder aoss
    apidestinations.events apigateway apigatewaymanagementapi apigatewayv2 apiportal apis.appsync app-integrations
    appconfig appconfigdata appfabric appflow appintegrations application-autoscaling application-cost-profiler
    application-insights application-signals applicationcostprofiler applicationinsights appmesh apprunner appstream
    appstream.application-autoscaling appstream2 appsync aps arc-region-switch arc-zonal-shift artifact assets.iot
    athena auditmanager automation.ssm autoscaling autoscaling-plans aws-cluster-scheduler aws-marketplace
    awsssoportal b2bi backup backup-gateway backup-search backup-storage backups.rds backupsearch batch
    batch.bedrock batchoperations.s3 bcm-dashboards bcm-data-exports bcm-pricing-calculator bcm-recommended-actions
    bedrock bedrock-agent bedrock-agent-runtime bedrock-agentcore bedrock-agentcore-control bedrock-data-automation
    bedrock-data-automation-runtime bedrock-runtime billing billingconductor billingconsole billingreports braket
    budgets build.apprunner builder cases cassandra cassandra-streams ce channels.lex channels.lexv2 chatbot chime
    chime-sdk-identity chime-sdk-media-pipelines chime-sdk-meetings chime-sdk-messaging chime-sdk-voice cks.kms
    cleanrooms cleanrooms-ml cleanroomsml cloud9 cloudcontrol cloudcontrolapi clouddirectory cloudformation
    cloudfront cloudfront-keyvaluestore cloudfront-vpcorigin cloudhsm cloudhsmv2 cloudsearch cloudsearchdomain
    cloudshell cloudtrail cloudtrail-data cloudwatch cloudwatch-omni cloudwatchomni clusters.timestream codeartifact
    codebuild codecatalyst codecommit codeconnections codedeploy codeguru-profiler codeguru-reviewer
    codeguru-security codeguruprofiler codepipeline codestar codestar-connections codestar-notifications
    codewhisperer cognito-identity cognito-idp cognito-sync comprehend comprehendmedical compute-optimizer
    compute-optimizer-automation config config-conforms config-multiaccountsetup connect connect-campaigns
    connect-contact-lens connectcampaigns connectcampaignsv2 connectcases connecthealth connector.eks
    connectparticipant connectscheduling contact-lens continuousexport.discovery continuum controlcatalog
    controltower cost-optimization-hub costalerts costoptimization credentials.iot cur cur-reports
    custom-resource.application-autoscaling custom.rds custom.rds-preview customer-profiles data-signer
    data.lakeformation databrew dataexchange datapipeline datasync datazone dax deadline deepracer delivery.logs
    deployment-marketplace detective devicefarm devicemanagement.iot devops-agent devops-guru directconnect
    directoryservice discovery discovery-marketplace dlm dms dms-data-migrations docdb docdb-elastic drs ds ds-data
    dsql dynamodb dynamodb.application-autoscaling dynamodbstreams ebs ec2 ec2-instance-connect
    ec2.application-autoscaling ec2fleet ec2scheduled ecr ecr-public ecs ecs-tasks ecs.application-autoscaling
    edgelambda efs eks eks-auth eks-fargate eks-fargate-pods eks-local-outposts eks-nodegroup elasticache
    elasticache-serverless elasticbeanstalk elasticfilesystem elasticloadbalancing elasticmapreduce
    elasticmapreduce.application-autoscaling elb elbv2 elemental-inference elementalinference email emr
    emr-containers emr-serverless emr-serverless.jobs end-user-messaging endusermessaging entityresolution es
    eventbridgev2 events events.rds eventschemas eventsv2 evs execute-api export.rds firehose fis fms forecast
    forecastquery frauddetector freetier fsx gamelift gameliftstreams geo geo-maps geo-places geo-routes glacier
    globalaccelerator glue gluedatabrew grafana greengrass greengrassv2 groundstation guardduty
    guidedinsights.discovery hdm health health-agent healthlake hooks.cloudformation hybrid-connect iam iam-toolbox
    identity-chime identitystore imagebuilder importexport inspector inspector-scan inspector2 interconnect
    internal.apprunner internetmonitor inventory.ssm invoicing iot iot-data iot-jobs-data iot-managed-integrations
    iotanalytics iotdata iotdeviceadvisor iotevents iotfleetwise iotmanagedintegrations iotroborunner
    iotsecuretunneling iotsitewise iotthingsgraph iottwinmaker iotwireless ivs ivs-realtime ivschat ivsrealtime
    jellyfish kafka kafkaconnect kendra kendra-ranking keyspaces keyspacesstreams kinesis
    kinesis-video-archived-media kinesis-video-media kinesis-video-signaling kinesis-video-webrtc-storage
    kinesisanalytics kinesisanalyticsv2 kinesisvideo kms lakeformation lambda lambda-core lambda-microvms lambda-web
    lambda.alarms.cloudwatch launch-wizard launchwizard lex lex-models lex-runtime lexv2 lexv2-models lexv2-runtime
    license-manager license-manager-linux-subscriptions license-manager-user-subscriptions lightsail loadbalancing
    location logdelivery.elasticloadbalancing logger.cloudfront logging.s3 logs lookoutequipment lookoutmetrics
    lookoutvision m2 machinelearning macie macie2 mail-manager mailmanager maintenance.ssm
    malware-protection-plan.guardduty malware-protection.guardduty managedblockchain managedblockchain-query
    managedgrafana managedservices marketplace-agreement marketplace-catalog marketplace-deployment
    marketplace-discovery marketplace-entitlement marketplace-reporting marketplacecommerceanalytics
    media-pipelines-chime mediaconnect mediaconvert medialive mediapackage mediapackage-vod mediapackagev2
    mediastore mediastore-data mediatailor medical-imaging meetings-chime member.org.stacksets.cloudformation
    memory-db memorydb messaging-chime metering-marketplace meteringmarketplace mgh mgn
    migration-hub-refactor-spaces migrationhub migrationhub-config migrationhub-orchestrator migrationhub-strategy
    migrationhuborchestrator migrationhubstrategy mobile mobileanalytics mobilehub mobiletargeting models-v2-lex
    monitoring monitoring.rds monitron mpa mq mturk mturk-requester multiaccountsetup.config mwaa mwaa-serverless
    neptune neptune-db neptune-graph neptunedata network-firewall network-security-manager networkflowmonitor
    networkmanager networkmonitor nimble notifications notifications-contacts notificationscontacts nova-act oam
    observability.aoss observabilityadmin odb oidc omics opensearch opensearchmemory opensearchserverless
    opensearchservice ops.apigateway opsdatasync.ssm opsworks opsworks-cm organizations osis osis-pipelines osm
    outposts partnercentral partnercentral-account partnercentral-benefits partnercentral-channel
    partnercentral-marketing partnercentral-prm partnercentral-revenue-measurement partnercentral-selling
    payment-cryptography payment-cryptography-data payments pca-connector-ad pca-connector-scep pcs personalize
    personalize-events personalize-runtime pi pinpoint pinpoint-email pinpoint-sms-voice pinpoint-sms-voice-v2 pipes
    pods.eks polly preview.bedrock pricing pricing-plan-manager pricingplanmanager private.networkaccessanalyzer
    profile proton q q.apps qapps qbusiness qconnect quicksight ram rbin rds rds-data rds-preview
    reachabilityanalyzer.networkinsights readonly-sso recovery.backup redshift redshift-data redshift-serverless
    refactor-spaces rekognition remediation.config replication.dynamodb replication.ecr replicator.lambda
    reporting-marketplace repostspace resiliencehub resiliencehubv2 resource-explorer-2 resource-groups
    resourcegroupstaggingapi resources.cloudformation restore-testing.backup robomaker rolesanywhere route53
    route53-recovery-cluster route53-recovery-control-config route53-recovery-readiness route53domains
    route53globalresolver route53profiles route53resolver rtbfabric rum runtime-v2-lex runtime.apprunner s3
    s3-control s3-outposts s3control s3files s3outposts s3tables s3vectors sagemaker sagemaker-a2i-runtime
    sagemaker-edge sagemaker-featurestore-runtime sagemaker-gateway-runtime sagemaker-geospatial
    sagemaker-inference-router-runtime sagemaker-metrics sagemaker-runtime sagemaker.application-autoscaling
    sagemakerjobruntime sagemakertrainingsessionruntime savingsplans scheduler schemas schemas-discoverer scn
    scraper.aps sdb search.bedrock secretsmanager security-ir securityagent securityhub securitylake selfservice
    serverlessrepo service-quotas servicecatalog servicecatalog-appregistry servicediscovery servicequotas ses sesv2
    shield signer signer-data signin simpledbv2 sms-voice snow-device-management snowball sns social-messaging
    socialmessaging source.s3 spot spotfleet sqs ssm ssm-contacts ssm-guiconnect ssm-incidents ssm-quicksetup
    ssm-sap ssmsap sso sso-admin sso-oauth sso-oidc stacksets.cloudformation states states.sync stepfunctions
    storage-lens.s3 storagegateway streaming.chime streams.metrics.cloudwatch sts supplychain support support-app
    supportapp supportauthz sustainability swf synthetics tagging tagpolicies.tag tasks tasks.apprunner
    taskstatestable tax taxsettings telemetry textract thinclient timestream timestream-influxdb timestream-query
    timestream-write tnb transcribe transcribe.streaming transfer transform transitgateway translate trustedadvisor
    uxc verifiedpermissions vmie voice-chime voice-id voiceid vpc-flow-logs vpc-lattice vpce vpn waf waf-regional
    wafv2 watchtower webservices wellarchitected wickr wisdom workdocs workmail workmail-events workmailmessageflow
    workspaces workspaces-instances workspaces-thin-client workspaces-web xray
    """.split()
)


def everywhere(service: str) -> str:
    """The name that a service has in most places, of one like ``states.cn-north-1.amazonaws.com.cn``."""
    return re.sub(r"\.amazonaws\.com(\.cn)?$", ".amazonaws.com", REGIONAL.sub(".amazonaws.com", service))
