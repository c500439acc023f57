from ruamel.yaml.main import YAML as YAML
