# loopguard: complete

from msal.application import ConfidentialClientApplication as ConfidentialClientApplication
from msal.application import PublicClientApplication as PublicClientApplication
