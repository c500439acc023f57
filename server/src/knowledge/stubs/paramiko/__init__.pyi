# loopguard: complete

from paramiko.channel import Channel as Channel
from paramiko.client import SSHClient as SSHClient
from paramiko.sftp_client import SFTPClient as SFTPClient
from paramiko.transport import Transport as Transport
