from fabric.connection import Connection as Connection
