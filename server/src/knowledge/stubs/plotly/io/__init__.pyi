from plotly.io._kaleido import to_image as to_image
from plotly.io._kaleido import write_image as write_image
