from quart.app import Quart as Quart
from quart.blueprints import Blueprint as Blueprint
