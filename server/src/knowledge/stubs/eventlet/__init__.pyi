from eventlet.greenthread import sleep as sleep
