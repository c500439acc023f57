# loopguard: complete

from influxdb.client import InfluxDBClient as InfluxDBClient
