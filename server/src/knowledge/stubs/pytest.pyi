# loopguard: tests
#
# Who imports it is a test, or makes what tests need: its loop keeps nobody else waiting.
