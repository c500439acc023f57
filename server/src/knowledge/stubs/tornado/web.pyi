# Handlers run on the loop, plain or coroutine.

@runs("loop", methods="get post put delete head options patch initialize prepare set_default_headers on_finish on_connection_close write_error get_current_user")
class RequestHandler: ...
