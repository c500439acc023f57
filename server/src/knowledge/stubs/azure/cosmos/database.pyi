from azure.cosmos.container import ContainerProxy

class DatabaseProxy:
    def get_container_client(self, container) -> ContainerProxy: ...
