# loopguard: complete
#
# Logging writes a line to a stream or a file: short enough on the loop. Handlers that send (SMTP, HTTP, sockets) belong
# behind a QueueHandler, but which handler a call reaches is settled at run time.
