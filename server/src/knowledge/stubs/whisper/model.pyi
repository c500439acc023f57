from whisper.transcribe import transcribe as transcribe_function

class Whisper:
    transcribe = transcribe_function
