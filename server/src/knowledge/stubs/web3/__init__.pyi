from web3.main import AsyncWeb3 as AsyncWeb3
from web3.main import Web3 as Web3
