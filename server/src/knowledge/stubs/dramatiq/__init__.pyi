# loopguard: complete

from dramatiq.actor import Actor as Actor
from dramatiq.actor import actor as actor
