from pdfplumber.pdf import PDF

open = PDF.open
