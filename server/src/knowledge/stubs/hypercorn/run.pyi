# loopguard: complete
#
# Starts the workers and waits until they end.

@blocks("process", stall="never")
@twin("hypercorn.asyncio.serve", differs="takes the application as well, and serves on the loop that runs already")
def run(config): ...
