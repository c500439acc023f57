# loopguard: complete
#
# A mailbox is a file or a folder of files, and every question reads it.

@blocks("file")
class Mailbox: ...
