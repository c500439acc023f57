from gtts.tts import gTTS as gTTS
