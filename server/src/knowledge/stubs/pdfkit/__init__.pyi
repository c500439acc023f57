from pdfkit.api import from_file as from_file
from pdfkit.api import from_string as from_string
from pdfkit.api import from_url as from_url
