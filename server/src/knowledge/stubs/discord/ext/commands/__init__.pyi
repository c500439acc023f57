from discord.ext.commands.bot import Bot as Bot
