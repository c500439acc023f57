# In version 2 it is a module below this one.

from mistralai.client import Mistral as Mistral
