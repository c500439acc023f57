# loopguard: complete

from twilio.rest.api.v2010.account.call import CallList
from twilio.rest.api.v2010.account.message import MessageList

class Client:
    messages: MessageList
    calls: CallList
    def __init__(self, username=None, password=None, account_sid=None, **kwargs): ...
