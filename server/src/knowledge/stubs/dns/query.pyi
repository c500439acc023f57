# loopguard: complete

@blocks("network", timeout="timeout")
@twin("dns.asyncquery.udp")
def udp(q, where, timeout=None, port=53, **kwargs): ...
@blocks("network", timeout="timeout")
@twin("dns.asyncquery.tcp")
def tcp(q, where, timeout=None, port=53, **kwargs): ...
@blocks("network", timeout="timeout")
@twin("dns.asyncquery.tls")
def tls(q, where, timeout=None, port=853, **kwargs): ...
@blocks("network", timeout="timeout")
@twin("dns.asyncquery.https")
def https(q, where, timeout=None, port=443, **kwargs): ...
