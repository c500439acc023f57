from prompt_toolkit.shortcuts.prompt import PromptSession as PromptSession
from prompt_toolkit.shortcuts.prompt import prompt as prompt
