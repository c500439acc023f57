from together.client import AsyncTogether as AsyncTogether
from together.client import Together as Together
