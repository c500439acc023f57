from azure.cosmos.cosmos_client import CosmosClient as CosmosClient
