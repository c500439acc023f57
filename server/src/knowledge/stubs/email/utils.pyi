# loopguard: complete
#
# Without a domain, the name of this host is asked of DNS.

@blocks("network", unless="given(domain)")
def make_msgid(idstring=None, domain=None): ...
