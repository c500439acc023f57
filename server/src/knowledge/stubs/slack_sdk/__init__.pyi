# loopguard: complete

from slack_sdk.web.client import WebClient as WebClient
from slack_sdk.webhook import WebhookClient as WebhookClient
