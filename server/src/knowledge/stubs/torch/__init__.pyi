from torch.serialization import load as load
from torch.serialization import save as save
