# loopguard: complete
#
# Finding the hardware address may run ifconfig and its kin; the answer is kept.

@blocks("process", stall="once")
def getnode(): ...
