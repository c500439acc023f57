from pymodbus.client.tcp import AsyncModbusTcpClient as AsyncModbusTcpClient
from pymodbus.client.tcp import ModbusTcpClient as ModbusTcpClient
