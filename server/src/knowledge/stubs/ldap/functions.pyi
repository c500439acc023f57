from typing import Any

from ldap.ldapobject import SimpleLDAPObject

# Connects with its first operation.
def initialize(uri, **kwargs) -> SimpleLDAPObject: ...
