# PlaySound() waits unless a flag says otherwise, which no literal shows.

@blocks("wait")
def Beep(frequency, duration): ...
