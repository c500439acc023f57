from textual.message_pump import MessagePump

@runs("loop", methods="on_* action_* watch_* compute_* validate_* compose render")
class Widget(MessagePump):
    def __init__(self, *children, **kwargs): ...
