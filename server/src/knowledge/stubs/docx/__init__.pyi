from docx.api import Document as Document
