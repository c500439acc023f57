from portalocker.portalocker import lock as lock
from portalocker.utils import Lock as Lock
from portalocker.utils import RLock as RLock
