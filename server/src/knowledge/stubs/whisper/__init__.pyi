from whisper.model import Whisper as Whisper

# Reads the model; the first time it is downloaded.
@blocks("file")
def load_model(name, device=None, download_root=None, in_memory=False) -> Whisper: ...
