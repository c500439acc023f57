from requests import Session

class OAuth2Session(Session):
    def __init__(self, client_id=None, client_secret=None, **kwargs): ...
    @blocks("http")
    @twin("authlib.integrations.httpx_client.AsyncOAuth2Client.fetch_token", differs="of an AsyncOAuth2Client")
    def fetch_token(self, url=None, **kwargs): ...
    @blocks("http")
    @twin("authlib.integrations.httpx_client.AsyncOAuth2Client.refresh_token", differs="of an AsyncOAuth2Client")
    def refresh_token(self, url, refresh_token=None, **kwargs): ...
