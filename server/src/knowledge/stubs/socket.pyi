# loopguard: complete
#
# Making, binding, listening on and closing a socket wait for nobody. Whether a socket is non-blocking is state the
# engine follows; here every transfer waits. Name look-ups wait for DNS, even of "localhost".

class socket:
    @blocks("network")
    @twin("loop.sock_accept", differs="the socket must be non-blocking: setblocking(False)")
    def accept(self): ...
    @blocks("network")
    @twin("asyncio.open_connection", differs="gives a reader and a writer instead of a connected socket")
    @twin("loop.sock_connect", differs="the socket must be non-blocking: setblocking(False)")
    def connect(self, address, /): ...
    @blocks("network")
    @twin("loop.sock_connect", differs="raises where connect_ex returns an error number")
    def connect_ex(self, address, /): ...

    @blocks("network")
    @twin("loop.sock_recv", differs="takes no flags, and the socket must be non-blocking")
    def recv(self, bufsize, flags=0, /): ...
    @blocks("network")
    @twin("loop.sock_recv_into", differs="takes no flags, and the socket must be non-blocking")
    def recv_into(self, buffer, nbytes=0, flags=0): ...
    @blocks("network")
    @twin("loop.sock_recvfrom", differs="takes no flags, and the socket must be non-blocking (Python 3.11)")
    def recvfrom(self, bufsize, flags=0, /): ...
    @blocks("network")
    @twin("loop.sock_recvfrom_into", differs="takes no flags, and the socket must be non-blocking (Python 3.11)")
    def recvfrom_into(self, buffer, nbytes=0, flags=0): ...
    @blocks("network")
    def recvmsg(self, bufsize, ancbufsize=0, flags=0, /): ...
    @blocks("network")
    def recvmsg_into(self, buffers, ancbufsize=0, flags=0, /): ...

    @blocks("network")
    @twin("loop.sock_sendall", differs="sends everything, and the socket must be non-blocking")
    def send(self, data, flags=0, /): ...
    @blocks("network")
    @twin("loop.sock_sendall", differs="takes no flags, and the socket must be non-blocking")
    def sendall(self, data, flags=0, /): ...
    @blocks("network")
    @twin("loop.sock_sendto", differs="takes no flags, and the socket must be non-blocking (Python 3.11)")
    def sendto(self, data, address, /): ...
    @blocks("network")
    def sendmsg(self, buffers, ancdata=..., flags=0, address=None, /): ...
    @blocks("network")
    @twin("loop.sock_sendfile", differs="the socket must be non-blocking")
    def sendfile(self, file, offset=0, count=None): ...

class SocketIO:
    @blocks("network")
    def readinto(self, b): ...
    @blocks("network")
    def write(self, b): ...

@blocks("network", timeout="timeout")
@twin("asyncio.open_connection", differs="gives a reader and a writer instead of a connected socket")
def create_connection(address, timeout=..., source_address=None, *, all_errors=False): ...

@blocks("network")
@twin("loop.getaddrinfo", remedy="getaddrinfo")
def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0): ...
@blocks("network")
@twin("loop.getnameinfo", remedy="getaddrinfo")
def getnameinfo(sockaddr, flags, /): ...
@blocks("network")
@twin("loop.getaddrinfo", differs="gives a list of addresses instead of one")
def gethostbyname(hostname, /): ...
@blocks("network")
@twin("loop.getaddrinfo", differs="gives a list of addresses instead of a tuple of names and addresses")
def gethostbyname_ex(hostname, /): ...
@blocks("network")
@twin("loop.getnameinfo", differs="gives host and service instead of a tuple of names and addresses")
def gethostbyaddr(ip_address, /): ...
@blocks("network")
@twin("loop.getnameinfo", differs="gives host and service instead of one name")
def getfqdn(name=""): ...
