# Events are sent by a thread.

from sentry_sdk.api import flush as flush
