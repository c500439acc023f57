# loopguard: complete

from azure.keyvault.secrets._client import SecretClient as SecretClient
