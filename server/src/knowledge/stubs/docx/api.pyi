from docx.document import Document as _Document

@blocks("file", unless="not given(docx)")
def Document(docx=None) -> _Document: ...
