from gevent.hub import sleep as sleep
from gevent.hub import wait as wait
from gevent.greenlet import joinall as joinall
