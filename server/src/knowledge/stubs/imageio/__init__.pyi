from imageio.core.functions import imread as imread
from imageio.core.functions import imwrite as imwrite
