from datasets.load import load_dataset as load_dataset
from datasets.load import load_from_disk as load_from_disk
