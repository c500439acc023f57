from librosa.core.audio import load as load
