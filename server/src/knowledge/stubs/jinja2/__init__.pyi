# Compiled templates are kept; each is looked for again where auto_reload is on.

from jinja2.environment import Environment as Environment
from jinja2.environment import Template as Template
from jinja2.loaders import FileSystemLoader as FileSystemLoader
