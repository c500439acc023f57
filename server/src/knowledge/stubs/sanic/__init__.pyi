from sanic.app import Sanic as Sanic
from sanic.blueprints import Blueprint as Blueprint
