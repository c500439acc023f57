from netmiko.base_connection import BaseConnection

@blocks("network")
@twin("scrapli.AsyncScrapli", differs="scrapli: another library for network devices")
def ConnectHandler(*args, **kwargs) -> BaseConnection: ...
