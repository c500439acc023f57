from litestar.handlers.http_handlers.decorators import delete as delete
from litestar.handlers.http_handlers.decorators import get as get
from litestar.handlers.http_handlers.decorators import patch as patch
from litestar.handlers.http_handlers.decorators import post as post
from litestar.handlers.http_handlers.decorators import put as put
