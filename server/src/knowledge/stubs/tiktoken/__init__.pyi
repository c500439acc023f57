# loopguard: complete
#
# The first use of an encoding downloads its table; the table is kept.

from tiktoken.core import Encoding as Encoding

@blocks("http", stall="once")
def get_encoding(encoding_name) -> Encoding: ...
@blocks("http", stall="once")
def encoding_for_model(model_name) -> Encoding: ...
