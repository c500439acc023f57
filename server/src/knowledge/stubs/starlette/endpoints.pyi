# loopguard: complete

@runs("loop-or-thread", methods="get head post put patch delete options")
class HTTPEndpoint: ...
