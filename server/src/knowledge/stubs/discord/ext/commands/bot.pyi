from discord.client import Client

class Bot(Client):
    def __init__(self, command_prefix, **options): ...
