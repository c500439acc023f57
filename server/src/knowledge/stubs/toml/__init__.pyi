# loopguard: complete

from toml.decoder import load as load
from toml.decoder import loads as loads
from toml.encoder import dump as dump
from toml.encoder import dumps as dumps
