from typing import Any

@blocks("input")
def prompt(questions, render=None, answers=None, theme=..., raise_keyboard_interrupt=False) -> Any: ...
