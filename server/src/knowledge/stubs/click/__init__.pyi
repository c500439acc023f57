# What asks the user is described. Commands of click run in plain code.

from click.termui import confirm as confirm
from click.termui import edit as edit
from click.termui import getchar as getchar
from click.termui import pause as pause
from click.termui import prompt as prompt
