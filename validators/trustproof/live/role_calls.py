"""
By which calls AWS tells the roles that resources act with: one row for a type and an operation.

A row is asked also where the template hands over no role: one that is there nobody has proved.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """
    The call that tells with which roles a resource acts.
    """

    #: The properties that hand over roles.
    properties: tuple[str, ...]
    #: As boto3 calls it.
    service: str
    operation: str
    #: `Name=value` of each parameter, and `Name[]=value` of a list of one; one without a value is left out.
    parameters: tuple[str, ...]
    #: Where the roles stand in the answer.
    place: str
    #: Codes of errors that mean that there is none.
    absent: tuple[str, ...] = ()


def _rows(table: str) -> dict[str, list[Row]]:
    """
    The rows of a table: type, properties, service and operation, parameters, place.

    After the operation may stand the code of the error that means that there is none.
    """
    found: dict[str, list[Row]] = {}
    words = table.split()
    for begin in range(0, len(words), 5):
        type_name, properties, call, parameters, place = words[begin : begin + 5]
        service, _, asked = call.partition(".")
        operation, _, absent = asked.partition("/")
        names = tuple(properties.split(","))
        given = () if parameters == "-" else tuple(parameters.split(","))
        codes = (absent,) if absent else ()
        row = Row(names, service, operation, given, place, codes)
        found.setdefault(f"AWS::{type_name}", []).append(row)
    return found


#: `{id}` is the physical id, `{last}` its last part, `{id0}` the first; the rest are properties.
ROWS = _rows(
    """
    AIOps::InvestigationGroup RoleArn,CrossAccountConfigurations aiops.GetInvestigationGroup identifier={id} @
    ApiGateway::Account CloudWatchRoleArn apigateway.GetAccount - cloudwatchRoleArn
    ApiGateway::Authorizer AuthorizerCredentials apigateway.GetAuthorizer restApiId={RestApiId},authorizerId={id} @
    ApiGateway::Method Integration apigateway.GetMethod
        restApiId={RestApiId},resourceId={ResourceId},httpMethod={HttpMethod} methodIntegration
    ApiGatewayV2::Authorizer AuthorizerCredentialsArn apigatewayv2.GetAuthorizer
        ApiId={ApiId},AuthorizerId={id} AuthorizerCredentialsArn
    ApiGatewayV2::Integration CredentialsArn apigatewayv2.GetIntegration
        ApiId={ApiId},IntegrationId={id} CredentialsArn
    AppRunner::Service AuthenticationConfiguration,InstanceConfiguration,SourceConfiguration apprunner.DescribeService
        ServiceArn={id} Service
    AppSync::DataSource ServiceRoleArn appsync.GetDataSource apiId={ApiId},name={Name} dataSource.serviceRoleArn
    AutoScaling::LaunchConfiguration IamInstanceProfile autoscaling.DescribeLaunchConfigurations
        LaunchConfigurationNames[]={id} LaunchConfigurations[0].IamInstanceProfile
    Backup::BackupSelection BackupSelection backup.GetBackupSelection
        BackupPlanId={BackupPlanId},SelectionId={id0} BackupSelection
    Batch::ComputeEnvironment ServiceRole,ComputeResources batch.DescribeComputeEnvironments
        computeEnvironments[]={id} computeEnvironments[0]
    Batch::JobDefinition ContainerProperties,EcsProperties,NodeProperties batch.DescribeJobDefinitions
        jobDefinitions[]={id} jobDefinitions[0]
    Bedrock::Agent AgentResourceRoleArn bedrock-agent.GetAgent agentId={id} agent.agentResourceRoleArn
    CloudFormation::StackSet AdministrationRoleARN,ExecutionRoleName cloudformation.DescribeStackSet
        StackSetName={id},CallAs={CallAs} StackSet
    CloudTrail::Trail CloudWatchLogsRoleArn cloudtrail.GetTrail Name={id} Trail.CloudWatchLogsRoleArn
    CodeBuild::Project ServiceRole,BuildBatchConfig,ResourceAccessRole codebuild.BatchGetProjects
        names[]={id} projects[0]
    CodeDeploy::DeploymentGroup ServiceRoleArn codedeploy.GetDeploymentGroup
        applicationName={ApplicationName},deploymentGroupName={id} deploymentGroupInfo.serviceRoleArn
    CodePipeline::Pipeline RoleArn,Stages codepipeline.GetPipeline name={id} pipeline
    Cognito::IdentityPoolRoleAttachment Roles,RoleMappings cognito-identity.GetIdentityPoolRoles
        IdentityPoolId={IdentityPoolId} @
    Cognito::UserPool SmsConfiguration cognito-idp.DescribeUserPool UserPoolId={id} UserPool.SmsConfiguration
    Cognito::UserPoolGroup RoleArn cognito-idp.GetGroup UserPoolId={UserPoolId},GroupName={id} Group
    Config::ConfigurationRecorder RoleARN config.DescribeConfigurationRecorders
        ConfigurationRecorderNames[]={id} ConfigurationRecorders[0].roleARN
    DAX::Cluster IAMRoleARN dax.DescribeClusters ClusterNames[]={id} Clusters[0].IamRoleArn
    EC2::FlowLog DeliverLogsPermissionArn,DeliverCrossAccountRole ec2.DescribeFlowLogs
        FlowLogIds[]={id} FlowLogs[0]
    EC2::Instance IamInstanceProfile ec2.DescribeInstances InstanceIds[]={id} Reservations[0].Instances[0]
    EC2::LaunchTemplate LaunchTemplateData ec2.DescribeLaunchTemplateVersions
        LaunchTemplateId={id},Versions[]=$Latest LaunchTemplateVersions[0].LaunchTemplateData
    ECR::RepositoryCreationTemplate CustomRoleArn ecr.DescribeRepositoryCreationTemplates
        prefixes[]={Prefix} repositoryCreationTemplates[0].customRoleArn
    ECS::TaskDefinition ExecutionRoleArn,TaskRoleArn ecs.DescribeTaskDefinition taskDefinition={id} taskDefinition
    EFS::FileSystem ReplicationConfiguration efs.DescribeReplicationConfigurations/ReplicationNotFound
        FileSystemId={id} Replications[0]
    EKS::Cluster RoleArn,ComputeConfig eks.DescribeCluster name={id} cluster
    EKS::FargateProfile PodExecutionRoleArn eks.DescribeFargateProfile
        clusterName={ClusterName},fargateProfileName={last} fargateProfile.podExecutionRoleArn
    EKS::Nodegroup NodeRole eks.DescribeNodegroup clusterName={ClusterName},nodegroupName={last} nodegroup.nodeRole
    EKS::PodIdentityAssociation RoleArn,TargetRoleArn eks.DescribePodIdentityAssociation
        clusterName={ClusterName},associationId={last} association
    Elasticsearch::Domain CognitoOptions es.DescribeElasticsearchDomain
        DomainName={id} DomainStatus.CognitoOptions
    Events::Rule RoleArn events.DescribeRule Name={last},EventBusName={EventBusName} RoleArn
    Events::Rule Targets events.ListTargetsByRule Rule={last},EventBusName={EventBusName} @
    Glue::Crawler Role glue.GetCrawler Name={id} Crawler.Role
    Glue::Job Role glue.GetJob JobName={id} Job.Role
    IoT::RoleAlias RoleArn iot.DescribeRoleAlias roleAlias={id} roleAliasDescription.roleArn
    IoT::TopicRule TopicRulePayload iot.GetTopicRule ruleName={id} rule
    KinesisAnalyticsV2::Application ServiceExecutionRole kinesisanalyticsv2.DescribeApplication
        ApplicationName={id} ApplicationDetail.ServiceExecutionRole
    Lambda::Function Role lambda.GetFunctionConfiguration FunctionName={id} Role
    Logs::SubscriptionFilter RoleArn logs.DescribeSubscriptionFilters
        logGroupName={LogGroupName},filterNamePrefix={id} subscriptionFilters
    MWAA::Environment ExecutionRoleArn mwaa.GetEnvironment Name={id} Environment.ExecutionRoleArn
    MediaPackageV2::OriginEndpointPolicy CdnAuthConfiguration mediapackagev2.GetOriginEndpointPolicy
        ChannelGroupName={ChannelGroupName},ChannelName={ChannelName},OriginEndpointName={OriginEndpointName}
        CdnAuthConfiguration
    OpenSearchService::Domain CognitoOptions opensearch.DescribeDomain
        DomainName={id} DomainStatus.CognitoOptions
    Pipes::Pipe RoleArn,TargetParameters pipes.DescribePipe Name={id} @
    RDS::DBCluster MonitoringRoleArn,AssociatedRoles,DomainIAMRoleName rds.DescribeDBClusters
        DBClusterIdentifier={id} DBClusters[0]
    RDS::DBInstance MonitoringRoleArn,AssociatedRoles,DomainIAMRoleName,CustomIAMInstanceProfile rds.DescribeDBInstances
        DBInstanceIdentifier={id} DBInstances[0]
    RDS::DBProxy RoleArn rds.DescribeDBProxies DBProxyName={id} DBProxies[0].RoleArn
    Redshift::Cluster IamRoles redshift.DescribeClusters ClusterIdentifier={id} Clusters[0].IamRoles
    RedshiftServerless::Namespace IamRoles,DefaultIamRoleArn redshift-serverless.GetNamespace
        namespaceName={id} namespace
    S3::Bucket ReplicationConfiguration s3.GetBucketReplication/ReplicationConfigurationNotFoundError
        Bucket={id} ReplicationConfiguration
    SNS::Topic DeliveryStatusLogging sns.GetTopicAttributes TopicArn={id} Attributes
    SageMaker::Model ExecutionRoleArn sagemaker.DescribeModel ModelName={last} ExecutionRoleArn
    SageMaker::NotebookInstance RoleArn sagemaker.DescribeNotebookInstance NotebookInstanceName={last} RoleArn
    Scheduler::Schedule Target scheduler.GetSchedule Name={id},GroupName={GroupName} Target
    StepFunctions::StateMachine RoleArn stepfunctions.DescribeStateMachine stateMachineArn={id} roleArn
    Synthetics::Canary ExecutionRoleArn synthetics.GetCanary Name={id} Canary.ExecutionRoleArn
    Transfer::Server LoggingRole,IdentityProviderDetails,WorkflowDetails transfer.DescribeServer
        ServerId={last} Server
    Transfer::User Role transfer.DescribeUser ServerId={ServerId},UserName={last} User.Role
    """
)
