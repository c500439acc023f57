from watchfiles.main import awatch as awatch
from watchfiles.main import watch as watch
from watchfiles.run import arun_process as arun_process
from watchfiles.run import run_process as run_process
