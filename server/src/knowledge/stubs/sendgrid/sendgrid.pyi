from sendgrid.base_interface import BaseInterface

class SendGridAPIClient(BaseInterface):
    def __init__(self, api_key=None, **kwargs): ...
