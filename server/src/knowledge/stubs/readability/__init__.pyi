from readability.readability import Document as Document
