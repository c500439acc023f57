from pptx import presentation

@blocks("file", stall="whole-file")
def Presentation(pptx=None) -> presentation.Presentation: ...
