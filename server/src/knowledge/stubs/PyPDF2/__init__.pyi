from PyPDF2._reader import PdfReader as PdfReader
