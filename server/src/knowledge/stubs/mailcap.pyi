# loopguard: complete
#
# A test that an entry names is run in a shell. Gone in Python 3.13.

@blocks("file")
def getcaps(): ...
@blocks("process")
def findmatch(caps, MIMEtype, key="view", filename="/dev/null", plist=[]): ...
