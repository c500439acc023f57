from hvac.api.secrets_engines.kv import Kv

class SecretsEngines:
    kv: Kv
