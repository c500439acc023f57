from discord.client import Client as Client
