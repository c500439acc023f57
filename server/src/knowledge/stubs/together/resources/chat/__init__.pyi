from together.resources.chat.completions import ChatCompletions

class Chat:
    completions: ChatCompletions
