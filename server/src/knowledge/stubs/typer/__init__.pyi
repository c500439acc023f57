from click.termui import confirm as confirm
from click.termui import getchar as getchar
from click.termui import pause as pause
from click.termui import prompt as prompt
