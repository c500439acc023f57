# loopguard: complete

from openai.resources import Speech as Speech
from openai.resources import Transcriptions as Transcriptions
from openai.resources import Translations as Translations
