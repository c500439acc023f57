from pptx.api import Presentation as Presentation
