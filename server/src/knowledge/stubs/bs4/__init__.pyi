# loopguard: complete
#
# Making the soup parses the whole document, in Python; searching it takes long only in a large one.

from bs4.element import Tag

class BeautifulSoup(Tag):
    @blocks("cpu")
    def __init__(self, markup="", features=None, builder=None, parse_only=None, **kwargs): ...
    def new_tag(self, name, namespace=None, nsprefix=None, **kwattrs): ...
