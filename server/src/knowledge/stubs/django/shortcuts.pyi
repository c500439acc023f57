# loopguard: complete

from typing import Any

@needs("own-thread")
@blocks("database", stall="raises")
@twin("django.shortcuts.aget_object_or_404")
def get_object_or_404(klass, *args, **kwargs) -> Any: ...
@needs("own-thread")
@blocks("database", stall="raises")
@twin("django.shortcuts.aget_list_or_404")
def get_list_or_404(klass, *args, **kwargs) -> list: ...
async def aget_object_or_404(klass, *args, **kwargs) -> Any: ...
async def aget_list_or_404(klass, *args, **kwargs) -> list: ...
