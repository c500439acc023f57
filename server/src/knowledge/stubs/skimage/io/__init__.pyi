from skimage.io._io import imread as imread
from skimage.io._io import imsave as imsave
