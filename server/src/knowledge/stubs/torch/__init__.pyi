from torch import cuda as cuda
from torch import nn as nn
from torch.serialization import load as load
from torch.serialization import save as save
