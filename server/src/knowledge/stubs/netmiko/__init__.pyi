from netmiko.ssh_dispatcher import ConnectHandler as ConnectHandler
