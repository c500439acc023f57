from spacy.language import Language

@blocks("file")
def load(name, **kwargs) -> Language: ...
