from tornado.web import RequestHandler

@runs("loop", methods="get open on_message on_close on_ping on_pong prepare get_current_user")
class WebSocketHandler(RequestHandler): ...
