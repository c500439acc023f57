# loopguard: complete
#
# Every method of a file works in a thread and is awaited; the types are those of typeshed.
